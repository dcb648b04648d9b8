-- SPDX-License-Identifier: Apache-2.0
-- Words of objects. They are cut and spelled by search.c, the same for both engines, so that neither engine's idea of
-- a word matters: each is letters, digits, bytes of other scripts, and . - _ : inside. A word of a name has ":" in
-- front, an object's type "::", so that what is looked for in names only, or of one type only, is a list of its own
-- and not all of a common word's, sifted.

-- sqlite:
-- rowid is the number of the object. The parts of words (a domain above a host) stand beside them, so that a phrase
-- meets only whole words. No ranking by frequency is asked for, so sizes are not kept.
CREATE VIRTUAL TABLE search USING fts5 (word, part, columnsize = 0, tokenize = "ascii tokenchars '.-_:'");
-- postgres:
-- Weight A: word, D: part.
CREATE TABLE search (
    object BIGINT NOT NULL PRIMARY KEY REFERENCES object (number),
    words TSVECTOR NOT NULL
);
-- What waits to be sorted in is read by every search, so it is kept short (KiB).
CREATE INDEX search_words ON search USING gin (words) WITH (gin_pending_list_limit = 1024);
-- both:
