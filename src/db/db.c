/* SPDX-License-Identifier: Apache-2.0 */
#include "db/driver.h"

#include <assert.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/clock.h"

#define TRIES_MAX 12 /* of a transaction that the database asks to run again */
/* Waits double from these up to 2^PAUSE_DOUBLED times: a second for a conflict, 15 seconds for a server to come back.
 */
#define PAUSE_CONFLICT_US 1000
#define PAUSE_GONE_US 20000
#define PAUSE_DOUBLED 7

struct err db_err(struct db *db, enum err_kind kind, const char *format, ...)
{
    char *why = db->why[db->turn++ % COUNT_OF(db->why)];
    va_list args;
    va_start(args, format);
    vsnprintf(why, DB_WHY_MAX, format, args);
    va_end(args);
    return err_make(kind, why);
}

bool db_is_url(const char *where)
{
    return slice_starts(slice_of(where), S("postgresql://")) || slice_starts(slice_of(where), S("postgres://"));
}

struct err db_open(const struct db_options *options, struct arena *arena, struct db **db)
{
    return (db_is_url(options->where) ? &db_postgres : &db_sqlite)->open(options, arena, db);
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

/* ---- Running again ---- */

/* Doubling, and half of it by chance, so that two that met do not meet again. */
static void pause_before(const struct db *db, int tries)
{
    int64_t most = (int64_t)(db->gone ? PAUSE_GONE_US : PAUSE_CONFLICT_US)
                   << (tries < PAUSE_DOUBLED ? tries : PAUSE_DOUBLED);
    usleep((useconds_t)(most / 2 + clock_steady_us() % (most / 2)));
}

/* Keeps what went wrong first in a transaction; passes it on. */
static struct err noted(struct db *db, struct err err)
{
    if (err.kind == ERR_NONE || !db->working || db->spoiled)
        return err;
    db->spoiled = true;
    snprintf(db->spoil_why, sizeof db->spoil_why, "%s", err.why);
    db->spoil = err_make(err.kind, db->spoil_why);
    return err;
}

/* ---- Statements ---- */

static bool is_text(slice text)
{
    return text.len == 0 || memchr(text.ptr, '\0', text.len) == NULL;
}

/* Whether a statement may run with these: not in a spoiled transaction, and with text that both engines take. */
static struct err ready(struct db *db, const struct db_value *values, size_t count)
{
    assert(!db->reading);
    if (db->spoiled)
        return db->spoil;
    for (size_t i = 0; i < count; i++)
        if (values[i].kind == DB_TEXT && !is_text(values[i].bytes))
            return db_err(db, ERR_INPUT, "a text with a NUL cannot be stored (parameter %zu)", i + 1);
    return OK;
}

struct batch {
    const char *sql;
    const struct db_value *values;
    size_t width, row_count;
    uint64_t *changed;
};

static struct err batch_run(struct db *db, void *context)
{
    const struct batch *batch = context;
    TRY(noted(db, ready(db, batch->values, batch->width * batch->row_count)));
    if (batch->row_count == 1)
        return noted(db, db->driver->run(db, batch->sql, batch->values, batch->width, batch->changed));
    return noted(
            db, db->driver->run_many(db, batch->sql, batch->values, batch->width, batch->row_count, batch->changed));
}

static struct err batch_work(struct db *db, struct batch *batch)
{
    assert(batch->width <= DB_VALUES_MAX);
    return db->working ? batch_run(db, batch) : db_work(db, batch_run, batch);
}

struct err db_run(struct db *db, const char *sql, const struct db_value *values, size_t count, uint64_t *changed)
{
    uint64_t ignored;
    return batch_work(db, &(struct batch){sql, values, count, 1, changed == NULL ? &ignored : changed});
}

struct err db_run_many(struct db *db, const char *sql, const struct db_value *values, size_t width, size_t row_count,
        uint64_t *changed)
{
    uint64_t ignored;
    if (row_count == 0)
        return OK;
    bool alone = row_count == 1 && changed == NULL;
    return batch_work(db, &(struct batch){sql, values, width, row_count, alone ? &ignored : changed});
}

struct err db_query(struct db *db, const char *sql, const struct db_value *values, size_t count, struct db_rows **rows)
{
    assert(count <= DB_VALUES_MAX);
    TRY(noted(db, ready(db, values, count)));
    struct err err = OK;
    for (int tries = 0; tries < TRIES_MAX; tries++) {
        db->again = db->gone = false;
        err = db->driver->query(db, sql, values, count);
        if (err.kind == ERR_NONE || !db->again || db->working)
            break;
        pause_before(db, tries);
    }
    TRY(noted(db, err));
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
    return noted(rows->db, rows->db->driver->done(rows->db));
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

/* Runs an action, ends the list in whose middle it may have failed, and does not believe its OK after a failure. */
static struct err action_whole(struct db *db, db_action *action, void *context)
{
    struct err err = action(db, context);
    if (db->reading) {
        struct err done = db_done(&db->rows);
        err = err.kind == ERR_NONE ? done : err;
    }
    return err.kind == ERR_NONE && db->spoiled ? db->spoil : err;
}

static struct err action_once(struct db *db, const char *begin, db_action *action, void *context)
{
    db->again = db->gone = db->spoiled = false;
    TRY(db->driver->begin_work(db, begin));
    struct err err = action_whole(db, action, context);
    if (err.kind == ERR_NONE)
        err = db->driver->commit(db);
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
        err = action_once(db, begin, action, context);
        if (err.kind == ERR_NONE || !db->again)
            break;
        pause_before(db, tries);
    }
    db->working = db->spoiled = false;
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

/* ---- News, health ---- */

struct err db_notify(struct db *db, const char *channel)
{
    assert(db->working);
    TRY(noted(db, ready(db, NULL, 0)));
    return noted(db, db->driver->notify(db, channel));
}

struct err db_wait(struct db *db, const char *channel, int timeout_ms, bool *news)
{
    assert(!db->working && !db->reading);
    return db->driver->wait(db, channel, timeout_ms, news);
}

static struct err settle(struct db *db, void *context)
{
    (void)context;
    return noted(db, db->driver->script(db, db->driver->settle));
}

struct err db_settle(struct db *db)
{
    return db_work(db, settle, NULL);
}

struct err db_check(struct db *db, bool thorough, struct arena *arena, const char **looked_at)
{
    assert(!db->working && !db->reading);
    return db->driver->check(db, thorough, arena, looked_at);
}
