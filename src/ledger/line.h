/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the texts of C2SP are made of: lines that end in a newline, sizes without leading zeros, base64 of the one
 * strict spelling (RFC 4648 section 4). Pure.
 */
#include "base/buf.h"
#include "ledger/merkle.h"

struct arena;

/* Takes a line off the front of *rest, without its newline; false if no newline is left. */
bool ledger_line_next(slice *rest, slice *line);
/* Whether the line is this word, a space and something; *behind gets that. */
bool ledger_line_after(slice line, slice word, slice *behind);
/* A decimal number up to LEDGER_SIZE_MAX, "0" or without a zero in front. */
bool ledger_line_number(slice text, uint64_t *number);
bool ledger_line_hash(slice text, struct sha256 *hash);
/* Lines of hashes up to an empty line, which is taken too. ERR_INPUT; ERR_LIMIT for more than `most`. */
MUST_USE struct err ledger_line_path(slice *rest, size_t most, struct arena *arena, struct ledger_path *path);
/* Any bytes; false if it is not base64 of that spelling. */
bool ledger_line_base64(slice text, struct arena *arena, slice *bytes);
void ledger_line_put_base64(struct buf *out, slice bytes);
/* Each hash of the path on a line. */
void ledger_line_put_path(struct buf *out, const struct ledger_path *path);
/* UTF-8 without control characters (below U+0020), but for newlines. */
bool ledger_line_is_text(slice text);
