/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/rows.h"

#include "gate/ask.h"

static struct err stored_find(struct ask *ask, slice id, struct collection *collection)
{
    return store_collection_view(ask->db, &ask->who.actor, id, ask->arena, collection);
}

static struct err stored_list(struct ask *ask, int64_t after, size_t count, struct collection **rows, size_t *row_count)
{
    return store_collection_view_list(ask->db, &ask->who.actor, after, count, ask->arena, rows, row_count);
}

/* What was posted to it. */
static const struct taxii_kind stored = {
        .name = "stored", .find = stored_find, .list = stored_list, .read = store_collected_read, .takes = true};

const struct taxii_kind *const taxii_kinds[] = {&stored, &taxii_released, NULL};

struct err taxii_view_find(struct ask *ask, slice id, struct taxii_view *view)
{
    for (size_t i = 0; taxii_kinds[i] != NULL; i++) {
        struct err err = taxii_kinds[i]->find(ask, id, &view->collection);
        if (err.kind == ERR_MISSING)
            continue;
        view->kind = taxii_kinds[i];
        return err;
    }
    return err_make(ERR_MISSING, "there is no such collection, or it is not for this account");
}
