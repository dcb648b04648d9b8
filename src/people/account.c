/* SPDX-License-Identifier: Apache-2.0 */
#include "people/account.h"

#include "base/arena.h"
#include "people/doorkeeper.h"
#include "people/opening.h"

/* ---- The password ---- */

struct changing {
    const struct doorkeeper *doorkeeper;
    const struct who *who;
    const struct people_password *password;
    const struct user *user; /* as it was when the old one was tried */
    slice hash;
    struct signed_in signed_in;
};

static struct err change(struct work *work, void *context)
{
    struct changing *changing = context;
    const struct who *who = changing->who;
    const struct opening opening = {.doorkeeper = changing->doorkeeper,
            .user = who->actor.user,
            .how = who->actor.how,
            .from = changing->password->from,
            .agent = changing->password->agent};
    struct user user;
    TRY(store_user_hold(work, opening.user, &user));
    if (!people_is_welcome(&user) || !slice_eq(user.password_hash, changing->user->password_hash))
        return err_make(ERR_CONFLICT, "the user was changed at this moment; try again");
    TRY(store_user_password(work, user.number, changing->hash));
    TRY(store_link_drop(work, user.number));
    TRY(store_work_news(work, "user.password", people_subject(user.number, work->arena), S("")));
    return people_session_renew(work, &opening, who->session, S("new password"), &changing->signed_in);
}

struct err people_account_password(struct db *db, struct doorkeeper *doorkeeper, const struct who *who,
        const struct people_password *password, struct arena *arena, struct signed_in *signed_in)
{
    const struct knock knock = {KNOCK_PASSWORD, who->actor.name, password->from};
    char hash[PASSWORD_HASH_BYTES];
    struct user user;
    TRY(store_right_check(&who->actor, VERB_OWN_ACCOUNT, who->actor.organisation, arena, NULL));
    TRY(password_check(password->new, who->actor.name));
    TRY(doorkeeper_password(doorkeeper, db, &knock, password->old, false, arena, &user));
    TRY(doorkeeper_hash(doorkeeper, password->new, hash));
    struct changing changing = {
            .doorkeeper = doorkeeper, .who = who, .password = password, .user = &user, .hash = slice_of(hash)};
    TRY(people_kept(store_work(db, &who->actor, arena, change, &changing), arena));
    *signed_in = changing.signed_in;
    return OK;
}

/* ---- How to be spoken to ---- */

struct tasting {
    slice language, zone;
};

static struct err taste(struct work *work, void *context)
{
    const struct tasting *tasting = context;
    return store_user_taste(work, work->actor->user, tasting->language, tasting->zone);
}

struct err people_account_taste(
        struct db *db, const struct actor *actor, slice language, slice zone, struct arena *arena)
{
    struct tasting tasting = {language, zone};
    TRY(store_right_check(actor, VERB_OWN_ACCOUNT, actor->organisation, arena, NULL));
    return people_kept(store_work(db, actor, arena, taste, &tasting), arena);
}
