/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a decision is told of an object: where it came from, what the recipient knows already, who agreed to what. All
 * of it is read here, for whoever releases (release.h) and whoever only looks
 * (preview.h): both get the same answers and the same bytes.
 *
 * A batch of objects is weighed together: what refers to each other in it goes together or not at all, and partners
 * that share their terms share the decision. Everything lies in the arena, which belongs to the batch. One thread.
 */
#include "share/scene.h"
#include "store/object.h"
#include "store/part.h"

#define WEIGH_OBJECTS_MAX 500 /* of one batch */

/* Tags by which our own people say what no property says. */
#define WEIGH_TAG_HOLD "legal-hold"
#define WEIGH_TAG_EXERCISE "exercise"
#define WEIGH_TAG_INCIDENT "incident"

/* Objects that are weighed together. */
struct share_batch;
MUST_USE struct err share_batch_read(struct db *db, const struct share_scene *scene, const struct object *objects,
        size_t count, struct arena *arena, struct share_batch **batch);

/* For who only looks: parts of incidents that would be made, as if they were in the store and their incidents shared.
 */
struct share_supposed {
    struct object object; /* id, type, version, spec_version, created_by, bytes */
    struct incident_part part;
    bool exercise;
};
MUST_USE struct err share_batch_suppose(struct db *db, const struct share_scene *scene,
        const struct share_supposed *supposed, size_t count, struct arena *arena, struct share_batch **batch);

struct share_weighed {
    const struct object *object;
    slice version; /* as collections have it */
    bool named;    /* a decision was made, by a rule of share_rules */
    struct share_decision decision;
    enum share_origin origin;
    int64_t originator;
    const slice *waits; /* ids that the recipient would have to know */
    size_t wait_count;
    int64_t until_us;   /* its permission ends: the decision's, or the consent's */
    slice derived_id;   /* of a derived object: the one that the recipient had; empty: decision.id is new */
    bool derived_again; /* a restore had lost that it had it, */
    int64_t derived_us; /* since then */
};
/* For one side; in the order of the objects. */
MUST_USE struct err share_weigh(
        struct share_batch *batch, const struct share_side *side, struct share_weighed *weighed);

/*
 * Of each object alone: what may be told to one whom we serve and whom it concerns, or to the team of its sector. Told
 * is what is looked for and what it is of, in our own words: no bytes of the object, no id, nobody's name. So what it
 * is marked with counts, and not what it refers to or whom it names. `standing`: a rule that two persons agreed to
 * covers it, or a person just did.
 */
MUST_USE struct err share_weigh_served(struct share_batch *batch, const struct share_recipient *recipient,
        bool standing, struct share_weighed *weighed);
