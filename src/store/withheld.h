/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What was decided to stay here, from whom and by which rule: for people who ask why, and so that it is decided anew
 * when what it waits for has come. An object that is released is not among these.
 */
#include "store/work.h"

struct withheld {
    int64_t partner, object;
    slice rule;
    int64_t generation, decided_us;
    const slice *waits; /* of store_withheld_put: ids that the partner would have to know first */
    size_t wait_count;
    slice id, type, version; /* of a list: of the object */
};

/* The latest decision holds. */
MUST_USE struct err store_withheld_put(struct work *work, const struct withheld *rows, size_t count);
/* Of these only what they wait for: they went without it. */
MUST_USE struct err store_withheld_wait(struct work *work, const struct withheld *rows, size_t count);
MUST_USE struct err store_withheld_drop(struct work *work, int64_t partner, const int64_t *objects, size_t count);
/* From a partner, by a rule (empty: any), behind that object. */
MUST_USE struct err store_withheld_list(struct db *db, int64_t partner, slice rule, int64_t after, size_t count,
        struct arena *arena, struct withheld **rows, size_t *row_count);
MUST_USE struct err store_withheld_any(struct db *db, int64_t partner, slice rule, bool *any);
/* Why an object stays; ERR_MISSING. */
MUST_USE struct err store_withheld_get(
        struct db *db, int64_t partner, int64_t object, struct arena *arena, struct withheld *row);
/* Whether any object waits until the partner knows this id. */
MUST_USE struct err store_withheld_is_awaited(struct db *db, int64_t partner, slice id, bool *awaited);
/* The partner knows it: nothing waits for it any more. */
MUST_USE struct err store_withheld_met(struct work *work, int64_t partner, slice id);
/* Numbers of objects that wait for this id, behind that one. */
MUST_USE struct err store_withheld_waits(struct db *db, int64_t partner, slice id, int64_t after, size_t count,
        struct arena *arena, int64_t **objects, size_t *object_count);
