/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/notes.h"

#include <stdlib.h>

#include "base/arena.h"

#define NOTES_ROOM 4096
#define NOTES_TEXT_MAX ((size_t)4 << 30)

struct notes intel_notes_open(void)
{
    return (struct notes){
            .keys = {hash_key_random(), hash_key_random()},
            .texts = arena_open("notes", ARENA_WORK, NOTES_TEXT_MAX),
    };
}

void intel_notes_close(struct notes *notes)
{
    free(notes->slots);
    arena_close(notes->texts);
}

static struct noted *slot_of(const struct notes *notes, uint64_t name, uint64_t check)
{
    size_t at = name & (notes->room - 1);
    while (notes->slots[at].number != 0 && (notes->slots[at].name != name || notes->slots[at].check != check))
        at = (at + 1) & (notes->room - 1);
    return &notes->slots[at];
}

static struct err notes_grow(struct notes *notes)
{
    struct notes larger = *notes;
    if (notes->count >= INTEL_NOTES_MAX)
        return err_make(ERR_LIMIT, "more than 67108864 ids at once; take one source after the other");
    larger.room = notes->room == 0 ? NOTES_ROOM : 2 * notes->room;
    larger.slots = calloc(larger.room, sizeof *larger.slots);
    if (larger.slots == NULL)
        return err_make(ERR_SYSTEM, "no memory to remember ids");
    for (size_t i = 0; i < notes->room; i++)
        if (notes->slots[i].number != 0)
            *slot_of(&larger, notes->slots[i].name, notes->slots[i].check) = notes->slots[i];
    free(notes->slots);
    *notes = larger;
    return OK;
}

const struct noted *intel_note_find(const struct notes *notes, slice name)
{
    return notes->room == 0 ? NULL : slot_of(notes, hash_bytes(notes->keys[0], name), hash_bytes(notes->keys[1], name));
}

struct err intel_note_put(struct notes *notes, slice name, int64_t number, slice version)
{
    if (2 * notes->count >= notes->room)
        TRY(notes_grow(notes));
    uint64_t hash = hash_bytes(notes->keys[0], name), check = hash_bytes(notes->keys[1], name);
    struct noted *slot = slot_of(notes, hash, check);
    notes->count += slot->number == 0;
    *slot = (struct noted){hash, check, number, arena_copy(notes->texts, version)};
    return arena_check(notes->texts);
}

struct err intel_note_once(struct notes *notes, slice name, int64_t number, bool *fresh)
{
    const struct noted *noted = intel_note_find(notes, name);
    *fresh = noted == NULL || noted->number == 0;
    return *fresh ? intel_note_put(notes, name, number, S("")) : OK;
}
