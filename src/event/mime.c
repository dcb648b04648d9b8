/* SPDX-License-Identifier: Apache-2.0 */
#include "event/mime.h"

#include "base/arena.h"

/* ---- Headers ---- */

/* The next line without its end; false at the end of the text. */
static bool line_next(slice *rest, slice *line)
{
    if (rest->len == 0)
        return false;
    size_t end = slice_find(*rest, '\n');
    *line = slice_part(*rest, 0, end);
    *rest = slice_from(*rest, end < rest->len ? end + 1 : end);
    if (line->len > 0 && line->ptr[line->len - 1] == '\r')
        line->len--;
    return true;
}

static bool continues(slice text)
{
    return text.len > 0 && (text.ptr[0] == ' ' || text.ptr[0] == '\t');
}

/* Where a header ends and the body begins; the length of the text if it does not end. */
static size_t header_end(slice text)
{
    slice rest = text, line;
    while (line_next(&rest, &line))
        if (line.len == 0)
            return text.len - rest.len;
    return text.len;
}

/* The value of a field, its lines as they stand; false if there is none. */
static bool field_get(slice header, slice name, slice *value)
{
    slice rest = header, line;
    while (line_next(&rest, &line) && line.len > 0) {
        size_t colon = slice_find(line, ':');
        if (continues(line) || !slice_eq_fold(slice_trim(slice_part(line, 0, colon)), name) || colon == line.len)
            continue;
        const char *begin = line.ptr + colon + 1, *end = line.ptr + line.len;
        while (continues(rest) && line_next(&rest, &line))
            end = line.ptr + line.len;
        *value = slice_trim((slice){begin, (size_t)(end - begin)});
        return true;
    }
    return false;
}

bool mime_has(slice text, slice name)
{
    slice value;
    return field_get(slice_part(text, 0, header_end(text)), name, &value);
}

static bool starts_fold(slice text, slice with)
{
    return text.len >= with.len && slice_eq_fold(slice_part(text, 0, with.len), with);
}

/* A parameter of a Content-Type (RFC 2045 section 5.1). */
static slice parameter(slice value, slice name)
{
    size_t at = slice_find(value, ';');
    while (at < value.len) {
        slice rest = slice_trim(slice_from(value, at + 1));
        if (starts_fold(rest, name) && rest.len > name.len && rest.ptr[name.len] == '=') {
            slice found = slice_from(rest, name.len + 1);
            if (found.len > 0 && found.ptr[0] == '"')
                return slice_part(slice_from(found, 1), 0, slice_find(slice_from(found, 1), '"'));
            return slice_trim(slice_part(found, 0, slice_find(found, ';')));
        }
        if (rest.len == 0)
            break;
        at = (size_t)(rest.ptr - value.ptr) + slice_find(rest, ';');
    }
    return S("");
}

/* ---- Parts ---- */

static slice boundary_of(slice header)
{
    slice type;
    if (!field_get(header, S("content-type"), &type) || !starts_fold(type, S("multipart/")))
        return S("");
    return parameter(type, S("boundary"));
}

/* 0: the line is none; 1: a part begins behind it; 2: the last one ended. */
static int delimits(slice line, slice boundary)
{
    if (!slice_starts(line, S("--")) || !slice_starts(slice_from(line, 2), boundary))
        return 0;
    slice behind = slice_from(line, 2 + boundary.len);
    if (slice_starts(behind, S("--")))
        return slice_trim(slice_from(behind, 2)).len == 0 ? 2 : 0;
    return slice_trim(behind).len == 0 ? 1 : 0;
}

/* Mails that follow one another have blank lines between them. */
static slice without_blank_lines(slice text)
{
    while (text.len > 0 && (text.ptr[0] == '\n' || text.ptr[0] == '\r'))
        text = slice_from(text, 1);
    return text;
}

static size_t length(slice text)
{
    size_t end = header_end(text);
    slice boundary = boundary_of(slice_part(text, 0, end)), rest = slice_from(text, end), line;
    if (end == text.len || boundary.len == 0)
        return 0;
    while (line_next(&rest, &line))
        if (delimits(line, boundary) == 2)
            return rest.len > 0 || text.ptr[text.len - 1] == '\n' ? text.len - rest.len : 0;
    return 0;
}

size_t mime_length(slice text)
{
    slice mail = without_blank_lines(text);
    size_t found = mail.len == 0 ? 0 : length(mail);
    return found == 0 ? 0 : text.len - mail.len + found;
}

struct mime mime_begin(slice text)
{
    slice mail = without_blank_lines(text);
    struct mime mime = {.header = slice_part(mail, 0, header_end(mail))};
    slice line;
    mime.body = slice_from(mail, mime.header.len);
    mime.boundary = boundary_of(mime.header);
    mime.rest = mime.body;
    if (mime.boundary.len > 0) /* what stands before the first part is for readers that know none */
        while (line_next(&mime.rest, &line) && delimits(line, mime.boundary) == 0)
            continue;
    return mime;
}

static struct mime_part part_of(slice text)
{
    struct mime_part part = {.type = S(""), .encoding = S("")};
    size_t end = text.len > 0 && (text.ptr[0] == '\n' || text.ptr[0] == '\r') ? 0 : header_end(text);
    slice header = slice_part(text, 0, end), value;
    if (field_get(header, S("content-type"), &value))
        part.type = value;
    if (field_get(header, S("content-transfer-encoding"), &value))
        part.encoding = value;
    part.body = slice_from(text, end);
    return part;
}

bool mime_next(struct mime *mime, struct mime_part *part)
{
    slice line, begin = mime->rest;
    if (mime->count == MIME_PARTS_MAX || mime->rest.len == 0)
        return false;
    mime->count++;
    if (mime->boundary.len == 0) {
        *part = part_of(mime->header);
        part->body = mime->rest;
        mime->rest = S("");
        return true;
    }
    while (line_next(&mime->rest, &line)) {
        int kind = delimits(line, mime->boundary);
        if (kind == 0)
            continue;
        *part = part_of(slice_part(begin, 0, (size_t)(line.ptr - begin.ptr)));
        if (kind == 2)
            mime->rest = S("");
        return true;
    }
    *part = part_of(begin);
    return true;
}

/* ---- Encodings ---- */

static int base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c == '\0' ? NULL : strchr(digits, c);
    return at == NULL ? -1 : (int)(at - digits);
}

static slice base64_undo(slice text, struct arena *arena)
{
    char *out = arena_take(arena, text.len);
    size_t len = 0;
    unsigned bits = 0, count = 0;
    for (size_t i = 0; i < text.len && text.ptr[i] != '='; i++) {
        int digit = base64_digit(text.ptr[i]);
        if (digit < 0 && byte_is_blank(text.ptr[i]))
            continue;
        if (digit < 0)
            break;
        bits = (bits << 6 | (unsigned)digit) & 0xfff;
        count += 6;
        if (count >= 8) {
            count -= 8;
            out[len++] = (char)(bits >> count & 0xff);
        }
    }
    return (slice){out, len};
}

/* RFC 2045 section 6.7: =XX is a byte, and = at the end of a line joins it with the next. */
static slice quoted_undo(slice text, struct arena *arena)
{
    char *out = arena_take(arena, text.len);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        slice behind = slice_from(text, i + 1);
        char byte;
        if (text.ptr[i] != '=') {
            out[len++] = text.ptr[i];
        } else if (slice_starts(behind, S("\n"))) {
            i += 1;
        } else if (slice_starts(behind, S("\r\n"))) {
            i += 2;
        } else if (behind.len >= 2 && slice_hex(slice_part(behind, 0, 2), &byte, 1)) {
            out[len++] = byte;
            i += 2;
        } else {
            out[len++] = '=';
        }
    }
    return (slice){out, len};
}

slice mime_text(const struct mime_part *part, struct arena *arena)
{
    slice encoding = slice_trim(part->encoding);
    if (slice_eq_fold(encoding, S("base64")))
        return base64_undo(part->body, arena);
    return slice_eq_fold(encoding, S("quoted-printable")) ? quoted_undo(part->body, arena) : part->body;
}
