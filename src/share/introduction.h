/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Introductions: a small file in which a node says who it is, where it is and by which keys it is known, signed by its
 * identity key (a statement of type "introduction", to nobody in particular). It travels any way people like. That it
 * is signed says that nobody changed it, not who made it: that is what comparing fingerprints is for.
 *
 * Text is in the arena. Any thread.
 */
#include "share/keys.h"

#define INTRODUCTION_BYTES_MAX (64u << 10)
#define INTRODUCTION_KEYS_MAX 16
#define INTRODUCTION_LIFE_US (14 * DAY_US) /* to be read and compared until then */

struct share_introduction {
    slice node, name, country, url, taxii, contact;
    struct key_public identity;
    int64_t issued_us, expires_us;
    struct share_introduced_key {
        struct share_certification certified;
        slice statement;
    } keys[INTRODUCTION_KEYS_MAX]; /* good ones, the identity among them */
    size_t key_count;
};

/* What it says besides names and keys, which the database knows. */
struct share_introducing {
    const char *folder;   /* of keys */
    const char *identity; /* file of the identity key; NULL: the one in the folder */
    slice url;            /* where the node is reached, with a "/" at the end */
    slice contact;        /* whom to call: "+62 21 5550 100, duty officer"; may be empty */
};

/* Our own; a verb of VERB_CHANGE_PARTNERS. */
MUST_USE struct err share_introduce(struct db *db, const struct actor *actor,
        const struct share_introducing *introducing, struct arena *arena, slice *text);
/*
 * One of somebody else, good at now_us: well formed, signed by the identity key that it names, with a good key for
 * logs, witness and messages each. ERR_INPUT, ERR_LIMIT or ERR_AUTH with what is wrong.
 */
MUST_USE struct err share_introduction_read(
        slice text, int64_t now_us, struct arena *arena, struct share_introduction *introduction);
/* ERR_INPUT unless it is a URL of http or https without user, query or fragment, and ends with "/". */
MUST_USE struct err share_url_check(slice url, struct arena *arena);
