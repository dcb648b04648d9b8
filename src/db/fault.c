/* SPDX-License-Identifier: Apache-2.0 */
#include "db/fault.h"

#include <assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/slice.h"

#define FILE_MAX ((size_t)1 << 30)
#define PATH_MAX_BYTES 512
#define SECTOR 512

/* Something that was done to a file and not synced. */
struct change {
    struct change *next;
    uint64_t order; /* over all files */
    bool cut;       /* the file was cut to `offset` bytes; otherwise written there */
    size_t offset, len;
    char bytes[];
};

/* A file by its name, whether it is open or not. */
struct disk_file {
    struct disk_file *next;
    char path[PATH_MAX_BYTES];
    struct buf synced; /* what the disk surely holds */
    bool kept;         /* whether the disk surely knows the name */
    bool made;         /* it is a new log or journal, so that its first sync is one of the folder too (os_unix.c) */
    bool there;        /* whether the program sees it */
    size_t len;        /* as the program sees it */
    struct change *changes, **last;
};

struct fault {
    sqlite3_vfs vfs, *usual;
    pthread_mutex_t mutex; /* guards all below, and the files */
    struct disk_file *files;
    uint64_t order, lost, room;
    uint64_t off_after, fail[3]; /* calls to come; UINT64_MAX and 0: never */
    bool off;
};

/* An open file as SQLite has it; the usual file system's own lies behind it. */
struct fault_file {
    sqlite3_file base;
    struct fault *fault;
    struct disk_file *disk; /* NULL: a temporary one */
    sqlite3_file *real;
};

uint64_t fault_random(uint64_t *state)
{
    /* splitmix64, https://prng.di.unimi.it/splitmix64.c */
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

/* ---- What is on disk ---- */

static void bytes_put(struct buf *buf, size_t offset, const char *bytes, size_t len)
{
    if (offset + len > buf->len) {
        bool room = buf_reserve(buf, offset + len - buf->len);
        assert(room);
        (void)room;
        memset(buf->ptr + buf->len, 0, offset + len - buf->len);
        buf->len = offset + len;
    }
    memcpy(buf->ptr + offset, bytes, len);
}

static void change_apply(struct buf *buf, const struct change *change)
{
    if (!change->cut)
        bytes_put(buf, change->offset, change->bytes, change->len);
    else if (change->offset < buf->len)
        buf->len = change->offset;
}

static void changes_forget(struct disk_file *file)
{
    for (struct change *change = file->changes, *next; change != NULL; change = next) {
        next = change->next;
        free(change);
    }
    file->changes = NULL;
    file->last = &file->changes;
}

static void change_add(
        struct fault *fault, struct disk_file *file, bool cut, size_t offset, const void *bytes, size_t len)
{
    struct change *change = calloc(1, sizeof *change + len);
    *change = (struct change){.order = fault->order++, .cut = cut, .offset = offset, .len = len};
    if (len > 0)
        memcpy(change->bytes, bytes, len);
    *file->last = change;
    file->last = &change->next;
    file->len = cut ? offset : offset + len > file->len ? offset + len : file->len;
}

static void file_load(struct disk_file *file)
{
    FILE *real = fopen(file->path, "rb");
    char block[4096];
    size_t got;
    while (real != NULL && (got = fread(block, 1, sizeof block, real)) > 0)
        bytes_put(&file->synced, file->synced.len, block, got);
    file->there = file->kept = real != NULL;
    file->len = file->synced.len;
    if (real != NULL)
        fclose(real);
}

static struct disk_file *file_find(struct fault *fault, const char *path)
{
    for (struct disk_file *file = fault->files; file != NULL; file = file->next)
        if (strcmp(file->path, path) == 0)
            return file;
    struct disk_file *file = calloc(1, sizeof *file);
    snprintf(file->path, sizeof file->path, "%s", path);
    file->synced = buf_make(FILE_MAX);
    file->last = &file->changes;
    file->next = fault->files;
    fault->files = file;
    file_load(file);
    return file;
}

/* ---- Faults ---- */

/* Whether a call of this kind works; `change`: it changes something, so the power may go at it. */
static bool works(struct fault *fault, enum fault_call call, bool change)
{
    if (change && fault->off_after != UINT64_MAX)
        fault->off |= fault->off_after-- <= 1;
    if (fault->off)
        return false;
    return fault->fail[call] == 0 || --fault->fail[call] > 0;
}

static struct fault_file *fault_file_of(sqlite3_file *file)
{
    return (struct fault_file *)file;
}

static int file_close(sqlite3_file *base)
{
    struct fault_file *file = fault_file_of(base);
    return file->real->pMethods->xClose(file->real);
}

static int file_read(sqlite3_file *base, void *bytes, int len, sqlite3_int64 offset)
{
    struct fault_file *file = fault_file_of(base);
    pthread_mutex_lock(&file->fault->mutex);
    int code = works(file->fault, FAULT_READ, false) ? file->real->pMethods->xRead(file->real, bytes, len, offset)
                                                     : SQLITE_IOERR_READ;
    pthread_mutex_unlock(&file->fault->mutex);
    return code;
}

/* What of a write there is room for. */
static size_t room_take(struct fault *fault, const struct disk_file *file, size_t offset, size_t len)
{
    size_t growth = offset + len <= file->len ? 0 : offset + len - file->len;
    size_t over = growth <= fault->room ? 0 : growth - (size_t)fault->room;
    if (fault->room != UINT64_MAX)
        fault->room -= growth - over;
    return over >= len ? 0 : len - over;
}

static int write_some(struct fault_file *file, const void *bytes, size_t len, size_t offset)
{
    if (!works(file->fault, FAULT_WRITE, true))
        return SQLITE_IOERR_WRITE;
    size_t fits = file->disk == NULL ? len : room_take(file->fault, file->disk, offset, len);
    int code =
            fits == 0 ? SQLITE_OK : file->real->pMethods->xWrite(file->real, bytes, (int)fits, (sqlite3_int64)offset);
    if (code == SQLITE_OK && fits > 0 && file->disk != NULL)
        change_add(file->fault, file->disk, false, offset, bytes, fits);
    return code == SQLITE_OK && fits < len ? SQLITE_FULL : code;
}

static int file_write(sqlite3_file *base, const void *bytes, int len, sqlite3_int64 offset)
{
    struct fault_file *file = fault_file_of(base);
    pthread_mutex_lock(&file->fault->mutex);
    int code = write_some(file, bytes, (size_t)len, (size_t)offset);
    pthread_mutex_unlock(&file->fault->mutex);
    return code;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    struct fault_file *file = fault_file_of(base);
    int code = SQLITE_IOERR_TRUNCATE;
    pthread_mutex_lock(&file->fault->mutex);
    if (works(file->fault, FAULT_WRITE, true)) {
        code = file->real->pMethods->xTruncate(file->real, size);
        if (code == SQLITE_OK && file->disk != NULL)
            change_add(file->fault, file->disk, true, (size_t)size, NULL, 0);
    }
    pthread_mutex_unlock(&file->fault->mutex);
    return code;
}

/* Names that were made are on disk, and those that were removed are not. */
static void folder_sync(struct fault *fault)
{
    for (struct disk_file *file = fault->files; file != NULL; file = file->next) {
        file->kept = file->there;
        if (!file->there) {
            file->synced.len = 0;
            changes_forget(file);
        }
    }
}

/* A sync that fails has written what it liked, and the system believes those pages to be clean. */
static int file_sync(sqlite3_file *base, int flags)
{
    (void)flags; /* the files are in memory for us */
    struct fault_file *file = fault_file_of(base);
    pthread_mutex_lock(&file->fault->mutex);
    bool well = works(file->fault, FAULT_SYNC, true);
    if (file->disk != NULL && !file->fault->off) {
        for (const struct change *change = file->disk->changes; change != NULL; change = change->next)
            if (well || change->order % 2 == 0)
                change_apply(&file->disk->synced, change);
        changes_forget(file->disk);
        if (well && file->disk->made)
            folder_sync(file->fault);
        file->disk->made &= !well;
    }
    pthread_mutex_unlock(&file->fault->mutex);
    return well ? SQLITE_OK : SQLITE_IOERR_FSYNC;
}

/* ---- What is only handed on ---- */

static int file_size(sqlite3_file *base, sqlite3_int64 *size)
{
    sqlite3_file *real = fault_file_of(base)->real;
    return real->pMethods->xFileSize(real, size);
}

static int file_lock(sqlite3_file *base, int level)
{
    sqlite3_file *real = fault_file_of(base)->real;
    return real->pMethods->xLock(real, level);
}

static int file_unlock(sqlite3_file *base, int level)
{
    sqlite3_file *real = fault_file_of(base)->real;
    return real->pMethods->xUnlock(real, level);
}

static int file_check_lock(sqlite3_file *base, int *held)
{
    sqlite3_file *real = fault_file_of(base)->real;
    return real->pMethods->xCheckReservedLock(real, held);
}

/* A hint of how large the file will be would make it grow past us. */
static int file_control(sqlite3_file *base, int what, void *value)
{
    sqlite3_file *real = fault_file_of(base)->real;
    return what == SQLITE_FCNTL_SIZE_HINT || what == SQLITE_FCNTL_CHUNK_SIZE
                   ? SQLITE_OK
                   : real->pMethods->xFileControl(real, what, value);
}

static int file_sector(sqlite3_file *base)
{
    sqlite3_file *real = fault_file_of(base)->real;
    return real->pMethods->xSectorSize(real);
}

static int file_device(sqlite3_file *base)
{
    sqlite3_file *real = fault_file_of(base)->real;
    return real->pMethods->xDeviceCharacteristics(real);
}

static int file_shm_map(sqlite3_file *base, int region, int bytes, int extend, void volatile **at)
{
    sqlite3_file *real = fault_file_of(base)->real;
    return real->pMethods->xShmMap(real, region, bytes, extend, at);
}

static int file_shm_lock(sqlite3_file *base, int offset, int count, int flags)
{
    sqlite3_file *real = fault_file_of(base)->real;
    return real->pMethods->xShmLock(real, offset, count, flags);
}

static void file_shm_barrier(sqlite3_file *base)
{
    sqlite3_file *real = fault_file_of(base)->real;
    real->pMethods->xShmBarrier(real);
}

static int file_shm_unmap(sqlite3_file *base, int remove)
{
    sqlite3_file *real = fault_file_of(base)->real;
    return real->pMethods->xShmUnmap(real, remove);
}

static const sqlite3_io_methods methods = {
        .iVersion = 2, /* no mapped reads: they would pass us by */
        .xClose = file_close,
        .xRead = file_read,
        .xWrite = file_write,
        .xTruncate = file_truncate,
        .xSync = file_sync,
        .xFileSize = file_size,
        .xLock = file_lock,
        .xUnlock = file_unlock,
        .xCheckReservedLock = file_check_lock,
        .xFileControl = file_control,
        .xSectorSize = file_sector,
        .xDeviceCharacteristics = file_device,
        .xShmMap = file_shm_map,
        .xShmLock = file_shm_lock,
        .xShmBarrier = file_shm_barrier,
        .xShmUnmap = file_shm_unmap,
};

/* ---- Names ---- */

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *got)
{
    struct fault *fault = vfs->pAppData;
    struct fault_file *file = fault_file_of(base);
    pthread_mutex_lock(&fault->mutex);
    *file = (struct fault_file){.fault = fault, .real = (sqlite3_file *)(file + 1)};
    file->disk = name == NULL ? NULL : file_find(fault, name);
    int code = fault->off ? SQLITE_CANTOPEN : fault->usual->xOpen(fault->usual, name, file->real, flags, got);
    if (code == SQLITE_OK) {
        file->base.pMethods = &methods;
        if (file->disk != NULL) {
            file->disk->made |= !file->disk->there && (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
            file->disk->there = true;
        }
    }
    pthread_mutex_unlock(&fault->mutex);
    return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    struct fault *fault = vfs->pAppData;
    int code = SQLITE_IOERR_DELETE;
    pthread_mutex_lock(&fault->mutex);
    struct disk_file *file = file_find(fault, name);
    if (works(fault, FAULT_WRITE, true)) {
        code = fault->usual->xDelete(fault->usual, name, sync);
        file->there = false;
        file->len = 0;
        change_add(fault, file, true, 0, NULL, 0);
        if (sync != 0)
            folder_sync(fault);
    }
    pthread_mutex_unlock(&fault->mutex);
    return code;
}

struct fault *fault_open(const char *name)
{
    struct fault *fault = calloc(1, sizeof *fault);
    fault->usual = sqlite3_vfs_find(NULL);
    fault->vfs = *fault->usual;
    fault->vfs.zName = name;
    fault->vfs.pAppData = fault;
    fault->vfs.szOsFile = (int)sizeof(struct fault_file) + fault->usual->szOsFile;
    fault->vfs.xOpen = vfs_open;
    fault->vfs.xDelete = vfs_delete;
    fault->off_after = fault->room = UINT64_MAX;
    pthread_mutex_init(&fault->mutex, NULL);
    int code = sqlite3_vfs_register(&fault->vfs, 0);
    assert(code == SQLITE_OK);
    (void)code;
    return fault;
}

void fault_close(struct fault *fault)
{
    sqlite3_vfs_unregister(&fault->vfs);
    for (struct disk_file *file = fault->files, *next; file != NULL; file = next) {
        next = file->next;
        changes_forget(file);
        buf_free(&file->synced);
        free(file);
    }
    pthread_mutex_destroy(&fault->mutex);
    free(fault);
}

/* ---- The power ---- */

void fault_power_off_after(struct fault *fault, uint64_t changes)
{
    pthread_mutex_lock(&fault->mutex);
    fault->off_after = changes;
    fault->off |= changes == 0;
    pthread_mutex_unlock(&fault->mutex);
}

bool fault_is_off(const struct fault *fault)
{
    return fault->off;
}

enum losing { DROP_ALL, KEEP_UNTIL, KEEP_SOME, TEAR, LOSINGS };

/* Each sector of a write for itself reached the disk or did not; one in eight was cut short in its middle. */
static void change_tear(struct buf *buf, const struct change *change, uint64_t *seed)
{
    for (size_t at = 0, len; at < change->len; at += len) {
        size_t left = change->len - at;
        len = SECTOR - (change->offset + at) % SECTOR;
        len = len < left ? len : left;
        uint64_t chance = fault_random(seed);
        size_t kept = chance % 8 == 0 ? (size_t)(chance >> 8) % len : len;
        if (chance % 2 == 0)
            bytes_put(buf, change->offset + at, change->bytes + at, kept);
    }
}

/* Which of two came first on disk, the disk decided: some are put off until the others are done. */
static void changes_some(struct disk_file *file, uint64_t *seed)
{
    uint64_t choice = fault_random(seed);
    for (int late = 0; late < 2; late++) {
        uint64_t state = choice;
        for (const struct change *change = file->changes; change != NULL; change = change->next) {
            uint64_t chance = fault_random(&state);
            if (chance % 2 == 0 && (int)(chance >> 8 & 1) == late)
                change_apply(&file->synced, change);
        }
    }
}

static void changes_lose(
        struct fault *fault, struct disk_file *file, enum losing losing, uint64_t until, uint64_t *seed)
{
    if (losing == KEEP_SOME)
        changes_some(file, seed);
    for (const struct change *change = file->changes; change != NULL; change = change->next) {
        fault->lost += !(losing == KEEP_UNTIL && change->order <= until);
        if (losing == TEAR && !change->cut)
            change_tear(&file->synced, change, seed);
        if (losing == KEEP_UNTIL && change->order <= until)
            change_apply(&file->synced, change);
    }
}

/* Whether the name is in its folder: surely when it was synced, otherwise by chance. */
static bool name_stays(const struct disk_file *file, uint64_t *seed)
{
    return file->kept == file->there ? file->there : fault_random(seed) % 2 == 0;
}

static void file_restore(struct disk_file *file, bool stays)
{
    FILE *real = stays ? fopen(file->path, "wb") : NULL;
    if (!stays) {
        unlink(file->path);
        file->synced.len = 0;
    }
    if (real != NULL) {
        size_t put = fwrite(file->synced.ptr, 1, file->synced.len, real);
        assert(put == file->synced.len);
        (void)put;
        fclose(real);
    }
    file->kept = file->there = stays;
    file->made = false;
    file->len = file->synced.len;
}

void fault_power_on(struct fault *fault, uint64_t seed)
{
    enum losing losing = (enum losing)(fault_random(&seed) % LOSINGS);
    uint64_t first = fault->order;
    pthread_mutex_lock(&fault->mutex);
    for (const struct disk_file *file = fault->files; file != NULL; file = file->next)
        if (file->changes != NULL && file->changes->order < first)
            first = file->changes->order;
    uint64_t until = first + fault_random(&seed) % (fault->order - first + 1);
    for (struct disk_file *file = fault->files; file != NULL; file = file->next) {
        char shared[PATH_MAX_BYTES + 8];
        snprintf(shared, sizeof shared, "%s-shm", file->path);
        unlink(shared);
        changes_lose(fault, file, losing, until, &seed);
        changes_forget(file);
        file_restore(file, name_stays(file, &seed));
    }
    fault->off_after = fault->room = UINT64_MAX;
    memset(fault->fail, 0, sizeof fault->fail);
    fault->off = false;
    pthread_mutex_unlock(&fault->mutex);
}

void fault_remove(struct fault *fault, const char *path)
{
    pthread_mutex_lock(&fault->mutex);
    for (struct disk_file *file = fault->files; file != NULL; file = file->next)
        if (slice_starts(slice_of(file->path), slice_of(path))) {
            changes_forget(file);
            file_restore(file, false);
        }
    pthread_mutex_unlock(&fault->mutex);
}

void fault_room(struct fault *fault, uint64_t bytes)
{
    pthread_mutex_lock(&fault->mutex);
    fault->room = bytes;
    pthread_mutex_unlock(&fault->mutex);
}

void fault_fail(struct fault *fault, enum fault_call call, uint64_t nth)
{
    pthread_mutex_lock(&fault->mutex);
    fault->fail[call] = nth;
    pthread_mutex_unlock(&fault->mutex);
}

uint64_t fault_lost(const struct fault *fault)
{
    return fault->lost;
}
