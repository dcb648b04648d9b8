#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every verb of casework that acts for somebody is asked in src/case/rights_test.c, and no row of this list is left over."""
import re
import sys

import tree

TEST = "src/case/rights_test.c"
INSIDE = "/* ---- For this folder ---- */"  # verbs below it have asked nobody: who calls them did
PRIVATE = re.compile(r"Private to this\s[\s*]*folder|The inside of")
VERB = re.compile(r"^MUST_USE struct err (case_\w+)\s*\(([^;]*)\);", re.M)
ACTS = re.compile(r"struct (?:work \*work|actor \*actor)")
# Acts as a part of the node, whoever wrote what it reads.
NODE = {
    "case_across_step",
    "case_duty_look",
    "case_duty_remind",
    "case_lesson_publish",
    "case_risk_due",
    "case_risk_renew",
    "case_round_remind",
    "case_takedown_look_due",
}


def main(root):
    asked = set(re.findall(r"\b(case_\w+)\s*\(", tree.text(root, TEST)))
    asked |= set(re.findall(r"\.(?:run|may|about) = (case_\w+)", tree.text(root, TEST)))
    verbs = {}
    for path in tree.files(root, ".h", under="src/case"):
        public = tree.text(root, path).split(INSIDE)[0]
        if PRIVATE.search(public) or "/test_" in path:
            continue
        verbs |= {name: path for name, arguments in VERB.findall(public) if ACTS.search(arguments)}
    complaints = [
        f"{path}: {name} is asked by nobody: a row of the table in {TEST}, or of NODE in tests/lint/rights.py"
        for name, path in verbs.items()
        if name not in asked | NODE
    ]
    complaints += [f"tests/lint/rights.py: there is no verb {name}" for name in NODE - verbs.keys()]
    tree.end(sorted(complaints))


main(sys.argv[1])
