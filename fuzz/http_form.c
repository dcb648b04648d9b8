/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Content-Type and, behind the first line feed, a body; the body is a query as well. Whatever it is, reading ends, no
 * field reaches beyond what there was, and no name or text holds what would stand in the way of a page or a log.
 */
#include "base/arena.h"
#include "http/head.h"
#include "need.h"

static size_t touched;

static void touch(slice bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        touched += (unsigned char)bytes.ptr[i];
}

static void look(struct err err, const struct http_field *fields, size_t count, size_t most_bytes)
{
    size_t bytes = 0;
    fuzz_need(err.kind == ERR_NONE || err.kind == ERR_INPUT || err.kind == ERR_LIMIT);
    if (err.kind != ERR_NONE)
        return;
    fuzz_need(count <= HTTP_FIELDS_MAX);
    for (size_t i = 0; i < count; i++) {
        bytes += fields[i].name.len + fields[i].value.len + fields[i].file.len + fields[i].type.len;
        fuzz_need(http_is_text(fields[i].name) && http_is_text(fields[i].file) && http_is_text(fields[i].type));
        fuzz_need(slice_find(fields[i].file, '/') == fields[i].file.len);
        fuzz_need(slice_find(fields[i].file, '\\') == fields[i].file.len);
        touch(fields[i].name);
        touch(fields[i].value);
    }
    fuzz_need(bytes <= most_bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    slice type, rest = {size == 0 ? "" : (const char *)data, size};
    const struct http_field *fields = NULL;
    size_t count = 0;
    if (arena == NULL)
        arena = arena_open("fuzz", ARENA_WORK, 64u << 20);
    arena_reset(arena);
    if (!slice_next(&rest, '\n', &type))
        return 0;
    const struct http_header header = {S("Content-Type"), slice_trim(type)};
    const struct http_request request = {
            .headers = &header, .header_count = 1, .body = rest, .query = rest, .arena = arena};
    struct err err = http_form(&request, &fields, &count);
    look(err, fields, count, rest.len);
    err = http_query(&request, &fields, &count);
    look(err, fields, count, rest.len);
    return 0;
}
