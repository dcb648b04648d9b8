/* SPDX-License-Identifier: Apache-2.0 */
#include "store/partner.h"

#include "base/arena.h"
#include "store/page.h"

#define SEEN_SWEEP 64 /* statements that expired go with one that comes */
#define CONTACT_MAX 500

static const char *const states[] = {
        [PARTNER_CANDIDATE] = "candidate",
        [PARTNER_CONFIRMED] = "confirmed",
        [PARTNER_ACTIVE] = "active",
        [PARTNER_SUSPENDED] = "suspended",
        [PARTNER_ENDED] = "ended",
};
static const char *const kinds[] = {[PARTNER_NODE] = "node", [PARTNER_TAXII] = "taxii"};

const char *store_partner_state_name(enum partner_state state)
{
    return states[state];
}

const char *store_partner_kind_name(enum partner_kind kind)
{
    return kinds[kind];
}

/* ---- Reading ---- */

/* $1: now. */
#define COLUMNS                                                                                                        \
    "SELECT p.number, p.organisation, p.kind, "                                                                        \
    "CASE WHEN p.ended_us IS NOT NULL AND p.ended_us <= $1 THEN 'ended' ELSE p.state END, n.name, o.country, p.node, " \
    "p.identity_key, p.url, p.contact, p.account, u.name, p.source, p.outbox, p.inbox, c.id, p.remote_inbox, "         \
    "p.remote_outbox, p.paused, p.introduced_us, p.confirmed_us, p.confirmed_by, p.ended_us FROM partner p "           \
    "JOIN organisation o ON o.number = p.organisation "                                                                \
    "JOIN organisation_name n ON n.organisation = p.organisation AND n.until_us IS NULL "                              \
    "JOIN person u ON u.number = p.account JOIN collection c ON c.number = p.inbox "

static size_t word_find(const char *const *words, size_t count, slice word)
{
    size_t at = 0;
    while (at + 1 < count && !slice_eq(word, slice_of(words[at])))
        at++;
    return at;
}

static struct key_public key_of(slice bytes)
{
    struct key_public key = {{0}};
    if (bytes.len == sizeof key.bytes)
        memcpy(key.bytes, bytes.ptr, bytes.len);
    return key;
}

static void partner_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct partner *)row = (struct partner){
            .number = db_number(rows, 0),
            .organisation = db_number(rows, 1),
            .kind = (enum partner_kind)word_find(kinds, COUNT_OF(kinds), db_slice(rows, 2)),
            .state = (enum partner_state)word_find(states, COUNT_OF(states), db_slice(rows, 3)),
            .name = arena_copy(arena, db_slice(rows, 4)),
            .country = arena_copy(arena, db_slice(rows, 5)),
            .node = arena_copy(arena, db_slice(rows, 6)),
            .identity_key = key_of(db_slice(rows, 7)),
            .url = arena_copy(arena, db_slice(rows, 8)),
            .contact = arena_copy(arena, db_slice(rows, 9)),
            .account = db_number(rows, 10),
            .account_name = arena_copy(arena, db_slice(rows, 11)),
            .source = db_number(rows, 12),
            .outbox = arena_copy(arena, db_slice(rows, 13)),
            .inbox = db_number(rows, 14),
            .inbox_id = arena_copy(arena, db_slice(rows, 15)),
            .remote_inbox = arena_copy(arena, db_slice(rows, 16)),
            .remote_outbox = arena_copy(arena, db_slice(rows, 17)),
            .paused = arena_copy(arena, db_slice(rows, 18)),
            .introduced_us = db_number(rows, 19),
            .confirmed_us = page_time(rows, 20),
            .confirmed_by = arena_copy(arena, db_slice(rows, 21)),
            .ended_us = page_time(rows, 22),
    };
}

static struct err one(struct db *db, const char *sql, struct db_value by, int64_t now_us, struct arena *arena,
        struct partner *partner)
{
    struct page page = page_of(struct partner, sql, partner_read, 1);
    const struct db_value values[] = {db_i64(now_us), by};
    return page_get(db, &page, values, COUNT_OF(values), arena, partner, "there is no such partner");
}

struct err store_partner_get(
        struct db *db, int64_t number, int64_t now_us, struct arena *arena, struct partner *partner)
{
    static const char GET[] = COLUMNS "WHERE p.number = $2";
    return one(db, GET, db_i64(number), now_us, arena, partner);
}

struct err store_partner_find_node(
        struct db *db, slice node, int64_t now_us, struct arena *arena, struct partner *partner)
{
    static const char FIND[] = COLUMNS "WHERE p.node = $2";
    return one(db, FIND, db_text(node), now_us, arena, partner);
}

struct err store_partner_find(struct db *db, slice name, int64_t now_us, struct arena *arena, struct partner *partner)
{
    static const char FIND[] = COLUMNS "WHERE n.name = $2";
    struct err err = one(db, FIND, db_text(name), now_us, arena, partner);
    return err.kind == ERR_MISSING ? store_partner_find_node(db, name, now_us, arena, partner) : err;
}

struct err store_partner_list(struct db *db, int64_t after, size_t count, int64_t now_us, struct arena *arena,
        struct partner **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE p.number > $2 ORDER BY p.number LIMIT $3";
    struct page page = page_of(struct partner, LIST, partner_read, count);
    const struct db_value values[] = {db_i64(now_us), db_i64(after)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_partner_all(
        struct db *db, int64_t now_us, struct arena *arena, struct partner **rows, size_t *row_count)
{
    static const char ALL[] = COLUMNS "ORDER BY p.number LIMIT $2";
    struct page page = page_of(struct partner, ALL, partner_read, PARTNERS_MAX);
    return page_read_whole(db, &page, (struct db_value[]){db_i64(now_us)}, 1, arena, (void **)rows, row_count);
}

struct err store_partner_group_is_known(struct db *db, slice group, bool *known)
{
    static const char FIND[] = "SELECT 1 FROM sharing_group WHERE id = $1";
    int64_t found;
    TRY(db_one(db, FIND, (struct db_value[]){db_text(group)}, 1, 0, &found));
    *known = found != 0;
    return OK;
}

struct err store_partner_share_group(struct db *db, slice node, slice other, bool *share)
{
    static const char FIND[] = "SELECT 1 FROM group_member a JOIN group_member b ON b.sharing_group = a.sharing_group "
                               "WHERE a.node = $1 AND b.node = $2 LIMIT 1";
    int64_t found;
    TRY(db_one(db, FIND, (struct db_value[]){db_text(node), db_text(other)}, 2, 0, &found));
    *share = found != 0;
    return OK;
}

/* ---- Changing ---- */

static struct db_value identity_value(const struct partner_put *put)
{
    slice key = {(const char *)put->identity_key.bytes, sizeof put->identity_key.bytes};
    return db_bytes(put->kind == PARTNER_NODE ? key : S(""));
}

static struct err put_check(struct arena *arena, const struct partner_put *put)
{
    if (put->url.len > 0)
        TRY(store_text_check(arena, "URL of the partner", put->url, STORE_TEXT_MAX));
    return put->contact.len == 0 ? OK : store_text_check(arena, "contact of the partner", put->contact, CONTACT_MAX);
}

struct err store_partner_add(struct work *work, const struct partner_put *put, int64_t *number)
{
    static const char ADD[] =
            "INSERT INTO partner (number, organisation, kind, state, node, identity_key, url, account, source, outbox, "
            "inbox, remote_inbox, remote_outbox, contact, paused, introduced_us, confirmed_us, confirmed_by, ended_us) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', '', $12, '', $13, NULL, '', NULL) "
            "ON CONFLICT DO NOTHING";
    int64_t fresh;
    uint64_t changed;
    TRY(put_check(work->arena, put));
    TRY(store_number(work->db, "partner", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_i64(put->organisation), db_text(slice_of(kinds[put->kind])),
            db_text(slice_of(states[put->state])), db_text(put->node), identity_value(put), db_text(put->url),
            db_i64(put->account), db_i64(put->source), db_text(put->outbox), db_i64(put->inbox), db_text(put->contact),
            db_i64(work->now_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), &changed));
    if (changed == 0)
        return err_make(ERR_CONFLICT, "this node or organisation is a partner already");
    *number = fresh;
    return OK;
}

struct err store_partner_again(struct work *work, int64_t number, const struct partner_put *put)
{
    static const char AGAIN[] =
            "UPDATE partner SET state = 'candidate', identity_key = $2, url = $3, contact = $4, remote_inbox = '', "
            "remote_outbox = '', paused = '', introduced_us = $5, confirmed_us = NULL, confirmed_by = '', "
            "ended_us = NULL WHERE number = $1 AND (state = 'candidate' OR ended_us <= $5)";
    uint64_t changed;
    TRY(put_check(work->arena, put));
    const struct db_value values[] = {
            db_i64(number), identity_value(put), db_text(put->url), db_text(put->contact), db_i64(work->now_us)};
    TRY(db_run(work->db, AGAIN, values, COUNT_OF(values), &changed));
    return changed > 0 ? OK : err_make(ERR_CONFLICT, "this is a partner already; end it first");
}

static struct err moved(struct work *work, const char *from, uint64_t changed)
{
    return changed > 0 ? OK : err_format(work->arena, ERR_CONFLICT, "the partner is not %s (any more)", from);
}

struct err store_partner_move(struct work *work, int64_t number, enum partner_state from, enum partner_state to)
{
    static const char MOVE[] = "UPDATE partner SET state = $3 WHERE number = $1 AND state = $2 "
                               "AND (ended_us IS NULL OR ended_us > $4)";
    uint64_t changed;
    const struct db_value values[] = {
            db_i64(number), db_text(slice_of(states[from])), db_text(slice_of(states[to])), db_i64(work->now_us)};
    TRY(db_run(work->db, MOVE, values, COUNT_OF(values), &changed));
    return moved(work, states[from], changed);
}

struct err store_partner_confirm(struct work *work, int64_t number, slice by)
{
    static const char CONFIRM[] = "UPDATE partner SET state = 'confirmed', confirmed_us = $2, confirmed_by = $3 "
                                  "WHERE number = $1 AND state = 'candidate' "
                                  "AND (ended_us IS NULL OR ended_us > $2)";
    uint64_t changed;
    const struct db_value values[] = {db_i64(number), db_i64(work->now_us), db_text(by)};
    TRY(db_run(work->db, CONFIRM, values, COUNT_OF(values), &changed));
    return moved(work, states[PARTNER_CANDIDATE], changed);
}

struct err store_partner_end(struct work *work, int64_t number, int64_t at_us)
{
    static const char END[] = "UPDATE partner SET state = CASE WHEN CAST($2 AS BIGINT) <= CAST($3 AS BIGINT) THEN "
                              "'ended' ELSE state END, "
                              "ended_us = CASE WHEN ended_us IS NULL OR ended_us > $2 THEN $2 ELSE ended_us END "
                              "WHERE number = $1 AND (ended_us IS NULL OR ended_us > $3)";
    uint64_t changed;
    const struct db_value values[] = {db_i64(number), db_i64(at_us), db_i64(work->now_us)};
    TRY(db_run(work->db, END, values, COUNT_OF(values), &changed));
    return changed > 0 ? OK : err_make(ERR_CONFLICT, "the partner has ended already");
}

struct err store_partner_remote(struct work *work, int64_t number, slice inbox, slice outbox)
{
    static const char REMOTE[] = "UPDATE partner SET remote_inbox = $2, remote_outbox = $3 WHERE number = $1";
    TRY(store_text_check(work->arena, "URL of our inbox there", inbox, STORE_TEXT_MAX));
    TRY(store_text_check(work->arena, "URL of our outbox there", outbox, STORE_TEXT_MAX));
    return db_run(work->db, REMOTE, (struct db_value[]){db_i64(number), db_text(inbox), db_text(outbox)}, 3, NULL);
}

struct err store_partner_pause(struct work *work, int64_t number, slice why)
{
    static const char PAUSE[] = "UPDATE partner SET paused = $2 WHERE number = $1";
    slice kept = store_text_keep(work->arena, why, STORE_TEXT_MAX);
    return db_run(work->db, PAUSE, (struct db_value[]){db_i64(number), db_text(kept)}, 2, NULL);
}

/* ---- Keys ---- */

#define KEY_COLUMNS "SELECT partner, purpose, key, from_us, until_us, revoked_us, statement, added_us FROM node_key "

static struct db_value key_value(const struct key_public *key)
{
    return db_bytes((slice){(const char *)key->bytes, sizeof key->bytes});
}

static void key_read_row(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct node_key *)row = (struct node_key){
            .partner = db_number(rows, 0),
            .purpose = arena_copy(arena, db_slice(rows, 1)),
            .key = key_of(db_slice(rows, 2)),
            .from_us = db_number(rows, 3),
            .until_us = db_number(rows, 4),
            .revoked_us = page_time(rows, 5),
            .statement = arena_copy(arena, db_slice(rows, 6)),
            .added_us = db_number(rows, 7),
    };
}

struct err store_node_key_put(struct work *work, const struct node_key *key, bool *fresh)
{
    static const char COUNT[] = "SELECT count(*) FROM node_key WHERE partner = $1";
    static const char ADD[] =
            "INSERT INTO node_key (partner, purpose, key, from_us, until_us, revoked_us, statement, added_us) "
            "VALUES ($1, $2, $3, $4, $5, NULL, $6, $7) ON CONFLICT (partner, purpose, key) DO NOTHING";
    int64_t count;
    uint64_t changed;
    TRY(db_one(work->db, COUNT, (struct db_value[]){db_i64(key->partner)}, 1, 0, &count));
    if (count >= PARTNER_KEYS_MAX)
        return err_format(work->arena, ERR_LIMIT, "a node has at most %d keys in its life", PARTNER_KEYS_MAX);
    const struct db_value values[] = {db_i64(key->partner), db_text(key->purpose), key_value(&key->key),
            db_i64(key->from_us), db_i64(key->until_us), db_bytes(key->statement), db_i64(work->now_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), &changed));
    *fresh = changed > 0;
    return OK;
}

struct err store_node_key_get(struct db *db, int64_t partner, slice purpose, const struct key_public *key,
        struct arena *arena, struct node_key *row)
{
    static const char GET[] = KEY_COLUMNS "WHERE partner = $1 AND purpose = $2 AND key = $3";
    struct page page = page_of(struct node_key, GET, key_read_row, 1);
    const struct db_value values[] = {db_i64(partner), db_text(purpose), key_value(key)};
    return page_get(db, &page, values, COUNT_OF(values), arena, row, "there is no such key");
}

struct err store_node_key_is_known(struct db *db, const struct key_public *key, bool *known)
{
    static const char KEY[] = "SELECT count(*) FROM node_key WHERE key = $1";
    static const char IDENTITY[] = "SELECT count(*) FROM partner WHERE identity_key = $1";
    int64_t keys, identities;
    TRY(db_one(db, KEY, (struct db_value[]){key_value(key)}, 1, 0, &keys));
    TRY(db_one(db, IDENTITY, (struct db_value[]){key_value(key)}, 1, 0, &identities));
    *known = keys + identities > 0;
    return OK;
}

struct err store_node_key_list(
        struct db *db, int64_t partner, struct arena *arena, struct node_key **rows, size_t *row_count)
{
    static const char LIST[] = KEY_COLUMNS "WHERE partner = $1 ORDER BY purpose, added_us DESC, key LIMIT $2";
    struct page page = page_of(struct node_key, LIST, key_read_row, PARTNER_KEYS_MAX);
    return page_read(db, &page, (struct db_value[]){db_i64(partner)}, 1, arena, (void **)rows, row_count);
}

struct err store_node_key_revoke(
        struct work *work, int64_t partner, slice purpose, const struct key_public *key, int64_t at_us, bool *changed)
{
    static const char REVOKE[] = "UPDATE node_key SET revoked_us = $4 WHERE partner = $1 AND purpose = $2 AND key = $3 "
                                 "AND (revoked_us IS NULL OR revoked_us > $4)";
    uint64_t count;
    const struct db_value values[] = {db_i64(partner), db_text(purpose), key_value(key), db_i64(at_us)};
    TRY(db_run(work->db, REVOKE, values, COUNT_OF(values), &count));
    *changed = count > 0;
    return OK;
}

struct err store_node_key_revoke_all(struct work *work, int64_t partner, int64_t at_us)
{
    static const char REVOKE[] = "UPDATE node_key SET revoked_us = $2 WHERE partner = $1 "
                                 "AND (revoked_us IS NULL OR revoked_us > $2)";
    return db_run(work->db, REVOKE, (struct db_value[]){db_i64(partner), db_i64(at_us)}, 2, NULL);
}

struct err store_node_key_shorten(
        struct work *work, int64_t partner, slice purpose, const struct key_public *key, int64_t until_us)
{
    static const char SHORTEN[] = "UPDATE node_key SET until_us = $4 WHERE partner = $1 AND purpose = $2 AND key = $3 "
                                  "AND until_us > $4";
    const struct db_value values[] = {db_i64(partner), db_text(purpose), key_value(key), db_i64(until_us)};
    return db_run(work->db, SHORTEN, values, COUNT_OF(values), NULL);
}

struct err store_node_key_shorten_all(struct work *work, int64_t partner, slice purpose, int64_t until_us)
{
    static const char SHORTEN[] =
            "UPDATE node_key SET until_us = $3 WHERE partner = $1 AND purpose = $2 AND until_us > $3";
    const struct db_value values[] = {db_i64(partner), db_text(purpose), db_i64(until_us)};
    return db_run(work->db, SHORTEN, values, COUNT_OF(values), NULL);
}

/* ---- Statements that were taken ---- */

struct err store_statement_seen(struct work *work, int64_t partner, const struct statement_seen *seen, bool *fresh)
{
    static const char SWEEP[] = "DELETE FROM statement_seen WHERE (partner, id) IN "
                                "(SELECT partner, id FROM statement_seen WHERE expires_us <= $1 LIMIT $2)";
    static const char COUNT[] = "SELECT count(*) FROM statement_seen WHERE partner = $1";
    static const char ADD[] = "INSERT INTO statement_seen (partner, id, sequence, received_us, expires_us, refused) "
                              "VALUES ($1, $2, $3, $4, $5, '') ON CONFLICT (partner, id) DO NOTHING";
    int64_t count;
    uint64_t changed;
    TRY(db_run(work->db, SWEEP, (struct db_value[]){db_i64(work->now_us), db_i64(SEEN_SWEEP)}, 2, NULL));
    TRY(db_one(work->db, COUNT, (struct db_value[]){db_i64(partner)}, 1, 0, &count));
    if (count >= STATEMENTS_SEEN_MAX)
        return err_format(work->arena, ERR_LIMIT, "more than %d statements of this partner have not expired yet",
                STATEMENTS_SEEN_MAX);
    const struct db_value values[] = {
            db_i64(partner), db_text(seen->id), db_i64(seen->sequence), db_i64(work->now_us), db_i64(seen->expires_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), &changed));
    *fresh = changed > 0;
    return OK;
}

struct err store_statement_refused(struct work *work, int64_t partner, slice id, slice why)
{
    static const char REFUSED[] = "UPDATE statement_seen SET refused = $3 WHERE partner = $1 AND id = $2";
    const struct db_value values[] = {
            db_i64(partner), db_text(id), db_text(store_text_keep(work->arena, why, STORE_TEXT_MAX))};
    return db_run(work->db, REFUSED, values, COUNT_OF(values), NULL);
}

static void refused_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(slice *)row = arena_copy(arena, db_slice(rows, 0));
}

struct err store_statement_answer(struct db *db, int64_t partner, slice id, struct arena *arena, slice *refused)
{
    static const char ANSWER[] = "SELECT refused FROM statement_seen WHERE partner = $1 AND id = $2";
    struct page page = page_of(slice, ANSWER, refused_read, 1);
    const struct db_value values[] = {db_i64(partner), db_text(id)};
    return page_get(db, &page, values, COUNT_OF(values), arena, refused, "this statement is new");
}
