/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/send.h"

#include <inttypes.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/seal.h"
#include "desk/contact.h"
#include "desk/fact.h"
#include "desk/life.h"
#include "desk/notice.h"
#include "desk/sector.h"

#define HOOK_SECRET_MAX CONTACT_SECRET_MAX
#define HOOK_ANSWER_MAX (64u << 10)

struct desk_sender {
    const struct desk_send_options *options;
    struct http_mail *mail;
    struct http_client *hook;
    int64_t pause_us, not_before_us; /* while the relay itself cannot be used */
    int64_t begun;                   /* the notice that an attempt was begun for, and not ended; 0: none */
};

/* Before the second attempt, the third, ...; the last goes on. */
static const int64_t pauses[] = {MINUTE_US, 5 * MINUTE_US, 15 * MINUTE_US, HOUR_US, 4 * HOUR_US};
#define RELAY_PAUSE_LEAST_US (2 * SECOND_US) /* before the relay is tried again that could not be used; it doubles */
#define RELAY_PAUSE_MOST_US (10 * MINUTE_US)
#define CONTACT_REST_US MINUTE_US /* who could not be reached keeps no sender from the others before */

/* ---- A sender ---- */

struct recovering {
    int64_t from, to;
    uint64_t count;
};

static struct err recover(struct work *work, void *context)
{
    struct recovering *recovering = context;
    return store_notice_recover(work, recovering->from, recovering->to, &recovering->count);
}

struct err desk_send_recover(struct db *db, const struct actor *actor, struct arena *arena)
{
    struct recovering all = {.to = INT64_MAX};
    return store_work(db, actor, arena, recover, &all);
}

struct err desk_sender_open(const struct desk_send_options *options, struct arena *arena, struct desk_sender **sender)
{
    struct desk_sender *made = arena_new(arena, struct desk_sender, 1);
    made->options = options;
    if (options->channel == NOTICE_WEBHOOK)
        TRY(http_client_open(&options->hook, arena, &made->hook));
    else if (options->mail.relay != NULL)
        TRY(http_mail_open(&options->mail, arena, &made->mail));
    *sender = made;
    return OK;
}

void desk_sender_close(struct desk_sender *sender)
{
    if (sender == NULL)
        return;
    http_mail_close(sender->mail);
    http_client_close(sender->hook);
}

/* ---- Begin ---- */

struct turn {
    struct desk_sender *sender;
    struct notice notice;
    struct contact contact;
    slice message;
    bool found, postponed;
    struct desk_sent *sent;
};

static struct err tell(struct work *work, const char *act, const struct notice *notice, slice why)
{
    const struct desk_fact facts[] = {{"kind", slice_of(store_notice_kind_name(notice->kind))},
            {"channel", slice_of(store_notice_channel_name(notice->channel))},
            {"why", store_text_keep(work->arena, why, NOTICE_ANSWER_MAX)}};
    return desk_fact_tell(work, act, "notice", notice->number, notice->organisation, facts, COUNT_OF(facts));
}

/* All that it tells of was withdrawn before it left. */
static struct err is_withdrawn(struct work *work, const struct notice *notice, bool *withdrawn)
{
    int64_t *numbers;
    size_t count;
    TRY(store_notice_warnings(work->db, notice->number, work->arena, &numbers, &count));
    *withdrawn = count > 0 && notice->kind != NOTICE_OF_CORRECTION && notice->kind != NOTICE_OF_SETTLING;
    for (size_t i = 0; i < count && *withdrawn; i++) {
        struct warning row;
        TRY(store_warning_get(work->db, numbers[i], work->arena, &row));
        *withdrawn = row.state == WARNING_WITHDRAWN;
    }
    return OK;
}

/* It does not leave; the next one has its turn. */
static struct err drop(struct work *work, struct turn *turn)
{
    const struct notice_end end = {
            NOTICE_REFUSED, S("what it tells of was withdrawn before it left"), NOTICE_FAILED, 0};
    turn->postponed = true;
    struct err err = store_notice_begin(work, turn->notice.number);
    if (err.kind == ERR_CONFLICT)
        return OK; /* another sender was quicker */
    TRY(err);
    TRY(store_notice_end(work, turn->notice.number, &end));
    return tell(work, "notice.failed", &turn->notice, end.answer);
}

/* A letter goes to its address, whoever reads it there. */
static struct err whom_get(struct work *work, struct turn *turn)
{
    if (turn->notice.contact != 0)
        return store_contact_get(work->db, turn->notice.contact, work->arena, &turn->contact);
    turn->contact = (struct contact){.is = {.mail = turn->notice.address}, .state = CONTACT_UNVERIFIED};
    return OK;
}

/* One contact is told no more often than it can read; what is beyond that waits. */
static struct err begin(struct work *work, void *context)
{
    struct turn *turn = context;
    const struct desk_send_options *options = turn->sender->options;
    int64_t sent;
    bool withdrawn;
    turn->found = turn->postponed = false;
    struct err err = store_notice_next(work, options->channel, &turn->notice);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    TRY(store_notice_sent_since(work->db, &turn->notice, work->now_us - HOUR_US, &sent));
    turn->postponed = (uint64_t)sent >= options->per_contact_hour;
    TRY(is_withdrawn(work, &turn->notice, &withdrawn));
    if (withdrawn)
        return drop(work, turn);
    if (turn->postponed)
        return store_notice_postpone(work, turn->notice.number, work->now_us + MINUTE_US);
    TRY(whom_get(work, turn));
    TRY(store_notice_message(work->db, turn->notice.number, work->arena, &turn->message));
    err = store_notice_begin(work, turn->notice.number);
    turn->postponed = err.kind == ERR_CONFLICT; /* another sender was quicker */
    turn->found = err.kind == ERR_NONE;
    return turn->postponed ? OK : err;
}

/* ---- Hand ---- */

/* What comes a second time says so, before anything else. */
static slice again(const struct turn *turn, struct arena *arena)
{
    static const char said[] = "X-Kentongan-Repeat: it may have come before, with the same Message-ID\r\n";
    if (turn->notice.uncertain == 0)
        return turn->message;
    return slice_of(arena_printf(arena, "%s%.*s", said, (int)turn->message.len, turn->message.ptr));
}

static const enum notice_outcome mail_outcomes[] = {
        [HTTP_MAIL_TAKEN] = NOTICE_TAKEN,
        [HTTP_MAIL_REFUSED] = NOTICE_REFUSED,
        [HTTP_MAIL_DEFERRED] = NOTICE_DEFERRED,
        [HTTP_MAIL_UNCERTAIN] = NOTICE_UNCERTAIN,
};

static struct err mail_hand(struct turn *turn, struct arena *arena)
{
    struct http_mail_answer answer;
    struct err err = http_mail_send(turn->sender->mail, slice_of(turn->sender->options->from), turn->contact.is.mail,
            again(turn, arena), arena, &answer);
    if (err.kind != ERR_NONE)
        answer = (struct http_mail_answer){HTTP_MAIL_REFUSED, err.why, false};
    turn->sent->outcome = mail_outcomes[answer.outcome];
    turn->sent->why = answer.why;
    turn->sent->ours = answer.ours;
    return OK;
}

static struct err body_skip(void *context, slice bytes)
{
    size_t *left = context;
    if (bytes.len > *left)
        return err_make(ERR_LIMIT, "the answer of a webhook is longer than 64 KiB");
    *left -= bytes.len;
    return OK;
}

static const char *hook_header(const struct turn *turn, struct arena *arena)
{
    const struct contact_put *is = &turn->contact.is;
    uint8_t secret[HOOK_SECRET_MAX];
    if (is->webhook_secret.len <= SEAL_BYTES || is->webhook_secret.len > sizeof secret ||
            !seal_open(&turn->sender->options->hook_key, is->webhook, is->webhook_secret, secret))
        return NULL;
    slice key = {(const char *)secret, is->webhook_secret.len - SEAL_BYTES};
    const char *seconds = arena_printf(arena, "%" PRId64, clock_now_us() / SECOND_US);
    slice signed_text = slice_of(arena_printf(arena, "%s.%.*s", seconds, (int)turn->message.len, turn->message.ptr));
    struct sha256 mac = hash_hmac_sha256(key, signed_text);
    slice hex = arena_hex(arena, sha256_slice(&mac));
    return arena_printf(arena, DESK_HOOK_HEADER ": t=%s,v1=%.*s", seconds, (int)hex.len, hex.ptr);
}

static bool is_loopback(slice url)
{
    return slice_starts(url, S("http://127.0.0.1:")) || slice_starts(url, S("http://127.0.0.1/")) ||
           slice_starts(url, S("http://[::1]")) || slice_starts(url, S("http://localhost:"));
}

/* What will not become better by waiting (RFC 9110): all of 4xx but these. */
static enum notice_outcome hook_outcome(unsigned status)
{
    if (status >= 200 && status < 300)
        return NOTICE_TAKEN;
    bool later = status == 408 || status == 425 || status == 429;
    return status >= 300 && status < 500 && !later ? NOTICE_REFUSED : NOTICE_DEFERRED;
}

static struct err hook_hand(struct turn *turn, struct arena *arena)
{
    size_t left = HOOK_ANSWER_MAX;
    const struct http_send send = {turn->message, "application/json"};
    struct http_answer answer = {0};
    const struct http_get get = {.url = arena_cstr(arena, turn->contact.is.webhook),
            .send = &send,
            .stay = true,
            .header = hook_header(turn, arena),
            .context = &left,
            .body = body_skip};
    turn->sent->outcome = NOTICE_REFUSED;
    turn->sent->why = "the secret of the webhook cannot be opened: set it anew (kentongan contact change --webhook)";
    if (get.header == NULL)
        return OK;
    turn->sent->why = "a webhook is an https URL";
    if (!slice_starts(turn->contact.is.webhook, S("https://")) && !is_loopback(turn->contact.is.webhook))
        return OK;
    struct err err = http_client_get(turn->sender->hook, &get, arena, &answer);
    turn->sent->outcome = hook_outcome(answer.status);
    turn->sent->why = turn->sent->outcome == NOTICE_TAKEN ? "" : err.kind == ERR_NONE ? "it failed" : err.why;
    return OK;
}

static struct err hand(struct turn *turn, struct arena *arena)
{
    if (turn->contact.state != CONTACT_CLOSED)
        return turn->sender->options->channel == NOTICE_MAIL ? mail_hand(turn, arena) : hook_hand(turn, arena);
    turn->sent->outcome = NOTICE_REFUSED;
    turn->sent->why = "the contact was closed meanwhile";
    return OK;
}

/* ---- End ---- */

static struct notice_end end_of(const struct turn *turn, int64_t now_us)
{
    const struct desk_sent *sent = turn->sent;
    size_t pause =
            (size_t)turn->notice.attempts < COUNT_OF(pauses) ? (size_t)turn->notice.attempts : COUNT_OF(pauses) - 1;
    struct notice_end end = {.outcome = sent->outcome, .answer = slice_of(sent->why), .state = NOTICE_WAITING};
    end.next_us = sent->ours ? turn->sender->not_before_us : now_us + pauses[pause];
    if (sent->outcome == NOTICE_TAKEN)
        end.state = NOTICE_SENT;
    else if (sent->outcome == NOTICE_REFUSED || now_us - turn->notice.made_us > DESK_SEND_DAYS * DAY_US)
        end.state = NOTICE_FAILED;
    return end;
}

/* A warning that was withdrawn meanwhile stays so. */
static struct err warnings_sent(struct work *work, const struct notice *notice)
{
    int64_t *numbers;
    size_t count;
    if (store_notice_of_another(notice->kind))
        return OK;
    TRY(store_notice_warnings(work->db, notice->number, work->arena, &numbers, &count));
    for (size_t i = 0; i < count; i++) {
        struct warning row;
        TRY(store_warning_keep(work, numbers[i], &row));
        if (row.state == WARNING_APPROVED)
            TRY(desk_warning_turn(work, &row, WARNING_SENT, S("")));
    }
    return OK;
}

static struct err end(struct work *work, void *context)
{
    static const char *const acts[NOTICE_STATES] = {
            [NOTICE_WAITING] = "notice.deferred", [NOTICE_SENT] = "notice.sent", [NOTICE_FAILED] = "notice.failed"};
    struct turn *turn = context;
    const struct notice_end ended = end_of(turn, work->now_us);
    TRY(store_notice_end(work, turn->notice.number, &ended));
    turn->sent->state = ended.state;
    turn->sent->took_us = work->now_us - turn->notice.made_us;
    TRY(tell(work, acts[ended.state], &turn->notice, ended.outcome == NOTICE_TAKEN ? S("") : ended.answer));
    if (ended.state == NOTICE_WAITING && !turn->sent->ours)
        return store_notice_rest(work, &turn->notice, work->now_us + CONTACT_REST_US);
    if (ended.state == NOTICE_SENT)
        return warnings_sent(work, &turn->notice);
    return ended.state == NOTICE_FAILED ? desk_notice_lost(work, &turn->notice, ended.answer) : OK;
}

/* ---- What is lost ---- */

/* The next in the order of ranks who was not told of this warning yet. 0: nobody. */
static struct err next_contact(struct work *work, const struct notice *notice, int64_t warning, int64_t *contact)
{
    struct contact *rows;
    struct notice *told;
    size_t count, told_count;
    TRY(store_contact_of(work->db, notice->organisation, false, work->arena, &rows, &count));
    TRY(store_notice_of_warning(work->db, warning, 0, STORE_PAGE_MAX, work->arena, &told, &told_count));
    *contact = 0;
    for (size_t i = 0; i < count && *contact == 0; i++) {
        bool before = rows[i].number == notice->contact || rows[i].state == CONTACT_STALE ||
                      (rows[i].is.mail.len == 0 && rows[i].is.webhook.len == 0);
        for (size_t j = 0; j < told_count; j++)
            before = before || told[j].contact == rows[i].number;
        *contact = before ? 0 : rows[i].number;
    }
    return OK;
}

/* Nobody there was told: a person of ours has to find somebody. */
static struct err hold(struct work *work, const int64_t *warnings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct warning row;
        TRY(store_warning_keep(work, warnings[i], &row));
        if (row.state != WARNING_APPROVED)
            continue;
        row.due_us = row.told_us = TIME_NONE;
        row.held = S("contact: what was sent there could not be delivered, and nobody else is known");
        TRY(desk_warning_turn(work, &row, WARNING_DRAFTED, row.held));
    }
    return OK;
}

/* Whose warnings another is told of; 0: its own. */
static struct err about_of(struct work *work, const struct notice *notice, int64_t warning, int64_t *about)
{
    struct warning row;
    *about = 0;
    if (!store_notice_of_another(notice->kind))
        return OK;
    TRY(store_warning_get(work->db, warning, work->arena, &row));
    *about = row.organisation;
    return OK;
}

struct err desk_notice_lost(struct work *work, const struct notice *notice, slice why)
{
    struct notice_make make = {.organisation = notice->organisation, .kind = notice->kind, .due_us = TIME_NONE};
    int64_t *warnings, number;
    if (notice->contact == 0) /* a letter: whoever wrote it sees what became of it */
        return OK;
    TRY(desk_contact_lost(work, notice->contact, store_text_keep(work->arena, why, NOTICE_ANSWER_MAX)));
    TRY(store_notice_warnings(work->db, notice->number, work->arena, &warnings, &make.warning_count));
    if (make.warning_count == 0)
        return OK;
    make.warnings = warnings;
    TRY(about_of(work, notice, warnings[0], &make.about));
    TRY(next_contact(work, notice, warnings[0], &make.contact));
    struct err err = make.contact == 0 ? err_make(ERR_MISSING, "nobody is left who could be told")
                                       : desk_notice_make(work, &make, &number);
    if (err.kind != ERR_MISSING)
        return err;
    return make.about == 0 ? hold(work, warnings, make.warning_count) : desk_sector_lost(work, notice);
}

/* ---- A turn ---- */

/* What is wrong with the relay is wrong for every notice: one of them tries, now and then. */
static void relay_pause(struct desk_sender *sender, bool pause)
{
    int64_t longer = sender->pause_us == 0 ? RELAY_PAUSE_LEAST_US : 2 * sender->pause_us;
    sender->pause_us = !pause ? 0 : longer < RELAY_PAUSE_MOST_US ? longer : RELAY_PAUSE_MOST_US;
    sender->not_before_us = pause ? clock_now_us() + sender->pause_us : 0;
}

static struct err is_due(struct desk_sender *sender, struct db *db, bool *due)
{
    const struct desk_send_options *options = sender->options;
    int64_t now_us = clock_now_us(), sent;
    *due = false;
    if (now_us < sender->not_before_us || (options->channel == NOTICE_MAIL && sender->mail == NULL))
        return OK;
    TRY(store_notice_due(db, options->channel, now_us, due));
    if (!*due)
        return OK;
    TRY(store_notice_all_since(db, options->channel, now_us - MINUTE_US, &sent));
    *due = (uint64_t)sent < options->per_minute;
    return OK;
}

struct err desk_send(struct desk_sender *sender, struct db *db, const struct actor *actor, struct arena *arena,
        struct desk_sent *sent, bool *found)
{
    struct turn turn = {.sender = sender, .sent = sent};
    struct recovering left = {sender->begun, sender->begun, 0};
    *sent = (struct desk_sent){0};
    if (sender->begun != 0)
        TRY(store_work(db, actor, arena, recover, &left));
    sender->begun = 0;
    TRY(is_due(sender, db, found));
    if (!*found)
        return OK;
    do
        TRY(store_work(db, actor, arena, begin, &turn));
    while (turn.postponed);
    *found = turn.found;
    if (!turn.found)
        return OK;
    sent->notice = sender->begun = turn.notice.number;
    TRY(hand(&turn, arena));
    relay_pause(sender, sent->ours);
    TRY(store_work(db, actor, arena, end, &turn));
    sender->begun = 0;
    return OK;
}
