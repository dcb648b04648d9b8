#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""mutate.py SEED FILE: writes the lines of FILE, every third of them spoiled, each in one or more of the ways in which
logs are spoiled or in which somebody would spoil them on purpose. The same seed spoils the same; it is said on standard
error. The first line stays, since in CSV all others hang on it."""
import random
import sys

# Bytes that mean something to one of the readers.
SHARP = [b'"', b'\\', b'{', b'}', b'[', b']', b':', b',', b'\n', b'\r', b'\t', b' ', b'\0', b'\x7f', b'\x80', b'\xc3',
         b'\xff', b'\xc0\xaf', b'\xe2\x80', b'\xed\xa0\x80', b'\xf4\x90\x80\x80', b'\\"', b'\\/', b'\\u00', b'\\u0000',
         b'\\u002e', b'\\ud800', b'\\ud83e\\udd41', b'true', b'nul', b'null', b'0', b'00', b'-', b'.', b'.5', b'e+',
         b'1e999', b'{}', b'[]', b'"":', b'::', b'/', b'[.]', b'hxxp', b'xn--']


def piece(line, chance):
    """Where a piece begins and ends: a byte as a rule, sometimes a word or most of a line."""
    at = chance.randrange(len(line))
    return at, at + chance.choice([1, 1, 1, 2, 7, 20, 70])


def delete(line, lines, chance):
    at, end = piece(line, chance)
    return line[:at] + line[end:]


def double(line, lines, chance):
    at, end = piece(line, chance)
    return line[:end] + line[at:]


def change_case(line, lines, chance):
    at, end = piece(line, chance)
    return line[:at] + line[at:end].swapcase() + line[end:]


def swap(line, lines, chance):
    at, to = sorted(chance.randrange(len(line)) for _ in range(2))
    line = bytearray(line)
    line[at], line[to] = line[to], line[at]
    return bytes(line)


def flip(line, lines, chance):
    at = chance.randrange(len(line))
    return line[:at] + bytes([line[at] ^ 1 << chance.randrange(8)]) + line[at + 1:]


def change(line, lines, chance):
    at = chance.randrange(len(line))
    return line[:at] + bytes([chance.randrange(256)]) + line[at + 1:]


def insert(line, lines, chance):
    at = chance.randrange(len(line) + 1)
    return line[:at] + chance.choice(SHARP) + line[at:]


def splice(line, lines, chance):
    other = chance.choice(lines)
    return line[:chance.randrange(len(line))] + other[chance.randrange(len(other)):]


def cut(line, lines, chance):
    at = chance.randrange(len(line))
    return line[:at] + b'\n' + line[at:]


def cut_short(line, lines, chance):
    return line[:chance.randrange(len(line))]


def join(line, lines, chance):
    return line + line


WAYS = [delete, double, change_case, swap, flip, change, insert, splice, cut, cut_short, join]


def main(seed, name):
    print('# mutate.py: seed', seed, file=sys.stderr)
    chance = random.Random(seed)
    with open(name, 'rb') as file:
        lines = [line for line in file.read().split(b'\n') if line]
    out = sys.stdout.buffer
    out.write(lines[0] + b'\n')
    for line in lines[1:]:
        while line and chance.random() < 1 / 3:
            line = chance.choice(WAYS)(line, lines, chance)
        out.write(line + b'\n')


main(int(sys.argv[1]), sys.argv[2])
