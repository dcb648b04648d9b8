-- SPDX-License-Identifier: Apache-2.0
-- What people tell us: one number at once for everything, whichever way it came.

CREATE TABLE report (
    number @I64@ NOT NULL PRIMARY KEY,
    reference TEXT NOT NULL UNIQUE,     -- what people quote, "2026-000042-K7QX": a year, the number, four random letters
    channel TEXT NOT NULL,              -- mail, form, phone, api, event, warning, partner
    state TEXT NOT NULL,                -- received, acknowledged, linked, answered, closed
    language TEXT NOT NULL,             -- in which it is answered, "id"
    organisation @I64@ REFERENCES organisation (number), -- who tells, of those we know; empty: somebody else
    subject TEXT NOT NULL,
    text TEXT NOT NULL,                 -- the beginning of what was said, as plain text; all of it is in letter.bytes
    class TEXT NOT NULL,                -- taxonomy/type of RSIT as proposed or as a person said; or empty
    class_rule TEXT NOT NULL,           -- the rule that proposed it; empty: a person said so, or nothing is proposed
    severity TEXT NOT NULL,
    flags TEXT NOT NULL,                -- words between blanks: money-lost, advert, exercise, restricted
    occurred_us @I64@,                  -- as they say
    received_us @I64@ NOT NULL,
    receipt_us @I64@,                   -- when its receipt was written; empty: it gets none, or not yet
    answered_us @I64@,
    changed_us @I64@ NOT NULL,
    holder @I64@ REFERENCES person (number), -- who of ours has it; empty: nobody
    incident @I64@,                     -- that it belongs to; empty: none
    same_as @I64@,                      -- the report with which it was merged; empty: none
    subject_key TEXT NOT NULL           -- words of the subject as they are compared; empty: too few
) @STRICT@;
CREATE INDEX report_open ON report (received_us, number) WHERE state IN ('received', 'acknowledged') AND same_as IS NULL;
CREATE INDEX report_holder ON report (holder, number) WHERE state <> 'closed';
CREATE INDEX report_incident ON report (incident, number);
CREATE INDEX report_organisation ON report (organisation, number);
CREATE INDEX report_receipt ON report (number) WHERE state = 'received' AND receipt_us IS NULL;
CREATE INDEX report_received ON report (received_us);
CREATE INDEX report_near ON report (subject_key, number) WHERE subject_key <> '';
CREATE INDEX report_same ON report (same_as, number) WHERE same_as IS NOT NULL;

-- Who told us: apart from what was told, so that whoever reads that need not read this, and this can be removed alone.
CREATE TABLE report_person (
    report @I64@ NOT NULL PRIMARY KEY REFERENCES report (number),
    name TEXT NOT NULL,
    mail TEXT NOT NULL,
    phone TEXT NOT NULL
) @STRICT@;
CREATE INDEX report_person_mail ON report_person (mail);

-- Each message of the thread, byte for byte: what came, and what we answered.
CREATE TABLE letter (
    number @I64@ NOT NULL PRIMARY KEY,
    report @I64@ NOT NULL REFERENCES report (number),
    direction TEXT NOT NULL,            -- in, out
    message_id TEXT NOT NULL,           -- without angle brackets; or empty
    sender TEXT NOT NULL,               -- address of who wrote it; empty: ours, or nobody knows
    subject TEXT NOT NULL,
    text TEXT NOT NULL,                 -- the beginning, as plain text
    actor TEXT NOT NULL,                -- who wrote it, of ours; empty: they
    time_us @I64@ NOT NULL,
    notice @I64@,                       -- by which it is sent; empty: it came in
    signature TEXT NOT NULL,            -- openpgp, smime, or empty: of what kind one was there; it was not checked
    digest @BLOB@ NOT NULL,             -- SHA-256 of bytes
    bytes @BLOB@ NOT NULL               -- packed (zstd); empty: removed with whoever wrote it
) @STRICT@;
CREATE INDEX letter_report ON letter (report, number);
CREATE INDEX letter_message ON letter (message_id) WHERE message_id <> '';
CREATE INDEX letter_digest ON letter (digest);

-- What hung on it. Its bytes are in the letter; whoever wants them says so, and gets them as a download only.
CREATE TABLE attachment (
    letter @I64@ NOT NULL REFERENCES letter (number),
    part @I64@ NOT NULL,                -- from 1, in the order of the parts
    name TEXT NOT NULL,                 -- as it was said, harmless characters only
    type TEXT NOT NULL,
    bytes @I64@ NOT NULL,
    digest @BLOB@ NOT NULL,             -- SHA-256
    PRIMARY KEY (letter, part)
) @STRICT@;
CREATE INDEX attachment_digest ON attachment (digest, letter);

-- Values that were found in what was told.
CREATE TABLE report_observable (
    report @I64@ NOT NULL REFERENCES report (number),
    type TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (report, type, value)
) @STRICT@;
CREATE INDEX report_observable_value ON report_observable (type, value, report);

-- Reports that may tell of the same: proposed, for a person to decide.
CREATE TABLE report_alike (
    report @I64@ NOT NULL REFERENCES report (number),
    other @I64@ NOT NULL REFERENCES report (number), -- the earlier one
    why TEXT NOT NULL,
    state TEXT NOT NULL,                -- proposed, same, different
    PRIMARY KEY (report, other)
) @STRICT@;
CREATE INDEX report_alike_other ON report_alike (other, report);

-- Words of reports and of incidents, cut and spelled as those of objects (0004); the row is that of the same number.
-- sqlite:
CREATE VIRTUAL TABLE report_search USING fts5 (word, part, columnsize = 0, tokenize = "ascii tokenchars '.-_:'");
CREATE VIRTUAL TABLE incident_search USING fts5 (word, part, columnsize = 0, tokenize = "ascii tokenchars '.-_:'");
-- postgres:
CREATE TABLE report_search (
    report BIGINT NOT NULL PRIMARY KEY REFERENCES report (number),
    words TSVECTOR NOT NULL
);
CREATE INDEX report_search_words ON report_search USING gin (words) WITH (gin_pending_list_limit = 1024);
CREATE TABLE incident_search (
    incident BIGINT NOT NULL PRIMARY KEY REFERENCES incident (number),
    words TSVECTOR NOT NULL
);
CREATE INDEX incident_search_words ON incident_search USING gin (words) WITH (gin_pending_list_limit = 1024);
ALTER TABLE report_observable ALTER COLUMN value TYPE TEXT COLLATE "C";
ALTER TABLE letter ALTER COLUMN bytes SET STORAGE EXTERNAL;
-- both:
