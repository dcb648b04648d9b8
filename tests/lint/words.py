#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Words that do not belong into the tree: promises instead of work, somebody's machine, leftovers of a merge, and
white space that editors fight over."""
import re
import sys

import tree

# A group in square brackets keeps a rule from finding its own row.
RULES = [
    (r"\b(TOD[O]|FIXM[E]|XX[X]|HAC[K]|WI[P])\b", "do it, or say what is missing in CHANGELOG.md"),
    (r"^(<{7}|>{7}|={7})( |$)", "left over from a merge"),
    (r"(?<![\w.])/(home|Users|root)/\w", "a path on somebody's machine"),
    (r"\b([Bb]lack|[Ww]hite)[_ -]?lis[t]", "block list, allow list"),
    (r"[ \t]+$", "white space at the end of the line"),
    (r"\r", "a carriage return"),
]
# In our own prose and code; samples of what others write are data.
ENDINGS = (".c", ".h", ".cc", ".py", ".sh", ".mjs", ".md", ".scd", "meson.build", "Makefile")
SCRIPT_FOLDERS = ("tools/", ".ci/")
DATA = ("tests/data/", "fuzz/seeds/")


def main(root):
    complaints = []
    rules = [(re.compile(pattern), why) for pattern, why in RULES]
    for path in tree.files(root):
        if path.startswith(DATA) or not (path.endswith(ENDINGS) or path.startswith(SCRIPT_FOLDERS)):
            continue
        for number, line in tree.lines(root, path):
            complaints += [f"{path}:{number}: {why}: {line.strip()[:80]}" for rule, why in rules if rule.search(line)]
            if "\t" in line and path.endswith((".c", ".h", ".cc")):
                complaints.append(f"{path}:{number}: a tab; indent by four blanks")
    tree.end(complaints)


main(sys.argv[1])
