/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The post between nodes: statements that are there to change something. What may be said is one table (post.c): a type
 * and who understands it. A statement is taken once, in one work with what it does; one that cannot be done is
 * remembered as refused, with the reason, and gets the same answer whenever it comes again. So who sends may send again
 * until it has an answer, and nothing happens twice.
 *
 * What leaves waits in a table (store/delivery.h) and is sent in its order by who takes turns for partners.
 */
#include "share/keys.h"
#include "store/delivery.h"

enum share_answered {
    SHARE_TAKEN,   /* it is done */
    SHARE_AGAIN,   /* it was done before: nothing happened */
    SHARE_REFUSED, /* it never will be */
};

struct share_mail {
    enum share_answered answered;
    slice type, id;
    int64_t partner; /* 0: we do not know whose it is */
    slice why;       /* SHARE_REFUSED */
};

/*
 * A statement that somebody brought. ERR_INPUT: it is none; ERR_AUTH: it is from no partner of ours, in the same words
 * whatever shows that (*mail says what, for our own log); ERR_DENIED: it is, and is not taken from it; ERR_CONFLICT:
 * not yet, it may be sent again later.
 */
MUST_USE struct err share_post_take(struct db *db, slice text, struct arena *arena, struct share_mail *mail);
/* Lets a signed statement wait for its reader. */
MUST_USE struct err share_post(struct work *work, int64_t partner, const char *type, slice statement);
/* Writes a letter in our name to that partner and lets it wait: all but type, agreement and body are filled in. */
MUST_USE struct err share_post_letter(struct work *work, const struct share_keys *keys, const struct partner *partner,
        const struct share_letter *letter);
/* The same of that body, which it frees. */
MUST_USE struct err share_post_body(
        struct work *work, const struct share_keys *keys, int64_t partner, const char *type, struct buf *body);
