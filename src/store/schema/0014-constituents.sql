-- SPDX-License-Identifier: Apache-2.0
-- Whom we serve: who is told there, what is theirs and since when, and what was agreed with them.

-- Somebody who can be told. Function mailboxes rather than persons.
CREATE TABLE contact (
    number @I64@ NOT NULL PRIMARY KEY,
    organisation @I64@ NOT NULL REFERENCES organisation (number),
    name TEXT NOT NULL,                 -- "Ruang siaga", "Budi"
    rank @I64@ NOT NULL,                -- 1: is told first; 2: when the first does not answer ...
    mail TEXT NOT NULL,                 -- address, or empty
    phone TEXT NOT NULL,                -- as it is dialled, or empty
    webhook TEXT NOT NULL,              -- https URL, or empty
    webhook_secret @BLOB@ NOT NULL,     -- sealed with the node's key; keys the signature of what is posted there
    languages TEXT NOT NULL,            -- words between blanks, the preferred first: "id en"
    hours TEXT NOT NULL,                -- "always", or "Mon-Fri 08:00-16:00 +07:00"
    pgp_key @BLOB@ NOT NULL,            -- OpenPGP certificate, or empty
    state TEXT NOT NULL,                -- unverified, verified, stale, closed
    added_us @I64@ NOT NULL,
    changed_us @I64@ NOT NULL,          -- since when it is reached like that
    verified_us @I64@,                  -- when somebody there last said that it is read; empty: never since then
    asked_us @I64@,                     -- when they were last asked; empty: never since then
    closed_us @I64@
) @STRICT@;
CREATE INDEX contact_organisation ON contact (organisation, rank, number);
CREATE INDEX contact_state ON contact (state, number);
CREATE UNIQUE INDEX contact_name ON contact (organisation, name) WHERE state <> 'closed';

-- What is theirs, from a moment until another. Longest prefix and longest name win; the event's own time decides.
CREATE TABLE asset (
    number @I64@ NOT NULL PRIMARY KEY,
    organisation @I64@ NOT NULL REFERENCES organisation (number),
    kind TEXT NOT NULL,                 -- prefix, asn, domain, site
    value TEXT NOT NULL,                -- 203.0.113.0/26, 64500, rs-melati.example, a place in words; as compared
    from_us @I64@ NOT NULL,
    until_us @I64@,                     -- empty: still; as from_us: it never was
    said_by TEXT NOT NULL,              -- who says so: "contract 12", a name
    added_us @I64@ NOT NULL
) @STRICT@;
CREATE UNIQUE INDEX asset_once ON asset (organisation, kind, value, from_us);
CREATE INDEX asset_organisation ON asset (organisation, number);
CREATE INDEX asset_value ON asset (kind, value, from_us);

-- What we do for them, as it was agreed.
CREATE TABLE service (
    organisation @I64@ NOT NULL PRIMARY KEY REFERENCES organisation (number),
    memory_days @I64@ NOT NULL,         -- how long is remembered what they met; 0: not at all
    from_us @I64@ NOT NULL,
    until_us @I64@                      -- empty: no end
) @STRICT@;

-- A button in a mail: 128 random bits, of which only the SHA-256 is kept. Pressing it is a POST; a GET shows the page.
CREATE TABLE button (
    secret @BLOB@ NOT NULL PRIMARY KEY,
    purpose TEXT NOT NULL,              -- contact (is still read), warning (acknowledge)
    subject @I64@ NOT NULL,             -- number of the contact, or of the notice
    made_us @I64@ NOT NULL,
    expires_us @I64@ NOT NULL,
    pressed_us @I64@,                   -- the first time
    answer TEXT NOT NULL                -- what was pressed; empty: nothing yet
) @STRICT@;
CREATE INDEX button_subject ON button (purpose, subject);
CREATE INDEX button_expires ON button (expires_us);
