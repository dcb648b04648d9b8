/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/line.h"

#include <sodium.h>
#include <unistr.h>

#include "base/arena.h"

bool ledger_line_next(slice *rest, slice *line)
{
    size_t end = slice_find(*rest, '\n');
    if (end == rest->len)
        return false;
    *line = slice_part(*rest, 0, end);
    *rest = slice_from(*rest, end + 1);
    return true;
}

bool ledger_line_after(slice line, slice word, slice *behind)
{
    if (!slice_starts(line, word) || line.len < word.len + 2 || line.ptr[word.len] != ' ')
        return false;
    *behind = slice_from(line, word.len + 1);
    return true;
}

bool ledger_line_number(slice text, uint64_t *number)
{
    if (text.len > 1 && text.ptr[0] == '0')
        return false;
    return slice_u64(text, LEDGER_SIZE_MAX, number);
}

/*
 * libsodium refuses what is not padded, padded too much, or has bits set behind the last byte; but its comparisons of
 * characters without branches (1.0.18) take some bytes above 0x7f for letters, so those are refused here.
 */
static bool decode(slice text, uint8_t *bytes, size_t room, size_t *len)
{
    for (size_t i = 0; i < text.len; i++)
        if ((uint8_t)text.ptr[i] > 0x7f)
            return false;
    return sodium_base642bin(bytes, room, text.ptr, text.len, NULL, len, NULL, sodium_base64_VARIANT_ORIGINAL) == 0;
}

bool ledger_line_hash(slice text, struct sha256 *hash)
{
    struct sha256 read = {{0}};
    size_t len;
    if (text.len != 44 || !decode(text, read.bytes, sizeof read.bytes, &len) || len != sizeof read.bytes)
        return false;
    *hash = read;
    return true;
}

struct err ledger_line_path(slice *rest, size_t most, struct arena *arena, struct ledger_path *path)
{
    slice line;
    path->count = 0;
    while (ledger_line_next(rest, &line)) {
        if (line.len == 0)
            return OK;
        if (path->count == most || path->count == LEDGER_PATH_MAX)
            return err_format(arena, ERR_LIMIT, "the proof has more than %zu hashes", path->count);
        if (!ledger_line_hash(line, &path->hashes[path->count]))
            return err_format(arena, ERR_INPUT, "hash %zu of the proof is not 32 bytes in base64", path->count + 1);
        path->count++;
    }
    return err_make(ERR_INPUT, "there is no empty line behind the proof");
}

bool ledger_line_base64(slice text, struct arena *arena, slice *bytes)
{
    size_t room = text.len / 4 * 3, len;
    uint8_t *to = arena_take(arena, room + 1);
    if (!decode(text, to, room, &len))
        return false;
    *bytes = (slice){(const char *)to, len};
    return true;
}

/* 24 bits in four characters; `count` bytes are there, and "=" stands for what is not. */
static void put_group(char to[4], const uint8_t *from, size_t count)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint32_t bits = (uint32_t)from[0] << 16 | (count > 1 ? (uint32_t)from[1] << 8 : 0) | (count > 2 ? from[2] : 0);
    to[0] = alphabet[bits >> 18];
    to[1] = alphabet[bits >> 12 & 63];
    to[2] = count > 1 ? alphabet[bits >> 6 & 63] : '=';
    to[3] = count > 2 ? alphabet[bits & 63] : '=';
}

/* Of hashes and signatures, which everybody may see: not libsodium's, which takes the same time for all bytes, a tenth
 * of what it costs to enter something. */
void ledger_line_put_base64(struct buf *out, slice bytes)
{
    size_t room = (bytes.len + 2) / 3 * 4;
    if (!buf_reserve(out, room))
        return;
    for (size_t i = 0; i < bytes.len; i += 3, out->len += 4)
        put_group(out->ptr + out->len, (const uint8_t *)bytes.ptr + i, bytes.len - i);
}

void ledger_line_put_path(struct buf *out, const struct ledger_path *path)
{
    for (size_t i = 0; i < path->count; i++) {
        ledger_line_put_base64(out, sha256_slice(&path->hashes[i]));
        buf_byte(out, '\n');
    }
}

bool ledger_line_is_text(slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((uint8_t)text.ptr[i] < 0x20 && text.ptr[i] != '\n')
            return false;
    return text.len == 0 || u8_check((const uint8_t *)text.ptr, text.len) == NULL;
}
