/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What section [warning] of the configuration says, as the verbs of warnings want it. */
#include "app/config.h"
#include "desk/warn.h"
#include "detect/lists.h"

/* The warning lists; what reading them tells is logged, now and when they change. The error names what is wrong. */
MUST_USE struct err warner_lists(const struct config *config, struct arena *arena, struct lists **lists);
/* All but the lists, which are taken for each step. */
struct desk_warner warner_of(const struct config *config);
