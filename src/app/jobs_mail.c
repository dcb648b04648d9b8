/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs of mail: notices that leave, by mail and webhook, and what comes in. */
#include "app/jobs.h"
#include "app/mailboxes.h"
#include "app/notices.h"
#include "base/arena.h"
#include "base/log.h"

/* ---- Notices ---- */

static void log_notice(const struct desk_sent *sent)
{
    bool taken = sent->outcome == NOTICE_TAKEN;
    const struct log_field fields[] = {
            {"notice", {NULL, 0}, sent->notice},
            {"state", slice_of(store_notice_state_name(sent->state)), 0},
            {"took_us", {NULL, 0}, sent->took_us},
            {"why", slice_of(sent->why == NULL ? "" : sent->why), 0},
    };
    log_line(taken ? LOG_INFO : LOG_WARN, taken ? "notice.sent" : "notice.unsent", fields, COUNT_OF(fields) - taken);
}

static struct err notice_send(struct turn *turn, struct desk_sender *sender)
{
    struct desk_sent sent;
    bool found, news;
    arena_reset(turn->arena);
    TRY(desk_send(sender, turn->db, &turn->actor, turn->arena, &sent, &found));
    if (!found)
        return store_journal_wait(turn->db, JOBS_WAIT_MS, &news);
    log_notice(&sent);
    return OK;
}

/* A sender that failed is kept: it knows what it had begun. */
static void notices_send(struct turn *turn, struct desk_sender *sender)
{
    while (!background_stops(turn->of)) {
        struct err err = notice_send(turn, sender);
        if (err.kind != ERR_NONE && !background_stops(turn->of)) {
            background_failed(turn->job, err);
            (void)background_rest(turn->of, turn->job->every_us);
        }
    }
}

static struct err run_send(struct turn *turn, enum notice_channel channel)
{
    struct desk_send_options options;
    struct desk_sender *sender = NULL;
    struct arena *arena = arena_open("a sender of notices", ARENA_WORK, JOBS_ARENA_MAX);
    struct err err = notices_sending(turn->of->options.config, turn->of->options.keys, channel, arena, &options);
    options.mail.stop = background_stops;
    options.mail.context = turn->of;
    if (err.kind == ERR_NONE)
        err = desk_sender_open(&options, arena, &sender);
    if (err.kind == ERR_NONE)
        notices_send(turn, sender);
    desk_sender_close(sender);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(turn->arena, slice_of(err.why));
    arena_close(arena);
    return err;
}

/* Of both channels, before their senders begin. */
struct err job_before_notices(struct turn *turn)
{
    return desk_send_recover(turn->db, &turn->actor, turn->arena);
}

struct err job_mail(struct turn *turn)
{
    return run_send(turn, NOTICE_MAIL);
}

struct err job_webhook(struct turn *turn)
{
    return run_send(turn, NOTICE_WEBHOOK);
}

/* ---- Mail that comes in ---- */

static struct mailboxes mailboxes_of(struct turn *turn)
{
    return (struct mailboxes){.config = turn->of->options.config,
            .db = turn->db,
            .actor = &turn->actor,
            .arena = turn->arena,
            .stop = background_stops,
            .context = turn->of};
}

struct err job_before_mailboxes(struct turn *turn)
{
    return mailboxes_check(turn->of->options.config, turn->arena);
}

struct err job_mailboxes(struct turn *turn)
{
    const struct mailboxes mailboxes = mailboxes_of(turn);
    do {
        arena_reset(turn->arena);
        TRY(mailboxes_look(&mailboxes));
    } while (background_rest(turn->of, (int64_t)turn->of->options.config->mailbox.every_ms * 1000));
    return OK;
}

struct err job_lmtp(struct turn *turn)
{
    const struct mailboxes mailboxes = mailboxes_of(turn);
    return mailboxes_listen(&mailboxes);
}
