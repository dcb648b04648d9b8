/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lives of a few users, at random: they sign in, change their password, get and lose a second factor, are locked,
 * closed and given other roles, while tokens and sessions come and go and time passes. After each step every credential
 * that ever was is tried, and has to work exactly if a slow model says so: one list of what happened, read again from
 * the birth of the credential for each answer.
 */
#include "base/base32.h"
#include "base/totp.h"
#include "people/account.h"
#include "people/factor.h"
#include "people/link.h"
#include "people/test_people.h"
#include "people/user.h"

enum { USERS = 3, STEPS = 240, EVENTS_MAX = 4 * STEPS, CREDENTIALS_MAX = 2 * STEPS };

enum happening { LOCKED, UNLOCKED, CLOSED, PASSWORD, FACTOR_ON, FACTOR_OFF, ROLES_SET, ENDED, ENDED_ALL, REVOKED };

struct event {
    enum happening kind;
    int user, credential; /* credential: of ENDED, REVOKED */
    uint32_t roles;
    const char *password;
};

struct credential {
    int user;
    bool is_token, half, factor; /* factor: a code was given */
    size_t born;                 /* before this event */
    int64_t ends_us, seen_us;
    char text[64];
    struct signed_in in;
    int64_t token;
};

struct life {
    struct test_people *people;
    uint64_t random;
    struct {
        int64_t number;
        char name[16];
        uint8_t secret[TOTP_SECRET_BYTES];
    } users[USERS];
    struct event events[EVENTS_MAX];
    size_t event_count;
    struct credential credentials[CREDENTIALS_MAX];
    int credential_count;
    int tried, worked; /* of all that were tried */
};

static uint64_t draw(struct life *life, uint64_t below)
{
    life->random += 0x9e3779b97f4a7c15u;
    return hash_mix(life->random, 0xbf58476d1ce4e5b9u) % below;
}

static void happened(struct life *life, struct event event)
{
    assert_true(life->event_count < EVENTS_MAX);
    life->events[life->event_count++] = event;
}

/* ---- The model ---- */

/* The latest event of these kinds of the user; NULL: none. */
static const struct event *latest(const struct life *life, int user, unsigned kinds)
{
    const struct event *found = NULL;
    for (size_t i = 0; i < life->event_count; i++)
        if (life->events[i].user == user && (kinds >> life->events[i].kind & 1) != 0)
            found = &life->events[i];
    return found;
}

static bool is_active(const struct life *life, int user)
{
    const struct event *state = latest(life, user, 1u << LOCKED | 1u << UNLOCKED | 1u << CLOSED);
    bool closed = latest(life, user, 1u << CLOSED) != NULL;
    return !closed && (state == NULL || state->kind == UNLOCKED);
}

static bool is_closed(const struct life *life, int user)
{
    return latest(life, user, 1u << CLOSED) != NULL;
}

static bool has_factor(const struct life *life, int user)
{
    const struct event *factor = latest(life, user, 1u << FACTOR_ON | 1u << FACTOR_OFF | 1u << CLOSED);
    return factor != NULL && factor->kind == FACTOR_ON;
}

static const char *password_of(const struct life *life, int user)
{
    const struct event *password = latest(life, user, 1u << PASSWORD);
    return password == NULL ? TEST_PASSWORD : password->password;
}

static uint32_t roles_of(const struct life *life, int user)
{
    const struct event *roles = latest(life, user, 1u << ROLES_SET);
    return roles == NULL ? UINT32_C(1) << ROLE_ANALYST : roles->roles;
}

static bool ends(const struct event *event, const struct life *life, int number)
{
    static const unsigned of_sessions =
            1u << LOCKED | 1u << CLOSED | 1u << PASSWORD | 1u << FACTOR_ON | 1u << FACTOR_OFF | 1u << ENDED_ALL;
    const struct credential *credential = &life->credentials[number];
    if (event->kind == ENDED || event->kind == REVOKED)
        return event->credential == number;
    if (event->user != credential->user)
        return false;
    return credential->is_token ? event->kind == CLOSED : (of_sessions >> event->kind & 1) != 0;
}

static bool should_work(const struct life *life, int number)
{
    const struct credential *credential = &life->credentials[number];
    int64_t now_us = clock_now_us();
    for (size_t i = credential->born; i < life->event_count; i++)
        if (ends(&life->events[i], life, number))
            return false;
    if (!is_active(life, credential->user) || now_us >= credential->ends_us)
        return false;
    return credential->is_token || now_us - credential->seen_us < PEOPLE_REST_US;
}

/* ---- Holding the one against the other ---- */

static struct err show(struct life *life, const struct credential *credential, struct who *who)
{
    slice text = slice_of(credential->text);
    struct credentials shown = {.from = test_ip("192.0.2.1")};
    *(credential->is_token ? &shown.token : &shown.session) = text;
    return test_who(life->people, &shown, who);
}

static void try_all(struct life *life)
{
    for (int i = 0; i < life->credential_count; i++) {
        struct credential *credential = &life->credentials[i];
        bool should = should_work(life, i);
        struct who who;
        struct err err = show(life, credential, &who);
        life->tried++;
        life->worked += should;
        if ((err.kind == ERR_NONE) != should)
            fail_msg("%s %d of %s works: %d, should: %d", credential->is_token ? "token" : "session", i,
                    life->users[credential->user].name, err.kind == ERR_NONE, should);
        if (!should)
            continue;
        assert_int_equal(who.actor.user, life->users[credential->user].number);
        assert_int_equal(who.actor.roles, credential->half ? 0 : roles_of(life, credential->user));
        assert_int_equal(who.actor.how, credential->is_token ? ACTOR_TOKEN
                                        : credential->factor ? ACTOR_SECOND_FACTOR
                                                             : ACTOR_PASSWORD);
        if (clock_now_us() - credential->seen_us >= PEOPLE_SEEN_US)
            credential->seen_us = clock_now_us();
    }
}

/* Waits may be in the way of what is right; nothing lets in what is not. */
static void try_password(struct life *life, int user, const char *password, const char *from)
{
    const struct credentials shown = {
            .name = slice_of(life->users[user].name), .password = slice_of(password), .from = test_ip(from)};
    bool should = is_active(life, user) && !has_factor(life, user) && strcmp(password, password_of(life, user)) == 0;
    struct who who;
    struct err err = test_who(life->people, &shown, &who);
    assert_true(should ? err.kind == ERR_NONE || err.kind == ERR_LIMIT : err.kind != ERR_NONE);
}

/* ---- What may happen ---- */

static void born(struct life *life, int user, const struct signed_in *in, bool factor)
{
    struct credential *credential = &life->credentials[life->credential_count++];
    assert_true(life->credential_count < CREDENTIALS_MAX);
    *credential = (struct credential){.user = user,
            .half = in->half,
            .factor = factor,
            .born = life->event_count,
            .ends_us = in->ends_us,
            .seen_us = clock_now_us(),
            .in = *in};
    memcpy(credential->text, in->secret.text, sizeof in->secret.text);
}

/* A session of the user that works, at random; -1: none. */
static int session_of(struct life *life, int user, bool half)
{
    int found[CREDENTIALS_MAX], count = 0;
    for (int i = 0; i < life->credential_count; i++) {
        const struct credential *credential = &life->credentials[i];
        if (!credential->is_token && credential->user == user && credential->half == half && should_work(life, i))
            found[count++] = i;
    }
    return count == 0 ? -1 : found[draw(life, (uint64_t)count)];
}

static slice code_of(struct life *life, int user, char text[16])
{
    slice secret = {(const char *)life->users[user].secret, TOTP_SECRET_BYTES};
    snprintf(text, 16, "%06u", totp_code(secret, totp_step(clock_now_us())));
    return slice_of(text);
}

static struct who asker(struct life *life, int session)
{
    struct who who;
    test_ok(show(life, &life->credentials[session], &who));
    return who;
}

static void sign_in(struct life *life, int user)
{
    struct signed_in in;
    bool right = draw(life, 4) != 0;
    const char *from = right ? "192.0.2.1" : arena_printf(life->people->arena, "198.51.100.%d", (int)draw(life, 256));
    struct err err = test_try(life->people, life->users[user].name,
            right ? password_of(life, user) : "incorrect drum battery", from, &in);
    if (!right || !is_active(life, user)) {
        assert_true(err.kind == ERR_AUTH || err.kind == ERR_LIMIT);
    } else if (err.kind != ERR_LIMIT) {
        test_ok(err);
        assert_int_equal(in.half, has_factor(life, user));
        born(life, user, &in, false);
    }
}

static void give_code(struct life *life, int user)
{
    static const struct people_place place = {.agent = {"", 0}};
    int session = session_of(life, user, true);
    struct signed_in in;
    char text[16];
    if (session < 0)
        return;
    struct who who = asker(life, session);
    bool right = draw(life, 3) != 0;
    struct err err = people_factor_code(life->people->db, life->people->doorkeeper, &who,
            right ? code_of(life, user, text) : S("12345"), &place, life->people->arena, &in);
    if (err.kind == ERR_LIMIT)
        return;
    assert_int_equal(err.kind, right ? ERR_NONE : ERR_AUTH);
    if (!right)
        return;
    happened(life, (struct event){ENDED, user, .credential = session});
    born(life, user, &in, true);
}

static void factor_on(struct life *life, int user)
{
    static const struct people_place place = {.agent = {"", 0}};
    struct test_people *people = life->people;
    int session = session_of(life, user, false);
    struct people_factor_offer offer;
    struct people_recovery recovery;
    struct signed_in in;
    char text[16];
    size_t len;
    if (session < 0 || has_factor(life, user))
        return;
    struct who who = asker(life, session);
    test_ok(people_factor_offer(people->db, people->doorkeeper, &who.actor, people->arena, &offer));
    assert_true(base32_read(offer.secret, life->users[user].secret, TOTP_SECRET_BYTES, &len));
    slice code = code_of(life, user, text);
    struct err err =
            people_factor_confirm(people->db, people->doorkeeper, &who, code, &place, people->arena, &recovery, &in);
    if (err.kind == ERR_LIMIT)
        return;
    test_ok(err);
    happened(life, (struct event){FACTOR_ON, user});
    born(life, user, &in, true);
}

static void factor_off(struct life *life, int user)
{
    if (!has_factor(life, user))
        return;
    test_ok(people_factor_remove(
            life->people->db, &life->people->local, life->users[user].number, life->people->arena));
    happened(life, (struct event){FACTOR_OFF, user});
}

/* By themselves, or by a link; each is a real argon2id, so it is rare. */
static void new_password(struct life *life, int user)
{
    struct test_people *people = life->people;
    int session = session_of(life, user, false);
    const char *new = arena_printf(people->arena, "battery number %d of the drum", (int)life->event_count);
    struct people_password password = {slice_of(password_of(life, user)), slice_of(new), test_ip("192.0.2.1"), S("")};
    struct people_link_use use = {.password = slice_of(new), .from = test_ip("192.0.2.1"), .agent = S("")};
    struct signed_in in;
    struct token link;
    if (!is_active(life, user))
        return;
    bool by_link = session < 0;
    if (by_link) {
        test_ok(people_user_reset(people->db, &people->local, life->users[user].number, people->arena, &link));
        use.secret = slice_of(link.text);
        test_ok(people_link_use(people->db, people->doorkeeper, &use, people->arena, &in));
    } else {
        struct who who = asker(life, session);
        struct err err = people_account_password(people->db, people->doorkeeper, &who, &password, people->arena, &in);
        if (err.kind == ERR_LIMIT)
            return;
        test_ok(err);
    }
    happened(life, (struct event){PASSWORD, user, .password = new});
    born(life, user, &in, !by_link && life->credentials[session].factor);
}

static void lock(struct life *life, int user)
{
    struct test_people *people = life->people;
    bool active = is_active(life, user);
    if (active && draw(life, 3) != 0) /* not for long: who is locked does little */
        return;
    struct err err = active ? people_user_lock(people->db, &people->local, life->users[user].number, people->arena)
                            : people_user_unlock(people->db, &people->local, life->users[user].number, people->arena);
    if (is_closed(life, user)) {
        assert_int_equal(err.kind, ERR_CONFLICT);
        return;
    }
    test_ok(err);
    happened(life, (struct event){active ? LOCKED : UNLOCKED, user});
}

/* The first lives on, so that something is left to happen. */
static void close_one(struct life *life, int user)
{
    if (user == 0 || draw(life, 4) != 0 || is_closed(life, user))
        return;
    test_ok(people_user_close(life->people->db, &life->people->local, life->users[user].number, life->people->arena));
    happened(life, (struct event){CLOSED, user});
}

static void other_roles(struct life *life, int user)
{
    uint32_t roles = (uint32_t)draw(life, (1u << ROLE_LOCAL) - 1) + 1;
    struct err err = people_user_roles(
            life->people->db, &life->people->local, life->users[user].number, roles, life->people->arena);
    if (is_closed(life, user)) {
        assert_int_equal(err.kind, ERR_MISSING);
        return;
    }
    test_ok(err);
    happened(life, (struct event){ROLES_SET, user, .roles = roles});
}

static void token_add(struct life *life, int user)
{
    struct test_people *people = life->people;
    const struct people_token_new new = {.name = S("x"),
            .user = life->users[user].number,
            .scopes = SCOPE_READ,
            .life_us = (int64_t)(draw(life, 30) + 1) * TEST_DAY_US};
    struct credential *credential = &life->credentials[life->credential_count];
    struct people_token token;
    int64_t number;
    struct err err = people_token_add(people->db, &people->local, &new, people->arena, &number, &token);
    if (is_closed(life, user)) {
        assert_int_equal(err.kind, ERR_CONFLICT);
        return;
    }
    test_ok(err);
    *credential = (struct credential){.user = user,
            .is_token = true,
            .born = life->event_count,
            .ends_us = clock_now_us() + new.life_us,
            .token = number};
    memcpy(credential->text, token.text, sizeof token.text);
    life->credential_count++;
}

static void end_one(struct life *life, int user)
{
    struct test_people *people = life->people;
    int at = life->credential_count == 0 ? -1 : (int)draw(life, (uint64_t)life->credential_count);
    (void)user;
    if (at < 0 || !should_work(life, at))
        return;
    const struct credential *credential = &life->credentials[at];
    if (credential->is_token)
        test_ok(people_token_revoke(people->db, &people->local, credential->token, people->arena));
    else
        test_ok(people_session_end(people->db, &people->local, credential->in.session, people->arena));
    happened(life, (struct event){credential->is_token ? REVOKED : ENDED, credential->user, .credential = at});
}

static void end_all(struct life *life, int user)
{
    uint64_t count;
    test_ok(people_session_end_all(
            life->people->db, &life->people->local, life->users[user].number, 0, life->people->arena, &count));
    happened(life, (struct event){ENDED_ALL, user});
}

static void passwords(struct life *life, int user)
{
    const char *from = arena_printf(life->people->arena, "203.0.113.%d", (int)draw(life, 256));
    try_password(life, user, password_of(life, user), "192.0.2.1");
    try_password(life, user, "incorrect drum battery", from);
    for (size_t i = 0; i < life->event_count; i++)
        if (life->events[i].kind == PASSWORD && life->events[i].user == user && draw(life, 4) == 0)
            try_password(life, user, life->events[i].password, "192.0.2.1");
}

static void time_passes(struct life *life, int user)
{
    (void)user;
    test_later((int64_t)draw(life, (uint64_t)PEOPLE_REST_US / 3));
}

/* Most of the time people come; what ends much is rarer, so that there is something to end. */
static const struct {
    unsigned weight;
    void (*happen)(struct life *life, int user);
} steps[] = {
        {24, sign_in},
        {14, give_code},
        {5, factor_on},
        {3, factor_off},
        {6, new_password},
        {10, lock},
        {2, close_one},
        {6, other_roles},
        {8, token_add},
        {6, end_one},
        {2, end_all},
        {8, passwords},
        {6, time_passes},
};

static void step(struct life *life)
{
    uint64_t at = draw(life, 100);
    size_t row = 0;
    while (at >= steps[row].weight)
        at -= steps[row++].weight;
    steps[row].happen(life, (int)draw(life, USERS));
}

static void no_credential_works_that_should_not_and_each_that_should(void **state)
{
    struct test_people *people = ready(state);
    struct life *life = arena_new(people->arena, struct life, 1);
    life->people = people;
    life->random = 20261121;
    for (int i = 0; i < USERS; i++) {
        snprintf(life->users[i].name, sizeof life->users[i].name, "user%d", i);
        life->users[i].number = test_user(people, life->users[i].name, ROLE_ANALYST);
    }
    for (int i = 0; i < STEPS; i++) {
        step(life);
        try_all(life);
        test_later(TOTP_STEP_US); /* so that no code is that of a step before */
    }
    print_message("# %d of %d tries should have worked and did\n", life->worked, life->tried);
    /* A run in which nothing worked, or nothing was refused, would prove nothing. */
    assert_true(life->worked > life->tried / 50 && life->worked < life->tried / 2);
    for (unsigned kind = LOCKED; kind <= REVOKED; kind++) {
        bool was = false;
        for (int user = 0; user < USERS; user++)
            was = was || latest(life, user, 1u << kind) != NULL;
        if (!was)
            fail_msg("kind %u of what may happen did not", kind);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(no_credential_works_that_should_not_and_each_that_should, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
