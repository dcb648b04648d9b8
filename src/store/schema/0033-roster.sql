-- SPDX-License-Identifier: Apache-2.0
-- Who we are, as we say it in public (RFC 2350, RFC 9116), and who is on call.

-- What was typed into the profile: a field that reads differently in two languages has a row for each.
CREATE TABLE profile (
    field TEXT NOT NULL,                -- "mission"
    language TEXT NOT NULL,             -- "en", "id"; empty: the same in all
    value TEXT NOT NULL,
    changed_us @I64@ NOT NULL,
    actor TEXT NOT NULL,                -- who changed it last; the journal has the others
    PRIMARY KEY (field, language)
) @STRICT@;

-- What anybody may read, byte for byte as it is served.
CREATE TABLE profile_document (
    name TEXT NOT NULL PRIMARY KEY,     -- "security.txt", "rfc2350.en"
    text @BLOB@ NOT NULL,
    source @BLOB@ NOT NULL,             -- SHA-256 of what it was made of: another one makes it anew
    fingerprint TEXT NOT NULL,          -- of the key that signed it; empty: it is not signed
    made_us @I64@ NOT NULL
) @STRICT@;

-- Who is on call. Two on one rank at once, or nobody, is shown and not refused: a plan in the making has both.
CREATE TABLE shift (
    number @I64@ NOT NULL PRIMARY KEY,
    person @I64@ NOT NULL REFERENCES person (number),
    rank TEXT NOT NULL,                 -- first, second
    from_us @I64@ NOT NULL,
    until_us @I64@ NOT NULL,
    UNIQUE (person, rank, from_us)
) @STRICT@;
CREATE INDEX shift_from ON shift (from_us, number);

-- How they are reached while they are on call.
CREATE TABLE shift_person (
    person @I64@ NOT NULL PRIMARY KEY REFERENCES person (number),
    mail TEXT NOT NULL,                 -- or empty
    phone TEXT NOT NULL                 -- or empty
) @STRICT@;
