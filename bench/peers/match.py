#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""match.py EVENTS LIST: counts the hits of a list (type TAB value) in a file of EVE lines, the way one would write it
by hand: json and sets. The same semantics as `kentongan match`: exact values, names below domains, addresses in
prefixes, URLs kept as host and path."""
import json
import sys
from ipaddress import IPv4Network


def load(path):
    values, prefixes = set(), {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            kind, value = line.rstrip("\n").split("\t")[:2]
            if kind == "cidr":
                network = IPv4Network(value)
                prefixes.setdefault(32 - network.prefixlen, set()).add(int(network.network_address) >> (32 - network.prefixlen))
            else:
                values.add(value)
    return values, prefixes


def names_above(name):
    while name:
        yield name
        name = name.partition(".")[2]


def observables(event):
    """The names, and all other values as text."""
    dns, tls, http, file = (event.get(key, {}) for key in ("dns", "tls", "http", "fileinfo"))
    names = [dns.get("rrname"), tls.get("sni"), http.get("hostname")]
    names += [query.get("rrname") for query in dns.get("query", ())]
    texts = [event.get("src_ip"), event.get("dest_ip"), tls.get("fingerprint"), http.get("http_user_agent"),
             http.get("http_refer"), file.get("filename"), file.get("md5"), file.get("sha1"), file.get("sha256")]
    texts += [tls.get(key, {}).get("hash") for key in ("ja3", "ja3s")]
    for answer in dns.get("answers", ()):
        names.append(answer.get("rrname"))
        texts.append(answer.get("rdata"))
    if "url" in http:
        texts.append("http://" + http.get("hostname", "") + http["url"])
    return names, texts


def address_number(text):
    a, b, c, d = text.split(".")
    return int(a) << 24 | int(b) << 16 | int(c) << 8 | int(d)


def hits(event, values, prefixes):
    names, texts = observables(event)
    count = sum(text in values for text in texts)
    for name in names:
        count += sum(above in values for above in names_above(name))
    for text in texts[:2]:
        if text and ":" not in text:
            number = address_number(text)
            count += sum(number >> shift in nets for shift, nets in prefixes.items())
    return count


def main():
    values, prefixes = load(sys.argv[2])
    with open(sys.argv[1], encoding="utf-8") as lines:
        total = sum(hits(json.loads(line), values, prefixes) for line in lines)
    print(f"hits={total} version={sys.version.split()[0]}")


if __name__ == "__main__":
    main()
