-- SPDX-License-Identifier: Apache-2.0
-- Pages that imitate somebody, and getting them taken down.

CREATE TABLE takedown (
    number @I64@ NOT NULL PRIMARY KEY,
    incident @I64@ NOT NULL REFERENCES incident (number),
    url TEXT NOT NULL,
    imitates @I64@ REFERENCES organisation (number),
    pap TEXT NOT NULL,                  -- what may be done to look at it
    state TEXT NOT NULL,                -- drafted, requested, gone-once, gone-twice, down, given-up
    reported_us @I64@ NOT NULL,         -- first told
    requested_us @I64@,
    down_us @I64@,                      -- when it was first seen gone, of the three times
    returned @I64@ NOT NULL,            -- how often it came back
    check_us @I64@,                     -- when it is next looked at; empty: never
    changed_us @I64@ NOT NULL
) @STRICT@;
CREATE UNIQUE INDEX takedown_url ON takedown (url, incident);
CREATE INDEX takedown_incident ON takedown (incident, number);
CREATE INDEX takedown_check ON takedown (check_us) WHERE check_us IS NOT NULL;

CREATE TABLE takedown_request (
    takedown @I64@ NOT NULL REFERENCES takedown (number),
    number @I64@ NOT NULL,              -- from 1
    recipient TEXT NOT NULL,            -- host, registrar, registry, platform
    address TEXT NOT NULL,
    language TEXT NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL,                -- drafted, approved, sent, answered, refused
    notice @I64@,
    approved_by TEXT NOT NULL,
    made_us @I64@ NOT NULL,
    sent_us @I64@,
    PRIMARY KEY (takedown, number)
) @STRICT@;

CREATE TABLE takedown_look (
    takedown @I64@ NOT NULL REFERENCES takedown (number),
    looked_us @I64@ NOT NULL,
    outcome TEXT NOT NULL,              -- there, gone, other, unreachable, not-allowed
    detail TEXT NOT NULL,
    PRIMARY KEY (takedown, looked_us)
) @STRICT@;
