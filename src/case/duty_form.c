/* SPDX-License-Identifier: Apache-2.0 */
/* What is to be filed: one row for each word that the rules ask for, in the order in which a rule asks. */
#include "base/arena.h"
#include "case/duty.h"
#include "store/contact.h"
#include "store/organisation.h"
#include "store/task.h"
#include "text/moment.h"
#include "text/shown.h"
#include "json/write.h"

#define FIELD_BYTES_MAX (256u << 10)
#define CONTACTS_TOLD 3
#define ENTRIES_TOLD 200

struct filling {
    struct db *db;
    struct arena *arena;
    const struct duty *duty;
    const struct incident *incident;
    struct organisation whose, own;
    enum language language;
    struct buf *out; /* of one field; empty: to be filled in by hand */
};

static slice said(const struct filling *f, slice text)
{
    return catalogue_text(catalogue_of(f->language), text);
}

/* "Label: text", of others, in a line of ours. */
static void line(const struct filling *f, slice label, slice text)
{
    if (text.len == 0)
        return;
    buf_put(f->out, label);
    buf_put(f->out, S(": "));
    shown_text_write(f->out, text, false);
    buf_byte(f->out, '\n');
}

static void moment(const struct filling *f, int64_t us)
{
    moment_write(f->out, us, ZONE_JAKARTA, f->language);
    buf_put(f->out, S(" / "));
    moment_write(f->out, us, ZONE_UTC, f->language);
}

/* ---- The fields ---- */

static struct err reporter_fill(const struct filling *f)
{
    line(f, said(f, W("Organisation")), f->whose.name);
    if (f->whose.number != f->own.number)
        line(f, said(f, W("Reported by")), f->own.name);
    return OK;
}

static struct err contact_fill(const struct filling *f)
{
    struct contact *rows;
    size_t count;
    TRY(store_contact_of(f->db, f->whose.number, false, f->arena, &rows, &count));
    for (size_t i = 0; i < count && i < CONTACTS_TOLD; i++) {
        line(f, said(f, W("Name")), rows[i].is.name);
        line(f, said(f, W("Mail")), rows[i].is.mail);
        line(f, said(f, W("Telephone")), rows[i].is.phone);
    }
    return OK;
}

static struct err description_fill(const struct filling *f)
{
    line(f, said(f, W("Incident")), f->incident->title);
    line(f, said(f, W("Class (RSIT)")), f->incident->class);
    line(f, said(f, W("More exactly")), f->incident->local_class);
    return OK;
}

static struct err chronology_fill(const struct filling *f)
{
    static const char *const words[INCIDENT_WHENS] = {W_C("Occurred"), W_C("Detected"), W_C("We know of it since"),
            W_C("Reported"), W_C("Acknowledged"), W_C("Contained"), W_C("Recovered"), W_C("Closed")};
    struct incident_entry *rows;
    size_t count;
    for (enum incident_when i = 0; i < INCIDENT_WHENS; i++) {
        if (f->incident->at[i] == TIME_NONE)
            continue;
        buf_put(f->out, said(f, slice_of(words[i])));
        buf_put(f->out, S(": "));
        moment(f, f->incident->at[i]);
        buf_byte(f->out, '\n');
    }
    TRY(store_entry_list(f->db, f->incident->number, INT64_MIN, 0, ENTRIES_TOLD, f->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        if (rows[i].kind != ENTRY_EVENT || rows[i].withdrawn_us != TIME_NONE)
            continue;
        moment(f, rows[i].happened_us);
        buf_put(f->out, S(": "));
        shown_text_write(f->out, rows[i].text, true);
        buf_byte(f->out, '\n');
    }
    return OK;
}

static void amount(const struct filling *f, int64_t value)
{
    if (value == IMPACT_UNKNOWN)
        buf_put(f->out, said(f, W("not known")));
    else
        buf_i64(f->out, value);
}

static struct err impact_fill(const struct filling *f)
{
    struct impact *rows;
    size_t count;
    TRY(store_impact_list(f->db, f->incident->number, f->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        shown_text_write(f->out, rows[i].kind, false);
        buf_put(f->out, S(": "));
        amount(f, rows[i].low);
        buf_put(f->out, S(" - "));
        amount(f, rows[i].high);
        if (rows[i].unit.len > 0)
            buf_printf(f->out, " / 100 %.*s", (int)rows[i].unit.len, rows[i].unit.ptr);
        buf_byte(f->out, '\n');
    }
    return OK;
}

static struct err severity_fill(const struct filling *f)
{
    struct scale_level *rows;
    size_t count;
    buf_printf(f->out, "%s (%lld / 100)\n", store_severity_name(f->incident->severity),
            (long long)f->incident->criticality);
    TRY(store_scale_list(f->db, f->incident->number, f->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        line(f, rows[i].scale, rows[i].level);
    return OK;
}

static struct err indicators_fill(const struct filling *f)
{
    struct incident_observable *rows;
    size_t count;
    TRY(store_incident_observables(f->db, f->incident->number, f->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        buf_printf(f->out, "%.*s ", (int)rows[i].type.len, rows[i].type.ptr);
        shown_value_write(f->out, observable_type_find(rows[i].type), rows[i].value);
        buf_byte(f->out, '\n');
    }
    return OK;
}

/* What was done, from the tasks that are done. */
static struct err handling_fill(const struct filling *f)
{
    struct task *rows;
    size_t count;
    TRY(store_task_list(f->db, f->incident->number, f->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (rows[i].state == TASK_DONE)
            line(f, rows[i].title, rows[i].result);
    return OK;
}

static struct err by_hand(const struct filling *f)
{
    (void)f;
    return OK;
}

/* ---- The table ---- */

static const struct field {
    const char *word, *heading;
    struct err (*fill)(const struct filling *f);
} fields[] = {
        {"reporter", W_C("Who reports"), reporter_fill},
        {"contact", W_C("Whom to ask"), contact_fill},
        {"description", W_C("What happened"), description_fill},
        {"chronology", W_C("When and how it happened"), chronology_fill},
        {"impact", W_C("Impact"), impact_fill},
        {"data", W_C("Data concerned"), by_hand},
        {"persons", W_C("Persons concerned, and how many"), by_hand},
        {"cause", W_C("Cause"), by_hand},
        {"handling", W_C("What was done about it"), handling_fill},
        {"recovery", W_C("How it is recovered from"), by_hand},
        {"malicious", W_C("Whether it is suspected to be unlawful or malicious"), by_hand},
        {"cross-border", W_C("Impact across borders"), by_hand},
        {"severity", W_C("Severity"), severity_fill},
        {"indicators", W_C("What was seen"), indicators_fill},
        {"measures", W_C("Measures taken and planned"), handling_fill},
        {"consequences", W_C("Likely consequences"), by_hand},
        {"late", W_C("If it is late: why"), by_hand},
};

static const struct field *field_find(slice word)
{
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if (slice_eq(word, slice_of(fields[i].word)))
            return &fields[i];
    return NULL;
}

/* ---- The form ---- */

struct forming {
    struct filling filling;
    const struct plan_duty *rule;
    struct buf *out;
    struct json_writer *w; /* NULL: as text */
    size_t *blanks;
};

static slice chosen(const struct forming *forming, slice english, slice other)
{
    return forming->filling.language == LANGUAGE_INDONESIAN && other.len > 0 ? other : english;
}

static void head_put(struct forming *forming)
{
    const struct filling *f = &forming->filling;
    slice title = chosen(forming, forming->rule->title, forming->rule->title_other);
    slice recipient = chosen(forming, forming->rule->recipient, forming->rule->recipient_other);
    slice note = chosen(forming, forming->rule->note, forming->rule->note_other);
    bool exercise = slice_find_slice(f->incident->flags, S("exercise")) < f->incident->flags.len;
    if (forming->w != NULL) {
        json_write_key_u64(forming->w, S("duty"), (uint64_t)f->duty->number);
        json_write_key_u64(forming->w, S("incident"), (uint64_t)f->duty->incident);
        json_write_key_text(forming->w, S("rule"), f->duty->rule);
        json_write_key_text(forming->w, S("version"), f->duty->version);
        json_write_key_text(forming->w, S("language"), slice_of(language_tag(f->language)));
        json_write_key_text(forming->w, S("title"), title);
        json_write_key_text(forming->w, S("source"), forming->rule->source);
        json_write_key_text(forming->w, S("to"), recipient);
        json_write_key_text(forming->w, S("note"), note);
        json_write_key_text(forming->w, S("marking"), f->incident->marking);
        json_write_key(forming->w, S("exercise"));
        json_write_bool(forming->w, exercise);
        json_write_key(forming->w, S("due"));
        json_write_time(forming->w, f->duty->due_us);
        return;
    }
    if (exercise)
        buf_put(f->out, S("EXERCISE EXERCISE EXERCISE\n"));
    buf_printf(f->out, "%.*s - %.*s\n\n", (int)title.len, title.ptr, (int)f->incident->marking.len,
            f->incident->marking.ptr);
    line(f, said(f, W("To")), recipient);
    line(f, said(f, W("By")), forming->rule->source);
    buf_put(f->out, said(f, W("Until")));
    buf_put(f->out, S(": "));
    if (f->duty->due_us == TIME_NONE)
        buf_put(f->out, said(f, W("without undue delay")));
    else
        moment(f, f->duty->due_us);
    buf_byte(f->out, '\n');
    line(f, said(f, W("Note")), note);
}

static void field_put(struct forming *forming, const struct field *field, slice text)
{
    slice heading = said(&forming->filling, slice_of(field->heading));
    *forming->blanks += text.len == 0;
    if (forming->w == NULL) {
        buf_printf(forming->out, "\n== %.*s\n", (int)heading.len, heading.ptr);
        buf_put(forming->out, text);
        if (text.len == 0)
            buf_printf(forming->out, "[%.*s]\n", (int)said(&forming->filling, W("to be filled in")).len,
                    said(&forming->filling, W("to be filled in")).ptr);
        return;
    }
    json_write_object(forming->w);
    json_write_key_text(forming->w, S("name"), slice_of(field->word));
    json_write_key_text(forming->w, S("heading"), heading);
    json_write_key_text(forming->w, S("text"), text);
    json_write_key(forming->w, S("blank"));
    json_write_bool(forming->w, text.len == 0);
    json_write_end(forming->w);
}

static struct err fields_put(struct forming *forming)
{
    for (size_t i = 0; i < forming->rule->content_count; i++) {
        const struct field *field = field_find(forming->rule->content[i]);
        struct buf text = buf_make(FIELD_BYTES_MAX);
        forming->filling.out = &text;
        struct err err = field == NULL ? OK : field->fill(&forming->filling);
        if (err.kind == ERR_NONE)
            err = buf_check(&text);
        if (err.kind == ERR_NONE && field != NULL)
            field_put(forming, field, buf_slice(&text));
        buf_free(&text);
        TRY(err);
    }
    return OK;
}

struct err case_duty_form(struct db *db, const struct duty *duty, enum language language, bool json,
        struct arena *arena, struct buf *out, size_t *blanks)
{
    struct incident incident;
    struct plan_duty rule;
    int64_t own;
    struct json_writer w = json_writer(out);
    struct forming forming = {.filling = {.db = db, .arena = arena, .duty = duty, .language = language, .out = out},
            .rule = &rule,
            .out = out,
            .w = json ? &w : NULL,
            .blanks = blanks};
    *blanks = 0;
    TRY(plan_duty_kept(duty->text, arena, &rule));
    TRY(store_incident_get(db, duty->incident, arena, &incident));
    TRY(store_organisation_own(db, &own));
    TRY(store_organisation_get(db, own, arena, &forming.filling.own));
    TRY(store_organisation_get(db, duty->organisation, arena, &forming.filling.whose));
    forming.filling.incident = &incident;
    if (json)
        json_write_object(&w);
    head_put(&forming);
    if (json) {
        json_write_key(&w, S("fields"));
        json_write_array(&w);
    }
    TRY(fields_put(&forming));
    if (json) {
        json_write_end(&w);
        json_write_end(&w);
    }
    return buf_check(out);
}
