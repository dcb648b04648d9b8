/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes over a sensor's connection, behind a byte that says how: in which pieces it comes changes nothing, and
 * what comes out are whole lines, no more of them than there were bytes.
 */
#include "input/frame.h"

#include "need.h"

static struct buf frames(enum frame_kind kind, slice text, size_t piece, uint64_t *records)
{
    struct framing framing = framing_make(kind);
    struct buf out = buf_make(2 * text.len + 2);
    for (size_t at = 0; at < text.len; at += piece)
        framing_take(&framing, slice_part(text, at, at + piece < text.len ? at + piece : text.len), &out);
    framing_end(&framing, &out);
    fuzz_need(framing.held.len == 0 && framing.cuts <= framing.records);
    *records = framing.records;
    framing_free(&framing);
    return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t whole_records, piece_records, lines = 0;
    if (size < 2 || size > 1u << 16)
        return 0;
    slice text = {(const char *)data + 1, size - 1};
    enum frame_kind kind = (data[0] & 1) != 0 ? FRAME_SYSLOG : FRAME_LINES;
    struct buf whole = frames(kind, text, text.len, &whole_records);
    struct buf pieces = frames(kind, text, 1 + (data[0] >> 1), &piece_records);
    fuzz_need(buf_check(&whole).kind == ERR_NONE && slice_eq(buf_slice(&whole), buf_slice(&pieces)));
    for (size_t i = 0; i < whole.len; i++)
        lines += whole.ptr[i] == '\n';
    fuzz_need(whole_records == piece_records && lines == whole_records && whole.len <= text.len + 1);
    fuzz_need(whole.len == 0 || (whole.ptr[whole.len - 1] == '\n' && whole.ptr[0] != '\n'));
    buf_free(&whole);
    buf_free(&pieces);
    return 0;
}
