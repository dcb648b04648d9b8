/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What we ourselves hold of what a source says of an id: a false positive, expired from a moment on, withdrawn. It is
 * ours alone, never changes the object, and is undone rather than removed, so that the history stays.
 */
#include "store/object.h"

struct judgement {
    int64_t number, source;
    slice id;
    enum object_judged kind;
    int64_t at_us; /* OBJECT_EXPIRED: from then on; else TIME_NONE */
    slice actor, reason;
    int64_t organisation, made_us;
    int64_t undone_us; /* TIME_NONE: it holds */
    slice undone_by, undone_reason;
};

/* ERR_CONFLICT if one of that kind holds already; ERR_MISSING if nothing of that source and id is seen. */
MUST_USE struct err store_judgement_add(struct work *work, int64_t source, slice id, enum object_judged kind,
        int64_t at_us, slice reason, int64_t *number);
/* ERR_MISSING; ERR_CONFLICT if it was undone before. */
MUST_USE struct err store_judgement_undo(struct work *work, int64_t number, slice reason);
MUST_USE struct err store_judgement_get(
        struct db *db, int64_t number, struct arena *arena, struct judgement *judgement);
/* Of one source and id, or (source 0) of all that hold; in order, behind `after`. */
MUST_USE struct err store_judgement_list(struct db *db, int64_t source, slice id, int64_t after, size_t count,
        struct arena *arena, struct judgement **rows, size_t *row_count);
/* Those that hold, newest first, before the number `before` (INT64_MAX: from the end). */
MUST_USE struct err store_judgement_latest(
        struct db *db, int64_t before, size_t count, struct arena *arena, struct judgement **rows, size_t *row_count);
const char *store_judgement_name(enum object_judged kind); /* "false-positive" */
