#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Folders form one order: a file includes headers of its own folder and of those that its row names, tests too."""
import re
import sys

import tree

MAY_INCLUDE = {
    "base": [],
    "json": ["base"],
    "text": ["base", "json"],
    "stix": ["base", "json"],
    "event": ["base", "json"],
    "form": ["base", "json", "stix"],
    "export": ["base", "json", "stix", "form"],
    "input": ["base"],
    "match": ["base"],
    "sift": ["base", "json", "stix", "event", "form", "input", "match"],
    "db": ["base"],
    "http": ["base"],
    "ledger": ["base"],
    "memory": ["base", "match"],
    "plan": ["base", "json", "text", "event"],
    "evidence": ["base"],
    "mailbox": ["base", "text"],
    "store": ["base", "json", "stix", "db", "ledger"],
    "share": ["base", "json", "stix", "db", "http", "ledger", "store"],
    "intel": ["base", "json", "stix", "form", "export", "input", "db", "http", "ledger", "store", "share"],
    "detect": [
        "base", "json", "stix", "event", "form", "export", "input", "match", "sift", "db", "http", "ledger", "memory",
        "store", "share",
    ],
    "desk": [
        "base", "json", "text", "stix", "event", "form", "db", "http", "ledger", "memory", "store", "share", "match",
        "sift", "detect",
    ],
    "case": [
        "base", "json", "text", "stix", "event", "form", "input", "db", "http", "ledger", "memory", "plan", "evidence",
        "mailbox", "store", "share", "intel", "desk",
    ],
    "people": ["base", "json", "db", "ledger", "store"],
    "gate": ["base", "json", "text", "db", "http", "ledger", "store", "share", "people"],
    "taxii": [
        "base", "json", "stix", "form", "db", "http", "ledger", "store", "share", "people", "intel", "gate",
    ],
    "web": [
        "base", "json", "text", "stix", "form", "export", "match", "sift", "db", "http", "ledger", "memory",
        "store", "share", "people", "intel", "detect", "desk", "gate", "plan", "evidence", "mailbox", "case",
    ],
    "app": [
        "base", "json", "text", "stix", "event", "form", "export", "input", "match", "sift", "db", "http", "ledger",
        "memory", "plan", "evidence", "mailbox", "store", "share", "people", "intel", "detect", "desk", "case", "gate", "taxii",
        "web",
    ],
}
INCLUDE = re.compile(r'\s*#\s*include\s*"([^"]*)"')


def complaint(path, header):
    folder = path.split("/")[1]
    if folder not in MAY_INCLUDE:
        return f"folder {folder} has no row in tests/lint/includes.py"
    if "/" not in header or header.startswith("."):
        return f'"{header}": write it with its folder, from src'
    target = header.split("/")[0]
    if target != folder and target not in MAY_INCLUDE[folder]:
        return f'src/{folder} may not include "{header}"'
    return None


def main(root):
    complaints = []
    for path in tree.files(root, ".c", ".h", under="src"):
        for number, line in tree.lines(root, path):
            include = INCLUDE.match(line)
            wrong = complaint(path, include.group(1)) if include else None
            if wrong:
                complaints.append(f"{path}:{number}: {wrong}")
    tree.end(complaints)


main(sys.argv[1])
