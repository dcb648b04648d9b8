-- SPDX-License-Identifier: Apache-2.0
-- Where intelligence comes from, how it came, and the objects themselves.

CREATE TABLE source (
    number @I64@ NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,                 -- file, paste, feed, taxii, desk
    organisation @I64@ REFERENCES organisation (number),
    added_us @I64@ NOT NULL
) @STRICT@;
CREATE INDEX source_organisation ON source (organisation);

CREATE TABLE feed (
    number @I64@ NOT NULL PRIMARY KEY,
    source @I64@ NOT NULL REFERENCES source (number),
    name TEXT NOT NULL UNIQUE,
    location TEXT NOT NULL,             -- an address or a path
    form TEXT NOT NULL,                 -- or empty: by its looks
    every_us @I64@ NOT NULL,
    direct @I64@ NOT NULL,              -- without the proxy
    paused @I64@ NOT NULL,
    etag TEXT NOT NULL,
    last_modified TEXT NOT NULL,
    next_us @I64@ NOT NULL,
    tried_us @I64@,
    fetched_us @I64@,
    failures @I64@ NOT NULL,            -- since it last went well
    why TEXT NOT NULL,
    fetches @I64@ NOT NULL,
    unchanged @I64@ NOT NULL,
    imports @I64@ NOT NULL
) @STRICT@;
CREATE INDEX feed_due ON feed (next_us) WHERE paused = 0;
CREATE INDEX feed_source ON feed (source);

-- One text from one source. What it brought is seen while state is 'done'.
CREATE TABLE import (
    number @I64@ NOT NULL PRIMARY KEY,
    source @I64@ NOT NULL REFERENCES source (number),
    organisation @I64@ NOT NULL,
    actor TEXT NOT NULL,
    name TEXT NOT NULL,
    form TEXT NOT NULL,
    state TEXT NOT NULL,                -- running, done, undone, failed
    why TEXT NOT NULL,
    runner TEXT NOT NULL,               -- the process that does it (runner.c)
    beat_us @I64@ NOT NULL,             -- when that last wrote
    swept @I64@ NOT NULL,               -- failed or undone, and nothing of it is left
    began_us @I64@ NOT NULL,
    ended_us @I64@,
    bytes @I64@ NOT NULL,
    added @I64@ NOT NULL,
    duplicates @I64@ NOT NULL,
    conflicts @I64@ NOT NULL,
    crowded @I64@ NOT NULL,
    other_creator @I64@ NOT NULL,       -- of those added: by another creator than the first version
    refused @I64@ NOT NULL,
    dropped @I64@ NOT NULL,
    first @I64@ NOT NULL,               -- objects that it brought first, from and to; 0: none
    last @I64@ NOT NULL,
    digest @BLOB@                       -- SHA-256 of the text
) @STRICT@;
CREATE INDEX import_source ON import (source, number);
CREATE INDEX import_running ON import (number) WHERE state = 'running';
CREATE INDEX import_failed ON import (number) WHERE state = 'failed' AND swept = 0;
CREATE INDEX import_undone ON import (ended_us) WHERE state = 'undone' AND swept = 0;
CREATE INDEX import_ended ON import (ended_us);

-- What of the text was not taken, and why; the beginning of what it was.
CREATE TABLE import_refused (
    number @I64@ NOT NULL PRIMARY KEY,
    import @I64@ NOT NULL REFERENCES import (number),
    line @I64@ NOT NULL,
    col @I64@ NOT NULL,
    why TEXT NOT NULL,
    cut @I64@ NOT NULL,
    original @BLOB@ NOT NULL
) @STRICT@;
CREATE INDEX import_refused_import ON import_refused (import, number);

-- What was understood and left behind, by name.
CREATE TABLE import_dropped (
    import @I64@ NOT NULL REFERENCES import (number),
    what TEXT NOT NULL,
    count @I64@ NOT NULL,
    PRIMARY KEY (import, what)
) @STRICT@;

-- The text itself, packed, in parts, where its objects do not hold it.
CREATE TABLE import_original (
    import @I64@ NOT NULL REFERENCES import (number),
    part @I64@ NOT NULL,
    bytes @BLOB@ NOT NULL,
    PRIMARY KEY (import, part)
) @STRICT@;

-- Every version of every object, byte for byte. A row is never changed, but for `import`, when the import that brought
-- it first is swept and another brought it as well. `bytes` is the last column: whatever else is read does not pass it.
CREATE TABLE object (
    number @I64@ NOT NULL PRIMARY KEY,  -- in order of arrival
    source @I64@ NOT NULL REFERENCES source (number),
    id TEXT NOT NULL,
    version TEXT NOT NULL,              -- `modified` in a form whose order is that of bytes; empty: kinds without
    variant @I64@ NOT NULL,             -- 0; 1 and on: the same version with other content
    type TEXT NOT NULL,
    spec_version TEXT NOT NULL,
    modified_us @I64@,
    created_by TEXT NOT NULL,
    revoked @I64@ NOT NULL,
    made @I64@ NOT NULL,                -- translated by us
    meaning @BLOB@ NOT NULL,            -- SHA-256
    import @I64@ NOT NULL REFERENCES import (number),
    added_us @I64@ NOT NULL,
    bytes @BLOB@ NOT NULL
) @STRICT@;

-- Imports that brought an object that was there already: it is seen while any of them is done.
CREATE TABLE object_again (
    import @I64@ NOT NULL REFERENCES import (number),
    object @I64@ NOT NULL REFERENCES object (number),
    PRIMARY KEY (import, object)
) @STRICT@;
CREATE INDEX object_again_object ON object_again (object, import);

-- Our own words on what a source says of an id.
CREATE TABLE tag (
    source @I64@ NOT NULL REFERENCES source (number),
    id TEXT NOT NULL,
    tag TEXT NOT NULL,
    actor TEXT NOT NULL,
    made_us @I64@ NOT NULL,
    PRIMARY KEY (source, id, tag)
) @STRICT@;

-- And our own judgement. Never changed but by being undone.
CREATE TABLE judgement (
    number @I64@ NOT NULL PRIMARY KEY,
    source @I64@ NOT NULL REFERENCES source (number),
    id TEXT NOT NULL,
    kind @I64@ NOT NULL,                -- 1 false positive, 2 expired, 4 withdrawn
    at_us @I64@,                        -- expired: from then on
    organisation @I64@ NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT NOT NULL,
    made_us @I64@ NOT NULL,
    undone_us @I64@,
    undone_by TEXT NOT NULL,
    undone_reason TEXT NOT NULL
) @STRICT@;

-- postgres:
-- The order of versions, ids and names is the order of bytes, whatever the database was made with.
ALTER TABLE object ALTER COLUMN id TYPE TEXT COLLATE "C";
ALTER TABLE object ALTER COLUMN version TYPE TEXT COLLATE "C";
ALTER TABLE object ALTER COLUMN type TYPE TEXT COLLATE "C";
ALTER TABLE tag ALTER COLUMN id TYPE TEXT COLLATE "C";
ALTER TABLE tag ALTER COLUMN tag TYPE TEXT COLLATE "C";
ALTER TABLE judgement ALTER COLUMN id TYPE TEXT COLLATE "C";
ALTER TABLE feed ALTER COLUMN name TYPE TEXT COLLATE "C";
ALTER TABLE import_dropped ALTER COLUMN what TYPE TEXT COLLATE "C";
-- Bytes are packed already where it pays (originals); looking again costs more than it gives.
ALTER TABLE import_original ALTER COLUMN bytes SET STORAGE EXTERNAL;
-- both:

-- The id comes first: what all sources say of one id lies together.
CREATE UNIQUE INDEX object_version ON object (id, source, version, variant);
CREATE INDEX object_import ON object (import, number);
CREATE INDEX object_source ON object (source, number);
CREATE INDEX object_type ON object (type, number);
CREATE INDEX tag_tag ON tag (tag, source, id);
CREATE UNIQUE INDEX judgement_holds ON judgement (source, id, kind) WHERE undone_us IS NULL;
CREATE INDEX judgement_all ON judgement (number) WHERE undone_us IS NULL;
CREATE INDEX judgement_id ON judgement (source, id, number);
