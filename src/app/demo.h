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
#define DEMO_INVITED_MAX 2

enum demo_place { DEMO_SECTOR, DEMO_NATIONAL, DEMO_FOREIGN };

/* The second person of a node, whom `local` asks. */
struct demo_person {
    const char *name;
    const char *password, *password_file;
    const char *codes[DEMO_CODES];
    unsigned used;
};

struct demo_node {
    const char *name, *country, *partner;    /* partner: what the files of it are called */
    const char *folder, *log, *organisation; /* organisation: id of its identity */
    const char *address; /* one of its own, since a browser keeps cookies by address and not by port */
    unsigned port;
    struct child server;
    struct demo_person manager;
    const char *administrator; /* a link that gives a password, once */
    struct {
        const char *name, *role, *link;
    } invited[DEMO_INVITED_MAX];
};

/* One thing that somebody publishes; what is NULL is left out. */
struct demo_indicator {
    const char *name, *pattern, *tlp;
    const char *secret; /* a description that is TLP:RED */
};

struct demo {
    struct arena *arena;
    const char *folder;
    struct demo_node nodes[DEMO_NODES];
    int64_t began_us; /* what everything that is published was created at, whole milliseconds */
    const char *crossed, *red, *derived, *onward; /* ids of what earlier steps published */
};

/* What was typed to which node, what it said. ERR_SYSTEM with what it said if its status was not 0. */
MUST_USE struct err demo_command(
        struct demo *demo, enum demo_place place, const char *const *words, struct child_answer *answer);
/* Words that end by themselves. */
#define DEMO_TYPE(demo, place, answer, ...) demo_command(demo, place, (const char *const[]){__VA_ARGS__, NULL}, answer)
/* As `local`, who is one person, and then as the manager, who agrees to just what was proposed. */
MUST_USE struct err demo_both(struct demo *demo, enum demo_place place, const char *const *words);
#define DEMO_BOTH(demo, place, ...) demo_both(demo, place, (const char *const[]){__VA_ARGS__, NULL})
/* Again and again until what it says has that text ("": until it succeeds). ERR_REMOTE if it does not come to that. */
MUST_USE struct err demo_until(struct demo *demo, enum demo_place place, const char *const *words, const char *text,
        struct child_answer *answer);
#define DEMO_UNTIL(demo, place, text, answer, ...)                                                                     \
    demo_until(demo, place, (const char *const[]){__VA_ARGS__, NULL}, text, answer)

/* Makes the nodes and their people; `port`: of each, at an address of its own; 0: any that are free. */
MUST_USE struct err demo_nodes_make(struct demo *demo, unsigned port);
MUST_USE struct err demo_nodes_serve(struct demo *demo);
void demo_nodes_stop(struct demo *demo);

/* Imports an indicator that this node's organisation created; *id: its id. With `id` given in, it is revoked. */
MUST_USE struct err demo_publish(
        struct demo *demo, enum demo_place place, const struct demo_indicator *indicator, const char **id);

/* One more for who looks on: another each time. */
MUST_USE struct err demo_publish_another(struct demo *demo, enum demo_place place, uint64_t number);
/* Intelligence as `simulate` makes it up, a bundle with names of campaigns; *file: where it is. */
MUST_USE struct err demo_simulate(struct demo *demo, enum demo_place place, const char *seed, const char **file);

/* Does a step, and says what was seen; *fine: as expected. An error is told and is not as expected. */
typedef struct err demo_act(struct demo *demo, const char **seen, bool *fine);

/* A step of the story. */
struct demo_step {
    const char *name;     /* what happens */
    const char *expected; /* in words */
    demo_act *act;
};
extern const struct demo_step demo_steps[];
extern const size_t demo_step_count;
