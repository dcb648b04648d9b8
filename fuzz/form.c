/* SPDX-License-Identifier: Apache-2.0 */
#include "form/form.h"

#include "base/arena.h"

/* Any bytes, read by every form: indicators are within their text or memory, and what is told is a sentence. */

static volatile size_t touched;

static void touch(slice s)
{
    for (size_t i = 0; i < s.len; i++)
        touched += (unsigned char)s.ptr[i];
}

static struct err take(void *context, const struct indicator *indicator)
{
    size_t *count = context;
    touch(indicator->value);
    touch(indicator->name);
    touch(indicator->id);
    touch(indicator->label);
    if (indicator->type == OBSERVABLE_NONE || indicator->type >= OBSERVABLE_TYPES || indicator->line == 0)
        abort();
    const char *wrong = observable_wrong(indicator->type, indicator->value);
    ++*count;
    return wrong == NULL ? OK : err_make(ERR_INPUT, wrong);
}

static struct err take_pattern(void *context, const struct indicator *pattern)
{
    size_t *count = context;
    touch(pattern->value);
    touch(pattern->id);
    touch(pattern->label);
    if (pattern->line == 0)
        abort();
    ++*count;
    return OK;
}

static void tell(void *context, uint64_t line, uint64_t column, const char *why)
{
    (void)context;
    if (line == 0 || column == 0)
        abort();
    touch(slice_of(why));
}

static void skip(void *context, const char *what)
{
    (void)context;
    touch(slice_of(what));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    slice text = {(const char *)bytes, count};
    size_t indicators = 0;
    const struct form_sink sink = {&indicators, take, tell, skip, NULL, take_pattern};
    const struct form_sink without = {&indicators, take, tell, skip};
    form_recognise(text);
    for (size_t i = 0; forms[i] != NULL; i++) {
        struct arena *arena = arena_open("fuzz", ARENA_WORK, 1u << 20);
        struct err err = forms[i]->read(text, arena, count % 2 == 0 ? &sink : &without);
        if (err.kind != ERR_NONE)
            touch(slice_of(err.why));
        arena_close(arena);
    }
    return 0;
}
