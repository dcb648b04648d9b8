/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Nodes for exercises, and their clock. A node is made for exercises (`init --exercise`) or it is not: that is a fact
 * in its database and cannot be had later. On such a node alone `serve --clock SOCKET` lets whoever owns the node set
 * the time of day, so that days pass in seconds; every page says EXERCISE, and each setting is a row of the journal. A
 * line in, a line out:
 *
 *     now                                ok 2026-11-20T15:40:00.000000Z
 *     set 2026-11-20T22:40:00+07:00      ok ...; the clock stands still there
 *     run                                ok ...; it runs on from where it stands
 *
 * What is wrong is answered by "no" and why. Commands on the node's machine take its time while it is served.
 */
#include "app/node.h"
#include "db/db.h"

struct drill_clock;

MUST_USE struct err drill_make(struct db *db); /* inside the work that makes the node */
MUST_USE struct err drill_is(struct db *db, struct arena *arena, bool *is);

/* ERR_DENIED on a node that is not for exercises; ERR_CONFLICT if somebody listens there. */
MUST_USE struct err drill_clock_open(const char *socket, const struct node *node, const struct db_options *db,
        struct arena *arena, struct drill_clock **clock);
void drill_clock_close(struct drill_clock *clock); /* NULL is allowed */
/* Takes the time of a node that is served with a clock; of any other, the machine's stays. */
MUST_USE struct err drill_clock_take(const struct node *node, struct arena *arena);
