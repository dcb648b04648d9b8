/* SPDX-License-Identifier: Apache-2.0 */
#include "sift/blocks.h"

#include <pthread.h>

#include "base/arena.h"

#define LOOKED_AT_MAX 16 /* lines of a block, for blanks between tokens */

struct blocks {
    struct input *input;
    const struct event_reader *reader;
    bool scans;            /* for records that are objects: those that fill a line are found by a scan */
    pthread_mutex_t mutex; /* guards all below */
    char *carry;           /* bytes that were read but not handed out: the beginning of the next block */
    size_t carry_len, carry_room;
    char *frame; /* the last that rules what follows; NULL: none did */
    size_t frame_len;
    uint64_t next_number, next_line;
    uint64_t read; /* bytes that came from the input */
    uint64_t skip; /* no block goes over this byte; 0: anywhere */
    bool ended;
    struct err err;
};

void block_free(struct block *block)
{
    free(block->memory);
    free(block->frame_memory);
    json_scan_close(block->scan);
    json_scan_close(block->spare);
    free(block->thin);
    *block = (struct block){0};
}

/* Room for the text and the pads; what lies in the block already is kept. */
static bool block_grow(struct block *block, size_t text_room)
{
    if (block->room >= text_room)
        return true;
    char *memory = realloc(block->memory, text_room + 2 * JSON_SCAN_PAD + 1);
    if (memory == NULL)
        return false;
    if (block->memory == NULL)
        memset(memory, '\n', JSON_SCAN_PAD);
    block->memory = memory;
    block->room = text_room;
    return true;
}

static void scan_lines(struct json_scan **scan, size_t room, slice lines)
{
    if (*scan == NULL || (*scan)->room < lines.len) {
        json_scan_close(*scan);
        *scan = json_scan_open(room);
    }
    json_scan_block(*scan, lines);
}

void block_scan(struct block *block, slice lines)
{
    scan_lines(&block->scan, block->room, lines);
    block->compact = NULL;
}

/* Whether who wrote this puts blanks behind colons, as most libraries do unless they are told not to. */
static bool has_blanks(const struct json_scan *scan)
{
    size_t lines = scan->line_count < LOOKED_AT_MAX ? scan->line_count : LOOKED_AT_MAX, at = 0;
    bool has = false;
    for (size_t i = 0; i < lines && !has; at = scan->lines[i++].end) {
        slice line = {scan->block + at, scan->lines[i].end - at};
        has = (scan->lines[i].flags & JSON_LINE_ODD) != 0 && slice_find_slice(line, S("\": ")) < line.len;
    }
    return has;
}

/* Once more without them. Where there is no memory for that, the format reads what is odd. */
static void block_compact(struct block *block)
{
    if (!has_blanks(block->scan))
        return;
    if (block->thin_room < block->room) {
        free(block->thin);
        block->thin = malloc(block->room + 2 * JSON_SCAN_PAD);
        block->thin_room = block->thin == NULL ? 0 : block->room;
    }
    if (block->thin == NULL)
        return;
    memset(block->thin, '\n', JSON_SCAN_PAD);
    scan_lines(&block->spare, block->room, json_scan_compact(block->scan, block->thin + JSON_SCAN_PAD));
    block->compact = block->spare;
}

size_t block_object(const struct block *block, size_t at, size_t *line)
{
    const struct json_scan *scan = block->scan;
    while (*line < scan->line_count && scan->lines[*line].end < at)
        ++*line;
    size_t begin = *line == 0 ? 0 : scan->lines[*line - 1].end + (size_t)1;
    if (*line == scan->line_count || begin != at || !json_scan_is_whole(block_picked(block), *line))
        return 0;
    return scan->lines[*line].end + (size_t)1 - at;
}

static bool carry_grow(struct blocks *blocks, size_t room)
{
    if (blocks->carry_room >= room)
        return true;
    char *memory = realloc(blocks->carry, room);
    if (memory == NULL)
        return false;
    blocks->carry = memory;
    blocks->carry_room = room;
    return true;
}

static void carry_drop(struct blocks *blocks, size_t bytes)
{
    blocks->carry_len -= bytes;
    memmove(blocks->carry, blocks->carry + bytes, blocks->carry_len);
}

static void fail(struct blocks *blocks, struct err err)
{
    blocks->err = err;
    blocks->ended = true;
}

struct err blocks_open(struct input *input, struct arena *arena, struct blocks **opened)
{
    struct blocks *blocks = arena_new(arena, struct blocks, 1);
    blocks->input = input;
    pthread_mutexattr_t brief; /* it is held for some 10 us: who is early looks a while before it sleeps */
    pthread_mutexattr_init(&brief);
    pthread_mutexattr_settype(&brief, PTHREAD_MUTEX_ADAPTIVE_NP);
    pthread_mutex_init(&blocks->mutex, &brief);
    pthread_mutexattr_destroy(&brief);
    if (!carry_grow(blocks, EVENT_HEAD))
        return err_make(ERR_SYSTEM, "no memory for an input");
    size_t got = 1;
    /* A live pipe may not fill the head for hours: its first whole line or object must do. */
    while (got > 0 && !event_head_is_enough(blocks_head(blocks)) && blocks->carry_len < EVENT_HEAD) {
        struct err err = input_read(input, blocks->carry + blocks->carry_len, EVENT_HEAD - blocks->carry_len, &got);
        if (err.kind != ERR_NONE) {
            blocks_close(blocks);
            return err;
        }
        blocks->carry_len += got;
        blocks->read += got;
    }
    if (slice_starts(blocks_head(blocks), S("\xEF\xBB\xBF")))
        carry_drop(blocks, 3); /* a byte order mark is no part of the first record */
    *opened = blocks;
    return OK;
}

void blocks_close(struct blocks *blocks)
{
    if (blocks == NULL)
        return;
    free(blocks->carry);
    free(blocks->frame);
    pthread_mutex_destroy(&blocks->mutex);
}

slice blocks_head(const struct blocks *blocks)
{
    return (slice){blocks->carry, blocks->carry_len};
}

void blocks_begin(struct blocks *blocks, const struct event_reader *reader, bool plain)
{
    blocks->reader = reader;
    blocks->scans = reader->format->records_are_objects && !plain;
    blocks->next_line = 1;
    if (reader->header.len == 0)
        return;
    slice head = blocks_head(blocks);
    size_t used = reader->format->record(reader, head);
    used = used == 0 ? head.len : used;
    blocks->next_line += json_scan_newlines(slice_part(head, 0, used));
    carry_drop(blocks, used);
}

void blocks_stop(struct blocks *blocks)
{
    pthread_mutex_lock(&blocks->mutex);
    blocks->ended = true;
    blocks->carry_len = 0;
    pthread_mutex_unlock(&blocks->mutex);
}

void blocks_progress(struct blocks *blocks, uint64_t *done, uint64_t *total)
{
    pthread_mutex_lock(&blocks->mutex);
    input_progress(blocks->input, done, total);
    pthread_mutex_unlock(&blocks->mutex);
}

struct err blocks_error(const struct blocks *blocks)
{
    return blocks->err;
}

/* The length of the whole lines of a text. */
static size_t whole_lines(slice text)
{
    const char *newline = memrchr(text.ptr, '\n', text.len);
    return newline == NULL ? 0 : (size_t)(newline - text.ptr) + 1;
}

/* The end of the last whole record of a text that lies in the block; 0 if it holds none. */
static size_t whole_records(const struct blocks *blocks, struct block *block, slice text)
{
    const struct event_reader *reader = blocks->reader;
    size_t end = 0, record, line = 0;
    if (reader->format->records_are_lines)
        return whole_lines(text);
    if (blocks->scans) {
        block_scan(block, slice_part(text, 0, whole_lines(text)));
        block_compact(block);
    }
    do {
        record = blocks->scans ? block_object(block, end, &line) : 0;
        if (record == 0)
            record = reader->format->record(reader, slice_from(text, end));
        end += record;
    } while (record > 0);
    return end;
}

/* Reads on, throwing away, up to the newline that ends a record without end. */
static void record_skip(struct blocks *blocks)
{
    for (;;) {
        const char *newline = memchr(blocks->carry, '\n', blocks->carry_len);
        if (newline != NULL) {
            carry_drop(blocks, (size_t)(newline - blocks->carry) + 1);
            return;
        }
        blocks->carry_len = 0;
        size_t got = 0;
        struct err err = carry_grow(blocks, BLOCK_BYTES) ? input_read(blocks->input, blocks->carry, BLOCK_BYTES, &got)
                                                         : err_make(ERR_SYSTEM, "no memory for an input");
        if (err.kind != ERR_NONE)
            fail(blocks, err);
        blocks->ended |= got == 0;
        if (blocks->ended)
            return;
        blocks->carry_len = got;
        blocks->read += got;
    }
}

/* Reads until the block holds a whole record, or the input ends, or the record is too long. Returns the whole length.
 */
static size_t block_fill(struct blocks *blocks, struct block *block, char *text, size_t *len)
{
    for (;;) {
        size_t whole = *len > 0 ? whole_records(blocks, block, (slice){text, *len}) : 0;
        if (blocks->ended || whole > 0 || *len >= EVENT_RECORD_MAX)
            return whole;
        size_t room = *len < BLOCK_BYTES ? BLOCK_BYTES : *len * 2, got = 0;
        room = room < EVENT_RECORD_MAX ? room : EVENT_RECORD_MAX;
        struct err err = block_grow(block, room) ? OK : err_make(ERR_SYSTEM, "no memory for a block of an input");
        text = block->memory + JSON_SCAN_PAD;
        if (err.kind == ERR_NONE)
            err = input_read(blocks->input, text + *len, room - *len, &got);
        if (err.kind != ERR_NONE)
            fail(blocks, err);
        blocks->ended |= got == 0;
        blocks->read += got;
        *len += got;
    }
}

/* The block begins as the frame before it said; the last frame in it rules the next. */
static bool frame_follow(struct blocks *blocks, struct block *block)
{
    if (blocks->frame != NULL) {
        char *copy = realloc(block->frame_memory, blocks->frame_len);
        if (copy == NULL)
            return false;
        memcpy(copy, blocks->frame, blocks->frame_len);
        block->frame_memory = copy;
        block->frame = (slice){copy, blocks->frame_len};
    }
    slice last = blocks->reader->format->frame_last == NULL ? S("") : blocks->reader->format->frame_last(block->text);
    if (last.len == 0)
        return true;
    char *copy = realloc(blocks->frame, last.len);
    if (copy == NULL)
        return false;
    memcpy(copy, last.ptr, last.len);
    blocks->frame = copy;
    blocks->frame_len = last.len;
    return true;
}

/* Hands out what is whole and keeps the rest for the next block. */
static void block_cut(struct blocks *blocks, struct block *block, size_t whole, size_t len)
{
    char *text = block->memory + JSON_SCAN_PAD;
    uint64_t begin = blocks->read - len;
    block->too_long = block->unended = false;
    if (blocks->skip > begin && blocks->skip - begin < whole)
        whole = (size_t)(blocks->skip - begin);
    else if (blocks->ended && whole < len) {
        text[len++] = '\n'; /* the last record has no newline of its own */
        whole = len;
        block->unended = true;
    }
    size_t rest = len - whole;
    if (!carry_grow(blocks, rest))
        fail(blocks, err_make(ERR_SYSTEM, "no memory for an input"));
    else if (rest > 0)
        memcpy(blocks->carry, text + whole, rest);
    blocks->carry_len = blocks->carry_room < rest ? 0 : rest;
    if (whole == 0 && len > 0) {
        block->too_long = true;
        record_skip(blocks);
    }
    memset(text + whole, '\n', JSON_SCAN_PAD);
    block->text = (slice){text, whole};
    if (!frame_follow(blocks, block))
        fail(blocks, err_make(ERR_SYSTEM, "no memory for an input"));
    block->end = blocks->read - blocks->carry_len;
    block->number = blocks->next_number++;
    block->first_line = blocks->next_line;
    block->lines = json_scan_newlines(block->text);
    blocks->next_line += block->lines + block->too_long;
}

bool blocks_next(struct blocks *blocks, struct block *block)
{
    pthread_mutex_lock(&blocks->mutex);
    bool more = false;
    size_t len = blocks->carry_len, want = len < BLOCK_BYTES ? BLOCK_BYTES : len;
    if (!blocks->ended || len > 0) {
        if (block_grow(block, want)) {
            char *text = block->memory + JSON_SCAN_PAD;
            if (len > 0)
                memcpy(text, blocks->carry, len);
            blocks->carry_len = 0;
            size_t whole = block_fill(blocks, block, text, &len);
            more = len > 0;
            if (more)
                block_cut(blocks, block, whole, len);
        } else {
            fail(blocks, err_make(ERR_SYSTEM, "no memory for a block of an input"));
        }
    }
    pthread_mutex_unlock(&blocks->mutex);
    return more;
}

struct err blocks_skip(struct blocks *blocks, uint64_t bytes)
{
    struct block block = {0};
    blocks->skip = bytes;
    while (blocks->read - blocks->carry_len < bytes && blocks_next(blocks, &block))
        continue;
    block_free(&block);
    blocks->skip = 0;
    blocks->next_number = 0;
    return blocks->err;
}
