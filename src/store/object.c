/* SPDX-License-Identifier: Apache-2.0 */
#include "store/object.h"

#include "base/arena.h"
#include "store/object_row.h"
#include "store/page.h"

void store_object_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct object *)row = (struct object){
            .number = db_number(rows, 0),
            .source = db_number(rows, 1),
            .import = db_number(rows, 2),
            .id = arena_copy(arena, db_slice(rows, 3)),
            .type = arena_copy(arena, db_slice(rows, 4)),
            .spec_version = arena_copy(arena, db_slice(rows, 5)),
            .version = arena_copy(arena, db_slice(rows, 6)),
            .created_by = arena_copy(arena, db_slice(rows, 7)),
            .modified_us = page_time(rows, 8),
            .added_us = db_number(rows, 9),
            .variant = db_number(rows, 10),
            .revoked = db_number(rows, 11) != 0,
            .made = db_number(rows, 12) != 0,
            .newest = db_number(rows, 13) != 0,
            .judged = (unsigned)db_number(rows, 14),
            .expiry_us = page_time(rows, 15),
            .bytes = arena_copy(arena, db_slice(rows, 16)),
    };
}

/* ---- Lists: one statement for each way through the table, once for all versions and once for the newest ---- */

#define ALL OBJECT_COLUMNS(OBJECT_NEWEST_OR_NOT)
#define ONLY_NEWEST OBJECT_COLUMNS("1")
#define OF_TYPE "AND (CAST($2 AS TEXT) = '' OR o.type = $2) "
#define OF_SOURCE "AND (CAST($3 AS BIGINT) = 0 OR o.source = $3) "
#define IN_ORDER "ORDER BY o.number LIMIT $4"
#define PART_IN_ORDER "ORDER BY o.number LIMIT $5"
#define BY_NUMBER "FROM object o WHERE o.number > $1 AND " SEEN("o") " " OF_TYPE OF_SOURCE
#define BY_TYPE "FROM object o WHERE o.type = $2 AND o.number > $1 AND " SEEN("o") " " OF_SOURCE
#define BY_SOURCE "FROM object o WHERE o.source = $3 AND o.number > $1 AND " SEEN("o") " " OF_TYPE
/* What an import brought first, and what it brought again: two lists, each in order by its own index. */
#define BY_IMPORT "FROM object o WHERE o.import = $4 AND o.number > $1 AND "
#define BY_AGAIN                                                                                                       \
    "FROM object_again a CROSS JOIN object o WHERE o.number = a.object AND a.import = $4 AND a.object > $1 AND "
#define AGAIN_IN_ORDER "ORDER BY a.object LIMIT $5"

enum list_way {
    WAY_NUMBER,
    WAY_TYPE,
    WAY_SOURCE,
    WAY_IMPORT,
    WAY_AGAIN,
    WAY_IMPORT_UNSEEN,
    WAY_AGAIN_UNSEEN,
    LIST_WAYS
};

static const char NUMBER_ALL[] = ALL BY_NUMBER IN_ORDER;
static const char NUMBER_NEWEST[] = ONLY_NEWEST BY_NUMBER "AND " NEWEST("o") " " IN_ORDER;
static const char TYPE_ALL[] = ALL BY_TYPE IN_ORDER;
static const char TYPE_NEWEST[] = ONLY_NEWEST BY_TYPE "AND " NEWEST("o") " " IN_ORDER;
static const char SOURCE_ALL[] = ALL BY_SOURCE IN_ORDER;
static const char SOURCE_NEWEST[] = ONLY_NEWEST BY_SOURCE "AND " NEWEST("o") " " IN_ORDER;
static const char IMPORT_ALL[] = ALL BY_IMPORT SEEN("o") " " OF_TYPE OF_SOURCE PART_IN_ORDER;
static const char IMPORT_NEWEST[] =
        ONLY_NEWEST BY_IMPORT SEEN("o") " AND " NEWEST("o") " " OF_TYPE OF_SOURCE PART_IN_ORDER;
static const char AGAIN_ALL[] = ALL BY_AGAIN SEEN("o") " " OF_TYPE OF_SOURCE AGAIN_IN_ORDER;
static const char AGAIN_NEWEST[] =
        ONLY_NEWEST BY_AGAIN SEEN("o") " AND " NEWEST("o") " " OF_TYPE OF_SOURCE AGAIN_IN_ORDER;
static const char IMPORT_UNSEEN[] = ALL BY_IMPORT "1 = 1 " OF_TYPE OF_SOURCE PART_IN_ORDER;
static const char AGAIN_UNSEEN[] = ALL BY_AGAIN "1 = 1 " OF_TYPE OF_SOURCE AGAIN_IN_ORDER;

static const char *const lists[LIST_WAYS][2] = {
        [WAY_NUMBER] = {NUMBER_NEWEST, NUMBER_ALL},
        [WAY_TYPE] = {TYPE_NEWEST, TYPE_ALL},
        [WAY_SOURCE] = {SOURCE_NEWEST, SOURCE_ALL},
        [WAY_IMPORT] = {IMPORT_NEWEST, IMPORT_ALL},
        [WAY_AGAIN] = {AGAIN_NEWEST, AGAIN_ALL},
        [WAY_IMPORT_UNSEEN] = {IMPORT_UNSEEN, IMPORT_UNSEEN},
        [WAY_AGAIN_UNSEEN] = {AGAIN_UNSEEN, AGAIN_UNSEEN},
};

static struct err way_list(struct db *db, enum list_way way, const struct object_filter *filter, int64_t after,
        size_t count, struct arena *arena, struct object **rows, size_t *row_count)
{
    const struct db_value values[] = {
            db_i64(after), db_text(filter->type), db_i64(filter->source), db_i64(filter->import)};
    struct page page = page_of(struct object, lists[way][filter->all_versions], store_object_read, count);
    size_t width = COUNT_OF(values) - (filter->import == 0);
    return page_read(db, &page, values, width, arena, (void **)rows, row_count);
}

/* The first `count` of two lists in order. No object is in both: what an import brought first is not linked to it. */
static struct err import_list(struct db *db, const struct object_filter *filter, int64_t after, size_t count,
        struct arena *arena, struct object **rows, size_t *row_count)
{
    struct object *first, *again, *merged;
    size_t first_count, again_count, f = 0, a = 0, got = 0;
    TRY(way_list(
            db, filter->unseen ? WAY_IMPORT_UNSEEN : WAY_IMPORT, filter, after, count, arena, &first, &first_count));
    TRY(way_list(db, filter->unseen ? WAY_AGAIN_UNSEEN : WAY_AGAIN, filter, after, count, arena, &again, &again_count));
    merged = arena_new(arena, struct object, first_count + again_count);
    while (got < count && (f < first_count || a < again_count))
        merged[got++] =
                a == again_count || (f < first_count && first[f].number < again[a].number) ? first[f++] : again[a++];
    TRY(arena_check(arena));
    *rows = merged;
    *row_count = got;
    return OK;
}

struct err store_object_list(struct db *db, const struct object_filter *filter, int64_t after, size_t count,
        struct arena *arena, struct object **rows, size_t *row_count)
{
    count = count > STORE_PAGE_MAX ? STORE_PAGE_MAX : count;
    if (filter->import != 0)
        return import_list(db, filter, after, count, arena, rows, row_count);
    enum list_way way = filter->source != 0 ? WAY_SOURCE : filter->type.len > 0 ? WAY_TYPE : WAY_NUMBER;
    return way_list(db, way, filter, after, count, arena, rows, row_count);
}

struct err store_object_get(struct db *db, int64_t number, struct arena *arena, struct object *object)
{
    static const char GET[] = ALL "FROM object o WHERE o.number = $1 AND " SEEN("o");
    struct page page = page_of(struct object, GET, store_object_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, object, "there is no such object");
}

struct err store_object_newest(struct db *db, int64_t source, slice id, struct arena *arena, struct object *object)
{
    static const char GET[] = ONLY_NEWEST "FROM object o WHERE o.id = $1 AND o.source = $2 AND " SEEN(
            "o") " ORDER BY o.version DESC, o.variant LIMIT 1";
    struct page page = page_of(struct object, GET, store_object_read, 1);
    return page_get(db, &page, (struct db_value[]){db_text(id), db_i64(source)}, 2, arena, object,
            "there is no object of that id from that source");
}

struct err store_object_versions(struct db *db, slice id, struct arena *arena, struct object **rows, size_t *row_count)
{
    static const char LIST[] =
            ALL "FROM object o WHERE o.id = $1 AND " SEEN("o") " ORDER BY o.source, o.version, o.variant LIMIT $2";
    struct page page = page_of(struct object, LIST, store_object_read, STORE_PAGE_MAX);
    return page_read(db, &page, (struct db_value[]){db_text(id)}, 1, arena, (void **)rows, row_count);
}

static void count_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct object_count *)row = (struct object_count){
            .type = arena_copy(arena, db_slice(rows, 0)),
            .versions = db_number(rows, 1),
            .newest = db_number(rows, 2),
    };
}

struct err store_object_counts(struct db *db, struct arena *arena, struct object_count **rows, size_t *row_count)
{
    static const char COUNTS[] = "SELECT o.type, count(*), count(CASE WHEN " NEWEST(
            "o") " THEN 1 END) "
                 "FROM object o WHERE " SEEN("o") " GROUP BY o.type ORDER BY o.type LIMIT $1";
    struct page page = page_of(struct object_count, COUNTS, count_read, STORE_PAGE_MAX);
    return page_read(db, &page, NULL, 0, arena, (void **)rows, row_count);
}
