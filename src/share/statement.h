/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Statements: what one node says to another and signs, one form for all of it (doc/why/keys.md). JSON: a head that
 * binds who says what to whom, until when, and the digest of the body; the body; the key and its signature over the
 * head. Both are canonical (RFC 8785) where they are hashed and signed, so that blanks and order on the way do no harm.
 *
 * Reading looks at the form alone. Who is answered for by it, share_statement_take() says: the key has to be certified
 * for its purpose and good at the moment when we got it, whatever the statement says of its own time.
 *
 * What was read lies in the arena. Any thread.
 */
#include "base/clock.h"
#include "base/hash.h"
#include "base/key.h"

struct partner;
struct arena;
struct db;
struct work;

#define STATEMENT_BYTES_MAX (256u << 10)
#define STATEMENT_DEPTH_MAX 24
#define STATEMENT_KEYS_MAX 4096                /* of one object of the body */
#define STATEMENT_TYPE_MAX 64                  /* bytes */
#define STATEMENT_NUMBER_MAX ((1LL << 53) - 1) /* RFC 8785 section 3.2.2.3: numbers are doubles */
#define STATEMENT_AHEAD_US (10 * MINUTE_US)    /* that their clock may be before ours */
#define STATEMENT_LIFE_US (31 * DAY_US)        /* at most; so long it is remembered, to be taken only once */

struct share_letter {
    slice id;        /* UUID; empty in one that is to be written: a new one */
    slice type;      /* "agreement.offer" */
    slice from;      /* id of the node: of the STIX identity of its organisation */
    slice to;        /* the same, or the UUID of a sharing group, or empty: whoever reads it */
    slice agreement; /* UUID, or empty */
    int64_t agreement_version;
    int64_t sequence; /* whatever its type counts by */
    int64_t issued_us, expires_us;
    slice body; /* a JSON object */
    /* Of one that was read: */
    slice head, text; /* canonical: what is signed, and all of it */
    struct key_public key;
    uint8_t signature[KEY_SIGNATURE_BYTES];
};

/* Signs it; *out: canonical, in the arena. ERR_INPUT if it has not the form that others would read. */
MUST_USE struct err share_statement_write(
        const struct share_letter *letter, const struct key_pair *key, struct arena *arena, slice *out);
/* The form and nothing else: no signature is looked at. ERR_INPUT or ERR_LIMIT with what is wrong and where. */
MUST_USE struct err share_statement_read(slice text, struct arena *arena, struct share_letter *letter);
/* Whether the key in it signed it. */
bool share_statement_signed(const struct share_letter *letter);

/*
 * Whether it is good for us now (or at the latest moment that we signed for, store_now_us): signed by the key that its
 * sender has for that (identity for what is about keys, message for all else), that key good at now_us, sent to us or a
 * group that we know, not expired, not from the future. *partner: whose it is. ERR_AUTH for all that an outsider could
 * try, with a reason for our own people; ERR_DENIED: it is a partner, but what it says is not taken; ERR_CONFLICT: not
 * yet, send it again later.
 */
MUST_USE struct err share_statement_check(struct db *db, const struct share_letter *letter, slice own_node,
        int64_t now_us, struct arena *arena, int64_t *partner);
/* The same, and never twice: remembers it until it expires. What is about keys says the same again, and is not. */
MUST_USE struct err share_statement_take(
        struct work *work, const struct share_letter *letter, slice own_node, int64_t *partner);
/* How far the clock by which it was issued is behind ours (below 0: ahead), where that alone makes it bad and it is
 * signed by a good key of *partner; else 0, or an error. */
MUST_USE struct err share_statement_clock(struct db *db, const struct share_letter *letter, slice own_node,
        int64_t now_us, struct arena *arena, struct partner *partner, int64_t *behind_us);

/* ---- For the bodies ---- */

/* A key as statements have it: 64 hexadecimal digits. */
bool share_key_parse(slice hex, struct key_public *key);
slice share_key_text(const struct key_public *key, struct arena *arena);
/* A new id. */
slice share_uuid_new(struct arena *arena);
/* The text of a member of a body; ERR_INPUT naming it if it is not there, no text, or longer. */
MUST_USE struct err share_body_text(slice body, const char *name, size_t bytes_max, struct arena *arena, slice *text);
MUST_USE struct err share_body_time(slice body, const char *name, struct arena *arena, int64_t *us);
/* ERR_INPUT if the body has a member that is none of these (blanks between them): what is signed is understood whole.
 */
MUST_USE struct err share_body_only(slice body, const char *names, struct arena *arena);
