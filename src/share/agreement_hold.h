/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* How an agreement changes: what our own people do (agreement.c) and what partners say (agreement_said.c) end here.
 * Private to this folder. */
#include "share/agreement.h"

/* Writes a piece of news of an agreement: {"agreement", "version", "generation", "why"}. */
MUST_USE struct err agreement_tell(struct work *work, const char *act, const struct agreement *row, slice why);
/* The row of the version that waits, or ERR_CONFLICT. `stage`: it has to be at. */
MUST_USE struct err agreement_version_at(struct work *work, const struct agreement *row, int64_t number,
        enum agreement_stage stage, slice digest, struct agreement_version *version);
/* From now on the version holds; both are changed and stored. */
MUST_USE struct err agreement_hold(struct work *work, struct agreement *row, struct agreement_version *version);
MUST_USE struct err agreement_suspend(struct work *work, struct agreement *row, enum agreement_side side, slice why);
MUST_USE struct err agreement_resume(struct work *work, struct agreement *row, enum agreement_side side, slice why);
/* Then, or at once if that is past. */
MUST_USE struct err agreement_end(struct work *work, struct agreement *row, int64_t at_us, slice why);
/* A sharing group of both changed: what was released for its sake is decided anew. */
MUST_USE struct err agreement_regroup(struct work *work, struct agreement *row);
/* That its end was announced: nothing else can be agreed to. */
MUST_USE struct err agreement_goes_on(struct work *work, const struct agreement *row);
/* SHA-256 of terms in hexadecimal digits. */
slice agreement_digest(slice terms, struct arena *arena);
