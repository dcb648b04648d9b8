/* SPDX-License-Identifier: Apache-2.0 */
#include "app/mailboxes.h"

#include <unistd.h>

#include "app/notices.h"
#include "base/arena.h"
#include "base/log.h"
#include "case/report.h"
#include "desk/answer.h"
#include "mailbox/imap.h"
#include "mailbox/lmtp.h"
#include "mailbox/maildir.h"
#include "store/mailbox.h"

/* A mailbox that is read at this moment. */
struct looking {
    const struct mailboxes *of;
    const char *name;
};

/* ---- What is taken ---- */

static void log_taken(const struct looking *looking, const struct desk_taken *taken)
{
    const struct log_field fields[] = {
            {"mailbox", slice_of(looking->name), 0},
            {"notice", {NULL, 0}, taken->notice},
            {"why", slice_of(taken->why), 0},
    };
    log_line(LOG_INFO, "mailbox.taken", fields, COUNT_OF(fields));
}

static void log_report(const struct looking *looking, const struct case_report_taken *taken)
{
    const char *what = taken->again ? "taken before" : taken->threaded ? "into its thread" : "a new report";
    const struct log_field fields[] = {
            {"mailbox", slice_of(looking->name), 0},
            {"report", {NULL, 0}, taken->report},
            {"what", slice_of(what), 0},
            {"receipt", slice_of(taken->receipt == NULL ? "" : taken->receipt), 0},
    };
    log_line(LOG_INFO, "mailbox.report", fields, COUNT_OF(fields));
}

/* What answers no notice is a report. ERR_INPUT and ERR_LIMIT are for its source to leave it to a person. */
static struct err take(void *context, slice bytes, struct arena *arena)
{
    const struct looking *looking = context;
    struct desk_taken taken;
    struct case_report_taken report;
    TRY(desk_mail_take(looking->of->db, bytes, arena, &taken));
    if (taken.as != DESK_MAIL_NOTHING) {
        log_taken(looking, &taken);
        return OK;
    }
    TRY(case_report_mail(looking->of->db, bytes, taken.notice, arena, &report));
    log_report(looking, &report);
    return OK;
}

static struct mailbox_taker taker_of(struct looking *looking)
{
    return (struct mailbox_taker){
            .context = looking, .take = take, .stop = looking->of->stop, .stop_context = looking->of->context};
}

static struct err put(struct work *work, void *context)
{
    return store_mailbox_put(work, context);
}

static void log_left(const struct looking *looking, const struct mailbox_taken *taken)
{
    const struct log_field fields[] = {
            {"mailbox", slice_of(looking->name), 0},
            {"mails", {NULL, 0}, (int64_t)taken->left},
            {"why", slice_of(taken->why == NULL ? "" : taken->why), 0},
    };
    if (taken->left > 0)
        log_line(LOG_WARN, "mailbox.left", fields, COUNT_OF(fields));
}

/* A mailbox that cannot be read is told, and does not keep another from being read. */
static struct err look_end(const struct looking *looking, struct mailbox_state *state, struct err err,
        const struct mailbox_taken *taken, struct arena *arena)
{
    bool failed = err.kind != ERR_NONE;
    const char *why = failed ? err.why : "";
    const struct log_field fields[] = {{"mailbox", slice_of(looking->name), 0}, {"why", slice_of(why), 0}};
    if (failed)
        log_line(LOG_WARN, "mailbox.failed", fields, COUNT_OF(fields));
    log_left(looking, taken);
    state->taken = (int64_t)taken->taken;
    state->why = slice_of(why);
    return store_work(looking->of->db, looking->of->actor, arena, put, state);
}

/* ---- The three ways ---- */

static struct err maildir_look(const struct mailboxes *mailboxes)
{
    struct looking looking = {.of = mailboxes, .name = "maildir"};
    struct mailbox_state state = {.name = slice_of(looking.name)};
    struct mailbox_taken taken = {0};
    const struct mailbox_taker taker = taker_of(&looking);
    struct err err = mailbox_maildir_take(mailboxes->config->mailbox.maildir, &taker, mailboxes->arena, &taken);
    return look_end(&looking, &state, err, &taken, mailboxes->arena);
}

static struct err imap_take(struct looking *looking, struct mailbox_imap_place *place, struct mailbox_taken *taken)
{
    const struct config *config = looking->of->config;
    const struct mailbox_taker taker = taker_of(looking);
    struct mailbox_imap_options options = {.server = config->mailbox.imap,
            .folder = config->mailbox.folder,
            .user = config->mailbox.user,
            .ca_file = config->mailbox.ca,
            .connect_ms = config->mailbox.total_ms,
            .total_ms = config->mailbox.total_ms};
    TRY(notices_password(config->mailbox.password_file, looking->of->arena, &options.password));
    return mailbox_imap_take(&options, &taker, place, looking->of->arena, taken);
}

static struct err imap_look(const struct mailboxes *mailboxes)
{
    struct looking looking = {.of = mailboxes, .name = "imap"};
    struct mailbox_state state;
    struct mailbox_taken taken = {0};
    TRY(store_mailbox_get(mailboxes->db, slice_of(looking.name), mailboxes->arena, &state));
    struct mailbox_imap_place place = {state.validity, state.last};
    struct err err = imap_take(&looking, &place, &taken);
    state.validity = place.validity;
    state.last = place.last;
    return look_end(&looking, &state, err, &taken, mailboxes->arena);
}

/* Each mail is a look, so that `doctor` knows when the last one came. */
static struct err lmtp_take(void *context, slice bytes, struct arena *arena)
{
    const struct looking *looking = context;
    struct mailbox_state state = {.name = slice_of(looking->name)};
    struct err err = take(context, bytes, arena);
    const struct mailbox_taken taken = {.taken = err.kind == ERR_NONE};
    struct err told = look_end(looking, &state, err, &taken, arena);
    return err.kind == ERR_NONE ? told : err;
}

static const char *lmtp_place(const char *text)
{
    slice unix_at = S("unix:");
    return slice_starts(slice_of(text), unix_at) ? text + unix_at.len : text;
}

/* ---- All of them ---- */

struct err mailboxes_check(const struct config *config, struct arena *arena)
{
    const char *password;
    if (config->mailbox.imap == NULL)
        return OK;
    if (config->mailbox.user == NULL || config->mailbox.password_file == NULL)
        return err_make(ERR_INPUT, "[mailbox] imap is said, and no user or no password-file");
    return notices_password(config->mailbox.password_file, arena, &password);
}

struct err mailboxes_look(const struct mailboxes *mailboxes)
{
    if (mailboxes->config->mailbox.maildir != NULL)
        TRY(maildir_look(mailboxes));
    if (mailboxes->config->mailbox.imap != NULL && !mailboxes->stop(mailboxes->context))
        TRY(imap_look(mailboxes));
    return OK;
}

struct err mailboxes_listen(const struct mailboxes *mailboxes)
{
    char name[256] = "";
    struct looking looking = {.of = mailboxes, .name = "lmtp"};
    struct mailbox_state state = {.name = slice_of(looking.name)};
    struct mailbox_lmtp *lmtp = NULL;
    if (mailboxes->config->mailbox.lmtp == NULL)
        return OK;
    if (gethostname(name, sizeof name - 1) != 0)
        return err_errno(mailboxes->arena, "the name of this machine");
    struct mailbox_lmtp_options options = {
            .place = lmtp_place(mailboxes->config->mailbox.lmtp), .name = name, .taker = taker_of(&looking)};
    options.taker.take = lmtp_take;
    struct err err = mailbox_lmtp_open(&options, mailboxes->arena, &lmtp);
    TRY(look_end(&looking, &state, err, &(struct mailbox_taken){0}, mailboxes->arena));
    if (lmtp == NULL) /* it was told */
        return OK;
    err = mailbox_lmtp_run(lmtp, mailboxes->arena);
    mailbox_lmtp_close(lmtp);
    return err;
}
