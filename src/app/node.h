/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A node on disk: a folder (0700) with node.conf, the database, and a folder each for keys, index, memory, events that
 * wait, ledger and evidence. Opening reads the configuration and refuses what others could have changed. Commands may
 * work on a node at the same time; only servers exclude each other (node_lock).
 *
 * Text is in the arena given to node_open. A node belongs to whoever opened it.
 */
#include "app/config.h"
#include "base/key.h"
#include "share/release.h"

struct node {
    const char *conf;
    const char *folder;
    struct config config;
    int lock; /* of node_lock; -1: none */
};

/* The folders of a node, by name, up to a NULL. */
extern const char *const node_folders[];

/* What -c named, as the path of a node.conf: a folder is the one in it. ERR_INPUT if nothing was named. */
MUST_USE struct err node_conf(const char *named, struct arena *arena, const char **conf);
/* `named` as in node_conf; NULL is refused with what to write. */
MUST_USE struct err node_open(const char *named, struct arena *arena, struct node *node);
void node_close(struct node *node);
/* A file or folder of the node: node_path(node, "keys/node.key", arena). */
const char *node_path(const struct node *node, const char *name, struct arena *arena);

/*
 * Where people reach the node, with a "/" at the end: what [http] url says, or else where it listens; by http only
 * without a certificate on a loopback address, which is the only place where it would serve that. A node that listens
 * on every address goes by the name of its machine, since 0.0.0.0 leads nowhere.
 */
const char *node_url(const struct config *config, struct arena *arena);
/* Section [sharing], as what releases and who only looks want it. */
struct share_release_options node_release_options(const struct config *config);
/*
 * The high-water file of the ledger (share/high_water.h): what [ledger] high-water says, or else FOLDER.high-water
 * beside the node's folder, so that neither a backup nor who copies the folder takes it along; inside of it as
 * high-water where nobody may write beside it.
 */
const char *node_high_water(const struct config *config, struct arena *arena);
bool node_is_loopback(const struct config *config);

/* For who serves: ERR_CONFLICT with the process that serves it already. Held until node_close, or until we die. */
MUST_USE struct err node_lock(struct node *node, struct arena *arena);
/* The key that secrets are sealed with; those by which partners know the node are in share/keys.h. key_forget it.
 * ERR_CONFLICT if node.pub belongs to another. */
MUST_USE struct err node_key(const struct node *node, struct arena *arena, struct key_pair *pair);

struct node_plan {
    const char *folder; /* has to be empty, or not there */
    const char *name;
    const char *listen, *database; /* NULL: the default */
};

/*
 * Makes the folder with all that is in it but the database; `more` (or NULL) adds what else belongs there. All of it
 * or, on an error, nothing: node.conf is written last, so that what was broken off is no node.
 */
MUST_USE struct err node_make(const struct node_plan *plan, struct err (*more)(void *context, const struct node *node),
        void *context, struct arena *arena, struct node *node);
