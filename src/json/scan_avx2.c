/* SPDX-License-Identifier: Apache-2.0 */
/* The scan with 32-byte registers. */
#include <immintrin.h>

#include "json/scan_bitmaps.h"

static inline uint64_t both(__m256i low, __m256i high)
{
    return (uint32_t)_mm256_movemask_epi8(low) | (uint64_t)(uint32_t)_mm256_movemask_epi8(high) << 32;
}

static inline __m256i at_most(__m256i bytes, char most)
{
    return _mm256_cmpeq_epi8(_mm256_min_epu8(bytes, _mm256_set1_epi8(most)), bytes);
}

static inline struct group group_load(const char *at)
{
    __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)at);
    __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(at + 32));
    __m256i zero = _mm256_set1_epi8('0');
#define IS(c) both(_mm256_cmpeq_epi8(low, _mm256_set1_epi8(c)), _mm256_cmpeq_epi8(high, _mm256_set1_epi8(c)))
    struct group g = {
            .quote = IS('"'),
            .backslash = IS('\\'),
            .newline = IS('\n'),
            .object_open = IS('{'),
            .object_close = IS('}'),
            .array_open = IS('['),
            .array_close = IS(']'),
            .colon = IS(':'),
            .comma = IS(','),
            .zero = IS('0'),
            .blank = both(at_most(low, 0x20), at_most(high, 0x20)),
            .digit = both(at_most(_mm256_sub_epi8(low, zero), 9), at_most(_mm256_sub_epi8(high, zero), 9)),
            .control = both(at_most(low, 0x1F), at_most(high, 0x1F)),
            .high = both(low, high),
    };
#undef IS
    g.special = ((g.control & ~g.newline) | g.high | g.backslash) != 0;
    return g;
}

static inline uint64_t prefix_xor(uint64_t bits)
{
    __m128i ones = _mm_set1_epi8((char)0xFF);
    return (uint64_t)_mm_cvtsi128_si64(_mm_clmulepi64_si128(_mm_set_epi64x(0, (int64_t)bits), ones, 0));
}

/* Eight at a time without asking: most groups hold fewer, and what is written too much is written over. */
static inline uint32_t *positions_put(uint32_t *to, uint32_t base, uint64_t bits)
{
    uint32_t *end = to + __builtin_popcountll(bits);
    do {
        for (int i = 0; i < 8; i++) {
            to[i] = base + (uint32_t)_tzcnt_u64(bits);
            bits = _blsr_u64(bits);
        }
        to += 8;
    } while (bits != 0);
    return end;
}

#include "json/scan_core.h"

void scan_words_avx2(struct json_scan *scan)
{
    scan_groups(scan);
}

uint64_t newlines_count_avx2(slice text)
{
    const __m256i newline = _mm256_set1_epi8('\n');
    uint64_t count = 0;
    size_t at = 0;
    for (; text.len - at >= 64; at += 64) {
        __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)(text.ptr + at));
        __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)(text.ptr + at + 32));
        count +=
                (uint64_t)__builtin_popcountll(both(_mm256_cmpeq_epi8(low, newline), _mm256_cmpeq_epi8(high, newline)));
    }
    return count + newlines_count_scalar(slice_from(text, at));
}
