/* SPDX-License-Identifier: Apache-2.0 */
#include "people/factor.h"

#include <sodium.h>

#include "base/arena.h"
#include "base/base32.h"
#include "base/clock.h"
#include "base/seal.h"
#include "base/totp.h"
#include "people/doorkeeper.h"
#include "people/opening.h"
#include "people/user.h"
#include "store/factor.h"
#include "store/organisation.h"
#include "store/session.h"

#define RECOVERY_BYTES 10
#define GROUP 4 /* characters that are written together */
#define URI_BYTES_MAX 4096

/* ---- Codes ---- */

/* A recovery code is known by its length; nothing else that is typed here has it. */
static struct err recovery_take(struct work *work, int64_t user, slice code, bool *is_one, bool *taken)
{
    uint8_t bytes[RECOVERY_BYTES];
    size_t len = 0;
    *is_one = base32_read(code, bytes, sizeof bytes, &len) && len == sizeof bytes;
    if (!*is_one)
        return OK;
    struct sha256 hash = hash_sha256((slice){(const char *)bytes, len});
    TRY(store_recovery_use(work, user, &hash, taken));
    if (!*taken)
        return OK;
    return store_work_news(work, "factor.recovered", people_subject(user, work->arena), S(""));
}

static struct err unseal(const struct work *work, const struct doorkeeper *doorkeeper, int64_t user, slice sealed,
        uint8_t secret[TOTP_SECRET_BYTES])
{
    bool fits = sealed.len == TOTP_SECRET_BYTES + SEAL_BYTES;
    if (doorkeeper->has_seal && fits &&
            seal_open(&doorkeeper->seal_key, people_subject(user, work->arena), sealed, secret))
        return OK;
    return err_make(ERR_SYSTEM, "the second factor was sealed with another key than the node has now; a recovery code "
                                "works still, or `kentongan user second-factor NAME --off` on its machine");
}

struct err people_factor_take(
        struct work *work, const struct doorkeeper *doorkeeper, int64_t user, slice code, bool waiting, bool *taken)
{
    uint8_t secret[TOTP_SECRET_BYTES];
    struct factor factor;
    bool is_recovery = false;
    int64_t step;
    *taken = false;
    if (!waiting)
        TRY(recovery_take(work, user, code, &is_recovery, taken));
    if (is_recovery)
        return OK;
    TRY(store_factor_get(work->db, user, work->arena, &factor));
    if (waiting != (factor.confirmed_us == TIME_NONE))
        return err_make(ERR_CONFLICT, "there is no second factor that waits for its first code");
    TRY(unseal(work, doorkeeper, user, factor.sealed, secret));
    bool right = totp_check((slice){(const char *)secret, sizeof secret}, code, work->now_us, factor.step, &step);
    sodium_memzero(secret, sizeof secret);
    return right ? store_factor_step(work, user, step, taken) : OK;
}

static struct people_recovery recovery_make(struct sha256 hashes[PEOPLE_RECOVERY_CODES])
{
    struct people_recovery made = {0};
    for (size_t i = 0; i < PEOPLE_RECOVERY_CODES; i++) {
        uint8_t bytes[RECOVERY_BYTES];
        struct buf text = buf_make(PEOPLE_RECOVERY_CHARACTERS + 1);
        hash_random(bytes, sizeof bytes);
        slice whole = {(const char *)bytes, sizeof bytes};
        hashes[i] = hash_sha256(whole);
        base32_write(&text, whole);
        for (size_t at = 0, to = 0; at < text.len; at++) {
            if (at > 0 && at % GROUP == 0)
                made.codes[i][to++] = '-';
            made.codes[i][to++] = text.ptr[at];
        }
        buf_free(&text);
    }
    return made;
}

/* ---- What all works here share ---- */

struct coding {
    const struct doorkeeper *doorkeeper;
    const struct who *who;
    const struct people_place *place;
    slice code;
    bool wrong;
    struct signed_in signed_in;
    struct people_recovery recovery;
};

static struct opening opening_of(const struct coding *coding, enum actor_how how)
{
    return (struct opening){.doorkeeper = coding->doorkeeper,
            .user = coding->who->actor.user,
            .how = how,
            .from = coding->place->from,
            .agent = coding->place->agent};
}

/* Runs a work that takes a code; a wrong one is counted where failures are. */
static struct err coding_run(
        struct db *db, struct doorkeeper *doorkeeper, struct coding *coding, work_action *action, struct arena *arena)
{
    const struct who *who = coding->who;
    const struct knock knock = {KNOCK_CODE, who->actor.name, coding->place->from};
    TRY(doorkeeper_may_knock(doorkeeper, &knock, arena));
    TRY(people_kept(store_work(db, &who->actor, arena, action, coding), arena));
    if (coding->wrong)
        return doorkeeper_refuse(doorkeeper, db, &knock, who->actor.user, PEOPLE_WRONG_CODE, arena);
    throttle_right(doorkeeper->throttle, &knock, clock_now_us());
    return OK;
}

/* The own account, by the one who asks, who is still let in at this moment. */
static struct err hold_own(struct work *work, const struct coding *coding, struct user *user)
{
    const struct actor *actor = &coding->who->actor;
    TRY(store_right_check(actor, VERB_OWN_ACCOUNT, actor->organisation, work->arena, NULL));
    TRY(store_user_hold(work, actor->user, user));
    return people_is_welcome(user) ? OK : err_make(ERR_AUTH, "the user was changed at this moment");
}

static struct err tell(struct work *work, const char *act, int64_t user)
{
    return store_work_news(work, act, people_subject(user, work->arena), S(""));
}

/* ---- From half a session to a whole one ---- */

static struct err complete(struct work *work, void *context)
{
    struct coding *coding = context;
    const struct opening opening = opening_of(coding, ACTOR_SECOND_FACTOR);
    struct session session;
    struct user user;
    bool taken, ended;
    TRY(store_user_hold(work, opening.user, &user));
    TRY(store_session_get(work->db, coding->who->session, work->arena, &session));
    if (!people_is_welcome(&user) || !user.second_factor || !session.half || session.person != user.number ||
            !store_session_is_good(&session, work->now_us))
        return err_make(ERR_AUTH, "this session is over; sign in again");
    TRY(people_factor_take(work, coding->doorkeeper, user.number, coding->code, false, &taken));
    coding->wrong = !taken;
    if (!taken)
        return OK;
    TRY(store_session_end(work, session.number, S("completed"), &ended));
    return people_session_open(work, &opening, &coding->signed_in);
}

struct err people_factor_code(struct db *db, struct doorkeeper *doorkeeper, const struct who *who, slice code,
        const struct people_place *place, struct arena *arena, struct signed_in *signed_in)
{
    struct coding coding = {doorkeeper, who, place, code};
    if (!who->half)
        return err_make(ERR_CONFLICT, "nobody asked this session for a code");
    TRY(coding_run(db, doorkeeper, &coding, complete, arena));
    *signed_in = coding.signed_in;
    return OK;
}

/* ---- The own factor ---- */

struct err people_factor_get(
        struct db *db, const struct actor *actor, struct arena *arena, struct people_factor *factor)
{
    struct people_factor found = {.since_us = TIME_NONE};
    struct factor row;
    TRY(store_right_check(actor, VERB_OWN_ACCOUNT, actor->organisation, arena, NULL));
    struct err err = store_factor_get(db, actor->user, arena, &row);
    if (err.kind == ERR_NONE) {
        found.since_us = row.confirmed_us;
        found.on = row.confirmed_us != TIME_NONE;
        TRY(store_recovery_left(db, actor->user, &found.left));
    } else if (err.kind != ERR_MISSING) {
        return err;
    }
    *factor = found;
    return OK;
}

struct offering {
    const struct doorkeeper *doorkeeper;
    uint8_t secret[TOTP_SECRET_BYTES];
    slice issuer;
};

static struct err keep(struct work *work, void *context)
{
    struct offering *offering = context;
    int64_t user = work->actor->user, own;
    uint8_t sealed[TOTP_SECRET_BYTES + SEAL_BYTES];
    struct organisation organisation;
    TRY(store_right_check(work->actor, VERB_OWN_ACCOUNT, work->actor->organisation, work->arena, NULL));
    TRY(store_organisation_own(work->db, &own));
    TRY(store_organisation_get(work->db, own, work->arena, &organisation));
    offering->issuer = organisation.name;
    seal_close(&offering->doorkeeper->seal_key, people_subject(user, work->arena),
            (slice){(const char *)offering->secret, sizeof offering->secret}, sealed);
    return store_factor_put(work, user, (slice){(const char *)sealed, sizeof sealed});
}

static struct people_factor_offer offer_write(const struct offering *offering, slice name, struct arena *arena)
{
    struct buf text = buf_make(URI_BYTES_MAX), groups = buf_make(URI_BYTES_MAX), uri = buf_make(URI_BYTES_MAX);
    base32_write(&text, (slice){(const char *)offering->secret, sizeof offering->secret});
    for (size_t at = 0; at < text.len; at++) {
        if (at > 0 && at % GROUP == 0)
            buf_byte(&groups, ' ');
        buf_byte(&groups, text.ptr[at]);
    }
    buf_put(&uri, S("otpauth://totp/"));
    buf_uri(&uri, offering->issuer, "");
    buf_byte(&uri, ':'); /* what stands between issuer and name */
    buf_uri(&uri, name, "");
    buf_put(&uri, S("?secret="));
    buf_put(&uri, buf_slice(&text));
    buf_put(&uri, S("&issuer="));
    buf_uri(&uri, offering->issuer, "");
    buf_put(&uri, S("&algorithm=SHA1&digits=6&period=30"));
    struct people_factor_offer offer = {arena_copy(arena, buf_slice(&groups)), arena_copy(arena, buf_slice(&uri))};
    buf_free(&text);
    buf_free(&groups);
    buf_free(&uri);
    return offer;
}

struct err people_factor_offer(struct db *db, const struct doorkeeper *doorkeeper, const struct actor *actor,
        struct arena *arena, struct people_factor_offer *offer)
{
    struct offering offering = {.doorkeeper = doorkeeper};
    if (!doorkeeper->has_seal)
        return err_make(ERR_SYSTEM, "the node's key, with which second factors are sealed, is not at hand");
    hash_random(offering.secret, sizeof offering.secret);
    struct err err = people_kept(store_work(db, actor, arena, keep, &offering), arena);
    if (err.kind == ERR_NONE)
        *offer = offer_write(&offering, actor->name, arena);
    sodium_memzero(offering.secret, sizeof offering.secret);
    return err;
}

static struct err confirm(struct work *work, void *context)
{
    struct coding *coding = context;
    const struct opening opening = opening_of(coding, ACTOR_SECOND_FACTOR);
    struct sha256 hashes[PEOPLE_RECOVERY_CODES];
    struct user user;
    bool taken;
    TRY(hold_own(work, coding, &user));
    struct err err = people_factor_take(work, coding->doorkeeper, user.number, coding->code, true, &taken);
    if (err.kind == ERR_MISSING)
        return err_make(ERR_CONFLICT, "there is no second factor that waits for its first code");
    TRY(err);
    coding->wrong = !taken;
    if (!taken)
        return OK;
    coding->recovery = recovery_make(hashes);
    TRY(store_factor_confirm(work, user.number));
    TRY(store_recovery_put(work, user.number, hashes, PEOPLE_RECOVERY_CODES));
    TRY(tell(work, "factor.on", user.number));
    return people_session_renew(work, &opening, coding->who->session, S("second factor"), &coding->signed_in);
}

struct err people_factor_confirm(struct db *db, struct doorkeeper *doorkeeper, const struct who *who, slice code,
        const struct people_place *place, struct arena *arena, struct people_recovery *recovery,
        struct signed_in *signed_in)
{
    struct coding coding = {doorkeeper, who, place, code};
    TRY(coding_run(db, doorkeeper, &coding, confirm, arena));
    *recovery = coding.recovery;
    *signed_in = coding.signed_in;
    return OK;
}

static struct err off(struct work *work, void *context)
{
    struct coding *coding = context;
    const struct opening opening = opening_of(coding, ACTOR_PASSWORD);
    struct user user;
    bool taken, dropped;
    TRY(hold_own(work, coding, &user));
    TRY(people_factor_take(work, coding->doorkeeper, user.number, coding->code, false, &taken));
    coding->wrong = !taken;
    if (!taken)
        return OK;
    TRY(store_factor_drop(work, user.number, &dropped));
    TRY(tell(work, "factor.off", user.number));
    return people_session_renew(work, &opening, coding->who->session, S("second factor"), &coding->signed_in);
}

struct err people_factor_off(struct db *db, struct doorkeeper *doorkeeper, const struct who *who, slice code,
        const struct people_place *place, struct arena *arena, struct signed_in *signed_in)
{
    struct coding coding = {doorkeeper, who, place, code};
    TRY(coding_run(db, doorkeeper, &coding, off, arena));
    *signed_in = coding.signed_in;
    return OK;
}

static struct err codes(struct work *work, void *context)
{
    struct coding *coding = context;
    struct sha256 hashes[PEOPLE_RECOVERY_CODES];
    struct user user;
    bool taken;
    TRY(hold_own(work, coding, &user));
    TRY(people_factor_take(work, coding->doorkeeper, user.number, coding->code, false, &taken));
    coding->wrong = !taken;
    if (!taken)
        return OK;
    coding->recovery = recovery_make(hashes);
    TRY(store_recovery_put(work, user.number, hashes, PEOPLE_RECOVERY_CODES));
    return tell(work, "factor.codes", user.number);
}

struct err people_factor_codes(struct db *db, struct doorkeeper *doorkeeper, const struct who *who, slice code,
        const struct people_place *place, struct arena *arena, struct people_recovery *recovery)
{
    struct coding coding = {doorkeeper, who, place, code};
    TRY(coding_run(db, doorkeeper, &coding, codes, arena));
    *recovery = coding.recovery;
    return OK;
}

/* ---- Another's ---- */

struct err people_factor_drop(struct work *work, int64_t user)
{
    const struct opening opening = {.user = user};
    struct signed_in none;
    bool dropped;
    TRY(store_factor_drop(work, user, &dropped));
    if (!dropped)
        return err_make(ERR_CONFLICT, "the user has no second factor");
    TRY(tell(work, "factor.off", user));
    return people_session_renew(work, &opening, 0, S("second factor"), &none);
}

static struct err remove_factor(struct work *work, void *context)
{
    int64_t number = *(const int64_t *)context;
    struct user user;
    TRY(store_user_hold(work, number, &user));
    TRY(people_over(work->actor, &user, VERB_CHANGE_USERS, work->arena));
    return people_factor_drop(work, number);
}

struct err people_factor_remove(struct db *db, const struct actor *actor, int64_t user, struct arena *arena)
{
    return people_kept(store_work(db, actor, arena, remove_factor, &user), arena);
}
