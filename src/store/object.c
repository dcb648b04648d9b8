/* SPDX-License-Identifier: Apache-2.0 */
#include "store/object.h"

#include "base/arena.h"
#include "store/object_row.h"
#include "store/page.h"

#define SOURCES_MAX 100000 /* that say something of one id */

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

/* A page as it is read: at most `count` objects and `bytes` bytes behind `after`. */
struct asked {
    struct db *db;
    const struct object_filter *filter;
    int64_t after;
    size_t count, bytes;
    struct arena *arena;
};

struct part {
    struct object *rows;
    size_t count;
    bool cut; /* by its bytes: there may be more */
};

static struct err way_list(const struct asked *asked, enum list_way way, struct part *part)
{
    const struct object_filter *filter = asked->filter;
    const struct db_value values[] = {
            db_i64(asked->after), db_text(filter->type), db_i64(filter->source), db_i64(filter->import)};
    struct page page = page_of(struct object, lists[way][filter->all_versions], store_object_read, asked->count);
    size_t width = COUNT_OF(values) - (filter->import == 0);
    return page_read_some(asked->db, &page, values, width, asked->bytes, asked->arena, (void **)&part->rows,
            &part->count, &part->cut);
}

/* Up to where a part is known. */
static int64_t part_end(const struct part *part)
{
    return part->cut ? part->rows[part->count - 1].number : INT64_MAX;
}

/* The first of two lists in order. No object is in both: what an import brought first is not linked to it. */
static struct err import_list(const struct asked *asked, struct part *merged)
{
    bool unseen = asked->filter->unseen;
    struct part first, again;
    size_t f = 0, a = 0, got = 0;
    TRY(way_list(asked, unseen ? WAY_IMPORT_UNSEEN : WAY_IMPORT, &first));
    TRY(way_list(asked, unseen ? WAY_AGAIN_UNSEEN : WAY_AGAIN, &again));
    int64_t end = part_end(&first) < part_end(&again) ? part_end(&first) : part_end(&again);
    struct object *rows = arena_new(asked->arena, struct object, first.count + again.count);
    while (got < asked->count && (f < first.count || a < again.count)) {
        bool is_first = a == again.count || (f < first.count && first.rows[f].number < again.rows[a].number);
        const struct object *next = is_first ? &first.rows[f++] : &again.rows[a++];
        if (next->number > end)
            break;
        rows[got++] = *next;
    }
    TRY(arena_check(asked->arena));
    *merged = (struct part){rows, got, first.cut || again.cut};
    return OK;
}

static struct err part_list(const struct asked *asked, struct part *part)
{
    if (asked->filter->import != 0)
        return import_list(asked, part);
    enum list_way by_type = asked->filter->type.len > 0 ? WAY_TYPE : WAY_NUMBER;
    return way_list(asked, asked->filter->source != 0 ? WAY_SOURCE : by_type, part);
}

struct err store_object_list(struct db *db, const struct object_filter *filter, int64_t after, size_t count,
        struct arena *arena, struct object **rows, size_t *row_count)
{
    size_t most = count > STORE_PAGE_MAX ? STORE_PAGE_MAX : count;
    struct part part;
    TRY(part_list(&(struct asked){db, filter, after, most, SIZE_MAX, arena}, &part));
    *rows = part.rows;
    *row_count = part.count;
    return OK;
}

struct err store_object_page(struct db *db, const struct object_filter *filter, struct object_place *place,
        size_t count, struct arena *arena, struct object **rows, size_t *row_count)
{
    size_t most = count > STORE_PAGE_MAX ? STORE_PAGE_MAX : count;
    struct part part;
    TRY(part_list(&(struct asked){db, filter, place->after, most, OBJECT_PAGE_BYTES, arena}, &part));
    place->after = part.count > 0 ? part.rows[part.count - 1].number : place->after;
    place->end = part.count < most && !part.cut;
    *rows = part.rows;
    *row_count = part.count;
    return OK;
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

struct said {
    int64_t source, versions;
};

static void said_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    (void)arena;
    *(struct said *)row = (struct said){db_number(rows, 0), db_number(rows, 1)};
}

struct err store_object_sources(
        struct db *db, slice id, struct arena *arena, int64_t **sources, size_t *source_count, size_t *versions)
{
    static const char LIST[] =
            "SELECT o.source, count(*) FROM object o WHERE o.id = $1 AND " SEEN("o") " GROUP BY o.source "
                                                                                     "ORDER BY o.source LIMIT $2";
    struct page page = page_of(struct said, LIST, said_read, SOURCES_MAX);
    struct said *said;
    TRY(page_read_whole(db, &page, (struct db_value[]){db_text(id)}, 1, arena, (void **)&said, source_count));
    *sources = arena_new(arena, int64_t, *source_count + 1);
    *versions = 0;
    for (size_t i = 0; i < *source_count; i++) {
        (*sources)[i] = said[i].source;
        *versions += (size_t)said[i].versions;
    }
    return OK;
}
