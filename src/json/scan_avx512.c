/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scan with 64-byte registers: the rules of scan_core.h on eight groups at a time, a stretch. Each byte becomes a
 * code, one bit for each class that it belongs to; then bytes and bits change places, so that each class becomes a
 * bitmap of 512 bits, a group in each lane. The rules cost next to nothing, being spoken once for all eight.
 *
 * Nothing here branches on what usually varies, for the reason told in scan_core.h. What is rare has a branch for a
 * whole stretch: backslashes, control characters, bytes above 0x7F, and lines that break a rule. The way from a byte to
 * what it means is long, so it is gone in two steps, each on several stretches.
 */
#include <immintrin.h>

#include "json/scan_state.h"

/* The classes. VARIANT tells apart two that share one. */
enum {
    MARK = 1,     /* a quote; the variant: a newline */
    SPECIAL = 2,  /* a backslash or control character */
    OPEN = 4,     /* [ and the variant { */
    CLOSE = 8,    /* ] and the variant } */
    BETWEEN = 16, /* a comma and the variant : */
    WORD = 32,    /* what else a scalar may hold, */
    DIGIT = 64,   /* and digits; the variant: zero */
    VARIANT = 128,
};

/* "All bytes are like this, but for those": GNU C, and the plainest way to say it. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Woverride-init"

/* A blank is nothing. */
static const uint8_t codes[128] = {
        [0x00 ... 0x1F] = SPECIAL,
        [0x20] = 0,
        [0x21 ... 0x7F] = WORD,
        ['1' ... '9'] = DIGIT,
        ['0'] = DIGIT | VARIANT,
        ['"'] = MARK,
        ['\n'] = MARK | VARIANT,
        ['\\'] = SPECIAL,
        ['['] = OPEN,
        ['{'] = OPEN | VARIANT,
        [']'] = CLOSE,
        ['}'] = CLOSE | VARIANT,
        [','] = BETWEEN,
        [':'] = BETWEEN | VARIANT,
};

#pragma GCC diagnostic pop

/* One piece of work: what is handed on stays in registers. */
#define EACH_ITS_OWN static inline __attribute__((always_inline))

enum { STRETCH = 8, STRETCH_BYTES = 64 * STRETCH, STRETCHES = 8 };

typedef __m512i lanes; /* 64 bits for each group of a stretch */

static inline lanes both(lanes a, lanes b)
{
    return _mm512_and_si512(a, b);
}

static inline lanes either(lanes a, lanes b)
{
    return _mm512_or_si512(a, b);
}

static inline lanes but_not(lanes a, lanes b)
{
    return _mm512_andnot_si512(b, a);
}

static inline bool any(lanes bits)
{
    return _mm512_test_epi64_mask(bits, bits) != 0;
}

/* The bits one place up, from lane to lane; *last is of the stretch before, and becomes that of this one. */
static inline lanes next_to(lanes now, lanes *last)
{
    lanes from = _mm512_alignr_epi64(now, *last, 7);
    *last = now;
    return _mm512_shldi_epi64(now, from, 1);
}

/* What one stretch hands on to the next; of bitmaps only the last bit counts. */
struct carry {
    uint64_t escaped;   /* 1: the next byte is escaped */
    uint64_t in_string; /* 1: the next byte is in a string, unless it is a quote */
    uint64_t item;      /* 1: and that string stands behind `{` or a comma */
    lanes between, open, variant, ended, scalar, newline, item_end, word, zero;
};

struct stretch {
    const char *at;
    bool special; /* holds a backslash, a control character, or a byte above 0x7F */
    lanes mark, specials, open, close, between, word, digit, variant; /* as they stand, in strings or not */
    lanes quotes, newlines, in_string, broken;
    lanes tokens, looked_at, odd;
    uint64_t escapes[STRETCH]; /* backslashes that begin one; if special */
};

/* ---- From bytes to bitmaps ---- */

/* Byte n of each eight has bit n. As a matrix of bits it turns a byte around. */
#define DIAGONAL _mm512_set1_epi64(INT64_C(0x8040201008040201))

/* Byte n of each eight becomes bit n of the codes of these eight bytes, the last byte's lowest. */
static inline __m512i group_planes(__m512i bytes)
{
    __m512i seven = _mm512_min_epu8(bytes, _mm512_set1_epi8(0x7F)); /* those above are words, outside of strings */
    __m512i code = _mm512_permutex2var_epi8(_mm512_loadu_si512(codes), seven, _mm512_loadu_si512(codes + 64));
    return _mm512_gf2p8affine_epi64_epi8(DIAGONAL, code, 0);
}

/* Of two groups, four planes: in which order their bytes make up words of 64 bits. */
#define PLANE_WORD_OF(n) (n), (n) + 8, (n) + 16, (n) + 24, (n) + 32, (n) + 40, (n) + 48, (n) + 56
#define PLANE_PAIR(n) PLANE_WORD_OF(n), PLANE_WORD_OF((n) + 64)
static const uint8_t planes_low[64] = {PLANE_PAIR(0), PLANE_PAIR(1), PLANE_PAIR(2), PLANE_PAIR(3)};
static const uint8_t planes_high[64] = {PLANE_PAIR(4), PLANE_PAIR(5), PLANE_PAIR(6), PLANE_PAIR(7)};

/* Four planes of two groups, four times, become four planes of eight groups. */
static inline void planes_put(const __m512i pairs[4], lanes *first, lanes *second, lanes *third, lanes *fourth)
{
    __m512i a = _mm512_shuffle_i64x2(pairs[0], pairs[1], 0x44), b = _mm512_shuffle_i64x2(pairs[2], pairs[3], 0x44);
    __m512i c = _mm512_shuffle_i64x2(pairs[0], pairs[1], 0xEE), d = _mm512_shuffle_i64x2(pairs[2], pairs[3], 0xEE);
    *first = _mm512_gf2p8affine_epi64_epi8(_mm512_shuffle_i64x2(a, b, 0x88), DIAGONAL, 0);
    *second = _mm512_gf2p8affine_epi64_epi8(_mm512_shuffle_i64x2(a, b, 0xDD), DIAGONAL, 0);
    *third = _mm512_gf2p8affine_epi64_epi8(_mm512_shuffle_i64x2(c, d, 0x88), DIAGONAL, 0);
    *fourth = _mm512_gf2p8affine_epi64_epi8(_mm512_shuffle_i64x2(c, d, 0xDD), DIAGONAL, 0);
}

EACH_ITS_OWN void stretch_planes(struct stretch *stretch)
{
    const __m512i low = _mm512_loadu_si512(planes_low), high = _mm512_loadu_si512(planes_high);
    __m512i lows[4], highs[4], all = _mm512_setzero_si512();
    for (int i = 0; i < 4; i++) {
        __m512i even = _mm512_loadu_si512(stretch->at + 128 * i), odd = _mm512_loadu_si512(stretch->at + 128 * i + 64);
        __m512i planes = group_planes(even), more = group_planes(odd);
        all = either(all, either(even, odd));
        lows[i] = _mm512_permutex2var_epi8(planes, low, more);
        highs[i] = _mm512_permutex2var_epi8(planes, high, more);
    }
    planes_put(lows, &stretch->mark, &stretch->specials, &stretch->open, &stretch->close);
    planes_put(highs, &stretch->between, &stretch->word, &stretch->digit, &stretch->variant);
    stretch->special = any(either(both(all, _mm512_set1_epi8((char)0x80)), stretch->specials));
}

/* ---- Strings ---- */

/* A bit for each byte of the group at `at` that holds this one, or has its highest bit set. */
static inline uint64_t are(const char *at, char c)
{
    return _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(at), _mm512_set1_epi8(c));
}

static inline uint64_t are_high(const char *at)
{
    return _mm512_movepi8_mask(_mm512_loadu_si512(at));
}

/* Quotes that a backslash escapes are none. */
static lanes quotes_unescape(struct stretch *stretch, lanes quotes, struct carry *carry)
{
    uint64_t bits[STRETCH];
    _mm512_storeu_si512(bits, quotes);
    for (int i = 0; i < STRETCH; i++)
        bits[i] &= ~escaped_bytes(are(stretch->at + 64 * i, '\\'), &carry->escaped, &stretch->escapes[i]);
    return _mm512_loadu_si512(bits);
}

/* A newline ends every string, and is odd there. */
static lanes strings_break(struct stretch *stretch, lanes parity, lanes newlines, uint64_t in_string)
{
    uint64_t bits[STRETCH], ends[STRETCH], broken[STRETCH] = {0};
    in_string = -in_string;
    _mm512_storeu_si512(bits, parity);
    _mm512_storeu_si512(ends, newlines);
    for (int i = 0; i < STRETCH; i++)
        bits[i] = string_bytes(bits[i], ends[i], &in_string, &broken[i]);
    stretch->broken = _mm512_loadu_si512(broken);
    return _mm512_loadu_si512(bits);
}

/* Bit i of each lane = parity of its bits 0 to i. */
static inline lanes lanes_prefix_xor(lanes bits)
{
    __m512i all = _mm512_set1_epi64(-1);
    __m512i even = _mm512_clmulepi64_epi128(bits, all, 0x00), odd = _mm512_clmulepi64_epi128(bits, all, 0x01);
    return _mm512_unpacklo_epi64(even, odd);
}

EACH_ITS_OWN void stretch_strings(struct stretch *stretch, struct carry *carry)
{
    lanes newlines = both(stretch->mark, stretch->variant), quotes = but_not(stretch->mark, stretch->variant);
    stretch->broken = _mm512_setzero_si512();
    if (__builtin_expect(stretch->special | (carry->escaped != 0), 0))
        quotes = quotes_unescape(stretch, quotes, carry);
    lanes parity = lanes_prefix_xor(quotes);
    uint32_t ends = _mm512_movepi64_mask(parity); /* lanes at whose end it has changed */
    ends ^= ends << 1;
    ends ^= ends << 2;
    ends ^= ends << 4;
    uint32_t turned = ends << 1 ^ -(uint32_t)carry->in_string;
    lanes in_string = _mm512_mask_xor_epi64(parity, (__mmask8)turned, parity, _mm512_set1_epi64(-1));
    if (__builtin_expect(any(both(in_string, newlines)), 0))
        in_string = strings_break(stretch, parity, newlines, carry->in_string);
    carry->in_string = (uint64_t)_mm512_movepi64_mask(in_string) >> 7;
    stretch->in_string = in_string;
    stretch->quotes = quotes;
    stretch->newlines = newlines;
}

/* ---- Grammar ---- */

/* a + b + *carry as one number of 512 bits; *carry becomes what does not fit. */
static inline lanes lanes_add(lanes a, lanes b, uint64_t *carry)
{
    lanes sum = _mm512_add_epi64(a, b), all = _mm512_set1_epi64(-1);
    uint64_t over = _mm512_cmplt_epu64_mask(sum, a), full = _mm512_cmpeq_epi64_mask(sum, all);
    uint64_t more = (over << 1 | *carry) + full; /* a full lane hands on what comes to it */
    *carry = more >> 8;
    return _mm512_mask_sub_epi64(sum, (__mmask8)(more ^ full), sum, all);
}

/* The end of a line is looked at per line; a colon belongs behind an item, and blanks behind nothing. */
EACH_ITS_OWN void stretch_grammar(struct stretch *stretch, struct carry *carry)
{
    lanes variant = stretch->variant, newline = stretch->newlines, in_string = stretch->in_string;
    lanes outside = but_not(_mm512_set1_epi64(-1), either(in_string, stretch->quotes));
    lanes opening = both(stretch->quotes, in_string), string_end = but_not(stretch->quotes, in_string);
    lanes open = both(stretch->open, outside), close = both(stretch->close, outside);
    lanes between = both(stretch->between, outside), word = both(stretch->word, outside);
    lanes scalar = both(either(stretch->word, stretch->digit), outside);
    lanes colon = both(between, variant), comma = but_not(between, variant);
    lanes value = either(opening, either(open, scalar)), end = either(newline, either(comma, close));

    lanes after_between = next_to(between, &carry->between), after_open = next_to(open, &carry->open);
    lanes after_variant = next_to(variant, &carry->variant);
    lanes after_object = both(after_open, after_variant), after_array = but_not(after_open, after_variant);
    lanes odd = but_not(after_between, value);
    odd = either(odd, but_not(after_array, either(value, but_not(close, variant))));
    odd = either(odd, but_not(after_object, either(opening, both(close, variant))));
    odd = either(odd, but_not(next_to(either(string_end, close), &carry->ended), either(end, colon)));
    odd = either(odd, but_not(next_to(scalar, &carry->scalar), either(end, scalar)));
    odd = either(odd, but_not(next_to(newline, &carry->newline), either(newline, both(open, variant))));

    /* Adding the opening quote of an item to the bytes of its string carries into its closing quote. */
    lanes after_comma = but_not(after_between, after_variant);
    lanes item = both(opening, either(after_comma, after_object));
    lanes item_end = both(lanes_add(in_string, item, &carry->item), string_end);
    lanes after_item = next_to(item_end, &carry->item_end);
    odd = either(odd, either(but_not(colon, after_item), both(after_item, both(close, variant))));
    stretch->odd = odd;

    lanes zero = both(both(stretch->digit, variant), either(after_between, after_array));
    lanes unnamed = either(both(after_comma, scalar), both(after_item, comma));
    stretch->tokens = either(either(either(open, close), either(colon, newline)), unnamed);
    stretch->looked_at = either(but_not(word, next_to(word, &carry->word)), both(next_to(zero, &carry->zero), scalar));
}

/* ---- From bits to places ---- */

static const uint8_t places[64] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
        24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51,
        52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};

/* The places of the bits, ascending; returns how many. Sixteen are written in any case. */
static inline uint32_t places_put(uint32_t *to, __m512i base, uint64_t bits)
{
    __m512i packed = _mm512_maskz_compress_epi8(bits, _mm512_loadu_si512(places));
    uint32_t count = (uint32_t)__builtin_popcountll(bits);
    _mm512_storeu_si512(to, _mm512_add_epi32(base, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(packed))));
    if (__builtin_expect(count > 16, 0)) {
        __m512i second = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 1));
        __m512i third = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 2));
        __m512i fourth = _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 3));
        _mm512_storeu_si512(to + 16, _mm512_add_epi32(base, second));
        _mm512_storeu_si512(to + 32, _mm512_add_epi32(base, third));
        _mm512_storeu_si512(to + 48, _mm512_add_epi32(base, fourth));
    }
    return count;
}

static void notes_put(struct json_scan *scan, const struct stretch *stretch, uint32_t base)
{
    uint64_t odd[STRETCH], newlines[STRETCH];
    _mm512_storeu_si512(odd, either(stretch->odd, stretch->broken));
    _mm512_storeu_si512(newlines, both(stretch->mark, stretch->variant));
    for (uint32_t i = 0; i < STRETCH; i++) {
        __m512i bytes = _mm512_loadu_si512(stretch->at + 64 * i);
        uint64_t control = _mm512_cmplt_epu8_mask(bytes, _mm512_set1_epi8(0x20)) & ~newlines[i];
        struct scan_note note = {
                .base = base + 64 * i,
                .odd = odd[i] | control,
                .high = are_high(stretch->at + 64 * i),
                .backslash = are(stretch->at + 64 * i, '\\'),
                .escapes = stretch->special ? stretch->escapes[i] : 0,
        };
        if ((note.odd | note.high | note.backslash) != 0)
            scan->notes[scan->note_count++] = note;
    }
}

/* ---- The block ---- */

EACH_ITS_OWN void stretch_put(struct json_scan *scan, const struct stretch *stretch, size_t base)
{
    _mm512_storeu_si512(scan->quotes + base / 64, stretch->quotes);
    _mm512_storeu_si512(scan->newlines + base / 64, stretch->newlines);
    _mm512_storeu_si512(scan->token_bits + base / 64, stretch->tokens);
    _mm512_storeu_si512(scan->looked_at + base / 64, stretch->looked_at);
    scan->with_newlines[base / STRETCH_BYTES] = _mm512_test_epi64_mask(stretch->newlines, stretch->newlines);
    scan->with_looks[base / STRETCH_BYTES] = _mm512_test_epi64_mask(stretch->looked_at, stretch->looked_at);
    if (__builtin_expect(stretch->special | any(either(stretch->odd, stretch->broken)), 0))
        notes_put(scan, stretch, (uint32_t)base);
}

/* Stretches that follow one another, from this place in the block. */
EACH_ITS_OWN void stretches_scan(
        struct json_scan *scan, const char *text, size_t count, size_t base, struct carry *carry)
{
    struct stretch stretches[STRETCHES]; /* each step sets what the next one reads */
    for (size_t i = 0; i < count; i++) {
        stretches[i].at = text + STRETCH_BYTES * i;
        stretch_planes(&stretches[i]);
        stretch_strings(&stretches[i], carry);
    }
    for (size_t i = 0; i < count; i++) {
        stretch_grammar(&stretches[i], carry);
        stretch_put(scan, &stretches[i], base + STRETCH_BYTES * i);
    }
}

static void tokens_put(struct json_scan *scan)
{
    const uint64_t *bits = scan->token_bits;
    uint32_t *tokens = scan->tokens, *before = scan->tokens_before, count = 0;
    __m512i base = _mm512_setzero_si512(), step = _mm512_set1_epi32(64);
    size_t groups = scan->group_count;
    for (size_t i = 0; i < groups; i++) {
        before[i] = count;
        count += places_put(tokens + count, base, bits[i]);
        base = _mm512_add_epi32(base, step);
    }
    scan->token_count = count;
}

void scan_words_avx512(struct json_scan *scan)
{
    struct carry carry = {.newline = _mm512_set1_epi64(-1)};
    size_t at = 0;
    for (; scan->bytes - at >= STRETCHES * STRETCH_BYTES; at += STRETCHES * STRETCH_BYTES)
        stretches_scan(scan, scan->block + at, STRETCHES, at, &carry);
    if (at < scan->bytes) {
        char rest[(STRETCHES + 1) * STRETCH_BYTES]; /* the blanks behind it are odd, but in no line */
        size_t count = (scan->bytes - at + STRETCH_BYTES - 1) / STRETCH_BYTES;
        memcpy(rest, scan->block + at, scan->bytes - at);
        memset(rest + scan->bytes - at, ' ', STRETCH_BYTES);
        stretches_scan(scan, rest, count, at, &carry);
    }
    tokens_put(scan);
    scan_lines(scan);
}

uint64_t newlines_count_avx512(slice text)
{
    uint64_t count = 0;
    size_t at = 0;
    for (; text.len - at >= 64; at += 64)
        count += (uint64_t)__builtin_popcountll(are(text.ptr + at, '\n'));
    return count + newlines_count_scalar(slice_from(text, at));
}
