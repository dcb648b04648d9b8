/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Incidents that travel: which of them are shared with their parties, and which objects of the store are parts of one.
 * A part is told by its source and id; it names its incident by the id of that one's STIX object, so that a partner's
 * part may come before the incident itself. Above all of this decides share/decide.h what leaves.
 */
#include "base/clock.h"
#include "store/work.h"

/* ---- Which are shared ---- */

struct incident_shared {
    int64_t incident;
    int64_t since_us, until_us; /* until_us: TIME_NONE: still */
    bool observables;           /* what was seen goes with it */
    int64_t due;                /* changes since its objects were made */
    slice actor, why;
};
/* From now on, or once more; its objects are due. */
MUST_USE struct err store_shared_put(struct work *work, int64_t incident, bool observables, slice why);
/* ERR_MISSING if it is not shared. */
MUST_USE struct err store_shared_end(struct work *work, int64_t incident);
/* Something of it changed; nothing if it is not shared. */
MUST_USE struct err store_shared_due(struct work *work, int64_t incident);
/* ERR_MISSING if it is not shared now. */
MUST_USE struct err store_shared_get(struct db *db, int64_t incident, struct arena *arena, struct incident_shared *row);
/* Its objects are made as of that many changes; *done: none came meanwhile. */
MUST_USE struct err store_shared_done(struct work *work, int64_t incident, int64_t due, bool *done);
/* The first whose objects are due; *found: there is one. */
MUST_USE struct err store_shared_next(struct db *db, struct arena *arena, struct incident_shared *row, bool *found);

/* ---- Parts ---- */

struct incident_part {
    int64_t source;
    slice id;
    slice incident;   /* id of its STIX incident */
    int64_t audience; /* as of an entry (store/involved.h): all parties, nobody else, or an organisation */
};
MUST_USE struct err store_part_put(struct work *work, const struct incident_part *part);
/* ERR_MISSING: it is none. */
MUST_USE struct err store_part_get(
        struct db *db, int64_t source, slice id, struct arena *arena, struct incident_part *part);
/* Of one incident, by (source, id), behind that place; begin with 0 and an empty id. */
MUST_USE struct err store_part_list(struct db *db, slice incident, int64_t source, slice after, size_t count,
        struct arena *arena, struct incident_part **rows, size_t *row_count);
/* Whether it is a part of an incident that is not for the eyes of who reads objects here: of one that is restricted, or
 * of any, for who reads none (manager). What is no part is hidden from nobody. */
MUST_USE struct err store_part_hidden(
        struct db *db, const struct actor *actor, int64_t source, slice id, struct arena *arena, bool *hidden);
/*
 * Whether an organisation may see a part of an incident today: the incident is shared, the organisation is a party
 * that sees it, or it is that one's own incident, and the part is for all of them or for it.
 * `as_if_shared`: for who only looks.
 */
MUST_USE struct err store_part_is_for(
        struct db *db, const struct incident_part *part, int64_t organisation, bool as_if_shared, bool *is_for);
/* All names of constituents but of those that see the incident today: to each other these are no secret. */
MUST_USE struct err store_part_secrets(
        struct db *db, slice incident, struct arena *arena, slice **names, size_t *count);
