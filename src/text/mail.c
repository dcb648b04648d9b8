/* SPDX-License-Identifier: Apache-2.0 */
#include "text/mail.h"

#include <sodium.h>
#include <time.h>

#include "base/clock.h"
#include "base/hash.h"
#include "text/mustache.h"

#define COLUMNS_MAX 76 /* RFC 2045 section 6.7, RFC 2047 section 2 */
#define WORD_BYTES 39  /* of UTF-8 in an encoded word: with "=?UTF-8?B?" and "?=" at most 64 characters */
#define BASE64_LINE 57

static bool is_plain(char c)
{
    return c >= 0x20 && c < 0x7f;
}

static void line_end(struct buf *out)
{
    buf_put(out, S("\r\n"));
}

static void base64_put(struct buf *out, slice bytes)
{
    size_t room = sodium_base64_ENCODED_LEN(bytes.len, sodium_base64_VARIANT_ORIGINAL);
    if (!buf_reserve(out, room))
        return;
    sodium_bin2base64(
            out->ptr + out->len, room, (const unsigned char *)bytes.ptr, bytes.len, sodium_base64_VARIANT_ORIGINAL);
    out->len += room - 1; /* a NUL ends it */
}

/* ---- Fields ---- */

/* Where the piece that begins a text ends: no character is cut in two. */
static size_t word_end(slice text)
{
    size_t end = text.len < WORD_BYTES ? text.len : WORD_BYTES;
    while (end > 1 && end < text.len && ((unsigned char)text.ptr[end] & 0xC0) == 0x80)
        end--;
    return end;
}

/* RFC 2047: blanks between encoded words do not count, so that each carries its own. */
static void encoded_put(struct buf *out, slice text)
{
    char clean[WORD_BYTES];
    bool first = true;
    while (text.len > 0) {
        size_t end = word_end(text);
        for (size_t i = 0; i < end; i++)
            clean[i] = (unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f ? ' ' : text.ptr[i];
        buf_put(out, first ? S(" =?UTF-8?B?") : S("\r\n =?UTF-8?B?"));
        base64_put(out, (slice){clean, end});
        buf_put(out, S("?="));
        text = slice_from(text, end);
        first = false;
    }
}

/* Folded before a word that would make the line too long (RFC 5322 section 2.2.3). */
static void folded_put(struct buf *out, size_t column, slice text)
{
    slice word;
    while (slice_next(&text, ' ', &word)) {
        bool fold = column + 1 + word.len > COLUMNS_MAX && column > 1;
        buf_put(out, fold ? S("\r\n ") : S(" "));
        buf_put(out, word);
        column = (fold ? 1 : column + 1) + word.len;
    }
}

/* Whether it may stand as it is: no word longer than a line, none that looks encoded, no two blanks in a row. */
static bool stands_as_it_is(slice text)
{
    size_t word = 0;
    for (size_t i = 0; i < text.len; i++) {
        word = text.ptr[i] == ' ' ? 0 : word + 1;
        bool doubled = text.ptr[i] == ' ' && (i == 0 || i + 1 == text.len || text.ptr[i + 1] == ' ');
        if (!is_plain(text.ptr[i]) || doubled || word > COLUMNS_MAX - 2)
            return false;
    }
    return slice_find_slice(text, S("=?")) == text.len;
}

void mail_field_write(struct buf *out, const char *name, slice text)
{
    buf_printf(out, "%s:", name);
    if (text.len > 0 && stands_as_it_is(text))
        folded_put(out, strlen(name) + 1, text);
    else if (text.len > 0 && strlen(name) > 8) { /* the first encoded word would make the line too long */
        buf_put(out, S("\r\n"));
        encoded_put(out, text);
    } else
        encoded_put(out, text);
    line_end(out);
}

static bool is_atom_text(slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_plain(text.ptr[i]) || strchr("()<>[]:;@\\,.\"", text.ptr[i]) != NULL)
            return false;
    return stands_as_it_is(text);
}

void mail_address_write(struct buf *out, const char *name, slice shown, slice address)
{
    buf_printf(out, "%s:", name);
    if (shown.len > 0 && is_atom_text(shown))
        folded_put(out, strlen(name) + 1, shown);
    else if (shown.len > 0)
        encoded_put(out, shown);
    buf_put(out, shown.len > 0 ? S("\r\n <") : S(" <"));
    buf_put(out, address);
    buf_put(out, S(">\r\n"));
}

/* RFC 5322 section 3.3, in UTC and in English whatever the locale is. */
void mail_date_write(struct buf *out, int64_t us)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(us / SECOND_US);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    buf_printf(out, "Date: %s, %d %s %d %02d:%02d:%02d +0000\r\n", days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
            tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

bool mail_address_is(slice text)
{
    size_t at = slice_find(text, '@');
    if (at == 0 || at + 1 >= text.len || slice_find(slice_from(text, at + 1), '@') < text.len - at - 1)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (!is_plain(text.ptr[i]) || strchr("<>()[],;:\"\\ ", text.ptr[i]) != NULL)
            return false;
    return text.ptr[0] != '-';
}

/* ---- Bodies ---- */

enum boundary { BOUNDARY_SIGNED, BOUNDARY_MIXED, BOUNDARY_ALTERNATIVE };

static void boundary_put(struct buf *out, slice seed, enum boundary which)
{
    struct sha256 sum = hash_sha256(seed);
    sum.bytes[0] = (uint8_t)which;
    buf_put(out, S("=_"));
    buf_hex(out, (slice){(const char *)sum.bytes, 16});
}

static void part_begin(struct buf *out, slice seed, enum boundary which)
{
    buf_put(out, S("--"));
    boundary_put(out, seed, which);
    line_end(out);
}

static void parts_end(struct buf *out, slice seed, enum boundary which)
{
    buf_put(out, S("--"));
    boundary_put(out, seed, which);
    buf_put(out, S("--\r\n"));
}

static void multipart_begin(struct buf *out, const char *subtype, slice seed, enum boundary which)
{
    buf_printf(out, "Content-Type: multipart/%s;\r\n boundary=\"", subtype);
    boundary_put(out, seed, which);
    buf_put(out, S("\"\r\n\r\n"));
}

/* One character of quoted-printable (RFC 2045 section 6.7). `last`: of its line. Blanks at the end, "From " and a lone
 * dot at the beginning are what servers on the way change (RFC 2049 section 3). */
static bool stays(char c, size_t column, bool last)
{
    if (c == ' ' || c == '\t')
        return !last;
    return is_plain(c) && c != '=' && !(column == 0 && (c == 'F' || c == '.'));
}

static void quoted_line_put(struct buf *out, slice line)
{
    size_t column = 0;
    for (size_t i = 0; i < line.len; i++) {
        bool as_it_is = stays(line.ptr[i], column, i + 1 == line.len);
        if (column + (as_it_is ? 1 : 3) > COLUMNS_MAX - 1) {
            buf_put(out, S("=\r\n"));
            column = 0;
            as_it_is = stays(line.ptr[i], column, i + 1 == line.len);
        }
        if (as_it_is)
            buf_byte(out, line.ptr[i]);
        else
            buf_printf(out, "=%02X", (unsigned char)line.ptr[i]);
        column += as_it_is ? 1 : 3;
    }
    line_end(out);
}

static void quoted_put(struct buf *out, slice text)
{
    slice line;
    if (slice_ends(text, S("\n")))
        text.len--;
    while (text.ptr != NULL && slice_next(&text, '\n', &line))
        quoted_line_put(out, line);
}

static void text_part(struct buf *out, const char *subtype, slice text)
{
    buf_printf(out, "Content-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
            subtype);
    quoted_put(out, text);
}

/* The text with its lines, everything in it escaped; only the link of ours is one. */
static void html_write(struct buf *out, const struct mail_body *body)
{
    slice text = body->text, line;
    buf_put(out, S("<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"></head><body>\n<p>"));
    while (text.ptr != NULL && slice_next(&text, '\n', &line)) {
        slice trimmed = slice_trim(line);
        bool is_link = body->link.len > 0 && slice_eq(trimmed, body->link);
        if (is_link)
            buf_put(out, S("<a href=\""));
        if (is_link) {
            mustache_escape(trimmed, out);
            buf_put(out, S("\">"));
        }
        mustache_escape(trimmed, out);
        buf_put(out, is_link ? S("</a><br>\n") : trimmed.len == 0 ? S("</p>\n<p>") : S("<br>\n"));
    }
    buf_put(out, S("</p>\n</body></html>\n"));
}

static void file_part(struct buf *out, const struct mail_file *file)
{
    slice left = file->bytes;
    buf_printf(out,
            "Content-Type: %s; name=\"%s\"\r\nContent-Transfer-Encoding: base64\r\n"
            "Content-Disposition: attachment; filename=\"%s\"\r\n\r\n",
            file->type, file->name, file->name);
    while (left.len > 0) {
        size_t line = left.len < BASE64_LINE ? left.len : BASE64_LINE;
        base64_put(out, slice_part(left, 0, line));
        line_end(out);
        left = slice_from(left, line);
    }
}

static void alternatives_write(struct buf *out, const struct mail_body *body)
{
    struct buf html = buf_make(out->max);
    html_write(&html, body);
    multipart_begin(out, "alternative", body->seed, BOUNDARY_ALTERNATIVE);
    part_begin(out, body->seed, BOUNDARY_ALTERNATIVE);
    text_part(out, "plain", body->text);
    part_begin(out, body->seed, BOUNDARY_ALTERNATIVE);
    text_part(out, "html", buf_slice(&html));
    parts_end(out, body->seed, BOUNDARY_ALTERNATIVE);
    out->full = out->full || html.full;
    buf_free(&html);
}

void mail_body_write(struct buf *out, const struct mail_body *body)
{
    multipart_begin(out, "mixed", body->seed, BOUNDARY_MIXED);
    part_begin(out, body->seed, BOUNDARY_MIXED);
    alternatives_write(out, body);
    for (size_t i = 0; i < body->file_count; i++) {
        part_begin(out, body->seed, BOUNDARY_MIXED);
        file_part(out, &body->files[i]);
    }
    parts_end(out, body->seed, BOUNDARY_MIXED);
}

/* The line end before a boundary belongs to the boundary (RFC 2046 section 5.1.1): what is signed is `body` whole. */
void mail_signed_write(struct buf *out, slice body, slice signature, slice seed)
{
    slice line;
    buf_put(out, S("Content-Type: multipart/signed; micalg=pgp-sha256;\r\n protocol=\"application/pgp-signature\";\r\n"
                   " boundary=\""));
    boundary_put(out, seed, BOUNDARY_SIGNED);
    buf_put(out, S("\"\r\n\r\n"));
    part_begin(out, seed, BOUNDARY_SIGNED);
    buf_put(out, body);
    line_end(out);
    part_begin(out, seed, BOUNDARY_SIGNED);
    buf_put(out, S("Content-Type: application/pgp-signature; name=\"signature.asc\"\r\n\r\n"));
    while (signature.len > 0 && slice_next(&signature, '\n', &line)) {
        buf_put(out, slice_ends(line, S("\r")) ? slice_part(line, 0, line.len - 1) : line);
        line_end(out);
    }
    parts_end(out, seed, BOUNDARY_SIGNED);
}

/* ---- CSV ---- */

/* What makes a spreadsheet take a cell for a formula; full-width forms are folded to these by some. */
static bool begins_a_formula(slice text)
{
    const slice signs[] = {S("="), S("+"), S("-"), S("@"), S("\t"), S("\r"), S("\xef\xbc\x9d"), S("\xef\xbc\x8b"),
            S("\xef\xbc\x8d"), S("\xef\xbc\xa0")};
    for (size_t i = 0; i < COUNT_OF(signs); i++)
        if (slice_starts(text, signs[i]))
            return true;
    return false;
}

void mail_cell_write(struct buf *out, slice text, bool first)
{
    buf_put(out, first ? S("\"") : S(",\""));
    if (begins_a_formula(text))
        buf_byte(out, '\'');
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '"')
            buf_byte(out, '"');
        buf_byte(out, text.ptr[i]);
    }
    buf_byte(out, '"');
}
