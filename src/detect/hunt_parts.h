/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What hunt.c and hunter.c share. Private to detect. */
#include "detect/hunt.h"

/* Without asking for a right: `only` this organisation, or 0 for all. */
MUST_USE struct err hunt_in(const struct hunt_job *job, int64_t only, struct arena *arena, struct hunted *hunted);
