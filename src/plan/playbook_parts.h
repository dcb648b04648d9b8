/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* A playbook being read: what the files playbook*.c hand each other. Private to them. */
#include "plan/playbook.h"

struct plan_reading {
    const char *name;
    slice text;
    plan_found *found;
    void *context;
    struct arena *arena;
    struct plan_playbook *playbook;
    struct err first;
    size_t wrong, odd;
};

/* Tells of something at this place in the text; `why` names the section. */
void plan_playbook_wrong(struct plan_reading *reading, slice at, const char *why);
void plan_playbook_odd(struct plan_reading *reading, slice at, const char *why);

/* ---- playbook_shape.c: each value is of the kind that its property has ---- */

void plan_shape_check(struct plan_reading *reading);
/* Whether it is TYPE--UUID; *type: the part before. */
bool plan_identifier(slice text, slice *type);

/* ---- playbook_refer.c: what is named is there ---- */

void plan_refer_check(struct plan_reading *reading);

/* ---- playbook_graph.c: the steps, in their order ---- */

void plan_graph_read(struct plan_reading *reading);

/* ---- playbook_sign.c ---- */

void plan_signatures_check(struct plan_reading *reading);
