/* SPDX-License-Identifier: Apache-2.0 */
/* What people of ours make of a report: whose it is, what it is, to which incident it belongs. */
#include <inttypes.h>

#include "base/arena.h"
#include "case/field.h"
#include "case/report_parts.h"
#include "store/user.h"

/* Kept, and the actor may work on it and sees it. */
struct err case_report_hold(struct work *work, int64_t report, struct report *row)
{
    enum case_sight sight;
    TRY(store_right_check(work->actor, VERB_WORK_INCIDENTS, 0, work->arena, NULL));
    TRY(store_report_keep(work, report, row));
    TRY(case_report_sees(work->actor, row, work->arena, &sight));
    return sight == CASE_ALL ? OK : err_make(ERR_MISSING, "there is no such report");
}

static struct err change_tell(
        struct work *work, const struct report *row, const char *act, const struct desk_fact *facts, size_t count)
{
    TRY(store_report_change(work, row));
    return case_report_tell(work, act, row, facts, count);
}

struct err case_report_assign(struct work *work, int64_t report, int64_t person)
{
    struct report row;
    struct user user = {.name = S("")};
    TRY(case_report_hold(work, report, &row));
    if (person != 0)
        TRY(store_user_get(work->db, person, work->arena, &user));
    row.holder = person;
    return change_tell(work, &row, "report.assigned", (struct desk_fact[]){{"holder", user.name}}, 1);
}

struct err case_report_classify(struct work *work, int64_t report, slice class, enum severity severity)
{
    struct report row;
    TRY(case_report_hold(work, report, &row));
    TRY(case_class_check(class, work->arena));
    row.class = class;
    row.class_rule = S("");
    row.severity = severity;
    const struct desk_fact facts[] = {{"class", class}, {"severity", slice_of(store_severity_name(severity))}};
    return change_tell(work, &row, "report.classified", facts, COUNT_OF(facts));
}

/* ---- Incidents ---- */

/* What was found goes along: an incident knows all that any of its reports told. */
static struct err found_give(struct work *work, int64_t report, int64_t incident)
{
    struct report_observable *rows;
    size_t count;
    TRY(store_report_observables(work->db, report, work->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        TRY(store_incident_observable_add(work, incident, rows[i].type, rows[i].value));
    return OK;
}

/* Those that were merged with it; what is merged further is merged with the same one (case_report_merge). */
static struct err merged_link(
        struct work *work, int64_t report, int64_t incident, enum report_state state, uint64_t *merged)
{
    struct report *rows;
    size_t count = incident == 0 ? 0 : STORE_PAGE_MAX;
    for (int64_t after = 0; count == STORE_PAGE_MAX;) {
        TRY(store_report_merged_after(work->db, report, after, work->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            TRY(found_give(work, rows[i].number, incident));
            after = rows[i].number;
        }
    }
    return store_report_merged_link(work, report, incident, state, merged);
}

/* One row of the journal tells of it and of how many were merged with it: there may be thousands. */
static struct err link_all(struct work *work, struct report *row, int64_t incident)
{
    enum report_state state = incident == 0 ? REPORT_ACKNOWLEDGED : REPORT_LINKED;
    uint64_t merged;
    row->incident = incident;
    row->state = row->state == REPORT_CLOSED ? REPORT_CLOSED : state;
    if (incident != 0)
        TRY(found_give(work, row->number, incident));
    TRY(merged_link(work, row->number, incident, state, &merged));
    const struct desk_fact facts[] = {
            {"incident", case_report_count(work, incident)}, {"merged", case_report_count(work, (int64_t)merged)}};
    TRY(change_tell(work, row, incident == 0 ? "report.unlinked" : "report.linked", facts, COUNT_OF(facts)));
    if (incident == 0)
        return OK;
    const struct desk_fact told[] = {{"report", case_report_count(work, row->number)},
            {"channel", slice_of(store_report_channel_name(row->channel))},
            {"merged", case_report_count(work, (int64_t)merged)}};
    return desk_fact_tell(
            work, "incident.report", CASE_SUBJECT, incident, work->actor->organisation, told, COUNT_OF(told));
}

struct err case_report_link(struct work *work, int64_t report, int64_t incident)
{
    struct report row;
    struct incident other;
    TRY(case_report_hold(work, report, &row));
    if (incident != 0) {
        TRY(case_report_may_belong(&row));
        TRY(case_incident_mine(work, incident, &other));
    }
    return row.incident == incident ? OK : link_all(work, &row, incident);
}

/* Of the words of a report those that an incident has, too. */
static slice flags_of(const struct report *row)
{
    bool exercise = slice_find_slice(row->flags, S("exercise")) < row->flags.len;
    bool restricted = slice_find_slice(row->flags, S("restricted")) < row->flags.len;
    return exercise ? restricted ? S("exercise restricted") : S("exercise") : restricted ? S("restricted") : S("");
}

struct err case_report_open(struct work *work, int64_t report, slice title, int64_t *incident)
{
    struct report row;
    TRY(case_report_hold(work, report, &row));
    TRY(case_report_may_belong(&row));
    if (row.incident != 0)
        return err_format(work->arena, ERR_CONFLICT, "it belongs to incident %" PRId64 " already", row.incident);
    slice named = title.len > 0 ? title : row.subject;
    if (slice_trim(named).len == 0)
        named = slice_of(arena_printf(work->arena, "KTG %.*s", (int)row.reference.len, row.reference.ptr));
    struct case_incident_put put = {.title = store_text_keep(work->arena, named, STORE_NAME_MAX),
            .class = row.class,
            .flags = flags_of(&row),
            .severity = row.severity};
    for (enum incident_when i = 0; i < INCIDENT_WHENS; i++)
        put.at[i] = TIME_NONE;
    put.at[INCIDENT_OCCURRED_AT] = row.occurred_us;
    put.at[INCIDENT_REPORTED_AT] = row.received_us;
    TRY(case_incident_open(work, &put, incident));
    if (row.organisation != 0)
        TRY(case_party_add(work, *incident, row.organisation, PARTY_VICTIM, S("it reported")));
    return link_all(work, &row, *incident);
}

/* ---- The same, or not ---- */

struct err case_report_merge(struct work *work, int64_t report, int64_t into, slice why)
{
    struct report row, other;
    TRY(case_report_hold(work, report, &row));
    TRY(case_report_hold(work, into, &other));
    if (report == into)
        return err_make(ERR_INPUT, "these two are one report already");
    if (other.same_as != 0)
        return err_format(work->arena, ERR_CONFLICT, "report %" PRId64 " was merged with %" PRId64 " itself", into,
                other.same_as);
    if (!case_report_is_opinion(&row) || !case_report_is_opinion(&other)) {
        TRY(case_report_may_belong(&row)); /* what it is merged with may come to an incident */
        TRY(case_report_may_belong(&other));
    }
    if (row.incident != 0 && other.incident != 0 && row.incident != other.incident)
        return err_make(ERR_CONFLICT, "they belong to two incidents: merge those, or unlink one of the reports");
    if (row.incident == 0 && other.incident != 0)
        TRY(link_all(work, &row, other.incident));
    if (other.incident == 0 && row.incident != 0)
        TRY(link_all(work, &other, row.incident));
    TRY(store_report_merged_move(work, report, into)); /* one step leads from each to the one that is kept */
    row.same_as = into;
    TRY(store_report_alike_say(work, report, into, ALIKE_SAME));
    const struct desk_fact facts[] = {{"into", case_report_count(work, into)}, {"why", why}};
    return change_tell(work, &row, "report.merged", facts, COUNT_OF(facts));
}

struct err case_report_differs(struct work *work, int64_t report, int64_t other)
{
    struct report row, second;
    TRY(case_report_hold(work, report, &row));
    TRY(case_report_hold(work, other, &second));
    if (report == other)
        return err_make(ERR_INPUT, "these two are one report");
    TRY(store_report_alike_say(work, report, other, ALIKE_DIFFERENT));
    return case_report_tell(
            work, "report.different", &row, (struct desk_fact[]){{"other", case_report_count(work, other)}}, 1);
}

struct err case_report_close(struct work *work, int64_t report, slice why)
{
    struct report row;
    TRY(case_report_hold(work, report, &row));
    TRY(store_text_check(work->arena, "why it is closed", why, STORE_TEXT_MAX));
    if (row.state == REPORT_CLOSED)
        return OK;
    row.state = REPORT_CLOSED;
    return change_tell(work, &row, "report.closed", (struct desk_fact[]){{"why", why}}, 1);
}
