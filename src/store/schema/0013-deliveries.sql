-- SPDX-License-Identifier: Apache-2.0
-- What is on its way to partners, and what they and we know of each other's logs.

-- How far a partner was sent what was released to it, and when it is tried next.
CREATE TABLE delivery (
    partner @I64@ NOT NULL PRIMARY KEY REFERENCES partner (number),
    sent_us @I64@ NOT NULL,             -- the moment of the last release row that it took
    next_us @I64@ NOT NULL,
    tried_us @I64@,
    failures @I64@ NOT NULL,            -- since it last went well
    why TEXT NOT NULL,
    sent @I64@ NOT NULL,                -- objects so far
    refused @I64@ NOT NULL
) @STRICT@;
CREATE INDEX delivery_due ON delivery (next_us);

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
    size @I64@ NOT NULL,                -- entries that we hold and checked
    root @BLOB@ NOT NULL,
    checkpoint @BLOB@ NOT NULL,
    checked_us @I64@ NOT NULL,
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
CREATE INDEX claim_open ON claim (number) WHERE settled_us IS NULL;
