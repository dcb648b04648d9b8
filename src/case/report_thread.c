/* SPDX-License-Identifier: Apache-2.0 */
/* The thread of a report: what we answer, what hung on it, and how whoever told it is forgotten. */
#include <inttypes.h>

#include "base/arena.h"
#include "case/letter.h"
#include "case/report_parts.h"
#include "case/reporter.h"
#include "input/pack.h"

/* ---- Answers ---- */

static const char *answers_all(struct arena *arena)
{
    const char *list = "";
    for (size_t i = 0; case_letter_answer(i) != NULL; i++)
        list = arena_printf(arena, "%s%s%s", list, i > 0 ? ", " : "", case_letter_answer(i));
    return list;
}

static struct err words_of(struct arena *arena, slice answer, const struct letter_words **words)
{
    *words = NULL;
    if (answer.len == 0)
        return OK;
    for (size_t i = 0; case_letter_answer(i) != NULL; i++)
        if (slice_eq(answer, slice_of(case_letter_answer(i))))
            *words = case_letter_find(answer);
    return *words != NULL ? OK : err_format(arena, ERR_INPUT, "answer: one of %s", answers_all(arena));
}

static struct err answer_read(slice answer, slice text, struct arena *arena, struct case_letter *letter)
{
    *letter = (struct case_letter){.text = text};
    TRY(words_of(arena, answer, &letter->words));
    if (text.len > 0)
        return store_prose_check(arena, "text", text, CASE_TEXT_MAX);
    return letter->words != NULL ? OK : err_make(ERR_INPUT, "text: an answer says something");
}

struct err case_report_answer_show(
        const struct report *row, slice answer, slice text, struct arena *arena, slice *shown)
{
    struct case_letter letter;
    TRY(answer_read(answer, text, arena, &letter));
    *shown = case_letter_text(row, &letter, arena);
    return OK;
}

struct err case_report_answer(struct work *work, int64_t report, slice answer, slice text, int64_t *notice)
{
    struct report row;
    struct case_letter letter;
    TRY(case_report_hold(work, report, &row));
    TRY(answer_read(answer, text, work->arena, &letter));
    TRY(case_letter_send(work, &row, &letter, notice));
    row.answered_us = row.answered_us == TIME_NONE ? work->now_us : row.answered_us;
    if (row.state == REPORT_RECEIVED || row.state == REPORT_ACKNOWLEDGED)
        row.state = REPORT_ANSWERED;
    TRY(store_report_change(work, &row));
    const struct desk_fact facts[] = {{"answer", answer}, {"notice", case_report_count(work, *notice)}};
    return case_report_tell(work, "report.answered", &row, facts, COUNT_OF(facts));
}

/* ---- What hung on it ---- */

static struct err original(struct work *work, int64_t report, int64_t message, struct buf *out)
{
    struct thread_message row;
    slice packed;
    TRY(store_thread_get(work->db, message, work->arena, &row));
    if (row.report != report)
        return err_make(ERR_MISSING, "the report has no such message");
    TRY(store_thread_packed(work->db, message, work->arena, &packed));
    return packed.len > 0 ? input_unpack(packed, out)
                          : err_make(ERR_MISSING, "it was removed together with who wrote it");
}

static struct err opened_tell(
        struct work *work, const struct report *row, const char *act, int64_t message, int64_t part, slice why)
{
    const struct desk_fact facts[] = {
            {"message", case_report_count(work, message)}, {"part", case_report_count(work, part)}, {"why", why}};
    return case_report_tell(work, act, row, facts, COUNT_OF(facts));
}

struct err case_report_original(struct work *work, int64_t report, int64_t message, slice why, struct buf *out)
{
    struct report row;
    TRY(case_report_hold(work, report, &row));
    TRY(store_text_check(work->arena, "why the original is wanted", why, STORE_TEXT_MAX));
    TRY(original(work, report, message, out));
    return opened_tell(work, &row, "report.original", message, 0, why);
}

static struct err file_find(struct work *work, int64_t report, int64_t message, int64_t part, struct thread_file *file)
{
    struct thread_file *rows;
    size_t count;
    TRY(store_thread_files(work->db, report, work->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (rows[i].message == message && rows[i].part == part) {
            *file = rows[i];
            return OK;
        }
    return err_make(ERR_MISSING, "the report has no such file");
}

struct err case_report_file(struct work *work, int64_t report, int64_t message, int64_t part, slice why,
        struct buf *out, struct thread_file *file)
{
    struct report row;
    struct buf mail = buf_make(MAILBOX_BYTES_MAX + 1);
    TRY(case_report_hold(work, report, &row));
    TRY(store_text_check(work->arena, "why the file is wanted", why, STORE_TEXT_MAX));
    TRY(file_find(work, report, message, part, file));
    struct err err = original(work, report, message, &mail);
    if (err.kind == ERR_NONE)
        err = mailbox_file_get(buf_slice(&mail), (size_t)part, out);
    buf_free(&mail);
    TRY(err);
    return opened_tell(work, &row, "report.attachment", message, part, why);
}

/* ---- Forgetting ---- */

static struct err thread_forget(struct work *work, int64_t report, const struct report_person *person)
{
    struct thread_message *rows;
    size_t count;
    TRY(store_thread_list(work->db, report, work->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        const struct report_person sender = {person->name, rows[i].sender, person->phone};
        slice subject = case_reporter_hide(person, rows[i].subject, work->arena);
        slice text = case_reporter_hide(person, rows[i].text, work->arena);
        TRY(store_thread_forget(work, &rows[i], case_reporter_hide(&sender, subject, work->arena),
                case_reporter_hide(&sender, text, work->arena)));
        if (rows[i].notice != 0)
            TRY(store_notice_forget(work, rows[i].notice));
    }
    return OK;
}

struct err case_report_forget(struct work *work, int64_t report, slice why)
{
    struct report row;
    struct report_person person;
    TRY(case_report_hold(work, report, &row));
    TRY(store_text_check(work->arena, "why it is forgotten who told it", why, STORE_TEXT_MAX));
    TRY(store_report_person(work->db, report, work->arena, &person));
    TRY(thread_forget(work, report, &person));
    TRY(store_report_text(work, report, case_reporter_hide(&person, row.subject, work->arena),
            case_reporter_hide(&person, row.text, work->arena)));
    TRY(store_report_person_drop(work, report));
    return case_report_tell(work, "report.forgotten", &row, (struct desk_fact[]){{"why", why}}, 1);
}
