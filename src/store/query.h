/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What is searched for, as the engine reads it: words and "phrases" of people become an expression of FTS5 or a
 * tsquery. Only words (words.h) get into it; whatever else was typed is text, never syntax. Spelled as in spelled.h.
 *
 * Private to this folder. A query lives in the caller's arena.
 */
#include "base/buf.h"
#include "db/db.h"
#include "store/search.h"

#define QUERY_EXPRESSION_MAX (256u << 10) /* bytes of a query as the engine reads it */

struct query_term {
    slice words; /* between blanks */
    size_t count;
    bool prefix; /* the last word is only the beginning of one */
};

struct query {
    struct arena *arena;
    struct query_term terms[SEARCH_TERMS_MAX];
    size_t count;
    struct buf words; /* of the term at hand */
    size_t word_count;
    slice last; /* of them */
};

/* How an engine writes what it looks for. */
struct query_engine {
    void (*term)(const struct query_term *term, const char *mark, struct buf *out);
    const char *both, *either, *but;
};
const struct query_engine *query_engine_of(enum db_engine engine);

/* query->arena is set. ERR_INPUT for a query without a word, with too short a beginning of one, or too long, ERR_LIMIT
 * beyond SEARCH_TERMS_MAX. */
MUST_USE struct err query_parse(struct query *query, slice text);

/* Where words are looked for. */
enum query_tier { QUERY_NAMES, QUERY_TEXT /* anywhere, but for what names had */ };
/* Empties `out` first. `kind`: a word with "::" in front has to be there, too; empty: none. */
MUST_USE struct err query_expression(
        const struct query *query, enum db_engine engine, slice kind, enum query_tier tier, struct buf *out);

/* Whether PostgreSQL plans each query by itself, from now on in this connection; SQLite does so anyhow. */
MUST_USE struct err query_plan_each(struct db *db, bool on);
