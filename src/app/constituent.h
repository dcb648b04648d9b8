/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What the commands about those whom we serve have in common: how organisations, moments and numbers are typed. */
#include "app/local.h"

struct buf;

/* The number of the organisation of that name; ERR_MISSING names it. NULL: 0. */
MUST_USE struct err constituent_named(
        const struct command_line *line, struct local *local, const char *name, int64_t *number);
/* Its name today. */
MUST_USE struct err constituent_name(struct local *local, int64_t number, struct arena *arena, slice *name);
/* The moment of an option, or `otherwise`: RFC 3339, or a day. */
MUST_USE struct err constituent_moment(
        const struct command_line *line, const char *option, int64_t otherwise, int64_t *us);
/* A number that a list shows. */
MUST_USE struct err constituent_number(const struct command_line *line, const char *text, int64_t *number);
/* The text of an option. */
slice constituent_text(const struct command_line *line, const char *option, const char *otherwise);

/* One row for both faces: the columns of the text are the keys of the JSON, behind "number". */
struct constituent_column {
    const char *name;
    slice text;
};
void constituent_show(
        const struct command_line *line, int64_t number, const struct constituent_column *columns, size_t count);
/* A moment as a column: empty for TIME_NONE. */
slice constituent_time(struct arena *arena, int64_t us);
