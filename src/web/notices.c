/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notices on the page of a warning: to whom, by what, what became of each attempt, and the message itself as the person
 * there reads it. The bytes that leave are one link away, as they are.
 */
#include "web/notices.h"

#include "base/arena.h"
#include "store/contact.h"
#include "store/notice.h"
#include "text/mail.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"
#include "web/warned.h"

#define NOTICES_SHOWN 8
#define ATTEMPTS_SHOWN 6
#define PREVIEW_BYTES 5000 /* of the text of one */

struct label {
    const char *text, *look;
};

static const char *const kinds[NOTICE_KINDS] = {
        [NOTICE_OF_WARNING] = W_C("Warning"),
        [NOTICE_OF_DIGEST] = W_C("Digest of a day"),
        [NOTICE_OF_REMINDER] = W_C("Reminder"),
        [NOTICE_OF_ESCALATION] = W_C("Escalation"),
        [NOTICE_OF_SECTOR] = W_C("To the team of their sector"),
        [NOTICE_OF_SETTLING] = W_C("To the team of their sector: settled"),
        [NOTICE_OF_CORRECTION] = W_C("Correction"),
        [NOTICE_OF_CONTACT] = W_C("Is this still read?"),
        [NOTICE_OF_EMERGENCY] = W_C("Done without a second person"),
        [NOTICE_OF_DUTY] = W_C("A clock of law"),
        [NOTICE_OF_TASK] = W_C("A task is due"),
        [NOTICE_OF_LETTER] = W_C("Letter"),
};

static const struct label states[NOTICE_STATES] = {
        [NOTICE_WAITING] = {W_C("waits to be sent"), ""},
        [NOTICE_BEGUN] = {W_C("being sent"), ""},
        [NOTICE_SENT] = {W_C("sent"), "good"},
        [NOTICE_DELIVERED] = {W_C("delivered"), "good"},
        [NOTICE_BOUNCED] = {W_C("came back"), "bad"},
        [NOTICE_FAILED] = {W_C("could not be sent"), "bad"},
};

static const struct label outcomes[NOTICE_OUTCOMES] = {
        [NOTICE_TAKEN] = {W_C("taken"), "good"},
        [NOTICE_REFUSED] = {W_C("refused"), "bad"},
        [NOTICE_DEFERRED] = {W_C("not now"), "warn"},
        [NOTICE_UNCERTAIN] = {W_C("nobody knows: it may have come twice"), "warn"},
};

static void write_label(struct ask *ask, slice key, const char *word, const struct label *label)
{
    const char *name = arena_cstr(ask->arena, key);
    json_write_key_text(&ask->json, key, slice_of(word));
    json_write_key_text(
            &ask->json, slice_of(arena_printf(ask->arena, "%s_text", name)), ask_text(ask, slice_of(label->text)));
    json_write_key_text(&ask->json, S("look"), slice_of(label->look));
}

static struct err write_attempts(struct outside *outside, int64_t notice)
{
    struct ask *ask = outside->ask;
    struct notice_attempt *rows;
    size_t count;
    TRY(store_notice_attempts(ask->db, notice, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("attempts"));
    json_write_array(&ask->json);
    for (size_t i = count > ATTEMPTS_SHOWN ? count - ATTEMPTS_SHOWN : 0; i < count; i++) {
        json_write_object(&ask->json);
        json_write_key_u64(&ask->json, S("attempt"), (uint64_t)rows[i].attempt);
        page_moment(ask, S("begun"), rows[i].begun_us);
        page_moment(ask, S("ended"), rows[i].ended_us);
        write_label(ask, S("outcome"), store_notice_outcome_name(rows[i].outcome), &outcomes[rows[i].outcome]);
        outside_write(outside, S("answer"), rows[i].answer, OUTSIDE_LINE);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    return OK;
}

/* As the person reads it: its subject and its text. What is posted to a webhook is shown as it is. */
static struct err write_message(struct outside *outside, const struct notice *notice)
{
    struct mail_read mail = {0};
    struct ask *ask = outside->ask;
    slice message;
    TRY(store_notice_message(ask->db, notice->number, ask->arena, &message));
    if (notice->channel == NOTICE_MAIL && mail_read(message, ask->arena, &mail).kind == ERR_NONE)
        message = mail.text;
    outside_write(outside, S("subject"), mail.subject, OUTSIDE_LINE);
    outside_write(outside, S("message"), message, PREVIEW_BYTES);
    return OK;
}

static struct err write_contact(struct outside *outside, int64_t number)
{
    struct contact contact;
    TRY(store_contact_get(outside->ask->db, number, outside->ask->arena, &contact));
    outside_write(outside, S("contact"), contact.is.name, OUTSIDE_NAME);
    return OK;
}

static struct err write_notice(struct outside *outside, const struct notice *notice)
{
    struct ask *ask = outside->ask;
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)notice->number);
    TRY(write_contact(outside, notice->contact));
    json_write_key_text(&ask->json, S("channel"), slice_of(store_notice_channel_name(notice->channel)));
    json_write_key_text(&ask->json, S("kind"), slice_of(store_notice_kind_name(notice->kind)));
    json_write_key_text(&ask->json, S("kind_text"), ask_text(ask, slice_of(kinds[notice->kind])));
    write_label(ask, S("state"), store_notice_state_name(notice->state), &states[notice->state]);
    json_write_key_text(&ask->json, S("reference"), notice->reference);
    page_moment(ask, S("made"), notice->made_us);
    page_moment(ask, S("sent"), notice->sent_us);
    page_moment(ask, S("answered"), notice->answered_us);
    outside_write(outside, S("why"), notice->why, OUTSIDE_LINE);
    TRY(write_attempts(outside, notice->number));
    TRY(write_message(outside, notice));
    json_write_end(&ask->json);
    return OK;
}

struct err notices_write(struct ask *ask, int64_t warning)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct notice *rows;
    size_t count;
    TRY(store_notice_of_warning(ask->db, warning, 0, NOTICES_SHOWN + 1, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("notices"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count && i < NOTICES_SHOWN; i++)
        TRY(write_notice(&outside, &rows[i]));
    json_write_end(&ask->json);
    page_flag(ask, S("any_notice"), count > 0);
    page_flag(ask, S("more_notices"), count > NOTICES_SHOWN);
    return OK;
}

/* ---- The bytes ---- */

struct err web_notice_message(struct ask *ask)
{
    struct notice notice;
    int64_t number;
    slice message;
    TRY(warned_need(ask, VERB_READ_EVENTS));
    TRY(ask_part_number(ask, 0, &number));
    TRY(store_notice_get(ask->db, number, ask->arena, &notice));
    if (notice.kind == NOTICE_OF_LETTER) /* to somebody who told us something */
        TRY(store_right_check(&ask->who.actor, VERB_READ_REPORTS, 0, ask->arena, NULL));
    TRY(store_notice_message(ask->db, number, ask->arena, &message));
    bool mail = notice.channel == NOTICE_MAIL;
    return shared_download(
            ask, message, mail ? S("message/rfc822") : S("application/json"), mail ? "notice.eml" : "notice.json");
}
