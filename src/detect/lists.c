/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/lists.h"

#include <dirent.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"

#define LOOK_US SECOND_US /* between looks at the files */
#define ARENA_MAX ((size_t)1 << 30)

/* What was read at one time, until nobody asks it any more. */
struct reading {
    struct match_index *index;
    struct arena *arena;
    size_t users;
    struct reading *before; /* read earlier, and still asked by somebody */
};

struct lists {
    const char *path; /* NULL: none */
    struct lists_report report;
    pthread_mutex_t lock;
    struct reading *now;  /* NULL: nothing is read */
    struct sha256 digest; /* of what the files looked like that were tried last */
    struct lists_about about;
    int64_t looked_us;
    bool missing; /* they could not be found when somebody looked last, which was told */
};

/* ---- The files ---- */

struct found {
    const char *names[LISTS_FILES_MAX];
    size_t count;
    struct sha256 digest;
    int64_t changed_us;
};

static int name_order(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static struct err folder_read(const char *path, DIR *folder, struct arena *arena, struct found *found)
{
    struct stat about;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.' || fstatat(dirfd(folder), entry->d_name, &about, 0) != 0 || !S_ISREG(about.st_mode))
            continue;
        if (found->count == LISTS_FILES_MAX)
            return err_format(arena, ERR_LIMIT, "%s: more than %d warning lists", path, LISTS_FILES_MAX);
        found->names[found->count++] = arena_printf(arena, "%s/%s", path, entry->d_name);
    }
    if (found->count > 1)
        qsort(found->names, found->count, sizeof *found->names, name_order);
    return OK;
}

/* By name, length, time and place on the disk: who writes a file anew changes one of them. */
static struct err look_at(const char *name, struct buf *seen, int64_t *changed_us, struct arena *arena)
{
    struct stat about;
    if (stat(name, &about) != 0)
        return err_errno(arena, name);
    int64_t us = about.st_mtim.tv_sec * SECOND_US + about.st_mtim.tv_nsec / 1000;
    buf_printf(seen, "%s %lld %lld %lld.%lld\n", name, (long long)about.st_ino, (long long)about.st_size,
            (long long)about.st_mtim.tv_sec, (long long)about.st_mtim.tv_nsec);
    *changed_us = us > *changed_us ? us : *changed_us;
    return OK;
}

static struct err files_find(const char *path, struct arena *arena, struct found *found)
{
    struct buf seen = buf_make(LISTS_FILES_MAX * 4096);
    DIR *folder = opendir(path);
    struct err err = OK;
    found->changed_us = TIME_NONE;
    if (folder == NULL)
        found->names[found->count++] = path;
    else
        err = folder_read(path, folder, arena, found);
    if (folder != NULL)
        closedir(folder);
    for (size_t i = 0; i < found->count && err.kind == ERR_NONE; i++)
        err = look_at(found->names[i], &seen, &found->changed_us, arena);
    if (err.kind == ERR_NONE)
        err = buf_check(&seen);
    found->digest = hash_sha256(buf_slice(&seen));
    buf_free(&seen);
    return err;
}

/* ---- Reading ---- */

static void reading_free(struct reading *reading)
{
    match_close(reading->index);
    arena_close(reading->arena);
    free(reading);
}

/* Those that nobody asks any more, behind the one that holds. */
static void sweep(struct lists *lists)
{
    struct reading **at = lists->now == NULL ? NULL : &lists->now->before;
    while (at != NULL && *at != NULL) {
        struct reading *reading = *at;
        if (reading->users > 0) {
            at = &reading->before;
            continue;
        }
        *at = reading->before;
        reading_free(reading);
    }
}

static struct err read_all(struct lists *lists, const struct found *found, struct arena *arena)
{
    struct reading *reading = calloc(1, sizeof *reading);
    if (reading == NULL)
        return err_make(ERR_SYSTEM, "no memory for warning lists");
    reading->arena = arena_open("warning lists", ARENA_WORK, ARENA_MAX);
    struct err err = found->count == 0 ? OK
                                       : load_open(found->names, found->count, &lists->report.load, reading->arena,
                                                 &reading->index);
    if (err.kind != ERR_NONE) {
        err.why = arena_cstr(arena, slice_of(err.why));
        reading_free(reading);
        return err;
    }
    reading->before = lists->now;
    lists->now = reading;
    lists->about = (struct lists_about){
            found->count, reading->index == NULL ? 0 : match_records(reading->index), found->changed_us};
    sweep(lists);
    return OK;
}

/* What was tried once is not tried again before it changes. */
static struct err look(struct lists *lists, struct arena *arena)
{
    struct found *found = arena_new(arena, struct found, 1);
    bool missing = lists->missing;
    lists->looked_us = clock_steady_us();
    struct err err = files_find(lists->path, arena, found);
    lists->missing = err.kind != ERR_NONE;
    if (lists->missing)
        return missing ? OK : err;
    if (lists->now != NULL && memcmp(&found->digest, &lists->digest, sizeof found->digest) == 0)
        return OK;
    bool first = lists->now == NULL;
    lists->digest = found->digest;
    TRY(read_all(lists, found, arena));
    if (!first && lists->report.changed != NULL)
        lists->report.changed(lists->report.context, lists->about.files, lists->about.values);
    return OK;
}

/* With the lock. */
static void look_again(struct lists *lists)
{
    struct arena *arena = arena_open("looking at warning lists", ARENA_WORK, ARENA_MAX);
    struct err err = look(lists, arena);
    if (err.kind != ERR_NONE && lists->report.failed != NULL)
        lists->report.failed(lists->report.context, err.why);
    arena_close(arena);
}

/* ---- For all ---- */

struct err lists_open(const char *path, const struct lists_report *report, struct arena *arena, struct lists **opened)
{
    struct lists *lists = calloc(1, sizeof *lists);
    if (lists == NULL)
        return err_make(ERR_SYSTEM, "no memory for warning lists");
    *lists = (struct lists){.path = path, .report = *report, .about = {.changed_us = TIME_NONE}};
    pthread_mutex_init(&lists->lock, NULL);
    struct err err = path == NULL ? OK : look(lists, arena);
    if (err.kind != ERR_NONE)
        lists_close(lists);
    else
        *opened = lists;
    return err;
}

void lists_close(struct lists *lists)
{
    if (lists == NULL)
        return;
    for (struct reading *reading = lists->now, *before; reading != NULL; reading = before) {
        before = reading->before;
        reading_free(reading);
    }
    pthread_mutex_destroy(&lists->lock);
    free(lists);
}

const struct match_index *lists_take(struct lists *lists)
{
    const struct match_index *index = NULL;
    if (lists == NULL || lists->path == NULL)
        return NULL;
    pthread_mutex_lock(&lists->lock);
    if (clock_steady_us() - lists->looked_us >= LOOK_US)
        look_again(lists);
    if (lists->now != NULL && lists->now->index != NULL) {
        lists->now->users++;
        index = lists->now->index;
    }
    pthread_mutex_unlock(&lists->lock);
    return index;
}

void lists_leave(struct lists *lists, const struct match_index *index)
{
    if (index == NULL)
        return;
    pthread_mutex_lock(&lists->lock);
    struct reading *reading = lists->now;
    while (reading->index != index)
        reading = reading->before;
    reading->users--;
    sweep(lists);
    pthread_mutex_unlock(&lists->lock);
}

void lists_look(struct lists *lists)
{
    if (lists == NULL || lists->path == NULL)
        return;
    pthread_mutex_lock(&lists->lock);
    look_again(lists);
    pthread_mutex_unlock(&lists->lock);
}

void lists_tell(struct lists *lists, struct lists_about *about)
{
    pthread_mutex_lock(&lists->lock);
    *about = lists->about;
    pthread_mutex_unlock(&lists->lock);
}
