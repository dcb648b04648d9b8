/* SPDX-License-Identifier: Apache-2.0 */
#include "store/journal.h"

#include "base/arena.h"
#include "store/page.h"

#define COLUMNS "SELECT seq, time_us, organisation, actor, act, subject, detail FROM journal "

/* ---- Reading ---- */

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct journal_row *)row = (struct journal_row){
            .seq = db_number(rows, 0),
            .time_us = db_number(rows, 1),
            .organisation = db_number(rows, 2),
            .actor = arena_copy(arena, db_slice(rows, 3)),
            .act = arena_copy(arena, db_slice(rows, 4)),
            .subject = arena_copy(arena, db_slice(rows, 5)),
            .detail = arena_copy(arena, db_slice(rows, 6)),
    };
}

struct err store_journal_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct journal_row **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE seq > $1 ORDER BY seq LIMIT $2";
    struct page page = page_of(struct journal_row, LIST, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(after)}, 1, arena, (void **)rows, row_count);
}

struct err store_journal_latest(
        struct db *db, int64_t before, size_t count, struct arena *arena, struct journal_row **rows, size_t *row_count)
{
    static const char LATEST[] = COLUMNS "WHERE seq < $1 ORDER BY seq DESC LIMIT $2";
    struct page page = page_of(struct journal_row, LATEST, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(before)}, 1, arena, (void **)rows, row_count);
}

struct err store_journal_about(struct db *db, slice subject, int64_t before, size_t count, struct arena *arena,
        struct journal_row **rows, size_t *row_count)
{
    static const char ABOUT[] = COLUMNS "WHERE subject = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3";
    struct page page = page_of(struct journal_row, ABOUT, row_read, count);
    return page_read(
            db, &page, (struct db_value[]){db_text(subject), db_i64(before)}, 2, arena, (void **)rows, row_count);
}

struct err store_journal_chosen(struct db *db, slice actor, slice act, int64_t *before, size_t count,
        struct arena *arena, struct journal_row **rows, size_t *row_count, bool *end)
{
    static const char CHOSEN[] = COLUMNS "WHERE seq < $1 AND seq >= $2 AND (CAST($3 AS TEXT) = '' OR actor = $3) "
                                         "AND (CAST($4 AS TEXT) = '' OR act = $4) ORDER BY seq DESC LIMIT $5";
    struct page page = page_of(struct journal_row, CHOSEN, row_read, count);
    int64_t last, from, least;
    TRY(store_journal_last(db, &last));
    from = *before > last ? last + 1 : *before;
    least = from > JOURNAL_LOOKED_MAX ? from - JOURNAL_LOOKED_MAX : 0;
    const struct db_value values[] = {db_i64(from), db_i64(least), db_text(actor), db_text(act)};
    TRY(page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count));
    bool full = *row_count == page.count;
    *before = full ? (*rows)[*row_count - 1].seq : least;
    *end = *before <= 1;
    return OK;
}

struct err store_journal_last(struct db *db, int64_t *seq)
{
    static const char LAST[] = "SELECT value FROM counter WHERE family = 'journal'";
    return db_one(db, LAST, NULL, 0, 0, seq);
}

/* ---- Waiting ---- */

static const char CHANNEL[] = "journal";

struct err store_journal_wait(struct db *db, int timeout_ms, bool *news)
{
    return db_wait(db, CHANNEL, timeout_ms, news);
}

struct err store_journal_ring(struct db *db)
{
    return db_notify(db, CHANNEL);
}
