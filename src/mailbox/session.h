/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The words of LMTP (RFC 2033), as a server: bytes of one connection in, answers out. After the end of a mail each of
 * its recipients is answered, when the mail is durable and not before. Knows no socket and no clock.
 *
 * A mail ends at CR LF "." CR LF only (RFC 5321 section 4.1.1.4), so that nobody who takes other lines for it can
 * smuggle a mail of theirs into another one.
 */
#include "base/buf.h"
#include "mailbox/source.h"

#define MAILBOX_SESSION_LINE_MAX 2048           /* bytes of a command; RFC 5321 section 4.5.3.1 asks for 512 */
#define MAILBOX_SESSION_RECIPIENTS_MAX 100      /* of a mail (RFC 5321 section 4.5.3.1.8) */
#define MAILBOX_SESSION_MISTAKES_MAX 20         /* of a connection; then it ends */
#define MAILBOX_SESSION_ANSWERS_MAX (64u << 10) /* bytes that wait for who does not read them */

struct mailbox_session;

/* `name` is what the server calls itself; it and the taker live as long. */
struct mailbox_session *mailbox_session_open(const char *name, const struct mailbox_taker *taker);
void mailbox_session_close(struct mailbox_session *session); /* NULL is allowed */
/* What a server says first. */
void mailbox_session_greet(struct mailbox_session *session, struct buf *out);
/* Appends the answers. False: the connection is to end when they were sent. */
bool mailbox_session_feed(struct mailbox_session *session, slice bytes, struct buf *out);
