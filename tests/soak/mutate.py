#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""mutate.py SEED <EVENTS: spoils about one line in four, each in one of the ways in which logs are spoiled or in which
somebody would spoil them on purpose. The same seed spoils the same. The first line stays, since in CSV all others hang
on it."""
import random
import sys

# Bytes that mean something to one of the readers.
SHARP = [b'"', b"\\", b"{", b"}", b"[", b"]", b":", b",", b"\0", b"\t", b" ", b"\r", b"\xff", b"\xc0\xaf",
         b"\xed\xa0\x80", b"\\u0000", b"\\ud800", b"\\u002e", b".", b"-", b"0", b"1e999", b"null", b"xn--", b"::",
         b"/", b"[.]", b"hxxp"]


def swap_byte(line, chance):
    at = chance.randrange(len(line))
    return line[:at] + bytes([chance.randrange(256)]) + line[at + 1:]


def insert(line, chance):
    at = chance.randrange(len(line) + 1)
    return line[:at] + chance.choice(SHARP) + line[at:]


def cut_out(line, chance):
    at = chance.randrange(len(line))
    return line[:at] + line[at + chance.randrange(1, 20):]


def repeat(line, chance):
    at = chance.randrange(len(line))
    end = at + chance.randrange(1, 60)
    return line[:end] + line[at:end] + line[end:]


def cut_short(line, chance):
    return line[:chance.randrange(len(line))]


def change_case(line, chance):
    at = chance.randrange(len(line))
    end = at + chance.randrange(1, 30)
    return line[:at] + line[at:end].swapcase() + line[end:]


def join(line, chance):
    return line + line


WAYS = [swap_byte, insert, cut_out, repeat, cut_short, change_case, join]


def main(seed):
    chance = random.Random(seed)
    sys.stdout.buffer.write(sys.stdin.buffer.readline())
    for line in sys.stdin.buffer:
        line = line.rstrip(b"\n")
        while line and chance.random() < 0.25:
            line = chance.choice(WAYS)(line, chance)
        # A newline that was put in makes two lines of one, as it does in a log.
        sys.stdout.buffer.write(line + b"\n")


main(int(sys.argv[1]))
