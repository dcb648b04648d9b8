/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For the tests of the kinds: an export of the objects of a JSON text into memory, and the golden data in
 * tests/data/export: CASE.json written as KIND must give CASE.KIND.expected and leave out CASE.KIND.told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "export/export.h"
#include "export/shape_test.h"
#include "json/check.h"
#include "json/read.h"

#define EXPORTED_MAX (1u << 30)

struct exported {
    struct buf text, told;
    struct export_totals totals;
};

static inline struct err exported_write(void *context, slice text)
{
    struct exported *exported = context;
    buf_put(&exported->text, text);
    return OK;
}

static inline void exported_left_out(void *context, const char *what, uint64_t count)
{
    struct exported *exported = context;
    buf_printf(&exported->told, "%llu %s\n", (unsigned long long)count, what);
}

static inline int64_t test_now(void)
{
    int64_t now = 0;
    assert_true(time_parse(S("2026-11-21T12:00:00Z"), &now));
    return now;
}

static inline struct export_options test_options(void)
{
    return (struct export_options){.now_us = test_now(), .name = S("CSIRT Example"), .repeatable = true};
}

static inline void exported_free(struct exported *exported)
{
    buf_free(&exported->text);
    buf_free(&exported->told);
}

static inline const struct export_kind *kind_of(const char *name)
{
    const struct export_kind *kind = export_kind_find(slice_of(name));
    assert_non_null(kind);
    return kind;
}

/* The objects of a bundle, or of an array. Whatever they are, the output has the shape of its kind. */
static inline struct exported export_json(const char *kind, slice json, const struct export_options *options)
{
    struct exported exported = {.text = buf_make(EXPORTED_MAX), .told = buf_make(EXPORTED_MAX)};
    const struct export_sink sink = {&exported, exported_write, exported_left_out, NULL};
    struct export *export = NULL;
    assert_int_equal(json_check(json, &json_limits_default, NULL).kind, ERR_NONE);
    assert_int_equal(export_open(kind_of(kind), options, &sink, &export).kind, ERR_NONE);
    bool bundle = json_kind(slice_trim(json)) == JSON_OBJECT;
    struct json_elements walk = json_elements(bundle ? json_get(json, S("objects")) : json);
    for (slice object; json_element_next(&walk, &object);)
        assert_int_equal(export_object(export, &(struct export_object){.bytes = object}).kind, ERR_NONE);
    assert_int_equal(export_end(export).kind, ERR_NONE);
    exported.totals = export_totals(export);
    export_close(export);
    const char *wrong = shape_wrong(kind, buf_slice(&exported.text));
    if (wrong != NULL)
        fail_msg("%s: %s in\n%.*s", kind, wrong, (int)exported.text.len, exported.text.ptr);
    buf_byte(&exported.text, '\0');
    buf_byte(&exported.told, '\0');
    return exported;
}

static inline struct exported export_text_as(const char *kind, const char *json)
{
    struct export_options options = test_options();
    return export_json(kind, slice_of(json), &options);
}

/* An indicator with this pattern, in JSON; both are put in as they are. */
#define INDICATOR_JSON(number, pattern, more)                                                                          \
    "{\"type\":\"indicator\",\"spec_version\":\"2.1\","                                                                \
    "\"id\":\"indicator--00000000-0000-4000-8000-00000000000" number "\","                                             \
    "\"created\":\"2026-11-01T00:00:00.000Z\",\"modified\":\"2026-11-01T00:00:00.000Z\","                              \
    "\"valid_from\":\"2026-11-01T00:00:00Z\",\"pattern_type\":\"stix\",\"pattern\":\"" pattern "\"" more "}"

static inline void assert_holds(const struct buf *text, const char *part)
{
    if (strstr(text->ptr, part) == NULL)
        fail_msg("no %s in\n%s", part, text->ptr);
}

static inline void assert_lacks(const struct buf *text, const char *part)
{
    if (strstr(text->ptr, part) != NULL)
        fail_msg("%s in\n%s", part, text->ptr);
}

static inline bool load_path(const char *path, struct buf *content)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return false;
    size_t got = 1;
    while (got > 0 && buf_reserve(content, 65536)) {
        got = fread(content->ptr + content->len, 1, 65536, file);
        content->len += got;
    }
    fclose(file);
    return !content->full;
}

static inline bool test_load(const char *name, struct buf *content)
{
    char path[4096];
    const char *root = getenv("KENTONGAN_ROOT");
    snprintf(path, sizeof(path), "%s/tests/data/export/%s", root == NULL ? "." : root, name);
    return load_path(path, content);
}

static inline void assert_golden(const char *name, const char *kind, const char *what, const struct buf *got)
{
    char file[256];
    struct buf wanted = buf_make(EXPORTED_MAX);
    snprintf(file, sizeof(file), "%s.%s.%s", name, kind, what);
    bool known = test_load(file, &wanted);
    if (!known || !slice_eq(buf_slice(&wanted), slice_part(buf_slice(got), 0, got->len - 1)))
        fail_msg("%s should be\n%s", file, got->ptr);
    buf_free(&wanted);
}

/* One of the golden cases, as this kind. */
static inline void assert_expected(const char *name, const char *kind)
{
    char file[256];
    struct buf json = buf_make(EXPORTED_MAX);
    struct export_options options = test_options();
    snprintf(file, sizeof(file), "%s.json", name);
    assert_true(test_load(file, &json));
    struct exported exported = export_json(kind, buf_slice(&json), &options);
    assert_golden(name, kind, "expected", &exported.text);
    assert_golden(name, kind, "told", &exported.told);
    exported_free(&exported);
    buf_free(&json);
}

/* Gives a text to another program, as a file named behind its command: the program's exit status. */
static inline int run_on_file(const char *command, const struct buf *text)
{
    char path[] = "/tmp/kentongan-export-XXXXXX", line[4096];
    int file = mkstemp(path);
    assert_true(file >= 0);
    FILE *out = fdopen(file, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(text->ptr, 1, text->len - 1, out), text->len - 1);
    assert_int_equal(fclose(out), 0);
    snprintf(line, sizeof(line), "%s %s >/dev/null 2>&1", command, path);
    int status = system(line); /* NOLINT(cert-env33-c): the line is ours */
    remove(path);
    return status;
}
