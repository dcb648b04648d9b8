/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Restoring a node: the whole archive is read onto a stage beside the folder that it is to become, every byte held
 * against the manifest; only then the database is made from its copy; and one rename puts the node in its place.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "app/backup.h"
#include "app/stage.h"
#include "base/arena.h"
#include "base/clock.h"
#include "input/input.h"
#include "store/import.h"
#include "store/right.h"
#include "store/schema.h"
#include "text/ini.h"
#include "json/write.h"

#define CONF_MAX ((size_t)INI_TEXT_MAX + 8192)
#define DETAIL_MAX 4096
#define OWN_DATABASE "node.db" /* in the node's folder, whatever it was called */

struct restoring {
    const struct actor *actor;
    const struct restore_plan *plan;
    struct arena *arena;
    struct stage stage;
    struct input *input;
    struct archive archive;
    struct node node; /* on the stage, until it is placed */
    struct buf path;  /* of the member at hand, with its NUL */
    int fd;
    uint64_t done;
    struct restore_done *told;
};

static void tell(const struct restoring *restoring, const char *what, uint64_t done, uint64_t total)
{
    if (restoring->plan->told.progress != NULL)
        restoring->plan->told.progress(restoring->plan->told.context, what, done, total);
}

/* ---- Members become files on the stage ---- */

static struct err read_some(void *context, char *to, size_t room, size_t *got)
{
    struct restoring *restoring = context;
    return input_read(restoring->input, to, room, got);
}

/* The copy of the database and what is made of it, and all the rest once. */
static struct err has_room(const struct restoring *restoring, const struct archive *archive)
{
    struct statvfs disk;
    uint64_t wanted = archive->bytes;
    for (size_t i = 0; i < archive->count && archive->engine == DB_SQLITE; i++)
        if (slice_eq(archive->members[i].name, S("database")))
            wanted += archive->members[i].size;
    if (statvfs(restoring->stage.folder, &disk) != 0)
        return err_errno(restoring->arena, restoring->stage.folder);
    uint64_t room = (uint64_t)disk.f_bavail * disk.f_frsize;
    if (wanted <= room)
        return OK;
    return err_format(restoring->arena, ERR_SYSTEM, "%s needs %llu MiB beside %s, where %llu MiB are free; make room",
            restoring->plan->file, (unsigned long long)(wanted >> 20), restoring->plan->folder,
            (unsigned long long)(room >> 20));
}

static struct err begin(void *context, const struct archive *archive)
{
    struct restoring *restoring = context;
    bool url = restoring->plan->database != NULL;
    restoring->archive = *archive;
    if (archive->engine == DB_POSTGRES && !url)
        return err_format(restoring->arena, ERR_INPUT,
                "%s is of a node on PostgreSQL: name a new, empty database with --database postgresql://...",
                restoring->plan->file);
    if (archive->engine == DB_SQLITE && url)
        return err_format(restoring->arena, ERR_INPUT,
                "%s is of a node on SQLite, whose database lies in its folder; leave --database out",
                restoring->plan->file);
    return has_room(restoring, archive);
}

/* The path of a member, or of one of its folders; NULL if it is longer than any. */
static const char *path_of(struct restoring *restoring, slice name)
{
    bool database = slice_eq(name, S("database"));
    buf_reset(&restoring->path);
    buf_printf(&restoring->path, "%s/%.*s", database ? restoring->stage.folder : restoring->node.folder, (int)name.len,
            name.ptr);
    buf_byte(&restoring->path, '\0');
    return restoring->path.full ? NULL : restoring->path.ptr;
}

/* Below a folder that nobody else has; the name was checked. */
static struct err make_folders(struct restoring *restoring, slice name)
{
    for (size_t at = 0; at < name.len; at++) {
        if (name.ptr[at] != '/')
            continue;
        const char *path = path_of(restoring, slice_part(name, 0, at));
        if (path != NULL && mkdir(path, 0700) != 0 && errno != EEXIST)
            return err_errno(restoring->arena, path);
    }
    return OK;
}

static struct err begin_member(void *context, const struct archive_member *member)
{
    struct restoring *restoring = context;
    TRY(make_folders(restoring, member->name));
    const char *path = path_of(restoring, member->name);
    if (path == NULL)
        return err_make(ERR_LIMIT, "the path of a member is longer than any file system takes; restore nearer to /");
    restoring->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    return restoring->fd < 0 ? err_errno(restoring->arena, path) : OK;
}

static struct err put_bytes(void *context, slice bytes)
{
    struct restoring *restoring = context;
    restoring->done += bytes.len;
    tell(restoring, "reading", restoring->done, restoring->archive.bytes);
    TRY(backup_stopped(&restoring->plan->told));
    while (bytes.len > 0) {
        ssize_t wrote = write(restoring->fd, bytes.ptr, bytes.len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return err_errno(restoring->arena, restoring->path.ptr);
        bytes = slice_from(bytes, (size_t)wrote);
    }
    return OK;
}

static void close_member(struct restoring *restoring)
{
    if (restoring->fd >= 0)
        close(restoring->fd);
    restoring->fd = -1;
}

static struct err end_member(void *context)
{
    struct restoring *restoring = context;
    struct err err = fsync(restoring->fd) == 0 ? OK : err_errno(restoring->arena, restoring->path.ptr);
    close_member(restoring);
    return err;
}

static struct err read_all(struct restoring *restoring)
{
    const struct archive_source source = {restoring, read_some};
    const struct archive_sink sink = {restoring, begin, begin_member, put_bytes, end_member};
    TRY(input_open(restoring->plan->file, restoring->arena, &restoring->input));
    struct err err = archive_read(restoring->plan->file, &source, &sink, restoring->arena, &restoring->archive);
    close_member(restoring);
    input_close(restoring->input);
    return err;
}

/* Folders that held nothing, and the index, which is made anew. */
static struct err make_rest(const struct restoring *restoring)
{
    for (const char *const *name = node_folders; *name != NULL; name++) {
        const char *path = node_path(&restoring->node, *name, restoring->arena);
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return err_errno(restoring->arena, path);
    }
    return OK;
}

/* ---- Its configuration ---- */

struct search {
    slice section;
    size_t section_line, line; /* of [node], and of its database; 0: not there */
};

static void on_section(void *context, slice name, size_t line, size_t column)
{
    struct search *search = context;
    (void)column;
    search->section = name;
    if (slice_eq(name, S("node")))
        search->section_line = line;
}

static void on_entry(void *context, const struct ini_entry *entry)
{
    struct search *search = context;
    if (slice_eq(search->section, S("node")) && slice_eq(entry->key, S("database")))
        search->line = entry->line;
}

static void on_wrong(void *context, size_t line, size_t column, const char *why)
{
    (void)context;
    (void)line;
    (void)column;
    (void)why; /* config_load has told it */
}

/* The text with the database's line as given, everything else as it was. */
static void put_database(slice text, const char *value, struct buf *out)
{
    struct search search = {0};
    const struct ini_sink sink = {&search, on_section, on_entry, on_wrong};
    slice rest = text, line;
    ini_read(text, &sink);
    size_t line_number = 0, wanted = search.line != 0 ? search.line : search.section_line;
    while (rest.len > 0 && slice_next(&rest, '\n', &line)) {
        bool here = ++line_number == wanted;
        if (!here || search.line == 0)
            buf_put(out, line);
        if (here && search.line == 0)
            buf_byte(out, '\n');
        if (here)
            buf_printf(out, "database = %s", value);
        buf_byte(out, '\n');
    }
}

static struct err write_over(const char *path, slice text, struct arena *arena)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);
    bool fine = fd >= 0 && write(fd, text.ptr, text.len) == (ssize_t)text.len && fsync(fd) == 0;
    struct err err = fine ? OK : err_errno(arena, path);
    if (fd >= 0)
        close(fd);
    return err;
}

static struct err set_database(struct restoring *restoring, const char *value)
{
    struct input_text text;
    struct buf out = buf_make(CONF_MAX);
    TRY(input_text(restoring->node.conf, INI_TEXT_MAX, restoring->arena, &text));
    put_database(text.text, value, &out);
    input_text_free(&text);
    struct err err = buf_check(&out);
    if (err.kind == ERR_NONE)
        err = write_over(restoring->node.conf, buf_slice(&out), restoring->arena);
    buf_free(&out);
    TRY(err);
    return config_load(restoring->node.conf, restoring->arena, &restoring->node.config);
}

/* The node uses the database that it is restored with and no other: the one it was made from may be at work. */
static struct err configure(struct restoring *restoring)
{
    const char *url = restoring->plan->database;
    struct err err = config_load(restoring->node.conf, restoring->arena, &restoring->node.config);
    if (err.kind != ERR_NONE)
        return err_format(restoring->arena, err.kind, "the configuration in %s is not one for this kentongan: %s",
                restoring->plan->file, err.why);
    if (url != NULL && strpbrk(url, "\r\n") != NULL)
        return err_make(ERR_INPUT, "the URL of a database is one line of text");
    const char *wanted = url != NULL ? url : node_path(&restoring->node, OWN_DATABASE, restoring->arena);
    if (strcmp(restoring->node.config.database, wanted) == 0)
        return OK;
    return set_database(restoring, url != NULL ? url : OWN_DATABASE);
}

/* ---- Its database ---- */

static void filling(void *context, uint64_t done, uint64_t total)
{
    tell(context, "restoring the database", done, total);
}

struct opened {
    struct restoring *restoring;
    const int64_t *running;
    size_t count;
};

static struct err put_news(const struct restoring *restoring, struct work *work)
{
    struct buf detail = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    struct err err;
    struct sha256 digest = backup_manifest_digest(&restoring->archive, &err);
    TRY(err);
    json_write_object(&w);
    json_write_key_hex(&w, S("manifest"), sha256_slice(&digest));
    json_write_key(&w, S("made"));
    json_write_time(&w, restoring->archive.time_us);
    json_write_key_text(&w, S("version"), restoring->archive.version);
    json_write_end(&w);
    slice text = arena_copy(work->arena, buf_slice(&detail));
    buf_free(&detail);
    return store_work_news(work, "node.restore", S("node"), text);
}

/* Imports that were at work: their programs write into the other database. */
static struct err settle(struct work *work, void *context)
{
    const struct opened *opened = context;
    for (size_t i = 0; i < opened->count; i++)
        TRY(store_import_fail(work, opened->running[i], S("the backup was made in the middle of it")));
    return put_news(opened->restoring, work);
}

static struct err running_list(struct db *db, struct arena *arena, struct buf *numbers)
{
    int64_t before = INT64_MAX;
    for (size_t count = 1; count > 0;) {
        struct import *rows;
        TRY(store_import_list(db, 0, before, STORE_PAGE_MAX, arena, &rows, &count));
        for (size_t i = 0; i < count; i++)
            if (rows[i].state == IMPORT_RUNNING)
                buf_put(numbers, (slice){(const char *)&rows[i].number, sizeof rows[i].number});
        before = count > 0 ? rows[count - 1].number : before;
    }
    return buf_check(numbers);
}

static struct err settle_all(struct restoring *restoring, struct db *db)
{
    struct buf numbers = buf_make(WORK_NEWS_MAX * sizeof(int64_t)); /* each is a row of the journal */
    struct err err = running_list(db, restoring->arena, &numbers);
    size_t count = numbers.len / sizeof(int64_t);
    count -= count == WORK_NEWS_MAX; /* what is left ends as all whose program died */
    struct opened opened = {restoring, (const int64_t *)(const void *)numbers.ptr, count};
    if (err.kind == ERR_NONE || err.kind == ERR_LIMIT)
        err = store_work(db, restoring->actor, restoring->arena, settle, &opened);
    restoring->told->ended = count;
    buf_free(&numbers);
    return err;
}

/* What stands in the way afterwards is told with what was done: a database is not taken back. */
static struct err after_filled(const struct restoring *restoring, struct err err)
{
    if (err.kind == ERR_NONE || restoring->plan->database == NULL)
        return err;
    return err_format(restoring->arena, err.kind,
            "%s; the PostgreSQL database is filled by now, empty it before you try again", err.why);
}

static struct err make_database(struct restoring *restoring)
{
    const char *where = restoring->node.config.database;
    const char *copy = stage_path(&restoring->stage, "database");
    struct db *db;
    struct err err = db_restore(copy, where, store_schema, store_schema_count, filling, restoring, restoring->arena);
    if (err.kind != ERR_NONE)
        return err_format(restoring->arena, err.kind, "the database of %s: %s", restoring->plan->file, err.why);
    unlink(copy);
    TRY(after_filled(restoring, local_database(&restoring->node.config, false, restoring->arena, &db)));
    err = settle_all(restoring, db);
    if (err.kind == ERR_NONE)
        err = db_settle(db);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(restoring->arena, slice_of(err.why));
    db_close(db);
    return after_filled(restoring, err);
}

/* ---- What is left to do ---- */

static void note(struct restoring *restoring, const char *text)
{
    if (restoring->told->note_count < RESTORE_NOTES_MAX)
        restoring->told->notes[restoring->told->note_count++] = text;
}

static void put_notes(struct restoring *restoring, const struct config *config)
{
    struct arena *arena = restoring->arena;
    note(restoring, "the index is not in a backup; it is made anew when it is first needed");
    if (!restoring->archive.keys)
        note(restoring,
                "the keys are not in this backup: put node.key and node.pub into keys/, from where they are kept");
    note(restoring,
            arena_printf(arena, "it listens on %s, as before; on another machine change [node] listen in node.conf",
                    config->listen.text));
    if (config->feeds.ca_file != NULL && access(config->feeds.ca_file, R_OK) != 0)
        note(restoring, arena_printf(arena, "[feeds] ca names %s, which is not in a backup and not here",
                                config->feeds.ca_file));
    note(restoring, "the node that it is a copy of must not work beside it: both would sign as the same one");
}

/* ---- The verb ---- */

/* Empty or not there. `*path` is how it can be renamed to. */
static struct err is_free(const char *folder, struct arena *arena, const char **path)
{
    slice text = slice_of(folder);
    const struct dirent *entry = NULL;
    while (text.len > 1 && text.ptr[text.len - 1] == '/')
        text.len--;
    *path = arena_cstr(arena, text);
    if (text.len == 0)
        return err_make(ERR_INPUT, "where? name a folder that is empty or not there");
    DIR *open_folder = opendir(*path);
    if (open_folder == NULL)
        return errno == ENOENT ? OK : err_errno(arena, *path);
    while ((entry = readdir(open_folder)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            break;
    struct err err = OK;
    if (entry != NULL)
        err = err_format(arena, ERR_CONFLICT, "%s is not empty (%s); a restored node wants a folder of its own", *path,
                entry->d_name);
    closedir(open_folder);
    return err;
}

static struct err sync_all(const struct restoring *restoring)
{
    for (const char *const *name = node_folders; *name != NULL; name++)
        TRY(stage_sync_folder(node_path(&restoring->node, *name, restoring->arena), restoring->arena));
    return stage_sync_folder(restoring->node.folder, restoring->arena);
}

static struct err make_on_stage(struct restoring *restoring, const char *path)
{
    restoring->node.folder = stage_path(&restoring->stage, "node");
    restoring->node.conf = node_path(&restoring->node, "node.conf", restoring->arena);
    if (mkdir(restoring->node.folder, 0700) != 0)
        return err_errno(restoring->arena, restoring->node.folder);
    TRY(read_all(restoring));
    TRY(make_rest(restoring));
    TRY(configure(restoring));
    TRY(sync_all(restoring));
    TRY(make_database(restoring));
    return after_filled(restoring, stage_place(&restoring->stage, "node", path, true));
}

struct err restore_make(
        const struct actor *actor, const struct restore_plan *plan, struct arena *arena, struct restore_done *done)
{
    struct restore_done told = {0};
    struct restoring restoring = {.actor = actor, .plan = plan, .arena = arena, .fd = -1, .told = &told};
    struct config config;
    restoring.path = buf_make(PATH_MAX);
    const char *path;
    TRY(store_right_check(actor, VERB_RESTORE, 0, arena, NULL));
    TRY(is_free(plan->folder, arena, &path));
    TRY(stage_make(path, "restore", arena, &restoring.stage));
    struct err err = make_on_stage(&restoring, path);
    stage_drop(&restoring.stage);
    buf_free(&restoring.path);
    TRY(err);
    told.conf = arena_printf(arena, "%s/node.conf", path);
    TRY(config_load(told.conf, arena, &config));
    told.archive = restoring.archive;
    told.listen = config.listen.text;
    put_notes(&restoring, &config);
    *done = told;
    return OK;
}
