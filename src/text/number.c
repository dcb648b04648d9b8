/* SPDX-License-Identifier: Apache-2.0 */
#include "text/number.h"

/* Between thousands; KBBI and the Indonesian spelling rules (EYD V, chapter III). */
static const char marks[LANGUAGES] = {[LANGUAGE_ENGLISH] = ',', [LANGUAGE_INDONESIAN] = '.'};

void number_write(struct buf *out, uint64_t n, enum language language)
{
    char text[32];
    size_t from = sizeof text, digits = 0;
    do {
        if (digits > 0 && digits % 3 == 0)
            text[--from] = marks[language];
        text[--from] = (char)('0' + n % 10);
        n /= 10;
        digits++;
    } while (n > 0);
    buf_put(out, (slice){text + from, sizeof text - from});
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
