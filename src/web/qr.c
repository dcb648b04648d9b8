/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers of sections and tables are those of ISO/IEC 18004:2015. In this order: the text becomes codewords with error
 * correction, the fixed patterns are drawn, the codewords are laid around them, and of the eight masks the one with the
 * least penalty is taken.
 */
#include "web/qr.h"

#include <assert.h>

#define CODEWORDS_MAX 532 /* of version 13, all together */
#define BLOCKS_MAX 9
#define CORRECTION_MAX 30 /* codewords of a block */
#define MASKS 8

/* Table 9, level M: codewords of data and correction together, correction of a block, blocks. */
static const struct version {
    unsigned codewords, correction, blocks;
} versions[QR_VERSION_MAX + 1] = {{0, 0, 0}, {26, 10, 1}, {44, 16, 1}, {70, 26, 1}, {100, 18, 2}, {134, 24, 2},
        {172, 16, 4}, {196, 18, 4}, {242, 22, 4}, {292, 22, 5}, {346, 26, 5}, {404, 30, 5}, {466, 22, 8}, {532, 22, 9}};

/* Annex E: the middle one of the alignment patterns' places, if there is one; the first is 6, the last size - 7. */
static const unsigned middles[QR_VERSION_MAX + 1] = {0, 0, 0, 0, 0, 0, 0, 22, 24, 26, 28, 30, 32, 34};

struct drawing {
    struct qr *qr;
    unsigned version;
    bool fixed[QR_SIZE_MAX][QR_SIZE_MAX]; /* holds no data, and is not masked */
};

/* ---- Codewords ---- */

/* In GF(2^8) modulo x^8 + x^4 + x^3 + x^2 + 1 (section 7.5.2). */
static uint8_t multiply(uint8_t a, uint8_t b)
{
    unsigned product = 0;
    for (int bit = 7; bit >= 0; bit--) {
        product = product << 1 ^ (product >> 7) * 0x11d;
        product ^= (b >> bit & 1u) * a;
    }
    return (uint8_t)product;
}

/* The generator polynomial of that degree without its leading 1 (annex A): the product of all (x - 2^i). */
static void generator(unsigned degree, uint8_t *factors)
{
    uint8_t root = 1;
    memset(factors, 0, degree);
    factors[degree - 1] = 1;
    for (unsigned i = 0; i < degree; i++) {
        for (unsigned j = 0; j < degree; j++)
            factors[j] = (uint8_t)(multiply(factors[j], root) ^ (j + 1 < degree ? factors[j + 1] : 0));
        root = multiply(root, 2);
    }
}

void qr_correct(const uint8_t *data, size_t count, unsigned degree, uint8_t *correction)
{
    uint8_t factors[CORRECTION_MAX];
    generator(degree, factors);
    memset(correction, 0, degree);
    for (size_t i = 0; i < count; i++) {
        uint8_t factor = data[i] ^ correction[0];
        memmove(correction, correction + 1, degree - 1);
        correction[degree - 1] = 0;
        for (unsigned j = 0; j < degree; j++)
            correction[j] ^= multiply(factors[j], factor);
    }
}

static unsigned data_of(const struct version *version)
{
    return version->codewords - version->correction * version->blocks;
}

static unsigned length_bits(unsigned version)
{
    return version < 10 ? 8 : 16; /* table 3, bytes */
}

static unsigned version_for(size_t bytes)
{
    for (unsigned version = 1; version <= QR_VERSION_MAX; version++)
        if (8 * (size_t)data_of(&versions[version]) >= 4 + length_bits(version) + 8 * bytes)
            return version;
    return 0;
}

struct bits {
    uint8_t *bytes;
    size_t count;
};

static void put(struct bits *bits, unsigned value, unsigned width)
{
    while (width-- > 0) {
        bits->bytes[bits->count / 8] |= (uint8_t)((value >> width & 1) << (7 - bits->count % 8));
        bits->count++;
    }
}

/* Section 7.4: mode, length, bytes, an end, and what fills up. */
static void encode(slice text, unsigned version, struct bits *bits)
{
    size_t capacity = 8 * (size_t)data_of(&versions[version]);
    put(bits, 4, 4);
    put(bits, (unsigned)text.len, length_bits(version));
    for (size_t i = 0; i < text.len; i++)
        put(bits, (uint8_t)text.ptr[i], 8);
    put(bits, 0, capacity - bits->count < 4 ? (unsigned)(capacity - bits->count) : 4);
    put(bits, 0, (unsigned)(-bits->count % 8));
    for (unsigned pad = 0xec; bits->count < capacity; pad ^= 0xec ^ 0x11)
        put(bits, pad, 8);
}

/* Section 7.6: blocks of nearly one length, the longer ones last, their codewords taken in turn. */
static void interleave(const uint8_t *data, const struct version *version, uint8_t *all)
{
    uint8_t correction[BLOCKS_MAX][CORRECTION_MAX];
    unsigned total = data_of(version), least = total / version->blocks, longer = total % version->blocks;
    unsigned first = version->blocks - longer; /* of the longer ones */
    const uint8_t *at = data;
    for (unsigned block = 0; block < version->blocks; block++) {
        unsigned count = least + (block >= first);
        qr_correct(at, count, version->correction, correction[block]);
        for (unsigned i = 0; i < count; i++)
            all[i < least ? i * version->blocks + block : least * version->blocks + block - first] = at[i];
        at += count;
    }
    for (unsigned i = 0; i < version->correction; i++)
        for (unsigned block = 0; block < version->blocks; block++)
            all[total + i * version->blocks + block] = correction[block][i];
}

/* ---- Patterns ---- */

static void set(struct drawing *drawing, unsigned row, unsigned column, bool dark)
{
    drawing->qr->dark[row][column] = dark;
    drawing->fixed[row][column] = true;
}

static unsigned distance(unsigned a, unsigned b)
{
    return a > b ? a - b : b - a;
}

/* Rings around a middle, with the light one around a finder as far as it lies inside (sections 6.3.3, 6.3.4). */
static void rings(struct drawing *drawing, unsigned row, unsigned column, unsigned radius)
{
    unsigned size = drawing->qr->size;
    for (unsigned r = row < radius ? 0 : row - radius; r <= row + radius && r < size; r++)
        for (unsigned c = column < radius ? 0 : column - radius; c <= column + radius && c < size; c++) {
            unsigned down = distance(r, row), across = distance(c, column), ring = down > across ? down : across;
            set(drawing, r, c, radius == 4 ? ring != 2 && ring != 4 : ring != 1);
        }
}

static void alignment(struct drawing *drawing)
{
    unsigned last = drawing->qr->size - 7;
    const unsigned places[] = {6, middles[drawing->version], last};
    for (unsigned i = 0; drawing->version > 1 && i < 3; i++)
        for (unsigned j = 0; j < 3; j++) {
            bool corner = (i == 0 && j != 1) || (i == 2 && j == 0); /* a finder is there */
            if (places[i] != 0 && places[j] != 0 && !corner)
                rings(drawing, places[i], places[j], 2);
        }
}

/* The remainder of a value by a polynomial, both as bits (annexes C and D). */
static unsigned remainder_of(unsigned value, unsigned polynomial, unsigned degree)
{
    for (int bit = 31; bit >= (int)degree; bit--)
        if ((value >> bit & 1) != 0)
            value ^= polynomial << ((unsigned)bit - degree);
    return value;
}

unsigned qr_format(unsigned mask)
{
    unsigned data = mask; /* level M is 00 (table 12) */
    return (data << 10 | remainder_of(data << 10, 0x537, 10)) ^ 0x5412;
}

unsigned qr_version_bits(unsigned version)
{
    return version << 12 | remainder_of(version << 12, 0x1f25, 12);
}

/* Figure 25: twice, so that one may be damaged. */
static void draw_format(struct drawing *drawing, unsigned mask)
{
    unsigned bits = qr_format(mask), size = drawing->qr->size;
    for (unsigned i = 0; i < 15; i++) {
        bool dark = (bits >> i & 1) != 0;
        set(drawing, i < 6 ? i : i < 8 ? i + 1 : size - 15 + i, 8, dark);
        set(drawing, 8, i < 8 ? size - 1 - i : i < 9 ? 7 : 14 - i, dark);
    }
    set(drawing, size - 8, 8, true);
}

/* Figure 27. */
static void draw_version(struct drawing *drawing)
{
    unsigned bits = qr_version_bits(drawing->version), size = drawing->qr->size;
    for (unsigned i = 0; drawing->version >= 7 && i < 18; i++) {
        bool dark = (bits >> i & 1) != 0;
        set(drawing, size - 11 + i % 3, i / 3, dark);
        set(drawing, i / 3, size - 11 + i % 3, dark);
    }
}

static void draw_patterns(struct drawing *drawing)
{
    unsigned size = drawing->qr->size;
    for (unsigned i = 0; i < size; i++) { /* timing; the rest is drawn over it */
        set(drawing, 6, i, i % 2 == 0);
        set(drawing, i, 6, i % 2 == 0);
    }
    rings(drawing, 3, 3, 4);
    rings(drawing, 3, size - 4, 4);
    rings(drawing, size - 4, 3, 4);
    alignment(drawing);
    draw_format(drawing, 0);
    draw_version(drawing);
}

/* ---- Data ---- */

/* Section 7.7.3: two columns at a time, from the right, upwards and downwards in turn, past the timing column. */
static void lay(struct drawing *drawing, const uint8_t *all, unsigned codewords)
{
    unsigned size = drawing->qr->size, bit = 0;
    bool up = true;
    for (unsigned right = size - 1; right >= 1 && right < size; right -= right == 8 ? 3 : 2, up = !up)
        for (unsigned i = 0; i < 2 * size; i++) {
            unsigned row = up ? size - 1 - i / 2 : i / 2, column = right - i % 2;
            if (drawing->fixed[row][column] || bit == 8 * codewords)
                continue;
            drawing->qr->dark[row][column] = (all[bit / 8] >> (7 - bit % 8) & 1) != 0;
            bit++;
        }
}

/* Table 10. */
static bool masks(unsigned mask, unsigned row, unsigned column)
{
    unsigned product = row * column;
    switch (mask) {
    case 0:
        return (row + column) % 2 == 0;
    case 1:
        return row % 2 == 0;
    case 2:
        return column % 3 == 0;
    case 3:
        return (row + column) % 3 == 0;
    case 4:
        return (row / 2 + column / 3) % 2 == 0;
    case 5:
        return product % 2 + product % 3 == 0;
    case 6:
        return (product % 2 + product % 3) % 2 == 0;
    default:
        return ((row + column) % 2 + product % 3) % 2 == 0;
    }
}

/* Once more undoes it. */
static void apply(struct drawing *drawing, unsigned mask)
{
    for (unsigned row = 0; row < drawing->qr->size; row++)
        for (unsigned column = 0; column < drawing->qr->size; column++)
            drawing->qr->dark[row][column] ^= !drawing->fixed[row][column] && masks(mask, row, column);
    draw_format(drawing, mask);
}

/* ---- Penalties (table 11) ---- */

static bool at(const struct qr *qr, bool across, unsigned line, unsigned i)
{
    return across ? qr->dark[line][i] : qr->dark[i][line];
}

/* Of a row or column: runs of five and more, and what looks like a finder with four light ones beside it. */
static unsigned penalty_line(const struct qr *qr, bool across, unsigned line)
{
    unsigned penalty = 0, run = 0, window = 0;
    for (unsigned i = 0; i < qr->size; i++) {
        bool dark = at(qr, across, line, i);
        run = i > 0 && dark == at(qr, across, line, i - 1) ? run + 1 : 1;
        penalty += run == 5 ? 3 : run > 5;
        window = (window << 1 | dark) & 0x7ff;
        penalty += i >= 10 && (window == 0x05d || window == 0x5d0) ? 40 : 0;
    }
    return penalty;
}

static unsigned penalty(const struct qr *qr)
{
    unsigned sum = 0, dark = 0, all = qr->size * qr->size;
    assert(all > 0);
    for (unsigned i = 0; i < qr->size; i++) {
        sum += penalty_line(qr, true, i) + penalty_line(qr, false, i);
        for (unsigned j = 0; j < qr->size; j++) {
            bool one = qr->dark[i][j];
            dark += one;
            if (i > 0 && j > 0 && one == qr->dark[i - 1][j] && one == qr->dark[i][j - 1] &&
                    one == qr->dark[i - 1][j - 1])
                sum += 3;
        }
    }
    return sum + distance(dark * 100, all * 50) / (all * 5) * 10;
}

struct err qr_make(slice text, struct qr *qr)
{
    uint8_t data[CODEWORDS_MAX] = {0}, all[CODEWORDS_MAX] = {0};
    struct bits bits = {data, 0};
    struct drawing drawing = {.qr = qr, .version = version_for(text.len)};
    unsigned best = 0, least = UINT32_MAX;
    if (drawing.version == 0)
        return err_make(ERR_LIMIT, "the text is too long for a QR code");
    *qr = (struct qr){.size = 17 + 4 * drawing.version};
    encode(text, drawing.version, &bits);
    interleave(data, &versions[drawing.version], all);
    draw_patterns(&drawing);
    lay(&drawing, all, versions[drawing.version].codewords);
    for (unsigned mask = 0; mask < MASKS; mask++) {
        apply(&drawing, mask);
        unsigned here = penalty(qr);
        best = here < least ? mask : best;
        least = here < least ? here : least;
        apply(&drawing, mask);
    }
    apply(&drawing, best);
    return OK;
}

/* Each run of dark modules of a row as one rectangle. */
void qr_write_path(const struct qr *qr, struct buf *out)
{
    for (unsigned row = 0; row < qr->size; row++)
        for (unsigned column = 0; column < qr->size; column++) {
            unsigned end = column;
            while (end < qr->size && qr->dark[row][end])
                end++;
            if (end > column)
                buf_printf(out, "M%u %uh%uv1h-%uz", column + QR_QUIET, row + QR_QUIET, end - column, end - column);
            column = end;
        }
}
