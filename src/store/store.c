/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include "base/arena.h"
#include "stix/text.h"
#include "store/schema.h"

struct err store_open(const struct db_options *options, struct arena *arena, struct db **db)
{
    struct db *opened;
    TRY(db_open(options, arena, &opened));
    struct err err = db_migrate(opened, store_schema, store_schema_count, arena);
    if (err.kind != ERR_NONE) {
        err.why = arena_cstr(arena, slice_of(err.why)); /* it may belong to the connection */
        db_close(opened);
        return err;
    }
    *db = opened;
    return OK;
}

struct err store_number(struct db *db, const char *family, uint64_t count, int64_t *first)
{
    static const char TAKE[] = "INSERT INTO counter (family, value) VALUES ($1, $2) "
                               "ON CONFLICT (family) DO UPDATE SET value = counter.value + excluded.value "
                               "RETURNING value";
    const struct db_value values[] = {db_text(slice_of(family)), db_i64((int64_t)count)};
    int64_t last = 0;
    TRY(db_one(db, TAKE, values, COUNT_OF(values), 0, &last));
    *first = last - (int64_t)count + 1;
    return OK;
}

struct err store_number_last(struct db *db, const char *family, int64_t *last)
{
    static const char LAST[] = "SELECT value FROM counter WHERE family = $1";
    return db_one(db, LAST, (struct db_value[]){db_text(slice_of(family))}, 1, 0, last);
}

struct err store_fact_get(struct db *db, slice name, struct arena *arena, slice *value)
{
    static const char GET[] = "SELECT value FROM fact WHERE name = $1";
    struct db_rows *rows;
    slice found = {"", 0};
    TRY(db_query(db, GET, (struct db_value[]){db_text(name)}, 1, &rows));
    if (db_next(rows))
        found = arena_copy(arena, db_slice(rows, 0));
    TRY(db_done(rows));
    *value = found;
    return OK;
}

struct err store_fact_put(struct db *db, slice name, slice value)
{
    static const char PUT[] = "INSERT INTO fact (name, value) VALUES ($1, $2) "
                              "ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    const struct db_value values[] = {db_text(name), db_text(value)};
    return db_run(db, PUT, values, COUNT_OF(values), NULL);
}

/* ---- Text from outside ---- */

static bool is_control(char c)
{
    return (uint8_t)c < 0x20 || c == 0x7f;
}

static struct err text_check(struct arena *arena, const char *what, slice text, size_t bytes_max, bool lines)
{
    if (text.len == 0)
        return err_format(arena, ERR_INPUT, "the %s is empty", what);
    if (text.len > bytes_max)
        return err_format(arena, ERR_INPUT, "the %s is longer than %zu bytes: \"%.40s...\"", what, bytes_max, text.ptr);
    if (!stix_text_is_utf8(text))
        return err_format(arena, ERR_INPUT, "the %s is not UTF-8", what);
    for (size_t i = 0; i < text.len; i++)
        if (is_control(text.ptr[i]) && !(lines && (text.ptr[i] == '\n' || text.ptr[i] == '\t')))
            return err_format(arena, ERR_INPUT, "the %s holds a control character at byte %zu", what, i + 1);
    return OK;
}

struct err store_text_check(struct arena *arena, const char *what, slice text, size_t bytes_max)
{
    return text_check(arena, what, text, bytes_max, false);
}

struct err store_prose_check(struct arena *arena, const char *what, slice text, size_t bytes_max)
{
    return text_check(arena, what, text, bytes_max, true);
}

/* Bytes of the character at the front, 0: it is none. */
static size_t character(slice text)
{
    for (size_t len = 1; len <= 4 && len <= text.len; len++)
        if (stix_text_is_utf8(slice_part(text, 0, len)))
            return len;
    return 0;
}

static bool is_printable_ascii(slice text)
{
    uint8_t other = 0;
    for (size_t i = 0; i < text.len; i++)
        other |= (uint8_t)(text.ptr[i] - 0x20) > 0x7e - 0x20;
    return other == 0;
}

static slice keep(struct arena *arena, slice text, size_t bytes_max, bool lines)
{
    static const char BAD[] = "\xef\xbf\xbd"; /* U+FFFD */
    if (text.len <= bytes_max && is_printable_ascii(text))
        return arena_copy(arena, text);
    size_t room = text.len < bytes_max / 3 ? text.len * 3 : bytes_max;
    char *kept = arena_new(arena, char, room + 1);
    size_t len = 0;
    for (size_t at = 0; at < text.len;) {
        bool skip = lines && text.ptr[at] == '\r' && at + 1 < text.len && text.ptr[at + 1] == '\n';
        at += skip;
        size_t bytes = character(slice_from(text, at));
        bool end = lines && (text.ptr[at] == '\n' || text.ptr[at] == '\t');
        bool good = bytes > 0 && (end || !is_control(text.ptr[at]));
        size_t more = good ? bytes : 3;
        if (len + more > room)
            break;
        memcpy(kept + len, good ? text.ptr + at : BAD, more);
        len += more;
        at += bytes > 0 ? bytes : 1;
    }
    return (slice){kept, len};
}

slice store_text_keep(struct arena *arena, slice text, size_t bytes_max)
{
    return keep(arena, text, bytes_max, false);
}

slice store_prose_keep(struct arena *arena, slice text, size_t bytes_max)
{
    return keep(arena, text, bytes_max, true);
}
