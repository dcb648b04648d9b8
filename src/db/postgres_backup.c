/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Backup of a PostgreSQL database: the rows of all tables as COPY gives them in binary, in one transaction that sees
 * one moment. The file is records of one letter, four bytes of length (big-endian) and that many bytes, behind a first
 * line:
 *
 *     n  the number of migrations that had been applied, in decimal
 *     t  a table: its name, then its columns, with blanks between them
 *     d  some of its COPY data
 *     e  its end: how many rows it has, in decimal
 *     z  the end: the SHA-256 over everything before
 *
 * The digest is chained: each record's is that of the digest before it and the record. Restoring looks at the whole
 * chain before it touches the database, and runs in one transaction.
 */
#include <endian.h>
#include <errno.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "db/postgres.h"

#define RECORD_BYTES ((size_t)1 << 18)     /* of COPY data gathered into one record */
#define RECORD_MAX (((size_t)1 << 30) + 8) /* a row is at most a GiB for PostgreSQL */
#define TABLES_MAX 1000

/* A file of records, read or written. */
struct records {
    FILE *file;
    const char *path;
    struct postgres *postgres; /* keeps the sentences */
    struct buf record;         /* the digest before it, then letter, length and bytes */
    const struct db_told *told;
    uint64_t rows;
};

#define HEAD (sizeof(struct sha256) + 5)

static struct err broken(struct records *records, const char *what)
{
    return db_err(&records->postgres->db, ERR_INPUT, "%s is damaged: %s", records->path, what);
}

static struct err unwritten(struct records *records)
{
    return db_err(&records->postgres->db, ERR_SYSTEM, "%s: %s", records->path, strerror(errno));
}

static struct records records_make(struct postgres *postgres, const char *path, FILE *file, const struct db_told *told)
{
    struct records records = {file, path, postgres, buf_make(HEAD + RECORD_MAX), told, 0};
    if (buf_reserve(&records.record, HEAD)) {
        memset(records.record.ptr, 0, HEAD);
        records.record.len = HEAD;
    }
    return records;
}

static slice digest_of(const struct records *records)
{
    return (slice){records->record.ptr, sizeof(struct sha256)};
}

/* The record becomes the digest before the next. */
static void digest_next(struct records *records)
{
    struct sha256 digest = hash_sha256(buf_slice(&records->record));
    memcpy(records->record.ptr, digest.bytes, sizeof digest.bytes);
    records->record.len = HEAD;
}

/* ---- Writing ---- */

/* Writes what was gathered behind the head as one record. */
static struct err record_flush(struct records *records, char letter)
{
    struct buf *record = &records->record;
    uint32_t len = htobe32((uint32_t)(record->len - HEAD));
    TRY(buf_check(record));
    record->ptr[sizeof(struct sha256)] = letter;
    memcpy(record->ptr + sizeof(struct sha256) + 1, &len, 4);
    slice bytes = slice_from(buf_slice(record), sizeof(struct sha256));
    if (fwrite(bytes.ptr, 1, bytes.len, records->file) != bytes.len)
        return unwritten(records);
    digest_next(records);
    return OK;
}

static struct err record_write(struct records *records, char letter, slice bytes)
{
    buf_put(&records->record, bytes);
    return record_flush(records, letter);
}

/* Rows as they come, several in one record. */
static struct err rows_write(struct records *records)
{
    char *row = NULL;
    int len;
    struct err err = OK;
    while ((len = PQgetCopyData(records->postgres->handle, &row, 0)) > 0) {
        if (err.kind == ERR_NONE) {
            buf_put(&records->record, (slice){row, (size_t)len});
            if (records->record.len >= RECORD_BYTES)
                err = record_flush(records, 'd');
        }
        PQfreemem(row);
    }
    return err.kind != ERR_NONE || records->record.len == HEAD ? err : record_flush(records, 'd');
}

/* How COPY ended, with the number of its rows; reads all that is to come. */
static struct err copy_end(struct postgres *postgres, uint64_t *rows)
{
    struct err err = OK;
    PGresult *result;
    while ((result = PQgetResult(postgres->handle)) != NULL) {
        if (PQresultStatus(result) == PGRES_COMMAND_OK)
            (void)slice_u64(slice_of(PQcmdTuples(result)), UINT64_MAX, rows);
        err = err.kind != ERR_NONE ? err : postgres_checked(postgres, result);
        if (err.kind != ERR_NONE && PQstatus(postgres->handle) != CONNECTION_OK)
            break;
    }
    return err;
}

static void told_rows(struct records *records, uint64_t rows)
{
    records->rows += rows;
    if (records->told->progress != NULL)
        records->told->progress(records->told->context, records->rows, 0);
}

/* "name column column" becomes COPY "name" ("column", "column"), ending in `how`. */
static void copy_text(slice table, const char *how, struct buf *sql)
{
    slice rest = table, word = table;
    const char *comma = "";
    buf_reset(sql);
    (void)slice_next(&rest, ' ', &word);
    buf_printf(sql, "COPY \"%.*s\" (", (int)word.len, word.ptr);
    for (; rest.len > 0 && slice_next(&rest, ' ', &word); comma = ", ")
        buf_printf(sql, "%s\"%.*s\"", comma, (int)word.len, word.ptr);
    buf_printf(sql, ") %s", how);
    buf_byte(sql, '\0');
}

static struct err table_write(struct records *records, slice table)
{
    struct buf sql = buf_make(1 << 16);
    char count[24];
    uint64_t rows = 0;
    copy_text(table, "TO STDOUT (FORMAT binary)", &sql);
    PGresult *result = buf_check(&sql).kind == ERR_NONE ? PQexec(records->postgres->handle, sql.ptr) : NULL;
    buf_free(&sql);
    if (PQresultStatus(result) != PGRES_COPY_OUT)
        return postgres_failed(records->postgres, result);
    PQclear(result);
    struct err err = record_write(records, 't', table), wrote = rows_write(records);
    TRY(copy_end(records->postgres, &rows));
    TRY(err);
    TRY(wrote);
    snprintf(count, sizeof count, "%llu", (unsigned long long)rows);
    told_rows(records, rows);
    return record_write(records, 'e', slice_of(count));
}

/* Letters, digits and _ only: names go into SQL when the file is read again. */
static bool is_name(slice word)
{
    bool good = word.len > 0 && word.len < 64 && !byte_is_digit(word.ptr[0]);
    for (size_t i = 0; i < word.len; i++)
        good &= (word.ptr[i] >= 'a' && word.ptr[i] <= 'z') || word.ptr[i] == '_' || byte_is_digit(word.ptr[i]);
    return good;
}

static bool is_table(slice table)
{
    slice rest = table, word;
    size_t words = 0;
    for (; rest.len > 0 && slice_next(&rest, ' ', &word); words++)
        if (!is_name(word))
            return false;
    return words >= 2;
}

static struct err tables_write(struct records *records)
{
    static const char LIST[] =
            "SELECT c.relname || ' ' || string_agg(a.attname, ' ' ORDER BY a.attnum) FROM pg_class c JOIN pg_attribute "
            "a "
            "ON a.attrelid = c.oid WHERE c.relkind = 'r' AND c.relnamespace = CAST(current_schema() AS regnamespace) "
            "AND "
            "a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' GROUP BY c.relname ORDER BY c.relname";
    PGresult *result = PQexec(records->postgres->handle, LIST);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        return postgres_failed(records->postgres, result);
    struct err err = OK;
    for (int i = 0; i < PQntuples(result) && err.kind == ERR_NONE; i++) {
        slice table = slice_of(PQgetvalue(result, i, 0));
        err = is_table(table) ? table_write(records, table)
                              : db_err(&records->postgres->db, ERR_SYSTEM, "no backup can name this table: %.*s",
                                        (int)table.len, table.ptr);
    }
    PQclear(result);
    return err;
}

/* What rows alone do not carry; our schema has none of it. */
static struct err only_tables(struct postgres *postgres)
{
    static const char OTHERS[] =
            "SELECT count(*) FROM pg_class WHERE relkind IN ('S', 'p', 'm', 'f') AND relnamespace = "
            "CAST(current_schema() AS regnamespace)";
    char count[24];
    TRY(postgres_ask(postgres, OTHERS, count, sizeof count));
    return strcmp(count, "0") == 0
                   ? OK
                   : db_err(&postgres->db, ERR_SYSTEM,
                             "%s has %s sequences, partitioned or foreign tables, which a backup cannot "
                             "hold",
                             postgres->name, count);
}

struct backing {
    const char *path;
    const struct db_told *told;
};

static struct err backup_write(struct records *records)
{
    char applied[24];
    if (fputs(BACKUP_TABLES, records->file) < 0)
        return unwritten(records);
    TRY(only_tables(records->postgres));
    TRY(postgres_ask(records->postgres, "SELECT count(*) FROM migration", applied, sizeof applied));
    TRY(record_write(records, 'n', slice_of(applied)));
    TRY(tables_write(records));
    struct sha256 digest;
    memcpy(digest.bytes, digest_of(records).ptr, sizeof digest.bytes);
    TRY(record_write(records, 'z', (slice){(const char *)digest.bytes, sizeof digest.bytes}));
    return fflush(records->file) == 0 ? OK : unwritten(records);
}

static struct err backup_look(struct db *db, void *context)
{
    const struct backing *backing = context;
    FILE *file = fopen(backing->path, "wbe");
    struct records records = records_make(postgres_of(db), backing->path, file, backing->told);
    struct err err = file == NULL ? unwritten(&records) : backup_write(&records);
    if (file != NULL && fclose(file) != 0 && err.kind == ERR_NONE)
        err = unwritten(&records);
    buf_free(&records.record);
    return err;
}

struct err postgres_backup(struct db *db, const char *path, const struct db_told *told)
{
    return db_look(db, backup_look, &(struct backing){path, told});
}

/* ---- Reading ---- */

/* The next record: its letter, and its bytes until the one after. */
static struct err record_read(struct records *records, char *letter, slice *bytes)
{
    char head[5];
    uint32_t len;
    struct buf *record = &records->record;
    if (record->len > HEAD)
        digest_next(records);
    if (fread(head, 1, sizeof head, records->file) != sizeof head)
        return broken(records, "it ends before its end");
    memcpy(&len, head + 1, 4);
    len = be32toh(len);
    if (len == 0 || len > RECORD_MAX - 8 || !buf_reserve(record, len))
        return broken(records, "a record of no possible length");
    memcpy(record->ptr + sizeof(struct sha256), head, sizeof head);
    if (fread(record->ptr + HEAD, 1, len, records->file) != len)
        return broken(records, "it ends inside a record");
    record->len = HEAD + len;
    *letter = head[0];
    *bytes = (slice){record->ptr + HEAD, len};
    return OK;
}

static struct err record_expect(struct records *records, char wanted, slice *bytes)
{
    char letter = 0;
    TRY(record_read(records, &letter, bytes));
    return letter == wanted ? OK : broken(records, "its records are out of order");
}

static struct err records_rewind(struct records *records)
{
    char magic[sizeof BACKUP_TABLES];
    memset(records->record.ptr, 0, HEAD);
    records->record.len = HEAD;
    rewind(records->file);
    size_t got = fread(magic, 1, sizeof magic - 1, records->file);
    return slice_eq((slice){magic, got}, slice_of(BACKUP_TABLES)) ? OK : broken(records, "its first line");
}

/* The whole chain, before anything is done. */
static struct err chain_check(struct records *records)
{
    char letter = 0;
    slice bytes = {0};
    TRY(records_rewind(records));
    while (letter != 'z')
        TRY(record_read(records, &letter, &bytes));
    if (!slice_eq(bytes, digest_of(records)))
        return broken(records, "its digest is another");
    return fgetc(records->file) == EOF ? OK : broken(records, "something follows its end");
}

/* ---- Restoring ---- */

static struct err script_each(struct postgres *postgres, const char *list)
{
    PGresult *result = PQexec(postgres->handle, list);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        return postgres_failed(postgres, result);
    struct err err = OK;
    for (int i = 0; i < PQntuples(result) && err.kind == ERR_NONE; i++)
        err = postgres_script(&postgres->db, PQgetvalue(result, i, 0));
    PQclear(result);
    return err;
}

/*
 * References are taken away and made again behind the rows: then the order of the tables is no matter, and PostgreSQL
 * looks at every one of them.
 */
static struct err references_drop(struct postgres *postgres)
{
    static const char KEEP[] =
            "CREATE TEMPORARY TABLE kentongan_restore ON COMMIT DROP AS SELECT CAST(CAST(conrelid AS regclass) AS "
            "TEXT) AS "
            "owner, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS def FROM pg_constraint WHERE contype = "
            "'f' AND connamespace = CAST(current_schema() AS regnamespace)";
    TRY(postgres_script(&postgres->db, KEEP));
    return script_each(
            postgres, "SELECT 'ALTER TABLE ' || owner || ' DROP CONSTRAINT ' || name FROM kentongan_restore");
}

static struct err references_make(struct postgres *postgres)
{
    return script_each(postgres,
            "SELECT 'ALTER TABLE ' || owner || ' ADD CONSTRAINT ' || name || ' ' || def FROM kentongan_restore");
}

/* What the migrations put into their tables is in the backup too. */
static struct err tables_empty(struct postgres *postgres)
{
    return script_each(postgres, "SELECT 'DELETE FROM ' || quote_ident(relname) FROM pg_class WHERE relkind = 'r' AND "
                                 "relnamespace = CAST(current_schema() AS regnamespace)");
}

/* COPY's data until the end of the table, which tells how many rows there are to be. */
static struct err rows_read(struct records *records, slice *count)
{
    char letter = 'd';
    slice bytes = {0};
    PGconn *handle = records->postgres->handle;
    struct err err = OK;
    while (err.kind == ERR_NONE && letter == 'd') {
        err = record_read(records, &letter, &bytes);
        if (err.kind == ERR_NONE && letter == 'd' && PQputCopyData(handle, bytes.ptr, (int)bytes.len) != 1)
            err = postgres_failed(records->postgres, NULL);
    }
    if (err.kind == ERR_NONE && letter != 'e')
        err = broken(records, "a table without an end");
    *count = bytes;
    return err;
}

static struct err table_read(struct records *records, slice table)
{
    struct buf sql = buf_make(1 << 16);
    uint64_t rows = 0, wanted = 0;
    slice count = {0};
    if (!is_table(table))
        return broken(records, "the name of a table");
    copy_text(table, "FROM STDIN (FORMAT binary)", &sql);
    PGresult *result = buf_check(&sql).kind == ERR_NONE ? PQexec(records->postgres->handle, sql.ptr) : NULL;
    buf_free(&sql);
    if (PQresultStatus(result) != PGRES_COPY_IN)
        return postgres_failed(records->postgres, result);
    PQclear(result);
    struct err err = rows_read(records, &count);
    PQputCopyEnd(records->postgres->handle, err.kind == ERR_NONE ? NULL : "the backup is damaged");
    struct err ended = copy_end(records->postgres, &rows);
    TRY(err);
    TRY(ended);
    if (!slice_u64(count, UINT64_MAX, &wanted) || rows != wanted)
        return broken(records, "a table has another number of rows than it says");
    told_rows(records, rows);
    return OK;
}

static struct err tables_read(struct records *records)
{
    for (size_t tables = 0; tables < TABLES_MAX; tables++) {
        char letter = 0;
        slice bytes;
        TRY(record_read(records, &letter, &bytes));
        if (letter == 'z')
            return OK;
        if (letter != 't')
            return broken(records, "its records are out of order");
        TRY(table_read(records, bytes));
    }
    return broken(records, "too many tables");
}

static struct err is_empty(struct postgres *postgres)
{
    static const char TABLES[] = "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'S') AND "
                                 "relnamespace = CAST(current_schema() AS regnamespace)";
    char count[24];
    TRY(postgres_ask(postgres, TABLES, count, sizeof count));
    return strcmp(count, "0") == 0 ? OK
                                   : db_err(&postgres->db, ERR_CONFLICT, "%s is not empty: restore into a new database",
                                             postgres->name);
}

struct restoring {
    struct records *records;
    const struct db_schema *schema;
    struct arena *arena;
};

static struct err restore_work(struct db *db, void *context)
{
    const struct restoring *restoring = context;
    struct postgres *postgres = postgres_of(db);
    slice bytes = {0};
    uint64_t applied = 0;
    TRY(is_empty(postgres));
    TRY(records_rewind(restoring->records));
    TRY(record_expect(restoring->records, 'n', &bytes));
    if (!slice_u64(bytes, restoring->schema->count, &applied))
        return db_err(
                db, ERR_CONFLICT, "%s is newer than this program: run a newer kentongan", restoring->records->path);
    TRY(db_migrate_inside(db, restoring->schema->migrations, (size_t)applied, restoring->arena));
    TRY(references_drop(postgres));
    TRY(tables_empty(postgres));
    TRY(tables_read(restoring->records));
    TRY(references_make(postgres));
    return db_migrate_inside(db, restoring->schema->migrations, restoring->schema->count, restoring->arena);
}

struct err postgres_restore(struct db *db, const char *path, const struct db_schema *schema, const struct db_told *told,
        struct arena *arena)
{
    FILE *file = fopen(path, "rbe");
    struct records records = records_make(postgres_of(db), path, file, told);
    struct err err = file == NULL ? err_errno(arena, path) : chain_check(&records);
    if (err.kind == ERR_NONE)
        err = db_work(db, restore_work, &(struct restoring){&records, schema, arena});
    buf_free(&records.record);
    if (file != NULL)
        fclose(file);
    return err;
}
