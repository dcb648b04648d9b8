/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For tests: several nodes in one process, each with a database and keys of its own, that are partners of each other
 * and carry their statements by hand.
 */
#include "share/post.h"
#include "share/sign.h"
#include "share/test_partner.h"

#define TEST_PEERS_MAX 8

struct test_peer {
    struct test_store store; /* its own database */
    bool borrowed;           /* the database is the test's */
    struct test_node as;     /* as the others see it */
    struct share_keys keys;
    struct actor ayu, budi;         /* two persons who may sign */
    int64_t number[TEST_PEERS_MAX]; /* of the others here, by their place */
};

struct test_peers {
    struct test_peer rows[TEST_PEERS_MAX];
    size_t count;
};

static inline struct err test_peer_own_action(struct work *work, void *context)
{
    int64_t number;
    return store_organisation_add(work,
            &(struct organisation_put){
                    .name = slice_of(context), .kind = S("team"), .country = S("ID"), .relation = RELATION_OWN},
            &number);
}

static inline struct err test_message_key_action(struct work *work, void *context)
{
    const struct test_peer *peer = context;
    struct node_key row = {.purpose = S("message"),
            .key = peer->as.message.public,
            .from_us = work->now_us - HOUR_US,
            .until_us = work->now_us + 365 * DAY_US,
            .statement = S("{}")};
    bool fresh;
    return store_node_key_put(work, &row, &fresh);
}

/* `db`: that it is to have; NULL: a new one in memory. */
static inline void test_peer_open(struct test_peer *peer, char *name, struct db *db)
{
    const struct actor local = {.name = S("local/test"), .roles = 1u << ROLE_LOCAL, .how = ACTOR_MACHINE};
    peer->store = (struct test_store){.actor = local};
    peer->store.arena = arena_open("test of a node", ARENA_WORK, 256u << 20);
    peer->store.db = db;
    peer->borrowed = db != NULL;
    if (db == NULL)
        test_ok(store_open(
                &(struct db_options){.where = ":memory:", .create = true}, peer->store.arena, &peer->store.db));
    test_ok(test_work(&peer->store, test_peer_own_action, name));
    struct test_keys keys;
    peer->as = test_node(&peer->store, name);
    keys.identity = peer->as.identity;
    test_ok(test_work(&peer->store, test_own_key_action, &keys));
    test_ok(share_own_node(peer->store.db, peer->store.arena, &peer->as.node));
    peer->keys = (struct share_keys){.node = peer->as.node, .message = peer->as.message};
    test_ok(test_work(&peer->store, test_message_key_action, peer));
    peer->ayu = test_person(&peer->store, "ayu", ROLE_MANAGER);
    peer->budi = test_person(&peer->store, "budi", ROLE_MANAGER);
}

/* `there` becomes an active partner of `here`. */
static inline int64_t test_peer_knows(struct test_peer *here, const struct test_peer *there)
{
    struct test_node node = there->as;
    test_introduced(&here->store, &node);
    test_ok(share_partner_confirm(here->store.db, &here->store.actor, NULL, node.partner,
            test_words(&here->store, &node), here->store.arena));
    test_ok(test_take(&here->store, test_hello(&here->store, &node)));
    return node.partner;
}

/* That many nodes, each of which knows all others; the first has that database, or one in memory as the others. */
static inline void test_peers_open_on(struct test_peers *peers, size_t count, struct db *first)
{
    static char names[TEST_PEERS_MAX][16] = {"aru", "banda", "ceram", "damar", "ende", "flores", "gili", "halmahera"};
    peers->count = count;
    for (size_t i = 0; i < count; i++)
        test_peer_open(&peers->rows[i], names[i], i == 0 ? first : NULL);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++)
            if (i != j)
                peers->rows[i].number[j] = test_peer_knows(&peers->rows[i], &peers->rows[j]);
}

static inline void test_peers_close(struct test_peers *peers)
{
    for (size_t i = 0; i < peers->count; i++) {
        if (!peers->rows[i].borrowed)
            db_close(peers->rows[i].store.db);
        arena_close(peers->rows[i].store.arena);
    }
    peers->count = 0;
    clock_set(TIME_NONE);
}

/* Signs what waits for the keys. */
static inline void test_peer_sign(struct test_peer *peer)
{
    size_t count;
    test_ok(share_sign(peer->store.db, &peer->store.actor, &peer->keys, peer->store.arena, &count));
}

struct test_done {
    int64_t number;
    slice refused;
};

static inline struct err test_done_action(struct work *work, void *context)
{
    const struct test_done *done = context;
    return store_statement_done(work, done->number, done->refused);
}

static inline struct share_mail test_post_take(struct test_peer *to, slice text)
{
    struct share_mail mail;
    test_ok(share_post_take(to->store.db, text, to->store.arena, &mail));
    return mail;
}

/* Carries what waits at `from` for `to` there, in its order. *why: the last reason of a refusal. How many were taken.
 */
static inline size_t test_carry(struct test_peers *peers, size_t from, size_t to, slice *why)
{
    struct test_peer *sender = &peers->rows[from];
    struct outgoing_statement row;
    size_t taken = 0;
    test_peer_sign(sender);
    while (store_statement_next(sender->store.db, sender->number[to], sender->store.arena, &row).kind == ERR_NONE) {
        struct share_mail mail = test_post_take(&peers->rows[to], row.statement);
        struct test_done done = {row.number, mail.answered == SHARE_REFUSED ? mail.why : S("")};
        test_ok(test_work(&sender->store, test_done_action, &done));
        taken += mail.answered == SHARE_TAKEN;
        if (why != NULL && mail.answered == SHARE_REFUSED)
            *why = mail.why;
    }
    return taken;
}

/* Two persons agree to what the first proposed. */
static inline struct err test_second(struct test_peer *peer, const struct share_proposal *proposal)
{
    assert_false(proposal->done);
    return share_approve(peer->store.db, &peer->budi, proposal->number, NULL, peer->store.arena);
}
