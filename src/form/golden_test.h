/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For the tests of the forms: a sink that writes down all it is told, one line each, and the golden data in
 * tests/data/form: FORM-CASE.EXT is read by that form and must tell FORM-CASE.EXT.expected.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <dirent.h>

#include "base/arena.h"
#include "base/clock.h"
#include "form/form.h"

#define TOLD_MAX (256u << 20)

struct told {
    struct buf text;
    size_t indicators, problems, skipped;
    size_t stop_after; /* indicators; 0: never */
    bool quiet;        /* count only */
};

static inline void told_time(struct buf *out, const char *name, int64_t us)
{
    if (us == TIME_NONE)
        return;
    buf_printf(out, " %s=", name);
    time_write(out, us);
}

static inline void told_field(struct buf *out, const char *name, slice text)
{
    if (text.len > 0)
        buf_printf(out, " %s='%.*s'", name, (int)text.len, text.ptr);
}

static inline struct err told_indicator(void *context, const struct indicator *indicator)
{
    struct told *told = context;
    const char *wrong = observable_wrong(indicator->type, indicator->value);
    if (wrong != NULL)
        return err_make(ERR_INPUT, wrong);
    told->indicators++;
    if (told->stop_after > 0 && told->indicators == told->stop_after)
        return err_make(ERR_LIMIT, "enough");
    if (told->quiet)
        return OK;
    const char *type = observable_type_name(indicator->type);
    buf_printf(&told->text, "%u %s", indicator->line, type == NULL ? "other" : type);
    told_field(&told->text, "name", indicator->name);
    told_field(&told->text, "value", indicator->value);
    told_field(&told->text, "id", indicator->id);
    told_field(&told->text, "label", indicator->label);
    told_time(&told->text, "modified", indicator->modified_us);
    told_time(&told->text, "from", indicator->from_us);
    told_time(&told->text, "until", indicator->until_us);
    if ((indicator->flags & INDICATOR_BELOW) != 0)
        buf_put(&told->text, S(" below"));
    if ((indicator->flags & INDICATOR_REVOKED) != 0)
        buf_put(&told->text, S(" revoked"));
    buf_byte(&told->text, '\n');
    return OK;
}

static inline void told_problem(void *context, uint64_t line, uint64_t column, const char *why)
{
    struct told *told = context;
    told->problems++;
    if (!told->quiet)
        buf_printf(&told->text, "problem %llu:%llu %s\n", (unsigned long long)line, (unsigned long long)column, why);
}

static inline void told_skipped(void *context, const char *what)
{
    struct told *told = context;
    told->skipped++;
    if (!told->quiet)
        buf_printf(&told->text, "skipped %s\n", what);
}

/* Reads a text with a form; what was told ends with a line "refused LINE:COLUMN WHY" if the form said no. */
static inline struct err told_read(const struct form *form, slice text, struct told *told)
{
    struct form_place place = {0};
    const struct form_sink sink = {told, told_indicator, told_problem, told_skipped, &place};
    struct arena *arena = arena_open("golden", ARENA_WORK, 1u << 20);
    /* The exact bytes in memory of their own, so that reading past them is seen. */
    char *copy = malloc(text.len + (text.len == 0));
    assert_non_null(copy);
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    struct err err = form->read((slice){copy, text.len}, arena, &sink);
    assert_int_equal(err.kind == ERR_INPUT, place.line > 0 && place.column > 0);
    if (err.kind != ERR_NONE && !told->quiet)
        buf_printf(&told->text, "refused %llu:%llu %s\n", (unsigned long long)place.line,
                (unsigned long long)place.column, err.why);
    free(copy);
    arena_close(arena);
    return (struct err){err.kind, err.kind == ERR_NONE ? NULL : "see what was told"};
}

/* What a form tells of a text; the caller frees it. */
static inline struct buf told_of(const struct form *form, slice text)
{
    struct told told = {.text = buf_make(TOLD_MAX)};
    struct err err = told_read(form, text, &told);
    (void)err;
    buf_byte(&told.text, '\0');
    return told.text;
}

static inline void assert_tells(const struct form *form, const char *text, const char *wanted)
{
    struct buf told = told_of(form, slice_of(text));
    assert_string_equal(told.ptr, wanted);
    buf_free(&told);
}

/* Reads a file; false if there is none. */
static inline bool golden_load(const char *path, struct buf *content)
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

static inline const char *golden_root(void)
{
    const char *root = getenv("KENTONGAN_ROOT");
    return root == NULL ? "." : root;
}

typedef void golden_case(const struct form *form, const char *name, slice text, const char *wanted);

/* Calls `each` for every sample of a form, and fails if there is none. */
static inline void golden_list(const struct form *form, golden_case *each)
{
    char folder[4096], path[8192];
    snprintf(folder, sizeof(folder), "%s/tests/data/form", golden_root());
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        slice name = slice_of(entry->d_name), own = slice_of(form->name);
        if (!slice_starts(name, own) || name.ptr[own.len] != '-' || slice_ends(name, S(".expected")))
            continue;
        struct buf text = buf_make(TOLD_MAX), wanted = buf_make(TOLD_MAX);
        snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
        assert_true(golden_load(path, &text));
        snprintf(path, sizeof(path), "%s/%s.expected", folder, entry->d_name);
        bool known = golden_load(path, &wanted);
        buf_byte(&wanted, '\0');
        each(form, entry->d_name, buf_slice(&text), known ? wanted.ptr : "");
        buf_free(&text);
        buf_free(&wanted);
        count++;
    }
    closedir(dir);
    assert_true(count > 0);
}

static inline void golden_is_told(const struct form *form, const char *name, slice text, const char *wanted)
{
    struct buf told = told_of(form, text);
    if (strcmp(told.ptr, wanted) != 0)
        fail_msg("%s tells:\n%s", name, told.ptr);
    buf_free(&told);
}

static inline void golden_is_recognised(const struct form *form, const char *name, slice text, const char *wanted)
{
    const struct form *found = form_recognise(text);
    (void)wanted;
    if (found != form)
        fail_msg("%s is recognised as %s", name, found == NULL ? "nothing" : found->name);
}

/* Every beginning is read without a step outside; a damaged byte as well. */
static inline void golden_is_read_safely(const struct form *form, const char *name, slice text, const char *wanted)
{
    (void)name, (void)wanted;
    char *copy = malloc(text.len + 1);
    assert_non_null(copy);
    memcpy(copy, text.ptr, text.len);
    for (size_t at = 0; at < text.len; at++) {
        struct told told = {.quiet = true};
        struct err err = told_read(form, slice_part(text, 0, at), &told);
        assert_true(err.kind == ERR_NONE || err.kind == ERR_INPUT);
        form_recognise(slice_part(text, 0, at));
        char was = copy[at];
        copy[at] = "\"',\n\\[]{}|\t\0\xff"[at % 13];
        err = told_read(form, (slice){copy, text.len}, &told);
        assert_true(err.kind == ERR_NONE || err.kind == ERR_INPUT);
        copy[at] = was;
    }
    free(copy);
}

/*
 * Third-party test data lies in $KENTONGAN_CONFORMANCE, or beside the project. Where it is absent a test says so and
 * passes: cmocka 1.1.5 writes a skipped test as "not ok", which is a failure to meson.
 */
static inline void conformance_path(char *path, size_t room, const char *name)
{
    const char *base = getenv("KENTONGAN_CONFORMANCE");
    if (base != NULL)
        snprintf(path, room, "%s/%s", base, name);
    else
        snprintf(path, room, "%s/../shared/conformance/%s", golden_root(), name);
}

/* False where it is absent. */
static inline bool conformance_load(const char *name, struct buf *content)
{
    char path[4096];
    conformance_path(path, sizeof(path), name);
    if (golden_load(path, content))
        return true;
    print_message("# skipped: no third-party test data %s\n", path);
    return false;
}

/* Calls `each` for every file of a folder that ends so. */
static inline void conformance_list(const char *folder, const char *end, void (*each)(const char *name, slice text))
{
    char full[4096], path[8192];
    conformance_path(full, sizeof(full), folder);
    DIR *dir = opendir(full);
    if (dir == NULL) {
        print_message("# skipped: no third-party test data %s\n", full);
        return;
    }
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (!slice_ends(slice_of(entry->d_name), slice_of(end)))
            continue;
        struct buf text = buf_make(TOLD_MAX);
        snprintf(path, sizeof(path), "%s/%s", full, entry->d_name);
        assert_true(golden_load(path, &text));
        each(entry->d_name, buf_slice(&text));
        buf_free(&text);
    }
    closedir(dir);
}
