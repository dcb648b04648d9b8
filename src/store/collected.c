/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How rows come into a collection. The collection's own row is locked first and until the commit, so moments grow in
 * the order of commits: nobody can have read past a moment that is still to come. Then, for ids with several versions,
 * it is said anew how they stand to each other, so that reading is a range of an index.
 */
#include "store/collected.h"

#include <stdlib.h>

#include "base/arena.h"
#include "store/page.h"
#include "store/seen.h"
#include "json/write.h"

#define MS 1000                    /* microseconds */
#define AHEAD_US INT64_C(60000000) /* of the clock, from which on moments stand closer together */
#define CLOSE_US 100               /* how close: still few enough in a millisecond for any page to get past it */
#define STRETCH 2000               /* rows of an index that are looked at in one statement */
enum { ROW_WIDTH = 9, STANDING_WIDTH = 4 };

/* ---- Moments ---- */

/* The row of the collection, locked; *last_us: of the latest row that ever was in it. */
static struct err lock(struct work *work, int64_t collection, int64_t *last_us)
{
    static const char LOCK[] = "UPDATE collection SET last_us = last_us WHERE number = $1 RETURNING last_us";
    TRY(db_one(work->db, LOCK, (struct db_value[]){db_i64(collection)}, 1, TIME_NONE, last_us));
    return *last_us == TIME_NONE ? err_make(ERR_MISSING, "there is no such collection (any more)") : OK;
}

static struct err unlock(struct work *work, int64_t collection, int64_t last_us)
{
    static const char LAST[] = "UPDATE collection SET last_us = $2 WHERE number = $1";
    return db_run(work->db, LAST, (struct db_value[]){db_i64(collection), db_i64(last_us)}, 2, NULL);
}

/* The first moment behind `last_us` that is not before now: who polls by a clock of its own must not be past it. */
static int64_t moment_next(int64_t last_us, int64_t now_us)
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

static struct err standing_list(struct work *work, int64_t collection, slice id, struct standing **list, size_t *count)
{
    static const char COUNT[] = "SELECT count(*) FROM collection_object WHERE collection = $1 AND id = $2";
    static const char LIST[] = "SELECT added_us, version, spec_version, standing FROM collection_object "
                               "WHERE collection = $1 AND id = $2 ORDER BY spec_version, version";
    const struct db_value values[] = {db_i64(collection), db_text(id)};
    int64_t room;
    size_t got = 0;
    struct db_rows *rows;
    TRY(db_one(work->db, COUNT, values, COUNT_OF(values), 0, &room));
    struct standing *all = arena_new(work->arena, struct standing, (size_t)room);
    TRY(db_query(work->db, LIST, values, COUNT_OF(values), &rows));
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

static struct err standing_put(struct work *work, int64_t collection, const struct standing *all, size_t count)
{
    static const char PUT[] =
            "UPDATE collection_object SET standing = $3, shown = $4 WHERE collection = $1 AND added_us = $2";
    struct db_value *values = arena_new(work->arena, struct db_value, count * STANDING_WIDTH), *value = values;
    size_t first, last, changed = 0;
    ends_find(all, count, &first, &last);
    for (size_t i = 0; i < count; i++) {
        unsigned standing = standing_of(all, count, i, first, last);
        if (standing == all[i].standing)
            continue;
        *value++ = db_i64(collection);
        *value++ = db_i64(all[i].added_us);
        *value++ = db_i64(standing);
        *value++ = db_i64(is_shown(standing));
        changed++;
    }
    TRY(arena_check(work->arena));
    return changed == 0 ? OK : db_run_many(work->db, PUT, values, STANDING_WIDTH, changed, NULL);
}

static struct err stand_anew(struct work *work, int64_t collection, slice id)
{
    struct standing *all;
    size_t count;
    TRY(standing_list(work, collection, id, &all, &count));
    return count == 0 ? OK : standing_put(work, collection, all, count);
}

/* ---- In ---- */

struct putting {
    struct work *work;
    int64_t collection, last_us, first_us; /* first_us: of the first row of this work */
    const struct collected_put *rows;
    enum collected_outcome *outcomes;
    size_t count;
    size_t *at;        /* of rows that were not in it yet */
    uint64_t *changed; /* whether at[i] found its place free */
    size_t tried;
};

/* Those that are in it already keep their moments. */
static struct err known_leave(struct putting *putting)
{
    static const char THERE[] = "SELECT count(*) FROM collection_object WHERE object = $1 AND collection = $2";
    for (size_t i = 0; i < putting->count; i++) {
        const struct db_value values[] = {db_i64(putting->rows[i].object), db_i64(putting->collection)};
        int64_t there = 0;
        if (!putting->rows[i].fresh)
            TRY(db_one(putting->work->db, THERE, values, COUNT_OF(values), 0, &there));
        putting->outcomes[i] = COLLECTED_IN;
        if (there == 0)
            putting->at[putting->tried++] = i;
    }
    return OK;
}

static struct err insert(struct putting *putting)
{
    static const char ADD[] = "INSERT INTO collection_object "
                              "(collection, added_us, object, id, type, version, spec_version, standing, shown) "
                              "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
    struct db_value *values = arena_new(putting->work->arena, struct db_value, putting->tried * ROW_WIDTH);
    struct db_value *value = values;
    int64_t now_us = clock_now_us(), moment = moment_next(putting->last_us, now_us);
    putting->first_us = moment;
    for (size_t i = 0; i < putting->tried; i++) {
        const struct collected_put *row = &putting->rows[putting->at[i]];
        *value++ = db_i64(putting->collection);
        *value++ = db_i64(moment);
        *value++ = db_i64(row->object);
        *value++ = db_text(row->id);
        *value++ = db_text(row->type);
        *value++ = db_text(row->version);
        *value++ = db_text(row->spec_version);
        *value++ = db_i64(STANDING_ALL);
        *value++ = db_i64(1);
        putting->last_us = moment;
        moment = moment_next(moment, now_us);
    }
    TRY(arena_check(putting->work->arena));
    return db_run_many(putting->work->db, ADD, values, ROW_WIDTH, putting->tried, putting->changed);
}

/* A place that was taken: by the same object, in this very work, or by another of the same version. */
static struct err taken_settle(struct putting *putting)
{
    static const char THERE[] = "SELECT count(*) FROM collection_object WHERE object = $1 AND collection = $2";
    for (size_t i = 0; i < putting->tried; i++) {
        const struct collected_put *row = &putting->rows[putting->at[i]];
        const struct db_value values[] = {db_i64(row->object), db_i64(putting->collection)};
        int64_t there = 1;
        if (putting->changed[i] == 0)
            TRY(db_one(putting->work->db, THERE, values, COUNT_OF(values), 0, &there));
        putting->outcomes[putting->at[i]] = there == 0 ? COLLECTED_CONTRADICTS : COLLECTED_IN;
    }
    return OK;
}

struct several {
    slice id;
    int64_t added_us;
};

static void several_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct several *)row = (struct several){arena_copy(arena, db_slice(rows, 0)), db_number(rows, 1)};
}

static struct err crowd_leave(struct putting *putting, slice id)
{
    static const char LEAVE[] = "DELETE FROM collection_object WHERE collection = $1 AND id = $2 AND added_us >= $3";
    const struct db_value values[] = {db_i64(putting->collection), db_text(id), db_i64(putting->first_us)};
    for (size_t i = 0; i < putting->tried; i++)
        if (slice_eq(putting->rows[putting->at[i]].id, id))
            putting->outcomes[putting->at[i]] = COLLECTED_CROWDED;
    return db_run(putting->work->db, LEAVE, values, COUNT_OF(values), NULL);
}

/* Rows of this work whose ids have other rows, too: in the order of moments, since that is a range of an index. */
static struct err several_list(struct putting *putting, int64_t after_us, struct several **several, size_t *count)
{
    static const char LIST[] = "SELECT n.id, n.added_us FROM collection_object n WHERE n.collection = $1 "
                               "AND n.added_us > $2 AND EXISTS (SELECT 1 FROM collection_object o "
                               "WHERE o.collection = $1 AND o.id = n.id AND o.added_us <> n.added_us) "
                               "ORDER BY n.added_us LIMIT $3";
    const struct db_value values[] = {db_i64(putting->collection), db_i64(after_us)};
    struct page page = page_of(struct several, LIST, several_read, STORE_PAGE_MAX);
    return page_read(putting->work->db, &page, values, COUNT_OF(values), putting->work->arena, (void **)several, count);
}

static struct err id_stand(struct putting *putting, slice id)
{
    struct standing *all;
    size_t count;
    TRY(standing_list(putting->work, putting->collection, id, &all, &count));
    if (count > COLLECTED_VERSIONS_MAX)
        return crowd_leave(putting, id);
    return standing_put(putting->work, putting->collection, all, count);
}

static int id_order(const void *a, const void *b)
{
    return slice_order(((const struct several *)a)->id, ((const struct several *)b)->id);
}

/* Each id once, however many versions of it came together. */
static struct err several_stand(struct putting *putting)
{
    struct several *several, *all = NULL;
    size_t count = 0;
    int64_t after_us = putting->first_us - 1;
    for (size_t got = STORE_PAGE_MAX; got == STORE_PAGE_MAX;) {
        TRY(several_list(putting, after_us, &several, &got));
        if (got > 0)
            after_us = several[got - 1].added_us;
        struct several *more = arena_new(putting->work->arena, struct several, count + got);
        if (count > 0)
            memcpy(more, all, count * sizeof *more);
        if (got > 0)
            memcpy(more + count, several, got * sizeof *more);
        all = more;
        count += got;
    }
    if (count > 0)
        qsort(all, count, sizeof *all, id_order);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || !slice_eq(all[i].id, all[i - 1].id))
            TRY(id_stand(putting, all[i].id));
    return OK;
}

struct err store_collected_put(struct work *work, int64_t collection, const struct collected_put *rows, size_t count,
        enum collected_outcome *outcomes)
{
    struct putting putting = {.work = work, .collection = collection, .rows = rows, .count = count};
    putting.outcomes = outcomes;
    putting.at = arena_new(work->arena, size_t, count);
    putting.changed = arena_new(work->arena, uint64_t, count);
    TRY(lock(work, collection, &putting.last_us));
    TRY(known_leave(&putting));
    if (putting.tried == 0)
        return OK;
    TRY(insert(&putting));
    TRY(taken_settle(&putting));
    TRY(several_stand(&putting));
    return unlock(work, collection, putting.last_us);
}

/* ---- Out ---- */

struct leaving {
    int64_t collection, added_us;
    slice id;
};

static void leaving_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct leaving *)row =
            (struct leaving){db_number(rows, 0), db_number(rows, 1), arena_copy(arena, db_slice(rows, 2))};
}

static int leaving_order(const void *a, const void *b)
{
    const struct leaving *one = a, *other = b;
    int order = (one->collection > other->collection) - (one->collection < other->collection);
    return order != 0 ? order : slice_order(one->id, other->id);
}

static struct err rows_remove(struct work *work, struct leaving *rows, size_t count)
{
    static const char REMOVE[] = "DELETE FROM collection_object WHERE collection = $1 AND added_us = $2";
    struct db_value *values = arena_new(work->arena, struct db_value, count * 2);
    for (size_t i = 0; i < count; i++) {
        values[2 * i] = db_i64(rows[i].collection);
        values[2 * i + 1] = db_i64(rows[i].added_us);
    }
    TRY(arena_check(work->arena));
    TRY(db_run_many(work->db, REMOVE, values, 2, count, NULL));
    qsort(rows, count, sizeof *rows, leaving_order);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || !slice_eq(rows[i].id, rows[i - 1].id) || rows[i].collection != rows[i - 1].collection)
            TRY(stand_anew(work, rows[i].collection, rows[i].id));
    return OK;
}

/* Objects that the import brought first, or again, and that no other done import holds. */
struct err store_collected_forget(struct work *work, int64_t import)
{
    static const char FIRST[] = "SELECT c.collection, c.added_us, c.id FROM object o "
                                "JOIN collection_object c ON c.object = o.number "
                                "WHERE o.import = $1 AND NOT " SEEN("o") " LIMIT $2";
    static const char AGAIN[] = "SELECT c.collection, c.added_us, c.id FROM object_again a "
                                "JOIN object o ON o.number = a.object JOIN collection_object c ON c.object = o.number "
                                "WHERE a.import = $1 AND NOT " SEEN("o") " LIMIT $2";
    static const char *const all[] = {FIRST, AGAIN};
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        struct page page = page_of(struct leaving, all[i], leaving_read, STORE_PAGE_MAX);
        for (size_t got = STORE_PAGE_MAX; got == STORE_PAGE_MAX;) {
            struct leaving *rows;
            TRY(page_read(work->db, &page, (struct db_value[]){db_i64(import)}, 1, work->arena, (void **)&rows, &got));
            if (got > 0)
                TRY(rows_remove(work, rows, got));
        }
    }
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

#define NARROW(bytes)                                                                                                  \
    "SELECT c.added_us, c.object, c.id, c.type, c.version, c.spec_version, c.standing, " bytes                         \
    " FROM collection_object c "
#define OBJECT "JOIN object o ON o.number = c.object "
#define RANGE "WHERE c.collection = $1 AND c.added_us > $2 "
#define ORDER "ORDER BY c.added_us LIMIT $3"

/* The ways over an index, with the bytes of objects and without. */
enum way { WAY_SHOWN, WAY_TYPE, WAY_ALL, WAYS };
static const char *const ways[WAYS][2] = {
        [WAY_SHOWN] = {NARROW("''") RANGE "AND c.shown = 1 " ORDER,
                NARROW("o.bytes") OBJECT RANGE "AND c.shown = 1 " ORDER},
        [WAY_TYPE] = {NARROW("''") RANGE "AND c.shown = 1 AND c.type = $4 " ORDER,
                NARROW("o.bytes") OBJECT RANGE "AND c.shown = 1 AND c.type = $4 " ORDER},
        [WAY_ALL] = {NARROW("''") RANGE ORDER, NARROW("o.bytes") OBJECT RANGE ORDER},
};

struct reading {
    struct db *db;
    int64_t collection;
    const struct collected_query *query;
    bool bytes;
    struct arena *arena;
    collected_take *take;
    void *context;
    struct collected_end end;
    size_t given, given_bytes;
};

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
    };
}

/* False: the page is full, and this row is not of it any more. */
static bool has_room(struct reading *reading, const struct collected *row)
{
    bool heavy = reading->given > 0 && reading->given_bytes + row->bytes.len > COLLECTED_PAGE_BYTES;
    if (reading->given < reading->query->limit && !heavy)
        return true;
    reading->end.more = true;
    return false;
}

static struct err give(struct reading *reading, const struct collected *row)
{
    if (reading->given++ == 0)
        reading->end.first_us = row->added_us;
    reading->end.last_us = row->added_us;
    reading->given_bytes += row->bytes.len;
    return reading->take(reading->context, row);
}

static bool is_plain(const struct collected_query *query, enum way *way)
{
    bool last = is_last_only(query) && query->specs == 0;
    bool all = query->versions == VERSIONS_ALL && query->exact_count == 0 && is_both_specs(query);
    *way = last ? query->type_count == 1 ? WAY_TYPE : WAY_SHOWN : WAY_ALL;
    return (last && query->type_count <= 1) || (all && query->type_count == 0);
}

/* The usual case: what the index holds is what is wanted, in one statement, without a copy. */
static struct err read_plain(struct reading *reading, enum way way)
{
    const struct collected_query *query = reading->query;
    const struct db_value values[] = {db_i64(reading->collection), db_i64(query->after_us),
            db_i64((int64_t)query->limit + 1), db_text(query->type_count > 0 ? query->types[0] : S(""))};
    struct db_rows *rows;
    struct collected row;
    struct err err = OK;
    TRY(db_query(reading->db, ways[way][reading->bytes], values, way == WAY_TYPE ? 4 : 3, &rows));
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
}

/* One stretch of the index: *after_us moves on; *end: nothing is behind it. */
static struct err stretch(struct reading *reading, enum way way, struct found *found, int64_t *after_us, bool *end)
{
    const struct db_value values[] = {db_i64(reading->collection), db_i64(*after_us), db_i64(STRETCH)};
    struct db_rows *rows;
    size_t seen = 0;
    TRY(db_query(reading->db, ways[way][0], values, COUNT_OF(values), &rows));
    while (found->count < found->most && db_next(rows)) {
        struct collected row = row_of(rows);
        *after_us = row.added_us;
        seen++;
        if (is_wanted(reading->query, &row))
            keep(found, &row);
    }
    TRY(db_done(rows));
    *end = seen < STRETCH && found->count < found->most;
    return arena_check(reading->arena);
}

static struct err scan(struct reading *reading, enum way way, struct found *found)
{
    int64_t after_us = reading->query->after_us;
    bool end = false;
    for (size_t looked = 0; !end && found->count < found->most; looked += STRETCH) {
        if (looked >= COLLECTED_SCAN_MAX) {
            reading->end.more = true;
            reading->end.last_us = after_us;
            return OK;
        }
        TRY(stretch(reading, way, found, &after_us, &end));
    }
    return OK;
}

static int added_order(const void *a, const void *b)
{
    int64_t one = ((const struct collected *)a)->added_us, other = ((const struct collected *)b)->added_us;
    return (one > other) - (one < other);
}

/* All rows of each id: few, since an id has at most COLLECTED_VERSIONS_MAX. */
static struct err find_ids(struct reading *reading, struct found *found)
{
    static const char OF_ID[] = NARROW("''") "WHERE c.collection = $1 AND c.id = $2 AND c.added_us > $3 LIMIT $4";
    const struct collected_query *query = reading->query;
    for (size_t i = 0; i < query->id_count; i++) {
        const struct db_value values[] = {db_i64(reading->collection), db_text(query->ids[i]), db_i64(query->after_us),
                db_i64(COLLECTED_VERSIONS_MAX)};
        struct db_rows *rows;
        if (is_among(query->ids, i, query->ids[i]))
            continue;
        TRY(db_query(reading->db, OF_ID, values, COUNT_OF(values), &rows));
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

/* The bytes live until the next statement but one, so they are given on at once. */
static struct err give_found(struct reading *reading, struct collected *row)
{
    static const char BYTES[] = "SELECT bytes FROM object WHERE number = $1";
    struct db_rows *rows;
    struct err err = OK;
    if (!reading->bytes)
        return has_room(reading, row) ? give(reading, row) : OK;
    TRY(db_query(reading->db, BYTES, (struct db_value[]){db_i64(row->object)}, 1, &rows));
    if (db_next(rows)) {
        row->bytes = db_slice(rows, 0);
        err = has_room(reading, row) ? give(reading, row) : OK;
    }
    struct err done = db_done(rows);
    return err.kind != ERR_NONE ? err : done;
}

static struct err read_found(struct reading *reading)
{
    const struct collected_query *query = reading->query;
    struct found found = {.arena = reading->arena, .most = query->id_count > 0 ? SIZE_MAX : query->limit + 1};
    enum way way = is_last_only(query) && query->specs == 0 ? WAY_SHOWN : WAY_ALL;
    TRY(query->id_count > 0 ? find_ids(reading, &found) : scan(reading, way, &found));
    bool scanned_on = reading->end.more;
    int64_t scanned_us = reading->end.last_us;
    reading->end.more = false;
    for (size_t i = 0; i < found.count && !reading->end.more; i++)
        TRY(give_found(reading, &found.rows[i]));
    if (scanned_on && !reading->end.more) { /* all that was found is given: on behind what was looked at */
        reading->end.more = true;
        reading->end.last_us = scanned_us;
    }
    return OK;
}

struct err store_collected_read(struct db *db, int64_t collection, const struct collected_query *query, bool bytes,
        struct arena *arena, collected_take *take, void *context, struct collected_end *end)
{
    struct reading reading = {.db = db,
            .collection = collection,
            .query = query,
            .bytes = bytes,
            .arena = arena,
            .take = take,
            .context = context};
    enum way way;
    reading.end = (struct collected_end){.first_us = TIME_NONE, .last_us = query->after_us};
    if (query->id_count == 0 && is_plain(query, &way))
        TRY(read_plain(&reading, way));
    else
        TRY(read_found(&reading));
    *end = reading.end;
    return OK;
}

/* ---- Taking out by who may ---- */

struct dropping {
    struct arena *arena;
    int64_t collection;
    struct leaving *rows;
    size_t count;
};

static struct err drop_take(void *context, const struct collected *row)
{
    struct dropping *dropping = context;
    dropping->rows[dropping->count++] =
            (struct leaving){dropping->collection, row->added_us, arena_copy(dropping->arena, row->id)};
    return OK;
}

struct err store_collected_drop(
        struct work *work, int64_t collection, slice id, const struct collected_query *query, uint64_t *dropped)
{
    struct collected_query of_id = *query;
    struct dropping dropping = {.arena = work->arena, .collection = collection};
    struct collected_end end;
    int64_t last_us;
    of_id.ids = &id;
    of_id.id_count = 1;
    of_id.after_us = INT64_MIN;
    of_id.limit = COLLECTED_VERSIONS_MAX;
    dropping.rows = arena_new(work->arena, struct leaving, COLLECTED_VERSIONS_MAX);
    TRY(lock(work, collection, &last_us));
    TRY(store_collected_read(work->db, collection, &of_id, false, work->arena, drop_take, &dropping, &end));
    if (dropping.count > 0)
        TRY(rows_remove(work, dropping.rows, dropping.count));
    *dropped = dropping.count;
    return OK;
}
