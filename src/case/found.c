/* SPDX-License-Identifier: Apache-2.0 */
#include "case/found.h"

#include "base/arena.h"
#include "base/buf.h"
#include "case/field.h"
#include "case/reporter.h"
#include "desk/letter.h"
#include "form/form.h"

#define PEOPLE_BYTES_MAX (1u << 20)
#define TEXT_BYTES_MAX (32u << 20) /* of a mail, with 20 in it, and marks */

struct finding {
    struct work *work;
    int64_t report;
    slice people; /* addresses in small letters, one a line */
    struct report_observable rows[REPORT_OBSERVABLES_MAX];
    size_t count, left_out;
};

/* ---- Whose addresses say nothing ---- */

static void line_put(struct buf *out, slice text)
{
    for (size_t i = 0; i < text.len; i++)
        buf_byte(out, byte_lower(text.ptr[i]));
    buf_byte(out, '\n');
}

static void people_put(struct buf *out, const struct mailbox_mail *mail)
{
    const struct mailbox_people *fields[] = {&mail->from, &mail->reply_to, &mail->to, &mail->cc};
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        for (size_t j = 0; j < fields[i]->count; j++)
            line_put(out, fields[i]->rows[j].address);
    for (size_t i = 0; i < mail->original_count; i++)
        line_put(out, mail->originals[i].to);
}

/* ---- What is found ---- */

static bool is_of_people(const struct finding *finding, const struct indicator *indicator)
{
    struct buf value = buf_make(STORE_TEXT_MAX);
    if (indicator->type != OBSERVABLE_EMAIL)
        return false;
    line_put(&value, indicator->value);
    slice address = slice_part(buf_slice(&value), 0, value.len - 1);
    bool is = slice_find_slice(finding->people, address) < finding->people.len || desk_letter_is_ours(address);
    buf_free(&value);
    return is;
}

static bool is_there(const struct finding *finding, slice type, slice value)
{
    for (size_t i = 0; i < finding->count; i++)
        if (slice_eq(finding->rows[i].value, value) && slice_eq(finding->rows[i].type, type))
            return true;
    return false;
}

/* The same again is looked at here: a text of one name in thousands of lines asks the database once. */
static struct err found(void *context, const struct indicator *indicator)
{
    struct finding *finding = context;
    struct arena *arena = finding->work->arena;
    const struct observable seen = {.type = indicator->type, .name = indicator->name, .value = indicator->value};
    slice type =
            indicator->type == OBSERVABLE_OTHER ? indicator->name : slice_of(observable_type_name(indicator->type));
    if (is_of_people(finding, indicator) || is_there(finding, type, indicator->value))
        return OK;
    bool fits = indicator->value.len <= REPORT_VALUE_MAX && finding->count < REPORT_OBSERVABLES_MAX;
    finding->left_out += !fits;
    if (!fits)
        return OK;
    slice value = store_text_keep(arena, case_spelled(&seen, arena), REPORT_VALUE_MAX);
    if (!is_there(finding, type, value))
        finding->rows[finding->count++] = (struct report_observable){arena_copy(arena, type), value, 0};
    bool fresh;
    return store_report_observable_add(finding->work, finding->report, type, value, &fresh);
}

static void nothing(void *context, const char *what)
{
    (void)context;
    (void)what;
}

static void no_problem(void *context, uint64_t line, uint64_t column, const char *why)
{
    (void)context;
    (void)line;
    (void)column;
    (void)why;
}

/* Of a mail that was attached, who it says it is from, what about, and its text; an inline one stands in the text. */
static void originals_put(
        struct buf *out, const struct mailbox_mail *mail, const struct report_person *person, struct arena *arena)
{
    for (size_t i = 0; i < mail->original_count; i++) {
        const struct mailbox_original *original = &mail->originals[i];
        const slice parts[] = {original->from, original->subject, original->text};
        for (size_t j = 0; j < COUNT_OF(parts) && original->attached; j++) {
            buf_put(out, case_reporter_hide(person, parts[j], arena));
            buf_byte(out, '\n');
        }
    }
}

struct err case_found_add(struct work *work, int64_t report, slice text, const struct mailbox_mail *mail,
        const struct report_person *person, size_t *left_out)
{
    struct buf people = buf_make(PEOPLE_BYTES_MAX), all = buf_make(TEXT_BYTES_MAX);
    buf_put(&all, text);
    buf_byte(&all, '\n');
    if (mail != NULL) {
        people_put(&people, mail);
        originals_put(&all, mail, person, work->arena);
    }
    struct finding *finding = arena_new(work->arena, struct finding, 1);
    finding->work = work;
    finding->report = report;
    finding->people = buf_slice(&people);
    const struct form_sink sink = {.context = finding, .indicator = found, .problem = no_problem, .skipped = nothing};
    struct err err = buf_check(&all);
    if (err.kind == ERR_NONE)
        err = form_text.read(buf_slice(&all), work->arena, &sink);
    buf_free(&people);
    buf_free(&all);
    *left_out = finding->left_out;
    return err.kind == ERR_INPUT ? OK : err; /* a NUL in it: there are no values in what is no text */
}
