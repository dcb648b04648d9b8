/* SPDX-License-Identifier: Apache-2.0 */
#include "store/shelf.h"

#include <stdlib.h>

#include "base/arena.h"
#include "store/page.h"

#define MS 1000                    /* microseconds */
#define AHEAD_US INT64_C(60000000) /* of the clock, from which on moments stand closer together */
#define CLOSE_US 100               /* how close: still few enough in a millisecond for any page to get past it */
#define STRETCH 2000               /* rows of an index that are looked at in one statement */
enum { STANDING_WIDTH = 4, PARAMETERS_MAX = 5 };

int64_t shelf_moment(int64_t last_us, int64_t now_us)
{
    int64_t step = last_us - now_us > AHEAD_US ? CLOSE_US : MS;
    int64_t least = last_us + 1 > now_us ? last_us + 1 : now_us;
    return (least + step - 1) / step * step;
}

/* ---- How versions of an id stand to each other ---- */

struct standing {
    int64_t added_us;
    slice version, spec_version;
    unsigned standing;
};

static struct err standing_list(
        struct work *work, const struct shelf *shelf, int64_t number, slice id, struct standing **list, size_t *count)
{
    const struct db_value values[] = {db_i64(number), db_text(id)};
    int64_t room;
    size_t got = 0;
    struct db_rows *rows;
    TRY(db_one(work->db, shelf->count, values, COUNT_OF(values), 0, &room));
    struct standing *all = arena_new(work->arena, struct standing, (size_t)room);
    TRY(db_query(work->db, shelf->list, values, COUNT_OF(values), &rows));
    while (got < (size_t)room && db_next(rows))
        all[got++] = (struct standing){db_number(rows, 0), arena_copy(work->arena, db_slice(rows, 1)),
                arena_copy(work->arena, db_slice(rows, 2)), (unsigned)db_number(rows, 3)};
    TRY(db_done(rows));
    *list = all;
    *count = got;
    return arena_check(work->arena);
}

/* Whether a newer specification version, of rows behind it, has the same version. */
static bool is_bettered(const struct standing *all, size_t count, size_t at)
{
    size_t low = at + 1, high = count;
    while (low < high && slice_eq(all[low].spec_version, all[at].spec_version))
        low++;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = slice_order(all[middle].version, all[at].version);
        if (order == 0)
            return true;
        *(order < 0 ? &low : &high) = order < 0 ? middle + 1 : middle;
    }
    return false;
}

/* Of equal versions the newer specification version, which comes later, is both the first and the last of all. */
static void ends_find(const struct standing *all, size_t count, size_t *first, size_t *last)
{
    *first = *last = 0;
    for (size_t i = 1; i < count; i++) {
        *first = slice_order(all[i].version, all[*first].version) <= 0 ? i : *first;
        *last = slice_order(all[i].version, all[*last].version) >= 0 ? i : *last;
    }
}

static unsigned standing_of(const struct standing *all, size_t count, size_t at, size_t first, size_t last)
{
    slice spec = all[at].spec_version;
    bool newest = slice_eq(spec, all[count - 1].spec_version);
    unsigned standing = at == first ? STANDING_FIRST : 0;
    standing |= at == last ? STANDING_LAST : 0;
    standing |= at == 0 || !slice_eq(spec, all[at - 1].spec_version) ? STANDING_FIRST_OF_SPEC : 0;
    standing |= at + 1 == count || !slice_eq(spec, all[at + 1].spec_version) ? STANDING_LAST_OF_SPEC : 0;
    standing |= newest ? STANDING_NEWEST_SPEC : 0;
    standing |= newest || !is_bettered(all, count, at) ? STANDING_BEST : 0;
    return standing;
}

static bool is_shown(unsigned standing)
{
    return (standing & STANDING_LAST_OF_SPEC) != 0 && (standing & STANDING_NEWEST_SPEC) != 0;
}

static struct err standing_put(
        struct work *work, const struct shelf *shelf, int64_t number, const struct standing *all, size_t count)
{
    struct db_value *values = arena_new(work->arena, struct db_value, count * STANDING_WIDTH), *value = values;
    size_t first, last, changed = 0;
    ends_find(all, count, &first, &last);
    for (size_t i = 0; i < count; i++) {
        unsigned standing = standing_of(all, count, i, first, last);
        if (standing == all[i].standing)
            continue;
        *value++ = db_i64(number);
        *value++ = db_i64(all[i].added_us);
        *value++ = db_i64(standing);
        *value++ = db_i64(is_shown(standing));
        changed++;
    }
    TRY(arena_check(work->arena));
    return changed == 0 ? OK : db_run_many(work->db, shelf->stand, values, STANDING_WIDTH, changed, NULL);
}

struct err shelf_stand(struct work *work, const struct shelf *shelf, int64_t number, slice id)
{
    struct standing *all;
    size_t count;
    TRY(standing_list(work, shelf, number, id, &all, &count));
    return count == 0 ? OK : standing_put(work, shelf, number, all, count);
}

/* ---- Rows of one work ---- */

struct several {
    slice id;
    int64_t added_us;
};

struct standing_since {
    struct work *work;
    const struct shelf *shelf;
    int64_t number;
    struct several *all;
    size_t count;
    struct err (*crowded)(void *context, slice id);
    void *context;
};

static void several_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct several *)row = (struct several){arena_copy(arena, db_slice(rows, 0)), db_number(rows, 1)};
}

/* Rows whose ids have other rows, too: in the order of moments, since that is a range of an index. */
static struct err several_list(struct standing_since *since, int64_t after_us)
{
    struct page page = page_of(struct several, since->shelf->several, several_read, STORE_PAGE_MAX);
    for (size_t got = STORE_PAGE_MAX; got == STORE_PAGE_MAX;) {
        const struct db_value values[] = {db_i64(since->number), db_i64(after_us)};
        struct arena *arena = since->work->arena;
        struct several *some;
        TRY(page_read(since->work->db, &page, values, COUNT_OF(values), arena, (void **)&some, &got));
        if (got == 0)
            return OK;
        after_us = some[got - 1].added_us;
        struct several *more = arena_new(arena, struct several, since->count + got);
        if (since->count > 0)
            memcpy(more, since->all, since->count * sizeof *more);
        memcpy(more + since->count, some, got * sizeof *more);
        since->all = more;
        since->count += got;
    }
    return OK;
}

static struct err id_stand(struct standing_since *since, slice id)
{
    struct standing *all;
    size_t count;
    TRY(standing_list(since->work, since->shelf, since->number, id, &all, &count));
    if (count > COLLECTED_VERSIONS_MAX)
        return since->crowded(since->context, id);
    return standing_put(since->work, since->shelf, since->number, all, count);
}

static int id_order(const void *a, const void *b)
{
    return slice_order(((const struct several *)a)->id, ((const struct several *)b)->id);
}

/* Each id once, however many versions of it came together. */
struct err shelf_stand_since(struct work *work, const struct shelf *shelf, int64_t number, int64_t first_us,
        struct err (*crowded)(void *context, slice id), void *context)
{
    struct standing_since since = {work, shelf, number, NULL, 0, crowded, context};
    TRY(several_list(&since, first_us - 1));
    if (since.count > 0)
        qsort(since.all, since.count, sizeof *since.all, id_order);
    for (size_t i = 0; i < since.count; i++)
        if (i == 0 || !slice_eq(since.all[i].id, since.all[i - 1].id))
            TRY(id_stand(&since, since.all[i].id));
    return OK;
}

/* ---- What a query finds ---- */

static bool is_among(const slice *values, size_t count, slice value)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(values[i], value))
            return true;
    return false;
}

static bool is_last_only(const struct collected_query *query)
{
    return query->exact_count == 0 && (query->versions == VERSIONS_LAST || query->versions == 0);
}

static bool is_both_specs(const struct collected_query *query)
{
    return (query->specs & (SPECS_20 | SPECS_21)) == (SPECS_20 | SPECS_21);
}

static bool is_version(const struct collected_query *query, const struct collected *row)
{
    bool over_all = is_both_specs(query);
    unsigned first = over_all ? STANDING_FIRST : STANDING_FIRST_OF_SPEC;
    unsigned last = over_all ? STANDING_LAST : STANDING_LAST_OF_SPEC;
    bool newest = query->specs != 0 || (row->standing & STANDING_NEWEST_SPEC) != 0;
    unsigned versions = query->versions == 0 && query->exact_count == 0 ? VERSIONS_LAST : query->versions;
    if (is_among(query->exact, query->exact_count, row->version) &&
            (query->specs != 0 || (row->standing & STANDING_BEST) != 0))
        return true;
    if (!newest)
        return false;
    return (versions & VERSIONS_ALL) != 0 || ((versions & VERSIONS_FIRST) != 0 && (row->standing & first) != 0) ||
           ((versions & VERSIONS_LAST) != 0 && (row->standing & last) != 0);
}

static bool is_spec(const struct collected_query *query, slice spec_version)
{
    if (query->specs == 0)
        return true;
    return (query->specs & (slice_eq(spec_version, S("2.0")) ? SPECS_20 : SPECS_21)) != 0;
}

static bool is_wanted(const struct collected_query *query, const struct collected *row)
{
    return (query->type_count == 0 || is_among(query->types, query->type_count, row->type)) &&
           is_spec(query, row->spec_version) && is_version(query, row);
}

/* ---- Reading ---- */

static struct collected row_of(const struct db_rows *rows)
{
    return (struct collected){
            .added_us = db_number(rows, 0),
            .object = db_number(rows, 1),
            .id = db_slice(rows, 2),
            .type = db_slice(rows, 3),
            .version = db_slice(rows, 4),
            .spec_version = db_slice(rows, 5),
            .standing = (unsigned)db_number(rows, 6),
            .bytes = db_slice(rows, 7),
            .entry = db_number(rows, 8),
            .digest = db_slice(rows, 9),
    };
}

/* False: the page is full, and this row is not of it any more. */
static bool has_room(struct shelf_reading *reading, const struct collected *row)
{
    bool heavy = reading->given > 0 && reading->given_bytes + row->bytes.len > COLLECTED_PAGE_BYTES;
    if (reading->given < reading->query->limit && !heavy)
        return true;
    reading->end.more = true;
    return false;
}

static struct err give(struct shelf_reading *reading, const struct collected *row)
{
    if (reading->given++ == 0)
        reading->end.first_us = row->added_us;
    reading->end.last_us = row->added_us;
    reading->given_bytes += row->bytes.len;
    return reading->take(reading->context, row);
}

/* Whether each row of the way is wanted. */
static bool is_plain(const struct collected_query *query, enum shelf_way *way)
{
    bool last = is_last_only(query) && query->specs == 0;
    bool all = query->versions == VERSIONS_ALL && query->exact_count == 0 && is_both_specs(query);
    *way = last ? query->type_count == 1 ? SHELF_TYPE : SHELF_SHOWN : SHELF_ALL;
    return (last && query->type_count <= 1) || (all && query->type_count == 0);
}

/* The values of a way over the index; how many. */
static size_t way_values(const struct shelf_reading *reading, enum shelf_way way, int64_t after_us, size_t most,
        struct db_value values[PARAMETERS_MAX])
{
    size_t count = 0;
    values[count++] = db_i64(reading->number);
    values[count++] = db_i64(after_us);
    values[count++] = db_i64((int64_t)most);
    if (way == SHELF_TYPE)
        values[count++] = db_text(reading->query->types[0]);
    if (reading->shelf->guarded)
        values[count++] = db_i64(reading->now_us);
    return count;
}

/* The usual case: what the index holds is what is wanted, in one statement, without a copy. */
static struct err read_plain(struct shelf_reading *reading, enum shelf_way way)
{
    struct db_value values[PARAMETERS_MAX];
    size_t count = way_values(reading, way, reading->query->after_us, reading->query->limit + 1, values);
    struct db_rows *rows;
    struct collected row;
    struct err err = OK;
    TRY(db_query(reading->db, reading->shelf->ways[way][reading->bytes], values, count, &rows));
    while (err.kind == ERR_NONE && !reading->end.more && db_next(rows)) {
        row = row_of(rows);
        if (has_room(reading, &row))
            err = give(reading, &row);
    }
    struct err done = db_done(rows);
    return err.kind != ERR_NONE ? err : done;
}

/* ---- Rows that have to be looked at one by one ---- */

struct found {
    struct collected *rows;
    size_t count, room;
    size_t most; /* that are wanted */
    struct arena *arena;
};

static void keep(struct found *found, const struct collected *row)
{
    if (found->count == found->room) {
        size_t room = found->room == 0 ? 64 : 2 * found->room;
        struct collected *rows = arena_new(found->arena, struct collected, room);
        if (found->count > 0)
            memcpy(rows, found->rows, found->count * sizeof *rows);
        found->rows = rows;
        found->room = room;
    }
    struct collected *kept = &found->rows[found->count++];
    *kept = *row;
    kept->id = arena_copy(found->arena, row->id);
    kept->type = arena_copy(found->arena, row->type);
    kept->version = arena_copy(found->arena, row->version);
    kept->spec_version = arena_copy(found->arena, row->spec_version);
    kept->digest = arena_copy(found->arena, row->digest);
}

struct scan {
    enum shelf_way way;
    size_t rows; /* of one statement */
    struct found *found;
};

/* One stretch of the index: *after_us moves on; *end: nothing is behind it. */
static struct err stretch(struct shelf_reading *reading, const struct scan *scan, int64_t *after_us, bool *end)
{
    struct found *found = scan->found;
    struct db_value values[PARAMETERS_MAX];
    size_t count = way_values(reading, scan->way, *after_us, scan->rows, values), seen = 0;
    struct db_rows *rows;
    TRY(db_query(reading->db, reading->shelf->ways[scan->way][0], values, count, &rows));
    while (found->count < found->most && db_next(rows)) {
        struct collected row = row_of(rows);
        *after_us = row.added_us;
        seen++;
        if (is_wanted(reading->query, &row))
            keep(found, &row);
    }
    TRY(db_done(rows));
    *end = seen < scan->rows && found->count < found->most;
    return arena_check(reading->arena);
}

static struct err scan_on(struct shelf_reading *reading, const struct scan *scan)
{
    int64_t after_us = reading->query->after_us;
    bool end = false;
    for (size_t looked = 0; !end && scan->found->count < scan->found->most; looked += scan->rows) {
        if (looked >= COLLECTED_SCAN_MAX) {
            reading->end.more = true;
            reading->end.last_us = after_us;
            return OK;
        }
        TRY(stretch(reading, scan, &after_us, &end));
    }
    return OK;
}

static int added_order(const void *a, const void *b)
{
    int64_t one = ((const struct collected *)a)->added_us, other = ((const struct collected *)b)->added_us;
    return (one > other) - (one < other);
}

/* All rows of each id: few, since an id has at most COLLECTED_VERSIONS_MAX. */
static struct err find_ids(struct shelf_reading *reading, struct found *found)
{
    const struct collected_query *query = reading->query;
    for (size_t i = 0; i < query->id_count; i++) {
        const struct db_value values[] = {db_i64(reading->number), db_text(query->ids[i]), db_i64(query->after_us),
                db_i64(COLLECTED_VERSIONS_MAX), db_i64(reading->now_us)};
        size_t count = COUNT_OF(values) - !reading->shelf->guarded;
        struct db_rows *rows;
        if (is_among(query->ids, i, query->ids[i]))
            continue;
        TRY(db_query(reading->db, reading->shelf->of_id, values, count, &rows));
        while (db_next(rows)) {
            struct collected row = row_of(rows);
            if (is_wanted(query, &row))
                keep(found, &row);
        }
        TRY(db_done(rows));
        TRY(arena_check(reading->arena));
    }
    if (found->count > 0)
        qsort(found->rows, found->count, sizeof *found->rows, added_order);
    return OK;
}

static struct err give_genuine(struct shelf_reading *reading, const struct collected *row)
{
    if (reading->genuine != NULL && !reading->genuine(reading->guard, row))
        return OK;
    return has_room(reading, row) ? give(reading, row) : OK;
}

/* The bytes live until the next statement but one, so they are given on at once. */
static struct err give_found(struct shelf_reading *reading, struct collected *row)
{
    const struct db_value values[] = {db_i64(reading->number), db_i64(row->added_us)};
    struct db_rows *rows;
    struct err err = OK;
    if (!reading->bytes)
        return has_room(reading, row) ? give(reading, row) : OK;
    TRY(db_query(reading->db, reading->shelf->bytes, values, COUNT_OF(values), &rows));
    if (db_next(rows)) {
        row->bytes = db_slice(rows, 0);
        err = give_genuine(reading, row);
    }
    struct err done = db_done(rows);
    return err.kind != ERR_NONE ? err : done;
}

/* Where it ends if what follows was not looked at, or not given: there. */
static struct err give_all(struct shelf_reading *reading, struct found *found)
{
    const struct collected_query *query = reading->query;
    bool scanned_on = reading->end.more || (query->id_count == 0 && found->count == found->most);
    int64_t scanned_us = reading->end.more  ? reading->end.last_us
                         : found->count > 0 ? found->rows[found->count - 1].added_us
                                            : query->after_us;
    reading->end.more = false;
    if (reading->vouch != NULL)
        TRY(reading->vouch(reading->guard, found->rows, &found->count));
    for (size_t i = 0; i < found->count && !reading->end.more; i++)
        TRY(give_found(reading, &found->rows[i]));
    if (scanned_on && !reading->end.more) { /* all that was found is given: on behind what was looked at */
        reading->end.more = true;
        reading->end.last_us = scanned_us;
    }
    return OK;
}

static struct err read_found(struct shelf_reading *reading)
{
    const struct collected_query *query = reading->query;
    struct found found = {.arena = reading->arena, .most = query->id_count > 0 ? SIZE_MAX : query->limit + 1};
    struct scan scan = {.rows = STRETCH, .found = &found};
    if (query->id_count > 0) {
        TRY(find_ids(reading, &found));
    } else {
        if (is_plain(query, &scan.way))
            scan.rows = found.most;
        else
            scan.way = is_last_only(query) && query->specs == 0 ? SHELF_SHOWN : SHELF_ALL;
        TRY(scan_on(reading, &scan));
    }
    return give_all(reading, &found);
}

struct err shelf_read(struct shelf_reading *reading)
{
    enum shelf_way way;
    reading->end = (struct collected_end){.first_us = TIME_NONE, .last_us = reading->query->after_us};
    if (!reading->shelf->guarded && reading->query->id_count == 0 && is_plain(reading->query, &way))
        return read_plain(reading, way);
    return read_found(reading);
}
