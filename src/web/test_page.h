/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For tests of this folder: an ask as the gate makes it, without a server, and what its page answered.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "gate/gate.h"
#include "plan/rates.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/web.h"
#include "json/read.h"

#define TEST_PAGE_HEADERS_MAX 4
#define TEST_PAGE_FIELDS_MAX 16

static const struct plan_rates test_page_rates = {.currency = {"IDR", 3}};

struct test_page {
    struct node_parts parts;
    struct gate gate;
    struct http_header headers[TEST_PAGE_HEADERS_MAX];
    struct http_request request;
    struct http_reply reply;
    struct http_field form[TEST_PAGE_FIELDS_MAX];
    struct ask ask;
    struct err err;
    slice answer; /* of the last run, in the arena */
};

static inline struct test_page *test_page(struct arena *arena, enum http_method method, const char *path)
{
    struct test_page *page = arena_new(arena, struct test_page, 1);
    page->parts = (struct node_parts){
            .name = "Tim Contoh", .url = "https://node.example/", .folder = "", .rates = &test_page_rates};
    page->gate.options.parts = &page->parts;
    page->gate.options.routes = arena_new(arena, struct route, 1); /* none */
    page->request = (struct http_request){.method = method,
            .target = slice_of(path),
            .path = slice_of(path),
            .headers = page->headers,
            .arena = arena};
    page->ask = (struct ask){.request = &page->request,
            .reply = &page->reply,
            .gate = &page->gate,
            .arena = arena,
            .form = page->form,
            .wants_json = true};
    return page;
}

/* Signed in with a second factor, in these roles, of organisation 1. */
static inline void test_page_as(struct test_page *page, uint32_t roles)
{
    page->ask.who = (struct who){.actor = {1, 7, S("sari"), roles, ACTOR_SECOND_FACTOR}, .scopes = SCOPE_ALL};
    page->ask.who.session = 3;
}

static inline void test_page_field(struct test_page *page, const char *name, const char *value)
{
    assert_true(page->ask.form_count < TEST_PAGE_FIELDS_MAX);
    page->form[page->ask.form_count++] = (struct http_field){.name = slice_of(name), .value = slice_of(value)};
}

static inline void test_page_header(struct test_page *page, const char *name, const char *value)
{
    assert_true(page->request.header_count < TEST_PAGE_HEADERS_MAX);
    page->headers[page->request.header_count++] = (struct http_header){slice_of(name), slice_of(value)};
}

/* What the answer's buffers hold goes into the arena, so that nobody has to free a page. */
static inline slice test_page_end(struct test_page *page)
{
    struct arena *arena = page->ask.arena;
    slice answer = page->reply.fixed.len > 0 ? page->reply.fixed : buf_slice(&page->reply.body);
    page->answer = arena_copy(arena, answer);
    buf_free(&page->reply.body);
    buf_free(&page->ask.document);
    return page->answer;
}

/* As the gate does once somebody is let in; what was answered. */
static inline slice test_page_run(struct test_page *page, const struct route *route)
{
    struct ask *ask = &page->ask;
    page->reply = (struct http_reply){0};
    ask->document = buf_make(1u << 20);
    ask->json = json_writer(&ask->document);
    json_write_object(&ask->json);
    ask->route = route;
    ask->status = 200;
    page->err = route->answer(ask);
    if (page->err.kind == ERR_NONE && page->reply.status == 0)
        page->err = route->face->done(ask);
    if (page->err.kind != ERR_NONE) {
        ask->status = (unsigned)err_http(page->err.kind);
        route->face->failed(ask, page->err);
    }
    return test_page_end(page);
}

/* As the gate does when nobody is let in. */
static inline slice test_page_fail(struct test_page *page, struct err err)
{
    page->ask.status = (unsigned)err_http(err.kind);
    web_face.failed(&page->ask, err);
    return test_page_end(page);
}

static inline bool test_has(slice text, const char *part)
{
    return slice_find_slice(text, slice_of(part)) < text.len;
}

/* The value of a header of the answer, or empty. */
static inline slice test_page_said(const struct test_page *page, const char *name)
{
    for (size_t i = 0; i < page->reply.header_count; i++)
        if (slice_eq_fold(page->reply.headers[i].name, slice_of(name)))
            return page->reply.headers[i].value;
    return S("");
}
