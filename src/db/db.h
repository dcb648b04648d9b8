/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * One small SQL interface over SQLite (embedded) and PostgreSQL: the same statements run on both. Parameters are $1, $2
 * and so on, columns TEXT, BIGINT and bytes; times are microseconds, truths 0 or 1; lists are pages, read to their end.
 *
 * A db is one connection and belongs to one thread; its statements are prepared once, by the address of their text,
 * which has to be a constant. After db_work returned OK what it did is on disk. Text is UTF-8 without NUL, on both.
 *
 * A statement that fails spoils the transaction in which it ran, on both engines as PostgreSQL has it: what follows
 * fails with the same error, and so does the whole. A reason (`why`) lives until the next error but one of its db.
 *
 *     static const char GET[] = "SELECT name FROM organisation WHERE id = $1";
 *     struct db_rows *rows;
 *     TRY(db_query(db, GET, (struct db_value[]){db_text(id)}, 1, &rows));
 *     while (db_next(rows))
 *         name = arena_copy(arena, db_slice(rows, 0));
 *     TRY(db_done(rows));
 */
#include "base/err.h"

struct db;
struct db_rows;

enum db_engine { DB_SQLITE, DB_POSTGRES };
enum db_kind { DB_NULL, DB_I64, DB_TEXT, DB_BYTES };

struct db_value {
    enum db_kind kind;
    int64_t number;
    slice bytes;
};

static inline struct db_value db_null(void)
{
    return (struct db_value){DB_NULL};
}

static inline struct db_value db_i64(int64_t number)
{
    return (struct db_value){DB_I64, .number = number};
}

static inline struct db_value db_text(slice text)
{
    return (struct db_value){DB_TEXT, .bytes = text};
}

static inline struct db_value db_bytes(slice bytes)
{
    return (struct db_value){DB_BYTES, .bytes = bytes};
}

/* ---- A connection ---- */

struct db_options {
    const char *where; /* path of a file, ":memory:", or postgresql://USER@HOST,HOST.../DATABASE */
    const char *vfs;   /* SQLite: name of the file system to go through; NULL: the usual one */
    bool create;       /* SQLite: make the file if it is not there; otherwise it is ERR_MISSING */
};

/* ERR_MISSING, ERR_SYSTEM or ERR_REMOTE with a sentence that names the database; a password in it is not told. */
MUST_USE struct err db_open(const struct db_options *options, struct arena *arena, struct db **db);
void db_close(struct db *db); /* NULL is allowed */
enum db_engine db_engine(const struct db *db);

/* ---- Statements ---- */

/*
 * Runs a statement that gives no rows. `changed`: how many it touched; NULL: not wanted. ERR_CONFLICT: a key is taken.
 * Outside db_work these two are a transaction of their own, and a query is only for reading.
 */
MUST_USE struct err db_run(
        struct db *db, const char *sql, const struct db_value *values, size_t count, uint64_t *changed);
/* The same statement for many rows of `width` values each, in few round trips; changed[i] for each, or NULL. */
MUST_USE struct err db_run_many(struct db *db, const char *sql, const struct db_value *values, size_t width,
        size_t row_count, uint64_t *changed);
/* Begins to read, row by row; no other statement may run on this db until db_done, which reads what was left. */
MUST_USE struct err db_query(
        struct db *db, const char *sql, const struct db_value *values, size_t count, struct db_rows **rows);
/* The next row; false at the end or when it failed, which db_done tells. */
bool db_next(struct db_rows *rows);
MUST_USE struct err db_done(struct db_rows *rows);
/* Columns from 0, valid until db_next. */
bool db_is_null(const struct db_rows *rows, size_t column);
int64_t db_number(const struct db_rows *rows, size_t column); /* 0 for NULL */
slice db_slice(const struct db_rows *rows, size_t column);    /* text or bytes; empty for NULL */
/* The one number of a statement that gives one row of one number; `missing` if there is none. */
MUST_USE struct err db_one(
        struct db *db, const char *sql, const struct db_value *values, size_t count, int64_t missing, int64_t *number);

/* ---- Transactions ---- */

typedef struct err db_action(struct db *db, void *context);
/*
 * One transaction around `action`: all of it or, on its error, nothing. Writers queue (SQLite BEGIN IMMEDIATE). When
 * the database asks for it (40001, 40P01, a lost connection) the action runs again, so it may be called more than once;
 * it is kept exactly once, also when the connection is lost while PostgreSQL keeps it. There two may work at once (READ
 * COMMITTED): let keys, ON CONFLICT and UPDATE ... WHERE decide, not what was read before.
 */
MUST_USE struct err db_work(struct db *db, db_action *action, void *context);
/* The same for reading only: every statement sees the same moment. */
MUST_USE struct err db_look(struct db *db, db_action *action, void *context);

/* ---- News ---- */

/*
 * Wakes who waits for this channel, when the work in which it is called is kept. Only a wake-up: whoever waits reads
 * what there is, and may be woken for nothing. `channel`: a constant of lower case letters and "_".
 */
MUST_USE struct err db_notify(struct db *db, const char *channel);
/*
 * Until there may be news or the time is over; news == false: surely none. The first call on a db and channel, and the
 * first after a lost connection, return at once with true. SQLite looks at the whole database instead of the channel.
 */
MUST_USE struct err db_wait(struct db *db, const char *channel, int timeout_ms, bool *news);

/* ---- The schema ---- */

struct db_migration {
    const char *name; /* "0001-node" */
    const char *sql;  /* statements; @I64@ @BLOB@ @STRICT@ stand for what differs, lines after "-- sqlite:" or
                         "-- postgres:" until "-- both:" are for one engine only */
};

/*
 * Brings the database to the last of these, forward only, in one transaction. ERR_CONFLICT with a sentence if the
 * database is newer than the program or a migration was changed after it had been applied.
 */
MUST_USE struct err db_migrate(struct db *db, const struct db_migration *migrations, size_t count, struct arena *arena);

/* ---- Health, backup ---- */

/*
 * ERR_SYSTEM with the first thing that is wrong. `thorough` also holds every index against its table (SQLite; on
 * PostgreSQL where its extension amcheck is installed). `looked_at`: a sentence in the arena on what was looked at and
 * what could not be.
 */
MUST_USE struct err db_check(struct db *db, bool thorough, struct arena *arena, const char **looked_at);

/*
 * For who has just changed very much: the engine counts anew what its plans go by, from a bounded sample of each table.
 * PostgreSQL does so by itself, but only after a minute or more; SQLite never does. Not inside a transaction.
 */
MUST_USE struct err db_settle(struct db *db);

/* Pages or rows; total is 0 where it is not known. */
typedef void db_progress(void *context, uint64_t done, uint64_t total);
/*
 * A copy of one moment into a new file that only its owner may read, while others go on writing. It is on disk, whole,
 * under its name, or not at all; ERR_CONFLICT if there is such a file. Which format and why: doc/why/backup.md.
 */
MUST_USE struct err db_backup(
        struct db *db, const char *path, db_progress *progress, void *context, struct arena *arena);
/*
 * Makes a database from such a file, whole or not at all: `where` as in db_open, of the engine that made the backup;
 * ERR_CONFLICT if there is something already. The migrations are those of the program.
 */
MUST_USE struct err db_restore(const char *path, const char *where, const struct db_migration *migrations, size_t count,
        db_progress *progress, void *context, struct arena *arena);
