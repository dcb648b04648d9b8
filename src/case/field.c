/* SPDX-License-Identifier: Apache-2.0 */
#include "case/field.h"

#include "base/arena.h"
#include "case/incident.h"
#include "case/risk.h"
#include "event/rsit.h"
#include "stix/marks.h"
#include "store/user.h"

#define WORD_MAX 64 /* bytes of a word of ours: a sub-class, a sector */
#define ASSETS_MAX (PLAN_RISK_ROWS_MAX * (PLAN_NAME_MAX + 1))

/* ---- What may stand in them ---- */

/* Of the incident core extension. */
static const char *const determinations[] = {
        "suspected", "blocked", "failed-attempt", "false-positive", "low-value", "successful-attempt"};

struct err case_class_check(slice class, struct arena *arena)
{
    return class.len == 0 || rsit_class_find(class) != NULL
                   ? OK
                   : err_format(arena, ERR_INPUT,
                             "class: \"%.*s\" is no taxonomy/type of RSIT, as malicious-code/infected-system",
                             (int)class.len, class.ptr);
}

struct err case_marking_check(slice marking, struct arena *arena)
{
    enum stix_tlp tlp;
    return stix_tlp_find(marking, &tlp) && slice_starts(marking, S("TLP:"))
                   ? OK
                   : err_format(arena, ERR_INPUT,
                             "marking: \"%.*s\" is none of TLP:CLEAR, TLP:GREEN, TLP:AMBER, TLP:AMBER+STRICT, TLP:RED",
                             (int)marking.len, marking.ptr);
}

/* A word of small letters, digits and hyphens; or empty. */
static struct err word_check(const char *what, slice word, struct arena *arena)
{
    bool is = word.len <= WORD_MAX;
    for (size_t i = 0; i < word.len; i++)
        is &= (word.ptr[i] >= 'a' && word.ptr[i] <= 'z') || (word.ptr[i] >= '0' && word.ptr[i] <= '9') ||
              (word.ptr[i] == '-' && i > 0);
    return is ? OK
              : err_format(arena, ERR_INPUT, "%s: a word of small letters, digits and hyphens, at most %d", what,
                        WORD_MAX);
}

const char *case_determination(size_t at)
{
    return at < COUNT_OF(determinations) ? determinations[at] : NULL;
}

static struct err determination_check(slice word, struct arena *arena)
{
    for (size_t i = 0; i < COUNT_OF(determinations); i++)
        if (slice_eq(word, slice_of(determinations[i])))
            return OK;
    return err_format(arena, ERR_INPUT,
            "determination: suspected, blocked, failed-attempt, false-positive, low-value or successful-attempt");
}

static struct err flags_check(slice flags, struct arena *arena)
{
    static const char *const words[] = {"", "exercise", "restricted", "exercise restricted"};
    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (slice_eq(flags, slice_of(words[i])))
            return OK;
    return err_format(arena, ERR_INPUT, "flags: exercise, restricted, or both with a blank between");
}

struct err case_field_check(const struct incident *row, struct arena *arena)
{
    TRY(store_text_check(arena, "title", row->title, STORE_NAME_MAX));
    TRY(case_class_check(row->class, arena));
    TRY(word_check("local-class", row->local_class, arena));
    TRY(word_check("sector", row->sector, arena));
    TRY(case_marking_check(row->marking, arena));
    TRY(determination_check(row->determination, arena));
    TRY(flags_check(row->flags, arena));
    return row->criticality >= 0 && row->criticality <= 100
                   ? OK
                   : err_make(ERR_INPUT, "criticality: a number from 0 to 100");
}

/* ---- The table ---- */

typedef struct err setter(struct work *work, struct incident *row, slice value);

static struct err title_set(struct work *work, struct incident *row, slice value)
{
    (void)work;
    row->title = value;
    return OK;
}

static struct err severity_set(struct work *work, struct incident *row, slice value)
{
    (void)work;
    return store_severity_find(value, &row->severity)
                   ? OK
                   : err_make(ERR_INPUT, "severity: info, low, medium, high or critical");
}

static struct err criticality_set(struct work *work, struct incident *row, slice value)
{
    (void)work;
    uint64_t number;
    if (!slice_u64(value, 100, &number))
        return err_make(ERR_INPUT, "criticality: a number from 0 to 100");
    if (row->criticality >= CASE_CRITICAL_AT && (int64_t)number < CASE_CRITICAL_AT)
        return err_make(ERR_CONFLICT, "it is critical: closing it as such takes two persons, and so it stays");
    row->criticality = (int64_t)number;
    return OK;
}

static struct err determination_set(struct work *work, struct incident *row, slice value)
{
    (void)work;
    row->determination = value;
    return OK;
}

static struct err marking_set(struct work *work, struct incident *row, slice value)
{
    enum stix_tlp is, wanted;
    TRY(case_marking_check(value, work->arena));
    if (stix_tlp_find(row->marking, &is) && stix_tlp_find(value, &wanted) && wanted < is)
        return err_make(ERR_CONFLICT, "marking: made wider by two persons only (incident widen)");
    row->marking = value;
    return OK;
}

static struct err sector_set(struct work *work, struct incident *row, slice value)
{
    (void)work;
    row->sector = value;
    return OK;
}

static struct err truth(const char *field, slice value, struct arena *arena, bool *is)
{
    *is = slice_eq(value, S("yes"));
    return *is || slice_eq(value, S("no")) ? OK : err_format(arena, ERR_INPUT, "%s: yes or no", field);
}

static struct err vital_set(struct work *work, struct incident *row, slice value)
{
    return truth("vital", value, work->arena, &row->vital);
}

static struct err personal_set(struct work *work, struct incident *row, slice value)
{
    return truth("personal-data", value, work->arena, &row->personal_data);
}

static struct err holder_set(struct work *work, struct incident *row, slice value)
{
    struct user user = {0};
    if (value.len > 0)
        TRY(store_user_find(work->db, value, work->arena, &user));
    row->holder = user.number;
    return OK;
}

static struct err class_set(struct work *work, struct incident *row, slice value)
{
    (void)work;
    if (row->class.len > 0)
        return err_make(ERR_CONFLICT, "class: it has one; another is given by two persons (incident class)");
    row->class = value;
    return OK;
}

static struct err local_class_set(struct work *work, struct incident *row, slice value)
{
    (void)work;
    if (row->local_class.len > 0)
        return err_make(ERR_CONFLICT, "local-class: it has one; another is given by two persons (incident class)");
    row->local_class = value;
    return OK;
}

slice case_assets_join(slice assets, slice more, struct arena *arena)
{
    slice word, rest, had;
    while (slice_next(&more, ' ', &word)) {
        bool is = word.len == 0;
        for (rest = assets; !is && slice_next(&rest, ' ', &had);)
            is = slice_eq(had, word);
        if (!is)
            assets = slice_of(arena_printf(arena, "%.*s%s%.*s", (int)assets.len, assets.len > 0 ? assets.ptr : "",
                    assets.len > 0 ? " " : "", (int)word.len, word.ptr));
    }
    return assets;
}

static struct err assets_set(struct work *work, struct incident *row, slice value)
{
    const struct plan_risks *rules = case_risk_held();
    slice rest = value, word;
    if (value.len > ASSETS_MAX)
        return err_format(work->arena, ERR_INPUT, "assets: at most %d bytes", ASSETS_MAX);
    while (slice_next(&rest, ' ', &word))
        if (word.len > 0 && plan_risk_asset_find(rules, word) == NULL)
            return err_format(work->arena, ERR_INPUT,
                    "assets: the rule of risks has no class of assets \"%.*s\" (risk rule)",
                    (int)(word.len < WORD_MAX ? word.len : WORD_MAX), word.ptr);
    row->assets = case_assets_join(S(""), value, work->arena);
    return OK;
}

static const struct field {
    const char *name;
    setter *set;
} fields[] = {
        {"title", title_set},
        {"severity", severity_set},
        {"criticality", criticality_set},
        {"determination", determination_set},
        {"marking", marking_set},
        {"sector", sector_set},
        {"vital", vital_set},
        {"personal-data", personal_set},
        {"holder", holder_set},
        {"class", class_set},
        {"local-class", local_class_set},
        {"assets", assets_set},
};

/* A time that was not told yet. */
static struct err when_set(struct work *work, struct incident *row, enum incident_when when, slice value)
{
    int64_t us;
    if (!time_parse_strict(value, &us))
        return err_format(work->arena, ERR_INPUT, "%s: a moment with its zone, as 2026-11-20T22:40:00+07:00",
                store_incident_when_name(when));
    if (us > work->now_us + MINUTE_US)
        return err_format(work->arena, ERR_INPUT, "%s: that is still to come", store_incident_when_name(when));
    if (row->at[when] != TIME_NONE && row->at[when] != us)
        return err_format(work->arena, ERR_CONFLICT, "%s: it is told already; two persons change it (incident time)",
                store_incident_when_name(when));
    row->at[when] = us;
    return OK;
}

const char *case_incident_field(size_t at)
{
    if (at < COUNT_OF(fields))
        return fields[at].name;
    at -= COUNT_OF(fields);
    return at < INCIDENT_CLOSED_AT ? store_incident_when_name((enum incident_when)at) : NULL;
}

struct err case_field_set(struct work *work, struct incident *row, slice field, slice value)
{
    enum incident_when when;
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        if (slice_eq(field, slice_of(fields[i].name))) {
            TRY(fields[i].set(work, row, value));
            return case_field_check(row, work->arena);
        }
    if (store_incident_when_find(field, &when) && when != INCIDENT_CLOSED_AT)
        return when_set(work, row, when, value);
    return err_format(work->arena, ERR_INPUT, "an incident has no field \"%.*s\" to be set", (int)field.len, field.ptr);
}
