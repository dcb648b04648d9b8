/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making a backup. First the copy of the database, of one moment; then a list of the node's files with their digests;
 * then the archive. Files are always written before the row that knows of them, and removed after it, so a database and
 * files of a later moment are what a crash could have left as well: that is the order of all followers, and why this
 * order is right (doc/why/backup.md).
 */
#include "app/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/stage.h"
#include "base/arena.h"
#include "base/clock.h"
#include "memory/folder.h"
#include "store/right.h"
#include "store/work.h"
#include "json/write.h"

#define READ_BYTES ((size_t)256 << 10)
#define TRIES 3 /* of reading files that others change */
#define DETAIL_MAX 4096

/* What to do when a disk is full. */
static const char ROOM[] = "there has to be room for the database twice and for all else once";
static const char DATABASE[] = "database", ARCHIVE[] = "archive", CONF[] = "node.conf";

/* In the order in which they are read; keys last, since they can be left out. */
static const char *const folders[] = {"evidence", "ledger", "mail", "memory", "keys", NULL};

struct making {
    const struct local *local;
    const struct backup_plan *plan;
    struct stage stage;
    struct arena *arena;
    struct archive *archive;
    struct buf list; /* of struct archive_member */
    struct buf path;
    uint64_t copied; /* bytes of this step */
};

static void tell(const struct making *making, const char *what, uint64_t done, uint64_t total)
{
    if (making->plan->told.progress != NULL)
        making->plan->told.progress(making->plan->told.context, what, done, total);
}

struct err backup_stopped(const struct backup_told *told)
{
    bool stopped = told->stopped != NULL && told->stopped(told->context);
    return stopped ? err_make(ERR_SYSTEM, "stopped; nothing is left behind") : OK;
}

/* ---- The database ---- */

static void copying(void *context, uint64_t done, uint64_t total)
{
    tell(context, "copying the database", done, total);
}

static struct err copy_database(struct making *making)
{
    making->archive->engine = db_engine(making->local->db);
    making->archive->time_us = clock_now_us();
    struct err err = db_backup(making->local->db, stage_path(&making->stage, DATABASE), copying, making, making->arena);
    return err.kind == ERR_NONE ? OK
                                : err_format(making->arena, err.kind, "%s: copying the database: %s; %s",
                                          making->plan->file, err.why, ROOM);
}

/* ---- The list of what is to be kept ---- */

/* Where a member lies now; until the next call. */
static const char *place_of(struct making *making, slice name)
{
    struct buf *path = &making->path;
    buf_reset(path);
    if (slice_eq(name, slice_of(DATABASE)))
        buf_printf(path, "%s/%s", making->stage.folder, DATABASE);
    else if (slice_eq(name, slice_of(CONF)))
        buf_printf(path, "%s", making->local->node.conf);
    else
        buf_printf(path, "%s/%.*s", making->local->node.folder, (int)name.len, name.ptr);
    buf_byte(path, '\0');
    return path->full ? "" : path->ptr; /* a path too long is no file */
}

/* The configuration may be a link to where all configurations are kept; nothing else may. */
static int open_member(slice name, const char *path)
{
    int follow = slice_eq(name, slice_of(CONF)) ? 0 : O_NOFOLLOW;
    return open(path, O_RDONLY | O_CLOEXEC | follow);
}

static struct err digest_of(struct making *making, int fd, const char *path, struct archive_member *member)
{
    char *room = malloc(READ_BYTES);
    struct sha256_sum *sum = hash_sha256_begin();
    ssize_t got = room == NULL ? -1 : 1;
    while (got > 0) {
        do
            got = read(fd, room, READ_BYTES);
        while (got < 0 && errno == EINTR);
        if (got <= 0)
            break;
        hash_sha256_put(sum, (slice){room, (size_t)got});
        member->size += (uint64_t)got;
        making->copied += (uint64_t)got;
        tell(making, "reading", making->copied, 0);
    }
    struct err err = got < 0 ? err_errno(making->arena, path) : OK;
    member->digest = hash_sha256_end(sum);
    free(room);
    return err.kind == ERR_NONE ? backup_stopped(&making->plan->told) : err;
}

/* A file that is gone meanwhile was removed by who was done with it. */
static struct err add(struct making *making, slice name)
{
    struct archive_member member = {.name = name};
    const char *path = place_of(making, name), *why = archive_name_wrong(name);
    if (why != NULL)
        return err_format(making->arena, ERR_INPUT, "%s cannot be kept in a backup: %s; move it away", path, why);
    int fd = open_member(name, path);
    if (fd < 0)
        return errno == ENOENT && slice_holds(name, '/') ? OK : err_errno(making->arena, path);
    struct err err = digest_of(making, fd, path, &member);
    close(fd);
    TRY(err);
    if (making->list.len / sizeof member >= ARCHIVE_MEMBERS_MAX)
        return err_format(making->arena, ERR_LIMIT, "the node has more than %d files", ARCHIVE_MEMBERS_MAX);
    buf_put(&making->list, (slice){(const char *)&member, sizeof member});
    return buf_check(&making->list);
}

/* What a folder holds: files and folders. A name that begins with a dot is a file that is not whole yet. */
static struct err add_entry(struct making *making, const FTSENT *entry)
{
    size_t root = strlen(making->local->node.folder) + 1;
    switch (entry->fts_info) {
    case FTS_D:
    case FTS_DP:
        return OK;
    case FTS_F:
        return entry->fts_name[0] == '.'
                       ? OK
                       : add(making, arena_copy(making->arena, slice_from(slice_of(entry->fts_path), root)));
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        errno = entry->fts_errno;
        return errno == ENOENT ? OK : err_errno(making->arena, entry->fts_path);
    default:
        return err_format(making->arena, ERR_INPUT,
                "%s is neither a file nor a folder, so a backup cannot keep it; move it away", entry->fts_path);
    }
}

static struct err add_folder(struct making *making, const char *name)
{
    const char *path = node_path(&making->local->node, name, making->arena);
    slice kept = slice_of(path);
    char *const roots[] = {memcpy(arena_take(making->arena, kept.len + 1), kept.ptr, kept.len), NULL};
    if (access(path, F_OK) != 0)
        return errno == ENOENT ? OK : err_errno(making->arena, path);
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
    if (walk == NULL)
        return err_errno(making->arena, path);
    struct err err = OK;
    while (err.kind == ERR_NONE) {
        errno = 0;
        FTSENT *entry = fts_read(walk);
        if (entry == NULL) {
            err = errno == 0 ? OK : err_errno(making->arena, path);
            break;
        }
        if (entry->fts_info == FTS_D && entry->fts_level > 0 && entry->fts_name[0] == '.')
            fts_set(walk, entry, FTS_SKIP);
        err = add_entry(making, entry);
    }
    fts_close(walk);
    return err;
}

static struct err list_all(struct making *making)
{
    buf_reset(&making->list);
    making->copied = 0;
    TRY(add(making, slice_of(DATABASE)));
    TRY(add(making, slice_of(CONF)));
    for (const char *const *name = folders; *name != NULL; name++)
        if (making->plan->keys || strcmp(*name, "keys") != 0)
            TRY(add_folder(making, *name));
    making->archive->members = (struct archive_member *)(void *)making->list.ptr;
    making->archive->count = making->list.len / sizeof(struct archive_member);
    archive_order(making->archive);
    return OK;
}

/* ---- The archive ---- */

static struct err write_member(
        struct making *making, struct archive_writer *writer, const struct archive_member *member)
{
    const char *path = place_of(making, member->name);
    int fd = open_member(member->name, path);
    if (fd < 0 && errno == ENOENT)
        return err_format(making->arena, ERR_CONFLICT, "%s went away while it was read", path);
    if (fd < 0)
        return err_errno(making->arena, path);
    struct err err = archive_write_member(writer, member, fd, path);
    close(fd);
    making->copied += member->size;
    tell(making, "writing", making->copied, making->archive->bytes);
    return err.kind == ERR_NONE ? backup_stopped(&making->plan->told) : err;
}

static struct err write_to(struct making *making, int fd, struct backup_done *done)
{
    struct archive_writer *writer = NULL;
    bool packed = slice_ends(slice_of(making->plan->file), S(".zst"));
    making->copied = 0;
    struct err err = archive_write_begin(fd, making->plan->file, packed, making->archive, making->arena, &writer);
    for (size_t i = 0; i < making->archive->count && err.kind == ERR_NONE; i++)
        err = write_member(making, writer, &making->archive->members[i]);
    if (err.kind == ERR_NONE)
        err = archive_write_end(writer, &done->digest, &done->bytes);
    archive_write_close(writer);
    bool disk = err.kind == ERR_SYSTEM && backup_stopped(&making->plan->told).kind == ERR_NONE;
    return disk ? err_format(making->arena, err.kind, "%s; %s", err.why, ROOM) : err;
}

static struct err write_archive(struct making *making, struct backup_done *done)
{
    int fd = open(stage_path(&making->stage, ARCHIVE), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_errno(making->arena, making->plan->file);
    struct err err = write_to(making, fd, done);
    close(fd);
    return err;
}

/* Files that another hand changes in the middle (a checkpoint of the ledger) are read again, all of them. */
static struct err keep_all(struct making *making, struct backup_done *done)
{
    struct err err = OK;
    for (int i = 0; i < TRIES; i++) {
        TRY(list_all(making));
        err = write_archive(making, done);
        if (err.kind != ERR_CONFLICT)
            return err;
    }
    return err;
}

/* ---- The verb ---- */

static struct err is_free(const struct backup_plan *plan, struct arena *arena)
{
    struct stat stat_of;
    if (lstat(plan->file, &stat_of) != 0)
        return errno == ENOENT ? OK : err_errno(arena, plan->file);
    if (!S_ISREG(stat_of.st_mode))
        return err_format(arena, ERR_CONFLICT, "%s is there and is no file; take another name", plan->file);
    if (plan->force)
        return OK;
    return err_format(
            arena, ERR_CONFLICT, "%s is there already; take another name, or --force to replace it", plan->file);
}

struct sha256 backup_manifest_digest(const struct archive *archive, struct err *err)
{
    struct buf text = buf_make(ARCHIVE_MANIFEST_MAX);
    archive_manifest_write(&text, archive);
    struct sha256 digest = hash_sha256(buf_slice(&text));
    *err = buf_check(&text);
    buf_free(&text);
    return digest;
}

static struct err add_news(struct work *work, void *context)
{
    const struct backup_done *done = context;
    struct buf detail = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_hex(&w, S("digest"), sha256_slice(&done->digest));
    json_write_key_hex(&w, S("manifest"), sha256_slice(&done->manifest));
    json_write_key_u64(&w, S("bytes"), done->bytes);
    json_write_key(&w, S("keys"));
    json_write_bool(&w, done->archive.keys);
    json_write_end(&w);
    struct err err = buf_check(&detail);
    slice text = arena_copy(work->arena, buf_slice(&detail));
    buf_free(&detail);
    TRY(err);
    return store_work_news(work, "node.backup", S("node"), text);
}

/* The file is there by now; who asked has to know that the journal does not. */
static struct err journal(const struct local *local, const char *file, struct backup_done *done, struct arena *arena)
{
    struct err err = store_work(local->db, &local->actor, arena, add_news, done);
    return err.kind == ERR_NONE
                   ? OK
                   : err_format(arena, err.kind, "%s is made, but the journal does not know of it: %s", file, err.why);
}

/* The runs of the memory that the copied database names stay until they are copied, too (memory/folder.h). */
static struct err copy_all(struct making *making, struct backup_done *done)
{
    int hold;
    const char *memory = node_path(&making->local->node, "memory", making->arena);
    TRY(memory_folder_copy(memory, making->arena, &hold));
    struct err err = copy_database(making);
    if (err.kind == ERR_NONE)
        err = backup_stopped(&making->plan->told);
    if (err.kind == ERR_NONE)
        err = keep_all(making, done);
    memory_folder_leave(hold);
    return err;
}

static struct err make_on_stage(struct making *making, struct backup_done *done)
{
    struct err err;
    TRY(copy_all(making, done));
    done->manifest = backup_manifest_digest(making->archive, &err);
    TRY(err);
    return stage_place(&making->stage, ARCHIVE, making->plan->file, making->plan->force);
}

struct err backup_make(struct local *local, const struct backup_plan *plan, struct backup_done *done)
{
    struct arena *arena = local->arena;
    struct backup_done made = {
            .archive = {
                    .version = S(KENTONGAN_VERSION), .node = slice_of(local->node.config.name), .keys = plan->keys}};
    struct making making = {.local = local, .plan = plan, .arena = arena, .archive = &made.archive};
    TRY(store_right_check(&local->actor, VERB_BACKUP, 0, arena, NULL));
    TRY(is_free(plan, arena));
    TRY(stage_make(plan->file, "backup", arena, &making.stage));
    making.list = buf_make(sizeof(struct archive_member) * (ARCHIVE_MEMBERS_MAX + 1));
    making.path = buf_make(PATH_MAX);
    struct err err = make_on_stage(&making, &made);
    made.archive.members = NULL; /* they go with the list */
    buf_free(&making.list);
    buf_free(&making.path);
    stage_drop(&making.stage);
    TRY(err);
    TRY(journal(local, plan->file, &made, arena));
    *done = made;
    return OK;
}
