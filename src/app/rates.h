/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * By which rates a node tells losses in one currency: its own rates.conf, or the one that comes with the program if it
 * has none; in the currency of section [figures].
 */
#include "app/node.h"

struct plan_rates; /* plan/rates.h */

/* In the arena. ERR_INPUT names the file, line and column of what is wrong, or the key of the configuration. */
MUST_USE struct err rates_of_node(const struct config *config, struct arena *arena, const struct plan_rates **rates);
