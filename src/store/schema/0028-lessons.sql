-- SPDX-License-Identifier: Apache-2.0
-- What was learnt of an incident, without whose it was.

CREATE TABLE lesson (
    number @I64@ NOT NULL PRIMARY KEY,
    identity TEXT NOT NULL UNIQUE,      -- id of its STIX report
    incident @I64@ NOT NULL REFERENCES incident (number),
    state TEXT NOT NULL,                -- draft, reviewed, agreed, shared
    marking TEXT NOT NULL,              -- "TLP:GREEN", of what is shared; or empty
    title TEXT NOT NULL,                -- in English
    text TEXT NOT NULL,
    title_other TEXT NOT NULL,          -- in Bahasa Indonesia
    text_other TEXT NOT NULL,
    writer TEXT NOT NULL,               -- who wrote it last in English
    writer_other TEXT NOT NULL,         -- and in Bahasa Indonesia
    reader TEXT NOT NULL,               -- the second person; or empty
    changed_us @I64@ NOT NULL
) @STRICT@;
CREATE INDEX lesson_incident ON lesson (incident, number);
CREATE INDEX lesson_state ON lesson (state, number);

-- Words of both languages, cut and spelled as those of objects (0004). Lessons are few: this is the same on both engines.
CREATE TABLE lesson_word (
    word TEXT NOT NULL,
    lesson @I64@ NOT NULL REFERENCES lesson (number),
    PRIMARY KEY (word, lesson)
) @STRICT@;
CREATE INDEX lesson_word_of ON lesson_word (lesson);

-- Figures of a month ask for what fell into it.
CREATE INDEX duty_due ON duty (due_us) WHERE due_us IS NOT NULL;
CREATE INDEX takedown_reported ON takedown (reported_us);
