/* SPDX-License-Identifier: Apache-2.0 */
#include "store/met.h"

#include "base/arena.h"
#include "base/hash.h"
#include "store/page.h"

#define COLUMNS                                                                                                        \
    "SELECT number, organisation, cause_kind, cause, class, stream, window_us, first_us, last_us, events, severity, "  \
    "details, batch, warning FROM met "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct met *met = row;
    *met = (struct met){
            .number = db_number(rows, 0),
            .organisation = db_number(rows, 1),
            .cause_kind = arena_copy(arena, db_slice(rows, 2)),
            .cause = arena_copy(arena, db_slice(rows, 3)),
            .class = arena_copy(arena, db_slice(rows, 4)),
            .stream = db_number(rows, 5),
            .window_us = db_number(rows, 6),
            .first_us = db_number(rows, 7),
            .last_us = db_number(rows, 8),
            .events = db_number(rows, 9),
            .details = db_number(rows, 11),
            .batch = db_number(rows, 12),
            .warning = db_number(rows, 13),
    };
    store_severity_find(db_slice(rows, 10), &met->severity);
}

static void detail_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct met_detail *)row = (struct met_detail){
            .met = db_number(rows, 0),
            .digest = arena_copy(arena, db_slice(rows, 1)),
            .first_us = db_number(rows, 2),
            .last_us = db_number(rows, 3),
            .events = db_number(rows, 4),
            .own = arena_copy(arena, db_slice(rows, 5)),
            .own_port = db_number(rows, 6),
            .peer = arena_copy(arena, db_slice(rows, 7)),
            .peer_port = db_number(rows, 8),
            .extra = arena_copy(arena, db_slice(rows, 9)),
    };
}

/* ---- Folding ---- */

struct folding {
    struct work *work;
    int64_t batch;
    const struct met_put *rows;
    size_t count;
    struct folded { /* of each row, how it stands in the table now */
        int64_t number, details;
    } * folded;
};

static struct err rows_put(const struct folding *folding)
{
    static const char PUT[] =
            "INSERT INTO met (number, organisation, cause_kind, cause, class, stream, window_us, first_us, last_us, "
            "events, severity, details, batch) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12) "
            "ON CONFLICT (organisation, cause_kind, cause, class, stream, window_us) DO UPDATE SET "
            "first_us = CASE WHEN excluded.first_us < met.first_us THEN excluded.first_us ELSE met.first_us END, "
            "last_us = CASE WHEN excluded.last_us > met.last_us THEN excluded.last_us ELSE met.last_us END, "
            "events = met.events + excluded.events, severity = excluded.severity, batch = excluded.batch";
    enum { WIDTH = 12 };
    struct work *work = folding->work;
    struct db_value *values = arena_new(work->arena, struct db_value, folding->count * WIDTH), *value = values;
    int64_t number;
    TRY(arena_check(work->arena));
    TRY(store_number(work->db, "met", folding->count, &number));
    for (size_t i = 0; i < folding->count; i++) {
        const struct met *met = &folding->rows[i].met;
        *value++ = db_i64(number++);
        *value++ = db_i64(met->organisation);
        *value++ = db_text(met->cause_kind);
        *value++ = db_text(met->cause);
        *value++ = db_text(met->class);
        *value++ = db_i64(met->stream);
        *value++ = db_i64(met->window_us);
        *value++ = db_i64(met->first_us);
        *value++ = db_i64(met->last_us);
        *value++ = db_i64(met->events);
        *value++ = db_text(slice_of(store_severity_name(met->severity)));
        *value++ = db_i64(folding->batch);
    }
    return db_run_many(work->db, PUT, values, WIDTH, folding->count, NULL);
}

static int key_order(const struct met *a, const struct met *b)
{
    int order = slice_order(a->cause, b->cause);
    if (order == 0)
        order = (a->organisation > b->organisation) - (a->organisation < b->organisation);
    if (order == 0)
        order = (a->window_us > b->window_us) - (a->window_us < b->window_us);
    if (order == 0)
        order = (a->stream > b->stream) - (a->stream < b->stream);
    if (order == 0)
        order = slice_order(a->class, b->class);
    return order != 0 ? order : slice_order(a->cause_kind, b->cause_kind);
}

static int order_puts(const void *a, const void *b)
{
    return key_order(&(*(const struct met_put *const *)a)->met, &(*(const struct met_put *const *)b)->met);
}

/* The numbers that the rows have, from the table: an old one keeps its own. */
static struct err numbers_read(struct folding *folding)
{
    static const char OF_BATCH[] = COLUMNS "WHERE batch = $1";
    struct work *work = folding->work;
    const struct met_put **sorted = arena_new(work->arena, const struct met_put *, folding->count);
    struct arena *scratch = arena_open("met rows", ARENA_WORK, 1u << 20);
    struct db_rows *rows;
    for (size_t i = 0; i < folding->count; i++)
        sorted[i] = &folding->rows[i];
    qsort(sorted, folding->count, sizeof *sorted, order_puts);
    struct err err = db_query(work->db, OF_BATCH, (struct db_value[]){db_i64(folding->batch)}, 1, &rows);
    while (err.kind == ERR_NONE && db_next(rows)) {
        struct met_put wanted = {0}, *key = &wanted;
        arena_reset(scratch);
        row_read(rows, scratch, &wanted.met);
        const struct met_put **at = bsearch(&key, sorted, folding->count, sizeof *sorted, order_puts);
        if (at != NULL)
            folding->folded[*at - folding->rows] = (struct folded){wanted.met.number, wanted.met.details};
    }
    if (err.kind == ERR_NONE)
        err = db_done(rows);
    arena_close(scratch);
    return err;
}

/* One detail on its way into the table. */
struct detail_put {
    size_t row;
    const struct met_detail *detail;
};

/* Those that are there already grow; `changed` says of each whether it was. */
static struct err details_grow(
        const struct folding *folding, const struct detail_put *puts, size_t count, uint64_t *changed)
{
    static const char GROW[] = "UPDATE met_detail SET first_us = CASE WHEN $3 < first_us THEN $3 ELSE first_us END, "
                               "last_us = CASE WHEN $4 > last_us THEN $4 ELSE last_us END, events = events + $5 "
                               "WHERE met = $1 AND digest = $2";
    enum { WIDTH = 5 };
    struct db_value *values = arena_new(folding->work->arena, struct db_value, count * WIDTH), *value = values;
    TRY(arena_check(folding->work->arena));
    for (const struct detail_put *put = puts; put < puts + count; put++) {
        *value++ = db_i64(folding->folded[put->row].number);
        *value++ = db_bytes(put->detail->digest);
        *value++ = db_i64(put->detail->first_us);
        *value++ = db_i64(put->detail->last_us);
        *value++ = db_i64(put->detail->events);
    }
    return db_run_many(folding->work->db, GROW, values, WIDTH, count, changed);
}

/* The same without asking for those of rows that have none yet, which are most. */
static struct err details_grow_old(
        const struct folding *folding, const struct detail_put *puts, size_t count, uint64_t *changed)
{
    struct arena *arena = folding->work->arena;
    struct detail_put *old = arena_new(arena, struct detail_put, count);
    uint64_t *grown = arena_new(arena, uint64_t, count);
    size_t olds = 0, at = 0;
    TRY(arena_check(arena));
    for (size_t i = 0; i < count; i++)
        if (folding->folded[puts[i].row].details > 0)
            old[olds++] = puts[i];
    TRY(olds == 0 ? OK : details_grow(folding, old, olds, grown));
    for (size_t i = 0; i < count; i++)
        changed[i] = folding->folded[puts[i].row].details > 0 ? grown[at++] : 0;
    return OK;
}

static struct err details_add(const struct folding *folding, const struct detail_put *puts, size_t count)
{
    static const char ADD[] = "INSERT INTO met_detail (met, digest, first_us, last_us, events, own, own_port, peer, "
                              "peer_port, extra) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    enum { WIDTH = 10 };
    struct db_value *values = arena_new(folding->work->arena, struct db_value, count * WIDTH), *value = values;
    TRY(arena_check(folding->work->arena));
    for (const struct detail_put *put = puts; put < puts + count; put++) {
        const struct met_detail *detail = put->detail;
        *value++ = db_i64(folding->folded[put->row].number);
        *value++ = db_bytes(detail->digest);
        *value++ = db_i64(detail->first_us);
        *value++ = db_i64(detail->last_us);
        *value++ = db_i64(detail->events);
        *value++ = db_text(detail->own);
        *value++ = detail->own_port == 0 ? db_null() : db_i64(detail->own_port);
        *value++ = db_text(detail->peer);
        *value++ = detail->peer_port == 0 ? db_null() : db_i64(detail->peer_port);
        *value++ = db_text(detail->extra);
    }
    return db_run_many(folding->work->db, ADD, values, WIDTH, count, NULL);
}

/* Of new details those that there is room for. */
static size_t details_choose(struct folding *folding, const struct detail_put *puts, const uint64_t *changed,
        size_t count, struct detail_put *chosen)
{
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        struct folded *row = &folding->folded[puts[i].row];
        if (changed[i] > 0 || row->details >= MET_DETAILS_MAX)
            continue;
        row->details++;
        chosen[kept++] = puts[i];
    }
    return kept;
}

static struct err details_count(const struct folding *folding)
{
    static const char COUNT[] = "UPDATE met SET details = $2 WHERE number = $1";
    enum { WIDTH = 2 };
    struct db_value *values = arena_new(folding->work->arena, struct db_value, folding->count * WIDTH), *value = values;
    for (size_t i = 0; i < folding->count; i++) {
        *value++ = db_i64(folding->folded[i].number);
        *value++ = db_i64(folding->folded[i].details);
    }
    return db_run_many(folding->work->db, COUNT, values, WIDTH, folding->count, NULL);
}

static struct err details_fold(struct folding *folding)
{
    struct arena *arena = folding->work->arena;
    size_t count = 0, at = 0;
    for (size_t i = 0; i < folding->count; i++)
        count += folding->rows[i].detail_count;
    struct detail_put *puts = arena_new(arena, struct detail_put, count + 1);
    struct detail_put *chosen = arena_new(arena, struct detail_put, count + 1);
    uint64_t *changed = arena_new(arena, uint64_t, count + 1);
    TRY(arena_check(arena));
    for (size_t i = 0; i < folding->count; i++)
        for (size_t j = 0; j < folding->rows[i].detail_count; j++)
            puts[at++] = (struct detail_put){i, &folding->rows[i].details[j]};
    if (count == 0)
        return OK;
    TRY(details_grow_old(folding, puts, count, changed));
    size_t fresh = details_choose(folding, puts, changed, count, chosen);
    if (fresh == 0)
        return OK;
    TRY(details_add(folding, chosen, fresh));
    return details_count(folding);
}

struct err store_met_fold(struct work *work, int64_t batch, const struct met_put *rows, size_t count)
{
    struct folding folding = {.work = work, .batch = batch, .rows = rows, .count = count};
    if (count == 0)
        return OK;
    folding.folded = arena_new(work->arena, struct folded, count);
    TRY(rows_put(&folding));
    TRY(numbers_read(&folding));
    return details_fold(&folding);
}

struct err store_met_warned(struct work *work, int64_t met, int64_t warning)
{
    static const char WARNED[] = "UPDATE met SET warning = $2 WHERE number = $1";
    return db_run(work->db, WARNED, (struct db_value[]){db_i64(met), db_i64(warning)}, 2, NULL);
}

/* ---- Reading ---- */

struct err store_met_of_batch(struct db *db, int64_t batch, int64_t after, size_t count, struct arena *arena,
        struct met **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE batch = $1 AND number > $2 ORDER BY number LIMIT $3";
    struct page page = page_of(struct met, LIST, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(batch), db_i64(after)}, 2, arena, (void **)rows, row_count);
}

struct err store_met_get(struct db *db, int64_t number, struct arena *arena, struct met *row)
{
    static const char GET[] = COLUMNS "WHERE number = $1";
    struct page page = page_of(struct met, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, row, "nothing was met of that number");
}

struct err store_met_of_warning(struct db *db, int64_t warning, int64_t after, size_t count, struct arena *arena,
        struct met **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE warning = $1 AND number > $2 ORDER BY number LIMIT $3";
    struct page page = page_of(struct met, LIST, row_read, count);
    return page_read(
            db, &page, (struct db_value[]){db_i64(warning), db_i64(after)}, 2, arena, (void **)rows, row_count);
}

struct err store_met_of_cause(struct db *db, slice cause_kind, slice cause, int64_t after, size_t count,
        struct arena *arena, struct met **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE cause_kind = $1 AND cause = $2 AND number > $3 ORDER BY number LIMIT $4";
    struct page page = page_of(struct met, LIST, row_read, count);
    const struct db_value values[] = {db_text(cause_kind), db_text(cause), db_i64(after)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_met_of_organisation(struct db *db, int64_t organisation, int64_t before_us, size_t count,
        struct arena *arena, struct met **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE organisation = $1 AND last_us < $2 ORDER BY last_us DESC, number DESC "
                                       "LIMIT $3";
    struct page page = page_of(struct met, LIST, row_read, count);
    const struct db_value values[] = {db_i64(organisation), db_i64(before_us)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_met_details(
        struct db *db, int64_t met, struct arena *arena, struct met_detail **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT met, digest, first_us, last_us, events, own, own_port, peer, peer_port, extra "
                               "FROM met_detail WHERE met = $1 ORDER BY digest LIMIT $2";
    struct page page = page_of(struct met_detail, LIST, detail_read, MET_DETAILS_MAX);
    return page_read(db, &page, (struct db_value[]){db_i64(met)}, 1, arena, (void **)rows, row_count);
}
