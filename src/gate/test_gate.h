/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For tests: a gate without a server, asked as a server would ask it, and a people_who that says what the test wants.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/log.h"
#include "gate/gate.h"

#define TEST_HEADERS_MAX 8

/* A test has one gate at a time. */
static struct test_gate {
    struct arena *arena;
    struct node_parts parts;
    struct gate *gate;
    void *worker;
    struct http_header headers[TEST_HEADERS_MAX];
    struct http_request request;
    struct http_reply reply;
    /* What people_who answers, and what it was last asked with. */
    struct err known;
    struct who who;
    struct credentials shown;
    unsigned times;
} test_gate;

/* Linked in the places of people_who and people_wait_s (--wrap, in meson.build). */
struct err __wrap_people_who(struct db *db, struct doorkeeper *doorkeeper, const struct credentials *credentials,
        struct arena *arena, struct who *who);
unsigned __wrap_people_wait_s(struct doorkeeper *doorkeeper, slice name, const struct ip *from);

struct err __wrap_people_who(struct db *db, struct doorkeeper *doorkeeper, const struct credentials *credentials,
        struct arena *arena, struct who *who)
{
    (void)doorkeeper;
    (void)arena;
    assert_non_null(db);
    test_gate.shown = *credentials;
    test_gate.times++;
    if (test_gate.known.kind == ERR_NONE)
        *who = test_gate.who;
    return test_gate.known;
}

unsigned __wrap_people_wait_s(struct doorkeeper *doorkeeper, slice name, const struct ip *from)
{
    (void)doorkeeper;
    (void)name;
    (void)from;
    return 30;
}

static inline int test_gate_open(const struct route *rows, const struct face *otherwise)
{
    test_gate = (struct test_gate){.arena = arena_open("gate test", ARENA_WORK, 64u << 20)};
    test_gate.parts = (struct node_parts){
            .name = "Melati CERT", .url = "https://node.example/", .folder = "/srv/node", .secure = true};
    const struct gate_options options = {.routes = rows,
            .db = {.where = ":memory:", .create = true},
            .parts = &test_gate.parts,
            .otherwise = otherwise};
    gate_open(&options, test_gate.arena, &test_gate.gate);
    log_threshold(LOG_ERROR);
    return gate_worker_open(test_gate.gate, test_gate.arena, &test_gate.worker).kind == ERR_NONE ? 0 : -1;
}

static inline int test_gate_close(void)
{
    buf_free(&test_gate.reply.body);
    gate_worker_close(test_gate.worker);
    arena_close(test_gate.arena);
    log_threshold(LOG_INFO);
    return 0;
}

/* A request is made, given headers, and asked. */
static inline void test_begin(enum http_method method, const char *target)
{
    slice whole = slice_of(target);
    size_t end = slice_find(whole, '?');
    slice query = end < whole.len ? slice_from(whole, end + 1) : S("");
    test_gate.request = (struct http_request){.method = method,
            .target = slice_part(whole, 0, end),
            .path = slice_part(whole, 0, end),
            .query = query,
            .headers = test_gate.headers,
            .peer = {.bytes = {192, 0, 2, 1}, .family = 4},
            .tls = true,
            .arena = test_gate.arena};
}

static inline void test_header(const char *name, const char *value)
{
    assert_in_range(test_gate.request.header_count, 0, TEST_HEADERS_MAX - 1);
    test_gate.headers[test_gate.request.header_count++] = (struct http_header){slice_of(name), slice_of(value)};
}

static inline void test_form(const char *body)
{
    test_header("content-type", "application/x-www-form-urlencoded");
    test_gate.request.body = slice_of(body);
}

static inline unsigned test_ask(void)
{
    buf_free(&test_gate.reply.body);
    test_gate.reply = (struct http_reply){.status = 0};
    gate_answer(test_gate.worker, &test_gate.request, &test_gate.reply);
    return test_gate.reply.status;
}

/* The value of a header of the answer; NULL: it has none. */
static inline const char *test_said(const char *name)
{
    for (size_t i = 0; i < test_gate.reply.header_count; i++)
        if (slice_eq_fold(test_gate.reply.headers[i].name, slice_of(name)))
            return arena_cstr(test_gate.arena, test_gate.reply.headers[i].value);
    return NULL;
}

static inline const char *test_body(void)
{
    return arena_cstr(test_gate.arena, buf_slice(&test_gate.reply.body));
}

/* Somebody in these roles, of organisation 1. */
static inline void test_as(uint32_t roles, enum actor_how how)
{
    test_gate.who = (struct who){.actor = {1, 7, S("ayu"), roles, how}, .scopes = SCOPE_ALL};
    test_gate.who.ambient = how != ACTOR_TOKEN;
}

static inline void test_as_session(uint32_t roles)
{
    test_as(roles, ACTOR_SECOND_FACTOR);
    test_gate.who.session = 3;
    test_gate.who.form_key = hash_sha256(S("of this session"));
}
