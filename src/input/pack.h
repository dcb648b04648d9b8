/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Texts packed with zstd (RFC 8878), each as one frame that any zstd program reads, also one behind another. Nothing is
 * kept between calls; the caller owns the buffers.
 */
#include "base/buf.h"

/* Appends the packed text. ERR_LIMIT if `out` cannot hold it. */
MUST_USE struct err input_pack(slice text, struct buf *out);
/* Appends what was packed. ERR_INPUT if it is damaged, ERR_LIMIT if `out` cannot hold it. */
MUST_USE struct err input_unpack(slice packed, struct buf *out);
