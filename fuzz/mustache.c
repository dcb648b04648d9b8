/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A template, behind a line of its own "---" a document, and behind another one a partial. Reading and rendering end;
 * what is refused has its place; and no value of the document writes a tag or leaves an attribute: without the bytes of
 * templates, nothing that is rendered holds < > " or '.
 */
#include "text/mustache.h"

#include "base/arena.h"
#include "need.h"
#include "json/check.h"

static slice piece(slice *rest)
{
    slice whole = *rest;
    size_t end = slice_find_slice(whole, S("\n---\n"));
    *rest = end == whole.len ? S("") : slice_from(whole, end + 5);
    return slice_part(whole, 0, end);
}

static const struct template *partial(void *context, slice name)
{
    return name.len % 2 == 0 ? context : NULL;
}

static bool has_markup(slice text)
{
    for (size_t i = 0; i < text.len; i++)
        if (memchr("<>\"'", text.ptr[i], 4) != NULL)
            return true;
    return false;
}

static void render(
        const struct template *made, const struct template *other, slice document, bool quiet, struct arena *arena)
{
    struct json_tape tape = {0};
    struct buf out = buf_make(64u << 10);
    if (json_check(document, &json_limits_default, NULL).kind == ERR_NONE &&
            json_tape_read(&tape, document, JSON_TAPE_CHECKED)) {
        struct mustache with = {&tape, NULL, partial, (void *)(uintptr_t)other};
        struct err err = mustache_render(made, &with, arena, &out);
        fuzz_need(err.kind == ERR_NONE || (err.kind == ERR_LIMIT && err.why[0] != 0));
        fuzz_need(!quiet || !has_markup(buf_slice(&out)));
    }
    buf_free(&out);
    json_tape_free(&tape);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice rest = {size == 0 ? "" : (const char *)data, size};
    slice text = piece(&rest), document = piece(&rest), partial_text = piece(&rest);
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 256u << 20);
    struct template *made, *other = NULL;
    struct err err = mustache_read("page", text, arena, &made);
    fuzz_need(err.kind == ERR_NONE || (err.kind == ERR_INPUT && strncmp(err.why, "page:", 5) == 0));
    if (mustache_read("partial", partial_text, arena, &other).kind != ERR_NONE)
        other = NULL;
    if (err.kind == ERR_NONE)
        render(made, other, document, !has_markup(text) && !has_markup(partial_text), arena);
    arena_close(arena);
    return 0;
}
