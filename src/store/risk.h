/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The register of risks: one row for each class of assets and threat, the incidents that count for it, and how it stood
 * whenever that changed. What counts, what follows from it, and who may say what is decided above (case/risk.h).
 */
#include "base/clock.h"
#include "store/work.h"

enum {
    RISK_STEPS = 5,            /* likelihood and impact are 1 to 5 */
    RISK_LATEST_MAX = 50,      /* numbers of incidents that a row of the history has; the rest is counted */
    RISK_OF_INCIDENT_MAX = 64, /* risks for which one incident counts: its classes of assets */
};

enum risk_state { RISK_IDENTIFIED, RISK_TREATED, RISK_ACCEPTED, RISK_REVIEWED, RISK_CLOSED, RISK_STATES };

struct risk {
    int64_t number;
    slice asset, threat; /* words of the rule file */
    slice source;        /* "incidents" or "hand": where it came from first */
    enum risk_state state;
    int64_t likelihood, impact;           /* what holds */
    int64_t likelihood_rule, impact_rule; /* 0: no incident counts */
    int64_t likelihood_said, impact_said; /* 0: nobody said */
    slice level;
    int64_t incidents;            /* how many count */
    slice version;                /* of the rule file */
    int64_t again_us;             /* TIME_NONE: never */
    int64_t organisation, person; /* who owns it; 0: nobody yet */
    slice treatment, text;
    int64_t review_us;
    int64_t made_us, changed_us;
};

/* All but number, made_us and changed_us; ERR_CONFLICT if that class of assets and threat has one. */
MUST_USE struct err store_risk_add(struct work *work, const struct risk *put, int64_t *number);
/* The row as it is and stays until the work ends: who would change it waits. ERR_MISSING. */
MUST_USE struct err store_risk_keep(struct work *work, int64_t number, struct risk *row);
MUST_USE struct err store_risk_keep_of(struct work *work, slice asset, slice threat, struct risk *row);
/* All but asset, threat, source and made_us. */
MUST_USE struct err store_risk_change(struct work *work, const struct risk *row);
MUST_USE struct err store_risk_get(struct db *db, int64_t number, struct arena *arena, struct risk *row);

/* ---- Lists: the highest score first, behind that score and number (INT64_MAX: from the beginning) ---- */

enum risk_which { RISK_OPEN, RISK_ENDED, RISK_WHICHES };
MUST_USE struct err store_risk_list(struct db *db, enum risk_which which, int64_t score, int64_t before, size_t count,
        struct arena *arena, struct risk **rows, size_t *row_count);
/* Those that are not closed in one cell of the matrix, by number, the latest first. */
MUST_USE struct err store_risk_cell(struct db *db, int64_t likelihood, int64_t impact, int64_t before, size_t count,
        struct arena *arena, struct risk **rows, size_t *row_count);
/* Those that are to be reckoned again by then, the earliest first. */
MUST_USE struct err store_risk_again(
        struct db *db, int64_t now_us, size_t count, struct arena *arena, struct risk **rows, size_t *row_count);
/* All there are, by number, behind that one: when the rule changed. */
MUST_USE struct err store_risk_all(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct risk **rows, size_t *row_count);

/* ---- Counts of those that are not closed ---- */

MUST_USE struct err store_risk_matrix(struct db *db, int64_t counts[RISK_STEPS][RISK_STEPS]); /* [likelihood-1][...] */
MUST_USE struct err store_risk_overdue(struct db *db, int64_t now_us, int64_t *count);

/* ---- Which incidents count ---- */

struct risk_incident {
    int64_t incident, known_us, impact;
    slice asset, threat;
};
/* From now on that incident counts for these, and no others. */
MUST_USE struct err store_risk_incident_put(
        struct work *work, int64_t incident, const struct risk_incident *rows, size_t count);
MUST_USE struct err store_risk_of_incident(
        struct db *db, int64_t incident, struct arena *arena, struct risk_incident **rows, size_t *row_count);
/* Of one risk those that became known since, before that moment and number (INT64_MAX), the latest first. */
MUST_USE struct err store_risk_incidents(struct db *db, const struct risk *risk, int64_t since_us, int64_t known_us,
        int64_t before, size_t count, struct arena *arena, struct risk_incident **rows, size_t *row_count);

struct risk_sum {
    int64_t count, impact;      /* since the first moment; impact: of the worst of them, 0 without any */
    int64_t steps[RISK_STEPS];  /* how many since the moment of each step */
    int64_t oldest[RISK_STEPS]; /* when the oldest of these became known; TIME_NONE: none */
};
/* since_us[RISK_STEPS]: the moment from which they count at all. */
MUST_USE struct err store_risk_sum(struct db *db, slice asset, slice threat, const int64_t since_us[RISK_STEPS + 1],
        struct arena *arena, struct risk_sum *sum);
/* Numbers of incidents of which classes of assets are told, behind that one. */
MUST_USE struct err store_risk_told(
        struct db *db, int64_t after, size_t count, struct arena *arena, int64_t **numbers, size_t *number_count);

/* ---- How it stood ---- */

struct risk_stood {
    int64_t number, at_us;
    enum risk_state state;
    int64_t likelihood, impact, likelihood_rule, impact_rule, likelihood_said, impact_said, incidents;
    slice level, version, latest, treatment, actor, why;
};
/* As the row stands now. */
MUST_USE struct err store_risk_stood(struct work *work, const struct risk *row, slice latest, slice why);
/* The latest first, before that number (INT64_MAX: from the end). */
MUST_USE struct err store_risk_history(struct db *db, int64_t risk, int64_t before, size_t count, struct arena *arena,
        struct risk_stood **rows, size_t *row_count);

const char *store_risk_state_name(enum risk_state state); /* "identified" */
