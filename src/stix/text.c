/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/text.h"

#include <uninorm.h>
#include <unistr.h>

#include "base/arena.h"

enum { NORMAL_GROWTH = 3 }; /* UTF-8 in normal form C is at most three times as long (Unicode FAQ on normalization) */

static bool is_ascii(slice text)
{
    unsigned char all = 0;
    for (size_t i = 0; i < text.len; i++)
        all |= (unsigned char)text.ptr[i];
    return all < 0x80;
}

bool stix_text_is_utf8(slice text)
{
    return is_ascii(text) || u8_check((const uint8_t *)text.ptr, text.len) == NULL;
}

slice stix_text_normal(slice text, struct arena *arena)
{
    if (is_ascii(text) || !stix_text_is_utf8(text))
        return text;
    size_t len = text.len * NORMAL_GROWTH;
    char *room = arena_take(arena, len);
    uint8_t *normal = u8_normalize(UNINORM_NFC, (const uint8_t *)text.ptr, text.len, (uint8_t *)room, &len);
    if (normal == NULL)
        return text;
    if ((char *)normal == room)
        return (slice){room, len};
    slice kept = arena_copy(arena, (slice){(char *)normal, len});
    free(normal);
    return kept;
}

bool stix_text_as_bytes(slice text, struct arena *arena, slice *bytes)
{
    if (is_ascii(text)) {
        *bytes = text.ptr == NULL ? S("") : text;
        return true;
    }
    char *out = arena_take(arena, text.len);
    size_t len = 0;
    for (size_t i = 0; i < text.len; len++) {
        unsigned char c = (unsigned char)text.ptr[i++];
        if (c >= 0x80) {
            /* U+0080 to U+00FF are C2 80 to C3 BF */
            if ((c != 0xc2 && c != 0xc3) || i == text.len || ((unsigned char)text.ptr[i] & 0xc0) != 0x80)
                return false;
            c = (unsigned char)((c & 3) << 6 | ((unsigned char)text.ptr[i++] & 0x3f));
        }
        out[len] = (char)c;
    }
    *bytes = (slice){out, len};
    return true;
}

bool stix_text_from_hex(slice text, struct arena *arena, slice *bytes)
{
    if (text.len % 2 != 0)
        return false;
    char *out = arena_take(arena, text.len / 2);
    for (size_t i = 0; i < text.len; i += 2) {
        int high = byte_hex(text.ptr[i]), low = byte_hex(text.ptr[i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i / 2] = (char)(high << 4 | low);
    }
    *bytes = (slice){out, text.len / 2};
    return true;
}

static int base64_value(char c)
{
    if (byte_is_digit(c))
        return c - '0' + 52;
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Digits before padding only, four at a time in all; what is behind the last whole byte is dropped. */
bool stix_text_from_base64(slice text, struct arena *arena, slice *bytes)
{
    char *out = arena_take(arena, text.len / 4 * 3 + 3);
    size_t len = 0, digits = 0, padding = 0;
    uint32_t bits = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (c == '\n' || c == '\r')
            continue;
        int value = base64_value(c);
        padding += c == '=';
        if (c == '=')
            continue;
        if (value < 0 || padding > 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        if (++digits % 4 != 1)
            out[len++] = (char)(bits >> (6 - 2 * ((digits - 1) % 4)) & 0xff);
    }
    *bytes = (slice){out, len};
    return padding <= 2 && (digits + padding) % 4 == 0;
}
