/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What section [warning] of the configuration says, as the verbs of warnings want it. */
#include "app/config.h"
#include "desk/warn.h"

/* Reads the warning lists; ERR_INPUT names what is wrong with their file. */
MUST_USE struct err warner_open(const struct config *config, struct arena *arena, struct desk_warner *warner);
void warner_close(struct desk_warner *warner);
