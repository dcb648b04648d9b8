/* SPDX-License-Identifier: Apache-2.0 */
/* What stands around an incident, list by list. */
#include <inttypes.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/observable.h"
#include "case/responsible.h"
#include "gate/gate.h"
#include "plan/duty.h"
#include "store/approval.h"
#include "store/evidence.h"
#include "text/moment.h"
#include "text/number.h"
#include "text/shown.h"
#include "web/incident.h"
#include "web/page.h"
#include "web/shared.h"

/* Rows of a piece: a page with all of them stays below 50 KB. */
enum {
    PARTIES = 12,
    CUSTOMERS = 12,
    SEEN = 15,
    COSTS = 8,
    COURSES = 6, /* kinds and organisations whose clinical figures are shown as they went */
    COURSE = 6,  /* figures of each */
    SCALES = 8,
    HISTORY = 6,
    LINKS = 8,
    TASKS = 10,
    DUTIES = 6,
    ITEMS = 6,
    WAITING = 6,
};

struct err incident_piece(
        struct incident_page *page, const char *name, size_t count, size_t most, struct incident_piece *piece)
{
    struct ask *ask = page->ask;
    uint64_t from = 0;
    if (slice_eq(ask_query(ask, S("of")), slice_of(name)))
        TRY(ask_number(ask, S("from"), INCIDENT_ROWS_MAX, 0, &from));
    piece->from = from < count ? (size_t)from : 0;
    piece->to = count - piece->from > most ? piece->from + most : count;
    json_write_key(&ask->json, slice_of(arena_printf(ask->arena, "%s_more", name)));
    if (piece->to == count)
        json_write_null(&ask->json);
    else
        json_write_text(&ask->json, slice_of(arena_printf(ask->arena, "/incidents/%" PRId64 "?of=%s&from=%zu#%s",
                                            page->row->number, name, piece->to, name)));
    return OK;
}

static void list_begin(struct incident_page *page, const char *name)
{
    json_write_key(&page->ask->json, slice_of(name));
    json_write_array(&page->ask->json);
}

static void list_end(struct incident_page *page)
{
    json_write_end(&page->ask->json);
}

/* A list whose rows are written alike. */
struct listing {
    const char *name;
    size_t most, row_bytes;
    struct err (*write)(struct incident_page *page, const void *row);
};

static struct err listing_write(
        struct incident_page *page, const struct listing *listing, const void *rows, size_t count)
{
    struct incident_piece piece;
    TRY(incident_piece(page, listing->name, count, listing->most, &piece));
    list_begin(page, listing->name);
    for (size_t i = piece.from; i < piece.to; i++)
        TRY(listing->write(page, (const char *)rows + i * listing->row_bytes));
    list_end(page);
    return OK;
}

/* ---- Parties ---- */

static struct err party_write(struct incident_page *page, const void *row)
{
    const struct party *party = row;
    struct ask *ask = page->ask;
    json_write_object(&ask->json);
    TRY(warned_organisation(ask, &page->names, S("organisation"), party->organisation));
    json_write_key_text(&ask->json, S("role"), slice_of(store_party_role_name(party->role)));
    json_write_key_text(&ask->json, S("role_text"), worked_role_text(ask, party->role));
    page_moment(ask, S("since"), party->since_us);
    page_moment(ask, S("until"), party->until_us);
    if (page->sight == CASE_ALL) {
        outside_write(&page->outside, S("actor"), party->actor, OUTSIDE_NAME);
        outside_write_value(&page->outside, S("why"), party->why, OUTSIDE_LINE);
    }
    json_write_end(&ask->json);
    return OK;
}

/* Of who sees a part, their own roles: nobody learns from it who else has to do with it. */
struct err incident_parties(struct incident_page *page)
{
    static const struct listing parties = {"parties", PARTIES, sizeof(struct party), party_write};
    struct party *rows;
    size_t count, kept = 0;
    TRY(store_party_list(page->ask->db, page->row->number, page->ask->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (page->sight == CASE_ALL ||
                (rows[i].organisation == page->ask->who.actor.organisation && rows[i].until_us == TIME_NONE))
            rows[kept++] = rows[i];
    return listing_write(page, &parties, rows, kept);
}

static struct err customer_write(struct incident_page *page, const void *of)
{
    const struct supply *row = of;
    struct ask *ask = page->ask;
    json_write_object(&ask->json);
    TRY(warned_organisation(ask, &page->names, S("organisation"), row->customer));
    TRY(warned_organisation(ask, &page->names, S("supplier"), row->supplier));
    outside_write_value(&page->outside, S("what"), row->what, OUTSIDE_NAME);
    page_moment(ask, S("since"), row->since_us);
    json_write_end(&ask->json);
    return OK;
}

/* They may be hit, too, and do not know it yet. */
struct err incident_customers(struct incident_page *page)
{
    static const struct listing customers = {"customers", CUSTOMERS, sizeof(struct supply), customer_write};
    struct ask *ask = page->ask;
    struct supply *rows;
    size_t count;
    TRY(case_incident_customers(ask->db, &ask->who.actor, page->row, ask->arena, &rows, &count));
    TRY(listing_write(page, &customers, rows, count));
    page_flag(ask, S("any_customer"), count > 0);
    return OK;
}

struct err incident_proposed(struct incident_page *page)
{
    struct ask *ask = page->ask;
    const struct plan_responsibility *table = ask->gate->options.parts->responsibility;
    struct case_proposed proposed = {.why = S("")};
    bool any = false;
    if (table != NULL && page->row->home == page->own)
        TRY(case_responsible_propose(ask->db, table, page->row, ask->arena, &proposed));
    list_begin(page, "proposed");
    for (size_t i = 0; i < proposed.count; i++) {
        const struct case_responsible *row = &proposed.rows[i];
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("role"), slice_of(store_party_role_name(row->role)));
        json_write_key_text(&ask->json, S("role_text"), worked_role_text(ask, row->role));
        outside_write(&page->outside, S("who"), row->who, OUTSIDE_NAME);
        TRY(warned_organisation(ask, &page->names, S("organisation"), row->organisation));
        page_flag(ask, S("is"), row->is);
        json_write_end(&ask->json);
        any |= row->organisation != 0 && !row->is;
    }
    list_end(page);
    json_write_key_text(&ask->json, S("proposed_why"), proposed.why);
    page_flag(ask, S("may_take"), page->may && any);
    return OK;
}

/* ---- What was seen ---- */

static void seen_write(struct incident_page *page, const struct incident_observable *row)
{
    struct ask *ask = page->ask;
    struct buf value = buf_make(8 * OUTSIDE_LINE);
    shown_value_write(&value, observable_type_find(row->type),
            slice_part(row->value, 0, row->value.len < OUTSIDE_LINE ? row->value.len : OUTSIDE_LINE));
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("type"), row->type);
    outside_write(&page->outside, S("value"), buf_slice(&value), OUTSIDE_LINE);
    buf_free(&value);
    page_count(ask, S("others"), (uint64_t)row->others);
    page_flag(ask, S("any_other"), row->others > 0);
    page_moment(ask, S("added"), row->added_us);
    outside_write(&page->outside, S("actor"), row->actor, OUTSIDE_NAME);
    json_write_end(&ask->json);
}

struct err incident_seen(struct incident_page *page)
{
    struct incident_observable *rows;
    struct incident_piece piece;
    size_t count;
    TRY(store_incident_observables(page->ask->db, page->row->number, page->ask->arena, &rows, &count));
    TRY(incident_piece(page, "observables", count, SEEN, &piece));
    list_begin(page, "observables");
    for (size_t i = piece.from; i < piece.to; i++)
        seen_write(page, &rows[i]);
    list_end(page);
    list_begin(page, "types");
    for (enum observable_type type = OBSERVABLE_NONE + 1; page->may && type < OBSERVABLE_TYPES; type++)
        if (observable_type_name(type) != NULL)
            json_write_text(&page->ask->json, slice_of(observable_type_name(type)));
    list_end(page);
    return OK;
}

/* ---- What it costs, and how bad it is ---- */

static const struct {
    const char *kind, *text;
} kinds[] = {
        {"loss", W_C("loss of money")},
        {"records", W_C("records")},
        {"persons", W_C("persons")},
        {"devices", W_C("devices")},
        {"outage-hours", W_C("hours without service")},
        {"patients-diverted", W_C("patients sent elsewhere")},
        {"procedures-postponed", W_C("procedures postponed")},
        {"results-delayed", W_C("results delayed")},
        {"patients-harmed", W_C("patients harmed")},
};

static slice kind_text(const struct ask *ask, slice kind)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (slice_eq(kind, slice_of(kinds[i].kind)))
            return ask_text(ask, slice_of(kinds[i].text));
    return kind;
}

/* Of money, whole units and hundredths; an unknown one is null, and not nought. */
static void amount_write(struct ask *ask, slice key, int64_t amount, bool money)
{
    struct buf text = buf_make(64);
    json_write_key(&ask->json, key);
    if (amount == IMPACT_UNKNOWN) {
        json_write_null(&ask->json);
        return;
    }
    number_write(&text, (uint64_t)(money ? amount / 100 : amount), ask->language);
    if (money && amount % 100 != 0)
        buf_printf(&text, "%c%02d", ask->language == LANGUAGE_INDONESIAN ? ',' : '.', (int)(amount % 100));
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("value"), (uint64_t)amount);
    json_write_key_text(&ask->json, S("text"), buf_slice(&text));
    json_write_end(&ask->json);
    buf_free(&text);
}

static struct err impact_write(struct incident_page *page, const void *of)
{
    const struct impact *row = of;
    struct ask *ask = page->ask;
    bool money = row->unit.len > 0;
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("kind"), row->kind);
    json_write_key_text(&ask->json, S("kind_text"), kind_text(ask, row->kind));
    amount_write(ask, S("least"), row->low, money);
    amount_write(ask, S("most"), row->high, money);
    page_flag(ask, S("is_unknown"), row->low == IMPACT_UNKNOWN);
    page_flag(ask, S("is_range"), row->low != row->high);
    json_write_key_text(&ask->json, S("currency"), row->unit);
    outside_write_value(&page->outside, S("basis"), row->basis, OUTSIDE_LINE);
    json_write_key_text(&ask->json, S("confidence"), row->confidence);
    TRY(warned_organisation(ask, &page->names, S("organisation"), row->organisation));
    page_moment(ask, S("at"), row->at_us);
    outside_write(&page->outside, S("actor"), row->actor, OUTSIDE_NAME);
    json_write_end(&ask->json);
    return OK;
}

static bool is_same(const struct impact *row, const struct impact *other)
{
    return slice_eq(row->kind, other->kind) && row->organisation == other->organisation;
}

/* The last figures of that kind and organisation, the oldest of them first. */
static void figures_write(struct ask *ask, const struct impact *rows, size_t count, const struct impact *of)
{
    const struct impact *last[COURSE];
    size_t found = 0;
    for (size_t i = count; i-- > 0 && found < COURSE;)
        if (is_same(&rows[i], of))
            last[found++] = &rows[i];
    json_write_key(&ask->json, S("figures"));
    json_write_array(&ask->json);
    while (found-- > 0) {
        json_write_object(&ask->json);
        amount_write(ask, S("least"), last[found]->low, false);
        amount_write(ask, S("most"), last[found]->high, false);
        page_flag(ask, S("is_unknown"), last[found]->low == IMPACT_UNKNOWN);
        page_flag(ask, S("is_range"), last[found]->low != last[found]->high);
        page_moment(ask, S("at"), last[found]->at_us);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

/* How the clinical side went: what was told last of each kind and organisation, with what was told before. */
static struct err course_write(struct incident_page *page, const struct impact *rows, size_t count)
{
    struct ask *ask = page->ask;
    const struct impact *courses[COURSES];
    size_t found = 0;
    list_begin(page, "course");
    for (size_t i = count; i-- > 0 && found < COURSES;) {
        bool again = !case_impact_is_clinical(rows[i].kind);
        for (size_t j = 0; j < found && !again; j++)
            again = is_same(&rows[i], courses[j]);
        if (again)
            continue;
        courses[found++] = &rows[i];
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("kind"), rows[i].kind);
        json_write_key_text(&ask->json, S("kind_text"), kind_text(ask, rows[i].kind));
        TRY(warned_organisation(ask, &page->names, S("organisation"), rows[i].organisation));
        figures_write(ask, rows, count, &rows[i]);
        json_write_end(&ask->json);
    }
    list_end(page);
    page_flag(ask, S("any_course"), found > 0);
    return OK;
}

static struct err impacts_write(struct incident_page *page)
{
    static const struct listing impacts = {"impacts", COSTS, sizeof(struct impact), impact_write};
    struct impact *rows;
    size_t count;
    const char *kind;
    bool money;
    TRY(store_impact_list(page->ask->db, page->row->number, page->ask->arena, &rows, &count));
    TRY(listing_write(page, &impacts, rows, count));
    TRY(course_write(page, rows, count));
    list_begin(page, "impact_kinds");
    for (size_t i = 0; page->may && (kind = case_impact_kind(i, &money)) != NULL; i++)
        worked_choice(page->ask, slice_of(kind), kind_text(page->ask, slice_of(kind)), false);
    list_end(page);
    return OK;
}

static struct err scale_write(struct incident_page *page, const void *of)
{
    const struct scale_level *row = of;
    struct ask *ask = page->ask;
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("scale"), row->scale);
    json_write_key_text(&ask->json, S("level"), row->level);
    page_moment(ask, S("from"), row->from_us);
    outside_write(&page->outside, S("actor"), row->actor, OUTSIDE_NAME);
    outside_write_value(&page->outside, S("why"), row->why, OUTSIDE_LINE);
    json_write_end(&ask->json);
    return OK;
}

static struct err scales_write(struct incident_page *page)
{
    static const struct listing scales = {"scales", SCALES, sizeof(struct scale_level), scale_write};
    struct ask *ask = page->ask;
    struct scale_level *rows;
    size_t count;
    const char *scale, *level;
    TRY(store_scale_list(ask->db, page->row->number, ask->arena, &rows, &count));
    TRY(listing_write(page, &scales, rows, count));
    list_begin(page, "levels");
    for (size_t i = 0; page->may && case_scale(i, &scale, &level); i++) {
        slice name = slice_of(arena_printf(ask->arena, "%s %s", scale, level));
        worked_choice(ask, name, name, false);
    }
    list_end(page);
    return OK;
}

struct err incident_costs(struct incident_page *page)
{
    TRY(impacts_write(page));
    return scales_write(page);
}

/* ---- What it was before ---- */

static struct err classes_write(struct incident_page *page)
{
    struct ask *ask = page->ask;
    struct incident_class *rows;
    struct incident_piece piece;
    size_t count;
    TRY(store_incident_classes(ask->db, page->row->number, ask->arena, &rows, &count));
    TRY(incident_piece(page, "class_history", count, HISTORY, &piece));
    list_begin(page, "class_history");
    for (size_t i = piece.from; i < piece.to; i++) {
        json_write_object(&ask->json);
        page_moment(ask, S("from"), rows[i].from_us);
        json_write_key_text(&ask->json, S("class"), rows[i].class);
        json_write_key_text(&ask->json, S("class_text"), warned_class_text(ask, rows[i].class));
        json_write_key_text(&ask->json, S("local_class"), rows[i].local_class);
        outside_write(&page->outside, S("actor"), rows[i].actor, OUTSIDE_NAME);
        outside_write_value(&page->outside, S("why"), rows[i].why, OUTSIDE_LINE);
        json_write_end(&ask->json);
    }
    list_end(page);
    page_flag(ask, S("any_class_history"), count > 1);
    return OK;
}

struct err incident_history(struct incident_page *page)
{
    struct ask *ask = page->ask;
    struct incident_time *rows;
    struct incident_piece piece;
    size_t count;
    TRY(classes_write(page));
    TRY(store_incident_times(ask->db, page->row->number, ask->arena, &rows, &count));
    TRY(incident_piece(page, "time_changes", count, HISTORY, &piece));
    list_begin(page, "time_changes");
    for (size_t i = piece.from; i < piece.to; i++) {
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("what"), slice_of(store_incident_when_name(rows[i].what)));
        json_write_key_text(&ask->json, S("what_text"), worked_when_text(ask, rows[i].what));
        page_moment(ask, S("before"), rows[i].before_us);
        page_moment(ask, S("after"), rows[i].after_us);
        page_moment(ask, S("changed"), rows[i].changed_us);
        outside_write(&page->outside, S("actor"), rows[i].actor, OUTSIDE_NAME);
        outside_write(&page->outside, S("proposer"), rows[i].proposer, OUTSIDE_NAME);
        outside_write_value(&page->outside, S("why"), rows[i].why, OUTSIDE_LINE);
        json_write_end(&ask->json);
    }
    list_end(page);
    page_flag(ask, S("any_time_change"), count > 0);
    return OK;
}

/* ---- Other incidents ---- */

static const struct {
    const char *kind, *text;
} links[] = {
        {"same-campaign", W_C("of the same campaign")}, {"caused-by", W_C("caused by")}, {"related", W_C("related")}};

static slice link_text(const struct ask *ask, slice kind)
{
    for (size_t i = 0; i < COUNT_OF(links); i++)
        if (slice_eq(kind, slice_of(links[i].kind)))
            return ask_text(ask, slice_of(links[i].text));
    return kind;
}

/* Of one that who asks does not see, not even its title. */
static struct err link_write(struct incident_page *page, const void *of)
{
    const struct incident_link *row = of;
    struct ask *ask = page->ask;
    struct incident other;
    struct err err = worked_whole(ask, row->other, &other);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("other"), (uint64_t)row->other);
    json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/incidents/", row->other, "")));
    json_write_key_text(&ask->json, S("kind"), row->kind);
    json_write_key_text(&ask->json, S("kind_text"), link_text(ask, row->kind));
    outside_write_value(&page->outside, S("title"), row->title, OUTSIDE_NAME);
    json_write_end(&ask->json);
    return OK;
}

struct err incident_links(struct incident_page *page)
{
    static const struct listing list = {"links", LINKS, sizeof(struct incident_link), link_write};
    struct incident_link *rows;
    size_t count;
    const char *kind;
    TRY(store_incident_links(page->ask->db, page->row->number, page->ask->arena, &rows, &count));
    TRY(listing_write(page, &list, rows, count));
    list_begin(page, "link_kinds");
    for (size_t i = 0; page->may && (kind = case_link_kind(i)) != NULL; i++)
        worked_choice(page->ask, slice_of(kind), link_text(page->ask, slice_of(kind)), false);
    list_end(page);
    return OK;
}

/* ---- Tasks ---- */

struct err incident_task_write(struct outside *outside, struct warned_names *names, const struct task *task)
{
    struct ask *ask = outside->ask;
    bool open = task->state < TASK_ENDED;
    slice person = S("");
    if (warned_may(ask, VERB_READ_INCIDENTS, 0))
        TRY(worked_person(ask, task->person, &person));
    json_write_key_u64(&ask->json, S("number"), (uint64_t)task->number);
    json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/tasks/", task->number, "")));
    outside_write_value(outside, S("title"), task->title, OUTSIDE_LINE);
    worked_task_state(ask, task->state);
    TRY(warned_organisation(ask, names, S("organisation"), task->organisation));
    json_write_key_text(&ask->json, S("person"), person);
    page_moment(ask, S("due"), task->due_us);
    json_write_key_text(&ask->json, S("every"), moment_every_text(task->every_us, ask->arena));
    page_flag(ask, S("is_late"), open && task->due_us != TIME_NONE && task->due_us < clock_now_us());
    page_moment(ask, S("withdrawn"), task->withdrawn_us);
    outside_write(outside, S("agreed_by"), task->agreed_by, OUTSIDE_NAME);
    page_flag(ask, S("waits_for_word"), open && task->agreed_by.len > 0 && task->agreed_us == TIME_NONE);
    return OK;
}

static struct err task_write(struct incident_page *page, const void *row)
{
    const struct task *task = row;
    struct ask *ask = page->ask;
    json_write_object(&ask->json);
    TRY(incident_task_write(&page->outside, &page->names, task));
    outside_write_value(&page->outside, S("result"), task->result, OUTSIDE_LINE);
    json_write_end(&ask->json);
    return OK;
}

/* Of who sees a part, those of their own organisation. */
struct err incident_tasks(struct incident_page *page)
{
    static const struct listing tasks = {"tasks", TASKS, sizeof(struct task), task_write};
    struct ask *ask = page->ask;
    struct task *rows;
    size_t count, kept = 0;
    TRY(store_task_list(ask->db, page->row->number, ask->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (page->sight == CASE_ALL || rows[i].organisation == ask->who.actor.organisation)
            rows[kept++] = rows[i];
    TRY(listing_write(page, &tasks, rows, kept));
    page_flag(ask, S("any_task"), kept > 0);
    return OK;
}

/* ---- Duties ---- */

struct err incident_duty_write(struct outside *outside, struct warned_names *names, const struct duty *duty)
{
    struct ask *ask = outside->ask;
    const int64_t now_us = clock_now_us();
    struct plan_duty rule = {.title = duty->rule, .title_other = S("")};
    bool runs = duty->state == DUTY_RUNNING, timed = duty->due_us != TIME_NONE;
    int64_t spent = now_us - duty->starts_us, all = timed ? duty->due_us - duty->starts_us : 0;
    TRY(plan_duty_kept(duty->text, ask->arena, &rule));
    bool other = ask->language == LANGUAGE_INDONESIAN && rule.title_other.len > 0;
    json_write_key_u64(&ask->json, S("number"), (uint64_t)duty->number);
    json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/duties/", duty->number, "")));
    json_write_key_u64(&ask->json, S("incident"), (uint64_t)duty->incident);
    json_write_key_text(&ask->json, S("rule"), duty->rule);
    outside_write(outside, S("title"), other ? rule.title_other : rule.title, OUTSIDE_LINE);
    outside_write(outside, S("recipient"),
            ask->language == LANGUAGE_INDONESIAN && rule.recipient_other.len > 0 ? rule.recipient_other
                                                                                 : duty->recipient,
            OUTSIDE_NAME);
    TRY(warned_organisation(ask, names, S("organisation"), duty->organisation));
    worked_duty_state(ask, duty);
    page_moment(ask, S("starts"), duty->starts_us);
    page_moment(ask, S("due"), duty->due_us);
    page_moment(ask, S("filed"), duty->filed_us);
    page_flag(ask, S("runs"), runs);
    if (runs && timed)
        outside_ago(ask, S("left"), duty->due_us);
    json_write_key(&ask->json, S("per_cent"));
    if (runs && timed && all > 0)
        json_write_u64(&ask->json, spent <= 0 ? 0 : spent >= all ? 100 : (uint64_t)(spent / (all / 100 + 1)));
    else
        json_write_null(&ask->json);
    return OK;
}

/* Those that run stand first, then those that ended, each in the order in which they began. */
static void running_first(const struct duty *rows, size_t count, const struct duty **sorted)
{
    size_t kept = 0;
    for (int ended = 0; ended < 2; ended++)
        for (size_t i = 0; i < count; i++)
            if ((rows[i].state != DUTY_RUNNING) == (ended != 0))
                sorted[kept++] = &rows[i];
}

struct err incident_duties(struct incident_page *page)
{
    struct ask *ask = page->ask;
    const struct plan_duties *rules = ask->gate->options.parts->duties;
    struct duty *rows;
    struct incident_piece piece;
    size_t count;
    TRY(store_duty_list(ask->db, page->row->number, ask->arena, &rows, &count));
    const struct duty **sorted = arena_new(ask->arena, const struct duty *, count + 1);
    running_first(rows, count, sorted);
    TRY(incident_piece(page, "duties", count, DUTIES, &piece));
    list_begin(page, "duties");
    for (size_t i = piece.from; i < piece.to; i++) {
        json_write_object(&ask->json);
        TRY(incident_duty_write(&page->outside, &page->names, sorted[i]));
        json_write_end(&ask->json);
    }
    list_end(page);
    list_begin(page, "demands"); /* rules whose clock a person begins */
    for (size_t i = 0; page->may && rules != NULL && i < rules->count; i++)
        if (rules->rows[i].start == PLAN_FROM_HAND && !rules->rows[i].draft)
            worked_choice(ask, rules->rows[i].name,
                    ask->language == LANGUAGE_INDONESIAN && rules->rows[i].title_other.len > 0
                            ? rules->rows[i].title_other
                            : rules->rows[i].title,
                    false);
    list_end(page);
    return OK;
}

/* ---- Evidence ---- */

struct err incident_evidence(struct incident_page *page)
{
    struct ask *ask = page->ask;
    struct evidence *rows;
    struct incident_piece piece;
    size_t count = 0;
    if (warned_may(ask, VERB_VERIFY_EVIDENCE, 0))
        TRY(store_evidence_list(ask->db, page->row->number, 0, STORE_PAGE_MAX, ask->arena, &rows, &count));
    TRY(incident_piece(page, "evidence", count, ITEMS, &piece));
    list_begin(page, "evidence");
    for (size_t i = piece.from; i < piece.to; i++) {
        json_write_object(&ask->json);
        json_write_key_u64(&ask->json, S("number"), (uint64_t)rows[i].number);
        json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/evidence/", rows[i].number, "")));
        outside_write(&page->outside, S("name"), rows[i].name, OUTSIDE_NAME);
        page_moment(ask, S("acquired"), rows[i].acquired_us);
        page_count(ask, S("bytes"), (uint64_t)rows[i].bytes);
        page_flag(ask, S("destroyed"), rows[i].seal.len == 0);
        json_write_end(&ask->json);
    }
    list_end(page);
    return OK;
}

/* ---- What waits for the second person ---- */

struct err incident_waiting(struct incident_page *page)
{
    struct ask *ask = page->ask;
    struct approval *rows;
    struct incident_piece piece;
    slice subject = slice_of(arena_printf(ask->arena, CASE_SUBJECT "/%" PRId64, page->row->number));
    size_t count, kept = 0;
    TRY(store_approval_about(ask->db, subject, INT64_MAX, STORE_PAGE_MAX, ask->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (rows[i].state == APPROVAL_OPEN)
            rows[kept++] = rows[i];
    TRY(incident_piece(page, "waiting", kept, WAITING, &piece));
    list_begin(page, "waiting");
    for (size_t i = piece.from; i < piece.to; i++) {
        const struct share_act *act = share_act_find(rows[i].act);
        json_write_object(&ask->json);
        json_write_key_u64(&ask->json, S("number"), (uint64_t)rows[i].number);
        json_write_key_text(&ask->json, S("act"), rows[i].act);
        json_write_key_text(&ask->json, S("text"), act == NULL ? rows[i].act : ask_text(ask, slice_of(act->text)));
        outside_write_value(&page->outside, S("reason"), rows[i].reason, OUTSIDE_LINE);
        outside_write(&page->outside, S("proposed_by"), rows[i].proposed_by, OUTSIDE_NAME);
        page_moment(ask, S("proposed"), rows[i].proposed_us);
        page_flag(ask, S("may_decide"), shared_may_decide(ask, &rows[i]));
        json_write_end(&ask->json);
    }
    list_end(page);
    return OK;
}
