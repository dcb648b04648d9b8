#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every act that something tells the journal has words for people in src/web/journal.c, and nothing else has."""
import re
import sys

import tree

WORDS = "src/web/journal.c"
ACT = re.compile(r'"([a-z]+\.[a-z]+)"')
TELLS = re.compile(r"\b(?:store_work_news|tell\w*)\s*\(([^;{]*);")
ROW = re.compile(r'\{"([a-z]+\.[a-z]+)", W_C')


def main(root):
    told, written = {}, set()
    for path in tree.files(root, ".c", under="src"):
        if path == WORDS or path.endswith("_test.c"):
            continue
        text = tree.text(root, path)
        written |= set(ACT.findall(text))
        for call in TELLS.findall(text):
            told |= {act: path for act in ACT.findall(call)}
    known = set(ROW.findall(tree.text(root, WORDS)))
    complaints = [f'{path}: "{act}" has no words in {WORDS}' for act, path in told.items() if act not in known]
    complaints += [f'{WORDS}: "{act}" is told by nobody' for act in known - written]
    tree.end(sorted(complaints))


main(sys.argv[1])
