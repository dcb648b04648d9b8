/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Letters that two persons agreed to send and nobody has signed yet. Verbs run where there are no keys; who serves has
 * them and signs in the order in which the letters came (share/sign.h).
 */
#include "store/work.h"

struct letter {
    int64_t number;
    int64_t partner; /* to whom; 0: to all members of the group */
    slice type;
    slice about; /* UUID of the agreement or group */
    int64_t version;
    slice body; /* JSON object */
    int64_t made_us;
};

MUST_USE struct err store_letter_add(struct work *work, const struct letter *put);
/* The oldest; *found == false: there is none. */
MUST_USE struct err store_letter_next(struct db *db, struct arena *arena, struct letter *row, bool *found);
/* ERR_CONFLICT if somebody else took it. */
MUST_USE struct err store_letter_drop(struct work *work, int64_t number);
