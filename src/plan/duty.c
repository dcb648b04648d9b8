/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/duty.h"

#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "plan/shipped.h"

#define MINUTES_MAX (366u * 24 * 60)
#define HOURS_MAX (366u * 24)
#define MONTHS_MAX 24
#define NO_END INT64_MAX

static const char *const times[] = {
        "occurred", "detected", "known", "reported", "acknowledged", "contained", "recovered", "closed"};
static const char *const contents[] = {"reporter", "contact", "description", "chronology", "impact", "data", "persons",
        "cause", "handling", "recovery", "malicious", "cross-border", "severity", "indicators", "measures",
        "consequences", "late"};

const char *plan_content(size_t at)
{
    return at < COUNT_OF(contents) ? contents[at] : NULL;
}

/* ---- Fields ---- */

static bool is_one(slice word, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(word, slice_of(list[i])))
            return true;
    return false;
}

#define TEXT_SET(field)                                                                                                \
    static const char *field##_set(void *thing, slice value, struct arena *arena)                                      \
    {                                                                                                                  \
        (void)arena;                                                                                                   \
        ((struct plan_duty *)thing)->field = value;                                                                    \
        return value.len > 0 ? NULL : "it is empty";                                                                   \
    }
TEXT_SET(title)
TEXT_SET(title_other)
TEXT_SET(source)
TEXT_SET(recipient)
TEXT_SET(recipient_other)
TEXT_SET(note)
TEXT_SET(note_other)

/* A day begins at midnight UTC. */
static const char *day_read(slice value, int64_t *us)
{
    char text[32];
    if (value.len != 10)
        return "a day is as 2026-11-20";
    memcpy(text, value.ptr, 10);
    memcpy(text + 10, "T00:00:00Z", 10);
    return time_parse_strict((slice){text, 20}, us) ? NULL : "a day is as 2026-11-20";
}

static const char *seen_set(void *thing, slice value, struct arena *arena)
{
    (void)arena;
    return day_read(value, &((struct plan_duty *)thing)->seen_us);
}

static const char *from_set(void *thing, slice value, struct arena *arena)
{
    (void)arena;
    return day_read(value, &((struct plan_duty *)thing)->from_us);
}

static const char *until_set(void *thing, slice value, struct arena *arena)
{
    struct plan_duty *duty = thing;
    (void)arena;
    const char *why = day_read(value, &duty->until_us);
    return why == NULL && duty->until_us <= 0 ? "that is before any of these laws" : why;
}

static const char *draft_set(void *thing, slice value, struct arena *arena)
{
    (void)arena;
    return plan_truth(value, &((struct plan_duty *)thing)->draft);
}

static const char *countries_set(void *thing, slice value, struct arena *arena)
{
    struct plan_duty *duty = thing;
    const char *why = plan_words(value, arena, &duty->countries, &duty->country_count);
    for (size_t i = 0; why == NULL && i < duty->country_count; i++)
        if (duty->countries[i].len != 2)
            why = "countries are two small letters each (ISO 3166-1)";
    return why;
}

static const char *sectors_set(void *thing, slice value, struct arena *arena)
{
    struct plan_duty *duty = thing;
    return plan_words(value, arena, &duty->sectors, &duty->sector_count);
}

static const char *kinds_set(void *thing, slice value, struct arena *arena)
{
    struct plan_duty *duty = thing;
    return plan_words(value, arena, &duty->kinds, &duty->kind_count);
}

static const char *classes_set(void *thing, slice value, struct arena *arena)
{
    struct plan_duty *duty = thing;
    return plan_words(value, arena, &duty->classes, &duty->class_count);
}

static const char *only_read(slice value, enum plan_only *only)
{
    bool is;
    const char *why = plan_truth(value, &is);
    *only = is ? PLAN_YES : PLAN_NO;
    return why;
}

static const char *vital_set(void *thing, slice value, struct arena *arena)
{
    (void)arena;
    return only_read(value, &((struct plan_duty *)thing)->vital);
}

static const char *personal_set(void *thing, slice value, struct arena *arena)
{
    (void)arena;
    return only_read(value, &((struct plan_duty *)thing)->personal_data);
}

static const char *severity_set(void *thing, slice value, struct arena *arena)
{
    struct plan_duty *duty = thing;
    (void)arena;
    duty->severity = plan_severity(value);
    return duty->severity > 0 ? NULL : PLAN_SEVERITIES;
}

static const char *criticality_set(void *thing, slice value, struct arena *arena)
{
    return plan_number(value, 0, 100, &((struct plan_duty *)thing)->criticality, arena);
}

static const char *start_set(void *thing, slice value, struct arena *arena)
{
    struct plan_duty *duty = thing;
    (void)arena;
    duty->start = slice_eq(value, S("filed"))     ? PLAN_FROM_FILED
                  : slice_eq(value, S("request")) ? PLAN_FROM_HAND
                                                  : PLAN_FROM_TIME;
    duty->time = value;
    return duty->start != PLAN_FROM_TIME || is_one(value, times, COUNT_OF(times))
                   ? NULL
                   : "a time of the incident (known, reported, closed ...), filed, or request";
}

static const char *after_set(void *thing, slice value, struct arena *arena)
{
    slice *words;
    size_t count;
    const char *why = plan_words(value, arena, &words, &count);
    ((struct plan_duty *)thing)->after = value;
    return why == NULL && count > 1 ? "the name of one duty" : why;
}

static const char *minutes_set(void *thing, slice value, struct arena *arena)
{
    struct plan_duty *duty = thing;
    return duty->minutes > 0 ? "hours are said already" : plan_number(value, 1, MINUTES_MAX, &duty->minutes, arena);
}

static const char *hours_set(void *thing, slice value, struct arena *arena)
{
    struct plan_duty *duty = thing;
    uint64_t hours = 0;
    if (duty->minutes > 0)
        return "minutes are said already";
    const char *why = plan_number(value, 1, HOURS_MAX, &hours, arena);
    duty->minutes = why == NULL ? 60 * hours : 0;
    return why;
}

static const char *months_set(void *thing, slice value, struct arena *arena)
{
    return plan_number(value, 1, MONTHS_MAX, &((struct plan_duty *)thing)->months, arena);
}

static const char *content_set(void *thing, slice value, struct arena *arena)
{
    struct plan_duty *duty = thing;
    const char *why = plan_words(value, arena, &duty->content, &duty->content_count);
    for (size_t i = 0; why == NULL && i < duty->content_count; i++) {
        if (!is_one(duty->content[i], contents, COUNT_OF(contents)))
            why = arena_printf(arena, "\"%.*s\" is nothing that a form can have; see kentongan-duty(1)",
                    (int)(duty->content[i].len < PLAN_NAME_MAX ? duty->content[i].len : PLAN_NAME_MAX),
                    duty->content[i].ptr);
        for (size_t j = 0; why == NULL && j < i; j++)
            if (slice_eq(duty->content[i], duty->content[j]))
                why = "the same is said twice";
    }
    return why;
}

static const char *end(void *thing, struct arena *arena)
{
    struct plan_duty *duty = thing;
    (void)arena;
    if (duty->until_us == 0)
        duty->until_us = NO_END;
    if (duty->until_us <= duty->from_us)
        return "it ends before it begins";
    if (duty->minutes > 0 && duty->months > 0)
        return "a clock has hours, minutes or months, not two of them";
    return (duty->after.len > 0) == (duty->start == PLAN_FROM_FILED)
                   ? NULL
                   : "start = filed says after which duty, and nothing else does";
}

static const struct plan_field fields[] = {
        {"title", true, title_set},
        {"title-id", false, title_other_set},
        {"source", true, source_set},
        {"seen", true, seen_set},
        {"from", true, from_set},
        {"until", false, until_set},
        {"draft", false, draft_set},
        {"countries", false, countries_set},
        {"sectors", false, sectors_set},
        {"kinds", false, kinds_set},
        {"classes", false, classes_set},
        {"vital", false, vital_set},
        {"personal-data", false, personal_set},
        {"severity", false, severity_set},
        {"criticality", false, criticality_set},
        {"start", true, start_set},
        {"after", false, after_set},
        {"minutes", false, minutes_set},
        {"hours", false, hours_set},
        {"months", false, months_set},
        {"recipient", true, recipient_set},
        {"recipient-id", false, recipient_other_set},
        {"content", true, content_set},
        {"note", false, note_set},
        {"note-id", false, note_other_set},
};
static const struct plan_kind kind = {"duty", sizeof(struct plan_duty), fields, COUNT_OF(fields), end};

/* ---- Files ---- */

/* Where reading a text for its sections is; they come in the order of the rules, so that each byte is seen once. */
struct sections {
    slice text;
    size_t at, line; /* of the next line, from 0 */
};

static slice line_next(struct sections *in)
{
    size_t end = in->at + slice_find(slice_from(in->text, in->at), '\n');
    slice line = slice_trim(slice_part(in->text, in->at, end));
    in->at = end < in->text.len ? end + 1 : end;
    in->line++;
    return line;
}

/* The lines of [duty NAME], up to the next section; *line: where it begins. */
static slice section_next(struct sections *in, slice name, size_t *line)
{
    bool found = false;
    while (!found && in->at < in->text.len) {
        slice row = line_next(in);
        slice is = row.len < 2 || row.ptr[0] != '[' ? S("") : slice_trim(slice_part(row, 1, row.len - 1));
        found = slice_starts(is, S("duty ")) && slice_eq(slice_from(is, 5), name);
        *line = in->line;
    }
    size_t begins = in->at;
    while (in->at < in->text.len) {
        struct sections next = *in;
        slice row = line_next(&next);
        if (row.len > 0 && row.ptr[0] == '[')
            break;
        *in = next;
    }
    return slice_part(in->text, begins, in->at);
}

static slice kept_text(const struct plan_file *file, slice name, slice section, struct arena *arena)
{
    return slice_of(arena_printf(arena, "[file]\nversion = %.*s\nsource = %.*s\n\n[duty %.*s]\n%.*s",
            (int)file->version.len, file->version.ptr, (int)file->source.len, file->source.ptr, (int)name.len, name.ptr,
            (int)section.len, section.ptr));
}

struct err plan_duty_read(
        const char *name, slice text, plan_say *say, void *context, struct arena *arena, struct plan_duties *duties)
{
    struct plan_file file;
    struct sections in = {.text = text};
    TRY(plan_read(name, text, &kind, say, context, arena, &file));
    const struct plan_duties read = {file.things, file.count};
    for (size_t i = 0; i < read.count; i++) {
        struct plan_duty *row = &read.rows[i];
        size_t line = 1;
        slice section = section_next(&in, row->name, &line);
        if (row->start == PLAN_FROM_FILED && plan_duty_find(&read, row->after) == NULL)
            return err_format(arena, ERR_INPUT, "%s:%zu:1: after: this file has no duty \"%.*s\"", name, line,
                    (int)row->after.len, row->after.ptr);
        row->version = file.version;
        row->text = kept_text(&file, row->name, section, arena);
    }
    *duties = read;
    return arena_check(arena);
}

struct err plan_duty_kept(slice text, struct arena *arena, struct plan_duty *duty)
{
    struct plan_file file;
    TRY(plan_read("the rule of a duty", text, &kind, NULL, NULL, arena, &file));
    if (file.count != 1)
        return err_make(ERR_INPUT, "the rule of a duty is one rule");
    *duty = *(struct plan_duty *)file.things;
    duty->version = file.version;
    duty->text = text;
    return OK;
}

const struct plan_duty *plan_duty_find(const struct plan_duties *duties, slice name)
{
    for (size_t i = 0; i < duties->count; i++)
        if (slice_eq(duties->rows[i].name, name))
            return &duties->rows[i];
    return NULL;
}

struct plan_duties plan_duty_merge(
        const struct plan_duties *own, const struct plan_duties *shipped, struct arena *arena)
{
    struct plan_duties all = {arena_new(arena, struct plan_duty, own->count + shipped->count), own->count};
    if (own->count > 0)
        memcpy(all.rows, own->rows, own->count * sizeof *own->rows);
    for (size_t i = 0; i < shipped->count; i++)
        if (plan_duty_find(own, shipped->rows[i].name) == NULL)
            all.rows[all.count++] = shipped->rows[i];
    return all;
}

/* ---- Which clocks begin ---- */

static bool listed(const slice *list, size_t count, slice word)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq_fold(list[i], word))
            return true;
    return count == 0;
}

/* A class as a whole, or "malicious-code/": all of a kind. */
static bool classed(const struct plan_duty *duty, const struct plan_facts *facts)
{
    for (size_t i = 0; i < duty->class_count; i++) {
        slice class = duty->classes[i];
        if (slice_eq(class, facts->class) || slice_eq(class, facts->local_class) ||
                (slice_ends(class, S("/")) && slice_starts(facts->class, class)))
            return true;
    }
    return duty->class_count == 0;
}

static bool is_so(enum plan_only only, bool is)
{
    return only == PLAN_ANY || (only == PLAN_YES) == is;
}

bool plan_duty_meets(const struct plan_duty *duty, const struct plan_facts *facts, int64_t start_us)
{
    return !duty->draft && start_us >= duty->from_us && start_us < duty->until_us &&
           listed(duty->countries, duty->country_count, facts->country) &&
           listed(duty->sectors, duty->sector_count, facts->sector) &&
           listed(duty->kinds, duty->kind_count, facts->kind) && classed(duty, facts) &&
           is_so(duty->vital, facts->vital) && is_so(duty->personal_data, facts->personal_data) &&
           plan_severity(facts->severity) >= duty->severity && facts->criticality >= duty->criticality;
}

/* The same day of a later month at the same time of the day, or the last that it has (UTC). */
static int64_t months_later(int64_t us, uint64_t months)
{
    int64_t day = us / DAY_US - (us % DAY_US < 0), rest = us - day * DAY_US;
    int64_t month = time_month_of(day), later = month + (int64_t)months;
    int64_t at = time_month_begins(later) + (day - time_month_begins(month)), last = time_month_begins(later + 1) - 1;
    return (at < last ? at : last) * DAY_US + rest;
}

int64_t plan_duty_due(const struct plan_duty *duty, int64_t start_us)
{
    if (duty->months > 0)
        return months_later(start_us, duty->months);
    return duty->minutes == 0 ? TIME_NONE : start_us + (int64_t)duty->minutes * MINUTE_US;
}

/* ---- What comes with the program ---- */

struct err plan_duty_shipped(struct arena *arena, struct plan_duties *all)
{
    *all = (struct plan_duties){0};
    for (size_t i = 0; i < plan_shipped_count; i++) {
        struct plan_duties more;
        if (!slice_starts(slice_of(plan_shipped[i].name), S("duties/")))
            continue;
        TRY(plan_duty_read(plan_shipped[i].name, slice_of(plan_shipped[i].text), NULL, NULL, arena, &more));
        *all = plan_duty_merge(all, &more, arena);
    }
    return OK;
}
