#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""misp_kept.py PROGRAM NODE PAIRS: imports the event of each pair into the node; of each attribute, also of objects, the
value has to be in an exported object, or the import has to say what it left behind or refused. Says what is lost."""
import json
import subprocess
import sys


def run(*words, **options):
    return subprocess.run(words, capture_output=True, check=False, text=True, **options)


def attributes(event):
    yield from event.get("Attribute") or []
    for thing in event.get("Object") or []:
        yield from thing.get("Attribute") or []


def texts(value):
    if isinstance(value, dict):
        for inside in value.values():
            yield from texts(inside)
    elif isinstance(value, list):
        for inside in value:
            yield from texts(inside)
    else:
        yield str(value)


def kept(said, value):
    """Also as parts of it, as 192.0.2.1|80 becomes an address and a port, and with the backslashes of a pattern."""
    folded = said.lower()
    whole = value.lower().strip()
    return all(part in folded or part.replace("\\", "\\\\").replace("'", "\\'") in folded
               for part in whole.split("|"))


def lost(program, node, name, event):
    taken = run(program, "-c", node, "import", "--as", "misp", "--source", name, "--json", input=json.dumps(event))
    if taken.returncode != 0:
        return [f"{name}: {taken.stderr.strip()}"]
    number = str(json.loads(taken.stdout)["import"])
    named = run(program, "-c", node, "import", "--show", number, "--json").stdout
    rows = [json.loads(line) for line in named.splitlines()[1:]]  # the first is the import itself
    excuses = " ".join(row.get(key, "") for row in rows for key in ("dropped", "refused", "original"))
    # Two attributes of one UUID are variants of one object.
    out = json.loads(run(program, "-c", node, "export", "--as", "stix", "--all-versions", "--source", name).stdout)
    said = "\n".join(texts(out))
    return [f"{name}: {attribute['type']} {attribute['value']!r} is neither in an object nor named"
            for attribute in attributes(event.get("Event", event))
            if not kept(said, str(attribute["value"])) and attribute["type"] not in excuses
            and str(attribute["value"]) not in excuses]


def main(program, node, pairs):
    complaints = []
    with open(pairs, encoding="utf-8") as file:
        for line in file:
            pair = json.loads(line)
            complaints += lost(program, node, pair["name"], pair["misp"])
    for complaint in complaints[:20]:
        print(complaint)
    sys.exit(1 if complaints else 0)


main(*sys.argv[1:4])
