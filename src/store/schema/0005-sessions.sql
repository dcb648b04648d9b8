-- SPDX-License-Identifier: Apache-2.0
-- By what people are known: sessions, tokens, second factors, certificates. Of every secret that we make only its
-- SHA-256 is kept; the secret of a second factor, which has to be read again, is sealed with a key that is not here.

-- How a person wants to be spoken to; empty: not said.
ALTER TABLE person ADD COLUMN language TEXT NOT NULL DEFAULT '';    -- RFC 5646, "id"
ALTER TABLE person ADD COLUMN zone TEXT NOT NULL DEFAULT '';        -- "Asia/Jakarta"

-- A session is good while `ended` is empty and ends_us is to come; rest may end it earlier.
CREATE TABLE session (
    number @I64@ NOT NULL PRIMARY KEY,
    secret @BLOB@ NOT NULL UNIQUE,
    person @I64@ NOT NULL REFERENCES person (number),
    how TEXT NOT NULL,                  -- password, second factor
    half @I64@ NOT NULL,                -- 1: the second factor is still to come
    origin TEXT NOT NULL,               -- address from which it was opened
    agent TEXT NOT NULL,                -- what the browser called itself
    made_us @I64@ NOT NULL,
    seen_us @I64@ NOT NULL,             -- to some minutes
    ends_us @I64@ NOT NULL,
    ended TEXT NOT NULL                 -- why it ended before its time; empty: it did not
) @STRICT@;
CREATE INDEX session_person ON session (person, ends_us);
CREATE INDEX session_ends ON session (ends_us);

CREATE TABLE token (
    number @I64@ NOT NULL PRIMARY KEY,
    secret @BLOB@ NOT NULL UNIQUE,
    person @I64@ NOT NULL REFERENCES person (number),
    name TEXT NOT NULL,                 -- what it is for
    scopes TEXT NOT NULL,               -- words between blanks, "read taxii"
    made_us @I64@ NOT NULL,
    ends_us @I64@ NOT NULL,             -- when it expires, or was revoked
    used_us @I64@,                      -- to an hour
    revoked @I64@ NOT NULL              -- 1: somebody took it back
) @STRICT@;
CREATE INDEX token_person ON token (person, number);
CREATE INDEX token_ends ON token (ends_us);

CREATE TABLE second_factor (
    person @I64@ NOT NULL PRIMARY KEY REFERENCES person (number),
    sealed @BLOB@ NOT NULL,
    made_us @I64@ NOT NULL,
    confirmed_us @I64@,                 -- empty: shown, but no code of it was given yet
    step @I64@ NOT NULL                 -- of the last code that was taken (RFC 6238 section 4.2); none below is again
) @STRICT@;

-- Codes for who lost the device; each works once.
CREATE TABLE recovery_code (
    person @I64@ NOT NULL REFERENCES person (number),
    code @BLOB@ NOT NULL,
    used_us @I64@,
    PRIMARY KEY (person, code)
) @STRICT@;

CREATE TABLE certificate (
    fingerprint @BLOB@ NOT NULL PRIMARY KEY, -- SHA-256 of its DER
    person @I64@ NOT NULL REFERENCES person (number),
    subject TEXT NOT NULL,
    added_us @I64@ NOT NULL,
    expires_us @I64@ NOT NULL
) @STRICT@;
CREATE INDEX certificate_person ON certificate (person);
