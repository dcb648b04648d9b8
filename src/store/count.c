/* SPDX-License-Identifier: Apache-2.0 */
#include "store/count.h"

#include "base/arena.h"
#include "store/page.h"

#define COLUMNS "SELECT day, organisation, stream, class, events, hits, doubles FROM event_count "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct event_count *)row = (struct event_count){
            .day = db_number(rows, 0),
            .organisation = db_number(rows, 1),
            .stream = db_number(rows, 2),
            .class = arena_copy(arena, db_slice(rows, 3)),
            .events = db_number(rows, 4),
            .hits = db_number(rows, 5),
            .doubles = db_number(rows, 6),
    };
}

struct err store_count_add(struct work *work, const struct event_count *rows, size_t count)
{
    static const char ADD[] =
            "INSERT INTO event_count (day, organisation, stream, class, events, hits, doubles) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (day, organisation, stream, class) DO UPDATE SET "
            "events = event_count.events + excluded.events, hits = event_count.hits + excluded.hits, "
            "doubles = event_count.doubles + excluded.doubles";
    enum { WIDTH = 7 };
    struct db_value *values = arena_new(work->arena, struct db_value, count * WIDTH + 1), *value = values;
    TRY(arena_check(work->arena));
    for (const struct event_count *row = rows; row < rows + count; row++) {
        *value++ = db_i64(row->day);
        *value++ = db_i64(row->organisation);
        *value++ = db_i64(row->stream);
        *value++ = db_text(row->class);
        *value++ = db_i64(row->events);
        *value++ = db_i64(row->hits);
        *value++ = db_i64(row->doubles);
    }
    return count == 0 ? OK : db_run_many(work->db, ADD, values, WIDTH, count, NULL);
}

struct err store_count_list(struct db *db, const struct event_count *after, int64_t until_day, size_t count,
        struct arena *arena, struct event_count **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE (day, organisation, stream, class) > ($1, $2, $3, $4) AND day < $5 "
                                       "ORDER BY day, organisation, stream, class LIMIT $6";
    struct page page = page_of(struct event_count, LIST, row_read, count);
    const struct db_value values[] = {db_i64(after->day), db_i64(after->organisation), db_i64(after->stream),
            db_text(after->class), db_i64(until_day)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

/* ---- Sums ---- */

static void sum_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct count_sum *)row = (struct count_sum){
            .day = db_number(rows, 0),
            .organisation = db_number(rows, 1),
            .stream = db_number(rows, 2),
            .class = arena_copy(arena, db_slice(rows, 3)),
            .sector = arena_copy(arena, db_slice(rows, 4)),
            .events = db_number(rows, 5),
            .hits = db_number(rows, 6),
            .doubles = db_number(rows, 7),
    };
}

/* One statement for each way to group: what is summed over stands as nothing. */
#define SUM(day, organisation, stream, class, sector, join, group, order)                                              \
    "SELECT " day ", " organisation ", " stream                                                                        \
    ", " class ", " sector ", CAST(SUM(c.events) AS BIGINT), "                                                         \
               "CAST(SUM(c.hits) AS BIGINT), CAST(SUM(c.doubles) AS BIGINT) FROM event_count c " join                  \
               "WHERE c.day >= $1 AND c.day < $2 AND ($3 = -1 OR c.organisation = $3) GROUP BY " group                 \
               " ORDER BY " order " LIMIT $4"
#define LARGEST "SUM(c.events) DESC, "
#define NUMBER "CAST(0 AS BIGINT)"

static const char BY_DAY[] = SUM("c.day", NUMBER, NUMBER, "''", "''", "", "c.day", "c.day");
static const char BY_ORGANISATION[] =
        SUM(NUMBER, "c.organisation", NUMBER, "''", "''", "", "c.organisation", LARGEST "c.organisation");
static const char BY_STREAM[] = SUM(NUMBER, NUMBER, "c.stream", "''", "''", "", "c.stream", LARGEST "c.stream");
static const char BY_CLASS[] = SUM(NUMBER, NUMBER, NUMBER, "c.class", "''", "", "c.class", LARGEST "c.class");
static const char BY_SECTOR[] = SUM(NUMBER, NUMBER, NUMBER, "''", "COALESCE(o.sector, '')",
        "LEFT JOIN organisation o ON o.number = c.organisation ", "COALESCE(o.sector, '')",
        LARGEST "COALESCE(o.sector, '')");

static const char *const sums[] = {
        [COUNT_BY_DAY] = BY_DAY,
        [COUNT_BY_ORGANISATION] = BY_ORGANISATION,
        [COUNT_BY_STREAM] = BY_STREAM,
        [COUNT_BY_CLASS] = BY_CLASS,
        [COUNT_BY_SECTOR] = BY_SECTOR,
};

struct err store_count_sum(struct db *db, enum count_by by, int64_t from_day, int64_t until_day, int64_t organisation,
        struct arena *arena, struct count_sum **rows, size_t *row_count)
{
    struct page page = page_of(struct count_sum, sums[by], sum_read, STORE_PAGE_MAX);
    const struct db_value values[] = {db_i64(from_day), db_i64(until_day), db_i64(organisation)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

/* ---- Doubles of reports ---- */

struct err store_count_seen_add(
        struct work *work, int64_t stream, int64_t day, int64_t batch, const uint64_t *digests, size_t count)
{
    static const char ADD[] = "INSERT INTO report_seen (stream, day, batch, digests) VALUES ($1, $2, $3, $4)";
    const struct db_value values[] = {db_i64(stream), db_i64(day), db_i64(batch),
            db_bytes((slice){(const char *)digests, count * sizeof *digests})};
    return db_run(work->db, ADD, values, COUNT_OF(values), NULL);
}

struct err store_count_seen(struct db *db, int64_t stream, int64_t day, store_count_seen_tell *tell, void *context)
{
    static const char SEEN[] = "SELECT digests FROM report_seen WHERE stream = $1 AND day = $2";
    struct db_rows *rows;
    struct err err = OK;
    TRY(db_query(db, SEEN, (struct db_value[]){db_i64(stream), db_i64(day)}, 2, &rows));
    while (err.kind == ERR_NONE && db_next(rows)) {
        slice bytes = db_slice(rows, 0);
        size_t count = bytes.len / sizeof(uint64_t);
        uint64_t *digests = malloc(bytes.len + 1); /* a blob has no alignment */
        if (digests == NULL) {
            err = err_make(ERR_SYSTEM, "no memory for the reports of a day");
            break;
        }
        if (count > 0)
            memcpy(digests, bytes.ptr, count * sizeof *digests);
        err = tell(context, digests, count);
        free(digests);
    }
    struct err end = db_done(rows);
    return err.kind != ERR_NONE ? err : end;
}

struct err store_count_forget(struct work *work, int64_t before_us, uint64_t *forgotten)
{
    static const char FORGET[] = "DELETE FROM report_seen WHERE batch < "
                                 "(SELECT number FROM batch WHERE taken_us >= $1 ORDER BY taken_us LIMIT 1)";
    return db_run(work->db, FORGET, (struct db_value[]){db_i64(before_us)}, 1, forgotten);
}
