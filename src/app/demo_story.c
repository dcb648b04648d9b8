/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The story: what three organisations do with each other, one row a step. A step that needs what an earlier one made
 * fails by itself when that is not there, and the others go on.
 */
#include "app/demo.h"

/* ---- They are there ---- */

static struct err all_serve(struct demo *demo, const char **seen, bool *fine)
{
    unsigned count = 0;
    for (unsigned place = 0; place < DEMO_NODES; place++)
        count += child_lives(&demo->nodes[place].server);
    *seen = arena_printf(demo->arena, "%u of %u nodes serve", count, DEMO_NODES);
    *fine = count == DEMO_NODES;
    return OK;
}

const struct demo_step demo_steps[] = {
        {"three organisations, a node each", "3 of 3 nodes serve", all_serve},
};
const size_t demo_step_count = COUNT_OF(demo_steps);
