#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Links between nodes that are as bad as one likes: links.py SEED PORT...

For each PORT of a node on 127.0.0.1 it listens on another one and says "port N"; then "ready". What comes goes on
request by request. Lines on standard input change that, for all links or for the one whose place stands before it:

    cut             nobody answers any more          mend            all is well again
    delay MS        each request takes so much longer, and so does each answer
    lose P          with this probability a request is dropped before anybody sees it
    forget P        it is done, and its answer is dropped
    truncate P      half of the answer comes
    double P        it is done twice; the second answer comes
    record FOLDER   from now on every request and answer is kept: FOLDER/N.requests, FOLDER/N.answers
    count           says "done N lost N forgotten N truncated N doubled N"

The end of standard input ends it.
"""
import http.client
import os
import random
import socket
import socketserver
import sys
import threading
import time

BYTES_MAX = 64 << 20
FAULTS = ("lose", "forget", "truncate", "double")
WORDS = {"lose": "lost", "forget": "forgotten", "truncate": "truncated", "double": "doubled"}


class Link:
    """One way to a node."""

    def __init__(self, place, target, seed):
        self.place = place
        self.target = target
        self.random = random.Random(seed * 1000 + place)
        self.lock = threading.Lock()
        self.down = False
        self.delay = 0.0
        self.chances = dict.fromkeys(FAULTS, 0.0)
        self.counts = dict.fromkeys(("done",) + FAULTS, 0)
        self.folder = None

    def keep(self, what, text):
        if self.folder is not None:
            with self.lock, open(os.path.join(self.folder, f"{self.place}.{what}"), "ab") as kept:
                kept.write(text)

    def fault(self):
        with self.lock:
            for name in FAULTS:
                if self.random.random() < self.chances[name]:
                    self.counts[name] += 1
                    return name
            self.counts["done"] += 1
            return None


def read_request(stream):
    """The bytes of one request, or None at the end."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        line = stream.readline(65536)
        if not line:
            return None
        head += line
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            length = int(value)
    return head + stream.read(min(length, BYTES_MAX))


def answer_of(target, request):
    """Asks the node; the whole answer, as it would come without chunks."""
    method = request.split(b" ", 1)[0].decode()
    with socket.create_connection(("127.0.0.1", target), timeout=30) as node:
        node.sendall(request)
        answer = http.client.HTTPResponse(node, method=method)
        answer.begin()
        body = answer.read()
        lines = [f"HTTP/1.1 {answer.status} {answer.reason}"]
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                lines.append(f"{name}: {value}")
        lines.append(f"Content-Length: {answer.getheader('content-length', '0') if method == 'HEAD' else len(body)}")
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class Handler(socketserver.StreamRequestHandler):
    def handle(self):
        link = self.server.link
        try:
            while not link.down:
                request = read_request(self.rfile)
                if request is None or link.down or not self.carry(link, request):
                    return
        except (OSError, ValueError, http.client.HTTPException):
            return

    def carry(self, link, request):
        """False: the connection ends."""
        fault = link.fault()
        time.sleep(link.delay)
        if fault == "lose":
            return False
        if fault == "double":
            answer_of(link.target, request)
        link.keep("requests", request)
        answer = answer_of(link.target, request)
        link.keep("answers", answer)
        time.sleep(link.delay)
        if fault == "forget" or link.down:
            return False
        if fault == "truncate":
            self.wfile.write(answer[: len(answer) // 2])
            return False
        self.wfile.write(answer)
        return True


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # the other side went away: what links are for


def command(link, words):
    if words[0] in ("cut", "mend"):
        link.down = words[0] == "cut"
        if words[0] == "mend":
            link.chances = dict.fromkeys(FAULTS, 0.0)
    elif words[0] == "record":
        link.folder = words[1]
    elif words[0] == "delay":
        link.delay = float(words[1]) / 1000
    elif words[0] in FAULTS:
        link.chances[words[0]] = float(words[1])
    elif words[0] == "count":
        with link.lock:
            said = [f"done {link.counts['done']}"] + [f"{WORDS[name]} {link.counts[name]}" for name in FAULTS]
        print(" ".join(said), flush=True)


def main():
    seed = int(sys.argv[1])
    links = [Link(place, int(port), seed) for place, port in enumerate(sys.argv[2:])]
    for link in links:
        server = Server(("127.0.0.1", 0), Handler)
        server.link = link
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(f"port {server.server_address[1]}", flush=True)
    print("ready", flush=True)
    for line in sys.stdin:
        words = line.split()
        chosen = links
        if words and words[0].isdigit():
            chosen = [links[int(words[0])]]
            words = words[1:]
        for link in chosen if words else []:
            command(link, words)


main()
