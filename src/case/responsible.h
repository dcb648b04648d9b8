/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Who is responsible for an incident, as the table of plan/responsibility.h proposes. A person takes what is proposed,
 * and then the row of the table stands as the reason; whoever has it otherwise adds and ends parties with a reason of
 * their own (case/incident.h).
 */
#include "plan/responsibility.h"
#include "store/involved.h"

struct case_responsible {
    enum party_role role;
    slice who;            /* as the table has it */
    int64_t organisation; /* 0: nobody here is called so, or the sector has no team */
    bool is;              /* has that role already */
};
struct case_proposed {
    slice why; /* the row, and the version of the table; empty: none fits */
    struct case_responsible *rows;
    size_t count;
};

MUST_USE struct err case_responsible_propose(struct db *db, const struct plan_responsibility *table,
        const struct incident *incident, struct arena *arena, struct case_proposed *proposed);
/* Adds those proposed that are known here and have not that role. VERB_WORK_INCIDENTS. */
MUST_USE struct err case_responsible_take(struct work *work, const struct plan_responsibility *table, int64_t incident);
