/* SPDX-License-Identifier: Apache-2.0 */
#include "base/slice.h"

bool slice_hex(slice text, void *bytes, size_t count)
{
    uint8_t *to = bytes;
    if (text.len != 2 * count)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (byte_hex(text.ptr[i]) < 0)
            return false;
    for (size_t i = 0; i < count; i++)
        to[i] = (uint8_t)((unsigned)byte_hex(text.ptr[2 * i]) << 4 | (unsigned)byte_hex(text.ptr[2 * i + 1]));
    return true;
}

bool slice_eq_fold(slice a, slice b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++) {
        if (byte_lower(a.ptr[i]) != byte_lower(b.ptr[i]))
            return false;
    }
    return true;
}

int slice_order(slice a, slice b)
{
    size_t common = a.len < b.len ? a.len : b.len;
    int order = common == 0 ? 0 : memcmp(a.ptr, b.ptr, common);
    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

size_t slice_find_slice(slice s, slice part)
{
    if (part.len == 0)
        return 0;
    if (s.len < part.len)
        return s.len;
    /* glibc's memmem is linear in the worst case too. */
    const char *at = memmem(s.ptr, s.len, part.ptr, part.len);
    return at == NULL ? s.len : (size_t)(at - s.ptr);
}

slice slice_trim(slice s)
{
    size_t from = 0, to = s.len;
    while (from < to && byte_is_blank(s.ptr[from]))
        from++;
    while (to > from && byte_is_blank(s.ptr[to - 1]))
        to--;
    return slice_part(s, from, to);
}

bool slice_next(slice *rest, char at, slice *piece)
{
    if (rest->ptr == NULL)
        return false;
    size_t end = slice_find(*rest, at);
    *piece = slice_part(*rest, 0, end);
    *rest = end < rest->len ? slice_from(*rest, end + 1) : (slice){NULL, 0};
    return true;
}

bool slice_u64(slice s, uint64_t most, uint64_t *value)
{
    uint64_t n = 0;
    for (size_t i = 0; i < s.len; i++) {
        if (!byte_is_digit(s.ptr[i]))
            return false;
        uint64_t digit = (uint64_t)(s.ptr[i] - '0');
        if (digit > most || n > (most - digit) / 10)
            return false;
        n = n * 10 + digit;
    }
    if (s.len == 0)
        return false;
    *value = n;
    return true;
}
