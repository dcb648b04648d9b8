/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One report: the thread as plain text, what was found in it, what may be the same, and what can be done. What hung on
 * a letter, and the letter as it came, are had as a file only, for a reason that is kept (report_act.c).
 *
 * Who acts for the organisation that told it sees its own words, our answers, and how far it has come.
 */
#include "base/arena.h"
#include "case/letter.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/reported.h"
#include "web/warned.h"

#define LETTERS_SHOWN 30 /* the latest */
#define LETTER_MAX 4000  /* bytes of the text of one */
#define FILES_SHOWN 20   /* of one */
#define VALUES_SHOWN 40
#define PAGE_TEXT (20u << 10)

/* ---- The thread ---- */

struct thread {
    struct thread_message *letters;
    struct thread_file *files;
    size_t letter_count, file_count;
};

static void write_file(struct outside *outside, const struct thread_file *file)
{
    struct ask *ask = outside->ask;
    struct sha256 digest = file->digest;
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("pick"),
            slice_of(arena_printf(ask->arena, "%lld-%lld", (long long)file->message, (long long)file->part)));
    outside_write(outside, S("name"), file->name, OUTSIDE_NAME);
    outside_write(outside, S("type"), file->type, OUTSIDE_NAME);
    page_count(ask, S("bytes"), (uint64_t)file->bytes);
    json_write_key_text(&ask->json, S("digest"), arena_hex(ask->arena, sha256_slice(&digest)));
    json_write_end(&ask->json);
}

static void write_files(struct outside *outside, const struct thread *thread, int64_t letter)
{
    struct ask *ask = outside->ask;
    size_t count = 0;
    json_write_key(&ask->json, S("files"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < thread->file_count; i++)
        if (thread->files[i].message == letter && ++count <= FILES_SHOWN)
            write_file(outside, &thread->files[i]);
    json_write_end(&ask->json);
    page_flag(ask, S("any_file"), count > 0);
    page_count(ask, S("file_count"), count);
    page_flag(ask, S("more_files"), count > FILES_SHOWN);
}

static void write_letter(struct outside *outside, const struct thread *thread, size_t at, enum case_sight sight)
{
    struct ask *ask = outside->ask;
    const struct thread_message *letter = &thread->letters[at];
    json_write_object(&ask->json);
    page_flag(ask, S("ours"), letter->out);
    page_moment(ask, S("time"), letter->time_us);
    bool repeats = slice_starts(letter->text, letter->subject);
    outside_write_value(outside, S("subject"), repeats ? S("") : letter->subject, OUTSIDE_LINE);
    outside_write_value(outside, S("text"), letter->text, LETTER_MAX);
    if (sight == CASE_ALL) {
        json_write_key_text(
                &ask->json, S("pick"), slice_of(arena_printf(ask->arena, "%lld-0", (long long)letter->number)));
        outside_write(outside, S("actor"), letter->actor, OUTSIDE_NAME);
        json_write_key_text(&ask->json, S("signature"), letter->signature);
        write_files(outside, thread, letter->number);
    }
    json_write_end(&ask->json);
}

static struct err write_thread(struct outside *outside, const struct report *row, enum case_sight sight)
{
    struct ask *ask = outside->ask;
    struct thread thread;
    TRY(store_thread_list(ask->db, row->number, ask->arena, &thread.letters, &thread.letter_count));
    TRY(store_thread_files(ask->db, row->number, ask->arena, &thread.files, &thread.file_count));
    size_t first = thread.letter_count > LETTERS_SHOWN ? thread.letter_count - LETTERS_SHOWN : 0;
    json_write_key(&ask->json, S("letters"));
    json_write_array(&ask->json);
    for (size_t i = first; i < thread.letter_count; i++)
        write_letter(outside, &thread, i, sight);
    json_write_end(&ask->json);
    page_count(ask, S("letter_count"), thread.letter_count);
    page_flag(ask, S("any_earlier"), first > 0);
    return OK;
}

/* ---- What was found, and what may be the same ---- */

static struct err write_values(struct outside *outside, int64_t report)
{
    struct ask *ask = outside->ask;
    struct report_observable *rows;
    size_t count;
    TRY(store_report_observables(ask->db, report, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("values"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count && i < VALUES_SHOWN; i++) {
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("type"), rows[i].type);
        outside_write_value(outside, S("value"), rows[i].value, OUTSIDE_NAME);
        page_count(ask, S("others"), (uint64_t)rows[i].others);
        page_flag(ask, S("any_other"), rows[i].others > 0);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_value"), count > 0);
    page_flag(ask, S("more_values"), count > VALUES_SHOWN);
    return OK;
}

static struct err write_alike(struct outside *outside, int64_t report, const struct report_alike *alike, size_t *shown)
{
    struct ask *ask = outside->ask;
    struct report other;
    enum case_sight sight;
    TRY(store_report_get(ask->db, alike->other, ask->arena, &other));
    TRY(case_report_sees(&ask->who.actor, &other, ask->arena, &sight));
    if (sight != CASE_ALL)
        return OK;
    json_write_object(&ask->json);
    reported_other(outside, &other);
    reported_state(ask, &other, sight);
    json_write_key_text(&ask->json, S("form"), slice_of(outside_path(ask, "/reports/", report, "")));
    json_write_key_text(&ask->json, S("why"), reported_alike_why(ask, alike->why));
    json_write_key_text(&ask->json, S("said"), slice_of(store_report_alike_name(alike->state)));
    page_flag(ask, S("is_proposed"), alike->state == ALIKE_PROPOSED && other.same_as == 0);
    json_write_end(&ask->json);
    ++*shown;
    return OK;
}

static struct err write_alikes(struct outside *outside, const struct report *row)
{
    struct ask *ask = outside->ask;
    struct report_alike *rows;
    size_t count, shown = 0;
    TRY(store_report_alikes(ask->db, row->number, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("alikes"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count && shown < REPORT_ALIKE_MAX; i++) {
        if (rows[i].state == ALIKE_DIFFERENT || (row->same_as != 0 && rows[i].state == ALIKE_PROPOSED))
            continue;
        TRY(write_alike(outside, row->number, &rows[i], &shown));
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_alike"), shown > 0);
    return OK;
}

/* ---- What can be done ---- */

static void write_choice(struct ask *ask, slice name, slice text, bool chosen)
{
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("name"), name);
    json_write_key_text(&ask->json, S("text"), text);
    page_flag(ask, S("chosen"), chosen);
    json_write_end(&ask->json);
}

static void write_classes(struct ask *ask, const struct report *row)
{
    json_write_key(&ask->json, S("classes"));
    json_write_array(&ask->json);
    for (size_t i = 0; warned_class(i) != NULL; i++) {
        slice class = slice_of(warned_class(i));
        write_choice(ask, class, warned_class_text(ask, class), slice_eq(class, row->class));
    }
    json_write_end(&ask->json);
}

static void write_severities(struct ask *ask, const struct report *row)
{
    json_write_key(&ask->json, S("severities"));
    json_write_array(&ask->json);
    for (enum severity i = 0; i < SEVERITIES; i++) {
        json_write_object(&ask->json);
        warned_severity(ask, i);
        page_flag(ask, S("chosen"), i == row->severity);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

/* The sentences of an answer, by the name that a person chooses it by. */
static const struct {
    const char *name, *text;
} answers[] = {{"more", W_C("We need to know more")}, {"known", W_C("We know of it already")},
        {"done", W_C("It is dealt with")}, {"elsewhere", W_C("Somebody else can help")}};

static slice answer_text(const struct ask *ask, slice name)
{
    for (size_t i = 0; i < COUNT_OF(answers); i++)
        if (slice_eq(name, slice_of(answers[i].name)))
            return ask_text(ask, slice_of(answers[i].text));
    return name;
}

static void write_answers(struct ask *ask)
{
    slice typed = ask_form(ask, S("answer"));
    json_write_key(&ask->json, S("answers"));
    json_write_array(&ask->json);
    write_choice(ask, S(""), ask_text(ask, W("My own words only")), typed.len == 0);
    for (size_t i = 0; case_letter_answer(i) != NULL; i++) {
        slice name = slice_of(case_letter_answer(i));
        write_choice(ask, name, answer_text(ask, name), slice_eq(name, typed));
    }
    json_write_end(&ask->json);
}

static void write_acts(struct ask *ask, const struct report *row)
{
    bool may = reported_may_work(ask);
    page_flag(ask, S("may_work"), may);
    page_flag(ask, S("may_take"), may && row->holder != ask->who.actor.user);
    page_flag(ask, S("may_leave"), may && row->holder != 0);
    page_flag(ask, S("may_open"), may && row->incident == 0 && !case_report_is_opinion(row));
    page_flag(ask, S("may_secure"), may && row->incident != 0 && outside_may(ask, VERB_TAKE_EVIDENCE));
    page_flag(ask, S("may_close"), may && row->state != REPORT_CLOSED);
    if (!may)
        return;
    write_classes(ask, row);
    write_severities(ask, row);
    write_answers(ask);
}

/* ---- The page ---- */

static struct err write_person(struct outside *outside, const struct report *row)
{
    struct ask *ask = outside->ask;
    struct report_person person;
    struct warned_names names = {0};
    TRY(store_report_person(ask->db, row->number, ask->arena, &person));
    json_write_key(&ask->json, S("person"));
    json_write_object(&ask->json);
    outside_write(outside, S("name"), person.name, OUTSIDE_NAME);
    outside_write(outside, S("mail"), person.mail, OUTSIDE_NAME);
    outside_write(outside, S("phone"), person.phone, OUTSIDE_NAME);
    json_write_end(&ask->json);
    page_flag(ask, S("any_person"), person.name.len + person.mail.len + person.phone.len > 0);
    page_flag(ask, S("can_answer"), person.mail.len > 0);
    return warned_organisation(ask, &names, S("organisation"), row->organisation);
}

/* A post that it is about. */
static struct err write_post(struct outside *outside, int64_t report)
{
    struct ask *ask = outside->ask;
    struct report_post post;
    TRY(store_report_post(ask->db, report, ask->arena, &post));
    json_write_key(&ask->json, S("post"));
    if (post.url.len + post.account.len + post.platform.len == 0) {
        json_write_null(&ask->json);
        return OK;
    }
    json_write_object(&ask->json);
    outside_write_value(outside, S("url"), post.url, OUTSIDE_LINE);
    outside_write(outside, S("account"), post.account, OUTSIDE_NAME);
    outside_write(outside, S("platform"), post.platform, OUTSIDE_NAME);
    page_moment(ask, S("captured"), post.captured_us);
    json_write_end(&ask->json);
    return OK;
}

static struct err write_same_as(struct outside *outside, const struct report *row)
{
    struct ask *ask = outside->ask;
    struct report other;
    enum case_sight sight = CASE_NOTHING;
    if (row->same_as != 0) {
        TRY(store_report_get(ask->db, row->same_as, ask->arena, &other));
        TRY(case_report_sees(&ask->who.actor, &other, ask->arena, &sight));
    }
    json_write_key(&ask->json, S("same_as"));
    if (sight != CASE_ALL) {
        json_write_null(&ask->json);
        return OK;
    }
    json_write_object(&ask->json);
    reported_other(outside, &other);
    json_write_end(&ask->json);
    return OK;
}

static struct err write_ours(struct outside *outside, const struct report *row)
{
    struct ask *ask = outside->ask;
    page_moment(ask, S("occurred"), row->occurred_us);
    page_moment(ask, S("receipt"), row->receipt_us);
    json_write_key_text(&ask->json, S("language"), row->language);
    TRY(write_person(outside, row));
    TRY(write_post(outside, row->number));
    json_write_key_text(&ask->json, S("advice"), case_report_is_opinion(row) ? case_report_advice(row) : S(""));
    TRY(write_same_as(outside, row));
    TRY(write_values(outside, row->number));
    TRY(write_alikes(outside, row));
    write_acts(ask, row);
    return OK;
}

struct err web_report(struct ask *ask)
{
    struct outside outside = outside_begin(ask, PAGE_TEXT);
    struct report row;
    enum case_sight sight;
    TRY(reported_get(ask, &row, &sight));
    page_title(ask, row.reference);
    page_flag(ask, S("own"), sight != CASE_ALL);
    TRY(reported_write(&outside, &row, sight));
    if (sight == CASE_ALL)
        TRY(write_ours(&outside, &row));
    return write_thread(&outside, &row, sight);
}
