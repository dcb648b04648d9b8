/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an object says becomes words (words.h), those of names with ":" in front; a query becomes the same words,
 * written as an expression of the engine. Only words get into it. What an object refers to is one word each, with ":::"
 * in front. SQLite keeps whole words and parts of words in two
 * columns of FTS5, PostgreSQL as two weights of a tsvector; only phrases care.
 */
#include "store/search.h"

#include "base/arena.h"
#include "stix/text.h"
#include "store/object_row.h"
#include "store/page.h"
#include "store/words.h"
#include "json/tape.h"

#define WORK_MAX (64u << 20)  /* bytes of memory while an object's words are cut */
#define VECTOR_MAX (1u << 20) /* bytes of a tsvector, a limit of PostgreSQL */
#define POSITION_MAX 16383    /* of a word in a tsvector, the same */
#define SEND_ROWS 256         /* rows that are sent at once, */
#define SEND_BYTES (4u << 20) /* or when they take so much */
#define QUERY_WORDS_MAX (4 * SEARCH_QUERY_MAX)
#define TIER_LAST 1
#define EXPRESSION_MAX (256u << 10) /* bytes of a query as the engine reads it */

enum kind { KIND_WORD, KIND_PART, KINDS };

static bool is_type(slice type)
{
    bool is = type.len > 0 && type.len <= SEARCH_WORD_MAX;
    for (size_t i = 0; is && i < type.len; i++)
        is = byte_is_digit(type.ptr[i]) || (type.ptr[i] >= 'a' && type.ptr[i] <= 'z') || type.ptr[i] == '-';
    return is;
}

/* ---- Where words are in an object ---- */

enum property { PROPERTY_BODY, PROPERTY_NAME, PROPERTY_PATTERN, PROPERTY_REF, PROPERTY_PASSED };

/* By name, wherever in the object it stands. What has no row, also of types that nobody knows, is text. */
static const struct {
    const char *name;
    enum property property;
} properties[] = {
        {"id", PROPERTY_NAME},
        {"name", PROPERTY_NAME},
        {"aliases", PROPERTY_NAME},
        {"x_mitre_aliases", PROPERTY_NAME},
        {"value", PROPERTY_NAME},
        {"values", PROPERTY_NAME},
        {"hashes", PROPERTY_NAME},
        {"external_id", PROPERTY_NAME},
        {"path", PROPERTY_NAME},
        {"key", PROPERTY_NAME},
        {"subject", PROPERTY_NAME},
        {"display_name", PROPERTY_NAME},
        {"account_login", PROPERTY_NAME},
        {"user_id", PROPERTY_NAME},
        {"serial_number", PROPERTY_NAME},
        {"cpe", PROPERTY_NAME},
        {"pattern", PROPERTY_PATTERN},
        {"type", PROPERTY_PASSED},
        {"spec_version", PROPERTY_PASSED},
        {"pattern_type", PROPERTY_PASSED},
        {"pattern_version", PROPERTY_PASSED},
        {"created", PROPERTY_PASSED},
        {"modified", PROPERTY_PASSED},
        {"valid_from", PROPERTY_PASSED},
        {"valid_until", PROPERTY_PASSED},
        {"first_seen", PROPERTY_PASSED},
        {"last_seen", PROPERTY_PASSED},
        {"first_observed", PROPERTY_PASSED},
        {"last_observed", PROPERTY_PASSED},
        {"payload_bin", PROPERTY_PASSED},
        {"granular_markings", PROPERTY_PASSED},
        {"created_by_ref", PROPERTY_PASSED},
};

static enum property property_of(slice key)
{
    for (size_t i = 0; i < COUNT_OF(properties); i++)
        if (slice_eq(key, slice_of(properties[i].name)))
            return properties[i].property;
    return slice_ends(key, S("_ref")) || slice_ends(key, S("_refs")) ? PROPERTY_REF : PROPERTY_BODY;
}

/* The words of one object. */
struct indexing {
    enum db_engine engine;
    struct arena *arena;
    struct buf kinds[KINDS]; /* SQLite: one for each; PostgreSQL: the first */
    size_t bytes, ref_bytes;
    uint32_t position;
    bool name; /* the text at hand is a name */
};

static void word_write(void *context, slice word, bool part)
{
    struct indexing *indexing = context;
    enum kind kind = part ? KIND_PART : KIND_WORD;
    const char *mark = indexing->name ? ":" : "";
    if (indexing->bytes + word.len > SEARCH_TEXT_MAX)
        return;
    indexing->bytes += word.len + 1;
    if (indexing->engine == DB_SQLITE) {
        buf_put(&indexing->kinds[kind], slice_of(mark));
        buf_put(&indexing->kinds[kind], word);
        buf_byte(&indexing->kinds[kind], ' ');
        return;
    }
    indexing->position += indexing->position < POSITION_MAX && (!part || indexing->position == 0);
    buf_printf(
            &indexing->kinds[0], "'%s%.*s':%u%c ", mark, (int)word.len, word.ptr, indexing->position, part ? 'D' : 'A');
}

static void text_index(struct indexing *indexing, slice text, bool name)
{
    indexing->name = name;
    words_cut(text, indexing->arena, &(struct word_sink){indexing, word_write});
    indexing->position += indexing->position < POSITION_MAX; /* no phrase goes over the end of a text */
    if (indexing->engine == DB_SQLITE)
        buf_put(&indexing->kinds[KIND_WORD], S(". "));
}

/* What stands between quotes in a pattern; all of one that quotes nothing. */
static void pattern_index(struct indexing *indexing, slice pattern)
{
    size_t found = 0;
    for (size_t at = 0; at < pattern.len; at++) {
        if (pattern.ptr[at] != '\'')
            continue;
        size_t end = ++at;
        while (end < pattern.len && pattern.ptr[end] != '\'')
            end += pattern.ptr[end] == '\\' ? 2 : 1;
        end = end > pattern.len ? pattern.len : end;
        text_index(indexing, slice_part(pattern, at, end), true);
        at = end;
        found++;
    }
    if (found == 0)
        text_index(indexing, pattern, false);
}

/* An id in lower case, so that it is one word to both engines; false if it is none. */
static bool ref_normal(slice ref, char *out)
{
    bool is = ref.len > 0 && ref.len <= OBJECT_ID_MAX && slice_find_slice(ref, S("--")) < ref.len;
    for (size_t i = 0; is && i < ref.len; i++) {
        out[i] = byte_lower(ref.ptr[i]);
        is = byte_is_digit(out[i]) || (out[i] >= 'a' && out[i] <= 'z') || out[i] == '-';
    }
    return is;
}

static void ref_index(struct indexing *indexing, slice ref)
{
    char word[OBJECT_ID_MAX];
    if (!ref_normal(ref, word) || indexing->ref_bytes + ref.len > SEARCH_REFS_MAX)
        return;
    indexing->ref_bytes += ref.len;
    if (indexing->engine == DB_SQLITE)
        buf_printf(&indexing->kinds[KIND_PART], ":::%.*s ", (int)ref.len, word);
    else
        buf_printf(&indexing->kinds[0], "':::%.*s' ", (int)ref.len, word);
}

static void string_index(struct indexing *indexing, slice raw, enum property property)
{
    slice text = json_unescape(raw, indexing->arena);
    if (property == PROPERTY_REF)
        ref_index(indexing, text);
    else if (property == PROPERTY_PATTERN)
        pattern_index(indexing, text);
    else
        text_index(indexing, text, property == PROPERTY_NAME);
}

/* Walks the tape once; a property's row holds for all that stands in its value. */
static void tape_index(struct indexing *indexing, const struct json_tape *tape)
{
    enum property property = PROPERTY_BODY;
    size_t until = 0;
    for (size_t at = 0; at < tape->count && indexing->bytes < SEARCH_TEXT_MAX; at++) {
        const struct json_token *token = &tape->tokens[at];
        slice text = json_tape_slice(tape, token);
        if ((token->flags & JSON_TOKEN_KEY) != 0 && at >= until) {
            property = property_of(text);
            until = property == PROPERTY_BODY ? 0 : tape->tokens[at + 1].next;
            if (property == PROPERTY_PASSED)
                at = until - 1;
        } else if (token->kind == JSON_STRING && (token->flags & JSON_TOKEN_KEY) == 0) {
            string_index(indexing, text, at < until ? property : PROPERTY_BODY);
        }
    }
}

/* ---- Putting ---- */

static const char ADD_SQLITE[] = "INSERT INTO search (rowid, word, part) VALUES ($1, $2, $3)";
static const char ADD_POSTGRES[] = "INSERT INTO search (object, words) VALUES ($1, CAST(CAST($2 AS TEXT) AS tsvector))";

/* Rows on their way, so that a server is asked in few round trips. */
struct sending {
    struct db *db;
    struct arena *arena;
    struct db_value *values;
    size_t count;
};

static size_t width_of(enum db_engine engine)
{
    return engine == DB_SQLITE ? 1 + KINDS : 2;
}

static struct err send(struct sending *sending)
{
    enum db_engine engine = db_engine(sending->db);
    TRY(db_run_many(sending->db, engine == DB_SQLITE ? ADD_SQLITE : ADD_POSTGRES, sending->values, width_of(engine),
            sending->count, NULL));
    arena_reset(sending->arena);
    sending->values = arena_new(sending->arena, struct db_value, SEND_ROWS * (1 + KINDS));
    sending->count = 0;
    return OK;
}

static struct err add(struct sending *sending, const struct indexing *indexing, int64_t number)
{
    size_t width = width_of(indexing->engine);
    struct db_value *value = sending->values + sending->count++ * width;
    *value++ = db_i64(number);
    for (size_t k = 0; k + 1 < width; k++)
        *value++ = db_text(arena_copy(sending->arena, buf_slice(&indexing->kinds[k])));
    return sending->count == SEND_ROWS || arena_used(sending->arena) > SEND_BYTES ? send(sending) : OK;
}

/* A type as a word of its own kind; that of an odd one is compared in SQL alone. */
static void type_index(struct indexing *indexing, slice type)
{
    if (!is_type(type))
        return;
    if (indexing->engine == DB_SQLITE)
        buf_printf(&indexing->kinds[KIND_PART], "::%.*s ", (int)type.len, type.ptr);
    else
        buf_printf(&indexing->kinds[0], "'::%.*s' ", (int)type.len, type.ptr);
}

/* The words of one object; false: none, since the fast tape leaves objects of very many keys to the other, and neither
 * took it. */
static bool object_index(struct indexing *indexing, struct json_tape *tape, const struct search_put *row)
{
    for (size_t k = 0; k < KINDS; k++)
        buf_reset(&indexing->kinds[k]);
    indexing->bytes = indexing->ref_bytes = 0;
    indexing->position = 0;
    arena_reset(indexing->arena);
    bool read =
            json_tape_read(tape, row->bytes, JSON_TAPE_STRICT) || json_tape_read(tape, row->bytes, JSON_TAPE_CHECKED);
    if (!read)
        return false;
    type_index(indexing, row->type);
    tape_index(indexing, tape);
    return true;
}

static struct err put_all(struct sending *sending, struct indexing *indexing, struct json_tape *tape,
        const struct search_put *rows, size_t count)
{
    sending->values = arena_new(sending->arena, struct db_value, SEND_ROWS * (1 + KINDS));
    for (size_t i = 0; i < count; i++)
        if (object_index(indexing, tape, &rows[i]))
            TRY(add(sending, indexing, rows[i].number));
    return send(sending);
}

struct err store_search_put(struct work *work, const struct search_put *rows, size_t count)
{
    struct indexing indexing = {.engine = db_engine(work->db)};
    struct sending sending = {.db = work->db};
    struct json_tape tape = {0};
    for (size_t k = 0; k < KINDS; k++)
        indexing.kinds[k] = buf_make(indexing.engine == DB_SQLITE ? 2 * SEARCH_TEXT_MAX : VECTOR_MAX);
    indexing.arena = arena_open("words of an object", ARENA_WORK, WORK_MAX);
    sending.arena = arena_open("words of objects", ARENA_WORK, WORK_MAX);
    struct err err = put_all(&sending, &indexing, &tape, rows, count);
    arena_close(sending.arena);
    arena_close(indexing.arena);
    json_tape_free(&tape);
    for (size_t k = 0; k < KINDS; k++)
        buf_free(&indexing.kinds[k]);
    return err;
}

struct err store_search_drop(struct work *work, const int64_t *numbers, size_t count)
{
    static const char DROP_SQLITE[] = "DELETE FROM search WHERE rowid = $1";
    static const char DROP_POSTGRES[] = "DELETE FROM search WHERE object = $1";
    struct db_value *values = arena_new(work->arena, struct db_value, count);
    for (size_t i = 0; i < count; i++)
        values[i] = db_i64(numbers[i]);
    TRY(arena_check(work->arena));
    return db_run_many(
            work->db, db_engine(work->db) == DB_SQLITE ? DROP_SQLITE : DROP_POSTGRES, values, 1, count, NULL);
}

/* ---- A query ---- */

struct term {
    slice words; /* between blanks */
    size_t count;
    bool prefix; /* the last word is only the beginning of one */
};

struct query {
    struct arena *arena;
    struct term terms[SEARCH_TERMS_MAX];
    size_t count;
    struct buf words; /* of the term at hand */
    size_t word_count;
    slice last; /* of them */
};

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
            (struct term){arena_copy(query->arena, buf_slice(&query->words)), query->word_count, prefix};
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

/* A phrase is of whole words, a word also a part of one. */
static void term_sqlite(const struct term *term, const char *mark, struct buf *out)
{
    slice rest = term->words, word;
    buf_put(out, term->count == 1 ? S("\"") : S("{word} : \""));
    while (rest.len > 0 && slice_next(&rest, ' ', &word))
        buf_printf(out, "%s%.*s ", mark, (int)word.len, word.ptr);
    buf_put(out, term->prefix ? S("\" *") : S("\""));
}

static void term_postgres(const struct term *term, const char *mark, struct buf *out)
{
    slice rest = term->words, word;
    for (size_t w = 0; w < term->count && slice_next(&rest, ' ', &word); w++) {
        buf_printf(out, "%s'%s%.*s'", w == 0 ? "" : " <-> ", mark, (int)word.len, word.ptr);
        bool prefix = term->prefix && w + 1 == term->count;
        buf_put(out, term->count > 1 ? (prefix ? S(":*A") : S(":A")) : (prefix ? S(":*") : S("")));
    }
}

static const struct engine {
    void (*term)(const struct term *term, const char *mark, struct buf *out);
    const char *both, *either, *but;
} engines[] = {
        [DB_SQLITE] = {term_sqlite, " AND ", " OR ", " NOT "},
        [DB_POSTGRES] = {term_postgres, " & ", " | ", " & !"},
};

/* All terms, in names only or anywhere. */
static void terms_write(const struct query *query, const struct engine *engine, bool names, struct buf *out)
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

/* Tier 0: in names. Tier 1: anywhere, but for what tier 0 had. */
static struct err expression(
        const struct query *query, enum db_engine db_engine, slice type, int64_t tier, struct buf *out)
{
    const struct engine *engine = &engines[db_engine];
    buf_reset(out);
    buf_byte(out, '(');
    terms_write(query, engine, tier == 0, out);
    if (is_type(type)) {
        buf_put(out, slice_of(engine->both));
        engine->term(&(struct term){type, 1, false}, "::", out);
    }
    buf_byte(out, ')');
    if (tier > 0) {
        buf_put(out, slice_of(engine->but));
        terms_write(query, engine, true, out);
    }
    return buf_check(out);
}

#define SHOWN "AND (CAST($3 AS TEXT) = '' OR o.type = $3) AND " SEEN("o") " AND " NEWEST("o") " "
/* FTS5 gives the latest first by itself, so that a page of a common word reads no more than the page. */
static const char LIST_SQLITE[] =
        OBJECT_COLUMNS("1") "FROM search s CROSS JOIN object o ON o.number = s.rowid "
                            "WHERE search MATCH $1 AND s.rowid < $2 " SHOWN "ORDER BY s.rowid DESC LIMIT $4";
static const char LIST_POSTGRES[] =
        OBJECT_COLUMNS("1") "FROM search s JOIN object o ON o.number = s.object "
                            "WHERE s.words @@ CAST(CAST($1 AS TEXT) AS tsquery) AND o.number < $2 " SHOWN
                            "ORDER BY o.number DESC LIMIT $4";

/*
 * PostgreSQL knows how common each word is and chooses between the index of words and the order of arrival by it, but
 * only while it plans for the query at hand; after a few it would plan once for all of them and be wrong for most.
 */
static struct err plan_each(struct db *db, bool on)
{
    static const char EACH[] = "SELECT set_config('plan_cache_mode', 'force_custom_plan', false)";
    static const char AUTO[] = "SELECT set_config('plan_cache_mode', 'auto', false)";
    struct db_rows *rows;
    if (db_engine(db) != DB_POSTGRES)
        return OK;
    TRY(db_query(db, on ? EACH : AUTO, NULL, 0, &rows));
    return db_done(rows);
}

/* What an expression finds before a number. */
static struct err found_list(struct db *db, struct err made, struct buf *text, const struct page *page, int64_t before,
        slice type, size_t bytes_max, struct arena *arena, struct object **rows, size_t *row_count, bool *cut)
{
    struct err err = made;
    const struct db_value values[] = {db_text(buf_slice(text)), db_i64(before), db_text(type)};
    if (err.kind == ERR_NONE)
        err = plan_each(db, true);
    if (err.kind == ERR_NONE)
        err = page_read_some(db, page, values, COUNT_OF(values), bytes_max, arena, (void **)rows, row_count, cut);
    buf_free(text);
    TRY(err);
    return plan_each(db, false);
}

static struct page found_page(struct db *db, size_t count)
{
    const char *sql = db_engine(db) == DB_SQLITE ? LIST_SQLITE : LIST_POSTGRES;
    return page_of(struct object, sql, store_object_read, count);
}

static struct err tier_list(struct db *db, const struct query *query, slice type, const struct search_place *place,
        size_t count, struct object **rows, size_t *row_count)
{
    struct buf text = buf_make(EXPRESSION_MAX);
    struct page page = found_page(db, count);
    struct err err = expression(query, db_engine(db), type, place->tier, &text);
    int64_t before = place->number == 0 ? INT64_MAX : place->number;
    bool cut;
    return found_list(db, err, &text, &page, before, type, SIZE_MAX, query->arena, rows, row_count, &cut);
}

/* Fills a page from where the last one ended; a tier that has no more is followed by the next. */
static struct err tiers_list(struct db *db, const struct query *query, slice type, struct search_place *place,
        size_t count, struct object *rows, size_t *row_count)
{
    while (!place->end && *row_count < count) {
        struct object *part;
        size_t got, wanted = count - *row_count;
        TRY(tier_list(db, query, type, place, wanted, &part, &got));
        if (got > 0)
            memcpy(rows + *row_count, part, got * sizeof *part);
        *row_count += got;
        if (got == wanted)
            place->number = part[got - 1].number;
        else
            *place = (struct search_place){place->tier + 1, 0, place->tier == TIER_LAST};
    }
    return OK;
}

static struct err query_parse(struct query *query, slice text)
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

struct err store_search_list(struct db *db, slice query_text, slice type, struct search_place *place, size_t count,
        struct arena *arena, struct object **rows, size_t *row_count)
{
    struct query query = {.arena = arena};
    struct search_place at = *place;
    size_t most = count < STORE_PAGE_MAX ? count : STORE_PAGE_MAX, got = 0;
    struct object *list = arena_new(arena, struct object, most);
    TRY(query_parse(&query, query_text));
    TRY(tiers_list(db, &query, type, &at, most, list, &got));
    *place = at;
    *rows = list;
    *row_count = got;
    return OK;
}

/* ---- What refers to an id ---- */

/* "tlp red": words as they are in the index, two at least. */
static bool is_phrase(slice text)
{
    bool is = slice_find(text, ' ') < text.len;
    for (size_t i = 0; is && i < text.len; i++)
        is = text.ptr[i] == ' ' || byte_is_digit(text.ptr[i]) || (text.ptr[i] >= 'a' && text.ptr[i] <= 'z');
    return is;
}

static size_t words_in(slice phrase)
{
    size_t count = 1;
    for (size_t i = 0; i < phrase.len; i++)
        count += phrase.ptr[i] == ' ';
    return count;
}

static struct err refs_expression(
        enum db_engine db_engine, const slice *refs, size_t ref_count, slice type, struct buf *out)
{
    const struct engine *engine = &engines[db_engine];
    char word[OBJECT_ID_MAX];
    size_t used = 0;
    buf_byte(out, '(');
    for (size_t i = 0; i < ref_count; i++) {
        bool is_ref = ref_normal(refs[i], word);
        if (!is_ref && !is_phrase(refs[i]))
            continue;
        buf_put(out, slice_of(used++ == 0 ? "" : engine->either));
        if (is_ref)
            engine->term(&(struct term){{word, refs[i].len}, 1, false}, ":::", out);
        else
            engine->term(&(struct term){refs[i], words_in(refs[i]), false}, "", out);
    }
    buf_byte(out, ')');
    if (is_type(type)) {
        buf_put(out, slice_of(engine->both));
        engine->term(&(struct term){type, 1, false}, "::", out);
    }
    if (used == 0)
        buf_reset(out);
    return buf_check(out);
}

struct err store_search_refs(struct db *db, const struct search_refs *refs, struct search_place *place, size_t count,
        struct arena *arena, struct object **rows, size_t *row_count)
{
    struct buf text = buf_make(EXPRESSION_MAX);
    size_t most = count < STORE_PAGE_MAX ? count : STORE_PAGE_MAX, got = 0;
    struct page page = found_page(db, most);
    struct object *list = NULL;
    int64_t before = place->number == 0 ? INT64_MAX : place->number;
    bool cut = false;
    struct err err = refs_expression(db_engine(db), refs->ids, refs->count, refs->type, &text);
    if (err.kind == ERR_NONE && text.len == 0)
        buf_free(&text);
    else
        TRY(found_list(db, err, &text, &page, before, refs->type, OBJECT_PAGE_BYTES, arena, &list, &got, &cut));
    place->end = got < most && !cut;
    place->number = got > 0 ? list[got - 1].number : place->number;
    *rows = list;
    *row_count = got;
    return OK;
}
