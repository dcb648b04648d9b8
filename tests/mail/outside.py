#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Searches all that left for anybody but citizens for what is of a citizen. For tests.

usage: outside.py FOLDER DOMAIN [FILE]...

FOLDER has mails as sink.py keeps them. Those to an address at DOMAIN go back to who wrote, and are passed over; in all
others, and in each FILE, neither the domain nor the local part of any address at it may stand: not in the bytes, not in
what they decode to, not as base64 or hexadecimal, not in reverse, and no digest of an address. Prints how many mails were
searched, then a line for each find.
"""
import base64
import email
import email.policy
import hashlib
import os
import sys


def decoded(mail):
    for part in mail.walk():
        if not part.is_multipart():
            yield part.get_payload(decode=True) or b""
        yield "".join(f"{key}: {value}\n" for key, value in part.items()).encode("utf-8", "replace")


def needles(address):
    local = address.split("@")[0].encode()
    whole = address.encode()
    yield from (whole, whole.replace(b"@", b"%40"), whole.replace(b"@", b"[@]"), whole[::-1], whole.hex().encode(), local)
    for digest in (hashlib.md5, hashlib.sha1, hashlib.sha256):
        yield digest(whole).hexdigest().encode()
        yield base64.b64encode(digest(whole).digest())[:20]
    # In base64 a text stands in one of three ways.
    for before in range(3):
        coded = base64.b64encode(b"\0" * before + whole)
        yield coded[4:-4] if before else coded[:-4]


def main():
    folder, domain, files = sys.argv[1], sys.argv[2], sys.argv[3:]
    addresses, others = set(), []
    for name in sorted(os.listdir(folder)):
        if not name.endswith(".eml"):
            continue
        with open(os.path.join(folder, name), "rb") as source:
            raw = source.read()
        mail = email.message_from_bytes(raw, policy=email.policy.default)
        to = mail["X-Envelope-To"].strip("<>")
        if to.endswith("@" + domain):
            addresses.add(to)
        else:
            others.append((name, raw + b"\n" + b"\n".join(decoded(mail))))
    for name in files:
        with open(name, "rb") as source:
            others.append((name, source.read()))
    print(len(others) - len(files))
    sought = {needle: address for address in addresses for needle in needles(address)}
    sought[domain.encode()] = domain
    for name, text in others:
        for needle, address in sought.items():
            if needle in text:
                print(f"{name}: {address} as {needle!r}")


main()
