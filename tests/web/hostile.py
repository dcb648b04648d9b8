#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that want no good, against the server of src/http: hostile.py PROGRAM, which is built from served.c.

Each ambiguous request carries a second one, /evil, where some reader or other would find it. It never reaches a
handler, the connection ends, and others are served meanwhile.
"""
import os
import re
import resource
import socket
import sys
import time

from served import LIMIT, Served, expect, hear, run, say, wait_for
from shapes import AMBIGUOUS, BEHIND_A_BODY, EVIL, GET, LENGTH, POST, status_of

PROGRAM = sys.argv[1]
IDLE = int(os.environ.get("IDLE_CONNECTIONS", "2000"))
HEAD = re.compile(rb"HTTP/1\.1 \d{3} ")


def send(served, data, pieces=1):
    """What comes back, when the data is sent in so many pieces."""
    with served.dial() as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        size = max(1, -(-len(data) // pieces))
        for begin in range(0, len(data), size):
            say(sock, data[begin:begin + size])
            if pieces > 1:
                time.sleep(0.002)
        return hear(sock)


def check(served, name, data, statuses, pieces):
    answer, ended = send(served, data, pieces)
    expect(ended, f"{name}: the connection stays open, after {answer!r}")
    # A length that it cannot read, libmicrohttpd refuses itself, and writes the head of its page twice.
    most = 2 if b"wrong value for <b>Content-Length</b>" in answer or b"too large" in answer else 1
    expect(len(HEAD.findall(answer)) <= most, f"{name}: more than one answer: {answer!r}")
    expect(status_of(answer) in statuses, f"{name}: not {statuses}: {answer[:200]!r}")
    counts = served.counts()
    expect(counts["evil"] == 0, f"{name}: the second request reached a handler")


def ambiguous_requests_are_refused_and_nothing_follows():
    with Served(PROGRAM, header_ms=1000) as served:
        for name, (data, statuses) in AMBIGUOUS.items():
            check(served, name, data, statuses, 1)
        counts = served.counts()
        expect(counts["answered"] == 0, f"a handler was asked: {counts}")
        expect(counts["ambiguous"] >= 70, f"they are not counted: {counts}")
        served.works()


def the_same_in_pieces():
    with Served(PROGRAM, header_ms=3000) as served:
        for name, (data, statuses) in AMBIGUOUS.items():
            if len(data) < 1000:
                check(served, name, data, statuses, 7)
        for name in ("a NUL before LF", "a bare LF at the end", "a folded length"):
            check(served, name, *AMBIGUOUS[name], 1000)
        served.works()


def the_same_behind_a_good_request():
    with Served(PROGRAM, header_ms=1000) as served:
        for name, (data, statuses) in AMBIGUOUS.items():
            with served.dial() as sock:
                sock.sendall(GET + b"\r\n")
                answer, _ = hear(sock, until=b"GET /g\nbody 0\n")
                expect(b"Connection: close" not in answer, f"{name}: closed already: {answer!r}")
                say(sock, data)
                answer, ended = hear(sock)
                expect(ended and status_of(answer) in statuses, f"{name}: {answer[:200]!r}")
        expect(served.counts()["evil"] == 0, "a second request reached a handler")


def nothing_is_read_behind_a_body_in_chunks():
    with Served(PROGRAM, body_ms=1000) as served:
        for name, body in BEHIND_A_BODY.items():
            answer, ended = send(served, POST + b"Transfer-Encoding: chunked\r\n\r\n" + body)
            expect(ended, f"{name}: the connection stays open, after {answer!r}")
            expect(served.counts()["evil"] == 0, f"{name}: the second request reached a handler: {answer!r}")
        served.works()


def requests_that_come_together_are_not_taken():
    with Served(PROGRAM) as served:
        answer, ended = send(served, GET + b"\r\n" + EVIL)
        expect(ended and b"GET /g\n" in answer and b"Connection: close" in answer, repr(answer))
        answer, ended = send(served, POST + b"Content-Length: 3\r\n\r\nabc" + EVIL)
        expect(ended and b"body 3\n" in answer and b"Connection: close" in answer, repr(answer))
        answer, ended = send(served, POST + b"Content-Length: 3\r\n\r\nabc\r\n")
        expect(ended and b"body 3\n" in answer and b"Connection: close" in answer, repr(answer))
        expect(served.counts()["evil"] == 0, "the second request reached a handler")


def a_second_request_in_a_body_is_a_body():
    with Served(PROGRAM) as served:
        with served.dial() as sock:
            for _ in range(3):
                sock.sendall(POST + b"Content-Length: " + LENGTH + b"\r\n\r\n" + EVIL)
                answer, _ = hear(sock, until=b"body %d\n" % len(EVIL))
                expect(b"Connection: close" not in answer, repr(answer))
        expect(served.counts()["evil"] == 0, "the body reached a handler as a request")


def good_requests_of_all_shapes_are_answered():
    good = [
        b"GET /g HTTP/1.1\r\nhOST: A.Example:8080\r\n\r\n",
        b"GET /g HTTP/1.1\r\nHost: [2001:db8::1]:443\r\n\r\n",
        b"GET /g HTTP/1.1\r\nHost: 192.0.2.1\r\n\r\n",
        b"GET /g?match[id]=a&match%5Btype%5D=b HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /g?a=%00%ff//../ HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /g?k=\u00e9 HTTP/1.1\r\nHost: a\r\n\r\n".encode(),
        b"GET /g HTTP/1.1\r\nHost: a\r\nX-Empty:\r\nX-Tab:\ta\tb\t\r\nX-Dup: 1\r\nX-Dup: 2\r\n\r\n",
        "GET /g HTTP/1.1\r\nHost: a\r\nX-Name: \u00e9\r\n\r\n".encode("latin-1"),
        b"HEAD /g HTTP/1.1\r\nHost: a\r\n\r\n",
        b"DELETE /g HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /g HTTP/1.1\r\nHost: a\r\n" + b"X: 1\r\n" * 63 + b"\r\n",
        b"GET /" + b"g" * 8000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"POST /g HTTP/1.1\r\nHost: a\r\nContent-Length: 007\r\n\r\n1234567",
    ]
    with Served(PROGRAM) as served, served.dial() as sock:
        for request in good:
            sock.sendall(request)
            answer, ended = hear(sock, until=b"\r\n\r\n")
            expect(answer.startswith(b"HTTP/1.1 200 ") and not ended, f"{request[:60]!r}: {answer!r}")
            time.sleep(0.01)
            hear(sock, 0.05)
    with Served(PROGRAM) as served:
        answer, ended = send(served, b"GET /g HTTP/1.0\r\n\r\n")
        expect(status_of(answer) == 200 and ended, repr(answer))
        answer, ended = send(served, b"GET /g HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        expect(status_of(answer) == 200 and ended, repr(answer))


def ceilings_of_bodies_hold():
    with Served(PROGRAM, body=5000) as served:
        with served.dial() as sock:  # it is read over, and the connection usable still
            sock.sendall(POST + b"Content-Length: 5001\r\n\r\n" + b"x" * 5001)
            answer, _ = hear(sock, until=b"too large\n")
            expect(status_of(answer) == 413 and b"Connection: close" not in answer, repr(answer))
            sock.sendall(GET + b"\r\n")
            expect(status_of(hear(sock, until=b"body 0\n")[0]) == 200, "it is not usable any more")
        answer, ended = send(served, POST + b"Content-Length: 50000000\r\n\r\n" + b"x" * 1000)
        expect(status_of(answer) == 413 and ended, repr(answer))
        chunks = b"1000\r\n" + b"x" * 4096 + b"\r\n"
        answer, ended = send(served, POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks * 2 + b"0\r\n\r\n")
        expect(status_of(answer) == 413 and ended, repr(answer))
        answer, ended = send(served, POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks * 2000)
        expect(ended, "a body without end is read on and on")
        answer, _ = send(served, POST + b"Connection: close\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5000)
        expect(status_of(answer) == 200, repr(answer))
        expect(served.counts()["too_large"] == 4, "they are not counted")
        served.works()


def all_bodies_together_have_a_ceiling():
    with Served(PROGRAM, body=10000000, bodies=3000000) as served:
        socks = [served.dial() for _ in range(3)]
        for sock in socks:
            sock.sendall(POST + b"Content-Length: 1000001\r\n\r\n" + b"x" * 1000000)
        wait_for(lambda: served.counts()["bytes_in"] == 3000000, LIMIT, "the bodies do not arrive")
        answer, ended = send(served, POST + b"Content-Length: 1000000\r\n\r\n" + b"x" * 1000000)
        expect(status_of(answer) == 503 and b"Retry-After: " in answer and ended, repr(answer[:300]))
        for sock in socks:
            say(sock, b"x")
            sock.close()
        served.works()
        answer, _ = send(served, POST + b"Connection: close\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1000000)
        expect(status_of(answer) == 200, repr(answer[:300]))


def slow_heads_are_cut_off():
    with Served(PROGRAM, header_ms=600) as served:
        with served.dial() as silent, served.dial() as sock:
            begin = time.monotonic()
            for byte in GET + b"X: " + b"y" * 10000:
                if hear(sock, 0.02)[1]:
                    break
                say(sock, bytes([byte]))
            expect(0.4 < time.monotonic() - begin < 3, f"cut off after {time.monotonic() - begin:.1f} s")
            expect(hear(silent, 3)[1], "a silent connection stays open")
            served.works()
        expect(served.counts()["slow"] >= 1, "it is not counted")


def slow_bodies_are_cut_off_by_their_rate():
    with Served(PROGRAM, body_ms=500, body_rate=10000) as served:
        for length in (b"Content-Length: 100000\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n186a0\r\n"):
            with served.dial() as sock:
                begin = time.monotonic()
                sock.sendall(POST + length)
                while not hear(sock, 0.02)[1] and time.monotonic() < begin + 10:
                    say(sock, b"x")
                expect(0.3 < time.monotonic() - begin < 4, f"cut off after {time.monotonic() - begin:.1f} s")
        with served.dial() as sock:  # twice as fast as it has to be
            sock.sendall(POST + b"Content-Length: 40000\r\nConnection: close\r\n\r\n")
            for _ in range(40):
                sock.sendall(b"x" * 1000)
                time.sleep(0.05)
            answer, _ = hear(sock)
            expect(b"body 40000\n" in answer, repr(answer))
        expect(served.counts()["slow"] == 2, "they are not counted")


def who_does_not_read_the_answer_is_cut_off():
    with Served(PROGRAM, body_ms=500, body_rate=1 << 26) as served:
        with served.dial() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.sendall(b"GET /huge HTTP/1.1\r\nHost: a\r\n\r\n")
            wait_for(lambda: served.counts()["slow"] == 1, LIMIT, "it is waited for")
            wait_for(lambda: served.counts()["connections"] == 0, LIMIT, "it stays")
        served.works()


def connections_that_are_not_used_again_are_closed():
    with Served(PROGRAM, idle_ms=500, header_ms=5000) as served:
        with served.dial() as sock:
            sock.sendall(GET + b"\r\n")
            hear(sock, until=b"body 0\n")
            begin = time.monotonic()
            expect(hear(sock, 5)[1], "it stays open")
            expect(time.monotonic() - begin > 0.3, "it is closed at once")
        expect(served.counts()["slow"] == 0, "that is no fault of the client")


def an_address_has_so_many_connections():
    with Served(PROGRAM, per_address=5, header_ms=20000) as served:
        socks = [served.dial() for _ in range(5)]
        wait_for(lambda: served.counts()["connections"] == 5, LIMIT, "they are not taken")
        with served.dial() as sock:
            expect(hear(sock)[1], "a sixth one is taken")
        expect(served.counts()["too_many"] == 1, "it is not counted")
        with socket.socket() as other:  # from another address of loopback
            other.bind(("127.0.0.2", 0))
            other.settimeout(LIMIT)
            other.connect(("127.0.0.1", served.port))
            other.sendall(GET + b"Connection: close\r\n\r\n")
            expect(status_of(hear(other)[0]) == 200, "others are not served")
        for sock in socks:
            sock.close()
        wait_for(lambda: served.counts()["connections"] == 0, LIMIT, "they do not go")
        served.works()


def idle_connections_harm_nobody():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = min(IDLE, hard - 200)
    with Served(PROGRAM, per_address=count + 10, header_ms=60000) as served:
        socks = [served.dial() for _ in range(count)]
        for sock in socks[::2]:
            sock.sendall(b"GET /g HTT")
        wait_for(lambda: served.counts()["connections"] == count, 20, "they are not taken")
        begin = time.monotonic()
        for _ in range(50):
            served.works()
        expect(time.monotonic() - begin < 10, f"50 requests took {time.monotonic() - begin:.1f} s")
        for sock in socks:
            sock.close()
        wait_for(lambda: served.counts()["connections"] == 0, 20, "they do not go")
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def who_waits_makes_room_when_there_is_little():
    with Served(PROGRAM, connections=20, per_address=100, header_ms=60000) as served:
        with served.dial() as busy:
            busy.sendall(POST + b"Content-Length: 10\r\n\r\nabc")
            socks = [served.dial() for _ in range(19)]
            wait_for(lambda: served.counts()["connections"] == 20, LIMIT, "they are not taken")
            served.works()
            busy.sendall(b"defghij")
            expect(status_of(hear(busy, until=b"body 10\n")[0]) == 200, "who was at work had to go")
        expect(served.counts()["too_many"] >= 1, "it is not counted")
        for sock in socks:
            sock.close()


def requests_that_wait_have_a_ceiling():
    with Served(PROGRAM, workers=1, waiting=3) as served:
        served.ask("counts")
        served.command("hold")
        socks = [served.dial() for _ in range(8)]
        for number, sock in enumerate(socks):  # the first is at work
            sock.sendall(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            wait_for(lambda: served.counts()["waiting"] + served.counts()["too_many"] >= number, LIMIT, "it is not there")
        wait_for(lambda: served.counts()["too_many"] == 4, LIMIT, "no ceiling")
        expect(served.counts()["waiting"] == 3, "they do not wait")
        for sock in socks[4:]:
            answer, _ = hear(sock, until=b"\r\n\r\n")
            expect(status_of(answer) == 503 and b"Retry-After: " in answer, repr(answer))
        served.command("release")
        for sock in socks[:4]:
            answer, _ = hear(sock, until=b"\r\n\r\n")
            expect(status_of(answer) == 200, repr(answer))
            sock.close()


def open_stream(served):
    sock = served.dial()
    sock.sendall(b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
    answer, _ = hear(sock, until=b"\r\n\r\n")
    expect(b"Content-Type: text/event-stream\r\n" in answer and b"chunked" in answer, repr(answer))
    return sock


def streams_bring_what_is_put_into_them():
    with Served(PROGRAM, threads=2) as served:
        socks = [open_stream(served) for _ in range(50)]
        wait_for(lambda: served.counts()["streams"] == 50, LIMIT, "they are not counted")
        for event in range(20):
            expect(served.ask(f"put event {event};") == "put 50", "not all are reached")
        for sock in socks:
            answer, _ = hear(sock, until=b"event 19;")
            places = [answer.index(b"event %d;" % event) for event in range(20)]
            expect(places == sorted(places), "not in order")
        served.works()
        served.end(2000)
        for sock in socks:
            answer, ended = hear(sock)
            expect(ended and answer.endswith(b"0\r\n\r\n"), f"it does not end: {answer!r}")


def streams_of_clients_that_vanished_end():
    with Served(PROGRAM, heartbeat_ms=300, stream=200000) as served:
        gone, deaf, well = open_stream(served), open_stream(served), open_stream(served)
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        gone.close()
        wait_for(lambda: served.counts()["streams"] == 2, LIMIT, "who is gone is not noticed")
        expect(b":\n\n" in hear(well, 5, until=b":\n\n")[0], "no heartbeat")
        for _ in range(1000):  # until the sockets are full, and what may wait is, too
            reached = served.ask("put " + "x" * 60000 + ";")
            hear(well, 5, until=b";")
            if reached == "put 1":
                break
        expect(reached == "put 1", "what waits has no end")
        wait_for(lambda: served.counts()["streams"] == 1, LIMIT, "who does not read is waited for")
        served.ask("put last;")
        expect(hear(well, 5, until=b"last;")[0].endswith(b"last;\r\n"), "the others do not get on")
        deaf.close()
        well.close()


def clients_of_streams_come_and_go_while_events_do():
    with Served(PROGRAM, threads=2, heartbeat_ms=200) as served:
        socks = []
        for turn in range(240):  # the server of this test takes 256 of them
            sock = served.dial()
            sock.sendall(b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n")
            socks.append(sock)
            served.ask(f"put event {turn};")
            if turn % 3 == 0:
                socks.pop(turn % len(socks)).close()
            served.ask("put once more;")
        while socks:
            socks.pop(len(socks) // 2).close()
            served.ask("put again;")
        wait_for(lambda: served.counts()["connections"] == 0, LIMIT, "they do not end")
        served.works()


def answers_under_way_are_given_before_the_end():
    with Served(PROGRAM) as served:
        served.command("hold")
        with served.dial() as busy, served.dial() as idle:
            idle.sendall(GET + b"\r\n")
            hear(idle, until=b"body 0\n")
            busy.sendall(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
            wait_for(lambda: served.counts()["answered"] == 2, LIMIT, "it does not arrive")
            served.command("release")
            served.end(5000)
            answer, ended = hear(busy)
            expect(status_of(answer) == 200 and b"Connection: close" in answer and ended, repr(answer))
            expect(hear(idle)[1], "an idle connection stays")


def it_ends_in_the_middle_of_everything():
    with Served(PROGRAM, threads=2) as served:
        socks = [served.dial() for _ in range(30)]
        for number, sock in enumerate(socks):
            sock.sendall((GET, POST + b"Content-Length: 50\r\n\r\nabc", b"GET /huge HTTP/1.1\r\nHost: a\r\n\r\n",
                          b"GET /stream HTTP/1.1\r\nHost: a\r\n\r\n", b"")[number % 5])
        begin = time.monotonic()
        served.end(300)
        expect(time.monotonic() - begin < 5, "it takes too long")
        for sock in socks:
            sock.close()


def forms_of_browsers_are_understood():
    body = (b'--xYz\r\nContent-Disposition: form-data; name="a"\r\n\r\none\r\n'
            b'--xYz\r\nContent-Disposition: form-data; name="f"; filename="C:\\dir\\list.txt"\r\n'
            b'Content-Type: text/plain\r\n\r\n192.0.2.1\r\n--xY\r\n--xYz--\r\n')
    head = b"POST /form HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: "
    with Served(PROGRAM) as served:
        answer, _ = send(served, head + b"multipart/form-data; boundary=xYz\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        expect(b"field a=one file= type=\n" in answer, repr(answer))
        expect(b"field f=192.0.2.1\r\n--xY file=list.txt type=text/plain\n" in answer, repr(answer))
        body = b"a=1+2&b=%E2%9C%93&a="
        answer, _ = send(served, head + b"application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        expect("field a=1 2 file= type=\nfield b=\u2713 file= type=\nfield a= file= type=\n".encode() in answer, repr(answer))


sys.exit(run([
    good_requests_of_all_shapes_are_answered,
    ambiguous_requests_are_refused_and_nothing_follows,
    the_same_in_pieces,
    the_same_behind_a_good_request,
    nothing_is_read_behind_a_body_in_chunks,
    requests_that_come_together_are_not_taken,
    a_second_request_in_a_body_is_a_body,
    ceilings_of_bodies_hold,
    all_bodies_together_have_a_ceiling,
    slow_heads_are_cut_off,
    slow_bodies_are_cut_off_by_their_rate,
    who_does_not_read_the_answer_is_cut_off,
    connections_that_are_not_used_again_are_closed,
    an_address_has_so_many_connections,
    idle_connections_harm_nobody,
    who_waits_makes_room_when_there_is_little,
    requests_that_wait_have_a_ceiling,
    streams_bring_what_is_put_into_them,
    streams_of_clients_that_vanished_end,
    clients_of_streams_come_and_go_while_events_do,
    answers_under_way_are_given_before_the_end,
    it_ends_in_the_middle_of_everything,
    forms_of_browsers_are_understood,
]))
