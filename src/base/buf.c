/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <stdarg.h>

enum { CAP_LEAST = 64 };

void buf_free(struct buf *buf)
{
    free(buf->ptr);
    *buf = buf_make(buf->max);
}

void buf_reset(struct buf *buf)
{
    buf->len = 0;
    buf->full = false;
}

struct err buf_check(const struct buf *buf)
{
    return buf->full ? err_make(ERR_LIMIT, "the text is longer than the ceiling set for it") : OK;
}

/* Doubles, so that many small writes cost no more than one copy each; never past the ceiling. */
static bool grow(struct buf *buf, size_t needed)
{
    size_t cap = buf->cap < CAP_LEAST ? CAP_LEAST : buf->cap;
    while (cap < needed && cap <= SIZE_MAX / 2)
        cap *= 2;
    if (cap > buf->max || cap < needed)
        cap = buf->max;
    char *ptr = realloc(buf->ptr, cap);
    if (ptr == NULL)
        return false;
    buf->ptr = ptr;
    buf->cap = cap;
    return true;
}

bool buf_reserve(struct buf *buf, size_t bytes)
{
    if (!buf->full && bytes <= buf->cap - buf->len)
        return true;
    if (buf->full || buf->max < buf->len || bytes > buf->max - buf->len || !grow(buf, buf->len + bytes)) {
        buf->full = true;
        return false;
    }
    return true;
}

void buf_put(struct buf *buf, slice s)
{
    if (s.len == 0 || !buf_reserve(buf, s.len))
        return;
    memcpy(buf->ptr + buf->len, s.ptr, s.len);
    buf->len += s.len;
}

void buf_byte(struct buf *buf, char c)
{
    if (!buf_reserve(buf, 1))
        return;
    buf->ptr[buf->len++] = c;
}

/* With the sign in the same piece: a number is written whole or not at all. */
static void put_number(struct buf *buf, bool negative, uint64_t n)
{
    char text[21];
    size_t from = sizeof(text);
    do {
        text[--from] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    if (negative)
        text[--from] = '-';
    buf_put(buf, (slice){text + from, sizeof(text) - from});
}

void buf_u64(struct buf *buf, uint64_t n)
{
    put_number(buf, false, n);
}

void buf_i64(struct buf *buf, int64_t n)
{
    put_number(buf, n < 0, n < 0 ? -(uint64_t)n : (uint64_t)n);
}

void buf_hex(struct buf *buf, slice bytes)
{
    static const char digits[] = "0123456789abcdef";
    if (bytes.len > SIZE_MAX / 2 || !buf_reserve(buf, bytes.len * 2)) {
        buf->full = true;
        return;
    }
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char byte = (unsigned char)bytes.ptr[i];
        buf->ptr[buf->len++] = digits[byte >> 4];
        buf->ptr[buf->len++] = digits[byte & 15];
    }
}

void buf_uri(struct buf *buf, slice text, const char *kept)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i], low = byte_lower(c);
        bool plain = byte_is_digit(c) || (low >= 'a' && low <= 'z') ||
                     (c != '\0' && (strchr("-._~", c) != NULL || strchr(kept, c) != NULL));
        if (plain)
            buf_byte(buf, c);
        else
            buf_printf(buf, "%%%02X", (unsigned char)c);
    }
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    /* Printed aside: vsnprintf needs a byte for its NUL, which may be past the ceiling. */
    char brief[256], *text = brief;
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(brief, sizeof(brief), format, args);
    if (len >= (int)sizeof(brief) && vasprintf(&text, format, again) < 0)
        len = -1;
    va_end(again);
    va_end(args);
    if (len < 0)
        buf->full = true;
    else
        buf_put(buf, (slice){text, (size_t)len});
    if (len >= (int)sizeof(brief))
        free(text);
}
