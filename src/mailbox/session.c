/* SPDX-License-Identifier: Apache-2.0 */
#include "mailbox/session.h"

#include "base/arena.h"

#define WORK_BYTES_MAX (256u << 20)

/* Where in a mail the next byte is. */
enum place { PLACE_LINE, PLACE_DOT, PLACE_DOT_CR, PLACE_WITHIN, PLACE_CR };

struct mailbox_session {
    const char *name;
    const struct mailbox_taker *taker;
    struct buf line, mail, *out;
    bool greeted, sender, data, ended;
    enum place place;
    size_t recipients, mistakes;
    struct arena *work;
};

static void answer(struct mailbox_session *session, const char *text)
{
    buf_put(session->out, slice_of(text));
    buf_put(session->out, S("\r\n"));
}

static void mistake(struct mailbox_session *session, const char *text)
{
    if (++session->mistakes <= MAILBOX_SESSION_MISTAKES_MAX) {
        answer(session, text);
        return;
    }
    answer(session, "421 4.7.0 too many mistakes");
    session->ended = true;
}

/* No mail is under way. */
static void forget(struct mailbox_session *session)
{
    session->sender = session->data = false;
    session->recipients = 0;
    buf_free(&session->mail);
    session->mail = buf_make(MAILBOX_BYTES_MAX);
}

/* ---- Commands ---- */

static void take_lhlo(struct mailbox_session *session, slice rest)
{
    if (rest.len == 0) {
        mistake(session, "501 5.5.4 LHLO NAME (RFC 2033 section 4.1)");
        return;
    }
    forget(session);
    session->greeted = true;
    buf_printf(session->out, "250-%s\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n",
            session->name);
    buf_printf(session->out, "250 SIZE %u\r\n", MAILBOX_BYTES_MAX);
}

/* "FROM:<...> PARAMETERS"; what is behind the path. */
static bool path_is(slice rest, slice before, slice *parameters)
{
    if (rest.len < before.len || !slice_eq_fold(slice_part(rest, 0, before.len), before))
        return false;
    slice path = slice_trim(slice_from(rest, before.len));
    size_t end = slice_find(path, '>');
    if (!slice_starts(path, S("<")) || end == path.len)
        return false;
    *parameters = slice_trim(slice_from(path, end + 1));
    return true;
}

/* Whether a mail is said to be larger than we take (RFC 1870). */
static bool says_too_large(slice parameters)
{
    slice word;
    uint64_t size;
    while (parameters.len > 0 && slice_next(&parameters, ' ', &word))
        if (word.len > 5 && slice_eq_fold(slice_part(word, 0, 5), S("SIZE=")))
            return !slice_u64(slice_from(word, 5), UINT64_MAX, &size) || size > MAILBOX_BYTES_MAX;
    return false;
}

static void take_mail(struct mailbox_session *session, slice rest)
{
    slice parameters;
    if (!session->greeted || session->sender)
        mistake(session, "503 5.5.1 a mail begins with MAIL, after LHLO, once");
    else if (!path_is(rest, S("FROM:"), &parameters))
        mistake(session, "501 5.5.4 MAIL FROM:<ADDRESS> (RFC 5321 section 4.1.1.2)");
    else if (says_too_large(parameters))
        answer(session, "552 5.3.4 a mail is at most 64 MiB");
    else {
        session->sender = true;
        answer(session, "250 2.1.0 go on");
    }
}

static void take_rcpt(struct mailbox_session *session, slice rest)
{
    slice parameters;
    if (!session->sender)
        mistake(session, "503 5.5.1 RCPT comes after MAIL");
    else if (!path_is(rest, S("TO:"), &parameters))
        mistake(session, "501 5.5.4 RCPT TO:<ADDRESS> (RFC 5321 section 4.1.1.3)");
    else if (session->recipients == MAILBOX_SESSION_RECIPIENTS_MAX)
        answer(session, "452 4.5.3 a mail has at most 100 recipients");
    else {
        session->recipients++;
        answer(session, "250 2.1.5 go on");
    }
}

static void take_data(struct mailbox_session *session, slice rest)
{
    (void)rest;
    if (session->recipients == 0) {
        mistake(session, "503 5.5.1 there is nobody to whom the mail goes"); /* RFC 2033 section 4.2 */
        return;
    }
    session->data = true;
    session->place = PLACE_LINE;
    answer(session, "354 it ends with a line of one dot");
}

static void take_rset(struct mailbox_session *session, slice rest)
{
    (void)rest;
    forget(session);
    answer(session, "250 2.0.0 forgotten");
}

static void take_noop(struct mailbox_session *session, slice rest)
{
    (void)rest;
    answer(session, "250 2.0.0 nothing done");
}

static void take_vrfy(struct mailbox_session *session, slice rest)
{
    (void)rest;
    answer(session, "252 2.5.0 send it and see");
}

static void take_quit(struct mailbox_session *session, slice rest)
{
    (void)rest;
    answer(session, "221 2.0.0 goodbye");
    session->ended = true;
}

static void line_take(struct mailbox_session *session, slice line)
{
    static const struct {
        const char *name;
        void (*take)(struct mailbox_session *session, slice rest);
    } commands[] = {{"LHLO", take_lhlo}, {"MAIL", take_mail}, {"RCPT", take_rcpt}, {"DATA", take_data},
            {"RSET", take_rset}, {"NOOP", take_noop}, {"VRFY", take_vrfy}, {"QUIT", take_quit}};
    line = slice_trim(line);
    size_t end = slice_find(line, ' ');
    slice name = slice_part(line, 0, end), rest = slice_trim(slice_from(line, end));
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        if (slice_eq_fold(name, slice_of(commands[i].name))) {
            commands[i].take(session, rest);
            return;
        }
    mistake(session, "500 5.5.1 no such command"); /* HELO and EHLO, too: RFC 2033 section 4.1 */
}

/* ---- Mails ---- */

static const char *outcome(struct mailbox_session *session)
{
    if (session->mail.full)
        return "552 5.3.4 a mail is at most 64 MiB";
    slice mail = session->mail.len == 0 ? S("") : buf_slice(&session->mail);
    struct err err = session->taker->take(session->taker->context, mail, session->work);
    arena_reset(session->work);
    switch (err.kind) {
    case ERR_NONE:
        return "250 2.6.0 kept";
    case ERR_INPUT:
        return "554 5.6.0 it is no mail";
    case ERR_LIMIT:
        return "552 5.3.4 a ceiling was reached";
    default:
        return "451 4.3.0 it could not be kept: later";
    }
}

/* Each recipient is answered for itself (RFC 2033 section 4.2); they share one mail, and so one outcome. */
static void mail_end(struct mailbox_session *session)
{
    const char *text = outcome(session);
    for (size_t i = 0; i < session->recipients; i++)
        answer(session, text);
    forget(session);
}

/* A byte of a mail; dots that were put before dots go (RFC 5321 section 4.5.2). */
static void byte_take(struct mailbox_session *session, char c)
{
    if (session->place == PLACE_LINE && c == '.') {
        session->place = PLACE_DOT;
        return;
    }
    if (session->place == PLACE_DOT && c == '\r') {
        session->place = PLACE_DOT_CR;
        return;
    }
    if (session->place == PLACE_DOT_CR && c == '\n') {
        mail_end(session);
        return;
    }
    if (session->place == PLACE_DOT_CR) {
        buf_byte(&session->mail, '\r');
        session->place = PLACE_CR;
    }
    buf_byte(&session->mail, c);
    session->place = c == '\r' ? PLACE_CR : c == '\n' && session->place == PLACE_CR ? PLACE_LINE : PLACE_WITHIN;
}

/* ---- The session ---- */

struct mailbox_session *mailbox_session_open(const char *name, const struct mailbox_taker *taker)
{
    struct arena *work = arena_open("a mail that came by LMTP", ARENA_WORK, WORK_BYTES_MAX);
    struct mailbox_session *session = calloc(1, sizeof *session);
    if (session == NULL)
        abort();
    session->name = name;
    session->taker = taker;
    session->line = buf_make(MAILBOX_SESSION_LINE_MAX);
    session->mail = buf_make(MAILBOX_BYTES_MAX);
    session->work = work;
    return session;
}

void mailbox_session_close(struct mailbox_session *session)
{
    if (session == NULL)
        return;
    buf_free(&session->line);
    buf_free(&session->mail);
    arena_close(session->work);
    free(session);
}

void mailbox_session_greet(struct mailbox_session *session, struct buf *out)
{
    buf_printf(out, "220 %s LMTP\r\n", session->name);
}

static void command_byte(struct mailbox_session *session, char c)
{
    if (c != '\n') {
        buf_byte(&session->line, c);
        return;
    }
    if (session->line.full)
        mistake(session, "500 5.5.2 a command has at most 2048 bytes");
    else
        line_take(session, session->line.len == 0 ? S("") : buf_slice(&session->line));
    buf_reset(&session->line);
}

bool mailbox_session_feed(struct mailbox_session *session, slice bytes, struct buf *out)
{
    session->out = out;
    for (size_t i = 0; i < bytes.len && !session->ended && !out->full; i++)
        if (session->data)
            byte_take(session, bytes.ptr[i]);
        else
            command_byte(session, bytes.ptr[i]);
    return !session->ended && !out->full;
}
