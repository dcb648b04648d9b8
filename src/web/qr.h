/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * QR codes (ISO/IEC 18004) of short texts, so that a phone can read a secret from the screen without anybody else being
 * asked to draw it: bytes, error correction level M, versions 1 to 13. Pure.
 */
#include "base/buf.h"

#define QR_VERSION_MAX 13
#define QR_SIZE_MAX (17 + 4 * QR_VERSION_MAX)
#define QR_BYTES_MAX 331 /* of a text: what version 13 holds */
#define QR_QUIET 4       /* light modules around it (section 6.3.8) */

struct qr {
    unsigned size;                       /* modules on a side */
    bool dark[QR_SIZE_MAX][QR_SIZE_MAX]; /* by row, then column */
};

/* ERR_LIMIT beyond QR_BYTES_MAX. */
MUST_USE struct err qr_make(slice text, struct qr *qr);
/* As the data of an SVG path, QR_QUIET modules away from its origin. */
void qr_write_path(const struct qr *qr, struct buf *out);

/* Parts of it, for tests: the correction of codewords (section 7.5.2), and the bits that say the mask (annex C) and the
 * version (annex D). */
void qr_correct(const uint8_t *data, size_t count, unsigned degree, uint8_t *correction);
unsigned qr_format(unsigned mask);
unsigned qr_version_bits(unsigned version);
