/* SPDX-License-Identifier: Apache-2.0 */
#include "app/stage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"

#define FOLDERS_OPEN_MAX 16
#define STALE_US INT64_C(60000000) /* one that was just made may not have its lock yet */
#define SWEPT_MAX 1000

static const char *folder_of(const char *path, struct arena *arena)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - path);
    return slash == NULL ? "." : len == 0 ? "/" : arena_cstr(arena, (slice){path, len});
}

static int drop(const char *path, const struct stat *stat_of, int type, struct FTW *walk)
{
    (void)stat_of;
    (void)type;
    (void)walk;
    return remove(path);
}

static void drop_all(const char *folder)
{
    nftw(folder, drop, FOLDERS_OPEN_MAX, FTW_DEPTH | FTW_PHYS);
}

/* Ours, and nobody is at work in it; the lock, or -1. */
static int lock_stale(const char *path)
{
    struct stat stat_of;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -1;
    if (fstat(fd, &stat_of) == 0 && stat_of.st_uid == geteuid() && flock(fd, LOCK_EX | LOCK_NB) == 0 &&
            clock_now_us() - stat_of.st_mtim.tv_sec * INT64_C(1000000) > STALE_US)
        return fd;
    close(fd);
    return -1;
}

static void sweep(const char *beside, const char *start, struct arena *arena)
{
    DIR *folder = opendir(beside);
    const struct dirent *entry;
    for (size_t swept = 0; folder != NULL && swept < SWEPT_MAX && (entry = readdir(folder)) != NULL;) {
        if (!slice_starts(slice_of(entry->d_name), slice_of(start)))
            continue;
        const char *path = arena_printf(arena, "%s/%s", beside, entry->d_name);
        int lock = lock_stale(path);
        if (lock >= 0) {
            drop_all(path);
            close(lock);
        }
        swept++;
    }
    if (folder != NULL)
        closedir(folder);
}

struct err stage_make(const char *path, const char *what, struct arena *arena, struct stage *stage)
{
    struct stage made = {.beside = folder_of(path, arena), .arena = arena};
    const char *start = arena_printf(arena, ".kentongan-%s-", what);
    sweep(made.beside, start, arena);
    slice name = slice_of(arena_printf(arena, "%s/%sXXXXXX", made.beside, start));
    char *folder = memcpy(arena_take(arena, name.len + 1), name.ptr, name.len);
    if (mkdtemp(folder) == NULL)
        return err_errno(arena, made.beside);
    made.folder = folder;
    made.lock = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (made.lock < 0 || flock(made.lock, LOCK_EX | LOCK_NB) != 0) {
        struct err err = err_errno(arena, folder);
        stage_drop(&made);
        return err;
    }
    *stage = made;
    return OK;
}

const char *stage_path(const struct stage *stage, const char *name)
{
    return arena_printf(stage->arena, "%s/%s", stage->folder, name);
}

struct err stage_sync_folder(const char *path, struct arena *arena)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct err err = fd < 0 || fsync(fd) != 0 ? err_errno(arena, path) : OK;
    if (fd >= 0)
        close(fd);
    return err;
}

/* Not all file systems can rename without replacing; there the look before has to do. */
static int rename_new(const char *from, const char *path)
{
    int failed = renameat2(AT_FDCWD, from, AT_FDCWD, path, RENAME_NOREPLACE);
    if (failed == 0 || (errno != EINVAL && errno != ENOSYS))
        return failed;
    if (access(path, F_OK) != 0)
        return rename(from, path);
    errno = EEXIST;
    return -1;
}

struct err stage_place(const struct stage *stage, const char *name, const char *path, bool replace)
{
    const char *from = stage_path(stage, name);
    int failed = replace ? rename(from, path) : rename_new(from, path);
    if (failed != 0 && (errno == EEXIST || errno == ENOTEMPTY))
        return err_format(stage->arena, ERR_CONFLICT, "%s is there already, and is left as it is", path);
    if (failed != 0)
        return err_errno(stage->arena, path);
    return stage_sync_folder(stage->beside, stage->arena);
}

void stage_drop(struct stage *stage)
{
    drop_all(stage->folder);
    if (stage->lock >= 0)
        close(stage->lock);
    stage->lock = -1;
}
