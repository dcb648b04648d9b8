/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A curious partner (the ninth scenario of the domain): whatever it asks for, in whatever words, nothing that was not
 * released to it is in any answer, and what is denied is answered as what does not exist.
 */
#include <sqlite3.h>

#include "share/test_release.h"
#include "taxii/test_taxii.h"

enum { EACH = 100, ALLOWED = 20 };

/* ---- What statements run: SQLite calls back, PostgreSQL writes its log ---- */

static FILE *server_log; /* of the server that tests/with-postgres made for this program */
static struct buf traced;
static bool tracing;

static int statement_note(unsigned event, void *context, void *stmt, void *text)
{
    (void)event;
    (void)context;
    (void)text;
    const char *sql = sqlite3_sql(stmt);
    if (tracing && sql != NULL) {
        buf_put(&traced, slice_of(sql));
        buf_byte(&traced, '\n');
    }
    return 0;
}

static int watch(sqlite3 *handle, char **why, const struct sqlite3_api_routines *api)
{
    (void)why;
    (void)api;
    return sqlite3_trace_v2(handle, SQLITE_TRACE_STMT, statement_note, NULL);
}

static void log_open(struct arena *arena, struct db *db)
{
    static const char *const orders[] = {"ALTER ROLE CURRENT_USER SET log_statement = 'all'",
            "ALTER ROLE CURRENT_USER SET log_min_messages = 'log'",
            "ALTER ROLE CURRENT_USER SET log_parameter_max_length = 0"};
    static const char FOLDER[] = "SELECT setting FROM pg_settings WHERE name = 'unix_socket_directories'";
    struct db_rows *rows;
    for (size_t i = 0; i < COUNT_OF(orders); i++)
        test_ok(db_run(db, orders[i], NULL, 0, NULL));
    test_ok(db_query(db, FOLDER, NULL, 0, &rows));
    assert_true(db_next(rows));
    slice folder = db_slice(rows, 0);
    server_log = fopen(arena_printf(arena, "%.*s/log", (int)folder.len, folder.ptr), "re");
    test_ok(db_done(rows));
    assert_non_null(server_log);
}

/* Every session from now on has its statements written down. */
static int log_set_up(void **state)
{
    const char *where = getenv("KENTONGAN_POSTGRES");
    (void)state;
    if (where == NULL || *where == '\0')
        return 0;
    struct arena *arena = arena_open("log", ARENA_WORK, 1u << 20);
    struct db *db = NULL;
    test_ok(db_open(&(struct db_options){.where = where}, arena, &db));
    log_open(arena, db);
    db_close(db);
    arena_close(arena);
    return 0;
}

static int log_tear_down(void **state)
{
    (void)state;
    return server_log == NULL ? 0 : fclose(server_log);
}

static void trace_begin(enum db_engine engine)
{
    if (engine == DB_POSTGRES)
        assert_int_equal(fseek(server_log, 0, SEEK_END), 0);
    traced.len = 0;
    tracing = true;
}

/* A statement is in the log before it is answered; when it ran and in which process does not matter. */
static void trace_end(enum db_engine engine)
{
    char line[4096];
    tracing = false;
    while (engine == DB_POSTGRES && fgets(line, sizeof line, server_log) != NULL) {
        const char *said = strstr(line, "LOG:  ");
        buf_put(&traced, slice_of(said == NULL ? line : said));
    }
}

/* ---- The node ---- */

static struct test_side *partner_b;

static const char *marked(int number, const char *creator, const char *marking, const char *more)
{
    return test_json(&test_store, "indicator", number, NEW_YEAR, creator, marking, more);
}

/* 100 RED, 100 that must stay in the country, 100 AMBER of somebody else, and 20 that B may have. */
static void curious_node(void)
{
    struct test_store *store = &test_store;
    const char *json[3 * EACH + ALLOWED];
    for (int i = 0; i < EACH; i++) {
        json[i] = marked(1000 + i, TEST_OWN, RED, "");
        json[EACH + i] = marked(2000 + i, TEST_OWN, GREEN, ",\"labels\":[\"kentongan:residency=\\\"ID\\\"\"]");
        json[2 * EACH + i] = marked(3000 + i, NULL, AMBER, "");
    }
    for (int i = 0; i < ALLOWED; i++)
        json[3 * EACH + i] = marked(100 + i, TEST_OWN, GREEN, "");
    test_node(store);
    partner_b = test_partner(store, "B", TEST_B, "TLP:AMBER", "no");
    struct test_side *sides[] = {partner_b, test_partner(store, "C", TEST_C, "TLP:AMBER", "no")};
    test_rule(store, partner_b, TLP_AMBER);
    for (size_t from = 0; from < COUNT_OF(json); from += 50) {
        size_t count = COUNT_OF(json) - from < 50 ? COUNT_OF(json) - from : 50;
        bool theirs = from >= 2 * EACH && from < 3 * EACH;
        test_came(store, theirs ? "partner/C" : "desk", json + from, count);
    }
    test_follow(store, sides, 2);
    as(partner_b->account, partner_b->organisation);
}

static int curious_tear_down(void **state)
{
    share_releaser_close(test_releaser);
    test_releaser = NULL;
    return taxii_tear_down(state);
}

static const char *id_of(int number)
{
    return test_uuid(&test_store, "indicator", number);
}

/* ---- Asking ---- */

static struct buf heard; /* every byte that B got */

static unsigned ask_b(const char *target)
{
    unsigned status = request(HTTP_GET, NULL, ENVELOPE, NULL, target);
    for (size_t i = 0; i < test_gate.reply.header_count; i++)
        buf_printf(&heard, "%.*s\n", (int)test_gate.reply.headers[i].value.len, test_gate.reply.headers[i].value.ptr);
    buf_put(&heard, slice_of(test_body()));
    return status;
}

static unsigned ask_box(const char *rest)
{
    return ask_b(of(partner_b->outbox, rest));
}

static void lists_read(void)
{
    static const char *const lists[] = {"objects/", "manifest/", "objects/?match[version]=all",
            "objects/?match[spec_version]=2.0,2.1", "objects/?match[type]=indicator", "manifest/?match[type]=tool",
            "objects/?added_after=2020-01-01T00:00:00Z", "objects/?limit=1", "manifest/?limit=3",
            "objects/?match[version]=first,last", "objects/?match[version]=2026-01-01T00:00:00.000Z"};
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        assert_int_equal(ask_box(lists[i]), 200);
}

/* All of it, page by page, in all sizes of pages. */
static void pages_read(void)
{
    static const int sizes[] = {1, 7, 20, 1000};
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        const char *rest = arena_printf(test_store.arena, "objects/?limit=%d", sizes[i]);
        size_t count = 0;
        for (int page = 0; page < 100; page++) {
            assert_int_equal(ask_box(rest), 200);
            count += listed("objects");
            slice next = json_text(said_of("next"), test_store.arena);
            if (next.len == 0)
                break;
            rest = arena_printf(test_store.arena, "objects/?limit=%d&next=%.*s", sizes[i], (int)next.len, next.ptr);
        }
        assert_int_equal(count, ALLOWED);
    }
}

static void guesses_read(void)
{
    for (int i = 0; i < EACH; i++)
        for (int kind = 1000; kind <= 3000; kind += 1000) {
            const char *id = id_of(kind + i);
            assert_int_equal(ask_box(arena_printf(test_store.arena, "objects/%s/", id)), 404);
            assert_int_equal(ask_box(arena_printf(test_store.arena, "objects/%s/versions/", id)), 404);
            assert_int_equal(ask_box(arena_printf(test_store.arena, "objects/?match[id]=%s", id)), 200);
            assert_int_equal(ask_box(arena_printf(test_store.arena, "manifest/?match[id]=%s", id)), 200);
        }
}

static void nonsense_read(void)
{
    static const char *const targets[] = {"objects/?limit=0", "objects/?limit=-1", "objects/?next=00", "objects/%00/",
            "objects/?match[id]=", "objects/?match[nonsense]=1", "objects/?added_after=yesterday", "manifest/?limit=x",
            "objects/?match[version]=all&match[version]=all", "objects/../../x/"};
    for (size_t i = 0; i < COUNT_OF(targets); i++)
        assert_true(ask_box(targets[i]) >= 400);
    const char *c = "6b616c61-0000-4000-8000-000000000102";
    assert_int_equal(ask_b(of(c, "")), 404);
    assert_int_equal(ask_b(of(c, "objects/")), 404);
    assert_int_equal(ask_b(of("6b616c61-0000-4000-8000-0000000009ff", "objects/")), 404);
    assert_int_equal(ask_b(ROOT "collections/"), 200);
    assert_int_equal(ask_b(ROOT "status/6b616c61-0000-4000-8000-0000000009ff/"), 404);
    assert_int_equal(
            request(HTTP_POST, ENVELOPE, ENVELOPE, "{\"objects\":[]}", of(partner_b->outbox, "objects/")), 403);
    assert_int_equal(request(HTTP_DELETE, NULL, ENVELOPE, NULL,
                             of(partner_b->outbox, arena_printf(test_store.arena, "objects/%s/", id_of(100)))),
            403);
}

/* Every forbidden number stands in its id and in its name. */
static void a_curious_partner_finds_nothing(void **state)
{
    ready(state);
    heard = buf_make(256u << 20);
    curious_node();
    lists_read();
    pages_read();
    size_t asked_for = heard.len;
    (void)asked_for;
    guesses_read();
    nonsense_read();
    slice all = buf_slice(&heard);
    for (int i = 0; i < EACH; i++)
        for (int kind = 1000; kind <= 3000; kind += 1000) {
            const char *name = arena_printf(test_store.arena, "named %d\"", kind + i);
            assert_int_equal(slice_find_slice(all, slice_of(id_of(kind + i))), all.len);
            assert_int_equal(slice_find_slice(all, slice_of(name)), all.len);
        }
    for (int i = 0; i < ALLOWED; i++)
        assert_true(slice_find_slice(all, slice_of(id_of(100 + i))) < all.len);
    buf_free(&heard);
}

/* Everything of an answer but what it is an answer to. */
static const char *answer_of(const char *target)
{
    enum db_engine engine = db_engine(test_store.db);
    trace_begin(engine);
    unsigned status = request(HTTP_GET, NULL, ENVELOPE, NULL, target);
    trace_end(engine);
    const char *text = arena_printf(test_store.arena, "%u\n", status);
    for (size_t i = 0; i < test_gate.reply.header_count; i++)
        text = arena_printf(test_store.arena, "%s%.*s: %.*s\n", text, (int)test_gate.reply.headers[i].name.len,
                test_gate.reply.headers[i].name.ptr, (int)test_gate.reply.headers[i].value.len,
                test_gate.reply.headers[i].value.ptr);
    return arena_printf(test_store.arena, "%s\n%s\n%.*s", text, test_body(), (int)traced.len, traced.ptr);
}

/* In status, headers, body, and in the statements that run and their order. */
static void what_is_denied_is_answered_as_what_is_not_there(void **state)
{
    static const char *const forms[] = {"objects/%s/", "objects/%s/versions/", "objects/?match[id]=%s",
            "manifest/?match[id]=%s", "objects/%s/?match[version]=all", "objects/?match[id]=%s&match[version]=all"};
    ready(state);
    traced = buf_make(1u << 20);
    curious_node();
    for (size_t i = 0; i < COUNT_OF(forms); i++) {
        char denied[300], missing[300];
        for (int kind = 1000; kind <= 3000; kind += 1000) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            snprintf(denied, sizeof denied, forms[i], id_of(kind + 50));
            snprintf(missing, sizeof missing, forms[i], id_of(9000));
#pragma GCC diagnostic pop
            const char *one = answer_of(of(partner_b->outbox, denied));
            assert_string_equal(one, answer_of(of(partner_b->outbox, missing)));
            assert_non_null(strstr(one, "FROM agreement a CROSS JOIN partner p"));
        }
    }
    /* The collection of another partner, and one that nobody has. */
    const char *c = answer_of(of("6b616c61-0000-4000-8000-000000000102", "objects/"));
    assert_string_equal(c, answer_of(of("6b616c61-0000-4000-8000-0000000009ff", "objects/")));
    buf_free(&traced);
}

int main(void)
{
#define CURIOUS_TEST(test) TEST_ON_BOTH(test, taxii_set_up, curious_tear_down)
    const struct CMUnitTest tests[] = {
            CURIOUS_TEST(a_curious_partner_finds_nothing),
            CURIOUS_TEST(what_is_denied_is_answered_as_what_is_not_there),
    };
    sqlite3_auto_extension((void (*)(void))watch);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, log_set_up, log_tear_down);
}
