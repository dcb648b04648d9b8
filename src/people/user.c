/* SPDX-License-Identifier: Apache-2.0 */
#include "people/user.h"

#include "base/arena.h"
#include "people/doorkeeper.h"
#include "people/factor.h"
#include "people/opening.h"
#include "people/people.h"
#include "store/approval.h"
#include "store/factor.h"
#include "store/session.h"
#include "store/token.h"
#include "json/read.h"
#include "json/write.h"

#define DETAIL_MAX 4096

struct changing {
    int64_t user;
    uint32_t roles;
    const struct token *link;
};

static struct err hold(struct work *work, const struct changing *changing, enum verb verb, struct user *user)
{
    TRY(store_user_hold(work, changing->user, user));
    return people_over(work->actor, user, verb, work->arena);
}

static struct err run(
        struct db *db, const struct actor *actor, work_action *action, struct changing *changing, struct arena *arena)
{
    return people_kept(store_work(db, actor, arena, action, changing), arena);
}

static struct err tell(struct work *work, const char *act, int64_t user, slice detail)
{
    return store_work_news(work, act, people_subject(user, work->arena), detail);
}

/* Who locked themselves would have nobody to ask. */
static struct err not_self(const struct work *work, int64_t user)
{
    return work->actor->user == user ? err_make(ERR_CONFLICT, "nobody can do that to themselves") : OK;
}

static struct err sessions_end(struct work *work, int64_t user, slice why)
{
    const struct opening opening = {.user = user};
    struct signed_in none;
    return people_session_renew(work, &opening, 0, why, &none);
}

/* ---- Locked, and back ---- */

static struct err lock(struct work *work, void *context)
{
    const struct changing *changing = context;
    struct user user;
    TRY(hold(work, changing, VERB_STOP_USERS, &user));
    TRY(not_self(work, user.number));
    TRY(store_user_state(work, user.number, USER_LOCKED));
    TRY(store_link_drop(work, user.number));
    TRY(tell(work, "user.locked", user.number, S("")));
    return sessions_end(work, user.number, S("locked"));
}

struct err people_over_with(
        const struct actor *actor, const struct user *user, enum verb verb, struct arena *arena, bool *second)
{
    const uint32_t admin = UINT32_C(1) << ROLE_CONSTITUENT_ADMIN;
    struct actor without = *actor;
    if ((user->roles & ~admin) != 0)
        without.roles &= ~admin;
    return store_right_check(&without, verb, user->organisation, arena, second);
}

struct err people_over(const struct actor *actor, const struct user *user, enum verb verb, struct arena *arena)
{
    return people_over_with(actor, user, verb, arena, NULL);
}

struct err people_user_lock(struct db *db, const struct actor *actor, int64_t user, struct arena *arena)
{
    return run(db, actor, lock, &(struct changing){.user = user}, arena);
}

static struct err unlock_it(struct work *work, const struct user *user)
{
    TRY(store_user_state(work, user->number, user->password_hash.len > 0 ? USER_ACTIVE : USER_INVITED));
    return tell(work, "user.unlocked", user->number, S(""));
}

static struct err unlock(struct work *work, void *context)
{
    const struct changing *changing = context;
    struct user user;
    TRY(hold(work, changing, VERB_CHANGE_USERS, &user));
    return unlock_it(work, &user);
}

struct err people_user_unlock(struct db *db, const struct actor *actor, int64_t user, struct arena *arena)
{
    return run(db, actor, unlock, &(struct changing){.user = user}, arena);
}

/* ---- Closed ---- */

static struct err close_it(struct work *work, const struct user *user)
{
    uint64_t revoked;
    bool dropped;
    TRY(not_self(work, user->number));
    TRY(store_user_state(work, user->number, USER_CLOSED));
    TRY(store_token_revoke_all(work, user->number, &revoked));
    TRY(store_factor_drop(work, user->number, &dropped));
    TRY(store_certificate_drop_all(work, user->number));
    TRY(tell(work, "user.closed", user->number, S("")));
    return sessions_end(work, user->number, S("closed"));
}

static struct err close_user(struct work *work, void *context)
{
    const struct changing *changing = context;
    struct user user;
    TRY(hold(work, changing, VERB_CHANGE_USERS, &user));
    return close_it(work, &user);
}

struct err people_user_close(struct db *db, const struct actor *actor, int64_t user, struct arena *arena)
{
    return run(db, actor, close_user, &(struct changing){.user = user}, arena);
}

/* ---- Roles ---- */

static void put_roles(struct json_writer *w, slice key, uint32_t roles)
{
    json_write_key(w, key);
    json_write_array(w);
    for (enum role role = 0; role < ROLES; role++)
        if ((roles >> role & 1) != 0)
            json_write_text(w, slice_of(store_role_name(role)));
    json_write_end(w);
}

static struct err tell_roles(struct work *work, int64_t user, uint32_t before, uint32_t roles)
{
    struct buf detail = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    put_roles(&w, S("roles"), roles);
    put_roles(&w, S("before"), before);
    json_write_end(&w);
    struct err err = tell(work, "user.roles", user, buf_slice(&detail));
    buf_free(&detail);
    return err;
}

static struct err set_roles(struct work *work, const struct user *user, uint32_t roles)
{
    TRY(not_self(work, user->number));
    TRY(store_user_roles(work, user->number, roles));
    return tell_roles(work, user->number, user->roles, roles);
}

/* What is taken away counts as what is given: a constituent's admin has no say over other roles. */
static struct err change_roles(struct work *work, void *context)
{
    const struct changing *changing = context;
    struct user user;
    TRY(store_user_hold(work, changing->user, &user));
    TRY(store_right_give(work->actor, changing->roles | user.roles, user.organisation, work->arena, NULL));
    return set_roles(work, &user, changing->roles);
}

static struct err some_role(uint32_t roles)
{
    return roles != 0 ? OK
                      : err_make(ERR_INPUT, "a user without a role may do nothing; lock or close the user instead");
}

struct err people_user_roles(
        struct db *db, const struct actor *actor, int64_t user, uint32_t roles, struct arena *arena)
{
    TRY(some_role(roles));
    return run(db, actor, change_roles, &(struct changing){.user = user, .roles = roles}, arena);
}

/* ---- Roles, by two persons ---- */

static struct err proposed_user(slice subject, int64_t *number)
{
    slice word = S("user/");
    uint64_t read;
    if (!slice_starts(subject, word) || !slice_u64(slice_from(subject, word.len), INT64_MAX, &read))
        return err_make(ERR_INPUT, "the subject is a user: user/7");
    *number = (int64_t)read;
    return OK;
}

static struct err proposed_roles(slice detail, struct arena *arena, uint32_t *roles)
{
    struct json_elements elements = json_elements(json_get(detail, S("roles")));
    slice value;
    *roles = 0;
    while (json_element_next(&elements, &value)) {
        enum role role = store_role_find(json_text(value, arena));
        if (role >= ROLE_LOCAL)
            return err_make(ERR_INPUT, "there is no such role: {\"roles\": [\"analyst\"]}");
        *roles |= UINT32_C(1) << role;
    }
    return some_role(*roles);
}

struct err people_user_may_roles(
        struct db *db, const struct actor *actor, slice subject, slice detail, struct arena *arena, bool *second)
{
    struct user user;
    int64_t number;
    uint32_t roles;
    TRY(proposed_user(subject, &number));
    TRY(proposed_roles(detail, arena, &roles));
    TRY(store_user_get(db, number, arena, &user));
    if (number == actor->user)
        return err_make(ERR_DENIED, "nobody changes roles of their own, by proposing or agreeing to it either");
    return store_right_give(actor, roles | user.roles, user.organisation, arena, second);
}

struct err people_user_do_roles(struct work *work, slice subject, slice detail)
{
    struct user user;
    int64_t number;
    uint32_t roles;
    TRY(proposed_user(subject, &number));
    TRY(proposed_roles(detail, work->arena, &roles));
    TRY(store_user_hold(work, number, &user));
    return set_roles(work, &user, roles);
}

/* ---- A new password ---- */

static struct err reset_it(struct work *work, const struct user *user, const struct sha256 *link)
{
    if (user->state != USER_INVITED && user->state != USER_ACTIVE)
        return err_format(work->arena, ERR_CONFLICT, "the user is %s", store_user_state_name(user->state));
    TRY(store_link_drop(work, user->number));
    TRY(store_link_add(work, user->number, user->state == USER_INVITED ? S("set-up") : S("password"), link,
            work->now_us + PEOPLE_LINK_US));
    return tell(work, "user.reset", user->number, S(""));
}

static struct err reset(struct work *work, void *context)
{
    const struct changing *changing = context;
    struct sha256 hash = token_hash(slice_of(changing->link->text));
    struct user user;
    TRY(hold(work, changing, VERB_CHANGE_USERS, &user));
    return reset_it(work, &user, &hash);
}

struct err people_user_reset(
        struct db *db, const struct actor *actor, int64_t user, struct arena *arena, struct token *link)
{
    struct token made = token_new();
    struct changing changing = {.user = user, .link = &made};
    TRY(run(db, actor, reset, &changing, arena));
    *link = made;
    return OK;
}

/* ---- The same, by two persons ---- */

struct err people_user_may_change(
        struct db *db, const struct actor *actor, slice subject, slice detail, struct arena *arena, bool *second)
{
    struct user user;
    int64_t number;
    (void)detail;
    TRY(proposed_user(subject, &number));
    TRY(store_user_get(db, number, arena, &user));
    return people_over_with(actor, &user, VERB_CHANGE_USERS, arena, second);
}

struct err people_user_of(struct work *work, slice subject, struct user *user)
{
    int64_t number;
    TRY(proposed_user(subject, &number));
    return store_user_hold(work, number, user);
}

/* When its second factor was set up: another one since is another state. */
static struct err factor_since(struct work *work, const struct user *user, int64_t *since_us)
{
    struct factor factor = {.confirmed_us = TIME_NONE};
    struct err err = store_factor_get(work->db, user->number, work->arena, &factor);
    *since_us = factor.confirmed_us;
    return err.kind == ERR_MISSING ? OK : err;
}

struct err people_user_about(struct work *work, slice subject, slice detail, slice *state)
{
    struct user user;
    int64_t since_us;
    (void)detail;
    TRY(people_user_of(work, subject, &user));
    TRY(factor_since(work, &user, &since_us));
    *state = slice_of(arena_printf(work->arena, "%lld %s %x %lld %lld", (long long)user.organisation,
            store_user_state_name(user.state), user.roles, (long long)user.password_us, (long long)since_us));
    return OK;
}

struct err people_user_do_unlock(struct work *work, slice subject, slice detail)
{
    struct user user;
    (void)detail;
    TRY(people_user_of(work, subject, &user));
    return unlock_it(work, &user);
}

struct err people_user_do_close(struct work *work, slice subject, slice detail)
{
    struct user user;
    (void)detail;
    TRY(people_user_of(work, subject, &user));
    return close_it(work, &user);
}

struct err people_user_do_factor_off(struct work *work, slice subject, slice detail)
{
    struct user user;
    (void)detail;
    TRY(people_user_of(work, subject, &user));
    return people_factor_drop(work, user.number);
}

struct err people_user_do_reset(struct work *work, slice subject, slice detail)
{
    struct user user;
    struct sha256 link;
    if (!slice_hex(json_text(json_get(detail, S("link")), work->arena), link.bytes, sizeof link.bytes))
        return err_make(ERR_INPUT, "the hash of the link is not 64 hexadecimal digits");
    TRY(people_user_of(work, subject, &user));
    return reset_it(work, &user, &link);
}

static void put_new(struct json_writer *w, const struct user_put *put, slice organisation)
{
    json_write_key_text(w, S("name"), put->name);
    json_write_key_text(w, S("organisation"), organisation);
}

struct err people_user_detail(
        const struct user_put *put, slice organisation, const struct token *link, struct arena *arena, slice *detail)
{
    struct buf buf = buf_make(APPROVAL_DETAIL_MAX);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    if (link != NULL) {
        struct sha256 hash = token_hash(slice_of(link->text));
        json_write_key_hex(&w, S("link"), sha256_slice(&hash));
    }
    if (put->name.len > 0)
        put_new(&w, put, organisation);
    if (put->roles != 0)
        put_roles(&w, S("roles"), put->roles);
    json_write_end(&w);
    struct err err = buf_check(&buf);
    *detail = arena_copy(arena, buf_slice(&buf));
    buf_free(&buf);
    return err;
}

/* ---- Certificates ---- */

static struct err tell_certificate(struct work *work, const char *act, int64_t user, const struct sha256 *fingerprint)
{
    struct buf detail = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_hex(&w, S("fingerprint"), sha256_slice(fingerprint));
    json_write_end(&w);
    struct err err = tell(work, act, user, buf_slice(&detail));
    buf_free(&detail);
    return err;
}

static struct err certificate_add_it(
        struct work *work, const struct user *user, const struct certificate_row *certificate)
{
    if (user->state == USER_CLOSED)
        return err_make(ERR_CONFLICT, "the user is closed");
    TRY(store_certificate_add(work, certificate));
    return tell_certificate(work, "certificate.added", user->number, &certificate->fingerprint);
}

static struct err certificate_drop_it(struct work *work, const struct user *user, const struct sha256 *fingerprint)
{
    TRY(store_certificate_drop(work, user->number, fingerprint));
    return tell_certificate(work, "certificate.removed", user->number, fingerprint);
}

struct err people_certificate_detail(const struct certificate_row *put, struct arena *arena, slice *detail)
{
    struct buf buf = buf_make(APPROVAL_DETAIL_MAX);
    struct json_writer w = json_writer(&buf);
    json_write_object(&w);
    json_write_key_hex(&w, S("fingerprint"), sha256_slice(&put->fingerprint));
    if (put->subject.len > 0) {
        json_write_key_text(&w, S("subject"), put->subject);
        json_write_key(&w, S("expires"));
        json_write_time(&w, put->expires_us);
    }
    json_write_end(&w);
    struct err err = buf_check(&buf);
    *detail = arena_copy(arena, buf_slice(&buf));
    buf_free(&buf);
    return err;
}

static struct err proposed_fingerprint(slice detail, struct arena *arena, struct sha256 *fingerprint)
{
    slice text = json_text(json_get(detail, S("fingerprint")), arena);
    return slice_hex(text, fingerprint->bytes, sizeof fingerprint->bytes)
                   ? OK
                   : err_make(ERR_INPUT, "the fingerprint of the certificate is not 64 hexadecimal digits");
}

struct err people_user_do_certificate_add(struct work *work, slice subject, slice detail)
{
    struct user user;
    struct certificate_row put = {.subject = json_text(json_get(detail, S("subject")), work->arena)};
    TRY(people_user_of(work, subject, &user));
    TRY(proposed_fingerprint(detail, work->arena, &put.fingerprint));
    if (put.subject.len == 0 || !time_parse(json_text(json_get(detail, S("expires")), work->arena), &put.expires_us))
        return err_make(ERR_INPUT, "a certificate has a subject, and a time when it expires");
    put.person = user.number;
    return certificate_add_it(work, &user, &put);
}

struct err people_user_do_certificate_drop(struct work *work, slice subject, slice detail)
{
    struct user user;
    struct sha256 fingerprint;
    TRY(people_user_of(work, subject, &user));
    TRY(proposed_fingerprint(detail, work->arena, &fingerprint));
    return certificate_drop_it(work, &user, &fingerprint);
}
