/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/remember.h"

#include <assert.h>
#include <stdlib.h>

#include "base/arena.h"
#include "detect/remember_parts.h"
#include "memory/folder.h"
#include "store/service.h"

enum { TAKE_TRIES = 5 };

struct err remember_open(const char *folder, struct arena *arena, struct remember **opened)
{
    struct hash_key key;
    TRY(memory_folder_key(folder, arena, &key));
    struct remember *remember = calloc(1, sizeof *remember);
    char *path = strdup(folder);
    if (remember == NULL || path == NULL) {
        free(remember);
        free(path);
        return err_make(ERR_SYSTEM, "no memory to remember");
    }
    remember->folder = path;
    remember->key = key;
    pthread_mutex_init(&remember->mutex, NULL);
    *opened = remember;
    return OK;
}

static void run_leave(struct remember_run *run)
{
    if (--run->held > 0)
        return;
    memory_run_close(run->run);
    free(run);
}

void remember_close(struct remember *remember)
{
    if (remember == NULL)
        return;
    for (size_t i = 0; i < remember->run_count; i++)
        run_leave(remember->runs[i]);
    free(remember->runs);
    pthread_mutex_destroy(&remember->mutex);
    free((void *)(uintptr_t)remember->folder);
    free(remember);
}

struct hash_key remember_key(const struct remember *remember)
{
    return remember->key;
}

/* ---- What was agreed ---- */

struct err remember_days(struct keeping *keeping, int64_t organisation, int64_t *days)
{
    struct remember *remember = keeping->remember;
    struct terms *terms = &(keeping->ahead != NULL ? keeping->ahead : remember->terms)[organisation % TERMS];
    struct terms fresh = {.organisation = organisation};
    fresh.asked_us = clock_steady_us();
    pthread_mutex_lock(&remember->mutex);
    struct terms known = *terms;
    pthread_mutex_unlock(&remember->mutex);
    if (!keeping->fresh && known.organisation == organisation && fresh.asked_us - known.asked_us < TERMS_FRESH_US) {
        *days = known.days;
        return OK;
    }
    TRY(store_service_days(keeping->db, organisation, keeping->now_us, &fresh.days));
    *days = fresh.days;
    pthread_mutex_lock(&remember->mutex);
    *terms = fresh;
    pthread_mutex_unlock(&remember->mutex);
    return OK;
}

bool remember_keeps(void *context, int64_t organisation, int32_t day)
{
    struct keeping *keeping = context;
    int64_t days = 0, age = memory_day(keeping->now_us) - day;
    if (keeping->err.kind == ERR_NONE)
        keeping->err = remember_days(keeping, organisation, &days);
    return keeping->err.kind == ERR_NONE && age < days && (age >= 0 || (age >= -REMEMBER_LATE_DAYS && days > 0));
}

/* ---- Writing ---- */

struct err remember_write(struct remember *remember, struct db *db, struct memory_gather *const *gathers, size_t count,
        struct arena *arena, struct remembered *remembered)
{
    struct keeping keeping = {.remember = remember, .db = db, .now_us = clock_now_us()};
    struct memory_keep keep = {&keeping, remember_keeps, 0};
    struct remembered made = {.hold = -1};
    TRY(memory_folder_hold(remember->folder, arena, &made.hold));
    struct err err = memory_gather_write(
            gathers, count, remember->folder, remember->key, &keep, arena, &made.files, &made.count);
    made.left = keep.left;
    if (err.kind == ERR_NONE && keeping.err.kind != ERR_NONE)
        err = err_make(keeping.err.kind, arena_cstr(arena, slice_of(keeping.err.why)));
    if (err.kind != ERR_NONE)
        remember_end(&made);
    TRY(err);
    *remembered = made;
    return OK;
}

struct err remember_add(struct work *work, const struct remembered *remembered)
{
    for (size_t i = 0; i < remembered->count; i++) {
        const struct memory_file *file = &remembered->files[i];
        const struct memory_row row = {.file = slice_of(file->name),
                .day = file->day,
                .entries = (int64_t)file->entries,
                .bytes = (int64_t)file->bytes,
                .digest = sha256_slice(&file->digest)};
        TRY(store_memory_add(work, &row, 1));
    }
    return OK;
}

void remember_end(struct remembered *remembered)
{
    memory_folder_leave(remembered->hold);
    *remembered = (struct remembered){.hold = -1};
}

/* ---- Reading ---- */

struct memory_file remember_file(const struct memory_row *row)
{
    struct memory_file file = {
            .day = (int32_t)row->day, .entries = (uint64_t)row->entries, .bytes = (uint64_t)row->bytes};
    snprintf(file.name, sizeof file.name, "%.*s", (int)row->file.len, row->file.ptr);
    if (row->digest.len == sizeof file.digest.bytes)
        memcpy(file.digest.bytes, row->digest.ptr, sizeof file.digest.bytes);
    return file;
}

static int run_compare(const void *a, const void *b)
{
    const struct remember_run *const *x = a, *const *y = b;
    return strcmp(memory_run_file((*x)->run)->name, memory_run_file((*y)->run)->name);
}

static struct remember_run *run_find(const struct remember *remember, const char *name)
{
    size_t from = 0, to = remember->run_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = strcmp(memory_run_file(remember->runs[middle]->run)->name, name);
        if (order == 0)
            return remember->runs[middle];
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

static struct err run_open(
        const struct remember *remember, const struct memory_file *file, struct arena *arena, struct remember_run **run)
{
    struct remember_run *opened = calloc(1, sizeof *opened);
    if (opened == NULL)
        return err_make(ERR_SYSTEM, "no memory to open a run");
    struct err err = memory_run_open(remember->folder, file, remember->key, arena, &opened->run);
    if (err.kind == ERR_NONE)
        *run = opened;
    else
        free(opened);
    return err;
}

/* Those that the rows name, each held once more. One that cannot be read is told; ERR_MISSING: the rows are old. */
static struct err runs_hold(struct remember *remember, const struct memory_row *rows, size_t count, bool last,
        struct arena *arena, struct remember_view *view)
{
    for (size_t i = 0; i < count; i++) {
        struct memory_file file = remember_file(&rows[i]);
        struct remember_run *run = run_find(remember, file.name);
        struct err err = run == NULL ? run_open(remember, &file, arena, &run) : OK;
        if (err.kind == ERR_SYSTEM || (err.kind == ERR_MISSING && !last))
            return err;
        if (err.kind != ERR_NONE) {
            view->why = view->broken++ == 0 ? err.why : view->why;
            continue;
        }
        run->held++;
        view->runs[view->count++] = run;
        view->entries += file.entries;
    }
    return OK;
}

/* The remember holds what the newest view has. */
static void runs_keep(struct remember *remember, const struct remember_view *view, struct remember_run **copy)
{
    for (size_t i = 0; i < view->count; i++)
        view->runs[i]->held++;
    for (size_t i = 0; i < remember->run_count; i++)
        run_leave(remember->runs[i]);
    free(remember->runs);
    if (view->count > 0)
        memcpy(copy, view->runs, view->count * sizeof *copy);
    remember->runs = copy;
    remember->run_count = view->count;
    qsort(copy, view->count, sizeof *copy, run_compare);
}

static struct err view_make(
        struct remember *remember, struct db *db, bool last, struct arena *arena, struct remember_view *view)
{
    struct memory_row *rows;
    size_t count;
    TRY(store_memory_list(db, arena, &rows, &count));
    struct remember_view made = {.runs = calloc(count + 1, sizeof(struct remember_run *))};
    struct remember_run **copy = calloc(count + 1, sizeof(struct remember_run *));
    struct err err = err_make(ERR_SYSTEM, "no memory to open the memory");
    if (made.runs != NULL && copy != NULL) {
        pthread_mutex_lock(&remember->mutex);
        err = runs_hold(remember, rows, count, last, arena, &made);
        if (err.kind == ERR_NONE)
            runs_keep(remember, &made, copy);
        pthread_mutex_unlock(&remember->mutex);
    }
    if (err.kind == ERR_NONE) {
        *view = made;
        return OK;
    }
    free(copy);
    remember_leave(remember, &made);
    return err;
}

/* A run that was merged away between its row and its opening: the next look at the rows has its successor. */
struct err remember_take(struct remember *remember, struct db *db, struct arena *arena, struct remember_view *view)
{
    struct err err = OK;
    for (int tries = 1; tries <= TAKE_TRIES; tries++) {
        err = view_make(remember, db, tries == TAKE_TRIES, arena, view);
        if (err.kind != ERR_MISSING)
            break;
    }
    return err;
}

void remember_leave(struct remember *remember, struct remember_view *view)
{
    pthread_mutex_lock(&remember->mutex);
    for (size_t i = 0; i < view->count; i++)
        run_leave(view->runs[i]);
    pthread_mutex_unlock(&remember->mutex);
    free(view->runs);
    *view = (struct remember_view){0};
}

const struct memory_run *remember_run(const struct remember_view *view, size_t at)
{
    assert(at < view->count);
    return view->runs[at]->run;
}
