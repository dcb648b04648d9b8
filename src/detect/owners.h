/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Owners: whose an address, a name or an AS number is at a moment. An index in memory, made from the assets of the
 * store; a thread follows the journal and publishes a new generation when assets change. The longest prefix that was
 * owned then wins, of names the longest that the name is or lies below; the time that counts is the event's own.
 *
 *     const struct owners_view *view = owners_take(owners);
 *     organisation = owners_of_address(view, &ip, time_us);
 *     owners_leave(owners, view);
 *
 * Any thread takes, asks and leaves; a view is of one moment and stays until it is left. Whoever opened it closes it,
 * when no view is held any more.
 */
#include "base/ip.h"
#include "db/db.h"

struct owners;
struct owners_view;

#define OWNERS_ASSETS_MAX 8000000       /* of all organisations; about 1 GiB */
#define OWNERS_WAIT_MS 200              /* how soon the thread sees that it is to end */
#define OWNERS_AGAIN_US INT64_C(200000) /* before it tries again after an error */

struct owners_options {
    struct db_options db; /* its strings have to live as long */
    bool by_hand;         /* no thread: owners_follow */
};

/* When this returns OK, the view is where the journal was. ERR_LIMIT beyond OWNERS_ASSETS_MAX. */
MUST_USE struct err owners_open(const struct owners_options *options, struct arena *arena, struct owners **owners);
void owners_close(struct owners *owners); /* NULL is allowed */
/* Reads what the journal has and publishes it; for `by_hand`. The reason of an error lives until the next call. */
MUST_USE struct err owners_follow(struct owners *owners);

const struct owners_view *owners_take(struct owners *owners);
void owners_leave(struct owners *owners, const struct owners_view *view);

/* The number of the organisation that owned it then, or 0: nobody whom we know. TIME_NONE: now. */
int64_t owners_of_address(const struct owners_view *view, const struct ip *ip, int64_t time_us);
/* Of a host as a log writes it: a name in any spelling, or an address. */
int64_t owners_of_name(const struct owners_view *view, slice host, int64_t time_us);
int64_t owners_of_asn(const struct owners_view *view, uint32_t asn, int64_t time_us);

/* The number of the asset by which it was found, as above; 0: none. For who explains it. */
int64_t owners_asset_of_address(const struct owners_view *view, const struct ip *ip, int64_t time_us);
int64_t owners_asset_of_name(const struct owners_view *view, slice host, int64_t time_us);
int64_t owners_asset_of_asn(const struct owners_view *view, uint32_t asn, int64_t time_us);

struct owners_counts {
    int64_t position;     /* of the journal */
    uint64_t assets;      /* with an end or without */
    uint64_t generations; /* published until now */
    uint64_t reloads;     /* of these: read anew from the store, instead of what changed */
    uint64_t failures;    /* of the thread; it tries again */
    char why[256];        /* the last; empty: it went well since */
};
/* Any thread. */
struct owners_counts owners_counts(struct owners *owners);
