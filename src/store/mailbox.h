/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Mailboxes that a node reads: how far, when it looked last, and what went wrong then. Each mail that was taken is
 * known by the digest of its bytes, in the same work as what it changed: taken twice it changes nothing more.
 */
#include "base/hash.h"
#include "store/work.h"

#define STORE_MAILBOXES_MAX 100 /* of a node */

struct mailbox_state {
    slice name;             /* "maildir", "lmtp", "imap" */
    int64_t validity, last; /* UIDVALIDITY of IMAP and the UID up to which all was taken; else 0 */
    int64_t looked_us;
    int64_t taken; /* mails, of all looks; in a put: of this one */
    slice why;     /* the last look failed; empty: it did not */
};

/* One that was never looked at has zeros. */
MUST_USE struct err store_mailbox_get(struct db *db, slice name, struct arena *arena, struct mailbox_state *state);
/* What a look found: it is looked at now, and `taken` is added. */
MUST_USE struct err store_mailbox_put(struct work *work, const struct mailbox_state *state);
MUST_USE struct err store_mailbox_list(
        struct db *db, struct arena *arena, struct mailbox_state **rows, size_t *row_count);
/* *fresh: it was not taken before. */
MUST_USE struct err store_mailbox_mail_add(struct work *work, const struct sha256 *digest, bool *fresh);
