/* SPDX-License-Identifier: Apache-2.0 */
#include "db/driver.h"

#include "base/arena.h"
#include "base/clock.h"
#include "base/hash.h"

#define SCRIPT_MAX (1u << 20) /* bytes of one migration */

static const struct {
    const char *mark, *sqlite, *postgres;
} placeholders[] = {
        {"@I64@", "INTEGER", "BIGINT"},
        {"@BLOB@", "BLOB", "BYTEA"},
        {"@STRICT@", "STRICT", ""},
};

static const char TABLE[] =
        "CREATE TABLE IF NOT EXISTS migration (number @I64@ PRIMARY KEY, name TEXT NOT NULL, digest @BLOB@ NOT NULL, "
        "applied_us @I64@ NOT NULL) @STRICT@;\n"
        "-- postgres:\n" /* what postgres.c knows its transactions by */
        "CREATE TABLE IF NOT EXISTS kept_work (token TEXT PRIMARY KEY, kept_us BIGINT NOT NULL)";
/* Two programs may start at once; SQLite lets one write anyway. */
static const char LOCK[] = "-- postgres:\nLOCK TABLE migration IN EXCLUSIVE MODE;";

/* ---- The dialect ---- */

static bool placeholder(slice text, enum db_engine engine, struct buf *out, size_t *len)
{
    for (size_t i = 0; i < COUNT_OF(placeholders); i++)
        if (slice_starts(text, slice_of(placeholders[i].mark))) {
            buf_put(out, slice_of(engine == DB_SQLITE ? placeholders[i].sqlite : placeholders[i].postgres));
            *len = strlen(placeholders[i].mark);
            return true;
        }
    return false;
}

static void line_write(slice line, enum db_engine engine, struct buf *out)
{
    for (size_t at = 0, len = 1; at < line.len; at += len) {
        len = 1;
        if (line.ptr[at] != '@' || !placeholder(slice_from(line, at), engine, out, &len))
            buf_byte(out, line.ptr[at]);
    }
    buf_byte(out, '\n');
}

/* A migration as this engine reads it, ending in a NUL. */
static struct err translate(slice sql, enum db_engine engine, struct buf *out)
{
    slice rest = sql, line;
    bool ours = true;
    while (rest.len > 0 && slice_next(&rest, '\n', &line)) {
        slice word = slice_trim(line);
        if (slice_eq(word, S("-- both:")))
            ours = true;
        else if (slice_eq(word, S("-- sqlite:")))
            ours = engine == DB_SQLITE;
        else if (slice_eq(word, S("-- postgres:")))
            ours = engine == DB_POSTGRES;
        else if (ours)
            line_write(line, engine, out);
    }
    buf_byte(out, '\0');
    return buf_check(out);
}

static struct err script_run(struct db *db, const char *sql)
{
    struct buf script = buf_make(SCRIPT_MAX);
    struct err err = translate(slice_of(sql), db->driver->engine, &script);
    if (err.kind == ERR_NONE)
        err = db->driver->script(db, script.ptr);
    buf_free(&script);
    return err;
}

/* ---- Which were applied ---- */

struct migrating {
    const struct db_migration *migrations;
    size_t count;
    struct arena *arena;
};

/* Every row has to be one that we know, in our order and with our text. */
static struct err applied_check(struct db *db, const struct migrating *migrating, size_t *applied)
{
    static const char LIST[] = "SELECT name, digest FROM migration ORDER BY number";
    struct db_rows *rows;
    struct err err = OK;
    size_t at = 0;
    TRY(db_query(db, LIST, NULL, 0, &rows));
    for (; err.kind == ERR_NONE && db_next(rows); at++) {
        slice name = db_slice(rows, 0);
        if (at >= migrating->count) {
            err = err_format(migrating->arena, ERR_CONFLICT,
                    "the database is newer than this program (it has %.*s): run a newer kentongan", (int)name.len,
                    name.ptr);
            break;
        }
        const struct db_migration *ours = &migrating->migrations[at];
        struct sha256 digest = hash_sha256(slice_of(ours->sql));
        if (!slice_eq(name, slice_of(ours->name)) ||
                !slice_eq(db_slice(rows, 1), (slice){(const char *)digest.bytes, sizeof digest.bytes}))
            err = err_format(migrating->arena, ERR_CONFLICT,
                    "the database was made by another kind of kentongan: its migration %zu is %.*s with other content "
                    "than our %s",
                    at + 1, (int)name.len, name.ptr, ours->name);
    }
    struct err done = db_done(rows);
    *applied = at;
    return err.kind != ERR_NONE ? err : done;
}

static struct err apply(struct db *db, size_t number, const struct db_migration *migration)
{
    static const char ADD[] = "INSERT INTO migration (number, name, digest, applied_us) VALUES ($1, $2, $3, $4)";
    struct sha256 digest = hash_sha256(slice_of(migration->sql));
    TRY(script_run(db, migration->sql));
    const struct db_value row[] = {db_i64((int64_t)number), db_text(slice_of(migration->name)),
            db_bytes((slice){(const char *)digest.bytes, sizeof digest.bytes}), db_i64(clock_now_us())};
    return db_run(db, ADD, row, COUNT_OF(row), NULL);
}

static struct err migrate(struct db *db, void *context)
{
    const struct migrating *migrating = context;
    size_t applied = 0;
    TRY(script_run(db, LOCK));
    TRY(applied_check(db, migrating, &applied));
    for (size_t i = applied; i < migrating->count; i++)
        TRY(apply(db, i + 1, &migrating->migrations[i]));
    return OK;
}

static struct err table_make(struct db *db, void *context)
{
    (void)context;
    return script_run(db, TABLE);
}

struct err db_migrate_inside(struct db *db, const struct db_migration *migrations, size_t count, struct arena *arena)
{
    struct migrating migrating = {migrations, count, arena};
    TRY(table_make(db, NULL));
    return migrate(db, &migrating);
}

struct err db_migrate(struct db *db, const struct db_migration *migrations, size_t count, struct arena *arena)
{
    struct migrating migrating = {migrations, count, arena};
    /* PostgreSQL may refuse one of two that make the same table at the same moment. */
    if (db_work(db, table_make, NULL).kind != ERR_NONE)
        TRY(db_work(db, table_make, NULL));
    return db_work(db, migrate, &migrating);
}
