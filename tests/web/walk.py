#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""walk.py HOST:PORT NAME PASSWORD ROUTES.c: asks a node, as nobody, for every route of its table and for what scanners try.
One line for each answer that is not one of those documented in kentongan-serve(1), and at the end how many were asked.
The table is what NAME is told of it by /api, and those of its source that a password alone does not open."""
import base64
import http.client
import json
import re
import sys

METHODS = ("GET", "HEAD", "POST", "DELETE")
# What is not there is not there, however it is written.
GUESSES = """/admin /administrator /login /wp-login.php /wp-admin/ /.git /.git/config /.env /.svn/entries /server-status
/server-info /phpmyadmin/ /cgi-bin/test /actuator /actuator/health /debug /debug/pprof /console /manager/html /robots.txt
/favicon.ico /sitemap.xml /.well-known/security.txt /node.conf /node.db /keys/node.key /backup /api/v1 /v1/metrics /graphql
/static /static/ /static/../node.conf /static/..%2fnode.conf /static/%2e%2e/node.db /../../etc/passwd /..%2f..%2fetc/passwd
/%2e%2e/%2e%2e/etc/passwd //health /health/ /health/x /HEALTH /health;x /health%20 /metrics/ /metrics%2f /api/ /apis
/%00 /health%00 /health%00.html /%0d%0aSet-Cookie:x=1 /%ff /%c0%ae%c0%ae/ /%zz /a%2fb /\\..\\node.conf /~root /?x /'
/%27%20OR%201=1 /<script>alert(1)</script> /objects/../../health /users/0 /users/-1 /users/99999999999999999999""".split()
# Not found; not known; led to the door; refused before the table is asked (a target that is none).
REFUSED = (404, 401, 303, 400, 405)
HEADERS = ("content-security-policy", "x-content-type-options", "referrer-policy", "cross-origin-resource-policy")


KEPT = {}  # the connection to each server, as long as it stands


def ask(where, method, target, headers):
    connection = KEPT.pop(where, None) or http.client.HTTPConnection(where, timeout=10)
    try:
        connection.putrequest(method, target, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if method == "POST":
            connection.putheader("Content-Length", "0")
        connection.endheaders()
        answer = connection.getresponse()
        body = answer.read()
    except (http.client.HTTPException, OSError, ValueError):
        connection.close()
        raise
    if answer.will_close:
        connection.close()
    else:
        KEPT[where] = connection
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, body


ROW = re.compile(r'\{HTTP_(\w+),\s*"([^"]+)"')


def routes(where, name, password, source):
    known = base64.b64encode(f"{name}:{password}".encode()).decode()
    status, _, body = ask(where, "GET", "/api", {"Authorization": f"Basic {known}", "Accept": "application/json"})
    if status != 200:
        sys.exit(f"GET /api: {status}")
    rows = json.loads(body)["routes"]
    told = {(row["method"], row["path"]) for row in rows}
    with open(source, encoding="utf-8") as text:
        written = set(ROW.findall(text.read()))
    for method, path in told - written:
        print(f"{method} {path}: is in no row of {source}")
    return rows + [{"method": method, "path": path, "open": False} for method, path in sorted(written - told)]


def is_covered(rows, method, target):
    """Whether a route with a part that may be anything takes it: /evidence/{number} takes a GET of /evidence/act."""
    return any(row["method"] == ("GET" if method == "HEAD" else method) and
               re.fullmatch(re.sub(r"{[^}]*}", "[^/]+", row["path"]), target) for row in rows)


class Walk:
    def __init__(self, where):
        self.where = where
        self.asked = 0

    def look(self, method, target, accept, allowed):
        self.asked += 1
        try:
            status, headers, body = ask(self.where, method, target, {"Accept": accept})
        except (http.client.HTTPException, OSError, ValueError) as why:
            print(f"{method} {target} ({accept}): {why!r}")
            return
        if status not in allowed:
            print(f"{method} {target} ({accept}): {status} {body[:200]!r}")
        if status in (303, 308) and not headers.get("location", "").startswith("/"):
            print(f"{method} {target}: leads to {headers.get('location')}")
        missing = [name for name in HEADERS if name not in headers]
        if missing and status != 400:
            print(f"{method} {target}: {status} without {missing}")
        if re.search(rb"/(tmp|home|var|usr)/|SELECT |sqlite|0x[0-9a-f]{6}", body):
            print(f"{method} {target}: tells of the machine: {body[:200]!r}")

    def table(self, rows):
        known = {}
        for row in rows:
            target = re.sub(r"{[^}]*}", "1", row["path"])
            known.setdefault(target, set()).add(row["method"])
            for accept in ("text/html", "application/json", "*/*"):
                if not row["open"]:
                    self.look(row["method"], target, accept, (401, 303) if row["method"] == "GET" else (401,))
                else:
                    self.look(row["method"], target, accept, (200, 303, 304, 308, 400, 401, 403, 404, 409, 415))
        for target, methods in known.items():
            for method in METHODS:
                if method not in methods and not (method == "HEAD" and "GET" in methods):
                    self.look(method, target, "*/*", (401, 303) if is_covered(rows, method, target) else (405,))


def main(where, name, password, source):
    walk = Walk(where)
    rows = routes(where, name, password, source)
    walk.table(rows)
    for target in GUESSES:
        for method in METHODS:
            walk.look(method, target, "text/html", REFUSED)
    print(f"{len(rows)} routes, {walk.asked} asked")


main(*sys.argv[1:])
