/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The responsibility table, a rule file ("[responsible NAME]"): for incidents of which class, sector and severity who
 * leads, who supports, who is informed. It is read from the top, and the first row that fits decides. Who is a name of
 * an organisation, or "own" (whose node it is), or "sector-team" (of the incident's sector); several stand between
 * semicolons.
 *
 * Pure; any thread. Everything lies in the arena.
 */
#include "plan/facts.h"
#include "plan/file.h"

enum plan_part { PLAN_LEAD, PLAN_SUPPORT, PLAN_INFORMED, PLAN_PARTS };
#define PLAN_PART_MAX 16 /* organisations that have one part */

struct plan_responsible {
    slice name;
    slice *classes, *sectors; /* of any, where there are none; a class may be a taxonomy alone, or a word of ours */
    size_t class_count, sector_count;
    size_t severity; /* at least: plan_severity; 0: any */
    bool vital;      /* vital information infrastructure only */
    slice *who[PLAN_PARTS];
    size_t who_count[PLAN_PARTS];
};

struct plan_responsibility {
    slice version;
    struct plan_responsible *rows;
    size_t count;
};

/* The one that comes with the program, etc/responsibility.conf. */
MUST_USE struct err plan_responsibility_shipped(struct arena *arena, struct plan_responsibility *table);
/* A file by its name, as plan_read. */
MUST_USE struct err plan_responsibility_read(const char *name, slice text, plan_say *say, void *context,
        struct arena *arena, struct plan_responsibility *table);
/* The row that decides; NULL: none fits. */
const struct plan_responsible *plan_responsibility_find(
        const struct plan_responsibility *table, const struct plan_facts *facts);
