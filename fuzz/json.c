/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes: the check does not crash, and what it lets pass can be read to its end and has one canonical form, which
 * passes the check and is its own canonical form.
 */
#include "base/arena.h"
#include "json/check.h"
#include "json/jcs.h"
#include "json/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(what)                                                                                                     \
    do {                                                                                                               \
        if (!(what))                                                                                                   \
            abort();                                                                                                   \
    } while (0)

struct walk {
    struct json_members members[JSON_DEPTH_MAX];
    struct json_elements elements[JSON_DEPTH_MAX];
    unsigned depth;
};

/* A value lies in the text, and asking it for anything is harmless. */
static void see(struct walk *walk, slice text, slice value, struct arena *arena)
{
    int64_t whole;
    double number;
    enum json_kind kind = json_kind(value);
    MUST(kind != JSON_NONE && value.ptr >= text.ptr && value.ptr + value.len <= text.ptr + text.len);
    MUST(!json_i64(value, &whole) || kind == JSON_NUMBER);
    MUST(!json_double(value, &number) || kind == JSON_NUMBER);
    MUST(json_text(value, arena).len == 0 || kind == JSON_STRING);
    if (kind != JSON_OBJECT && kind != JSON_ARRAY)
        return;
    MUST(walk->depth < JSON_DEPTH_MAX);
    walk->members[walk->depth] = json_members(value);
    walk->elements[walk->depth++] = json_elements(value);
}

static void walk_to_the_end(slice text, struct arena *arena)
{
    struct walk walk = {.depth = 0};
    see(&walk, text, slice_trim(text), arena);
    while (walk.depth > 0) {
        unsigned level = walk.depth - 1;
        slice key, value;
        if (json_member_next(&walk.members[level], &key, &value)) {
            MUST(json_key_is(key, json_unescape(key, arena)));
            see(&walk, text, value, arena);
        } else if (json_element_next(&walk.elements[level], &value)) {
            see(&walk, text, value, arena);
        } else {
            walk.depth--;
        }
    }
}

static void make_canonical(slice text, struct arena *arena)
{
    struct buf once = buf_make(1 << 22), twice = buf_make(1 << 22);
    if (json_canonical(text, arena, &once).kind == ERR_NONE) {
        MUST(json_check(buf_slice(&once), &json_limits_default, NULL).kind == ERR_NONE);
        MUST(json_canonical(buf_slice(&once), arena, &twice).kind == ERR_NONE);
        MUST(slice_eq(buf_slice(&once), buf_slice(&twice)));
    }
    buf_free(&once);
    buf_free(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice text = {(const char *)data, size};
    struct json_limits doubled = json_limits_default;
    doubled.duplicates_allowed = true;
    size_t offset = 0, line, column;
    struct err strict = json_check(text, &json_limits_default, &offset);
    struct err loose = json_check(text, &doubled, NULL);
    MUST(offset <= size);
    json_place(text, offset, &line, &column);
    MUST(loose.kind == ERR_NONE || strict.kind != ERR_NONE);
    if (loose.kind != ERR_NONE)
        return 0;
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 1 << 26);
    walk_to_the_end(text, arena);
    if (strict.kind == ERR_NONE)
        make_canonical(text, arena);
    arena_close(arena);
    return 0;
}
