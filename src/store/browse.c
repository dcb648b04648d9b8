/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page is made of steps. Each asks one way for a few objects behind a place, offers them, and remembers how far it
 * came; a step of the ways by number passes a window of numbers, so that objects of an import that is not seen cost
 * no more than their look-up.
 */
#include "store/browse.h"

#include <inttypes.h>

#include "base/arena.h"
#include "store/judgement.h"
#include "store/object_row.h"
#include "store/page.h"
#include "store/search.h"
#include "store/tag.h"

#define STEP_ROWS 100
#define STEP_FEWER 50
#define WINDOW_ROWS 2000
#define SCRATCH_ARENA_MAX ((size_t)256 << 20)
#define SINCE_SLACK_US INT64_C(3600000000) /* arrival is stamped when a work begins, numbers are given later in it */

struct browsing {
    struct db *db;
    const struct browse *browse;
    struct browse_place *place;
    struct arena *scratch;
    size_t wanted, taken, looked, passed;
};

/* ---- What comes one way ---- */

static bool is_chosen(const struct browsing *browsing, const struct object *object)
{
    const struct browse *browse = browsing->browse;
    return (browse->type.len == 0 || slice_eq(browse->type, object->type)) &&
           (browse->source == 0 || browse->source == object->source) &&
           (browse->since_us == TIME_NONE || object->added_us >= browse->since_us) &&
           (browse->judged == 0 || (object->judged & browse->judged) != 0);
}

static struct err tag_is(struct browsing *browsing, const struct object *object, bool *is)
{
    slice *tags;
    size_t count;
    *is = browsing->browse->tag.len == 0;
    if (*is)
        return OK;
    TRY(store_tag_list(browsing->db, object->source, object->id, browsing->scratch, &tags, &count));
    for (size_t i = 0; i < count; i++)
        *is = *is || slice_eq(tags[i], browsing->browse->tag);
    return OK;
}

static struct err offer(struct browsing *browsing, const struct object *object)
{
    bool taken = is_chosen(browsing, object);
    browsing->looked++;
    if (taken)
        TRY(tag_is(browsing, object, &taken));
    if (taken)
        TRY(browsing->browse->visit(browsing->browse->context, object, &taken));
    browsing->taken += taken;
    return OK;
}

static bool is_enough(const struct browsing *browsing)
{
    return browsing->taken >= browsing->wanted || browsing->looked >= BROWSE_LOOKED_MAX ||
           browsing->passed >= BROWSE_PASSED_MAX;
}

static int64_t before_of(const struct browsing *browsing)
{
    return browsing->place->number == 0 ? INT64_MAX : browsing->place->number;
}

/* Offers rows in order; the place is behind the last that was offered. */
static struct err offer_all(struct browsing *browsing, const struct object *rows, size_t count, bool *all)
{
    for (size_t i = 0; i < count; i++) {
        TRY(offer(browsing, &rows[i]));
        browsing->place->number = rows[i].number;
        if (is_enough(browsing) && i + 1 < count) {
            *all = false;
            return OK;
        }
    }
    *all = true;
    return OK;
}

/* ---- By number ---- */

#define OF(type, source) type source
#define TYPE_IS "AND o.type = $3 "
#define SOURCE_IS "AND o.source = $4 "
/* Of the type, and of none as well, which is how a number of parameters stays the same. */
#define ANY_TYPE "AND CAST($3 AS TEXT) IS NOT NULL "
#define ANY_SOURCE "AND CAST($4 AS BIGINT) IS NOT NULL "
#define LIST(type, source)                                                                                             \
    OBJECT_COLUMNS("1")                                                                                                \
    "FROM object o WHERE o.number < $1 AND o.number >= $2 " OF(type, source) "AND " SEEN("o") " AND " NEWEST(          \
            "o") " ORDER BY o.number DESC LIMIT $5"
/* The least number among the next so many, seen or not. */
#define FLOOR(type, source)                                                                                            \
    "SELECT min(w.number) FROM (SELECT o.number FROM object o WHERE o.number < $1 "                                    \
    "AND CAST($2 AS BIGINT) IS NOT NULL " OF(type, source) "ORDER BY o.number DESC LIMIT $5) w"

static const char LIST_ALL[] = LIST(ANY_TYPE, ANY_SOURCE), FLOOR_ALL[] = FLOOR(ANY_TYPE, ANY_SOURCE);
static const char LIST_TYPE[] = LIST(TYPE_IS, ANY_SOURCE), FLOOR_TYPE[] = FLOOR(TYPE_IS, ANY_SOURCE);
static const char LIST_SOURCE[] = LIST(ANY_TYPE, SOURCE_IS), FLOOR_SOURCE[] = FLOOR(ANY_TYPE, SOURCE_IS);

static const struct {
    const char *list, *floor;
} numbered[] = {{LIST_ALL, FLOOR_ALL}, {LIST_TYPE, FLOOR_TYPE}, {LIST_SOURCE, FLOOR_SOURCE}};

static size_t numbered_of(const struct browse *browse)
{
    return browse->source != 0 ? 2 : browse->type.len > 0 ? 1 : 0;
}

static struct err number_step(struct browsing *browsing)
{
    const struct browse *browse = browsing->browse;
    size_t way = numbered_of(browse), count;
    struct db_value values[] = {
            db_i64(before_of(browsing)), db_i64(0), db_text(browse->type), db_i64(browse->source), db_i64(WINDOW_ROWS)};
    struct page page = page_of(struct object, numbered[way].list, store_object_read, STEP_ROWS);
    struct object *rows;
    int64_t least;
    bool cut, all;
    TRY(db_one(browsing->db, numbered[way].floor, values, COUNT_OF(values), 0, &least));
    browsing->place->end = least == 0;
    if (least == 0)
        return OK;
    values[1] = db_i64(least);
    TRY(page_read_some(browsing->db, &page, values, COUNT_OF(values) - 1, BROWSE_BYTES_MAX, browsing->scratch,
            (void **)&rows, &count, &cut));
    TRY(offer_all(browsing, rows, count, &all));
    if (all && !cut && count < STEP_ROWS) {
        browsing->place->number = least;
        browsing->passed += WINDOW_ROWS;
    }
    /* Numbers are in order of arrival: nothing younger is behind one that is too old. */
    bool old =
            count > 0 && browse->since_us != TIME_NONE && rows[count - 1].added_us < browse->since_us - SINCE_SLACK_US;
    browsing->place->end = all && old;
    return OK;
}

/* ---- By marks ---- */

static struct err marks_step(struct browsing *browsing)
{
    const struct browse *browse = browsing->browse;
    const struct search_refs refs = {browse->marks, browse->mark_count, browse->type};
    struct search_place at = {0, browsing->place->number, false};
    struct object *rows;
    size_t count;
    bool all;
    TRY(store_search_refs(browsing->db, &refs, &at, STEP_ROWS, browsing->scratch, &rows, &count));
    TRY(offer_all(browsing, rows, count, &all));
    browsing->place->end = all && at.end;
    return OK;
}

/* ---- By words ---- */

static struct err words_step(struct browsing *browsing)
{
    const struct browse *browse = browsing->browse;
    struct browse_place *place = browsing->place;
    struct search_place at = {place->tier, place->number, false}, from = at;
    struct object *rows;
    size_t count, offered = 0;
    TRY(store_search_list(browsing->db, browse->query, browse->type, &at, STEP_ROWS, browsing->scratch, &rows, &count));
    while (offered < count && (offered == 0 || !is_enough(browsing)))
        TRY(offer(browsing, &rows[offered++]));
    if (offered < count) { /* in which tier that was, only the same search for so many can say */
        at = from;
        TRY(store_search_list(
                browsing->db, browse->query, browse->type, &at, offered, browsing->scratch, &rows, &count));
    }
    *place = (struct browse_place){at.tier, at.number, {0}, at.end};
    return OK;
}

/* ---- By a tag, or by a judgement: in their own order ---- */

static struct err offer_newest(struct browsing *browsing, int64_t source, slice id)
{
    struct object object;
    struct err err = store_object_newest(browsing->db, source, id, browsing->scratch, &object);
    if (err.kind != ERR_MISSING) {
        TRY(err);
        return offer(browsing, &object);
    }
    browsing->passed++;
    return OK;
}

static struct err tag_step(struct browsing *browsing)
{
    struct browse_place *place = browsing->place;
    const struct tagged after = {place->number, place->id};
    struct tagged *rows;
    size_t count;
    TRY(store_tagged_list(browsing->db, browsing->browse->tag, after, STEP_ROWS, browsing->scratch, &rows, &count));
    place->end = count < STEP_ROWS;
    for (size_t i = 0; i < count; i++) {
        TRY(offer_newest(browsing, rows[i].source, rows[i].id));
        *place = (struct browse_place){0, rows[i].source, rows[i].id, place->end && i + 1 == count};
        if (is_enough(browsing))
            return OK;
    }
    return OK;
}

static struct err judged_step(struct browsing *browsing)
{
    struct browse_place *place = browsing->place;
    struct judgement *rows;
    size_t count;
    TRY(store_judgement_latest(browsing->db, before_of(browsing), STEP_ROWS, browsing->scratch, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        if (rows[i].kind == browsing->browse->judged)
            TRY(offer_newest(browsing, rows[i].source, rows[i].id));
        else
            browsing->passed++;
        place->number = rows[i].number;
        if (is_enough(browsing))
            return OK;
    }
    place->end = count < STEP_ROWS;
    return OK;
}

/* ---- The whole ---- */

/* The way that leaves least to be passed over. */
static struct err step(struct browsing *browsing)
{
    const struct browse *browse = browsing->browse;
    arena_reset(browsing->scratch);
    if (browse->query.len > 0)
        return words_step(browsing);
    if (browse->tag.len > 0)
        return tag_step(browsing);
    if (browse->judged != 0)
        return judged_step(browsing);
    return browse->mark_count > 0 ? marks_step(browsing) : number_step(browsing);
}

struct err store_browse(
        struct db *db, const struct browse *browse, struct browse_place *place, size_t count, struct arena *arena)
{
    struct browse_place at = *place;
    struct browsing browsing = {.db = db, .browse = browse, .place = &at, .wanted = count};
    struct err err = OK;
    browsing.scratch = arena_open("objects that are browsed", ARENA_WORK, SCRATCH_ARENA_MAX);
    while (err.kind == ERR_NONE && !at.end && !is_enough(&browsing)) {
        err = step(&browsing);
        at.id = arena_copy(arena, at.id);
    }
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    arena_close(browsing.scratch);
    TRY(err);
    *place = at;
    return OK;
}

/* ---- Places as text: TIER.NUMBER.ID ---- */

slice store_browse_cursor(const struct browse_place *place, struct arena *arena)
{
    return slice_of(arena_printf(
            arena, "%" PRId64 ".%" PRId64 ".%.*s", place->tier, place->number, (int)place->id.len, place->id.ptr));
}

struct err store_browse_place(slice cursor, struct browse_place *place)
{
    slice rest = cursor, tier, number;
    uint64_t t, n;
    if (cursor.len > BROWSE_CURSOR_MAX || cursor.len == 0 || !slice_next(&rest, '.', &tier) ||
            !slice_next(&rest, '.', &number) || !slice_u64(tier, 1, &t) || !slice_u64(number, INT64_MAX, &n))
        return err_make(ERR_INPUT, "this is no place in a list: begin at its start");
    *place = (struct browse_place){(int64_t)t, (int64_t)n, rest, false};
    return OK;
}

struct err store_browse_sources(struct db *db, slice id, size_t most, int64_t *count)
{
    static const char COUNT[] = "SELECT count(*) FROM (SELECT o.source FROM object o WHERE o.id = $1 AND " SEEN(
            "o") " GROUP BY o.source LIMIT $2) part";
    return db_one(db, COUNT, (struct db_value[]){db_text(id), db_i64((int64_t)most)}, 2, 0, count);
}

struct err store_browse_count(struct db *db, int64_t source, size_t most, int64_t *count)
{
    static const char COUNT[] =
            "SELECT count(*) FROM (SELECT o.number FROM object o WHERE o.source = $1 LIMIT $2) part";
    return db_one(db, COUNT, (struct db_value[]){db_i64(source), db_i64((int64_t)most)}, 2, 0, count);
}

/* ---- What is said of one id ---- */

struct err store_browse_versions(
        struct db *db, slice id, size_t count, struct arena *arena, struct object **rows, size_t *row_count)
{
    static const char LIST[] = OBJECT_COLUMNS_LIGHT(OBJECT_NEWEST_OR_NOT) "FROM object o WHERE o.id = $1 AND " SEEN(
            "o") " ORDER BY o.source, o.version, o.variant LIMIT $2";
    struct page page = page_of(struct object, LIST, store_object_read, count);
    return page_read(db, &page, (struct db_value[]){db_text(id)}, 1, arena, (void **)rows, row_count);
}

struct err store_browse_any(struct db *db, slice id, struct arena *arena, struct object *object)
{
    static const char ANY[] =
            OBJECT_COLUMNS("1") "FROM object o WHERE o.id = $1 AND " SEEN("o") " AND " NEWEST("o") " LIMIT 1";
    struct page page = page_of(struct object, ANY, store_object_read, 1);
    return page_get(db, &page, (struct db_value[]){db_text(id)}, 1, arena, object, "there is no object of that id");
}

struct err store_browse_before(struct db *db, const struct object *object, struct arena *arena, struct object *before)
{
    static const char BEFORE[] =
            OBJECT_COLUMNS(OBJECT_NEWEST_OR_NOT) "FROM object o WHERE o.id = $1 AND o.source = $2 AND "
                                                 "(o.version < $3 OR (o.version = $3 AND o.variant < $4)) AND " SEEN(
                                                         "o") " ORDER BY o.version DESC, o.variant DESC LIMIT 1";
    struct page page = page_of(struct object, BEFORE, store_object_read, 1);
    const struct db_value values[] = {
            db_text(object->id), db_i64(object->source), db_text(object->version), db_i64(object->variant)};
    return page_get(db, &page, values, COUNT_OF(values), arena, before, "there is no version before this one");
}
