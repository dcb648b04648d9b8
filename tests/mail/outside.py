#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Searches all that left for anybody but citizens for what is of a citizen. For tests.

usage: outside.py FOLDER CITIZENS DOMAIN [PATH]...

FOLDER has mails as sink.py keeps them; CITIZENS has a line for each citizen: address, tab, name. Mails to an address at
DOMAIN go back to who wrote, and are passed over. In all others, and in each PATH (a file of any kind, or a folder with
all that lies in it), neither the domain nor any address, local part or name of a citizen may stand: not in the bytes, in
upper or lower case, not in what they decode to, not as UTF-16, base64, hexadecimal or escapes of URLs, JSON and mails,
not in reverse, not inside what is packed with gzip, and no digest of an address. Prints how many mails were searched,
then a line for each find.
"""
import base64
import email
import email.policy
import hashlib
import json
import os
import quopri
import subprocess
import sys
import tempfile
import urllib.parse
import zlib

UNPACKED_MAX = 64 << 20


def decoded(mail):
    for part in mail.walk():
        if not part.is_multipart():
            yield part.get_payload(decode=True) or b""
        yield "".join(f"{key}: {value}\n" for key, value in part.items()).encode("utf-8", "replace")


def based(raw):
    """In base64 a text stands in one of three ways; without the ends, which what is beside it has a part in."""
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + raw)
        yield coded[4:-4] if before else coded[:-4]
        yield coded[4:-4].translate(bytes.maketrans(b"+/", b"-_"))


def spelt(text):
    """A text in all the ways in which it can be written."""
    raw = text.encode()
    yield from (raw, raw[::-1], raw.hex().encode(), text.encode("utf-16-le"), text.encode("utf-16-be"))
    yield from (urllib.parse.quote(text, safe="").encode(), urllib.parse.quote_plus(text).encode())
    yield from (json.dumps(text)[1:-1].encode(), quopri.encodestring(raw).rstrip(b"=\n"))
    yield from based(raw)


def needles(address, name):
    local = address.split("@")[0]
    yield from spelt(address)
    yield from spelt(name)
    yield from (local.encode(), local.replace(".", "[.]").encode(), local[::-1].encode(), local.encode("utf-16-le"))
    yield local.encode().hex().encode()
    for digest in (hashlib.md5, hashlib.sha1, hashlib.sha256):
        made = digest(address.encode()).digest()
        yield made
        yield made.hex().encode()
        yield base64.b64encode(made)[:20]


def unpacked(raw):
    """What stands packed in it, wherever that begins."""
    at = raw.find(b"\x1f\x8b\x08")
    while at >= 0:
        try:
            yield zlib.decompressobj(31).decompress(raw[at:], UNPACKED_MAX)
        except zlib.error:
            pass
        at = raw.find(b"\x1f\x8b\x08", at + 1)


def files_of(path):
    if not os.path.isdir(path):
        yield path
    for folder, _, names in os.walk(path):
        for name in sorted(names):
            whole = os.path.join(folder, name)
            if os.path.isfile(whole): # and no socket
                yield whole


def whole_of(path):
    with open(path, "rb") as source:
        raw = source.read()
    return b"\n".join([raw, *unpacked(raw)])


def matches_of(texts, patterns):
    """Which of the patterns stand in which text, by its place: ten thousand patterns, so that Python would take minutes."""
    with tempfile.TemporaryDirectory() as folder:
        for place, text in enumerate(texts):
            with open(os.path.join(folder, str(place)), "wb") as out:
                out.write(text)
        with open(os.path.join(folder, "patterns"), "wb") as out:
            out.write(b"\n".join(patterns))
        grep = ["grep", "-aioHZF", "-f", "patterns", *map(str, range(len(texts)))]
        done = subprocess.run(grep, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, cwd=folder, env={**os.environ, "LC_ALL": "C"}, check=False)
    if done.returncode > 1:
        sys.exit("grep failed")
    for place, match in sorted({tuple(line.split(b"\0", 1)) for line in done.stdout.splitlines()}):
        yield int(place), match


def main():
    folder, citizens, domain, paths = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
    others, mails = [], 0
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".eml"):
            continue
        with open(os.path.join(folder, name), "rb") as source:
            raw = source.read()
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        if not mail["X-Envelope-To"].strip("<>").endswith("@" + domain):
            others.append((name, raw + b"\n" + b"\n".join(decoded(mail))))
            mails += 1
    for path in paths:
        others += [(name, whole_of(name)) for name in files_of(path)]
    print(mails)
    sought = {domain.encode(): domain}
    with open(citizens, encoding="utf-8") as lines:
        for address, name in (line.rstrip("\n").split("\t") for line in lines):
            sought.update({needle.lower(): address for needle in needles(address, name) if b"\n" not in needle})
    for place, match in matches_of([text for _, text in others], sought):
        print(f"{others[place][0]}: {sought.get(match.lower(), '?')} as {match!r}")



main()
