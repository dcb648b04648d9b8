/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was released to a partner, as a collection that its people and its node read. There is one for each partner, in
 * the eyes of its own organisation only. Nothing else of the store is read for it (store/released.h).
 */
#include "store/released.h"
#include "gate/ask.h"
#include "taxii/rows.h"

static struct collection collection_of(const struct released_shelf *shelf, struct arena *arena)
{
    return (struct collection){
            .number = shelf->agreement,
            .id = shelf->outbox,
            .title = slice_of(arena_printf(arena, "released to %.*s", (int)shelf->name.len, shelf->name.ptr)),
            .can_read = true,
    };
}

static struct err released_find(struct ask *ask, slice id, struct collection *collection)
{
    struct released_shelf shelf;
    if (id.len == 0)
        return err_make(ERR_MISSING, "there is no such collection");
    TRY(store_released_find(ask->db, ask->who.actor.organisation, id, ask->arena, &shelf));
    *collection = collection_of(&shelf, ask->arena);
    return OK;
}

/* An organisation is one partner at most. */
static struct err released_list(
        struct ask *ask, int64_t after, size_t count, struct collection **rows, size_t *row_count)
{
    struct released_shelf shelf;
    *row_count = 0;
    if (after > 0 || count == 0)
        return OK;
    struct err err = store_released_find(ask->db, ask->who.actor.organisation, S(""), ask->arena, &shelf);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    *rows = arena_new(ask->arena, struct collection, 1);
    **rows = collection_of(&shelf, ask->arena);
    *row_count = 1;
    return OK;
}

const struct taxii_kind taxii_released = {
        .name = "released", .find = released_find, .list = released_list, .read = store_released_read, .takes = false};
