/* SPDX-License-Identifier: Apache-2.0 */
#include "db/test_databases.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/driver.h"

const enum db_engine test_engines[2] = {[DB_SQLITE] = DB_SQLITE, [DB_POSTGRES] = DB_POSTGRES};

static const char *server(void)
{
    const char *url = getenv("KENTONGAN_POSTGRES");
    return url == NULL || *url == '\0' ? NULL : url;
}

/* Runs a statement in the server's own database. */
static int server_do(struct arena *arena, const char *sql)
{
    struct db *db = NULL;
    struct err err = db_open(&(struct db_options){.where = server()}, arena, &db);
    if (err.kind == ERR_NONE)
        err = db->driver->script(db, sql);
    if (err.kind != ERR_NONE)
        fprintf(stderr, "%s: %s\n", sql, err.why);
    db_close(db);
    return err.kind == ERR_NONE ? 0 : -1;
}

/* postgresql://kentongan@/postgres?host=... with another database's name. */
static const char *server_url(struct arena *arena, const char *name)
{
    slice url = slice_of(server());
    size_t at = slice_find_slice(url, S("/postgres?"));
    assert_true(at < url.len);
    return arena_printf(arena, "%.*s/%s?%s", (int)at, url.ptr, name, url.ptr + at + strlen("/postgres?"));
}

static const char *name_of(const struct test_database *database)
{
    return strrchr(database->folder, '/') + 1;
}

static struct err schema_make(const char *where, const struct db_migration *schema, size_t count, struct arena *arena)
{
    struct db *db = NULL;
    struct err err = db_open(&(struct db_options){.where = where, .create = true}, arena, &db);
    if (err.kind == ERR_NONE)
        err = db_migrate(db, schema, count, arena);
    if (err.kind != ERR_NONE)
        fprintf(stderr, "%s: %s\n", where, err.why);
    db_close(db);
    return err;
}

/*
 * The database of a schema, made once: of PostgreSQL's copies of it each takes 20 ms of the server, all the migrations
 * of a node 100 ms. It goes with the server.
 */
static const char *model_make(struct arena *arena, const struct db_migration *schema, size_t count)
{
    static const struct db_migration *made;
    static char name[64];
    if (schema == NULL)
        return "template1"; /* what a new database is a copy of anyway */
    if (schema == made)
        return name;
    snprintf(name, sizeof name, "kentongan-model-%d", (int)getpid());
    if (server_do(arena, arena_printf(arena, "CREATE DATABASE \"%s\"", name)) != 0)
        return NULL;
    made = schema;
    return schema_make(server_url(arena, name), schema, count, arena).kind == ERR_NONE ? name : NULL;
}

/* The same of SQLite, whose model is the bytes of a file: to write them takes 1 ms, the migrations 30 ms. */
static int file_make(const char *path, const struct db_migration *schema, size_t count, struct arena *arena)
{
    static const struct db_migration *made;
    static slice model;
    if (schema == NULL)
        return 0;
    if (schema != made) {
        if (schema_make(path, schema, count, arena).kind != ERR_NONE)
            return -1;
        FILE *file = fopen(path, "rb");
        struct stat is;
        char *bytes = file != NULL && fstat(fileno(file), &is) == 0 ? malloc((size_t)is.st_size) : NULL;
        if (bytes == NULL || fread(bytes, 1, (size_t)is.st_size, file) != (size_t)is.st_size)
            return -1;
        fclose(file);
        model = (slice){bytes, (size_t)is.st_size};
        made = schema;
        return 0;
    }
    FILE *file = fopen(path, "wb");
    bool written = file != NULL && fwrite(model.ptr, 1, model.len, file) == model.len;
    return (file == NULL || fclose(file) == 0) && written ? 0 : -1;
}

int test_database_make(void **state)
{
    return test_database_make_of(NULL, 0, state);
}

int test_database_make_of(const struct db_migration *schema, size_t count, void **state)
{
    struct test_database *database = calloc(1, sizeof *database);
    database->engine = *(const enum db_engine *)*state;
    *state = database;
    snprintf(database->folder, sizeof database->folder, "/tmp/kentongan-test-XXXXXX");
    if (mkdtemp(database->folder) == NULL)
        return -1;
    database->arena = arena_open("test", ARENA_WORK, 64u << 20);
    if (database->engine == DB_SQLITE) {
        database->where = arena_printf(database->arena, "%s/node.db", database->folder);
        return file_make(database->where, schema, count, database->arena);
    }
    if (server() == NULL)
        return 0;
    database->where = server_url(database->arena, name_of(database));
    const char *model = model_make(database->arena, schema, count);
    return model == NULL
                   ? -1
                   : server_do(database->arena,
                             arena_printf(database->arena, "CREATE DATABASE \"%s\" TEMPLATE \"%s\" STRATEGY FILE_COPY",
                                     name_of(database), model));
}

static void folder_empty(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    while (folder != NULL && (entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(folder), entry->d_name, 0);
    if (folder != NULL)
        closedir(folder);
    rmdir(path);
}

int test_database_drop(void **state)
{
    struct test_database *database = *state;
    int status = 0;
    if (database->engine == DB_POSTGRES && server() != NULL)
        status = server_do(
                database->arena, arena_printf(database->arena, "DROP DATABASE \"%s\" WITH (FORCE)", name_of(database)));
    folder_empty(database->folder);
    arena_close(database->arena);
    free(database);
    return status;
}

void test_database_need(const struct test_database *database)
{
    if (database->where == NULL) {
        print_message("# PostgreSQL is not installed here (tests/with-postgres)\n");
        skip();
    }
}

struct db *test_database_open(const struct test_database *database)
{
    struct db *db = NULL;
    struct err err = db_open(&(struct db_options){.where = database->where, .create = true}, database->arena, &db);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    return db;
}
