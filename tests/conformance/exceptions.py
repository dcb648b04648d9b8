#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Reads tests/data/exceptions.tsv: where we differ from what a third-party suite expects, and which text says so.

As a program it says what is wrong with the file itself: a row without five columns, one that stands twice, a suite that
nobody reads.
"""
import os

PATH = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'data', 'exceptions.tsv')

# Who reads the rows of a suite, and fails when one is not needed.
SUITES = {
    'stix/object-verdicts-a': 'src/stix/validate_test.c',
    'stix/spec-examples-valid': 'src/stix/validate_test.c',
    'stix/spec-examples-defective': 'src/stix/validate_test.c',
    'patterns/valid-invalid-a': 'src/stix/pattern_test.c',
    'patterns/match-a': 'src/stix/evaluate_test.c',
    'shadowserver': 'tests/scene/31-text-conformance.sh',
    'json/JSONTestSuite': 'tests/scene/29-conformance.sh',
    'n6': 'tests/conformance/events.py',
    'idea': 'tests/conformance/events.py',
    'fhir': 'tests/conformance/events.py',
    'intelmq': 'tests/conformance/events.py',
    'zeek': 'tests/conformance/events.py',
    'zeek-tsv': 'tests/conformance/events.py',
}


def rows():
    """Number of the line and columns of each row."""
    with open(PATH, encoding='utf-8') as file:
        for number, line in enumerate(file, 1):
            if line.strip() and not line.startswith('#'):
                yield number, line.rstrip('\n').split('\t')


def read(suite):
    """What we say in each case of a suite that is an exception."""
    return {row[1]: row[2] for _, row in rows() if row[0] == suite}


def wrong():
    """What is wrong with the file."""
    seen = set()
    for number, row in rows():
        if len(row) != 5 or not all(column.strip() for column in row):
            yield f'{number}: wants suite, case, what we say, source, reason'
        elif row[0] not in SUITES:
            yield f'{number}: nobody reads the suite {row[0]}'
        elif (row[0], row[1]) in seen:
            yield f'{number}: stands twice'
        seen.add(tuple(row[:2]))


if __name__ == '__main__':
    for sentence in wrong():
        print(f'exceptions.tsv:{sentence}')
