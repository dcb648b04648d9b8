/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "base/arena.h"
#include "json/check.h"
#include "json/pick_paths.h"

/* ---- Compiling ---- */

static struct path_node *node_new(struct arena *arena)
{
    struct path_node *node = arena_new(arena, struct path_node, 1);
    node->path = PATH_NONE;
    return node;
}

static struct err node_member(struct path_node *node, slice name, struct arena *arena, struct path_node **member)
{
    for (size_t i = 0; i < node->key_count; i++)
        if (slice_eq(node->keys[i].name, name)) {
            *member = node->keys[i].node;
            return OK;
        }
    if (node->key_count == NODE_KEYS_MAX)
        return err_make(ERR_INPUT, "more than 128 wanted keys in one object");
    if (node->keys == NULL)
        node->keys = arena_new(arena, struct path_key, NODE_KEYS_MAX);
    char padded[8 + KEY_MAX] = {0};
    memcpy(padded + 8, name.ptr, name.len);
    struct path_key *key = &node->keys[node->key_count];
    *key = (struct path_key){
            .name = arena_copy(arena, name),
            .tail = key_tail(padded + 8 + name.len, name.len),
            .number = (unsigned)node->key_count++,
            .node = node_new(arena),
    };
    *member = key->node;
    return OK;
}

/* Takes `name`, `"quoted name"` and any `[]` off the front of a path. */
static bool path_step(slice *path, slice *name, size_t *arrays)
{
    if (path->len > 0 && path->ptr[0] == '"') {
        size_t end = slice_find(slice_from(*path, 1), '"');
        if (end + 1 >= path->len)
            return false;
        *name = slice_part(*path, 1, end + 1);
        *path = slice_from(*path, end + 2);
    } else {
        size_t end = 0;
        while (end < path->len && path->ptr[end] != '.' && path->ptr[end] != '[')
            end++;
        *name = slice_part(*path, 0, end);
        *path = slice_from(*path, end);
    }
    for (*arrays = 0; slice_starts(*path, S("[]")); ++*arrays)
        *path = slice_from(*path, 2);
    return name->len > 0 && name->len <= KEY_MAX && (path->len == 0 || path->ptr[0] == '.');
}

static struct err path_add(struct path_node *node, const char *text, uint16_t number, struct arena *arena)
{
    slice rest = slice_of(text), name;
    size_t arrays;
    do {
        if (!path_step(&rest, &name, &arrays))
            return err_format(arena, ERR_INPUT, "the path %s cannot be read", text);
        TRY(node_member(node, name, arena, &node));
        for (; arrays > 0; arrays--) {
            if (node->elements == NULL)
                node->elements = node_new(arena);
            node = node->elements;
        }
        bool more = rest.len > 0;
        rest = slice_from(rest, more);
        if (!more)
            break;
    } while (true);
    if (node->path != PATH_NONE)
        return err_format(arena, ERR_INPUT, "the path %s is named twice", text);
    node->path = number;
    return OK;
}

static bool slots_fill(struct path_node *node, size_t slot_count)
{
    memset(node->slots, 0, slot_count * sizeof *node->slots);
    for (size_t i = 0; i < node->key_count; i++) {
        const struct path_key *key = &node->keys[i];
        struct path_slot *slot = &node->slots[key_slot(node, key->tail, key->name.len, key->name.ptr[0])];
        if (slot->len != 0)
            return false;
        *slot = (struct path_slot){key->tail, key->name.len, key};
    }
    return true;
}

/* A key shorter than four bytes has its opening quote among them, and what stands before that. */
static void ends_note(struct path_node *node, slice key)
{
    static const char *const before[] = {",\"", "{\""};
    char text[8 + KEY_MAX];
    if (key.len < 2)
        memset(node->ends, 1, 256);
    for (size_t i = 0; i < COUNT_OF(before); i++) {
        memcpy(text, before[i], 2);
        memcpy(text + 2, key.ptr, key.len);
        if (key.len >= 2)
            node->ends[ends_slot(text + 2 + key.len)] = 1;
    }
}

/* Tries multipliers until no two keys share a slot; a table too small for that grows. */
static struct err node_seal(struct path_node *node, struct arena *arena)
{
    uint64_t multiplier = UINT64_C(0x9E3779B97F4A7C15);
    node->ends = arena_new(arena, uint8_t, 256);
    for (size_t i = 0; i < node->key_count; i++)
        ends_note(node, node->keys[i].name);
    for (uint8_t bits = 3; node->key_count > 0; bits++) {
        if (bits > 12)
            return err_make(
                    ERR_INPUT, "two wanted keys of one object begin with the same byte and end in the same eight");
        node->shift = (uint8_t)(64 - bits);
        node->slots = arena_new(arena, struct path_slot, (size_t)1 << bits);
        bool done = false;
        for (int tries = 0; tries < 1000 && !done; tries++) {
            node->multiplier = multiplier;
            multiplier = multiplier * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            done = slots_fill(node, (size_t)1 << bits);
        }
        if (done)
            break;
    }
    for (size_t i = 0; i < node->key_count; i++)
        TRY(node_seal(node->keys[i].node, arena));
    return node->elements == NULL ? OK : node_seal(node->elements, arena);
}

struct err json_paths_compile(
        const char *const *paths, size_t count, struct arena *arena, const struct json_paths **compiled)
{
    assert(count < PATH_NONE);
    struct json_paths *made = arena_new(arena, struct json_paths, 1);
    made->root.path = PATH_NONE;
    for (size_t i = 0; i < count; i++)
        TRY(path_add(&made->root, paths[i], (uint16_t)i, arena));
    TRY(node_seal(&made->root, arena));
    *compiled = made;
    return OK;
}

/* ---- The strict road: the definition ---- */

struct strict {
    struct arena *arena;
    struct json_picks *picks;
    slice line;
    const char *doubled; /* the second of two equal wanted keys */
    bool full;
};

static void strict_value(struct strict *strict, const struct path_node *node, slice value);

static const struct path_key *node_find(const struct path_node *node, slice raw_key)
{
    for (size_t i = 0; i < node->key_count; i++)
        if (json_key_is(raw_key, node->keys[i].name))
            return &node->keys[i];
    return NULL;
}

static void strict_object(struct strict *strict, const struct path_node *node, slice object)
{
    uint64_t seen[SEEN_WORDS] = {0};
    struct json_members members = json_members(object);
    slice key, value;
    while (json_member_next(&members, &key, &value)) {
        const struct path_key *wanted = node_find(node, key);
        if (wanted == NULL)
            continue;
        uint64_t *word = &seen[wanted->number / 64], bit = UINT64_C(1) << wanted->number % 64;
        if (*word & bit && strict->doubled == NULL)
            strict->doubled = key.ptr;
        *word |= bit;
        strict_value(strict, wanted->node, value);
    }
}

static void strict_array(struct strict *strict, const struct path_node *node, slice array)
{
    struct json_elements elements = json_elements(array);
    slice value;
    while (json_element_next(&elements, &value))
        strict_value(strict, node, value);
}

/* Calls itself no deeper than the wanted paths are long. */
static void strict_value(struct strict *strict, const struct path_node *node, slice value)
{
    enum json_kind kind = json_kind(value);
    if (kind == JSON_OBJECT) {
        strict_object(strict, node, value);
    } else if (kind == JSON_ARRAY) {
        if (node->elements != NULL)
            strict_array(strict, node->elements, value);
    } else if (node->path != PATH_NONE) {
        struct json_picks *picks = strict->picks;
        strict->full |= picks->count == JSON_PICKS_MAX;
        if (strict->full)
            return;
        slice text = kind == JSON_STRING ? json_text(value, strict->arena) : value;
        picks->rows[picks->count++] = (struct json_pick){text.ptr, (uint32_t)text.len, node->path, (uint8_t)kind};
    }
}

struct err json_pick(
        const struct json_paths *paths, slice line, struct arena *arena, struct json_picks *picks, size_t *offset)
{
    static const struct json_limits limits = {
            .bytes_max = UINT32_MAX,
            .depth_max = JSON_DEPTH_MAX,
            .keys_max = JSON_KEYS_MAX,
            .duplicates_allowed = true,
    };
    picks->count = 0;
    TRY(json_check(line, &limits, offset));
    struct strict strict = {.arena = arena, .picks = picks, .line = line};
    slice object = slice_trim(line);
    if (json_kind(object) != JSON_OBJECT) {
        if (offset != NULL)
            *offset = (size_t)(object.ptr - line.ptr);
        return err_make(ERR_INPUT, "the line is JSON but no object");
    }
    strict_object(&strict, &paths->root, object);
    if (strict.doubled != NULL) {
        if (offset != NULL)
            *offset = (size_t)(strict.doubled - line.ptr);
        return err_make(ERR_INPUT, "a key that we read stands twice in one object [RFC 8259 section 4]");
    }
    if (strict.full)
        return err_format(arena, ERR_LIMIT, "more than %d values that we read in one line", JSON_PICKS_MAX);
    return OK;
}
