/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/answer.h"

#include "base/arena.h"
#include "desk/compose.h"
#include "desk/contact.h"
#include "desk/fact.h"
#include "desk/send.h"
#include "desk/words.h"
#include "store/mailbox.h"
#include "text/mail.h"

#define REFERENCES_TRIED 20 /* of one mail */

/* A part of the node acts: who answers is known by what was answered alone. */
static struct actor actor_of(const char *name)
{
    return (struct actor){.name = slice_of(name), .how = ACTOR_FOLLOWER};
}

/* ---- One answer, however it came ---- */

struct answering {
    slice secret; /* of the button; empty: it came by mail */
    struct button button;
    struct notice notice;
    enum desk_answer answer;
    const char *how; /* "button", "mail" */
};

static struct err tell(struct work *work, const char *act, const struct notice *notice, slice what, slice how)
{
    const struct desk_fact facts[] = {{"what", what}, {"how", how}};
    return desk_fact_tell(work, act, "notice", notice->number, notice->organisation, facts, COUNT_OF(facts));
}

/* What was withdrawn meanwhile takes no answer, and says so on its page. */
static struct err warnings_answer(struct work *work, const struct notice *notice, enum desk_answer answer, slice how)
{
    int64_t *numbers;
    size_t count;
    TRY(store_notice_warnings(work->db, notice->number, work->arena, &numbers, &count));
    for (size_t i = 0; i < count; i++) {
        struct err err = desk_answer(work, numbers[i], answer, how);
        if (err.kind != ERR_CONFLICT)
            TRY(err);
    }
    return OK;
}

/* Whoever answers a notice reads what was sent there; of another address, which it got since, that says nothing. */
static struct err contact_heard(struct work *work, int64_t number, int64_t made_us, slice how)
{
    struct contact contact;
    TRY(store_contact_get(work->db, number, work->arena, &contact));
    bool other = contact.state == CONTACT_CLOSED || made_us < contact.changed_us;
    return other ? OK : desk_contact_heard(work, number, made_us, how);
}

static struct err notice_answer(struct work *work, const struct answering *answering)
{
    const struct notice *notice = &answering->notice;
    slice how = slice_of(answering->how), what = slice_of(desk_answer_name(answering->answer));
    TRY(warnings_answer(work, notice, answering->answer, how));
    TRY(store_notice_answered(work, notice->number));
    TRY(contact_heard(work, notice->contact, notice->made_us, how));
    return tell(work, "notice.answered", notice, what, how);
}

/* ---- Buttons ---- */

static struct err notice_look(struct db *db, struct arena *arena, struct desk_button *button)
{
    int64_t *numbers;
    struct warning warning;
    TRY(store_notice_get(db, button->is.subject, arena, &button->notice));
    button->reference = button->notice.reference;
    TRY(store_notice_warnings(db, button->notice.number, arena, &numbers, &button->warnings));
    if (button->warnings == 0)
        return OK;
    TRY(store_warning_get(db, numbers[0], arena, &warning));
    button->marking = warning.marking;
    button->called = desk_words_of_class(warning.class)->called;
    return OK;
}

struct err desk_button_look(struct db *db, slice secret, struct arena *arena, struct desk_button *button)
{
    struct desk_button found = {.marking = S("TLP:GREEN")};
    struct contact contact;
    struct organisation organisation;
    TRY(store_button_get(db, secret, clock_now_us(), arena, &found.is));
    if (found.is.purpose == BUTTON_WARNING)
        TRY(notice_look(db, arena, &found));
    int64_t number = found.is.purpose == BUTTON_CONTACT ? found.is.subject : found.notice.contact;
    TRY(store_contact_get(db, number, arena, &contact));
    TRY(store_organisation_get(db, contact.organisation, arena, &organisation));
    found.contact = contact.is.name;
    found.organisation = organisation.name;
    *button = found;
    return OK;
}

static struct err press(struct work *work, void *context)
{
    struct answering *answering = context;
    TRY(store_button_get(work->db, answering->secret, work->now_us, work->arena, &answering->button));
    bool again = slice_eq(answering->button.answer, slice_of(desk_answer_name(answering->answer)));
    TRY(store_button_press(work, answering->secret, slice_of(desk_answer_name(answering->answer))));
    if (again)
        return OK;
    if (answering->button.purpose == BUTTON_CONTACT)
        return contact_heard(work, answering->button.subject, answering->button.made_us, slice_of(answering->how));
    TRY(store_notice_get(work->db, answering->button.subject, work->arena, &answering->notice));
    return notice_answer(work, answering);
}

struct err desk_button_press(struct db *db, slice secret, slice answer, struct arena *arena)
{
    const struct actor actor = actor_of("@button");
    struct answering answering = {.secret = secret, .how = "button"};
    if (!desk_answer_find(answer, &answering.answer) || answering.answer == DESK_NOISE)
        return err_make(ERR_INPUT, "nothing was answered: press one of the buttons");
    return store_work(db, &actor, arena, press, &answering);
}

/* ---- Mail ---- */

static bool is_of_reference(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7');
}

/* The first notice of ours that a text names: in a Message-ID, or in a subject. */
static struct err reference_find(
        struct db *db, slice text, struct arena *arena, size_t *tried, struct notice *notice, bool *found)
{
    for (size_t at = 0, end; at < text.len && !*found && *tried < REFERENCES_TRIED; at = end + 1) {
        for (end = at; end < text.len && is_of_reference(text.ptr[end]); end++) {
        }
        if (end - at != NOTICE_REFERENCE_CHARACTERS)
            continue;
        ++*tried;
        struct err err = store_notice_find(db, slice_part(text, at, end), arena, notice);
        *found = err.kind == ERR_NONE;
        if (err.kind != ERR_MISSING)
            TRY(err);
    }
    return OK;
}

/* The line without what people put behind a word. */
static slice word_of(slice line)
{
    line = slice_trim(line);
    while (line.len > 0 && memchr(".!,;", line.ptr[line.len - 1], 4) != NULL)
        line.len--;
    return line;
}

/*
 * The word alone in the first line that is neither empty nor a quotation. "Terima kasih" and the like answer nothing:
 * programs write such things, too.
 */
static bool answer_find(slice text, enum desk_answer *answer)
{
    slice line = {0};
    bool first = false;
    while (!first && text.ptr != NULL && slice_next(&text, '\n', &line)) {
        line = word_of(line);
        first = line.len > 0 && line.ptr[0] != '>';
    }
    for (size_t i = 0; first && i < compose_reply_count; i++)
        if (slice_eq_fold(line, slice_of(compose_replies[i].word)) ||
                slice_eq_fold(line, slice_of(compose_replies[i].english))) {
            *answer = compose_replies[i].answer;
            return true;
        }
    return false;
}

static struct err mail_answer(struct work *work, void *context)
{
    const struct answering *answering = context;
    if (answering->notice.kind != NOTICE_OF_CONTACT)
        return notice_answer(work, answering);
    TRY(store_notice_answered(work, answering->notice.number));
    return contact_heard(work, answering->notice.contact, answering->notice.made_us, S("mail"));
}

struct reporting {
    struct notice notice;
    slice why;
};

static struct err warnings_delivered(struct work *work, const struct notice *notice)
{
    int64_t *numbers;
    size_t count;
    if (store_notice_of_another(notice->kind))
        return OK;
    TRY(store_notice_warnings(work->db, notice->number, work->arena, &numbers, &count));
    for (size_t i = 0; i < count; i++) {
        struct err err = desk_warning_state(work, numbers[i], WARNING_DELIVERED, S(""));
        if (err.kind != ERR_CONFLICT)
            TRY(err);
    }
    return OK;
}

static struct err report_delivered(struct work *work, void *context)
{
    const struct reporting *reporting = context;
    if (reporting->notice.state != NOTICE_SENT)
        return OK;
    TRY(store_notice_heard(work, reporting->notice.number, NOTICE_DELIVERED, S("")));
    TRY(warnings_delivered(work, &reporting->notice));
    return tell(work, "notice.delivered", &reporting->notice, S(""), S("mail"));
}

/* The same report twice leads to nobody else. */
static struct err report_bounced(struct work *work, void *context)
{
    const struct reporting *reporting = context;
    struct notice now;
    TRY(store_notice_get(work->db, reporting->notice.number, work->arena, &now));
    if (now.state == NOTICE_BOUNCED || now.state == NOTICE_FAILED)
        return OK;
    TRY(store_notice_heard(work, now.number, NOTICE_BOUNCED, reporting->why));
    TRY(tell(work, "notice.bounced", &now, store_text_keep(work->arena, reporting->why, NOTICE_ANSWER_MAX), S("mail")));
    return desk_notice_lost(work, &now, reporting->why);
}

static struct err report_delayed(struct work *work, void *context)
{
    (void)work;
    (void)context;
    return OK;
}

/* RFC 3464 section 2.3.3; an action that we do not know changes nothing. */
static const struct action {
    const char *action;
    enum desk_taken_as as;
    work_action *run;
    const char *why;
} actions[] = {
        {"failed", DESK_MAIL_BOUNCE, report_bounced, "the notice came back"},
        {"delivered", DESK_MAIL_DELIVERED, report_delivered, "the notice was delivered"},
        {"relayed", DESK_MAIL_DELIVERED, report_delivered, "the notice went on to a server that reports nothing"},
        {"delayed", DESK_MAIL_DELAYED, report_delayed, "the notice has not arrived yet"},
};

/* A mail that came in, and the notice that it is about. */
struct taking {
    struct db *db;
    const struct actor *actor;
    struct arena *arena;
    struct sha256 digest;
    struct mail_read mail;
    struct notice notice;
};

struct taking_once {
    const struct taking *taking;
    work_action *run;
    void *context;
};

/* The mail is known as taken together with what it changed, or not at all. */
static struct err run_once(struct work *work, void *context)
{
    const struct taking_once *once = context;
    bool fresh;
    TRY(store_mailbox_mail_add(work, &once->taking->digest, &fresh));
    return fresh ? once->run(work, once->context) : OK;
}

static struct err work_once(const struct taking *taking, work_action *run, void *context)
{
    struct taking_once once = {taking, run, context};
    return store_work(taking->db, taking->actor, taking->arena, run_once, &once);
}

static struct err report_take(const struct taking *taking, struct desk_taken *taken)
{
    const struct mail_report *report = &taking->mail.report;
    struct reporting reporting = {taking->notice, report->why.len > 0 ? report->why : report->status};
    for (size_t i = 0; i < COUNT_OF(actions); i++)
        if (slice_eq(report->action, slice_of(actions[i].action))) {
            *taken = (struct desk_taken){actions[i].as, taking->notice.number, actions[i].why};
            return work_once(taking, actions[i].run, &reporting);
        }
    *taken = (struct desk_taken){DESK_MAIL_NOTHING, taking->notice.number, "a report without an action that we know"};
    return OK;
}

static struct err reply_take(const struct taking *taking, struct desk_taken *taken)
{
    struct answering answering = {.notice = taking->notice, .how = "mail"};
    *taken = (struct desk_taken){DESK_MAIL_NOTHING, taking->notice.number, "a program answered, and no person"};
    if (taking->mail.automatic)
        return OK;
    taken->why = "no word that we know stands alone in its first line";
    if (store_notice_of_another(taking->notice.kind)) /* they speak of others */
        taken->why = "what the team of a sector writes, a person reads";
    if (taking->notice.kind == NOTICE_OF_LETTER)
        taken->why = "it answers a letter";
    if (taking->notice.kind == NOTICE_OF_LETTER || store_notice_of_another(taking->notice.kind) ||
            !answer_find(taking->mail.text, &answering.answer))
        return OK;
    *taken = (struct desk_taken){DESK_MAIL_ANSWER, taking->notice.number, desk_answer_name(answering.answer)};
    return work_once(taking, mail_answer, &answering);
}

struct err desk_mail_take(struct db *db, slice message, struct arena *arena, struct desk_taken *taken)
{
    const struct actor actor = actor_of("@mail");
    struct taking taking = {.db = db, .actor = &actor, .arena = arena, .digest = hash_sha256(message)};
    const struct mail_read *mail = &taking.mail;
    bool found = false;
    size_t tried = 0;
    struct err err = mail_read(message, arena, &taking.mail);
    if (err.kind == ERR_INPUT || err.kind == ERR_LIMIT) {
        *taken = (struct desk_taken){DESK_MAIL_NOTHING, 0, err.why};
        return OK;
    }
    TRY(err);
    const slice places[] = {mail->report.about, mail->in_reply_to, mail->references, mail->subject};
    size_t from = mail->report.is ? 0 : 1, until = mail->report.is ? 1 : COUNT_OF(places);
    for (size_t i = from; i < until && !found; i++)
        TRY(reference_find(db, places[i], arena, &tried, &taking.notice, &found));
    *taken = (struct desk_taken){DESK_MAIL_NOTHING, 0, "it names no notice of ours"};
    if (!found)
        return OK;
    return mail->report.is ? report_take(&taking, taken) : reply_take(&taking, taken);
}
