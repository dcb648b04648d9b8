/* SPDX-License-Identifier: Apache-2.0 */
#include "export/export.h"

#include "export/shape_test.h"

/*
 * Any bytes as objects, one a line, written as every kind: whatever they are, an export ends, has the shape of its kind
 * and names what it left out. The first line is the name of who exports, and its bytes choose the options.
 */

#define TEXT_MAX (64u << 20)

static volatile size_t touched;

static struct err take(void *context, slice text)
{
    buf_put(context, text);
    return OK;
}

static void tell(void *context, const char *what, uint64_t count)
{
    (void)context;
    if (*what == '\0' || count == 0)
        abort();
    for (; *what != '\0'; what++)
        if (*what < ' ' || *what > '~')
            abort();
}

static void tell_object(void *context, const char *what, slice id)
{
    (void)context;
    touched += strlen(what);
    for (size_t i = 0; i < id.len; i++)
        touched += (unsigned char)id.ptr[i];
}

static struct export_options options_of(slice name)
{
    unsigned bits = name.len == 0 ? 0 : (unsigned char)name.ptr[0];
    return (struct export_options){
            .now_us = INT64_C(1795262400000000),
            .name = name,
            .zone = (bits & 1) != 0 ? slice_from(name, 1) : (slice){0},
            .attributes_max = bits & 6,
            .repeatable = true,
            .private_too = (bits & 8) != 0,
    };
}

static void export_as(const struct export_kind *kind, const struct export_options *options, slice objects)
{
    struct buf text = buf_make(TEXT_MAX);
    const struct export_sink sink = {&text, take, tell, tell_object};
    struct export *export = NULL;
    struct err err = export_open(kind, options, &sink, &export);
    slice line;
    if (err.kind != ERR_NONE) /* a zone that is none */
        return;
    while (err.kind == ERR_NONE && slice_next(&objects, '\n', &line))
        err = export_object(export, &(struct export_object){.bytes = line});
    if (err.kind == ERR_NONE)
        err = export_end(export);
    export_close(export);
    if (err.kind == ERR_NONE && !text.full && shape_wrong(kind->name, buf_slice(&text)) != NULL)
        abort();
    if (err.kind != ERR_NONE && err.kind != ERR_LIMIT)
        abort();
    buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    slice text = {(const char *)bytes, count}, name;
    if (count == 0 || !slice_next(&text, '\n', &name))
        return 0;
    struct export_options options = options_of(name);
    slice objects = text.ptr == NULL ? S("") : text;
    for (size_t i = 0; export_kinds[i] != NULL; i++)
        export_as(export_kinds[i], &options, objects);
    return 0;
}
