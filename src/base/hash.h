/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * SHA-256 and SHA-1 (through GnuTLS), randomness, and the keyed 64-bit hash of our tables. The key is drawn for each
 * table, so that who chooses the values cannot choose the collisions.
 */
#include "base/slice.h"

struct sha256 {
    uint8_t bytes[32];
};
struct sha1 {
    uint8_t bytes[20];
};

/* Its bytes, for who stores or writes them. */
static inline slice sha256_slice(const struct sha256 *sum)
{
    return (slice){(const char *)sum->bytes, sizeof sum->bytes};
}

struct sha256 hash_sha256(slice s);
struct sha1 hash_sha1(slice s);
/* SHA-256 of a text that comes in pieces: begin, put, end; end gives back what begin took. */
struct sha256_sum;
struct sha256_sum *hash_sha256_begin(void);
void hash_sha256_put(struct sha256_sum *sum, slice piece);
struct sha256 hash_sha256_end(struct sha256_sum *sum);
/* HMAC-SHA-256 (RFC 2104): a hash that only who has the key can make or compare. */
struct sha256 hash_hmac_sha256(slice key, slice s);
/* HMAC-SHA-1, for codes of RFC 4226 only. */
struct sha1 hash_hmac_sha1(slice key, slice s);
/* Random bytes fit for keys; stops the program if the system has none. */
void hash_random(void *bytes, size_t count);

struct hash_key {
    uint64_t a, b; /* odd multipliers */
};

struct hash_key hash_key_random(void);
/* The same numbers for every run, for tests. */
struct hash_key hash_key_fixed(uint64_t seed);

__extension__ typedef unsigned __int128 hash_product;

/* Folds the 128-bit product of two words: the one mixing step of all our table hashes. */
static inline uint64_t hash_mix(uint64_t a, uint64_t b)
{
    hash_product product = (hash_product)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t hash_bytes(struct hash_key key, slice s);
