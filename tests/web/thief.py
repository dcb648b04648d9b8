#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""thief.py HOST:PORT KEY NODE OTHER THIRD RECEIVED-FILE STEP: a partner's message key (PEM) in the hands of whoever wants
more than was agreed. NODE is who it speaks for, OTHER the node at HOST:PORT, THIRD another partner of that. Prints a line
for each thing that it tried and what came of it; every byte that it got is added to RECEIVED-FILE. `openssl` signs."""
import base64
import datetime
import hashlib
import http.client
import json
import subprocess
import sys
import tempfile
import uuid

HOST, KEY, NODE, OTHER, THIRD, RECEIVED, STEP = sys.argv[1:8]
TAXII = "application/taxii+json;version=2.1"
NOBODY = "identity--6b616c61-0000-4000-8000-0000000000ff"


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def openssl(*arguments):
    return subprocess.run(("openssl",) + arguments, capture_output=True, check=True).stdout


PUBLIC = openssl("pkey", "-in", KEY, "-pubout", "-outform", "DER")[-32:].hex()


def sign(text):
    with tempfile.NamedTemporaryFile() as file:
        file.write(text)
        file.flush()
        return openssl("pkeyutl", "-sign", "-inkey", KEY, "-rawin", "-in", file.name)


def later(seconds):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def letter(kind, body, **more):
    head = {"agreement": "", "agreement_version": 0, "body": hashlib.sha256(canonical(body)).hexdigest(),
        "expires": later(240), "from": NODE, "id": str(uuid.uuid4()), "issued": later(-5), "sequence": 0,
        "statement": "kentongan/1", "to": OTHER, "type": kind}
    head.update(more)
    signature = base64.b64encode(sign(b"kentongan statement/1\n" + canonical(head))).decode()
    return json.dumps({"body": body, "head": head, "key": PUBLIC, "signature": signature}).encode()


def visit(**more):
    return "Kentongan " + base64.urlsafe_b64encode(letter("visit", {}, **more)).decode().rstrip("=")


def ask(method, target, body=None, kind=None, who=None):
    """Status, headers but for the date, and body."""
    connection = http.client.HTTPConnection(HOST, timeout=20)
    heads = {"Accept": TAXII, "Authorization": who or VISIT}
    if kind:
        heads["Content-Type"] = kind
    connection.request(method, target, body=body, headers=heads)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    got = [(name, value) for name, value in answer.getheaders() if name.lower() not in ("date", "x-request-id")]
    with open(RECEIVED, "ab") as file:
        file.write(repr(got).encode() + b"\n" + text + b"\n")
    return answer.status, got, text


def get(target, **more):
    return ask("GET", target, **more)


def say(kind, body, **more):
    status, _, text = ask("POST", "/partner/statement", letter(kind, body, **more), "application/json")
    return f"{status} {json.loads(text).get('description', 'taken')}"


def post(collection, objects):
    status, _, text = ask("POST", f"/taxii2/main/collections/{collection}/objects/", json.dumps({"objects": objects}), TAXII)
    told = json.loads(text)
    return status, {key: value for key, value in told.items() if key not in ("id", "request_timestamp")}


def indicator(number, moment="2026-01-01T00:00:00.000Z"):
    return {"type": "indicator", "spec_version": "2.1", "id": f"indicator--6b616c61-0000-4000-8000-{number:012d}",
        "created": "2026-01-01T00:00:00.000Z", "modified": moment, "pattern": "[domain-name:value = 'mine.example']",
        "pattern_type": "stix", "valid_from": "2026-01-01T00:00:00Z"}


VISIT = visit()


def logs():
    return json.loads(get("/ledger/")[2])["logs"]


def visits():
    for name, head in (("expired", {"expires": later(-1)}), ("long", {"expires": later(3600)}),
            ("of tomorrow", {"issued": later(86400), "expires": later(86500)}), ("to another node", {"to": THIRD}),
            ("to nobody", {"to": ""}), ("to a group", {"to": str(uuid.uuid4())}), ("as somebody else", {"from": THIRD})):
        print("visit", name, get("/taxii2/", who=visit(**head))[0])


def read(forbidden):
    """Each forbidden path is as one that does not exist."""
    box = "/taxii2/main/collections/%s/"
    for path, nothing in [("/ledger/%s/checkpoint", "partner-99999999")] + [(box + rest, str(uuid.UUID(int=1)))
            for rest in ("", "objects/", "manifest/", "objects/?limit=x", "objects/x/versions/")]:
        for name in forbidden["logs" if "ledger" in path else "collections"]:
            if get(path % name) != get(path % nothing):
                print("not as if it were not there:", path % name)
    for name in forbidden["logs"]:
        if get(f"/ledger/{name}/opening/0") != get("/ledger/partner-99999999/opening/0"):
            print("an opening is told of:", name)
    print("node log", get("/ledger/node/checkpoint")[0], "its openings", get("/ledger/node/opening/0")[0],
        "as beyond its end", get("/ledger/node/opening/0") == get("/ledger/node/opening/999999"))
    print("heads of a third", get(f"/ledger/witness/heads?node={THIRD}") == get(f"/ledger/witness/heads?node={NOBODY}"))
    print("logs", " ".join(sorted(log["kind"] for log in logs())))


def change():
    origin = [log["origin"] for log in logs() if log["kind"] == "partner"][0]
    consent = {"answer": "yes", "ids": [indicator(1)["id"]], "until": later(86400)}
    stranger = say("consent.answer", dict(consent, recipient=NOBODY))
    print("consent that nobody asked for", stranger, say("consent.answer", dict(consent, recipient=THIRD)) == stranger)
    for url in ("http://169.254.169.254/", "file:///etc/passwd", f"http://{HOST}/", "http://127.0.0.1:1/"):
        print("hello", url == f"http://{HOST}/" and "itself" or url, say("partner.hello", {"inbox": url, "outbox": url})[:3])
    for folder in ("../node.db", "http://169.254.169.254/", "a//b"):
        print("folder", folder, say("log.grown", {"checkpoint": "x", "folder": folder, "origin": "o"})[:3])
    receipt = {"missing": [], "root": "00" * 32, "size": 1}
    for other in (f"{OTHER}/private", f"{OTHER}/node", f"{OTHER}/partner/{uuid.uuid4()}"):
        print("receipt", say("receipt", dict(receipt, origin=other)))
    print("receipt of more", say("receipt", dict(receipt, origin=origin, size=1000000))[:3])
    agreement = {"terms": "00" * 32}
    print("agreement of others", say("agreement.accept", agreement, agreement=str(uuid.uuid4()), agreement_version=1))
    print("version that nobody offered", say("agreement.accept", agreement, agreement=origin[-36:], agreement_version=7)[:3])
    print("key by a message key", say("key.revoke", {})[:3])
    twice = letter("log.grown", {})
    print("twice", [ask("POST", "/partner/statement", twice, "application/json")[0] for _ in range(2)])
    print("key twice", ask("POST", "/partner/statement", twice.replace(b'"from"', b'"to":"x","from"', 1), "application/json")[0])
    print("deep", ask("POST", "/partner/statement", b'{"body":' + b"[" * 9000 + b"]" * 9000 + b"}", "application/json")[0])


def claim():
    """What is here already and what is not: the same answer, the id aside."""
    mine = [box["id"] for box in json.loads(get("/taxii2/main/collections/")[2])["collections"] if box["can_write"]][0]
    answers = []
    for number in (1, 2, 3, 900):
        status, told = post(mine, [indicator(number, "2026-01-02T00:00:00.000Z")])
        answers.append((status, json.dumps(told).replace(f"{number:012d}", "ID")))
    print("claims are alike", len(set(answers)) == 1, answers[0][0])
    gone = [ask("DELETE", f"/taxii2/main/collections/{mine}/objects/{indicator(number)['id']}/") for number in (1, 2, 901)]
    print("so is taking away", gone[0] == gone[1] == gone[2], gone[0][0])


def roads():
    origin = "x"
    print("taxii", get("/taxii2/main/collections/")[0], "ledger", get("/ledger/")[0], "witness",
        get("/ledger/witness/heads")[0], "statement", say("receipt", {"missing": [], "origin": origin, "root": "", "size": 0})[:3])


if STEP.startswith("{"):
    read(json.loads(STEP))
else:
    {"visits": visits, "change": change, "claim": claim, "roads": roads}[STEP]()
