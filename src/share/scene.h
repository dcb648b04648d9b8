/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What all decisions of a moment have in common: who the recipients are and under which terms, where something may have
 * come from, whom we serve. Read once for a batch (weigh.h); everything lies in the arena. Any thread, with its own db.
 */
#include "share/terms.h"
#include "store/ask.h"
#include "store/due.h"

/* A recipient, as decisions see it. */
struct share_side {
    struct side row;
    struct share_recipient recipient;
    struct share_terms terms;
    size_t class; /* sides of one class have equal terms, groups and country: what is decided for one holds for all */
    struct rule_row *rules;
    size_t rule_count;
    bool derived;      /* it has objects under ids of their own */
    bool recovered;    /* of what was released to it, a restore lost the objects: some may be derived */
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
    slice alias_secret;         /* alias.h */
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
