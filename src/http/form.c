/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "http/head.h"

#define PART_HEAD_MAX 4096 /* bytes of the headers of one part of multipart/form-data */
#define BOUNDARY_MAX 70    /* RFC 2046 section 5.1.1 */

/* Fields as they are found, in the arena of the request. */
struct fields {
    struct arena *arena;
    struct http_field *rows;
    size_t count;
};

static struct fields fields_begin(struct arena *arena, size_t expected)
{
    size_t room = expected < HTTP_FIELDS_MAX ? expected : HTTP_FIELDS_MAX;
    return (struct fields){arena, arena_new(arena, struct http_field, room), 0};
}

static struct err fields_add(struct fields *fields, struct http_field field)
{
    if (fields->count == HTTP_FIELDS_MAX)
        return err_make(ERR_LIMIT, "a form or query has more than 256 fields");
    fields->rows[fields->count++] = field;
    return OK;
}

/* UTF-8 (RFC 3629) with no control characters but those of text in several lines. */
static bool is_text(slice value)
{
    while (value.len > 0) {
        size_t plain = 0;
        while (plain < value.len && value.ptr[plain] != '\n' && value.ptr[plain] != '\r' && value.ptr[plain] != '\t')
            plain++;
        if (!http_is_text(slice_part(value, 0, plain)))
            return false;
        value = slice_from(value, plain < value.len ? plain + 1 : plain);
    }
    return true;
}

static struct err check_text(slice name, slice value)
{
    if (!http_is_text(name) || !is_text(value))
        return err_make(ERR_INPUT, "a field is no UTF-8, or holds control characters");
    return OK;
}

/* ---- application/x-www-form-urlencoded (WHATWG URL section 5.1) ---- */

static size_t count_pieces(slice text)
{
    size_t count = text.len > 0;
    for (size_t i = 0; i < text.len; i++)
        count += text.ptr[i] == '&';
    return count;
}

/* An escape that is none stays as it is. */
static slice unescaped(slice text, struct arena *arena)
{
    if (slice_find(text, '%') == text.len && slice_find(text, '+') == text.len)
        return text;
    char *out = arena_take(arena, text.len);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool escape = text.ptr[i] == '%' && i + 2 < text.len;
        int high = escape ? byte_hex(text.ptr[i + 1]) : -1, low = escape ? byte_hex(text.ptr[i + 2]) : -1;
        if (high >= 0 && low >= 0) {
            out[len++] = (char)(high << 4 | low);
            i += 2;
        } else if (text.ptr[i] == '+') {
            out[len++] = ' ';
        } else {
            out[len++] = text.ptr[i];
        }
    }
    return (slice){out, len};
}

static struct err read_urlencoded(
        slice text, struct arena *arena, const struct http_field **fields, size_t *field_count)
{
    struct fields found = fields_begin(arena, count_pieces(text));
    slice piece;
    while (slice_next(&text, '&', &piece)) {
        size_t equals = slice_find(piece, '=');
        if (piece.len == 0)
            continue;
        struct http_field field = {.name = unescaped(slice_part(piece, 0, equals), arena)};
        if (equals < piece.len)
            field.value = unescaped(slice_from(piece, equals + 1), arena);
        TRY(check_text(field.name, field.value));
        TRY(fields_add(&found, field));
    }
    *fields = found.rows;
    *field_count = found.count;
    return OK;
}

struct err http_query(const struct http_request *request, const struct http_field **fields, size_t *field_count)
{
    return read_urlencoded(request->query, request->arena, fields, field_count);
}

/* ---- Parameters of a header ---- */

/* A quoted text as browsers and others write it: \" and %22 are a quote, any other backslash is itself. */
static slice dequoted(slice text, struct arena *arena)
{
    char *out = arena_take(arena, text.len);
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool quote = text.ptr[i] == '\\' && i + 1 < text.len && text.ptr[i + 1] == '"';
        bool escape = text.len - i >= 3 && memcmp(text.ptr + i, "%22", 3) == 0;
        out[len++] = quote || escape ? '"' : text.ptr[i];
        i += quote ? 1 : escape ? 2 : 0;
    }
    return (slice){out, len};
}

/* The end of a quoted text that begins behind its quote; its length if it does not end. */
static size_t quote_end(slice text)
{
    size_t end = 0;
    while (end < text.len && text.ptr[end] != '"')
        end += text.ptr[end] == '\\' && end + 1 < text.len && text.ptr[end + 1] == '"' ? 2 : 1;
    return end < text.len ? end : text.len;
}

/* The next ";NAME=VALUE" of a header. False at the end, and for what is none. */
static bool next_parameter(slice *rest, struct arena *arena, slice *name, slice *value)
{
    *rest = slice_trim(*rest);
    if (rest->len == 0 || rest->ptr[0] != ';')
        return false;
    slice text = slice_trim(slice_from(*rest, 1));
    size_t equals = slice_find(text, '=');
    if (equals == text.len)
        return false;
    *name = slice_trim(slice_part(text, 0, equals));
    text = slice_from(text, equals + 1);
    if (text.len > 0 && text.ptr[0] == '"') {
        size_t end = quote_end(slice_from(text, 1));
        if (end + 1 == text.len)
            return false;
        *value = dequoted(slice_part(text, 1, end + 1), arena);
        *rest = slice_from(text, end + 2);
        return true;
    }
    size_t end = slice_find(text, ';');
    *value = slice_trim(slice_part(text, 0, end));
    *rest = slice_from(text, end);
    return true;
}

/* ---- multipart/form-data (RFC 7578) ---- */

/* bchars of RFC 2046 section 5.1.1 */
static bool is_boundary(slice boundary)
{
    static const char others[] = "'()+_,-./:=? ";
    for (size_t i = 0; i < boundary.len; i++) {
        char c = boundary.ptr[i], low = byte_lower(c);
        if (!byte_is_digit(c) && !(low >= 'a' && low <= 'z') && (c == 0 || strchr(others, c) == NULL))
            return false;
    }
    return boundary.len > 0 && boundary.len <= BOUNDARY_MAX && boundary.ptr[boundary.len - 1] != ' ';
}

static struct err bad_part(void)
{
    return err_make(ERR_INPUT, "the form is no multipart/form-data as RFC 7578 has it");
}

static slice without_folders(slice name)
{
    for (size_t i = name.len; i > 0; i--)
        if (name.ptr[i - 1] == '/' || name.ptr[i - 1] == '\\')
            return slice_from(name, i);
    return name;
}

/* form-data; name="..."; filename="..." */
static struct err read_disposition(slice value, struct arena *arena, struct http_field *field, bool *is_file)
{
    slice name, text, rest = value;
    size_t semicolon = slice_find(value, ';');
    bool named = false;
    if (!slice_eq_fold(slice_trim(slice_part(value, 0, semicolon)), S("form-data")))
        return bad_part();
    rest = slice_from(value, semicolon);
    while (next_parameter(&rest, arena, &name, &text)) {
        if (slice_eq_fold(name, S("name"))) {
            field->name = text;
            named = true;
        } else if (slice_eq_fold(name, S("filename"))) {
            field->file = without_folders(text);
            *is_file = true;
        }
    }
    return named && slice_trim(rest).len == 0 ? OK : bad_part();
}

static struct err read_part_line(slice line, struct arena *arena, struct http_field *field, bool *is_file)
{
    size_t colon = slice_find(line, ':');
    if (colon == line.len)
        return bad_part();
    slice name = slice_part(line, 0, colon), value = slice_trim(slice_from(line, colon + 1));
    if (slice_eq_fold(name, S("content-disposition")))
        return field->name.ptr == NULL ? read_disposition(value, arena, field, is_file) : bad_part();
    if (slice_eq_fold(name, S("content-type")))
        field->type = value;
    bool coded = slice_eq_fold(name, S("content-transfer-encoding"));
    if (coded && !slice_eq_fold(value, S("binary")) && !slice_eq_fold(value, S("8bit")) &&
            !slice_eq_fold(value, S("7bit")))
        return err_make(ERR_INPUT, "a part of the form is encoded, which RFC 7578 section 4.7 does not allow");
    return OK;
}

/* The headers and the content of a part. */
static struct err read_part(slice part, struct fields *fields)
{
    struct http_field field = {0};
    bool is_file = false;
    slice line, head;
    size_t end = slice_starts(part, S("\r\n")) ? 0 : slice_find_slice(part, S("\r\n\r\n"));
    if (end == 0 || end == part.len)
        return bad_part();
    if (end > PART_HEAD_MAX)
        return err_make(ERR_LIMIT, "the headers of a part of the form are longer than 4096 bytes");
    for (head = slice_part(part, 0, end); slice_next(&head, '\n', &line);)
        TRY(read_part_line(slice_trim(line), fields->arena, &field, &is_file));
    if (field.name.ptr == NULL)
        return bad_part();
    field.value = slice_from(part, end + 4);
    TRY(check_text(field.name, is_file ? S("") : field.value));
    if (!http_is_text(field.file) || !http_is_text(field.type))
        return bad_part();
    return fields_add(fields, field);
}

/* What stands between two boundaries, one after the other; what is behind the last one is nobody's (RFC 2046). */
static struct err read_multipart(slice body, slice boundary, struct fields *fields)
{
    slice between = {arena_printf(fields->arena, "\r\n--%.*s", (int)boundary.len, boundary.ptr), boundary.len + 4};
    slice first = slice_from(between, 2);
    if (!slice_starts(body, first))
        return bad_part();
    body = slice_from(body, first.len);
    while (!slice_starts(body, S("--"))) {
        if (!slice_starts(body, S("\r\n")))
            return bad_part();
        body = slice_from(body, 2);
        size_t end = slice_find_slice(body, between);
        if (end == body.len)
            return bad_part();
        TRY(read_part(slice_part(body, 0, end), fields));
        body = slice_from(body, end + between.len);
    }
    return OK;
}

/* ---- By Content-Type ---- */

struct err http_form(const struct http_request *request, const struct http_field **fields, size_t *field_count)
{
    slice type = http_header(request, S("content-type"), NULL), name, value, boundary = {0};
    size_t semicolon = slice_find(type, ';');
    slice essence = slice_trim(slice_part(type, 0, semicolon)), rest = slice_from(type, semicolon);
    if (slice_eq_fold(essence, S("application/x-www-form-urlencoded")))
        return read_urlencoded(request->body, request->arena, fields, field_count);
    if (!slice_eq_fold(essence, S("multipart/form-data")))
        return err_make(ERR_INPUT, "a form is application/x-www-form-urlencoded or multipart/form-data");
    while (next_parameter(&rest, request->arena, &name, &value))
        if (slice_eq_fold(name, S("boundary")))
            boundary = value;
    if (!is_boundary(boundary))
        return err_make(ERR_INPUT, "multipart/form-data without a boundary (RFC 7578 section 4.1)");
    struct fields found = fields_begin(request->arena, HTTP_FIELDS_MAX);
    TRY(read_multipart(request->body, boundary, &found));
    *fields = found.rows;
    *field_count = found.count;
    return OK;
}
