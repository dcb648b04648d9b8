/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a decision is told: who the recipients are and under which terms, where an object came from, what the recipient
 * knows already, who agreed to what. All of it is read here, for whoever releases (release.h) and whoever only looks
 * (preview.h): both get the same answers and the same bytes.
 *
 * A batch of objects is weighed together: what refers to each other in it goes together or not at all, and partners
 * that share their terms share the decision. Everything lies in the arena, which belongs to the batch. One thread.
 */
#include "share/terms.h"
#include "store/ask.h"
#include "store/due.h"
#include "store/object.h"

#define WEIGH_OBJECTS_MAX 500 /* of one batch */

/* Tags by which our own people say what no property says. */
#define WEIGH_TAG_HOLD "legal-hold"
#define WEIGH_TAG_EXERCISE "exercise"
#define WEIGH_TAG_INCIDENT "incident"

/* A recipient, as decisions see it. */
struct share_side {
    struct side row;
    struct share_recipient recipient;
    struct share_terms terms;
    size_t class; /* sides of one class have equal terms, groups and country: what is decided for one holds for all */
    struct rule_row *rules;
    size_t rule_count;
    bool derived;      /* it has objects under ids of their own */
    const char *wrong; /* its terms cannot be read: nothing leaves; NULL: they can */
};

/* Where something may have come from: any partner, whether anything holds with it or not. */
struct share_origin_row {
    int64_t partner, source;
    slice node, name;
    const struct share_side *side; /* NULL: no agreement with it holds */
};

struct share_scene {
    slice own; /* id of our identity */
    int64_t now_us;
    bool encrypted; /* on the way */
    const struct stix_definitions *definitions;
    struct share_side *sides;
    size_t side_count;
    const struct share_origin_row *origins;
    size_t origin_count;
    struct share_names victims; /* those whom we serve */
};
/* ERR_MISSING before the node has an organisation. */
MUST_USE struct err share_scene_read(struct db *db, const struct stix_definitions *definitions, bool encrypted,
        struct arena *arena, struct share_scene *scene);
/*
 * For who only looks: as if these terms (JSON) held with that partner, from now on if not earlier, whatever holds with
 * it. Nothing that is written may follow from such a scene. ERR_INPUT if they cannot be read.
 */
MUST_USE struct err share_scene_suppose(
        struct share_scene *scene, struct db *db, int64_t partner, slice terms, struct arena *arena);
/* NULL: nothing holds with that partner. */
const struct share_side *share_side_of(const struct share_scene *scene, int64_t partner);
/* Remembers all marking definitions of the store. */
MUST_USE struct err share_definitions_read(struct db *db, struct stix_definitions *definitions);

/* Objects that are weighed together. */
struct share_batch;
MUST_USE struct err share_batch_read(struct db *db, const struct share_scene *scene, const struct object *objects,
        size_t count, struct arena *arena, struct share_batch **batch);

struct share_weighed {
    const struct object *object;
    slice version; /* as collections have it */
    bool named;    /* a decision was made, by a rule of share_rules */
    struct share_decision decision;
    enum share_origin origin;
    int64_t originator;
    const slice *waits; /* ids that the recipient would have to know */
    size_t wait_count;
    int64_t until_us; /* its permission ends: the decision's, or the consent's */
    slice derived_id; /* of a derived object: the one that the recipient had; empty: decision.id is new */
};
/* For one side; in the order of the objects. */
MUST_USE struct err share_weigh(
        struct share_batch *batch, const struct share_side *side, struct share_weighed *weighed);

/*
 * Of each object alone: what may be told to one whom we serve and whom it concerns. Told is what is looked for and what
 * it is of, in our own words: no bytes of the object, no id, nobody's name. So what it is marked with counts, and not
 * what it refers to or whom it names. `standing`: a rule that two persons agreed to covers it, or a person just did.
 */
MUST_USE struct err share_weigh_served(struct share_batch *batch, const struct share_recipient *recipient,
        bool standing, struct share_weighed *weighed);
