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
#include "store/shelf.h"
#include "json/read.h"

enum { ROW_WIDTH = 9 };

#define NARROW SHELF_COLUMNS("''", "-1", "''") " FROM collection_object c "
#define WHOLE                                                                                                          \
    SHELF_COLUMNS("o.bytes", "-1", "''")                                                                               \
    " FROM collection_object c JOIN object o ON o.number = c.object "
#define RANGE "WHERE c.collection = $1 AND c.added_us > $2 "
#define ORDER "ORDER BY c.added_us LIMIT $3"

static const struct shelf shelf = {
        .count = "SELECT count(*) FROM collection_object WHERE collection = $1 AND id = $2",
        .list = "SELECT added_us, version, spec_version, standing FROM collection_object "
                "WHERE collection = $1 AND id = $2 ORDER BY spec_version, version",
        .stand = "UPDATE collection_object SET standing = $3, shown = $4 WHERE collection = $1 AND added_us = $2",
        .several = "SELECT n.id, n.added_us FROM collection_object n WHERE n.collection = $1 AND n.added_us > $2 "
                   "AND EXISTS (SELECT 1 FROM collection_object o WHERE o.collection = $1 AND o.id = n.id "
                   "AND o.added_us <> n.added_us) ORDER BY n.added_us LIMIT $3",
        .ways = {[SHELF_SHOWN] = {NARROW RANGE "AND c.shown = 1 " ORDER, WHOLE RANGE "AND c.shown = 1 " ORDER},
                [SHELF_TYPE] = {NARROW RANGE "AND c.shown = 1 AND c.type = $4 " ORDER,
                        WHOLE RANGE "AND c.shown = 1 AND c.type = $4 " ORDER},
                [SHELF_ALL] = {NARROW RANGE ORDER, WHOLE RANGE ORDER}},
        .of_id = NARROW "WHERE c.collection = $1 AND c.id = $2 AND c.added_us > $3 LIMIT $4",
        .bytes = "SELECT o.bytes FROM collection_object c JOIN object o ON o.number = c.object "
                 "WHERE c.collection = $1 AND c.added_us = $2",
};

/* ---- Versions ---- */

slice store_version_kept(slice text)
{
    text.len -= slice_ends(text, S("Z"));
    if (slice_find(text, '.') == text.len)
        return text;
    while (slice_ends(text, S("0")))
        text.len--;
    text.len -= slice_ends(text, S("."));
    return text;
}

/* Without `modified`, `created` counts (TAXII 2.1 section 3.4.1). */
slice store_collected_version(slice version, slice bytes, struct arena *arena)
{
    int64_t us;
    if (version.len > 0)
        return arena_copy(arena, version);
    slice created = json_text(json_get(bytes, S("created")), arena);
    bool is_time = slice_ends(created, S("Z")) && time_parse_strict(created, &us);
    return is_time ? arena_copy(arena, store_version_kept(created)) : COLLECTED_VERSION_NONE;
}

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
    int64_t now_us = clock_now_us(), moment = shelf_moment(putting->last_us, now_us);
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
        moment = shelf_moment(moment, now_us);
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

static struct err crowd_leave(void *context, slice id)
{
    struct putting *putting = context;
    static const char LEAVE[] = "DELETE FROM collection_object WHERE collection = $1 AND id = $2 AND added_us >= $3";
    const struct db_value values[] = {db_i64(putting->collection), db_text(id), db_i64(putting->first_us)};
    for (size_t i = 0; i < putting->tried; i++)
        if (slice_eq(putting->rows[putting->at[i]].id, id))
            putting->outcomes[putting->at[i]] = COLLECTED_CROWDED;
    return db_run(putting->work->db, LEAVE, values, COUNT_OF(values), NULL);
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
    TRY(shelf_stand_since(work, &shelf, collection, putting.first_us, crowd_leave, &putting));
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
            TRY(shelf_stand(work, &shelf, rows[i].collection, rows[i].id));
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

/* ---- Reading ---- */

struct err store_collected_read(struct db *db, int64_t collection, const struct collected_query *query, bool bytes,
        struct arena *arena, collected_take *take, void *context, struct collected_end *end)
{
    struct shelf_reading reading = {.db = db,
            .shelf = &shelf,
            .number = collection,
            .query = query,
            .bytes = bytes,
            .arena = arena,
            .take = take,
            .context = context};
    TRY(shelf_read(&reading));
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
