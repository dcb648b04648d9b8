/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What intelligence would meet, before it is taken in: of each value of its indicators, how many of those we serve have
 * met it as far as is remembered, and whether a warning list holds it. Objects are given one by one; nothing of them is
 * stored. Belongs to one call and one thread.
 */
#include "detect/hunt.h"

#define PREVIEW_VALUES_MAX 200000     /* that are looked for; of more only the number is told */
#define PREVIEW_BYTES_MAX (64u << 20) /* of them all together; the same */
#define PREVIEW_ROWS 12               /* that are told one by one */

struct previewer;
MUST_USE struct err previewer_open(struct previewer **previewer);
void previewer_close(struct previewer *previewer); /* NULL is allowed */
/* A STIX object; what is no indicator, or is more than values to look up, is passed over. */
void previewer_add(struct previewer *previewer, slice object);

struct preview_row {
    const struct indicator *value; /* lives as long as the previewer */
    struct hunt_reach reach;
};
struct preview {
    size_t values, left;                   /* different ones that were looked for, and beyond the ceiling */
    size_t met, noise, listed;             /* of these: that anybody met; that are probably noise; that a list holds */
    struct preview_row rows[PREVIEW_ROWS]; /* what is noise first, then those that most met */
    size_t row_count;
};
/* ERR_DENIED: who asks may not look into the past of all. */
MUST_USE struct err preview_ask(struct previewer *previewer, const struct hunt_noise *noise, struct remember *remember,
        struct db *db, const struct actor *actor, struct arena *arena, struct preview *preview);
