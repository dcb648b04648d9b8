/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Objects of a partner become rows: by type in the order of the table at the end, so that an incident is there before
 * what belongs to it; what comes before its incident all the same is read when that comes. Only what the partner itself
 * created counts, and only where it has a word: its own incidents, and those of ours to which it is a party. A value
 * that none of our fields could hold is left out of the row and stays in the object, which is kept as it came.
 *
 * A row is made of the version that counts and of nothing else, so that it is the same in whatever order versions came.
 * One that its writer revoked stays, withdrawn.
 */
#include <inttypes.h>

#include "base/arena.h"
#include "case/across_parts.h"
#include "case/field.h"
#include "case/opinion.h"
#include "case/round.h"
#include "desk/fact.h"
#include "stix/id.h"
#include "store/due.h"
#include "store/organisation.h"
#include "store/part.h"
#include "store/partner.h"
#include "text/moment.h"
#include "json/read.h"

#define SOURCE_MAX 1000
#define WORDS_MAX 100 /* bytes of a scale and its level */
#define SCALES_MAX 20 /* of one incident */
#define IMPACTS_MAX 1000
#define TASKS_MAX 1000
#define ENTRIES_MAX 5000 /* of one partner in one incident */
#define REFS_MAX 1000    /* of an object, among which its incident is looked for */

struct reading {
    struct work *work;
    struct partner partner;
    int64_t own;
    slice node;     /* id of our identity */
    slice kinds;    /* types that were agreed on with the partner: a JSON array, or empty */
    uint64_t above; /* what came beyond a ceiling: it stays an object */
};

/* The object at hand. */
struct came {
    const struct object *object;
    slice ours;     /* our extension in it; empty: it has none */
    slice incident; /* id of the STIX incident that it belongs to; empty: it does not say */
    struct incident row;
    bool known;           /* row is that incident, and the partner has a word in it */
    int64_t withdrawn_us; /* its writer revoked it; TIME_NONE: no */
};

/* ---- What stands in an object ---- */

static slice text_of(const struct reading *reading, slice json, const char *key)
{
    return json_text(json_get(json, slice_of(key)), reading->work->arena);
}

/* A text of several lines as it stands, if we could have written it; else without what does not belong there. */
static slice prose_of(const struct reading *reading, slice text)
{
    struct arena *arena = reading->work->arena;
    struct err err = store_prose_check(arena, "text", text, CASE_TEXT_MAX);
    return err.kind == ERR_NONE ? text : store_text_keep(arena, text, CASE_TEXT_MAX);
}

static int64_t time_of(const struct reading *reading, slice json, const char *key)
{
    int64_t us;
    return time_parse_strict(text_of(reading, json, key), &us) ? us : TIME_NONE;
}

static bool is_true(slice json, const char *key)
{
    return json_kind(json_get(json, slice_of(key))) == JSON_TRUE;
}

static int64_t number_of(slice json, const char *key, int64_t otherwise)
{
    int64_t number;
    return json_i64(json_get(json, slice_of(key)), &number) ? number : otherwise;
}

static struct err tell(
        struct reading *reading, const char *act, int64_t incident, const struct desk_fact *facts, size_t count)
{
    return desk_fact_tell(reading->work, act, CASE_SUBJECT, incident, reading->partner.organisation, facts, count);
}

static struct err tell_task(struct reading *reading, const char *act, const struct task *task)
{
    const struct desk_fact facts[] = {
            {"incident", slice_of(arena_printf(reading->work->arena, "%" PRId64, task->incident))},
            {"title", task->title}, {"state", slice_of(store_task_state_name(task->state))},
            {"result", store_text_keep(reading->work->arena, task->result, STORE_TEXT_MAX)}};
    return desk_fact_tell(
            reading->work, act, CASE_TASK_SUBJECT, task->number, reading->partner.organisation, facts, COUNT_OF(facts));
}

/* ---- The incident ---- */

/* Into the row if it is one that its field takes. */
static void field_take(struct incident *row, slice *field, slice value, struct arena *arena)
{
    slice before = *field;
    *field = value;
    if (value.len == 0 || case_field_check(row, arena).kind != ERR_NONE)
        *field = before;
}

static enum incident_state state_of(const struct reading *reading, slice suite, slice ours)
{
    static const struct {
        const char *status;
        enum incident_state state;
    } known[] = {{"new", INCIDENT_NEW}, {"open", INCIDENT_OPEN}, {"closed", INCIDENT_CLOSED}};
    enum incident_state state = INCIDENT_OPEN;
    slice status = text_of(reading, suite, "investigation_status");
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (slice_eq(status, slice_of(known[i].status)))
            state = known[i].state;
    (void)store_incident_state_find(text_of(reading, ours, "state"), &state);
    return state;
}

static slice marking_of(const struct reading *reading, slice object)
{
    const struct stix_marked marked = stix_marked_of(object);
    struct stix_definitions *none = stix_definitions_open();
    const struct stix_marks marks = stix_marks_of(none, &marked, reading->work->arena);
    stix_definitions_close(none);
    return marks.tlp == TLP_NONE ? S("TLP:AMBER") : slice_of(stix_tlp_name(marks.tlp));
}

static void incident_fill(const struct reading *reading, const struct came *came, struct incident *row)
{
    struct arena *arena = reading->work->arena;
    slice bytes = came->object->bytes, ours = came->ours;
    slice suite = json_get(json_get(bytes, S("extensions")), S(ACROSS_INCIDENT));
    int64_t criticality = number_of(suite, "criticality", 0);
    row->state = state_of(reading, suite, ours);
    row->vital = is_true(ours, "vital");
    row->personal_data = is_true(ours, "personal_data");
    row->criticality = criticality < 0 || criticality > 100 ? 0 : criticality;
    (void)store_severity_find(text_of(reading, ours, "severity"), &row->severity);
    for (enum incident_when i = 0; i < INCIDENT_WHENS; i++)
        row->at[i] = time_of(reading, ours, store_incident_when_name(i));
    row->marking = marking_of(reading, bytes);
    field_take(row, &row->title, store_text_keep(arena, text_of(reading, bytes, "name"), STORE_NAME_MAX), arena);
    field_take(row, &row->determination, text_of(reading, suite, "determination"), arena);
    field_take(row, &row->sector, text_of(reading, ours, "sector"), arena);
    field_take(row, &row->class, text_of(reading, ours, "class"), arena);
    field_take(row, &row->local_class, text_of(reading, ours, "local_class"), arena);
}

static struct err scales_take(struct reading *reading, const struct came *came, int64_t incident)
{
    struct scale_level *rows;
    size_t row_count, taken = 0;
    struct json_members walk = json_members(json_get(came->ours, S("scales")));
    slice key, value;
    TRY(store_scale_list(reading->work->db, incident, reading->work->arena, &rows, &row_count));
    while (json_member_next(&walk, &key, &value) && taken++ < SCALES_MAX) {
        slice scale = store_text_keep(reading->work->arena, json_unescape(key, reading->work->arena), WORDS_MAX);
        slice level = store_text_keep(reading->work->arena, json_text(value, reading->work->arena), WORDS_MAX);
        bool is = scale.len == 0 || level.len == 0;
        for (size_t i = 0; i < row_count; i++)
            if (slice_eq(rows[i].scale, scale) && (i + 1 == row_count || !slice_eq(rows[i + 1].scale, scale)))
                is |= slice_eq(rows[i].level, level);
        if (!is)
            TRY(store_scale_put(reading->work, incident, scale, level, reading->partner.name));
    }
    return OK;
}

static struct err incident_add(struct reading *reading, const struct came *came, int64_t *number)
{
    struct incident row = {.identity = came->object->id,
            .home = reading->partner.organisation,
            .title = S("an incident of a partner"),
            .class = S(""),
            .local_class = S(""),
            .severity = SEVERITY_MEDIUM,
            .determination = S("suspected"),
            .sector = S(""),
            .flags = S("")};
    int64_t count;
    TRY(store_incident_count(reading->work->db, reading->partner.organisation, &count));
    *number = 0;
    if (count >= CASE_ACROSS_INCIDENTS_MAX) {
        reading->above++;
        return OK;
    }
    incident_fill(reading, came, &row);
    TRY(store_incident_add(reading->work, &row, number));
    const struct desk_fact facts[] = {{"title", row.title}, {"class", row.class},
            {"severity", slice_of(store_severity_name(row.severity))}, {"marking", row.marking},
            {"from", reading->partner.name}};
    return tell(reading, "incident.received", *number, facts, COUNT_OF(facts));
}

static struct err parts_read(struct reading *reading, slice incident);

static struct err incident_take(struct reading *reading, struct came *came)
{
    struct incident row, before;
    int64_t number;
    struct err err = store_incident_of_identity(reading->work->db, came->object->id, reading->work->arena, &before);
    if (err.kind == ERR_MISSING) {
        TRY(incident_add(reading, came, &number));
        if (number == 0)
            return OK;
        TRY(scales_take(reading, came, number));
        return parts_read(reading, came->object->id);
    }
    TRY(err);
    if (before.home != reading->partner.organisation)
        return OK; /* somebody else's: a claim at most (share/claims.h) */
    row = before;
    incident_fill(reading, came, &row);
    if (!slice_eq(row.class, before.class) || !slice_eq(row.local_class, before.local_class))
        TRY(store_incident_class(reading->work, before.number, row.class, row.local_class, reading->partner.name));
    TRY(store_incident_change(reading->work, &row));
    TRY(scales_take(reading, came, before.number));
    const struct desk_fact facts[] = {{"title", row.title}, {"state", slice_of(store_incident_state_name(row.state))},
            {"from", reading->partner.name}};
    return tell(reading, "incident.told", before.number, facts, COUNT_OF(facts));
}

/* ---- What it costs, and what was seen: its home alone says so ---- */

static bool is_home(const struct reading *reading, const struct came *came)
{
    return came->known && came->row.home == reading->partner.organisation;
}

static struct err impact_take(struct reading *reading, struct came *came)
{
    struct arena *arena = reading->work->arena;
    int64_t created_us = came->object->added_us, at_us = time_of(reading, came->object->bytes, "start_time");
    const struct impact put = {.number = number_of(came->ours, "number", 0),
            .kind = store_text_keep(arena, text_of(reading, came->object->bytes, "impact_category"), WORDS_MAX),
            .low = number_of(came->ours, "low", IMPACT_UNKNOWN),
            .high = number_of(came->ours, "high", IMPACT_UNKNOWN),
            .unit = store_text_keep(arena, text_of(reading, came->ours, "unit"), 3),
            .basis = store_text_keep(arena, text_of(reading, came->ours, "basis"), SOURCE_MAX),
            .confidence = store_text_keep(arena, text_of(reading, came->ours, "confidence"), WORDS_MAX),
            .at_us = at_us == TIME_NONE ? created_us : at_us};
    if (!is_home(reading, came) || case_impact_check(&put, arena).kind != ERR_NONE)
        return OK;
    if (put.number < 1 || put.number > IMPACTS_MAX) {
        reading->above++;
        return OK;
    }
    TRY(store_impact_put(reading->work, came->row.number, &put));
    return tell(reading, "incident.impact", came->row.number, (struct desk_fact[]){{"kind", put.kind}}, 1);
}

/* The object at the other end of a relationship that its incident has. */
static struct err seen_take(struct reading *reading, struct came *came)
{
    struct incident_observable seen;
    struct object object;
    slice target = text_of(reading, came->object->bytes, "target_ref");
    if (!is_home(reading, came))
        return OK;
    struct err err =
            store_object_newest(reading->work->db, reading->partner.source, target, reading->work->arena, &object);
    if (err.kind != ERR_NONE)
        return err.kind == ERR_MISSING ? OK : err;
    if (!across_observable_of(&object, reading->work->arena, &seen))
        return OK;
    return store_incident_observable_add(reading->work, came->row.number, seen.type, seen.value);
}

/* ---- What people wrote ---- */

static slice content_of(const struct reading *reading, const struct came *came)
{
    slice bytes = came->object->bytes, said = text_of(reading, bytes, "content");
    if (slice_eq(came->object->type, S("opinion"))) {
        said = text_of(reading, bytes, "explanation");
        return said.len > 0 ? prose_of(reading, said) : S("");
    }
    if (slice_eq(came->object->type, S("event"))) {
        slice name = text_of(reading, bytes, "name");
        said = text_of(reading, bytes, "description");
        return prose_of(reading, said.len > 0 ? said : name.len > 0 ? name : S("an event"));
    }
    return prose_of(reading, said.len > 0 ? said : S("-"));
}

/* The first id that it refers to; empty: none. */
static slice first_ref(const struct reading *reading, const struct came *came)
{
    struct json_elements refs = json_elements(json_get(came->object->bytes, S("object_refs")));
    struct stix_id id;
    slice ref;
    slice named = json_element_next(&refs, &ref) ? json_text(ref, reading->work->arena) : S("");
    return stix_id_parse(named, &id) ? named : S("");
}

/* What it is by its type; of a note what our extension says. */
static enum entry_kind kind_of(const struct reading *reading, const struct came *came)
{
    enum entry_kind kind = slice_eq(came->object->type, S("event")) ? ENTRY_EVENT : ENTRY_NOTE;
    if (slice_eq(came->object->type, S("opinion")))
        return ENTRY_OPINION;
    (void)store_entry_kind_find(text_of(reading, came->ours, "kind"), &kind);
    return kind == ENTRY_OPINION ? ENTRY_NOTE : kind;
}

/* The question may come later: then that is joined to its answers (store_entry_add). */
static struct err question_find(struct reading *reading, const struct came *came, struct incident_entry *entry)
{
    struct incident_entry question;
    struct stix_id id;
    int64_t incident;
    slice answers = text_of(reading, came->ours, "answers");
    if (!stix_id_parse(answers, &id)) {
        entry->kind = ENTRY_NOTE;
        return OK;
    }
    entry->about = answers;
    struct err err = store_entry_of_identity(reading->work->db, answers, reading->work->arena, &incident, &question);
    if (err.kind == ERR_NONE && incident == came->row.number && question.kind == ENTRY_QUESTION)
        entry->answers = question.number;
    return err.kind == ERR_MISSING ? OK : err;
}

static struct err entry_fill(struct reading *reading, const struct came *came, struct incident_entry *entry)
{
    int64_t happened_us = time_of(reading, came->ours, "happened");
    *entry = (struct incident_entry){.identity = came->object->id,
            .home = reading->partner.organisation,
            .kind = kind_of(reading, came),
            .audience = AUDIENCE_OWN, /* what they told us goes to nobody else */
            .text = content_of(reading, came),
            .source = store_text_keep(reading->work->arena, text_of(reading, came->ours, "source"), SOURCE_MAX),
            .due_us = TIME_NONE,
            .withdrawn_us = came->withdrawn_us};
    if (entry->kind == ENTRY_QUESTION)
        entry->due_us = time_of(reading, came->ours, "due");
    if (happened_us == TIME_NONE)
        happened_us = time_of(reading, came->object->bytes, "start_time");
    if (happened_us == TIME_NONE)
        happened_us = time_of(reading, came->object->bytes, "created");
    entry->happened_us = happened_us == TIME_NONE ? came->object->added_us : happened_us;
    if (entry->kind == ENTRY_OPINION) {
        entry->opinion = text_of(reading, came->object->bytes, "opinion");
        entry->about = first_ref(reading, came);
    }
    return entry->kind == ENTRY_ANSWER ? question_find(reading, came, entry) : OK;
}

static struct err entry_tell(
        struct reading *reading, const struct came *came, const char *act, const struct incident_entry *entry)
{
    const struct desk_fact facts[] = {{"kind", slice_of(store_entry_kind_name(entry->kind))},
            {"entry", slice_of(arena_printf(reading->work->arena, "%" PRId64, entry->number))},
            {"from", reading->partner.name}};
    return tell(reading, act, came->row.number, facts, COUNT_OF(facts));
}

static struct err entry_add(struct reading *reading, const struct came *came, struct incident_entry *entry)
{
    int64_t count;
    TRY(store_entry_count(reading->work->db, came->row.number, entry->home, &count));
    if (count >= ENTRIES_MAX) {
        reading->above++;
        return OK;
    }
    TRY(store_entry_add(reading->work, came->row.number, entry, &entry->number));
    if (entry->withdrawn_us != TIME_NONE)
        TRY(store_entry_change(reading->work, came->row.number, entry));
    return entry_tell(reading, came, "incident.entry", entry);
}

static struct err entry_change(struct reading *reading, const struct came *came, const struct incident_entry *before,
        struct incident_entry *entry)
{
    entry->number = before->number;
    TRY(store_entry_change(reading->work, came->row.number, entry));
    if (entry->withdrawn_us != TIME_NONE)
        return before->withdrawn_us == TIME_NONE ? entry_tell(reading, came, "incident.entry-withdrawn", entry) : OK;
    if (slice_eq(entry->opinion, before->opinion))
        return OK;
    const struct desk_fact facts[] = {
            {"entry", slice_of(arena_printf(reading->work->arena, "%" PRId64, entry->number))},
            {"before", before->opinion}, {"after", entry->opinion}, {"from", reading->partner.name}};
    return tell(reading, "incident.opinion", came->row.number, facts, COUNT_OF(facts));
}

static struct err entry_take(struct reading *reading, struct came *came)
{
    struct incident_entry entry, before;
    int64_t incident;
    if (!came->known)
        return OK;
    TRY(entry_fill(reading, came, &entry));
    if (entry.kind == ENTRY_OPINION && !case_opinion_is(entry.opinion))
        return OK; /* none of the five words: it stays an object */
    struct err err =
            store_entry_of_identity(reading->work->db, entry.identity, reading->work->arena, &incident, &before);
    if (err.kind == ERR_MISSING)
        return entry_add(reading, came, &entry);
    TRY(err);
    bool theirs = before.home == entry.home && incident == came->row.number;
    return theirs ? entry_change(reading, came, &before, &entry) : OK;
}

/* ---- Tasks ---- */

enum task_state across_task_state(enum task_state is, enum task_state word, bool by_who_does_it)
{
    static const int ranks[TASK_STATES] = {[TASK_CANCELLED] = 1, [TASK_DONE] = 2};
    if (ranks[is] != ranks[word])
        return ranks[word] > ranks[is] ? word : is;
    return by_who_does_it ? word : is;
}

static enum task_state task_state_of(const struct reading *reading, const struct came *came)
{
    static const struct {
        const char *outcome;
        enum task_state state;
    } known[] = {{"ongoing", TASK_DOING}, {"successful", TASK_DONE}, {"failed", TASK_CANCELLED},
            {"cancelled", TASK_CANCELLED}};
    enum task_state state = TASK_TO_DO;
    if (came->withdrawn_us != TIME_NONE)
        return TASK_CANCELLED;
    slice outcome = text_of(reading, came->object->bytes, "outcome");
    for (size_t i = 0; i < COUNT_OF(known); i++)
        if (slice_eq(outcome, slice_of(known[i].outcome)))
            state = known[i].state;
    (void)store_task_state_find(text_of(reading, came->ours, "state"), &state);
    return state;
}

static void state_take(struct task *row, enum task_state word, bool by_who_does_it, int64_t now_us)
{
    enum task_state before = row->state;
    row->state = across_task_state(before, word, by_who_does_it);
    if (row->state >= TASK_ENDED && before < TASK_ENDED)
        row->done_us = now_us;
}

/* How often it comes again, as far as we would give one like that. */
static int64_t every_of(const struct reading *reading, slice json)
{
    int64_t us;
    return moment_every_read(text_of(reading, json, "every"), &us) && us >= CASE_EVERY_LEAST && us <= CASE_EVERY_MOST
                   ? us
                   : 0;
}

/* What who gave it says: what is to be done, by whom, until when. */
static void task_fill(const struct reading *reading, const struct came *came, struct task *row)
{
    struct arena *arena = reading->work->arena;
    slice bytes = came->object->bytes, name = store_text_keep(arena, text_of(reading, bytes, "name"), STORE_NAME_MAX);
    slice text = text_of(reading, bytes, "description"), whose = text_of(reading, came->ours, "organisation");
    bool ours = slice_eq(whose, reading->node);
    row->title = name.len > 0 ? name : S("a task");
    row->text = text.len > 0 ? prose_of(reading, text) : S("");
    row->organisation = ours ? reading->own : reading->partner.organisation;
    row->agreed_by = store_text_keep(arena, text_of(reading, came->ours, "agreed_by"), STORE_NAME_MAX);
    row->due_us = time_of(reading, bytes, "due_date");
    row->every_us = every_of(reading, came->ours);
    if (!ours || row->result.len == 0)
        row->result = prose_of(reading, text_of(reading, came->ours, "result"));
}

static struct err task_add(struct reading *reading, const struct came *came)
{
    struct task row = {.incident = came->row.number,
            .home = reading->partner.organisation,
            .identity = came->object->id,
            .result = S(""),
            .step = S(""),
            .asks = slice_eq(text_of(reading, came->ours, "asks"), S(CASE_ASKS_CLINICAL)) ? S(CASE_ASKS_CLINICAL)
                                                                                          : S(""),
            .agreed_us = TIME_NONE,
            .done_us = TIME_NONE};
    struct task *others;
    size_t count;
    TRY(store_task_list(reading->work->db, row.incident, reading->work->arena, &others, &count));
    if (count >= TASKS_MAX) {
        reading->above++;
        return OK;
    }
    task_fill(reading, came, &row);
    state_take(&row, task_state_of(reading, came), true, reading->work->now_us);
    TRY(store_task_add(reading->work, &row, &row.number));
    TRY(store_task_change(reading->work, &row)); /* when it was done */
    TRY(store_task_withdraw(reading->work, row.number, came->withdrawn_us));
    return tell_task(reading, "task.received", &row);
}

static struct err task_take(struct reading *reading, struct came *came)
{
    struct task row;
    if (!came->known)
        return OK;
    struct err err = store_task_of_identity(reading->work->db, came->object->id, reading->work->arena, &row);
    if (err.kind == ERR_MISSING)
        return task_add(reading, came);
    TRY(err);
    if (row.home != reading->partner.organisation || row.incident != came->row.number)
        return OK;
    task_fill(reading, came, &row);
    state_take(&row, task_state_of(reading, came), row.organisation == row.home, reading->work->now_us);
    TRY(store_task_change(reading->work, &row));
    TRY(store_task_withdraw(reading->work, row.number, came->withdrawn_us));
    return tell_task(reading, "task.told", &row);
}

/* How far it is, from who does it. Their word counts as it stands, revoked or not: what takes it back is another. */
static struct err task_told(struct reading *reading, const struct came *came, slice identity)
{
    struct task row;
    struct err err = store_task_of_identity(reading->work->db, identity, reading->work->arena, &row);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    if (row.incident != came->row.number || row.organisation != reading->partner.organisation)
        return OK;
    TRY(store_task_keep(reading->work, row.number, &row));
    enum task_state was = row.state;
    state_take(&row, task_state_of(reading, came), true, reading->work->now_us);
    slice said = prose_of(reading, text_of(reading, came->ours, "result"));
    bool fresh = said.len > 0 && !slice_eq(said, row.result);
    if (fresh || row.state < TASK_ENDED)
        row.result = said;
    row.agreed_us = time_of(reading, came->ours, "agreed");
    TRY(store_task_change(reading->work, &row));
    TRY(tell_task(reading, "task.told", &row));
    if (row.state != TASK_DONE || (was >= TASK_ENDED && !fresh))
        return OK;
    TRY(case_round_done(reading->work, &row));
    return store_shared_due(reading->work, row.incident); /* a follower does not see what it wrote itself */
}

static struct err note_take(struct reading *reading, struct came *came)
{
    slice task = text_of(reading, came->ours, "task");
    if (!came->known)
        return OK;
    return task.len > 0 ? task_told(reading, came, task) : entry_take(reading, came);
}

/* What a report says in words the incident says already: it is a part, so that it goes to nobody else, and no row. */
static struct err report_take(struct reading *reading, struct came *came)
{
    (void)reading;
    (void)came;
    return OK;
}

/* ---- Which incident ---- */

/* That of an entry or a task that a plain object refers to. */
static struct err incident_of(struct reading *reading, slice ref, slice *identity)
{
    struct work *work = reading->work;
    struct incident_entry entry;
    struct incident row;
    struct task task = {.incident = 0};
    int64_t number = 0;
    struct err err = store_entry_of_identity(work->db, ref, work->arena, &number, &entry);
    if (err.kind == ERR_MISSING)
        err = store_task_of_identity(work->db, ref, work->arena, &task);
    if (err.kind == ERR_NONE)
        err = store_incident_get(work->db, number != 0 ? number : task.incident, work->arena, &row);
    if (err.kind == ERR_NONE)
        *identity = row.identity;
    return err.kind == ERR_MISSING ? OK : err;
}

/* Where an object that is not ours by origin names it. */
static struct err named_incident(struct reading *reading, const struct came *came, slice *identity)
{
    slice bytes = came->object->bytes;
    *identity = S("");
    if (slice_eq(came->object->type, S("relationship"))) {
        *identity = text_of(reading, bytes, "source_ref");
        return OK;
    }
    struct json_elements refs = json_elements(json_get(bytes, S("object_refs")));
    size_t count = 0;
    for (slice ref; count++ < REFS_MAX && json_element_next(&refs, &ref);) {
        slice id = json_text(ref, reading->work->arena);
        if (slice_starts(id, S("incident--"))) {
            *identity = id;
            return OK;
        }
    }
    slice about = first_ref(reading, came);
    return about.len > 0 ? incident_of(reading, about, identity) : OK;
}

/* It is there, and theirs, or ours with them as a party. */
static struct err incident_find(struct reading *reading, struct came *came)
{
    struct work *work = reading->work;
    struct err err = store_incident_of_identity(work->db, came->incident, work->arena, &came->row);
    if (err.kind != ERR_NONE)
        return err.kind == ERR_MISSING ? OK : err;
    came->known = came->row.home == reading->partner.organisation;
    return came->known || came->row.home != reading->own
                   ? OK
                   : store_party_is(
                             work->db, came->row.number, reading->partner.organisation, PARTY_SEEING, &came->known);
}

/* `withdrawable`: a version that its writer revoked is read like any other. */
static const struct across_type {
    const char *type;
    struct err (*take)(struct reading *reading, struct came *came);
    bool withdrawable;
} types[] = {
        {"incident", incident_take, false},
        {"report", report_take, false},
        {"impact", impact_take, false},
        {"relationship", seen_take, false},
        {"task", task_take, true},
        {"event", entry_take, true},
        {"note", note_take, true},
        {"opinion", entry_take, true},
};

/* What was not agreed on stays an object: nobody fills our board without our having said that they may. */
static bool is_agreed(const struct reading *reading, const char *type)
{
    struct json_elements walk = json_elements(reading->kinds);
    for (slice kind; json_element_next(&walk, &kind);)
        if (slice_eq(json_text(kind, reading->work->arena), slice_of(type)))
            return true;
    return false;
}

static struct err kinds_find(struct reading *reading)
{
    struct side *sides;
    size_t count;
    TRY(store_side_list(reading->work->db, reading->node, reading->work->arena, &sides, &count));
    for (size_t i = 0; i < count; i++)
        if (sides[i].partner == reading->partner.number && slice_eq(sides[i].state, S("in-force")))
            reading->kinds = json_get(sides[i].terms, S("kinds"));
    return OK;
}

static struct err object_read(struct reading *reading, const struct across_type *type, const struct object *object)
{
    struct came came = {.object = object,
            .ours = json_get(json_get(object->bytes, S("extensions")), S(STIX_OUR_EXTENSION)),
            .withdrawn_us = object->revoked ? object->modified_us : TIME_NONE};
    struct stix_id id;
    if (!object->newest || (object->revoked && !type->withdrawable) ||
            !slice_eq(object->created_by, reading->partner.node) || !stix_id_parse(object->id, &id))
        return OK;
    came.incident = type->take == incident_take ? object->id : text_of(reading, came.ours, "incident");
    if (came.incident.len == 0)
        TRY(named_incident(reading, &came, &came.incident));
    if (!stix_id_parse(came.incident, &id) || !slice_eq(id.type, S("incident")))
        return OK;
    const struct incident_part part = {
            .source = object->source, .id = object->id, .incident = came.incident, .audience = AUDIENCE_OWN};
    TRY(store_part_put(reading->work, &part));
    if (type->take != incident_take)
        TRY(incident_find(reading, &came));
    return type->take(reading, &came);
}

/* What came before its incident did. */
static struct err parts_of_type(struct reading *reading, const struct across_type *type, slice incident)
{
    struct work *work = reading->work;
    struct incident_part *rows, last = {.id = S("")};
    size_t count = STORE_PAGE_MAX, taken = 0;
    while (count == STORE_PAGE_MAX && taken < CASE_ACROSS_IMPORT_MAX) {
        TRY(store_part_list(work->db, incident, last.source, last.id, STORE_PAGE_MAX, work->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            struct stix_id id;
            struct object object;
            last = rows[i];
            if (rows[i].source != reading->partner.source || !stix_id_parse(rows[i].id, &id) ||
                    !slice_eq(id.type, slice_of(type->type)))
                continue;
            struct err err = store_object_newest(work->db, rows[i].source, rows[i].id, work->arena, &object);
            if (err.kind == ERR_NONE)
                err = object_read(reading, type, &object);
            if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
                return err;
            taken++;
        }
    }
    return OK;
}

static struct err parts_read(struct reading *reading, slice incident)
{
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (types[i].take != incident_take && is_agreed(reading, types[i].type))
            TRY(parts_of_type(reading, &types[i], incident));
    return OK;
}

/* ---- An import ---- */

static struct err type_read(struct reading *reading, const struct across_type *type, int64_t import)
{
    const struct object_filter filter = {.type = slice_of(type->type), .import = import};
    struct object_place place = {0};
    size_t taken = 0, count = 0;
    while (!place.end) {
        struct object *rows;
        TRY(store_object_page(reading->work->db, &filter, &place, STORE_PAGE_MAX, reading->work->arena, &rows, &count));
        taken += count;
        if (taken > CASE_ACROSS_IMPORT_MAX) { /* and what comes behind it */
            reading->above += count;
            break;
        }
        for (size_t i = 0; i < count; i++)
            TRY(object_read(reading, type, &rows[i]));
    }
    return arena_check(reading->work->arena);
}

/* What stays an object, since there are too many of it, is told. */
static struct err above_tell(struct reading *reading, int64_t import)
{
    if (reading->above == 0)
        return OK;
    const struct desk_fact facts[] = {{"from", reading->partner.name},
            {"at-least", slice_of(arena_printf(reading->work->arena, "%" PRIu64, reading->above))}};
    return desk_fact_tell(
            reading->work, "incident.unread", "import", import, reading->partner.organisation, facts, COUNT_OF(facts));
}

struct err across_read(struct work *work, int64_t import, int64_t partner)
{
    struct reading reading = {.work = work};
    struct organisation own;
    TRY(store_partner_get(work->db, partner, work->now_us, work->arena, &reading.partner));
    TRY(store_organisation_own(work->db, &reading.own));
    TRY(store_organisation_get(work->db, reading.own, work->arena, &own));
    reading.node = own.identity;
    TRY(kinds_find(&reading));
    for (size_t i = 0; i < COUNT_OF(types); i++)
        if (is_agreed(&reading, types[i].type))
            TRY(type_read(&reading, &types[i], import));
    return above_tell(&reading, import);
}
