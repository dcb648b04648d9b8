/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The rule by which incidents become risks, as a rule file (etc/risks.conf): "[asset NAME]" is a class of what can be
 * hit, "[threat NAME]" what hits it, "[likelihood N]" how many incidents within how many days make it so likely,
 * "[impact N]" how bad one of them has to be, and "[level NAME]" what the product of both is called, from its least on.
 * Whoever has the incidents and the file reckons by hand what the machine does.
 *
 * Of threats the first that fits counts. Of likelihoods and impacts the highest whose condition is met; 1 if none is.
 *
 * Pure; any thread. Everything lies in the arena.
 */
#include "plan/file.h"

#define PLAN_RISK_STEPS 5     /* likelihood and impact are 1 to 5 */
#define PLAN_RISK_KINDS 8     /* of impacts that are counted: plan_risk_impact_kind */
#define PLAN_RISK_ROWS_MAX 64 /* classes of assets, threats */

struct plan_risk_asset {
    slice name;
    slice title, title_other; /* "other": in the second language; or empty */
};

struct plan_risk_threat {
    slice name;
    slice title, title_other;
    slice *classes; /* taxonomy/type of RSIT, a taxonomy alone, or a word of ours; none: whatever no other before it is
                     */
    size_t class_count;
};

struct plan_risk_likelihood {
    slice name;               /* "4" */
    uint64_t incidents, days; /* so many of them within so many days */
};

struct plan_risk_impact {
    slice name;
    size_t severity;                 /* plan_severity, at least; 0: no matter */
    uint64_t criticality;            /* at least; 0: no matter */
    uint64_t least[PLAN_RISK_KINDS]; /* of what was counted; 0: no matter */
};

struct plan_risk_level {
    slice name;
    slice title, title_other;
    uint64_t score; /* likelihood times impact, from this on */
    slice colour;   /* green, yellow, orange or red */
    bool second;    /* accepting it takes two persons */
    uint64_t review_days;
};

struct plan_risks {
    slice version;
    slice text; /* the file as it was read */
    struct plan_risk_asset *assets;
    struct plan_risk_threat *threats;
    size_t asset_count, threat_count;
    struct plan_risk_likelihood likelihoods[PLAN_RISK_STEPS]; /* by their number; without days: not in the file */
    struct plan_risk_impact impacts[PLAN_RISK_STEPS];
    struct plan_risk_level *levels; /* the lowest first */
    size_t level_count;
};

/* The one that comes with the program. */
MUST_USE struct err plan_risks_shipped(struct arena *arena, struct plan_risks *rules);
/* A file by its name, as plan_read. */
MUST_USE struct err plan_risks_read(
        const char *name, slice text, plan_say *say, void *context, struct arena *arena, struct plan_risks *rules);

/* NULL: there is none. */
const struct plan_risk_asset *plan_risk_asset_find(const struct plan_risks *rules, slice name);
const struct plan_risk_threat *plan_risk_threat_find(const struct plan_risks *rules, slice name);
/* What an incident of that class is; NULL: no threat of the file. */
const struct plan_risk_threat *plan_risk_threat_of(const struct plan_risks *rules, slice class, slice local_class);

/* How bad one incident is, 1 to 5. `counted`: by the places of plan_risk_impact_kind. */
struct plan_risk_facts {
    slice severity; /* a word */
    uint64_t criticality;
    uint64_t counted[PLAN_RISK_KINDS];
};
int64_t plan_risk_impact(const struct plan_risks *rules, const struct plan_risk_facts *facts);
/* How likely it is, 1 to 5, if there were so many incidents within the days of each step. */
int64_t plan_risk_likelihood(const struct plan_risks *rules, const int64_t counts[PLAN_RISK_STEPS]);
/* The days of the longest step: what is older counts nowhere. */
int64_t plan_risk_days(const struct plan_risks *rules);
/* Never NULL. */
const struct plan_risk_level *plan_risk_level(const struct plan_risks *rules, int64_t likelihood, int64_t impact);

/* "patients-harmed"; NULL behind the last. */
const char *plan_risk_impact_kind(size_t at);
