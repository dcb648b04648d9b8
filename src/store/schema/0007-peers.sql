-- SPDX-License-Identifier: Apache-2.0
-- Collections of other TAXII servers: what we read there, how far, and what we wrote.

CREATE TABLE peer (
    number @I64@ NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,                  -- of a server, an API root or a collection
    every_us @I64@ NOT NULL,
    credentials TEXT NOT NULL,          -- none, password, token, certificate; they lie in the folder of keys
    account TEXT NOT NULL,              -- of a password
    own_ca @I64@ NOT NULL,              -- certificates to trust lie there, too
    paused @I64@ NOT NULL,
    next_us @I64@ NOT NULL,
    tried_us @I64@,
    pulled_us @I64@,
    failures @I64@ NOT NULL,            -- since it last went well
    why TEXT NOT NULL,
    runs @I64@ NOT NULL,
    objects @I64@ NOT NULL              -- that came, whether they were here already or not
) @STRICT@;
CREATE INDEX peer_due ON peer (next_us) WHERE paused = 0;

-- A collection that we read: one place in it, whoever asked. Peers come and go; the place stays.
CREATE TABLE remote (
    number @I64@ NOT NULL PRIMARY KEY,
    peer @I64@,                         -- whose it is; empty: pulled by hand
    url TEXT NOT NULL UNIQUE,
    id TEXT NOT NULL,
    title TEXT NOT NULL,
    source TEXT NOT NULL,               -- the name of the source that its objects go under
    added_after TEXT NOT NULL,          -- as the server spells its dates
    next TEXT NOT NULL,
    last TEXT NOT NULL,
    digest @BLOB@,                      -- SHA-256 of the objects of the page that came last
    objects @I64@ NOT NULL,
    moved_us @I64@
) @STRICT@;
CREATE INDEX remote_peer ON remote (peer, number);

-- What we send to a collection: which objects, and up to which of ours it has them.
CREATE TABLE outgoing (
    number @I64@ NOT NULL PRIMARY KEY,
    url TEXT NOT NULL,
    choice TEXT NOT NULL,               -- of objects, in words; empty: all
    after @I64@ NOT NULL,
    sent @I64@ NOT NULL,
    refused @I64@ NOT NULL,
    moved_us @I64@
) @STRICT@;
CREATE UNIQUE INDEX outgoing_one ON outgoing (url, choice);

-- What it did not take, and why.
CREATE TABLE outgoing_refused (
    outgoing @I64@ NOT NULL REFERENCES outgoing (number),
    object @I64@ NOT NULL,              -- number of ours
    id TEXT NOT NULL,
    version TEXT NOT NULL,
    why TEXT NOT NULL,
    at_us @I64@ NOT NULL,
    PRIMARY KEY (outgoing, object)
) @STRICT@;

-- postgres:
ALTER TABLE peer ALTER COLUMN name TYPE TEXT COLLATE "C";
-- both:
