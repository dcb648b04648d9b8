/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Handing mail to a relay (SMTP, RFC 5321) by libcurl. The connection is encrypted, by STARTTLS or from the beginning,
 * or the relay is this machine. One message goes to one recipient, so that the outcome is that of the recipient; the
 * connection stays open for the next one. Of what was handed over it is told whether the relay took it, or whether
 * nobody knows: between the end of the message and the relay's answer the connection may break.
 *
 * A relay belongs to one thread.
 */
#include "base/err.h"

struct http_mail;

struct http_mail_options {
    const char *relay;    /* smtp://HOST:PORT (STARTTLS) or smtps://HOST:PORT */
    const char *user;     /* NULL: without AUTH */
    const char *password; /* with user */
    const char *ca_file;  /* certificates to trust, as PEM; NULL: those of the system */
    const char *name;     /* what we call ourselves (EHLO); NULL: as libcurl does */
    uint64_t connect_ms, total_ms;
    bool (*stop)(void *context); /* asked now and then: whether what is under way is to end; NULL: never */
    void *context;
};

/* ERR_INPUT if the relay is no URL of SMTP, or its CA file cannot be read. */
MUST_USE struct err http_mail_open(
        const struct http_mail_options *options, struct arena *arena, struct http_mail **mail);
void http_mail_close(struct http_mail *mail); /* NULL is allowed */

enum http_mail_outcome {
    HTTP_MAIL_TAKEN,     /* 250 after the message */
    HTTP_MAIL_REFUSED,   /* 5yz: again would be the same */
    HTTP_MAIL_DEFERRED,  /* 4yz, or no connection came about: later */
    HTTP_MAIL_UNCERTAIN, /* all of it went, and no answer came */
};
struct http_mail_answer {
    enum http_mail_outcome outcome;
    const char *why; /* the relay's words, or what went wrong and what to do about it */
    bool ours;       /* it is no fault of this message: the relay itself cannot be used */
};
/*
 * `from` and `to` are addresses (text/mail.h, mail_address_is); `message` ends its lines in CR LF. The answer is in the
 * arena. ERR_INPUT if an address could be taken for more than one.
 */
MUST_USE struct err http_mail_send(struct http_mail *mail, slice from, slice to, slice message, struct arena *arena,
        struct http_mail_answer *answer);
