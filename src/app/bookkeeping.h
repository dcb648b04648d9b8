/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The two jobs of the ledger on a server: one turns what was entered into signed heads as it comes, makes the entry of
 * each interval and holds rows against tiles; the other visits partners as witnesses once an interval. Each in a thread
 * with a db of its own, until it is told to stop. Before the first head is signed, partners are asked what they saw.
 */
#include "app/config.h"
#include "base/err.h"

struct actor;
struct db;

#define BOOKKEEPING_CHECK 100000 /* entries of all logs that are checked in an interval */

struct bookkeeping {
    const struct config *config;
    const char *keys; /* the node's folder of keys */
    void *context;
    bool (*stop)(void *context);
    void (*rest)(void *context, int64_t us); /* returns at once when it is to stop */
    void (*begun)(void *context);            /* what others know was compared: from now on entries may come */
};

MUST_USE struct err bookkeeping_write(
        const struct bookkeeping *keeping, struct db *db, const struct actor *actor, struct arena *arena);
MUST_USE struct err bookkeeping_witness(
        const struct bookkeeping *keeping, struct db *db, const struct actor *actor, struct arena *arena);
