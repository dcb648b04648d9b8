#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench/edge.py KENTONGAN FOLDER taxii STORED... | pages NODE ASKS | desk NODE ASKS NUMBERS

A node as its clients meet it: serves it by the shipped binary, asks it over loopback with one connection that stays open,
and prints rows of NAME VALUE. `taxii` posts envelopes of 1,000 indicators until each number of objects is stored in a
collection, then measures posts and pages there; at the end it asks in turn for pages of that collection, from its
beginning and its middle, and of one that holds 10,000. `pages` asks the console of a node for its list, for searches and
for objects; `desk` for what a duty officer looks at all day, with incidents and reports up to a number, of a server that
has one core to itself where taskset is there. Times are those of the client, so they hold what sending and reading
costs; server CPU is that of the node's process.
"""
import http.client
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time
import uuid

ENVELOPE = 1000
MEDIA = "application/taxii+json;version=2.1"
TICK = os.sysconf("SC_CLK_TCK")


class Node:
    """The server's process and one connection to it."""

    def __init__(self, kentongan, conf, before=()):
        self.kentongan, self.conf = kentongan, conf
        with open(f"{conf}/node.conf", encoding="utf-8") as file:
            text = file.read()
        with open(f"{conf}/node.conf", "w", encoding="utf-8") as file:
            file.write(re.sub(r"(?m)^#? *listen = .*$", "listen = 127.0.0.1:0", text))
        self.log = open(f"{conf}/../serve.err", "w", encoding="utf-8")  # pylint: disable=consider-using-with
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [*before, kentongan, "-c", conf, "serve"], stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        said = self.process.stdout.readline()
        found = re.match(r"listening on http://([0-9.]+):(\d+)/", said)
        if not found:
            sys.exit(f"edge.py: the node did not come up: {said}")
        self.connection = http.client.HTTPConnection(found.group(1), int(found.group(2)))

    def ask(self, method, path, headers, body=None):
        self.connection.request(method, path, body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.read()

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="utf-8") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def settle(self):
        """Until the followers of the journal have read what was filled in behind their back."""
        for _ in range(600):
            before = self.cpu()
            time.sleep(1)
            if self.cpu() - before < 0.05:
                return
        sys.exit("edge.py: the node does not come to rest")

    def end(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()


def run(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def make_token(kentongan, conf, scope, role="analyst"):
    password = f"{conf}/../edge.password"
    with open(os.open(password, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write("a password for the bench\n")
    run(kentongan, "-c", conf, "user", "add", "bench", "--role", role, "--password-file", password)
    made = json.loads(run(kentongan, "-c", conf, "token", "add", "bench", "--for", "bench", "--scope", scope, "--json"))
    return made["token"]


def indicator(rng, number):
    """About 770 bytes, as the servers of performance.md were given."""
    return {
        "type": "indicator",
        "spec_version": "2.1",
        "id": f"indicator--{uuid.UUID(int=rng.getrandbits(128), version=4)}",
        "created_by_ref": "identity--6b616c61-0000-4000-8000-000000000001",
        "created": "2026-11-20T10:00:00.000Z",
        "modified": "2026-11-20T10:00:00.000Z",
        "name": f"Indicator number {number} of a campaign that does not exist",
        "description": "What was seen: a host that talks to a name which nobody has heard of, every four minutes, with "
        "answers of the same length, and stops when somebody looks. " + f"{rng.getrandbits(256):064x}",
        "indicator_types": ["malicious-activity"],
        "pattern": f"[domain-name:value = 'host-{number}-{rng.getrandbits(40):010x}.test']",
        "pattern_type": "stix",
        "valid_from": "2026-11-20T10:00:00Z",
        "labels": ["tlp:green", "bench"],
    }


def envelopes(rng, first, count):
    for start in range(first, first + count, ENVELOPE):
        rows = [indicator(rng, start + i) for i in range(ENVELOPE)]
        yield json.dumps({"objects": rows}, separators=(",", ":")).encode()


def post(node, url, headers, body):
    status, answer = node.ask("POST", url, headers, body)
    told = json.loads(answer)
    if status != 202 or told["status"] != "complete" or told["success_count"] != ENVELOPE:
        sys.exit(f"edge.py: a post was answered with {status}: {answer[:300]!r}")


def median(values):
    values = sorted(values)
    return values[len(values) // 2]


def high(values):
    values = sorted(values)
    return values[min(len(values) - 1, len(values) * 99 // 100)]


def page_times(node, url, headers, count, behind=""):
    """Pages from the beginning or behind a moment, in milliseconds, and how many objects they held."""
    times, objects, path = [], 0, f"{url}?limit={ENVELOPE}{behind}"
    for _ in range(count):
        begun = time.perf_counter()
        status, answer = node.ask("GET", path, headers)
        times.append((time.perf_counter() - begun) * 1e3)
        if status != 200:
            sys.exit(f"edge.py: a page was answered with {status}: {answer[:300]!r}")
        objects += answer.count(b'"type":"indicator"')
        told = re.search(rb'"next" *: *"([^"]+)"', answer[:300] + answer[-300:])
        if not told:
            break
        path = f"{url}?limit={ENVELOPE}{behind}&next={told.group(1).decode()}"
    return times, objects


def collection(kentongan, conf, title):
    everyone = ["--read", "everyone", "--write", "everyone", "--json"]
    made = json.loads(run(kentongan, "-c", conf, "taxii", "collection", "add", title, *everyone))
    return "/" + made["root"].split("/", 3)[3] + f"collections/{made['id']}/objects/"


def measure(node, url, headers, bodies, name):
    """A good number of posts, then of pages, by the clock and by what the server's process took."""
    get, put = headers
    cpu, begun = node.cpu(), time.perf_counter()
    for body in bodies:
        post(node, url, put, body)
    wall, cpu = time.perf_counter() - begun, node.cpu() - cpu
    print(f"post-{name} {len(bodies) * ENVELOPE / wall:.0f}")
    print(f"post-cpu-{name} {len(bodies) * ENVELOPE / max(cpu, 1 / TICK):.0f}")
    page_times(node, url, get, 10)
    cpu, begun = node.cpu(), time.perf_counter()
    _, objects = page_times(node, url, get, 100)
    wall, cpu = time.perf_counter() - begun, node.cpu() - cpu
    if objects != min(100 * ENVELOPE, name):
        sys.exit(f"edge.py: pages held {objects} objects")
    print(f"get-{name} {objects / wall:.0f}")
    print(f"get-cpu-{name} {objects / max(cpu, 1 / TICK):.0f}", flush=True)


def compare(node, deep, few, get, middle):
    """Pages of both in turn, so that whatever else the machine does troubles both alike."""
    times = {"deep": [], "middle": [], "few": []}
    for _ in range(20):
        times["deep"] += page_times(node, deep, get, 9)[0]
        times["middle"] += page_times(node, deep, get, 9, f"&added_after={middle}")[0]
        times["few"] += page_times(node, few, get, 9)[0]
    for name, values in times.items():
        print(f"page-ms-{name} {median(values):.3f}", flush=True)


def taxii(kentongan, folder, steps):
    conf = f"{folder}/edge-node"
    run(kentongan, "init", conf, "--name", "bench")
    token = make_token(kentongan, conf, "taxii")
    few, deep = (collection(kentongan, conf, title) for title in ("few", "deep"))
    node = Node(kentongan, conf)
    get = {"Authorization": f"Bearer {token}", "Accept": MEDIA}
    put = {**get, "Content-Type": MEDIA}
    rng, stored, middle = random.Random(1), 0, ""
    for body in envelopes(rng, 100_000_000, 10 * ENVELOPE):
        post(node, few, put, body)
    for step in steps:
        for body in envelopes(rng, stored, step - stored - 10 * ENVELOPE):
            post(node, deep, put, body)
            stored += ENVELOPE
            if stored == steps[-1] // 2:
                middle = time.strftime("%Y-%m-%dT%H:%M:%S.000000Z", time.gmtime())
        measure(node, deep, (get, put), list(envelopes(rng, step - 10 * ENVELOPE, 10 * ENVELOPE)), step)
        stored = step
    compare(node, deep, few, get, middle)
    node.end()


def pages(kentongan, folder, conf, asks):
    token = make_token(kentongan, conf, "read")
    with open(f"{folder}/queries", encoding="utf-8") as file:
        queries = [line.strip() for line in file if line.strip()]
    node = Node(kentongan, conf)
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/html"}
    rng, links = random.Random(2), []

    def ask(name, paths):
        times = []
        for path in paths:
            begun = time.perf_counter()
            status, answer = node.ask("GET", path, headers)
            times.append((time.perf_counter() - begun) * 1e3)
            if status != 200:
                sys.exit(f"edge.py: {path} was answered with {status}: {answer[:300]!r}")
            links.extend(re.findall(rb'href="(/objects/\d+)"', answer))
        print(f"{name}-ms {high(times):.1f}", flush=True)

    ask("list", ["/intelligence", "/intelligence?type=indicator"] * (asks // 2))
    ask("find", ["/intelligence?q=" + rng.choice(queries).replace(" ", "+") for _ in range(asks)])
    found = [link.decode() for link in links]
    ask("object", [rng.choice(found) for _ in range(asks)])
    node.end()


def desk(kentongan, folder, conf, asks, numbers):
    token = make_token(kentongan, conf, "read", "duty-officer")
    with open(f"{folder}/queries", encoding="utf-8") as file:
        queries = [line.strip().replace(" ", "+") for line in file if line.strip()]
    one_core = ["taskset", "-c", "0"] if shutil.which("taskset") else []
    if one_core:
        os.sched_setaffinity(0, set(os.sched_getaffinity(0)) - {0} or {0})
    node = Node(kentongan, conf, one_core)
    node.settle()
    headers = {"Authorization": f"Bearer {token}", "Accept": "text/html"}
    rng = random.Random(3)
    kinds = {
        "incidents": ["/incidents", "/incidents?show=all", "/incidents?show=closed"],
        "incident-search": [f"/incidents?q={query}" for query in queries],
        "incident": [f"/incidents/{number}" for number in range(1, numbers + 1)],
        "tasks": ["/tasks"],
        "duties": ["/duties"],
        "reports": ["/reports"],
        "report-search": [f"/reports?q={query}" for query in queries],
        "report": [f"/reports/{number}" for number in range(1, numbers + 1)],
        "board": ["/board"],
    }
    for name, paths in kinds.items():
        times, missing = [], 0
        for _ in range(asks):
            begun = time.perf_counter()
            status, answer = node.ask("GET", rng.choice(paths), headers)
            times.append((time.perf_counter() - begun) * 1e3)
            missing += status == 404
            if status not in (200, 404):
                sys.exit(f"edge.py: {name} was answered with {status}: {answer[:300]!r}")
        # What is restricted is not there for a duty officer; a page that is never there is none of this node's.
        if missing == asks:
            print(f"{name}-ms absent", flush=True)
        else:
            print(f"{name}-ms {high(times):.1f} {median(times):.1f} {max(times):.1f}", flush=True)
    node.end()


def main():
    kentongan, folder, what, *rest = sys.argv[1:]
    if what == "taxii":
        taxii(kentongan, folder, [int(step) for step in rest])
    elif what == "desk":
        desk(kentongan, folder, rest[0], int(rest[1]), int(rest[2]))
    else:
        pages(kentongan, folder, rest[0], int(rest[1]))


main()
