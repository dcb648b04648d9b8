/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A server of LMTP (session.h) for the mail server of this machine: at a Unix socket, or at a port of loopback. It
 * takes whatever recipient it is told, since who hands mail over here has decided that. One thread runs it.
 */
#include "mailbox/source.h"

#define MAILBOX_LMTP_CONNECTIONS_MAX 4 /* each may hold a mail in memory; more wait to be let in */
#define MAILBOX_LMTP_IDLE_MS 300000    /* RFC 5321 section 4.5.3.2.7 */
#define MAILBOX_LMTP_LOOK_MS 100       /* how soon it is seen that it is to stop */

struct mailbox_lmtp;

struct mailbox_lmtp_options {
    const char *place; /* "/run/kentongan/lmtp", "127.0.0.1:2400", "[::1]:2400" */
    const char *name;  /* what it calls itself */
    unsigned idle_ms;  /* 0: as above */
    struct mailbox_taker taker;
};

/* ERR_INPUT for a place that is none, ERR_CONFLICT if somebody listens there. A Unix socket is for owner and group. */
MUST_USE struct err mailbox_lmtp_open(
        const struct mailbox_lmtp_options *options, struct arena *arena, struct mailbox_lmtp **lmtp);
/* Until taker.stop says so. */
MUST_USE struct err mailbox_lmtp_run(struct mailbox_lmtp *lmtp, struct arena *arena);
void mailbox_lmtp_close(struct mailbox_lmtp *lmtp); /* NULL is allowed */
