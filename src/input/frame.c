/* SPDX-License-Identifier: Apache-2.0 */
#include "input/frame.h"

#define COUNT_DIGITS_MAX 10

struct framing framing_make(enum frame_kind kind)
{
    return (struct framing){.kind = kind, .held = buf_make(FRAME_BYTES_MAX)};
}

void framing_free(struct framing *framing)
{
    buf_free(&framing->held);
}

/* As much as there is room for below the ceiling. */
static void hold(struct framing *framing, slice bytes)
{
    size_t room = FRAME_BYTES_MAX - framing->held.len;
    if (bytes.len > room) {
        framing->cut = true;
        bytes.len = room;
    }
    buf_put(&framing->held, bytes);
}

/* Some senders end a frame with a NUL or CR (RFC 6587 section 3.4.2). */
static slice without_end(slice record)
{
    while (record.len > 0 && (record.ptr[record.len - 1] == '\0' || byte_is_blank(record.ptr[record.len - 1])))
        record.len--;
    return record;
}

static void record_put(struct framing *framing, slice record, struct buf *records)
{
    record = without_end(record);
    if (record.len > 0) {
        buf_put(records, record);
        buf_byte(records, '\n');
        framing->records++;
        framing->cuts += framing->cut;
    }
    framing->cut = false;
}

static void give(struct framing *framing, struct buf *records)
{
    slice record = buf_slice(&framing->held);
    for (size_t at = 0; (at += slice_find(slice_from(record, at), '\n')) < record.len;)
        framing->held.ptr[at] = ' ';
    record_put(framing, record, records);
    buf_reset(&framing->held);
}

/* The digits and the blank of a counted frame, which may have come in pieces: `held` has what came before. */
enum count { COUNT_NONE, COUNT_MORE, COUNT_WHOLE };

static enum count count_read(slice text, uint64_t *bytes)
{
    size_t digits = 0;
    while (digits < text.len && digits <= COUNT_DIGITS_MAX && byte_is_digit(text.ptr[digits]))
        digits++;
    if (digits > COUNT_DIGITS_MAX || (text.len > 0 && (digits == 0 || text.ptr[0] == '0')))
        return COUNT_NONE;
    if (digits == text.len)
        return COUNT_MORE;
    if (text.ptr[digits] != ' ' || !slice_u64(slice_part(text, 0, digits), UINT64_C(9999999999), bytes))
        return COUNT_NONE;
    return COUNT_WHOLE;
}

static size_t take_counted(struct framing *framing, slice bytes, struct buf *records)
{
    size_t len = bytes.len < framing->counted ? bytes.len : (size_t)framing->counted;
    hold(framing, slice_part(bytes, 0, len));
    framing->counted -= len;
    if (framing->counted == 0)
        give(framing, records);
    return len;
}

/* Most lines come whole, and are not held. */
static size_t take_line(struct framing *framing, slice bytes, struct buf *records)
{
    size_t len = slice_find(bytes, '\n');
    if (framing->held.len == 0 && len < bytes.len && len <= FRAME_BYTES_MAX) {
        record_put(framing, slice_part(bytes, 0, len), records);
        return len + 1;
    }
    hold(framing, slice_part(bytes, 0, len));
    if (len == bytes.len)
        return len;
    give(framing, records);
    return len + 1;
}

/* One byte at a time until it is clear what begins: at most a number and a blank. */
static size_t take_beginning(struct framing *framing, slice bytes, struct buf *records)
{
    uint64_t count;
    size_t used = 0;
    enum count found = count_read(buf_slice(&framing->held), &count);
    while (found == COUNT_MORE && used < bytes.len) {
        buf_byte(&framing->held, bytes.ptr[used++]);
        found = count_read(buf_slice(&framing->held), &count);
    }
    if (found == COUNT_WHOLE) {
        buf_reset(&framing->held);
        framing->counted = count;
    } else if (found == COUNT_NONE && framing->held.ptr[framing->held.len - 1] == '\n') {
        give(framing, records);
    }
    return used;
}

/* Whether a line has begun for certain: what is held, or begins, cannot be the number of a counted frame. */
static bool in_line(const struct framing *framing, slice bytes)
{
    uint64_t count;
    slice beginning = framing->held.len > 0 ? buf_slice(&framing->held) : slice_part(bytes, 0, 1);
    return framing->kind == FRAME_LINES || count_read(beginning, &count) == COUNT_NONE;
}

void framing_take(struct framing *framing, slice bytes, struct buf *records)
{
    while (bytes.len > 0) {
        size_t used = framing->counted > 0      ? take_counted(framing, bytes, records)
                      : in_line(framing, bytes) ? take_line(framing, bytes, records)
                                                : take_beginning(framing, bytes, records);
        bytes = slice_from(bytes, used);
    }
}

void framing_end(struct framing *framing, struct buf *records)
{
    framing->counted = 0;
    give(framing, records);
}
