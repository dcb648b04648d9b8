/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as the archive of a node: reading ends; what is handed on was in the manifest, in its order and size; and a
 * manifest that is taken is the same when it is written and read again.
 */
#include "app/archive.h"

#include "base/arena.h"
#include "need.h"

struct taken {
    slice rest;
    const struct archive_member *member; /* that was begun and not ended */
    uint64_t bytes, members;
};

static struct err give(void *context, char *to, size_t room, size_t *got)
{
    struct taken *taken = context;
    *got = taken->rest.len < room ? taken->rest.len : room;
    if (*got > 0)
        memcpy(to, taken->rest.ptr, *got);
    taken->rest = slice_from(taken->rest, *got);
    return OK;
}

static struct err begin(void *context, const struct archive *archive)
{
    struct taken *taken = context;
    uint64_t bytes = 0;
    fuzz_need(taken->members == 0 && archive->count > 0 && archive->count <= ARCHIVE_MEMBERS_MAX);
    for (size_t i = 0; i < archive->count; i++) {
        slice name = archive->members[i].name;
        bytes += archive->members[i].size;
        fuzz_need(archive_name_wrong(name) == NULL && name.ptr[0] != '/' && slice_find_slice(name, S("..")) != 0 &&
                  slice_find_slice(name, S("/../")) == name.len);
        fuzz_need(i == 0 || slice_order(archive->members[i - 1].name, name) < 0);
    }
    fuzz_need(bytes == archive->bytes);
    return OK;
}

static struct err member(void *context, const struct archive_member *begun)
{
    struct taken *taken = context;
    fuzz_need(taken->member == NULL);
    taken->member = begun;
    taken->bytes = 0;
    return OK;
}

static struct err bytes_of(void *context, slice bytes)
{
    struct taken *taken = context;
    taken->bytes += bytes.len;
    fuzz_need(taken->member != NULL && bytes.len > 0 && taken->bytes <= taken->member->size);
    return OK;
}

static struct err end(void *context)
{
    struct taken *taken = context;
    fuzz_need(taken->member != NULL && taken->bytes == taken->member->size);
    taken->member = NULL;
    taken->members++;
    return OK;
}

/* The manifest alone, without an archive around it and with the digest made right. */
static void manifest(slice text, struct arena *arena)
{
    struct buf sealed = buf_make(1u << 24), again = buf_make(1u << 24);
    struct archive first, second;
    struct sha256 digest = hash_sha256(text);
    buf_put(&sealed, text);
    buf_put(&sealed, S("digest "));
    buf_hex(&sealed, (slice){(const char *)digest.bytes, sizeof digest.bytes});
    buf_byte(&sealed, '\n');
    if (buf_check(&sealed).kind == ERR_NONE &&
            archive_manifest_read(buf_slice(&sealed), arena, &first).kind == ERR_NONE) {
        archive_manifest_write(&again, &first);
        fuzz_need(archive_manifest_read(buf_slice(&again), arena, &second).kind == ERR_NONE);
        fuzz_need(first.count == second.count && first.bytes == second.bytes && first.time_us == second.time_us);
    }
    buf_free(&sealed);
    buf_free(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count)
{
    slice text = {(const char *)bytes, count};
    struct taken taken = {.rest = text};
    struct arena *arena = arena_open("fuzz", ARENA_WORK, 512u << 20);
    const struct archive_source source = {&taken, give};
    const struct archive_sink sink = {&taken, begin, member, bytes_of, end};
    struct archive archive;
    struct err err = archive_read("a.tar", &source, &sink, arena, &archive);
    fuzz_need(err.kind != ERR_NONE || (taken.rest.len == 0 && taken.members == archive.count));
    manifest(text, arena);
    arena_close(arena);
    return 0;
}
