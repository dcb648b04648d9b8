/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What is owned, as a table that is searched: the longest key that a probe begins with and that was owned at a moment.
 *
 * One form serves addresses, names and numbers. A key is a text of bytes, made so that what lies within another begins
 * with it: the bits of a prefix, one a byte; the labels of a name from the right, each ended by a NUL; the four bytes
 * of an AS number. Sorted, a key stands behind all that enclose it, and each knows the next of these: so one search and
 * a few steps up give the longest.
 *
 * Made once, then read by any thread. Private to owners.c and its tests.
 */
#include "base/arena.h"
#include "base/ip.h"

#define OWNED_KEY_MAX 300 /* bytes: of a name of 253, or of 128 bits */

/* Who owned what, and when. */
struct owned {
    slice key;
    int64_t from_us, until_us; /* until_us: INT64_MAX: still */
    int64_t organisation, asset;
};

struct owned_table;

/* The key points into `room`. */
void owned_key_prefix(char room[OWNED_KEY_MAX], const struct prefix *prefix, slice *key);
void owned_key_asn(char room[OWNED_KEY_MAX], uint32_t asn, slice *key);
/* Of a host as a log writes it, which may be an address; false: it is neither. */
bool owned_key_name(char room[OWNED_KEY_MAX], slice host, slice *key);

/* Of rows in any order, which it sorts; times of one key do not overlap (store/asset.h). It lies in the arena, with a
 * copy of what it needs. ERR_LIMIT if that is too much for the arena. */
MUST_USE struct err owned_make(struct owned *rows, size_t count, struct arena *arena, const struct owned_table **table);
/*
 * The same as before but for these assets, sorted by number, of which `rows` says what holds now. Takes a step for each
 * row of the table, and sorts only the new ones.
 */
MUST_USE struct err owned_change(const struct owned_table *before, const int64_t *assets, size_t asset_count,
        struct owned *rows, size_t count, struct arena *arena, const struct owned_table **table);
size_t owned_count(const struct owned_table *table);

struct owned_found {
    int64_t organisation, asset; /* 0: nobody's */
};
struct owned_found owned_find(const struct owned_table *table, slice probe, int64_t time_us);
