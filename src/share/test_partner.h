/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For tests: other nodes, with keys of their own, which introduce themselves and sign statements; and partners made of
 * them by the same verbs as people use.
 */
#include "base/uuid.h"
#include "share/partner.h"
#include "share/test_share.h"
#include "json/write.h"

struct test_node {
    slice node;
    const char *name, *url;
    struct key_pair identity, log, witness, message;
    int64_t partner; /* number; 0: none yet */
};

static inline slice test_uuid(struct arena *arena, const char *prefix)
{
    struct uuid uuid = uuid_v4();
    struct buf text = buf_make(64);
    buf_put(&text, slice_of(prefix));
    uuid_write(&text, &uuid);
    slice id = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return id;
}

static inline struct test_node test_node(struct test_store *store, const char *name)
{
    struct test_node node = {.node = test_uuid(store->arena, "identity--"), .name = name};
    node.url = arena_printf(store->arena, "https://%s.example/", name);
    key_new(&node.identity);
    key_new(&node.log);
    key_new(&node.witness);
    key_new(&node.message);
    return node;
}

/* The text with `to` in the place of its first `from`. */
static inline slice test_replaced(struct test_store *store, slice text, const char *from, const char *to)
{
    size_t at = slice_find_slice(text, slice_of(from));
    if (at >= text.len)
        fail_msg("no %s", from);
    return slice_of(arena_printf(store->arena, "%.*s%s%.*s", (int)at, text.ptr, to, (int)(text.len - at - strlen(from)),
            text.ptr + at + strlen(from)));
}

/* ---- What it signs ---- */

static inline slice test_certify(
        struct test_store *store, const struct test_node *node, enum share_purpose purpose, const struct key_pair *key)
{
    int64_t now_us = clock_now_us();
    const struct share_certification certification = {purpose, key->public, now_us - HOUR_US, now_us + 365 * DAY_US};
    slice statement;
    test_ok(share_certify(&certification, node->node, &node->identity, store->arena, &statement));
    return statement;
}

static inline slice test_sign(struct test_store *store, const struct share_letter *letter, const struct key_pair *key)
{
    slice text;
    test_ok(share_statement_write(letter, key, store->arena, &text));
    return text;
}

/* A statement from the node to ours, good for an hour. */
static inline struct share_letter test_letter(
        struct test_store *store, const struct test_node *node, const char *type, const char *body)
{
    struct share_letter letter = {.type = slice_of(type),
            .from = node->node,
            .body = slice_of(body),
            .issued_us = clock_now_us(),
            .expires_us = clock_now_us() + HOUR_US};
    test_ok(share_own_node(store->db, store->arena, &letter.to));
    return letter;
}

static inline struct share_letter test_read(struct test_store *store, slice text)
{
    struct share_letter letter;
    test_ok(share_statement_read(text, store->arena, &letter));
    return letter;
}

static inline slice test_introduction_body(struct test_store *store, const struct test_node *node)
{
    const struct {
        enum share_purpose purpose;
        const struct key_pair *key;
    } keys[] = {{SHARE_IDENTITY, &node->identity}, {SHARE_LOG, &node->log}, {SHARE_WITNESS, &node->witness},
            {SHARE_MESSAGE, &node->message}};
    struct buf buf = buf_make(STATEMENT_BYTES_MAX);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    json_write_key_text(&w, S("name"), slice_of(node->name));
    json_write_key_text(&w, S("country"), S("ID"));
    json_write_key_text(&w, S("url"), slice_of(node->url));
    json_write_key_text(&w, S("taxii"), slice_of(arena_printf(store->arena, "%staxii2/", node->url)));
    json_write_key_text(&w, S("contact"), S("petugas jaga, +62 00 0000"));
    json_write_key_text(&w, S("identity"), share_key_text(&node->identity.public, store->arena));
    json_write_key(&w, S("keys"));
    json_write_array(&w);
    for (size_t i = 0; i < COUNT_OF(keys); i++)
        json_write_raw(&w, test_certify(store, node, keys[i].purpose, keys[i].key));
    json_write_end(&w);
    json_write_end(&w);
    slice body = arena_copy(store->arena, buf_slice(&buf));
    buf_free(&buf);
    return body;
}

static inline struct share_letter test_introduction_letter(struct test_store *store, const struct test_node *node)
{
    return (struct share_letter){.type = S("introduction"),
            .from = node->node,
            .body = test_introduction_body(store, node),
            .issued_us = clock_now_us(),
            .expires_us = clock_now_us() + DAY_US};
}

static inline slice test_introduction(struct test_store *store, const struct test_node *node)
{
    struct share_letter letter = test_introduction_letter(store, node);
    return test_sign(store, &letter, &node->identity);
}

/* ---- Partners ---- */

static inline struct partner test_partner(struct test_store *store, int64_t number)
{
    struct partner partner;
    test_ok(store_partner_get(store->db, number, clock_now_us(), store->arena, &partner));
    return partner;
}

static inline void test_introduced(struct test_store *store, struct test_node *node)
{
    struct share_introduction introduction;
    test_ok(share_introduction_read(test_introduction(store, node), clock_now_us(), store->arena, &introduction));
    test_ok(share_partner_add(store->db, &store->actor, &introduction, S(""), store->arena, &node->partner));
}

/* What the other side reads to us on the telephone. */
static inline slice test_words(struct test_store *store, const struct test_node *node)
{
    struct share_fingerprint fingerprint = share_fingerprint(node->node, &node->identity.public);
    return share_fingerprint_words(&fingerprint, store->arena);
}

struct test_keys {
    struct key_pair identity;
    slice node;
};

static inline struct err test_own_key_action(struct work *work, void *context)
{
    const struct test_keys *keys = context;
    struct node_key row = {.purpose = S("identity"),
            .key = keys->identity.public,
            .from_us = work->now_us,
            .until_us = work->now_us + DAY_US,
            .statement = S("{}")};
    bool fresh;
    return store_node_key_put(work, &row, &fresh);
}

/* An own organisation, and an identity key, so that there is something to compare with. */
static inline void test_own_node(struct test_store *store)
{
    struct test_keys keys;
    int64_t own;
    if (store_organisation_own(store->db, &own).kind == ERR_NONE)
        return;
    key_new(&keys.identity);
    test_ok(test_work(store, test_own_action, &own));
    test_ok(test_work(store, test_own_key_action, &keys));
}

static inline struct err test_take_action(struct work *work, void *context)
{
    const struct share_letter *letter = context;
    int64_t partner;
    slice own;
    TRY(share_own_node(work->db, work->arena, &own));
    TRY(share_statement_take(work, letter, own, &partner));
    return slice_starts(letter->type, S("key."))       ? share_key_take(work, partner, letter)
           : slice_starts(letter->type, S("partner.")) ? share_partner_take(work, partner, letter)
                                                       : OK;
}

/* What becomes of a statement that came from it. */
static inline struct err test_take(struct test_store *store, slice text)
{
    struct share_letter letter = test_read(store, text);
    return test_work(store, test_take_action, &letter);
}

static inline slice test_hello(struct test_store *store, const struct test_node *node)
{
    struct share_letter letter = test_letter(store, node, "partner.hello",
            arena_printf(store->arena,
                    "{\"inbox\":\"%staxii2/main/collections/inbox/\",\"outbox\":\"%staxii2/main/collections/outbox/\"}",
                    node->url, node->url));
    return test_sign(store, &letter, &node->message);
}

/* Another node that is an active partner of ours. */
static inline struct test_node test_partner_active(struct test_store *store, const char *name)
{
    struct test_node node = test_node(store, name);
    test_own_node(store);
    test_introduced(store, &node);
    test_ok(share_partner_confirm(
            store->db, &store->actor, NULL, node.partner, test_words(store, &node), store->arena));
    test_ok(test_take(store, test_hello(store, &node)));
    assert_int_equal(test_partner(store, node.partner).state, PARTNER_ACTIVE);
    return node;
}
