/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The archive of a node: one tar of plain files. Its first member, MANIFEST, says what it is of and names every other
 * member with its size and SHA-256; they follow in that order, which is the order of the bytes of their names. Behind
 * the last stands the end of a tar, and nothing. doc/why/backup.md says why it is so.
 *
 * Everything lives in the caller's arena. The reader takes any bytes; what it hands on was in the manifest, and a
 * member has ended only if it is whole.
 */
#include "base/hash.h"
#include "base/tar.h"
#include "db/db.h"

#define ARCHIVE_MEMBERS_MAX 500000
#define ARCHIVE_MANIFEST_MAX (192u << 20) /* bytes */
#define ARCHIVE_DEPTH_MAX 16              /* names between slashes */
#define ARCHIVE_LINE_MAX 1000             /* bytes of what the manifest says of the whole */

struct archive_member {
    slice name; /* "evidence/ab/cd", with slashes whatever the machine */
    uint64_t size;
    struct sha256 digest;
};

struct archive {
    slice version; /* of the kentongan that made it */
    slice node;    /* its name */
    int64_t time_us;
    enum db_engine engine;
    bool keys; /* they are in it */
    struct archive_member *members;
    size_t count;
    uint64_t bytes; /* of all members */
};

/* NULL, or why no member may have this name. */
const char *archive_name_wrong(slice name);
const char *archive_engine_name(enum db_engine engine); /* "sqlite", "postgresql" */

/* ---- The manifest ---- */

/* Orders the members by name and adds up their bytes. */
void archive_order(struct archive *archive);
void archive_manifest_write(struct buf *out, const struct archive *archive);
/* ERR_INPUT with the line; ERR_CONFLICT if a later kentongan made it. */
MUST_USE struct err archive_manifest_read(slice text, struct arena *arena, struct archive *archive);

/* ---- Reading ---- */

struct archive_source {
    void *context;
    /* As input_read. */
    struct err (*read)(void *context, char *to, size_t room, size_t *got);
};

struct archive_sink {
    void *context;
    struct err (*begin)(void *context, const struct archive *archive); /* the manifest was read */
    struct err (*member)(void *context, const struct archive_member *member);
    struct err (*bytes)(void *context, slice bytes);
    struct err (*end)(void *context); /* the member is what the manifest says */
};

/*
 * The whole of it, to its last byte; `name` is the archive's, for messages. ERR_INPUT with the place if it is anything
 * but what a backup writes. Only when this returns OK was it all there.
 */
MUST_USE struct err archive_read(const char *name, const struct archive_source *source, const struct archive_sink *sink,
        struct arena *arena, struct archive *archive);

/* ---- Writing ---- */

struct archive_writer;

/* Into a file that is open and empty, packed with zstd or not; writes the manifest. `name` is for messages. */
MUST_USE struct err archive_write_begin(int fd, const char *name, bool packed, const struct archive *archive,
        struct arena *arena, struct archive_writer **writer);
/* The bytes of the next member. ERR_CONFLICT if they are not (any more) what the manifest says. */
MUST_USE struct err archive_write_member(
        struct archive_writer *writer, const struct archive_member *member, int from, const char *path);
/* The end, synced. The digest and size are those of the file. */
MUST_USE struct err archive_write_end(struct archive_writer *writer, struct sha256 *digest, uint64_t *bytes);
void archive_write_close(struct archive_writer *writer); /* in any case; NULL is allowed */
