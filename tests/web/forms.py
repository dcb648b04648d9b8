#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""forms.py HOST:PORT PASSWORD NAME[:HIDDEN]...: signs in as each of them, with a second factor, and fills every form that
/api tells them of with what attackers type: markup, SQL, paths, control characters, addresses elsewhere, far too much,
nothing, no form at all. Every part of a path is guessed, too. HIDDEN is a number of what is another's, whatever it counts:
it has to look like what is not there.

One line for each answer that is not what it should be: 5xx, markup that is not escaped, a redirect to elsewhere, a cookie
that nobody asked for, something that is told of what is hidden. At the end how many were sent."""
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

MARK = "<script>alert(7)</script>"
TYPED = (
    MARK + "\"'><img src=x onerror=alert(7)>",
    "'; DROP TABLE person; --",
    "1 OR 1=1",
    "{{{frame.key}}}{{>page}}",
    "../../node.conf\0.html",
    "https://elsewhere.example/",
    "//elsewhere.example/",
    "/\\elsewhere.example",
    "\r\nSet-Cookie: session=x",
    "\u202e\ufeff\u0000\u001b[2J",
    "-9223372036854775809",
    "\udce9\udcff",
    "",
)
PARTS = ("1", "2", "-1", "99999999999999999999", "1%00", "%2e%2e", "..%2f..%2fnode.conf", "%27%20OR%201=1", "a" * 43)
LONG = "a" * 9000
NOTHING = "888888888"
# What ends the account or session that is at work here is for others to try.
NOT_HERE = ("/sign-out", "/account/sessions/end")
# What was typed is shown again, as text.
RAW = re.compile(rb"<script>alert|<img src=x|onerror=alert\(7\)>")


class Browser:
    def __init__(self, where):
        self.where, self.cookie, self.key = where, "", ""
        self.connection = http.client.HTTPConnection(where, timeout=30)

    def ask(self, method, target, body=b"", kind="application/x-www-form-urlencoded", accept="text/html"):
        headers = {"Accept": accept}
        if self.cookie:
            headers["Cookie"] = f"session={self.cookie}"
        if method == "POST":
            headers |= {"Origin": f"http://{self.where}", "Content-Type": kind}
            headers |= {"X-Form-Key": self.key} if self.key else {}
        try:
            self.connection.request(method, target, body if method == "POST" else None, headers)
            answer = self.connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError):  # it had ended after the answer before
            self.connection.close()
            self.connection.request(method, target, body if method == "POST" else None, headers)
            answer = self.connection.getresponse()
        return answer.status, answer.getheaders(), answer.read()

    def sign_in(self, name, password):
        form = urllib.parse.urlencode({"name": name, "password": password}).encode()
        status, headers, _ = self.ask("POST", "/sign-in", form)
        if status != 303:
            sys.exit(f"{name} does not get in: {status}")
        self.take(headers)
        self.be_sure(name)

    def take(self, headers):
        for header, value in headers:
            if header.lower() == "set-cookie" and value.startswith("session="):
                self.cookie = value.split(";")[0].split("=", 1)[1]
        page = self.ask("GET", "/")[2]
        self.key = re.search(rb'name="key" value="([0-9a-f]+)"', page).group(1).decode()

    def be_sure(self, name):
        """A second factor (RFC 6238): what changes users takes one."""
        _, _, body = self.ask("POST", "/account/second-factor", accept="application/json")
        secret = base64.b32decode(json.loads(body)["secret"].replace(" ", ""))
        digest = hmac.new(secret, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
        at = digest[-1] & 15
        code = "%06d" % ((struct.unpack(">I", digest[at:at + 4])[0] & 0x7FFFFFFF) % 1000000)
        status, headers, _ = self.ask("POST", "/account/second-factor/confirm", f"code={code}".encode())
        if status != 200:
            sys.exit(f"{name} gets no second factor: {status}")
        self.take(headers)

    def rows(self):
        status, _, body = self.ask("GET", "/api", accept="application/json")
        return json.loads(body)["routes"] if status == 200 else []


class Attack:
    def __init__(self, browser, name):
        self.browser, self.name, self.sent = browser, name, 0

    def send(self, about, method, target, body=b"", kind="application/x-www-form-urlencoded"):
        self.sent += 1
        status, headers, page = self.browser.ask(method, target, body, kind)
        said = {header.lower(): value for header, value in headers}
        html = said.get("content-type", "").startswith("text/html")
        where = said.get("location", "/")
        wrong = []
        if status >= 500:
            wrong.append(f"{status} {page[-300:]!r}")
        if html and RAW.search(page):
            wrong.append("markup: " + repr(page[max(0, RAW.search(page).start() - 80):][:160]))
        if not where.startswith("/") or where.startswith(("//", "/\\")) or "\r" in where:
            wrong.append(f"leads to {where}")
        if "set-cookie" in said and target not in ("/sign-in", "/language", "/account/password"):
            wrong.append(f"sets {said['set-cookie']}")
        for one in wrong:
            print(f"{self.name}: {method} {target} ({about}): {one}")

    def paths(self, path):
        """The path with each of what is guessed for its part; itself if it has none."""
        return [re.sub(r"\{\w+\}", part, path) for part in PARTS] if "{" in path else [path]

    def form(self, row):
        names = [field["name"] for field in row["fields"]] or ["x"]
        paths = self.paths(row["path"])
        for path in paths:
            for typed in TYPED if path == paths[0] else TYPED[:1]:
                value = typed.encode("utf-8", "surrogateescape")
                body = "&".join(f"{name}={urllib.parse.quote_from_bytes(value)}" for name in names).encode()
                self.send(repr(typed), "POST", path, body)
        path = paths[0]
        for name in names:
            one = {field["name"]: "1" for field in row["fields"]} | {name: TYPED[0]}
            self.send(name, "POST", path, urllib.parse.urlencode(one).encode())
        self.send("long", "POST", path, "&".join(f"{name}={LONG}" for name in names)[:60000].encode())
        self.send("many", "POST", path, "&".join(["a=1"] * 3000).encode())
        self.send("JSON", "POST", path, b"[" * 10000, "application/json")
        self.send("no form", "POST", path, b"\xff\x00" * 50, "text/html")
        self.send("broken", "POST", path, b"--x\r\n" * 9, "multipart/form-data; boundary=x")
        self.send("broken", "POST", path, b"%zz=%&=&;&" * 9)

    def query(self, row):
        for path in self.paths(row["path"]):
            self.send("", "GET", path)
        for field in row["fields"] + [{"name": "done"}, {"name": "next"}]:
            for typed in TYPED:
                value = urllib.parse.quote_from_bytes(typed.encode("utf-8", "surrogateescape"))
                self.send(field["name"], "GET", f"{self.paths(row['path'])[0]}?{field['name']}={value}")

    def told(self, row, number, body):
        """What is said of it, without its number."""
        self.sent += 1
        target = re.sub(r"\{\w+\}", number, row["path"])
        status, _, answer = self.browser.ask(row["method"], target, body, accept="application/json")
        return status, answer.replace(number.encode(), b"N")

    def hide(self, row, number):
        for typed in ("1", "lock", "no-second-factor", "constituent-admin"):
            names = [field["name"] for field in row["fields"]] or ["x"]
            body = "&".join(f"{name}={typed}" for name in names).encode()
            there, nothing = self.told(row, number, body), self.told(row, NOTHING, body)
            if there != nothing:
                print(f"{self.name}: {row['method']} {row['path']} ({typed}): {number} is told from what is not there: "
                      f"{there} and {nothing}")

    def run(self, hidden):
        for row in self.browser.rows():
            if row["family"] != "web" or row["path"] in NOT_HERE:
                continue
            if hidden and "{number}" in row["path"]:
                self.hide(row, hidden)
            self.form(row) if row["method"] == "POST" else self.query(row)


def main():
    where, password, sent = sys.argv[1], sys.argv[2], 0
    attacks = []
    for name in sys.argv[3:]:  # all of them before failures make everybody wait
        name, _, hidden = name.partition(":")
        browser = Browser(where)
        browser.sign_in(name, password)
        attacks.append((Attack(browser, name), hidden))
    for attack, hidden in attacks:
        attack.run(hidden)
        sent += attack.sent
    print(f"{sent} sent")


if __name__ == "__main__":
    main()
