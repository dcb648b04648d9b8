/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * An input cut into blocks of whole records, for several workers at once. Each worker brings a block of its own and has
 * it filled; blocks are numbered in the order of the input.
 */
#include "event/event.h"
#include "input/input.h"
#include "json/scan.h"

#define BLOCK_BYTES (256u << 10) /* what a block holds, unless one record is longer */

struct block {
    char *memory;
    size_t room;
    slice text;          /* whole records, each ending in a newline; readable for JSON_SCAN_PAD before and behind */
    uint64_t number;     /* from 0 */
    uint64_t first_line; /* of the input, from 1 */
    uint64_t lines;      /* newlines in the text */
    uint64_t end;        /* bytes of the input up to here, unpacked */
    slice frame;         /* how to read its beginning, where a frame before it says so; else empty */
    char *frame_memory;
    struct json_scan *scan;    /* of the whole lines of its text; NULL: nobody scanned it */
    struct json_scan *compact; /* of these lines in `thin`, without blanks between tokens; NULL: they have none */
    struct json_scan *spare;   /* for that */
    char *thin;
    size_t thin_room;
    bool unended;  /* its last record had no newline: the input ends there, perhaps in its middle */
    bool too_long; /* behind the text, a record longer than EVENT_RECORD_MAX was left out */
};

void block_free(struct block *block);
/* Scans whole lines that lie in the block. */
void block_scan(struct block *block, slice lines);
/* The scan that values are picked from; its lines are those of the block. */
static inline const struct json_scan *block_picked(const struct block *block)
{
    return block->compact != NULL ? block->compact : block->scan;
}
/*
 * The length of the record at this byte, with its newline, if it is an object that fills a line of the scan; otherwise
 * 0, and the format has to say. *line is where to look, from 0 on, for bytes that ascend.
 */
size_t block_object(const struct block *block, size_t at, size_t *line);

struct blocks;

/* Reads the beginning of the input (blocks_head) to tell its format by. */
MUST_USE struct err blocks_open(struct input *input, struct arena *arena, struct blocks **blocks);
void blocks_close(struct blocks *blocks);
slice blocks_head(const struct blocks *blocks);
/* From here on, records are the reader's; its header is passed over. Plain: the format alone says where they end. */
void blocks_begin(struct blocks *blocks, const struct event_reader *reader, bool plain);

/*
 * Passes over what lies before this byte, the end of a record; its frames and lines count as always. An input that is
 * shorter is at its end.
 */
MUST_USE struct err blocks_skip(struct blocks *blocks, uint64_t bytes);

/*
 * Fills the block; false at the end. An error of the input ends it: blocks_error tells it afterwards, and what came
 * before it has been handed out. Any thread may call.
 */
bool blocks_next(struct blocks *blocks, struct block *block);
/* Nobody wants more: blocks_next answers false from now on. */
void blocks_stop(struct blocks *blocks);
/* As input_progress; any thread may ask. */
void blocks_progress(struct blocks *blocks, uint64_t *done, uint64_t *total);
struct err blocks_error(const struct blocks *blocks);
