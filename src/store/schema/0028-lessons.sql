-- SPDX-License-Identifier: Apache-2.0
-- What was learnt of an incident, without whose it was.

CREATE TABLE lesson (
    number @I64@ NOT NULL PRIMARY KEY,
    identity TEXT NOT NULL UNIQUE,
    incident @I64@ NOT NULL REFERENCES incident (number),
    state TEXT NOT NULL,                -- draft, reviewed, shared
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    title_other TEXT NOT NULL,          -- in the second language
    text_other TEXT NOT NULL,
    writer TEXT NOT NULL,
    reader TEXT NOT NULL,               -- the second person; or empty
    changed_us @I64@ NOT NULL
) @STRICT@;
CREATE INDEX lesson_incident ON lesson (incident);
