/* SPDX-License-Identifier: Apache-2.0 */
#include "text/shown.h"

#include <idn2.h>
#include <unictype.h>
#include <unistr.h>

#define HOST_BYTES_MAX 1024 /* of a name that is spelt otherwise or asked for its scripts */

/*
 * Characters that are not seen, or change how others are seen (Unicode 15, properties Default_Ignorable_Code_Point and
 * Bidi_Control; the joiners apart, which Persian and the scripts of India need between letters).
 */
static const struct {
    uint32_t from, to;
    bool joins; /* stays in text of several lines */
} unseen[] = {
        {0x80, 0x9f, false},
        {0xad, 0xad, false},
        {0x34f, 0x34f, false},
        {0x61c, 0x61c, false},
        {0x115f, 0x1160, false},
        {0x17b4, 0x17b5, false},
        {0x180b, 0x180f, false},
        {0x200b, 0x200b, false},
        {0x200c, 0x200d, true},
        {0x200e, 0x200f, false},
        {0x2028, 0x202e, false},
        {0x2060, 0x206f, false},
        {0x3164, 0x3164, false},
        {0xfe00, 0xfe0f, true},
        {0xfeff, 0xfeff, false},
        {0xffa0, 0xffa0, false},
        {0xfff9, 0xfffb, false},
        {0x1bca0, 0x1bca3, false},
        {0x1d173, 0x1d17a, false},
        {0xe0000, 0xe0fff, false},
};

static bool is_unseen(ucs4_t c, bool lines)
{
    for (size_t i = 0; i < COUNT_OF(unseen); i++)
        if (c >= unseen[i].from && c <= unseen[i].to)
            return !(lines && unseen[i].joins);
    return false;
}

static void utf8_write(struct buf *out, ucs4_t c)
{
    uint8_t bytes[6];
    int len = u8_uctomb(bytes, c, sizeof bytes);
    if (len > 0)
        buf_put(out, (slice){(const char *)bytes, (size_t)len});
}

static void character_write(struct buf *out, ucs4_t c, bool lines)
{
    if (lines && (c == '\n' || c == '\t'))
        buf_byte(out, (char)c);
    else if (c < 0x20)
        utf8_write(out, 0x2400 + c); /* the pictures of control characters */
    else if (c == 0x7f)
        utf8_write(out, 0x2421);
    else if (is_unseen(c, lines))
        buf_printf(out, "[U+%04X]", (unsigned)c);
    else
        utf8_write(out, c);
}

/* The next character of a text that is not empty, and its bytes; U+FFFD for a byte that begins none. */
static size_t character_next(slice text, ucs4_t *c)
{
    int len = u8_mbtoucr(c, (const uint8_t *)text.ptr, text.len);
    if (len > 0)
        return (size_t)len;
    *c = 0xFFFD;
    return 1;
}

void shown_text_write(struct buf *out, slice text, bool lines)
{
    while (text.len > 0) {
        ucs4_t c;
        /* lines that end as DOS ends them are lines, too */
        if (lines && slice_starts(text, S("\r\n")))
            text = slice_from(text, 1);
        text = slice_from(text, character_next(text, &c));
        character_write(out, c, lines);
    }
}

/* A name or IPv4 address: every point in brackets, the wide ones of IDNA (RFC 3490 section 3.1) too. */
static void points_write(struct buf *out, slice text)
{
    while (text.len > 0) {
        ucs4_t c;
        text = slice_from(text, character_next(text, &c));
        if (c == '.' || c == 0x3002 || c == 0xff0e || c == 0xff61)
            buf_put(out, S("[.]"));
        else
            character_write(out, c, false);
    }
}

/* Of an IPv6 address one colon is enough: nothing takes the rest for an address. */
static void colon_write(struct buf *out, slice text)
{
    size_t colon = slice_find(text, ':');
    points_write(out, slice_part(text, 0, colon));
    if (colon == text.len)
        return;
    buf_put(out, S("[:]"));
    points_write(out, slice_from(text, colon + 1));
}

static void mail_write(struct buf *out, slice text)
{
    const char *at = text.len == 0 ? NULL : memrchr(text.ptr, '@', text.len);
    size_t name = at == NULL ? text.len : (size_t)(at - text.ptr);
    shown_text_write(out, slice_part(text, 0, name), false);
    if (name == text.len)
        return;
    buf_put(out, S("[@]"));
    points_write(out, slice_from(text, name + 1));
}

/* http becomes hxxp; of any other scheme the colon is put in brackets. */
static void scheme_write(struct buf *out, slice scheme)
{
    bool web = scheme.len >= 4 && slice_eq_fold(slice_part(scheme, 0, 4), S("http"));
    if (!web) {
        shown_text_write(out, scheme, false);
        buf_put(out, S("[:]//"));
        return;
    }
    buf_byte(out, scheme.ptr[0]);
    buf_put(out, S("xx"));
    shown_text_write(out, slice_from(scheme, 3), false);
    buf_put(out, S("://"));
}

/* The host with what stands around it has its points in brackets; the path is no link without it. */
static void url_write(struct buf *out, slice url)
{
    size_t scheme = slice_find_slice(url, S("://"));
    if (scheme < url.len) {
        scheme_write(out, slice_part(url, 0, scheme));
        url = slice_from(url, scheme + 3);
    }
    size_t host = 0;
    while (host < url.len && memchr("/?#", url.ptr[host], 3) == NULL)
        host++;
    points_write(out, slice_part(url, 0, host));
    shown_text_write(out, slice_from(url, host), false);
}

static void plain_write(struct buf *out, slice text)
{
    shown_text_write(out, text, false);
}

void shown_value_write(struct buf *out, enum observable_type type, slice value)
{
    static void (*const writers[OBSERVABLE_TYPES])(struct buf * out, slice value) = {
            [OBSERVABLE_IPV4] = points_write,
            [OBSERVABLE_IPV6] = colon_write,
            [OBSERVABLE_CIDR] = colon_write,
            [OBSERVABLE_DOMAIN] = points_write,
            [OBSERVABLE_HOST] = points_write,
            [OBSERVABLE_URL] = url_write,
            [OBSERVABLE_EMAIL] = mail_write,
    };
    if (value.len > 0)
        (writers[type] == NULL ? plain_write : writers[type])(out, value);
}

/* ---- Internationalised names ---- */

static bool is_ascii(slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((uint8_t)text.ptr[i] >= 0x80)
            return false;
    return true;
}

/* The host as libidn2 takes it; false if it cannot be a name. */
static bool host_text(slice host, char text[HOST_BYTES_MAX + 1])
{
    if (host.len == 0 || host.len > HOST_BYTES_MAX || memchr(host.ptr, 0, host.len) != NULL)
        return false;
    memcpy(text, host.ptr, host.len);
    text[host.len] = 0;
    return true;
}

/* In the given direction; NULL if it cannot be; the caller frees it (idn2_free). */
static char *respelt(slice host, bool to_ascii)
{
    char text[HOST_BYTES_MAX + 1], *other = NULL;
    if (!host_text(host, text))
        return NULL;
    int result = to_ascii ? idn2_to_ascii_8z(text, &other, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT)
                          : idn2_to_unicode_8z8z(text, &other, 0);
    return result == IDN2_OK ? other : NULL;
}

bool shown_other_name_write(struct buf *out, slice host)
{
    char *other = respelt(host, !is_ascii(host));
    bool differs = other != NULL && !slice_eq_fold(slice_of(other), host);
    if (differs)
        points_write(out, slice_of(other));
    if (other != NULL)
        idn2_free(other);
    return differs;
}

/*
 * The scripts of a label. Those of Chinese, Japanese and Korean go together and with Latin, any other stands alone:
 * level "Highly Restrictive" of UTS 39.
 */
enum script {
    SCRIPT_LATIN = 1,
    SCRIPT_HAN = 2,
    SCRIPT_KANA = 4,
    SCRIPT_HANGUL = 8,
    SCRIPT_BOPOMOFO = 16,
};

static const struct {
    const char *name;
    unsigned script;
} east[] = {{"Latin", SCRIPT_LATIN}, {"Han", SCRIPT_HAN}, {"Hiragana", SCRIPT_KANA}, {"Katakana", SCRIPT_KANA},
        {"Hangul", SCRIPT_HANGUL}, {"Bopomofo", SCRIPT_BOPOMOFO}};

static const unsigned together[] = {SCRIPT_LATIN | SCRIPT_HAN | SCRIPT_KANA, SCRIPT_LATIN | SCRIPT_HAN | SCRIPT_HANGUL,
        SCRIPT_LATIN | SCRIPT_HAN | SCRIPT_BOPOMOFO};

struct scripts {
    unsigned east;            /* enum script */
    const uc_script_t *other; /* one that stands alone */
    bool mixed;
};

static void script_add(struct scripts *scripts, ucs4_t c)
{
    const uc_script_t *script = uc_script(c);
    if (script == NULL || strcmp(script->name, "Common") == 0 || strcmp(script->name, "Inherited") == 0)
        return;
    for (size_t i = 0; i < COUNT_OF(east); i++)
        if (strcmp(script->name, east[i].name) == 0) {
            scripts->east |= east[i].script;
            return;
        }
    scripts->mixed |= scripts->other != NULL && scripts->other != script;
    scripts->other = script;
}

static bool label_is_mixed(slice label)
{
    struct scripts scripts = {0};
    while (label.len > 0) {
        ucs4_t c;
        label = slice_from(label, character_next(label, &c));
        script_add(&scripts, c);
    }
    if (scripts.other != NULL)
        return scripts.mixed || scripts.east != 0;
    for (size_t i = 0; i < COUNT_OF(together); i++)
        if ((scripts.east & ~together[i]) == 0)
            return false;
    return true;
}

bool shown_name_is_mixed(slice host)
{
    char *other = is_ascii(host) ? respelt(host, false) : NULL;
    slice rest = other == NULL ? host : slice_of(other), label;
    bool mixed = false;
    while (!mixed && slice_next(&rest, '.', &label))
        mixed = label_is_mixed(label);
    if (other != NULL)
        idn2_free(other);
    return mixed;
}
