-- SPDX-License-Identifier: Apache-2.0
-- Logs: the rows from which tiles are written and can be written again, never the reverse (doc/why/ledger.md).

CREATE TABLE log (
    number @I64@ NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,                 -- partner, private, node
    origin TEXT NOT NULL UNIQUE,        -- name in its checkpoints (C2SP tlog-checkpoint)
    folder TEXT NOT NULL UNIQUE,        -- below ledger/
    state TEXT NOT NULL,                -- open, closed: a new origin goes on from it
    follows TEXT NOT NULL,              -- of a log that goes on from others: their origins and heads; else empty
    size @I64@ NOT NULL,                -- entries: the number of the next one; who appends holds this row
    added_us @I64@ NOT NULL
) @STRICT@;
CREATE UNIQUE INDEX log_private ON log (kind) WHERE kind = 'private' AND state = 'open';
CREATE UNIQUE INDEX log_node ON log (kind) WHERE kind = 'node' AND state = 'open';

-- An entry as it stands in the tiles: commitments, no content.
CREATE TABLE log_entry (
    log @I64@ NOT NULL REFERENCES log (number),
    seq @I64@ NOT NULL,                 -- from 0, dense
    kind TEXT NOT NULL,                 -- release, receipt, recall, agreement, ...; of a private log the act
    time_us @I64@ NOT NULL,
    entry @BLOB@ NOT NULL,
    PRIMARY KEY (log, seq)
) @STRICT@;

-- What a field of an entry says and the salt that hides it: erasing is deleting the row.
CREATE TABLE log_opening (
    log @I64@ NOT NULL,
    seq @I64@ NOT NULL,
    field TEXT NOT NULL,
    salt @BLOB@ NOT NULL,
    value @BLOB@ NOT NULL,
    PRIMARY KEY (log, seq, field)
) @STRICT@;

-- The highest head that was ever signed for a log: a second root for its size is never signed, and what stands behind
-- it has not left yet.
CREATE TABLE log_head (
    log @I64@ NOT NULL PRIMARY KEY REFERENCES log (number),
    size @I64@ NOT NULL,
    root @BLOB@ NOT NULL,
    checkpoint @BLOB@ NOT NULL,         -- signed note, with the cosignatures that came
    signed_us @I64@ NOT NULL
) @STRICT@;

-- Heads of others that we saw or cosigned, the latest of each origin; checked and stored in one statement.
CREATE TABLE witnessed (
    origin TEXT NOT NULL PRIMARY KEY,
    partner @I64@ NOT NULL,
    size @I64@ NOT NULL,
    root @BLOB@ NOT NULL,
    checkpoint @BLOB@ NOT NULL,
    seen_us @I64@ NOT NULL
) @STRICT@;

-- Proofs that a log is not one: kept for good.
CREATE TABLE split_view (
    number @I64@ NOT NULL PRIMARY KEY,
    partner @I64@ NOT NULL,             -- 0: our own
    origin TEXT NOT NULL,
    proof @BLOB@ NOT NULL,
    found_us @I64@ NOT NULL,
    cleared_us @I64@,                   -- somebody decided to go on
    cleared_by TEXT NOT NULL
) @STRICT@;
