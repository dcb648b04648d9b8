#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""control.py HOST:PORT TOKEN-FILE COLLECTION HIT CONTROL TRIES TIMES-FILE RECEIVED-FILE

Whether a partner that posts indicators learns from any answer that one of them was met. In an order drawn anew each time it
posts a new indicator on HIT, which somebody there met, and two on CONTROL, which nobody did; then it asks what a partner can
ask: the status, the objects, the manifest, the collection. Ids and times aside, all answers have to be the same to the byte.
Prints each difference and how many there were; how long the posts took, and the questions behind them, goes into TIMES-FILE as
"hit control control" (stopwatch.py compare), every byte that came into RECEIVED-FILE."""
import http.client
import json
import random
import re
import sys
import time
import uuid

HOST, TOKEN, BOX, HIT, CONTROL, TRIES, TIMES, RECEIVED = sys.argv[1:9]
ROOT = "/taxii2/main/"
TYPE = "application/taxii+json;version=2.1"
VARIES = [
    (re.compile(rb"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}"), b"U"),
    (re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), b"T"),
    (re.compile(rb"\d+\.\d+\.\d+\.\d+"), b"A"),
]
with open(TOKEN, encoding="ascii") as file:
    HEADS = {"Authorization": "Bearer " + file.read().strip(), "Accept": TYPE, "Content-Type": TYPE}
connection = http.client.HTTPConnection(HOST, timeout=20)
received = open(RECEIVED, "wb")
answers = 0


def ask(method, target, body=None):
    """What came, with what differs by itself taken out, and as it came."""
    global answers
    connection.request(method, target, body, HEADS)
    answer = connection.getresponse()
    body = answer.read()
    answers += 1
    heads = sorted((name.lower(), value) for name, value in answer.getheaders()
                   if name.lower() not in ("date", "x-request-id"))
    received.write(repr(heads).encode() + b"\n" + body + b"\n")
    said = repr((answer.status, heads)).encode() + b" " + body
    for varies, instead in VARIES:
        said = varies.sub(instead, said)
    return said, body


def indicator(address):
    return {"type": "indicator", "spec_version": "2.1", "id": f"indicator--{uuid.uuid4()}",
            "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z", "name": "control server",
            "pattern": f"[ipv4-addr:value = '{address}']", "pattern_type": "stix", "valid_from": "2026-01-01T00:00:00Z",
            "object_marking_refs": ["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"]}


def wait_for(status):
    """Until it is complete: what else it says on the way depends on the moment alone."""
    for _ in range(500):
        said, body = ask("GET", f"{ROOT}status/{status}/")
        if json.loads(body).get("status") == "complete":
            return said
        time.sleep(0.01)
    return b"it never ends"


def try_one(address):
    thing = indicator(address)
    began = time.perf_counter_ns()
    said, body = ask("POST", f"{ROOT}collections/{BOX}/objects/", json.dumps({"objects": [thing]}))
    seen = [re.sub(rb'"status": ?"[a-z]*"', b"", said)]
    seen.append(wait_for(json.loads(body).get("id")))
    for target in (f"objects/{thing['id']}/", f"manifest/?match[id]={thing['id']}", f"objects/{thing['id']}/versions/", ""):
        seen.append(ask("GET", f"{ROOT}collections/{BOX}/{target}")[0])
    return time.perf_counter_ns() - began, seen


def main():
    wrong = 0
    with open(TIMES, "w", encoding="ascii") as times:
        for _ in range(int(TRIES)):
            took, seen = {}, {}
            for place in random.sample(range(3), 3):
                took[place], seen[place] = try_one(HIT if place == 0 else CONTROL)
            print(took[0], took[1], took[2], file=times)
            for one, other in zip(seen[0], seen[1]):
                if one != other:
                    wrong += 1
                    print(f"{one} is not {other}")
    received.close()
    print(f"{answers} answers, {wrong} differences")


main()
