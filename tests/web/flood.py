#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""flood.py NODE PID URL TOKENS SECONDS TIMES: four organisations send TIMES what the node can take, by every way in, for
SECONDS, while each of many others has one event that meets an indicator. Prints "NAME VALUES" lines.

NODE is a folder that holds node/ (served by PID at URL), mails/ and hooks/ (what a mail server and webhooks took), and the
places of scene 88: socket, reports/, others (lines "NAME INLET PLACE DOMAIN TOLD"). TOKENS has a port and keys: "syslog
PORT", "post KEY" (of who floods), "all KEY" (may send for everybody), "read KEY" (may see the board).

    took EVENTS                    a second, by both sockets together, before the flood
    refused POSTS                  that were told to come again
    offered STREAM EVENTS          a second, by each socket
    memory KIB KIB                 of the process at its most: before, and in all
    sent STREAM EVENTS TAKEN MALFORMED SHED BYTES    all that was ever sent, what became of it, and what of it lay on disk
                                   at the most
    came NAME PLACE MS MS MS MS    from the event until it was counted, to the warning, to its mail or webhook, to the
                                   board; - for what never came
    silent NAME PLACE MS MS MS MS  the same of those whose webhook never answers
"""
import glob
import http.client
import json
import multiprocessing
import os
import re
import socket
import sqlite3
import sys
import threading
import time

FOLDER, PID, URL, TOKENS, SECONDS, TIMES = sys.argv[1:7]
SECONDS, TIMES = float(SECONDS), float(TIMES)
PIECE = 4000                # lines that are sent at once
TRIAL = 75 * PIECE          # by each socket, for how much the node takes
FILE = 5 * PIECE            # lines of a report
WAITING = 40 * PIECE        # lines of reports that wait at the most: there is always one
METS = 200                  # indicators that the flood meets
PATIENCE_S = 90
DATABASE = f"file:{FOLDER}/node/node.db?mode=ro"
KEYS = dict(line.split() for line in open(TOKENS, encoding="ascii"))
HOST = URL.split("//")[1].strip("/")


# ---- What is sent ----

def moment():
    return time.strftime("%Y-%m-%dT%H:%M:%S.000000+0000", time.gmtime())


def query(number):
    """What a resolver logs. Nearly all meet an indicator, which is the dearest that an event can be; every thousandth is no
    event."""
    if number % 1000 == 999:
        return "no event\n"
    if number % 10 != 5:
        return dns(f"m{number % METS}.banjir.example", f"10.1.{number % 250}.{number % 240}")
    return dns(f"h{number}.ruang{number % 50}.gedung{number % 7}.example", f"10.1.{number % 200}.3")


def dns(name, source):
    return (f'{{"timestamp":"{moment()}","event_type":"dns","src_ip":"{source}","dest_ip":"192.0.2.53","dns":'
            f'{{"type":"query","rrname":"{name}"}}}}\n')


def text(lines, wrap=lambda line: line):
    return "".join(wrap(query(number)) for number in range(lines)).encode()


def as_syslog(line):
    return time.strftime("<13>%b %d %H:%M:%S ruang1 suricata: ", time.gmtime()) + line


def unix(path):
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(PATIENCE_S)
    connection.connect(path)
    return connection


def tcp(port):
    return socket.create_connection(("127.0.0.1", int(port)), timeout=PATIENCE_S)


def end(connection):
    """What was said is not lost by closing: the node closes when it has read the end."""
    connection.shutdown(socket.SHUT_WR)
    connection.recv(1)
    connection.close()


# ---- What the node says ----

def rows(query, *values):
    with sqlite3.connect(DATABASE, uri=True, timeout=PATIENCE_S) as db:
        return db.execute(query, values).fetchall()


def counted(stream):
    """Taken, malformed, let go."""
    return (rows("SELECT events, malformed, shed FROM stream WHERE name = ?", stream) or [(0, 0, 0)])[0]


def wait_for(stream, lines):
    limit = time.monotonic() + PATIENCE_S
    while sum(counted(stream)) < lines and time.monotonic() < limit:
        time.sleep(0.02)


def peak_kib():
    with open(f"/proc/{PID}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


# ---- Who floods ----

SOCKETS = {"Melati/eve": lambda: unix(f"{FOLDER}/socket"), "Kenanga/syslog": lambda: tcp(KEYS["syslog"])}
WRAPS = {"Melati/eve": lambda line: line, "Kenanga/syslog": as_syslog}


def pour(stream, rate, seconds, most, sent):
    """So many lines a second, and what it is behind as soon as it may; at the most so many."""
    piece = text(PIECE, WRAPS[stream])
    connection = SOCKETS[stream]()
    begun, lines = time.monotonic(), 0
    while lines < most and time.monotonic() - begun < seconds:
        if lines > rate * (time.monotonic() - begun):
            time.sleep(0.002)
            continue
        connection.sendall(piece)
        lines += PIECE
    end(connection)
    sent.value += lines


def flood_sockets(rate, seconds, most, sent):
    pours = [multiprocessing.Process(target=pour, args=(stream, rate, seconds, most, sent[stream])) for stream in SOCKETS]
    for process in pours:
        process.start()
    return pours


def post(key, stream, body):
    connection = http.client.HTTPConnection(HOST, timeout=PATIENCE_S)
    connection.request("POST", f"/ingest?stream={stream}&format=eve", body,
                       {"Authorization": f"Bearer {key}", "Content-Type": "application/x-ndjson"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def flood_posts(until, sent):
    piece, refused = text(PIECE), 0
    while time.monotonic() < until:
        status = post(KEYS["post"], "ingest", piece)
        if status == 202:
            sent.value += PIECE
        elif status == 429:
            refused += 1
            time.sleep(0.01)
        else:
            sys.exit(f"flood.py: a post was answered with {status}")
    print(f"refused {refused}", flush=True)


def flood_folder(until, sent):
    """Each file is another one, by its first line."""
    number = 0
    body = text(FILE - 1)
    while time.monotonic() < until:
        if sent.value - sum(counted("Seroja/reports")) > WAITING:
            time.sleep(0.05)
            continue
        number += 1
        with open(f"{FOLDER}/reports/.part", "wb") as file:
            file.write(dns(f"file-{number}.example", "10.1.2.3").encode() + body)
        os.rename(f"{FOLDER}/reports/.part", f"{FOLDER}/reports/{number:05}.json")
        sent.value += FILE


# ---- The others ----

def tell(_, inlet, place, domain, __):
    """One event of that organisation's sensor; when it was on its way."""
    line = dns(domain, "10.9.8.7")
    if inlet == "unix":
        connection = unix(place)
    elif inlet == "syslog":
        connection, line = tcp(place), as_syslog(line)
    begun = time.time()
    if inlet == "post":
        while post(KEYS["all"], place, line.encode()) == 429:
            time.sleep(0.02)
    elif inlet == "file":
        with open(place, "a", encoding="ascii") as file:
            file.write(line)
    else:
        connection.sendall(line.encode())
        end(connection)
    return begun


class Watch(threading.Thread):
    """What lies on disk, and when an organisation first stands on the board."""

    def __init__(self):
        super().__init__()
        self.most, self.seen, self.over = {}, {}, False
        self.start()

    def look_at_disk(self):
        for lane in os.scandir(f"{FOLDER}/node/events"):
            waits = sum(os.stat(path).st_size for path in glob.glob(f"{lane.path}/*") if os.path.exists(path))
            self.most[lane.name] = max(waits, self.most.get(lane.name, 0))

    def look_at_board(self):
        connection = http.client.HTTPConnection(HOST, timeout=PATIENCE_S)
        connection.request("GET", "/board", headers={"Authorization": f"Bearer {KEYS['read']}", "Accept": "application/json"})
        board = json.loads(connection.getresponse().read())
        connection.close()
        for row in board["open"] + board["held"]:
            self.seen.setdefault(row["organisation"]["name"], time.time())

    def run(self):
        while not self.over:
            try:
                self.look_at_disk()
            except FileNotFoundError:
                pass  # it was taken meanwhile
            self.look_at_board()
            time.sleep(0.1)
        self.look_at_board()  # what came last stands there, too


def told():
    """When each organisation got its first mail, or its webhook was posted to."""
    came = {}
    for path in glob.glob(f"{FOLDER}/mails/*.eml") + glob.glob(f"{FOLDER}/hooks/*.eml"):
        with open(path, encoding="utf-8", errors="replace") as message:
            to = re.search(r"^(?:X-Envelope-To: siaga@|POST /)([^.\s]+)", message.read(1000), re.MULTILINE)
        if to:
            came[to[1]] = min(os.stat(path).st_mtime, came.get(to[1], 1e12))
    return came


def taken():
    return {name: us / 1e6 for name, us in rows(
        "SELECT s.name, min(b.taken_us) FROM batch b JOIN stream s ON s.number = b.stream WHERE b.events > 0 GROUP BY 1")}


def warnings():
    return {name: us / 1e6 for name, us in rows(
        "SELECT n.name, min(w.drafted_us) FROM warning w JOIN organisation_name n ON n.organisation = w.organisation "
        "AND n.until_us IS NULL GROUP BY 1")}


def ms(begun, when):
    return "-" if when is None else f"{(when - begun) * 1000:.0f}"


# ---- All of it ----

def trial():
    sent = {stream: multiprocessing.Value("q") for stream in SOCKETS}
    begun = time.monotonic()
    pours = flood_sockets(1e12, PATIENCE_S, TRIAL, sent)
    for stream in SOCKETS:
        wait_for(stream, TRIAL)
    rate = len(SOCKETS) * TRIAL / (time.monotonic() - begun)
    for process in pours:
        process.join()
    print(f"took {rate:.0f}", flush=True)
    return rate


def main():
    with open(f"{FOLDER}/others", encoding="ascii") as file:
        others = [line.split() for line in file]
    before = peak_kib()
    rate = trial() * TIMES / len(SOCKETS)
    sent = {stream: multiprocessing.Value("q") for stream in [*SOCKETS, "Anggrek/ingest", "Seroja/reports"]}
    start, begun = time.monotonic(), {}
    flooding = flood_sockets(rate, SECONDS, 1e15, sent)  # before there are threads, which no process can take along
    watch = Watch()
    for target, stream in ((flood_posts, "Anggrek/ingest"), (flood_folder, "Seroja/reports")):
        flooding.append(threading.Thread(target=target, args=(start + SECONDS, sent[stream])))
        flooding[-1].start()
    for number, other in enumerate(others):
        time.sleep(max(0, start + SECONDS * (number + 0.5) / len(others) - time.monotonic()))
        begun[other[0]] = tell(*other)
    for one in flooding:
        one.join()
    took = time.monotonic() - start
    for stream in SOCKETS:
        print(f"offered {stream} {sent[stream].value / took:.0f}")
    limit = time.monotonic() + 10
    awaited = {name for name, *_, how in others if how != "silent"}
    while not awaited <= told().keys() and time.monotonic() < limit:
        time.sleep(0.1)
    watch.over = True
    watch.join()
    print(f"memory {before} {peak_kib()}")
    for stream, lines in sent.items():
        lines = lines.value + (TRIAL if stream in SOCKETS else 0)
        wait_for(stream, lines)
        number = rows("SELECT number FROM stream WHERE name = ?", stream)[0][0]
        print(f"sent {stream} {lines}", *counted(stream), watch.most.get(str(number), 0))
    times = taken(), warnings(), told(), watch.seen
    for name, inlet, _, _, how in others:
        print("silent" if how == "silent" else "came", name, inlet, *(ms(begun[name], came.get(name)) for came in times))


main()
