/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Words of one thing that is searched, spelled for the engine that keeps them: those of names with ":" in front, marks
 * that are no words of people with more of them. SQLite has whole words and parts of words in two columns of FTS5,
 * PostgreSQL has them as two weights of a tsvector; only phrases care.
 *
 * Private to this folder. Cuts one thing after the other; one thread.
 */
#include "base/buf.h"
#include "db/db.h"

#define SPELLED_VALUES_MAX 2 /* of a row, beside its number */

struct arena;

enum spelled_kind { SPELLED_WORD, SPELLED_PART, SPELLED_KINDS };
struct spelled {
    enum db_engine engine;
    struct arena *arena;             /* emptied with each thing */
    struct buf kinds[SPELLED_KINDS]; /* SQLite: one for each; PostgreSQL: the first */
    size_t bytes;                    /* of words, SEARCH_TEXT_MAX at most: those beyond are left out */
    uint32_t position;
    bool name; /* the text at hand is a name */
};

/* spelled_close at the end. */
void spelled_open(struct spelled *spelled, enum db_engine engine);
void spelled_close(struct spelled *spelled);
/* The next thing. */
void spelled_begin(struct spelled *spelled);
void spelled_text(struct spelled *spelled, slice text, bool name);
/* A mark: "::" of a kind, ":::" of an id; the word is small letters, digits and hyphens. */
void spelled_mark(struct spelled *spelled, const char *colons, slice word);
/* What goes into the row behind its number, in this arena; how many values that are. */
size_t spelled_values(const struct spelled *spelled, struct arena *arena, struct db_value *values);
/* That number without its values. */
size_t spelled_width(enum db_engine engine);
