-- SPDX-License-Identifier: Apache-2.0
-- Words of objects. They are cut and spelled by search.c, the same for both engines, so that neither engine's idea of
-- a word matters: each is letters, digits, bytes of other scripts, and . - _ : inside.

-- sqlite:
-- rowid is the number of the object. `name` are the words of names and values, `body` those around; the parts of
-- words (a domain above a host) stand beside them, so that a phrase meets only whole words. No ranking by frequency is
-- asked for, so sizes are not kept.
CREATE VIRTUAL TABLE search USING fts5 (
    name, name_part, body, body_part, columnsize = 0, tokenize = "ascii tokenchars '.-_:'"
);
-- postgres:
-- Weight A: name, B: name_part, C: body, D: body_part.
CREATE TABLE search (
    object BIGINT NOT NULL PRIMARY KEY REFERENCES object (number),
    words TSVECTOR NOT NULL
);
CREATE INDEX search_words ON search USING gin (words);
-- both:
