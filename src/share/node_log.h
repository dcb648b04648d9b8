/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The node log: an entry for each interval, idle or not, that commits to the heads of all other logs of the node. It is
 * the one that partners witness and cosign, so none of the others can be written anew without them; and since every
 * entry looks the same, neither its size nor its rhythm says anything about them.
 *
 *     interval   its number since 1970, or FIRST-LAST: those in which the node was not there are one entry
 *     secret     32 random bytes, from which the salts of the leaves come
 *     heads      the root over the leaves: of each log {origin, root, salt, size}, and random ones, so that there are
 *                64, 512, 4096 ...
 *     logs       what the leaves were made of: the heads that changed since the entry before; every 64th entry all
 *
 * What is told of an interval is its commitment. A partner is shown the leaf of its own log and the path to `heads`,
 * which tells it of the others only that there are fewer than the next power of eight.
 */
#include "ledger/merkle.h"
#include "store/ledger.h"

#define SHARE_LOGS_WHOLE 64 /* so many entries are read at most to know all heads of one */

/* The entry of this interval, if it is not there yet. Gaps are one entry. *entered: it was made. */
MUST_USE struct err share_node_log_enter(struct db *db, int64_t interval_us, struct arena *arena, bool *entered);

/* That an entry commits to a head of a log: with `leaf` and `path` anybody gets `heads`. */
struct share_anchor {
    int64_t entry;
    struct ledger_head head; /* of the log, as it was committed to */
    slice leaf;              /* JSON, canonical */
    uint64_t index, count;
    struct ledger_path path;
    struct sha256 heads;
    slice origin;              /* of the node log */
    struct ledger_field field; /* of the entry: opens `heads` */
};
/* From the newest entry that commits to `log`; ERR_MISSING if none does, or what it said was erased. */
MUST_USE struct err share_node_log_anchor(struct db *db, int64_t log, struct arena *arena, struct share_anchor *anchor);
/* The same as JSON, for who keeps it: {"count","entry","heads","index","leaf","origin","path","salt"}. `heads` and
 * `salt` open the field of that name in the entry of the node log `origin`, which its tiles show to every partner. */
MUST_USE struct err share_node_log_shown(struct db *db, int64_t log, struct arena *arena, slice *json);
/* Whether what was shown is true of an entry: *size and *root of the head that it commits to, of the log `of`.
 * ERR_DENIED says why not. */
MUST_USE struct err share_node_log_verify(
        slice json, slice entry, slice of, struct arena *arena, uint64_t *size, struct sha256 *root);
