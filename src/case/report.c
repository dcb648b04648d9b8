/* SPDX-License-Identifier: Apache-2.0 */
/* What comes in: by whichever way, it ends in case_report_take. */
#include "case/report.h"

#include <inttypes.h>

#include "base/arena.h"
#include "case/field.h"
#include "case/found.h"
#include "case/letter.h"
#include "case/report_parts.h"
#include "case/reporter.h"
#include "case/takedown.h"
#include "plan/classify.h"
#include "store/mailbox.h"

#define TEXT_MAX (1u << 20) /* bytes of what is told, without what hangs on it */
#define POST_MAX 200        /* of an account, of a platform */

/* What people say of a report in a word, besides what rules say (plan_class_flag). */
static const char *const flag_words[] = {"exercise", "restricted"};

static const struct plan_classes *rules;

void case_report_rules(const struct plan_classes *given)
{
    rules = given;
}

struct err case_report_tell(
        struct work *work, const char *act, const struct report *row, const struct desk_fact *facts, size_t count)
{
    return desk_fact_tell(work, act, CASE_REPORT_SUBJECT, row->number, row->organisation, facts, count);
}

slice case_report_count(struct work *work, int64_t number)
{
    return number == 0 ? S("") : slice_of(arena_printf(work->arena, "%" PRId64, number));
}

/* ---- What may stand in it ---- */

static bool is_flag(slice word)
{
    bool is = false;
    for (size_t i = 0; i < COUNT_OF(flag_words); i++)
        is = is || slice_eq(word, slice_of(flag_words[i]));
    for (size_t i = 0; plan_class_flag(i) != NULL; i++)
        is = is || slice_eq(word, slice_of(plan_class_flag(i)));
    return is;
}

static struct err flags_check(slice flags, struct arena *arena)
{
    slice word;
    while (flags.len > 0 && slice_next(&flags, ' ', &word))
        if (!is_flag(word))
            return err_format(arena, ERR_INPUT, "flags: \"%.*s\" is none; exercise, restricted, %s ...",
                    (int)(word.len < 100 ? word.len : 100), word.ptr, plan_class_flag(0));
    return OK;
}

static struct err put_check(struct work *work, const struct case_report_put *put)
{
    TRY(store_right_check(work->actor, VERB_REPORT, put->organisation, work->arena, NULL));
    TRY(case_class_check(put->class, work->arena));
    TRY(flags_check(put->flags, work->arena));
    if (put->mail == NULL && slice_trim(put->subject).len + slice_trim(put->text).len == 0)
        return err_make(ERR_INPUT, "text: nothing is told");
    if (put->text.len > TEXT_MAX)
        return err_make(ERR_LIMIT, "text: longer than 1 MiB");
    return put->bytes.len <= MAILBOX_BYTES_MAX ? OK : err_make(ERR_LIMIT, "what came is larger than 64 MiB");
}

/* ---- Opinions ---- */

/* Found by a rule, and nothing beside it but that it is an exercise. */
bool case_report_is_opinion(const struct report *row)
{
    bool opinion = false;
    slice rest = row->flags, word;
    while (rest.len > 0 && slice_next(&rest, ' ', &word)) {
        if (!slice_eq(word, S("opinion")) && !slice_eq(word, S("exercise")))
            return false;
        opinion = opinion || slice_eq(word, S("opinion"));
    }
    return opinion && row->class.len == 0;
}

slice case_report_advice(const struct report *row)
{
    return slice_of(case_letter_find(S("opinion"))->text[case_letter_language(row->language)]);
}

struct err case_report_may_belong(const struct report *row)
{
    return case_report_is_opinion(row) ? err_make(ERR_CONFLICT, "what somebody thinks is no incident; if there is more "
                                                                "in it, say first of which class it is")
                                       : OK;
}

/* ---- Taking ---- */

struct taking {
    struct work *work;
    const struct case_report_put *put;
    struct report_person person;
    struct report row;
    struct case_report_taken *taken;
};

/* One line, without ends of lines. */
static slice line_of(struct arena *arena, slice text)
{
    slice kept = store_text_keep(arena, slice_trim(text), STORE_TEXT_MAX);
    char *line = arena_take_array(arena, kept.len + 1, 1);
    for (size_t i = 0; i < kept.len; i++)
        line[i] = (unsigned char)kept.ptr[i] < ' ' || kept.ptr[i] == 0x7f ? ' ' : kept.ptr[i];
    return (slice){line, kept.len};
}

/* Who reports their own account is not told by it. */
static struct err post_add(struct taking *taking, int64_t report, const struct report_post *put)
{
    struct work *work = taking->work;
    struct report_post kept = *put;
    slice target;
    if (put->url.len + put->account.len + put->platform.len == 0)
        return OK;
    if (put->url.len > 0) {
        struct err err = case_takedown_page(work->arena, put->url, &kept.url, &target);
        if (err.kind != ERR_NONE)
            return err_format(work->arena, err.kind, "url: %s", err.why);
    }
    if (put->account.len > 0)
        TRY(store_text_check(work->arena, "account", put->account, POST_MAX));
    if (put->platform.len > 0)
        TRY(store_text_check(work->arena, "platform", put->platform, POST_MAX));
    if (put->captured_us != TIME_NONE && put->captured_us > work->now_us + MINUTE_US)
        return err_make(ERR_INPUT, "captured: that is still to come");
    kept.url = case_reporter_hide(&taking->person, kept.url, work->arena);
    kept.account = case_reporter_hide(&taking->person, kept.account, work->arena);
    return store_report_post_add(work, report, &kept);
}

static struct err row_add(struct taking *taking)
{
    struct work *work = taking->work;
    const struct case_report_put *put = taking->put;
    slice text = store_prose_keep(work->arena, put->text, 2 * REPORT_TEXT_MAX);
    const struct report row = {.channel = put->channel,
            .language = slice_of(case_letter_tag(case_letter_language(put->language))),
            .organisation = put->organisation,
            .subject = case_reporter_hide(&taking->person, line_of(work->arena, put->subject), work->arena),
            .text = store_prose_keep(
                    work->arena, case_reporter_hide(&taking->person, text, work->arena), REPORT_TEXT_MAX),
            .class = put->class,
            .severity = put->severity,
            .flags = put->flags,
            .occurred_us = put->occurred_us,
            .receipt_us = TIME_NONE,
            .answered_us = TIME_NONE};
    int64_t number;
    TRY(store_report_add(work, &row, &taking->person, &number));
    TRY(post_add(taking, number, &put->post));
    return store_report_get(work->db, number, work->arena, &taking->row);
}

static struct err has_link(struct taking *taking, bool *has)
{
    struct report_observable *rows;
    size_t count;
    TRY(store_report_observables(taking->work->db, taking->row.number, taking->work->arena, &rows, &count));
    *has = false;
    for (size_t i = 0; i < count; i++)
        *has = *has || slice_eq(rows[i].type, S("url"));
    return OK;
}

/* The words of both, each once. */
static slice flags_join(struct arena *arena, slice said, slice proposed)
{
    slice word, all = said;
    while (proposed.len > 0 && slice_next(&proposed, ' ', &word))
        if (slice_find_slice(all, word) == all.len)
            all = slice_of(arena_printf(arena, "%.*s%s%.*s", (int)all.len, all.len > 0 ? all.ptr : "",
                    all.len > 0 ? " " : "", (int)word.len, word.ptr));
    return all;
}

/* What a person said is not proposed over. */
static struct err propose(struct taking *taking)
{
    struct report *row = &taking->row;
    const struct mailbox_mail *mail = taking->put->mail;
    struct plan_told told = {.subject = row->subject, .text = row->text, .file = mail != NULL && mail->file_count > 0};
    if (rules == NULL)
        return OK;
    TRY(has_link(taking, &told.link));
    struct plan_proposal proposal = plan_classify(rules, &told, taking->work->arena);
    enum severity severity;
    row->flags = flags_join(taking->work->arena, row->flags, proposal.flags);
    if (row->class.len == 0) {
        row->class = proposal.class;
        row->class_rule = proposal.class_rule;
        /* What was told to be graver than usual is not made less. */
        if (store_severity_find(proposal.severity, &severity) &&
                (row->severity <= SEVERITY_MEDIUM || severity > row->severity))
            row->severity = severity;
    }
    return store_report_change(taking->work, row);
}

/* Two texts, whatever bytes they hold. */
static slice joined(struct arena *arena, slice first, slice between, slice second)
{
    const slice parts[] = {first, between, second};
    char *all = arena_take_array(arena, first.len + between.len + second.len + 1, 1);
    size_t len = 0;
    for (size_t i = 0; i < COUNT_OF(parts); i++) {
        if (parts[i].len > 0)
            memcpy(all + len, parts[i].ptr, parts[i].len);
        len += parts[i].len;
    }
    return (slice){all, len};
}

/* The original: the bytes of a mail, or what was said. */
static struct err message_add(struct work *work, int64_t report, const struct case_report_put *put)
{
    const struct mailbox_mail *mail = put->mail;
    slice bytes = put->bytes;
    int64_t number;
    if (bytes.len == 0)
        bytes = joined(work->arena, put->subject, S("\n\n"), put->text);
    const struct thread_message message = {.report = report,
            .message_id = mail == NULL ? S("") : store_text_keep(work->arena, mail->message_id, STORE_TEXT_MAX),
            .sender = mail != NULL && mail->from.count > 0
                              ? store_text_keep(work->arena, mail->from.rows[0].address, STORE_NAME_MAX)
                              : S(""),
            .subject = line_of(work->arena, put->subject),
            .text = put->text,
            .signature = mail == NULL ? S("") : slice_of(mailbox_signature_name(mail->signature))};
    TRY(case_letter_keep(work, &message, bytes, &number));
    for (size_t i = 0; mail != NULL && i < mail->file_count && i < THREAD_FILES_MAX; i++) {
        const struct mailbox_file *file = &mail->files[i];
        const struct thread_file kept = {.message = number,
                .part = (int64_t)file->part,
                .name = file->name,
                .type = file->type,
                .bytes = (int64_t)file->bytes,
                .digest = file->digest};
        TRY(store_thread_file_add(work, &kept));
    }
    return OK;
}

/* What is not in the rows, though it is in the original. */
static slice unread_of(struct work *work, const struct mailbox_mail *mail, size_t left_out)
{
    struct buf text = buf_make(WORK_DETAIL_MAX / 2);
    if (mail != NULL && mail->encrypted)
        buf_put(&text, S("it is encrypted"));
    for (size_t i = 0; mail != NULL && i < mail->unread_count; i++)
        buf_printf(&text, "%s%s", text.len > 0 ? "; " : "", mail->unread[i]);
    if (mail != NULL && mail->file_count > THREAD_FILES_MAX)
        buf_printf(&text, "%s%zu files beyond %d", text.len > 0 ? "; " : "", mail->file_count - THREAD_FILES_MAX,
                THREAD_FILES_MAX);
    if (left_out > 0)
        buf_printf(&text, "%s%zu values", text.len > 0 ? "; " : "", left_out);
    slice kept = arena_copy(work->arena, buf_slice(&text));
    buf_free(&text);
    return kept;
}

/* Why no mail says that it came; NULL: one is to. Nothing answers a program, and nobody gets very many. */
static struct err receipt_cannot(struct taking *taking, const char **why)
{
    struct work *work = taking->work;
    const struct mailbox_mail *mail = taking->put->mail;
    int64_t letters;
    *why = "a program wrote it";
    if (mail != NULL && (mail->automatic || mail->report.is))
        return OK;
    *why = desk_letter_cannot(taking->person.mail);
    if (*why != NULL)
        return OK;
    TRY(store_notice_letters_since(work->db, taking->person.mail, work->now_us - DAY_US, &letters));
    if (letters >= CASE_REPORT_RECEIPTS_DAY)
        *why = "that address got as many letters today as it may get by itself";
    return OK;
}

static struct err opinion_close(struct taking *taking)
{
    struct report *row = &taking->row;
    taking->taken->advice = case_report_advice(row);
    row->state = REPORT_CLOSED;
    TRY(store_report_change(taking->work, row));
    return case_report_tell(
            taking->work, "report.closed", row, (struct desk_fact[]){{"why", S("an opinion is no incident")}}, 1);
}

/* By mail where there is an address; who told it by another way sees the number at once. */
static struct err receipt_give(struct taking *taking)
{
    struct work *work = taking->work;
    struct report *row = &taking->row;
    enum letter_language language = case_letter_language(row->language);
    bool lost = slice_find_slice(row->flags, S("money-lost")) < row->flags.len;
    bool opinion = case_report_is_opinion(row);
    const struct case_letter letter = {.words = case_letter_find(opinion ? S("opinion") : S("receipt")),
            .text = slice_of(lost ? case_letter_find(S("money-lost"))->text[language] : ""),
            .automatic = true};
    const char *why;
    int64_t notice = 0;
    TRY(receipt_cannot(taking, &why));
    taking->taken->receipt = why;
    if (why == NULL)
        TRY(case_letter_send(work, row, &letter, &notice));
    if (why == NULL || taking->put->channel != REPORT_BY_MAIL) {
        row->receipt_us = work->now_us;
        row->state = REPORT_ACKNOWLEDGED;
        TRY(store_report_change(work, row));
    }
    const struct desk_fact facts[] = {
            {"notice", case_report_count(work, notice)}, {"why", why == NULL ? S("") : slice_of(why)}};
    TRY(case_report_tell(work, "report.receipt", row, facts, COUNT_OF(facts)));
    return opinion ? opinion_close(taking) : OK;
}

struct err case_report_take(struct work *work, const struct case_report_put *put, struct case_report_taken *taken)
{
    struct case_report_taken made = {0};
    struct taking taking = {.work = work, .put = put, .person = put->person, .taken = &made};
    size_t left_out, alike;
    TRY(put_check(work, put));
    if (put->channel != REPORT_BY_MAIL)
        TRY(case_reporter_read(work->arena, &put->person, &taking.person));
    TRY(row_add(&taking));
    TRY(message_add(work, taking.row.number, put));
    slice told = joined(work->arena, taking.row.subject, S("\n"), put->text);
    told = joined(work->arena, told, S("\n"), put->post.url);
    told = case_reporter_hide(&taking.person, told, work->arena);
    TRY(case_found_add(work, taking.row.number, told, put->mail, &taking.person, &left_out));
    TRY(propose(&taking));
    TRY(store_report_alike_find(work, taking.row.number, &alike));
    const struct desk_fact facts[] = {{"channel", slice_of(store_report_channel_name(put->channel))},
            {"class", taking.row.class}, {"rule", taking.row.class_rule},
            {"alike", case_report_count(work, (int64_t)alike)}, {"unread", unread_of(work, put->mail, left_out)}};
    TRY(case_report_tell(work, "report.received", &taking.row, facts, COUNT_OF(facts)));
    TRY(receipt_give(&taking));
    made.report = taking.row.number;
    made.reference = taking.row.reference;
    *taken = made;
    return OK;
}

/* ---- Mail ---- */

struct mailing {
    slice bytes;
    int64_t notice; /* that it answers; 0: none */
    struct mailbox_mail mail;
    struct case_report_taken taken;
};

/* What waits for nobody any more waits again, unless a program wrote. */
static struct err thread_add(struct work *work, struct mailing *mailing, int64_t report)
{
    const struct mailbox_mail *mail = &mailing->mail;
    const struct case_report_put put = {
            .subject = mail->subject, .text = mail->text, .bytes = mailing->bytes, .mail = mail};
    struct report row;
    TRY(store_report_keep(work, report, &row));
    TRY(message_add(work, report, &put));
    bool wakes = !mail->automatic && !mail->report.is && (row.state == REPORT_ANSWERED || row.state == REPORT_CLOSED);
    row.state = wakes ? REPORT_ACKNOWLEDGED : row.state;
    TRY(store_report_change(work, &row));
    mailing->taken = (struct case_report_taken){
            .report = row.number, .reference = row.reference, .threaded = true, .receipt = "it is in a thread"};
    const struct desk_fact facts[] = {{"by", mail->automatic ? S("a program") : S("")},
            {"incident", case_report_count(work, row.incident)}, {"unread", unread_of(work, mail, 0)}};
    return case_report_tell(work, "report.replied", &row, facts, COUNT_OF(facts));
}

static struct err mail_take(struct work *work, void *context)
{
    struct mailing *mailing = context;
    const struct mailbox_mail *mail = &mailing->mail;
    struct notice notice = {.organisation = 0};
    int64_t report;
    bool fresh;
    mailing->taken = (struct case_report_taken){.again = true};
    TRY(store_mailbox_mail_add(work, &mail->digest, &fresh));
    if (!fresh)
        return OK;
    TRY(case_letter_thread(work->db, mail, work->arena, &report));
    if (report != 0)
        return thread_add(work, mailing, report);
    if (mailing->notice != 0)
        TRY(store_notice_get(work->db, mailing->notice, work->arena, &notice));
    const struct case_report_put put = {.channel = REPORT_BY_MAIL,
            .language = slice_of(mail->language),
            .organisation = notice.organisation,
            .person = case_reporter_of(mail, work->arena),
            .subject = mail->subject,
            .text = mail->text,
            .class = S(""),
            .severity = SEVERITY_MEDIUM,
            .flags = S(""),
            .occurred_us = TIME_NONE,
            .bytes = mailing->bytes,
            .mail = mail};
    TRY(case_report_take(work, &put, &mailing->taken));
    bool idle = mailing->notice != 0 && (mail->automatic || mail->report.is);
    return idle ? case_report_close(work, mailing->taken.report, S("a program answered a notice of ours")) : OK;
}

struct err case_report_mail(
        struct db *db, slice bytes, int64_t notice, struct arena *arena, struct case_report_taken *taken)
{
    const struct actor actor = {.name = S("@mail"), .how = ACTOR_FOLLOWER};
    struct mailing mailing = {.bytes = bytes, .notice = notice};
    TRY(mailbox_mail_read(bytes, arena, &mailing.mail));
    TRY(store_work(db, &actor, arena, mail_take, &mailing));
    *taken = mailing.taken;
    return OK;
}

/* ---- Who sees what ---- */

struct report_sight case_report_sight(const struct actor *actor)
{
    return (struct report_sight){actor->user, store_restricted_seen(actor, S("restricted"), 0)};
}

struct err case_report_sees(
        const struct actor *actor, const struct report *row, struct arena *arena, enum case_sight *sight)
{
    struct err err = store_right_check(actor, VERB_READ_REPORTS, 0, arena, NULL);
    *sight = CASE_NOTHING;
    if (err.kind == ERR_NONE) {
        if (store_restricted_seen(actor, row->flags, row->holder))
            *sight = CASE_ALL;
        return OK;
    }
    if (err.kind != ERR_DENIED || row->organisation == 0 || store_restricted(row->flags))
        return err.kind == ERR_DENIED ? OK : err;
    err = store_right_check(actor, VERB_READ_REPORTS, row->organisation, arena, NULL);
    *sight = err.kind == ERR_NONE ? CASE_PART : CASE_NOTHING;
    return err.kind == ERR_DENIED ? OK : err;
}
