/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base32.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

void base32_write(struct buf *buf, slice bytes)
{
    uint32_t bits = 0;
    unsigned held = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        bits = (bits << 8 | (uint8_t)bytes.ptr[i]) & 0xfff;
        for (held += 8; held >= 5; held -= 5)
            buf_byte(buf, digits[bits >> (held - 5) & 31]);
    }
    if (held > 0)
        buf_byte(buf, digits[bits << (5 - held) & 31]);
}

static int value_of(char c)
{
    char low = byte_lower(c);
    return low >= 'a' && low <= 'z' ? low - 'a' : c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

static bool is_between(char c)
{
    return c == ' ' || c == '-';
}

bool base32_read(slice text, uint8_t *bytes, size_t room, size_t *len)
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t count = 0;
    while (text.len > 0 && text.ptr[text.len - 1] == '=')
        text.len--;
    for (size_t i = 0; i < text.len; i++) {
        int value = value_of(text.ptr[i]);
        if (is_between(text.ptr[i]))
            continue;
        if (value < 0)
            return false;
        bits = (bits << 5 | (uint32_t)value) & 0xfff;
        held += 5;
        if (held < 8)
            continue;
        if (count == room)
            return false;
        held -= 8;
        bytes[count++] = (uint8_t)(bits >> held);
    }
    /* A whole digit too many, or bits that no byte has (RFC 4648 section 3.5). */
    if (held >= 5 || (bits & ((1u << held) - 1)) != 0)
        return false;
    *len = count;
    return true;
}
