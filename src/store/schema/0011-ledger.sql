-- SPDX-License-Identifier: Apache-2.0
-- Logs: the rows from which tiles are written and can be written again, never the reverse (doc/why/ledger.md).

CREATE TABLE log (
    number @I64@ NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,                 -- partner, private, node
    origin TEXT NOT NULL UNIQUE,        -- name in its checkpoints (C2SP tlog-checkpoint)
    folder TEXT NOT NULL UNIQUE,        -- below ledger/
    state TEXT NOT NULL,                -- open, closed: a new origin goes on from it
    alarm TEXT NOT NULL,                -- why it is not signed for now: a person decides; empty: nothing is wrong
    follows TEXT NOT NULL,              -- of a log that goes on from others: their origins and heads; else empty
    size @I64@ NOT NULL,                -- entries: the number of the next one; who appends holds this row
    first @I64@ NOT NULL,               -- private: the row of the journal that is entry 0; else 0
    checked @I64@ NOT NULL,             -- -1: after an alarm, it is checked whole before it is signed again; else 0
    added_us @I64@ NOT NULL
) @STRICT@;
CREATE INDEX log_kind ON log (kind, number);
CREATE UNIQUE INDEX log_private ON log (kind) WHERE kind = 'private' AND state = 'open';
CREATE UNIQUE INDEX log_node ON log (kind) WHERE kind = 'node' AND state = 'open';

-- An entry as it stands in the tiles, commitments without content, and what opens it: of each field its salt and value
-- (the form is in store/ledger.c). Erasing a field takes it out of `opening`; `entry` never changes. One row, since
-- hundreds of thousands are written in a second, in the order of the key.
CREATE TABLE log_entry (
    log @I64@ NOT NULL REFERENCES log (number),
    seq @I64@ NOT NULL,                 -- from 0, dense
    kind TEXT NOT NULL,                 -- release, receipt, recall, agreement, ...; of a private log the act
    time_us @I64@ NOT NULL,
    entry @BLOB@ NOT NULL,
    opening @BLOB@ NOT NULL,
    PRIMARY KEY (log, seq)
-- sqlite:
) STRICT, WITHOUT ROWID;
-- postgres:
);
-- both:

-- The highest head that was ever signed for a log: a second root for its size is never signed, and what stands behind
-- it has not left yet.
CREATE TABLE log_head (
    log @I64@ NOT NULL PRIMARY KEY REFERENCES log (number),
    size @I64@ NOT NULL,
    root @BLOB@ NOT NULL,
    checkpoint @BLOB@ NOT NULL,         -- signed note, with the cosignatures that came
    signed_us @I64@ NOT NULL
) @STRICT@;
CREATE INDEX log_head_signed ON log_head (signed_us);
-- Every head of a partner log that was signed: what a partner says that it holds of an earlier size is held against it.
CREATE TABLE log_root (
    log @I64@ NOT NULL REFERENCES log (number),
    size @I64@ NOT NULL,
    root @BLOB@ NOT NULL,
    PRIMARY KEY (log, size)
) @STRICT@;

-- Heads of others that we saw or cosigned, the latest of each origin; checked and stored in one statement. `seen_by`:
-- of a head that a partner tells of, that partner; 0: we got it from its log ourselves.
CREATE TABLE witnessed (
    origin TEXT NOT NULL,
    seen_by @I64@ NOT NULL,
    partner @I64@ NOT NULL,             -- whose log it is; 0: our own, as others saw it
    size @I64@ NOT NULL,
    root @BLOB@ NOT NULL,
    checkpoint @BLOB@ NOT NULL,
    cosigned @I64@ NOT NULL,            -- 1: we put our own signature to it
    seen_us @I64@ NOT NULL,
    PRIMARY KEY (origin, seen_by)
) @STRICT@;
CREATE INDEX witnessed_partner ON witnessed (partner, origin);

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
CREATE INDEX split_view_partner ON split_view (partner, origin);
