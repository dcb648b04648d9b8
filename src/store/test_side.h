/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For tests of what leaves: a partner with an agreement in force, without the ceremony by which both come about, and
 * heads of its log without signatures.
 */
#include "base/uuid.h"
#include "store/collection.h"
#include "store/due.h"
#include "store/ledger.h"
#include "store/organisation.h"
#include "store/test_store.h"
#include "store/user.h"

#define TEST_OWN_NODE "identity--6b616c61-0000-4000-8000-00000000000a"

struct test_side {
    const char *name, *node, *terms;
    int64_t organisation, account, source, inbox, partner, agreement, log;
    const char *outbox;
};

static inline struct err test_side_action(struct work *work, void *context)
{
    static const char PARTNER[] =
            "INSERT INTO partner (number, organisation, kind, state, node, identity_key, url, account, source, outbox, "
            "inbox, remote_inbox, remote_outbox, contact, paused, introduced_us, confirmed_us, confirmed_by, ended_us) "
            "VALUES ($1, $2, 'node', 'active', $3, $4, '', $5, $6, $7, $8, '', '', '', '', 0, 0, '', NULL)";
    static const char AGREEMENT[] = "INSERT INTO agreement (number, id, partner, state, suspended, why, version, "
                                    "generation, terms, from_us, until_us, log, "
                                    "reminded_us, added_us, ended_us) VALUES ($1, $2, $3, 'in-force', '', '', 1, 1, "
                                    "$4, $5, $6, $7, NULL, 0, NULL)";
    struct test_side *side = context;
    struct arena *arena = work->arena;
    const struct organisation_put put = {.name = slice_of(side->name), .kind = S("team"), .relation = RELATION_PARTNER};
    const char *source = arena_printf(arena, "partner/%s", side->name);
    struct user_put person = {.name = slice_of(arena_printf(arena, "account-%s", side->node)),
            .roles = 1u << ROLE_LIAISON,
            .password_hash = S("$argon2id$x")};
    TRY(store_organisation_add(work, &put, &side->organisation));
    person.organisation = side->organisation;
    TRY(store_user_add(work, &person, &side->account));
    TRY(store_source_put(work, slice_of(source), S("taxii"), side->organisation, &side->source));
    TRY(store_collection_add(work, slice_of(arena_printf(arena, "from %s", side->name)), S(""), &side->inbox));
    TRY(store_number(work->db, "partner", 1, &side->partner));
    TRY(store_number(work->db, "agreement", 1, &side->agreement));
    side->outbox = arena_printf(arena, "6b616c61-0000-4000-8000-0000000001%02d", (int)side->partner);
    const char *uuid = arena_printf(arena, "6b616c61-0000-4000-8000-0000000002%02d", (int)side->agreement);
    const char *origin = arena_printf(arena, "node.example/log/partner-%d", (int)side->partner);
    const char *folder = arena_printf(arena, "partner-%d", (int)side->partner);
    TRY(store_ledger_log_new(work, "partner", slice_of(origin), slice_of(folder), &side->log));
    const struct db_value partner[] = {db_i64(side->partner), db_i64(side->organisation), db_text(slice_of(side->node)),
            db_bytes(slice_of(side->node)), db_i64(side->account), db_i64(side->source),
            db_text(slice_of(side->outbox)), db_i64(side->inbox)};
    TRY(db_run(work->db, PARTNER, partner, COUNT_OF(partner), NULL));
    const struct db_value agreement[] = {db_i64(side->agreement), db_text(slice_of(uuid)), db_i64(side->partner),
            db_bytes(slice_of(side->terms == NULL ? "{}" : side->terms)), db_i64(0), db_i64(INT64_MAX),
            db_i64(side->log)};
    return db_run(work->db, AGREEMENT, agreement, COUNT_OF(agreement), NULL);
}

/* The log's head stands behind its last entry, as if it had been signed. */
static inline struct err test_sign_action(struct work *work, void *context)
{
    const struct test_side *side = context;
    struct ledger_log log;
    TRY(store_ledger_log_get(work->db, side->log, work->arena, &log));
    struct sha256 root = hash_sha256(slice_of(arena_printf(work->arena, "%d", (int)log.size)));
    return store_ledger_head_put(work,
            &(struct ledger_head){
                    .log = side->log, .size = log.size, .root = root, .checkpoint = S("x"), .signed_us = work->now_us});
}

static inline void test_sign(struct test_store *store, struct test_side *side)
{
    test_ok(test_work(store, test_sign_action, side));
}

/* Any change of a row that a test wants, as somebody with the database in hand would make it. */
struct test_sql {
    const char *sql;
    struct db_value values[4];
    size_t count;
};
static inline struct err test_sql_action(struct work *work, void *context)
{
    const struct test_sql *call = context;
    return db_run(work->db, call->sql, call->values, call->count, NULL);
}
