/* SPDX-License-Identifier: Apache-2.0 */
/* Writes an archive: tar, then zstd if asked for, then the file, whose digest is taken on the way. */
#include <errno.h>
#include <unistd.h>
#include <zstd.h>

#include "app/archive.h"
#include "base/arena.h"

#define STEP ((size_t)256 << 10)
#define LEVEL 3 /* the default of zstd */

struct archive_writer {
    int fd;
    const char *name;
    struct arena *arena;
    ZSTD_CCtx *zstd; /* NULL: as it is */
    struct buf head; /* headers and what stands between members */
    char *room;      /* STEP bytes that were read */
    char *packed;    /* STEP bytes that zstd wrote */
    struct sha256_sum *sum;
    uint64_t bytes;
    int64_t time_us;
};

static struct err put_file(struct archive_writer *writer, slice bytes)
{
    hash_sha256_put(writer->sum, bytes);
    writer->bytes += bytes.len;
    while (bytes.len > 0) {
        ssize_t wrote = write(writer->fd, bytes.ptr, bytes.len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return err_errno(writer->arena, writer->name);
        bytes = slice_from(bytes, (size_t)wrote);
    }
    return OK;
}

static struct err put_packed(struct archive_writer *writer, slice bytes, ZSTD_EndDirective how)
{
    ZSTD_inBuffer in = {bytes.ptr, bytes.len, 0};
    for (size_t left = 1; left > 0;) {
        ZSTD_outBuffer out = {writer->packed, STEP, 0};
        left = ZSTD_compressStream2(writer->zstd, &out, &in, how);
        if (ZSTD_isError(left))
            return err_format(
                    writer->arena, ERR_SYSTEM, "%s: zstd cannot pack it: %s", writer->name, ZSTD_getErrorName(left));
        TRY(put_file(writer, (slice){writer->packed, out.pos}));
        if (how == ZSTD_e_continue && in.pos == in.size)
            break;
    }
    return OK;
}

static struct err put(struct archive_writer *writer, slice bytes)
{
    return writer->zstd == NULL ? put_file(writer, bytes) : put_packed(writer, bytes, ZSTD_e_continue);
}

static struct err put_head(struct archive_writer *writer)
{
    TRY(buf_check(&writer->head));
    struct err err = put(writer, buf_slice(&writer->head));
    buf_reset(&writer->head);
    return err;
}

static struct err put_manifest(struct archive_writer *writer, const struct archive *archive)
{
    struct buf text = buf_make(ARCHIVE_MANIFEST_MAX);
    archive_manifest_write(&text, archive);
    struct err err = buf_check(&text);
    if (err.kind == ERR_NONE) {
        tar_put_header(&writer->head, &(struct tar_file){S("MANIFEST"), text.len, 0600, archive->time_us});
        err = put_head(writer);
    }
    if (err.kind == ERR_NONE)
        err = put(writer, buf_slice(&text));
    tar_put_zeros(&writer->head, tar_pad(text.len));
    buf_free(&text);
    TRY(err);
    return put_head(writer);
}

struct err archive_write_begin(int fd, const char *name, bool packed, const struct archive *archive,
        struct arena *arena, struct archive_writer **writer)
{
    struct archive_writer *made = arena_new(arena, struct archive_writer, 1);
    *writer = made; /* the caller closes it, whatever follows */
    *made = (struct archive_writer){
            .fd = fd, .name = name, .arena = arena, .head = buf_make(8 * TAR_BLOCK), .time_us = archive->time_us};
    made->room = arena_take(arena, STEP);
    made->sum = hash_sha256_begin();
    if (packed) {
        made->packed = arena_take(arena, STEP);
        made->zstd = ZSTD_createCCtx();
        if (made->zstd == NULL)
            return err_make(ERR_SYSTEM, "no memory for zstd");
        ZSTD_CCtx_setParameter(made->zstd, ZSTD_c_compressionLevel, LEVEL);
        ZSTD_CCtx_setParameter(made->zstd, ZSTD_c_checksumFlag, 1);
    }
    return put_manifest(made, archive);
}

static struct err changed(const struct archive_writer *writer, const char *path)
{
    return err_format(writer->arena, ERR_CONFLICT, "%s changed while it was read", path);
}

/* As many bytes as the manifest says; what was appended meanwhile is of a later moment. */
static struct err put_bytes(
        struct archive_writer *writer, const struct archive_member *member, int from, const char *path)
{
    struct sha256_sum *sum = hash_sha256_begin();
    struct err err = OK;
    for (uint64_t left = member->size; left > 0 && err.kind == ERR_NONE;) {
        ssize_t got = read(from, writer->room, left < STEP ? (size_t)left : STEP);
        if (got < 0 && errno == EINTR)
            continue;
        slice bytes = {writer->room, got > 0 ? (size_t)got : 0};
        err = got < 0 ? err_errno(writer->arena, path) : got == 0 ? changed(writer, path) : OK;
        hash_sha256_put(sum, bytes);
        if (err.kind == ERR_NONE)
            err = put(writer, bytes);
        left -= bytes.len;
    }
    struct sha256 digest = hash_sha256_end(sum);
    TRY(err);
    return memcmp(&digest, &member->digest, sizeof digest) == 0 ? OK : changed(writer, path);
}

struct err archive_write_member(
        struct archive_writer *writer, const struct archive_member *member, int from, const char *path)
{
    tar_put_header(&writer->head, &(struct tar_file){member->name, member->size, 0600, writer->time_us});
    TRY(put_head(writer));
    TRY(put_bytes(writer, member, from, path));
    tar_put_zeros(&writer->head, tar_pad(member->size));
    return put_head(writer);
}

struct err archive_write_end(struct archive_writer *writer, struct sha256 *digest, uint64_t *bytes)
{
    tar_put_zeros(&writer->head, TAR_END);
    TRY(put_head(writer));
    if (writer->zstd != NULL)
        TRY(put_packed(writer, S(""), ZSTD_e_end));
    if (fsync(writer->fd) != 0)
        return err_errno(writer->arena, writer->name);
    *digest = hash_sha256_end(writer->sum);
    writer->sum = NULL;
    *bytes = writer->bytes;
    return OK;
}

void archive_write_close(struct archive_writer *writer)
{
    if (writer == NULL)
        return;
    if (writer->sum != NULL)
        (void)hash_sha256_end(writer->sum);
    ZSTD_freeCCtx(writer->zstd);
    buf_free(&writer->head);
}
