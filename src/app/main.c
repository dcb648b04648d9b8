/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the command, sorts out what was typed, runs it. */
#include <signal.h>

#include "app/acts.h"
#include "app/command.h"

#define PROCESS_ARENA_MAX ((size_t)1 << 30)

/* `kentongan`, `kentongan --help`, `kentongan --version`: habits of other programs that cost nothing to keep. */
static const char *command_name(int argc, char **argv, int at, struct command_line *line)
{
    bool help = command_flag(line, "help"), version = command_flag(line, "version");
    if (help || version)
        line->given_count = 0;
    if (help || (at >= argc && !version))
        return "help";
    return version ? "version" : argv[at];
}

/* `kentongan match --help`: one more. What it asks about is the one word for `help`. */
static bool asks_help(int argc, char **argv, int at, struct command_line *line)
{
    if (at + 1 >= argc || strcmp(argv[at + 1], "--help") != 0)
        return false;
    line->files = (const char *const *)argv + at;
    line->file_count = 1;
    line->given_count = 0;
    line->command = command_find("help");
    return true;
}

static int run(int argc, char **argv, struct command_line *line)
{
    int at = argc;
    struct err err = command_parse_before(argc, argv, line, &at);
    if (err.kind != ERR_NONE)
        return command_fail(line, err);
    const char *name = command_name(argc, argv, at, line);
    const struct command *command = command_find(name);
    if (command == NULL)
        return command_fail(
                line, err_format(line->arena, ERR_INPUT, "no such command: %s; see `kentongan help`", name));
    if (asks_help(argc, argv, at, line))
        return line->command->run(line);
    at -= at == argc || name != argv[at]; /* getopt passes over the word where the name would be */
    err = command_parse(command, argc - at, argv + at, line);
    return err.kind != ERR_NONE ? command_fail(line, err) : command->run(line);
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a reader that goes away is an error of write, with a sentence */
    signal(SIGXFSZ, SIG_IGN); /* and so is a file that may not grow */
    acts_open();
    struct arena *arena = arena_open("process", ARENA_PROCESS, PROCESS_ARENA_MAX);
    struct command_line line = {.arena = arena};
    int status = run(argc, argv, &line);
    arena_close(arena);
    return status;
}
