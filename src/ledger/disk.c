/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/disk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/file.h"

#define NEW ".new"
#define NAMES_MAX ((size_t)64 << 20)

enum {
    PATH_BYTES = 96,
    /* So many are synced one by one; more by one sync of the file system, which takes as long as that of a file. */
    SYNC_EACH = 12,
};

/* ---- Reading ---- */

/* Without a note of when it was read last: the first one after a file was written would wait for the file system's
 * journal. Only the owner may ask for that. */
static int open_to_read(int folder, const char *path)
{
    int fd = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NOATIME);
    return fd < 0 && errno == EPERM ? openat(folder, path, O_RDONLY | O_CLOEXEC) : fd;
}

struct err ledger_disk_read(int folder, const char *path, struct arena *arena, struct buf *out)
{
    struct err err = OK;
    ssize_t got = 1;
    int fd = open_to_read(folder, path);
    if (fd < 0)
        return err_errno(arena, path);
    while (err.kind == ERR_NONE && got > 0) {
        if (out->len == out->max) {
            char more;
            got = read(fd, &more, 1);
            if (got > 0)
                err = err_format(arena, ERR_LIMIT, "%s: is longer than %zu bytes", path, out->max);
        } else {
            size_t room = out->max - out->len < 65536 ? out->max - out->len : 65536;
            got = buf_reserve(out, room) ? read(fd, out->ptr + out->len, room) : -1;
            out->len += got > 0 ? (size_t)got : 0;
        }
        if (got < 0 && errno != EINTR)
            err = err_errno(arena, path);
        else if (got < 0)
            got = 1;
    }
    close(fd);
    return err;
}

/* ---- Taking away ---- */

static void empty(int folder)
{
    DIR *entries = fdopendir(folder); /* takes the descriptor */
    if (entries == NULL) {
        close(folder);
        return;
    }
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlinkat(folder, entry->d_name, 0);
    closedir(entries);
}

void ledger_disk_remove(int folder, const char *path)
{
    int fd = openat(folder, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return;
    empty(fd);
    unlinkat(folder, path, AT_REMOVEDIR);
}

/* ---- Writing ---- */

struct err ledger_disk_begin(struct ledger_disk *disk, int folder, struct arena *arena)
{
    *disk = (struct ledger_disk){.folder = folder, .arena = arena, .names = buf_make(NAMES_MAX)};
    ledger_disk_remove(folder, NEW);
    if (mkdirat(folder, NEW, 0700) != 0 && errno != EEXIST)
        return err_errno(arena, NEW);
    return OK;
}

void ledger_disk_end(struct ledger_disk *disk)
{
    buf_free(&disk->names);
}

static void new_name(size_t number, char path[PATH_BYTES])
{
    snprintf(path, PATH_BYTES, NEW "/%zu", number);
}

struct err ledger_disk_put(struct ledger_disk *disk, const char *name, slice bytes, mode_t mode)
{
    char path[PATH_BYTES];
    struct err err = OK;
    new_name(disk->count, path);
    int fd = openat(disk->folder, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0 || !file_write(fd, bytes))
        err = err_errno(disk->arena, name);
    if (fd >= 0 && close(fd) != 0 && err.kind == ERR_NONE)
        err = err_errno(disk->arena, name);
    TRY(err);
    disk->count++;
    buf_put(&disk->names, (slice){name, strlen(name) + 1});
    return buf_check(&disk->names);
}

static struct err sync_one(const struct ledger_disk *disk, const char *path)
{
    struct err err = OK;
    int fd = openat(disk->folder, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0)
        err = err_errno(disk->arena, path);
    if (fd >= 0)
        close(fd);
    return err;
}

static struct err sync_all(const struct ledger_disk *disk)
{
    return syncfs(disk->folder) == 0 ? OK : err_errno(disk->arena, "syncing the log's folder");
}

static struct err sync_files(const struct ledger_disk *disk)
{
    char path[PATH_BYTES];
    if (disk->count > SYNC_EACH)
        return sync_all(disk);
    for (size_t i = 0; i < disk->count; i++) {
        new_name(i, path);
        TRY(sync_one(disk, path));
    }
    return OK;
}

/* Folders whose entries have changed. */
struct changed {
    char paths[SYNC_EACH][PATH_BYTES];
    size_t count; /* more than SYNC_EACH: too many to say */
};

static void change(struct changed *changed, slice path)
{
    for (size_t i = 0; i < changed->count && i < SYNC_EACH; i++)
        if (slice_eq(slice_of(changed->paths[i]), path))
            return;
    if (changed->count < SYNC_EACH)
        snprintf(changed->paths[changed->count], PATH_BYTES, "%.*s", (int)path.len, path.ptr);
    changed->count += changed->count <= SYNC_EACH;
}

/* Makes the folders above a file. */
static struct err make_way(const struct ledger_disk *disk, const char *name, struct changed *changed)
{
    slice above = S(".");
    for (const char *at = strchr(name, '/'); at != NULL; at = strchr(at + 1, '/')) {
        char path[PATH_BYTES];
        slice here = {name, (size_t)(at - name)};
        snprintf(path, sizeof path, "%.*s", (int)here.len, here.ptr);
        if (mkdirat(disk->folder, path, 0755) == 0)
            change(changed, above);
        else if (errno != EEXIST)
            return err_errno(disk->arena, path);
        above = here;
    }
    change(changed, above);
    return OK;
}

static struct err rename_files(const struct ledger_disk *disk, struct changed *changed)
{
    const char *name = disk->names.ptr;
    for (size_t i = 0; i < disk->count; i++, name += strlen(name) + 1) {
        char path[PATH_BYTES];
        new_name(i, path);
        TRY(make_way(disk, name, changed));
        if (renameat(disk->folder, path, disk->folder, name) != 0)
            return err_errno(disk->arena, name);
    }
    return OK;
}

struct err ledger_disk_place(struct ledger_disk *disk)
{
    struct changed changed = {.count = 0};
    TRY(sync_files(disk));
    TRY(rename_files(disk, &changed));
    if (changed.count > SYNC_EACH)
        return sync_all(disk);
    for (size_t i = 0; i < changed.count; i++)
        TRY(sync_one(disk, changed.paths[i]));
    return OK;
}
