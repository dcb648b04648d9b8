# SPDX-License-Identifier: Apache-2.0
"""What people do at every node before anything else: they sign in, and show who they are a second time."""
import base64
import hmac
import os
import struct
import time
import traceback

import browser

PASSWORD = "correct drum battery"


def first_sign_in(b, link, name):
    b.go(link)
    b.look("set-up")
    b.fill("#new", PASSWORD)
    b.fill("#again", PASSWORD)
    b.press("main form button")
    assert name in b.text(), f"{name} is not signed in: {b.text()[:300]}"
    b.look("start")


def code_of(secret):
    """What an app for one-time codes shows now (RFC 6238 with the SHA-1 and six digits that they all have)."""
    key = base64.b32decode(secret.replace(" ", ""))
    mac = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), "sha1")
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 1000000:06d}"


def sets_up_second_factor(b):
    b.press('nav a[href="/account"]')
    b.press('form[action="/account/second-factor"] button')
    b.look("second-factor")
    secret = b.one("code.secret").text
    b.fill("#code", code_of(secret))
    b.press('form[action="/account/second-factor/confirm"] button')
    b.look("recovery-codes")
    return [code.text for code in b.all(".codes li")]


def signs_in_with(b, name, code):
    b.press('form[action="/sign-out"] button')
    b.go("/sign-in")
    b.fill("#name", name)
    b.fill("#password", PASSWORD)
    b.press("main form button")
    b.look("half")
    b.fill("#code", code)
    b.press("main form button")


def is_of_a_way(filename):
    folder, name = os.path.split(os.path.abspath(filename))
    return folder == os.path.dirname(os.path.abspath(__file__)) and name not in ("people.py", "browser.py")


def travel(address, way, language, scripts, hands):
    """Goes the way in a browser of its own; what stopped it is a finding like others."""
    b = browser.Browser(address, language, scripts, hands)
    try:
        way(b)
    except Exception as why:  # whatever it is, the other journeys go on
        b.seen.append("stopped")
        lines = traceback.extract_tb(why.__traceback__)
        place = next((f"{one.name}, line {one.lineno}" for one in reversed(lines) if is_of_a_way(one.filename)), "")
        b.finding(f"in {place}: {type(why).__name__}: {(str(why).splitlines() or [''])[0]}")
        b.shoot("stopped", browser.WIDTHS[0])
    finally:
        b.close()
    return b
