/* SPDX-License-Identifier: Apache-2.0 */
#include "people/doorkeeper.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>

#include "base/arena.h"
#include "base/clock.h"
#include "people/user.h"
#include "store/work.h"
#include "json/write.h"

#define WRONG "the name or the password is wrong"

/* ---- Opening ---- */

static void ready(int result)
{
    assert(result == 0);
    (void)result;
}

/* Waits are of the steady clock: that of the day may jump. */
static void locks_make(struct doorkeeper *doorkeeper)
{
    pthread_condattr_t steady;
    ready(pthread_mutex_init(&doorkeeper->lock, NULL));
    ready(pthread_condattr_init(&steady));
    ready(pthread_condattr_setclock(&steady, CLOCK_MONOTONIC));
    ready(pthread_cond_init(&doorkeeper->free, &steady));
    pthread_condattr_destroy(&steady);
}

struct doorkeeper *doorkeeper_make(struct arena *arena, const char nobody[PASSWORD_HASH_BYTES])
{
    struct doorkeeper *doorkeeper = arena_new(arena, struct doorkeeper, 1);
    memcpy(doorkeeper->nobody, nobody, PASSWORD_HASH_BYTES);
    doorkeeper->rest_us = PEOPLE_REST_US;
    doorkeeper->session_us = PEOPLE_SESSION_US;
    doorkeeper->refusals.told_us = TIME_NONE;
    atomic_flag_clear(&doorkeeper->keeping);
    doorkeeper->throttle = throttle_open(arena);
    hash_random(&doorkeeper->key, sizeof doorkeeper->key);
    hash_random(&doorkeeper->form_key, sizeof doorkeeper->form_key);
    locks_make(doorkeeper);
    return doorkeeper;
}

struct err people_doorkeeper_open(struct arena *arena, struct doorkeeper **doorkeeper)
{
    struct token unknown = token_new();
    char nobody[PASSWORD_HASH_BYTES] = {0};
    TRY(password_hash(slice_of(unknown.text), nobody));
    *doorkeeper = doorkeeper_make(arena, nobody);
    return OK;
}

void people_doorkeeper_set(struct doorkeeper *doorkeeper, const struct people_options *options)
{
    doorkeeper->rest_us = options->rest_us == 0 ? PEOPLE_REST_US : options->rest_us;
    doorkeeper->session_us = options->session_us == 0 ? PEOPLE_SESSION_US : options->session_us;
    doorkeeper->has_seal = options->key != NULL;
    if (options->key == NULL)
        return;
    slice secret = {(const char *)options->key->secret, sizeof options->key->secret};
    doorkeeper->seal_key = hash_hmac_sha256(secret, S("kentongan second factors"));
    doorkeeper->form_key = hash_hmac_sha256(secret, S("kentongan forms"));
}

struct sha256 people_bound(const struct doorkeeper *doorkeeper, slice text)
{
    struct sha256 key = hash_hmac_sha256(sha256_slice(&doorkeeper->form_key), S("kentongan bound texts"));
    return hash_hmac_sha256(sha256_slice(&key), text);
}

void people_doorkeeper_close(struct doorkeeper *doorkeeper)
{
    if (doorkeeper == NULL)
        return;
    throttle_close(doorkeeper->throttle);
    pthread_cond_destroy(&doorkeeper->free);
    pthread_mutex_destroy(&doorkeeper->lock);
    sodium_memzero(&doorkeeper->seal_key, sizeof doorkeeper->seal_key);
    sodium_memzero(&doorkeeper->form_key, sizeof doorkeeper->form_key);
    sodium_memzero(&doorkeeper->key, sizeof doorkeeper->key);
}

/* ---- Few at once ---- */

static struct timespec deadline(void)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_sec += PEOPLE_HASHES_WAIT_MS / 1000;
    return at;
}

struct err doorkeeper_hash_begin(struct doorkeeper *doorkeeper)
{
    struct timespec until = deadline();
    bool in = false;
    pthread_mutex_lock(&doorkeeper->lock);
    if (doorkeeper->hashing < PEOPLE_HASHES_MAX || doorkeeper->waiting < PEOPLE_HASHES_WAITING_MAX) {
        doorkeeper->waiting++;
        int result = 0;
        while (doorkeeper->hashing >= PEOPLE_HASHES_MAX && result == 0)
            result = pthread_cond_timedwait(&doorkeeper->free, &doorkeeper->lock, &until);
        doorkeeper->waiting--;
        in = doorkeeper->hashing < PEOPLE_HASHES_MAX;
        doorkeeper->hashing += in;
    }
    pthread_mutex_unlock(&doorkeeper->lock);
    return in ? OK : err_make(ERR_LIMIT, "too many sign in at this moment; come again in a few seconds");
}

void doorkeeper_hash_end(struct doorkeeper *doorkeeper)
{
    pthread_mutex_lock(&doorkeeper->lock);
    doorkeeper->hashing--;
    pthread_cond_signal(&doorkeeper->free);
    pthread_mutex_unlock(&doorkeeper->lock);
}

struct err doorkeeper_hash(struct doorkeeper *doorkeeper, slice password, char hash[PASSWORD_HASH_BYTES])
{
    TRY(doorkeeper_hash_begin(doorkeeper));
    struct err err = password_hash(password, hash);
    doorkeeper_hash_end(doorkeeper);
    return err;
}

/* ---- Refusals ---- */

static void refusal_count(struct refusals *refusals, int64_t person)
{
    refusals->count++;
    for (size_t i = 0; person != 0 && i < REFUSALS_PEOPLE_MAX; i++) {
        if (refusals->people[i].person != 0 && refusals->people[i].person != person)
            continue;
        refusals->people[i].person = person;
        refusals->people[i].count++;
        return;
    }
}

/* Names are told of people only: what a stranger typed for one may be their password. */
static struct err tell(struct work *work, void *context)
{
    const struct refusals *refusals = context;
    struct buf detail = buf_make(WORK_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_u64(&w, S("count"), refusals->count);
    json_write_key(&w, S("users"));
    json_write_array(&w);
    for (size_t i = 0; i < REFUSALS_PEOPLE_MAX && refusals->people[i].person != 0; i++) {
        json_write_object(&w);
        json_write_key_u64(&w, S("user"), (uint64_t)refusals->people[i].person);
        json_write_key_u64(&w, S("count"), refusals->people[i].count);
        json_write_end(&w);
    }
    json_write_end(&w);
    json_write_end(&w);
    struct err err = store_work_news(work, "session.refused", S(""), buf_slice(&detail));
    buf_free(&detail);
    return err;
}

/* A clock that was put back is no reason to keep silent until it is there again. */
static bool is_time(const struct refusals *refusals, int64_t now_us)
{
    return refusals->told_us == TIME_NONE || now_us < refusals->told_us ||
           now_us - refusals->told_us >= PEOPLE_REFUSED_US;
}

/* What the journal is to be told now; count 0: nothing. */
static struct refusals refusals_take(struct refusals *refusals, bool now)
{
    int64_t now_us = clock_now_us();
    struct refusals taken = {0};
    if (now || is_time(refusals, now_us)) {
        taken = *refusals;
        *refusals = (struct refusals){.told_us = now_us};
    }
    return taken;
}

static struct err refusals_tell(const struct refusals *taken, struct db *db, struct arena *arena)
{
    static const struct actor self = {.name = {"@doorkeeper", 11}, .how = ACTOR_FOLLOWER};
    struct refusals context = *taken;
    return taken->count == 0 ? OK : people_kept(store_work(db, &self, arena, tell, &context), arena);
}

struct err doorkeeper_refuse(struct doorkeeper *doorkeeper, struct db *db, const struct knock *knock, int64_t person,
        const char *why, struct arena *arena)
{
    throttle_failed(doorkeeper->throttle, knock, clock_now_us());
    pthread_mutex_lock(&doorkeeper->lock);
    refusal_count(&doorkeeper->refusals, person);
    struct refusals taken = refusals_take(&doorkeeper->refusals, false);
    pthread_mutex_unlock(&doorkeeper->lock);
    TRY(refusals_tell(&taken, db, arena));
    return err_make(ERR_AUTH, why);
}

struct err people_doorkeeper_tell(struct doorkeeper *doorkeeper, struct db *db, struct arena *arena)
{
    pthread_mutex_lock(&doorkeeper->lock);
    struct refusals taken = refusals_take(&doorkeeper->refusals, true);
    pthread_mutex_unlock(&doorkeeper->lock);
    return refusals_tell(&taken, db, arena);
}

struct err doorkeeper_may_knock(struct doorkeeper *doorkeeper, const struct knock *knock, struct arena *arena)
{
    int64_t wait_us = throttle_wait_us(doorkeeper->throttle, knock, clock_now_us());
    if (wait_us <= 0)
        return OK;
    return err_format(arena, ERR_LIMIT, "too many attempts failed; come again in %lld seconds",
            (long long)((wait_us + SECOND_US - 1) / SECOND_US));
}

static unsigned wait_s(struct doorkeeper *doorkeeper, const struct knock *knock)
{
    int64_t wait_us = throttle_wait_us(doorkeeper->throttle, knock, clock_now_us());
    return wait_us <= 0 ? 0 : (unsigned)((wait_us + SECOND_US - 1) / SECOND_US);
}

unsigned people_wait_s(struct doorkeeper *doorkeeper, slice name, const struct ip *from)
{
    return wait_s(doorkeeper, &(struct knock){KNOCK_PASSWORD, name, *from});
}

unsigned people_report_wait_s(struct doorkeeper *doorkeeper, const struct ip *from)
{
    return wait_s(doorkeeper, &(struct knock){KNOCK_REPORT, S(""), *from});
}

void people_report_taken(struct doorkeeper *doorkeeper, const struct ip *from)
{
    throttle_failed(doorkeeper->throttle, &(struct knock){KNOCK_REPORT, S(""), *from}, clock_now_us());
}

/* ---- Passwords ---- */

/* Bound to the hash that the person has now: a new password, and the row is never met again. */
static struct sha256 memory_mac(const struct doorkeeper *doorkeeper, const struct user *user, slice password)
{
    struct sha256 parts[3] = {hash_hmac_sha256(sha256_slice(&doorkeeper->key), user->name),
            hash_hmac_sha256(sha256_slice(&doorkeeper->key), password),
            hash_hmac_sha256(sha256_slice(&doorkeeper->key), user->password_hash)};
    return hash_hmac_sha256(sha256_slice(&doorkeeper->key), (slice){(const char *)parts[0].bytes, sizeof parts});
}

static struct memory_row *memory_row(struct doorkeeper *doorkeeper, const struct sha256 *mac)
{
    uint32_t at;
    memcpy(&at, mac->bytes, sizeof at);
    return &doorkeeper->memory[at % PEOPLE_MEMORY_ROWS];
}

static bool remembers(struct doorkeeper *doorkeeper, const struct sha256 *mac)
{
    int64_t now_us = clock_now_us();
    pthread_mutex_lock(&doorkeeper->lock);
    const struct memory_row *row = memory_row(doorkeeper, mac);
    bool is = sodium_memcmp(row->mac.bytes, mac->bytes, sizeof mac->bytes) == 0 && now_us < row->until_us &&
              row->until_us - now_us <= PEOPLE_MEMORY_US;
    pthread_mutex_unlock(&doorkeeper->lock);
    return is;
}

static void remember(struct doorkeeper *doorkeeper, const struct sha256 *mac)
{
    int64_t until_us = clock_now_us() + PEOPLE_MEMORY_US;
    pthread_mutex_lock(&doorkeeper->lock);
    *memory_row(doorkeeper, mac) = (struct memory_row){*mac, until_us};
    pthread_mutex_unlock(&doorkeeper->lock);
}

bool people_is_welcome(const struct user *user)
{
    return user->state == USER_ACTIVE && !store_user_rests(user, clock_now_us());
}

/* Between many who wait their turn some may have failed meanwhile, so whether it may is asked again. */
static struct err verify(struct doorkeeper *doorkeeper, const struct knock *knock, slice password, slice hash,
        struct arena *arena, bool *right)
{
    TRY(doorkeeper_hash_begin(doorkeeper));
    struct err err = doorkeeper_may_knock(doorkeeper, knock, arena);
    if (err.kind == ERR_NONE)
        *right = password_verify(password, hash);
    doorkeeper_hash_end(doorkeeper);
    return err;
}

struct err doorkeeper_password(struct doorkeeper *doorkeeper, struct db *db, const struct knock *knock, slice password,
        bool quick, struct arena *arena, struct user *user)
{
    struct user found = {0};
    struct err err = store_user_find(db, knock->name, arena, &found);
    bool usable = err.kind == ERR_NONE && people_is_welcome(&found) && found.password_hash.len > 0;
    bool right = false;
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    struct sha256 mac = memory_mac(doorkeeper, &found, password);
    if (!quick || !usable || !remembers(doorkeeper, &mac)) {
        slice hash = usable ? found.password_hash : slice_of(doorkeeper->nobody);
        TRY(doorkeeper_may_knock(doorkeeper, knock, arena));
        if (password.len <= PASSWORD_BYTES_MAX)
            TRY(verify(doorkeeper, knock, password, hash, arena, &right));
        if (!right || !usable)
            return doorkeeper_refuse(doorkeeper, db, knock, found.number, WRONG, arena);
        throttle_right(doorkeeper->throttle, knock, clock_now_us());
        if (quick)
            remember(doorkeeper, &mac);
    }
    *user = found;
    return OK;
}

/* ---- What others need ---- */

struct actor people_actor(const struct user *user, enum actor_how how)
{
    return (struct actor){.organisation = user->organisation,
            .user = user->number,
            .name = user->name,
            .roles = user->roles,
            .how = how};
}

slice people_subject(int64_t user, struct arena *arena)
{
    return slice_of(arena_printf(arena, "user/%lld", (long long)user));
}

struct err people_may(struct db *db, const struct actor *actor, int64_t user, enum verb others, struct arena *arena)
{
    struct user of = {0};
    if (actor->user != 0 && actor->user == user)
        return store_right_check(actor, VERB_OWN_ACCOUNT, actor->organisation, arena, NULL);
    struct err err = user == 0 ? OK : store_user_get(db, user, arena, &of);
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    TRY(people_over(actor, &of, others, arena)); /* who may not know is not told either */
    return err;
}

struct err people_kept(struct err err, struct arena *arena)
{
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    return err;
}
