-- SPDX-License-Identifier: Apache-2.0
-- Where the events of a stream come in, beside what is sent to /ingest and what the command `ingest` is given.

CREATE TABLE inlet (
    number @I64@ NOT NULL PRIMARY KEY,
    stream @I64@ NOT NULL REFERENCES stream (number),
    kind TEXT NOT NULL,                 -- unix, syslog, syslog+tls, file, folder
    place TEXT NOT NULL,                -- a path, or ADDRESS:PORT
    added_us @I64@ NOT NULL
) @STRICT@;
CREATE UNIQUE INDEX inlet_once ON inlet (stream, kind, place);
