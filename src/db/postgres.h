/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the files of the PostgreSQL driver share: postgres.c (statements, transactions, news),
 * postgres_check.c (health) and postgres_backup.c (backup, restore).
 */
#include <libpq-fe.h>

#include "db/driver.h"

#define POSTGRES_STATEMENTS 1024 /* slots; a statement is a constant in the program, and there are a few hundred */
#define POSTGRES_CHANNELS 8      /* that one connection listens to */
#define TOKEN_BYTES 32           /* hexadecimal digits */
#define POSTGRES_NAME_MAX 200    /* bytes of the database's name in sentences */

struct postgres_statement {
    const char *sql; /* its address is the key */
    char name[24];
    size_t count; /* parameters */
    enum db_kind kinds[DB_VALUES_MAX];
    int bytes[DB_VALUES_MAX];
};

struct postgres {
    struct db db;
    PGconn *handle;
    const char *where;            /* with its password: for libpq only */
    char name[POSTGRES_NAME_MAX]; /* for sentences */
    PGresult *row;                /* of the list that is being read */
    bool fresh;                   /* that row was not shown yet */
    bool looking;                 /* the transaction only reads */
    struct err read;              /* how the list went */
    const char *channels[POSTGRES_CHANNELS];
    bool heard[POSTGRES_CHANNELS]; /* since this connection listens */
    unsigned prepared;
    bool tokens, settled; /* the table of tokens is there; the last lost COMMIT is clear */
    char token[TOKEN_BYTES + 1], token_before[TOKEN_BYTES + 1];
    struct postgres_statement statements[POSTGRES_STATEMENTS];
};

static inline struct postgres *postgres_of(const struct db *db)
{
    return (struct postgres *)(uintptr_t)db;
}

/* The error of a result, or of the connection where there is none; takes the result. */
struct err postgres_failed(struct postgres *postgres, PGresult *result);
/* OK for a command or rows; takes the result. */
struct err postgres_checked(struct postgres *postgres, PGresult *result);
/* Opens the connection anew. */
struct err postgres_connect(struct postgres *postgres);
struct err postgres_script(struct db *db, const char *sql);
/* One text of a statement, "" for NULL or no row. */
struct err postgres_ask(struct postgres *postgres, const char *sql, char *text, size_t size);

struct err postgres_check(struct db *db, bool thorough, struct arena *arena, const char **looked_at);
struct err postgres_backup(struct db *db, const char *path, const struct db_told *told);
struct err postgres_restore(struct db *db, const char *path, const struct db_schema *schema, const struct db_told *told,
        struct arena *arena);
