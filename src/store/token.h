/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Tokens of people and of their programs: what they are for, what they may be used for, and until when. Of the secret
 * only its SHA-256 is kept (base/token.h makes it). A token is good while nobody revoked it and its end is to come.
 */
#include "base/hash.h"
#include "store/work.h"

#define TOKENS_MAX 64 /* good ones of a person */

/* What a token may be used for; its holder may never do more than the person it belongs to. Bits. */
enum scope {
    SCOPE_READ = 1,     /* what people see */
    SCOPE_WRITE = 2,    /* what people change */
    SCOPE_TAXII = 4,    /* collections that are open to its person */
    SCOPE_MATCH = 8,    /* the compiled index and the stream of its changes */
    SCOPE_METRICS = 16, /* /metrics */
    SCOPE_EVENTS = 32,  /* /ingest */
    SCOPE_ALL = 63,
};

struct token_put {
    int64_t person;
    slice name;
    unsigned scopes; /* enum scope */
    const struct sha256 *secret;
    int64_t ends_us;
};

struct token_row {
    int64_t number, person;
    slice name;
    unsigned scopes;
    int64_t made_us, ends_us, used_us; /* used_us: or TIME_NONE; to an hour or so */
    bool revoked;
};

/* ERR_LIMIT beyond TOKENS_MAX. */
MUST_USE struct err store_token_add(struct work *work, const struct token_put *put, int64_t *number);
/* ERR_CONFLICT if it is no longer good. */
MUST_USE struct err store_token_revoke(struct work *work, int64_t number);
MUST_USE struct err store_token_revoke_all(struct work *work, int64_t person, uint64_t *revoked_count);
/* It was used at this moment. No work: nothing hangs on it. */
MUST_USE struct err store_token_used(struct db *db, int64_t number, int64_t used_us);

/* By its secret, good or not. ERR_MISSING. */
MUST_USE struct err store_token_find(
        struct db *db, const struct sha256 *secret, struct arena *arena, struct token_row *token);
MUST_USE struct err store_token_get(struct db *db, int64_t number, struct arena *arena, struct token_row *token);
/* Those of a person (0: of all), good or not, behind a number. */
MUST_USE struct err store_token_list(struct db *db, int64_t person, int64_t after, size_t count, struct arena *arena,
        struct token_row **rows, size_t *row_count);

static inline bool store_token_is_good(const struct token_row *token, int64_t now_us)
{
    return !token->revoked && now_us < token->ends_us;
}

/* "read taxii"; in the arena. */
slice store_scopes_name(unsigned scopes, struct arena *arena);
/* Words between blanks or commas. False if one is none, or there is none at all. */
bool store_scopes_find(slice text, unsigned *scopes);
