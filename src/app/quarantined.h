/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Records that are no event, as they were put aside: shown line by line, or given again byte for byte, so that whoever
 * mends them can take them in.
 */
#include "app/local.h"

/* Of the stream that the second word names, or of all; only those of --batch. */
MUST_USE struct err quarantined_show(const struct command_line *line, struct local *local);
