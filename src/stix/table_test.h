/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What the tests of this folder share: tables of our own below tests/data, and those of third parties. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "stix/pattern.h"

#define TABLE_COLUMNS 4

struct table_row {
    size_t line;
    slice columns[TABLE_COLUMNS];
    size_t count;
};

static inline const char *table_root(void)
{
    const char *root = getenv("KENTONGAN_ROOT");
    return root == NULL ? "." : root;
}

/* A whole file in the arena; ptr NULL if there is none. */
static inline slice table_text(const char *path, struct arena *arena)
{
    FILE *file = fopen(path, "rb");
    slice text = {0};
    if (file == NULL)
        return text;
    assert_int_equal(fseek(file, 0, SEEK_END), 0);
    long len = ftell(file);
    rewind(file);
    assert_true(len >= 0);
    char *bytes = arena_take(arena, (size_t)len + 1);
    assert_int_equal(fread(bytes, 1, (size_t)len, file), len);
    fclose(file);
    return (slice){bytes, (size_t)len};
}

static inline slice table_ours(const char *name, struct arena *arena)
{
    const char *path = arena_printf(arena, "%s/tests/data/%s", table_root(), name);
    slice text = table_text(path, arena);
    if (text.ptr == NULL)
        fail_msg("no such file: %s", path);
    return text;
}

/* Third-party data, which is no part of the project. */
static inline slice table_theirs(const char *name, struct arena *arena)
{
    const char *base = getenv("KENTONGAN_CONFORMANCE");
    return table_text(base == NULL ? arena_printf(arena, "%s/../shared/conformance/%s", table_root(), name)
                                   : arena_printf(arena, "%s/%s", base, name),
            arena);
}

/* The next row of a table: columns between tabs; lines that begin with # are for people. */
static inline bool table_next(slice *rest, struct table_row *row)
{
    slice line;
    while (slice_next(rest, '\n', &line)) {
        row->line++;
        row->count = 0;
        if (line.len == 0 || line.ptr[0] == '#')
            continue;
        for (slice column; row->count < TABLE_COLUMNS && slice_next(&line, '\t', &column); row->count++)
            row->columns[row->count] = column;
        return true;
    }
    return false;
}

/* Our exceptions from third-party tables: TABLE, row from 1, our verdict, the section that says so. */
static inline slice table_exception(slice exceptions, const char *table, size_t row)
{
    struct table_row at = {0};
    uint64_t number;
    while (table_next(&exceptions, &at))
        if (at.count == 4 && slice_eq(at.columns[0], slice_of(table)) && slice_u64(at.columns[1], 1000000, &number) &&
                number == row)
            return at.columns[2];
    return (slice){0};
}
