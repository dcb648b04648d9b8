/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>

#include "http/http.h"

static const slice methods[HTTP_METHODS] = {
        [HTTP_GET] = {"GET", 3},
        [HTTP_HEAD] = {"HEAD", 4},
        [HTTP_POST] = {"POST", 4},
        [HTTP_DELETE] = {"DELETE", 6},
};

/* RFC 9110 section 15, RFC 6585. */
static const struct {
    unsigned status;
    const char *text;
} statuses[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {206, "Partial Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {303, "See Other"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {410, "Gone"},
        {411, "Length Required"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
};

slice http_header(const struct http_request *request, slice name, bool *found)
{
    bool here = false;
    slice value = {0};
    for (size_t i = 0; i < request->header_count && !here; i++) {
        here = slice_eq_fold(request->headers[i].name, name);
        if (here)
            value = request->headers[i].value;
    }
    if (found != NULL)
        *found = here;
    return value;
}

void http_reply_header(struct http_reply *reply, slice name, slice value)
{
    assert(reply->header_count < HTTP_REPLY_HEADERS_MAX);
    assert(slice_find(value, '\n') == value.len && slice_find(value, '\r') == value.len);
    assert(slice_find(value, 0) == value.len);
    reply->headers[reply->header_count++] = (struct http_header){name, value};
}

slice http_method_name(enum http_method method)
{
    assert(method < HTTP_METHODS);
    return methods[method];
}

const char *http_status_text(unsigned status)
{
    for (size_t i = 0; i < COUNT_OF(statuses); i++)
        if (statuses[i].status == status)
            return statuses[i].text;
    return "Unknown";
}

/* ---- Cookies ---- */

/* cookie-octet of RFC 6265 section 4.1.1: nothing that would end or escape a value. */
static bool is_cookie_value(slice value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if (c <= ' ' || c >= 0x7F || c == '"' || c == ',' || c == ';' || c == '\\')
            return false;
    }
    return true;
}

static slice unquoted(slice value)
{
    bool quoted = value.len >= 2 && value.ptr[0] == '"' && value.ptr[value.len - 1] == '"';
    return quoted ? slice_part(value, 1, value.len - 1) : value;
}

/* The first of that name counts, as browsers send the one of the closest path first. */
slice http_cookie(const struct http_request *request, slice name)
{
    slice rest = http_header(request, S("cookie"), NULL), piece;
    while (rest.ptr != NULL && slice_next(&rest, ';', &piece)) {
        piece = slice_trim(piece);
        size_t equals = slice_find(piece, '=');
        if (equals == piece.len || !slice_eq(slice_part(piece, 0, equals), name))
            continue;
        slice value = unquoted(slice_from(piece, equals + 1));
        return is_cookie_value(value) ? value : (slice){0};
    }
    return (slice){0};
}

/* ---- Accept ---- */

/* The next piece up to `at`, passing over what is in quotes (RFC 9110 section 5.6.4). */
static bool next_unquoted(slice *rest, char at, slice *piece)
{
    bool quoted = false;
    size_t end = 0;
    if (rest->ptr == NULL)
        return false;
    for (; end < rest->len && (quoted || rest->ptr[end] != at); end++) {
        if (rest->ptr[end] == '"')
            quoted = !quoted;
        else if (quoted && rest->ptr[end] == '\\' && end + 1 < rest->len)
            end++;
    }
    *piece = slice_trim(slice_part(*rest, 0, end));
    *rest = end < rest->len ? slice_from(*rest, end + 1) : (slice){0};
    return true;
}

/* "0.5" is 500; what is no qvalue (RFC 9110 section 12.4.2) is 0. */
static unsigned quality(slice text)
{
    unsigned value = 0, digits = 0;
    if (text.len == 0 || text.len > 5 || (text.ptr[0] != '0' && text.ptr[0] != '1'))
        return 0;
    if (text.len > 1 && text.ptr[1] != '.')
        return 0;
    for (size_t i = 2; i < text.len; i++, digits++) {
        if (!byte_is_digit(text.ptr[i]))
            return 0;
        value = value * 10 + (unsigned)(text.ptr[i] - '0');
    }
    for (; digits < 3; digits++)
        value *= 10;
    value += text.ptr[0] == '1' ? 1000 : 0;
    return value > 1000 ? 0 : value;
}

/* NAME=VALUE of a `;` list, the value without quotes. */
static bool parameter(slice piece, slice *name, slice *value)
{
    size_t equals = slice_find(piece, '=');
    *name = slice_trim(slice_part(piece, 0, equals));
    *value = equals < piece.len ? unquoted(slice_trim(slice_from(piece, equals + 1))) : (slice){0};
    return equals < piece.len;
}

/* Whether the type has this parameter. */
static bool has_parameter(slice type, slice name, slice value)
{
    slice piece, its_name, its_value;
    if (!next_unquoted(&type, ';', &piece))
        return false;
    while (next_unquoted(&type, ';', &piece))
        if (parameter(piece, &its_name, &its_value) && slice_eq_fold(its_name, name) && slice_eq_fold(its_value, value))
            return true;
    return false;
}

/* How closely a range names an essence: 0 not at all, 1 any type, 2 any subtype, 3 the very one. */
static unsigned closeness(slice range, slice essence)
{
    size_t slash = slice_find(essence, '/');
    if (slice_eq(range, S("*/*")) || slice_eq(range, S("*"))) /* "*" alone is what some clients say */
        return 1;
    if (slice_ends(range, S("/*")))
        return slice_eq_fold(slice_part(range, 0, range.len - 2), slice_part(essence, 0, slash)) ? 2 : 0;
    return slice_eq_fold(range, essence) ? 3 : 0;
}

/* One range of the header against the type: how close (more parameters are closer), and its weight. */
static unsigned range_of(slice range, slice type, unsigned *weight)
{
    slice essence, piece, name, value, rest = type;
    *weight = 1000;
    if (!next_unquoted(&rest, ';', &essence) || !next_unquoted(&range, ';', &piece))
        return 0;
    unsigned close = closeness(piece, essence);
    while (close > 0 && next_unquoted(&range, ';', &piece)) {
        if (!parameter(piece, &name, &value))
            continue;
        if (slice_eq_fold(name, S("q"))) {
            *weight = quality(value);
            break; /* what follows would be of an extension that never came (RFC 9110 section 12.5.1) */
        }
        close = has_parameter(type, name, value) ? close + 1 : 0;
    }
    return close;
}

unsigned http_accepts(slice accept, slice type)
{
    unsigned closest = 0, best = 0, weight;
    slice range;
    if (slice_trim(accept).len == 0)
        return 1000;
    while (next_unquoted(&accept, ',', &range)) {
        unsigned close = range_of(range, type, &weight);
        if (close > closest || (close > 0 && close == closest && weight > best)) {
            closest = close;
            best = weight;
        }
    }
    return best;
}
