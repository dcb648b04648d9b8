/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The manifest of an archive: lines of text, so that who has only tar and sha256sum can check a backup.
 *
 *     kentongan archive 1
 *     version 0.1.0
 *     node Melati CERT
 *     time 2026-11-21T05:00:00.000000Z
 *     engine sqlite
 *     keys yes
 *     member SHA256 SIZE NAME          for each, in the order of the bytes of NAME
 *     digest SHA256                    of all lines above
 */
#include "app/archive.h"

#include "base/arena.h"
#include "base/clock.h"
#include "store/store.h"

#define HEX_BYTES (2 * sizeof(struct sha256))
#define FIRST "kentongan archive "
#define FORMAT 1
#define VERSION_MAX 64

static const char *const engines[] = {[DB_SQLITE] = "sqlite", [DB_POSTGRES] = "postgresql"};

/* What a node consists of. Everything else in its folder is made anew (index) or of the moment (lock). */
static const struct {
    const char *name;
    bool folder, needed;
} parts[] = {
        {"database", false, true},
        {"evidence", true, false},
        {"keys", true, false},
        {"ledger", true, false},
        {"mail", true, false},
        {"memory", true, false},
        {"node.conf", false, true},
};

const char *archive_engine_name(enum db_engine engine)
{
    return engines[engine];
}

/* ---- Names ---- */

static bool is_part(slice name)
{
    size_t slash = slice_find(name, '/');
    for (size_t i = 0; i < COUNT_OF(parts); i++)
        if (slice_eq(slice_part(name, 0, slash), slice_of(parts[i].name)) && parts[i].folder == (slash < name.len))
            return true;
    return false;
}

static bool is_plain(slice name)
{
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] <= ' ' || name.ptr[i] > '~' || name.ptr[i] == '\\')
            return false;
    return true;
}

const char *archive_name_wrong(slice name)
{
    slice rest = name, step;
    size_t depth = 0;
    if (!tar_name_fits(name))
        return "its name is longer than an archive can say";
    if (!is_plain(name))
        return "its name holds something else than plain ASCII characters";
    for (; slice_next(&rest, '/', &step); depth++)
        if (step.len == 0 || slice_eq(step, S(".")) || slice_eq(step, S("..")))
            return "its name leads out of the node's folder";
    if (depth > ARCHIVE_DEPTH_MAX)
        return "it lies in too many folders";
    return is_part(name) ? NULL : "it is no part of a node";
}

/* ---- Writing ---- */

static int by_name(const void *a, const void *b)
{
    return slice_order(((const struct archive_member *)a)->name, ((const struct archive_member *)b)->name);
}

void archive_order(struct archive *archive)
{
    archive->bytes = 0;
    if (archive->count > 0)
        qsort(archive->members, archive->count, sizeof *archive->members, by_name);
    for (size_t i = 0; i < archive->count; i++)
        archive->bytes += archive->members[i].size;
}

static void put_digest(struct buf *out, const struct sha256 *digest)
{
    buf_hex(out, (slice){(const char *)digest->bytes, sizeof digest->bytes});
}

void archive_manifest_write(struct buf *out, const struct archive *archive)
{
    size_t from = out->len;
    buf_printf(out, FIRST "%d\nversion %.*s\nnode %.*s\ntime ", FORMAT, (int)archive->version.len, archive->version.ptr,
            (int)archive->node.len, archive->node.ptr);
    time_write(out, archive->time_us);
    buf_printf(out, "\nengine %s\nkeys %s\n", engines[archive->engine], archive->keys ? "yes" : "no");
    for (size_t i = 0; i < archive->count; i++) {
        const struct archive_member *member = &archive->members[i];
        buf_put(out, S("member "));
        put_digest(out, &member->digest);
        buf_printf(out, " %llu ", (unsigned long long)member->size);
        buf_put(out, member->name);
        buf_byte(out, '\n');
    }
    struct sha256 digest = hash_sha256(slice_from(buf_slice(out), from));
    buf_put(out, S("digest "));
    put_digest(out, &digest);
    buf_byte(out, '\n');
}

/* ---- Reading ---- */

/* A cursor over the lines, with a sticky first error. */
struct manifest {
    slice text, rest;
    size_t line; /* that was read last */
    struct arena *arena;
    struct err err;
};

static void wrong(struct manifest *manifest, const char *why)
{
    if (manifest->err.kind == ERR_NONE)
        manifest->err = err_format(manifest->arena, ERR_INPUT, "line %zu of its MANIFEST: %s", manifest->line, why);
}

static bool next_line(struct manifest *manifest, slice *line)
{
    size_t end = slice_find(manifest->rest, '\n');
    if (manifest->rest.len == 0 || manifest->err.kind != ERR_NONE)
        return false;
    manifest->line++;
    if (end == manifest->rest.len) {
        wrong(manifest, "it ends in the middle");
        return false;
    }
    *line = slice_part(manifest->rest, 0, end);
    manifest->rest = slice_from(manifest->rest, end + 1);
    return true;
}

/* "WORD VALUE" */
static slice word_value(struct manifest *manifest, const char *word)
{
    slice line, name = slice_of(word);
    if (!next_line(manifest, &line) || !slice_starts(line, name) || line.len < name.len + 2 ||
            line.ptr[name.len] != ' ' || line.len > ARCHIVE_LINE_MAX) {
        wrong(manifest, arena_printf(manifest->arena, "it does not say `%s`", word));
        return S("");
    }
    return slice_from(line, name.len + 1);
}

/* What stands in the last line, over all lines before it. */
static void check_digest(struct manifest *manifest)
{
    const size_t last = sizeof "digest " - 1 + HEX_BYTES + 1;
    struct sha256 digest, said = {0};
    slice text = manifest->text;
    bool good = text.len > last && text.ptr[text.len - 1] == '\n' &&
                slice_starts(slice_from(text, text.len - last), S("digest ")) &&
                slice_hex(slice_part(text, text.len - last + 7, text.len - 1), said.bytes, sizeof said.bytes);
    if (good) {
        digest = hash_sha256(slice_part(text, 0, text.len - last));
        good = memcmp(&digest, &said, sizeof said) == 0;
    }
    if (!good)
        manifest->err = err_make(ERR_INPUT, "its MANIFEST is damaged: the digest at its end is another");
    else
        manifest->rest = slice_part(manifest->rest, 0, manifest->rest.len - last);
}

/* What the version is of, before anything else may be different. */
static void read_first(struct manifest *manifest, slice *version)
{
    uint64_t format = 0;
    slice line = S("");
    if (!next_line(manifest, &line) || !slice_starts(line, S(FIRST)) ||
            !slice_u64(slice_from(line, sizeof FIRST - 1), UINT32_MAX, &format) || format == 0) {
        wrong(manifest, "it does not begin with `kentongan archive`");
        return;
    }
    *version = word_value(manifest, "version");
    if (store_text_check(manifest->arena, "the version", *version, VERSION_MAX).kind != ERR_NONE)
        wrong(manifest, "the version is no line of text");
    if (format > FORMAT && manifest->err.kind == ERR_NONE)
        manifest->err = err_format(manifest->arena, ERR_CONFLICT,
                "it is of format %llu, and this kentongan knows up to %d; restore it with %.*s or later",
                (unsigned long long)format, FORMAT, (int)version->len, version->ptr);
}

static void read_about(struct manifest *manifest, struct archive *archive)
{
    archive->node = word_value(manifest, "node");
    if (store_text_check(manifest->arena, "the name", archive->node, ARCHIVE_LINE_MAX).kind != ERR_NONE)
        wrong(manifest, "the name of the node is no line of text");
    if (!time_parse_strict(word_value(manifest, "time"), &archive->time_us))
        wrong(manifest, "the time is none [RFC 3339]");
    slice engine = word_value(manifest, "engine"), keys = word_value(manifest, "keys");
    archive->engine = slice_eq(engine, slice_of(engines[DB_POSTGRES])) ? DB_POSTGRES : DB_SQLITE;
    if (!slice_eq(engine, slice_of(engines[archive->engine])))
        wrong(manifest, "the engine is neither sqlite nor postgresql");
    archive->keys = slice_eq(keys, S("yes"));
    if (!archive->keys && !slice_eq(keys, S("no")))
        wrong(manifest, "the keys are neither yes nor no");
}

static void read_member(struct manifest *manifest, slice line, struct archive_member *member)
{
    slice rest = line, word = S(""), digest = S(""), size = S("");
    bool good = slice_next(&rest, ' ', &word) && slice_next(&rest, ' ', &digest) && slice_next(&rest, ' ', &size);
    if (!good || !slice_eq(word, S("member")) ||
            !slice_hex(digest, member->digest.bytes, sizeof member->digest.bytes) ||
            !slice_u64(size, INT64_MAX, &member->size)) {
        wrong(manifest, "it is no `member SHA256 SIZE NAME`");
        return;
    }
    const char *why = archive_name_wrong(rest);
    if (why != NULL)
        wrong(manifest, arena_printf(manifest->arena, "a member is refused: %s", why));
    member->name = rest;
}

static void read_members(struct manifest *manifest, struct archive *archive)
{
    size_t most = 0;
    slice line;
    for (size_t i = 0; i < manifest->rest.len; i++)
        most += manifest->rest.ptr[i] == '\n';
    if (most > ARCHIVE_MEMBERS_MAX) {
        wrong(manifest, arena_printf(manifest->arena, "it names more than %d members", ARCHIVE_MEMBERS_MAX));
        return;
    }
    archive->members = arena_new(manifest->arena, struct archive_member, most + 1);
    while (next_line(manifest, &line)) {
        struct archive_member *member = &archive->members[archive->count];
        read_member(manifest, line, member);
        if (manifest->err.kind == ERR_NONE && archive->count > 0 && slice_order(member[-1].name, member->name) >= 0)
            wrong(manifest, "a member is doubled or out of order");
        if (member->size > INT64_MAX - archive->bytes)
            wrong(manifest, "its members together are larger than any disk");
        archive->bytes += member->size;
        archive->count++;
    }
}

/* A node without one of these is none; keys are there or not as the manifest says. */
static void check_parts(struct manifest *manifest, const struct archive *archive)
{
    bool keys = false;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        bool found = !parts[i].needed;
        for (size_t j = 0; j < archive->count && !found; j++)
            found = slice_eq(archive->members[j].name, slice_of(parts[i].name));
        if (!found)
            wrong(manifest, arena_printf(manifest->arena, "it names no %s", parts[i].name));
    }
    for (size_t j = 0; j < archive->count; j++)
        keys |= slice_starts(archive->members[j].name, S("keys/"));
    if (keys != archive->keys)
        wrong(manifest, "it says of keys otherwise than it names members");
}

struct err archive_manifest_read(slice text, struct arena *arena, struct archive *archive)
{
    struct manifest manifest = {.text = text, .rest = text, .arena = arena};
    struct archive read = {0};
    read_first(&manifest, &read.version);
    if (manifest.err.kind == ERR_NONE)
        check_digest(&manifest);
    if (manifest.err.kind == ERR_NONE)
        read_about(&manifest, &read);
    if (manifest.err.kind == ERR_NONE)
        read_members(&manifest, &read);
    if (manifest.err.kind == ERR_NONE)
        check_parts(&manifest, &read);
    TRY(manifest.err);
    *archive = read;
    return OK;
}
