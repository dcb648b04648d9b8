/* SPDX-License-Identifier: Apache-2.0 */
#include "people/who.h"

#include "base/arena.h"
#include "base/clock.h"
#include "people/doorkeeper.h"
#include "people/token.h"
#include "store/certificate.h"
#include "store/session.h"

/*
 * Tokens, sessions and certificates that are not good are not throttled: nobody guesses 256 bits, and a program whose
 * token expired must not keep out the people behind the same address.
 */

/* What the same sentence says of all ways. */
static struct who who_of(const struct user *user, enum actor_how how)
{
    return (struct who){
            .actor = people_actor(user, how), .scopes = SCOPE_ALL, .language = user->language, .zone = user->zone};
}

/* Of the one that something belongs to; who is not welcome is not known. */
static struct err owner(struct db *db, int64_t person, const char *otherwise, struct arena *arena, struct user *user)
{
    TRY(store_user_get(db, person, arena, user));
    return people_is_welcome(user) ? OK : err_make(ERR_AUTH, otherwise);
}

static struct err unknown(struct err err, const char *otherwise)
{
    return err.kind == ERR_MISSING ? err_make(ERR_AUTH, otherwise) : err;
}

/*
 * That something was used is written by one request at a time, and others go on without: while an import writes, they
 * would all wait for that. Where it cannot be kept, what was used still may be.
 */
static void used(struct db *db, struct doorkeeper *doorkeeper, int64_t number,
        struct err (*keep)(struct db *db, int64_t number, int64_t at_us))
{
    if (atomic_flag_test_and_set(&doorkeeper->keeping))
        return;
    struct err err = keep(db, number, clock_now_us());
    (void)err;
    atomic_flag_clear(&doorkeeper->keeping);
}

/* ---- By a token ---- */

#define NO_TOKEN "this token is not good: it expired, was revoked, or never was"

static struct err by_token(
        struct db *db, struct doorkeeper *doorkeeper, slice text, struct arena *arena, struct who *who)
{
    struct sha256 secret = token_hash(text);
    int64_t now_us = clock_now_us();
    struct token_row token;
    struct user user;
    if (text.len != PEOPLE_TOKEN_CHARACTERS || !slice_starts(text, S(PEOPLE_TOKEN_PREFIX)))
        return err_make(ERR_AUTH, NO_TOKEN);
    TRY(unknown(store_token_find(db, &secret, arena, &token), NO_TOKEN));
    if (!store_token_is_good(&token, now_us))
        return err_make(ERR_AUTH, NO_TOKEN);
    TRY(owner(db, token.person, NO_TOKEN, arena, &user));
    if (token.used_us == TIME_NONE || now_us < token.used_us || now_us - token.used_us >= PEOPLE_USED_US)
        used(db, doorkeeper, token.number, store_token_used);
    *who = who_of(&user, ACTOR_TOKEN);
    who->scopes = token.scopes;
    return OK;
}

/* ---- By a name and password ---- */

static struct err by_name(struct db *db, struct doorkeeper *doorkeeper, const struct credentials *credentials,
        struct arena *arena, struct who *who)
{
    const struct knock knock = {KNOCK_PASSWORD, credentials->name, credentials->from};
    struct user user;
    if (slice_starts(credentials->password, S(PEOPLE_TOKEN_PREFIX)) &&
            credentials->password.len == PEOPLE_TOKEN_CHARACTERS) {
        struct who of;
        TRY(by_token(db, doorkeeper, credentials->password, arena, &of));
        if (!slice_eq(of.actor.name, credentials->name))
            return err_make(ERR_AUTH, NO_TOKEN);
        *who = of;
    } else {
        TRY(doorkeeper_password(doorkeeper, db, &knock, credentials->password, true, arena, &user));
        if (user.second_factor)
            return err_make(ERR_AUTH, "the user has a second factor; give a token as the password");
        *who = who_of(&user, ACTOR_PASSWORD);
    }
    who->ambient = true;
    who->form_key = hash_hmac_sha256(sha256_slice(&doorkeeper->form_key), who->actor.name);
    return OK;
}

/* ---- By a session ---- */

#define NO_SESSION "this session is over; sign in again"

static struct err by_session(
        struct db *db, struct doorkeeper *doorkeeper, slice text, struct arena *arena, struct who *who)
{
    struct sha256 secret = token_hash(text);
    int64_t now_us = clock_now_us();
    struct session session;
    struct user user;
    if (text.len != TOKEN_CHARACTERS)
        return err_make(ERR_AUTH, NO_SESSION);
    TRY(unknown(store_session_find(db, &secret, arena, &session), NO_SESSION));
    if (!store_session_is_good(&session, now_us) || now_us - session.seen_us >= doorkeeper->rest_us)
        return err_make(ERR_AUTH, NO_SESSION);
    TRY(owner(db, session.person, NO_SESSION, arena, &user));
    if (now_us - session.seen_us >= PEOPLE_SEEN_US)
        used(db, doorkeeper, session.number, store_session_seen);
    *who = who_of(&user, session.how);
    who->session = session.number;
    who->half = session.half;
    who->ambient = true;
    who->form_key = hash_hmac_sha256(text, S("kentongan form"));
    if (session.half)
        who->actor.roles = 0; /* whoever forgets to ask for `half` is not let further by it */
    return OK;
}

/* ---- By a certificate, which the server has verified ---- */

#define NO_CERTIFICATE "this certificate is nobody's here"

static struct err by_certificate(struct db *db, const struct doorkeeper *doorkeeper, const struct sha256 *fingerprint,
        struct arena *arena, struct who *who)
{
    struct certificate_row certificate;
    struct user user;
    TRY(unknown(store_certificate_find(db, fingerprint, arena, &certificate), NO_CERTIFICATE));
    if (clock_now_us() >= certificate.expires_us)
        return err_make(ERR_AUTH, NO_CERTIFICATE);
    TRY(owner(db, certificate.person, NO_CERTIFICATE, arena, &user));
    *who = who_of(&user, ACTOR_CERTIFICATE);
    who->ambient = true;
    who->form_key = hash_hmac_sha256(sha256_slice(&doorkeeper->form_key), sha256_slice(fingerprint));
    return OK;
}

struct err people_who(struct db *db, struct doorkeeper *doorkeeper, const struct credentials *credentials,
        struct arena *arena, struct who *who)
{
    struct who found = {.actor = {.how = ACTOR_NOBODY}};
    struct err err = OK;
    if (credentials->token.len > 0)
        err = by_token(db, doorkeeper, credentials->token, arena, &found);
    else if (credentials->name.len > 0 || credentials->password.len > 0)
        err = by_name(db, doorkeeper, credentials, arena, &found);
    else if (credentials->session.len > 0)
        err = by_session(db, doorkeeper, credentials->session, arena, &found);
    else if (credentials->certificate != NULL)
        err = by_certificate(db, doorkeeper, credentials->certificate, arena, &found);
    TRY(people_kept(err, arena));
    *who = found;
    return OK;
}
