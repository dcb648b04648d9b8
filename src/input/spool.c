/* SPDX-License-Identifier: Apache-2.0 */
#include "input/spool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"

#define SUFFIX ".events"
#define TAIL_BYTES 65536 /* of a torn piece that are looked through at once */

enum { NAME_BYTES = 48, NUMBER_DIGITS = 20 };

struct waiting {
    uint64_t number, bytes;
};

struct spool {
    pthread_mutex_t lock;
    const char *path;
    int folder;
    int open; /* the piece that is written: the last that waits; -1: none */
    struct waiting *pieces;
    size_t count, room;
    uint64_t bytes;
    uint64_t last;   /* number given */
    uint64_t synced; /* those up to this number are on the disk's surface */
};

static void name_of(uint64_t number, char name[NAME_BYTES])
{
    snprintf(name, NAME_BYTES, "%0*llu" SUFFIX, NUMBER_DIGITS, (unsigned long long)number);
}

/* ---- What is there ---- */

static bool read_name(const char *name, uint64_t *number)
{
    slice text = slice_of(name);
    return slice_ends(text, S(SUFFIX)) && text.len == NUMBER_DIGITS + sizeof SUFFIX - 1 &&
           slice_u64(slice_part(text, 0, NUMBER_DIGITS), INT64_MAX, number);
}

static struct waiting *add(struct spool *spool, uint64_t number)
{
    if (spool->count == spool->room) {
        spool->room = spool->room == 0 ? 16 : 2 * spool->room;
        spool->pieces = realloc(spool->pieces, spool->room * sizeof *spool->pieces);
        if (spool->pieces == NULL)
            abort();
    }
    struct waiting *piece = &spool->pieces[spool->count++];
    *piece = (struct waiting){.number = number};
    return piece;
}

static int by_number(const void *a, const void *b)
{
    const struct waiting *left = a, *right = b;
    return (left->number > right->number) - (left->number < right->number);
}

/* How long the piece is up to its last newline. */
static uint64_t whole_bytes(int fd, uint64_t size)
{
    static _Thread_local char tail[TAIL_BYTES];
    while (size > 0) {
        size_t part = size < sizeof tail ? (size_t)size : sizeof tail;
        ssize_t got = pread(fd, tail, part, (off_t)(size - part));
        if (got != (ssize_t)part)
            return size;
        while (part > 0 && tail[part - 1] != '\n') {
            part--;
            size--;
        }
        if (part > 0)
            return size;
    }
    return 0;
}

static struct err mend(struct spool *spool, struct waiting *piece, struct arena *arena)
{
    char name[NAME_BYTES];
    struct stat about;
    name_of(piece->number, name);
    int fd = openat(spool->folder, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return err_errno(arena, name);
    struct err err = fstat(fd, &about) != 0 ? err_errno(arena, name) : OK;
    if (err.kind == ERR_NONE) {
        piece->bytes = whole_bytes(fd, (uint64_t)about.st_size);
        if (piece->bytes < (uint64_t)about.st_size && ftruncate(fd, (off_t)piece->bytes) != 0)
            err = err_errno(arena, name);
    }
    close(fd);
    spool->bytes += piece->bytes;
    return err;
}

static struct err look(struct spool *spool, struct arena *arena)
{
    DIR *entries = opendir(spool->path);
    if (entries == NULL)
        return err_errno(arena, spool->path);
    uint64_t number;
    for (struct dirent *entry = readdir(entries); entry != NULL; entry = readdir(entries))
        if (read_name(entry->d_name, &number))
            add(spool, number);
    closedir(entries);
    if (spool->count > 1)
        qsort(spool->pieces, spool->count, sizeof *spool->pieces, by_number);
    for (size_t i = 0; i < spool->count; i++)
        TRY(mend(spool, &spool->pieces[i], arena));
    spool->last = spool->count == 0 ? 0 : spool->pieces[spool->count - 1].number;
    return OK;
}

struct err spool_open(const char *folder, struct arena *arena, struct spool **spool)
{
    struct spool *made = calloc(1, sizeof *made);
    if (made == NULL)
        abort();
    pthread_mutex_init(&made->lock, NULL);
    made->path = arena_cstr(arena, slice_of(folder));
    made->open = made->folder = -1;
    struct err err = mkdir(folder, 0700) != 0 && errno != EEXIST ? err_errno(arena, folder) : OK;
    if (err.kind == ERR_NONE) {
        made->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        err = made->folder < 0 ? err_errno(arena, folder) : look(made, arena);
    }
    if (err.kind != ERR_NONE) {
        spool_close(made);
        return err;
    }
    *spool = made;
    return OK;
}

void spool_close(struct spool *spool)
{
    if (spool == NULL)
        return;
    if (spool->open >= 0)
        close(spool->open);
    if (spool->folder >= 0)
        close(spool->folder);
    pthread_mutex_destroy(&spool->lock);
    free(spool->pieces);
    free(spool);
}

/* ---- Writing ---- */

/* Never one that was used before, also when all of them are gone: the clock is ahead of every number, or else we go on
 * counting. */
static uint64_t fresh(const struct spool *spool)
{
    uint64_t now = (uint64_t)clock_now_us();
    return now > spool->last ? now : spool->last + 1;
}

static struct err begin(struct spool *spool, struct arena *arena)
{
    char name[NAME_BYTES];
    uint64_t number = fresh(spool);
    if (spool->count == SPOOL_PIECES_MAX)
        return err_format(arena, ERR_LIMIT, "%s: %d pieces wait", spool->path, SPOOL_PIECES_MAX);
    name_of(number, name);
    int fd = openat(spool->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(arena, spool->path);
    spool->open = fd;
    spool->last = number;
    add(spool, number);
    return OK;
}

static void end(struct spool *spool)
{
    if (spool->open >= 0)
        close(spool->open);
    spool->open = -1;
}

static struct err put(struct spool *spool, slice records, struct arena *arena)
{
    if (spool->open < 0)
        TRY(begin(spool, arena));
    struct waiting *piece = &spool->pieces[spool->count - 1];
    if (!file_write(spool->open, records)) {
        struct err err = err_errno(arena, spool->path);
        if (ftruncate(spool->open, (off_t)piece->bytes) != 0 || lseek(spool->open, (off_t)piece->bytes, SEEK_SET) < 0)
            end(spool); /* what is behind its last record is mended when it is opened again */
        return err;
    }
    piece->bytes += records.len;
    spool->bytes += records.len;
    if (piece->bytes >= SPOOL_PIECE_BYTES)
        end(spool);
    return OK;
}

struct err spool_put(struct spool *spool, slice records, struct arena *arena)
{
    if (records.len == 0)
        return OK;
    pthread_mutex_lock(&spool->lock);
    struct err err = put(spool, records, arena);
    pthread_mutex_unlock(&spool->lock);
    return err;
}

/* ---- The disk's surface ---- */

/* The first one that nobody writes any more and that is not there yet; 0: all are. */
static uint64_t unsynced(struct spool *spool)
{
    uint64_t number = 0;
    pthread_mutex_lock(&spool->lock);
    for (size_t i = spool->count - (spool->open >= 0); i > 0 && spool->pieces[i - 1].number > spool->synced; i--)
        number = spool->pieces[i - 1].number;
    pthread_mutex_unlock(&spool->lock);
    return number;
}

/* One that was read meanwhile is kept elsewhere. */
static struct err piece_sync(const struct spool *spool, uint64_t number, struct arena *arena)
{
    char name[NAME_BYTES];
    name_of(number, name);
    int fd = openat(spool->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? OK : err_errno(arena, name);
    struct err err = fdatasync(fd) != 0 ? err_errno(arena, name) : OK;
    close(fd);
    return err;
}

struct err spool_sync(struct spool *spool, struct arena *arena)
{
    uint64_t number, before = spool->synced;
    while ((number = unsynced(spool)) > 0) {
        TRY(piece_sync(spool, number, arena));
        spool->synced = number;
    }
    return spool->synced > before && fsync(spool->folder) != 0 ? err_errno(arena, spool->path) : OK;
}

/* ---- Reading ---- */

bool spool_first(struct spool *spool, struct arena *arena, struct spool_piece *piece)
{
    char name[NAME_BYTES];
    pthread_mutex_lock(&spool->lock);
    bool found = spool->count > 0;
    if (found) {
        if (spool->count == 1)
            end(spool);
        const struct waiting *first = &spool->pieces[0];
        name_of(first->number, name);
        *piece = (struct spool_piece){first->number, first->bytes, arena_printf(arena, "%s/%s", spool->path, name)};
    }
    pthread_mutex_unlock(&spool->lock);
    return found;
}

/* `aside`: under another name it stays. */
static struct err take_out(struct spool *spool, uint64_t number, bool aside, struct arena *arena)
{
    char name[NAME_BYTES], other[NAME_BYTES];
    if (spool->count == 0 || spool->pieces[0].number != number)
        return err_format(
                arena, ERR_MISSING, "%s: piece %llu is not the first", spool->path, (unsigned long long)number);
    name_of(number, name);
    snprintf(other, sizeof other, "%0*llu.refused", NUMBER_DIGITS, (unsigned long long)number);
    int status = aside ? renameat(spool->folder, name, spool->folder, other) : unlinkat(spool->folder, name, 0);
    if (status != 0 && errno != ENOENT)
        return err_errno(arena, spool->path);
    spool->bytes -= spool->pieces[0].bytes;
    spool->count--;
    memmove(spool->pieces, spool->pieces + 1, spool->count * sizeof *spool->pieces);
    return OK;
}

static struct err take_out_locked(struct spool *spool, uint64_t number, bool aside, struct arena *arena)
{
    pthread_mutex_lock(&spool->lock);
    struct err err = take_out(spool, number, aside, arena);
    pthread_mutex_unlock(&spool->lock);
    return err;
}

struct err spool_drop(struct spool *spool, uint64_t number, struct arena *arena)
{
    return take_out_locked(spool, number, false, arena);
}

struct err spool_set_aside(struct spool *spool, uint64_t number, struct arena *arena)
{
    return take_out_locked(spool, number, true, arena);
}

uint64_t spool_bytes(struct spool *spool)
{
    pthread_mutex_lock(&spool->lock);
    uint64_t bytes = spool->bytes;
    pthread_mutex_unlock(&spool->lock);
    return bytes;
}

int64_t spool_since_us(struct spool *spool)
{
    pthread_mutex_lock(&spool->lock);
    int64_t since_us = spool->count == 0 ? 0 : (int64_t)spool->pieces[0].number;
    pthread_mutex_unlock(&spool->lock);
    return since_us;
}
