/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a server does without being asked: fetching feeds and asking peers that are due, removing what is past its time,
 * clearing away what imports left that did not end. Each in a thread of its own with a database of its own, so that
 * none waits for another; what goes wrong is logged, and tried again.
 */
#include "app/config.h"
#include "base/err.h"
#include "db/db.h"

struct background;
struct plan_duties;
struct lists;

struct background_options {
    struct db_options db;
    const struct config *config;
    const char *keys;                 /* the node's folder of keys */
    const char *url;                  /* of the node, with "/" at the end */
    struct lists *lists;              /* warning lists */
    const struct plan_duties *duties; /* rules of the clocks of law */
    int64_t organisation;             /* the own one */
};

MUST_USE struct err background_open(
        const struct background_options *options, struct arena *arena, struct background **background);
/* Ends what is under way as soon as it can be, and waits for that. NULL is allowed. */
void background_close(struct background *background);
