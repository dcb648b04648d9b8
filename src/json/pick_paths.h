/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The paths of pick.h, compiled: what both roads of picking walk along. Private to json/pick*.
 */
#include "json/pick.h"

/*
 * The paths as an automaton: a node for every object, array or value on the way to something wanted. A node's members
 * lie in a table without collisions, so that a key is one look-up and one comparison.
 */
#define NODE_KEYS_MAX 128 /* one bit each in `seen` */
#define SEEN_WORDS (NODE_KEYS_MAX / 64)
#define PATH_NONE UINT16_MAX
#define KEY_MAX 62 /* a longer key of a log is never wanted: its start is not even looked for */

struct path_node;

struct path_key {
    slice name;
    uint64_t tail;   /* its last eight bytes, as key_tail reads them */
    unsigned number; /* among its siblings */
    struct path_node *node;
};

/* What a look-up compares first, side by side with what it would miss the cache for. */
struct path_slot {
    uint64_t tail;
    size_t len; /* 0: no key here */
    const struct path_key *key;
};

struct path_node {
    uint16_t path; /* what a value here is, or PATH_NONE */
    uint8_t shift;
    size_t key_count;
    uint8_t *ends; /* by the last four bytes before a key's closing quote: 0 if no wanted key ends so */
    uint64_t multiplier;
    struct path_slot *slots;
    struct path_key *keys;
    struct path_node *elements; /* of an array here; NULL: nothing wanted in it */
};

struct json_paths {
    struct path_node root;
};

static inline uint64_t load64(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* The last eight bytes of a key of 1 to KEY_MAX bytes as a number, zeros before a shorter one. Reads before the key. */
static inline uint64_t key_tail(const char *end, size_t len)
{
    uint64_t word = load64(end - 8);
    return len >= 8 ? word : word >> (64 - 8 * len);
}

/* The first byte tells apart what ends alike: orig_filenames and resp_filenames. */
static inline uint64_t key_slot(const struct path_node *node, uint64_t tail, size_t len, char first)
{
    return ((tail + len + ((uint64_t)(uint8_t)first << 32)) * node->multiplier) >> node->shift;
}

/* Most keys of a log are not wanted: a glance at how they end says so of nearly all. */
static inline unsigned ends_slot(const char *end)
{
    uint32_t four;
    memcpy(&four, end - 4, sizeof four);
    return four * UINT32_C(0x9E3779B1) >> 24;
}
