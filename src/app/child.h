/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Children of this program, which run the same program: a command whose output is wanted, or a node that is served.
 * They end with it, however it ends. A child belongs to the thread that started it.
 */
#include "base/err.h"

#include <sys/types.h>

#define CHILD_START_MS 30000 /* until a node says where it is served */
#define CHILD_STOP_MS 15000  /* until one that was told to stop is killed */
#define CHILD_OUTPUT_MAX (16u << 20)

struct child {
    pid_t pid;       /* 0: none */
    const char *url; /* as the child said it; in the arena it was started with */
};

/* What a command said, and its exit status. */
struct child_answer {
    slice output, error;
    int status;
};
/* Runs `kentongan WORDS...` (ends with NULL) to its end. ERR_SYSTEM only if it could not be run at all. */
MUST_USE struct err child_run(const char *const *words, struct arena *arena, struct child_answer *answer);

/* `kentongan -c NODE serve`, what it logs goes to the end of that file. ERR_SYSTEM with what it said if it did not
 * start. */
MUST_USE struct err child_serve(const char *node, const char *log, struct arena *arena, struct child *child);
/* Whether it runs still; a child that does not is none any more. */
bool child_lives(struct child *child);
/* Tells it to stop and waits until it has. */
void child_stop(struct child *child);
/*
 * That a port of an IPv4 address is free at this moment, or any (*port is 0, and is the one then). ERR_CONFLICT if
 * somebody uses it.
 */
MUST_USE struct err child_port(const char *address, struct arena *arena, unsigned *port);
