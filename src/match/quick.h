/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * From the text of a log straight to the hash of its key: what sieve.c does instead of making a normal form. Every
 * function here gives what key.h defines, for every value that has a normal form; for others it may give anything, but
 * reads no byte outside the value. Nothing allocates or copies more than a few words.
 */
#include <endian.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "match/key.h"

enum { QUICK_NAME_MAX = 64 }; /* longer names go the slow way, so that one word holds where all dots are */

static inline uint64_t load8(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof(word));
    return le64toh(word);
}

static inline uint32_t load4(const char *at)
{
    uint32_t word;
    memcpy(&word, at, sizeof(word));
    return le32toh(word);
}

/* Up to seven bytes, the first lowest. */
static inline uint64_t load_few(const char *at, size_t len)
{
    uint64_t word = 0;
    if (len >= 4)
        return load4(at) | (uint64_t)load4(at + len - 4) << (8 * (len - 4));
    for (size_t i = 0; i < len; i++)
        word |= (uint64_t)(uint8_t)at[i] << (8 * i);
    return word;
}

/* Eight ASCII letters to lower case: the first sum reaches the high bit from 'A' on, the second behind 'Z'. */
static inline uint64_t lower8(uint64_t word)
{
    uint64_t from_a = word + UINT64_C(0x3f3f3f3f3f3f3f3f), behind_z = word + UINT64_C(0x2525252525252525);
    return word | ((from_a ^ behind_z) & UINT64_C(0x8080808080808080)) >> 2;
}

static inline uint64_t lower_if(uint64_t word, bool lower)
{
    return lower ? lower8(word) : word;
}

/* key_bytes_hash() in whole words. With `lower`, of the text in lower case, which must be ASCII to have a normal form.
 */
static inline uint64_t quick_hash(struct hash_key key, uint64_t state, slice text, bool lower)
{
    const char *at = text.ptr;
    size_t left = text.len;
    uint64_t low, high = 0;
    for (; left > KEY_STEP; at += KEY_STEP, left -= KEY_STEP)
        state = hash_mix(state ^ lower_if(load8(at), lower), lower_if(load8(at + 8), lower) ^ key.a);
    if (left > 8) {
        low = load8(at);
        high = load8(at + left - 8) >> (8 * (KEY_STEP - left));
    } else if (text.len >= 8) {
        low = load8(at + left - 8) >> (8 * (8 - left));
    } else {
        low = load_few(at, left);
    }
    return hash_mix(state ^ lower_if(low, lower), (lower_if(high, lower) ^ key.b) + text.len);
}

/* What a glance at some bytes finds: not zero if there is any of it. */
struct glance {
    unsigned odd;      /* a byte that is not ASCII, ':' or '@' */
    unsigned capitals; /* A to Z */
};

#ifdef __SSE2__
static inline uint64_t scan_bytes(__m128i bytes, struct glance *glance)
{
    __m128i colon = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(':')), user = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('@'));
    __m128i from_a = _mm_cmpgt_epi8(bytes, _mm_set1_epi8('@')), to_z = _mm_cmpgt_epi8(_mm_set1_epi8('['), bytes);
    glance->odd |= (unsigned)_mm_movemask_epi8(_mm_or_si128(bytes, _mm_or_si128(colon, user)));
    glance->capitals |= (unsigned)_mm_movemask_epi8(_mm_and_si128(from_a, to_z));
    return (uint64_t)(unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('.')));
}

/* The dots in sixteen bytes. */
static inline uint64_t scan16(const char *at, struct glance *glance)
{
    return scan_bytes(_mm_loadu_si128((const __m128i *)(const void *)at), glance);
}

/* The same, of two words that need not go through memory. */
static inline uint64_t scan_words(uint64_t low, uint64_t high, struct glance *glance)
{
    return scan_bytes(_mm_set_epi64x((long long)high, (long long)low), glance);
}
#else
static inline uint64_t scan16(const char *at, struct glance *glance)
{
    uint64_t dots = 0;
    for (unsigned i = 0; i < 16; i++) {
        glance->odd |= (unsigned)((uint8_t)at[i] >= 0x80 || at[i] == ':' || at[i] == '@');
        glance->capitals |= (unsigned)(at[i] >= 'A' && at[i] <= 'Z');
        dots |= (uint64_t)(at[i] == '.') << i;
    }
    return dots;
}

static inline uint64_t scan_words(uint64_t low, uint64_t high, struct glance *glance)
{
    uint64_t words[2] = {htole64(low), htole64(high)};
    return scan16((const char *)words, glance);
}
#endif

/* The last of the eight bytes up to a place, which are `len` digits (at most three), as a number. No branch: how long
 * they are nobody can predict. */
static inline uint32_t quick_octet(uint64_t eight, unsigned len)
{
    uint32_t digits = (uint32_t)(eight >> 40) & 0x0f0f0fu << (8 * (3 - len) & 31);
    return digits * 0x640a01u >> 16 & 0xff;
}

/*
 * Four decimal numbers between dots. Not every text that passes is an address, but every address that passes is read as
 * ip_parse reads it.
 */
static inline bool quick_ipv4(slice text, uint32_t *bytes)
{
    if (text.len < 8 || text.len > 15)
        return false;
    struct glance glance = {0};
    uint64_t low = load8(text.ptr), last = load8(text.ptr + text.len - 8);
    uint64_t first = scan_words(low, last >> (8 * (15 - text.len)) >> 8, &glance) | UINT64_C(1) << text.len;
    uint64_t second = first & (first - 1), third = second & (second - 1), fourth = third & (third - 1);
    if (glance.odd != 0 || fourth == 0 || (fourth & (fourth - 1)) != 0)
        return false;
    unsigned a = (unsigned)__builtin_ctzll(first), b = (unsigned)__builtin_ctzll(second);
    unsigned c = (unsigned)__builtin_ctzll(third), d = (unsigned)text.len;
    /* The second number ends before the eighth byte, the third behind the fourth. */
    uint64_t third_eight = (uint64_t)load4(text.ptr + (c >= 4 ? c - 4 : 0)) << 32;
    *bytes = quick_octet(low << (8 * (8 - a) & 63), a) | quick_octet(low << (8 * (8 - b) & 63), b - a - 1) << 8 |
             quick_octet(third_eight, c - b - 1) << 16 | quick_octet(last, d - c - 1) << 24;
    return true;
}

/* Eight hexadecimal digits as four bytes: letters have bit 6 and lie nine above their value. */
static inline uint32_t quick_hex8(uint64_t text)
{
    uint64_t digits = (text & UINT64_C(0x0f0f0f0f0f0f0f0f)) + (text >> 6 & UINT64_C(0x0101010101010101)) * 9;
    uint64_t bytes = (digits << 4 | digits >> 8) & UINT64_C(0x00ff00ff00ff00ff);
    bytes = (bytes | bytes >> 8) & UINT64_C(0x0000ffff0000ffff);
    return (uint32_t)(bytes | bytes >> 16);
}

/* The spelling of eight groups of four digits, which some logs use for all; not for what may be a mapped address. */
static inline bool quick_ipv6(slice text, struct ip *ip)
{
    static const size_t full_len = 39;
    unsigned colons = 0;
    if (text.len != full_len)
        return false;
    for (unsigned at = 4; at < full_len; at += 5)
        colons += text.ptr[at] == ':';
    for (unsigned i = 0; i < 4; i++) {
        const char *at = text.ptr + (size_t)10 * i;
        uint32_t bytes = htole32(quick_hex8(load4(at) | (uint64_t)load4(at + 5) << 32));
        memcpy(ip->bytes + (size_t)4 * i, &bytes, sizeof(bytes));
    }
    ip->family = 6;
    return colons == 7 && load4((const char *)ip->bytes) != 0;
}

/* A name that is its own normal form but for case and a final dot, prepared for hashing. */
struct plain_name {
    char block[QUICK_NAME_MAX]; /* a very short name, with zeros behind it, or one that had capitals */
    const char *text;           /* the name in lower case, or `block` */
    size_t len;
    size_t readable; /* bytes at `text`, at least eight */
    uint64_t dots;
};

/* The dots of a name of eight to sixty-four bytes; sixteen at a time, the last of them counted back from the end. */
static inline uint64_t scan_name(const char *text, size_t len, struct glance *glance)
{
    if (len < 16)
        return scan_words(load8(text), load8(text + len - 8) >> (8 * (15 - len)) >> 8, glance);
    uint64_t dots = scan16(text, glance) | scan16(text + len - 16, glance) << (len - 16);
    for (size_t at = 16; at + 16 < len; at += 16)
        dots |= scan16(text + at, glance) << at;
    return dots;
}

/* Logs that keep the case of names are few; what is hashed is hashed more than once. */
static inline void plain_name_lower(struct plain_name *plain)
{
    for (size_t i = 0; i < plain->readable; i++)
        plain->block[i] = byte_lower(plain->text[i]);
    plain->text = plain->block;
}

/*
 * False if the name is not plain: empty, long, not ASCII, with a port or user, or if it does not end in a letter, as
 * every IPv4 address and bracket does.
 */
static inline bool plain_name_read(slice name, struct plain_name *plain)
{
    struct glance glance = {0};
    size_t len = name.len > 0 && name.ptr[name.len - 1] == '.' ? name.len - 1 : name.len;
    if (len == 0 || len > QUICK_NAME_MAX)
        return false;
    char last = byte_lower(name.ptr[len - 1]);
    plain->text = name.ptr;
    plain->len = plain->readable = len;
    if (len < 8) {
        uint64_t word = htole64(load_few(name.ptr, len));
        memcpy(plain->block, &word, sizeof(word));
        plain->text = plain->block;
        plain->readable = 8;
    }
    plain->dots = scan_name(plain->text, plain->readable, &glance);
    if (__builtin_expect(glance.capitals != 0, 0))
        plain_name_lower(plain);
    return glance.odd == 0 && last >= 'a' && last <= 'z';
}

/* The lowest `bytes` bytes of a word. */
static inline uint64_t keep(uint64_t word, size_t bytes)
{
    return bytes >= 8 ? word : word & ((UINT64_C(1) << (8 * bytes)) - 1);
}

/* Eight bytes from a place that is readable, though fewer may be behind it: never reads past the name. */
static inline uint64_t load_within(const struct plain_name *plain, size_t from)
{
    size_t at = from < plain->readable - 8 ? from : plain->readable - 8;
    return load8(plain->text + at) >> (8 * (from - at) & 63);
}

/* The states of a name after each sixteen bytes from its end; rule 2 of key.h. */
struct name_states {
    uint64_t after[QUICK_NAME_MAX / KEY_STEP];
};

static inline void name_states_make(
        const struct key_hasher *hasher, const struct plain_name *plain, struct name_states *states)
{
    uint64_t state = states->after[0] = hasher->seed[KEY_NAME];
    size_t count = 1;
    for (size_t left = plain->len; left > KEY_STEP; left -= KEY_STEP) {
        const char *at = plain->text + left - KEY_STEP;
        state = hash_mix(state ^ load8(at), load8(at + 8) ^ hasher->key.a);
        states->after[count++] = state;
    }
}

/* key_name_hash() of the suffix that begins at `from`, without branches. */
static inline uint64_t suffix_hash(
        const struct key_hasher *hasher, const struct plain_name *plain, const struct name_states *states, size_t from)
{
    size_t len = plain->len - from, steps = (len - 1) / KEY_STEP, rest = len - steps * KEY_STEP;
    uint64_t low = keep(load_within(plain, from), rest);
    uint64_t high = rest > 8 ? keep(load_within(plain, from + 8), rest - 8) : 0;
    return hash_mix(states->after[steps] ^ low, (high ^ hasher->key.b) + len);
}
