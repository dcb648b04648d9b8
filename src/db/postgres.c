/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PostgreSQL: one connection, statements prepared once on the server, values and rows in binary. A connection that was
 * lost is opened again when the next transaction begins.
 *
 * Each transaction leaves a token of its own in the table kept_work. When a COMMIT gets no answer the token is put
 * there from a new connection, as void: either it is there already, then the work was kept; or it is not, then the work
 * can never be kept any more, since its token is taken, and may run again. (PostgreSQL can be asked for a transaction
 * by its number, pg_xact_status; but after a crash it gives the numbers that had not reached the disk to others.)
 */
#include "db/postgres.h"

#include <assert.h>
#include <endian.h>
#include <poll.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/hash.h"

#define VERSION_LEAST 120000 /* generated columns, which a backup leaves out */
#define PIPELINE_ROWS 256    /* statements sent before their answers are read: these fit into the socket's buffer */
#define OUTCOME_MS 30000     /* how long a COMMIT without an answer may still be under way */
#define OUTCOME_PAUSE_MS 50
#define NOW_US "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)" /* one clock for all programs */

/* Types by their numbers (pg_type.dat): the few that statements of ours may take and give. */
enum {
    TYPE_BOOL = 16,
    TYPE_BYTEA = 17,
    TYPE_NAME = 19,
    TYPE_INT8 = 20,
    TYPE_INT2 = 21,
    TYPE_INT4 = 23,
    TYPE_TEXT = 25
};
enum { TYPE_VARCHAR = 1043 };

static const struct {
    Oid type;
    enum db_kind kind;
    int bytes; /* of a number */
} types[] = {
        {TYPE_INT8, DB_I64, 8},
        {TYPE_INT4, DB_I64, 4},
        {TYPE_INT2, DB_I64, 2},
        {TYPE_BOOL, DB_I64, 1},
        {TYPE_TEXT, DB_TEXT, 0},
        {TYPE_VARCHAR, DB_TEXT, 0},
        {TYPE_NAME, DB_TEXT, 0},
        {TYPE_BYTEA, DB_BYTES, 0},
};

/* The values of one statement as libpq takes them. */
struct parameters {
    const char *ptr[DB_VALUES_MAX];
    int len[DB_VALUES_MAX], format[DB_VALUES_MAX];
    uint64_t number[DB_VALUES_MAX];
};

/* ---- Errors ---- */

/* By the beginning of SQLSTATE (PostgreSQL manual, appendix A). `again`: the same transaction may succeed. */
static const struct {
    const char *state;
    enum err_kind kind;
    bool again;
    const char *what;
} failures[] = {
        {"22", ERR_INPUT, false, NULL},
        {"23", ERR_CONFLICT, false, NULL},
        {"40001", ERR_REMOTE, true, "others changed the same rows"},
        {"40P01", ERR_REMOTE, true, "two transactions waited for each other"},
        {"08", ERR_REMOTE, true, "the connection was lost"},
        {"57P", ERR_REMOTE, true, "the server stops or starts"},
        {"53100", ERR_REMOTE, false, "the server's disk is full"},
        {"53300", ERR_REMOTE, true, "the server has no connection left"},
        {"53", ERR_REMOTE, false, "the server is out of something it needs"},
        {"28", ERR_REMOTE, false, "the server does not let us in"},
        {"3D", ERR_MISSING, false, "there is no such database"},
        {"42501", ERR_REMOTE, false, "our user may not do this"},
        {"XX001", ERR_SYSTEM, false, "the server's data is damaged: restore a backup (kentongan-restore(1))"},
        {"XX002", ERR_SYSTEM, false, "an index of the server is damaged: REINDEX it"},
};

/* What libpq said, without line ends; nothing if the password is in it. */
static void said_write(const struct postgres *postgres, const char *said, struct buf *out)
{
    const char *password = postgres->handle == NULL ? NULL : PQpass(postgres->handle);
    if (password != NULL && *password != '\0' && strstr(said, password) != NULL)
        return;
    slice text = slice_trim(slice_of(said));
    for (size_t i = 0; i < text.len; i++)
        buf_byte(out, (unsigned char)text.ptr[i] < ' ' ? ' ' : text.ptr[i]);
}

static struct err failed_with(struct postgres *postgres, const char *state, const char *said)
{
    enum err_kind kind = *state == '\0' ? ERR_REMOTE : ERR_SYSTEM;
    const char *what = *state == '\0' ? "the connection failed" : NULL;
    bool again = *state == '\0';
    for (size_t i = 0; i < COUNT_OF(failures); i++)
        if (slice_starts(slice_of(state), slice_of(failures[i].state))) {
            kind = failures[i].kind;
            what = failures[i].what;
            again = failures[i].again;
            break;
        }
    struct buf text = buf_make(DB_WHY_MAX);
    said_write(postgres, said, &text);
    postgres->db.again |= again;
    postgres->db.gone |= again && *state != '4';
    struct err err = what == NULL ? db_err(&postgres->db, kind, "%s: %.*s", postgres->name, (int)text.len, text.ptr)
                                  : db_err(&postgres->db, kind, "%s: %s (%.*s)", postgres->name, what, (int)text.len,
                                            text.len == 0 ? "" : text.ptr);
    buf_free(&text);
    return err;
}

struct err postgres_failed(struct postgres *postgres, PGresult *result)
{
    const char *state = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *said = result == NULL ? NULL : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (PQstatus(postgres->handle) != CONNECTION_OK && (state == NULL || strncmp(state, "57P", 3) != 0))
        state = "";
    struct err err =
            failed_with(postgres, state == NULL ? "" : state, said == NULL ? PQerrorMessage(postgres->handle) : said);
    PQclear(result);
    return err;
}

struct err postgres_checked(struct postgres *postgres, PGresult *result)
{
    ExecStatusType status = PQresultStatus(result); /* of NULL: a fatal error */
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        return postgres_failed(postgres, result);
    PQclear(result);
    return OK;
}

/* ---- Connecting ---- */

/*
 * Times are UTC and texts are compared as bytes whatever the server's defaults are; a default of the server that lets a
 * COMMIT return before it is on disk is not for us.
 */
static const char SETTINGS[] = "SET TIME ZONE 'UTC';"
                               "SET standard_conforming_strings = on;"
                               "SET client_min_messages = warning;"
                               "SELECT set_config('synchronous_commit', 'on', false) WHERE "
                               "current_setting('synchronous_commit') = 'off'";

static void quiet(void *context, const PGresult *result)
{
    (void)context;
    (void)result;
}

/* HOST:PORT/DATABASE of the connection, or what the options say before there is one. */
static void name_from(struct postgres *postgres, const PQconninfoOption *options)
{
    const char *host = "", *database = "";
    for (const PQconninfoOption *option = options; option->keyword != NULL; option++) {
        if (strcmp(option->keyword, "host") == 0 && option->val != NULL)
            host = option->val;
        if (strcmp(option->keyword, "dbname") == 0 && option->val != NULL)
            database = option->val;
    }
    snprintf(postgres->name, sizeof postgres->name, "PostgreSQL %s/%s", host, database);
}

/* libpq's own sentence about a bad URL quotes from it, perhaps the password: ours does not. */
static struct err url_check(struct postgres *postgres)
{
    char *said = NULL;
    PQconninfoOption *options = PQconninfoParse(postgres->where, &said);
    PQfreemem(said);
    snprintf(postgres->name, sizeof postgres->name, "PostgreSQL");
    if (options == NULL)
        return db_err(&postgres->db, ERR_INPUT,
                "the URL of the database cannot be read: write postgresql://USER:PASSWORD@HOST/DATABASE, and special "
                "characters in it as %%XX");
    name_from(postgres, options);
    PQconninfoFree(options);
    return OK;
}

static struct err server_check(struct postgres *postgres)
{
    int version = PQserverVersion(postgres->handle);
    if (version < VERSION_LEAST)
        return db_err(&postgres->db, ERR_SYSTEM, "%s: it is PostgreSQL %d, it has to be %d or later", postgres->name,
                version / 10000, VERSION_LEAST / 10000);
    const char *encoding = PQparameterStatus(postgres->handle, "server_encoding");
    if (encoding != NULL && strcmp(encoding, "UTF8") == 0)
        return OK;
    return db_err(&postgres->db, ERR_SYSTEM,
            "%s: its encoding is %s, it has to be UTF8: make another with CREATE DATABASE name TEMPLATE template0 "
            "ENCODING 'UTF8' LOCALE 'C.UTF-8'",
            postgres->name, encoding == NULL ? "unknown" : encoding);
}

struct err postgres_connect(struct postgres *postgres)
{
    /* What stands before dbname is a default that the URL may change; what stands behind it may not be changed. */
    static const char *const keys[] = {"connect_timeout", "tcp_user_timeout", "keepalives_idle", "target_session_attrs",
            "fallback_application_name", "dbname", "client_encoding", NULL};
    const char *values[] = {"10", "30000", "30", "read-write", "kentongan", postgres->where, "UTF8", NULL};
    PQfinish(postgres->handle);
    memset(postgres->statements, 0, sizeof postgres->statements);
    memset(postgres->heard, 0, sizeof postgres->heard);
    postgres->handle = PQconnectdbParams(keys, values, 1);
    if (PQstatus(postgres->handle) != CONNECTION_OK)
        return postgres_failed(postgres, NULL);
    PQsetNoticeReceiver(postgres->handle, quiet, NULL);
    TRY(server_check(postgres));
    return postgres_checked(postgres, PQexec(postgres->handle, SETTINGS));
}

static bool is_open(const struct postgres *postgres)
{
    return PQstatus(postgres->handle) == CONNECTION_OK;
}

static void postgres_close(struct db *db)
{
    struct postgres *postgres = postgres_of(db);
    PQclear(postgres->row);
    PQfinish(postgres->handle);
    free(postgres);
}

static struct err postgres_open(const struct db_options *options, struct arena *arena, struct db **db)
{
    struct postgres *postgres = calloc(1, sizeof *postgres);
    if (postgres == NULL)
        abort();
    postgres->db.driver = &db_postgres;
    postgres->where = arena_cstr(arena, slice_of(options->where));
    struct err err = url_check(postgres);
    if (err.kind == ERR_NONE)
        err = postgres_connect(postgres);
    if (err.kind == ERR_NONE) {
        *db = &postgres->db;
        return OK;
    }
    err.why = arena_cstr(arena, slice_of(err.why));
    postgres_close(&postgres->db);
    return err;
}

/* ---- Statements ---- */

static bool type_find(Oid type, enum db_kind *kind, int *bytes)
{
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (types[i].type == type) {
            *kind = types[i].kind;
            *bytes = types[i].bytes;
            return true;
        }
    return false;
}

/* What the server takes the parameters and columns for; anything but our few types is a mistake in the statement. */
static struct err described(struct postgres *postgres, const PGresult *result, struct postgres_statement *statement)
{
    enum db_kind kind;
    int bytes;
    statement->count = (size_t)PQnparams(result);
    if (statement->count > DB_VALUES_MAX)
        return db_err(&postgres->db, ERR_SYSTEM, "more than %d parameters: %.80s", DB_VALUES_MAX, statement->sql);
    for (size_t i = 0; i < statement->count; i++)
        if (!type_find(PQparamtype(result, (int)i), &statement->kinds[i], &statement->bytes[i]))
            return db_err(&postgres->db, ERR_SYSTEM, "parameter $%zu wants a CAST to TEXT or BIGINT: %.80s", i + 1,
                    statement->sql);
    for (int i = 0; i < PQnfields(result); i++)
        if (!type_find(PQftype(result, i), &kind, &bytes))
            return db_err(&postgres->db, ERR_SYSTEM, "column %d wants a CAST to TEXT or BIGINT: %.80s", i + 1,
                    statement->sql);
    return OK;
}

static struct err prepare(struct postgres *postgres, const char *sql, struct postgres_statement *slot)
{
    struct postgres_statement statement = {.sql = sql};
    /* Never the same name twice: one that was refused below stays on the server. */
    snprintf(statement.name, sizeof statement.name, "s%u", postgres->prepared++);
    TRY(postgres_checked(postgres, PQprepare(postgres->handle, statement.name, sql, 0, NULL)));
    PGresult *result = PQdescribePrepared(postgres->handle, statement.name);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        return postgres_failed(postgres, result);
    struct err err = described(postgres, result, &statement);
    PQclear(result);
    if (err.kind == ERR_NONE)
        *slot = statement;
    return err;
}

static struct err statement_get(struct postgres *postgres, const char *sql, struct postgres_statement **statement)
{
    size_t at = ((uintptr_t)sql >> 3) * 0x9e3779b97f4a7c15u >> 54;
    for (size_t i = 0; i < POSTGRES_STATEMENTS; i++, at = (at + 1) % POSTGRES_STATEMENTS) {
        struct postgres_statement *slot = &postgres->statements[at];
        if (slot->sql == NULL)
            TRY(prepare(postgres, sql, slot));
        if (slot->sql == sql) {
            *statement = slot;
            return OK;
        }
    }
    return db_err(
            &postgres->db, ERR_LIMIT, "%s: more than %d different statements", postgres->name, POSTGRES_STATEMENTS);
}

static bool fits(int64_t number, int bytes)
{
    return bytes == 8 || (bytes == 4 && number == (int32_t)number) || (bytes == 2 && number == (int16_t)number) ||
           (bytes == 1 && (number == 0 || number == 1));
}

static struct err value_bind(struct postgres *postgres, const struct postgres_statement *statement, size_t i,
        const struct db_value *value, struct parameters *to)
{
    int bytes = statement->bytes[i];
    to->format[i] = 1;
    if (value->kind == DB_NULL)
        return OK;
    if (value->kind != statement->kinds[i] || (value->kind == DB_I64 && !fits(value->number, bytes)))
        return db_err(&postgres->db, ERR_SYSTEM, "parameter $%zu is of another type or too large: %.80s", i + 1,
                statement->sql);
    if (value->bytes.len > INT32_MAX)
        return db_err(&postgres->db, ERR_LIMIT, "%s: a value of more than 2 GiB", postgres->name);
    to->number[i] = htobe64((uint64_t)value->number << (64 - 8 * (bytes == 0 ? 8 : bytes)));
    to->ptr[i] = value->kind == DB_I64 ? (const char *)&to->number[i] : value->bytes.len == 0 ? "" : value->bytes.ptr;
    to->len[i] = value->kind == DB_I64 ? bytes : (int)value->bytes.len;
    return OK;
}

static struct err bind(struct postgres *postgres, const struct postgres_statement *statement,
        const struct db_value *values, size_t count, struct parameters *to)
{
    memset(to->ptr, 0, sizeof to->ptr);
    if (count != statement->count)
        return db_err(&postgres->db, ERR_SYSTEM, "%zu values for a statement of %zu: %.80s", count, statement->count,
                statement->sql);
    for (size_t i = 0; i < count; i++)
        TRY(value_bind(postgres, statement, i, &values[i], to));
    return OK;
}

/* How many rows a command touched; takes the result. */
static struct err counted(struct postgres *postgres, PGresult *result, const char *sql, uint64_t *changed)
{
    if (PQresultStatus(result) == PGRES_TUPLES_OK) {
        PQclear(result);
        return db_err(&postgres->db, ERR_SYSTEM, "this one gives rows: %.80s", sql);
    }
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        return postgres_failed(postgres, result);
    uint64_t touched = 0;
    (void)slice_u64(slice_of(PQcmdTuples(result)), UINT64_MAX, &touched); /* "" where nothing is counted */
    if (changed != NULL)
        *changed = touched;
    PQclear(result);
    return OK;
}

static struct err postgres_run(
        struct db *db, const char *sql, const struct db_value *values, size_t count, uint64_t *changed)
{
    struct postgres *postgres = postgres_of(db);
    struct postgres_statement *statement;
    struct parameters to;
    TRY(statement_get(postgres, sql, &statement));
    TRY(bind(postgres, statement, values, count, &to));
    return counted(postgres,
            PQexecPrepared(postgres->handle, statement->name, (int)count, to.ptr, to.len, to.format, 1), sql, changed);
}

/* ---- Many rows: sent without waiting for each answer ---- */

static struct err rows_send(struct postgres *postgres, const struct postgres_statement *statement,
        const struct db_value *values, size_t width, size_t row_count)
{
    struct parameters to;
    for (size_t i = 0; i < row_count; i++) {
        TRY(bind(postgres, statement, values + i * width, width, &to));
        if (PQsendQueryPrepared(postgres->handle, statement->name, (int)width, to.ptr, to.len, to.format, 1) == 0)
            return postgres_failed(postgres, NULL);
    }
    return OK;
}

/* One answer and the NULL behind it for each that was sent, then the sync's. The first failure is the reason. */
static struct err answers_read(struct postgres *postgres, const char *sql, uint64_t *changed)
{
    struct err err = OK;
    for (size_t i = 0;;) {
        PGresult *result = PQgetResult(postgres->handle);
        ExecStatusType status = PQresultStatus(result);
        if (result == NULL && is_open(postgres))
            continue; /* between two answers */
        if (result == NULL)
            return err.kind == ERR_NONE ? postgres_failed(postgres, NULL) : err;
        if (status == PGRES_PIPELINE_SYNC || status == PGRES_PIPELINE_ABORTED || err.kind != ERR_NONE)
            PQclear(result);
        else
            err = counted(postgres, result, sql, changed == NULL ? NULL : &changed[i++]);
        if (status == PGRES_PIPELINE_SYNC)
            return err;
    }
}

static struct err rows_run(struct postgres *postgres, const struct postgres_statement *statement,
        const struct db_value *values, size_t width, size_t row_count, uint64_t *changed)
{
    struct err sent = rows_send(postgres, statement, values, width, row_count);
    if (!is_open(postgres))
        return sent.kind == ERR_NONE ? postgres_failed(postgres, NULL) : sent;
    if (PQpipelineSync(postgres->handle) == 0)
        return postgres_failed(postgres, NULL);
    struct err err = answers_read(postgres, statement->sql, changed);
    return sent.kind == ERR_NONE ? err : sent;
}

static struct err postgres_run_many(struct db *db, const char *sql, const struct db_value *values, size_t width,
        size_t row_count, uint64_t *changed)
{
    struct postgres *postgres = postgres_of(db);
    struct postgres_statement *statement;
    struct err err = OK;
    TRY(statement_get(postgres, sql, &statement));
    if (PQenterPipelineMode(postgres->handle) == 0)
        return postgres_failed(postgres, NULL);
    for (size_t at = 0; at < row_count && err.kind == ERR_NONE; at += PIPELINE_ROWS) {
        size_t rows = row_count - at < PIPELINE_ROWS ? row_count - at : PIPELINE_ROWS;
        err = rows_run(postgres, statement, values + at * width, width, rows, changed == NULL ? NULL : changed + at);
    }
    (void)PQexitPipelineMode(postgres->handle); /* fails only on a lost connection */
    return err;
}

/* ---- Rows ---- */

/* The next result of the list into ->row; at its end, or when it failed, none. */
static void row_get(struct postgres *postgres)
{
    PQclear(postgres->row);
    postgres->row = PQgetResult(postgres->handle);
    if (PQresultStatus(postgres->row) == PGRES_SINGLE_TUPLE)
        return;
    PGresult *last = postgres->row;
    postgres->row = NULL;
    if (PQresultStatus(last) != PGRES_TUPLES_OK && PQresultStatus(last) != PGRES_COMMAND_OK)
        postgres->read = postgres_failed(postgres, last);
    else
        PQclear(last);
    while ((last = PQgetResult(postgres->handle)) != NULL)
        PQclear(last);
}

static struct err query_send(struct postgres *postgres, const char *sql, const struct db_value *values, size_t count)
{
    struct postgres_statement *statement;
    struct parameters to;
    TRY(statement_get(postgres, sql, &statement));
    TRY(bind(postgres, statement, values, count, &to));
    if (PQsendQueryPrepared(postgres->handle, statement->name, (int)count, to.ptr, to.len, to.format, 1) == 0 ||
            PQsetSingleRowMode(postgres->handle) == 0)
        return postgres_failed(postgres, NULL);
    return OK;
}

/* ->row is the one that the next postgres_next is to show: the first is fetched here, so that a failure shows here. */
static struct err postgres_query(struct db *db, const char *sql, const struct db_value *values, size_t count)
{
    struct postgres *postgres = postgres_of(db);
    if (!db->working && !is_open(postgres))
        TRY(postgres_connect(postgres));
    TRY(query_send(postgres, sql, values, count));
    postgres->read = OK;
    postgres->fresh = true;
    row_get(postgres);
    return postgres->read;
}

static bool postgres_next(struct db *db)
{
    struct postgres *postgres = postgres_of(db);
    if (!postgres->fresh && postgres->row != NULL)
        row_get(postgres);
    postgres->fresh = false;
    return postgres->row != NULL;
}

static struct err postgres_done(struct db *db)
{
    struct postgres *postgres = postgres_of(db);
    while (postgres->row != NULL)
        row_get(postgres);
    return postgres->read;
}

static bool postgres_is_null(const struct db *db, size_t column)
{
    return PQgetisnull(postgres_of(db)->row, 0, (int)column) != 0;
}

static int64_t postgres_number(const struct db *db, size_t column)
{
    const PGresult *row = postgres_of(db)->row;
    int bytes = PQgetlength(row, 0, (int)column);
    uint64_t number = 0;
    assert(bytes <= 8);
    memcpy(&number, PQgetvalue(row, 0, (int)column), (size_t)bytes);
    return bytes == 0 ? 0 : (int64_t)be64toh(number) >> (64 - 8 * bytes);
}

static slice postgres_slice(const struct db *db, size_t column)
{
    const PGresult *row = postgres_of(db)->row;
    return (slice){PQgetvalue(row, 0, (int)column), (size_t)PQgetlength(row, 0, (int)column)};
}

/* ---- Transactions ---- */

struct err postgres_script(struct db *db, const char *sql)
{
    struct postgres *postgres = postgres_of(db);
    return postgres_checked(postgres, PQexec(postgres->handle, sql));
}

struct err postgres_ask(struct postgres *postgres, const char *sql, char *text, size_t size)
{
    PGresult *result = PQexec(postgres->handle, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        return postgres_failed(postgres, result);
    snprintf(text, size, "%s", PQntuples(result) == 0 ? "" : PQgetvalue(result, 0, 0));
    PQclear(result);
    return OK;
}

/* Whether there is the table of tokens: not before the first migration. Those of yesterday are nobody's any more. */
static struct err tokens_find(struct postgres *postgres)
{
    static const char FIND[] = "SELECT to_regclass('kept_work')",
                      CLEAR[] = "DELETE FROM kept_work WHERE abs(kept_us) < " NOW_US " - 86400000000";
    char table[64] = "";
    TRY(postgres_ask(postgres, FIND, table, sizeof table));
    postgres->tokens = *table != '\0';
    return postgres->tokens ? postgres_script(&postgres->db, CLEAR) : OK;
}

/* A transaction begins: the place where a lost connection is opened again. */
static struct err postgres_begin(struct db *db, const char *sql)
{
    struct postgres *postgres = postgres_of(db);
    postgres->looking = sql == db_postgres.begin_look;
    if (!is_open(postgres))
        TRY(postgres_connect(postgres));
    if (!postgres->looking && !postgres->tokens)
        TRY(tokens_find(postgres));
    return postgres_script(db, sql);
}

static void token_next(struct postgres *postgres)
{
    uint8_t bytes[TOKEN_BYTES / 2];
    memcpy(postgres->token_before, postgres->token, sizeof postgres->token);
    hash_random(bytes, sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(postgres->token + 2 * i, 3, "%02x", bytes[i]);
}

/* On a new connection: OK if the token's work was kept; with db->again if it was not, and now never will be. */
static struct err token_settle(struct postgres *postgres)
{
    char sql[256], kept[32] = "";
    if (!is_open(postgres))
        TRY(postgres_connect(postgres));
    snprintf(sql, sizeof sql,
            "INSERT INTO kept_work (token, kept_us) VALUES ('%s', -" NOW_US ") ON CONFLICT (token) DO NOTHING",
            postgres->token);
    TRY(postgres_script(&postgres->db, sql)); /* waits for a COMMIT that is still under way */
    snprintf(sql, sizeof sql, "SELECT kept_us FROM kept_work WHERE token = '%s'", postgres->token);
    TRY(postgres_ask(postgres, sql, kept, sizeof kept));
    postgres->settled = true;
    if (*kept != '-' && *kept != '\0')
        return OK;
    postgres->db.again = true;
    *postgres->token = '\0'; /* it stays void for a day: the COMMIT may still lie in a socket of the server */
    return db_err(&postgres->db, ERR_REMOTE, "%s: the connection was lost", postgres->name);
}

/* COMMIT was sent and the connection lost before the answer. */
static struct err fate_find(struct postgres *postgres)
{
    int64_t end = clock_steady_us() + OUTCOME_MS * 1000;
    postgres->settled = false;
    while (clock_steady_us() < end) {
        struct err err = token_settle(postgres);
        if (postgres->settled)
            return err;
        usleep(OUTCOME_PAUSE_MS * 1000);
    }
    postgres->db.again = false;
    return db_err(&postgres->db, ERR_REMOTE,
            "%s: the connection was lost during COMMIT and did not come back: whether the work was kept is not known",
            postgres->name);
}

/* One message: the token of the transaction before goes, this one's comes. */
static struct err postgres_commit(struct db *db)
{
    struct postgres *postgres = postgres_of(db);
    char sql[384] = "COMMIT";
    bool token = !postgres->looking && postgres->tokens;
    if (token) {
        token_next(postgres);
        snprintf(sql, sizeof sql,
                "DELETE FROM kept_work WHERE token = '%s'; INSERT INTO kept_work (token, kept_us) VALUES ('%s', " NOW_US
                "); COMMIT",
                postgres->token_before, postgres->token);
    }
    PGresult *result = PQexec(postgres->handle, sql);
    if (PQresultStatus(result) == PGRES_COMMAND_OK && strcmp(PQcmdStatus(result), "COMMIT") != 0) {
        PQclear(result); /* a failed transaction answers ROLLBACK, and no error */
        return db_err(db, ERR_SYSTEM, "%s: a statement had failed, nothing was kept", postgres->name);
    }
    struct err err = postgres_checked(postgres, result);
    return err.kind != ERR_NONE && !is_open(postgres) && token ? fate_find(postgres) : err;
}

static void postgres_rollback(struct db *db)
{
    struct postgres *postgres = postgres_of(db);
    if (is_open(postgres) && PQtransactionStatus(postgres->handle) != PQTRANS_IDLE)
        PQclear(PQexec(postgres->handle, "ROLLBACK"));
}

static bool postgres_in_work(const struct db *db)
{
    PGTransactionStatusType status = PQtransactionStatus(postgres_of(db)->handle);
    return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

/* ---- News ---- */

static struct err postgres_notify(struct db *db, const char *channel)
{
    char sql[96];
    snprintf(sql, sizeof sql, "NOTIFY %s", channel);
    return postgres_script(db, sql);
}

/* The channel's place; it is listened to when this returns OK. `first`: only from now on. */
static struct err listen_to(struct postgres *postgres, const char *channel, bool *first)
{
    size_t at = 0;
    char sql[96];
    while (at < POSTGRES_CHANNELS && postgres->channels[at] != NULL && strcmp(postgres->channels[at], channel) != 0)
        at++;
    if (at == POSTGRES_CHANNELS)
        return db_err(&postgres->db, ERR_LIMIT, "one connection listens to at most %d channels", POSTGRES_CHANNELS);
    postgres->channels[at] = channel;
    *first = !postgres->heard[at];
    if (postgres->heard[at])
        return OK;
    snprintf(sql, sizeof sql, "LISTEN %s", channel);
    TRY(postgres_script(&postgres->db, sql));
    postgres->heard[at] = true;
    return OK;
}

/* Takes all notices that came; true if one was for this channel. Those for others count for their next wait. */
static bool notices_take(struct postgres *postgres, const char *channel)
{
    bool ours = false;
    PGnotify *notice;
    while ((notice = PQnotifies(postgres->handle)) != NULL) {
        ours |= strcmp(notice->relname, channel) == 0;
        for (size_t i = 0; i < POSTGRES_CHANNELS && postgres->channels[i] != NULL; i++)
            if (strcmp(postgres->channels[i], channel) != 0 && strcmp(postgres->channels[i], notice->relname) == 0)
                postgres->heard[i] = false; /* it returns at once, after a LISTEN that does nothing */
        PQfreemem(notice);
    }
    return ours;
}

static struct err postgres_wait(struct db *db, const char *channel, int timeout_ms, bool *news)
{
    struct postgres *postgres = postgres_of(db);
    int64_t end = clock_steady_us() + (int64_t)timeout_ms * 1000;
    *news = true;
    if (!is_open(postgres))
        TRY(postgres_connect(postgres));
    bool first;
    TRY(listen_to(postgres, channel, &first));
    while (!first && !notices_take(postgres, channel)) {
        int64_t left = end - clock_steady_us();
        struct pollfd ready = {.fd = PQsocket(postgres->handle), .events = POLLIN};
        *news = false;
        if (left <= 0 || poll(&ready, 1, (int)((left + 999) / 1000)) <= 0)
            return OK;
        *news = true;
        if (PQconsumeInput(postgres->handle) == 0)
            return postgres_failed(postgres, NULL);
    }
    return OK;
}

/* Our tables, by name: without names it would be those of the system and of other schemas, too. */
#define SETTLE                                                                                                         \
    "DO $$ DECLARE name text; BEGIN FOR name IN SELECT format('%I.%I', schemaname, tablename) FROM pg_tables "         \
    "WHERE schemaname = current_schema() LOOP EXECUTE 'ANALYZE ' || name; END LOOP; END $$"

const struct db_driver db_postgres = {
        .engine = DB_POSTGRES,
        .begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
        .begin_look = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        .settle = SETTLE,
        .open = postgres_open,
        .close = postgres_close,
        .begin_work = postgres_begin,
        .script = postgres_script,
        .run = postgres_run,
        .run_many = postgres_run_many,
        .query = postgres_query,
        .next = postgres_next,
        .done = postgres_done,
        .is_null = postgres_is_null,
        .number = postgres_number,
        .slice = postgres_slice,
        .commit = postgres_commit,
        .rollback = postgres_rollback,
        .in_work = postgres_in_work,
        .notify = postgres_notify,
        .wait = postgres_wait,
        .check = postgres_check,
        .backup = postgres_backup,
};
