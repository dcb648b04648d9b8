#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""versions.py ALL NEWEST BUNDLE...: ALL, an export of all versions, has every (id, modified) of the bundles with its bytes
and nothing else; NEWEST has of every id the one version that was modified last. Says what is otherwise."""
import gzip
import json
import sys


def objects(path):
    """Each object of a bundle as text, byte for byte, and as a value."""
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8", newline="") as file:
        text = file.read()
    decoder, at = json.JSONDecoder(), text.index("[", text.index('"objects"')) + 1
    while True:
        while text[at] in " \t\r\n,":
            at += 1
        if text[at] == "]":
            return
        value, end = decoder.raw_decode(text, at)
        yield text[at:end], value
        at = end


def key(value):
    return value["id"], value.get("modified", "")


def main(all_path, newest_path, bundles):
    came, complaints = {}, []
    for path in bundles:
        for text, value in objects(path):
            came.setdefault(key(value), set()).add(text)
    went = {}
    for text, value in objects(all_path):
        went.setdefault(key(value), []).append(text)
    for name, texts in came.items():
        # What says the same in another spelling is there once, as it came first.
        contents = {json.dumps(json.loads(text), sort_keys=True) for text in texts}
        if len(went.get(name, [])) != len(contents) or not set(went[name]) <= texts:
            complaints.append(f"{name}: {len(went.get(name, []))} of {len(contents)} came out")
    complaints += [f"{name}: was never given" for name in went.keys() - came.keys()]
    newest = {}
    for identity, modified in came:
        newest[identity] = max(newest.get(identity, ""), modified)
    out = {}
    for _, value in objects(newest_path):
        if value["id"] in out:
            complaints.append(f"{value['id']}: came out twice")
        out[value["id"]] = value.get("modified", "")
    if out != newest:
        complaints.append(f"{sum(out.get(name) != value for name, value in newest.items())} ids have another newest")
    for complaint in complaints[:20]:
        print(complaint)
    sys.exit(1 if complaints else 0)


main(sys.argv[1], sys.argv[2], sys.argv[3:])
