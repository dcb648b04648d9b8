/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A head as it comes off the wire: judged the same in one piece and in two; its target and headers are read, and what
 * is taken of them is what the standard allows. The first header's value is an Accept, a Cookie and a Host as well.
 */
#include "http/head.h"
#include "http/raw.h"
#include "need.h"

static bool same(const struct http_raw *a, const struct http_raw *b)
{
    return a->head == b->head && a->after == b->after && a->ended == b->ended && a->odd == b->odd;
}

static void raw(slice bytes)
{
    struct http_raw whole, parts;
    size_t middle = bytes.len == 0 ? 0 : (unsigned char)bytes.ptr[0] % bytes.len;
    http_raw_begin(&whole);
    http_raw_take(&whole, bytes);
    http_raw_begin(&parts);
    http_raw_take(&parts, slice_part(bytes, 0, middle));
    http_raw_take(&parts, slice_from(bytes, middle));
    fuzz_need(same(&whole, &parts) && whole.head + whole.after == bytes.len);
    if (whole.ended && !whole.odd) {
        fuzz_need(slice_find_slice(bytes, S("\r\n\r\n")) + 4 == whole.head);
        fuzz_need(slice_find(slice_part(bytes, 0, whole.head), 0) == whole.head);
    }
}

static void target(slice sent)
{
    static char room[HTTP_TARGET_BYTES_MAX + 1];
    struct http_request request = {0};
    struct http_fault fault = http_head_target(sent, room, &request);
    fuzz_need(fault.status == 0 || fault.why != NULL);
    if (fault.status != 0)
        return;
    fuzz_need(request.path.len > 0 && request.path.ptr[0] == '/' && http_is_text(request.path));
    fuzz_need(slice_find_slice(request.path, S("//")) == request.path.len);
    fuzz_need(slice_find_slice(request.path, S("/../")) == request.path.len && !slice_ends(request.path, S("/..")));
    fuzz_need(request.target.len + request.query.len <= sent.len);
}

static void value(const struct http_request *request, slice text)
{
    fuzz_need(http_accepts(text, S("application/taxii+json;version=2.1")) <= 1000);
    fuzz_need(http_accepts(S("text/html;q=0.5, */*;q=0.1"), text) <= 1000);
    slice cookie = http_cookie(request, S("session"));
    fuzz_need(slice_find(cookie, ';') == cookie.len && slice_find(cookie, '"') == cookie.len);
}

static void headers(slice lines)
{
    static const char *const names[] = {"Accept", "Cookie", "Host", "Content-Length", "Transfer-Encoding"};
    struct http_header rows[HTTP_HEADERS_MAX];
    struct http_request request = {.headers = rows};
    struct http_framing framing;
    slice line;
    while (request.header_count + COUNT_OF(names) < HTTP_HEADERS_MAX && slice_next(&lines, '\n', &line)) {
        size_t colon = slice_find(line, ':');
        slice text = colon < line.len ? slice_trim(slice_from(line, colon + 1)) : line;
        rows[request.header_count++] = (struct http_header){slice_part(line, 0, colon), text};
        if (request.header_count > 1)
            continue;
        for (size_t i = 0; i < COUNT_OF(names); i++)
            rows[request.header_count++] = (struct http_header){slice_of(names[i]), text};
        value(&request, text);
    }
    struct http_fault fault = http_head_check(&request, 1, &framing);
    fuzz_need(fault.status != 0 || !framing.chunked || framing.length == 0);
    request.header_count = request.header_count > 1 ? 1 : request.header_count;
    fault = http_head_check(&request, 0, &framing);
    fuzz_need(fault.status == 0 || fault.why != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice line, rest = {size == 0 ? "" : (const char *)data, size};
    enum http_method method;
    raw(rest);
    if (!slice_next(&rest, '\n', &line))
        return 0;
    size_t blank = slice_find(line, ' ');
    fuzz_need(http_head_method(slice_part(line, 0, blank), &method).status != 400);
    slice sent = blank < line.len ? slice_from(line, blank + 1) : (slice){"", 0};
    target(slice_part(sent, 0, slice_find(sent, ' ')));
    headers(rest);
    return 0;
}
