/* SPDX-License-Identifier: Apache-2.0 */
#include "share/high_water.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/file.h"

#define FILE_MAX (64u << 20)
#define RENEW_BYTES (1 << 20) /* the file is written anew, without what was overtaken */
#define ORIGIN_MAX 255

struct share_high_water {
    int fd;
    const char *path, *fresh, *folder;
    struct arena *arena;
    struct share_head *heads;
    size_t count, room;
    off_t len; /* of the file: whole lines */
};

/* ---- Lines ---- */

static bool line_read(slice line, struct share_head *head)
{
    slice size, root, time;
    uint64_t numbers[2];
    if (!slice_next(&line, ' ', &size) || !slice_next(&line, ' ', &root) || !slice_next(&line, ' ', &time))
        return false;
    if (!slice_u64(size, INT64_MAX, &numbers[0]) || !slice_u64(time, INT64_MAX, &numbers[1]))
        return false;
    head->size = (int64_t)numbers[0];
    head->time_us = (int64_t)numbers[1];
    head->origin = line;
    return slice_hex(root, head->root.bytes, sizeof head->root.bytes) && line.len > 0 && line.len <= ORIGIN_MAX;
}

static void line_write(struct buf *out, const struct share_head *head)
{
    buf_i64(out, head->size);
    buf_byte(out, ' ');
    buf_hex(out, sha256_slice(&head->root));
    buf_byte(out, ' ');
    buf_i64(out, head->time_us);
    buf_byte(out, ' ');
    buf_put(out, head->origin);
    buf_byte(out, '\n');
}

/* ---- In memory ---- */

static struct share_head *head_of(const struct share_high_water *high_water, slice origin)
{
    for (size_t i = 0; i < high_water->count; i++)
        if (slice_eq(high_water->heads[i].origin, origin))
            return &high_water->heads[i];
    return NULL;
}

static void room_make(struct share_high_water *high_water)
{
    if (high_water->count < high_water->room)
        return;
    size_t room = high_water->room == 0 ? 64 : high_water->room * 2;
    struct share_head *heads = arena_new(high_water->arena, struct share_head, room);
    if (high_water->count > 0)
        memcpy(heads, high_water->heads, high_water->count * sizeof *heads);
    high_water->heads = heads;
    high_water->room = room;
}

static struct err remember(struct share_high_water *high_water, const struct share_head *head)
{
    struct share_head *known = head_of(high_water, head->origin);
    if (known != NULL) {
        slice origin = known->origin;
        *known = *head;
        known->origin = origin;
        return OK;
    }
    if (high_water->count == SHARE_HEADS_MAX)
        return err_format(
                high_water->arena, ERR_LIMIT, "%s tells of more than %d logs", high_water->path, SHARE_HEADS_MAX);
    room_make(high_water);
    high_water->heads[high_water->count] = *head;
    high_water->heads[high_water->count++].origin = arena_copy(high_water->arena, head->origin);
    return OK;
}

/* ---- On disk ---- */

static struct err put(int fd, slice text, const char *path, struct arena *arena)
{
    return file_write(fd, text) && fdatasync(fd) == 0 ? OK : err_errno(arena, path);
}

static const char *folder_of(const char *path, struct arena *arena)
{
    slice folder = slice_of(path);
    while (folder.len > 0 && folder.ptr[folder.len - 1] != '/')
        folder.len--;
    return folder.len == 0 ? "." : arena_cstr(arena, folder);
}

static struct err folder_sync(const char *folder, struct arena *arena)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct err err = fd < 0 || fsync(fd) != 0 ? err_errno(arena, folder) : OK;
    if (fd >= 0)
        close(fd);
    return err;
}

/* What is behind the last newline was cut off by a crash before it was synced. */
static struct err text_read(struct share_high_water *high_water, slice text)
{
    slice line;
    for (size_t number = 1; slice_find(text, '\n') < text.len && slice_next(&text, '\n', &line); number++) {
        struct share_head head;
        if (!line_read(line, &head))
            return err_format(
                    high_water->arena, ERR_INPUT, "%s:%zu: is not SIZE ROOT TIME ORIGIN", high_water->path, number);
        TRY(remember(high_water, &head));
    }
    return OK;
}

static struct err file_read(struct share_high_water *high_water, bool *found)
{
    struct stat stat_of;
    int fd = open(high_water->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    *found = fd >= 0;
    if (fd < 0)
        return errno == ENOENT ? OK : err_errno(high_water->arena, high_water->path);
    struct err err = fstat(fd, &stat_of) == 0 ? OK : err_errno(high_water->arena, high_water->path);
    struct buf text = buf_make(FILE_MAX);
    while (err.kind == ERR_NONE && buf_reserve(&text, 65536)) {
        ssize_t got = read(fd, text.ptr + text.len, 65536);
        if (got < 0)
            err = err_errno(high_water->arena, high_water->path);
        if (got <= 0)
            break;
        text.len += (size_t)got;
    }
    close(fd);
    if (err.kind == ERR_NONE && text.full)
        err = err_format(high_water->arena, ERR_LIMIT, "%s is larger than %u bytes", high_water->path, FILE_MAX);
    if (err.kind == ERR_NONE)
        err = text_read(high_water, buf_slice(&text));
    buf_free(&text);
    return err;
}

/* The file that stays open is the new one. */
static struct err file_renew(struct share_high_water *high_water)
{
    if (high_water->fd >= 0)
        close(high_water->fd);
    const char *fresh = high_water->fresh;
    struct buf text = buf_make(FILE_MAX);
    for (size_t i = 0; i < high_water->count; i++)
        line_write(&text, &high_water->heads[i]);
    high_water->fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
    struct err err = high_water->fd < 0 ? err_errno(high_water->arena, fresh) : buf_check(&text);
    if (err.kind == ERR_NONE)
        err = put(high_water->fd, buf_slice(&text), fresh, high_water->arena);
    high_water->len = (off_t)text.len;
    buf_free(&text);
    if (err.kind == ERR_NONE && rename(fresh, high_water->path) != 0)
        err = err_errno(high_water->arena, high_water->path);
    return err.kind == ERR_NONE ? folder_sync(high_water->folder, high_water->arena) : err;
}

struct err share_high_water_open(
        const char *path, struct arena *arena, struct share_high_water **high_water, bool *found)
{
    struct share_high_water *opened = arena_new(arena, struct share_high_water, 1);
    opened->fd = -1;
    opened->path = path;
    opened->fresh = arena_printf(arena, "%s.new", path);
    opened->folder = folder_of(path, arena);
    opened->arena = arena;
    TRY(file_read(opened, found));
    struct err err = file_renew(opened);
    if (err.kind != ERR_NONE)
        share_high_water_close(opened);
    else
        *high_water = opened;
    return err;
}

void share_high_water_close(struct share_high_water *high_water)
{
    if (high_water != NULL && high_water->fd >= 0)
        close(high_water->fd);
}

/* ---- What it says ---- */

const struct share_head *share_high_water_list(const struct share_high_water *high_water, size_t *count)
{
    *count = high_water->count;
    return high_water->heads;
}

static struct err may_put(const struct share_high_water *high_water, const struct share_head *head, struct arena *arena)
{
    const struct share_head *known = head_of(high_water, head->origin);
    if (known == NULL || known->size < head->size)
        return OK;
    if (known->size == head->size && slice_eq(sha256_slice(&known->root), sha256_slice(&head->root)))
        return OK;
    return err_format(arena, ERR_CONFLICT, "%s: of %.*s a head of %lld entries was signed%s", high_water->path,
            (int)head->origin.len, head->origin.ptr, (long long)known->size,
            known->size == head->size ? " with another root" : "");
}

/* Half a line, of a full disk, is taken back: the next one would be read together with it. */
static struct err lines_append(struct share_high_water *high_water, slice text, struct arena *arena)
{
    struct err err = put(high_water->fd, text, high_water->path, arena);
    if (err.kind == ERR_NONE)
        high_water->len += (off_t)text.len;
    else if (ftruncate(high_water->fd, high_water->len) != 0)
        err = err_errno(arena, high_water->path);
    return err;
}

struct err share_high_water_put(
        struct share_high_water *high_water, const struct share_head *heads, size_t count, struct arena *arena)
{
    struct buf text = buf_make(FILE_MAX);
    struct err err = OK;
    for (size_t i = 0; i < count && err.kind == ERR_NONE; i++) {
        err = may_put(high_water, &heads[i], arena);
        line_write(&text, &heads[i]);
    }
    if (err.kind == ERR_NONE)
        err = buf_check(&text);
    if (err.kind == ERR_NONE)
        err = lines_append(high_water, buf_slice(&text), arena);
    buf_free(&text);
    for (size_t i = 0; i < count && err.kind == ERR_NONE; i++)
        err = remember(high_water, &heads[i]);
    return err.kind == ERR_NONE && high_water->len > RENEW_BYTES ? file_renew(high_water) : err;
}
