/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * That a partner's node log, which all its partners witness, commits to the log that it shares with us: so it cannot
 * show us one log and be bound by another. In each interval, of each of its logs that we follow,
 *
 *     GET ledger/{folder}/anchor     what the newest entry of its node log says of it (share/node_log.h)
 *
 * is held against the node log, by the entry and its path to the head that was signed, and against the entries that we
 * kept: the same root for the size that it commits to. One that is behind what we were shown for longer than an entry
 * takes is told, too.
 */
#include "ledger/checkpoint.h"
#include "store/partner.h"
#include "store/work.h"
#include "taxii/visit.h"

struct taxii_anchoring {
    struct db *db;
    const struct actor *actor;
    const struct partner *partner;
    struct http_client *http;
    struct taxii_visit *visit;
    int64_t late_us; /* after which what was signed has to be committed to */
    struct taxii_anchor *anchors;
    size_t count;
};

/* What it commits to now; before its node log is looked at, so that the entries are in that. */
MUST_USE struct err taxii_anchors_get(struct taxii_anchoring *anchoring, struct arena *arena);
/* Under this head of its node log, whose signature verified. What is wrong is kept with the log and told as
 * ledger.doubt; errors say that nothing could be seen. */
MUST_USE struct err taxii_anchors_verify(
        struct taxii_anchoring *anchoring, const struct ledger_checkpoint *node_log, struct arena *arena);
