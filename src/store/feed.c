/* SPDX-License-Identifier: Apache-2.0 */
#include "store/feed.h"

#include "base/arena.h"
#include "base/clock.h"
#include "store/page.h"
#include "store/source.h"

#define FORM_MAX 32     /* bytes of the name of a form */
#define HEADER_MAX 1024 /* bytes of an etag or date that a server may have us keep; a longer one is not kept */

#define LIST_OF_COLUMNS                                                                                                \
    "number, source, name, location, form, every_us, direct, paused, etag, last_modified, next_us, tried_us, "         \
    "fetched_us, failures, why, fetches, unchanged, imports"
#define COLUMNS "SELECT " LIST_OF_COLUMNS " FROM feed "

static void feed_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct feed *)row = (struct feed){
            .number = db_number(rows, 0),
            .source = db_number(rows, 1),
            .name = arena_copy(arena, db_slice(rows, 2)),
            .location = arena_copy(arena, db_slice(rows, 3)),
            .form = arena_copy(arena, db_slice(rows, 4)),
            .every_us = db_number(rows, 5),
            .direct = db_number(rows, 6) != 0,
            .paused = db_number(rows, 7) != 0,
            .etag = arena_copy(arena, db_slice(rows, 8)),
            .last_modified = arena_copy(arena, db_slice(rows, 9)),
            .next_us = db_number(rows, 10),
            .tried_us = page_time(rows, 11),
            .fetched_us = page_time(rows, 12),
            .failures = db_number(rows, 13),
            .why = arena_copy(arena, db_slice(rows, 14)),
            .fetches = db_number(rows, 15),
            .unchanged = db_number(rows, 16),
            .imports = db_number(rows, 17),
    };
}

struct err store_feed_get(struct db *db, slice name, struct arena *arena, struct feed *feed)
{
    static const char GET[] = COLUMNS "WHERE name = $1";
    struct page page = page_of(struct feed, GET, feed_read, 1);
    return page_get(db, &page, (struct db_value[]){db_text(name)}, 1, arena, feed, "there is no feed of that name");
}

struct err store_feed_list(
        struct db *db, slice after, size_t count, struct arena *arena, struct feed **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE name > $1 ORDER BY name LIMIT $2";
    struct page page = page_of(struct feed, LIST, feed_read, count);
    return page_read(db, &page, (struct db_value[]){db_text(after)}, 1, arena, (void **)rows, row_count);
}

/* ---- Changing ---- */

static struct err put_check(struct arena *arena, const struct feed_put *put)
{
    TRY(store_text_check(arena, "name of the feed", put->name, STORE_NAME_MAX - sizeof "feed/"));
    TRY(store_text_check(arena, "address of the feed", put->location, STORE_TEXT_MAX));
    if (put->form.len > 0)
        TRY(store_text_check(arena, "form of the feed", put->form, FORM_MAX));
    return put->every_us >= FEED_EVERY_MIN_US
                   ? OK
                   : err_format(arena, ERR_INPUT, "a feed is fetched every %d seconds at most",
                             (int)(FEED_EVERY_MIN_US / 1000000));
}

struct err store_feed_add(struct work *work, const struct feed_put *put, int64_t *number)
{
    static const char ADD[] = "INSERT INTO feed (number, source, name, location, form, every_us, direct, paused, etag, "
                              "last_modified, next_us, failures, why, fetches, unchanged, imports) "
                              "VALUES ($1, $2, $3, $4, $5, $6, $7, 0, '', '', $8, 0, '', 0, 0, 0) "
                              "ON CONFLICT (name) DO NOTHING";
    int64_t source, fresh;
    uint64_t changed;
    TRY(put_check(work->arena, put));
    const char *name = arena_printf(work->arena, "feed/%.*s", (int)put->name.len, put->name.ptr);
    TRY(store_source_put(work, slice_of(name), S("feed"), 0, &source));
    TRY(store_number(work->db, "feed", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_i64(source), db_text(put->name), db_text(put->location),
            db_text(put->form), db_i64(put->every_us), db_i64(put->direct), db_i64(work->now_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), &changed));
    if (changed == 0)
        return err_format(
                work->arena, ERR_CONFLICT, "there is a feed \"%.*s\" already", (int)put->name.len, put->name.ptr);
    *number = fresh;
    return OK;
}

static struct err there_was(uint64_t changed)
{
    return changed > 0 ? OK : err_make(ERR_MISSING, "there is no feed of that name");
}

struct err store_feed_drop(struct work *work, slice name)
{
    static const char DROP[] = "DELETE FROM feed WHERE name = $1";
    uint64_t changed;
    TRY(db_run(work->db, DROP, (struct db_value[]){db_text(name)}, 1, &changed));
    return there_was(changed);
}

struct err store_feed_pause(struct work *work, slice name, bool paused)
{
    static const char PAUSE[] = "UPDATE feed SET paused = $2 WHERE name = $1";
    uint64_t changed;
    TRY(db_run(work->db, PAUSE, (struct db_value[]){db_text(name), db_i64(paused)}, 2, &changed));
    return there_was(changed);
}

struct err store_feed_hurry(struct work *work, slice name)
{
    static const char HURRY[] = "UPDATE feed SET next_us = $2 WHERE name = $1 AND paused = 0 AND next_us > $2";
    struct feed feed;
    uint64_t changed;
    TRY(store_feed_get(work->db, name, work->arena, &feed));
    if (feed.paused)
        return err_make(ERR_CONFLICT, "the feed is paused: resume it first");
    return db_run(work->db, HURRY, (struct db_value[]){db_text(name), db_i64(work->now_us)}, 2, &changed);
}

struct err store_feed_claim(struct work *work, int64_t until_us, struct feed *feed, bool *found)
{
    /* The condition stands outside, too: of two who chose the same one, the later finds it moved. */
    static const char CLAIM[] = "UPDATE feed SET next_us = $2 WHERE paused = 0 AND next_us <= $1 AND number = "
                                "(SELECT due.number FROM feed due WHERE due.paused = 0 AND due.next_us <= $1 "
                                "ORDER BY due.next_us LIMIT 1) RETURNING " LIST_OF_COLUMNS;
    struct page page = page_of(struct feed, CLAIM, feed_read, 1);
    const struct db_value values[] = {db_i64(work->now_us), db_i64(until_us)};
    struct err err = page_get(work->db, &page, values, COUNT_OF(values), work->arena, feed, "no feed is due");
    *found = err.kind == ERR_NONE;
    return err.kind == ERR_MISSING ? OK : err;
}

/* What a server sends is text from outside that goes back to it in a header. */
static slice header_keep(struct arena *arena, slice text)
{
    return text.len > 0 && store_text_check(arena, "header", text, HEADER_MAX).kind == ERR_NONE ? text : S("");
}

struct err store_feed_result(struct work *work, int64_t number, const struct feed_result *result)
{
    static const char WELL[] =
            "UPDATE feed SET next_us = $2, tried_us = $3, fetched_us = $3, failures = 0, why = '', etag = $4, "
            "last_modified = $5, fetches = fetches + 1, unchanged = unchanged + $6, imports = imports + $7 "
            "WHERE number = $1";
    static const char BADLY[] = "UPDATE feed SET next_us = $2, tried_us = $3, failures = failures + 1, why = $4 "
                                "WHERE number = $1";
    const struct db_value well[] = {db_i64(number), db_i64(result->next_us), db_i64(work->now_us),
            db_text(header_keep(work->arena, result->etag)), db_text(header_keep(work->arena, result->last_modified)),
            db_i64(result->unchanged), db_i64(result->import != 0)};
    const struct db_value badly[] = {db_i64(number), db_i64(result->next_us), db_i64(work->now_us),
            db_text(store_text_keep(work->arena, result->why, STORE_TEXT_MAX))};
    uint64_t changed;
    if (result->why.len == 0)
        TRY(db_run(work->db, WELL, well, COUNT_OF(well), &changed));
    else
        TRY(db_run(work->db, BADLY, badly, COUNT_OF(badly), &changed));
    return there_was(changed);
}
