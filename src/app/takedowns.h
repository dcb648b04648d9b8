/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a node has written down of take-downs: those recipients that come with the program, and before them those of the
 * node's own takedown.conf; and a letter in each language, the node's own takedown/LANGUAGE.txt where there is one.
 */
#include "app/node.h"

struct case_takedown_rules; /* case/takedown.h */

/* In the arena. ERR_INPUT names the file, line and column of what is wrong. */
MUST_USE struct err takedowns_of_node(
        const struct config *config, struct arena *arena, const struct case_takedown_rules **rules);
