/* SPDX-License-Identifier: Apache-2.0 */
#include "export/set.h"

#define SLOTS_LEAST 1024

/* Open addressing; the bytes of all keys lie one behind another. */
struct export_set_slot {
    uint64_t hash;
    uint64_t at;  /* of the key's bytes */
    uint64_t end; /* 0: free; so that an empty key is told from none, it is one more than where the key ends */
};

struct export_set export_set_make(void)
{
    return (struct export_set){.key = hash_key_random(), .bytes = buf_make(EXPORT_SET_BYTES_MAX)};
}

void export_set_free(struct export_set *set)
{
    free(set->slots);
    buf_free(&set->bytes);
    set->slots = NULL;
    set->count = set->room = 0;
}

static bool is_key(const struct export_set *set, const struct export_set_slot *slot, uint64_t hash, slice key)
{
    size_t len = slot->end - 1 - slot->at;
    return slot->hash == hash && len == key.len && (len == 0 || memcmp(set->bytes.ptr + slot->at, key.ptr, len) == 0);
}

/* The slot of a key, or the free one where it would be. There is room. */
static struct export_set_slot *slot_of(const struct export_set *set, uint64_t hash, slice key)
{
    for (size_t at = hash;; at++) {
        struct export_set_slot *slot = &set->slots[at & (set->room - 1)];
        if (slot->end == 0 || is_key(set, slot, hash, key))
            return slot;
    }
}

static struct err grow(struct export_set *set)
{
    size_t room = set->room == 0 ? SLOTS_LEAST : set->room * 2;
    struct export_set_slot *slots = calloc(room, sizeof(*slots));
    if (slots == NULL)
        return err_make(ERR_SYSTEM, "no memory for the values of an export");
    for (size_t i = 0; i < set->room; i++) {
        if (set->slots[i].end == 0)
            continue;
        size_t at = set->slots[i].hash & (room - 1);
        while (slots[at].end != 0)
            at = (at + 1) & (room - 1);
        slots[at] = set->slots[i];
    }
    free(set->slots);
    set->slots = slots;
    set->room = room;
    return OK;
}

struct err export_set_add(struct export_set *set, slice key, bool *added)
{
    if (set->count * 2 >= set->room)
        TRY(grow(set));
    uint64_t hash = hash_bytes(set->key, key);
    struct export_set_slot *slot = slot_of(set, hash, key);
    *added = slot->end == 0;
    if (!*added)
        return OK;
    if (set->count == EXPORT_KEYS_MAX)
        return err_make(ERR_LIMIT, "more than 33554432 different values in one export");
    size_t at = set->bytes.len;
    buf_put(&set->bytes, key);
    if (set->bytes.full)
        return err_make(ERR_LIMIT, "the values of one export are longer than 4 GiB together, or there is no memory");
    *slot = (struct export_set_slot){.hash = hash, .at = at, .end = set->bytes.len + 1};
    set->count++;
    return OK;
}
