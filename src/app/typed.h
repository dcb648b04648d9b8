/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What people typed behind a command, read as what it stands for. */
#include "app/command.h"

/* The text of an option, or that if it was not given. */
slice typed_or(const struct command_line *line, const char *option, const char *otherwise);
/* ERR_INPUT says that the text is no number of `what`, "an incident". */
MUST_USE struct err typed_number(const struct command_line *line, const char *text, const char *what, int64_t *number);
/* RFC 3339 with its zone; TIME_NONE: the option was not given. */
MUST_USE struct err typed_moment(const struct command_line *line, const char *option, int64_t *us);
