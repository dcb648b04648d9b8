/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index and its two ways of asking. Lines of the input before the first blank line are indicators (a letter for the
 * type, then the value), the lines behind it observables: what match_find finds, the sieve reports.
 */
#include "base/arena.h"
#include "match/build.h"
#include "need.h"

#define FINDS_MAX 4096

struct finds {
    uint64_t rows[FINDS_MAX];
    size_t count;
};

static void take(void *context, uint32_t tag, uint32_t number)
{
    struct finds *finds = context;
    if (finds->count < FINDS_MAX)
        finds->rows[finds->count++] = (uint64_t)tag << 32 | number;
}

static enum observable_type type_of(char letter)
{
    return 1 + (uint8_t)letter % (OBSERVABLE_TYPES - 1);
}

static bool next_line(slice *rest, slice *line)
{
    return slice_next(rest, '\n', line) && line->len > 0;
}

static struct match_index *build(slice *rest)
{
    struct match_builder *builder = match_builder_open(hash_key_fixed(7));
    struct err err = match_build_source(builder, S("fuzz"));
    fuzz_need(err.kind == ERR_NONE);
    slice line;
    for (uint32_t number = 1; next_line(rest, &line); number++) {
        struct indicator indicator = {
                .type = type_of(line.ptr[0]),
                .flags = (line.ptr[0] & 0x40) != 0 ? INDICATOR_BELOW : 0u,
                .name = S("mutex"),
                .value = slice_from(line, 1),
                .line = number,
                .modified_us = INT64_MIN,
                .from_us = INT64_MIN,
                .until_us = INT64_MIN,
        };
        if (indicator.type != OBSERVABLE_URL)
            indicator.flags = 0;
        err = match_build_add(builder, &indicator);
        fuzz_need(err.kind == ERR_NONE || err.kind == ERR_INPUT);
    }
    struct match_index *index = NULL;
    err = match_build_open(builder, &index);
    fuzz_need(err.kind == ERR_NONE);
    match_builder_close(builder);
    return index;
}

static void report(void *context, uint32_t tag)
{
    *(uint32_t *)context = tag;
}

static struct observable observable_of(slice line)
{
    struct observable observable = {
            .type = type_of(line.ptr[0]),
            .name = S("mutex"),
            .value = slice_from(line, 1),
            .field = S("field"),
    };
    size_t tab = slice_find(observable.value, '\t');
    if (observable.type == OBSERVABLE_URL && tab < observable.value.len) {
        observable.path = slice_from(observable.value, tab + 1);
        observable.value.len = tab;
        observable.port = (uint16_t)tab;
    }
    return observable;
}

/* Whatever is found, the sieve reports. */
static void ask(const struct match_index *index, slice rest)
{
    static struct finds finds;
    uint32_t last = UINT32_MAX;
    struct match_sieve *sieve = match_sieve_open(index, report, &last);
    slice line;
    for (uint32_t tag = 0; slice_next(&rest, '\n', &line); tag++) {
        if (line.len == 0)
            continue;
        struct observable observable = observable_of(line);
        finds.count = 0;
        match_find(index, &observable, tag, take, &finds);
        match_sieve_add(sieve, &observable, tag);
        match_sieve_run(sieve);
        fuzz_need(finds.count == 0 || last == tag);
    }
    match_sieve_close(sieve);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice rest = {size == 0 ? "" : (const char *)data, size};
    struct match_index *index = build(&rest);
    ask(index, rest.ptr == NULL ? S("") : rest);
    match_close(index);
    return 0;
}
