#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Documents name only files that exist.

A path is what stands in `backquotes` and holds a slash or ends like a file. NAME (or another word in capitals) in a
path stands for the reader's own choice; then the folder has to exist. Links between documents have to lead somewhere.
"""
import glob
import os
import re
import sys

import tree

DOCUMENTS = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]
# Documents that exist for the tree; the others talk to users, who have files of their own.
CHECKED = ["ARCHITECTURE.md", "CONTRIBUTING.md"]
QUOTED = re.compile(r"`([^`\s]+)`")
LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
FILE = re.compile(r"^[\w.*-]+(/[\w.*-]+)*/?$")
ENDING = re.compile(r"\.(c|h|cc|md|py|sh|scd|build|txt)$")
PLACEHOLDER = re.compile(r"(?<![A-Z])(NAME|NN)(?![A-Z])")
# What only exists once something was built.
BUILT = ("build/", "build-")


def names_path(word):
    if not FILE.match(word) or word.startswith(BUILT):
        return False
    return ENDING.search(word) is not None or word.endswith("/") or ("/" in word and not word[0].isdigit())


def exists(root, path):
    if PLACEHOLDER.search(path):
        path = os.path.dirname(path)
    # A header is named as an include names it, from src.
    return any(glob.glob(os.path.join(root, base, path)) for base in ("", "src"))


def main(root):
    complaints = [f"{name}:1: is missing" for name in DOCUMENTS if not exists(root, name)]
    whys = tree.files(root, ".md", under="doc")
    for document in [name for name in DOCUMENTS if exists(root, name)] + whys:
        for number, line in tree.lines(root, document):
            words = QUOTED.findall(line) if document in CHECKED or document in whys else []
            complaints += [f"{document}:{number}: there is no {word}" for word in words
                           if names_path(word) and not exists(root, word)]
            links = [link for link in LINK.findall(line) if "://" not in link]
            complaints += [f"{document}:{number}: the link to {link} leads nowhere" for link in links
                           if not os.path.exists(os.path.join(root, os.path.dirname(document), link))]
    tree.end(complaints)


main(sys.argv[1])
