-- SPDX-License-Identifier: Apache-2.0
-- Organisations and their people.

CREATE TABLE organisation (
    number @I64@ NOT NULL PRIMARY KEY,
    identity TEXT NOT NULL UNIQUE,      -- id of its STIX identity
    kind TEXT NOT NULL,
    sector TEXT NOT NULL,
    country TEXT NOT NULL,              -- ISO 3166-1, two letters, or empty
    relation TEXT NOT NULL,             -- own, constituent, partner, other
    state TEXT NOT NULL,                -- proposed, active, suspended, closed
    parent @I64@ REFERENCES organisation (number),
    added_us @I64@ NOT NULL
) @STRICT@;
-- There is one own organisation.
CREATE UNIQUE INDEX organisation_own ON organisation (relation) WHERE relation = 'own';
CREATE INDEX organisation_parent ON organisation (parent);

-- What it was called, and when. until_us is empty for the name of today.
CREATE TABLE organisation_name (
    organisation @I64@ NOT NULL REFERENCES organisation (number),
    from_us @I64@ NOT NULL,
    until_us @I64@,
    name TEXT NOT NULL,
    PRIMARY KEY (organisation, from_us)
) @STRICT@;
CREATE UNIQUE INDEX organisation_name_today ON organisation_name (name) WHERE until_us IS NULL;
CREATE UNIQUE INDEX organisation_name_one ON organisation_name (organisation) WHERE until_us IS NULL;
CREATE INDEX organisation_name_any ON organisation_name (name);

-- "user" is a word of SQL.
CREATE TABLE person (
    number @I64@ NOT NULL PRIMARY KEY,
    organisation @I64@ NOT NULL REFERENCES organisation (number),
    name TEXT NOT NULL UNIQUE,
    roles TEXT NOT NULL,                -- words between blanks, "analyst duty-officer"
    password_hash TEXT NOT NULL,        -- as its maker wrote it; empty: none
    state TEXT NOT NULL,                -- invited, active, locked, closed
    added_us @I64@ NOT NULL,
    password_us @I64@
) @STRICT@;
CREATE INDEX person_organisation ON person (organisation);

-- One-time links: of the secret only its SHA-256.
CREATE TABLE link (
    secret @BLOB@ NOT NULL PRIMARY KEY,
    person @I64@ NOT NULL REFERENCES person (number),
    purpose TEXT NOT NULL,
    made_us @I64@ NOT NULL,
    expires_us @I64@ NOT NULL,
    used_us @I64@
) @STRICT@;
CREATE INDEX link_person ON link (person);
CREATE INDEX link_expires ON link (expires_us);
