/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the machine can say of an incident without saying whose it was: sections in the order of a table. What only
 * people know is left open, in its place. Of what people wrote only that is taken over which names nobody.
 */
#include "base/arena.h"
#include "case/lesson.h"
#include "case/nameless.h"
#include "desk/words.h"
#include "store/duty.h"
#include "store/task.h"
#include "text/moment.h"
#include "text/number.h"
#include "text/shown.h"

#define TASKS_TOLD 40 /* titles: the text has to be read by people */

struct drafting {
    struct work *work;
    const struct incident *incident;
    const struct case_nameless *nameless;
    const struct desk_class_words *words;
    enum language language;
    struct buf *out;
};

static slice said(const struct drafting *d, const char *text)
{
    return catalogue_text(catalogue_of(d->language), slice_of(text));
}

static void line(const struct drafting *d, const char *label, slice text)
{
    if (text.len == 0)
        return;
    if (label != NULL) {
        buf_put(d->out, said(d, label));
        buf_put(d->out, S(": "));
    }
    buf_put(d->out, text);
    buf_byte(d->out, '\n');
}

/* ---- The sections ---- */

static struct err kind_write(const struct drafting *d)
{
    line(d, W_C("Class (RSIT)"), d->incident->class);
    line(d, W_C("More exactly"), d->incident->local_class);
    line(d, W_C("Severity"), said(d, desk_words_of_severity(d->incident->severity)));
    line(d, W_C("Sector"), d->incident->sector);
    if (d->incident->vital)
        line(d, NULL, said(d, W_C("Vital information infrastructure was concerned.")));
    if (d->incident->personal_data)
        line(d, NULL, said(d, W_C("Personal data was concerned.")));
    line(d, NULL, said(d, d->words->why));
    return OK;
}

static slice span_text(const struct drafting *d, int64_t us)
{
    struct buf buf = buf_make(200);
    moment_span_write(&buf, us, d->language);
    slice text = arena_copy(d->work->arena, buf_slice(&buf));
    buf_free(&buf);
    return text;
}

/* Spans, not moments: when it was says whose it was. */
static struct err spans_write(const struct drafting *d)
{
    static const struct {
        enum incident_when from, until;
        const char *label;
    } spans[] = {
            {INCIDENT_OCCURRED_AT, INCIDENT_DETECTED_AT, W_C("From its beginning until it was noticed")},
            {INCIDENT_DETECTED_AT, INCIDENT_REPORTED_AT, W_C("From being noticed until it was reported")},
            {INCIDENT_REPORTED_AT, INCIDENT_ACKNOWLEDGED_AT, W_C("From the report until somebody took it on")},
            {INCIDENT_REPORTED_AT, INCIDENT_CONTAINED_AT, W_C("From the report until it was contained")},
            {INCIDENT_REPORTED_AT, INCIDENT_RECOVERED_AT, W_C("From the report until all worked again")},
            {INCIDENT_REPORTED_AT, INCIDENT_CLOSED_AT, W_C("From the report until it was closed")},
    };
    for (size_t i = 0; i < COUNT_OF(spans); i++) {
        int64_t from_us = d->incident->at[spans[i].from], until_us = d->incident->at[spans[i].until];
        line(d, spans[i].label,
                from_us == TIME_NONE || until_us == TIME_NONE ? said(d, W_C("not known"))
                                                              : span_text(d, until_us - from_us));
    }
    return OK;
}

/* One, or several: how many is what a small sector is recognised by. */
static struct err parties_write(const struct drafting *d)
{
    static const char *const labels[PARTY_ROLES] = {
            [PARTY_VICTIM] = W_C("Victims"),
            [PARTY_SUPPLIER] = W_C("Suppliers"),
            [PARTY_LEAD] = W_C("Who led"),
            [PARTY_SUPPORT] = W_C("Who helped"),
            [PARTY_INFORMED] = W_C("Who was informed"),
    };
    struct party *rows;
    size_t count, of[PARTY_ROLES] = {0};
    TRY(store_party_list(d->work->db, d->incident->number, d->work->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        of[rows[i].role]++;
    for (size_t i = 0; i < PARTY_ROLES; i++)
        if (labels[i] != NULL && of[i] > 0)
            line(d, labels[i], said(d, of[i] == 1 ? W_C("one") : W_C("several")));
    return OK;
}

static struct err tasks_write(const struct drafting *d)
{
    struct task *rows;
    size_t count, told = 0, kept = 0;
    TRY(store_task_list(d->work->db, d->incident->number, d->work->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        if (rows[i].state != TASK_DONE)
            continue;
        struct err err = case_nameless_check(d->nameless, "task", rows[i].title, d->work->arena);
        if (err.kind != ERR_NONE && err.kind != ERR_INPUT)
            return err;
        kept += err.kind == ERR_INPUT || told == TASKS_TOLD;
        if (err.kind == ERR_INPUT || told == TASKS_TOLD)
            continue;
        told++;
        buf_put(d->out, S("- "));
        shown_text_write(d->out, rows[i].title, false);
        buf_byte(d->out, '\n');
    }
    if (kept > 0) {
        number_count_write(d->out, W_COUNT("{{n}} step more is not told here.", "{{n}} steps more are not told here."),
                kept, d->language);
        buf_byte(d->out, '\n');
    }
    return OK;
}

static struct err duties_write(const struct drafting *d)
{
    struct duty *rows;
    size_t count, met = 0, late = 0;
    TRY(store_duty_list(d->work->db, d->incident->number, d->work->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        met += rows[i].state == DUTY_MET;
        late += rows[i].state == DUTY_LATE;
    }
    if (met + late > 0) {
        line(d, W_C("In time"), slice_of(arena_printf(d->work->arena, "%zu", met)));
        line(d, W_C("Late"), slice_of(arena_printf(d->work->arena, "%zu", late)));
    }
    return OK;
}

static struct err steps_write(const struct drafting *d)
{
    for (size_t i = 0; i < DESK_STEPS && d->words->steps[i] != NULL; i++) {
        buf_put(d->out, S("- "));
        line(d, NULL, said(d, d->words->steps[i]));
    }
    return OK;
}

static struct err open_write(const struct drafting *d)
{
    buf_put(d->out, S(CASE_LESSON_OPEN "\n"));
    return OK;
}

static const struct {
    const char *heading;
    struct err (*write)(const struct drafting *d);
} sections[] = {
        {W_C("What it was"), kind_write},
        {W_C("How long it took"), spans_write},
        {W_C("Who had to do with it"), parties_write},
        {W_C("What was done"), tasks_write},
        {W_C("What law demanded"), duties_write},
        {W_C("What others can do"), steps_write},
        {W_C("What went well"), open_write},
        {W_C("What was missing"), open_write},
        {W_C("What we do otherwise from now on"), open_write},
};

/* Sections without a line are left out; an empty line stands between them. */
static struct err sections_write(const struct drafting *d)
{
    for (size_t i = 0; i < COUNT_OF(sections); i++) {
        size_t before = d->out->len;
        if (before > 0)
            buf_byte(d->out, '\n');
        buf_put(d->out, said(d, sections[i].heading));
        buf_byte(d->out, '\n');
        size_t empty = d->out->len;
        TRY(sections[i].write(d));
        if (d->out->len == empty)
            d->out->len = before;
    }
    return buf_check(d->out);
}

struct err case_lesson_compose(struct work *work, const struct incident *incident, const struct case_nameless *nameless,
        enum language language, struct lesson_said *lesson)
{
    struct buf out = buf_make(LESSON_TEXT_MAX);
    const struct drafting drafting = {.work = work,
            .incident = incident,
            .nameless = nameless,
            .words = desk_words_of_class(incident->class),
            .language = language,
            .out = &out};
    slice called = said(&drafting, drafting.words->called);
    slice title = said(&drafting, W_C("What an incident taught us"));
    struct err err = sections_write(&drafting);
    lesson->title =
            slice_of(arena_printf(work->arena, "%.*s: %.*s", (int)title.len, title.ptr, (int)called.len, called.ptr));
    lesson->text = arena_copy(work->arena, buf_slice(&out));
    buf_free(&out);
    return err;
}
