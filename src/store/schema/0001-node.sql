-- SPDX-License-Identifier: Apache-2.0
-- The node itself: facts, numbers, the journal and who follows it.
--
-- Numbers are made here and not by the database, so that both engines make the same ones and none is used twice. A
-- counter's row is locked until its transaction ends: numbers of one family are in the order of commits.

CREATE TABLE counter (
    family TEXT NOT NULL PRIMARY KEY,   -- "journal", "object", "import" ...
    value @I64@ NOT NULL                -- the last one given
) @STRICT@;

-- What the node knows of itself; names are in the code that writes them.
CREATE TABLE fact (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) @STRICT@;

-- What happened, in the order of commits. Rows are never changed, but for `detail`, which retention may empty.
CREATE TABLE journal (
    seq @I64@ NOT NULL PRIMARY KEY,
    time_us @I64@ NOT NULL,
    organisation @I64@ NOT NULL,        -- of the actor; 0: the node. No reference: the journal outlives everything
    actor TEXT NOT NULL,                -- a user's name, "local", or "@" and the name of a follower
    act TEXT NOT NULL,                  -- "import.done"
    subject TEXT NOT NULL,              -- "import/7", an id
    detail TEXT NOT NULL                -- JSON, or empty
) @STRICT@;

-- How far each follower has come. Its effect and this row commit together.
CREATE TABLE follower (
    name TEXT NOT NULL PRIMARY KEY,
    seq @I64@ NOT NULL,                 -- it is past this row
    moved_us @I64@ NOT NULL,
    failures @I64@ NOT NULL             -- of the row behind seq that it tries now
) @STRICT@;

-- Rows that a follower could not do and went past; a person decides.
CREATE TABLE parked (
    follower TEXT NOT NULL,
    seq @I64@ NOT NULL,
    parked_us @I64@ NOT NULL,
    why TEXT NOT NULL,
    PRIMARY KEY (follower, seq)
) @STRICT@;

-- postgres:
-- The order of names is the order of bytes, whatever the database was made with.
ALTER TABLE follower ALTER COLUMN name TYPE TEXT COLLATE "C";
ALTER TABLE parked ALTER COLUMN follower TYPE TEXT COLLATE "C";
-- both:
