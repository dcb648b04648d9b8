/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan init: makes a node, all of it or nothing. */
#include <unistd.h>

#include "app/drill.h"
#include "app/local.h"
#include "app/options.h"
#include "db/db.h"
#include "people/people.h"
#include "share/alias.h"
#include "share/book.h"
#include "share/keys.h"
#include "json/write.h"

#define ROW_MAX (64u << 10)
#define HOST_MAX 256

struct told {
    const char *name;
    const char *value;
};

static void put_json(const struct told *told, size_t count)
{
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    for (size_t i = 0; i < count; i++)
        json_write_key_text(&w, slice_of(told[i].name), slice_of(told[i].value));
    json_write_end(&w);
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static void put_text(const struct told *told, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf("%-6s %s\n", told[i].name, told[i].value);
}

/* Without --name, the node goes by the name of its machine until somebody says better. */
static const char *name_of(const struct command_line *line)
{
    const char *name = command_text(line, "name");
    char *host = arena_take(line->arena, HOST_MAX + 1);
    if (name != NULL)
        return name;
    return gethostname(host, HOST_MAX) == 0 && *host != 0 ? host : "kentongan";
}

/* "x/" and "x" are one folder. */
static const char *folder_of(const struct command_line *line)
{
    slice folder = slice_of(line->files[0]);
    while (folder.len > 1 && folder.ptr[folder.len - 1] == '/')
        folder.len--;
    return arena_cstr(line->arena, folder);
}

struct starting {
    struct arena *arena;
    bool exercise;
    struct token link;
};

static struct err make_logs(struct work *work, void *context)
{
    const struct starting *starting = context;
    TRY(share_alias_make(work));
    if (starting->exercise)
        TRY(drill_make(work->db));
    return share_book_logs(work);
}

/* The database with the first organisation in it, and who is to administer the node. */
static struct err make_database(void *context, const struct node *node)
{
    struct starting *starting = context;
    struct actor actor = local_actor(0, starting->arena);
    struct share_key_asking asking = {0};
    struct db *db;
    TRY(local_database(&node->config, true, starting->arena, &db));
    struct err err = people_begin(db, &actor, node->config.name, starting->arena, &starting->link);
    if (err.kind == ERR_NONE) /* what comes next is in the private log already */
        err = store_work(db, &actor, starting->arena, make_logs, starting);
    if (err.kind == ERR_NONE)
        err = share_keys_make(db, &actor, node_path(node, "keys", starting->arena), &asking, starting->arena);
    if (err.kind != ERR_NONE) /* its sentence may be of the database that is closed now */
        err.why = arena_cstr(starting->arena, slice_of(err.why));
    db_close(db);
    return err;
}

static int init(struct command_line *line)
{
    struct starting starting = {.arena = line->arena, .exercise = command_flag(line, "exercise")};
    struct node node;
    if (line->file_count != 1 || *line->files[0] == 0)
        return command_fail(line, err_make(ERR_INPUT, "where? `kentongan init DIR` names one folder"));
    struct node_plan plan = {
            folder_of(line), name_of(line), command_text(line, "listen"), command_text(line, "database")};
    struct err err = local_url_check(plan.database);
    if (err.kind == ERR_NONE)
        err = node_make(&plan, make_database, &starting, line->arena, &node);
    if (err.kind != ERR_NONE)
        return command_fail(line, err);
    const char *url = node_url(&node.config, line->arena);
    const struct told told[] = {
            {"conf", node.conf},
            {"url", url},
            {"set-up", people_link(url, &starting.link, line->arena)},
    };
    (command_flag(line, "json") ? put_json : put_text)(told, COUNT_OF(told));
    return command_written() ? 0 : command_fail(line, err_errno(line->arena, "standard output"));
}

static const struct option_row options[] = {
        {0, "listen", "ADDR:PORT", "Where people and partners reach it (default: 127.0.0.1:8443)"},
        {0, "database", "WHERE", "A file of SQLite (default: node.db), or a PostgreSQL as postgresql://USER@HOST/NAME"},
        {0, "exercise", NULL, "For exercises only: its clock can be set, and every page says so"},
        {0, "name", "NAME", "The organisation that runs it (default: the name of this machine)"},
        OPTION_JSON,
};

const struct command command_init = {
        .name = "init",
        .arguments = "DIR",
        .about = "Make a node: its folder, configuration, keys and database",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = init,
};
