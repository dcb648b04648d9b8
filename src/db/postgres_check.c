/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The health of a PostgreSQL database, as far as a client can see it: every row is read, so that a damaged page shows
 * (surely only with page checksums), and every index held against its table where the extension amcheck is installed.
 * References need no look: the server lets none break.
 */
#include "db/postgres.h"

#include "base/arena.h"

/* One line of a list of tables or indexes; goes on until it fails. */
typedef struct err line_action(struct postgres *postgres, const char *line);

static struct err each_line(struct postgres *postgres, const char *sql, line_action *action, int *count)
{
    PGresult *result = PQexec(postgres->handle, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        return postgres_failed(postgres, result);
    struct err err = OK;
    *count = PQntuples(result);
    for (int i = 0; i < *count && err.kind == ERR_NONE; i++)
        err = action(postgres, PQgetvalue(result, i, 0));
    PQclear(result);
    return err;
}

/* COPY unpacks every value, also those that lie in other pages (TOAST); count(*) would not look at them. */
static struct err table_read(struct postgres *postgres, const char *table)
{
    char sql[256], *line;
    snprintf(sql, sizeof sql, "COPY %s TO STDOUT (FORMAT binary)", table);
    PGresult *result = PQexec(postgres->handle, sql);
    if (PQresultStatus(result) != PGRES_COPY_OUT)
        return postgres_failed(postgres, result);
    PQclear(result);
    while (PQgetCopyData(postgres->handle, &line, 0) > 0)
        PQfreemem(line);
    result = PQgetResult(postgres->handle);
    while (PQresultStatus(result) == PGRES_COMMAND_OK) {
        PQclear(result);
        result = PQgetResult(postgres->handle);
    }
    return result == NULL ? OK : postgres_failed(postgres, result);
}

static struct err index_check(struct postgres *postgres, const char *index)
{
    char sql[256];
    snprintf(sql, sizeof sql, "SELECT bt_index_check(%s, true)", index);
    return postgres_checked(postgres, PQexec(postgres->handle, sql));
}

struct checking {
    bool thorough;
    struct arena *arena;
    const char *looked_at;
};

static struct err indexes_check(struct postgres *postgres, const struct checking *checking, const char **said)
{
    static const char LIST[] =
            "SELECT CAST(c.oid AS TEXT) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN "
            "pg_am a ON a.oid = c.relam WHERE c.relnamespace = CAST(current_schema() AS regnamespace) "
            "AND a.amname = 'btree' AND i.indisvalid";
    char amcheck[16] = "0";
    int count = 0;
    TRY(postgres_ask(postgres, "SELECT count(*) FROM pg_extension WHERE extname = 'amcheck'", amcheck, sizeof amcheck));
    *said = *amcheck == '0' ? "no index (CREATE EXTENSION amcheck lets it)" : "no index";
    if (!checking->thorough || *amcheck == '0')
        return OK;
    TRY(each_line(postgres, LIST, index_check, &count));
    *said = arena_printf(checking->arena, "every entry of %d indexes", count);
    return OK;
}

static struct err check_look(struct db *db, void *context)
{
    static const char LIST[] = "SELECT quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = "
                               "CAST(current_schema() AS regnamespace)";
    static const char SHOWN[] =
            "SELECT concat_ws(', ', CASE current_setting('data_checksums') WHEN 'on' THEN 'page "
            "checksums are on' ELSE 'page checksums are off, so a flipped bit may not show' END, CASE "
            "current_setting('fsync') WHEN 'off' THEN 'fsync is off: a power cut may destroy it' END, "
            "CASE current_setting('full_page_writes') WHEN 'off' THEN 'full_page_writes is off: a "
            "power cut may destroy it' END)";
    struct postgres *postgres = postgres_of(db);
    struct checking *checking = context;
    const char *indexes = "";
    char settings[256] = "";
    int tables = 0;
    TRY(each_line(postgres, LIST, table_read, &tables));
    TRY(indexes_check(postgres, checking, &indexes));
    TRY(postgres_ask(postgres, SHOWN, settings, sizeof settings));
    checking->looked_at = arena_printf(checking->arena, "every row of %d tables, %s; %s", tables, indexes, settings);
    return OK;
}

struct err postgres_check(struct db *db, bool thorough, struct arena *arena, const char **looked_at)
{
    struct checking checking = {thorough, arena, NULL};
    TRY(db_look(db, check_look, &checking));
    *looked_at = checking.looked_at;
    return OK;
}
