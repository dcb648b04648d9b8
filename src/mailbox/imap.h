/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A mailbox of an IMAP server (RFC 9051), read by libcurl. The connection is encrypted, by STARTTLS or from the
 * beginning, or the server is this machine. What was taken is told by the UID up to which all was, under one
 * UIDVALIDITY; who keeps that place has it acknowledged. A server that counts anew is read from the beginning, and what
 * comes again is known by its digest. Nothing is deleted there; fetched mail is marked as seen by the server.
 */
#include "mailbox/source.h"

#define MAILBOX_IMAP_WINDOW 5000 /* UIDs that are asked for at once: so many fit a line of libcurl */
#define MAILBOX_IMAP_ROUND 100   /* mails of one call, and windows without any; the rest waits for the next */

struct mailbox_imap_options {
    const char *server; /* imap://HOST:PORT (STARTTLS) or imaps://HOST:PORT */
    const char *folder; /* "INBOX" */
    const char *user, *password;
    const char *ca_file;           /* certificates to trust, as PEM; NULL: those of the system */
    uint64_t connect_ms, total_ms; /* of one request */
};

struct mailbox_imap_place {
    int64_t validity, last; /* 0, 0: nothing was taken yet */
};

/*
 * What came behind *place, which moves on with each mail that was taken, also where the call ends with an error.
 * ERR_INPUT if the server is no URL of IMAP; ERR_REMOTE: it cannot be read now.
 */
MUST_USE struct err mailbox_imap_take(const struct mailbox_imap_options *options, const struct mailbox_taker *taker,
        struct mailbox_imap_place *place, struct arena *arena, struct mailbox_taken *taken);
