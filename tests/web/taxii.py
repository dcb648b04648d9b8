#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A TAXII 2.1 server with the faults of real ones, on loopback; for tests of the client.

    taxii.py

Prints `port PORT` and `ready`, and ends when its input does. Everything lies below a name of faults, joined by "+", and
each such name is a server of its own, empty at first: http://127.0.0.1:PORT/ms+nonext/taxii2/. Beside it:

    /NAME/fill/COLLECTION/COUNT    adds as many indicators (invented, the same for the same place in the collection)
    /NAME/dump/COLLECTION          every object there, a line each, sorted
    /NAME/asked                    what was asked, a line each

Collections: open (read and write), read, drop (write), none. FAULTS below says what each does.
"""
import calendar
import http.server
import json
import sys
import threading
import time
import urllib.parse

FAULTS = {
    "plain": "none", "relative": "api_roots without host", "foreign": "a root on another host",
    "nonext": "more without next", "noheader": "no X-TAXII-Date-Added", "nomanifest": "404 for manifests",
    "repeat": "gives its last page for ever", "ms": "tells dates in milliseconds", "second": "in seconds",
    "undefined": "tells no dates but a word", "notype": "wants Accept without a version",
    "posttype": "wants Content-Type without a version", "slash": "sends on from a URL without its final slash",
    "busy": "503 and Retry-After: 1, every other time", "later": "429 and Retry-After: 7200",
    "nofilter": "400 for match[version]", "forget": "knows no `next` but the first two of a run",
    "html": "pages for people", "endless": "pages without an end", "nolimit": "passes over limit",
    "cap": "no more than 7 objects a page", "same": "all objects share one moment", "auth": "wants drum:rahasia or a token",
    "pending": "statuses complete at the third look", "stuck": "statuses that never complete",
    "fussy": "400 for an envelope with one bad object", "small": "takes no more than 4096 bytes at once",
    "void": "pages without objects and with more", "deep": "an object that goes down for ever",
    "twice": "an object with a name in it twice", "away": "sends POST to another host", "cut": "breaks pages off",
    "broken": "500 for objects", "numbers": "next is a number", "manyroots": "roots without number",
}
BEGIN = 1767225600  # 2026-01-01
MOMENT = 1000  # microseconds between two objects


def indicator(number):
    text = {"type": "indicator", "spec_version": "2.1",
            "id": f"indicator--6b616c61-0000-4000-8000-{number:012d}",
            "created_by_ref": "identity--6b616c61-0000-4000-8000-0000000000aa",
            "created": "2026-01-01T00:00:00.000Z", "modified": "2026-01-01T00:00:00.000Z",
            "name": f"h{number}.example", "pattern": f"[domain-name:value = 'h{number}.example']",
            "pattern_type": "stix", "valid_from": "2026-01-01T00:00:00Z",
            "indicator_types": ["malicious-activity"]}
    return json.dumps(text)


def stamp(micros, digits):
    whole, rest = divmod(micros, 1000000)
    text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(BEGIN + whole))
    return text + (f".{rest:06d}"[:digits + 1] if digits else "") + "Z"


def moment(text):
    text = text.rstrip("Z")
    whole, _, rest = text.partition(".")
    seconds = time.strptime(whole, "%Y-%m-%dT%H:%M:%S")
    return (calendar.timegm(seconds) - BEGIN) * 1000000 + int((rest + "000000")[:6])


class Collection:
    def __init__(self, read, write):
        self.read, self.write = read, write
        self.rows = []  # (added, text), in order

    def add(self, text, same):
        added = 5 if same else self.rows[-1][0] + MOMENT + 37 if self.rows else 1037
        self.rows.append((added, text))


class World:
    def __init__(self, name):
        self.faults = set(name.split("+"))
        self.collections = {"open": Collection(True, True), "read": Collection(True, False),
                            "drop": Collection(False, True), "none": Collection(False, False)}
        self.asked, self.statuses, self.nexts, self.count = [], {}, 0, 0


WORLDS, LOCK = {}, threading.Lock()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = 1 << 16  # an answer in one piece: two would wait for each other (RFC 896)
    world = name = None

    def log_message(self, *_):
        pass

    def answer(self, status, text, kind="application/taxii+json;version=2.1", **headers):
        body = text.encode() if isinstance(text, str) else json.dumps(text).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def fail(self, status, title, **headers):
        self.answer(status, {"title": title, "http_status": str(status)}, **headers)

    def has(self, fault):
        return fault in self.world.faults

    def do_GET(self):  # pylint: disable=invalid-name
        self.handle_any(None)

    def do_POST(self):  # pylint: disable=invalid-name
        self.handle_any(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def handle_any(self, body):
        path, _, query = self.path.partition("?")
        parts = path.strip("/").split("/")
        self.name = parts[0]
        with LOCK:
            self.world = WORLDS.setdefault(self.name, World(self.name))
            try:
                self.route(parts[1:], path, urllib.parse.parse_qs(query), body)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True

    def route(self, parts, path, query, body):
        world = self.world
        if parts[:1] == ["fill"]:
            for _ in range(int(parts[2])):
                collection = world.collections[parts[1]]
                collection.add(indicator(len(collection.rows)), self.has("same"))
            return self.answer(200, "{}")
        if parts[:1] == ["put"]:
            world.collections[parts[1]].add(body.decode(), self.has("same"))
            return self.answer(200, "{}")
        if parts[:1] == ["dump"]:
            return self.answer(200, "".join(sorted(text + "\n" for _, text in world.collections[parts[1]].rows)))
        if parts == ["asked"]:
            return self.answer(200, "".join(line + "\n" for line in world.asked))
        world.asked.append(f"{self.command} {self.path}")
        world.count += 1
        if self.has("slash") and not path.endswith("/"):
            return self.answer(301, "", Location=path + "/")
        if self.has("auth") and self.headers.get("Authorization") not in (
                "Basic ZHJ1bTpyYWhhc2lh", "Bearer rahasia-token"):
            return self.fail(401, "who is it?", WWW_Authenticate="Basic")
        if self.has("later"):
            return self.fail(429, "not so often", Retry_After="7200")
        if self.has("busy") and world.count % 2:
            return self.fail(503, "a moment", Retry_After="1")
        if self.has("notype") and self.headers.get("Accept") != "application/taxii+json":
            return self.fail(406, "say it without a version")
        return self.resource(parts, query, body)

    def base(self):
        return f"http://{self.headers['Host']}/{self.name}"

    def resource(self, parts, query, body):
        if parts == ["taxii2"]:
            root = "../api" if self.has("relative") else self.base() + "/api/"
            roots = [root] + (["https://stranger.example/api/"] if self.has("foreign") else [])
            roots += [f"/{self.name}/r{i}/" for i in range(100)] if self.has("manyroots") else []
            return self.answer(200, {"title": "Faults", "default": root, "api_roots": roots})
        if parts == ["api"]:
            return self.answer(200, {"title": "Root", "versions": ["application/taxii+json;version=2.1"],
                                     "max_content_length": 4096 if self.has("small") else 10000000})
        if parts == ["api", "collections"]:
            return self.answer(200, {"collections": [self.about(name) for name in self.world.collections]})
        if parts[:2] == ["api", "status"]:
            return self.status(parts[2])
        if parts[:2] == ["api", "collections"] and len(parts) > 2 and parts[2] in self.world.collections:
            return self.collection(parts[2], parts[3:], query, body)
        return self.fail(404, "there is no such thing")

    def about(self, name):
        collection = self.world.collections[name]
        return {"id": name, "title": f"Collection {name}", "can_read": collection.read,
                "can_write": collection.write, "media_types": ["application/stix+json;version=2.1"]}

    def collection(self, name, parts, query, body):
        collection = self.world.collections[name]
        if not parts:
            return self.answer(200, self.about(name))
        if parts == ["objects"] and body is not None:
            return self.take(collection, body) if collection.write else self.fail(403, "not for you")
        if not collection.read:
            return self.fail(403, "not for you")
        return self.page(collection, parts[0], query)

    # ---- Reading ----

    def page(self, collection, what, query):
        world, limit = self.world, int(query.get("limit", ["100"])[0])
        if self.has("nofilter") and "match[version]" in query:
            return self.fail(400, "match[version] is not known here")
        if self.has("broken") and what == "objects":
            return self.fail(500, "out of order")
        rows = collection.rows
        if "added_after" in query:
            after = moment(query["added_after"][0])
            rows = [row for row in rows if row[0] > after]
        at = int(query.get("next", ["0"])[0].lstrip("n"))
        if at:
            world.nexts += 1
            if self.has("forget") and world.nexts == 3:
                return self.fail(404, "there is no such page")
        limit = len(rows) + 1 if self.has("nolimit") else min(limit, 7) if self.has("cap") else limit
        shown, more = rows[at:at + limit], len(rows) > at + limit
        if self.has("repeat") and rows:
            at = min(at, (len(rows) - 1) // limit * limit)
            shown, more = rows[at:at + limit], True
        if self.has("void"):
            shown, more = [], True
        if what == "manifest":
            return self.manifest(shown)
        return self.objects(shown, more, at + limit)

    def manifest(self, rows):
        if self.has("nomanifest"):
            return self.fail(404, "there is none")
        records = [{"id": json.loads(text)["id"], "date_added": stamp(added, 6), "version": "2026-01-01T00:00:00.000Z",
                    "media_type": "application/stix+json;version=2.1"} for added, text in rows]
        return self.answer(200, {"objects": records})

    def objects(self, rows, more, at):
        headers = {}
        if rows and not self.has("noheader"):
            digits = 3 if self.has("ms") else 0 if self.has("second") else 6
            for name, row in (("First", rows[0]), ("Last", rows[-1])):
                told = "undefined" if self.has("undefined") else stamp(row[0], digits)
                headers["X_TAXII_Date_Added_" + name] = told
        text = '{"more": %s' % ("true" if more else "false")
        if more and not self.has("nonext"):
            text += ', "next": %d' % at if self.has("numbers") else ', "next": "n%d"' % at
        if rows:
            objects = [text for _, text in rows]
            if self.has("twice"):
                objects.insert(0, '{"type":"tool","type":"tool","id":"tool--6b616c61-0000-4000-8000-000000000001"}')
            if self.has("deep"):
                objects.insert(0, '{"x":' * 40 + "1" + "}" * 40)
            text += ', "objects": [' + ",\n ".join(objects) + "]"
        text += "}"
        if self.has("html"):
            return self.answer(200, "<html>please sign in</html>", "text/html")
        if self.has("endless"):
            return self.flow()
        if self.has("cut"):
            return self.answer(200, text[:len(text) // 2])
        return self.answer(200, text, **headers)

    def flow(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"10\r\n{\"objects\":[1,1\r\n")
        while True:
            self.wfile.write(b"100000\r\n" + b",1" * 0x80000 + b"\r\n")

    # ---- Writing ----

    def take(self, collection, body):
        if self.has("away"):
            return self.answer(307, "", Location="http://localhost:1/elsewhere/")
        if self.has("posttype") and self.headers.get("Content-Type") != "application/taxii+json":
            return self.fail(415, "say it without a version")
        if self.has("small") and len(body) > 4096:
            return self.fail(413, "too much at once")
        if self.has("fussy") and b"x_bad" in body:
            return self.fail(400, "something in it is not valid")
        good, failures = 0, []
        known = {text for _, text in collection.rows}
        decoder, text = json.JSONDecoder(), body.decode()
        for start, end in self.objects_of(decoder, text):
            raw = text[start:end]
            parsed = json.loads(raw)
            if "x_bad" in parsed:
                failures.append({"id": parsed["id"], "version": parsed.get("modified", ""), "message": "x_bad is bad"})
                continue
            good += 1
            if raw not in known:
                known.add(raw)
                collection.add(raw, self.has("same"))
        status = {"id": f"s{len(self.world.statuses)}", "status": "complete", "total_count": good + len(failures),
                  "success_count": good, "failure_count": len(failures), "failures": failures, "pending_count": 0}
        self.world.statuses[status["id"]] = [0, status]
        pending = self.has("pending") or self.has("stuck")
        return self.answer(202, dict(status, status="pending", pending_count=good) if pending else status)

    @staticmethod
    def objects_of(decoder, text):
        """Where each object of {"objects":[...]} begins and ends, so that its bytes can be kept."""
        at = text.index("[") + 1
        while text[at] != "]":
            if text[at] in ", \n":
                at += 1
                continue
            _, end = decoder.raw_decode(text, at)
            yield at, end
            at = end

    def status(self, number):
        if number not in self.world.statuses:
            return self.fail(404, "there is no such status")
        state = self.world.statuses[number]
        state[0] += 1
        if self.has("stuck") or (self.has("pending") and state[0] < 3):
            return self.answer(200, dict(state[1], status="pending"))
        return self.answer(200, state[1])


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address):
        pass


def main():
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print("port", server.server_port)
    print("ready", flush=True)
    sys.stdin.read()


main()
