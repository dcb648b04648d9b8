/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scan with 64-byte registers. A class is one comparison, positions are packed by the machine itself, and rules 1
 * to 6 of scan_core.h are two table look-ups: each byte has a kind and says which kinds it forbids behind it.
 */
#include <immintrin.h>

#include "json/scan_state.h"

enum kind {
    OPENING = 1, /* quote */
    OBJECT_OPEN = 2,
    ARRAY_OPEN = 4,
    OBJECT_CLOSE = 8,
    ARRAY_CLOSE = 16,
    COLON = 32,
    COMMA = 64,
    SCALAR = 128,
    BRACKET = OBJECT_OPEN | ARRAY_OPEN | OBJECT_CLOSE | ARRAY_CLOSE,
    VALUE = OPENING | OBJECT_OPEN | ARRAY_OPEN | SCALAR,
    FORBIDDEN = 0xFF,
    END = COMMA | OBJECT_CLOSE | ARRAY_CLOSE,
};

/* "All bytes are like this, but for those": GNU C, and the plainest way to say it. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Woverride-init"

/* What a byte is outside of strings. Blanks are forbidden behind everything; a newline behind nothing (what it follows
 * is checked per line). */
static const uint8_t kind_of[128] = {
        [0x00 ... 0x20] = FORBIDDEN,
        ['\n'] = 0,
        [0x21 ... 0x7F] = SCALAR,
        ['"'] = 0,
        ['{'] = OBJECT_OPEN,
        ['}'] = OBJECT_CLOSE,
        ['['] = ARRAY_OPEN,
        [']'] = ARRAY_CLOSE,
        [':'] = COLON,
        [','] = COMMA,
};

/* What may not stand behind it; the quote is the one that ends a string. */
static const uint8_t forbidden_after[128] = {
        [0x21 ... 0x7F] = (uint8_t) ~(SCALAR | END),
        ['"'] = (uint8_t) ~(COLON | END),
        ['{'] = (uint8_t) ~(OPENING | OBJECT_CLOSE),
        ['}'] = (uint8_t)~END,
        ['['] = (uint8_t) ~(VALUE | ARRAY_CLOSE),
        [']'] = (uint8_t)~END,
        [':'] = (uint8_t)~VALUE,
        [','] = (uint8_t)~VALUE,
        ['\n'] = (uint8_t)~OBJECT_OPEN,
};

/* What is rare, and decided elsewhere. */
static const uint8_t specials[128] = {
        [0x00 ... 0x1F] = 0x80,
        ['\n'] = 0,
        ['\\'] = 0x80,
};

#pragma GCC diagnostic pop

struct group {
    __m512i bytes, kind, before, forbidden;
    uint64_t quote, newline, after_item_start, tokens, scalar, wordy, zero_start;
    bool special; /* somewhere a control character, a backslash, or a byte above 0x7F */
    bool odd;
};

struct group_carry {
    __m512i kind, forbidden;
};

static inline struct group_carry group_begin(void)
{
    return (struct group_carry){_mm512_setzero_si512(), _mm512_set1_epi8((char)~OBJECT_OPEN)};
}

static inline __m512i look_up(const uint8_t table[128], __m512i bytes)
{
    return _mm512_permutex2var_epi8(_mm512_loadu_si512(table), bytes, _mm512_loadu_si512(table + 64));
}

static inline uint64_t are(__m512i bytes, char c)
{
    return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(c));
}

static inline struct group group_load(const char *at)
{
    __m512i bytes = _mm512_loadu_si512(at);
    return (struct group){
            .bytes = bytes,
            .quote = are(bytes, '"'),
            .newline = are(bytes, '\n'),
            .special = _mm512_movepi8_mask(_mm512_or_si512(bytes, look_up(specials, bytes))) != 0,
    };
}

static inline uint64_t group_backslashes(const struct group *g)
{
    return are(g->bytes, '\\');
}

static const uint8_t places[64] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
        24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51,
        52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};

/* Each byte is the one before it; the first is the last of the group before. */
static inline __m512i one_before(__m512i now, __m512i last)
{
    __m512i from = _mm512_add_epi8(_mm512_loadu_si512(places), _mm512_set1_epi8(63)); /* 63, then 64 and on */
    return _mm512_permutex2var_epi8(last, from, now);
}

static inline __mmask64 has(__m512i kinds, int which)
{
    return _mm512_test_epi8_mask(kinds, _mm512_set1_epi8((char)which));
}

static inline void group_strings(
        struct group *g, uint64_t in_string, uint64_t quotes, uint64_t valid, struct group_carry *carry)
{
    __m512i bytes = g->bytes;
    /* The tables know seven bits: a byte above them, outside of strings, is a blank to them, and that is odd. */
    __m512i seven = _mm512_maskz_mov_epi8(~_mm512_movepi8_mask(bytes), bytes);
    g->kind = _mm512_maskz_mov_epi8(~(in_string | quotes) & valid, look_up(kind_of, seven));
    g->kind = _mm512_mask_mov_epi8(g->kind, quotes & in_string, _mm512_set1_epi8(OPENING));
    g->before = one_before(g->kind, carry->kind);
    __m512i forbidden = _mm512_maskz_mov_epi8(~in_string, look_up(forbidden_after, bytes));
    g->forbidden = one_before(forbidden, carry->forbidden);
    *carry = (struct group_carry){g->kind, forbidden};
    g->after_item_start = has(g->before, COMMA | OBJECT_OPEN);
    g->scalar = has(g->kind, SCALAR);
    g->wordy =
            _mm512_mask_cmpgt_epu8_mask(g->scalar, _mm512_sub_epi8(bytes, _mm512_set1_epi8('0')), _mm512_set1_epi8(9));
    g->zero_start =
            _mm512_mask_cmpeq_epi8_mask(has(g->before, COLON | COMMA | ARRAY_OPEN), bytes, _mm512_set1_epi8('0'));
}

/*
 * What stands behind an item's string is a token, whatever it is (rule 3 leaves colon, comma and `]`); elsewhere
 * brackets are, and scalars behind a comma. A colon is forbidden elsewhere, a `}` behind an item's string.
 */
static inline void group_items(struct group *g, uint64_t after_item)
{
    __m512i after_comma = _mm512_add_epi8(g->before, g->before); /* COMMA becomes SCALAR */
    __m512i brackets = _mm512_and_si512(g->kind, _mm512_set1_epi8(BRACKET | COLON));
    __m512i scalars = _mm512_and_si512(_mm512_and_si512(g->kind, after_comma), _mm512_set1_epi8((char)SCALAR));
    __m512i tokens = _mm512_mask_mov_epi8(_mm512_or_si512(brackets, scalars), after_item, g->kind);
    __m512i forbidden = _mm512_mask_blend_epi8(after_item, _mm512_set1_epi8(COLON), _mm512_set1_epi8(OBJECT_CLOSE));
    g->tokens = _mm512_test_epi8_mask(tokens, tokens);
    g->forbidden = _mm512_or_si512(g->forbidden, forbidden);
    g->odd = _mm512_test_epi8_mask(g->kind, g->forbidden) != 0;
}

static inline struct scan_note group_note(const struct group *g, uint64_t valid)
{
    __mmask64 control = _mm512_cmplt_epu8_mask(g->bytes, _mm512_set1_epi8(0x20)) & ~g->newline;
    return (struct scan_note){
            .odd = (_mm512_test_epi8_mask(g->kind, g->forbidden) | control) & valid,
            .high = _mm512_movepi8_mask(g->bytes) & valid,
            .backslash = are(g->bytes, '\\') & valid,
    };
}

static inline uint64_t prefix_xor(uint64_t bits)
{
    __m128i ones = _mm_set1_epi8((char)0xFF);
    return (uint64_t)_mm_cvtsi128_si64(_mm_clmulepi64_si128(_mm_set_epi64x(0, (int64_t)bits), ones, 0));
}

static inline uint32_t *positions_put(uint32_t *to, uint32_t base, uint64_t bits)
{
    __m512i packed = _mm512_maskz_compress_epi8(bits, _mm512_loadu_si512(places));
    __m512i first = _mm512_set1_epi32((int)base);
    int count = __builtin_popcountll(bits);
    _mm512_storeu_si512(to, _mm512_add_epi32(first, _mm512_cvtepu8_epi32(_mm512_castsi512_si128(packed))));
    if (__builtin_expect(count > 16, 0)) {
        _mm512_storeu_si512(
                to + 16, _mm512_add_epi32(first, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 1))));
        _mm512_storeu_si512(
                to + 32, _mm512_add_epi32(first, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 2))));
        _mm512_storeu_si512(
                to + 48, _mm512_add_epi32(first, _mm512_cvtepu8_epi32(_mm512_extracti32x4_epi32(packed, 3))));
    }
    return to + count;
}

#include "json/scan_core.h"

void scan_words_avx512(struct json_scan *scan)
{
    scan_groups(scan);
}
