#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""curious.py HOST:PORT TOKEN-FILE COLLECTION FORBIDDEN-FILE RECEIVED-FILE: a partner that wants to know more. It asks for
lists, pages, filters, ids that it guessed, manifests, other collections and nonsense, by eight connections at once, and
keeps every byte that it gets. Prints how many answers it had, and each difference between the answer to a forbidden id and
to one that does not exist."""
import concurrent.futures
import http.client
import sys
import threading

HOST, TOKEN, BOX, FORBIDDEN, RECEIVED = sys.argv[1:6]
with open(TOKEN, encoding="ascii") as file:
    AUTHORIZATION = "Bearer " + file.read().strip()
with open(FORBIDDEN, encoding="ascii") as file:
    IDS = file.read().split()
MISSING = "indicator--6b616c61-0000-4000-8000-999999999999"
ROOT = "/taxii2/main/"
LISTS = ["objects/", "manifest/", "objects/?match[version]=all", "objects/?match[spec_version]=2.0,2.1",
    "objects/?match[type]=indicator", "manifest/?match[type]=tool,indicator", "objects/?limit=1", "manifest/?limit=3",
    "objects/?added_after=2020-01-01T00:00:00Z", "objects/?limit=0", "objects/?limit=x", "objects/?next=00",
    "objects/?match[id]=", "objects/?match[nonsense]=1", "objects/%00/", "objects/..%2f..%2f/", "objects/?added_after=x"]
FORMS = ["objects/%s/", "objects/%s/versions/", "objects/?match[id]=%s", "manifest/?match[id]=%s",
    "objects/%s/?match[version]=all", "objects/?match[id]=%s&match[version]=all"]
ELSEWHERE = ["", "collections/", "collections/6b616c61-0000-4000-8000-000000000001/",
    "collections/6b616c61-0000-4000-8000-000000000001/objects/", "status/6b616c61-0000-4000-8000-000000000001/"]
local = threading.local()
lock = threading.Lock()
received = open(RECEIVED, "wb")
answers = 0


def ask(target):
    """Status, headers but for the date, and body."""
    global answers
    if not hasattr(local, "connection"):
        local.connection = http.client.HTTPConnection(HOST, timeout=20)
    try:
        local.connection.request("GET", target, headers={"Authorization": AUTHORIZATION,
            "Accept": "application/taxii+json;version=2.1"})
        answer = local.connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException):
        local.connection.close()
        del local.connection
        raise
    heads = [(name, value) for name, value in answer.getheaders() if name.lower() not in ("date", "x-request-id")]
    with lock:
        answers += 1
        received.write(repr(heads).encode() + b"\n" + body + b"\n")
    return answer.status, heads, body


def box(rest):
    return ask(f"{ROOT}collections/{BOX}/{rest}")


def compare(forbidden):
    different = []
    for form in FORMS if forbidden.endswith("0") else FORMS[:2]:
        one, other = box(form.replace("%s", forbidden)), box(form.replace("%s", MISSING))
        if one != other:
            different.append(f"{form}: {one} is not {other}")
    return different


with concurrent.futures.ThreadPoolExecutor(8) as pool:
    list(pool.map(box, LISTS))
    list(pool.map(lambda rest: ask(ROOT + rest), ELSEWHERE))
    for differences in pool.map(compare, IDS):
        for difference in differences:
            print(difference)
received.close()
print(f"{answers} answers")
