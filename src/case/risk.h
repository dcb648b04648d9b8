/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The verbs of risks. A follower of the journal reckons them by the rule (plan/risk.h) from the incidents of ours that
 * are closed, whenever one of these changes; what people say stands beside that, and of the two the higher holds, so
 * that a rule never lowers what a person said. A risk that grows is to be decided on again, whatever was decided.
 *
 *     identified -> treated or accepted -> reviewed -> closed
 *
 * Accepting one whose level asks for it takes two persons (share/approve.h). Whoever reads figures reads risks: counts,
 * and the numbers only of incidents that they see. Rows of the journal have the subject "risk/3".
 */
#include "case/incident.h"
#include "plan/risk.h"
#include "store/follower.h"
#include "store/risk.h"
#include "text/catalogue.h"

#define CASE_RISK_SUBJECT "risk"
#define CASE_RISK_CSV_MAX (16u << 20) /* bytes */
#define CASE_RISK_TEXT_MAX 2000       /* bytes of what is done about one */

/* The rule of the node, for the process; once, before an incident is worked on. It outlives all. */
void case_risk_rules(const struct plan_risks *given);
const struct plan_risks *case_risk_held(void);

/* ---- Reckoning ---- */

/* For what an incident counts as it stands, and what follows for these risks. */
struct follower case_risk_follower(void);
/* Reckons those again of which an incident became too old, each in a work of its own; *count: how many. */
MUST_USE struct err case_risk_due(struct db *db, const struct actor *actor, struct arena *arena, size_t *count);

/* When the rule is another than it was: all incidents and then all risks again, some at a time; begins as zeros. */
struct case_risk_renewal {
    int64_t after; /* the number up to which it is done */
    bool incidents_done, done;
};
MUST_USE struct err case_risk_renew(
        struct db *db, const struct actor *actor, struct arena *arena, struct case_risk_renewal *renewal);

/* ---- What people say: VERB_RISKS ---- */

struct case_risk_said {
    int64_t likelihood, impact; /* 0: it is as the rule says; CASE_RISK_SAME: as it was */
    slice why;
    int64_t review_us; /* TIME_NONE: when the level says */
};
#define CASE_RISK_SAME INT64_C(-1)

/* ERR_CONFLICT if the class of assets has it already. */
MUST_USE struct err case_risk_add(
        struct work *work, slice asset, slice threat, const struct case_risk_said *said, int64_t *number);
struct case_risk_treat {
    slice treatment;              /* avoid, reduce or transfer */
    slice text;                   /* what is done */
    int64_t organisation, person; /* who owns it; organisation 0: we; person 0: nobody in particular */
    int64_t review_us;
};
MUST_USE struct err case_risk_treat(struct work *work, int64_t number, const struct case_risk_treat *put);
MUST_USE struct err case_risk_review(struct work *work, int64_t number, const struct case_risk_said *said);
MUST_USE struct err case_risk_close(struct work *work, int64_t number, slice why);

/* ---- An act of two persons where the level says so: VERB_ACCEPT_RISKS; else of one: VERB_RISKS ---- */

/* `text`: why it is borne. */
MUST_USE struct err case_risk_accept(struct db *db, const struct actor *actor, int64_t number, slice text,
        int64_t review_us, struct arena *arena, struct share_proposal *proposal);
/* Of the table of acts: "risk.accept". */
MUST_USE struct err case_risk_do_accept(struct work *work, slice subject, slice detail);
MUST_USE struct err case_risk_may_accept(
        struct db *db, const struct actor *actor, slice subject, slice detail, struct arena *arena, bool *second);
MUST_USE struct err case_risk_about(struct work *work, slice subject, slice detail, slice *state);

/* ---- Reading: VERB_READ_FIGURES ---- */

MUST_USE struct err case_risk_get(
        struct db *db, const struct actor *actor, int64_t number, struct arena *arena, struct risk *row);
bool case_risk_overdue(const struct risk *row, int64_t now_us);
/* From when on an incident counts at all. */
int64_t case_risk_since(int64_t now_us);
/* What counts for it, by the steps of the rule, at a moment. */
MUST_USE struct err case_risk_sum(
        struct db *db, slice asset, slice threat, int64_t now_us, struct arena *arena, struct risk_sum *sum);
/* Whether the actor may know which incident it is. */
MUST_USE struct err case_risk_sees(
        struct db *db, const struct actor *actor, int64_t incident, struct arena *arena, bool *sees);
/* What the rule calls a class of assets, a threat or a level, in a language; what it does not know stays as it is. */
slice case_risk_asset_text(slice word, enum language language);
slice case_risk_threat_text(slice word, enum language language);
slice case_risk_level_text(slice word, enum language language);
/* The register as a table from which it can be reckoned again: a line for each incident that counts, and one for each
 * risk without any. The numbers of incidents that the actor does not see are left out, their lines are not. */
MUST_USE struct err case_risk_csv(struct db *db, const struct actor *actor, struct arena *arena, struct buf *out);
