/* SPDX-License-Identifier: Apache-2.0 */
#include "app/status.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "gate/face.h"
#include "gate/gate.h"
#include "store/store.h"

static struct arena *arena;
static struct db *db;
static struct node_parts parts;
static struct gate *gate;
static struct http_reply reply;

static const struct route table[] = {
        {HTTP_GET, "/health", "health", &gate_plain, status_health, ROUTE_OPEN, VERBS, 0, 0, "", NULL},
        {HTTP_POST, "/feeds", "feeds", &gate_plain, status_health, ROUTE_OPEN, VERBS, 0, 0, "", NULL},
        {.path = NULL},
};

static int setup(void **state)
{
    (void)state;
    const struct gate_options options = {.routes = table, .parts = &parts};
    arena = arena_open("status test", ARENA_WORK, 16u << 20);
    parts = (struct node_parts){.name = "Melati CERT", .url = "https://node.example/", .folder = "/tmp"};
    gate_open(&options, arena, &gate);
    return store_open(&(struct db_options){.where = ":memory:", .create = true}, arena, &db).kind == ERR_NONE ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    buf_free(&reply.body);
    reply = (struct http_reply){.status = 0};
    db_close(db);
    arena_close(arena);
    return 0;
}

static struct ask ask_of(struct db *of)
{
    return (struct ask){.reply = &reply, .gate = gate, .db = of, .arena = arena};
}

static void health(const char *word, unsigned status, struct db *of)
{
    struct ask ask = ask_of(of);
    assert_int_equal(status_health(&ask).kind, ERR_NONE);
    assert_int_equal(reply.status, status);
    assert_true(slice_eq(reply.fixed, slice_of(word)));
}

static void health_is_one_word(void **state)
{
    (void)state;
    struct db *empty;
    health("ok\n", 200, db);
    parts.folder = "/no/such/folder";
    health("disk\n", 503, db);
    assert_int_equal(db_open(&(struct db_options){.where = ":memory:", .create = true}, arena, &empty).kind, ERR_NONE);
    health("database\n", 503, empty);
    db_close(empty);
}

static void metrics_are_lines_that_prometheus_reads(void **state)
{
    (void)state;
    struct ask ask = ask_of(db);
    gate->counts[0].answers[1] = 3;
    gate->counts[0].us = 1500000;
    gate->counts[2].answers[3] = 1;
    assert_int_equal(status_metrics(&ask).kind, ERR_NONE);
    const char *text = arena_cstr(arena, buf_slice(&reply.body));
    assert_non_null(strstr(text, "\nkentongan_requests_total{route=\"health\",method=\"GET\",status=\"2xx\"} 3\n"));
    assert_non_null(strstr(text, "\nkentongan_requests_total{route=\"none\",method=\"\",status=\"4xx\"} 1\n"));
    assert_null(strstr(text, "route=\"feeds\"")); /* nobody asked for it */
    assert_non_null(strstr(text, "\nkentongan_request_seconds_total{route=\"health\",method=\"GET\"} 1.500000\n"));
    assert_non_null(strstr(text, "\nkentongan_objects_total 0\n"));
    slice rest = buf_slice(&reply.body), line;
    while (slice_next(&rest, '\n', &line))
        assert_true(line.len == 0 || slice_starts(line, S("# HELP kentongan_")) ||
                    slice_starts(line, S("# TYPE kentongan_")) || slice_starts(line, S("kentongan_")));
    assert_int_equal(text[strlen(text) - 1], '\n');
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(health_is_one_word, setup, teardown),
            cmocka_unit_test_setup_teardown(metrics_are_lines_that_prometheus_reads, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
