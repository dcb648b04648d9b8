/* SPDX-License-Identifier: Apache-2.0 */
#include "share/keys.h"

#include <sodium.h>

#include "base/arena.h"
#include "store/organisation.h"
#include "json/read.h"
#include "json/write.h"

#define BODY_MAX 4096
#define TIME_SHOWN_MAX 32
#define PINS_MAX (64u << 10) /* of PARTNER_KEYS_MAX keys */

/* Any other algorithm is refused by name. */
static const struct {
    const char *name, *algorithm;
} purposes[SHARE_PURPOSES] = {
        [SHARE_IDENTITY] = {"identity", "Ed25519"},
        [SHARE_LOG] = {"log", "Ed25519"},
        [SHARE_WITNESS] = {"witness", "Ed25519"},
        [SHARE_MESSAGE] = {"message", "Ed25519"},
        [SHARE_TLS] = {"tls", "SHA-256"},
};

const char *share_purpose_name(enum share_purpose purpose)
{
    return purposes[purpose].name;
}

enum share_purpose share_purpose_find(slice name)
{
    enum share_purpose purpose = 0;
    while (purpose < SHARE_PURPOSES && !slice_eq(name, slice_of(purposes[purpose].name)))
        purpose++;
    return purpose;
}

struct err share_own_node(struct db *db, struct arena *arena, slice *node)
{
    struct organisation own;
    int64_t number;
    TRY(store_organisation_own(db, &number));
    TRY(store_organisation_get(db, number, arena, &own));
    *node = own.identity;
    return OK;
}

/* ---- Whether a key is good ---- */

static const char *time_shown(int64_t us, struct arena *arena)
{
    struct buf text = buf_make(TIME_SHOWN_MAX);
    time_write(&text, us);
    const char *shown = arena_cstr(arena, buf_slice(&text));
    buf_free(&text);
    return shown;
}

struct err share_key_good(const struct node_key *key, int64_t at_us, struct arena *arena)
{
    const struct {
        bool bad;
        const char *what;
        int64_t us;
    } rows[] = {
            {key->revoked_us != TIME_NONE && key->revoked_us <= at_us, "was revoked at", key->revoked_us},
            {at_us < key->from_us, "is not good before", key->from_us},
            {at_us >= key->until_us, "was good until", key->until_us},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (rows[i].bad)
            return err_format(arena, ERR_AUTH, "this %.*s key %s %s", (int)key->purpose.len, key->purpose.ptr,
                    rows[i].what, time_shown(rows[i].us, arena));
    return OK;
}

struct err share_key_check(struct db *db, const struct partner *partner, enum share_purpose purpose,
        const struct key_public *key, int64_t at_us, struct arena *arena)
{
    struct node_key row;
    struct err err = store_node_key_get(db, partner->number, slice_of(purposes[purpose].name), key, arena, &row);
    if (err.kind == ERR_MISSING)
        return err_format(arena, ERR_AUTH, "this is no %s key of %.*s", purposes[purpose].name, (int)partner->name.len,
                partner->name.ptr);
    TRY(err);
    return share_key_good(&row, at_us, arena);
}

struct err share_key_find(struct db *db, int64_t partner, enum share_purpose purpose, int64_t at_us,
        struct arena *arena, struct key_public *key)
{
    struct node_key *rows;
    size_t count;
    TRY(store_node_key_list(db, partner, arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (share_purpose_find(rows[i].purpose) == purpose && share_key_good(&rows[i], at_us, arena).kind == ERR_NONE) {
            *key = rows[i].key;
            return OK;
        }
    return err_format(arena, ERR_MISSING, "there is no %s key that is good now", purposes[purpose].name);
}

static void pin_put(struct buf *buf, const struct key_public *key)
{
    char text[sodium_base64_ENCODED_LEN(sizeof key->bytes, sodium_base64_VARIANT_ORIGINAL)];
    sodium_bin2base64(text, sizeof text, key->bytes, sizeof key->bytes, sodium_base64_VARIANT_ORIGINAL);
    buf_printf(buf, "%ssha256//%s", buf->len > 0 ? ";" : "", text);
}

struct err share_tls_pins(struct db *db, int64_t partner, int64_t now_us, struct arena *arena, const char **pins)
{
    struct buf buf = buf_make(PINS_MAX);
    struct node_key *rows;
    size_t count;
    TRY(store_node_key_list(db, partner, arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (share_purpose_find(rows[i].purpose) == SHARE_TLS &&
                share_key_good(&rows[i], now_us, arena).kind == ERR_NONE)
            pin_put(&buf, &rows[i].key);
    struct err err = buf_check(&buf);
    if (err.kind == ERR_NONE)
        *pins = buf.len > 0 ? arena_cstr(arena, buf_slice(&buf)) : NULL;
    buf_free(&buf);
    return err;
}

/* ---- Those that who serves needs ---- */

static struct err key_open(struct db *db, const char *folder, enum share_purpose purpose, int64_t now_us,
        struct arena *arena, struct key_pair *pair)
{
    const char *name = purposes[purpose].name;
    struct node_key row;
    struct err err = key_read(arena_printf(arena, "%s/%s.key", folder, name), arena, pair);
    if (err.kind == ERR_MISSING)
        return err_format(arena, ERR_MISSING, "the node has no %s key; `kentongan partner key make` makes it", name);
    TRY(err);
    err = store_node_key_get(db, 0, slice_of(name), &pair->public, arena, &row);
    if (err.kind == ERR_MISSING)
        return err_format(arena, ERR_CONFLICT,
                "%s/%s.key is not certified in this node's database; `kentongan partner key make` does it", folder,
                name);
    TRY(err);
    err = share_key_good(&row, now_us, arena);
    return err.kind == ERR_NONE ? OK : err_make(ERR_CONFLICT, err.why);
}

struct err share_keys_open(
        struct db *db, const char *folder, int64_t now_us, struct arena *arena, struct share_keys *keys)
{
    struct share_keys opened = {0};
    const struct {
        enum share_purpose purpose;
        struct key_pair *pair;
    } wanted[] = {{SHARE_LOG, &opened.log}, {SHARE_WITNESS, &opened.witness}, {SHARE_MESSAGE, &opened.message}};
    struct err err = share_own_node(db, arena, &opened.node);
    if (err.kind == ERR_NONE)
        err = share_keys_settle(db, folder, arena);
    for (size_t i = 0; i < COUNT_OF(wanted) && err.kind == ERR_NONE; i++)
        err = key_open(db, folder, wanted[i].purpose, now_us, arena, wanted[i].pair);
    if (err.kind == ERR_NONE)
        *keys = opened;
    share_keys_forget(&opened);
    return err;
}

void share_keys_forget(struct share_keys *keys)
{
    key_forget(&keys->log);
    key_forget(&keys->witness);
    key_forget(&keys->message);
}

/* ---- Certifications ---- */

static void time_put(struct json_writer *w, const char *name, int64_t us)
{
    json_write_key(w, slice_of(name));
    json_write_time(w, us);
}

static slice certification_body(const struct share_certification *certification, struct arena *arena)
{
    struct buf buf = buf_make(BODY_MAX);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    json_write_key_text(&w, S("algorithm"), slice_of(purposes[certification->purpose].algorithm));
    json_write_key_text(&w, S("purpose"), slice_of(purposes[certification->purpose].name));
    json_write_key_text(&w, S("key"), share_key_text(&certification->key, arena));
    time_put(&w, "from", certification->from_us);
    time_put(&w, "until", certification->until_us);
    json_write_end(&w);
    slice body = arena_copy(arena, buf_slice(&buf));
    buf_free(&buf);
    return body;
}

struct err share_certify(const struct share_certification *certification, slice node, const struct key_pair *identity,
        struct arena *arena, slice *statement)
{
    const struct share_letter letter = {
            .type = S("key.certify"),
            .from = node,
            .issued_us = certification->from_us,
            .expires_us = certification->until_us,
            .body = certification_body(certification, arena),
    };
    return share_statement_write(&letter, identity, arena, statement);
}

static struct err body_read(slice body, struct arena *arena, struct share_certification *certification)
{
    slice algorithm, purpose, key;
    TRY(share_body_only(body, "algorithm purpose key from until", arena));
    TRY(share_body_text(body, "purpose", STATEMENT_TYPE_MAX, arena, &purpose));
    TRY(share_body_text(body, "algorithm", STATEMENT_TYPE_MAX, arena, &algorithm));
    TRY(share_body_text(body, "key", 2 * sizeof(struct key_public), arena, &key));
    TRY(share_body_time(body, "from", arena, &certification->from_us));
    TRY(share_body_time(body, "until", arena, &certification->until_us));
    certification->purpose = share_purpose_find(purpose);
    if (certification->purpose == SHARE_PURPOSES)
        return err_make(ERR_INPUT, "the certified key is for a purpose that is not known");
    if (!slice_eq(algorithm, slice_of(purposes[certification->purpose].algorithm)))
        return err_format(arena, ERR_INPUT, "a %s key of a type that is not known here: only %s is",
                purposes[certification->purpose].name, purposes[certification->purpose].algorithm);
    if (!share_key_parse(key, &certification->key))
        return err_make(ERR_INPUT, "the certified key is not 64 hexadecimal digits");
    if (certification->until_us <= certification->from_us ||
            certification->until_us - certification->from_us > SHARE_IDENTITY_LIFE_US)
        return err_make(ERR_INPUT, "a key is good for more than nothing and at most twenty years");
    return OK;
}

struct err share_certification_read(slice statement, slice node, const struct key_public *identity, struct arena *arena,
        struct share_certification *certification)
{
    struct share_letter letter;
    struct share_certification read;
    TRY(share_statement_read(statement, arena, &letter));
    if (!slice_eq(letter.type, S("key.certify")))
        return err_make(ERR_INPUT, "this statement certifies no key");
    if (!slice_eq(letter.from, node))
        return err_make(ERR_AUTH, "the key is certified for another node");
    if (memcmp(&letter.key, identity, sizeof *identity) != 0 || !share_statement_signed(&letter))
        return err_make(ERR_AUTH, "the certification is not signed by the node's identity key");
    TRY(body_read(letter.body, arena, &read));
    bool is_identity = memcmp(&read.key, identity, sizeof *identity) == 0;
    if (is_identity != (read.purpose == SHARE_IDENTITY))
        return err_make(ERR_INPUT, "the identity key certifies itself as identity, and no other key as that");
    *certification = read;
    return OK;
}
