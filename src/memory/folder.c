/* SPDX-License-Identifier: Apache-2.0 */
#include "memory/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"

#define RUN_END ".run"
/* What is locked: no files of their own, so that a copy of the folder holds nothing but what counts. */
#define WRITING "/key"
#define COPYING ""

static struct err folder_open(const char *folder, struct arena *arena, int *fd)
{
    *fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *fd >= 0 ? OK : err_errno(arena, folder);
}

/* ---- The key ---- */

static struct err key_read(int folder, const char *path, struct arena *arena, struct hash_key *key)
{
    int fd = openat(folder, "key", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return err_errno(arena, path);
    struct hash_key read_key;
    ssize_t got = read(fd, &read_key, sizeof read_key);
    close(fd);
    if (got < 0)
        return err_errno(arena, path);
    if (got != sizeof read_key || (read_key.a & read_key.b & 1) == 0)
        return err_format(arena, ERR_INPUT, "%s: is no key of a memory", path);
    *key = read_key;
    return OK;
}

/* Under another name first, so that nobody sees half a key; whoever is first has made it. */
static struct err key_draw(int folder, const char *path, struct arena *arena)
{
    char name[32];
    struct hash_key key = hash_key_random();
    snprintf(name, sizeof name, ".key-%016llx", (unsigned long long)hash_key_random().a);
    struct err err = OK;
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, &key, sizeof key) != sizeof key || fsync(fd) != 0)
        err = err_errno(arena, path);
    if (fd >= 0)
        close(fd);
    if (err.kind == ERR_NONE && linkat(folder, name, folder, "key", 0) != 0 && errno != EEXIST)
        err = err_errno(arena, path);
    unlinkat(folder, name, 0);
    if (err.kind == ERR_NONE && fsync(folder) != 0)
        err = err_errno(arena, path);
    return err;
}

struct err memory_folder_key(const char *folder, struct arena *arena, struct hash_key *key)
{
    int fd;
    const char *path = arena_printf(arena, "%s/key", folder);
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return err_errno(arena, folder);
    TRY(folder_open(folder, arena, &fd));
    struct err err = key_read(fd, path, arena, key);
    if (err.kind == ERR_MISSING) {
        err = key_draw(fd, path, arena);
        if (err.kind == ERR_NONE)
            err = key_read(fd, path, arena, key);
    }
    close(fd);
    return err;
}

/* ---- Who holds it ---- */

static struct err lock_take(const char *folder, const char *name, int how, struct arena *arena, int *hold)
{
    const char *path = arena_printf(arena, "%s%s", folder, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return err_errno(arena, path);
    int status;
    while ((status = flock(fd, how)) != 0 && errno == EINTR)
        ;
    if (status == 0) {
        *hold = fd;
        return OK;
    }
    struct err err = errno == EWOULDBLOCK ? OK : err_errno(arena, path);
    close(fd);
    *hold = -1;
    return err;
}

struct err memory_folder_hold(const char *folder, struct arena *arena, int *hold)
{
    return lock_take(folder, WRITING, LOCK_SH, arena, hold);
}

struct err memory_folder_hold_alone(const char *folder, struct arena *arena, int *hold)
{
    return lock_take(folder, WRITING, LOCK_EX | LOCK_NB, arena, hold);
}

struct err memory_folder_copy(const char *folder, struct arena *arena, int *hold)
{
    return lock_take(folder, COPYING, LOCK_SH, arena, hold);
}

void memory_folder_leave(int hold)
{
    if (hold >= 0)
        close(hold);
}

/* ---- Files ---- */

static int name_compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct err memory_folder_list(const char *folder, struct arena *arena, const char ***names, size_t *count)
{
    size_t found = 0, room = 0;
    const char **list = NULL;
    DIR *entries = opendir(folder);
    if (entries == NULL)
        return err_errno(arena, folder);
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries)) {
        if (!slice_ends(slice_of(entry->d_name), S(RUN_END)))
            continue;
        if (found == room) {
            const char **more = arena_new(arena, const char *, 2 * room + 64);
            if (found > 0)
                memcpy(more, list, found * sizeof *more);
            list = more;
            room = 2 * room + 64;
        }
        list[found++] = arena_cstr(arena, slice_of(entry->d_name));
    }
    closedir(entries);
    if (found > 1)
        qsort(list, found, sizeof *list, name_compare);
    *names = list;
    *count = found;
    return arena_check(arena);
}

static struct err remove_all(const char *folder, const char *const *names, size_t count, struct arena *arena)
{
    int fd;
    struct err err = OK;
    TRY(folder_open(folder, arena, &fd));
    for (size_t i = 0; i < count && err.kind == ERR_NONE; i++)
        if (unlinkat(fd, names[i], 0) != 0 && errno != ENOENT)
            err = err_errno(arena, names[i]);
    if (err.kind == ERR_NONE && count > 0 && fsync(fd) != 0)
        err = err_errno(arena, folder);
    close(fd);
    return err;
}

struct err memory_folder_remove(
        const char *folder, const char *const *names, size_t count, struct arena *arena, bool *removed)
{
    int hold;
    TRY(lock_take(folder, COPYING, LOCK_EX | LOCK_NB, arena, &hold));
    *removed = hold >= 0;
    struct err err = hold >= 0 ? remove_all(folder, names, count, arena) : OK;
    memory_folder_leave(hold);
    return err;
}
