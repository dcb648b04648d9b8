/* SPDX-License-Identifier: Apache-2.0 */
#include "store/query.h"

#include "base/arena.h"
#include "stix/text.h"
#include "store/words.h"

#define QUERY_WORDS_MAX (4 * SEARCH_QUERY_MAX)

static void word_take(void *context, slice word, bool part)
{
    struct query *query = context;
    if (part)
        return;
    if (query->word_count++ > 0)
        buf_byte(&query->words, ' ');
    buf_put(&query->words, word);
    query->last = arena_copy(query->arena, word);
}

static struct err term_add(struct query *query, slice text)
{
    bool prefix = slice_ends(text, S("*"));
    buf_reset(&query->words);
    query->word_count = 0;
    words_cut(text, query->arena, &(struct word_sink){query, word_take});
    if (query->word_count == 0)
        return OK;
    slice last = query->last;
    if (prefix && last.len < SEARCH_PREFIX_MIN)
        return err_format(query->arena, ERR_INPUT, "say at least %d letters before the star, not \"%.*s\"",
                SEARCH_PREFIX_MIN, (int)last.len, last.ptr);
    if (query->count == SEARCH_TERMS_MAX)
        return err_format(query->arena, ERR_LIMIT, "a query has at most %d words and phrases", SEARCH_TERMS_MAX);
    query->terms[query->count++] =
            (struct query_term){arena_copy(query->arena, buf_slice(&query->words)), query->word_count, prefix};
    return OK;
}

static struct err query_cut(struct query *query, slice text)
{
    while (text.len > 0) {
        bool quoted = text.ptr[0] == '"';
        slice from = slice_from(text, quoted);
        size_t end = 0;
        while (end < from.len &&
                (quoted ? from.ptr[end] != '"' : !byte_is_blank(from.ptr[end]) && from.ptr[end] != '"'))
            end++;
        slice rest = slice_from(from, end < from.len && (quoted || from.ptr[end] != '"') ? end + 1 : end);
        /* "words go here"* is the beginning of a phrase. */
        bool star = quoted && slice_starts(rest, S("*"));
        TRY(term_add(query,
                star ? slice_of(arena_printf(query->arena, "%.*s*", (int)end, from.ptr)) : slice_part(from, 0, end)));
        text = slice_from(rest, star);
    }
    return OK;
}

struct err query_parse(struct query *query, slice text)
{
    if (text.len > SEARCH_QUERY_MAX)
        return err_format(query->arena, ERR_INPUT, "a query has at most %d bytes", SEARCH_QUERY_MAX);
    if (!stix_text_is_utf8(text))
        return err_make(ERR_INPUT, "the query is not UTF-8");
    query->words = buf_make(QUERY_WORDS_MAX);
    struct err err = query_cut(query, text);
    buf_free(&query->words);
    TRY(err);
    return query->count > 0 ? OK : err_make(ERR_INPUT, "there is no word in the query");
}

/* ---- As the engine reads it ---- */

/* A phrase is of whole words, a word also a part of one. */
static void term_sqlite(const struct query_term *term, const char *mark, struct buf *out)
{
    slice rest = term->words, word;
    buf_put(out, term->count == 1 ? S("\"") : S("{word} : \""));
    while (rest.len > 0 && slice_next(&rest, ' ', &word))
        buf_printf(out, "%s%.*s ", mark, (int)word.len, word.ptr);
    buf_put(out, term->prefix ? S("\" *") : S("\""));
}

static void term_postgres(const struct query_term *term, const char *mark, struct buf *out)
{
    slice rest = term->words, word;
    for (size_t w = 0; w < term->count && slice_next(&rest, ' ', &word); w++) {
        buf_printf(out, "%s'%s%.*s'", w == 0 ? "" : " <-> ", mark, (int)word.len, word.ptr);
        bool prefix = term->prefix && w + 1 == term->count;
        buf_put(out, term->count > 1 ? (prefix ? S(":*A") : S(":A")) : (prefix ? S(":*") : S("")));
    }
}

static const struct query_engine engines[] = {
        [DB_SQLITE] = {term_sqlite, " AND ", " OR ", " NOT "},
        [DB_POSTGRES] = {term_postgres, " & ", " | ", " & !"},
};

/* All terms, in names only or anywhere. */
static void terms_write(const struct query *query, const struct query_engine *engine, bool names, struct buf *out)
{
    for (size_t i = 0; i < query->count; i++) {
        buf_put(out, slice_of(i == 0 ? "(" : engine->both));
        buf_byte(out, '(');
        engine->term(&query->terms[i], ":", out);
        if (!names) {
            buf_put(out, slice_of(engine->either));
            engine->term(&query->terms[i], "", out);
        }
        buf_byte(out, ')');
    }
    buf_byte(out, ')');
}

const struct query_engine *query_engine_of(enum db_engine engine)
{
    return &engines[engine];
}

struct err query_expression(
        const struct query *query, enum db_engine db_engine, slice kind, enum query_tier tier, struct buf *out)
{
    const struct query_engine *engine = &engines[db_engine];
    buf_reset(out);
    buf_byte(out, '(');
    terms_write(query, engine, tier == QUERY_NAMES, out);
    if (kind.len > 0) {
        buf_put(out, slice_of(engine->both));
        engine->term(&(struct query_term){kind, 1, false}, "::", out);
    }
    buf_byte(out, ')');
    if (tier > QUERY_NAMES) {
        buf_put(out, slice_of(engine->but));
        terms_write(query, engine, true, out);
    }
    return buf_check(out);
}

/*
 * PostgreSQL knows how common each word is and chooses between the index of words and the order of arrival by it, but
 * only while it plans for the query at hand; after a few it would plan once for all of them and be wrong for most.
 */
struct err query_plan_each(struct db *db, bool on)
{
    static const char EACH[] = "SELECT set_config('plan_cache_mode', 'force_custom_plan', false)";
    static const char AUTO[] = "SELECT set_config('plan_cache_mode', 'auto', false)";
    struct db_rows *rows;
    if (db_engine(db) != DB_POSTGRES)
        return OK;
    TRY(db_query(db, on ? EACH : AUTO, NULL, 0, &rows));
    return db_done(rows);
}
