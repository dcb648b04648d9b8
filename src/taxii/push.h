/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Sending objects to a collection of another server: in envelopes as large as its root allows, each waited for until
 * the server says what became of it. An object that is not taken is kept with the server's reason, and the others go
 * on: an envelope that is refused as a whole is sent again in halves until the one is found.
 *
 * What a node sends, it sends in order of arrival, and keeps how far it is after each envelope: a push that dies is
 * gone on with, and what then comes twice is there already (TAXII 2.1 section 5.5). Leaves peer.pushed in the journal.
 */
#include "taxii/peer.h"

struct object;

/* Where envelopes go, and what became of them so far. */
struct taxii_pushed {
    slice title;
    uint64_t envelopes;
    uint64_t sent, refused; /* objects */
    uint64_t left_out;      /* as we hold them to be false, withdrawn or expired */
};

struct taxii_push {
    const char *url;                                     /* of a collection */
    slice type, source;                                  /* empty: all */
    int64_t since_us;                                    /* what arrived at or after this; TIME_NONE: all */
    const slice *ids;                                    /* these only */
    size_t id_count;                                     /* 0: all; with ids no place is kept */
    bool all_versions;                                   /* also those that newer ones replaced */
    void (*refused)(void *context, slice id, slice why); /* with the context of the watch; may be NULL */
};

/* From the node, from where the last push of the same choice to the same collection ended. */
MUST_USE struct err taxii_push_node(struct db *db, const struct actor *actor, const struct taxii_fetch *fetch,
        const struct taxii_files *files, const struct taxii_push *push, struct arena *arena,
        struct taxii_pushed *pushed);

/* Objects that somebody hands on, one after the other; they need to live until the call returns. */
struct taxii_pushing;
MUST_USE struct err taxii_push_open(const struct taxii_fetch *fetch, const struct taxii_files *files,
        const struct taxii_push *push, struct taxii_pushed *pushed, struct taxii_pushing **pushing,
        struct arena *arena);
MUST_USE struct err taxii_push_object(struct taxii_pushing *pushing, slice bytes, slice id, slice version);
/* Sends what is left. */
MUST_USE struct err taxii_push_end(struct taxii_pushing *pushing);
void taxii_push_close(struct taxii_pushing *pushing);
