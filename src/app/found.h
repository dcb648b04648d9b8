/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* `list --search WORDS` of incidents and reports: page after page, the best first, whatever state they are in. */
#include "app/local.h"
#include "case/find.h"

/* Finds the next page and shows what is on it; the arena is emptied before each. */
typedef struct err found_page(
        const struct command_line *line, struct local *local, struct case_find *find, struct arena *arena);
MUST_USE struct err found_show(const struct command_line *line, struct local *local, found_page *page);
