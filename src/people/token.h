/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Tokens, by which programs are known: made for a person, who may never do less than they; shown once, with a prefix by
 * which scanners for lost secrets know them.
 */
#include "people/who.h"

#define PEOPLE_TOKEN_PREFIX "kt_"
#define PEOPLE_TOKEN_CHARACTERS (TOKEN_CHARACTERS + 3)
#define PEOPLE_TOKEN_US (INT64_C(90) * 86400 * 1000000)       /* how long one lives if nothing is said */
#define PEOPLE_TOKEN_US_MAX (INT64_C(1830) * 86400 * 1000000) /* at the most: five years */

struct people_token_new {
    slice name;      /* what it is for */
    int64_t user;    /* whose; of others than the actor by right */
    unsigned scopes; /* enum scope */
    int64_t life_us; /* 0: PEOPLE_TOKEN_US */
};

/* As it is shown, with its NUL. */
struct people_token {
    char text[PEOPLE_TOKEN_CHARACTERS + 1];
};

MUST_USE struct err people_token_add(struct db *db, const struct actor *actor, const struct people_token_new *new,
        struct arena *arena, int64_t *number, struct people_token *token);
/*
 * The same when two persons have to agree: subject "user/7", detail {"token": HASH, "name", "scopes", "ends": TIME}, as
 * people_token_detail writes it with a fresh token. Who proposes it has the token at once; it works when another has
 * agreed.
 */
MUST_USE struct err people_token_detail(
        const struct people_token_new *new, struct arena *arena, struct people_token *token, slice *detail);
MUST_USE struct err people_token_do_add(struct work *work, slice subject, slice detail);
/* Of a user (0: of all, by right), behind a number. */
MUST_USE struct err people_token_list(struct db *db, const struct actor *actor, int64_t user, int64_t after,
        size_t count, struct arena *arena, struct token_row **rows, size_t *row_count);
/* ERR_MISSING if there is none, or it is another's and the actor may not know that. */
MUST_USE struct err people_token_revoke(struct db *db, const struct actor *actor, int64_t number, struct arena *arena);
