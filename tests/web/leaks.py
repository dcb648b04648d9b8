#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""leaks.py SECRETS FILE...: looks for each line of the file SECRETS in all bytes of the others, in every form that a
tester can think of: as it is, in other cases, encodings and spellings, and as the hash of any of these, plain or with
anything as its salt that stands in the bytes themselves. Prints "N forms of N secrets, N hits"; hits on standard error.
The exit status is 1 if there are any."""
import base64
import hashlib
import re
import sys
import urllib.parse

SALT = re.compile(rb"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32,128}|[A-Za-z0-9+/_-]{22,88}={0,2}")
SALTS_MAX = 2000
HASHES = ("md5", "sha1", "sha256", "sha512", "blake2b", "sha3_256")


def spellings(secret):
    """What people and programs write for the same."""
    plain = {secret, secret.lower(), secret.upper(), secret.replace(" ", ""), secret.replace(" ", "-").lower(),
             secret.replace(" ", "_").lower(), secret.replace(" ", "").lower()}
    plain |= {secret.replace(".", "[.]"), ".".join(reversed(secret.split("."))), secret + "\n", secret + "/32"}
    if re.fullmatch(r"[0-9.]+", secret):
        parts = [int(part) for part in secret.split(".")]
        plain |= {bytes(parts).hex(), str(int.from_bytes(bytes(parts), "big"))}
    return {text.encode() for text in plain if len(text) >= 5}


def encodings(text):
    """The same bytes as they stand in other texts; base64 at each of the places where it may begin."""
    yield text
    yield urllib.parse.quote(text).encode()
    yield text.hex().encode()
    yield text.decode("latin-1").encode("utf-16-le")
    for shift in range(3):
        inner = base64.b64encode(b"\0" * shift + text)[4 if shift else 0 :].rstrip(b"=")[:-1]
        if len(inner) >= 6:
            yield inner
            yield inner.replace(b"+", b"-").replace(b"/", b"_")


def digests(text):
    for name in HASHES:
        digest = hashlib.new(name, text).digest()
        yield digest
        yield digest.hex().encode()
        yield digest.hex().upper().encode()
        yield base64.b64encode(digest).rstrip(b"=")
        yield digest[:8].hex().encode()


def salted(text, salts):
    """The digests that are most likely, for each salt: it would take a key of 64 bits and more to guess others."""
    for salt in salts:
        raw = bytes.fromhex(salt.replace(b"-", b"").decode()) if re.fullmatch(rb"[0-9a-f-]+", salt) and len(
            salt.replace(b"-", b"")) % 2 == 0 else salt
        for one in {salt, raw}:
            for whole in (one + text, text + one, one + b":" + text, text + b":" + one):
                digest = hashlib.sha256(whole).digest()
                yield digest
                yield digest.hex().encode()
                yield base64.b64encode(digest).rstrip(b"=")


def main():
    secrets = [line.strip() for line in open(sys.argv[1], encoding="utf-8") if line.strip()]
    seen = b"\n".join(open(name, "rb").read() for name in sys.argv[2:])
    lower = seen.lower()
    salts = sorted(set(SALT.findall(seen)))[:SALTS_MAX]
    # Digests are looked up by their first bytes: each text of the traffic is compared with all of them at once.
    windows = {}
    forms = hits = 0
    for secret in secrets:
        for text in spellings(secret):
            for form in set(encodings(text)) | set(digests(text)):
                forms += 1
                if form in seen or form.lower() in lower:
                    hits += 1
                    print(f"{secret}: {form[:80]!r}", file=sys.stderr)
            for form in salted(text, salts):
                forms += 1
                windows.setdefault(form[:8], (secret, form))
    for at in range(len(seen) - 8):
        found = windows.get(seen[at : at + 8])
        if found is not None and seen.startswith(found[1], at):
            hits += 1
            print(f"{found[0]}: salted {found[1][:80]!r}", file=sys.stderr)
    print(f"{forms} forms of {len(secrets)} secrets, {hits} hits")
    return 1 if hits else 0


sys.exit(main())
