/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/lists.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"

struct told {
    size_t changed, failed, files;
    uint64_t values;
};

static void changed(void *context, size_t files, uint64_t values)
{
    struct told *told = context;
    told->changed++;
    told->files = files;
    told->values = values;
}

static void failed(void *context, const char *why)
{
    struct told *told = context;
    told->failed += why != NULL;
}

static void problem(void *context, const char *file, uint64_t line, uint64_t column, const char *why)
{
    (void)context, (void)file, (void)line, (void)column, (void)why;
}

static void file(void *context, const char *name, const char *form, uint64_t indicators, uint64_t problems)
{
    (void)context, (void)name, (void)form, (void)indicators, (void)problems;
}

static void progress(void *context, const char *name, uint64_t indicators)
{
    (void)context, (void)name, (void)indicators;
}

static void skipped(void *context, const char *name, const char *what, uint64_t count)
{
    (void)context, (void)name, (void)what, (void)count;
}

static struct lists_report report_to(struct told *told)
{
    return (struct lists_report){
            {NULL, problem, file, progress, skipped}, .changed = changed, .failed = failed, .context = told};
}

static void put(const char *folder, const char *name, const char *text)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *to = fopen(path, "w");
    assert_non_null(to);
    fputs(text, to);
    fclose(to);
}

static void drop(const char *folder, const char *name)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    unlink(path);
}

static void mark(void *context, uint32_t tag, uint32_t number)
{
    (void)tag, (void)number;
    *(bool *)context = true;
}

static bool holds(const struct match_index *index, const char *address)
{
    const struct observable observable = {.type = OBSERVABLE_IPV4, .value = slice_of(address)};
    bool found = false;
    if (index != NULL)
        match_find(index, &observable, 0, mark, &found);
    return found;
}

static bool listed(struct lists *lists, const char *address)
{
    lists_look(lists);
    const struct match_index *index = lists_take(lists);
    bool found = holds(index, address);
    lists_leave(lists, index);
    return found;
}

static void a_folder_is_read_anew_when_a_file_of_it_changes(void **state)
{
    char folder[] = "/tmp/kentongan-lists-XXXXXX";
    struct arena *arena = arena_open("lists", ARENA_WORK, 1u << 20);
    struct told told = {0};
    const struct lists_report report = report_to(&told);
    struct lists_about about;
    struct lists *lists;
    (void)state;
    assert_non_null(mkdtemp(folder));
    put(folder, "resolvers", "203.0.113.80\n");
    put(folder, ".hidden", "203.0.113.81\n");
    assert_int_equal(lists_open(folder, &report, arena, &lists).kind, ERR_NONE);
    assert_true(listed(lists, "203.0.113.80") && !listed(lists, "203.0.113.81"));
    const struct match_index *before = lists_take(lists);
    put(folder, "networks", "203.0.113.81\n203.0.113.82\n");
    assert_true(listed(lists, "203.0.113.80") && listed(lists, "203.0.113.82"));
    assert_false(holds(before, "203.0.113.82")); /* who asks goes on with what was there */
    lists_leave(lists, before);
    lists_tell(lists, &about);
    assert_true(about.files == 2 && about.values == 3 && about.changed_us > INT64_C(1600000000) * SECOND_US);
    assert_true(told.changed == 1 && told.failed == 0);
    /* What cannot be read is told once, and what was read holds. */
    put(folder, "broken", "{\"type\":\"bundle\"");
    assert_true(listed(lists, "203.0.113.82") && listed(lists, "203.0.113.80"));
    assert_int_equal(told.failed, 1);
    drop(folder, "broken");
    drop(folder, "networks");
    assert_false(listed(lists, "203.0.113.82"));
    drop(folder, "resolvers");
    assert_false(listed(lists, "203.0.113.80"));
    drop(folder, ".hidden");
    rmdir(folder);
    assert_false(listed(lists, "203.0.113.80"));
    assert_int_equal(told.failed, 2);
    lists_look(lists);
    assert_int_equal(told.failed, 2);
    lists_close(lists);
    arena_close(arena);
}

static void what_is_not_there_at_the_start_is_an_error(void **state)
{
    struct arena *arena = arena_open("lists", ARENA_WORK, 1u << 20);
    struct told told = {0};
    const struct lists_report report = report_to(&told);
    struct lists *lists = NULL;
    (void)state;
    struct err err = lists_open("/nowhere/lists", &report, arena, &lists);
    assert_true(err.kind != ERR_NONE && strstr(err.why, "/nowhere/lists") != NULL);
    assert_int_equal(lists_open(NULL, &report, arena, &lists).kind, ERR_NONE);
    assert_null(lists_take(lists));
    lists_leave(lists, NULL);
    lists_close(lists);
    assert_null(lists_take(NULL));
    arena_close(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_folder_is_read_anew_when_a_file_of_it_changes),
            cmocka_unit_test(what_is_not_there_at_the_start_is_an_error),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
