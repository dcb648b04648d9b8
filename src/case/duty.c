/* SPDX-License-Identifier: Apache-2.0 */
#include "case/duty.h"

#include <inttypes.h>
#include <limits.h>

#include "base/arena.h"
#include "desk/fact.h"
#include "desk/notice.h"
#include "store/contact.h"
#include "store/organisation.h"
#include "json/read.h"
#include "json/write.h"

#define REMINDERS_AT_ONCE 100
#define OVER INCIDENT_NOT_ONE /* the first of the states in which no clock begins any more */

static const int64_t steps[] = {50, 75, 90, 100}; /* per cent */

static struct err tell(
        struct work *work, const char *act, const struct duty *duty, const struct desk_fact *facts, size_t count)
{
    struct desk_fact all[8] = {{"incident", slice_of(arena_printf(work->arena, "%" PRId64, duty->incident))},
            {"rule", duty->rule}, {"recipient", duty->recipient}, {"due", time_text(duty->due_us, work->arena)}};
    for (size_t i = 0; i < count; i++)
        all[4 + i] = facts[i];
    return desk_fact_tell(work, act, CASE_DUTY_SUBJECT, duty->number, duty->organisation, all, 4 + count);
}

/* ---- Beginning ---- */

/* When so many per cent of the time are over. */
static int64_t point(const struct duty *duty, int64_t per_cent)
{
    int64_t whole = duty->due_us - duty->starts_us;
    return duty->starts_us + whole / 100 * per_cent + whole % 100 * per_cent / 100;
}

static struct err begin(struct work *work, const struct plan_duty *rule, int64_t incident, int64_t organisation,
        int64_t starts_us, int64_t *number)
{
    struct duty row = {.incident = incident,
            .rule = rule->name,
            .version = rule->version,
            .text = rule->text,
            .organisation = organisation,
            .recipient = rule->recipient,
            .starts_us = starts_us,
            .due_us = plan_duty_due(rule, starts_us),
            .remind_us = TIME_NONE};
    if (row.due_us != TIME_NONE)
        row.remind_us = point(&row, steps[0]);
    TRY(store_duty_add(work, &row, number));
    row.number = *number;
    return tell(work, "duty.begun", &row, (struct desk_fact[]){{"from", time_text(starts_us, work->arena)}}, 1);
}

/* What is known of an incident, and its clocks of every state. */
struct looking {
    const struct plan_duties *rules;
    struct incident incident;
    struct duty *duties;
    size_t count;
};

/* From when a clock of that rule runs; TIME_NONE: from nothing that happened. */
static int64_t start_of(const struct looking *looking, const struct plan_duty *rule, int64_t organisation)
{
    enum incident_when when;
    if (rule->start == PLAN_FROM_TIME)
        return store_incident_when_find(rule->time, &when) ? looking->incident.at[when] : TIME_NONE;
    for (size_t i = looking->count; rule->start == PLAN_FROM_FILED && i-- > 0;) {
        const struct duty *row = &looking->duties[i];
        if (row->organisation == organisation && slice_eq(row->rule, rule->after) && row->filed_us != TIME_NONE)
            return row->filed_us;
    }
    return TIME_NONE;
}

static const struct duty *latest(const struct looking *looking, slice rule, int64_t organisation)
{
    for (size_t i = looking->count; i-- > 0;)
        if (looking->duties[i].organisation == organisation && slice_eq(looking->duties[i].rule, rule))
            return &looking->duties[i];
    return NULL;
}

static struct err ended_as_replaced(struct work *work, const struct duty *row, slice why)
{
    const struct duty_end end = {.state = DUTY_REPLACED,
            .filed_us = TIME_NONE,
            .filed_by = S(""),
            .reference = S(""),
            .why = why,
            .form = S("")};
    TRY(store_duty_end(work, row->number, &end));
    return tell(work, "duty.replaced", row, (struct desk_fact[]){{"why", why}}, 1);
}

/* The moment changed from which it runs: another of the same rule takes its place, if there is such a moment still. */
static struct err replace(struct work *work, const struct looking *looking, const struct duty *row)
{
    struct plan_duty rule;
    int64_t fresh = 0;
    TRY(plan_duty_kept(row->text, work->arena, &rule));
    int64_t starts_us = start_of(looking, &rule, row->organisation);
    if (rule.start == PLAN_FROM_HAND || starts_us == row->starts_us)
        return OK;
    TRY(ended_as_replaced(work, row, S("the moment was changed from which it runs")));
    return starts_us == TIME_NONE ? OK : begin(work, &rule, row->incident, row->organisation, starts_us, &fresh);
}

static struct err begin_of(struct work *work, const struct looking *looking, const struct organisation *whose)
{
    const struct incident *row = &looking->incident;
    const struct plan_facts facts = {.country = whose->country,
            .kind = whose->kind,
            .sector = whose->sector.len > 0 ? whose->sector : row->sector,
            .class = row->class,
            .local_class = row->local_class,
            .severity = slice_of(store_severity_name(row->severity)),
            .criticality = (uint64_t)row->criticality,
            .vital = row->vital,
            .personal_data = row->personal_data};
    for (size_t i = 0; i < looking->rules->count; i++) {
        struct plan_duty rule = looking->rules->rows[i];
        const struct duty *before = latest(looking, rule.name, whose->number);
        int64_t number;
        if (before != NULL && before->state != DUTY_REPLACED)
            continue;
        if (before != NULL)
            TRY(plan_duty_kept(before->text, work->arena, &rule)); /* an incident keeps the rule that it had */
        int64_t starts_us = start_of(looking, &rule, whose->number);
        if (starts_us != TIME_NONE && (before != NULL || plan_duty_meets(&rule, &facts, starts_us)))
            TRY(begin(work, &rule, row->number, whose->number, starts_us, &number));
    }
    return OK;
}

/* Who has to tell: its victims of today; without one, we. */
static struct err begin_all(struct work *work, const struct looking *looking)
{
    struct party *parties;
    struct organisation whose;
    size_t count, victims = 0;
    TRY(store_party_list(work->db, looking->incident.number, work->arena, &parties, &count));
    for (size_t i = 0; i < count; i++) {
        if (parties[i].role != PARTY_VICTIM || parties[i].until_us != TIME_NONE)
            continue;
        TRY(store_organisation_get(work->db, parties[i].organisation, work->arena, &whose));
        TRY(begin_of(work, looking, &whose));
        victims++;
    }
    if (victims > 0)
        return OK;
    TRY(store_organisation_get(work->db, looking->incident.home, work->arena, &whose));
    return begin_of(work, looking, &whose);
}

/* Where a victim has a clock of the same rule, ours from before it was known who was hit ends: somebody has to tell. */
static struct err hand_over(struct work *work, const struct looking *looking)
{
    bool hit;
    int64_t home = looking->incident.home;
    TRY(store_party_is(work->db, looking->incident.number, home, 1u << PARTY_VICTIM, &hit));
    for (size_t i = 0; i < looking->count && !hit; i++) {
        const struct duty *row = &looking->duties[i];
        bool another = false;
        for (size_t j = 0; j < looking->count; j++)
            another |= looking->duties[j].organisation != home && looking->duties[j].state != DUTY_REPLACED &&
                       slice_eq(looking->duties[j].rule, row->rule);
        if (row->organisation == home && row->state == DUTY_RUNNING && another)
            TRY(ended_as_replaced(work, row, S("who was hit has to tell")));
    }
    return OK;
}

struct err case_duty_look(struct work *work, const struct plan_duties *rules, int64_t incident)
{
    struct looking looking = {.rules = rules};
    int64_t own;
    TRY(store_incident_keep(work, incident, &looking.incident));
    TRY(store_organisation_own(work->db, &own));
    if (looking.incident.home != own)
        return OK; /* a partner's: its node has its clocks */
    TRY(store_duty_list(work->db, incident, work->arena, &looking.duties, &looking.count));
    for (size_t i = 0; i < looking.count; i++)
        if (looking.duties[i].state == DUTY_RUNNING)
            TRY(replace(work, &looking, &looking.duties[i]));
    TRY(store_duty_list(work->db, incident, work->arena, &looking.duties, &looking.count));
    if (looking.incident.state >= OVER)
        return OK;
    TRY(begin_all(work, &looking));
    TRY(store_duty_list(work->db, incident, work->arena, &looking.duties, &looking.count));
    return hand_over(work, &looking);
}

/* Of whom it is demanded: one that the rule is for, and that has to do with the incident. */
static struct err demanded_of(
        struct work *work, const struct plan_duty *rule, const struct incident *incident, int64_t *organisation)
{
    struct organisation whose;
    bool fits = rule->kind_count == 0, party = *organisation == 0 || *organisation == incident->home;
    *organisation = *organisation == 0 ? incident->home : *organisation;
    TRY(store_organisation_get(work->db, *organisation, work->arena, &whose));
    if (!party)
        TRY(store_party_is(work->db, incident->number, *organisation, UINT_MAX, &party));
    if (!party)
        return err_format(work->arena, ERR_INPUT, "organisation: %.*s is no party of the incident", (int)whose.name.len,
                whose.name.ptr);
    for (size_t i = 0; i < rule->kind_count; i++)
        fits = fits || slice_eq(rule->kinds[i], whose.kind);
    return fits ? OK
                : err_format(work->arena, ERR_INPUT, "organisation: %.*s is not for a %.*s, which %.*s is",
                          (int)rule->name.len, rule->name.ptr, (int)whose.kind.len, whose.kind.ptr, (int)whose.name.len,
                          whose.name.ptr);
}

struct err case_duty_begin(
        struct work *work, const struct plan_duties *rules, const struct case_duty_demand *demand, int64_t *number)
{
    struct incident row;
    int64_t organisation = demand->organisation;
    const struct plan_duty *found = plan_duty_find(rules, demand->rule);
    TRY(case_incident_mine(work, demand->incident, &row));
    if (found == NULL)
        return err_make(ERR_MISSING, "there is no such rule; `duty rules` has them all");
    if (found->start != PLAN_FROM_HAND || found->draft)
        return err_format(work->arena, ERR_INPUT, "%.*s begins by itself, or is not in force", (int)found->name.len,
                found->name.ptr);
    if (demand->at_us != TIME_NONE && demand->at_us > work->now_us)
        return err_make(ERR_INPUT, "that is still to come");
    TRY(demanded_of(work, found, &row, &organisation));
    return begin(
            work, found, row.number, organisation, demand->at_us == TIME_NONE ? work->now_us : demand->at_us, number);
}

/* ---- Following ---- */

static const char *const acts[] = {"incident.new", "incident.changed", "incident.time", "incident.class",
        "incident.party", "incident.triaged", "incident.opened", "incident.contained", "incident.recovered",
        "incident.closed", "incident.merged", "duty.filed", NULL};

static struct err followed(void *context, struct work *work, const struct journal_row *row)
{
    int64_t number;
    struct duty duty;
    if (!slice_starts(row->subject, S(CASE_DUTY_SUBJECT "/"))) {
        TRY(desk_fact_subject(work->arena, CASE_SUBJECT, row->subject, &number));
        return case_duty_look(work, context, number);
    }
    TRY(desk_fact_subject(work->arena, CASE_DUTY_SUBJECT, row->subject, &number));
    TRY(store_duty_get(work->db, number, work->arena, &duty));
    return case_duty_look(work, context, duty.incident);
}

struct follower case_duty_follower(const struct plan_duties *rules)
{
    return (struct follower){
            .name = "@duty", .context = (struct plan_duties *)(uintptr_t)rules, .row = followed, .acts = acts};
}

/* ---- Reminding ---- */

/* For every contact of our own organisation and whoever is on call; where none can be told, the board and the journal
 * tell all the same. */
static struct err notices_make(struct work *work, const struct duty *duty, int64_t per_cent)
{
    struct plan_duty rule;
    struct incident incident;
    struct organisation whose;
    struct contact *rows;
    int64_t own, number;
    size_t count;
    TRY(plan_duty_kept(duty->text, work->arena, &rule));
    TRY(store_incident_get(work->db, duty->incident, work->arena, &incident));
    TRY(store_organisation_get(work->db, duty->organisation, work->arena, &whose));
    TRY(store_organisation_own(work->db, &own));
    TRY(store_contact_of(work->db, own, false, work->arena, &rows, &count));
    const struct notice_duty about = {.number = duty->number,
            .incident = duty->incident,
            .per_cent = per_cent,
            .title = rule.title,
            .title_other = rule.title_other,
            .recipient = rule.recipient,
            .recipient_other = rule.recipient_other,
            .whose = case_incident_is_for_few(&incident) ? S("") : whose.name,
            .marking = incident.marking};
    struct notice_make make = {.organisation = own, .kind = NOTICE_OF_DUTY, .due_us = duty->due_us, .duty = &about};
    for (size_t i = 0; i < count; i++) {
        make.contact = rows[i].number;
        struct err err = desk_notice_make(work, &make, &number);
        if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
            return err;
    }
    return desk_notice_on_call(work, &make);
}

static struct err remind(struct work *work, void *context)
{
    struct duty row;
    int64_t passed = 0, next_us = TIME_NONE;
    TRY(store_duty_get(work->db, *(const int64_t *)context, work->arena, &row));
    if (row.state != DUTY_RUNNING || row.remind_us == TIME_NONE || row.remind_us > work->now_us)
        return OK; /* it was filed, or another told it, meanwhile */
    for (size_t i = COUNT_OF(steps); i-- > 0;) {
        if (passed == 0 && point(&row, steps[i]) <= work->now_us)
            passed = steps[i];
        if (passed == 0)
            next_us = point(&row, steps[i]);
    }
    TRY(store_duty_reminded(work, row.number, passed, next_us));
    TRY(notices_make(work, &row, passed));
    slice per_cent = slice_of(arena_printf(work->arena, "%" PRId64, passed));
    return tell(work, "duty.reminded", &row, (struct desk_fact[]){{"per-cent", per_cent}}, 1);
}

struct err case_duty_remind(struct db *db, const struct actor *actor, struct arena *arena, size_t *count)
{
    struct duty *rows;
    TRY(store_duty_to_remind(db, clock_now_us(), REMINDERS_AT_ONCE, arena, &rows, count));
    struct err first = OK;
    for (size_t i = 0; i < *count; i++) { /* one that fails keeps nobody else's back */
        struct err err = store_work(db, actor, arena, remind, &rows[i].number);
        if (first.kind == ERR_NONE)
            first = desk_fact_kept(err, arena);
    }
    return first;
}

/* ---- Ending ---- */

/* One of an incident that the actor may act on. */
static struct err duty_reach(
        struct db *db, const struct actor *actor, int64_t number, struct arena *arena, struct duty *row)
{
    struct incident incident;
    TRY(store_duty_get(db, number, arena, row));
    struct err err = case_incident_reach(db, actor, row->incident, arena, &incident);
    return err.kind == ERR_MISSING ? err_make(ERR_MISSING, "there is no such duty") : err;
}

struct err case_duty_file(struct work *work, int64_t duty, slice reference, slice form, slice why)
{
    struct duty row;
    TRY(store_right_check(work->actor, VERB_FILE_DUTIES, 0, work->arena, NULL));
    TRY(duty_reach(work->db, work->actor, duty, work->arena, &row));
    if (row.state != DUTY_RUNNING)
        return err_make(ERR_CONFLICT, "this duty has ended already: it stays as it is");
    TRY(store_text_check(work->arena, "reference", reference, STORE_NAME_MAX));
    if (form.len == 0 || form.len > DUTY_FORM_MAX)
        return err_format(work->arena, ERR_INPUT, "what was filed has 1 to %u bytes", DUTY_FORM_MAX);
    bool late = row.due_us != TIME_NONE && work->now_us > row.due_us;
    if (late && why.len == 0)
        return err_make(ERR_INPUT, "it is late: say why");
    if (why.len > 0)
        TRY(store_text_check(work->arena, "reason", why, STORE_TEXT_MAX));
    const struct duty_end end = {.state = late ? DUTY_LATE : DUTY_MET,
            .filed_us = work->now_us,
            .filed_by = work->actor->name,
            .reference = reference,
            .why = why,
            .form = form};
    TRY(store_duty_end(work, duty, &end));
    const struct desk_fact facts[] = {
            {"state", slice_of(store_duty_state_name(end.state))}, {"reference", reference}, {"why", why}};
    return tell(work, "duty.filed", &row, facts, COUNT_OF(facts));
}

struct err case_duty_waive(struct db *db, const struct actor *actor, int64_t duty, slice why, struct arena *arena,
        struct share_proposal *proposal)
{
    struct duty row;
    struct buf detail = buf_make(APPROVAL_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    bool second;
    TRY(store_right_check(actor, VERB_WAIVE_DUTIES, 0, arena, &second));
    TRY(duty_reach(db, actor, duty, arena, &row));
    json_write_object(&w);
    json_write_key_text(&w, S("rule"), row.rule);
    json_write_key_u64(&w, S("incident"), (uint64_t)row.incident);
    json_write_key_text(&w, S("due"), time_text(row.due_us, arena));
    json_write_key_text(&w, S("why"), why);
    json_write_end(&w);
    slice subject = slice_of(arena_printf(arena, CASE_DUTY_SUBJECT "/%" PRId64, duty));
    struct err err = buf_check(&detail);
    if (err.kind == ERR_NONE)
        err = share_propose(db, actor, "duty.waive", subject, buf_slice(&detail), why, arena, proposal);
    buf_free(&detail);
    return err;
}

struct err case_duty_do_waive(struct work *work, slice subject, slice detail)
{
    struct duty row;
    int64_t number;
    slice why = json_text(json_get(detail, S("why")), work->arena);
    TRY(desk_fact_subject(work->arena, CASE_DUTY_SUBJECT, subject, &number));
    TRY(duty_reach(work->db, work->actor, number, work->arena, &row));
    const struct duty_end end = {.state = DUTY_WAIVED,
            .filed_us = TIME_NONE,
            .filed_by = work->actor->name,
            .reference = S(""),
            .why = why,
            .form = S("")};
    TRY(store_duty_end(work, number, &end));
    return tell(work, "duty.waived", &row, (struct desk_fact[]){{"why", why}}, 1);
}
