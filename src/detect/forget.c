/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is done to runs that are there: merging them, taking out whose time is over, removing what no row names, and
 * proving that nothing is left. Runs are never changed: a new one is on disk before one work swaps the rows, and the
 * old ones are removed behind it; whoever dies in between leaves files that no row names.
 */
#include <assert.h>
#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "detect/remember_parts.h"
#include "memory/folder.h"
#include "json/write.h"

#define MERGE_DUE 8             /* runs of a day and level that become one of the next */
#define MERGE_REST_US (HOUR_US) /* a day that is over is merged whole when nothing came for so long */
/*
 * A month becomes one run when it is over for so long and whoever is in it is remembered for as long again: who agreed
 * to less is gone from it by then, and what is written once more for each day that is forgotten is little.
 */
#define MONTH_REST_DAYS 31
#define FORGET_AT_ONCE 500 /* days of organisations: a row of the journal each */
#define SWAP_ARENA_MAX (256u << 20)

/* What is taken out of a run: a day of an organisation. */
struct taken {
    int64_t organisation;
    int32_t day;
    uint64_t entries;
};

/* Runs that one new run takes the place of. */
struct swap {
    const struct memory_row *rows;
    size_t count;
    struct memory_file file;
    bool any; /* there is a new one; else nothing is left of them */
    int64_t level;
    const struct taken *taken; /* whom it leaves out */
    size_t taken_count;
};

/* ---- Swapping ---- */

static void put_run(struct json_writer *w, slice key, slice file, slice digest, int64_t entries)
{
    json_write_key(w, key);
    json_write_object(w);
    json_write_key_text(w, S("file"), file);
    json_write_key_hex(w, S("digest"), digest);
    json_write_key_u64(w, S("entries"), (uint64_t)entries);
    json_write_end(w);
}

static struct err tell_forgotten(struct work *work, const struct swap *swap, const struct taken *taken)
{
    const struct memory_row *row = &swap->rows[0];
    struct buf detail = buf_make(WORK_DETAIL_MAX), day = buf_make(64);
    struct json_writer w = json_writer(&detail);
    time_write(&day, taken->day * DAY_US);
    json_write_object(&w);
    json_write_key(&w, S("organisation"));
    json_write_i64(&w, taken->organisation);
    json_write_key_text(&w, S("day"), slice_part(buf_slice(&day), 0, 10));
    json_write_key_u64(&w, S("entries"), taken->entries);
    json_write_key_u64(&w, S("left"), 0);
    put_run(&w, S("before"), row->file, row->digest, row->entries);
    if (swap->any)
        put_run(&w, S("after"), slice_of(swap->file.name), sha256_slice(&swap->file.digest),
                (int64_t)swap->file.entries);
    json_write_end(&w);
    slice subject = slice_of(arena_printf(work->arena, "organisation/%lld", (long long)taken->organisation));
    struct err err = store_work_news(work, "memory.forgotten", subject, buf_slice(&detail));
    buf_free(&detail);
    buf_free(&day);
    return err;
}

static struct err swap_rows(struct work *work, void *context)
{
    const struct swap *swap = context;
    for (size_t i = 0; i < swap->count; i++)
        TRY(store_memory_drop(work, swap->rows[i].file));
    if (swap->any) {
        const struct memory_row row = {slice_of(swap->file.name), swap->file.day, swap->level,
                (int64_t)swap->file.entries, (int64_t)swap->file.bytes, sha256_slice(&swap->file.digest), 0};
        TRY(store_memory_add(work, &row, 1));
    }
    for (size_t i = 0; i < swap->taken_count; i++)
        TRY(tell_forgotten(work, swap, &swap->taken[i]));
    return OK;
}

/* The files that do not count: the old ones, or after a failure the new one. */
static struct err swap_remove(
        const struct remember *remember, const struct swap *swap, bool swapped, struct arena *arena)
{
    const char **names = arena_new(arena, const char *, swap->count + 1);
    size_t count = 0;
    for (size_t i = 0; i < swap->count && swapped; i++)
        names[count++] = arena_cstr(arena, swap->rows[i].file);
    if (!swapped && swap->any)
        names[count++] = swap->file.name;
    bool removed; /* else they are left over */
    return memory_folder_remove(remember->folder, names, count, arena, &removed);
}

/*
 * *done: false, and no error, if somebody else was quicker. After another error nobody knows whether the rows were
 * swapped; then both files stay, and one of them is left over.
 */
static struct err swap_do(const struct remember *remember, struct db *db, const struct actor *actor, struct swap *swap,
        struct arena *arena, bool *done)
{
    struct err err = store_work(db, actor, arena, swap_rows, swap);
    *done = err.kind == ERR_NONE;
    if (err.kind != ERR_NONE && err.kind != ERR_CONFLICT)
        return err;
    return swap_remove(remember, swap, *done, arena);
}

/* ---- A new run of some ---- */

static void runs_close(struct memory_run **runs, size_t count)
{
    for (size_t i = 0; i < count; i++)
        memory_run_close(runs[i]);
}

/* ERR_MISSING: somebody else merged one meanwhile. */
static struct err runs_open(const struct remember *remember, const struct memory_row *rows, size_t count,
        struct arena *arena, struct memory_run **runs)
{
    for (size_t i = 0; i < count; i++) {
        struct memory_file file = remember_file(&rows[i]);
        struct err err = memory_run_open(remember->folder, &file, remember->key, arena, &runs[i]);
        if (err.kind != ERR_NONE) {
            runs_close(runs, i);
            return err;
        }
    }
    return OK;
}

static struct err merge_rows(struct remember *remember, struct db *db, const struct actor *actor, struct swap *swap,
        struct memory_keep *keep, struct arena *arena, bool *done)
{
    struct memory_run *runs[MERGE_RUNS_MAX];
    int hold;
    TRY(memory_folder_hold(remember->folder, arena, &hold));
    struct err err = runs_open(remember, swap->rows, swap->count, arena, runs);
    if (err.kind == ERR_NONE) {
        err = memory_merge((const struct memory_run *const *)runs, swap->count, remember->folder, remember->key, keep,
                arena, &swap->file, &swap->any);
        runs_close(runs, swap->count);
        if (err.kind == ERR_NONE)
            err = swap_do(remember, db, actor, swap, arena, done);
    }
    memory_folder_leave(hold);
    return err;
}

/* ---- Merging ---- */

/* How many of the rows, from the first, are of its day (and, with `level`, of its level). */
static size_t same(const struct memory_row *rows, size_t count, bool level)
{
    size_t same = 1;
    while (same < count && rows[same].day == rows[0].day && (!level || rows[same].level == rows[0].level))
        same++;
    return same;
}

static bool is_at_rest(const struct memory_row *rows, size_t count, int64_t now_us)
{
    if (rows[0].day >= memory_day(now_us))
        return false;
    for (size_t i = 0; i < count; i++)
        if (rows[i].made_us > now_us - MERGE_REST_US)
            return false;
    return true;
}

/* The first runs that are due; false if none are. Rows are ordered by day and level. */
static bool merge_next(const struct memory_row *rows, size_t count, int64_t now_us, size_t *at, struct swap *swap)
{
    while (*at < count) {
        const struct memory_row *first = &rows[*at];
        size_t level = same(first, count - *at, true), day = same(first, count - *at, false);
        bool begins = *at == 0 || first[-1].day != first->day;
        size_t due = level >= MERGE_DUE ? level : begins && day > 1 && is_at_rest(first, day, now_us) ? day : 0;
        due = due > MERGE_RUNS_MAX ? MERGE_RUNS_MAX : due;
        *at += due > 0 ? due : level;
        if (due > 0) {
            *swap = (struct swap){.rows = first, .count = due, .level = first[due - 1].level + 1};
            return true;
        }
    }
    return false;
}

/* One that fails does not keep the others from it. */
static struct err merge_pass(struct remember *remember, struct db *db, const struct actor *actor,
        bool (*stop)(void *context), void *context, struct arena *arena, struct remember_done *done)
{
    struct memory_row *rows;
    struct swap swap;
    struct err first = OK;
    size_t count, at = 0;
    TRY(store_memory_list(db, arena, &rows, &count));
    while (merge_next(rows, count, clock_now_us(), &at, &swap) && (stop == NULL || !stop(context))) {
        bool merged = false;
        struct err err = merge_rows(remember, db, actor, &swap, NULL, arena, &merged);
        done->merges += merged;
        done->merged += merged ? swap.count : 0;
        if (first.kind == ERR_NONE && err.kind != ERR_MISSING)
            first = err;
    }
    return first;
}

/* ---- Months ---- */

static int month_of(int64_t day)
{
    struct tm when;
    time_t seconds = (time_t)(day * DAY_US / SECOND_US);
    gmtime_r(&seconds, &when);
    return when.tm_year * 12 + when.tm_mon;
}

/* How many of the rows, from the first, are of its month. */
static size_t same_month(const struct memory_row *rows, size_t count)
{
    size_t same = 1;
    while (same < count && month_of(rows[same].day) == month_of(rows[0].day))
        same++;
    return same;
}

/* Whether whoever is in these runs is remembered at the keeping's time, which is the end of the rest. */
static struct err all_are_kept(
        struct keeping *keeping, const struct memory_row *rows, size_t count, struct arena *arena, bool *kept)
{
    *kept = true;
    for (size_t i = 0; i < count && *kept; i++) {
        struct memory_run *run;
        size_t organisations;
        TRY(runs_open(keeping->remember, &rows[i], 1, arena, &run));
        const uint64_t *numbers = memory_run_organisations(run, &organisations);
        for (size_t at = 0; at < organisations && *kept; at++)
            *kept = remember_keeps(keeping, (int64_t)numbers[at], memory_run_file(run)->day);
        memory_run_close(run);
    }
    return keeping->err;
}

static struct err month_merge(struct keeping *keeping, const struct actor *actor, const struct memory_row *rows,
        size_t count, struct arena *arena, struct remember_done *done)
{
    bool kept, merged = false;
    struct swap swap = {.rows = rows, .count = count};
    TRY(all_are_kept(keeping, rows, count, arena, &kept));
    for (size_t i = 0; i < count; i++)
        swap.level = rows[i].level >= swap.level ? rows[i].level + 1 : swap.level;
    TRY(kept ? merge_rows(keeping->remember, keeping->db, actor, &swap, NULL, arena, &merged) : OK);
    done->merges += merged;
    done->merged += merged ? count : 0;
    return OK;
}

/* Behind the merging of days. One that fails does not keep the others from it. */
static struct err months_pass(struct remember *remember, struct db *db, const struct actor *actor,
        bool (*stop)(void *context), void *context, struct arena *arena, struct remember_done *done)
{
    struct memory_row *rows;
    size_t count, month;
    int64_t now_us = clock_now_us(), rest_us = MONTH_REST_DAYS * DAY_US;
    struct keeping keeping = {
            .remember = remember, .db = db, .now_us = now_us + rest_us, .ahead = arena_new(arena, struct terms, TERMS)};
    struct err first = OK;
    TRY(store_memory_list(db, arena, &rows, &count));
    for (size_t at = 0; at < count && (stop == NULL || !stop(context)); at += month) {
        month = same_month(&rows[at], count - at);
        bool over = month_of(rows[at].day) < month_of(memory_day(now_us - rest_us));
        if (!over || month < 2 || month > MERGE_RUNS_MAX || !is_at_rest(&rows[at], month, now_us))
            continue;
        struct err err = month_merge(&keeping, actor, &rows[at], month, arena, done);
        if (first.kind == ERR_NONE && err.kind != ERR_MISSING)
            first = err;
    }
    return first;
}

struct err remember_merge(struct remember *remember, struct db *db, const struct actor *actor,
        bool (*stop)(void *context), void *context, struct arena *arena, struct remember_done *done)
{
    for (uint64_t before = UINT64_MAX; before != done->merges;) {
        struct arena *pass = arena_open("merging the memory", ARENA_WORK, SWAP_ARENA_MAX);
        before = done->merges;
        struct err err = merge_pass(remember, db, actor, stop, context, pass, done);
        if (err.kind == ERR_NONE && done->merges == before)
            err = months_pass(remember, db, actor, stop, context, pass, done);
        if (err.kind != ERR_NONE)
            err.why = arena_cstr(arena, slice_of(err.why));
        arena_close(pass);
        TRY(err);
    }
    return OK;
}

/* ---- Forgetting ---- */

/* What to leave out of one run. */
struct leaving {
    const struct taken *taken; /* by organisation and day */
    size_t count;
};

static int taken_order(const struct taken *taken, int64_t organisation, int32_t day)
{
    if (taken->organisation != organisation)
        return taken->organisation < organisation ? -1 : 1;
    return (taken->day > day) - (taken->day < day);
}

static bool stays(void *context, int64_t organisation, int32_t day)
{
    const struct leaving *leaving = context;
    size_t from = 0, to = leaving->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (taken_order(&leaving->taken[middle], organisation, day) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from == leaving->count || taken_order(&leaving->taken[from], organisation, day) != 0;
}

/* Whose time is over in this run and on which of its days, at most FORGET_AT_ONCE of them; a day goes before the next.
 */
static struct err overdue_find(
        struct keeping *keeping, const struct memory_run *run, struct arena *arena, struct taken *taken, size_t *found)
{
    const struct memory_file *file = memory_run_file(run);
    size_t count, days = (size_t)file->days;
    const uint64_t *organisations = memory_run_organisations(run, &count);
    uint64_t *entries = NULL;
    *found = 0;
    for (size_t i = 0; i < count * days && *found < FORGET_AT_ONCE; i++) {
        struct taken one = {(int64_t)organisations[i / days], file->day + (int32_t)(i % days), 0};
        if (remember_keeps(keeping, one.organisation, one.day)) {
            i += days - 1 - i % days;
            continue;
        }
        TRY(keeping->err);
        if (entries == NULL) {
            entries = arena_new(arena, uint64_t, count * days);
            TRY(arena_check(arena));
            memory_run_tally(run, entries);
        }
        one.entries = entries[i];
        if (one.entries > 0)
            taken[(*found)++] = one;
    }
    return OK;
}

static struct err row_forget(struct keeping *keeping, const struct actor *actor, const struct memory_row *row,
        struct arena *arena, struct remember_done *done)
{
    struct memory_run *run;
    struct taken *taken = arena_new(arena, struct taken, FORGET_AT_ONCE);
    struct leaving leaving = {.taken = taken};
    bool swapped = false;
    TRY(runs_open(keeping->remember, row, 1, arena, &run));
    struct err err = overdue_find(keeping, run, arena, taken, &leaving.count);
    memory_run_close(run);
    TRY(err);
    if (leaving.count == 0)
        return OK;
    struct memory_keep keep = {&leaving, stays, 0};
    struct swap swap = {.rows = row, .count = 1, .level = row->level, .taken = taken, .taken_count = leaving.count};
    TRY(merge_rows(keeping->remember, keeping->db, actor, &swap, &keep, arena, &swapped));
    done->rewritten += swapped;
    done->forgotten += swapped ? keep.left : 0;
    return OK;
}

static struct err forget_pass(struct keeping *keeping, const struct actor *actor, bool (*stop)(void *context),
        void *context, struct arena *arena, struct remember_done *done)
{
    struct memory_row *rows;
    size_t count;
    struct err first = OK;
    TRY(store_memory_list(keeping->db, arena, &rows, &count));
    for (size_t i = 0; i < count && (stop == NULL || !stop(context)); i++) {
        struct arena *one = arena_open("forgetting", ARENA_WORK, SWAP_ARENA_MAX);
        struct err err = row_forget(keeping, actor, &rows[i], one, done);
        if (first.kind == ERR_NONE && err.kind != ERR_MISSING && err.kind != ERR_NONE)
            first = err_make(err.kind, arena_cstr(arena, slice_of(err.why)));
        arena_close(one);
    }
    return first;
}

struct err remember_forget(struct remember *remember, struct db *db, const struct actor *actor,
        bool (*stop)(void *context), void *context, struct arena *arena, struct remember_done *done)
{
    for (uint64_t before = UINT64_MAX; before != done->rewritten;) {
        struct keeping keeping = {.remember = remember, .db = db, .now_us = clock_now_us(), .fresh = true};
        struct arena *pass = arena_open("forgetting of the memory", ARENA_WORK, SWAP_ARENA_MAX);
        before = done->rewritten;
        struct err err = forget_pass(&keeping, actor, stop, context, pass, done);
        if (err.kind != ERR_NONE)
            err.why = arena_cstr(arena, slice_of(err.why));
        arena_close(pass);
        TRY(err);
    }
    return OK;
}

/* ---- Left-overs ---- */

static int name_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Of the files that are there, those that no row names. */
static struct err left_over(
        const struct remember *remember, struct db *db, struct arena *arena, const char ***names, size_t *count)
{
    struct memory_row *rows;
    size_t row_count, file_count;
    const char **files;
    TRY(memory_folder_list(remember->folder, arena, &files, &file_count));
    TRY(store_memory_list(db, arena, &rows, &row_count));
    const char **named = arena_new(arena, const char *, row_count + 1),
               **left = arena_new(arena, const char *, file_count + 1);
    for (size_t i = 0; i < row_count; i++)
        named[i] = arena_cstr(arena, rows[i].file);
    qsort(named, row_count, sizeof *named, name_compare);
    *count = 0;
    for (size_t i = 0; i < file_count; i++)
        if (bsearch(&files[i], named, row_count, sizeof *named, name_compare) == NULL)
            left[(*count)++] = files[i];
    *names = left;
    return arena_check(arena);
}

struct err remember_clear(struct remember *remember, struct db *db, struct arena *arena, struct remember_done *done)
{
    int hold;
    const char **names;
    size_t count = 0;
    bool removed = false;
    TRY(memory_folder_hold_alone(remember->folder, arena, &hold));
    if (hold < 0)
        return OK;
    struct err err = left_over(remember, db, arena, &names, &count);
    if (err.kind == ERR_NONE)
        err = memory_folder_remove(remember->folder, names, count, arena, &removed);
    memory_folder_leave(hold);
    if (err.kind == ERR_NONE && removed)
        done->removed += count;
    return err;
}

/* ---- Proof ---- */

static struct err run_prove(struct keeping *keeping, const struct memory_run *run, int64_t organisation,
        struct arena *arena, struct remember_proof *proof)
{
    size_t count;
    const struct memory_file *file = memory_run_file(run);
    const uint64_t *organisations = memory_run_organisations(run, &count);
    TRY(memory_run_check(run, arena));
    size_t days = (size_t)file->days;
    uint64_t *entries = calloc(count * days + 1, sizeof *entries);
    if (entries == NULL)
        return err_make(ERR_SYSTEM, "no memory to count");
    memory_run_tally(run, entries);
    proof->runs++;
    proof->entries += file->entries;
    for (size_t i = 0; i < count * days; i++) {
        int32_t day = file->day + (int32_t)(i % days);
        if (organisations[i / days] != (uint64_t)organisation || entries[i] == 0)
            continue;
        *(remember_keeps(keeping, organisation, day) ? &proof->kept : &proof->overdue) += entries[i];
        if (proof->oldest_file == NULL || day < proof->oldest_day) {
            proof->oldest_day = day;
            proof->oldest_file = arena_cstr(arena, slice_of(file->name));
        }
    }
    free(entries);
    return keeping->err;
}

/* A file without a row may get it yet while somebody writes. */
static struct err left_over_count(const struct remember *remember, struct db *db, struct arena *arena, uint64_t *count)
{
    int hold;
    const char **names;
    size_t left = 0;
    TRY(memory_folder_hold_alone(remember->folder, arena, &hold));
    struct err err = hold < 0 ? OK : left_over(remember, db, arena, &names, &left);
    memory_folder_leave(hold);
    *count = left;
    return err;
}

struct err remember_prove(struct remember *remember, struct db *db, int64_t organisation, struct arena *arena,
        struct remember_proof *proof)
{
    struct keeping keeping = {.remember = remember, .db = db, .now_us = clock_now_us(), .fresh = true};
    struct remember_view view;
    *proof = (struct remember_proof){0};
    TRY(remember_days(&keeping, organisation, &proof->days));
    TRY(remember_take(remember, db, arena, &view));
    struct err err = view.broken == 0 ? OK : err_make(ERR_SYSTEM, view.why);
    for (size_t i = 0; i < view.count && err.kind == ERR_NONE; i++)
        err = run_prove(&keeping, remember_run(&view, i), organisation, arena, proof);
    remember_leave(remember, &view);
    TRY(err);
    return left_over_count(remember, db, arena, &proof->left_over);
}
