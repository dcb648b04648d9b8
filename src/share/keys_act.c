/* SPDX-License-Identifier: Apache-2.0 */
#include "share/keys_act.h"

#include "base/arena.h"
#include "share/keys.h"
#include "share/post.h"
#include "json/read.h"
#include "json/write.h"

#define PARTNERS_PAGE 100
#define STATE_MAX (256u << 10)

/* What was proposed, with every signature checked. */
struct act {
    struct work *work;
    slice node;
    struct key_public identity;
    struct share_certification fresh[SHARE_PURPOSES];
    slice statements[SHARE_PURPOSES];
    size_t count;
    struct key_public old;
    struct share_letter said; /* of a rotation or revocation */
};

/* ---- As it was proposed ---- */

/* The identity of a node that has one is that one; a new node says in the same breath which it is. */
static struct err identity_read(struct act *act, slice detail)
{
    struct work *work = act->work;
    struct key_public certified;
    slice text = json_text(json_get(detail, S("identity")), work->arena);
    if (!share_key_parse(text, &act->identity))
        return err_make(ERR_INPUT, "what is proposed does not name the identity key that signed it");
    struct err err = share_key_find(work->db, 0, SHARE_IDENTITY, work->now_us, work->arena, &certified);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    return memcmp(&certified, &act->identity, sizeof certified) == 0
                   ? OK
                   : err_make(ERR_CONFLICT, "it was signed with another key than the identity key of this node");
}

static struct err certified_read(struct act *act, slice detail)
{
    struct json_elements elements = json_elements(json_get(detail, S("certified")));
    slice statement;
    while (json_element_next(&elements, &statement)) {
        if (act->count == SHARE_PURPOSES)
            return err_make(ERR_INPUT, "there are more certifications than purposes of keys");
        TRY(share_certification_read(statement, act->node, &act->identity, act->work->arena, &act->fresh[act->count]));
        act->statements[act->count++] = statement;
    }
    return act->count > 0 ? OK : err_make(ERR_INPUT, "no key is certified in what is proposed");
}

static struct err node_of(struct act *act, struct work *work, slice subject)
{
    *act = (struct act){.work = work};
    if (!slice_eq(subject, S(SHARE_KEYS_SUBJECT)))
        return err_make(ERR_INPUT, "keys are those of the node: its subject is \"" SHARE_KEYS_SUBJECT "\"");
    return share_own_node(work->db, work->arena, &act->node);
}

static struct err begin(struct act *act, struct work *work, slice subject, slice detail)
{
    TRY(node_of(act, work, subject));
    TRY(identity_read(act, detail));
    return certified_read(act, detail);
}

/* What partners are told is of this type, signed by our identity, and about a key of ours. */
static struct err said_read(struct act *act, slice detail, slice type)
{
    struct arena *arena = act->work->arena;
    struct node_key row;
    TRY(share_statement_read(json_get(detail, S("said")), arena, &act->said));
    if (!slice_eq(act->said.type, type) || !slice_eq(act->said.from, act->node) ||
            memcmp(&act->said.key, &act->identity, sizeof act->identity) != 0 || !share_statement_signed(&act->said))
        return err_make(ERR_INPUT, "what partners would be told is not what the identity key signed for this");
    if (!share_key_parse(json_text(json_get(detail, S("old")), arena), &act->old))
        return err_make(ERR_INPUT, "what is proposed does not name the old key");
    TRY(store_node_key_get(
            act->work->db, 0, slice_of(share_purpose_name(act->fresh[0].purpose)), &act->old, arena, &row));
    return row.revoked_us == TIME_NONE ? OK : err_make(ERR_CONFLICT, "the old key was revoked before");
}

/* ---- How they stand ---- */

struct err share_keys_about(struct work *work, slice subject, slice detail, slice *state)
{
    struct buf buf = buf_make(STATE_MAX);
    struct node_key *rows;
    size_t count;
    (void)subject;
    (void)detail;
    TRY(store_node_key_list(work->db, 0, work->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        buf_printf(&buf, "%.*s %.*s %lld %lld\n", (int)rows[i].purpose.len, rows[i].purpose.ptr,
                (int)share_key_text(&rows[i].key, work->arena).len, share_key_text(&rows[i].key, work->arena).ptr,
                (long long)rows[i].until_us, (long long)rows[i].revoked_us);
    struct err err = buf_check(&buf);
    *state = arena_copy(work->arena, buf_slice(&buf));
    buf_free(&buf);
    return err;
}

/* ---- What is stored ---- */

static slice news_detail(const struct act *act, const struct share_certification *key, const char *what)
{
    struct buf buf = buf_make(4096);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    json_write_key_text(&w, S("what"), slice_of(what));
    json_write_key_text(&w, S("purpose"), slice_of(share_purpose_name(key->purpose)));
    json_write_key_text(&w, S("key"), share_key_text(&key->key, act->work->arena));
    json_write_end(&w);
    slice detail = arena_copy(act->work->arena, buf_slice(&buf));
    buf_free(&buf);
    return detail;
}

static struct err fresh_store(const struct act *act, size_t at)
{
    const struct share_certification *key = &act->fresh[at];
    const struct node_key row = {.partner = 0,
            .purpose = slice_of(share_purpose_name(key->purpose)),
            .key = key->key,
            .from_us = key->from_us,
            .until_us = key->until_us,
            .statement = act->statements[at]};
    bool fresh;
    TRY(store_node_key_put(act->work, &row, &fresh));
    if (!fresh)
        return err_format(
                act->work->arena, ERR_CONFLICT, "this %s key was certified before", share_purpose_name(key->purpose));
    return store_work_news(act->work, "partner.key", S(SHARE_KEYS_SUBJECT), news_detail(act, key, "certified"));
}

static struct err fresh_store_all(const struct act *act)
{
    for (size_t i = 0; i < act->count; i++)
        TRY(fresh_store(act, i));
    return OK;
}

/* ---- What partners are told ---- */

static struct err post_to(struct work *work, const struct partner *partner, slice first, slice second)
{
    bool is_for =
            partner->kind == PARTNER_NODE && partner->state != PARTNER_CANDIDATE && partner->state != PARTNER_ENDED;
    const slice statements[] = {first, second};
    for (size_t i = 0; is_for && i < COUNT_OF(statements); i++) {
        struct share_letter letter;
        if (statements[i].len == 0)
            continue;
        TRY(share_statement_read(statements[i], work->arena, &letter));
        TRY(share_post(work, partner->number, arena_cstr(work->arena, letter.type), statements[i]));
    }
    return OK;
}

/* To all nodes that know us; `second` may be empty. */
static struct err post_to_all(struct work *work, slice first, slice second)
{
    size_t count = PARTNERS_PAGE;
    for (int64_t after = 0; count == PARTNERS_PAGE;) {
        struct partner *rows;
        TRY(store_partner_list(work->db, after, PARTNERS_PAGE, work->now_us, work->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            TRY(post_to(work, &rows[i], first, second));
            after = rows[i].number;
        }
    }
    return OK;
}

/* ---- What is done ---- */

struct err share_keys_do_make(struct work *work, slice subject, slice detail)
{
    struct act act;
    TRY(begin(&act, work, subject, detail));
    return fresh_store_all(&act);
}

struct err share_keys_do_rotate(struct work *work, slice subject, slice detail)
{
    struct act act;
    TRY(begin(&act, work, subject, detail));
    TRY(said_read(&act, detail, S("key.rotate")));
    TRY(fresh_store_all(&act));
    TRY(post_to_all(work, act.said.text, S("")));
    return store_node_key_shorten(
            work, 0, slice_of(share_purpose_name(act.fresh[0].purpose)), &act.old, work->now_us + SHARE_KEY_OVERLAP_US);
}

struct err share_keys_do_revoke(struct work *work, slice subject, slice detail)
{
    struct act act;
    bool changed;
    TRY(begin(&act, work, subject, detail));
    TRY(said_read(&act, detail, S("key.revoke")));
    const struct share_certification gone = {.purpose = act.fresh[0].purpose, .key = act.old};
    TRY(fresh_store_all(&act));
    TRY(post_to_all(work, act.said.text, act.statements[0]));
    TRY(store_node_key_revoke(work, 0, slice_of(share_purpose_name(gone.purpose)), &act.old, work->now_us, &changed));
    return store_work_news(work, "partner.key", S(SHARE_KEYS_SUBJECT), news_detail(&act, &gone, "revoked"));
}

struct err share_keys_do_tls(struct work *work, slice subject, slice detail)
{
    struct act act;
    TRY(begin(&act, work, subject, detail));
    TRY(store_node_key_shorten_all(
            work, 0, slice_of(share_purpose_name(SHARE_TLS)), work->now_us + SHARE_KEY_OVERLAP_US));
    TRY(post_to_all(work, act.statements[0], S("")));
    return fresh_store_all(&act);
}

/* By the old identity, if that was at hand: that none of our keys is good any more. */
static struct err farewell_read(struct act *act, slice statement)
{
    struct key_public old;
    struct work *work = act->work;
    TRY(share_key_find(work->db, 0, SHARE_IDENTITY, work->now_us, work->arena, &old));
    TRY(share_statement_read(statement, work->arena, &act->said));
    return slice_eq(act->said.type, S("key.revoke")) && slice_eq(act->said.from, act->node) &&
                           memcmp(&act->said.key, &old, sizeof old) == 0 && share_statement_signed(&act->said)
                   ? OK
                   : err_make(ERR_INPUT, "what partners would be told is not what the identity key signed for this");
}

/* What is certified is signed by the new identity, which vouches for nothing but itself: partners compare fingerprints.
 */
struct err share_keys_do_identity(struct work *work, slice subject, slice detail)
{
    struct act act;
    slice said = json_get(detail, S("said"));
    TRY(node_of(&act, work, subject));
    if (!share_key_parse(json_text(json_get(detail, S("identity")), work->arena), &act.identity))
        return err_make(ERR_INPUT, "what is proposed does not name the identity key that signed it");
    TRY(certified_read(&act, detail));
    if (said.len > 0) {
        TRY(farewell_read(&act, said));
        TRY(post_to_all(work, act.said.text, S("")));
    }
    TRY(store_node_key_revoke_all(work, 0, work->now_us));
    const struct share_certification old = {.purpose = SHARE_IDENTITY, .key = act.identity};
    TRY(store_work_news(work, "partner.key", S(SHARE_KEYS_SUBJECT), news_detail(&act, &old, "anew")));
    return fresh_store_all(&act);
}
