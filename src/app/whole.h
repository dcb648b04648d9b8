/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a command writes to the file of its option `output`, or to standard output: a file appears under its name when
 * all of it is there, and not at all if the command fails. What is there and no file (a pipe) is written to as it is.
 */
#include <stdio.h>

#include "app/command.h"

struct whole {
    FILE *to;
    const char *name;      /* NULL: standard output */
    const char *temporary; /* NULL: it is written to as it is */
    struct arena *arena;
};

MUST_USE struct err whole_open(const struct command_line *line, struct whole *whole);
/* `err` is what came of writing, and is what comes back if it is a failure. Always to be called after whole_open. */
MUST_USE struct err whole_end(struct whole *whole, struct err err);
