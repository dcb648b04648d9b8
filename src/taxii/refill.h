/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The bytes of what we released and a restore lost, from the partner that got them.
 *
 *     GET ledger/witness/held?origin=ORIGIN&seq=N&leaf=K     what the asker's entry N released, from leaf K on
 *
 *     {"objects":[{"leaf":0,"object":{...}}, ...],"next":3}
 *
 * A page ends where it is large, and `next` is the leaf where the next one begins, or null. An object that is not held
 * any more is left out. Bytes are believed as far as they have the digest that our entry commits to
 * (share/book_recover.h brought it back); what the partner has not kept is told as a gap: release.refilled in the
 * journal.
 */
#include "store/partner.h"
#include "store/work.h"
#include "taxii/visit.h"

#define TAXII_HELD_FULL (4u << 20)        /* bytes after which a page ends */
#define TAXII_HELD_BYTES_MAX (256u << 20) /* of a page: one object may be large */

struct taxii_refilling {
    struct db *db;
    const struct actor *actor;
    const struct partner *partner;
    struct http_client *http;
    struct taxii_visit *visit;
};

/* Of so many entries as one visit has time for. ERR_MISSING: the partner has not (yet) read that entry itself. */
MUST_USE struct err taxii_refill(const struct taxii_refilling *refilling, struct arena *arena);
