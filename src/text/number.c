/* SPDX-License-Identifier: Apache-2.0 */
#include "text/number.h"

/* KBBI and the Indonesian spelling rules (EYD V, chapter III): a point for thousands, a comma for decimals. */
static const struct {
    char thousands, decimal;
} marks[LANGUAGES] = {
        [LANGUAGE_ENGLISH] = {',', '.'},
        [LANGUAGE_INDONESIAN] = {'.', ','},
};

void number_write(struct buf *out, uint64_t n, enum language language)
{
    char text[32];
    size_t from = sizeof text, digits = 0;
    do {
        if (digits > 0 && digits % 3 == 0)
            text[--from] = marks[language].thousands;
        text[--from] = (char)('0' + n % 10);
        n /= 10;
        digits++;
    } while (n > 0);
    buf_put(out, (slice){text + from, sizeof text - from});
}

/* Two digits that count at least, cut off and not rounded: never more than there is. */
void number_bytes_write(struct buf *out, uint64_t bytes, enum language language)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
    size_t unit = 0;
    uint64_t tenths = 0;
    while (bytes >= 1000 && unit + 1 < COUNT_OF(units)) {
        tenths = bytes % 1000 / 100;
        bytes /= 1000;
        unit++;
    }
    number_write(out, bytes, language);
    if (unit > 0 && bytes < 10) {
        buf_byte(out, marks[language].decimal);
        buf_u64(out, tenths);
    }
    buf_byte(out, ' ');
    buf_put(out, slice_of(units[unit]));
}

void number_count_write(struct buf *out, slice one, slice many, uint64_t n, enum language language)
{
    slice text = catalogue_count(catalogue_of(language), one, many, n);
    size_t at = slice_find_slice(text, S("{{n}}"));
    buf_put(out, slice_part(text, 0, at));
    if (at == text.len)
        return;
    number_write(out, n, language);
    buf_put(out, slice_from(text, at + 5));
}
