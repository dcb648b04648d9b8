-- SPDX-License-Identifier: Apache-2.0
-- Collections of TAXII 2.1 (section 5): who may read and write them, and which objects are in them since when.

CREATE TABLE collection (
    number @I64@ NOT NULL PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,            -- UUID, part of its URL
    title TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    source @I64@ NOT NULL REFERENCES source (number), -- of what is posted to it
    last_us @I64@ NOT NULL,             -- the latest moment that an object of it got; who adds holds this row
    added_us @I64@ NOT NULL
) @STRICT@;

-- Several grants to one account add up.
CREATE TABLE collection_grant (
    collection @I64@ NOT NULL REFERENCES collection (number),
    kind TEXT NOT NULL,                 -- user, organisation, everyone (who is signed in)
    subject @I64@ NOT NULL,             -- its number; 0: everyone
    can_read @I64@ NOT NULL,
    can_write @I64@ NOT NULL,
    PRIMARY KEY (collection, kind, subject)
) @STRICT@;
CREATE INDEX collection_grant_subject ON collection_grant (kind, subject, collection);

-- One version of one object in one collection. Narrow: the bytes are in `object`. Every row has a moment of its own,
-- later than that of all rows before it, so that nothing ever appears before what somebody has read already.
CREATE TABLE collection_object (
    collection @I64@ NOT NULL,
    added_us @I64@ NOT NULL,
    object @I64@ NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    version TEXT NOT NULL,              -- modified or created; its order is that of bytes
    spec_version TEXT NOT NULL,
    standing @I64@ NOT NULL,            -- among the versions of its id: bits of enum collection_standing
    shown @I64@ NOT NULL,               -- 1: who asks for nothing in particular gets it (section 3.4.1)
    PRIMARY KEY (collection, added_us)
) @STRICT@;

-- What a POST became (section 4.3), for who sent it.
CREATE TABLE collection_status (
    id TEXT NOT NULL PRIMARY KEY,
    collection @I64@ NOT NULL,
    person @I64@ NOT NULL,
    made_us @I64@ NOT NULL,
    body @BLOB@ NOT NULL                -- the status resource
) @STRICT@;
CREATE INDEX collection_status_made ON collection_status (made_us);
CREATE INDEX collection_status_collection ON collection_status (collection);

-- postgres:
ALTER TABLE collection ALTER COLUMN title TYPE TEXT COLLATE "C";
ALTER TABLE collection_object ALTER COLUMN id TYPE TEXT COLLATE "C";
ALTER TABLE collection_object ALTER COLUMN type TYPE TEXT COLLATE "C";
ALTER TABLE collection_object ALTER COLUMN version TYPE TEXT COLLATE "C";
ALTER TABLE collection_object ALTER COLUMN spec_version TYPE TEXT COLLATE "C";
-- both:

CREATE UNIQUE INDEX collection_object_once ON collection_object (object, collection);
CREATE UNIQUE INDEX collection_object_version ON collection_object (collection, id, spec_version, version);
CREATE INDEX collection_object_shown ON collection_object (collection, added_us) WHERE shown = 1;
CREATE INDEX collection_object_type ON collection_object (collection, type, added_us) WHERE shown = 1;
