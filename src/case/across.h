/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Incidents across nodes: what is shared of one travels as STIX objects, each with one writer, the node that created
 * it, so that sites work on while they are cut off and merge without conflict (doc/why/across.md).
 *
 *     out   an incident is shared by two persons -> its objects are due -> case_across_step writes those that changed
 *           (across_write.c) and takes them in as ours -> share/decide.h says, of each, which party gets it
 *     in    a partner's import is done -> the follower reads its objects (across_read.c) -> rows with that partner as
 *           their home
 *
 * An incident, its impacts and what all parties may read go to every party but the liaison; an entry for one party and
 * a task to the one whose it is; entries for our own people and reports, with who made them, to nobody.
 */
#include "case/task.h"
#include "share/weigh.h"
#include "store/follower.h"

#define CASE_ACROSS_SOURCE "incidents"  /* name of the source of what is ours */
#define CASE_ACROSS_PARTS_MAX 5000      /* objects of one incident that travel */
#define CASE_ACROSS_INCIDENTS_MAX 10000 /* of one partner that become rows; what it sends beyond stays an object */
#define CASE_ACROSS_IMPORT_MAX 10000    /* objects of one type that are read of one import; likewise */

/* ---- Sharing ---- */

/*
 * From then on what is said to the parties of the incident goes to them, one after the other as share/decide.h lets it.
 * VERB_SHARE_INCIDENTS, of who sees all of it; `observables`: what was seen, too.
 */
MUST_USE struct err case_across_share(struct db *db, const struct actor *actor, int64_t incident, bool observables,
        slice why, struct arena *arena, struct share_proposal *proposal);
/* The row "incident.share" of the table of acts. */
MUST_USE struct err case_across_do_share(struct work *work, slice subject, slice detail);
/* Nothing of it goes out any more, and what is served already is served no longer. VERB_SHARE_INCIDENTS, by one. */
MUST_USE struct err case_across_end(struct work *work, int64_t incident, slice why);

/* What would go out now, for share/preview.h; in the order in which it is made. VERB_SHARE_INCIDENTS. */
MUST_USE struct err case_across_preview(struct db *db, const struct actor *actor, int64_t incident, bool observables,
        struct arena *arena, struct share_supposed **rows, size_t *count);

/* ---- For a job ---- */

/* "@across": notes what changed of shared incidents, and reads what partners sent. */
struct follower case_across_follower(void);
/* Makes the objects of one incident that are due; *did: there was one. */
MUST_USE struct err case_across_step(struct db *db, const struct actor *actor, struct arena *arena, bool *did);
