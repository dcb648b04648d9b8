#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""journey.py KENTONGAN: people's first hour with a node, in a real browser. By the link that they were
given they choose a password; they import a MISP event, find it, and revoke an indicator of it; and they look around.
Once by mouse and once by keyboard alone, once in each language, with scripts and without them.

What is found on the way is told line by line, and the last lines are TAP. KENTONGAN_SHOTS names a folder for pictures
of every page."""
import json
import os
import sys
import time

import browser
import node
from people import PASSWORD, first_sign_in, sets_up_second_factor, signs_in_with, travel

JOURNEYS = [
    # name, roles, language, scripts, hands
    ("ayu", ["analyst"], "en-GB", True, browser.Mouse),
    ("budi", ["analyst"], "id-ID", True, browser.Keys),
    ("citra", ["analyst", "coordinator"], "id-ID", False, browser.Mouse),
    ("dewi", ["analyst", "duty-officer"], "en-GB", False, browser.Keys),
]
# Where the way leads if it is shown, and where everybody may go.
PLACES = ["/account", "/reports", "/report", "/incidents", "/incidents/new", "/tasks", "/duties", "/evidence", "/playbooks", "/imports",
          "/sources", "/feeds", "/organisations", "/users", "/journal", "/about"]
EVERYBODY = ["/about", "/imports"]


def signs_out_and_in(b, name):
    b.press('form[action="/sign-out"] button')
    b.go("/sign-in")
    b.look("sign-in")
    b.fill("#name", name)
    b.fill("#password", "not " + PASSWORD)
    b.press("main form button")
    assert b.one("[role=alert]").text, "a wrong password is told"
    b.told(401)
    b.fill("#password", PASSWORD)
    b.press("main form button")
    assert name in b.text(), "signed in again"


def event_of(name):
    """A MISP event of this person's own, so that journeys do not meet."""
    number = [journey[0] for journey in JOURNEYS].index(name) + 1
    uuid = f"6b616c61-0000-4000-8000-{number:012d}"
    values = [("domain", f"{name}.evil.example"), ("ip-dst", f"198.51.100.{number}"),
              ("sha256", f"{number:064x}"), ("url", f"http://www.{name}.evil.example/<script>alert(1)</script>")]
    return {"Event": {
        "uuid": uuid, "info": f"Phishing of {name} <b>\u202e\U0001F941", "date": "2026-11-20", "timestamp": "1795132800",
        "published": True, "threat_level_id": "2", "analysis": "2", "Tag": [{"name": "tlp:amber"}],
        "Orgc": {"name": "Melati CERT", "uuid": "6b616c61-0000-4000-8000-00000000cafe"},
        "Attribute": [{"uuid": f"6b616c61-0000-4000-8001-{10 * number + at:012d}", "type": kind, "value": value,
                       "category": "Network activity", "to_ids": True, "timestamp": "1795132800"}
                      for at, (kind, value) in enumerate(values)]}}


def imports(b, name):
    """By the pointer from a file, by the keyboard as pasted text."""
    text = json.dumps(event_of(name))
    b.press('nav a[href="/import"]')
    b.look("import")
    if b.hands.name == "mouse":
        path = os.path.join(b.folder, "event.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        b.one("#file").send_keys(path)
    else:
        b.fill("#text", text)
    b.press("form[enctype] button")
    b.look("preview")
    b.press('form[action="/import/take"] button')
    b.until(lambda: not b.all(".note.warn[role=status]"), "the import is done")
    assert not b.all("[role=alert]"), b.text()
    b.look("imported")


def finds(b, name):
    b.press('nav a[href="/intelligence"]')
    b.look("intelligence")
    b.fill("#q", f"{name}.evil.example")
    b.press("form[role=search] button")
    b.look("found")
    b.press('tbody th a[href^="/objects/"]')
    assert f"{name}[.]evil[.]example" in b.text(), "an object is shown, defanged"
    b.look("object")


def revokes(b):
    b.choose("#act", "revoke")
    b.press("#acts button")
    b.look("revoke")
    b.fill("#reason", "it was ours")
    b.press('form[action="/intelligence/act"] button')
    assert b.all(".note.good[role=status]"), b.text()
    assert "1 objects" not in b.text(), "one is not many"
    b.look("revoked")
    assert b.all('form[action="/intelligence/act"] #reason'), "and can be undone"


def looks_around(b):
    for path in PLACES:
        if b.all(f'nav a[href="{path}"]'):
            b.press(f'nav a[href="{path}"]')
        elif path in EVERYBODY:
            b.go(path)
        else:
            continue
        b.look(path.strip("/"))


def stumbles(b):
    """What is not there is told in a page like any other."""
    b.go("/objects/999999999")
    b.told(404)
    b.look("not-there")


def administers(b, link):
    """By the link that init printed; with a second factor, since people are added by nobody without one."""
    b.go(link)
    name = b.one("input[autocomplete=username]").get_attribute("value")
    b.fill("#new", PASSWORD)
    b.fill("#again", PASSWORD)
    b.press("main form button")
    b.look("first-start")
    codes = sets_up_second_factor(b)
    signs_in_with(b, name, codes[0])
    assert name in b.text(), "signed in by a recovery code"
    b.press('nav a[href="/users"]')
    b.look("users")
    b.press('tbody th a[href^="/users/"]')
    b.look("user")
    b.press('nav a[href="/account"]')
    b.fill("#token-name", "reporting")
    b.tick('input[name=scope][value="read"]')
    b.press('form[action="/account/tokens"] button')
    assert b.one("#token").text, "a token is shown once"
    b.look("token")


HOSPITAL = "RS Melur"
C2 = "198.51.100.177"
LATER = "198.51.100.178"


def is_served(n):
    """A hospital with a sensor that met what is looked for, and hostile names in what it sent."""
    n.run("org", "add", HOSPITAL, "--relation", "constituent", "--kind", "hospital", "--sector", "health", "--country", "ID")
    n.run("org", "state", HOSPITAL, "active", "--reason", "the contract is signed")
    n.run("asset", "add", HOSPITAL, "192.0.2.0/26", "--said-by", "contract 12")
    n.run("asset", "add", HOSPITAL, "rs-melur.example", "--said-by", "contract 12")
    n.run("contact", "add", HOSPITAL, "Ruang siaga", "--mail", "siaga@rs-melur.example")
    indicators = [{"type": "indicator", "spec_version": "2.1", "id": f"indicator--6b616c61-0000-4000-8000-0000000000b{at}",
                   "created": "2026-11-01T00:00:00.000Z", "modified": "2026-11-01T00:00:00.000Z", "pattern_type": "stix",
                   "name": "<b>a server\u202e of a botnet", "indicator_types": ["malicious-activity"],
                   "valid_from": "2026-11-01T00:00:00Z", "pattern": f"[ipv4-addr:value = '{value}']",
                   "object_marking_refs": ["marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"]}
                  for at, value in enumerate((C2, LATER))]
    n.run("import", n.write("indicators.json", json.dumps(
        {"type": "bundle", "id": "bundle--6b616c61-0000-4000-8000-0000000000b1", "objects": indicators})))
    meets(n, C2)


def meets(n, value):
    """The hospital's sensor sees nine flows to a server."""
    day = time.strftime("%Y-%m-%d", time.gmtime())
    n.run("ingest", "--stream", "rs-melur/suricata", "--org", HOSPITAL, "-f", "eve", n.write(f"{value}.json", "".join(
        json.dumps({"timestamp": f"{day}T00:00:{at:02d}.000000+0000", "event_type": "flow", "src_ip": "192.0.2.9",
                    "src_port": 50000 + at, "dest_ip": value, "dest_port": 443, "proto": "TCP"}) + "\n"
        for at in range(9))))


def on_duty(b, link, name, n):
    """What waits is approved; the board reads itself again when something is met; then around."""
    first_sign_in(b, link, name)
    b.press('nav a[href="/board"]')
    b.until(lambda: b.all('form[action^="/warnings/"]') or b.driver.refresh(), "what was met is on the board")
    b.look("board")
    meets(n, LATER)
    b.until(lambda: b.all('#board a[href="/warnings/2"]'), "what comes later appears by itself")
    b.press('#board a[href="/warnings/1"]')
    b.look("warning-held")
    b.fill("#reason", "it is real")
    b.press('button[value="approve"]')
    assert b.all(".note.good[role=status]"), b.text()
    assert b.all('a[href^="/notices/"]'), "what was told is shown"
    b.look("warning-told")
    b.hands.press(b.one("section details summary"))
    b.until(lambda: C2.replace(".", "[.]") in b.one("section pre").text, "the mail can be read, in both its languages")
    for path in ["/hunt", "/statistics", "/streams", "/organisations"]:
        b.press(f'nav a[href="{path}"]')
        b.look(path.strip("/"))
    b.go("/organisations/2")
    b.look("constituent")
    b.go("/warning-rules")
    b.look("warning-rules")
    b.go("/hunt")
    b.fill("#values", f"who met {C2} or 203.0.113.250?")
    b.press('form[action="/hunt"] button')
    assert HOSPITAL in b.text(), b.text()
    b.look("hunted")


def looks_after_a_hospital(b, link, name, _n):
    """On a telephone as well: what is to do, why, how, until when; and the answer."""
    first_sign_in(b, link, name)
    b.press('nav a[href="/today"]')
    b.until(lambda: b.all('form[action^="/today/"]') or b.driver.refresh(), "what was told is to be done")
    b.hands.press(b.one("details summary"))
    b.look("today")
    b.press('form[action^="/today/"] button[value="acknowledged"]')
    b.look("today-read")
    b.press('form[action^="/today/"] button[value="done"]')
    assert not b.all('form[action^="/today/"]'), "it is done"
    b.look("today-done")


# What look() has to find, or it looks at nothing.
MISTAKES = """<!doctype html><html lang="xx"><title> </title><body><nav></nav><nav></nav><h2>Second</h2><h4>Fourth</h4>
<a href="/nowhere"></a><input id="one"><i id="one"></i><p style="width: 3000px">wide</p>
<img src="http://other.example/x.png"></body></html>"""
FOUND = ["a link without a name", "a textbox without a name", "headings do not begin", "a level of headings is left out",
         "0 landmarks main", "0 landmarks banner", "navigations are not told apart", "no title", "it is in xx",
         "several things have the id one", "at 1280 pixels it is 3", "at 360 pixels it is 3", "the console says"]


def sees_mistakes(b):
    path = os.path.join(b.folder, "mistakes.html")
    with open(path, "w", encoding="utf-8") as file:
        file.write(MISTAKES)
    b.go("file://" + path)
    b.look("mistakes")
    found, b.findings = b.findings, []
    for mistake in FOUND:
        if not any(mistake in finding for finding in found):
            b.finding(f"it does not see: {mistake}")


DUTIES = [
    ("eka", "id-ID", True, browser.Mouse, on_duty, "duty-officer", None),
    ("fitri", "id-ID", False, browser.Keys, looks_after_a_hospital, "constituent-admin", HOSPITAL),
]


def hour(b, link, name):
    first_sign_in(b, link, name)
    signs_out_and_in(b, name)
    imports(b, name)
    finds(b, name)
    revokes(b)
    looks_around(b)
    stumbles(b)


def main(program):
    n = node.Node(program)
    ways = [("who looks sees", sees_mistakes, "en-GB", True, browser.Mouse),
            ("the administrator", lambda b: administers(b, n.set_up), "id-ID", True, browser.Keys)]
    for name, roles, *how in JOURNEYS:
        link = n.invite(name, *roles)
        ways.append((name, lambda b, link=link, name=name: hour(b, link, name), *how))
    is_served(n)
    for name, language, scripts, hands, way, role, whose in DUTIES:
        link = n.invite(name, role, organisation=whose)
        ways.append((name, lambda b, way=way, link=link, name=name: way(b, link, name, n), language, scripts, hands))
    failed = 0
    try:
        for number, (name, way, *how) in enumerate(ways, 1):
            b = travel(n.address, way, *how)
            for finding in b.findings:
                print(f"# {finding}")
            word = "not ok" if b.findings else "ok"
            print(f"{word} {number} - {name}, {b.label()}: {len(b.seen)} pages looked at", flush=True)
            failed += bool(b.findings)
    finally:
        status = n.stop()
    print(f"{'not ok' if status else 'ok'} {len(ways) + 1} - the server ends in order")
    print(f"1..{len(ways) + 1}")
    return 1 if failed or status else 0


sys.exit(main(sys.argv[1]))
