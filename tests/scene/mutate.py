#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""mutate.py SEED FILE: writes the lines of FILE, every third of them spoiled: bytes deleted, doubled, swapped or put in,
lines spliced with others and cut in two. The same seed spoils the same; it is said on standard error."""
import random
import sys

SHARP = [b'"', b'\\', b'{', b'}', b'[', b']', b':', b',', b'\n', b'\r', b'\t', b' ', b'\0', b'\x7f', b'\x80', b'\xc3',
         b'\xe2\x80', b'\xf4\x90\x80\x80', b'\\"', b'\\u00', b'\\ud83e\\udd41', b'\\/', b'true', b'nul', b'-', b'.5',
         b'e+', b'00', b'{}', b'[]', b'"":']


def delete(line, lines, chance):
    at = chance.randrange(len(line))
    return line[:at] + line[at + chance.choice([1, 1, 1, 2, 7, 70]):]


def double(line, lines, chance):
    at = chance.randrange(len(line))
    end = at + chance.choice([1, 1, 1, 2, 7, 70])
    return line[:end] + line[at:]


def swap(line, lines, chance):
    at, to = sorted(chance.randrange(len(line)) for _ in range(2))
    line = bytearray(line)
    line[at], line[to] = line[to], line[at]
    return bytes(line)


def flip(line, lines, chance):
    at = chance.randrange(len(line))
    return line[:at] + bytes([line[at] ^ 1 << chance.randrange(8)]) + line[at + 1:]


def insert(line, lines, chance):
    at = chance.randrange(len(line) + 1)
    return line[:at] + chance.choice(SHARP) + line[at:]


def splice(line, lines, chance):
    other = chance.choice(lines)
    return line[:chance.randrange(len(line))] + other[chance.randrange(len(other)):]


def cut(line, lines, chance):
    at = chance.randrange(len(line))
    return line[:at] + b'\n' + line[at:]


WAYS = [delete, double, swap, flip, insert, splice, cut]


def main(seed, name):
    print('# mutate.py: seed', seed, file=sys.stderr)
    chance = random.Random(seed)
    with open(name, 'rb') as file:
        lines = [line for line in file.read().split(b'\n') if line]
    out = sys.stdout.buffer
    out.write(lines[0] + b'\n')  # without its header a table is no table
    for line in lines[1:]:
        while line and chance.random() < 1 / 3:
            line = chance.choice(WAYS)(line, lines, chance)
        out.write(line + b'\n')


main(int(sys.argv[1]), sys.argv[2])
