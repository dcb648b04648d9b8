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

/* ---- One more ---- */

/* Each statement's rows: what they are by, and what is counted of it. */
typedef struct db_value *row_values(const struct event_count *row, struct db_value *value);

static struct db_value *counted_values(const struct event_count *row, struct db_value *value)
{
    *value++ = db_i64(row->events);
    *value++ = db_i64(row->hits);
    *value++ = db_i64(row->doubles);
    return value;
}

static struct db_value *count_values(const struct event_count *row, struct db_value *value)
{
    *value++ = db_i64(row->day);
    *value++ = db_i64(row->organisation);
    *value++ = db_i64(row->stream);
    *value++ = db_text(row->class);
    return counted_values(row, value);
}

static struct db_value *class_values(const struct event_count *row, struct db_value *value)
{
    *value++ = db_i64(row->day);
    *value++ = db_text(row->class);
    return counted_values(row, value);
}

static struct db_value *organisation_values(const struct event_count *row, struct db_value *value)
{
    *value++ = db_i64(row->day); /* the month */
    *value++ = db_i64(row->organisation);
    return counted_values(row, value);
}

static struct err rows_add(struct work *work, const char *sql, row_values *values_of, size_t width,
        const struct event_count *rows, size_t count)
{
    struct db_value *values = arena_new(work->arena, struct db_value, count * width + 1), *value = values;
    TRY(arena_check(work->arena));
    for (size_t i = 0; i < count; i++)
        value = values_of(&rows[i], value);
    return count == 0 ? OK : db_run_many(work->db, sql, values, width, count, NULL);
}

static int by_day_and_class(const void *a, const void *b)
{
    const struct event_count *left = a, *right = b;
    if (left->day != right->day)
        return left->day < right->day ? -1 : 1;
    return slice_order(left->class, right->class);
}

static int by_month_and_organisation(const void *a, const void *b)
{
    const struct event_count *left = a, *right = b;
    if (left->day != right->day)
        return left->day < right->day ? -1 : 1;
    return (left->organisation > right->organisation) - (left->organisation < right->organisation);
}

/* Rows in order, those of the same key as one. In the same order whoever adds them, so that two do not wait for each
 * other. */
static size_t rows_sum(struct event_count *rows, size_t count, int (*order)(const void *a, const void *b))
{
    size_t sums = 0;
    qsort(rows, count, sizeof *rows, order);
    for (size_t i = 0; i < count; i++) {
        if (sums == 0 || order(&rows[sums - 1], &rows[i]) != 0) {
            rows[sums++] = rows[i];
            continue;
        }
        rows[sums - 1].events += rows[i].events;
        rows[sums - 1].hits += rows[i].hits;
        rows[sums - 1].doubles += rows[i].doubles;
    }
    return sums;
}

#define MORE(table)                                                                                                    \
    "DO UPDATE SET events = " table ".events + excluded.events, hits = " table ".hits + excluded.hits, "               \
    "doubles = " table ".doubles + excluded.doubles"

static struct err sums_add(struct work *work, const struct event_count *rows, size_t count)
{
    static const char CLASS[] = "INSERT INTO class_sum (day, class, events, hits, doubles) VALUES ($1, $2, $3, $4, $5) "
                                "ON CONFLICT (day, class) " MORE("class_sum");
    static const char ORGANISATION[] =
            "INSERT INTO organisation_sum (month, organisation, events, hits, doubles) VALUES ($1, $2, $3, $4, $5) "
            "ON CONFLICT (month, organisation) " MORE("organisation_sum");
    struct event_count *sums = arena_new(work->arena, struct event_count, count + 1);
    TRY(arena_check(work->arena));
    memcpy(sums, rows, count * sizeof *rows);
    size_t classes = rows_sum(sums, count, by_day_and_class);
    TRY(rows_add(work, CLASS, class_values, 5, sums, classes));
    for (size_t i = 0; i < count; i++) {
        sums[i] = rows[i];
        sums[i].day = time_month_of(rows[i].day);
    }
    size_t organisations = rows_sum(sums, count, by_month_and_organisation);
    return rows_add(work, ORGANISATION, organisation_values, 5, sums, organisations);
}

struct err store_count_add(struct work *work, const struct event_count *rows, size_t count)
{
    static const char ADD[] =
            "INSERT INTO event_count (day, organisation, stream, class, events, hits, doubles) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (day, organisation, stream, class) " MORE("event_count");
    TRY(rows_add(work, ADD, count_values, 7, rows, count));
    return sums_add(work, rows, count);
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
            .class = arena_copy(arena, db_slice(rows, 1)),
            .sector = arena_copy(arena, db_slice(rows, 2)),
            .events = db_number(rows, 3),
            .hits = db_number(rows, 4),
            .doubles = db_number(rows, 5),
    };
}

/* What is summed over stands as nothing. */
#define NUMBER "CAST(0 AS BIGINT)"
#define SUM(day, class, sector)                                                                                        \
    "SELECT " day                                                                                                      \
    ", " class ", " sector                                                                                             \
               ", CAST(SUM(c.events) AS BIGINT), CAST(SUM(c.hits) AS BIGINT), CAST(SUM(c.doubles) AS BIGINT) "
#define COUNTED "events, hits, doubles FROM "

static struct err sum_of_classes(struct db *db, const char *sql, int64_t from_day, int64_t until_day,
        struct arena *arena, struct count_sum **rows, size_t *row_count)
{
    struct page page = page_of(struct count_sum, sql, sum_read, STORE_PAGE_MAX);
    const struct db_value values[] = {db_i64(from_day), db_i64(until_day)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

/* Whole months are summed up already; of the days before and behind them the counts are. */
static struct err sum_of_sectors(struct db *db, int64_t from_day, int64_t until_day, struct arena *arena,
        struct count_sum **rows, size_t *row_count)
{
    static const char BY_SECTOR[] =
            SUM(NUMBER, "''", "COALESCE(o.sector, '')") "FROM (SELECT organisation, " COUNTED
                                                        "organisation_sum WHERE month >= $1 AND month < $2 "
                                                        "UNION ALL SELECT organisation, " COUNTED
                                                        "event_count WHERE day >= $3 AND day < $4 "
                                                        "UNION ALL SELECT organisation, " COUNTED
                                                        "event_count WHERE day >= $5 AND day < $6) c "
                                                        "LEFT JOIN organisation o ON o.number = c.organisation GROUP "
                                                        "BY COALESCE(o.sector, '') "
                                                        "ORDER BY SUM(c.events) DESC, COALESCE(o.sector, '') LIMIT $7";
    struct page page = page_of(struct count_sum, BY_SECTOR, sum_read, STORE_PAGE_MAX);
    int64_t last = time_month_of(until_day), first = time_month_of(from_day);
    first += time_month_begins(first) < from_day;
    int64_t before = first < last ? time_month_begins(first) : until_day;
    int64_t behind = first < last ? time_month_begins(last) : until_day;
    const struct db_value values[] = {
            db_i64(first), db_i64(last), db_i64(from_day), db_i64(before), db_i64(behind), db_i64(until_day)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_count_sum(struct db *db, enum count_by by, int64_t from_day, int64_t until_day, struct arena *arena,
        struct count_sum **rows, size_t *row_count)
{
#define OF_DAYS "FROM class_sum c WHERE c.day >= $1 AND c.day < $2 "
    static const char BY_DAY[] = SUM("c.day", "''", "''") OF_DAYS "GROUP BY c.day ORDER BY c.day LIMIT $3";
    static const char BY_CLASS[] =
            SUM(NUMBER, "c.class", "''") OF_DAYS "GROUP BY c.class ORDER BY SUM(c.events) DESC, c.class LIMIT $3";
    static const char *const sums[] = {[COUNT_BY_DAY] = BY_DAY, [COUNT_BY_CLASS] = BY_CLASS};
    return by == COUNT_BY_SECTOR ? sum_of_sectors(db, from_day, until_day, arena, rows, row_count)
                                 : sum_of_classes(db, sums[by], from_day, until_day, arena, rows, row_count);
}

struct err store_count_of(struct db *db, int64_t organisation, int64_t day, struct arena *arena,
        struct count_sum **rows, size_t *row_count)
{
    static const char OF[] =
            SUM(NUMBER, "c.class", "''") "FROM event_count c WHERE c.day = $1 AND c.organisation = $2 "
                                         "GROUP BY c.class ORDER BY SUM(c.events) DESC, c.class LIMIT $3";
    struct page page = page_of(struct count_sum, OF, sum_read, STORE_PAGE_MAX);
    return page_read(
            db, &page, (struct db_value[]){db_i64(day), db_i64(organisation)}, 2, arena, (void **)rows, row_count);
}

/* ---- Sums against counts ---- */

#define ADDED "CAST(SUM(events) AS BIGINT), CAST(SUM(hits) AS BIGINT), CAST(SUM(doubles) AS BIGINT) FROM event_count "
#define CLASSES "SELECT day, class, " ADDED "GROUP BY day, class"
#define OF_MONTH(month, from, until)                                                                                   \
    "SELECT CAST(" month " AS BIGINT) AS month, organisation, " ADDED "WHERE day >= " from " AND day < " until         \
    " GROUP BY organisation"
/* How many keys of either have no equal row in the other. */
#define UNEQUAL(key, counts, sums)                                                                                     \
    "SELECT count(*) FROM (SELECT " key " FROM (" counts " EXCEPT " sums ") a UNION SELECT " key " FROM (" sums        \
    " EXCEPT " counts ") b) keys"

/* The months that anything was counted in, up to, not with, *until; *from is not before it if there is none. */
static struct err months_span(struct db *db, int64_t *from, int64_t *until)
{
    static const char FIRST[] = "SELECT COALESCE(min(day), 0) FROM event_count";
    static const char LAST[] = "SELECT COALESCE(max(day), -1) FROM event_count";
    int64_t first, last;
    TRY(db_one(db, FIRST, NULL, 0, 0, &first));
    TRY(db_one(db, LAST, NULL, 0, 0, &last));
    *from = time_month_of(first);
    *until = last < first ? *from : time_month_of(last) + 1;
    return OK;
}

static struct err check_look(struct db *db, void *context)
{
    static const char WRONG_CLASSES[] = UNEQUAL("day, class", CLASSES, "SELECT day, class, " COUNTED "class_sum");
    static const char WRONG_MONTH[] = UNEQUAL("month, organisation", OF_MONTH("$1", "$2", "$3"),
            "SELECT month, organisation, " COUNTED "organisation_sum WHERE month = $1");
    static const char OUTSIDE[] = "SELECT count(*) FROM organisation_sum WHERE month < $1 OR month >= $2";
    int64_t from, until, found, *wrong = context;
    TRY(months_span(db, &from, &until));
    TRY(db_one(db, WRONG_CLASSES, NULL, 0, 0, wrong));
    TRY(db_one(db, OUTSIDE, (struct db_value[]){db_i64(from), db_i64(until)}, 2, 0, &found));
    *wrong += found;
    for (int64_t month = from; month < until; month++) {
        const struct db_value values[] = {
                db_i64(month), db_i64(time_month_begins(month)), db_i64(time_month_begins(month + 1))};
        TRY(db_one(db, WRONG_MONTH, values, COUNT_OF(values), 0, &found));
        *wrong += found;
    }
    return OK;
}

struct err store_count_check(struct db *db, int64_t *wrong)
{
    return db_look(db, check_look, wrong);
}

struct err store_count_rebuild(struct work *work)
{
    static const char CLASSES_ADD[] = "INSERT INTO class_sum (day, class, events, hits, doubles) " CLASSES;
    static const char MONTH_ADD[] =
            "INSERT INTO organisation_sum (month, organisation, events, hits, doubles) " OF_MONTH("$1", "$2", "$3");
    int64_t from, until;
    TRY(db_run(work->db, "DELETE FROM class_sum", NULL, 0, NULL));
    TRY(db_run(work->db, "DELETE FROM organisation_sum", NULL, 0, NULL));
    TRY(db_run(work->db, CLASSES_ADD, NULL, 0, NULL));
    TRY(months_span(work->db, &from, &until));
    for (int64_t month = from; month < until; month++) {
        const struct db_value values[] = {
                db_i64(month), db_i64(time_month_begins(month)), db_i64(time_month_begins(month + 1))};
        TRY(db_run(work->db, MONTH_ADD, values, COUNT_OF(values), NULL));
    }
    return OK;
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
