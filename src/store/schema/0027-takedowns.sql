-- SPDX-License-Identifier: Apache-2.0
-- Pages that imitate somebody, and getting them taken down.

CREATE TABLE takedown (
    number @I64@ NOT NULL PRIMARY KEY,
    incident @I64@ NOT NULL REFERENCES incident (number),
    url TEXT NOT NULL,                  -- as it is looked at
    target TEXT NOT NULL,               -- host, port and path, by which the same page is the same
    imitates @I64@ REFERENCES organisation (number),
    pap TEXT NOT NULL,                  -- what may be done to look at it, "PAP:GREEN"
    state TEXT NOT NULL,                -- drafted, requested, gone-once, gone-twice, down, given-up
    reports @I64@ NOT NULL,             -- that told of it when it was last counted
    reported_us @I64@ NOT NULL,         -- first told
    requested_us @I64@,                 -- when the first request left
    down_us @I64@,                      -- when it was first seen gone, of the three times
    returned @I64@ NOT NULL,            -- how often it came back
    check_us @I64@,                     -- when it is next looked at; empty: never
    changed_us @I64@ NOT NULL
) @STRICT@;
CREATE UNIQUE INDEX takedown_target ON takedown (incident, target);
CREATE INDEX takedown_incident ON takedown (incident, number);
CREATE INDEX takedown_check ON takedown (check_us, number) WHERE check_us IS NOT NULL;

CREATE TABLE takedown_request (
    takedown @I64@ NOT NULL REFERENCES takedown (number),
    number @I64@ NOT NULL,              -- from 1
    recipient TEXT NOT NULL,            -- host, registrar, registry, platform
    address TEXT NOT NULL,              -- of mail, or the https URL of a form that a person fills in
    source TEXT NOT NULL,               -- row of the table that named it; empty: a person did
    language TEXT NOT NULL,
    subject TEXT NOT NULL,
    text TEXT NOT NULL,
    state TEXT NOT NULL,                -- drafted, approved, sent, answered, refused, undelivered
    notice @I64@,                       -- by which it is sent
    approved_by TEXT NOT NULL,
    answer TEXT NOT NULL,               -- what they said, or why it did not arrive
    made_us @I64@ NOT NULL,
    sent_us @I64@,
    PRIMARY KEY (takedown, number)
) @STRICT@;
CREATE INDEX takedown_request_notice ON takedown_request (notice) WHERE notice IS NOT NULL;

CREATE TABLE takedown_look (
    takedown @I64@ NOT NULL REFERENCES takedown (number),
    looked_us @I64@ NOT NULL,
    outcome TEXT NOT NULL,              -- there, gone, other, unreachable, not-allowed
    detail TEXT NOT NULL,               -- what answered, or who says so
    PRIMARY KEY (takedown, looked_us)
) @STRICT@;
