/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the verbs of this folder share of a doorkeeper: whether a password is right, at what cost for whom, and what the
 * journal learns of refusals. A stranger decides how often that is asked, so all of it is bounded.
 *
 * Private to this folder.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "base/password.h"
#include "people/throttle.h"
#include "people/who.h"
#include "store/right.h"

#define PEOPLE_WRONG_CODE "the code is wrong, or was used already"

/* What was refused since the journal was told; people beyond these are counted with names that nobody has. */
#define REFUSALS_PEOPLE_MAX 16

struct refusals {
    uint64_t count;
    int64_t told_us; /* TIME_NONE: never */
    struct {
        int64_t person;
        uint64_t count;
    } people[REFUSALS_PEOPLE_MAX];
};

/* A name and password that were right: their HMAC, with the hash that the person had. */
struct memory_row {
    struct sha256 mac;
    int64_t until_us;
};

struct doorkeeper {
    int64_t rest_us, session_us;
    struct throttle *throttle;
    struct sha256 key;      /* of the memory; random */
    struct sha256 form_key; /* of forms whose asker has no session */
    struct sha256 seal_key;
    bool has_seal;                    /* seal_key was said */
    atomic_flag keeping;              /* somebody writes that something was used */
    char nobody[PASSWORD_HASH_BYTES]; /* the hash of a password that nobody knows */
    pthread_mutex_t lock;             /* of all below */
    pthread_cond_t free;
    unsigned hashing, waiting;
    struct refusals refusals;
    struct memory_row memory[PEOPLE_MEMORY_ROWS];
};

/* With that hash to try unknown names with, which costs as much as that of a person. */
struct doorkeeper *doorkeeper_make(struct arena *arena, const char nobody[PASSWORD_HASH_BYTES]);
/* ERR_LIMIT while there are PEOPLE_HASHES_MAX others, and as many wait as may. Whoever got in gets out. */
MUST_USE struct err doorkeeper_hash_begin(struct doorkeeper *doorkeeper);
void doorkeeper_hash_end(struct doorkeeper *doorkeeper);
/* password_hash between these two. */
MUST_USE struct err doorkeeper_hash(struct doorkeeper *doorkeeper, slice password, char hash[PASSWORD_HASH_BYTES]);

/* ERR_LIMIT with when to come again. */
MUST_USE struct err doorkeeper_may_knock(struct doorkeeper *doorkeeper, const struct knock *knock, struct arena *arena);
/* Counts a failure (person 0: of nobody's name), tells the journal if it is time, and is the error that says no more.
 */
struct err doorkeeper_refuse(struct doorkeeper *doorkeeper, struct db *db, const struct knock *knock, int64_t person,
        const char *why, struct arena *arena);

/*
 * Whether that name has that password; then *user is whose. ERR_AUTH takes the same time whether there is such a name
 * or not. `quick`: what was right a moment ago is not hashed again.
 */
MUST_USE struct err doorkeeper_password(struct doorkeeper *doorkeeper, struct db *db, const struct knock *knock,
        slice password, bool quick, struct arena *arena, struct user *user);

/* Whether someone of this state may be let in at all. */
bool people_is_welcome(const struct user *user);
struct actor people_actor(const struct user *user, enum actor_how how);
/* "user/7" */
slice people_subject(int64_t user, struct arena *arena);
/* Whether the actor may have to do with what is a user's: the own by VERB_OWN_ACCOUNT, that of others (0: of all) by
 * `others`. */
MUST_USE struct err people_may(
        struct db *db, const struct actor *actor, int64_t user, enum verb others, struct arena *arena);
/* The sentence of an error may belong to the connection. */
struct err people_kept(struct err err, struct arena *arena);
