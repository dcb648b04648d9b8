-- SPDX-License-Identifier: Apache-2.0
-- Partners: organisations that we share with, by what keys we know them, and our own keys.

-- Of an organisation with relation 'partner'. Who signs in for it (a person of that organisation, with a token or a
-- certificate) or signs for it (a node, with its message key) sees what was released to it, and nothing else.
CREATE TABLE partner (
    number @I64@ NOT NULL PRIMARY KEY,
    organisation @I64@ NOT NULL UNIQUE REFERENCES organisation (number),
    kind TEXT NOT NULL,                 -- node: has keys and a ledger; taxii: any other server or client
    state TEXT NOT NULL,                -- candidate, confirmed, active, suspended, ended
    node TEXT NOT NULL UNIQUE,          -- id of the STIX identity of its node, as it introduced itself
    identity_key @BLOB@ NOT NULL,       -- Ed25519, 32 bytes; empty: kind taxii
    url TEXT NOT NULL,                  -- of the node, or of the TAXII collection that is written to; empty: it pulls
    account @I64@ NOT NULL REFERENCES person (number), -- in whose name it acts here
    source @I64@ NOT NULL REFERENCES source (number),  -- of what it says
    outbox TEXT NOT NULL UNIQUE,        -- UUID of the collection of what was released to it
    inbox @I64@ NOT NULL REFERENCES collection (number), -- the collection that it may write to
    remote_inbox TEXT NOT NULL,         -- the URL of ours at its node: the collection that we write to
    remote_outbox TEXT NOT NULL,        -- the URL of what it released to us
    contact TEXT NOT NULL,              -- whom to call there
    paused TEXT NOT NULL,               -- why nothing is released for now: a proof of a split view; empty: nothing is wrong
    introduced_us @I64@ NOT NULL,
    confirmed_us @I64@,                 -- when somebody compared the fingerprint
    confirmed_by TEXT NOT NULL,
    ended_us @I64@                      -- when it ends, or ended: who serves asks for it in the same statement
) @STRICT@;

-- Keys of partners and, with partner 0, of ourselves: each certified by the identity key of its node for one purpose.
-- They are judged by when we got what they signed.
CREATE TABLE node_key (
    partner @I64@ NOT NULL,
    purpose TEXT NOT NULL,              -- log, witness, message, tls
    key @BLOB@ NOT NULL,                -- Ed25519, 32 bytes; of tls the SHA-256 of the certificate's public key
    from_us @I64@ NOT NULL,
    until_us @I64@ NOT NULL,
    revoked_us @I64@,                   -- what came from then on is not taken
    statement @BLOB@ NOT NULL,          -- the certification, as it was signed
    added_us @I64@ NOT NULL,
    PRIMARY KEY (partner, purpose, key)
) @STRICT@;
CREATE INDEX node_key_key ON node_key (key);

-- Statements of others that were taken, so that none is taken twice.
CREATE TABLE statement_seen (
    partner @I64@ NOT NULL,
    id TEXT NOT NULL,                   -- UUID of the statement
    sequence @I64@ NOT NULL,            -- whatever its type counts by
    received_us @I64@ NOT NULL,
    expires_us @I64@ NOT NULL,          -- after that it is refused for its age, and need not be remembered
    refused TEXT NOT NULL,              -- why nothing came of it: whoever sends it again is told the same; empty: it did
    PRIMARY KEY (partner, id)
) @STRICT@;
CREATE INDEX statement_seen_expires ON statement_seen (expires_us);
