/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bench_figures DATABASE ROWS: fills the database of a node with so many counts of the year until today, of a thousand
 * organisations in twelve sectors, and prints how long it takes to add to them, to be told their sums, and to add all
 * of it up once more (what doctor does): "name=value" words.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "store/count.h"
#include "store/organisation.h"

#define ORGANISATIONS 1000
#define DAYS 365
#define BATCH 5000
#define ROUNDS 20

static struct arena *arena;
static struct db *db;
static const struct actor local = {.name = {"bench", 5}, .how = ACTOR_MACHINE, .roles = 1u << ROLE_LOCAL};

static const char *const classes[] = {"malicious-code/infected-system", "malicious-code/malware-distribution",
        "vulnerable/vulnerable-system", "vulnerable/weak-crypto", "information-gathering/scanner",
        "intrusion-attempts/brute-force", "fraud/phishing", "availability/ddos", "abusive-content/spam", ""};

static void must(struct err err)
{
    if (err.kind == ERR_NONE)
        return;
    fprintf(stderr, "bench_figures: %s\n", err.why);
    exit(1);
}

/* ---- What is counted ---- */

static struct err organisations_add(struct work *work, void *context)
{
    int64_t *first = context, number;
    for (int i = 0; i < ORGANISATIONS; i++) {
        struct organisation_put put = {.kind = S("hospital"), .relation = RELATION_CONSTITUENT};
        put.name = slice_of(arena_printf(work->arena, "RS Contoh %04d", i));
        put.sector = slice_of(arena_printf(work->arena, "sector-%02d", i % 12));
        TRY(store_organisation_add(work, &put, &number));
        *first = i == 0 ? number : *first;
    }
    return OK;
}

struct batch_of {
    int64_t first, today; /* organisation, day */
    size_t from, count;
};

/* The rows of a year in the order of their days: each organisation has one class a day, and then a second one. */
static struct err batch_add(struct work *work, void *context)
{
    const struct batch_of *batch = context;
    struct event_count *rows = arena_new(work->arena, struct event_count, batch->count);
    for (size_t i = 0; i < batch->count; i++) {
        size_t at = batch->from + i, day = at / ORGANISATIONS % DAYS, organisation = at % ORGANISATIONS;
        size_t round = at / ORGANISATIONS / DAYS;
        rows[i] = (struct event_count){batch->today - DAYS + 1 + (int64_t)day, batch->first + (int64_t)organisation, 1,
                slice_of(classes[(day * 7 + organisation * 3 + round) % COUNT_OF(classes)]), 3 + (int64_t)(at % 97),
                (int64_t)(at % 3), (int64_t)(at % 5)};
    }
    return store_count_add(work, rows, batch->count);
}

static double fill(size_t rows)
{
    struct batch_of batch = {.today = clock_now_us() / DAY_US};
    must(store_work(db, &local, arena, organisations_add, &batch.first));
    int64_t began = clock_steady_us();
    for (; batch.from < rows; batch.from += batch.count) {
        batch.count = rows - batch.from < BATCH ? rows - batch.from : BATCH;
        must(store_work(db, &local, arena, batch_add, &batch));
        arena_reset(arena);
    }
    return (double)(clock_steady_us() - began) / (double)rows;
}

/* ---- What is asked ---- */

static double ask(enum count_by by, int64_t from_day, int64_t until_day)
{
    struct count_sum *rows;
    size_t count;
    int64_t began = clock_steady_us();
    for (int i = 0; i < ROUNDS; i++) {
        arena_reset(arena);
        must(store_count_sum(db, by, from_day, until_day, arena, &rows, &count));
    }
    return (double)(clock_steady_us() - began) / ROUNDS / 1000;
}

static double check(void)
{
    int64_t began = clock_steady_us(), wrong;
    must(store_count_check(db, &wrong));
    if (wrong != 0)
        must(err_make(ERR_CONFLICT, "the sums are not those of the counts"));
    return (double)(clock_steady_us() - began) / 1000;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    arena = arena_open("bench", ARENA_WORK, (size_t)256 << 20);
    must(store_open(&(struct db_options){.where = argv[1]}, arena_open("database", ARENA_WORK, 16u << 20), &db));
    int64_t today = clock_now_us() / DAY_US, from = time_month_begins(time_month_of(today) - 11);
    printf("add_us=%.2f ", fill((size_t)strtoul(argv[2], NULL, 10)));
    printf("class_ms=%.2f ", ask(COUNT_BY_CLASS, from, today + 1));
    printf("day_ms=%.2f ", ask(COUNT_BY_DAY, from, today + 1));
    printf("sector_ms=%.2f ", ask(COUNT_BY_SECTOR, from, time_month_begins(time_month_of(today) + 1)));
    printf("sector_ends_ms=%.2f ", ask(COUNT_BY_SECTOR, today - 300, today - 15)); /* months that are not whole */
    printf("all_ms=%.2f\n", check());
    db_close(db);
    arena_close(arena);
    return 0;
}
