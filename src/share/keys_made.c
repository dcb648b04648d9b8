/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our own keys. Whoever brings the identity key has everything signed at once, and the key written to disk; what was
 * signed is what a second person agrees to (share/approve.h, doc/why/keys.md). Then the database has it, and the key
 * takes its name last: by whoever opens the keys next on the machine.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "share/keys_act.h"
#include "share/post.h"
#include "store/right.h"
#include "json/write.h"

static const enum share_purpose made[] = {SHARE_LOG, SHARE_WITNESS, SHARE_MESSAGE};

/* One piece of work on our keys. */
struct keeping {
    struct db *db;
    const struct actor *actor;
    const char *folder, *identity_file;
    struct share_key_asking *asking;
    struct arena *arena;
    slice node;
    struct key_pair identity;
    int64_t now_us;
    /* What is proposed: */
    struct share_certification fresh[SHARE_PURPOSES];
    size_t fresh_count;
    struct key_public old; /* of a rotation or revocation */
    slice said;            /* what partners are told first, before the certifications; empty: nothing */
    bool revoked, told;
};

static const char *path(const struct keeping *keeping, enum share_purpose purpose, const char *ending)
{
    return arena_printf(keeping->arena, "%s/%s%s", keeping->folder, share_purpose_name(purpose), ending);
}

static bool there_is(const char *file)
{
    return access(file, F_OK) == 0;
}

static struct err folder_sync(const struct keeping *keeping)
{
    int fd = open(keeping->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct err err = fd < 0 || fsync(fd) != 0 ? err_errno(keeping->arena, keeping->folder) : OK;
    if (fd >= 0)
        close(fd);
    return err;
}

/* ---- The identity ---- */

static struct err revocation_write(const struct keeping *keeping)
{
    const struct share_certification identity = {.purpose = SHARE_IDENTITY, .key = keeping->identity.public};
    slice statement;
    TRY(share_revocation(&identity, keeping->node, &keeping->identity, keeping->now_us, keeping->arena, &statement));
    return key_file_write(path(keeping, SHARE_IDENTITY, ".revocation"), 0600, statement, keeping->arena);
}

static struct err identity_new(struct keeping *keeping)
{
    key_new(&keeping->identity);
    TRY(key_save(&keeping->identity, path(keeping, SHARE_IDENTITY, ".key"), path(keeping, SHARE_IDENTITY, ".pub"),
            keeping->arena));
    return there_is(path(keeping, SHARE_IDENTITY, ".revocation")) ? OK : revocation_write(keeping);
}

static struct err identity_read(struct keeping *keeping, const struct key_public *certified)
{
    const char *file = keeping->identity_file == NULL ? path(keeping, SHARE_IDENTITY, ".key") : keeping->identity_file;
    struct err err = key_read(file, keeping->arena, &keeping->identity);
    if (err.kind == ERR_MISSING && certified != NULL)
        return err_format(keeping->arena, ERR_MISSING,
                "keys are certified by the identity key, which is not at %s: bring it from its safe, --identity FILE",
                file);
    TRY(err);
    if (certified != NULL && memcmp(certified, &keeping->identity.public, sizeof *certified) != 0)
        return err_format(keeping->arena, ERR_CONFLICT, "%s is not the identity key of this node", file);
    return OK;
}

/* The one that certified the others; a node without any gets one. */
static struct err identity_get(struct keeping *keeping)
{
    struct key_public certified;
    struct err err = share_key_find(keeping->db, 0, SHARE_IDENTITY, keeping->now_us, keeping->arena, &certified);
    if (err.kind == ERR_NONE)
        return identity_read(keeping, &certified);
    if (err.kind != ERR_MISSING)
        return err;
    if (keeping->identity_file == NULL && !there_is(path(keeping, SHARE_IDENTITY, ".key")))
        TRY(identity_new(keeping));
    else
        TRY(identity_read(keeping, NULL));
    keeping->fresh[keeping->fresh_count++] = (struct share_certification){
            SHARE_IDENTITY, keeping->identity.public, keeping->now_us, keeping->now_us + SHARE_IDENTITY_LIFE_US};
    return OK;
}

/* ---- What is proposed ---- */

static struct err put_certified(const struct keeping *keeping, struct json_writer *w)
{
    json_write_key(w, S("certified"));
    json_write_array(w);
    for (size_t i = 0; i < keeping->fresh_count; i++) {
        slice statement;
        TRY(share_certify(&keeping->fresh[i], keeping->node, &keeping->identity, keeping->arena, &statement));
        json_write_raw(w, statement);
    }
    json_write_end(w);
    return OK;
}

/* {"identity": KEY, "old": KEY, "said": STATEMENT, "certified": [STATEMENT, ...]}; keys_act.c reads it. */
static struct err put_detail(const struct keeping *keeping, struct buf *buf)
{
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    json_write_key_text(&w, S("identity"), share_key_text(&keeping->identity.public, keeping->arena));
    if (keeping->said.len > 0) {
        json_write_key_text(&w, S("old"), share_key_text(&keeping->old, keeping->arena));
        json_write_key(&w, S("said"));
        json_write_raw(&w, keeping->said);
    }
    TRY(put_certified(keeping, &w));
    json_write_end(&w);
    return buf_check(buf);
}

static struct err propose(const struct keeping *keeping, const char *act)
{
    struct buf buf = buf_make(APPROVAL_DETAIL_MAX);
    struct err err = put_detail(keeping, &buf);
    slice detail = arena_copy(keeping->arena, buf_slice(&buf));
    buf_free(&buf);
    TRY(err);
    return share_propose(keeping->db, keeping->actor, act, S(SHARE_KEYS_SUBJECT), detail, keeping->asking->reason,
            keeping->arena, &keeping->asking->proposal);
}

/* ---- Making what is missing ---- */

static struct err is_certified(struct keeping *keeping, enum share_purpose purpose, const char *ending, bool *certified)
{
    struct key_pair pair;
    struct node_key row;
    TRY(key_read(path(keeping, purpose, ending), keeping->arena, &pair));
    struct err err = store_node_key_get(
            keeping->db, 0, slice_of(share_purpose_name(purpose)), &pair.public, keeping->arena, &row);
    key_forget(&pair);
    *certified = err.kind == ERR_NONE;
    return err.kind == ERR_MISSING ? OK : err;
}

/* Where it was broken off, the first of the two may have its name already. */
static struct err rename_new(const struct keeping *keeping, enum share_purpose purpose, const char *ending)
{
    const char *to = path(keeping, purpose, ending);
    const char *from = arena_printf(keeping->arena, "%s.new", to);
    return rename(from, to) == 0 || errno == ENOENT ? OK : err_errno(keeping->arena, from);
}

static struct err take_place(const struct keeping *keeping, enum share_purpose purpose)
{
    TRY(rename_new(keeping, purpose, ".pub"));
    TRY(rename_new(keeping, purpose, ".key"));
    return folder_sync(keeping);
}

/* A new key that was certified: partners are told of it, so it is the one. */
static struct err end_earlier(struct keeping *keeping, enum share_purpose purpose)
{
    bool certified = false;
    if (there_is(path(keeping, purpose, ".key.new")))
        TRY(is_certified(keeping, purpose, ".key.new", &certified));
    return certified ? take_place(keeping, purpose) : OK;
}

/* *missing: it has no file or no certification; both are then made. */
static struct err is_missing(struct keeping *keeping, enum share_purpose purpose, bool *missing)
{
    bool certified = false;
    if (there_is(path(keeping, purpose, ".key")))
        TRY(is_certified(keeping, purpose, ".key", &certified));
    *missing = !certified;
    return OK;
}

/* Partners go by the key that was certified: a new one in its place has to be told to them. */
static struct err not_lost(struct keeping *keeping, enum share_purpose purpose)
{
    struct key_public good;
    struct err err = share_key_find(keeping->db, 0, purpose, keeping->now_us, keeping->arena, &good);
    if (err.kind == ERR_NONE)
        return err_format(keeping->arena, ERR_CONFLICT,
                "%s is not the key that was certified: bring that back from a backup, or `kentongan partner key revoke "
                "%s` puts another in its place",
                path(keeping, purpose, ".key"), share_purpose_name(purpose));
    return err.kind == ERR_MISSING ? OK : err;
}

static struct err certify_later(struct keeping *keeping, enum share_purpose purpose, const char *ending)
{
    const char *file = path(keeping, purpose, arena_printf(keeping->arena, ".key%s", ending));
    struct key_pair pair;
    struct err err;
    if (there_is(file))
        err = key_read(file, keeping->arena, &pair);
    else {
        key_new(&pair);
        err = key_save(
                &pair, file, path(keeping, purpose, arena_printf(keeping->arena, ".pub%s", ending)), keeping->arena);
    }
    if (err.kind == ERR_NONE)
        keeping->fresh[keeping->fresh_count++] = (struct share_certification){
                purpose, pair.public, keeping->now_us, keeping->now_us + SHARE_KEY_LIFE_US};
    key_forget(&pair);
    return err;
}

static struct err keeping_begin(struct keeping *keeping)
{
    bool second; /* it waits for one behind this; who may not at all is not to make files */
    TRY(store_right_check(keeping->actor, VERB_CHANGE_KEYS, 0, keeping->arena, &second));
    keeping->asking->proposal = (struct share_proposal){.done = true};
    keeping->now_us = clock_now_us();
    return share_own_node(keeping->db, keeping->arena, &keeping->node);
}

/* What revokes the old identity stays beside what revokes the new one. */
static struct err revocation_take_place(const struct keeping *keeping)
{
    const char *now = path(keeping, SHARE_IDENTITY, ".revocation"),
               *next = path(keeping, SHARE_IDENTITY, ".revocation.new");
    if (!there_is(next))
        return OK;
    const char *before = arena_printf(keeping->arena, "%s.%lld", now, (long long)keeping->now_us);
    if (rename(now, before) != 0 && errno != ENOENT)
        return err_errno(keeping->arena, now);
    return rename(next, now) == 0 ? OK : err_errno(keeping->arena, next);
}

/* Another identity that was certified, with what revokes it. */
static struct err identity_end_earlier(struct keeping *keeping)
{
    bool certified = false;
    if (there_is(path(keeping, SHARE_IDENTITY, ".key.new")))
        TRY(is_certified(keeping, SHARE_IDENTITY, ".key.new", &certified));
    if (!certified)
        return OK;
    TRY(revocation_take_place(keeping));
    return take_place(keeping, SHARE_IDENTITY);
}

/* Of what was broken off when partners were told already: what has its certification takes its place. */
static struct err all_end_earlier(struct keeping *keeping)
{
    for (size_t i = 0; i < COUNT_OF(made); i++)
        TRY(end_earlier(keeping, made[i]));
    return identity_end_earlier(keeping);
}

static struct err make(struct keeping *keeping)
{
    bool missing[COUNT_OF(made)], any = false;
    TRY(keeping_begin(keeping));
    TRY(all_end_earlier(keeping));
    for (size_t i = 0; i < COUNT_OF(made); i++) {
        TRY(is_missing(keeping, made[i], &missing[i]));
        if (missing[i])
            TRY(not_lost(keeping, made[i]));
        any |= missing[i];
    }
    if (!any)
        return OK;
    TRY(identity_get(keeping));
    for (size_t i = 0; i < COUNT_OF(made); i++)
        if (missing[i])
            TRY(certify_later(keeping, made[i], ""));
    TRY(folder_sync(keeping));
    return propose(keeping, "key.make");
}

struct err share_keys_make(struct db *db, const struct actor *actor, const char *folder,
        struct share_key_asking *asking, struct arena *arena)
{
    struct keeping keeping = {.db = db,
            .actor = actor,
            .folder = folder,
            .identity_file = asking->identity,
            .asking = asking,
            .arena = arena};
    struct err err = make(&keeping);
    key_forget(&keeping.identity);
    return err;
}

/* ---- A new one in the place of another ---- */

static struct err old_said(struct keeping *keeping, const struct key_pair *old, enum share_purpose purpose)
{
    const struct share_certification gone = {.purpose = purpose, .key = keeping->old};
    if (keeping->revoked)
        return share_revocation(
                &gone, keeping->node, &keeping->identity, keeping->now_us, keeping->arena, &keeping->said);
    return share_rotation(&keeping->fresh[0], keeping->node, &keeping->identity, old, keeping->arena, &keeping->said);
}

/* A key that is revoked may be gone; one that is rotated signs that. */
static struct err old_get(struct keeping *keeping, enum share_purpose purpose, struct key_pair *old)
{
    if (keeping->revoked)
        return share_key_find(keeping->db, 0, purpose, keeping->now_us, keeping->arena, &keeping->old);
    TRY(key_read(path(keeping, purpose, ".key"), keeping->arena, old));
    keeping->old = old->public;
    return OK;
}

static struct err replace(struct keeping *keeping, enum share_purpose purpose, struct key_pair *old)
{
    TRY(keeping_begin(keeping));
    TRY(end_earlier(keeping, purpose));
    TRY(old_get(keeping, purpose, old));
    TRY(identity_get(keeping));
    if (keeping->fresh_count > 0)
        return err_make(ERR_CONFLICT, "the node's identity is not certified; `kentongan partner key make` does it");
    TRY(certify_later(keeping, purpose, ".new"));
    TRY(old_said(keeping, old, purpose));
    TRY(folder_sync(keeping));
    TRY(propose(keeping, keeping->revoked ? "key.revoke" : "key.rotate"));
    return end_earlier(keeping, purpose);
}

/* ---- Another identity ---- */

/* What is said of the old one by itself. Who lost it, too, has the revocation that was made with it: partners take that
 * from anybody (share_partner_revocation), and it keeps its file. */
static struct err identity_said(struct keeping *keeping)
{
    TRY(share_key_find(keeping->db, 0, SHARE_IDENTITY, keeping->now_us, keeping->arena, &keeping->old));
    struct err err = identity_read(keeping, &keeping->old);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    const struct share_certification gone = {.purpose = SHARE_IDENTITY, .key = keeping->old};
    err = share_revocation(&gone, keeping->node, &keeping->identity, keeping->now_us, keeping->arena, &keeping->said);
    key_forget(&keeping->identity);
    return err;
}

/* On disk beside the old one, with what revokes it. */
static struct err identity_next(struct keeping *keeping)
{
    struct share_certification own = {.purpose = SHARE_IDENTITY};
    const char *revocation = path(keeping, SHARE_IDENTITY, ".revocation.new");
    slice statement;
    TRY(certify_later(keeping, SHARE_IDENTITY, ".new"));
    TRY(key_read(path(keeping, SHARE_IDENTITY, ".key.new"), keeping->arena, &keeping->identity));
    own.key = keeping->identity.public;
    keeping->fresh[0].until_us = keeping->now_us + SHARE_IDENTITY_LIFE_US;
    TRY(share_revocation(&own, keeping->node, &keeping->identity, keeping->now_us, keeping->arena, &statement));
    if (unlink(revocation) != 0 && errno != ENOENT) /* of one that was broken off */
        return err_errno(keeping->arena, revocation);
    return key_file_write(revocation, 0600, statement, keeping->arena);
}

static struct err identity_replace(struct keeping *keeping)
{
    TRY(keeping_begin(keeping));
    TRY(all_end_earlier(keeping));
    TRY(identity_said(keeping));
    TRY(identity_next(keeping));
    for (size_t i = 0; i < COUNT_OF(made); i++)
        TRY(certify_later(keeping, made[i], ".new"));
    TRY(folder_sync(keeping));
    TRY(propose(keeping, "key.identity"));
    keeping->told = keeping->said.len > 0;
    return all_end_earlier(keeping);
}

struct err share_identity_revoke(struct db *db, const struct actor *actor, const char *folder,
        struct share_key_asking *asking, bool *told, struct arena *arena)
{
    struct keeping keeping = {.db = db,
            .actor = actor,
            .folder = folder,
            .identity_file = asking->identity,
            .asking = asking,
            .arena = arena};
    struct err err = identity_replace(&keeping);
    *told = keeping.told;
    key_forget(&keeping.identity);
    return err;
}

static struct err replace_key(struct keeping *keeping, enum share_purpose purpose)
{
    struct key_pair old = {0};
    if (purpose != SHARE_LOG && purpose != SHARE_WITNESS && purpose != SHARE_MESSAGE)
        return err_make(ERR_INPUT, "a key for log, witness or message is replaced; `kentongan partner key revoke "
                                   "identity` makes all of them anew");
    struct err err = replace(keeping, purpose, &old);
    key_forget(&old);
    key_forget(&keeping->identity);
    return err;
}

struct err share_key_rotate(struct db *db, const struct actor *actor, const char *folder,
        struct share_key_asking *asking, enum share_purpose purpose, struct arena *arena)
{
    struct keeping keeping = {.db = db,
            .actor = actor,
            .folder = folder,
            .identity_file = asking->identity,
            .asking = asking,
            .arena = arena};
    return replace_key(&keeping, purpose);
}

struct err share_key_revoke(struct db *db, const struct actor *actor, const char *folder,
        struct share_key_asking *asking, enum share_purpose purpose, struct arena *arena)
{
    struct keeping keeping = {.db = db,
            .actor = actor,
            .folder = folder,
            .identity_file = asking->identity,
            .asking = asking,
            .arena = arena,
            .revoked = true};
    return replace_key(&keeping, purpose);
}

/* ---- The server's certificate ---- */

static struct err tls(struct keeping *keeping, const struct certificate *certificate)
{
    struct share_certification *fresh = &keeping->fresh[0];
    TRY(keeping_begin(keeping));
    TRY(identity_get(keeping));
    if (keeping->fresh_count > 0)
        return err_make(ERR_CONFLICT, "the node's identity is not certified; `kentongan partner key make` does it");
    if (certificate->expires_us <= keeping->now_us)
        return err_make(ERR_INPUT, "the certificate has expired");
    int64_t most_us = keeping->now_us + SHARE_IDENTITY_LIFE_US;
    *fresh = (struct share_certification){.purpose = SHARE_TLS,
            .from_us = keeping->now_us,
            .until_us = certificate->expires_us < most_us ? certificate->expires_us : most_us};
    memcpy(fresh->key.bytes, certificate->key.bytes, sizeof fresh->key.bytes);
    keeping->fresh_count = 1;
    return propose(keeping, "key.tls");
}

struct err share_key_tls(struct db *db, const struct actor *actor, const char *folder, struct share_key_asking *asking,
        const struct certificate *certificate, struct arena *arena)
{
    struct keeping keeping = {.db = db,
            .actor = actor,
            .folder = folder,
            .identity_file = asking->identity,
            .asking = asking,
            .arena = arena};
    struct err err = tls(&keeping, certificate);
    key_forget(&keeping.identity);
    return err;
}

/* ---- What was agreed to since ---- */

struct err share_keys_settle(struct db *db, const char *folder, struct arena *arena)
{
    struct keeping keeping = {.db = db, .folder = folder, .now_us = clock_now_us(), .arena = arena};
    return all_end_earlier(&keeping);
}
