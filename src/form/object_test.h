/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For the tests of whole objects: a keeper that writes down all it is given, and asks of every made object whether it
 * is valid and of every object whether what is told of it is what stands in it.
 */
#include <isa-l/igzip_lib.h>

#include "form/golden_test.h"
#include "form/object.h"
#include "stix/checker.h"
#include "json/read.h"
#include "json/write.h"

#define NOON INT64_C(1763726400000000) /* of 21 November 2025 */

struct kept {
    struct buf text;     /* one line for each thing that was told */
    struct buf bytes;    /* the objects, a line each */
    struct buf meanings; /* a line each */
    struct buf refusals; /* the originals and reasons of what was refused, a line each */
    size_t objects, refused;
    uint64_t most;
    slice marking;
    bool stop; /* at the first object */
    char version[64];
    enum err_kind err;
    struct stix_checker *checker;
    struct arena *arena;
};

static inline void kept_same(slice json, const char *key, slice told, struct arena *arena)
{
    slice stands = json_text(json_get(json, slice_of(key)), arena);
    if (!slice_eq(stands, told))
        fail_msg("%s is told as '%.*s' of %.*s", key, (int)told.len, told.ptr, (int)json.len, json.ptr);
}

static inline struct err kept_object(void *context, const struct form_object *object)
{
    struct kept *kept = context;
    const char *wrong = object->made ? stix_checker_wrong(kept->checker, object->bytes) : NULL;
    if (wrong != NULL)
        fail_msg("made, and not valid: %s: %.*s", wrong, (int)object->bytes.len, object->bytes.ptr);
    kept_same(object->bytes, "type", object->type, kept->arena);
    kept_same(object->bytes, "id", object->id, kept->arena);
    kept_same(object->bytes, "created_by_ref", object->created_by, kept->arena);
    assert_int_equal(object->revoked, json_kind(json_get(object->bytes, S("revoked"))) == JSON_TRUE);
    assert_int_equal(object->version.len > 0, object->modified_us != TIME_NONE);
    assert_int_equal(object->version.len > 0, json_get(object->bytes, S("modified")).len > 0);
    assert_true(object->line > 0 && object->column > 0);
    if (kept->stop)
        return err_make(ERR_CONFLICT, "stopped");
    kept->objects++;
    snprintf(kept->version, sizeof(kept->version), "%.*s", (int)object->version.len, object->version.ptr);
    buf_printf(&kept->text, "%llu:%llu %s%s", (unsigned long long)object->line, (unsigned long long)object->column,
            object->made ? "made " : "", object->revoked ? "revoked " : "");
    buf_put(&kept->text, object->spec_version);
    buf_byte(&kept->text, ' ');
    buf_put(&kept->text, object->bytes);
    buf_byte(&kept->text, '\n');
    buf_put(&kept->bytes, object->bytes);
    buf_byte(&kept->bytes, '\n');
    buf_hex(&kept->meanings, (slice){(const char *)object->meaning.bytes, sizeof(object->meaning.bytes)});
    buf_byte(&kept->meanings, '\n');
    return OK;
}

static inline struct err kept_refused(void *context, uint64_t line, uint64_t column, const char *why, slice original)
{
    struct kept *kept = context;
    kept->refused++;
    assert_true(line > 0 && column > 0);
    buf_printf(&kept->text, "refused %llu:%llu %s", (unsigned long long)line, (unsigned long long)column, why);
    if (original.len > 0) {
        buf_put(&kept->text, S(" | "));
        buf_put(&kept->text, original);
    }
    buf_byte(&kept->text, '\n');
    buf_put(&kept->refusals, original);
    buf_byte(&kept->refusals, '\n');
    return kept->stop ? err_make(ERR_CONFLICT, "stopped") : OK;
}

static inline void kept_dropped(void *context, const char *what, uint64_t count)
{
    struct kept *kept = context;
    assert_true(count > 0);
    buf_printf(&kept->text, "dropped %llu %s\n", (unsigned long long)count, what);
}

static inline void kept_warned(void *context, uint64_t line, uint64_t column, const char *why)
{
    struct kept *kept = context;
    buf_printf(&kept->text, "warned %llu:%llu %s\n", (unsigned long long)line, (unsigned long long)column, why);
}

struct kept_source {
    slice rest;
    size_t most;
};

static inline struct err kept_source_read(void *context, char *to, size_t room, size_t *got)
{
    struct kept_source *source = context;
    *got = source->rest.len < room ? source->rest.len : room;
    *got = *got < source->most ? *got : source->most;
    if (*got > 0)
        memcpy(to, source->rest.ptr, *got);
    source->rest = slice_from(source->rest, *got);
    return OK;
}

static inline struct kept kept_new(void)
{
    return (struct kept){
            .text = buf_make(TOLD_MAX),
            .bytes = buf_make(TOLD_MAX),
            .meanings = buf_make(TOLD_MAX),
            .refusals = buf_make(TOLD_MAX),
            .most = UINT64_MAX,
            .checker = stix_checker_open(),
            .arena = arena_open("kept", ARENA_WORK, 256u << 20),
    };
}

static inline void kept_read(struct kept *kept, const char *form, slice text, int64_t now_us, size_t most)
{
    struct kept_source source = {text.ptr == NULL ? S("") : text, most};
    const struct stix_stream stream = {&source, kept_source_read};
    const struct form_object_options options = {
            .name = S("feed"),
            .form = form,
            .now_us = now_us,
            .creator = S("identity--00000000-0000-4000-8000-00000000000f"),
            .marking = kept->marking,
            .objects_max = kept->most,
    };
    const struct form_object_sink sink = {kept, kept_object, kept_refused, kept_dropped, kept_warned};
    const char *used;
    struct err err = form_objects_read(&stream, &options, kept->arena, &sink, &used);
    kept->err = err.kind;
    if (err.kind != ERR_NONE)
        buf_printf(&kept->text, "error %s\n", err.why);
    buf_byte(&kept->text, '\0');
}

static inline void kept_free(struct kept *kept)
{
    buf_free(&kept->text);
    buf_free(&kept->bytes);
    buf_free(&kept->meanings);
    buf_free(&kept->refusals);
    stix_checker_close(kept->checker);
    arena_close(kept->arena);
}

/* The text in memory of exactly its size, all at once; the caller frees what was kept. */
static inline struct kept kept_of(const char *form, slice text, int64_t now_us)
{
    struct kept kept = kept_new();
    kept_read(&kept, form, text, now_us, SIZE_MAX);
    return kept;
}

/* Calls `each` for every file of tests/data/form/objects with what is expected of it. */
static inline void objects_list(void (*each)(const char *name, slice text, const char *wanted))
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/tests/data/form/objects", golden_root());
    DIR *dir = opendir(path);
    size_t count = 0;
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (entry->d_name[0] == '.' || slice_ends(slice_of(entry->d_name), S(".expected")))
            continue;
        struct buf text = buf_make(TOLD_MAX), wanted = buf_make(TOLD_MAX);
        snprintf(path, sizeof(path), "%s/tests/data/form/objects/%s", golden_root(), entry->d_name);
        assert_true(golden_load(path, &text));
        snprintf(path, sizeof(path), "%s/tests/data/form/objects/%s.expected", golden_root(), entry->d_name);
        bool known = golden_load(path, &wanted);
        buf_byte(&wanted, '\0');
        each(entry->d_name, buf_slice(&text), known ? wanted.ptr : "");
        buf_free(&text);
        buf_free(&wanted);
        count++;
    }
    closedir(dir);
    assert_true(count > 0);
}

/* A packed file of third parties. */
static inline void packed_load(const char *name, void (*each)(const char *name, slice text))
{
    struct buf packed = buf_make(TOLD_MAX), text = buf_make(TOLD_MAX);
    struct inflate_state state;
    if (!conformance_load(name, &packed))
        return;
    isal_inflate_init(&state);
    state.crc_flag = ISAL_GZIP;
    state.next_in = (uint8_t *)packed.ptr;
    state.avail_in = (uint32_t)packed.len;
    while (state.block_state != ISAL_BLOCK_FINISH && buf_reserve(&text, 1 << 20)) {
        state.next_out = (uint8_t *)text.ptr + text.len;
        state.avail_out = 1 << 20;
        assert_int_equal(isal_inflate(&state), ISAL_DECOMP_OK);
        text.len += (1 << 20) - state.avail_out;
    }
    each(name, buf_slice(&text));
    buf_free(&packed);
    buf_free(&text);
}
