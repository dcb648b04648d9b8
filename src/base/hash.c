/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <sodium.h>

#define MANY 4096 /* random bytes for which another cipher is worth its start */

static void must(int result, const char *what)
{
    if (result >= 0)
        return;
    fprintf(stderr, "kentongan: %s: %s\n", what, gnutls_strerror(result));
    abort();
}

struct sha256 hash_sha256(slice s)
{
    struct sha256 sum;
    must(gnutls_hash_fast(GNUTLS_DIG_SHA256, s.len == 0 ? "" : s.ptr, s.len, sum.bytes), "SHA-256");
    return sum;
}

/* What GnuTLS calls its state is a pointer to a struct of its own. */
struct sha256_sum *hash_sha256_begin(void)
{
    gnutls_hash_hd_t state;
    must(gnutls_hash_init(&state, GNUTLS_DIG_SHA256), "SHA-256");
    return (struct sha256_sum *)state;
}

void hash_sha256_put(struct sha256_sum *sum, slice piece)
{
    if (piece.len > 0)
        must(gnutls_hash((gnutls_hash_hd_t)sum, piece.ptr, piece.len), "SHA-256");
}

struct sha256 hash_sha256_end(struct sha256_sum *sum)
{
    struct sha256 end;
    gnutls_hash_deinit((gnutls_hash_hd_t)sum, end.bytes);
    return end;
}

struct sha1 hash_sha1(slice s)
{
    struct sha1 sum;
    must(gnutls_hash_fast(GNUTLS_DIG_SHA1, s.len == 0 ? "" : s.ptr, s.len, sum.bytes), "SHA-1");
    return sum;
}

struct sha256 hash_hmac_sha256(slice key, slice s)
{
    struct sha256 sum;
    must(gnutls_hmac_fast(
                 GNUTLS_MAC_SHA256, key.len == 0 ? "" : key.ptr, key.len, s.len == 0 ? "" : s.ptr, s.len, sum.bytes),
            "HMAC-SHA-256");
    return sum;
}

struct sha1 hash_hmac_sha1(slice key, slice s)
{
    struct sha1 sum;
    must(gnutls_hmac_fast(
                 GNUTLS_MAC_SHA1, key.len == 0 ? "" : key.ptr, key.len, s.len == 0 ? "" : s.ptr, s.len, sum.bytes),
            "HMAC-SHA-1");
    return sum;
}

/*
 * Many at once are ChaCha20 under a key that is drawn for them and forgotten: what GnuTLS does as well, but libsodium
 * does it with wide registers, in a fifth of the time. The salts of the ledger were a tenth of what an entry costs.
 */
void hash_random(void *bytes, size_t count)
{
    uint8_t seed[randombytes_SEEDBYTES];
    if (count <= MANY) {
        must(gnutls_rnd(GNUTLS_RND_KEY, bytes, count), "random bytes");
        return;
    }
    must(sodium_init(), "libsodium"); /* chooses the registers; once, whoever asks first */
    must(gnutls_rnd(GNUTLS_RND_KEY, seed, sizeof seed), "random bytes");
    randombytes_buf_deterministic(bytes, count, seed);
    sodium_memzero(seed, sizeof seed);
}

struct hash_key hash_key_random(void)
{
    struct hash_key key;
    hash_random(&key, sizeof(key));
    return (struct hash_key){key.a | 1, key.b | 1};
}

/* One step of splitmix64: neighbouring seeds give unrelated words. */
static uint64_t scatter(uint64_t n)
{
    n += 0x9e3779b97f4a7c15u;
    n = (n ^ (n >> 30)) * 0xbf58476d1ce4e5b9u;
    n = (n ^ (n >> 27)) * 0x94d049bb133111ebu;
    return n ^ (n >> 31);
}

struct hash_key hash_key_fixed(uint64_t seed)
{
    uint64_t a = scatter(seed);
    return (struct hash_key){a | 1, scatter(a) | 1};
}

static uint64_t load8(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof(word));
    return word;
}

static uint64_t load4(const char *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof(word));
    return word;
}

/* One to three bytes: the first, the middle and the last one tell them apart, with the length. */
static uint64_t load_few(const char *at, size_t len)
{
    return (uint64_t)(uint8_t)at[0] << 16 | (uint64_t)(uint8_t)at[len / 2] << 8 | (uint8_t)at[len - 1];
}

uint64_t hash_bytes(struct hash_key key, slice s)
{
    uint64_t state = key.b, first = 0, last = 0;
    const char *at = s.ptr;
    size_t left = s.len;
    for (; left > 16; at += 16, left -= 16)
        state = hash_mix(load8(at) ^ key.a, load8(at + 8) ^ state);
    /* The two words of the end overlap rather than read past it. */
    if (left >= 8) {
        first = load8(at);
        last = load8(at + left - 8);
    } else if (left >= 4) {
        first = load4(at);
        last = load4(at + left - 4);
    } else if (left > 0) {
        first = load_few(at, left);
    }
    return hash_mix(hash_mix(first ^ key.a, last ^ state) ^ s.len, key.b);
}
