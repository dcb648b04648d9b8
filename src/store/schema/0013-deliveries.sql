-- SPDX-License-Identifier: Apache-2.0
-- What is on its way to partners, and what they and we know of each other's logs.

-- How far a partner was sent what was released to it, and when it is tried next. Rows come with the first turn.
CREATE TABLE delivery (
    partner @I64@ NOT NULL PRIMARY KEY REFERENCES partner (number),
    agreement @I64@ NOT NULL,           -- under which the next two are counted; 0: none yet
    sent_us @I64@ NOT NULL,             -- the moment of the last release row that it took
    told @I64@ NOT NULL,                -- the size of its log of which it was told (log.grown)
    log_us @I64@ NOT NULL,              -- when its own log is looked at next
    next_us @I64@ NOT NULL,             -- nothing is tried before
    busy_us @I64@ NOT NULL,             -- somebody is at it, at the latest until then
    tried_us @I64@ NOT NULL,
    failures @I64@ NOT NULL,            -- since it last went well
    why TEXT NOT NULL,
    sent @I64@ NOT NULL,                -- objects so far
    refused @I64@ NOT NULL
) @STRICT@;

-- Statements of ours that wait for their reader; store and forward.
CREATE TABLE outgoing_statement (
    number @I64@ NOT NULL PRIMARY KEY,
    partner @I64@ NOT NULL REFERENCES partner (number),
    type TEXT NOT NULL,                 -- agreement.offer, receipt, recall, vote, ...
    statement @BLOB@ NOT NULL,
    made_us @I64@ NOT NULL,
    sent_us @I64@,                      -- it was taken
    refused TEXT NOT NULL               -- it was refused for good, with their reason
) @STRICT@;
CREATE INDEX outgoing_statement_waiting ON outgoing_statement (partner, number) WHERE sent_us IS NULL AND refused = '';

-- Their log of what they released to us, as far as we hold its entries and what they open to.
CREATE TABLE partner_log (
    partner @I64@ NOT NULL REFERENCES partner (number),
    origin TEXT NOT NULL,
    folder TEXT NOT NULL,               -- where it lies below /ledger/ of its node
    size @I64@ NOT NULL,                -- entries that we hold and checked
    root @BLOB@ NOT NULL,
    edge @BLOB@ NOT NULL,               -- hashes of the complete subtrees at its right edge: what the next entry is added to
    checkpoint @BLOB@ NOT NULL,
    checked_us @I64@ NOT NULL,
    again @I64@ NOT NULL,               -- the entry from which on they are read once more, and held against ours
    wrong TEXT NOT NULL,                -- the first thing that is not as it should be; empty: nothing
    PRIMARY KEY (partner, origin)
) @STRICT@;
CREATE TABLE partner_entry (
    partner @I64@ NOT NULL,
    origin TEXT NOT NULL,
    seq @I64@ NOT NULL,
    entry @BLOB@ NOT NULL,
    opening @BLOB@ NOT NULL,            -- what its fields say, as it was sent
    receipt_us @I64@,                   -- when we said that we hold all of it
    PRIMARY KEY (partner, origin, seq)
) @STRICT@;
CREATE INDEX partner_entry_missing ON partner_entry (partner, origin, seq) WHERE receipt_us IS NULL;

-- A partner's outbox is a collection that is read like those of other servers, but signed for and into its source.
ALTER TABLE peer ADD COLUMN partner @I64@ NOT NULL DEFAULT 0;

-- What a partner says that contradicts somebody: kept and shown, never applied.
CREATE TABLE claim (
    number @I64@ NOT NULL PRIMARY KEY,
    partner @I64@ NOT NULL,
    object @I64@ NOT NULL,              -- what it sent
    id TEXT NOT NULL,
    kind TEXT NOT NULL,                 -- other-creator, wider-marking, other-content, configuration
    found_us @I64@ NOT NULL,
    settled_us @I64@,
    settled_by TEXT NOT NULL
) @STRICT@;
CREATE UNIQUE INDEX claim_once ON claim (object, kind);
CREATE INDEX claim_open ON claim (number) WHERE settled_us IS NULL;
CREATE INDEX claim_partner ON claim (partner, number);
