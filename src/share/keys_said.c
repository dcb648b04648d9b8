/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Statements about keys: rotation and revocation, ours and those of partners. What the identity key signed holds
 * whoever carried it here, and saying it again changes nothing.
 */
#include <sodium.h>

#include "base/arena.h"
#include "share/keys.h"
#include "store/organisation.h"
#include "json/read.h"
#include "json/write.h"

#define BODY_MAX (16u << 10)
/* What the old key signs begins with this; the rest is the certification of the new one. */
#define DOMAIN "kentongan rotation/1\n"
#define NODE_MAX 128
#define SIGNATURE_MAX 88 /* base64 of 64 bytes */

/* ---- Ours ---- */

static slice rotation_text(slice certification, struct arena *arena)
{
    size_t len = sizeof DOMAIN - 1;
    char *text = arena_take(arena, len + certification.len);
    memcpy(text, DOMAIN, len);
    memcpy(text + len, certification.ptr, certification.len);
    return (slice){text, len + certification.len};
}

static slice rotation_body(slice certification, const struct key_pair *old, struct arena *arena)
{
    uint8_t signature[KEY_SIGNATURE_BYTES];
    char text[SIGNATURE_MAX + 1];
    struct buf buf = buf_make(BODY_MAX);
    struct json_writer w = json_writer(&buf);
    key_sign(old, rotation_text(certification, arena), signature);
    sodium_bin2base64(text, sizeof text, signature, sizeof signature, sodium_base64_VARIANT_ORIGINAL);
    json_write_object(&w);
    json_write_key(&w, S("certification"));
    json_write_raw(&w, certification);
    json_write_key_text(&w, S("old"), share_key_text(&old->public, arena));
    json_write_key_text(&w, S("signature"), slice_of(text));
    json_write_end(&w);
    slice body = arena_copy(arena, buf_slice(&buf));
    buf_free(&buf);
    return body;
}

struct err share_rotation(const struct share_certification *fresh, slice node, const struct key_pair *identity,
        const struct key_pair *old, struct arena *arena, slice *statement)
{
    slice certification;
    TRY(share_certify(fresh, node, identity, arena, &certification));
    const struct share_letter letter = {
            .type = S("key.rotate"),
            .from = node,
            .issued_us = fresh->from_us,
            .expires_us = fresh->until_us,
            .body = rotation_body(certification, old, arena),
    };
    return share_statement_write(&letter, identity, arena, statement);
}

static slice gone_body(const struct share_certification *gone, struct arena *arena)
{
    struct buf buf = buf_make(BODY_MAX);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    json_write_key_text(&w, S("key"), share_key_text(&gone->key, arena));
    json_write_key_text(&w, S("purpose"), slice_of(share_purpose_name(gone->purpose)));
    json_write_end(&w);
    slice body = arena_copy(arena, buf_slice(&buf));
    buf_free(&buf);
    return body;
}

struct err share_revocation(const struct share_certification *gone, slice node, const struct key_pair *identity,
        int64_t now_us, struct arena *arena, slice *statement)
{
    const struct share_letter letter = {
            .type = S("key.revoke"),
            .from = node,
            .issued_us = now_us,
            .expires_us = now_us + SHARE_IDENTITY_LIFE_US,
            .body = gone_body(gone, arena),
    };
    return share_statement_write(&letter, identity, arena, statement);
}

/* ---- Those of partners ---- */

struct taking {
    struct work *work;
    const struct share_letter *letter;
    struct partner partner;
};

static slice subject_of(const struct taking *taking)
{
    return slice_of(arena_printf(taking->work->arena, "partner/%lld", (long long)taking->partner.number));
}

static struct err news(const struct taking *taking, const char *act, const char *what, const struct key_public *key)
{
    struct buf buf = buf_make(BODY_MAX);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    json_write_key_text(&w, S("what"), slice_of(what));
    json_write_key_text(&w, S("key"), share_key_text(key, taking->work->arena));
    json_write_end(&w);
    struct err err = store_work_news(taking->work, act, subject_of(taking), buf_slice(&buf));
    buf_free(&buf);
    return err;
}

static struct err certified_store(
        const struct taking *taking, const struct share_certification *certified, slice statement, const char *what)
{
    struct work *work = taking->work;
    const struct node_key row = {.partner = taking->partner.number,
            .purpose = slice_of(share_purpose_name(certified->purpose)),
            .key = certified->key,
            .from_us = certified->from_us,
            .until_us = certified->until_us,
            .statement = statement};
    bool fresh;
    TRY(store_node_key_put(work, &row, &fresh));
    return fresh ? news(taking, "partner.key", what, &certified->key) : OK;
}

/* Whether the row of this very key is there: then nothing is new. */
static struct err is_there(const struct taking *taking, const struct share_certification *certified, bool *there)
{
    struct node_key row;
    struct err err = store_node_key_get(taking->work->db, taking->partner.number,
            slice_of(share_purpose_name(certified->purpose)), &certified->key, taking->work->arena, &row);
    *there = err.kind == ERR_NONE;
    return err.kind == ERR_MISSING ? OK : err;
}

/* It cannot sign its own rotation, and ends with its certificate; those before it go on for a while. */
static struct err tls_store(const struct taking *taking, const struct share_certification *certified)
{
    struct work *work = taking->work;
    TRY(store_node_key_shorten_all(work, taking->partner.number, slice_of(share_purpose_name(SHARE_TLS)),
            work->now_us + SHARE_KEY_OVERLAP_US));
    return certified_store(taking, certified, taking->letter->text, "certified");
}

static struct err take_certify(const struct taking *taking)
{
    struct work *work = taking->work;
    struct share_certification certified;
    struct key_public good;
    bool there;
    TRY(share_certification_read(
            taking->letter->text, taking->partner.node, &taking->letter->key, work->arena, &certified));
    TRY(is_there(taking, &certified, &there));
    if (there)
        return OK;
    if (certified.purpose == SHARE_TLS)
        return tls_store(taking, &certified);
    struct err err =
            share_key_find(work->db, taking->partner.number, certified.purpose, work->now_us, work->arena, &good);
    if (err.kind == ERR_NONE)
        return err_make(ERR_DENIED, "there is a good key for that purpose: it has to sign a rotation, or be revoked");
    if (err.kind != ERR_MISSING)
        return err;
    return certified_store(taking, &certified, taking->letter->text, "certified");
}

static bool old_signed(slice certification, const struct key_public *old, slice signature, struct arena *arena)
{
    uint8_t bytes[KEY_SIGNATURE_BYTES];
    size_t len = 0;
    return sodium_base642bin(bytes, sizeof bytes, signature.ptr, signature.len, NULL, &len, NULL,
                   sodium_base64_VARIANT_ORIGINAL) == 0 &&
           key_verify(old, rotation_text(certification, arena), (slice){(const char *)bytes, len});
}

static struct err take_rotate(const struct taking *taking)
{
    struct work *work = taking->work;
    struct share_certification certified;
    struct key_public old;
    slice body = taking->letter->body, certification = json_get(body, S("certification")), hex, signature;
    TRY(share_body_only(body, "certification old signature", work->arena));
    TRY(share_body_text(body, "old", 2 * sizeof old.bytes, work->arena, &hex));
    TRY(share_body_text(body, "signature", SIGNATURE_MAX, work->arena, &signature));
    TRY(share_certification_read(certification, taking->partner.node, &taking->letter->key, work->arena, &certified));
    if (!share_key_parse(hex, &old) || !old_signed(certification, &old, signature, work->arena))
        return err_make(ERR_AUTH, "the rotation is not signed by the key that it replaces");
    TRY(share_key_check(work->db, &taking->partner, certified.purpose, &old, work->now_us, work->arena));
    TRY(certified_store(taking, &certified, certification, "rotated"));
    return store_node_key_shorten(work, taking->partner.number, slice_of(share_purpose_name(certified.purpose)), &old,
            work->now_us + SHARE_KEY_OVERLAP_US);
}

/* Nothing of it is taken from now on; people decide how to go on. */
static struct err identity_gone(const struct taking *taking)
{
    struct work *work = taking->work;
    enum partner_state state = taking->partner.state;
    TRY(store_node_key_revoke_all(work, taking->partner.number, work->now_us));
    if (state == PARTNER_CONFIRMED || state == PARTNER_ACTIVE) {
        TRY(store_partner_move(work, taking->partner.number, state, PARTNER_SUSPENDED));
        if (state == PARTNER_ACTIVE)
            TRY(store_organisation_state(work, taking->partner.organisation, ORGANISATION_SUSPENDED));
        TRY(store_work_news(work, "partner.suspended", subject_of(taking),
                store_work_reason(work->arena, S("its identity key was revoked"))));
    }
    return news(taking, "partner.alarm", "identity revoked", &taking->letter->key);
}

static struct err gone_read(slice body, struct arena *arena, struct share_certification *gone)
{
    slice hex, purpose;
    TRY(share_body_text(body, "key", 2 * sizeof gone->key.bytes, arena, &hex));
    TRY(share_body_text(body, "purpose", STATEMENT_TYPE_MAX, arena, &purpose));
    gone->purpose = share_purpose_find(purpose);
    if (gone->purpose == SHARE_PURPOSES || !share_key_parse(hex, &gone->key))
        return err_make(ERR_INPUT, "the body's key or purpose is none that is known");
    return OK;
}

static struct err take_revoke(const struct taking *taking)
{
    struct work *work = taking->work;
    struct share_certification gone;
    bool changed;
    TRY(share_body_only(taking->letter->body, "key purpose", work->arena));
    TRY(gone_read(taking->letter->body, work->arena, &gone));
    if (gone.purpose == SHARE_IDENTITY && memcmp(&gone.key, &taking->letter->key, sizeof gone.key) != 0)
        return err_make(ERR_INPUT, "an identity key is revoked by itself");
    if (gone.purpose == SHARE_IDENTITY)
        return identity_gone(taking);
    TRY(store_node_key_revoke(work, taking->partner.number, slice_of(share_purpose_name(gone.purpose)), &gone.key,
            work->now_us, &changed));
    return changed ? news(taking, "partner.alarm", "key revoked", &gone.key) : OK;
}

/*
 * A member of a group says that a key of another member was stolen. Among members that holds at once, since it only
 * narrows; of anybody else it is told to people and changes nothing, or partners could cut us off from each other.
 */
static struct err take_reported(const struct taking *taking)
{
    struct work *work = taking->work;
    struct taking of = *taking;
    struct share_certification gone;
    bool together, changed = false;
    slice node;
    TRY(share_body_only(taking->letter->body, "key node purpose", work->arena));
    TRY(gone_read(taking->letter->body, work->arena, &gone));
    TRY(share_body_text(taking->letter->body, "node", NODE_MAX, work->arena, &node));
    struct err err = store_partner_find_node(work->db, node, work->now_us, work->arena, &of.partner);
    if (err.kind == ERR_MISSING)
        return OK; /* no partner of ours: then its keys are nothing to us */
    TRY(err);
    TRY(store_partner_share_group(work->db, taking->letter->from, node, &together));
    if (together)
        TRY(store_node_key_revoke(work, of.partner.number, slice_of(share_purpose_name(gone.purpose)), &gone.key,
                work->now_us, &changed));
    return news(&of, "partner.alarm",
            changed ? "a member of our group reported the key stolen: it is revoked"
                    : "a partner reported the key stolen: nothing was changed",
            &gone.key);
}

struct err share_key_take(struct work *work, int64_t partner, const struct share_letter *letter)
{
    static const struct {
        const char *type;
        struct err (*take)(const struct taking *taking);
    } rows[] = {{"key.certify", take_certify}, {"key.rotate", take_rotate}, {"key.revoke", take_revoke},
            {"key.reported", take_reported}};
    struct taking taking = {work, letter, {0}};
    TRY(store_partner_get(work->db, partner, work->now_us, work->arena, &taking.partner));
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (slice_eq(letter->type, slice_of(rows[i].type)))
            return rows[i].take(&taking);
    return err_format(
            work->arena, ERR_INPUT, "%.*s is nothing that is said of keys", (int)letter->type.len, letter->type.ptr);
}
