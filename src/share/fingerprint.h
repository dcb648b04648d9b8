/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Fingerprints: what two people read to each other on the telephone, so that no one in between can pass off another key
 * as that of a node. 128 bits of a hash of the node's id and its identity key, as eight words that can be spoken in
 * Bahasa Indonesia, English and Chinese alike, or as eight groups of five digits; both say the same.
 *
 * A word is three syllables of a consonant and a vowel, 45 * 45 * 45 of them for 16 bits. The nine consonants are those
 * that few people take for each other: one of each pair such as b and p, l and r.
 *
 * The hash is taken again and again, so that who looks for a key whose fingerprint is alike pays that for each.
 */
#include "base/key.h"

struct arena;

#define FINGERPRINT_PARTS 8
#define FINGERPRINT_ROUNDS 4096   /* some milliseconds; 12 bits of work for who searches */
#define FINGERPRINT_TYPED_MAX 256 /* bytes of one that was typed */

struct share_fingerprint {
    uint16_t parts[FINGERPRINT_PARTS];
};

struct share_fingerprint share_fingerprint(slice node, const struct key_public *identity);
/* One for two nodes, the same for both: who compares it confirms both directions in one call. */
struct share_fingerprint share_fingerprint_common(
        const struct share_fingerprint *one, const struct share_fingerprint *other);
/* "batiku mosane ...": eight words. */
slice share_fingerprint_words(const struct share_fingerprint *fingerprint, struct arena *arena);
/* "01234 56789 ...": eight groups. */
slice share_fingerprint_digits(const struct share_fingerprint *fingerprint, struct arena *arena);
/* One that somebody typed, as words or as digits; case, blanks and hyphens do not count. False if it is none. */
bool share_fingerprint_parse(slice typed, struct share_fingerprint *fingerprint);
bool share_fingerprint_eq(const struct share_fingerprint *one, const struct share_fingerprint *other);
