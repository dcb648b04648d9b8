/* SPDX-License-Identifier: Apache-2.0 */
/* Reads an archive from its first byte to its last, and takes nothing in it on trust. */
#include "app/archive.h"
#include "base/arena.h"

#define STEP ((size_t)256 << 10) /* bytes handed on at once */

struct reader {
    const char *name;
    const struct archive_source *source;
    const struct archive_sink *sink;
    struct arena *arena;
    char *room;    /* STEP bytes */
    uint64_t at;   /* bytes read */
    uint64_t from; /* where what was read last begins */
    slice inside;  /* the member at hand, for messages */
};

/* "FILE, byte 512 (database): why; what to do". */
static struct err refuse(const struct reader *reader, enum err_kind kind, const char *why)
{
    return err_format(reader->arena, kind, "%s, byte %llu (%.*s): %s", reader->name, (unsigned long long)reader->from,
            (int)reader->inside.len, reader->inside.ptr, why);
}

/* As many bytes as wanted, or fewer at the end of the file. */
static struct err fill(struct reader *reader, size_t wanted, size_t *got)
{
    *got = 0;
    reader->from = reader->at;
    while (*got < wanted) {
        size_t more = 0;
        TRY(reader->source->read(reader->source->context, reader->room + *got, wanted - *got, &more));
        if (more == 0)
            break;
        *got += more;
        reader->at += more;
    }
    return OK;
}

static struct err take(struct reader *reader, size_t wanted, slice *bytes)
{
    size_t got;
    TRY(fill(reader, wanted, &got));
    if (got == wanted) {
        *bytes = (slice){reader->room, wanted};
        return OK;
    }
    reader->from = reader->at;
    return refuse(reader, ERR_INPUT, "the archive ends here, before its end; bring the whole of it again");
}

static bool all_zeros(slice bytes)
{
    char any = 0;
    for (size_t i = 0; i < bytes.len; i++)
        any = (char)(any | bytes.ptr[i]);
    return any == 0;
}

static struct err pass_pad(struct reader *reader, uint64_t size)
{
    slice pad;
    TRY(take(reader, tar_pad(size), &pad));
    return all_zeros(pad) ? OK : refuse(reader, ERR_INPUT, "something stands where only zeros may; it is damaged");
}

static struct err read_block(struct reader *reader, enum tar_kind *kind, struct tar_file *file)
{
    slice block = S("");
    TRY(take(reader, TAR_BLOCK, &block));
    struct err err = tar_header_read(block, reader->arena, kind, file);
    return err.kind == ERR_NONE ? OK : refuse(reader, err.kind, err.why);
}

static struct err read_more(struct reader *reader, uint64_t length, uint64_t *size)
{
    slice text = S("");
    if (length > TAR_MORE_MAX)
        return refuse(reader, ERR_INPUT, "an extension of pax that no backup writes");
    TRY(take(reader, (size_t)length, &text));
    struct err err = tar_more_read(text, size);
    return err.kind == ERR_NONE ? pass_pad(reader, length) : refuse(reader, err.kind, err.why);
}

/* The header of a file, with what an extension before it says of its size. */
static struct err read_header(struct reader *reader, struct tar_file *file)
{
    enum tar_kind kind;
    uint64_t size = 0;
    bool more = false;
    TRY(read_block(reader, &kind, file));
    if (kind == TAR_MORE) {
        TRY(read_more(reader, file->size, &size));
        TRY(read_block(reader, &kind, file));
        more = true;
    }
    if (kind == TAR_ZEROS)
        return refuse(reader, ERR_INPUT, "it ends before all members came that its MANIFEST names");
    if (kind == TAR_MORE)
        return refuse(reader, ERR_INPUT, "an extension of pax that no backup writes");
    file->size = more ? size : file->size;
    return OK;
}

/* Its bytes live as long as the arena: names point into them. */
static struct err read_manifest(struct reader *reader, struct archive *archive)
{
    struct tar_file file;
    slice bytes;
    TRY(read_header(reader, &file));
    if (!slice_eq(file.name, S("MANIFEST")))
        return refuse(reader, ERR_INPUT, "its first member is no MANIFEST; this is no backup of a node");
    if (file.size > ARCHIVE_MANIFEST_MAX)
        return refuse(reader, ERR_LIMIT, "its MANIFEST is larger than any that a backup writes");
    struct buf text = buf_make(ARCHIVE_MANIFEST_MAX);
    struct err err = OK;
    for (uint64_t left = file.size; left > 0 && err.kind == ERR_NONE; left -= bytes.len) {
        bytes.len = 0;
        err = take(reader, left < STEP ? (size_t)left : STEP, &bytes);
        if (err.kind == ERR_NONE)
            buf_put(&text, bytes);
    }
    if (err.kind == ERR_NONE)
        err = buf_check(&text);
    slice kept = err.kind == ERR_NONE ? arena_copy(reader->arena, buf_slice(&text)) : S("");
    buf_free(&text);
    TRY(err);
    TRY(pass_pad(reader, file.size));
    err = archive_manifest_read(kept, reader->arena, archive);
    return err.kind == ERR_NONE ? OK : err_format(reader->arena, err.kind, "%s: %s", reader->name, err.why);
}

static struct err read_bytes(struct reader *reader, const struct archive_member *member, struct sha256_sum *sum)
{
    slice bytes;
    for (uint64_t left = member->size; left > 0; left -= bytes.len) {
        TRY(take(reader, left < STEP ? (size_t)left : STEP, &bytes));
        hash_sha256_put(sum, bytes);
        TRY(reader->sink->bytes(reader->sink->context, bytes));
    }
    return OK;
}

static struct err read_member(struct reader *reader, const struct archive_member *member)
{
    struct tar_file file;
    TRY(read_header(reader, &file));
    if (!slice_eq(file.name, member->name))
        return refuse(reader, ERR_INPUT, "another member stands here than its MANIFEST names");
    if (file.size != member->size)
        return refuse(reader, ERR_INPUT, "its MANIFEST says another size");
    TRY(reader->sink->member(reader->sink->context, member));
    struct sha256_sum *sum = hash_sha256_begin();
    struct err err = read_bytes(reader, member, sum);
    struct sha256 digest = hash_sha256_end(sum);
    TRY(err);
    TRY(pass_pad(reader, member->size));
    if (memcmp(&digest, &member->digest, sizeof digest) != 0)
        return refuse(reader, ERR_INPUT, "it is damaged: its SHA-256 is not what the MANIFEST says; take another copy");
    return reader->sink->end(reader->sink->context);
}

static struct err read_end(struct reader *reader)
{
    slice end;
    size_t got;
    reader->inside = S("its end");
    TRY(take(reader, TAR_END, &end));
    if (!all_zeros(end))
        return refuse(reader, ERR_INPUT, "a member stands here that its MANIFEST does not name");
    TRY(fill(reader, 1, &got));
    return got == 0 ? OK : refuse(reader, ERR_INPUT, "something follows behind its end");
}

static struct err read_all(struct reader *reader, struct archive *archive)
{
    struct archive read;
    TRY(read_manifest(reader, &read));
    TRY(reader->sink->begin(reader->sink->context, &read));
    for (size_t i = 0; i < read.count; i++) {
        reader->inside = read.members[i].name;
        TRY(read_member(reader, &read.members[i]));
    }
    TRY(read_end(reader));
    *archive = read;
    return OK;
}

struct err archive_read(const char *name, const struct archive_source *source, const struct archive_sink *sink,
        struct arena *arena, struct archive *archive)
{
    struct reader reader = {.name = name, .source = source, .sink = sink, .arena = arena, .room = malloc(STEP)};
    if (reader.room == NULL)
        return err_make(ERR_SYSTEM, "no memory to read the archive");
    reader.inside = S("MANIFEST");
    struct err err = read_all(&reader, archive);
    free(reader.room);
    return err;
}
