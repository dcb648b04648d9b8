# SPDX-License-Identifier: Apache-2.0
"""What the lint rules share: the files of the tree, and how a rule ends."""
import os
import sys

# What .gitignore leaves out, and what is not ours.
IGNORED = {".git", "node_modules", "__pycache__", "bench/data"}


def ignored(path):
    return path in IGNORED or os.path.basename(path) in IGNORED or path == "build" or path.startswith("build-")


def files(root, *endings, under=""):
    """The paths below root/under, relative to root, that end so (all of them without endings), sorted."""
    found = []
    for folder, folders, names in os.walk(os.path.join(root, under)):
        here = os.path.relpath(folder, root)
        inside = "" if here == "." else here + "/"
        folders[:] = [name for name in folders if not ignored(inside + name)]
        found += [inside + name for name in names if not endings or name.endswith(endings)]
    return sorted(found)


def text(root, path):
    with open(os.path.join(root, path), encoding="utf-8", errors="replace") as file:
        return file.read()


def lines(root, path):
    """Line number and line, from 1."""
    return enumerate(text(root, path).split("\n"), 1)


def end(complaints):
    for complaint in complaints:
        print(complaint)
    sys.exit(1 if complaints else 0)
