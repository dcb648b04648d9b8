/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* The inside of case/across.h: objects are written by across_write.c, read by across_read.c. */
#include "case/across.h"

#define ACROSS_INCIDENT "extension-definition--ef765651-680c-498d-9894-99799f2fa126" /* the incident suite */
#define ACROSS_IMPACT "extension-definition--7cc33dd6-f6a1-489b-98ea-522d351d71b9"
#define ACROSS_TASK "extension-definition--2074a052-8be4-4932-849e-f5e7798e0030"
#define ACROSS_EVENT "extension-definition--4ca6de00-5b0d-45ef-a1dc-ea7279ea910e"
#define ACROSS_OBJECT_MAX (4 * CASE_TEXT_MAX + (1u << 20)) /* bytes of one object */

/* An object as it stands in the store, or would. */
struct across_part {
    slice id, type, created_by, version, bytes;
    int64_t audience;
    bool fresh; /* it is not in the store yet, or was otherwise */
    bool first; /* it is not in the store yet */
};
struct across_parts {
    struct across_part *rows;
    size_t count;
};

/* All of an incident that are ours to write. */
MUST_USE struct err across_write(struct db *db, const struct incident *incident, bool observables, int64_t now_us,
        struct arena *arena, struct across_parts *parts);

/* What the import of a partner brought becomes rows. */
MUST_USE struct err across_read(struct work *work, int64_t import, int64_t partner);

/* The id that a value has as an observable object; empty: of a type that STIX has not. */
MUST_USE struct err across_observable_id(slice type, slice value, struct arena *arena, slice *id);
/* What an observable object of a partner is among those of an incident; false: of no type that these have. */
bool across_observable_of(const struct object *object, struct arena *arena, struct incident_observable *seen);

/* ---- Tasks that two nodes have a word in ---- */

/*
 * What both words come to, whichever comes first: done is more than cancelled, either more than not ended; of two that
 * are not the end that of who does it holds.
 */
enum task_state across_task_state(enum task_state is, enum task_state word, bool by_who_does_it);
