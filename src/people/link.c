/* SPDX-License-Identifier: Apache-2.0 */
#include "people/link.h"

#include "base/arena.h"
#include "base/clock.h"
#include "people/doorkeeper.h"
#include "people/opening.h"
#include "store/session.h"

#define NO_LINK "this link does not work: it was used, is too old, or never was"

/* Links are 256 random bits, so nobody is made to wait for a wrong one. */
static struct err find(struct db *db, slice secret, struct arena *arena, struct link *link, struct user *user)
{
    struct sha256 hash = token_hash(secret);
    struct err err = store_link_find(db, &hash, clock_now_us(), arena, link);
    if (err.kind == ERR_NONE)
        err = store_user_get(db, link->person, arena, user);
    if (err.kind == ERR_MISSING)
        return err_make(ERR_AUTH, NO_LINK);
    TRY(err);
    bool welcome =
            (user->state == USER_INVITED || user->state == USER_ACTIVE) && !store_user_rests(user, clock_now_us());
    return welcome ? OK : err_make(ERR_AUTH, NO_LINK);
}

struct err people_link_view(struct db *db, slice secret, struct arena *arena, struct people_link_view *view)
{
    struct link link;
    struct user user;
    TRY(people_kept(find(db, secret, arena, &link, &user), arena));
    *view = (struct people_link_view){user.name, link.purpose, link.expires_us};
    return OK;
}

struct using
{
    const struct doorkeeper *doorkeeper;
    const struct people_link_use *use;
    const struct link *link;
    slice hash;
    struct signed_in signed_in;
};

static struct err use_link(struct work *work, void *context)
{
    struct using *using = context;
    struct sha256 secret = token_hash(using->use->secret);
    struct opening opening = {.doorkeeper = using->doorkeeper,
            .how = ACTOR_PASSWORD,
            .from = using->use->from,
            .agent = using->use->agent};
    struct user user;
    TRY(store_user_hold(work, using->link->person, &user));
    TRY(store_link_use(work, using->link->purpose, &secret, &opening.user));
    TRY(store_user_password(work, user.number, using->hash));
    TRY(store_link_drop(work, user.number));
    TRY(store_work_news(work, "user.password", people_subject(user.number, work->arena),
            store_work_reason(work->arena, S("by a link"))));
    opening.half = user.second_factor;
    return people_session_renew(work, &opening, 1, S("new password"), &using->signed_in);
}

struct err people_link_use(struct db *db, struct doorkeeper *doorkeeper, const struct people_link_use *use,
        struct arena *arena, struct signed_in *signed_in)
{
    char hash[PASSWORD_HASH_BYTES];
    struct link link;
    struct user user = {0};
    TRY(people_kept(find(db, use->secret, arena, &link, &user), arena));
    TRY(password_check(use->password, user.name));
    TRY(doorkeeper_hash(doorkeeper, use->password, hash));
    struct actor actor = people_actor(&user, ACTOR_PASSWORD);
    struct using using = {.doorkeeper = doorkeeper, .use = use, .link = &link, .hash = slice_of(hash)};
    TRY(people_kept(store_work(db, &actor, arena, use_link, &using), arena));
    *signed_in = using.signed_in;
    return OK;
}
