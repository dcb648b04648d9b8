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

#define TABLE_COLUMNS 5
#define EXCEPTIONS_MAX 64 /* of one suite */

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

/*
 * tests/data/exceptions.tsv: where we differ from what a third-party suite expects, and which text says so. Columns:
 * suite, case (a row from 1), what we say, source, reason.
 */
struct exceptions {
    struct table_row rows[EXCEPTIONS_MAX];
    bool needed[EXCEPTIONS_MAX];
    size_t count;
};

static inline struct exceptions exceptions_of(const char *suite, struct arena *arena)
{
    struct exceptions exceptions = {0};
    slice rest = table_ours("exceptions.tsv", arena);
    struct table_row row = {0};
    while (table_next(&rest, &row)) {
        if (row.count != TABLE_COLUMNS || row.columns[TABLE_COLUMNS - 1].len == 0)
            fail_msg("exceptions.tsv:%zu: wants suite, case, what we say, source, reason", row.line);
        if (!slice_eq(row.columns[0], slice_of(suite)))
            continue;
        assert_true(exceptions.count < EXCEPTIONS_MAX);
        exceptions.rows[exceptions.count++] = row;
    }
    return exceptions;
}

/* Whether this case is one in which we say `ours`, and not what is expected; the row is needed then. */
static inline bool exceptions_hold(struct exceptions *exceptions, size_t number, const char *ours)
{
    uint64_t at;
    for (size_t i = 0; i < exceptions->count; i++) {
        const slice *columns = exceptions->rows[i].columns;
        if (slice_u64(columns[1], 1000000, &at) && at == number && slice_eq(columns[2], slice_of(ours)))
            return exceptions->needed[i] = true;
    }
    return false;
}

/* At the end: a row that no case needed is wrong. */
static inline void exceptions_end(const struct exceptions *exceptions)
{
    for (size_t i = 0; i < exceptions->count; i++)
        if (!exceptions->needed[i])
            fail_msg("exceptions.tsv:%zu is not needed", exceptions->rows[i].line);
}
