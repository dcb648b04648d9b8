/* SPDX-License-Identifier: Apache-2.0 */
#include "web/worked.h"

#include "base/arena.h"
#include "base/clock.h"
#include "stix/marks.h"
#include "store/organisation.h"
#include "store/user.h"
#include "web/page.h"
#include "web/row.h"

/* ---- Who sees what ---- */

struct err worked_incident(struct ask *ask, int64_t number, struct incident *row, enum case_sight *sight)
{
    TRY(store_incident_get(ask->db, number, ask->arena, row));
    TRY(case_sees(ask->db, &ask->who.actor, row, ask->arena, sight));
    return *sight == CASE_NOTHING ? err_make(ERR_MISSING, "there is no such incident") : OK;
}

struct err worked_whole(struct ask *ask, int64_t number, struct incident *row)
{
    enum case_sight sight;
    TRY(worked_incident(ask, number, row, &sight));
    return sight == CASE_ALL ? OK : err_make(ERR_MISSING, "there is no such incident");
}

struct err worked_need(const struct ask *ask, bool *all)
{
    const struct actor *actor = &ask->who.actor;
    *all = warned_may(ask, VERB_READ_INCIDENTS, 0);
    return *all ? OK : store_right_check(actor, VERB_READ_INCIDENTS, actor->organisation, ask->arena, NULL);
}

bool worked_may(const struct ask *ask)
{
    return warned_may(ask, VERB_WORK_INCIDENTS, 0);
}

/* ---- Words ---- */

struct label {
    const char *text, *look;
};

static const struct label states[INCIDENT_STATES] = {
        [INCIDENT_NEW] = {W_C("new"), "warn"},
        [INCIDENT_TRIAGED] = {W_C("triaged"), "warn"},
        [INCIDENT_OPEN] = {W_C("open"), "warn"},
        [INCIDENT_CONTAINED] = {W_C("contained"), ""},
        [INCIDENT_RECOVERED] = {W_C("recovered"), "good"},
        [INCIDENT_CLOSED] = {W_C("closed"), "off"},
        [INCIDENT_PUBLISHED] = {W_C("closed, its lesson is out"), "off"},
        [INCIDENT_NOT_ONE] = {W_C("no incident"), "off"},
        [INCIDENT_DUPLICATE] = {W_C("the same as another"), "off"},
        [INCIDENT_TRANSFERRED] = {W_C("transferred"), "off"},
};

static const struct label task_states[TASK_STATES] = {
        [TASK_TO_DO] = {W_C("to do"), ""},
        [TASK_DOING] = {W_C("being done"), "warn"},
        [TASK_WAITING] = {W_C("waits"), "warn"},
        [TASK_DONE] = {W_C("done"), "good"},
        [TASK_CANCELLED] = {W_C("cancelled"), "off"},
};

static const struct label duty_states[DUTY_STATES] = {
        [DUTY_RUNNING] = {W_C("runs"), "warn"},
        [DUTY_MET] = {W_C("filed in time"), "good"},
        [DUTY_LATE] = {W_C("filed late"), "bad"},
        [DUTY_WAIVED] = {W_C("waived by two persons"), "off"},
        [DUTY_REPLACED] = {W_C("replaced by another clock"), "off"},
};

static const char *const whens[INCIDENT_WHENS] = {
        [INCIDENT_OCCURRED_AT] = W_C("Happened"),
        [INCIDENT_DETECTED_AT] = W_C("Detected"),
        [INCIDENT_KNOWN_AT] = W_C("Became known"),
        [INCIDENT_REPORTED_AT] = W_C("Reported"),
        [INCIDENT_ACKNOWLEDGED_AT] = W_C("Acknowledged"),
        [INCIDENT_CONTAINED_AT] = W_C("Contained"),
        [INCIDENT_RECOVERED_AT] = W_C("Recovered"),
        [INCIDENT_CLOSED_AT] = W_C("Closed"),
};

static const char *const roles[PARTY_ROLES] = {
        [PARTY_VICTIM] = W_C("victim"),
        [PARTY_SUPPLIER] = W_C("supplier"),
        [PARTY_LEAD] = W_C("leads"),
        [PARTY_SUPPORT] = W_C("supports"),
        [PARTY_INFORMED] = W_C("is informed"),
        [PARTY_LIAISON] = W_C("liaison: sees the evidence that is handed over"),
};

static const char *const kinds[ENTRY_KINDS] = {
        [ENTRY_EVENT] = W_C("It happened"),
        [ENTRY_NOTE] = W_C("Note"),
        [ENTRY_QUESTION] = W_C("Question"),
        [ENTRY_ANSWER] = W_C("Answer"),
        [ENTRY_OPINION] = W_C("Opinion"),
};

static void write_state(struct ask *ask, const char *word, const struct label *label)
{
    json_write_key_text(&ask->json, S("state"), slice_of(word));
    json_write_key_text(&ask->json, S("state_text"), ask_text(ask, slice_of(label->text)));
    json_write_key_text(&ask->json, S("look"), slice_of(label->look));
}

void worked_incident_state(struct ask *ask, enum incident_state state)
{
    write_state(ask, store_incident_state_name(state), &states[state]);
}

void worked_task_state(struct ask *ask, enum task_state state)
{
    write_state(ask, store_task_state_name(state), &task_states[state]);
}

void worked_duty_state(struct ask *ask, const struct duty *duty)
{
    static const struct label overdue = {W_C("overdue"), "bad"};
    bool over = duty->state == DUTY_RUNNING && duty->due_us != TIME_NONE && duty->due_us < clock_now_us();
    write_state(
            ask, over ? "overdue" : store_duty_state_name(duty->state), over ? &overdue : &duty_states[duty->state]);
}

slice worked_state_text(const struct ask *ask, enum incident_state state)
{
    return ask_text(ask, slice_of(states[state].text));
}

slice worked_when_text(const struct ask *ask, enum incident_when when)
{
    return ask_text(ask, slice_of(whens[when]));
}

slice worked_role_text(const struct ask *ask, enum party_role role)
{
    return ask_text(ask, slice_of(roles[role]));
}

slice worked_kind_text(const struct ask *ask, enum entry_kind kind)
{
    return ask_text(ask, slice_of(kinds[kind]));
}

slice worked_task_text(const struct ask *ask, enum task_state state)
{
    return ask_text(ask, slice_of(task_states[state].text));
}

void worked_class(struct ask *ask, const struct incident *row)
{
    json_write_key_text(&ask->json, S("class"), row->class);
    json_write_key_text(&ask->json, S("class_text"), warned_class_text(ask, row->class));
    json_write_key_text(&ask->json, S("local_class"), row->local_class);
}

void worked_marking(struct ask *ask, slice marking)
{
    enum stix_tlp tlp = TLP_NONE;
    (void)stix_tlp_find(marking, &tlp);
    row_write_tlp(ask, tlp);
}

struct err worked_person(struct ask *ask, int64_t person, slice *name)
{
    struct user user = {.name = S("")};
    if (person != 0)
        TRY(store_user_get(ask->db, person, ask->arena, &user));
    *name = user.name;
    return OK;
}

/* ---- An incident as a row ---- */

static bool is_restricted(const struct incident *row)
{
    return slice_find_slice(row->flags, S("restricted")) < row->flags.len;
}

static struct err write_ours(struct outside *outside, const struct incident *row)
{
    struct ask *ask = outside->ask;
    slice holder;
    TRY(worked_person(ask, row->holder, &holder));
    json_write_key_u64(&ask->json, S("criticality"), (uint64_t)row->criticality);
    json_write_key_text(&ask->json, S("holder"), holder);
    page_flag(ask, S("is_mine"), row->holder != 0 && row->holder == ask->who.actor.user);
    page_flag(ask, S("is_restricted"), is_restricted(row));
    return OK;
}

struct err worked_row(struct outside *outside, const struct incident *row, enum case_sight sight)
{
    struct ask *ask = outside->ask;
    json_write_key_u64(&ask->json, S("number"), (uint64_t)row->number);
    json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/incidents/", row->number, "")));
    outside_write_value(outside, S("title"), row->title, OUTSIDE_LINE);
    worked_incident_state(ask, row->state);
    warned_severity(ask, row->severity);
    worked_class(ask, row);
    worked_marking(ask, row->marking);
    page_moment(ask, S("opened"), row->opened_us);
    outside_ago(ask, S("age"), row->opened_us);
    return sight == CASE_ALL ? write_ours(outside, row) : OK;
}

/* ---- Forms ---- */

void worked_choice(struct ask *ask, slice name, slice text, bool chosen)
{
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("name"), name);
    json_write_key_text(&ask->json, S("text"), text);
    page_flag(ask, S("chosen"), chosen);
    json_write_end(&ask->json);
}

void worked_classes(struct ask *ask)
{
    const char *class;
    json_write_key(&ask->json, S("classes"));
    json_write_array(&ask->json);
    for (size_t i = 0; (class = warned_class(i)) != NULL; i++)
        worked_choice(ask, slice_of(class), warned_class_text(ask, slice_of(class)),
                slice_eq(slice_of(class), ask_query(ask, S("class"))));
    json_write_end(&ask->json);
}

void worked_severity_choices(struct ask *ask, slice chosen)
{
    for (enum severity i = 0; i < SEVERITIES; i++)
        worked_choice(ask, slice_of(store_severity_name(i)), warned_severity_text(ask, i),
                slice_eq(slice_of(store_severity_name(i)), chosen));
}

void worked_marking_choices(struct ask *ask, slice chosen)
{
    static const char *const labels[] = {"TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"};
    for (size_t i = 0; i < COUNT_OF(labels); i++)
        worked_choice(ask, slice_of(labels[i]), slice_of(labels[i]), slice_eq(slice_of(labels[i]), chosen));
}

struct err worked_organisations(struct ask *ask)
{
    struct outside outside = outside_begin(ask, WORKED_OFFERED * OUTSIDE_NAME);
    struct organisation *rows;
    size_t count;
    TRY(store_organisation_list(ask->db, 0, WORKED_OFFERED, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("organisations"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        json_write_object(&ask->json);
        outside_write(&outside, S("name"), rows[i].name, OUTSIDE_NAME);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    return OK;
}

void worked_zone(struct ask *ask)
{
    json_write_key_text(&ask->json, S("zone"), slice_of(zone_name(page_zone(ask))));
}

struct err worked_moment_of(const struct ask *ask, slice name, slice typed, int64_t *us)
{
    *us = TIME_NONE;
    return typed.len == 0 || moment_read(typed, page_zone(ask), us)
                   ? OK
                   : err_format(ask->arena, ERR_INPUT, "%.*s: a moment is written as 2026-11-20T22:40", (int)name.len,
                             name.ptr);
}

struct err worked_moment(const struct ask *ask, slice name, int64_t *us)
{
    return worked_moment_of(ask, name, slice_trim(ask_form(ask, name)), us);
}

struct err worked_organisation(const struct ask *ask, slice name, int64_t *organisation)
{
    slice typed = slice_trim(ask_form(ask, name));
    *organisation = 0;
    if (typed.len == 0)
        return OK;
    struct err err = store_organisation_find(ask->db, typed, organisation);
    return err.kind == ERR_MISSING ? err_make(ERR_INPUT, W_C("there is no organisation of that name")) : err;
}

struct err worked_number(const struct ask *ask, slice name, int64_t *number)
{
    slice typed = slice_trim(ask_form(ask, name));
    uint64_t read = 0;
    if (typed.len > 0 && !slice_u64(typed, INT64_MAX, &read))
        return err_format(ask->arena, ERR_INPUT, "%.*s: that is no whole number", (int)name.len, name.ptr);
    *number = (int64_t)read;
    return OK;
}

slice worked_moment_text(const struct ask *ask, int64_t us)
{
    struct buf text = buf_make(128);
    moment_write(&text, us, page_zone(ask), ask->language);
    slice kept = arena_copy(ask->arena, buf_slice(&text));
    buf_free(&text);
    return kept;
}

slice worked_local_text(const struct ask *ask, int64_t us)
{
    struct buf text = buf_make(32);
    if (us != TIME_NONE)
        moment_local_write(&text, us, page_zone(ask));
    slice kept = arena_copy(ask->arena, buf_slice(&text));
    buf_free(&text);
    return kept;
}

void worked_local(struct ask *ask, slice key, int64_t us)
{
    json_write_key_text(&ask->json, key, worked_local_text(ask, us));
}

bool worked_has(const struct ask *ask, slice name)
{
    size_t at = 0;
    slice value;
    return ask_form_each(ask, name, &at, &value);
}
