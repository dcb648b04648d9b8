/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Who acts: on whose behalf, in which roles, and how sure we are that it is them. Made at the edge, passed down by who
 * received it, never changed. Belongs to the request.
 */
#include "base/slice.h"

/* The columns of right.c, in its order; bits of actor.roles are 1 << role. */
enum role {
    ROLE_DUTY_OFFICER,
    ROLE_ANALYST,
    ROLE_COORDINATOR,
    ROLE_MANAGER,
    ROLE_LIAISON,
    ROLE_CONSTITUENT_ADMIN,
    ROLE_EXERCISE_DIRECTOR,
    ROLE_SYSADMIN,
    ROLE_AUDITOR,
    ROLE_LOCAL, /* who may read the node's keys on its machine */
    ROLES,
};

/* How it was made sure who acts; in rising order of trust for people. */
enum actor_how {
    ACTOR_NOBODY,        /* not at all */
    ACTOR_TOKEN,         /* a bearer token of a person or a program */
    ACTOR_PASSWORD,      /* a password alone */
    ACTOR_SECOND_FACTOR, /* a password and a second factor */
    ACTOR_CERTIFICATE,   /* a client certificate */
    ACTOR_MACHINE,       /* the node's own machine: files that only its account reads */
    ACTOR_FOLLOWER,      /* a part of the node itself that follows the journal */
    ACTOR_HOWS,
};

struct actor {
    int64_t organisation; /* 0: none, the node itself */
    int64_t user;         /* 0: no person of the table of users */
    slice name;           /* as the journal shows it; of a follower, its name behind "@" */
    uint32_t roles;       /* bits */
    enum actor_how how;
    uint32_t others; /* of ROLE_LOCAL: roles of all who could be its second person (store_user_sure); bits */
    bool emergency;  /* of ROLE_LOCAL: it does not wait for one, and everybody hears of it (share/approve.h) */
};

static inline bool actor_is(const struct actor *actor, enum role role)
{
    return (actor->roles >> role & 1) != 0;
}

/* "duty-officer"; the words of the command line, the store and the journal. */
const char *store_role_name(enum role role);
/* Or ROLES, if it is none. */
enum role store_role_find(slice name);
const char *store_how_name(enum actor_how how);
