/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What section [mailbox] of the configuration says, at work: mail is taken from a maildir, by LMTP and by IMAP. What
 * answers a notice of ours does so (desk_mail_take), all else is a report (case_report_mail). What cannot be taken
 * stays where it lies: in the maildir flagged, on the server of IMAP as it is; by LMTP it is refused. Each thread has
 * one of its own.
 */
#include "app/config.h"
#include "store/actor.h"

struct arena;
struct db;

struct mailboxes {
    const struct config *config;
    struct db *db;
    const struct actor *actor;
    struct arena *arena;
    bool (*stop)(void *context);
    void *context;
};

/* What the configuration says of them can be used; ERR_INPUT, ERR_DENIED. */
MUST_USE struct err mailboxes_check(const struct config *config, struct arena *arena);
/* One look at the maildir, and one at the server of IMAP. What fails there is kept for `doctor`, and logged. */
MUST_USE struct err mailboxes_look(const struct mailboxes *mailboxes);
/* LMTP, until it is to stop; at once if there is none. */
MUST_USE struct err mailboxes_listen(const struct mailboxes *mailboxes);
