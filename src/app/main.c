/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the command, sorts out what was typed, runs it. */
#include <signal.h>

#include "app/command.h"

#define PROCESS_ARENA_MAX ((size_t)1 << 30)

/* `kentongan`, `kentongan --help`, `kentongan --version`: habits of other programs that cost nothing to keep. */
static const char *command_name(int argc, char **argv)
{
    if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
        return "help";
    return strcmp(argv[1], "--version") == 0 ? "version" : argv[1];
}

int main(int argc, char **argv)
{
    signal(SIGPIPE, SIG_IGN); /* a reader that goes away is an error of write, with a sentence */
    const char *name = command_name(argc, argv);
    const struct command *command = command_find(name);
    if (command == NULL) {
        fprintf(stderr, "kentongan: no such command: %s; see `kentongan help`\n", name);
        return 2;
    }
    struct arena *arena = arena_open("process", ARENA_PROCESS, PROCESS_ARENA_MAX);
    struct command_line line = {.arena = arena};
    int status = 2;
    struct err err = command_parse(command, argc > 1 ? argc - 1 : argc, argc > 1 ? argv + 1 : argv, &line);
    if (err.kind != ERR_NONE)
        (void)command_fail(&line, err);
    else
        status = command->run(&line);
    arena_close(arena);
    return status;
}
