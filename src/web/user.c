/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One user, for who looks after users: roles, a link for a new password, locking, and where the user is signed in.
 */
#include "people/user.h"

#include "base/arena.h"
#include "gate/gate.h"
#include "people/factor.h"
#include "people/session.h"
#include "store/organisation.h"
#include "web/access.h"
#include "web/label.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/user.h"

static struct err user_of(struct ask *ask, struct user *user)
{
    int64_t number;
    TRY(ask_part_number(ask, 0, &number));
    TRY(store_user_get(ask->db, number, ask->arena, user));
    if (!user_is_shown(ask, user->organisation))
        return err_make(ERR_MISSING, "there is no such user");
    return OK;
}

static bool may_over(const struct ask *ask, const struct user *user, enum verb verb)
{
    return !ask->who.half && people_over(&ask->who.actor, user, verb, ask->arena).kind == ERR_NONE;
}

/* Alone, or (second) with another person. */
static bool may_change(const struct ask *ask, const struct user *user, bool *second)
{
    *second = false;
    return !ask->who.half &&
           people_over_with(&ask->who.actor, user, VERB_CHANGE_USERS, ask->arena, second).kind == ERR_NONE;
}

static slice subject_of(const struct ask *ask, const struct user *user)
{
    return slice_of(arena_printf(ask->arena, "user/%jd", (intmax_t)user->number));
}

/* Which buttons there are; the verbs decide all the same. */
static void write_may(struct ask *ask, const struct user *user)
{
    bool other = user->number != ask->who.actor.user, open = user->state != USER_CLOSED;
    bool stop = may_over(ask, user, VERB_STOP_USERS);
    bool second, change = may_change(ask, user, &second);
    page_flag(ask, S("may_change"), change && open);
    page_flag(ask, S("may_stop"), stop && open && other);
    page_flag(ask, S("may_lock"), stop && other && user->state != USER_LOCKED && open);
    page_flag(ask, S("may_unlock"), change && other && user->state == USER_LOCKED);
    page_flag(ask, S("may_close"), change && other && open);
    page_flag(ask, S("may_free"), change && other && user->second_factor); /* of a lost device */
    page_flag(ask, S("needs_second"), second);
}

static struct err write_user(struct ask *ask, const struct user *user)
{
    struct organisation organisation;
    bool access = may_over(ask, user, VERB_READ_ACCESS);
    TRY(store_organisation_get(ask->db, user->organisation, ask->arena, &organisation));
    page_title(ask, user->name);
    user_write(ask, user, organisation.name);
    write_may(ask, user);
    bool second;
    if (may_change(ask, user, &second))
        label_all_roles(ask, S("all_roles"), user->roles);
    page_flag(ask, S("may_see_access"), access);
    return access ? access_sessions(ask, user->number) : OK;
}

struct err web_user(struct ask *ask)
{
    struct user user;
    TRY(user_of(ask, &user));
    return write_user(ask, &user);
}

static const char *path_of(struct ask *ask, const struct user *user)
{
    return arena_printf(ask->arena, "/users/%jd", (intmax_t)user->number);
}

/* The page once more, with why it was not done; or on to it, with what was done. */
static struct err end(struct ask *ask, const struct user *user, const char *field, struct err err, const char *done)
{
    if (err.kind == ERR_NONE) {
        page_done(ask, path_of(ask, user), done);
        return OK;
    }
    TRY(page_again(ask, field, err));
    return write_user(ask, user);
}

static struct err propose(struct ask *ask, const char *act, const struct user *user, const struct user_put *put,
        const struct token *link, struct share_proposal *proposal)
{
    slice detail;
    TRY(people_user_detail(put, S(""), link, ask->arena, &detail));
    return user_propose(ask, act, subject_of(ask, user), detail, proposal);
}

struct err web_user_roles(struct ask *ask)
{
    struct user user;
    uint32_t roles;
    TRY(user_of(ask, &user));
    struct share_proposal proposal = {.done = true};
    bool second;
    struct err err = user_roles_check(ask, &roles);
    if (err.kind == ERR_NONE && may_change(ask, &user, &second) && second)
        err = propose(ask, "user.roles", &user, &(struct user_put){.roles = roles}, NULL, &proposal);
    else if (err.kind == ERR_NONE)
        err = people_user_roles(ask->db, &ask->who.actor, user.number, roles, ask->arena);
    return end(ask, &user, "role", err, proposal.done ? "roles" : "proposed");
}

static const struct {
    const char *name, *done, *act; /* act: with a second person; NULL: stopping somebody needs none */
    struct err (*verb)(struct db *db, const struct actor *actor, int64_t user, struct arena *arena);
} states[] = {
        {"lock", "locked", NULL, people_user_lock},
        {"unlock", "unlocked", "user.unlock", people_user_unlock},
        {"close", "closed", "user.close", people_user_close},
        {"no-second-factor", "factor-removed", "user.factor-off", people_factor_remove},
};

static struct err change_state(struct ask *ask, const struct user *user, size_t at)
{
    struct share_proposal proposal = {.done = true};
    struct err err;
    bool second;
    if (states[at].act != NULL && may_change(ask, user, &second) && second)
        err = user_propose(ask, states[at].act, subject_of(ask, user), S("{}"), &proposal);
    else
        err = states[at].verb(ask->db, &ask->who.actor, user->number, ask->arena);
    return end(ask, user, NULL, err, proposal.done ? states[at].done : "proposed");
}

struct err web_user_state(struct ask *ask)
{
    struct user user;
    slice name = ask_form(ask, S("state"));
    TRY(user_of(ask, &user));
    for (size_t i = 0; i < COUNT_OF(states); i++)
        if (slice_eq(name, slice_of(states[i].name)))
            return change_state(ask, &user, i);
    return err_make(ERR_INPUT, "state: lock, unlock, close or no-second-factor");
}

/* Who proposes it has the link now; it works when another person has agreed. */
static struct err propose_reset(struct ask *ask, const struct user *user, struct token *link)
{
    struct share_proposal proposal;
    *link = token_new();
    return propose(ask, "user.reset", user, &(struct user_put){.roles = 0}, link, &proposal);
}

struct err web_user_reset(struct ask *ask)
{
    struct user user;
    struct token link;
    TRY(user_of(ask, &user));
    bool second, may = may_change(ask, &user, &second);
    struct err err = may && second ? propose_reset(ask, &user, &link)
                                   : people_user_reset(ask->db, &ask->who.actor, user.number, ask->arena, &link);
    if (err.kind != ERR_NONE)
        return end(ask, &user, NULL, err, "");
    page_flag(ask, S("waits"), may && second);
    user_link_write(ask, user.name, &link);
    ask->status = 201;
    return write_user(ask, &user);
}

struct err web_user_sessions_end(struct ask *ask)
{
    struct user user;
    uint64_t count;
    TRY(user_of(ask, &user));
    struct err err =
            people_session_end_all(ask->db, &ask->who.actor, user.number, ask->who.session, ask->arena, &count);
    return end(ask, &user, NULL, err, "sessions-ended");
}
