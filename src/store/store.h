/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The node's database: opened, brought to this program's schema (schema/NNNN-name.sql, in order), and never seen below
 * this folder as SQL. One file per family of tables; lists live in the caller's arena; each thread opens its own.
 *
 * Functions that change something take a work (work.h), those that read a db. Numbers are made by us, grow, and are
 * never used twice.
 */
#include "db/db.h"

struct arena;

#define STORE_PAGE_MAX 1000 /* rows that a list gives at once */
#define STORE_NAME_MAX 200  /* bytes of a name: of a source, an organisation, a user, a feed, a tag */
#define STORE_TEXT_MAX 4096 /* bytes of a reason, a URL, a note */

/* As db_open, and migrates. ERR_CONFLICT if the database is newer than the program. */
MUST_USE struct err store_open(const struct db_options *options, struct arena *arena, struct db **db);

/* `count` numbers in a row of a family ("object"): *first and those behind it. Inside a transaction only. */
MUST_USE struct err store_number(struct db *db, const char *family, uint64_t count, int64_t *first);
/* The last one given; 0: none yet. */
MUST_USE struct err store_number_last(struct db *db, const char *family, int64_t *last);

/* Facts of the node by name ("organisation": the number of the own one). Empty where there is none. */
MUST_USE struct err store_fact_get(struct db *db, slice name, struct arena *arena, slice *value);
MUST_USE struct err store_fact_put(struct db *db, slice name, slice value);

/* ERR_INPUT if a text is empty, too long, not UTF-8 or holds control characters; `what` is named: "name of a source".
 */
MUST_USE struct err store_text_check(struct arena *arena, const char *what, slice text, size_t bytes_max);
/* The same for a text of several lines: ends of lines and tabs may be in it. */
MUST_USE struct err store_prose_check(struct arena *arena, const char *what, slice text, size_t bytes_max);
/* What of a text from outside is kept for people to read: cut at a character, U+FFFD for what is no character. */
slice store_text_keep(struct arena *arena, slice text, size_t bytes_max);
/* The same of a text of several lines: ends of lines, as "\n", and tabs stay. */
slice store_prose_keep(struct arena *arena, slice text, size_t bytes_max);
