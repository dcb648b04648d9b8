/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SQLite: write-ahead log, every commit synced before it returns. A process may open one node's file many times; they
 * queue for the one writer.
 */
#include "db/driver.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "base/arena.h"

#define BUSY_MS 10000
#define STATEMENTS 1024 /* slots; a statement is a constant in the program, and there are a few hundred */

/*
 * synchronous=FULL: acknowledged means durable. The rest is speed and strictness; the sizes let an idle node stay small
 * (cache_size is a ceiling in KiB).
 */
static const char SETTINGS[] = "PRAGMA journal_mode=WAL;"
                               "PRAGMA synchronous=FULL;"
                               "PRAGMA foreign_keys=ON;"
                               "PRAGMA trusted_schema=OFF;"
                               "PRAGMA secure_delete=OFF;"
                               "PRAGMA recursive_triggers=OFF;"
                               "PRAGMA temp_store=MEMORY;"
                               "PRAGMA case_sensitive_like=ON;"
                               "PRAGMA cache_size=-32768;"
                               "PRAGMA wal_autocheckpoint=4000;";

struct statement {
    const char *sql; /* its address is the key */
    sqlite3_stmt *stmt;
    size_t count; /* parameters */
    int place[DB_VALUES_MAX];
};

struct sqlite {
    struct db db;
    sqlite3 *handle;
    struct statement *current; /* being read */
    int state;                 /* what the last step of it answered */
    const char *where;
    struct statement statements[STATEMENTS];
};

static struct sqlite *sqlite_of(const struct db *db)
{
    return (struct sqlite *)(uintptr_t)db;
}

/* ---- Errors ---- */

static const struct {
    int code;
    enum err_kind kind;
    const char *what;
} failures[] = {
        {SQLITE_CONSTRAINT, ERR_CONFLICT, NULL},
        {SQLITE_BUSY, ERR_SYSTEM, "another program kept it busy for too long"},
        {SQLITE_FULL, ERR_SYSTEM, "the disk is full"},
        {SQLITE_CORRUPT, ERR_SYSTEM, "the file is damaged: restore a backup (kentongan-restore(1))"},
        {SQLITE_NOTADB, ERR_SYSTEM, "the file is no database"},
        {SQLITE_READONLY, ERR_SYSTEM, "the file or its folder may not be written"},
        {SQLITE_CANTOPEN, ERR_SYSTEM, "the file cannot be opened"},
        {SQLITE_IOERR, ERR_SYSTEM, "reading or writing failed"},
};

static struct err failed(struct sqlite *sqlite, int code)
{
    const char *said = sqlite3_errmsg(sqlite->handle);
    for (size_t i = 0; i < COUNT_OF(failures); i++)
        if (failures[i].code == (code & 0xff))
            return failures[i].what == NULL ? db_err(&sqlite->db, failures[i].kind, "%s: %s", sqlite->where, said)
                                            : db_err(&sqlite->db, failures[i].kind, "%s: %s (%s)", sqlite->where,
                                                      failures[i].what, said);
    return db_err(&sqlite->db, ERR_SYSTEM, "%s: %s", sqlite->where, said);
}

static struct err sqlite_script(struct db *db, const char *sql)
{
    int code = sqlite3_exec(sqlite_of(db)->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? OK : failed(sqlite_of(db), code);
}

/* ---- Opening ---- */

/* PostgreSQL's name for the order of bytes. */
static int collate(void *context, int a_bytes, const void *a, int b_bytes, const void *b)
{
    (void)context;
    return slice_order((slice){a, (size_t)a_bytes}, (slice){b, (size_t)b_bytes});
}

static void sqlite_close(struct db *db)
{
    struct sqlite *sqlite = sqlite_of(db);
    for (size_t i = 0; i < STATEMENTS; i++)
        sqlite3_finalize(sqlite->statements[i].stmt);
    int code = sqlite3_close(sqlite->handle);
    assert(code == SQLITE_OK);
    (void)code;
    free(sqlite);
}

static struct err settle(struct sqlite *sqlite)
{
    sqlite3 *handle = sqlite->handle;
    sqlite3_extended_result_codes(handle, 1);
    sqlite3_busy_timeout(handle, BUSY_MS);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_create_collation(handle, "C", SQLITE_UTF8, NULL, collate);
    return sqlite_script(&sqlite->db, SETTINGS);
}

static struct err sqlite_open(const struct db_options *options, struct arena *arena, struct db **db)
{
    struct sqlite *sqlite = calloc(1, sizeof *sqlite);
    if (sqlite == NULL)
        abort();
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (options->create ? SQLITE_OPEN_CREATE : 0);
    sqlite->db.driver = &db_sqlite;
    sqlite->where = arena_cstr(arena, slice_of(options->where));
    int code = sqlite3_open_v2(options->where, &sqlite->handle, flags, options->vfs);
    struct err err = code == SQLITE_OK ? settle(sqlite) : failed(sqlite, code);
    if (err.kind == ERR_NONE) {
        *db = &sqlite->db;
        return OK;
    }
    err.why = arena_cstr(arena, slice_of(err.why));
    if ((code & 0xff) == SQLITE_CANTOPEN && !options->create)
        err.kind = ERR_MISSING;
    sqlite_close(&sqlite->db);
    return err;
}

/* ---- Statements ---- */

static struct err prepare(struct sqlite *sqlite, const char *sql, struct statement *statement)
{
    int code = sqlite3_prepare_v3(sqlite->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement->stmt, NULL);
    if (code != SQLITE_OK)
        return failed(sqlite, code);
    statement->sql = sql;
    statement->count = (size_t)sqlite3_bind_parameter_count(statement->stmt);
    for (size_t i = 0; i < statement->count && i < DB_VALUES_MAX; i++) {
        char name[8];
        snprintf(name, sizeof name, "$%zu", i + 1);
        /* SQLite numbers parameters by their first appearance, so they are bound by name. */
        statement->place[i] = sqlite3_bind_parameter_index(statement->stmt, name);
    }
    return OK;
}

static struct err statement_get(struct sqlite *sqlite, const char *sql, struct statement **statement)
{
    size_t at = ((uintptr_t)sql >> 3) * 0x9e3779b97f4a7c15u >> 54;
    for (size_t i = 0; i < STATEMENTS; i++, at = (at + 1) % STATEMENTS) {
        struct statement *slot = &sqlite->statements[at];
        if (slot->stmt == NULL)
            TRY(prepare(sqlite, sql, slot));
        if (slot->sql == sql) {
            *statement = slot;
            return OK;
        }
    }
    return db_err(&sqlite->db, ERR_LIMIT, "%s: more than %d different statements", sqlite->where, STATEMENTS);
}

static int bind_one(sqlite3_stmt *stmt, int place, const struct db_value *value)
{
    static const char EMPTY[1] = "";
    const char *ptr = value->bytes.ptr == NULL ? EMPTY : value->bytes.ptr;
    switch (value->kind) {
    case DB_I64:
        return sqlite3_bind_int64(stmt, place, value->number);
    case DB_TEXT:
        return sqlite3_bind_text64(stmt, place, ptr, value->bytes.len, SQLITE_STATIC, SQLITE_UTF8);
    case DB_BYTES:
        return sqlite3_bind_blob64(stmt, place, ptr, value->bytes.len, SQLITE_STATIC);
    case DB_NULL:
        break;
    }
    return sqlite3_bind_null(stmt, place);
}

static struct err bind(
        struct sqlite *sqlite, const struct statement *statement, const struct db_value *values, size_t count)
{
    if (count != statement->count) /* PostgreSQL insists, so we do */
        return db_err(&sqlite->db, ERR_SYSTEM, "%zu values for a statement of %zu: %.80s", count, statement->count,
                statement->sql);
    for (size_t i = 0; i < count; i++) {
        int code = bind_one(statement->stmt, statement->place[i], &values[i]);
        if (code != SQLITE_OK)
            return failed(sqlite, code);
    }
    return OK;
}

static struct err run_one(struct sqlite *sqlite, struct statement *statement, const struct db_value *values,
        size_t count, uint64_t *changed)
{
    TRY(bind(sqlite, statement, values, count));
    int code = sqlite3_step(statement->stmt);
    if (code == SQLITE_DONE)
        *changed = sqlite3_stmt_readonly(statement->stmt) ? 0 : (uint64_t)sqlite3_changes64(sqlite->handle);
    struct err err = code == SQLITE_DONE ? OK
                     : code == SQLITE_ROW
                             ? db_err(&sqlite->db, ERR_SYSTEM, "this one gives rows: %.80s", statement->sql)
                             : failed(sqlite, code);
    sqlite3_reset(statement->stmt);
    return err;
}

static struct err sqlite_run(
        struct db *db, const char *sql, const struct db_value *values, size_t count, uint64_t *changed)
{
    struct statement *statement;
    TRY(statement_get(sqlite_of(db), sql, &statement));
    return run_one(sqlite_of(db), statement, values, count, changed);
}

static struct err sqlite_run_many(struct db *db, const char *sql, const struct db_value *values, size_t width,
        size_t row_count, uint64_t *changed)
{
    struct statement *statement;
    uint64_t ignored;
    TRY(statement_get(sqlite_of(db), sql, &statement));
    for (size_t i = 0; i < row_count; i++)
        TRY(run_one(sqlite_of(db), statement, values + i * width, width, changed == NULL ? &ignored : &changed[i]));
    return OK;
}

/* ---- Rows ---- */

static struct err sqlite_query(struct db *db, const char *sql, const struct db_value *values, size_t count)
{
    struct sqlite *sqlite = sqlite_of(db);
    TRY(statement_get(sqlite, sql, &sqlite->current));
    sqlite->state = SQLITE_ROW;
    return bind(sqlite, sqlite->current, values, count);
}

static bool sqlite_next(struct db *db)
{
    struct sqlite *sqlite = sqlite_of(db);
    if (sqlite->state == SQLITE_ROW)
        sqlite->state = sqlite3_step(sqlite->current->stmt);
    return sqlite->state == SQLITE_ROW;
}

static struct err sqlite_done(struct db *db)
{
    struct sqlite *sqlite = sqlite_of(db);
    while (sqlite->state == SQLITE_ROW && !sqlite3_stmt_readonly(sqlite->current->stmt))
        (void)sqlite_next(db); /* a change happens in full, whoever reads what it gives */
    struct err err = sqlite->state == SQLITE_ROW || sqlite->state == SQLITE_DONE ? OK : failed(sqlite, sqlite->state);
    sqlite3_reset(sqlite->current->stmt);
    sqlite3_clear_bindings(sqlite->current->stmt);
    return err;
}

static bool sqlite_is_null(const struct db *db, size_t column)
{
    return sqlite3_column_type(sqlite_of(db)->current->stmt, (int)column) == SQLITE_NULL;
}

static int64_t sqlite_number(const struct db *db, size_t column)
{
    return sqlite3_column_int64(sqlite_of(db)->current->stmt, (int)column);
}

static slice sqlite_slice(const struct db *db, size_t column)
{
    sqlite3_stmt *stmt = sqlite_of(db)->current->stmt;
    const char *ptr = sqlite3_column_blob(stmt, (int)column);
    return (slice){ptr, ptr == NULL ? 0 : (size_t)sqlite3_column_bytes(stmt, (int)column)};
}

static void sqlite_rollback(struct db *db)
{
    sqlite3 *handle = sqlite_of(db)->handle;
    if (!sqlite3_get_autocommit(handle)) /* a full disk may have ended it already */
        sqlite3_exec(handle, "ROLLBACK", NULL, NULL, NULL);
}

const struct db_driver db_sqlite = {
        .engine = DB_SQLITE,
        .begin = "BEGIN IMMEDIATE",
        .begin_look = "BEGIN",
        .open = sqlite_open,
        .close = sqlite_close,
        .script = sqlite_script,
        .run = sqlite_run,
        .run_many = sqlite_run_many,
        .query = sqlite_query,
        .next = sqlite_next,
        .done = sqlite_done,
        .is_null = sqlite_is_null,
        .number = sqlite_number,
        .slice = sqlite_slice,
        .rollback = sqlite_rollback,
};
