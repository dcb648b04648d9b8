/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Users: people of an organisation, their roles, the hash of their password as its maker wrote it, and one-time links.
 * Of a link only the SHA-256 of its secret is kept; it works once, for one purpose, until it expires.
 */
#include "base/clock.h"
#include "base/hash.h"
#include "store/work.h"

#define USER_LINKS_MAX 16 /* of one user that could still be used */

enum user_state { USER_INVITED, USER_ACTIVE, USER_LOCKED, USER_CLOSED };

struct user_put {
    slice name; /* unique; letters, digits and .-_@, not @ at the front */
    int64_t organisation;
    uint32_t roles;      /* bits of enum role; never ROLE_LOCAL */
    slice password_hash; /* empty: none yet, the user is invited */
    bool program;        /* it will have none: it is known by tokens, certificates or signatures */
};

struct user {
    int64_t number, organisation;
    slice name, password_hash;
    uint32_t roles;
    enum user_state state;
    int64_t added_us, password_us; /* password_us: or TIME_NONE */
    slice language, zone;          /* empty: not said */
    bool second_factor;            /* has one */
    bool suspended;                /* its organisation is suspended or closed: nobody of it is let in */
    int64_t ends_us; /* when sharing with its organisation ends, and nobody of it is let in; TIME_NONE: never */
};

/* ERR_CONFLICT if the name is taken, ERR_MISSING if there is no such organisation. */
MUST_USE struct err store_user_add(struct work *work, const struct user_put *put, int64_t *number);
MUST_USE struct err store_user_roles(struct work *work, int64_t number, uint32_t roles);
/* Also makes an invited user an active one. */
MUST_USE struct err store_user_password(struct work *work, int64_t number, slice password_hash);
/* How the user wants to be spoken to: "id", "Asia/Jakarta"; empty: not said. */
MUST_USE struct err store_user_taste(struct work *work, int64_t number, slice language, slice zone);
/*
 * The user as it is and stays until the work ends: who would change it, or hold it too, waits. For who decides by it
 * about what hangs on it (a session, a token), so that a lock and a sign-in at once cannot both win.
 */
MUST_USE struct err store_user_hold(struct work *work, int64_t number, struct user *user);
/* invited or active <-> locked, any -> closed; closing ends its links and its password. ERR_CONFLICT. */
MUST_USE struct err store_user_state(struct work *work, int64_t number, enum user_state state);

MUST_USE struct err store_user_get(struct db *db, int64_t number, struct arena *arena, struct user *user);
MUST_USE struct err store_user_find(struct db *db, slice name, struct arena *arena, struct user *user);
MUST_USE struct err store_user_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct user **rows, size_t *row_count);

/* The roles, as bits, of all but one (0: of all) who are not closed and known by more than a password: who of them is
 * locked now counts, too, since a lock is taken back. */
MUST_USE struct err store_user_sure(struct db *db, int64_t but, uint32_t *roles);

/* `purpose`: "set-up", "password". ERR_LIMIT beyond USER_LINKS_MAX. */
MUST_USE struct err store_link_add(
        struct work *work, int64_t user, slice purpose, const struct sha256 *secret, int64_t expires_us);
/* Uses it up. ERR_AUTH, without saying which, if there is none, it was used, is too old, or is for something else. */
MUST_USE struct err store_link_use(struct work *work, slice purpose, const struct sha256 *secret, int64_t *user);

struct link {
    int64_t person;
    slice purpose;
    int64_t expires_us;
};

/* One that could be used still; ERR_MISSING. Does not use it. */
MUST_USE struct err store_link_find(
        struct db *db, const struct sha256 *secret, int64_t now_us, struct arena *arena, struct link *link);
/* Those of a user that were not used. */
MUST_USE struct err store_link_drop(struct work *work, int64_t user);

/* Nobody of its organisation is let in now: that is suspended or closed, or sharing with it has ended. */
static inline bool store_user_rests(const struct user *user, int64_t now_us)
{
    return user->suspended || (user->ends_us != TIME_NONE && user->ends_us <= now_us);
}

const char *store_user_state_name(enum user_state state); /* "invited" */
