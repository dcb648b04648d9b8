/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A letter: a mail of ours to one address, whoever reads it there, about something that was told us. It is a notice
 * (store/notice.h) like any other: stored byte for byte in the work that decides it, sent by desk/send.h. The
 * Message-ID is its reference and our domain, so that answers to it are known.
 */
#include "store/notice.h"

#define DESK_LETTER_IDS_MAX 20   /* of a thread that a letter names */
#define DESK_LETTER_ID_BYTES 250 /* of one; a longer one is not named */

struct desk_letter {
    slice name; /* of whom it goes to; or empty */
    slice address;
    slice subject, text, language;
    const slice *thread; /* Message-IDs, without angle brackets, the last one is what it answers */
    size_t thread_count;
    bool automatic;       /* a receipt: nothing is to answer it (RFC 3834) */
    int64_t organisation; /* 0: of nobody that we know */
};
struct desk_letter_made {
    int64_t notice;
    slice message_id; /* without angle brackets */
    slice bytes;      /* in the arena of the work */
};
/* Whether an address is one of this node's own, in whatever letters. */
bool desk_letter_is_ours(slice address);
/* NULL if a letter can be sent there; otherwise why not, in words. */
const char *desk_letter_cannot(slice address);
/* ERR_MISSING if this node sends no mail; ERR_INPUT for what is no address. */
MUST_USE struct err desk_letter_make(
        struct work *work, const struct desk_letter *letter, struct desk_letter_made *made);
