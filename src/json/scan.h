/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Stage one of reading many lines of JSON (NDJSON) at line rate: a block of whole lines becomes a few bitmaps and two
 * short lists, and the grammar of RFC 8259 is checked on 64 bytes at a time. What the scan cannot vouch for is marked
 * LINE_ODD and goes to the strict reader, whose answer is the definition.
 *
 *   tokens   positions that a walk must see, ascending: every bracket, every colon behind a key, and one position for
 *            each value that stands behind a comma without a key (such a value may only stand in an array); each line
 *            ends with its newline.
 *   quotes   one bit per byte: an unescaped quote.
 *   lines    end, first token and flags of each line.
 *
 * On a line that is not odd the scan has checked everything but what needs the nesting: a colon only in an object, a
 * value behind a comma without a key only in an array, brackets that match, depth, and the duplicate keys. Whoever
 * walks the tokens checks those (pick.c).
 */
#include "base/err.h"

/* Readable bytes wanted behind a block; their values do not matter. Picking reads before it, too, as far as a key can
 * be long. */
#define JSON_SCAN_PAD 64

enum json_line_flag {
    JSON_LINE_ODD = 1, /* for the strict reader: blanks between tokens, control characters, bad grammar, bad UTF-8 */
    JSON_LINE_ESCAPES = 2, /* holds a backslash */
};

struct json_line {
    uint32_t end;   /* of the line in the block, its newline */
    uint32_t token; /* its first token */
    uint32_t flags;
};

struct scan_note;

struct json_scan {
    const char *block;
    size_t bytes;
    uint32_t *tokens;
    uint64_t *quotes;
    struct json_line *lines;
    size_t line_count;
    size_t token_count;
    size_t room; /* the largest block it can take */
    /* for the scan itself: bitmaps as quotes is one, and of groups of 64 bytes */
    size_t group_count;
    uint64_t *newlines, *token_bits;
    uint64_t *looked_at;                 /* places in scalars that are not just digits without a leading zero */
    uint8_t *with_newlines, *with_looks; /* a bit for each group that has any */
    uint32_t *tokens_before;             /* each group */
    struct scan_note *notes;
    size_t note_count;
};

/* A scan for blocks of up to `block_max` bytes; owned by one thread, closed by its owner. */
struct json_scan *json_scan_open(size_t block_max);
void json_scan_close(struct json_scan *scan);

/* Scans whole lines; the last byte of the block must be a newline. Nothing is copied. */
void json_scan_block(struct json_scan *scan, slice block);

/* Whether the brackets of a line that is not odd close just where it ends: an object and nothing else. */
bool json_scan_is_whole(const struct json_scan *scan, size_t line);

/*
 * Copies the lines without the blanks that stand behind a colon, a comma or an opening bracket, which make a line odd
 * and mean nothing; all else stays, so a line that is JSON in one of the two is so in the other, and says the same.
 * There is room for the block and JSON_SCAN_PAD; it can be scanned as it is.
 */
slice json_scan_compact(const struct json_scan *scan, char *room);

/* How many newlines a text holds, which is wanted of every block before it is scanned. */
uint64_t json_scan_newlines(slice text);

/* Which scan this machine runs: "avx512", "avx2" or "scalar". All give the same answer. */
const char *json_scan_name(void);
/* For tests: false if this machine cannot. Set before any thread scans. */
bool json_scan_force(const char *name);
