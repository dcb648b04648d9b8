/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Three organisations that share: nodes of this program on loopback, each with a folder, a server and people of its
 * own, and the story that is played with them, step by step. Everything that happens is a command that anybody could
 * type, or a verb of the same name; what is only set up is in demo_nodes.c, what is told in demo_story.c.
 */
#include "app/child.h"
#include "app/command.h"

#define DEMO_NODES 3
#define DEMO_CODES 10 /* recovery codes of a person; each answers for the second factor once */

enum demo_place { DEMO_SECTOR, DEMO_NATIONAL, DEMO_FOREIGN };

/* The second person of a node, whom `local` asks. */
struct demo_person {
    const char *name;
    const char *password, *password_file;
    const char *codes[DEMO_CODES];
    unsigned used;
};

struct demo_node {
    const char *name, *country, *partner; /* partner: what the others call it in commands */
    const char *folder, *log;
    unsigned port;
    struct child server;
    struct demo_person manager;
};

struct demo {
    struct arena *arena;
    const char *folder;
    struct demo_node nodes[DEMO_NODES];
};

/* What was typed to which node, what it said. ERR_SYSTEM with what it said if its status was not 0. */
MUST_USE struct err demo_command(
        struct demo *demo, enum demo_place place, const char *const *words, struct child_answer *answer);
/* The same as the manager of that node, signed in with password and second factor. */
MUST_USE struct err demo_command_as(
        struct demo *demo, enum demo_place place, const char *const *words, struct child_answer *answer);

/* Makes the nodes and their people; `port`: of the first, the others behind it; 0: any that are free. */
MUST_USE struct err demo_nodes_make(struct demo *demo, unsigned port);
MUST_USE struct err demo_nodes_serve(struct demo *demo);
void demo_nodes_stop(struct demo *demo);

/* A step of the story. */
struct demo_step {
    const char *name;     /* what happens */
    const char *expected; /* in words */
    /* Does it, and says what was seen; *fine: as expected. An error is told and is not as expected. */
    struct err (*run)(struct demo *demo, const char **seen, bool *fine);
};
extern const struct demo_step demo_steps[];
extern const size_t demo_step_count;
