/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Envelopes on their way to one collection of another server: objects gather until one is full, each envelope is waited
 * for until the server says what became of it, and one that is refused as a whole goes again in halves until the object
 * is found that it will not have. Who sends is told of each part of the way that is behind us, and keeps its place
 * then.
 *
 * One thread. What is handed over need not live longer than the call. Private to this folder: push.h and deliver.h
 * send.
 */
#include "store/peer.h"
#include "taxii/client.h"

#define TAXII_ENVELOPE_OBJECTS 1000      /* of one envelope */
#define TAXII_ENVELOPE_BYTES (16u << 20) /* of it, whatever more a root allows; one object may be larger */
#define TAXII_ENVELOPE_LEAST 1024        /* bytes; who allows less takes none */
#define TAXII_STATUS_MS 300000           /* that a server may take for one envelope */

/* One object. */
struct taxii_item {
    slice bytes, id, version;
    int64_t number; /* its owner's word for it; 0: none */
    int64_t entry;  /* of our log, which says that it leaves; TAXII_ENTRY_NONE */
};
#define TAXII_ENTRY_NONE (-1)

struct taxii_sending_options {
    const char *collection, *root; /* their URLs */
    size_t bytes_max;              /* of an envelope; 0: TAXII_ENVELOPE_BYTES */
    uint64_t wait_ms;              /* for the end of one; 0: TAXII_STATUS_MS */
    void *context;
    void (*refused)(void *context, slice id, slice why); /* NULL: nobody wants to know at once */
    /* The items are with the server, but for those refused. An error ends the sending. */
    struct err (*settled)(void *context, const struct taxii_item *items, size_t count,
            const struct outgoing_refused *refused, size_t refused_count, struct arena *arena);
};

struct taxii_sending;

/* The client stays the caller's; so do the errors' texts, which are in the arena. */
void taxii_sending_open(struct taxii_client *client, const struct taxii_sending_options *options, struct arena *arena,
        struct taxii_sending **sending);
/* Gathers it, and sends what is full. */
MUST_USE struct err taxii_sending_add(struct taxii_sending *sending, const struct taxii_item *item);
/* Sends what is left. `always`: tells `settled` even of nothing, since the place may have moved. */
MUST_USE struct err taxii_sending_end(struct taxii_sending *sending, bool always);
uint64_t taxii_sending_envelopes(const struct taxii_sending *sending);
void taxii_sending_close(struct taxii_sending *sending); /* NULL is allowed */
