/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What an engine has to do for db.h; sqlite.c and postgres.c each end in a row of this kind. A driver puts `struct db`
 * first into a struct of its own, and its rows are that struct: a connection reads one list at a time.
 */
#include "db/db.h"

#define DB_VALUES_MAX 32 /* parameters of a statement */
#define DB_WHY_MAX 512   /* bytes of a reason; valid until the next error but one on its db */

struct db_told {
    db_progress *progress; /* or NULL */
    void *context;
};

struct db_schema {
    const struct db_migration *migrations;
    size_t count;
};

/* The first line of a backup of PostgreSQL; one of SQLite begins as its files do. */
#define BACKUP_TABLES "kentongan tables 1\n"

struct db_driver {
    enum db_engine engine;
    const char *begin, *begin_look;
    const char *settle; /* a script for db_settle, inside a transaction */
    struct err (*open)(const struct db_options *options, struct arena *arena, struct db **db);
    void (*close)(struct db *db);
    /* Begins a transaction with one of the two texts above; opens a lost connection again. */
    struct err (*begin_work)(struct db *db, const char *sql);
    /* Several statements without parameters. */
    struct err (*script)(struct db *db, const char *sql);
    struct err (*run)(struct db *db, const char *sql, const struct db_value *values, size_t count, uint64_t *changed);
    struct err (*run_many)(struct db *db, const char *sql, const struct db_value *values, size_t width,
            size_t row_count, uint64_t *changed);
    struct err (*query)(struct db *db, const char *sql, const struct db_value *values, size_t count);
    bool (*next)(struct db *db);
    struct err (*done)(struct db *db);
    bool (*is_null)(const struct db *db, size_t column);
    int64_t (*number)(const struct db *db, size_t column);
    slice (*slice)(const struct db *db, size_t column);
    /* OK only when what the transaction did is kept; with db->again when it is sure that it was not. */
    struct err (*commit)(struct db *db);
    /* Ends whatever transaction there is; after an error it may be gone already. */
    void (*rollback)(struct db *db);
    /* Whether the transaction that was begun is still there. */
    bool (*in_work)(const struct db *db);
    struct err (*notify)(struct db *db, const char *channel);
    struct err (*wait)(struct db *db, const char *channel, int timeout_ms, bool *news);
    struct err (*check)(struct db *db, bool thorough, struct arena *arena, const char **looked_at);
    /* Into an empty file that is there. */
    struct err (*backup)(struct db *db, const char *path, const struct db_told *told);
};

struct db_rows {
    struct db *db;
};

struct db {
    const struct db_driver *driver;
    struct db_rows rows;
    bool reading; /* between db_query and db_done */
    bool working; /* inside db_work or db_look */
    bool again;   /* the last error asks for the whole transaction once more */
    bool gone;    /* that error was a lost connection: worth waiting longer for */
    bool spoiled; /* a statement of this transaction failed, by spoil; nothing more of it will be done */
    struct err spoil;
    char spoil_why[DB_WHY_MAX];
    char why[2][DB_WHY_MAX]; /* in turns, so that what is said while cleaning up leaves the reason alone */
    unsigned turn;
};

extern const struct db_driver db_sqlite, db_postgres;

/* An error of this connection, its sentence kept in db->why. */
struct err db_err(struct db *db, enum err_kind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Whether this names a PostgreSQL database, rather than a file. */
bool db_is_url(const char *where);
/* db_migrate as a part of the transaction that there is. */
MUST_USE struct err db_migrate_inside(
        struct db *db, const struct db_migration *migrations, size_t count, struct arena *arena);
