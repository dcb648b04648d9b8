-- SPDX-License-Identifier: Apache-2.0
-- Evidence: what was secured, and in whose hands it was. The bytes lie sealed in files (src/evidence); nothing here is
-- ever changed but by a new row of custody.

CREATE TABLE evidence (
    number @I64@ NOT NULL PRIMARY KEY,
    incident @I64@ NOT NULL REFERENCES incident (number),
    name TEXT NOT NULL,
    what TEXT NOT NULL,                 -- in words
    place TEXT NOT NULL,                -- where it was taken
    acquired_us @I64@ NOT NULL,
    clock_error_us @I64@,               -- of the clock of what it was taken from; empty: not known
    person TEXT NOT NULL,               -- who took it
    tool TEXT NOT NULL,                 -- with its version and settings
    basis TEXT NOT NULL,                -- in law
    bytes @I64@ NOT NULL,
    digest @BLOB@ NOT NULL,             -- SHA-256, at acquisition
    digest_512 @BLOB@ NOT NULL,         -- SHA-512, at acquisition
    seal @BLOB@ NOT NULL,               -- the file's key, sealed; empty: destroyed
    mark @BLOB@ NOT NULL,               -- SHA-256 of the seal: part of the file's name, also when that is destroyed
    hold_until_us @I64@,                -- may not be destroyed before; empty: no hold
    keep_until_us @I64@,                -- is to be destroyed then; empty: until somebody says so
    added_us @I64@ NOT NULL
) @STRICT@;
CREATE INDEX evidence_incident ON evidence (incident, number);
CREATE INDEX evidence_digest ON evidence (digest);
CREATE INDEX evidence_keep ON evidence (keep_until_us) WHERE keep_until_us IS NOT NULL;

-- Each entry names the one before it by its digest: one that is taken out or changed is missed. A row of the journal
-- tells each entry's digest, and stands in the private log.
CREATE TABLE custody (
    evidence @I64@ NOT NULL REFERENCES evidence (number),
    step @I64@ NOT NULL,                -- from 1
    act TEXT NOT NULL,                  -- acquired, copied, handed-over, received, held, destroyed
    time_us @I64@ NOT NULL,
    actor TEXT NOT NULL,
    to_whom TEXT NOT NULL,              -- or empty
    why TEXT NOT NULL,
    entry @BLOB@ NOT NULL,              -- the text that was signed, one line of JSON
    before @BLOB@ NOT NULL,             -- SHA-256 of the entry before; empty: the first
    signature @BLOB@ NOT NULL,          -- Ed25519, of the node
    key @BLOB@ NOT NULL,                -- with which it is checked
    other_signature @BLOB@ NOT NULL,    -- of who takes; or empty
    other_key @BLOB@ NOT NULL,
    PRIMARY KEY (evidence, step)
) @STRICT@;

-- What was given out as one, and to whom.
CREATE TABLE evidence_package (
    number @I64@ NOT NULL PRIMARY KEY,
    incident @I64@ NOT NULL REFERENCES incident (number),
    organisation @I64@ NOT NULL REFERENCES organisation (number), -- to whom
    made_us @I64@ NOT NULL,
    actor TEXT NOT NULL,
    their_reference TEXT NOT NULL,      -- the case's number there; or empty
    taken_us @I64@,                     -- when they had it first
    taken_by TEXT NOT NULL
) @STRICT@;
CREATE INDEX evidence_package_organisation ON evidence_package (organisation, number);
CREATE TABLE evidence_packed (
    package @I64@ NOT NULL REFERENCES evidence_package (number),
    evidence @I64@ NOT NULL REFERENCES evidence (number),
    PRIMARY KEY (package, evidence)
) @STRICT@;
