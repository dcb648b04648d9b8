# SPDX-License-Identifier: Apache-2.0
"""Runs the server of served.c, and speaks to it: what hostile.py and tls.py have in common, and their TAP."""
import json
import select
import socket
import subprocess
import sys
import time

LIMIT = 10  # seconds that an answer may take


class Served:
    """One server, for as long as the `with` block."""

    def __init__(self, program, **settings):
        self.errors = []
        self.process = subprocess.Popen(
            [program] + [f"{name}={value}" for name, value in settings.items()], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.process.stdout.readline().split()
        if not line:
            raise RuntimeError(self.process.stderr.read())
        self.port = int(line[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.end(0)

    def command(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def ask(self, line):
        self.command(line)
        return self.process.stdout.readline().strip()

    def counts(self):
        return json.loads(self.ask("counts"))

    def end(self, wait_ms):
        self.command(f"close {wait_ms}")
        output, errors = self.process.communicate(timeout=60)
        self.errors = errors.splitlines()
        if "closed" not in output or self.process.returncode != 0:
            raise AssertionError(f"the server ended with {self.process.returncode}: {errors}")

    def dial(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=LIMIT)

    def works(self):
        """Whether others are served; raises if not."""
        with self.dial() as sock:
            sock.sendall(b"GET /good HTTP/1.1\r\nHost: a.example\r\nConnection: close\r\n\r\n")
            answer, ended = hear(sock)
        expect(answer.startswith(b"HTTP/1.1 200 ") and b"GET /good\n" in answer and ended, f"others get {answer!r}")


def hear(sock, seconds=LIMIT, until=None):
    """All that comes, and whether the other side closed."""
    answer, end = b"", time.monotonic() + seconds
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    while until is None or until not in answer:
        if not poll.poll(max(0, end - time.monotonic()) * 1000):
            return answer, False
        try:
            piece = sock.recv(65536)
        except ConnectionError:
            return answer, True
        if not piece:
            return answer, True
        answer += piece
    return answer, False


def say(sock, data):
    """As far as the other side takes it."""
    try:
        sock.sendall(data)
    except (ConnectionError, TimeoutError):
        pass


def expect(true, why):
    if not true:
        raise AssertionError(why)


def wait_for(condition, seconds, why):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(why)
        time.sleep(0.02)


def run(tests):
    """Each test is a function whose name is a sentence."""
    failed = 0
    print(f"1..{len(tests)}")
    for number, test in enumerate(tests, 1):
        name, begin = test.__name__.replace("_", " "), time.monotonic()
        try:
            test()
            print(f"ok {number} - {name} ({time.monotonic() - begin:.1f} s)")
        except Exception as error:  # pylint: disable=broad-except
            failed += 1
            print(f"not ok {number} - {name}")
            for line in f"{type(error).__name__}: {error}".splitlines():
                print(f"# {line}")
        sys.stdout.flush()
    return 1 if failed else 0
