/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What remembering costs: observations noted, sorted and written as daily runs; one value looked for in all of them,
 * cold and warm; very many at once; and the same when the days were merged into months. bench/run.sh runs it and reads
 * its lines, "NAME=VALUE".
 *
 *     bench_memory FOLDER DAYS OBSERVATIONS INDICATORS     observations of a day; some 0.43 of them are entries
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "memory/folder.h"
#include "memory/merge.h"

#define FIRST_DAY 20000
#define ORGANISATIONS 200

struct bench {
    const char *folder;
    struct hash_key key;
    struct arena *arena;
    struct memory_file *files;
    struct memory_run **runs;
    size_t days;
    uint64_t state;
};

static double seconds(void)
{
    return (double)clock_steady_us() / 1e6;
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void must(struct err err)
{
    if (err.kind == ERR_NONE)
        return;
    fprintf(stderr, "bench_memory: %s\n", err.why);
    exit(1);
}

static uint64_t draw(struct bench *bench)
{
    bench->state += UINT64_C(0x9e3779b97f4a7c15);
    return hash_mix(bench->state, UINT64_C(0xbf58476d1ce4e5b9));
}

/* A key of a value that is one of `values`; a value belongs to one organisation. */
static struct memory_key key_of(uint64_t value)
{
    return (struct memory_key){MEMORY_HASHED, hash_mix(value + 1, UINT64_C(0x94d049bb133111eb)), 0};
}

/* ---- Remembering ---- */

/* What is to be noted, drawn beforehand: so that only noting it is measured. */
enum { DRAWN = 65536 };
struct drawn {
    struct memory_key key;
    int64_t organisation, time_us;
};

static void draw_many(
        struct bench *bench, int64_t day_us, uint64_t from, uint64_t observations, struct drawn *drawn, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t value = draw(bench) % (observations / 2 + 1);
        drawn[i] = (struct drawn){key_of(value), 1 + (int64_t)(value % ORGANISATIONS),
                day_us + (int64_t)((from + i) * 86400 / observations) * SECOND_US};
    }
}

static void days_write(struct bench *bench, uint64_t observations)
{
    struct memory_gather *gather = memory_gather_open();
    struct drawn *drawn = calloc(DRAWN, sizeof *drawn);
    double note = 0, write = 0, wall = 0;
    uint64_t entries = 0, bytes = 0;
    for (size_t day = 0; day < bench->days; day++) {
        double begin, wall_begin;
        for (uint64_t from = 0; from < observations; from += DRAWN) {
            size_t count = observations - from < DRAWN ? observations - from : DRAWN;
            draw_many(bench, (FIRST_DAY + (int64_t)day) * DAY_US, from, observations, drawn, count);
            begin = cpu_seconds();
            wall_begin = seconds();
            for (size_t i = 0; i < count; i++)
                memory_note(gather, drawn[i].organisation, &drawn[i].key, drawn[i].time_us);
            note += cpu_seconds() - begin;
            wall += seconds() - wall_begin;
        }
        struct memory_file *files;
        size_t count;
        begin = cpu_seconds();
        wall_begin = seconds();
        must(memory_gather_write(&gather, 1, bench->folder, bench->key, NULL, bench->arena, &files, &count));
        memory_gather_reset(gather);
        write += cpu_seconds() - begin;
        wall += seconds() - wall_begin;
        bench->files[day] = files[0];
        entries += files[0].entries;
        bytes += files[0].bytes;
    }
    memory_gather_close(gather);
    free(drawn);
    double all = (double)observations * (double)bench->days;
    printf("note_ns=%.1f\nremember_ns=%.1f\nremember_wall_ns=%.1f\nentries=%llu\nentry_bytes=%.2f\n", note / all * 1e9,
            (note + write) / all * 1e9, wall / all * 1e9, (unsigned long long)entries, (double)bytes / (double)entries);
}

/* The same from names as logs have them: hashing, and the names above them, included. */
static void names_note(struct bench *bench)
{
    enum { NAMES = 1 << 20 };
    struct memory_gather *gather = memory_gather_open();
    struct memory_keyer keyer;
    struct memory_key keys[MEMORY_KEYS_MAX];
    char name[64];
    uint64_t notes = 0;
    memory_keyer_open(&keyer, bench->key);
    double begin = cpu_seconds();
    for (size_t i = 0; i < NAMES; i++) {
        uint64_t value = draw(bench) % (NAMES / 4);
        int len = snprintf(
                name, sizeof name, "a%llu.b%llu.example", (unsigned long long)value, (unsigned long long)value % 1000);
        struct observable observable = {.type = OBSERVABLE_HOST, .value = {name, (size_t)len}};
        size_t count = memory_keys(&keyer, &observable, keys);
        for (size_t k = 0; k < count; k++)
            memory_note(gather, 1, &keys[k], FIRST_DAY * DAY_US);
        notes += count;
    }
    double took = cpu_seconds() - begin;
    printf("name_ns=%.1f\nname_notes=%.2f\n", took / NAMES * 1e9, (double)notes / NAMES);
    memory_keyer_close(&keyer);
    memory_gather_close(gather);
}

/* ---- Asking ---- */

static void runs_close(struct bench *bench)
{
    for (size_t day = 0; day < bench->days; day++)
        memory_run_close(bench->runs[day]);
}

static void runs_open(struct bench *bench)
{
    for (size_t day = 0; day < bench->days; day++)
        must(memory_run_open(bench->folder, &bench->files[day], bench->key, bench->arena, &bench->runs[day]));
}

/* Nothing of the runs is in the page cache any more. */
static void runs_forget(const struct bench *bench)
{
    sync();
    for (size_t day = 0; day < bench->days; day++) {
        int fd = open(arena_printf(bench->arena, "%s/%s", bench->folder, bench->files[day].name), O_RDONLY | O_CLOEXEC);
        posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        close(fd);
    }
}

static void count_found(void *context, uint32_t tag, int32_t day, const struct memory_entry *entry)
{
    (void)tag, (void)day;
    *(uint64_t *)context += entry->count;
}

static uint64_t ask(const struct bench *bench, const struct memory_asks *asks)
{
    uint64_t found = 0;
    for (size_t day = 0; day < bench->days; day++)
        must(memory_run_find(bench->runs[day], asks, count_found, &found, bench->arena));
    return found;
}

static void one_ask(struct bench *bench, const char *of, uint64_t values)
{
    enum { ROUNDS = 20 };
    double cold = 0, warm = 1e9, opened = 0;
    uint64_t found = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct memory_key key = key_of(draw(bench) % values);
        struct memory_ask only = {.range = {key, key}};
        struct memory_asks one;
        must(memory_asks_open(&only, 1, &one));
        runs_forget(bench);
        double begin = seconds();
        runs_open(bench);
        opened += (seconds() - begin) / ROUNDS;
        begin = seconds();
        found += ask(bench, &one);
        cold += (seconds() - begin) / ROUNDS;
        begin = seconds();
        found += ask(bench, &one);
        warm = seconds() - begin < warm ? seconds() - begin : warm;
        runs_close(bench);
        memory_asks_close(&one);
    }
    printf("%sopen_ms=%.2f\n%sone_cold_ms=%.2f\n%sone_warm_ms=%.4f\n%sone_found=%llu\n", of, opened * 1e3, of,
            cold * 1e3, of, warm * 1e3, of, (unsigned long long)found);
}

/* One in a hundred is of a value that may have been seen. */
static void many_asks(struct bench *bench, const char *of, size_t count, uint64_t values)
{
    struct memory_ask *asks = calloc(count, sizeof *asks);
    struct memory_asks many;
    if (asks == NULL)
        must(err_make(ERR_SYSTEM, "no memory for the indicators"));
    for (size_t i = 0; i < count; i++) {
        struct memory_key key = key_of(draw(bench) % (100 * values));
        asks[i] = (struct memory_ask){{key, key}, (uint32_t)i};
    }
    double begin = seconds();
    must(memory_asks_open(asks, count, &many));
    double sorted = seconds();
    runs_open(bench);
    uint64_t found = ask(bench, &many); /* then all of it is in the page cache */
    double cold = seconds(), cpu = cpu_seconds();
    found -= ask(bench, &many);
    double warm = seconds();
    printf("%smany_sort_s=%.2f\n%smany_cold_s=%.2f\n%smany_s=%.2f\n%smany_cpu_s=%.2f\n%smany_differ=%llu\n", of,
            sorted - begin, of, cold - sorted, of, warm - cold, of, cpu_seconds() - cpu, of, (unsigned long long)found);
    runs_close(bench);
    memory_asks_close(&many);
    free(asks);
}

/* ---- Months ---- */

static void months_merge(struct bench *bench)
{
    size_t months = 0;
    double begin = seconds(), cpu = cpu_seconds();
    uint64_t entries = 0;
    runs_open(bench);
    for (size_t from = 0; from < bench->days; from += MEMORY_DAYS_MAX) {
        size_t days = bench->days - from < MEMORY_DAYS_MAX ? bench->days - from : MEMORY_DAYS_MAX;
        const char *names[MEMORY_DAYS_MAX];
        struct memory_file month;
        bool any, removed;
        must(memory_merge((const struct memory_run *const *)bench->runs + from, days, bench->folder, bench->key, NULL,
                bench->arena, &month, &any));
        for (size_t i = 0; i < days; i++)
            names[i] = bench->files[from + i].name;
        must(memory_folder_remove(bench->folder, names, days, bench->arena, &removed));
        entries += month.entries;
        bench->files[months++] = month;
    }
    runs_close(bench);
    bench->days = months;
    printf("month_files=%zu\nmonth_merge_ns=%.1f\nmonth_merge_cpu_ns=%.1f\n", months,
            (seconds() - begin) / (double)entries * 1e9, (cpu_seconds() - cpu) / (double)entries * 1e9);
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: bench_memory FOLDER DAYS OBSERVATIONS INDICATORS\n");
        return 2;
    }
    struct bench bench = {.folder = argv[1],
            .days = strtoul(argv[2], NULL, 10),
            .arena = arena_open("bench", ARENA_PROCESS, (size_t)1 << 30),
            .state = hash_key_random().a};
    uint64_t observations = strtoull(argv[3], NULL, 10), values = observations / 2 + 1;
    bench.files = calloc(bench.days, sizeof *bench.files);
    bench.runs = calloc(bench.days, sizeof(struct memory_run *));
    must(memory_folder_key(bench.folder, bench.arena, &bench.key));
    names_note(&bench);
    days_write(&bench, observations);
    one_ask(&bench, "", values);
    many_asks(&bench, "", strtoul(argv[4], NULL, 10), values);
    months_merge(&bench);
    one_ask(&bench, "month_", values);
    many_asks(&bench, "month_", strtoul(argv[4], NULL, 10), values);
    free(bench.files);
    free(bench.runs);
    arena_close(bench.arena);
    return 0;
}
