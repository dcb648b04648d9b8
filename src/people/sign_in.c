/* SPDX-License-Identifier: Apache-2.0 */
#include "people/sign_in.h"

#include "base/arena.h"
#include "base/clock.h"
#include "people/doorkeeper.h"
#include "people/opening.h"
#include "store/session.h"
#include "json/write.h"

#define DETAIL_MAX 4096

/* ---- Opening ---- */

static slice address(const struct ip *from, struct arena *arena)
{
    struct buf text = buf_make(64);
    if (from->family != 0)
        ip_write(&text, from);
    slice written = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return written;
}

static struct err tell_opened(struct work *work, const struct session_put *put, int64_t number)
{
    struct buf detail = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_u64(&w, S("session"), (uint64_t)number);
    json_write_key_text(&w, S("how"), slice_of(store_how_name(put->how)));
    json_write_key_text(&w, S("from"), put->from);
    json_write_end(&w);
    struct err err =
            store_work_news(work, "session.opened", people_subject(put->person, work->arena), buf_slice(&detail));
    buf_free(&detail);
    return err;
}

struct err people_session_open(struct work *work, const struct opening *opening, struct signed_in *signed_in)
{
    struct signed_in opened = {.secret = token_new(), .user = opening->user, .half = opening->half};
    struct sha256 secret = token_hash(slice_of(opened.secret.text));
    const struct session_put put = {
            .person = opening->user,
            .secret = &secret,
            .how = opening->how,
            .half = opening->half,
            .from = address(&opening->from, work->arena),
            .agent = opening->agent,
            .ends_us = work->now_us + (opening->half ? PEOPLE_HALF_US : opening->doorkeeper->session_us),
    };
    TRY(store_session_add(work, &put, &opened.session));
    if (!opening->half)
        TRY(tell_opened(work, &put, opened.session));
    opened.ends_us = put.ends_us;
    *signed_in = opened;
    return OK;
}

struct err people_session_renew(
        struct work *work, const struct opening *opening, int64_t asked, slice why, struct signed_in *signed_in)
{
    struct signed_in renewed = {.user = opening->user};
    uint64_t ended;
    TRY(store_session_end_all(work, opening->user, 0, why, &ended));
    if (ended > 0)
        TRY(store_work_news(work, "session.closed", people_subject(opening->user, work->arena),
                store_work_reason(work->arena, why)));
    if (asked != 0)
        TRY(people_session_open(work, opening, &renewed));
    *signed_in = renewed;
    return OK;
}

/* ---- Signing in ---- */

struct signing {
    const struct doorkeeper *doorkeeper;
    const struct sign_in *sign_in;
    const struct user *user; /* as it was when the password was tried */
    bool wrong_code, right_code;
    struct signed_in signed_in;
};

/* Between the password and here the user may have been locked, or have got another one. */
static struct err sign(struct work *work, void *context)
{
    struct signing *signing = context;
    const struct sign_in *in = signing->sign_in;
    struct user user;
    bool taken = false;
    TRY(store_user_hold(work, signing->user->number, &user));
    if (!people_is_welcome(&user) || !slice_eq(user.password_hash, signing->user->password_hash))
        return err_make(ERR_AUTH, "the user was changed at this moment; sign in again");
    if (user.second_factor && in->code.len > 0)
        TRY(people_factor_take(work, signing->doorkeeper, user.number, in->code, false, &taken));
    signing->wrong_code = user.second_factor && in->code.len > 0 && !taken;
    signing->right_code = taken;
    if (signing->wrong_code)
        return OK;
    const struct opening opening = {.doorkeeper = signing->doorkeeper,
            .user = user.number,
            .how = taken ? ACTOR_SECOND_FACTOR : ACTOR_PASSWORD,
            .half = user.second_factor && !taken,
            .from = in->from,
            .agent = in->agent};
    return people_session_open(work, &opening, &signing->signed_in);
}

struct err people_sign_in(struct db *db, struct doorkeeper *doorkeeper, const struct sign_in *sign_in,
        struct arena *arena, struct signed_in *signed_in)
{
    const struct knock knock = {KNOCK_PASSWORD, sign_in->name, sign_in->from},
                       code = {KNOCK_CODE, sign_in->name, sign_in->from};
    struct user user;
    TRY(doorkeeper_password(doorkeeper, db, &knock, sign_in->password, false, arena, &user));
    if (sign_in->code.len > 0)
        TRY(doorkeeper_may_knock(doorkeeper, &code, arena));
    struct actor actor = people_actor(&user, ACTOR_PASSWORD);
    struct signing signing = {.doorkeeper = doorkeeper, .sign_in = sign_in, .user = &user};
    TRY(people_kept(store_work(db, &actor, arena, sign, &signing), arena));
    if (signing.wrong_code)
        return doorkeeper_refuse(doorkeeper, db, &code, user.number, PEOPLE_WRONG_CODE, arena);
    if (signing.right_code)
        throttle_right(doorkeeper->throttle, &code, clock_now_us());
    *signed_in = signing.signed_in;
    return OK;
}

/* ---- Signing out ---- */

static struct err sign_out(struct work *work, void *context)
{
    const struct who *who = context;
    bool ended;
    TRY(store_session_end(work, who->session, S("signed out"), &ended));
    if (!ended || who->half)
        return OK;
    return store_work_news(work, "session.closed", people_subject(who->actor.user, work->arena),
            store_work_reason(work->arena, S("signed out")));
}

struct err people_sign_out(struct db *db, const struct who *who, struct arena *arena)
{
    struct who context = *who;
    if (who->session == 0)
        return err_make(ERR_AUTH, "there is no session to end");
    return people_kept(store_work(db, &who->actor, arena, sign_out, &context), arena);
}
