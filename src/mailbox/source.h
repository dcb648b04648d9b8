/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Where mail comes from, and who takes it. Every source does the same: it hands over the bytes of one mail, and only
 * when `take` returned OK it says so where the mail was (moved, seen, 250). Acknowledged therefore means durable. Who
 * is ended in between gets the mail again: `take` knows it by the digest of its bytes.
 */
#include "mailbox/mail.h"

struct mailbox_taker {
    void *context;
    /* OK: it is durable. ERR_INPUT and ERR_LIMIT: it will never be taken. All else: again, later. */
    struct err (*take)(void *context, slice bytes, struct arena *arena);
    bool (*stop)(void *context); /* asked between mails; NULL: never */
    void *stop_context;
};

struct mailbox_taken {
    size_t taken;
    size_t left;     /* that will never be taken, and stay where they are */
    const char *why; /* of the last of them, in the arena; NULL: none */
};
