#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""store.py BUNDLE DATABASE: puts the objects of a STIX bundle into a new SQLite database, the way one would write it by
hand: json.load, a row for each object with a unique index over id and version, its words in FTS5, all in one transaction
that is on disk at the end. Checks nothing, and keeps json.dumps of an object, not its bytes. `--version` prints its own."""
import hashlib
import json
import sqlite3
import sys

SCHEMA = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE object (number INTEGER PRIMARY KEY, source INTEGER, id TEXT, version TEXT, type TEXT, spec_version TEXT,
    modified TEXT, created_by TEXT, revoked INTEGER, meaning BLOB, import INTEGER, bytes BLOB);
CREATE UNIQUE INDEX object_version ON object (id, source, version);
CREATE INDEX object_import ON object (import, number);
CREATE INDEX object_type ON object (type, number);
CREATE VIRTUAL TABLE search USING fts5 (name, body, columnsize = 0, tokenize = "ascii tokenchars '.-_:'");
"""


def words(thing):
    body = [thing.get("description", ""), *thing.get("labels", ()), *thing.get("indicator_types", ()), thing["id"]]
    return thing.get("name", "") + " " + thing.get("pattern", ""), " ".join(body)


def row(number, thing):
    text = json.dumps(thing, separators=(",", ":")).encode()
    return (number, 1, thing["id"], thing.get("modified", ""), thing["type"], thing.get("spec_version", ""),
            thing.get("modified"), thing.get("created_by_ref", ""), thing.get("revoked", False),
            hashlib.sha256(text).digest(), 1, text)


def main(bundle, database):
    with open(bundle, encoding="utf-8") as file:
        objects = json.load(file)["objects"]
    db = sqlite3.connect(database)
    db.executescript(SCHEMA)
    with db:
        db.executemany("INSERT INTO object VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                       (row(number, thing) for number, thing in enumerate(objects, 1)))
        db.executemany("INSERT INTO search (rowid, name, body) VALUES (?, ?, ?)",
                       ((number, *words(thing)) for number, thing in enumerate(objects, 1)))
    print(f"objects={db.execute('SELECT count(*) FROM object').fetchone()[0]}")


if sys.argv[1] == "--version":
    print(f"Python {sys.version.split()[0]} json + SQLite {sqlite3.sqlite_version}")
else:
    main(*sys.argv[1:3])
