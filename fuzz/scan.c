/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two roads through lines of JSON: every scan that this machine has gives the same lines and flags, and what the
 * fast road picks is what the strict one picks.
 */
#include "base/arena.h"
#include "need.h"
#include "json/pick.h"

static const char *const paths[] = {"a", "b.c", "d[]", "e[].f", "g[][]", "h", "h.i"};
static const char *const ways[] = {"scalar", "avx2", "avx512"};

struct bench {
    struct arena *arena;
    const struct json_paths *paths;
    struct json_picker *picker; /* of this input */
    struct json_picks strict, fast;
};

/* Each line comes once for each scan, so all but the first time its shape is known. */
static void compare(struct bench *bench, const struct json_scan *scan, size_t index, slice line)
{
    arena_reset(bench->arena);
    struct err err = json_pick(bench->paths, line, bench->arena, &bench->strict, NULL);
    if (!json_pick_scanned(bench->picker, scan, index, true, &bench->fast))
        return;
    fuzz_need(err.kind == ERR_NONE);
    fuzz_need(bench->strict.count == bench->fast.count);
    for (size_t i = 0; i < bench->fast.count; i++) {
        const struct json_pick *a = &bench->strict.rows[i], *b = &bench->fast.rows[i];
        fuzz_need(a->path == b->path && a->kind == b->kind);
        fuzz_need(slice_eq((slice){a->ptr, a->len}, (slice){b->ptr, b->len}));
    }
}

static void scan_lines(struct bench *bench, struct json_scan *scan, slice block, uint32_t *flags)
{
    json_scan_block(scan, block);
    size_t start = 0;
    for (size_t i = 0; i < scan->line_count; i++) {
        slice line = slice_part(block, start, scan->lines[i].end);
        start = scan->lines[i].end + 1;
        if (flags[i] == UINT32_MAX)
            flags[i] = scan->lines[i].flags;
        fuzz_need(flags[i] == scan->lines[i].flags);
        if (line.len > 0)
            compare(bench, scan, i, line);
    }
    fuzz_need(start == block.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct bench bench;
    static struct arena *process;
    if (process == NULL) {
        process = arena_open("fuzz", ARENA_PROCESS, 1u << 24);
        bench.arena = arena_open("fuzz lines", ARENA_WORK, 256u << 20);
        bench.strict.rows = arena_new(process, struct json_pick, JSON_PICKS_MAX);
        bench.fast.rows = arena_new(process, struct json_pick, JSON_PICKS_MAX);
        struct err err = json_paths_compile(paths, COUNT_OF(paths), process, &bench.paths);
        fuzz_need(err.kind == ERR_NONE);
    }
    char *memory = malloc(size + 1 + 2 * JSON_SCAN_PAD);
    uint32_t *flags = malloc((size + 2) * sizeof *flags);
    fuzz_need(memory != NULL && flags != NULL);
    memset(memory, '"', size + 1 + 2 * JSON_SCAN_PAD);
    memset(flags, 0xFF, (size + 2) * sizeof *flags);
    if (size > 0)
        memcpy(memory + JSON_SCAN_PAD, data, size);
    memory[JSON_SCAN_PAD + size] = '\n';
    struct json_scan *scan = json_scan_open(size + 1);
    bench.picker = json_picker_open(bench.paths, NULL);
    for (size_t i = 0; i < COUNT_OF(ways); i++)
        if (json_scan_force(ways[i]))
            scan_lines(&bench, scan, (slice){memory + JSON_SCAN_PAD, size + 1}, flags);
    json_scan_close(scan);
    json_picker_close(bench.picker);
    free(flags);
    free(memory);
    return 0;
}
