/* SPDX-License-Identifier: Apache-2.0 */
#include "sift/generation.h"

#include <assert.h>

#include "base/arena.h"

#define CHANGED_BYTES_MAX ((size_t)16 << 30)

static void *zeroed(size_t count, size_t size)
{
    void *memory = calloc(count + 1, size);
    if (memory == NULL) {
        fputs("kentongan: the system has no memory left\n", stderr);
        abort();
    }
    return memory;
}

/* Twice the rows, and a power of two: a walk from any place soon finds an empty one. */
static size_t table_size(size_t rows)
{
    size_t size = 16;
    while (size < 2 * rows)
        size *= 2;
    return size;
}

/* ---- Objects that changed ---- */

struct object_name {
    slice source, id; /* an empty place has no id */
};

struct changed {
    struct hash_key key;
    struct arena *arena;
    size_t count, count_max, size;
    struct object_name *table;
};

struct changed *changed_open(struct hash_key key, size_t count_max)
{
    struct changed *changed = zeroed(1, sizeof *changed);
    changed->key = key;
    changed->arena = arena_open("changed objects", ARENA_WORK, CHANGED_BYTES_MAX);
    changed->count_max = count_max;
    changed->size = table_size(count_max);
    changed->table = zeroed(changed->size, sizeof *changed->table);
    return changed;
}

void changed_close(struct changed *changed)
{
    if (changed == NULL)
        return;
    arena_close(changed->arena);
    free(changed->table);
    free(changed);
}

/* Where it stands, or the empty place where it would. */
static struct object_name *place_of(const struct changed *changed, slice source, slice id)
{
    uint64_t hash = hash_mix(hash_bytes(changed->key, id), hash_bytes(changed->key, source) | 1);
    size_t at = (size_t)hash & (changed->size - 1);
    while (changed->table[at].id.len > 0 &&
            !(slice_eq(changed->table[at].id, id) && slice_eq(changed->table[at].source, source)))
        at = (at + 1) & (changed->size - 1);
    return &changed->table[at];
}

void changed_add(struct changed *changed, slice source, slice id)
{
    struct object_name *place = place_of(changed, source, id);
    assert(id.len > 0);
    if (place->id.len > 0)
        return;
    assert(changed->count < changed->count_max);
    changed->count++;
    *place = (struct object_name){arena_copy(changed->arena, source), arena_copy(changed->arena, id)};
}

bool changed_holds(const struct changed *changed, slice source, slice id)
{
    return id.len > 0 && place_of(changed, source, id)->id.len > 0;
}

bool generation_replaces(const struct generation *generation, size_t part, const struct match_entry *entry)
{
    for (size_t later = part + 1; later < generation->count; later++)
        if (changed_holds(generation->parts[later].changed, entry->source, entry->id))
            return true;
    return false;
}

/* ---- Patterns that are off ---- */

/* The patterns that are on, by id and text. */
struct active {
    struct hash_key key;
    size_t size;
    const struct watched **table;
};

/* The same indicator may stand in several files or sources, of which no version is the newer: the first counts. */
static bool is_again(struct active *active, const struct watched *watched)
{
    slice id = watched->entry.id, value = watched->entry.value;
    if (id.len == 0)
        return false;
    size_t at = (size_t)hash_mix(hash_bytes(active->key, id), hash_bytes(active->key, value) | 1) & (active->size - 1);
    for (const struct watched *other; (other = active->table[at]) != NULL; at = (at + 1) & (active->size - 1))
        if (slice_eq(other->entry.id, id) && slice_eq(other->entry.value, value))
            return true;
    active->table[at] = watched;
    return false;
}

static void part_settle(struct generation *generation, size_t which, struct active *active)
{
    struct generation_part *part = &generation->parts[which];
    part->off = zeroed(part->watch->count / 64 + 1, sizeof *part->off);
    for (uint32_t i = 0; i < part->watch->count; i++) {
        const struct watched *watched = &part->watch->patterns[i];
        if (generation_replaces(generation, which, &watched->entry) || is_again(active, watched))
            part->off[i / 64] |= UINT64_C(1) << i % 64;
    }
}

void generation_settle(struct generation *generation)
{
    size_t patterns = 0;
    for (size_t i = 0; i < generation->count; i++)
        patterns += generation->parts[i].watch == NULL ? 0 : generation->parts[i].watch->count;
    if (patterns == 0)
        return;
    struct active active = {.key = hash_key_random(), .size = table_size(patterns)};
    active.table = zeroed(active.size, sizeof *active.table);
    for (size_t i = 0; i < generation->count; i++)
        if (generation->parts[i].watch != NULL)
            part_settle(generation, i, &active);
    free(active.table);
}

void generation_unsettle(struct generation *generation)
{
    for (size_t i = 0; i < generation->count; i++) {
        free(generation->parts[i].off);
        generation->parts[i].off = NULL;
    }
}
