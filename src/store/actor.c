/* SPDX-License-Identifier: Apache-2.0 */
#include "store/actor.h"

static const char *const roles[ROLES] = {
        [ROLE_DUTY_OFFICER] = "duty-officer",
        [ROLE_ANALYST] = "analyst",
        [ROLE_COORDINATOR] = "coordinator",
        [ROLE_MANAGER] = "manager",
        [ROLE_LIAISON] = "liaison",
        [ROLE_CONSTITUENT_ADMIN] = "constituent-admin",
        [ROLE_EXERCISE_DIRECTOR] = "exercise-director",
        [ROLE_SYSADMIN] = "sysadmin",
        [ROLE_AUDITOR] = "auditor",
        [ROLE_LOCAL] = "local",
};

static const char *const hows[ACTOR_HOWS] = {
        [ACTOR_NOBODY] = "not at all",
        [ACTOR_TOKEN] = "token",
        [ACTOR_PASSWORD] = "password",
        [ACTOR_SECOND_FACTOR] = "second factor",
        [ACTOR_CERTIFICATE] = "certificate",
        [ACTOR_MACHINE] = "machine",
        [ACTOR_FOLLOWER] = "follower",
};

const char *store_role_name(enum role role)
{
    return roles[role];
}

enum role store_role_find(slice name)
{
    enum role role = 0;
    while (role < ROLES && !slice_eq(name, slice_of(roles[role])))
        role++;
    return role;
}

const char *store_how_name(enum actor_how how)
{
    return hows[how];
}
