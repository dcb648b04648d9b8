#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every ambiguous request against a node that listens on 127.0.0.1: knock.py PORT. Prints what was wrong, and how many
were tried; while 200 connections say nothing."""
import re
import socket
import sys

from served import hear, say
from shapes import AMBIGUOUS, BEHIND_A_BODY, EVIL, GET, POST, status_of

HEAD = re.compile(rb"HTTP/1\.1 \d{3} ")
PORT = int(sys.argv[1])
SILENT = 200


def dial():
    return socket.create_connection(("127.0.0.1", PORT), timeout=10)


def send(data):
    with dial() as sock:
        say(sock, data)
        return hear(sock, 15)


def tries():
    for name, (data, statuses) in AMBIGUOUS.items():
        if name not in ("a bare CR at the end",):  # which waits for the deadline of heads
            yield name, data, statuses
    for name, body in BEHIND_A_BODY.items():
        yield name, POST + b"Transfer-Encoding: chunked\r\n\r\n" + body, None
    yield "two together", GET + b"\r\n" + EVIL, {404}


def main():
    silent = [dial() for _ in range(SILENT)]
    count = 0
    for name, data, statuses in tries():
        answer, ended = send(data)
        own_page = b"wrong value for <b>Content-Length</b>" in answer or b"too large" in answer
        count += 1
        if not ended:
            print(f"{name}: the connection stays open after {answer[:200]!r}")
        if len(HEAD.findall(answer)) > (2 if own_page else 1):
            print(f"{name}: a second request was answered: {answer!r}")
        if statuses is not None and status_of(answer) not in statuses:
            print(f"{name}: not {statuses}: {answer[:200]!r}")
    for sock in silent:
        sock.close()
    print(f"{count} tried")


main()
