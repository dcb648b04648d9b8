/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The image of an index, the same bytes in memory and in a file: build.c writes it, index.c and sieve.c read it.
 *
 *     header | blob | sources | patterns | records | runs | maps | buckets
 *
 * 1. Records lie in the order of their key's hash, those of equal hash in the order they were added: a run. A record's
 *    number is its place in that order; `records` says where in the blob it begins.
 * 2. A run has one slot in the table, in the same order; runs[slot] to runs[slot + 1] are its records. So a bucket
 * needs to know its first slot only, and no slot needs an id.
 * 3. The home bucket is a rising function of the hash. What does not fit stands in the next bucket, still in order, and
 *    the bucket before is marked as spilled: who looks for a hash goes on from its home as long as there are marks.
 * 4. Of a large table a filter says that most hashes are not in it, and is small enough to stay in the cache: a word of
 *    64 bits for some six slots, four bits each. It rises with the hash, too.
 * 5. Only filter, buckets and maps are touched by a look-up that finds nothing. All else is read on a hit and may stay
 * on disk.
 * 6. Every number read behind the header is checked against its section where it is used, so that damage makes a wrong
 *    answer at worst.
 *
 * Numbers are in the order of the machine that wrote them, little-endian in practice; the header tells.
 */
#include "match/key.h"
#include "match/match.h"

#define IMAGE_MAGIC "kentongan index\n"
#define IMAGE_ENDIAN 0x0102030405060708u
#define IMAGE_SPILLED 0x80000000u

enum {
    IMAGE_VERSION = 5,
    IMAGE_HEAD_BYTES = 4096, /* the header has a page of its own */
    IMAGE_ALIGN = 64,        /* sections begin on a cache line */
    IMAGE_PRINTS = 15,
    IMAGE_V4_BITS = 24, /* a map of all IPv4 /24 networks that a prefix touches */
    IMAGE_V6_BITS = 20, /* a map of hashed first halves of IPv6 networks, their top 32 bits */
    IMAGE_SPARSE_BITS_MAX = 24,
    IMAGE_FILTER_LEAST = 1 << 17, /* slots: with fewer the buckets themselves stay in the cache */
    IMAGE_FILTER_BITS = 10,       /* for each slot: one look-up in fifty that finds nothing passes */
};

/* One cache line: the low halves of up to fifteen hashes, none of them 0, and the number of the first slot. */
struct image_bucket {
    uint32_t prints[IMAGE_PRINTS];
    uint32_t first; /* with IMAGE_SPILLED */
};

enum image_section {
    IMAGE_BLOB,
    IMAGE_SOURCES,  /* uint64_t each: where in the blob the name of a source lies */
    IMAGE_PATTERNS, /* uint64_t each: where in the blob a pattern lies, a record that has no key */
    IMAGE_RECORDS,  /* uint64_t each: where in the blob a record lies */
    IMAGE_RUNS,     /* uint32_t each, one more than slots */
    IMAGE_V4,       /* maps: bits in uint64_t words; empty if no indicator needs them */
    IMAGE_V6,
    IMAGE_PREFIX, /* hashed prefixes with their lengths */
    IMAGE_BELOW,  /* hashed hosts that have a URL marked INDICATOR_BELOW */
    IMAGE_FILTER, /* uint64_t each; empty if the table is small */
    IMAGE_BUCKETS,
    IMAGE_SECTIONS,
};

struct image_extent {
    uint64_t from, bytes;
};

struct image_header {
    char magic[16];
    uint64_t endian;
    uint32_t version;
    uint32_t v6_all; /* an IPv6 prefix so short that the map would be full: every address is looked up */
    uint64_t bytes;  /* of the whole image */
    struct hash_key key;
    uint64_t records, slots;
    uint64_t hints;       /* records that are INDICATOR_HINT */
    uint64_t position;    /* of the journal that it was made from; 0: none */
    uint64_t homes;       /* buckets that a hash may call home; some more may follow for what spilled from the last */
    uint64_t depths;      /* bit n: a domain of n labels occurs (at most KEY_LABELS_MAX) */
    uint64_t kinds;       /* bit n: a key of that kind occurs (enum key_kind) */
    uint32_t prefix_bits; /* log2 of the bits in IMAGE_PREFIX */
    uint32_t below_bits;  /* of those in IMAGE_BELOW */
    uint8_t lengths4[33]; /* prefix lengths that occur, falling */
    uint8_t lengths6[129];
    uint8_t lengths4_count, lengths6_count;
    struct image_extent sections[IMAGE_SECTIONS];
    struct sha256 sum; /* of everything before */
};

struct match_index {
    struct image_header head; /* a checked copy */
    struct key_hasher hasher;
    char *map; /* the whole image */
    size_t map_bytes;
    const char *hot; /* the maps, and without a filter the buckets: in the map, or copied to huge pages */
    void *warm;      /* that copy, or NULL */
    size_t warm_bytes;
    const struct image_bucket *buckets;
    uint64_t bucket_count;
    const uint32_t *runs;
    const uint64_t *records;
    const uint64_t *sources;
    const uint64_t *patterns;
    const uint64_t *maps[IMAGE_SECTIONS]; /* IMAGE_V4 to IMAGE_FILTER; NULL if empty */
    uint64_t filter_words;
    slice blob;
};

static inline uint64_t image_home(uint64_t hash, uint64_t homes)
{
    return ((hash >> 32) * homes) >> 32;
}

/* An empty place in a bucket is 0, so no fingerprint is. */
static inline uint32_t image_print(uint64_t hash)
{
    return (uint32_t)hash == 0 ? 1 : (uint32_t)hash;
}

/* The word of the filter that a hash has its bits in, and these bits. */
static inline uint64_t image_filter_word(uint64_t hash, uint64_t words)
{
    return ((hash >> 32) * words) >> 32;
}

static inline uint64_t image_filter_bits(uint64_t hash)
{
    uint64_t mixed = (hash & UINT32_MAX) * UINT64_C(0x9E3779B97F4A7C15);
    return UINT64_C(1) << (mixed >> 58) | UINT64_C(1) << (mixed >> 52 & 63) | UINT64_C(1) << (mixed >> 46 & 63) |
           UINT64_C(1) << (mixed >> 40 & 63);
}

static inline bool image_bit(const uint64_t *map, uint64_t bit)
{
    return (map[bit >> 6] >> (bit & 63) & 1) != 0;
}

/* Where in the map of IPv4 networks an address lies. */
static inline uint64_t image_v4_bit(uint8_t first, uint8_t second, uint8_t third)
{
    return (uint64_t)first << 16 | (uint64_t)second << 8 | third;
}

static inline uint64_t image_v6_bit(const struct key_hasher *hasher, uint32_t top)
{
    return hash_mix(hasher->seed[KEY_PREFIX] ^ top, hasher->key.a) >> (64 - IMAGE_V6_BITS);
}

static inline uint32_t image_v6_top(const struct ip *ip)
{
    return (uint32_t)ip->bytes[0] << 24 | (uint32_t)ip->bytes[1] << 16 | (uint32_t)ip->bytes[2] << 8 | ip->bytes[3];
}

/* Where in a sparse map a hash lies. */
static inline uint64_t image_sparse_bit(uint64_t hash, unsigned bits)
{
    return hash >> (64 - bits);
}

/* Checks the header against itself and the size; the index takes the map over (munmap at close) when this is OK. */
MUST_USE struct err image_adopt(char *map, size_t map_bytes, struct match_index **index);

/* The records of a slot; none if the number is damaged. */
void image_run(const struct match_index *index, uint64_t slot, uint32_t *from, uint32_t *to);
/* Whether a record has this key. `within`: the key was cut from a longer name, which a host does not meet. */
bool image_holds(
        const struct match_index *index, uint32_t number, const struct key *key, bool within, struct buf *normal);

/* A record in the blob: what is fixed, then what `has` says is there. Lengths and numbers are varints (7 bits a byte).
 */
enum image_has {
    IMAGE_HAS_NAME = 1,
    IMAGE_HAS_ID = 2,
    IMAGE_HAS_LABEL = 4,
    IMAGE_HAS_FROM = 8, /* eight bytes */
    IMAGE_HAS_UNTIL = 16,
    IMAGE_HAS_MODIFIED = 32,
    IMAGE_HAS_PATTERN = 64, /* a number */
};
