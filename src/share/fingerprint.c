/* SPDX-License-Identifier: Apache-2.0 */
#include "share/fingerprint.h"

#include "base/arena.h"
#include "base/hash.h"

static const char consonants[] = "bjklmnstw";
static const char vowels[] = "aeiou";

#define SYLLABLES 45
#define WORD_LETTERS 6
#define GROUP_DIGITS 5

/* ---- The hash ---- */

static struct share_fingerprint cut(const struct sha256 *sum)
{
    struct share_fingerprint fingerprint;
    for (size_t i = 0; i < FINGERPRINT_PARTS; i++)
        fingerprint.parts[i] = (uint16_t)(sum->bytes[2 * i] << 8 | sum->bytes[2 * i + 1]);
    return fingerprint;
}

/* `about` goes into each round, so that no two of these chains ever run together. */
static struct sha256 slow_hash(slice domain, slice about)
{
    struct sha256 sum = {{0}};
    for (unsigned round = 0; round < FINGERPRINT_ROUNDS; round++) {
        struct sha256_sum *next = hash_sha256_begin();
        hash_sha256_put(next, domain);
        hash_sha256_put(next, sha256_slice(&sum));
        hash_sha256_put(next, about);
        sum = hash_sha256_end(next);
    }
    return sum;
}

struct share_fingerprint share_fingerprint(slice node, const struct key_public *identity)
{
    struct buf about = buf_make(node.len + sizeof identity->bytes);
    buf_put(&about, (slice){(const char *)identity->bytes, sizeof identity->bytes});
    buf_put(&about, node);
    struct sha256 sum = slow_hash(S("kentongan fingerprint/1\n"), buf_slice(&about));
    buf_free(&about);
    return cut(&sum);
}

static int order(const struct share_fingerprint *one, const struct share_fingerprint *other)
{
    size_t i = 0;
    while (i < FINGERPRINT_PARTS - 1 && one->parts[i] == other->parts[i])
        i++;
    return (int)one->parts[i] - (int)other->parts[i];
}

struct share_fingerprint share_fingerprint_common(
        const struct share_fingerprint *one, const struct share_fingerprint *other)
{
    const struct share_fingerprint *rows[] = {one, other};
    uint8_t both[2 * 2 * FINGERPRINT_PARTS];
    if (order(one, other) > 0) {
        rows[0] = other;
        rows[1] = one;
    }
    for (size_t i = 0; i < 2 * FINGERPRINT_PARTS; i++) {
        uint16_t part = rows[i / FINGERPRINT_PARTS]->parts[i % FINGERPRINT_PARTS];
        both[2 * i] = (uint8_t)(part >> 8);
        both[2 * i + 1] = (uint8_t)part;
    }
    struct sha256 sum = slow_hash(S("kentongan safety/1\n"), (slice){(const char *)both, sizeof both});
    return cut(&sum);
}

bool share_fingerprint_eq(const struct share_fingerprint *one, const struct share_fingerprint *other)
{
    return order(one, other) == 0;
}

/* ---- Words and digits ---- */

static void word_put(struct buf *buf, unsigned part)
{
    static const unsigned places[] = {SYLLABLES * SYLLABLES, SYLLABLES, 1};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        unsigned syllable = part / places[i] % SYLLABLES;
        buf_byte(buf, consonants[syllable / 5]);
        buf_byte(buf, vowels[syllable % 5]);
    }
}

static void group_put(struct buf *buf, unsigned part)
{
    buf_printf(buf, "%05u", part);
}

static slice shown(
        const struct share_fingerprint *fingerprint, void (*put)(struct buf *buf, unsigned part), struct arena *arena)
{
    struct buf buf = buf_make(FINGERPRINT_TYPED_MAX);
    for (size_t i = 0; i < FINGERPRINT_PARTS; i++) {
        if (i > 0)
            buf_byte(&buf, ' ');
        put(&buf, fingerprint->parts[i]);
    }
    slice text = arena_copy(arena, buf_slice(&buf));
    buf_free(&buf);
    return text;
}

slice share_fingerprint_words(const struct share_fingerprint *fingerprint, struct arena *arena)
{
    return shown(fingerprint, word_put, arena);
}

slice share_fingerprint_digits(const struct share_fingerprint *fingerprint, struct arena *arena)
{
    return shown(fingerprint, group_put, arena);
}

/* ---- What was typed ---- */

static bool word_get(const char *at, unsigned *part)
{
    unsigned value = 0;
    for (size_t i = 0; i < WORD_LETTERS; i += 2) {
        const char *consonant = strchr(consonants, at[i]), *vowel = strchr(vowels, at[i + 1]);
        if (consonant == NULL || vowel == NULL)
            return false;
        value = value * SYLLABLES + (unsigned)(consonant - consonants) * 5 + (unsigned)(vowel - vowels);
    }
    *part = value;
    return true;
}

static bool group_get(const char *at, unsigned *part)
{
    uint64_t value;
    if (!slice_u64((slice){at, GROUP_DIGITS}, UINT16_MAX, &value))
        return false;
    *part = (unsigned)value;
    return true;
}

static bool parts_get(
        slice text, size_t width, bool (*get)(const char *at, unsigned *part), struct share_fingerprint *fingerprint)
{
    struct share_fingerprint read;
    if (text.len != width * FINGERPRINT_PARTS)
        return false;
    for (size_t i = 0; i < FINGERPRINT_PARTS; i++) {
        unsigned part;
        if (!get(text.ptr + i * width, &part) || part > UINT16_MAX)
            return false;
        read.parts[i] = (uint16_t)part;
    }
    *fingerprint = read;
    return true;
}

bool share_fingerprint_parse(slice typed, struct share_fingerprint *fingerprint)
{
    char text[FINGERPRINT_TYPED_MAX];
    size_t len = 0;
    if (typed.len > sizeof text)
        return false;
    for (size_t i = 0; i < typed.len; i++) {
        if (typed.ptr[i] == '\0')
            return false;
        if (!byte_is_blank(typed.ptr[i]) && typed.ptr[i] != '-')
            text[len++] = byte_lower(typed.ptr[i]);
    }
    return parts_get((slice){text, len}, WORD_LETTERS, word_get, fingerprint) ||
           parts_get((slice){text, len}, GROUP_DIGITS, group_get, fingerprint);
}
