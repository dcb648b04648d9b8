#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What sends to a node in scenes, and looks what came of it. Text to send comes from standard input.

    sensor.py unix PATH                        by a Unix socket
    sensor.py tcp PORT lines|counted           as syslog (RFC 6587), each line a message
    sensor.py tls PORT CA [CERTIFICATE KEY]    counted, over TLS (RFC 5425); "refused" if the node does not take it
    sensor.py flood PATH SECONDS               the same text again and again; says how many lines the node took
    sensor.py await DATABASE STREAM EVENTS     until so many were counted; says "EVENTS MALFORMED SHED"
    sensor.py settled DATABASE STREAM ALL      the same when taken and let go are so many together
    sensor.py counts DATABASE STREAM           "ORGANISATION CLASS EVENTS" for each
    sensor.py port                             one that is free
"""
import socket
import sqlite3
import ssl
import sys
import time

PATIENCE_S = 10


def counted(text):
    return b''.join(b'%d %s' % (len(line), line) for line in text.splitlines())


def tcp(port):
    return socket.create_connection(('127.0.0.1', int(port)), timeout=PATIENCE_S)


def end(connection):
    """What was said is not lost by closing: the node closes when it has read the end."""
    connection.shutdown(socket.SHUT_WR)
    connection.recv(1)
    connection.close()


def unix(path):
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(PATIENCE_S)
    connection.connect(path)
    return connection


def tls(port, ca, *pair):
    context = ssl.create_default_context(cafile=ca)
    if pair:
        context.load_cert_chain(*pair)
    text = counted(sys.stdin.buffer.read())
    try:
        with context.wrap_socket(tcp(port), server_hostname='localhost') as connection:
            connection.sendall(text)
            connection.unwrap()  # with TLS 1.3 a refusal comes after the handshake
    except (ssl.SSLError, OSError):
        print('refused')


def flood(path, seconds):
    text = sys.stdin.buffer.read()
    lines, until, sent = text.count(b'\n'), time.monotonic() + float(seconds), 0
    connection = unix(path)
    while time.monotonic() < until:
        connection.sendall(text)
        sent += lines
    end(connection)
    print(sent)


def row(database, stream):
    with sqlite3.connect(f'file:{database}?mode=ro', uri=True, timeout=PATIENCE_S) as db:
        return db.execute('SELECT events, malformed, shed FROM stream WHERE name = ?', [stream]).fetchone()


def until(database, stream, events, shed=False):
    limit = time.monotonic() + PATIENCE_S
    while True:
        found = row(database, stream) or (0, 0, 0)
        if found[0] + (found[2] if shed else 0) >= int(events) or time.monotonic() > limit:
            print(*found)
            return
        time.sleep(0.01)


def settled(database, stream, events):
    until(database, stream, events, True)


def counts(database, stream):
    with sqlite3.connect(f'file:{database}?mode=ro', uri=True, timeout=PATIENCE_S) as db:
        for found in db.execute(
                "SELECT coalesce(n.name, '-'), c.class, sum(c.events) FROM event_count c JOIN stream s "
                'ON s.number = c.stream LEFT JOIN organisation_name n ON n.organisation = c.organisation '
                'AND n.until_us IS NULL '
                'WHERE s.name = ? GROUP BY 1, 2 ORDER BY 1, 2', [stream]):
            print(*found)


def main(verb, *words):
    if verb == 'unix':
        connection = unix(*words)
        connection.sendall(sys.stdin.buffer.read())
        end(connection)
    elif verb == 'tcp':
        text = sys.stdin.buffer.read()
        connection = tcp(words[0])
        connection.sendall(counted(text) if words[1] == 'counted' else text)
        end(connection)
    elif verb == 'port':
        with socket.socket() as probe:
            probe.bind(('127.0.0.1', 0))
            print(probe.getsockname()[1])
    else:
        {'tls': tls, 'flood': flood, 'await': until, 'settled': settled, 'counts': counts}[verb](*words)


main(*sys.argv[1:])
