/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What the three scans share: the block being scanned, and the rare things noted for later. Private to json/scan*. */
#include "json/scan.h"

void scan_words_scalar(struct json_scan *scan);
void scan_words_avx2(struct json_scan *scan);
void scan_words_avx512(struct json_scan *scan);

/* Something about the 64 bytes at `base` that their lines' flags depend on. */
struct scan_note {
    uint32_t base;
    uint64_t odd, high, backslash;
    uint64_t escapes; /* the backslashes that begin an escape */
};

/* The bits one place up, with the last bit of the group before. */
static inline uint64_t after(uint64_t bits, uint64_t *carry)
{
    uint64_t shifted = bits << 1 | *carry;
    *carry = bits >> 63;
    return shifted;
}
