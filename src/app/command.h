/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A subcommand: its name, options and what it does. Help, man pages, shell completion and parsing all come from these
 * rows; commands.c is the table. Options are the same everywhere (design section 5), so most rows are shared macros.
 */
#include "base/arena.h"

struct option_row {
    char letter;          /* 0: no short form */
    const char *name;     /* long form, without dashes */
    const char *argument; /* "FILE"; NULL: a flag */
    const char *about;
};

struct command_line;

struct command {
    const char *name;
    const char *arguments; /* "[EVENTS...]" */
    const char *about;     /* one line */
    const struct option_row *options;
    size_t option_count;
    /* The exit status: 0 done or found, 1 not found or refused, 2 error. */
    int (*run)(struct command_line *line);
};

/* What was typed, sorted out. Lives as long as the process. */
struct command_line {
    const struct command *command;
    struct arena *arena; /* the process arena */
    struct option_given {
        const struct option_row *option;
        const char *text; /* NULL for a flag */
    } * given;
    size_t given_count;
    const char *const *files;
    size_t file_count;
};

bool command_flag(const struct command_line *line, const char *name);
/* The last value given, or NULL. */
const char *command_text(const struct command_line *line, const char *name);
/* The next value of a repeatable option; start with *at = 0; NULL at the end. */
const char *command_each(const struct command_line *line, const char *name, size_t *at);
/* A whole number between least and most; `otherwise` if not given. */
MUST_USE struct err command_number(const struct command_line *line, const char *name, uint64_t least, uint64_t most,
        uint64_t otherwise, uint64_t *value);
/* Prints "kentongan COMMAND: why" to standard error and returns 2: a file that is not there is no answer "no". */
int command_fail(const struct command_line *line, struct err err);

/* Whether all that was printed has gone out; false: errno says why. Of what went wrong before the last bytes, fflush
 * alone says nothing. */
bool command_written(void);

/* The table; ends with a NULL. */
extern const struct command *const commands[];
/* What may stand before the command's name, as the options of a command without a name. */
extern const struct command command_before;
const struct command *command_find(const char *name); /* NULL: no such command */
/* Sorts out what stands before the command; argv[*at] is its name, or *at is argc. */
MUST_USE struct err command_parse_before(int argc, char **argv, struct command_line *line, int *at);
/*
 * Sorts out argv (argv[0] is the command's name) into *line, whose arena is set and which may hold what stood before.
 * ERR_INPUT names what was typed wrong.
 */
MUST_USE struct err command_parse(const struct command *command, int argc, char **argv, struct command_line *line);
