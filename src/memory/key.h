/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Under which keys a value is remembered, and which keys an indicator asks for. Addresses are kept in their order, so
 * that a prefix is a range; of everything else only a keyed 64-bit hash is kept (match/key.h), by which two values of a
 * billion meet once in some dozen nodes. What lies above a value is remembered with it, so that asking is one look-up:
 *
 *     address   itself, in order
 *     name      itself; and each domain above it with two to KEY_LABELS_MAX labels, as somewhere below that
 *     url       itself; and the first MEMORY_CUTS_MAX shortenings of its path (key_cuts), and the whole, as below them
 *     others    themselves
 *
 * A domain asks for the name itself and for what lies below it, so one of a single label ("test") meets itself only.
 * A keyer belongs to one thread.
 */
#include "base/observable.h"
#include "match/key.h"

enum memory_kind {
    MEMORY_IPV4,
    MEMORY_IPV6,
    MEMORY_HASHED,
    MEMORY_KINDS,
};

enum {
    MEMORY_CUTS_MAX = 8,
    MEMORY_KEYS_MAX = KEY_LABELS_MAX + 1,
    MEMORY_RANGES_MAX = 2,
};

/* Ordered by kind, high and low. */
struct memory_key {
    enum memory_kind kind;
    uint64_t high; /* the address (of IPv6 its first half), or the hash */
    uint64_t low;  /* of IPv6 its second half, else 0 */
};

/* From the first to the last, both included; of one kind. */
struct memory_range {
    struct memory_key first, last;
};

struct memory_keyer {
    struct key_hasher hasher;
    struct buf normal;
};

/* The key of the hashes is the node's: files that were written with another cannot be asked. */
void memory_keyer_open(struct memory_keyer *keyer, struct hash_key key);
void memory_keyer_close(struct memory_keyer *keyer);

/* Writes the keys under which a value that was seen is remembered; how many. None if it has no normal form. */
size_t memory_keys(
        struct memory_keyer *keyer, const struct observable *observable, struct memory_key keys[MEMORY_KEYS_MAX]);
/* Writes what is asked for somebody who looks for this (flags of an indicator); how many ranges, none as above. */
size_t memory_asks(struct memory_keyer *keyer, const struct observable *observable, unsigned flags,
        struct memory_range ranges[MEMORY_RANGES_MAX]);

static inline int memory_key_order(const struct memory_key *a, const struct memory_key *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->high != b->high)
        return a->high < b->high ? -1 : 1;
    return a->low < b->low ? -1 : a->low > b->low;
}
