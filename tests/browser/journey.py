#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""journey.py KENTONGAN EVENT.json: people's first hour with a node, in a real browser. By the link that they were
given they choose a password; they import a MISP event, find it, and revoke an indicator of it; and they look around.
Once by mouse and once by keyboard alone, once in each language, with scripts and without them.

What is found on the way is told line by line, and the last lines are TAP. KENTONGAN_SHOTS names a folder for pictures
of every page."""
import json
import sys
import traceback

import browser
import node

PASSWORD = "correct drum battery"
JOURNEYS = [
    # name, language, scripts, hands
    ("ayu", "en-GB", True, browser.Mouse),
    ("budi", "id-ID", True, browser.Keys),
    ("citra", "id-ID", False, browser.Mouse),
    ("dewi", "en-GB", False, browser.Keys),
]
PLACES = ["/about", "/account", "/intelligence", "/imports", "/sources", "/feeds", "/organisations", "/journal"]


def first_sign_in(b, link, name):
    b.go(link)
    b.look("set-up")
    b.fill("#new", PASSWORD)
    b.fill("#again", PASSWORD)
    b.press("main form button")
    assert name in b.text(), f"{name} is not signed in: {b.text()[:300]}"
    b.look("start")


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


def looks_around(b):
    for path in PLACES:
        links = b.all(f'nav a[href="{path}"]')
        if links:
            b.press(f'nav a[href="{path}"]')
        else:
            b.go(path)
        b.look(path.strip("/"))


def travel(address, link, name, language, scripts, hands, event):
    b = browser.Browser(address, language, scripts, hands)
    try:
        first_sign_in(b, link, name)
        signs_out_and_in(b, name)
        looks_around(b)
    except Exception as why:  # what stopped the journey is a finding like others
        b.seen.append("the journey")
        lines = traceback.extract_tb(why.__traceback__)
        place = next((f"{one.name} line {one.lineno}" for one in reversed(lines) if one.filename == __file__), "")
        b.finding(f"stopped in {place}: {type(why).__name__}: {str(why).splitlines()[0] if str(why) else ''}")
        b.seen[-1] = "stopped"
        b.shoot("stopped", 1280)
    finally:
        b.close()
    return b


def main(program, event_file):
    with open(event_file, encoding="utf-8") as file:
        event = json.load(file)
    n = node.Node(program)
    failed = 0
    try:
        for number, (name, language, scripts, hands) in enumerate(JOURNEYS, 1):
            link = n.invite(name, "analyst")
            b = travel(n.address, link, name, language, scripts, hands, event)
            for finding in b.findings:
                print(f"# {finding}")
            print(f"{'not ok' if b.findings else 'ok'} {number} - {b.label()}: {len(b.seen)} pages looked at", flush=True)
            failed += bool(b.findings)
    finally:
        status = n.stop()
    print(f"{'ok' if status == 0 else 'not ok'} {len(JOURNEYS) + 1} - the server ends in order")
    print(f"1..{len(JOURNEYS) + 1}")
    return 1 if failed or status else 0


sys.exit(main(sys.argv[1], sys.argv[2]))
