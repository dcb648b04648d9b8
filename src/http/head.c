/* SPDX-License-Identifier: Apache-2.0 */
#include "http/head.h"

static const struct http_fault fine;

static struct http_fault fault(unsigned status, const char *why)
{
    return (struct http_fault){status, why};
}

/* ---- Bytes ---- */

/* tchar of RFC 9110 section 5.6.2 */
static bool is_token(slice name)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i], low = byte_lower(c);
        bool plain = byte_is_digit(c) || (low >= 'a' && low <= 'z');
        if (!plain && (c == 0 || strchr(others, c) == NULL))
            return false;
    }
    return name.len > 0;
}

/* field-value of RFC 9110 section 5.5: no controls but HTAB. */
static bool is_value(slice value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if ((c < ' ' && c != '\t') || c == 0x7F)
            return false;
    }
    return true;
}

/* How many bytes of UTF-8 begin with this one; 0 for none. */
static size_t utf8_length(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xE0)
        return first < 0xC2 ? 0 : 2;
    if (first < 0xF0)
        return 3;
    return first < 0xF5 ? 4 : 0;
}

/* The code point at the beginning of these bytes, and its length; 0 if there is none (RFC 3629 section 4). */
static size_t utf8_next(slice bytes, uint32_t *point)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)bytes.ptr[0];
    size_t length = utf8_length(first);
    if (length == 0 || length > bytes.len)
        return 0;
    *point = length == 1 ? first : first & (0xFFu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        unsigned char c = (unsigned char)bytes.ptr[i];
        if ((c & 0xC0) != 0x80)
            return 0;
        *point = *point << 6 | (c & 0x3F);
    }
    bool surrogate = *point >= 0xD800 && *point < 0xE000;
    return *point < least[length] || surrogate || *point > 0x10FFFF ? 0 : length;
}

bool http_is_text(slice bytes)
{
    uint32_t point = 0;
    for (size_t at = 0; at < bytes.len;) {
        size_t length = utf8_next(slice_from(bytes, at), &point);
        if (length == 0 || point < ' ' || (point >= 0x7F && point < 0xA0))
            return false;
        at += length;
    }
    return true;
}

/* ---- Method and target ---- */

struct http_fault http_head_method(slice name, enum http_method *method)
{
    static const slice others[] = {
            {"PUT", 3}, {"PATCH", 5}, {"OPTIONS", 7}, {"TRACE", 5}, {"CONNECT", 7}}; /* RFC 9110 section 9, RFC 5789 */
    for (enum http_method m = 0; m < HTTP_METHODS; m++)
        if (slice_eq(http_method_name(m), name)) {
            *method = m;
            return fine;
        }
    for (size_t i = 0; i < COUNT_OF(others); i++)
        if (slice_eq(others[i], name))
            return fault(405, "only GET, HEAD, POST and DELETE are answered here");
    return fault(501, "that method is not known here (RFC 9110 section 9)");
}

/* What may stand in a target as it is: no blank or control character, nothing that RFC 3986 wants escaped and that
 * readers treat differently. Bytes beyond ASCII are left to the check of UTF-8. */
static bool is_target(slice sent)
{
    for (size_t i = 0; i < sent.len; i++) {
        unsigned char c = (unsigned char)sent.ptr[i];
        if (c <= ' ' || c == 0x7F || c == '\\' || c == '#' || c == '"' || c == '<' || c == '>')
            return false;
    }
    return true;
}

/* Unescapes %XX once; false for an escape that is none. */
static bool unescape(slice sent, char *room, slice *path)
{
    size_t len = 0;
    for (size_t i = 0; i < sent.len; i++) {
        char c = sent.ptr[i];
        if (c == '%') {
            int high = i + 2 < sent.len ? byte_hex(sent.ptr[i + 1]) : -1;
            int low = i + 2 < sent.len ? byte_hex(sent.ptr[i + 2]) : -1;
            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            if (c == '/' || c == '\\')
                return false;
            i += 2;
        }
        room[len++] = c;
    }
    *path = (slice){room, len};
    return true;
}

/* No segment that is empty, "." or "..", the last one apart, which may be empty. */
static bool is_plain_path(slice path)
{
    slice rest = slice_from(path, 1), segment;
    while (slice_next(&rest, '/', &segment)) {
        if ((segment.len == 0 && rest.ptr != NULL) || slice_eq(segment, S(".")) || slice_eq(segment, S("..")))
            return false;
    }
    return true;
}

struct http_fault http_head_target(slice sent, char *room, struct http_request *request)
{
    size_t mark = slice_find(sent, '?');
    if (sent.len > HTTP_TARGET_BYTES_MAX)
        return fault(414, "the target is longer than 8192 bytes");
    if (sent.len == 0 || sent.ptr[0] != '/')
        return fault(400, "the target has to begin with / (RFC 9112 section 3.2.1)");
    if (!is_target(sent))
        return fault(400, "the target holds a character that has to be escaped (RFC 3986 section 2)");
    request->target = slice_part(sent, 0, mark);
    request->query = mark < sent.len ? slice_from(sent, mark + 1) : (slice){0};
    if (!unescape(request->target, room, &request->path))
        return fault(400, "the path holds an escape that is none, or of a slash (RFC 3986 section 2.1)");
    if (!http_is_text(request->path))
        return fault(400, "the path is no UTF-8, or holds control characters");
    if (!is_plain_path(request->path))
        return fault(400, "the path holds an empty segment, . or .. (RFC 3986 section 3.3)");
    return fine;
}

/* ---- Headers ---- */

/* Those that may stand once only; a list by RFC 9110 section 5.3 is no excuse for these. */
static const slice once[] = {
        {"host", 4},
        {"content-length", 14},
        {"transfer-encoding", 17},
        {"content-type", 12},
        {"content-encoding", 16},
        {"authorization", 13},
        {"cookie", 6},
        {"expect", 6},
        {"origin", 6},
};

static struct http_fault check_once(const struct http_request *request)
{
    unsigned seen = 0;
    for (size_t i = 0; i < request->header_count; i++)
        for (size_t k = 0; k < COUNT_OF(once); k++) {
            if (!slice_eq_fold(request->headers[i].name, once[k]))
                continue;
            if ((seen & 1u << k) != 0)
                return fault(400, "a header that may stand once stands twice (RFC 9110 section 5.3)");
            seen |= 1u << k;
        }
    return fine;
}

static struct http_fault check_characters(const struct http_request *request)
{
    for (size_t i = 0; i < request->header_count; i++) {
        if (!is_token(request->headers[i].name))
            return fault(400, "the name of a header is no token (RFC 9112 section 5.1)");
        if (!is_value(request->headers[i].value))
            return fault(400, "the value of a header holds a control character (RFC 9110 section 5.5)");
    }
    return fine;
}

static bool is_digits(slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!byte_is_digit(text.ptr[i]))
            return false;
    return text.len > 0;
}

/* uri-host [":" port] of RFC 9110 section 7.2, in what names and addresses are made of. */
static bool is_host(slice host)
{
    size_t bracket = host.len > 0 && host.ptr[0] == '[' ? slice_find(host, ']') : 0;
    struct ip ip;
    if (bracket == host.len || host.len > 300)
        return false;
    size_t colon = bracket + slice_find(slice_from(host, bracket), ':');
    slice name = slice_part(host, 0, colon), port = colon < host.len ? slice_from(host, colon + 1) : (slice){0};
    if (colon < host.len && port.len > 0 && (!is_digits(port) || port.len > 5))
        return false;
    if (bracket > 0)
        return bracket + 1 == name.len && ip_parse(slice_part(name, 1, bracket), &ip) && ip.family == 6;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i], low = byte_lower(c);
        if (!byte_is_digit(c) && !(low >= 'a' && low <= 'z') && c != '.' && c != '-' && c != '_')
            return false;
    }
    return name.len > 0;
}

static struct http_fault check_host(const struct http_request *request, unsigned minor)
{
    bool found;
    slice host = http_header(request, S("host"), &found);
    if (!found)
        return minor == 0 ? fine : fault(400, "Host is missing (RFC 9112 section 3.2)");
    return is_host(host) ? fine : fault(400, "Host is no name and port (RFC 9110 section 7.2)");
}

static struct http_fault check_framing(const struct http_request *request, unsigned minor, struct http_framing *framing)
{
    bool by_length, by_coding, encoded, expects;
    slice length = http_header(request, S("content-length"), &by_length);
    slice coding = http_header(request, S("transfer-encoding"), &by_coding);
    slice encoding = http_header(request, S("content-encoding"), &encoded);
    slice expect = http_header(request, S("expect"), &expects);
    if (by_coding && (by_length || minor == 0))
        return fault(400, "Transfer-Encoding with Content-Length, or in HTTP/1.0 (RFC 9112 section 6.1)");
    if (by_coding && !slice_eq_fold(coding, S("chunked")))
        return fault(501, "the only transfer coding that is taken is chunked (RFC 9112 section 6.1)");
    if (by_length && (!is_digits(length) || !slice_u64(length, INT64_MAX, &framing->length)))
        return fault(400, "Content-Length is no number (RFC 9112 section 6.3)");
    if (encoded && !slice_eq_fold(encoding, S("identity")))
        return fault(415, "a body is taken as it is, without a content coding (RFC 9110 section 8.4)");
    if (expects && !slice_eq_fold(expect, S("100-continue")))
        return fault(417, "nothing but 100-continue can be expected (RFC 9110 section 10.1.1)");
    framing->chunked = by_coding;
    framing->expects = expects && minor > 0;
    return fine;
}

struct http_fault http_head_check(const struct http_request *request, unsigned minor, struct http_framing *framing)
{
    *framing = (struct http_framing){0};
    struct http_fault found = check_characters(request);
    if (found.status == 0)
        found = check_once(request);
    if (found.status == 0)
        found = check_host(request, minor);
    return found.status == 0 ? check_framing(request, minor, framing) : found;
}
