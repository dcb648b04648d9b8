/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an object says becomes words (spelled.h); a query becomes the same words (query.h). What an object refers to is
 * one word each, with ":::" in front.
 */
#include "store/search.h"

#include "base/arena.h"
#include "stix/text.h"
#include "store/object_row.h"
#include "store/page.h"
#include "store/query.h"
#include "store/spelled.h"
#include "json/tape.h"

#define WORK_MAX (64u << 20)  /* bytes of memory of rows on their way */
#define SEND_ROWS 256         /* rows that are sent at once, */
#define SEND_BYTES (4u << 20) /* or when they take so much */
#define TIER_LAST QUERY_TEXT

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
    struct spelled spelled;
    size_t ref_bytes;
};

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
        spelled_text(&indexing->spelled, slice_part(pattern, at, end), true);
        at = end;
        found++;
    }
    if (found == 0)
        spelled_text(&indexing->spelled, pattern, false);
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
    spelled_mark(&indexing->spelled, ":::", (slice){word, ref.len});
}

static void string_index(struct indexing *indexing, slice raw, enum property property)
{
    slice text = json_unescape(raw, indexing->spelled.arena);
    if (property == PROPERTY_REF)
        ref_index(indexing, text);
    else if (property == PROPERTY_PATTERN)
        pattern_index(indexing, text);
    else
        spelled_text(&indexing->spelled, text, property == PROPERTY_NAME);
}

/* Walks the tape once; a property's row holds for all that stands in its value. */
static void tape_index(struct indexing *indexing, const struct json_tape *tape)
{
    enum property property = PROPERTY_BODY;
    size_t until = 0;
    for (size_t at = 0; at < tape->count && indexing->spelled.bytes < SEARCH_TEXT_MAX; at++) {
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

static struct err send(struct sending *sending)
{
    enum db_engine engine = db_engine(sending->db);
    TRY(db_run_many(sending->db, engine == DB_SQLITE ? ADD_SQLITE : ADD_POSTGRES, sending->values,
            1 + spelled_width(engine), sending->count, NULL));
    arena_reset(sending->arena);
    sending->values = arena_new(sending->arena, struct db_value, SEND_ROWS * (1 + SPELLED_VALUES_MAX));
    sending->count = 0;
    return OK;
}

static struct err add(struct sending *sending, const struct indexing *indexing, int64_t number)
{
    struct db_value *value = sending->values + sending->count++ * (1 + spelled_width(indexing->spelled.engine));
    *value = db_i64(number);
    (void)spelled_values(&indexing->spelled, sending->arena, value + 1);
    return sending->count == SEND_ROWS || arena_used(sending->arena) > SEND_BYTES ? send(sending) : OK;
}

/* The words of one object; false: none, since the fast tape leaves objects of very many keys to the other, and neither
 * took it. */
static bool object_index(struct indexing *indexing, struct json_tape *tape, const struct search_put *row)
{
    spelled_begin(&indexing->spelled);
    indexing->ref_bytes = 0;
    bool read =
            json_tape_read(tape, row->bytes, JSON_TAPE_STRICT) || json_tape_read(tape, row->bytes, JSON_TAPE_CHECKED);
    if (!read)
        return false;
    if (is_type(row->type)) /* that of an odd one is compared in SQL alone */
        spelled_mark(&indexing->spelled, "::", row->type);
    tape_index(indexing, tape);
    return true;
}

static struct err put_all(struct sending *sending, struct indexing *indexing, struct json_tape *tape,
        const struct search_put *rows, size_t count)
{
    sending->values = arena_new(sending->arena, struct db_value, SEND_ROWS * (1 + SPELLED_VALUES_MAX));
    for (size_t i = 0; i < count; i++)
        if (object_index(indexing, tape, &rows[i]))
            TRY(add(sending, indexing, rows[i].number));
    return send(sending);
}

struct err store_search_put(struct work *work, const struct search_put *rows, size_t count)
{
    struct indexing indexing;
    struct sending sending = {.db = work->db};
    struct json_tape tape = {0};
    spelled_open(&indexing.spelled, db_engine(work->db));
    sending.arena = arena_open("words of objects", ARENA_WORK, WORK_MAX);
    struct err err = put_all(&sending, &indexing, &tape, rows, count);
    arena_close(sending.arena);
    spelled_close(&indexing.spelled);
    json_tape_free(&tape);
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

/* ---- What a query finds ---- */

#define SHOWN "AND (CAST($3 AS TEXT) = '' OR o.type = $3) AND " SEEN("o") " AND " NEWEST("o") " "
/* FTS5 gives the latest first by itself, so that a page of a common word reads no more than the page. */
static const char LIST_SQLITE[] =
        OBJECT_COLUMNS("1") "FROM search s CROSS JOIN object o ON o.number = s.rowid "
                            "WHERE search MATCH $1 AND s.rowid < $2 " SHOWN "ORDER BY s.rowid DESC LIMIT $4";
static const char LIST_POSTGRES[] =
        OBJECT_COLUMNS("1") "FROM search s JOIN object o ON o.number = s.object "
                            "WHERE s.words @@ CAST(CAST($1 AS TEXT) AS tsquery) AND o.number < $2 " SHOWN
                            "ORDER BY o.number DESC LIMIT $4";

/* What an expression finds before a number. */
static struct err found_list(struct db *db, struct err made, struct buf *text, const struct page *page, int64_t before,
        slice type, size_t bytes_max, struct arena *arena, struct object **rows, size_t *row_count, bool *cut)
{
    struct err err = made;
    const struct db_value values[] = {db_text(buf_slice(text)), db_i64(before), db_text(type)};
    if (err.kind == ERR_NONE)
        err = query_plan_each(db, true);
    if (err.kind == ERR_NONE)
        err = page_read_some(db, page, values, COUNT_OF(values), bytes_max, arena, (void **)rows, row_count, cut);
    buf_free(text);
    TRY(err);
    return query_plan_each(db, false);
}

static struct page found_page(struct db *db, size_t count)
{
    const char *sql = db_engine(db) == DB_SQLITE ? LIST_SQLITE : LIST_POSTGRES;
    return page_of(struct object, sql, store_object_read, count);
}

static struct err tier_list(struct db *db, const struct query *query, slice type, const struct search_place *place,
        size_t count, struct object **rows, size_t *row_count)
{
    struct buf text = buf_make(QUERY_EXPRESSION_MAX);
    struct page page = found_page(db, count);
    struct err err =
            query_expression(query, db_engine(db), is_type(type) ? type : S(""), (enum query_tier)place->tier, &text);
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
    const struct query_engine *engine = query_engine_of(db_engine);
    char word[OBJECT_ID_MAX];
    size_t used = 0;
    buf_byte(out, '(');
    for (size_t i = 0; i < ref_count; i++) {
        bool is_ref = ref_normal(refs[i], word);
        if (!is_ref && !is_phrase(refs[i]))
            continue;
        buf_put(out, slice_of(used++ == 0 ? "" : engine->either));
        if (is_ref)
            engine->term(&(struct query_term){{word, refs[i].len}, 1, false}, ":::", out);
        else
            engine->term(&(struct query_term){refs[i], words_in(refs[i]), false}, "", out);
    }
    buf_byte(out, ')');
    if (is_type(type)) {
        buf_put(out, slice_of(engine->both));
        engine->term(&(struct query_term){type, 1, false}, "::", out);
    }
    if (used == 0)
        buf_reset(out);
    return buf_check(out);
}

struct err store_search_refs(struct db *db, const struct search_refs *refs, struct search_place *place, size_t count,
        struct arena *arena, struct object **rows, size_t *row_count)
{
    struct buf text = buf_make(QUERY_EXPRESSION_MAX);
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
