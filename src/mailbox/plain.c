/* SPDX-License-Identifier: Apache-2.0 */
#include "mailbox/plain.h"

#include <unistr.h>

#include "mailbox/mail.h"
#include "text/shown.h"

#define REPLACEMENT 0xFFFD
#define LINK_MAX 2000 /* bytes of a link that are kept */
#define ENTITY_MAX 16

static void character_put(struct buf *out, ucs4_t c)
{
    uint8_t utf8[6];
    int len = u8_uctomb(utf8, c, sizeof utf8);
    if (len > 0)
        buf_put(out, (slice){(const char *)utf8, (size_t)len});
    else
        character_put(out, REPLACEMENT);
}

static bool is_control(ucs4_t c)
{
    return c < ' ' || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

void mailbox_plain_put(struct buf *out, slice text, bool lines)
{
    for (size_t i = 0; i < text.len;) {
        ucs4_t c;
        int len = u8_mbtoucr(&c, (const uint8_t *)text.ptr + i, text.len - i);
        i += len < 1 ? 1 : (size_t)len;
        if (len < 1 || c == 0)
            character_put(out, REPLACEMENT);
        else if (!is_control(c) || (lines && (c == '\n' || c == '\t')))
            character_put(out, c);
        else if (!lines && (c == '\n' || c == '\t'))
            buf_byte(out, ' ');
    }
}

/* ---- HTML ---- */

struct html {
    struct buf *out;
    slice rest;
    slice link; /* where the anchor at hand leads */
    bool blank; /* one is owed before the next character */
};

static void line_end(struct html *html)
{
    if (html->out->len > 0 && html->out->ptr[html->out->len - 1] != '\n')
        buf_byte(html->out, '\n');
    html->blank = false;
}

static void seen_put(struct html *html, slice text)
{
    if (html->blank && html->out->len > 0 && html->out->ptr[html->out->len - 1] != '\n')
        buf_byte(html->out, ' ');
    html->blank = false;
    mailbox_plain_put(html->out, text, false);
}

/* "&amp;" at the front of the rest: its length, or 0. */
static size_t entity(slice text, ucs4_t *c)
{
    static const struct {
        const char *name;
        ucs4_t c;
    } names[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}, {"nbsp", ' '},
            {"ndash", 0x2013}, {"mdash", 0x2014}, {"lsquo", 0x2018}, {"rsquo", 0x2019}, {"ldquo", 0x201C},
            {"rdquo", 0x201D}, {"hellip", 0x2026}, {"copy", 0xA9}, {"bull", 0x2022}};
    slice near = slice_part(text, 0, text.len < ENTITY_MAX ? text.len : ENTITY_MAX);
    size_t end = slice_find(near, ';');
    if (end == near.len || end < 2)
        return 0;
    slice name = slice_part(near, 1, end);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        if (slice_eq(name, slice_of(names[i].name))) {
            *c = names[i].c;
            return end + 1;
        }
    if (name.ptr[0] != '#' || name.len < 2)
        return 0;
    bool hex = byte_lower(name.ptr[1]) == 'x';
    uint64_t value = 0;
    for (size_t i = hex ? 2 : 1; i < name.len; i++) {
        int digit = byte_hex(name.ptr[i]);
        if (digit < 0 || (!hex && digit > 9))
            return 0;
        value = value * (hex ? 16 : 10) + (uint64_t)digit;
    }
    *c = value > 0x10FFFF || (value >= 0xD800 && value < 0xE000) || value == 0 ? REPLACEMENT : (ucs4_t)value;
    return end + 1;
}

static void entity_put(struct html *html)
{
    ucs4_t c = '&';
    size_t len = entity(html->rest, &c);
    uint8_t utf8[6];
    int bytes = u8_uctomb(utf8, c, sizeof utf8);
    if (c == ' ')
        html->blank = true;
    else
        seen_put(html, (slice){(const char *)utf8, bytes > 0 ? (size_t)bytes : 0});
    html->rest = slice_from(html->rest, len == 0 ? 1 : len);
}

/* Where a tag ends: a ">" in quotes is of a value. */
static size_t tag_end(slice text)
{
    char quote = 0;
    for (size_t i = 1; i < text.len; i++) {
        char c = text.ptr[i];
        if (quote == 0 && c == '>')
            return i;
        if (quote == 0 && (c == '"' || c == '\'') && text.ptr[i - 1] == '=')
            quote = c;
        else if (c == quote)
            quote = 0;
    }
    return text.len;
}

static size_t find_fold(slice text, slice word)
{
    for (size_t i = 0; i + word.len <= text.len; i++)
        if (slice_eq_fold(slice_part(text, i, i + word.len), word))
            return i;
    return text.len;
}

static slice link_of(slice tag)
{
    size_t at = find_fold(tag, S("href="));
    if (at == tag.len)
        return S("");
    slice value = slice_from(tag, at + 5);
    char quote = value.len > 0 ? value.ptr[0] : 0;
    if (quote == '"' || quote == '\'')
        value = slice_part(slice_from(value, 1), 0, slice_find(slice_from(value, 1), quote));
    else
        value = slice_part(value, 0, slice_find(value, ' '));
    return slice_part(value, 0, value.len < LINK_MAX ? value.len : LINK_MAX);
}

/* What is within such an element is not read by who reads the page. */
static const char *const unseen[] = {"script", "style", "head", "title", "template", "object", "svg", "math"};
static const char *const breaking[] = {"br", "p", "div", "tr", "li", "ul", "ol", "table", "blockquote", "hr", "pre",
        "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "header", "footer", "body"};

static bool among(slice name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq_fold(name, slice_of(names[i])))
            return true;
    return false;
}

/* Behind the end of an element; without one, all that is left is in it. */
static void skip_element(struct html *html, slice name)
{
    while (html->rest.len > 0) {
        size_t at = slice_find_slice(html->rest, S("</"));
        html->rest = slice_from(html->rest, at < html->rest.len ? at + 2 : at);
        if (html->rest.len >= name.len && slice_eq_fold(slice_part(html->rest, 0, name.len), name))
            break;
    }
    size_t end = slice_find(html->rest, '>');
    html->rest = slice_from(html->rest, end < html->rest.len ? end + 1 : end);
}

static void link_end(struct html *html)
{
    if (html->link.len > 0) {
        seen_put(html, S(" <"));
        mailbox_plain_put(html->out, html->link, false);
        buf_byte(html->out, '>');
    }
    html->link = S("");
}

static void tag_take(struct html *html)
{
    if (slice_starts(html->rest, S("<!--"))) {
        size_t end = slice_find_slice(html->rest, S("-->"));
        html->rest = slice_from(html->rest, end < html->rest.len ? end + 3 : end);
        return;
    }
    size_t end = tag_end(html->rest);
    slice tag = slice_part(html->rest, 1, end);
    html->rest = slice_from(html->rest, end < html->rest.len ? end + 1 : end);
    bool closes = slice_starts(tag, S("/"));
    slice name = closes ? slice_from(tag, 1) : tag;
    size_t len = 0;
    while (len < name.len && !byte_is_blank(name.ptr[len]) && name.ptr[len] != '/')
        len++;
    name = slice_part(name, 0, len);
    if (!closes && among(name, unseen, COUNT_OF(unseen)))
        skip_element(html, name);
    else if (among(name, breaking, COUNT_OF(breaking)))
        line_end(html);
    else if (slice_eq_fold(name, S("td")) || slice_eq_fold(name, S("th")))
        html->blank = true;
    if (slice_eq_fold(name, S("a"))) {
        link_end(html);
        html->link = closes ? S("") : link_of(tag);
    }
}

void mailbox_html_put(struct buf *out, slice text)
{
    struct html html = {.out = out, .rest = text, .link = S("")};
    while (html.rest.len > 0) {
        char c = html.rest.ptr[0], next = html.rest.len > 1 ? html.rest.ptr[1] : 0;
        size_t len = 0;
        if (c == '<' && ((next | 0x20) >= 'a' || next == '/' || next == '!' || next == '?')) {
            tag_take(&html);
            continue;
        }
        if (c == '&') {
            entity_put(&html);
            continue;
        }
        if (byte_is_blank(c)) {
            html.blank = true;
            html.rest = slice_from(html.rest, 1);
            continue;
        }
        do
            len++;
        while (len < html.rest.len && !byte_is_blank(html.rest.ptr[len]) && html.rest.ptr[len] != '<' &&
                html.rest.ptr[len] != '&');
        seen_put(&html, slice_part(html.rest, 0, len));
        html.rest = slice_from(html.rest, len);
    }
    link_end(&html);
}

/* ---- Names of files ---- */

void mailbox_name_put(struct buf *out, slice name, size_t part)
{
    struct buf clean = buf_make(4 * MAILBOX_VALUE_MAX), shown = buf_make(64 * MAILBOX_VALUE_MAX);
    mailbox_plain_put(&clean, slice_part(name, 0, name.len < MAILBOX_VALUE_MAX ? name.len : MAILBOX_VALUE_MAX), false);
    shown_text_write(&shown, clean.len == 0 ? S("") : slice_trim(buf_slice(&clean)), false);
    slice text = buf_slice(&shown);
    size_t len = text.len;
    if (len > MAILBOX_NAME_MAX) /* not in the middle of a character */
        for (len = MAILBOX_NAME_MAX; len > 0 && ((unsigned char)text.ptr[len] & 0xC0) == 0x80; len--)
            continue;
    for (size_t i = 0; i < len; i++) {
        bool no = strchr("/\\:*?\"<>|", text.ptr[i]) != NULL || (i == 0 && text.ptr[i] == '.');
        buf_byte(out, no ? '_' : text.ptr[i]);
    }
    if (len == 0)
        buf_printf(out, "part-%zu", part);
    buf_free(&clean);
    buf_free(&shown);
}
