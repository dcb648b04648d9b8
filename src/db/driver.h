/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What an engine has to do for db.h; sqlite.c and postgres.c each end in a row of this kind. A driver puts `struct db`
 * first into a struct of its own, and its rows are that struct: a connection reads one list at a time.
 */
#include "db/db.h"

#define DB_VALUES_MAX 32 /* parameters of a statement */
#define DB_WHY_MAX 512   /* bytes of a reason; valid until the next error on its db */

struct db_driver {
    enum db_engine engine;
    const char *begin, *begin_look;
    struct err (*open)(const struct db_options *options, struct arena *arena, struct db **db);
    void (*close)(struct db *db);
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
    /* Ends whatever transaction there is; after an error it may be gone already. */
    void (*rollback)(struct db *db);
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
    char why[DB_WHY_MAX];
};

extern const struct db_driver db_sqlite, db_postgres;

/* An error of this connection, its sentence kept in db->why. */
struct err db_err(struct db *db, enum err_kind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));
