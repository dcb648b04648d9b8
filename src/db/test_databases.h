/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For tests: a new, empty database of either engine, so that one test body runs on both.
 *
 *     static int set_up(void **state)            (or a fixture of your own that holds a struct test_database)
 *     {
 *         return test_database_make(state);      (*state becomes a struct test_database)
 *     }
 *     ...
 *     const struct CMUnitTest tests[] = {TEST_ON_BOTH(a_key_that_is_taken_is_a_conflict, set_up, tear_down), ...};
 *
 * In meson.build such a test runs through with_postgres: see src/db/meson.build. Without PostgreSQL its half is
 * skipped.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "db/db.h"

struct test_database {
    enum db_engine engine;
    struct arena *arena;
    char folder[64];   /* of this test alone, removed with all files in it */
    const char *where; /* for db_open; there, and empty */
    void *fixture;     /* of the test */
};

extern const enum db_engine test_engines[2];

/* Two rows of a table of tests: the same function on SQLite and on PostgreSQL. One where meson.build says so. */
#ifdef TEST_ON_SQLITE_ALONE
#define TEST_ON_BOTH(function, set_up, tear_down)                                                                      \
    TEST_ON(DB_SQLITE, #function " on SQLite", function, set_up, tear_down)
#else
#define TEST_ON_BOTH(function, set_up, tear_down)                                                                      \
    TEST_ON(DB_SQLITE, #function " on SQLite", function, set_up, tear_down),                                           \
            TEST_ON(DB_POSTGRES, #function " on PostgreSQL", function, set_up, tear_down)
#endif
#define TEST_ON(engine, name, function, set_up, tear_down)                                                             \
    {                                                                                                                  \
        name, function, set_up, tear_down, (void *)(uintptr_t)&test_engines[engine]                                    \
    }

/* *state is the engine (from TEST_ON) and becomes a struct test_database. -1 and a message when it cannot be made. */
int test_database_make(void **state);
/* The same with this schema, as a copy of one that is made once. One schema a program. */
int test_database_make_of(const struct db_migration *schema, size_t count, void **state);
int test_database_drop(void **state);
/* The first thing that a test says: skips it where there is no such database. */
void test_database_need(const struct test_database *database);
/* A connection; the test closes it. Fails the test when there is none. */
struct db *test_database_open(const struct test_database *database);
