/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What vanished between two imports of one list: it expires here, with a reason that names the source, and what is
 * listed again is taken back. Judgements of people are left as they are. Private to this folder.
 */
#include "store/import.h"

struct vanish {
    int64_t before, now; /* imports, both done */
    int64_t at_us;
    slice source; /* its name, for the reason */
};

MUST_USE struct err intel_vanish(struct db *db, const struct actor *actor, const struct vanish *vanish,
        struct arena *arena, uint64_t *expired, uint64_t *back);
