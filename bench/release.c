/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a release costs: objects times partners put into collections, each batch with its entry; bytes of the database
 * for each row; and an agreement that changes, decided anew. bench/run.sh runs it and reads its lines, "NAME=VALUE".
 *
 *     bench_release OBJECTS PARTNERS     in a database of its own in the working folder
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "share/test_release.h"

#define BATCH 1000

static double seconds(void)
{
    return (double)clock_steady_us() / 1e6;
}

/* Of this process; the machine may be shared. */
static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static off_t bytes_of(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 ? about.st_size : 0;
}

static void objects_come(struct test_store *store, int from, int count)
{
    struct arena *keep = store->arena;
    store->arena = arena_open("a batch", ARENA_WORK, 256u << 20);
    struct object_put *rows = arena_new(store->arena, struct object_put, (size_t)count);
    struct test_import import = test_import_begin(store, "desk");
    for (int i = 0; i < count; i++)
        rows[i] = test_put(
                store, test_json(store, "indicator", from + i, "2026-01-01T00:00:00.000Z", TEST_OWN, GREEN, ""));
    for (int i = 0; i < count; i += (int)COUNT_OF(import.outcomes)) {
        int some = count - i < (int)COUNT_OF(import.outcomes) ? count - i : (int)COUNT_OF(import.outcomes);
        test_import_put(store, &import, rows + i, (size_t)some);
    }
    test_import_finish(store, &import);
    arena_close(store->arena);
    store->arena = keep;
}

static void generation_change(struct test_store *store, const struct test_side *side)
{
    struct test_sql sql = {.sql = "UPDATE agreement SET generation = generation + 1 WHERE number = $1",
            .values = {db_i64(side->agreement)},
            .count = 1};
    test_ok(test_work(store, test_sql_action, &sql));
}

static void run_to_the_end(void)
{
    size_t did;
    test_ok(share_release_some(test_releaser, SIZE_MAX, &did));
}

static void measure(struct test_store *store, int objects, int partners)
{
    struct test_side *first = NULL;
    for (int i = 0; i < partners; i++) {
        const char *node = test_uuid(store, "identity", 1000 + i);
        struct test_side *side = test_partner(store, arena_printf(store->arena, "P%d", i), node, "TLP:AMBER", "no");
        test_rule(store, side, TLP_AMBER);
        first = first == NULL ? side : first;
    }
    run_to_the_end();
    for (int from = 0; from < objects; from += BATCH)
        objects_come(store, from, objects - from < BATCH ? objects - from : BATCH);
    off_t before = bytes_of("release.db");
    double began = seconds(), cpu = cpu_seconds();
    run_to_the_end();
    double rows = (double)objects * partners;
    printf("rows=%.0f\nreleased=%.0f\n", rows, rows / (seconds() - began));
    printf("released_cpu=%.0f\n", rows / (cpu_seconds() - cpu));
    db_close(store->db);
    store->db = NULL;
    printf("bytes=%.1f\n", (double)(bytes_of("release.db") - before) / rows);
    store->db = test_store_open(store);
    share_releaser_close(test_releaser);
    test_releaser = share_releaser_open(store->db, &test_options, NULL);
    began = seconds();
    generation_change(store, first);
    printf("changed_ms=%.3f\n", 1e3 * (seconds() - began));
    began = seconds();
    cpu = cpu_seconds();
    run_to_the_end();
    printf("redecided_s=%.2f\nredecided_cpu_s=%.2f\n", seconds() - began, cpu_seconds() - cpu);
}

int main(int argc, char **argv)
{
    static struct test_database base = {.where = "release.db"};
    struct test_store *store = &test_store;
    if (argc != 3)
        return 2;
    remove("release.db");
    *store = (struct test_store){.base = &base, .arena = arena_open("bench", ARENA_WORK, (size_t)1 << 30)};
    store->actor = (struct actor){.name = S("local"), .how = ACTOR_MACHINE, .roles = 1u << ROLE_LOCAL};
    store->db = test_store_open(store);
    test_node(store);
    clock_set(TIME_NONE);
    measure(store, (int)strtol(argv[1], NULL, 10), (int)strtol(argv[2], NULL, 10));
    share_releaser_close(test_releaser);
    db_close(store->db);
    arena_close(store->arena);
    remove("release.db");
    return 0;
}
