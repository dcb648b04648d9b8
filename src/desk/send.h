/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Sending notices, each in three steps:
 *
 *     begin   a work: the attempt is durable before the first byte leaves
 *     hand    the relay or the webhook takes it, refuses it, defers it, or nobody knows
 *     end     a work: what became of it
 *
 * Who dies between them leaves an attempt without an end. The next program counts it as uncertain, and sends the notice
 * again as it was, with the same Message-ID and a field that says so (X-Kentongan-Repeat): none is lost, and one may
 * come twice, recognisably, if it was the answer that got lost.
 *
 * Several senders send by a channel, each in a thread of its own and one notice at a time; a contact is sent to by one
 * of them. Who does not answer, or defers, rests for a minute, so that nobody waits long behind somebody else. Leaves
 * notice.sent, notice.deferred, notice.failed in the journal.
 */
#include "base/hash.h"
#include "http/client.h"
#include "http/mail.h"
#include "store/notice.h"

#define DESK_SEND_DAYS 5 /* that a notice is tried (RFC 5321 section 4.5.4.1) */
/* What is posted to a webhook carries "Kentongan-Signature: t=SECONDS,v1=HEX": HMAC-SHA-256, keyed with the contact's
 * secret, over SECONDS, a full stop and the body. */
#define DESK_HOOK_HEADER "Kentongan-Signature"

struct desk_send_options {
    enum notice_channel channel;
    struct http_mail_options mail; /* relay NULL: no mail is sent, and waits */
    const char *from;              /* the address that the relay is told */
    struct http_client_options hook;
    struct sha256 hook_key;                /* desk_webhook_key */
    uint64_t per_minute, per_contact_hour; /* at most */
};

struct desk_sender;

/* Once, before any sender sends: what was begun and not ended is uncertain. */
MUST_USE struct err desk_send_recover(struct db *db, const struct actor *actor, struct arena *arena);
/* ERR_INPUT if the relay cannot be used as it is written. Options live as long as the sender. */
MUST_USE struct err desk_sender_open(
        const struct desk_send_options *options, struct arena *arena, struct desk_sender **sender);
void desk_sender_close(struct desk_sender *sender); /* NULL is allowed */

struct desk_sent {
    int64_t notice;
    enum notice_outcome outcome;
    enum notice_state state;
    const char *why;
    bool ours;       /* the relay itself cannot be used: nothing else would go either */
    int64_t took_us; /* from when it was made */
};
/* The one that is due and has waited longest; *found == false: none is, or the limit of the minute is reached. After an
 * error the same sender goes on. */
MUST_USE struct err desk_send(struct desk_sender *sender, struct db *db, const struct actor *actor, struct arena *arena,
        struct desk_sent *sent, bool *found);

/*
 * Inside a work: a notice will not arrive, or came back. The contact is stale, and the next one is told of the same
 * warnings; where there is none, those that nobody was told of wait for a person of ours.
 */
MUST_USE struct err desk_notice_lost(struct work *work, const struct notice *notice, slice why);
