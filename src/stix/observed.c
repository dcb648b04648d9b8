/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/observed.h"

#include "base/arena.h"
#include "base/clock.h"
#include "stix/compare.h"
#include "json/check.h"
#include "json/read.h"

#define NUMBER_OBSERVED_MAX 999999999u /* section 4.14 */

/* A cyber-observable object under the name by which others refer to it. */
struct object {
    slice id, type;
    slice json;
    uint32_t bundle; /* ids are looked for in the own bundle first */
    uint32_t at;     /* the order of the text */
};

/* The objects of an observation, sorted by id. */
struct objects {
    const struct object *rows;
    size_t count;
};

/* ---- Along an object path ---- */

enum { BYTES_PER_STEP = 64 };

struct walk {
    const struct objects *objects;
    const struct stix_path *path;
    struct stix_scratch *scratch;
    stix_visit *visit;
    void *context;
};

static int order_ids(const void *a, const void *b)
{
    const struct object *one = a, *other = b;
    return slice_order(one->id, other->id);
}

/* An object that the observation does not name is not there (9.7.4). */
static slice follow(const struct walk *walk, slice reference)
{
    struct object wanted = {.id = json_text(reference, walk->scratch->arena)};
    const struct object *found = bsearch(&wanted, walk->objects->rows, walk->objects->count, sizeof wanted, order_ids);
    return found == NULL ? (slice){0} : found->json;
}

static struct stix_value value_of(slice json, struct arena *arena)
{
    switch (json_kind(json)) {
    case JSON_STRING:
        return (struct stix_value){.kind = STIX_VALUE_TEXT, .text = json_text(json, arena)};
    case JSON_NUMBER:
        return stix_compare_number(json);
    case JSON_TRUE:
    case JSON_FALSE:
        return (struct stix_value){.kind = STIX_VALUE_BOOLEAN, .boolean = json_kind(json) == JSON_TRUE};
    default:
        return (struct stix_value){.kind = STIX_VALUE_OTHER};
    }
}

static bool is_reference(slice key)
{
    return slice_ends(key, S("_ref")) || slice_ends(key, S("_refs"));
}

static bool walk_from(const struct walk *walk, slice json, size_t at, bool reference);

static bool walk_key(const struct walk *walk, slice json, size_t at, bool reference)
{
    slice key = walk->path->steps[at].key;
    if (reference && json_kind(json) == JSON_STRING)
        json = follow(walk, json);
    if (json_kind(json) != JSON_OBJECT || !stix_spend(walk->scratch->budget, json.len / BYTES_PER_STEP))
        return false;
    slice member = json_get(json, key);
    return member.len > 0 && walk_from(walk, member, at + 1, is_reference(key));
}

static bool walk_list(const struct walk *walk, slice json, size_t at, bool reference)
{
    const struct stix_step *step = &walk->path->steps[at];
    struct json_elements elements = json_elements(json);
    slice element;
    for (int64_t i = 0; json_element_next(&elements, &element); i++) {
        if (!stix_spend(walk->scratch->budget, 1 + element.len / BYTES_PER_STEP))
            return false;
        if ((step->kind == STIX_STEP_EVERY || step->index == i) && walk_from(walk, element, at + 1, reference))
            return true;
    }
    return false;
}

/* `reference`: what stands here was under a name in _ref or _refs. As deep as the path is long. */
static bool walk_from(const struct walk *walk, slice json, size_t at, bool reference)
{
    if (!stix_spend(walk->scratch->budget, 1))
        return false;
    if (at < walk->path->step_count)
        return (walk->path->steps[at].kind == STIX_STEP_KEY ? walk_key : walk_list)(walk, json, at, reference);
    struct stix_value value = value_of(json, walk->scratch->arena);
    return walk->visit(walk->context, &value);
}

static slice object_type(const struct stix_observation *observation, size_t object)
{
    const struct objects *objects = observation->data;
    return objects->rows[object].type;
}

static bool object_walk(const struct stix_observation *observation, size_t object, const struct stix_path *path,
        struct stix_scratch *scratch, stix_visit *visit, void *context)
{
    const struct objects *objects = observation->data;
    const struct walk walk = {objects, path, scratch, visit, context};
    return walk_from(&walk, objects->rows[object].json, 0, false);
}

static const struct stix_source source = {object_type, object_walk};

/* ---- Reading ---- */

struct reading {
    slice text;
    struct arena *arena;
    struct object *all; /* everything with an id */
    size_t count, room;
    struct object *observed;
    size_t observed_count, observed_room;
    size_t named; /* objects that observations name */
    struct err err;
    size_t offset;
};

static bool wrong(struct reading *r, slice json, const char *why)
{
    if (r->err.kind == ERR_NONE) {
        r->err = err_make(ERR_INPUT, why);
        r->offset = (size_t)(json.ptr - r->text.ptr);
    }
    return false;
}

static bool too_much(struct reading *r, slice json, const char *why)
{
    wrong(r, json, why);
    r->err.kind = ERR_LIMIT;
    return false;
}

/* An arena gives nothing back: a list that doubles takes at most twice its end. */
static void keep(struct arena *arena, struct object **rows, size_t *count, size_t *room, struct object object)
{
    if (*count == *room) {
        *room = *room == 0 ? 16 : *room * 2;
        struct object *more = arena_new(arena, struct object, *room);
        if (*count > 0)
            memcpy(more, *rows, *count * sizeof object);
        *rows = more;
    }
    (*rows)[(*count)++] = object;
}

static bool collect_object(struct reading *r, slice json, uint32_t bundle)
{
    struct object object = {.json = json, .bundle = bundle, .at = (uint32_t)r->count};
    object.id = json_text(json_get(json, S("id")), r->arena);
    object.type = json_text(json_get(json, S("type")), r->arena);
    if (r->count + r->observed_count == STIX_OBSERVED_OBJECTS_MAX)
        return too_much(r, json, "more than 4194304 objects");
    if (object.type.len == 0)
        return wrong(r, json, "an object has a type, a string [STIX 2.1 section 3.2]");
    if (slice_eq(object.type, S("observed-data")))
        keep(r->arena, &r->observed, &r->observed_count, &r->observed_room, object);
    else if (object.id.len > 0)
        keep(r->arena, &r->all, &r->count, &r->room, object);
    return true;
}

static bool collect_list(struct reading *r, slice list, uint32_t bundle)
{
    struct json_elements walk = json_elements(list);
    slice json;
    while (json_element_next(&walk, &json))
        if (!collect_object(r, json, bundle))
            return false;
    return true;
}

/* A bundle (section 8), an envelope (TAXII 2.1 section 3.7), or an object. */
static bool collect(struct reading *r, slice json, uint32_t bundle)
{
    if (json_kind(json) != JSON_OBJECT)
        return wrong(r, json, "a bundle or an observed-data object is wanted [STIX 2.1 sections 4.14 and 8]");
    slice objects = json_get(json, S("objects"));
    slice type = json_text(json_get(json, S("type")), r->arena);
    if (json_kind(objects) == JSON_ARRAY && (type.len == 0 || slice_eq(type, S("bundle"))))
        return collect_list(r, objects, bundle);
    return slice_eq(type, S("bundle")) || collect_object(r, json, bundle);
}

static int order_all(const void *a, const void *b)
{
    const struct object *one = a, *other = b;
    int order = slice_order(one->id, other->id);
    if (order == 0)
        order = (one->bundle > other->bundle) - (one->bundle < other->bundle);
    return order != 0 ? order : (one->at > other->at) - (one->at < other->at);
}

/* The first of this id in the own bundle, else the first in any. */
static const struct object *find(const struct reading *r, slice id, uint32_t bundle)
{
    size_t low = 0, high = r->count;
    struct object wanted = {.id = id, .bundle = bundle};
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (order_all(&r->all[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < r->count && slice_eq(r->all[low].id, id) && r->all[low].bundle == bundle)
        return &r->all[low];
    while (low > 0 && slice_eq(r->all[low - 1].id, id))
        low--;
    return low < r->count && slice_eq(r->all[low].id, id) ? &r->all[low] : NULL;
}

static size_t count_of(slice json)
{
    size_t count = 0;
    slice key, value;
    struct json_elements elements = json_elements(json);
    while (json_element_next(&elements, &value))
        count++;
    struct json_members members = json_members(json);
    while (json_member_next(&members, &key, &value))
        count++;
    return count;
}

/* The objects that the observation names: those it holds itself, then those it refers to. */
static struct objects *objects_of(struct reading *r, const struct object *observed)
{
    slice own = json_get(observed->json, S("objects")), refs = json_get(observed->json, S("object_refs"));
    size_t count = count_of(own) + count_of(refs);
    if ((r->named += count) > STIX_OBSERVED_OBJECTS_MAX) {
        too_much(r, observed->json, "observations that name more than 4194304 objects");
        return NULL;
    }
    struct object *rows = arena_new(r->arena, struct object, count);
    struct objects *objects = arena_new(r->arena, struct objects, 1);
    struct json_members members = json_members(own);
    struct json_elements elements = json_elements(refs);
    slice key, json;
    while (json_member_next(&members, &key, &json))
        rows[objects->count++] = (struct object){.id = json_unescape(key, r->arena), .json = json};
    while (json_element_next(&elements, &json)) {
        const struct object *found = find(r, json_text(json, r->arena), observed->bundle);
        if (found != NULL)
            rows[objects->count++] = *found;
    }
    for (size_t i = 0; i < objects->count; i++)
        rows[i].type = json_text(json_get(rows[i].json, S("type")), r->arena);
    qsort(rows, objects->count, sizeof *rows, order_ids);
    objects->rows = rows;
    return objects;
}

static bool read_time(struct reading *r, const struct object *observed, const char *name, int64_t *us)
{
    slice json = json_get(observed->json, slice_of(name));
    if (time_parse_strict(json_text(json, r->arena), us))
        return true;
    return wrong(r, json.len > 0 ? json : observed->json,
            arena_printf(r->arena, "%s of observed-data is a timestamp [STIX 2.1 section 4.14]", name));
}

static bool read_observation(struct reading *r, const struct object *observed, struct stix_observation *row)
{
    int64_t number = 0;
    slice json = json_get(observed->json, S("number_observed"));
    *row = (struct stix_observation){.source = &source, .id = observed->id};
    if (!read_time(r, observed, "first_observed", &row->first_us) ||
            !read_time(r, observed, "last_observed", &row->last_us))
        return false;
    if (row->last_us < row->first_us)
        return wrong(r, observed->json, "last_observed is earlier than first_observed [STIX 2.1 section 4.14]");
    if (!json_i64(json, &number) || number < 1 || number > NUMBER_OBSERVED_MAX)
        return wrong(r, json.len > 0 ? json : observed->json,
                "number_observed is a whole number from 1 to 999999999 [STIX 2.1 section 4.14]");
    const struct objects *objects = objects_of(r, observed);
    if (objects == NULL)
        return false;
    row->number = (uint64_t)number;
    row->data = objects;
    row->object_count = objects->count;
    return true;
}

static bool read_all(struct reading *r, struct stix_observed *observed)
{
    slice document = slice_trim(r->text), json;
    struct json_elements walk = json_elements(document);
    if (json_kind(document) != JSON_ARRAY && !collect(r, document, 0))
        return false;
    for (uint32_t bundle = 0; json_element_next(&walk, &json); bundle++)
        if (!collect(r, json, bundle))
            return false;
    if (r->observed_count > STIX_OBSERVED_MAX)
        return too_much(r, document, "more than 1048576 observed-data objects");
    if (r->count > 0)
        qsort(r->all, r->count, sizeof *r->all, order_all);
    struct stix_observation *rows = arena_new(r->arena, struct stix_observation, r->observed_count);
    for (size_t i = 0; i < r->observed_count; i++)
        if (!read_observation(r, &r->observed[i], &rows[i]))
            return false;
    *observed = (struct stix_observed){rows, r->observed_count};
    return true;
}

struct err stix_observed_read(slice text, struct arena *arena, struct stix_observed *observed, size_t *offset)
{
    TRY(json_check(text, &json_limits_default, offset));
    struct reading reading = {.text = text, .arena = arena};
    if (!read_all(&reading, observed)) {
        *offset = reading.offset;
        return reading.err;
    }
    return arena_check(arena);
}
