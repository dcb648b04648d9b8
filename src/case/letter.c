/* SPDX-License-Identifier: Apache-2.0 */
#include "case/letter.h"

#include "base/arena.h"
#include "input/pack.h"
#include "text/shown.h"

#define MARK "[KTG "      /* before our reference, in a subject */
#define PACKED_MORE 4096u /* bytes that packing may add to what cannot be packed */
#define LETTER_MAX (256u << 10)
#define REFERENCES_TRIED 5 /* of one subject */

struct err case_letter_keep(struct work *work, const struct thread_message *put, slice bytes, int64_t *number)
{
    struct thread_message kept = *put;
    struct buf packed = buf_make(bytes.len + bytes.len / 128 + PACKED_MORE);
    int64_t count;
    TRY(store_thread_count(work->db, put->report, &count));
    if (count >= THREAD_MESSAGES_MAX)
        return err_make(ERR_LIMIT, "the thread of the report has 1000 messages");
    kept.digest = hash_sha256(bytes);
    kept.subject = store_text_keep(work->arena, put->subject, STORE_TEXT_MAX);
    kept.text = store_prose_keep(work->arena, put->text, REPORT_TEXT_MAX);
    struct err err = input_pack(bytes, &packed);
    if (err.kind == ERR_NONE)
        err = store_thread_add(work, &kept, buf_slice(&packed), number);
    buf_free(&packed);
    return err;
}

/* ---- Out ---- */

static slice said(const char *name, enum letter_language language)
{
    return slice_of(case_letter_find(slice_of(name))->text[language]);
}

/* "[KTG 2026-000042-K7QX] Re: what they wrote". */
static slice subject_of(struct work *work, const struct report *row, enum letter_language language)
{
    bool exercise = slice_find_slice(row->flags, S("exercise")) < row->flags.len;
    slice word = said("exercise", language);
    const char *mark = exercise ? arena_printf(work->arena, " [%.*s]", (int)word.len, word.ptr) : "";
    return slice_of(arena_printf(work->arena, MARK "%.*s]%s%s%.*s", (int)row->reference.len, row->reference.ptr, mark,
            row->subject.len > 0 ? " Re: " : "", (int)row->subject.len, row->subject.ptr));
}

slice case_letter_text(const struct report *row, const struct case_letter *letter, struct arena *arena)
{
    struct buf text = buf_make(LETTER_MAX);
    enum letter_language language = case_letter_language(row->language);
    buf_put(&text, said("opening", language));
    if (letter->words != NULL)
        buf_printf(&text, "\n%s", letter->words->text[language]);
    if (letter->text.len > 0)
        buf_printf(&text, "\n%.*s\n", (int)letter->text.len, letter->text.ptr);
    slice number = said("number", language);
    buf_printf(&text, "\n%.*sKTG %.*s\n", (int)number.len, number.ptr, (int)row->reference.len, row->reference.ptr);
    buf_put(&text, said("closing", language));
    slice kept = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return kept;
}

/* The ids of all messages so far, in their order. */
static struct err thread_of(struct work *work, int64_t report, slice **ids, size_t *count)
{
    struct thread_message *rows;
    size_t row_count;
    TRY(store_thread_list(work->db, report, work->arena, &rows, &row_count));
    *ids = arena_new(work->arena, slice, row_count);
    *count = 0;
    for (size_t i = 0; i < row_count; i++)
        if (rows[i].message_id.len > 0)
            (*ids)[(*count)++] = rows[i].message_id;
    return OK;
}

struct err case_letter_send(
        struct work *work, const struct report *row, const struct case_letter *letter, int64_t *notice)
{
    struct report_person person;
    struct desk_letter_made made;
    slice *ids;
    int64_t number;
    struct desk_letter sent = {.automatic = letter->automatic, .organisation = row->organisation};
    TRY(store_report_person(work->db, row->number, work->arena, &person));
    TRY(thread_of(work, row->number, &ids, &sent.thread_count));
    sent.thread = ids;
    sent.name = person.name;
    sent.address = person.mail;
    sent.subject = subject_of(work, row, case_letter_language(row->language));
    sent.text = case_letter_text(row, letter, work->arena);
    sent.language = slice_of(case_letter_tag(case_letter_language(row->language)));
    TRY(desk_letter_make(work, &sent, &made));
    const struct thread_message kept = {.report = row->number,
            .out = true,
            .message_id = made.message_id,
            .subject = sent.subject,
            .text = sent.text,
            .actor = letter->automatic ? S("") : work->actor->name,
            .notice = made.notice};
    *notice = made.notice;
    return case_letter_keep(work, &kept, made.bytes, &number);
}

/* ---- In ---- */

static struct err by_id(struct db *db, slice id, struct arena *arena, int64_t *report)
{
    if (*report != 0 || id.len == 0)
        return OK;
    struct err err = store_thread_find(db, id, arena, report);
    return err.kind == ERR_MISSING ? OK : err;
}

/* The first reference of ours that a subject has between our mark and a bracket. */
static struct err by_subject(struct db *db, slice subject, struct arena *arena, int64_t *report)
{
    slice mark = S(MARK);
    for (size_t tried = 0; *report == 0 && tried < REFERENCES_TRIED; tried++) {
        size_t at = slice_find_slice(subject, mark);
        struct report row;
        if (at >= subject.len)
            break;
        subject = slice_from(subject, at + mark.len);
        struct err err = store_report_find(db, slice_part(subject, 0, slice_find(subject, ']')), arena, &row);
        if (err.kind != ERR_MISSING)
            TRY(err);
        *report = err.kind == ERR_NONE ? row.number : 0;
    }
    return OK;
}

/* The same mail by another way has other bytes, and the same id and text. An id alone may be one that a program gives
 * to all of its mails. */
static struct err by_itself(struct db *db, const struct mailbox_mail *mail, struct arena *arena, int64_t *report)
{
    struct thread_message *rows;
    slice text = store_prose_keep(arena, mail->text, REPORT_TEXT_MAX);
    int64_t candidate = 0;
    size_t count;
    if (*report != 0)
        return OK;
    TRY(by_id(db, mail->message_id, arena, &candidate));
    TRY(store_thread_list(db, candidate, arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (slice_eq(rows[i].message_id, mail->message_id) && slice_eq(rows[i].text, text))
            *report = candidate;
    return OK;
}

struct err case_letter_thread(struct db *db, const struct mailbox_mail *mail, struct arena *arena, int64_t *report)
{
    int64_t found = 0, count;
    TRY(by_id(db, mail->in_reply_to, arena, &found));
    for (size_t i = mail->reference_count; i > 0; i--)
        TRY(by_id(db, mail->references[i - 1], arena, &found));
    TRY(by_subject(db, mail->subject, arena, &found));
    TRY(by_itself(db, mail, arena, &found));
    TRY(store_thread_count(db, found, &count));
    *report = count < THREAD_MESSAGES_MAX ? found : 0;
    return OK;
}
