/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kentongan doctor: is the node in order, and if not, what is to be done? Each thing to look at is a row; a row says
 * one line for each thing that it found, or that all is well. Nothing is changed.
 */
#include <dirent.h>
#include <inttypes.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>

#include "app/command.h"
#include "app/node.h"
#include "app/options.h"
#include "base/clock.h"
#include "db/db.h"
#include "match/match.h"
#include "store/journal.h"
#include "json/write.h"

#define ROW_MAX (1u << 20)
#define FREE_LEAST (UINT64_C(64) << 20) /* bytes; below it writing soon fails */
#define FREE_CALM (UINT64_C(1) << 30)
#define INODES_LEAST 1000
#define CLOCK_LEAST INT64_C(1767225600000000) /* 2026: before this program, so before any node of it */
#define CLOCK_AHEAD_US INT64_C(60000000)      /* a file may be this much later than now: clocks of file servers */
#define FILES_MAX 10000                       /* looked at in one folder */

enum state { WELL, WARN, FAIL };
static const char *const state_names[] = {[WELL] = "ok", [WARN] = "warn", [FAIL] = "fail"};

struct visit {
    const struct command_line *line;
    struct arena *arena;
    struct node node;
    const char *what; /* the row */
    size_t told, failed;
};

/* ---- What is said ---- */

static void put_json(const struct visit *visit, enum state state, const char *why)
{
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    json_write_key_text(&w, S("state"), slice_of(state_names[state]));
    json_write_key_text(&w, S("what"), slice_of(visit->what));
    json_write_key_text(&w, S("why"), slice_of(why));
    json_write_end(&w);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static void say(struct visit *visit, enum state state, const char *why)
{
    visit->told++;
    visit->failed += state == FAIL;
    if (command_flag(visit->line, "json"))
        put_json(visit, state, why);
    else
        printf("%-4s %s: %s\n", state_names[state], visit->what, why);
}

static void say_err(struct visit *visit, struct err err)
{
    say(visit, FAIL, err.why);
}

/* ---- What is looked at ---- */

static void look_at_permissions(struct visit *visit)
{
    static const struct {
        const char *name; /* "": the folder itself */
        mode_t forbidden;
        enum state state;
    } rows[] = {
            {"", 077, WARN},
            {"node.conf", 077, WARN},
            {"keys", 077, FAIL},
            {"keys/node.key", 077, FAIL},
            {"memory", 077, WARN},
            {"evidence", 077, WARN},
            {"index", 022, WARN},
            {"ledger", 022, WARN},
    };
    size_t before = visit->told;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct stat stat_of;
        const char *path =
                *rows[i].name == 0 ? visit->node.folder : node_path(&visit->node, rows[i].name, visit->arena);
        if (stat(path, &stat_of) != 0)
            say_err(visit, err_errno(visit->arena, path));
        else if ((stat_of.st_mode & rows[i].forbidden) != 0)
            say(visit, rows[i].state,
                    arena_printf(visit->arena, "others than its owner may %s %s; chmod %s %s",
                            rows[i].forbidden == 022 ? "write into" : "look into", path,
                            S_ISDIR(stat_of.st_mode) ? "700" : "600", path));
    }
    if (visit->told == before)
        say(visit, WELL, "nobody but its owner looks into the node");
}

static void look_at_disk(struct visit *visit)
{
    struct statvfs disk;
    if (statvfs(visit->node.folder, &disk) != 0) {
        say_err(visit, err_errno(visit->arena, visit->node.folder));
        return;
    }
    uint64_t bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    enum state state = bytes < FREE_LEAST ? FAIL : bytes < FREE_CALM ? WARN : WELL;
    const char *advice = state == WELL ? "" : "; make room, or move the node to a larger disk";
    say(visit, state, arena_printf(visit->arena, "%" PRIu64 " MiB are free%s", bytes >> 20, advice));
    if (disk.f_files > 0 && disk.f_favail < INODES_LEAST)
        say(visit, WARN,
                arena_printf(visit->arena, "only %" PRIu64 " further files fit (inodes); remove some",
                        (uint64_t)disk.f_favail));
}

/* Times decide what is expired and in which order things happened. */
static void look_at_clock(struct visit *visit)
{
    struct stat stat_of;
    struct timex timex = {0};
    size_t before = visit->told;
    int64_t now_us = clock_now_us();
    if (now_us < CLOCK_LEAST)
        say(visit, FAIL, "the clock stands before 2026; set it, and let a time server (NTP) hold it");
    if (stat(visit->node.conf, &stat_of) == 0 && stat_of.st_mtim.tv_sec * INT64_C(1000000) > now_us + CLOCK_AHEAD_US)
        say(visit, FAIL, "the clock stands before the last change of node.conf; set it");
    if (adjtimex(&timex) == TIME_ERROR || (timex.status & STA_UNSYNC) != 0)
        say(visit, WARN, "no time server (NTP) holds the clock; let one, or times will drift from those of partners");
    if (visit->told == before)
        say(visit, WELL, "it runs and is held by a time server");
}

static void look_at_keys(struct visit *visit)
{
    struct key_pair pair;
    struct err err = node_key(&visit->node, visit->arena, &pair);
    if (err.kind != ERR_NONE) {
        say_err(visit, err);
        return;
    }
    key_forget(&pair);
    say(visit, WELL, "node.key can be read and belongs to node.pub");
}

/* What SQLite keeps: the database, what was written last, and who looks at that. */
static void look_at_files(struct visit *visit, const char *where)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < COUNT_OF(endings); i++) {
        struct stat stat_of;
        const char *path = arena_printf(visit->arena, "%s%s", where, endings[i]);
        if (stat(path, &stat_of) == 0 && (stat_of.st_mode & 077) != 0)
            say(visit, FAIL,
                    arena_printf(visit->arena, "others than its owner may look into %s; chmod 600 %s", path, path));
    }
}

/* As it lies there: nothing is migrated, and every page is read. */
static void look_at_database(struct visit *visit)
{
    const struct db_options options = {.where = visit->node.config.database};
    const char *looked_at = "";
    int64_t last;
    struct db *db;
    if (strstr(options.where, "://") == NULL)
        look_at_files(visit, options.where);
    struct err err = db_open(&options, visit->arena, &db);
    if (err.kind != ERR_NONE) {
        say(visit, FAIL, arena_printf(visit->arena, "%s; look at [node] database, or restore a backup", err.why));
        return;
    }
    err = db_check(db, true, visit->arena, &looked_at);
    if (err.kind != ERR_NONE)
        say(visit, FAIL, arena_printf(visit->arena, "%s; restore a backup", err.why));
    else if (store_journal_last(db, &last).kind != ERR_NONE)
        say(visit, FAIL, "it holds no tables of a node; look at [node] database, or restore a backup");
    else
        say(visit, WELL, arena_printf(visit->arena, "%s are sound; the journal goes to %" PRId64, looked_at, last));
    db_close(db);
}

static void look_at_image(struct visit *visit, const char *name)
{
    struct match_index *index;
    const char *path = arena_printf(visit->arena, "%s/%s", node_path(&visit->node, "index", visit->arena), name);
    struct err err = match_open(path, visit->arena, &index);
    if (err.kind == ERR_NONE)
        match_close(index);
    else
        say(visit, FAIL, arena_printf(visit->arena, "%s; remove it, it is made anew", err.why));
}

static void look_at_index(struct visit *visit)
{
    const char *path = node_path(&visit->node, "index", visit->arena);
    size_t before = visit->told, count = 0;
    DIR *folder = opendir(path);
    if (folder == NULL) {
        say_err(visit, err_errno(visit->arena, path));
        return;
    }
    for (const struct dirent *entry; count < FILES_MAX && (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        look_at_image(visit, entry->d_name);
        count++;
    }
    closedir(folder);
    if (visit->told == before)
        say(visit, WELL,
                count == 0 ? "none is there yet; it is made when it is first needed" : "every index can be opened");
}

static const struct {
    const char *what;
    void (*look)(struct visit *visit);
} looks[] = {
        {"permissions", look_at_permissions},
        {"disk", look_at_disk},
        {"clock", look_at_clock},
        {"keys", look_at_keys},
        {"database", look_at_database},
        {"index", look_at_index},
};

/* Without a configuration there is nothing to look at. */
static bool look_at_config(struct visit *visit, const char *named)
{
    visit->what = "config";
    struct err err = node_open(named, visit->arena, &visit->node);
    if (err.kind != ERR_NONE)
        say_err(visit, err);
    else
        say(visit, WELL, arena_printf(visit->arena, "%s has no mistakes", visit->node.conf));
    return err.kind == ERR_NONE;
}

static int doctor(struct command_line *line)
{
    struct visit visit = {.line = line, .arena = line->arena};
    const char *named = command_text(line, "config"), *conf;
    if (line->file_count > 0)
        return command_fail(line, err_make(ERR_INPUT, "takes no files; the node is named by -c CONF"));
    struct err err = node_conf(named, line->arena, &conf);
    if (err.kind != ERR_NONE)
        return command_fail(line, err);
    if (look_at_config(&visit, named)) {
        for (size_t i = 0; i < COUNT_OF(looks); i++) {
            visit.what = looks[i].what;
            looks[i].look(&visit);
        }
        node_close(&visit.node);
    }
    if (fflush(stdout) != 0)
        return command_fail(line, err_errno(line->arena, "standard output"));
    return visit.failed == 0 ? 0 : 1;
}

static const struct option_row options[] = {OPTION_CONFIG, OPTION_JSON};

const struct command command_doctor = {
        .name = "doctor",
        .arguments = "",
        .about = "Say whether a node is in order, and what to do where it is not",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = doctor,
};
