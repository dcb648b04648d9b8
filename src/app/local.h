/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A node as commands work on it from its own machine: opened, with its database and the actor that stands for whoever
 * typed the command. That is `local`, the role of those who may read the node's keys, so opening reads them.
 *
 * Everything lives as long as the command's arena; one thread.
 */
#include "app/command.h"
#include "app/node.h"
#include "store/actor.h"

struct db;
struct person;

struct local {
    struct node node;
    struct db *db;
    struct actor actor;
    struct arena *arena;
    struct person *person; /* --person: who signed in; else NULL */
};

/* The node that -c named. */
MUST_USE struct err local_open(const struct command_line *line, struct local *local);
/*
 * The same for who changes something: first, imports whose program died are ended, and of what failed ones left one
 * step is cleared away. Where that cannot be done it is told on standard error, and the next one tries again.
 */
MUST_USE struct err local_open_to_change(const struct command_line *line, struct local *local);
void local_close(struct local *local);
/* The actor of this account of the machine, for an organisation (0: none yet). */
struct actor local_actor(int64_t organisation, struct arena *arena);
/* Opens the database of a node; `create`: makes it, where it is a file. */
MUST_USE struct err local_database(const struct config *config, bool create, struct arena *arena, struct db **db);
/* ERR_INPUT if a URL that was typed holds a password. */
MUST_USE struct err local_url_check(const char *url);

/* The verbs of a command on a node, as `user add`; the first file that is named is the verb. Where the command has
 * --person, they act as that user. */
struct local_verb {
    const char *name;
    size_t words; /* that have to be named, itself included */
    struct err (*run)(const struct command_line *line, struct local *local);
    size_t more; /* words that may follow */
};
/* Runs the one that was typed, or says `usage`. The exit status. */
int local_run(const struct command_line *line, const struct local_verb *verbs, size_t count, const char *usage);

/* Shows one page of a list behind *after, which becomes the number of its last row; *count: how many it had. */
typedef struct err local_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count);
/* Shows page after page, however many there are; the memory of one is given back before the next. */
MUST_USE struct err local_pages(const struct command_line *line, struct local *local, local_page *page);
