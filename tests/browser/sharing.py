#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""sharing.py KENTONGAN: what partner officers agree to, in a real browser. One of them, in Bahasa Indonesia, with
the keyboard alone and without scripts, adds a partner without a node, notes a consent on paper, proposes a standing
rule and a sharing group; another, in English, by mouse, reads what was proposed, agrees to it, and looks at what
follows and at what would leave under terms that wait. The partner's name and all that can be typed is hostile.

The last lines are TAP. KENTONGAN_SHOTS names a folder for pictures of every page."""
import json
import os
import sys

import browser
import node
from people import first_sign_in, sets_up_second_factor, travel

HOSTILE = 'RS "Anggrek" <b>\u202e{{x}}</script>'
SHOWN = 'RS "Anggrek" <b>'
INDICATOR = "indicator--6b616c61-0000-4000-8000-0000000000c1"
TERMS = {"after_end": "keep", "affected": True, "highest": "TLP:AMBER", "kinds": ["indicator"], "onward": "no",
         "purpose": "Protecting hospitals", "sightings": False, "unmarked": "TLP:AMBER",
         "from": "2026-11-01T00:00:00Z", "until": "2099-12-31T23:59:59Z"}


def day(b, selector, year, month, date):
    """A browser without a head wants the month first, in whatever language; the field says which day it took."""
    element = b.one(selector)
    b.hands.press(element) if b.hands.name == "mouse" else b.hands.reach(element)
    element.send_keys(f"{month:02d}{date:02d}{year}")
    assert element.get_attribute("value") == f"{year}-{month:02d}-{date:02d}", element.get_attribute("value")


def is_done(b):
    assert b.all(".note.good[role=status]"), b.text()[:400]


def adds_a_partner(b):
    b.press('nav a[href="/partners"]')
    b.look("partners")
    b.fill("#taxii-name", HOSTILE)
    b.fill("#taxii-country", "ID")
    b.fill("#taxii-url", "ftp://nowhere.example/")
    b.press('form[action="/taxii-partner"] button')
    b.told(400)
    assert b.all("[role=alert]") and b.one("#taxii-name").get_attribute("value").startswith(SHOWN), "nothing typed is lost"
    b.look("partners-wrong")
    b.fill("#taxii-url", browser.Key.BACKSPACE)
    b.press('form[action="/taxii-partner"] button')
    is_done(b)
    assert len(b.all("main section.note li")) == 5, "what it cannot prove is said"
    b.look("partner-taxii")


def notes_a_paper(b):
    b.press('nav a[href="/asks"]')
    b.press('main a[href="/consents"]')
    b.look("consents-none")
    b.choose("#originator", "2")
    b.fill("#giver", "Ibu Sari <i>, kepala tim")
    day(b, "#given", 2026, 11, 2)
    b.fill("#paper", "=HYPERLINK(\"http://evil.example\") surat 12/2026")
    path = os.path.join(b.folder, "scan.pdf")
    with open(path, "wb") as file:
        file.write(bytes(range(256)))
    b.one("#file").send_keys(path)
    b.fill("#ids", "not-an-id")
    day(b, "#until", 2098, 12, 31)
    b.fill("#reason", "surat mereka")
    b.press('form[action="/consents"] button')
    b.told(400)
    assert b.one("#giver").get_attribute("value") == "Ibu Sari <i>, kepala tim", "nothing typed is lost"
    assert b.one("#originator").get_attribute("value") == "2", "nor what was chosen"
    b.look("consents-wrong")
    b.one("#file").send_keys(path)
    b.fill("#ids", INDICATOR)
    b.press('form[action="/consents"] button')
    is_done(b)


def proposes_a_rule(b):
    b.press('nav a[href="/releases"]')
    b.press('main a[href="/release-rules"]')
    b.look("release-rules-none")
    b.choose("#partner", "2")
    b.fill("#type", "indicator")
    b.choose("#highest", "TLP:AMBER")
    b.fill("#days", "30")
    b.fill("#reason", "seperti disepakati")
    b.press('form[action="/release-rules"] button')
    is_done(b)


def proposes_a_group(b):
    b.press('nav a[href="/groups"]')
    b.look("groups-none")
    b.fill("#group-name", "Kesehatan & <script>")
    b.fill("#purpose", "Melindungi rumah sakit")
    members = b.all('input[name="member"]')
    assert len(members) == 2, "we, and the partner with a node; not the one without"
    b.hands.press(members[1])
    b.fill("#quorum", "9")
    b.fill("#meetings", "Setiap Senin\nLewat telepon")
    b.fill("#reason", "seperti disepakati")
    b.press('form[action="/groups"] button')
    b.told(400)
    assert b.one("#quorum").get_attribute("value") == "9" and len(b.all('input[name="member"]:checked')) == 2
    b.look("groups-wrong")
    b.fill("#quorum", "2")
    b.fill("#reason", "seperti disepakati")
    b.press('form[action="/groups"] button')
    is_done(b)


def proposes(b, link, name):
    first_sign_in(b, link, name)
    sets_up_second_factor(b)
    adds_a_partner(b)
    notes_a_paper(b)
    proposes_a_rule(b)
    proposes_a_group(b)


def agrees(b, number):
    b.go("/approvals")
    b.press(f'tbody a[href="/approvals/{number}"]')
    b.look(f"approval-{number}")
    b.press('button[value="agree"]')
    is_done(b)


def seconds(b, link, name, n):
    first_sign_in(b, link, name)
    sets_up_second_factor(b)
    for number in (1, 2, 3):
        agrees(b, number)
    b.go("/consents")
    assert "Ibu Sari <i>" in b.text() and INDICATOR in b.text(), b.text()
    b.look("consents")
    b.fill('form[action^="/consents/"] input[name=reason]', "they called")
    b.press('form[action^="/consents/"] button')
    is_done(b)
    b.look("consents-taken-back")
    b.go("/release-rules")
    b.look("release-rules")
    b.go("/groups")
    b.until(lambda: b.all('tbody a[href="/groups/1"]') or b.driver.refresh(), "the proposal was signed")
    b.press('tbody a[href="/groups/1"]')
    b.until(lambda: "CERT Kenanga" in b.one("section.panel").text or b.driver.refresh(), "who has not voted is named")
    assert "1 more yes-vote is needed" in b.text(), b.text()
    b.look("group")
    n.run("agreement", "draft", taxii_name(n), "--terms", n.write("terms.json", json.dumps(TERMS)))
    b.go("/agreements/1")
    b.press('main a[href$="terms=waiting"]')
    assert "under the terms that wait" in b.text(), b.text()
    b.look("preview-waiting")


def taxii_name(n):
    """As the node keeps it."""
    return next(row["name"] for row in map(json.loads, n.run("partner", "list", "--json").splitlines())
                if row["kind"] == "taxii")


def is_peered(n):
    """A partner with a node, compared; what it would answer is not waited for."""
    other = os.path.join(n.home.name, "other")
    n.run("init", other, "--name", "CERT Kenanga", "--listen", "127.0.0.1:0", config=False)
    introduction = n.write("other.json", n.run("-c", other, "partner", "introduce", "--contact", "jaga", config=False))
    n.run("partner", "add", introduction)
    shown = json.loads(n.run("partner", "show", "CERT Kenanga", "--json"))
    n.run("partner", "confirm", "CERT Kenanga", shown["theirs"]["words"])
    n.run("import", n.write("list.json", json.dumps({"type": "bundle", "id": INDICATOR.replace("indicator", "bundle"),
        "objects": [{"type": "indicator", "spec_version": "2.1", "id": INDICATOR, "created": "2026-11-01T00:00:00.000Z",
                     "modified": "2026-11-01T00:00:00.000Z", "pattern_type": "stix", "name": "<b>one",
                     "indicator_types": ["malicious-activity"], "valid_from": "2026-11-01T00:00:00Z",
                     "pattern": "[domain-name:value = 'a.example']"}]})))


def main(program):
    n = node.Node(program)
    is_peered(n)
    links = [n.invite(name, "manager") for name in ("gita", "hadi")]
    ways = [("gita", lambda b: proposes(b, links[0], "gita"), "id-ID", False, browser.Keys),
            ("hadi", lambda b: seconds(b, links[1], "hadi", n), "en-GB", True, browser.Mouse)]
    failed = 0
    try:
        for number, (name, way, *how) in enumerate(ways, 1):
            b = travel(n.address, way, *how)
            for finding in b.findings:
                print(f"# {finding}")
            print(f"{'not ok' if b.findings else 'ok'} {number} - {name}, {b.label()}: {len(b.seen)} pages looked at", flush=True)
            failed += bool(b.findings)
    finally:
        status = n.stop()
    print(f"{'not ok' if status else 'ok'} {len(ways) + 1} - the server ends in order")
    print(f"1..{len(ways) + 1}")
    return 1 if failed or status else 0


sys.exit(main(sys.argv[1]))
