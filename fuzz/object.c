/* SPDX-License-Identifier: Apache-2.0 */
#include "form/object.h"

#include <stdlib.h>

#include "base/arena.h"
#include "stix/checker.h"

/*
 * Any bytes, read as whole objects of three forms: what is made is valid, what is told has a place, a second reading
 * makes the same, and every slice is within its text or memory.
 */

#define MUST(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            abort();                                                                                                   \
    } while (0)

static volatile size_t touched;

static void touch(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        touched += (unsigned char)s.ptr[i];
}

struct keeper {
    struct stix_checker *checker;
    uint64_t objects, refused, meaning;
};

static struct err take(void *context, const struct form_object *object)
{
    struct keeper *keeper = context;
    touch(object->bytes);
    touch(object->created_by);
    touch(object->version);
    MUST(object->id.len > 0 && object->type.len > 0 && object->spec_version.len == 3);
    MUST(object->line > 0 && object->column > 0);
    MUST(!object->made || stix_checker_wrong(keeper->checker, object->bytes) == NULL);
    for (size_t i = 0; i < sizeof(object->meaning.bytes); i++)
        keeper->meaning = keeper->meaning * 31 + object->meaning.bytes[i];
    keeper->objects++;
    return OK;
}

static struct err refuse(void *context, uint64_t line, uint64_t column, const char *why, slice original)
{
    struct keeper *keeper = context;
    MUST(line > 0 && column > 0 && why != NULL);
    touch(slice_of(why));
    touch(original);
    keeper->refused++;
    return OK;
}

static void drop(void *context, const char *what, uint64_t count)
{
    (void)context;
    MUST(count > 0);
    touch(slice_of(what));
}

static void warn(void *context, uint64_t line, uint64_t column, const char *why)
{
    (void)context, (void)line, (void)column;
    touch(slice_of(why));
}

struct source {
    slice rest;
    size_t most;
};

static struct err source_read(void *context, char *to, size_t room, size_t *got)
{
    struct source *source = context;
    *got = source->rest.len < source->most ? source->rest.len : source->most;
    *got = *got < room ? *got : room;
    if (*got > 0)
        memcpy(to, source->rest.ptr, *got);
    source->rest = slice_from(source->rest, *got);
    return OK;
}

static void read_as(const char *form, slice text, int64_t now_us, size_t most, struct keeper *keeper)
{
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 1u << 20);
    struct source source = {text, most};
    const struct stix_stream stream = {&source, source_read};
    const struct form_object_options options = {
            .name = S("fuzz"), .form = form, .now_us = now_us, .objects_max = 10000};
    const struct form_object_sink sink = {keeper, take, refuse, drop, most % 2 == 0 ? warn : NULL};
    const char *used;
    struct err err = form_objects_read(&stream, &options, arena, &sink, &used);
    if (err.kind != ERR_NONE)
        touch(slice_of(err.why));
    MUST(err.kind == ERR_NONE || err.kind == ERR_INPUT || err.kind == ERR_LIMIT);
    arena_close(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    static const char *const all[] = {"stix", "misp", "csv", "list"};
    const char *const kinds[] = {NULL, "text", all[count % COUNT_OF(all)]};
    slice text = count == 0 ? S("") : (slice){(const char *)bytes, count};
    struct stix_checker *checker = stix_checker_open();
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct keeper today = {.checker = checker}, tomorrow = {.checker = checker};
        read_as(kinds[i], text, INT64_C(1763726400000000), SIZE_MAX, &today);
        read_as(kinds[i], text, INT64_C(1763812800000000), 1 + count / 3, &tomorrow);
        MUST(today.objects == tomorrow.objects && today.refused == tomorrow.refused);
        MUST(today.meaning == tomorrow.meaning);
    }
    stix_checker_close(checker);
    return 0;
}
