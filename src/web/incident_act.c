/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is done with an incident, one row an act: how its form is read, and the verb. The act is the last part of the
 * path; what takes two persons waits under Approvals. A form that was not done stands on the page as it was typed.
 */
#include <inttypes.h>

#include "base/arena.h"
#include "base/observable.h"
#include "case/duty.h"
#include "case/opinion.h"
#include "case/playbook.h"
#include "case/responsible.h"
#include "gate/gate.h"
#include "text/moment.h"
#include "web/incident.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/reported.h"
#include "web/shared.h"

#define BEFORE_MAX 20 /* tasks that one waits for, of a form */

struct doing {
    struct ask *ask;
    struct incident row; /* as it was when the form came */
    slice reason;
    struct share_proposal proposal;
};

static slice typed(const struct doing *doing, const char *name)
{
    return slice_trim(ask_form(doing->ask, slice_of(name)));
}

/* ---- State, fields ---- */

static struct err state_do(struct work *work, struct doing *doing)
{
    enum incident_state state;
    if (!store_incident_state_find(typed(doing, "state"), &state))
        return err_make(ERR_INPUT, W_C("choose a state"));
    return case_incident_state(work, doing->row.number, state, doing->reason);
}

/* Of a field that is sent once for each that was chosen: all of them. */
static struct err words_of(struct work *work, const struct ask *ask, slice name, slice *words)
{
    struct buf all = buf_make(2 * STORE_TEXT_MAX);
    slice value;
    size_t at = 0;
    while (ask_form_each(ask, name, &at, &value)) {
        if (all.len > 0 && value.len > 0)
            buf_byte(&all, ' ');
        buf_put(&all, slice_trim(value));
    }
    struct err err = buf_check(&all);
    *words = arena_copy(work->arena, buf_slice(&all));
    buf_free(&all);
    return err;
}

/* What the incident is set to: of a moment, the one that was typed. */
static struct err value_of(struct work *work, struct doing *doing, slice name, slice *value)
{
    enum incident_when when;
    int64_t us;
    if (slice_eq(name, S("assets")))
        return words_of(work, doing->ask, name, value);
    *value = slice_trim(ask_form(doing->ask, name));
    if (!store_incident_when_find(name, &when) || value->len == 0)
        return OK;
    TRY(worked_moment(doing->ask, name, &us));
    struct buf text = buf_make(64);
    time_write(&text, us);
    *value = arena_copy(work->arena, buf_slice(&text));
    buf_free(&text);
    return OK;
}

static struct err set_do(struct work *work, struct doing *doing)
{
    const char *name;
    for (size_t i = 0; (name = case_incident_field(i)) != NULL; i++) {
        slice value, before;
        if (!worked_has(doing->ask, slice_of(name)))
            continue;
        TRY(value_of(work, doing, slice_of(name), &value));
        TRY(incident_field_value(doing->ask, &doing->row, slice_of(name), &before));
        if (!slice_eq(value, before))
            TRY(case_incident_set(work, doing->row.number, slice_of(name), value, doing->reason));
    }
    return OK;
}

static struct err merge_do(struct work *work, struct doing *doing)
{
    struct incident other;
    int64_t into;
    TRY(worked_number(doing->ask, S("into"), &into));
    TRY(worked_whole(doing->ask, into, &other));
    return case_incident_merge(work, doing->row.number, into, doing->reason);
}

/* ---- What stands around it ---- */

static struct err party_do(struct work *work, struct doing *doing)
{
    enum party_role role;
    int64_t organisation;
    if (!store_party_role_find(typed(doing, "role"), &role))
        return err_make(ERR_INPUT, W_C("choose a role"));
    TRY(worked_organisation(doing->ask, S("organisation"), &organisation));
    if (organisation == 0)
        return err_make(ERR_INPUT, W_C("which organisation?"));
    return slice_eq(typed(doing, "act"), S("end"))
                   ? case_party_end(work, doing->row.number, organisation, role, doing->reason)
                   : case_party_add(work, doing->row.number, organisation, role, doing->reason);
}

/* Belongs to it, or no longer does; what belongs to another incident is not taken out of that one from here. */
static struct err reports_do(struct work *work, struct doing *doing)
{
    struct report row;
    int64_t number;
    TRY(reported_typed(doing->ask, S("report"), &number));
    if (!slice_eq(typed(doing, "act"), S("end")))
        return case_report_link(work, number, doing->row.number);
    TRY(store_report_get(work->db, number, work->arena, &row));
    return row.incident == doing->row.number ? case_report_link(work, number, 0)
                                             : err_make(ERR_INPUT, W_C("that report does not belong to this incident"));
}

static struct err take_do(struct work *work, struct doing *doing)
{
    const struct plan_responsibility *table = doing->ask->gate->options.parts->responsibility;
    return table == NULL ? err_make(ERR_MISSING, "there is no responsibility table")
                         : case_responsible_take(work, table, doing->row.number);
}

/* Without a type, what it looks like. */
static struct err observable_do(struct work *work, struct doing *doing)
{
    slice type = typed(doing, "type"), value = typed(doing, "value");
    struct buf plain = buf_make(STORE_TEXT_MAX);
    if (type.len == 0) {
        enum observable_type looks = observable_guess(observable_refang(value, &plain) ? buf_slice(&plain) : value);
        type = slice_of(looks == OBSERVABLE_NONE ? "" : observable_type_name(looks));
    }
    buf_free(&plain);
    return type.len == 0 ? err_make(ERR_INPUT, W_C("its looks do not tell what it is: choose a type"))
                         : case_observable_add(work, doing->row.number, type, value);
}

/* Whole numbers; of money, of its units. */
static struct err amount_of(struct doing *doing, const char *name, bool money, int64_t *amount)
{
    slice text = typed(doing, name);
    uint64_t read;
    *amount = IMPACT_UNKNOWN;
    if (text.len == 0)
        return OK;
    if (!slice_u64(text, money ? INT64_MAX / 100 : INT64_MAX, &read))
        return err_make(ERR_INPUT, W_C("an amount is a whole number without points; empty: it is not known"));
    *amount = (int64_t)read * (money ? 100 : 1);
    return OK;
}

static struct err impact_do(struct work *work, struct doing *doing)
{
    struct impact put = {.kind = typed(doing, "kind"),
            .unit = typed(doing, "currency"),
            .basis = typed(doing, "basis"),
            .confidence = typed(doing, "confidence")};
    bool money = slice_eq(put.kind, S("loss"));
    int64_t number;
    TRY(amount_of(doing, "least", money, &put.low));
    TRY(amount_of(doing, "most", money, &put.high));
    if (put.high == IMPACT_UNKNOWN)
        put.high = put.low;
    TRY(worked_organisation(doing->ask, S("organisation"), &put.organisation));
    TRY(worked_moment(doing->ask, S("at"), &put.at_us));
    return case_impact_add(work, doing->row.number, &put, &number);
}

static struct err scale_do(struct work *work, struct doing *doing)
{
    slice level = typed(doing, "level"), scale;
    (void)slice_next(&level, ' ', &scale);
    return case_scale_put(work, doing->row.number, scale, level, doing->reason);
}

static struct err link_do(struct work *work, struct doing *doing)
{
    struct incident other;
    int64_t number;
    TRY(worked_number(doing->ask, S("other"), &number));
    TRY(worked_whole(doing->ask, number, &other));
    return case_incident_link(work, doing->row.number, number, typed(doing, "kind"));
}

static struct err audience_of(struct doing *doing, int64_t *audience)
{
    slice text = typed(doing, "audience");
    *audience = slice_eq(text, S("parties")) ? AUDIENCE_PARTIES : AUDIENCE_OWN;
    if (text.len == 0 || slice_eq(text, S("own")) || slice_eq(text, S("parties")))
        return OK;
    return worked_number(doing->ask, S("audience"), audience);
}

/* Of a party's people it is for us and themselves, whatever the form says: the verb sees to that. */
static struct err note_do(struct work *work, struct doing *doing)
{
    slice kind = typed(doing, "kind");
    struct incident_entry put = {.kind = ENTRY_NOTE, .text = typed(doing, "text"), .source = typed(doing, "source")};
    int64_t number;
    if (kind.len > 0 && !store_entry_kind_find(kind, &put.kind))
        return err_make(ERR_INPUT, W_C("choose what it is"));
    TRY(worked_number(doing->ask, S("answers"), &put.answers));
    TRY(worked_moment(doing->ask, S("happened"), &put.happened_us));
    TRY(worked_moment(doing->ask, S("due"), &put.due_us));
    TRY(audience_of(doing, &put.audience));
    return case_entry_add(work, doing->row.number, &put, &number);
}

static struct err opinion_do(struct work *work, struct doing *doing)
{
    struct case_opinion_put put = {
            .opinion = typed(doing, "opinion"), .why = typed(doing, "text"), .about = typed(doing, "about")};
    int64_t number;
    TRY(audience_of(doing, &put.audience));
    return case_opinion(work, doing->row.number, &put, &number);
}

static struct err withdraw_do(struct work *work, struct doing *doing)
{
    int64_t entry;
    TRY(worked_number(doing->ask, S("entry"), &entry));
    return case_entry_withdraw(work, doing->row.number, entry, doing->reason);
}

/* ---- Tasks, playbooks, clocks ---- */

static struct err befores_of(struct doing *doing, struct case_task_put *put, int64_t *befores)
{
    slice rest = typed(doing, "after"), word;
    put->befores = befores;
    while (shared_word_next(&rest, &word)) {
        uint64_t number;
        if (put->before_count == BEFORE_MAX || !slice_u64(word, INT64_MAX, &number))
            return err_make(ERR_INPUT, W_C("numbers of tasks stand between blanks, at most 20"));
        befores[put->before_count++] = (int64_t)number;
    }
    return OK;
}

static struct err task_do(struct work *work, struct doing *doing)
{
    int64_t befores[BEFORE_MAX], number;
    struct case_task_put put = {.incident = doing->row.number,
            .title = typed(doing, "title"),
            .text = typed(doing, "text"),
            .person = typed(doing, "person"),
            .agreed_by = typed(doing, "agreed_by"),
            .step = S("")};
    slice every = typed(doing, "every");
    if (every.len > 0 && !moment_every_read(every, &put.every_us))
        return err_make(ERR_INPUT, W_C("how often it comes again: 4h, 90min or 2d"));
    TRY(worked_organisation(doing->ask, S("organisation"), &put.organisation));
    TRY(worked_moment(doing->ask, S("due"), &put.due_us));
    TRY(befores_of(doing, &put, befores));
    return case_task_add(work, &put, &number);
}

static struct err playbook_do(struct work *work, struct doing *doing)
{
    int64_t playbook;
    size_t tasks;
    TRY(worked_number(doing->ask, S("playbook"), &playbook));
    return case_playbook_start(work, playbook, doing->row.number, &tasks);
}

static struct err duty_do(struct work *work, struct doing *doing)
{
    const struct plan_duties *rules = doing->ask->gate->options.parts->duties;
    struct case_duty_demand demand = {.incident = doing->row.number, .rule = typed(doing, "rule")};
    int64_t number;
    TRY(worked_organisation(doing->ask, S("organisation"), &demand.organisation));
    TRY(worked_moment(doing->ask, S("at"), &demand.at_us));
    return rules == NULL ? err_make(ERR_MISSING, "there are no rules of duties")
                         : case_duty_begin(work, rules, &demand, &number);
}

/* ---- What takes two ---- */

static struct err close_propose(struct doing *doing)
{
    struct ask *ask = doing->ask;
    return case_incident_close(
            ask->db, &ask->who.actor, doing->row.number, doing->reason, ask->arena, &doing->proposal);
}

/* An empty moment: it is not known after all. */
static struct err time_propose(struct doing *doing)
{
    struct ask *ask = doing->ask;
    enum incident_when what;
    int64_t us;
    if (!store_incident_when_find(typed(doing, "what"), &what))
        return err_make(ERR_INPUT, W_C("choose which of the times"));
    TRY(worked_moment(ask, S("at"), &us));
    return case_incident_time(
            ask->db, &ask->who.actor, doing->row.number, what, us, doing->reason, ask->arena, &doing->proposal);
}

static struct err class_propose(struct doing *doing)
{
    struct ask *ask = doing->ask;
    return case_incident_class(ask->db, &ask->who.actor, doing->row.number, typed(doing, "class"),
            typed(doing, "local-class"), doing->reason, ask->arena, &doing->proposal);
}

static struct err widen_propose(struct doing *doing)
{
    struct ask *ask = doing->ask;
    return case_incident_widen(ask->db, &ask->who.actor, doing->row.number, typed(doing, "marking"), doing->reason,
            ask->arena, &doing->proposal);
}

/* ---- The table ---- */

/* `run` in one work, or `propose`; `part`: a party's people may, too. */
static const struct act {
    const char *name, *done;
    struct err (*run)(struct work *work, struct doing *doing);
    struct err (*propose)(struct doing *doing);
    bool wants_reason, part;
} acts[] = {
        {"state", "saved", state_do, NULL, false, false},
        {"set", "saved", set_do, NULL, false, false},
        {"merge", "saved", merge_do, NULL, true, false},
        {"party", "saved", party_do, NULL, true, false},
        {"responsible", "saved", take_do, NULL, false, false},
        {"reports", "saved", reports_do, NULL, false, false},
        {"observable", "saved", observable_do, NULL, false, false},
        {"impact", "saved", impact_do, NULL, false, false},
        {"scale", "saved", scale_do, NULL, true, false},
        {"link", "saved", link_do, NULL, false, false},
        {"note", "written", note_do, NULL, false, true},
        {"opinion", "written", opinion_do, NULL, false, true},
        {"withdraw", "saved", withdraw_do, NULL, false, true},
        {"task", "given", task_do, NULL, false, false},
        {"playbook", "started", playbook_do, NULL, false, false},
        {"duty", "clock-begun", duty_do, NULL, false, false},
        {"close", "saved", NULL, close_propose, true, false},
        {"time", "saved", NULL, time_propose, true, false},
        {"class", "saved", NULL, class_propose, true, false},
        {"widen", "saved", NULL, widen_propose, true, false},
};

static const struct act *act_of(const struct ask *ask)
{
    const char *last = strrchr(ask->route->path, '/') + 1;
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        if (strcmp(acts[i].name, last) == 0)
            return &acts[i];
    return NULL;
}

struct running {
    const struct act *act;
    struct doing *doing;
};

static struct err run(struct work *work, void *context)
{
    const struct running *running = context;
    return running->act->run(work, running->doing);
}

static struct err do_it(struct doing *doing, const struct act *act)
{
    struct ask *ask = doing->ask;
    struct running running = {act, doing};
    doing->reason = typed(doing, "reason");
    if (act->wants_reason)
        TRY(shared_reason(ask, &doing->reason));
    return act->run == NULL ? act->propose(doing) : store_work(ask->db, &ask->who.actor, ask->arena, run, &running);
}

/* Which of the forms was not done, so that its words stand in it and not in the others: "failed": {"note": true}. */
static struct err page_after(struct ask *ask)
{
    const struct act *act = act_of(ask);
    json_write_key(&ask->json, S("failed"));
    json_write_object(&ask->json);
    page_flag(ask, slice_of(act->name), true);
    json_write_end(&ask->json);
    return web_incident(ask);
}

struct err web_incident_act(struct ask *ask)
{
    struct doing doing = {.ask = ask, .proposal = {.done = true}};
    const struct act *act = act_of(ask);
    enum case_sight sight;
    int64_t number;
    TRY(ask_part_number(ask, 0, &number));
    TRY(worked_incident(ask, number, &doing.row, &sight));
    if (act == NULL || (sight == CASE_PART && !act->part))
        return err_make(ERR_MISSING, "there is no such incident");
    const struct shared_form form = {
            outside_path(ask, "/incidents/", number, ""), act->done, NULL, &doing.proposal, page_after};
    return shared_end(ask, &form, do_it(&doing, act));
}
