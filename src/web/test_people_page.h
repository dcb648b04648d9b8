/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For tests of pages that need a node: its own organisation with one person of each role, and a constituent, whose
 * administrator and one more person are of that. Include people/test_people.h before.
 */
#include "case/risk.h"
#include "store/feed.h"
#include "store/import.h"
#include "store/source.h"
#include "web/test_page.h"

struct test_cast {
    int64_t own, other, users[ROLES];
    int64_t stranger; /* an analyst of the other organisation */
};

static inline struct test_page *test_people_page(struct test_people *people, enum http_method method, const char *path)
{
    struct test_page *page = test_page(people->arena, method, path);
    slice last = slice_of(strrchr(path, '/') + 1);
    page->gate.options.doorkeeper = people->doorkeeper;
    page->ask.db = people->db;
    page->ask.parts[0] = last;
    page->request.peer = test_ip("192.0.2.7");
    return page;
}

static inline struct err test_cast_work(struct work *work, void *context)
{
    struct test_cast *cast = context;
    int64_t feed;
    TRY(store_organisation_add(work,
            &(struct organisation_put){.name = S("RS Melur"),
                    .kind = S("hospital"),
                    .sector = S("health"),
                    .country = S("ID"),
                    .relation = RELATION_CONSTITUENT,
                    .parent = cast->own},
            &cast->other));
    return store_feed_add(work,
            &(struct feed_put){.name = S("melur"),
                    .location = S("https://feed.example/list"),
                    .every_us = INT64_C(3600) * 1000000},
            &feed);
}

static inline int64_t test_cast_user(struct test_people *people, const char *name, slice organisation, enum role role)
{
    const struct people_new new = {.name = slice_of(name),
            .organisation = organisation,
            .roles = UINT32_C(1) << role,
            .password_hash = slice_of(test_hash)};
    struct token link;
    int64_t number;
    test_ok(people_add(people->db, &people->local, &new, people->arena, &number, &link));
    return number;
}

/* A session and a token of each, as far as lists show them. */
static inline struct err test_cast_access(struct work *work, void *context)
{
    const struct test_cast *cast = context;
    for (enum role role = 0; role < ROLE_LOCAL; role++) {
        struct token token = token_new();
        struct sha256 secret = token_hash(slice_of(token.text));
        int64_t ends_us = work->now_us + INT64_C(3600) * 1000000, number;
        const struct session_put session = {
                cast->users[role], &secret, ACTOR_SECOND_FACTOR, false, S("192.0.2.9"), S("a browser"), ends_us};
        const struct token_put put = {cast->users[role], S("a sensor"), SCOPE_READ, &secret, ends_us};
        TRY(store_session_add(work, &session, &number));
        TRY(store_token_add(work, &put, &number));
    }
    return OK;
}

static inline struct err test_cast_import(struct work *work, void *context)
{
    int64_t source, number;
    (void)context;
    TRY(store_source_put(work, S("Kenanga ISAC"), S("file"), 0, &source));
    TRY(store_import_begin(work, &(struct import_begin){source, S("/var/spool/list.txt"), S("list")}, &number));
    return store_import_finish(work, number, &(struct import_end){S(""), 100, hash_sha256(S("text"))});
}

/* The rule that comes with the program, for pages that name classes of assets. */
static inline void test_risk_rules(struct test_people *people)
{
    struct plan_risks *rules = arena_new(people->arena, struct plan_risks, 1);
    test_ok(plan_risks_shipped(people->arena, rules));
    case_risk_rules(rules);
}

static inline struct test_cast test_cast_make(struct test_people *people)
{
    test_risk_rules(people);
    struct test_cast cast = {.own = people->organisation};
    test_ok(store_work(people->db, &people->local, people->arena, test_cast_work, &cast));
    cast.stranger = test_cast_user(people, "orang-melur", S("RS Melur"), ROLE_ANALYST);
    for (enum role role = 0; role < ROLE_LOCAL; role++)
        cast.users[role] = test_cast_user(
                people, store_role_name(role), role == ROLE_CONSTITUENT_ADMIN ? S("RS Melur") : S(""), role);
    test_ok(store_work(people->db, &people->local, people->arena, test_cast_access, &cast));
    test_ok(store_work(people->db, &people->local, people->arena, test_cast_import, NULL));
    return cast;
}

static inline void test_cast_as(struct test_page *page, const struct test_cast *cast, enum role role)
{
    page->ask.who = (struct who){.scopes = SCOPE_ALL, .session = 1, .ambient = true};
    page->ask.who.actor = (struct actor){role == ROLE_CONSTITUENT_ADMIN ? cast->other : cast->own, cast->users[role],
            slice_of(store_role_name(role)), UINT32_C(1) << role, ACTOR_SECOND_FACTOR};
}
