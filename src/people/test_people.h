/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For tests of this folder: a node's people, a doorkeeper, and signing in, in one line each. Passwords of tests are
 * hashed with the least effort there is; a hash says itself what trying it costs.
 */
#include <sodium.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/password.h"
#include "db/test_databases.h"
#include "people/doorkeeper.h"
#include "people/people.h"
#include "people/session.h"
#include "people/sign_in.h"
#include "people/token.h"
#include "store/journal.h"
#include "store/organisation.h"
#include "store/right.h"
#include "store/schema.h"

#define TEST_PASSWORD "correct drum battery"
#define TEST_NOW_US INT64_C(1795255200000000) /* 2026-11-21 10:00 UTC */
#define TEST_HOUR_US (INT64_C(3600) * 1000000)
#define TEST_DAY_US (24 * TEST_HOUR_US)

struct test_people {
    struct test_database *base;
    struct arena *arena;
    struct db *db;
    struct actor local;
    struct doorkeeper *doorkeeper;
    struct key_pair key;
    int64_t organisation;
};

static struct test_people test_people;
static char test_hash[PASSWORD_HASH_BYTES], test_nobody[PASSWORD_HASH_BYTES];

static inline void test_ok(struct err err)
{
    if (err.kind != ERR_NONE)
        fail_msg("%s: %s", err_name(err.kind), err.why);
}

static inline void test_quick_hash(const char *password, char hash[PASSWORD_HASH_BYTES])
{
    assert_int_equal(crypto_pwhash_argon2id_str(hash, password, strlen(password), crypto_pwhash_argon2id_OPSLIMIT_MIN,
                             crypto_pwhash_argon2id_MEMLIMIT_MIN),
            0);
}

static inline void test_doorkeeper(struct test_people *people)
{
    people_doorkeeper_close(people->doorkeeper);
    people->doorkeeper = doorkeeper_make(people->arena, test_nobody);
    people_doorkeeper_set(people->doorkeeper, &(struct people_options){.key = &people->key});
}

static inline int set_up(void **state)
{
    int status = test_database_make_of(store_schema, store_schema_count, state);
    test_people = (struct test_people){.base = *state};
    *state = &test_people;
    if (status != 0 || test_people.base->where == NULL)
        return status;
    struct test_people *people = &test_people;
    const struct db_options options = {.where = people->base->where, .create = true};
    struct token link;
    clock_set(TEST_NOW_US);
    people->arena = arena_open("test of people", ARENA_WORK, 256u << 20);
    people->local = (struct actor){.name = S("local/test"), .how = ACTOR_MACHINE, .roles = UINT32_C(1) << ROLE_LOCAL};
    test_ok(store_open(&options, people->arena, &people->db));
    test_ok(people_begin(people->db, &people->local, "Melati CERT", people->arena, &link));
    test_ok(store_organisation_own(people->db, &people->organisation));
    if (test_hash[0] == '\0') {
        test_quick_hash(TEST_PASSWORD, test_hash);
        test_quick_hash("nobody's", test_nobody);
    }
    key_new(&people->key);
    test_doorkeeper(people);
    return 0;
}

static inline int tear_down(void **state)
{
    void *base = test_people.base;
    (void)state;
    people_doorkeeper_close(test_people.doorkeeper);
    db_close(test_people.db);
    arena_close(test_people.arena);
    clock_set(TIME_NONE);
    return test_database_drop(&base);
}

static inline struct test_people *ready(void **state)
{
    struct test_people *people = *state;
    test_database_need(people->base);
    return people;
}

static inline void test_later(int64_t us)
{
    clock_set(clock_now_us() + us);
}

/* A user of this role with TEST_PASSWORD. */
static inline int64_t test_user(struct test_people *people, const char *name, enum role role)
{
    const struct people_new new = {
            .name = slice_of(name), .roles = UINT32_C(1) << role, .password_hash = slice_of(test_hash)};
    struct token link;
    int64_t number;
    test_ok(people_add(people->db, &people->local, &new, people->arena, &number, &link));
    return number;
}

static inline struct user test_get(struct test_people *people, int64_t number)
{
    struct user user;
    test_ok(store_user_get(people->db, number, people->arena, &user));
    return user;
}

static inline struct ip test_ip(const char *text)
{
    struct ip ip;
    assert_true(ip_parse(slice_of(text), &ip));
    return ip;
}

static inline struct err test_try(struct test_people *people, const char *name, const char *password, const char *from,
        struct signed_in *signed_in)
{
    const struct sign_in sign_in = {
            .name = slice_of(name), .password = slice_of(password), .from = test_ip(from), .agent = S("a browser")};
    return people_sign_in(people->db, people->doorkeeper, &sign_in, people->arena, signed_in);
}

static inline struct signed_in test_sign_in(struct test_people *people, const char *name)
{
    struct signed_in signed_in;
    test_ok(test_try(people, name, TEST_PASSWORD, "192.0.2.1", &signed_in));
    return signed_in;
}

static inline struct err test_who(struct test_people *people, const struct credentials *credentials, struct who *who)
{
    return people_who(people->db, people->doorkeeper, credentials, people->arena, who);
}

static inline struct err test_session(struct test_people *people, const struct signed_in *signed_in, struct who *who)
{
    return test_who(people,
            &(struct credentials){.session = slice_of(signed_in->secret.text), .from = test_ip("192.0.2.1")}, who);
}

/* The one who asks by this session, which is good. */
static inline struct who test_asker(struct test_people *people, const struct signed_in *signed_in)
{
    struct who who;
    test_ok(test_session(people, signed_in, &who));
    return who;
}

/* Rows of the journal of this act. */
static inline size_t test_news(struct test_people *people, const char *act)
{
    struct journal_row *rows;
    size_t count, found = 0;
    test_ok(store_journal_latest(people->db, INT64_MAX, STORE_PAGE_MAX, people->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        found += slice_eq(rows[i].act, slice_of(act));
    return found;
}
