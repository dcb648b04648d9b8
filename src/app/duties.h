/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The rules of a node's clocks of law: those that come with the program, and before them those of the node's own folder
 * duties, its files that end in .conf in the order of their names. In the arena.
 */
#include "app/node.h"
#include "plan/duty.h"

/* ERR_INPUT names the file, line and column of what is wrong: then no rule is used. */
MUST_USE struct err duties_of_node(const struct config *config, struct arena *arena, struct plan_duties *duties);
/* Of one file. */
MUST_USE struct err duties_of_file(const char *file, struct arena *arena, struct plan_duties *duties);
