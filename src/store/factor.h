/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Second factors: the secret that a person's authenticator app shares with us, sealed by whoever made it (the key is
 * not in the database), the step of the last code that was taken, and recovery codes, of which only hashes are kept.
 * A factor counts from when its first code was given.
 */
#include "base/hash.h"
#include "store/work.h"

struct factor {
    slice sealed;
    int64_t made_us, confirmed_us; /* confirmed_us: or TIME_NONE */
    int64_t step;
};

/* One that is still to be confirmed; takes the place of another such. ERR_CONFLICT if there is one that counts. */
MUST_USE struct err store_factor_put(struct work *work, int64_t person, slice sealed);
/* From now on it counts. ERR_CONFLICT if it did already. */
MUST_USE struct err store_factor_confirm(struct work *work, int64_t person);
/* A code of this step was given; *taken: it is behind all that were taken before. */
MUST_USE struct err store_factor_step(struct work *work, int64_t person, int64_t step, bool *taken);
/* With its recovery codes; *dropped: there was one that counted. */
MUST_USE struct err store_factor_drop(struct work *work, int64_t person, bool *dropped);
/* ERR_MISSING. */
MUST_USE struct err store_factor_get(struct db *db, int64_t person, struct arena *arena, struct factor *factor);

/* These instead of those there were. */
MUST_USE struct err store_recovery_put(struct work *work, int64_t person, const struct sha256 *codes, size_t count);
MUST_USE struct err store_recovery_use(struct work *work, int64_t person, const struct sha256 *code, bool *used);
/* How many were not used. */
MUST_USE struct err store_recovery_left(struct db *db, int64_t person, int64_t *count);
