#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A person of a node with a second factor, for scenes in which two persons agree.

person.py enrol HOST:PORT NAME PASSWORD    signs in, sets up a second factor, and says its secret
person.py code SECRET [STEPS]              the code of now, or of that many steps of 30 seconds from now
"""
import base64
import hashlib
import hmac
import http.client
import json
import re
import struct
import sys
import time
import urllib.parse


def code(secret, steps=0):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30 + steps), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1000000:06d}"


class Browser:
    def __init__(self, where):
        self.where, self.cookie, self.key = where, "", ""

    def post(self, target, **fields):
        connection = http.client.HTTPConnection(self.where, timeout=10)
        headers = {"Accept": "application/json", "Origin": f"http://{self.where}",
                   "Content-Type": "application/x-www-form-urlencoded"}
        if self.cookie:
            headers |= {"Cookie": f"session={self.cookie}", "X-Form-Key": self.key}
        connection.request("POST", target, urllib.parse.urlencode(fields), headers)
        return self.done(connection)

    def key_of(self, target):
        """What its forms carry against forgery."""
        connection = http.client.HTTPConnection(self.where, timeout=10)
        connection.request("GET", target, headers={"Accept": "text/html", "Cookie": f"session={self.cookie}"})
        page = connection.getresponse().read()
        connection.close()
        self.key = re.search(rb'name="key" value="([0-9a-f]+)"', page).group(1).decode()

    def done(self, connection):
        answer = connection.getresponse()
        body = answer.read()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie" and value.startswith("session="):
                self.cookie = value[8:].partition(";")[0]
        connection.close()
        if answer.status >= 400:
            sys.exit(f"{answer.status}: {body[:200]!r}")
        return json.loads(body) if body.startswith(b"{") else {}


def enrol(where, name, password):
    browser = Browser(where)
    browser.post("/sign-in", name=name, password=password)
    browser.key_of("/")
    secret = browser.post("/account/second-factor")["secret"].replace(" ", "")
    # The code before the one of now: those that follow are for what the person agrees to.
    browser.post("/account/second-factor/confirm", code=code(secret, -1))
    print(secret)


if sys.argv[1] == "enrol":
    enrol(*sys.argv[2:5])
else:
    print(code(sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0))
