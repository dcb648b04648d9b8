/* SPDX-License-Identifier: Apache-2.0 */
#include "db/driver.h"

#include <assert.h>
#include <stdarg.h>

#define TRIES_MAX 10 /* of a transaction that the database asks to run again */

struct err db_err(struct db *db, enum err_kind kind, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(db->why, sizeof db->why, format, args);
    va_end(args);
    return err_make(kind, db->why);
}

static bool is_postgres(const char *where)
{
    return slice_starts(slice_of(where), S("postgresql://")) || slice_starts(slice_of(where), S("postgres://"));
}

struct err db_open(const struct db_options *options, struct arena *arena, struct db **db)
{
    return (is_postgres(options->where) ? &db_postgres : &db_sqlite)->open(options, arena, db);
}

void db_close(struct db *db)
{
    if (db != NULL)
        db->driver->close(db);
}

enum db_engine db_engine(const struct db *db)
{
    return db->driver->engine;
}

/* ---- Statements ---- */

struct err db_run(struct db *db, const char *sql, const struct db_value *values, size_t count, uint64_t *changed)
{
    assert(!db->reading && count <= DB_VALUES_MAX);
    uint64_t ignored;
    return db->driver->run(db, sql, values, count, changed == NULL ? &ignored : changed);
}

struct err db_run_many(struct db *db, const char *sql, const struct db_value *values, size_t width, size_t row_count,
        uint64_t *changed)
{
    assert(!db->reading && width <= DB_VALUES_MAX);
    return row_count == 0 ? OK : db->driver->run_many(db, sql, values, width, row_count, changed);
}

struct err db_query(struct db *db, const char *sql, const struct db_value *values, size_t count, struct db_rows **rows)
{
    assert(!db->reading && count <= DB_VALUES_MAX);
    TRY(db->driver->query(db, sql, values, count));
    db->rows.db = db;
    db->reading = true;
    *rows = &db->rows;
    return OK;
}

bool db_next(struct db_rows *rows)
{
    return rows->db->driver->next(rows->db);
}

struct err db_done(struct db_rows *rows)
{
    rows->db->reading = false;
    return rows->db->driver->done(rows->db);
}

bool db_is_null(const struct db_rows *rows, size_t column)
{
    return rows->db->driver->is_null(rows->db, column);
}

int64_t db_number(const struct db_rows *rows, size_t column)
{
    return rows->db->driver->number(rows->db, column);
}

slice db_slice(const struct db_rows *rows, size_t column)
{
    return rows->db->driver->slice(rows->db, column);
}

struct err db_one(
        struct db *db, const char *sql, const struct db_value *values, size_t count, int64_t missing, int64_t *number)
{
    struct db_rows *rows;
    int64_t first = missing;
    TRY(db_query(db, sql, values, count, &rows));
    if (db_next(rows))
        first = db_number(rows, 0);
    TRY(db_done(rows));
    *number = first;
    return OK;
}

/* ---- Transactions ---- */

static struct err action_once(struct db *db, const char *begin, db_action *action, void *context)
{
    TRY(db->driver->script(db, begin));
    struct err err = action(db, context);
    if (db->reading) /* it failed in the middle of a list */
        (void)db_done(&db->rows).kind;
    if (err.kind == ERR_NONE)
        err = db->driver->script(db, "COMMIT");
    if (err.kind != ERR_NONE)
        db->driver->rollback(db);
    return err;
}

static struct err action_run(struct db *db, const char *begin, db_action *action, void *context)
{
    struct err err = OK;
    assert(!db->working && !db->reading);
    db->working = true;
    for (int tries = 0; tries < TRIES_MAX; tries++) {
        db->again = false;
        err = action_once(db, begin, action, context);
        if (err.kind == ERR_NONE || !db->again)
            break;
    }
    db->working = false;
    return err;
}

struct err db_work(struct db *db, db_action *action, void *context)
{
    return action_run(db, db->driver->begin, action, context);
}

struct err db_look(struct db *db, db_action *action, void *context)
{
    return action_run(db, db->driver->begin_look, action, context);
}

struct err db_part(struct db *db, db_action *action, void *context)
{
    assert(db->working && !db->reading);
    TRY(db->driver->script(db, "SAVEPOINT part"));
    struct err err = action(db, context);
    if (db->reading)
        (void)db_done(&db->rows).kind;
    if (err.kind != ERR_NONE && !db->again) {
        /* The reason is kept by hand: what follows may overwrite it only when it fails itself. */
        TRY(db->driver->script(db, "ROLLBACK TO part"));
    }
    if (!db->again)
        TRY(db->driver->script(db, "RELEASE part"));
    return err;
}
