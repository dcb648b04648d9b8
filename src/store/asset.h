/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Assets: what is whose, from a moment until another. No two organisations own the same at the same time; a narrower
 * prefix or name may be another's, since the longest that fits wins. An asset that changes hands is two rows, of which
 * the second begins where the first ends, so that an event of the past still finds whose it was then.
 *
 * Rights and the journal are the verbs' business (desk/asset.h).
 */
#include "store/work.h"

#define ASSET_EVER INT64_C(0) /* from_us: since before anybody counted */
/* Nobody whom we serve has more than that; a slip of the finger would give somebody the world. */
#define ASSET_IPV4_BITS_MIN 8
#define ASSET_IPV6_BITS_MIN 16

enum asset_kind { ASSET_PREFIX, ASSET_ASN, ASSET_DOMAIN, ASSET_SITE, ASSET_KINDS };

struct asset_put {
    int64_t organisation;
    enum asset_kind kind;
    slice value;               /* as people write it */
    int64_t from_us, until_us; /* until_us: TIME_NONE: still */
    slice said_by;             /* who says so: "contract 12" */
};

struct asset {
    int64_t number, organisation;
    enum asset_kind kind;
    slice value; /* as compared: 203.0.113.0/26, 64500, rs-melati.example, a place in words */
    int64_t from_us, until_us;
    slice said_by;
    int64_t added_us;
};

/*
 * The form in which equal values are equal bytes. A prefix is written as RFC 4632 and RFC 5952 have it, with its length
 * even if that is all bits; a name in A-labels and lower case without a final dot; an AS number without "AS". ERR_INPUT
 * with the reason: bits behind the length of a prefix, a name of one label, a number that is none.
 */
MUST_USE struct err store_asset_value(struct arena *arena, enum asset_kind kind, slice text, slice *value);

/* ERR_CONFLICT, which names who owns it in that time. Several who add wait for each other. */
MUST_USE struct err store_asset_add(struct work *work, const struct asset_put *put, int64_t *number);
/* From that moment on it is theirs no more. Never later than it was said before: ERR_CONFLICT. */
MUST_USE struct err store_asset_end(struct work *work, int64_t number, int64_t until_us);
/* Somebody else says so. */
MUST_USE struct err store_asset_said(struct work *work, int64_t number, slice said_by);
/* It ends there, and a new row of that organisation begins. */
MUST_USE struct err store_asset_hand(
        struct work *work, int64_t number, int64_t organisation, int64_t from_us, slice said_by, int64_t *fresh);
/* All that an organisation has then, or would get later. *count: how many. */
MUST_USE struct err store_asset_end_all(struct work *work, int64_t organisation, int64_t until_us, uint64_t *count);

MUST_USE struct err store_asset_get(struct db *db, int64_t number, struct arena *arena, struct asset *asset);
/* Who has had it, in the order of time; `value` as compared. */
MUST_USE struct err store_asset_history(
        struct db *db, enum asset_kind kind, slice value, struct arena *arena, struct asset **rows, size_t *row_count);
/* Behind `after`, in the order of numbers. organisation 0: of all. */
MUST_USE struct err store_asset_list(struct db *db, int64_t organisation, int64_t after, size_t count,
        struct arena *arena, struct asset **rows, size_t *row_count);

const char *store_asset_kind_name(enum asset_kind kind); /* "prefix" */
/* False if it is none. */
bool store_asset_kind_find(slice name, enum asset_kind *kind);
