/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an object is related to: relationships of both directions, sightings, other objects that refer to it, and what
 * it refers to itself. The first relationships are drawn, too; the drawing says nothing that the table does not.
 */
#include "base/arena.h"
#include "store/search.h"
#include "web/object.h"
#include "web/page.h"
#include "json/read.h"

#define DRAWN 8 /* relationships in the picture */
#define REFS_READ 100

/* Where they stand around the middle, in the units of the picture: clockwise from the right. */
#define WIDTH 720
#define HEIGHT 360
static const struct {
    int x, y;
} places[DRAWN] = {{600, 180}, {120, 180}, {540, 60}, {180, 300}, {180, 60}, {540, 300}, {360, 40}, {360, 320}};

struct related {
    slice id; /* of the relationship: several sources may say it */
    slice other, word;
    bool outgoing;
    int64_t number; /* of the relationship */
};

static slice string_of(slice object, slice key, struct arena *arena)
{
    slice value = json_get(object, key);
    return json_kind(value) == JSON_STRING ? json_text(value, arena) : S("");
}

/* ---- Relationships ---- */

/* False: it only mentions the id elsewhere. */
static bool related_read(struct viewing *viewing, const struct object *row, struct related *related)
{
    struct arena *arena = viewing->ask->arena;
    slice from = string_of(row->bytes, S("source_ref"), arena), to = string_of(row->bytes, S("target_ref"), arena);
    slice word = string_of(row->bytes, S("relationship_type"), arena);
    bool outgoing = slice_eq(from, viewing->object.id);
    slice other = outgoing ? to : from;
    if ((!outgoing && !slice_eq(to, viewing->object.id)) || other.len == 0 || other.len > OBJECT_ID_MAX)
        return false;
    *related = (struct related){arena_copy(arena, row->id), arena_copy(arena, other),
            arena_copy(arena, (slice){word.ptr, word.len < OUTSIDE_NAME ? word.len : OUTSIDE_NAME}), outgoing,
            row->number};
    return true;
}

/* Whether one before it has that id, from another source. */
static bool is_told(const struct object *rows, size_t before, slice id)
{
    for (size_t i = 0; i < before; i++)
        if (slice_eq(rows[i].id, id))
            return true;
    return false;
}

static struct err refs_list(
        struct viewing *viewing, slice type, size_t count, struct object **rows, size_t *row_count, bool *more)
{
    const struct search_refs refs = {&viewing->object.id, 1, type};
    struct search_place place = {0};
    arena_reset(viewing->scratch);
    TRY(store_search_refs(viewing->ask->db, &refs, &place, count, viewing->scratch, rows, row_count));
    TRY(row_sift(viewing->ask, *rows, row_count));
    *more = !place.end;
    return OK;
}

static struct err write_related(struct viewing *viewing, const struct related *related)
{
    struct ask *ask = viewing->ask;
    json_write_object(&ask->json);
    page_flag(ask, S("outgoing"), related->outgoing);
    outside_write(&viewing->shown, S("word"), related->word, OUTSIDE_NAME / 2);
    json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/objects/", related->number, "")));
    TRY(object_write_named(viewing, S("other"), related->other));
    json_write_end(&ask->json);
    return OK;
}

/* ---- The picture: where things stand; the template draws them ---- */

static struct err write_node(struct viewing *viewing, const struct related *related, size_t at)
{
    struct ask *ask = viewing->ask;
    int x = places[at].x, y = places[at].y;
    const struct {
        const char *key;
        int value;
    } numbers[] = {{"x", x}, {"y", y}, {"below", y + 18}, {"word_x", (x + WIDTH / 2) / 2},
            {"word_y", (y + HEIGHT / 2) / 2 - 6}};
    json_write_object(&ask->json);
    for (size_t i = 0; i < COUNT_OF(numbers); i++) {
        json_write_key(&ask->json, slice_of(numbers[i].key));
        json_write_i64(&ask->json, numbers[i].value);
    }
    outside_write(&viewing->shown, S("word"), related->word, OUTSIDE_NAME / 4);
    page_flag(ask, S("outgoing"), related->outgoing);
    struct viewing narrow = *viewing;
    narrow.shown.left = narrow.shown.left < OUTSIDE_NAME ? narrow.shown.left : OUTSIDE_NAME;
    TRY(object_write_named(&narrow, S("node"), related->other));
    json_write_end(&ask->json);
    return OK;
}

static struct err write_graph(struct viewing *viewing, const struct related *rows, size_t count)
{
    struct ask *ask = viewing->ask;
    if (count == 0)
        return OK;
    json_write_key(&ask->json, S("graph"));
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("width"), WIDTH);
    json_write_key_u64(&ask->json, S("height"), HEIGHT);
    json_write_key_u64(&ask->json, S("x"), WIDTH / 2);
    json_write_key_u64(&ask->json, S("y"), HEIGHT / 2);
    json_write_key(&ask->json, S("nodes"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count && i < DRAWN; i++)
        TRY(write_node(viewing, &rows[i], i));
    json_write_end(&ask->json);
    json_write_end(&ask->json);
    return OK;
}

static bool is_first(const struct related *related, size_t count, slice id)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(related[i].id, id))
            return false;
    return true;
}

static struct err write_relations(struct viewing *viewing)
{
    struct related related[VIEW_RELATIONS];
    struct json_writer *json = &viewing->ask->json;
    struct object *rows;
    size_t count, kept = 0;
    bool more;
    TRY(refs_list(viewing, S("relationship"), VIEW_RELATIONS, &rows, &count, &more));
    for (size_t i = 0; i < count; i++)
        kept += is_first(related, kept, rows[i].id) && related_read(viewing, &rows[i], &related[kept]);
    json_write_key(json, S("relations"));
    json_write_array(json);
    for (size_t i = 0; i < kept; i++)
        TRY(write_related(viewing, &related[i]));
    json_write_end(json);
    page_flag(viewing->ask, S("any_relation"), kept > 0);
    viewing->more_refs = viewing->more_refs || more;
    return write_graph(viewing, related, kept);
}

/* ---- Sightings ---- */

static void write_sighting(struct viewing *viewing, const struct object *row)
{
    struct ask *ask = viewing->ask;
    struct arena *arena = ask->arena;
    int64_t first = TIME_NONE, last = TIME_NONE, count = 1;
    (void)time_parse(string_of(row->bytes, S("first_seen"), arena), &first);
    (void)time_parse(string_of(row->bytes, S("last_seen"), arena), &last);
    (void)json_i64(json_get(row->bytes, S("count")), &count);
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/objects/", row->number, "")));
    json_write_key(&ask->json, S("count"));
    json_write_i64(&ask->json, count);
    page_moment(ask, S("first"), first);
    page_moment(ask, S("last"), last);
    outside_write(&viewing->shown, S("by"), row->created_by, OUTSIDE_NAME);
    json_write_end(&ask->json);
}

static struct err write_sightings(struct viewing *viewing)
{
    struct json_writer *json = &viewing->ask->json;
    struct object *rows;
    size_t count;
    bool more;
    TRY(refs_list(viewing, S("sighting"), VIEW_ROWS, &rows, &count, &more));
    json_write_key(json, S("sightings"));
    json_write_array(json);
    for (size_t i = 0; i < count; i++)
        if (!is_told(rows, i, rows[i].id))
            write_sighting(viewing, &rows[i]);
    json_write_end(json);
    page_flag(viewing->ask, S("any_sighting"), count > 0);
    viewing->more_refs = viewing->more_refs || more;
    return OK;
}

/* ---- What else refers to it, and what it refers to ---- */

/* Ids are copied first: to look one up takes the scratch arena. */
static struct err write_referring(struct viewing *viewing)
{
    slice ids[VIEW_OTHERS];
    struct json_writer *json = &viewing->ask->json;
    struct object *rows;
    size_t count, kept = 0;
    bool more;
    TRY(refs_list(viewing, S(""), REFS_READ, &rows, &count, &more));
    for (size_t i = 0; i < count; i++) {
        bool told = slice_eq(rows[i].type, S("relationship")) || slice_eq(rows[i].type, S("sighting")) ||
                    is_told(rows, i, rows[i].id);
        more = more || (!told && kept == VIEW_OTHERS);
        if (!told && kept < VIEW_OTHERS)
            ids[kept++] = arena_copy(viewing->ask->arena, rows[i].id);
    }
    json_write_key(json, S("referring"));
    json_write_array(json);
    for (size_t i = 0; i < kept; i++)
        TRY(object_write_named(viewing, S(""), ids[i]));
    json_write_end(json);
    viewing->more_refs = viewing->more_refs || more;
    viewing->any_other = kept > 0;
    return OK;
}

static struct err write_reference(struct viewing *viewing, slice key, slice value, size_t *count)
{
    struct ask *ask = viewing->ask;
    slice id = json_kind(value) == JSON_STRING ? json_text(value, ask->arena) : S("");
    if (slice_find_slice(id, S("--")) == id.len || id.len > OBJECT_ID_MAX || (*count)++ >= VIEW_OTHERS)
        return OK;
    json_write_object(&ask->json);
    outside_write(&viewing->shown, S("property"), key, OUTSIDE_NAME / 2);
    TRY(object_write_named(viewing, S("other"), id));
    json_write_end(&ask->json);
    return OK;
}

static bool is_reference(slice key)
{
    bool ref = slice_ends(key, S("_ref")) || slice_ends(key, S("_refs"));
    return ref && !slice_eq(key, S("created_by_ref")) && !slice_eq(key, S("object_marking_refs"));
}

static struct err write_references(struct viewing *viewing)
{
    struct ask *ask = viewing->ask;
    struct json_members members = json_members(viewing->object.bytes);
    size_t count = 0;
    slice key, value, element;
    json_write_key(&ask->json, S("refers"));
    json_write_array(&ask->json);
    while (json_member_next(&members, &key, &value)) {
        struct json_elements elements = json_elements(value);
        if (!is_reference(key))
            continue;
        TRY(write_reference(viewing, key, value, &count));
        while (json_element_next(&elements, &element))
            TRY(write_reference(viewing, key, element, &count));
    }
    json_write_end(&ask->json);
    if (count > VIEW_OTHERS)
        json_write_key_u64(&ask->json, S("refers_more"), count - VIEW_OTHERS);
    viewing->any_other = viewing->any_other || count > 0;
    return OK;
}

static void write_all_refs(struct viewing *viewing)
{
    struct buf address = buf_make(8 * OBJECT_ID_MAX);
    buf_put(&address, S("/intelligence"));
    outside_query(&address, S("ref"), viewing->object.id);
    json_write_key_text(&viewing->ask->json, S("all_refs"), buf_slice(&address));
    page_flag(viewing->ask, S("refs_more"), viewing->more_refs);
    page_flag(viewing->ask, S("any_other"), viewing->any_other);
    buf_free(&address);
}

struct err object_write_related(struct viewing *viewing)
{
    TRY(write_relations(viewing));
    TRY(write_sightings(viewing));
    TRY(write_referring(viewing));
    TRY(write_references(viewing));
    write_all_refs(viewing);
    return OK;
}
