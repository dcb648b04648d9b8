/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields of an incident that people set, as a form: which there are says case/field.h, what each is called and how
 * it is typed says the table here. A form sends those that it has; what is as it was before is not set.
 */
#include <inttypes.h>

#include "base/arena.h"
#include "case/risk.h"
#include "store/user.h"
#include "web/incident.h"
#include "web/page.h"

enum way {
    WAY_TEXT,
    WAY_NUMBER,
    WAY_YES,
    WAY_SEVERITY,
    WAY_MARKING,
    WAY_CLASS,
    WAY_DETERMINATION,
    WAY_ASSETS,
    WAY_MOMENT
};

static const struct row {
    const char *name, *text;
    enum way way;
} rows[] = {
        {"title", W_C("Title, which every party reads"), WAY_TEXT},
        {"severity", W_C("How bad"), WAY_SEVERITY},
        {"criticality", W_C("Criticality, 0 to 100"), WAY_NUMBER},
        {"determination", W_C("What it turned out to be"), WAY_DETERMINATION},
        {"marking", W_C("Marking, narrower only"), WAY_MARKING},
        {"sector", W_C("Sector"), WAY_TEXT},
        {"vital", W_C("Vital information infrastructure"), WAY_YES},
        {"personal-data", W_C("Personal data"), WAY_YES},
        {"holder", W_C("Who has it, a user's name"), WAY_TEXT},
        {"class", W_C("Class"), WAY_CLASS},
        {"local-class", W_C("A sub-class of ours, as ransomware"), WAY_TEXT},
        {"assets", W_C("Classes of assets that it hit, none or several"), WAY_ASSETS},
};

static const struct row *row_of(slice name)
{
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (slice_eq(name, slice_of(rows[i].name)))
            return &rows[i];
    return NULL;
}

struct err incident_field_value(struct ask *ask, const struct incident *row, slice name, slice *value)
{
    const struct {
        const char *name;
        slice text;
    } texts[] = {{"title", row->title}, {"severity", slice_of(store_severity_name(row->severity))},
            {"criticality", slice_of(arena_printf(ask->arena, "%" PRId64, row->criticality))},
            {"determination", row->determination}, {"marking", row->marking}, {"sector", row->sector},
            {"vital", row->vital ? S("yes") : S("no")}, {"personal-data", row->personal_data ? S("yes") : S("no")},
            {"class", row->class}, {"local-class", row->local_class}, {"assets", row->assets}};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (slice_eq(name, slice_of(texts[i].name))) {
            *value = texts[i].text;
            return OK;
        }
    *value = S("");
    return slice_eq(name, S("holder")) ? worked_person(ask, row->holder, value) : OK;
}

/* ---- What may be chosen ---- */

static void asset_choices(struct ask *ask, slice chosen)
{
    const struct plan_risks *rules = case_risk_held();
    for (size_t i = 0; i < rules->asset_count; i++) {
        slice name = rules->assets[i].name, rest = chosen, word;
        bool is = false;
        while (slice_next(&rest, ' ', &word))
            is |= slice_eq(word, name);
        worked_choice(ask, name, case_risk_asset_text(name, ask->language), is);
    }
}

static void choices_of(struct ask *ask, enum way way, slice chosen)
{
    const char *name;
    json_write_key(&ask->json, S("choices"));
    json_write_array(&ask->json);
    for (size_t i = 0; way == WAY_DETERMINATION && (name = case_determination(i)) != NULL; i++)
        worked_choice(ask, slice_of(name), slice_of(name), slice_eq(slice_of(name), chosen));
    if (way == WAY_MARKING)
        worked_marking_choices(ask, chosen);
    if (way == WAY_SEVERITY)
        worked_severity_choices(ask, chosen);
    if (way == WAY_ASSETS)
        asset_choices(ask, chosen);
    if (way == WAY_YES) {
        worked_choice(ask, S("yes"), ask_text(ask, W("yes")), slice_eq(chosen, S("yes")));
        worked_choice(ask, S("no"), ask_text(ask, W("no")), slice_eq(chosen, S("no")));
    }
    json_write_end(&ask->json);
}

/* ---- The form ---- */

static void field_write(struct incident_page *page, slice name, slice text, enum way way, slice value)
{
    struct ask *ask = page->ask;
    bool selects = way >= WAY_YES && way != WAY_CLASS && way != WAY_MOMENT;
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("name"), name);
    json_write_key_text(&ask->json, S("text"), text);
    json_write_key_text(&ask->json, S("value"), value);
    page_flag(ask, S("is_moment"), way == WAY_MOMENT);
    page_flag(ask, S("is_class"), way == WAY_CLASS);
    page_flag(ask, S("is_choice"), selects);
    page_flag(ask, S("is_several"), way == WAY_ASSETS);
    choices_of(ask, way, value);
    json_write_end(&ask->json);
}

/* A class that it has, and times that are told, are changed by two persons, in forms of their own. */
static bool takes_two(const struct incident *row, slice name)
{
    enum incident_when when;
    if (store_incident_when_find(name, &when))
        return row->at[when] != TIME_NONE;
    return (slice_eq(name, S("class")) && row->class.len > 0) ||
           (slice_eq(name, S("local-class")) && row->local_class.len > 0);
}

struct err incident_fields(struct incident_page *page)
{
    struct ask *ask = page->ask;
    const char *name;
    json_write_key(&ask->json, S("fields"));
    json_write_array(&ask->json);
    for (size_t i = 0; page->may && (name = case_incident_field(i)) != NULL; i++) {
        const struct row *row = row_of(slice_of(name));
        enum incident_when when;
        slice value = S("");
        if (takes_two(page->row, slice_of(name)))
            continue;
        TRY(incident_field_value(ask, page->row, slice_of(name), &value));
        if (row != NULL)
            field_write(page, slice_of(name), ask_text(ask, slice_of(row->text)), row->way, value);
        else if (store_incident_when_find(slice_of(name), &when))
            field_write(page, slice_of(name), worked_when_text(ask, when), WAY_MOMENT, value);
    }
    json_write_end(&ask->json);
    if (page->may)
        worked_classes(ask);
    return OK;
}
