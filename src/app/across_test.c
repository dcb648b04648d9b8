/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One incident on three nodes: its home, a partner that is a party, and one that is none. Each sees what is for it and
 * nothing else; while the link is cut both go on, and afterwards both have the same.
 */
#include "app/acts.h"
#include "app/test_federation.h"
#include "case/across.h"
#include "case/round.h"
#include "intel/ingest.h"
#include "store/object.h"
#include "store/part.h"
#include "store/source.h"

#define TERMS                                                                                                          \
    "{\"after_end\":\"keep\",\"affected\":true,\"from\":\"2026-11-01T00:00:00Z\",\"highest\":\"TLP:AMBER\","           \
    "\"jurisdiction\":[],\"kinds\":[\"domain-name\",\"event\",\"impact\",\"incident\",\"note\",\"relationship\","      \
    "\"report\",\"task\"],\"onward\":\"no\",\"purpose\":\"Protecting hospitals\","                                     \
    "\"residency\":[],\"sightings\":false,\"unmarked\":\"TLP:AMBER\",\"until\":\"2027-12-31T23:59:59Z\"}"

enum { HOME, PARTY, OTHER, NODES };

static struct fed_node *at(size_t place)
{
    return &fed.nodes[place];
}

/* ---- What nodes do by themselves ---- */

static void follow(struct fed_node *node)
{
    const struct follower follower = case_across_follower();
    struct actor actor = {.organisation = node->local.organisation, .name = S("@across"), .how = ACTOR_FOLLOWER};
    struct arena *arena = arena_open("across", ARENA_WORK, 256u << 20);
    uint64_t did;
    bool made = true;
    fed_ok(store_follower_once(node->db, &follower, 10000, arena, &did));
    for (int turns = 0; made && turns < 100; turns++)
        fed_ok(case_across_step(node->db, &actor, arena, &made));
    assert_false(made);
    arena_close(arena);
}

static void rounds(void)
{
    for (int i = 0; i < 4; i++) {
        for (size_t place = 0; place < fed.count; place++) {
            follow(at(place));
            fed_work(at(place));
        }
        clock_set(clock_now_us() + MINUTE_US);
    }
}

/* ---- What people do ---- */

struct doing {
    int64_t incident, organisation, number;
    slice text;
    int state;
    const struct incident_entry *entry;
    const struct case_task_put *task;
};

static void as(struct fed_node *node, work_action *action, struct doing *verb)
{
    fed_ok(store_work(node->db, &node->local, node->arena, action, verb));
}

static struct err open_action(struct work *work, void *context)
{
    struct doing *verb = context;
    struct case_incident_put put = {.title = S("Ransomware di RS Contoh"),
            .class = S("malicious-code/infected-system"),
            .severity = SEVERITY_HIGH};
    for (enum incident_when i = 0; i < INCIDENT_WHENS; i++)
        put.at[i] = TIME_NONE;
    put.at[INCIDENT_KNOWN_AT] = work->now_us;
    return case_incident_open(work, &put, &verb->incident);
}

static struct err party_action(struct work *work, void *context)
{
    struct doing *verb = context;
    return case_party_add(work, verb->incident, verb->organisation, (enum party_role)verb->state, S("by hand"));
}

static struct err party_end_action(struct work *work, void *context)
{
    struct doing *verb = context;
    return case_party_end(work, verb->incident, verb->organisation, (enum party_role)verb->state, S("it left"));
}

static struct err entry_action(struct work *work, void *context)
{
    struct doing *verb = context;
    return case_entry_add(work, verb->incident, verb->entry, &verb->number);
}

static struct err task_action(struct work *work, void *context)
{
    struct doing *verb = context;
    return case_task_add(work, verb->task, &verb->number);
}

static struct err task_state_action(struct work *work, void *context)
{
    struct doing *verb = context;
    return case_task_state(work, verb->number, (enum task_state)verb->state, verb->text);
}

static struct err observable_action(struct work *work, void *context)
{
    struct doing *verb = context;
    return case_observable_add(work, verb->incident, S("domain"), verb->text);
}

static struct err impact_action(struct work *work, void *context)
{
    struct doing *verb = context;
    const struct impact put = {.kind = S("patients-diverted"),
            .low = 3,
            .high = 7,
            .unit = S(""),
            .basis = S("ward list"),
            .confidence = S("low"),
            .organisation = verb->organisation,
            .at_us = TIME_NONE};
    return case_impact_add(work, verb->incident, &put, &verb->number);
}

static struct err served_action(struct work *work, void *context)
{
    struct doing *verb = context;
    const struct organisation_put put = {.name = verb->text,
            .kind = S("hospital"),
            .sector = S("health"),
            .country = S("ID"),
            .relation = RELATION_CONSTITUENT};
    TRY(store_organisation_add(work, &put, &verb->organisation));
    return store_organisation_state(work, verb->organisation, ORGANISATION_ACTIVE);
}

static void write_entry(
        struct fed_node *node, int64_t incident, enum entry_kind kind, int64_t audience, const char *text)
{
    const struct incident_entry put = {.kind = kind,
            .audience = audience,
            .text = slice_of(text),
            .source = S(""),
            .happened_us = TIME_NONE,
            .due_us = kind == ENTRY_QUESTION ? clock_now_us() + HOUR_US : TIME_NONE};
    struct doing verb = {.incident = incident, .entry = &put};
    as(node, entry_action, &verb);
}

static int64_t partner_of(size_t here, size_t there)
{
    return fed_partner(at(here), at(there)).organisation;
}

static void share(struct fed_node *node, int64_t incident)
{
    struct share_proposal proposal;
    struct actor coordinator = node->ayu;
    coordinator.roles |= 1u << ROLE_COORDINATOR;
    fed_ok(case_across_share(node->db, &coordinator, incident, true, S("they help us"), node->arena, &proposal));
    assert_false(proposal.done); /* one person alone shares nothing */
    fed_second(node, &proposal);
}

/* ---- What is seen ---- */

static bool has_byte_of(struct fed_node *node, const char *text)
{
    struct object_place place = {0};
    struct arena *arena = arena_open("search", ARENA_WORK, 256u << 20);
    bool found = false;
    while (!place.end && !found) {
        struct object *rows;
        size_t count;
        fed_ok(store_object_page(
                node->db, &(struct object_filter){.all_versions = true}, &place, STORE_PAGE_MAX, arena, &rows, &count));
        for (size_t i = 0; i < count; i++)
            found |= slice_find_slice(rows[i].bytes, slice_of(text)) < rows[i].bytes.len;
    }
    arena_close(arena);
    return found;
}

static struct incident theirs(size_t place, const struct incident *home)
{
    struct incident row;
    fed_ok(store_incident_of_identity(at(place)->db, home->identity, at(place)->arena, &row));
    return row;
}

static struct incident_entry *entries(size_t place, int64_t incident, size_t *count)
{
    struct incident_entry *rows;
    fed_ok(store_entry_list(at(place)->db, incident, INT64_MIN, 0, 100, at(place)->arena, &rows, count));
    return rows;
}

static const struct incident_entry *entry_of(size_t place, int64_t incident, const char *text)
{
    size_t count;
    const struct incident_entry *rows = entries(place, incident, &count);
    for (size_t i = 0; i < count; i++)
        if (slice_eq(rows[i].text, slice_of(text)))
            return &rows[i];
    return NULL;
}

static struct task task_of(size_t place, slice identity)
{
    struct task row;
    fed_ok(store_task_of_identity(at(place)->db, identity, at(place)->arena, &row));
    return row;
}

/* ---- Three nodes and an incident ---- */

static struct incident begin(void)
{
    struct doing verb = {.text = S("RS Contoh")};
    acts_open();
    fed_open(NODES, 5);
    fed_peer(HOME, PARTY);
    fed_peer(HOME, OTHER);
    fed_round();
    fed_round();
    fed_agree(HOME, PARTY, TERMS);
    fed_agree(HOME, OTHER, TERMS);
    as(at(HOME), served_action, &verb);
    int64_t victim = verb.organisation;
    as(at(HOME), open_action, &verb);
    verb.organisation = victim;
    verb.state = PARTY_VICTIM;
    as(at(HOME), party_action, &verb);
    verb.organisation = partner_of(HOME, PARTY);
    verb.state = PARTY_SUPPORT;
    as(at(HOME), party_action, &verb);
    verb.organisation = partner_of(HOME, OTHER);
    verb.state = PARTY_LIAISON;
    as(at(HOME), party_action, &verb);
    struct incident row;
    fed_ok(store_incident_get(at(HOME)->db, verb.incident, at(HOME)->arena, &row));
    return row;
}

static int64_t give_task(const struct incident *home, int64_t organisation, const char *title)
{
    const struct case_task_put put = {.incident = home->number,
            .title = slice_of(title),
            .text = S(""),
            .person = S(""),
            .agreed_by = S(""),
            .step = S(""),
            .organisation = organisation,
            .due_us = clock_now_us() + DAY_US};
    struct doing verb = {.task = &put};
    as(at(HOME), task_action, &verb);
    return verb.number;
}

static void each_party_sees_what_is_for_it(void **state)
{
    (void)state;
    const struct incident home = begin();
    struct doing verb = {.text = S("RS Rahasia"), .incident = home.number};
    as(at(HOME), served_action, &verb);
    verb.text = S("pay.evil.example");
    as(at(HOME), observable_action, &verb);
    as(at(HOME), impact_action, &verb);
    write_entry(at(HOME), home.number, ENTRY_NOTE, AUDIENCE_OWN, "ours alone");
    write_entry(at(HOME), home.number, ENTRY_NOTE, AUDIENCE_PARTIES, "for all of you");
    write_entry(at(HOME), home.number, ENTRY_EVENT, AUDIENCE_PARTIES, "the first screen turned red");
    write_entry(at(HOME), home.number, ENTRY_NOTE, partner_of(HOME, PARTY), "for you");
    write_entry(at(HOME), home.number, ENTRY_NOTE, partner_of(HOME, OTHER), "for the liaison");
    write_entry(at(HOME), home.number, ENTRY_NOTE, AUDIENCE_PARTIES, "as with RS Rahasia last year");
    give_task(&home, partner_of(HOME, PARTY), "Look at the image");
    give_task(&home, 0, "Call the hospital");
    rounds();
    assert_false(has_byte_of(at(HOME), home.identity.ptr)); /* nobody shared it yet */
    share(at(HOME), home.number);
    rounds();
    const struct incident row = theirs(PARTY, &home);
    assert_true(slice_eq(row.title, S("Ransomware di RS Contoh")));
    assert_true(slice_eq(row.class, home.class));
    assert_int_equal(row.severity, SEVERITY_HIGH);
    assert_int_equal(row.at[INCIDENT_KNOWN_AT] / 1000, home.at[INCIDENT_KNOWN_AT] / 1000);
    assert_int_equal(row.home, partner_of(PARTY, HOME));
    assert_non_null(entry_of(PARTY, row.number, "for all of you"));
    assert_int_equal(entry_of(PARTY, row.number, "the first screen turned red")->kind, ENTRY_EVENT);
    assert_int_equal(entry_of(PARTY, row.number, "for you")->home, row.home);
    struct task *tasks;
    struct incident_observable *seen;
    struct impact *impacts;
    size_t count;
    fed_ok(store_task_list(at(PARTY)->db, row.number, at(PARTY)->arena, &tasks, &count));
    assert_int_equal(count, 2);
    assert_int_equal(tasks[0].organisation, at(PARTY)->local.organisation);
    assert_int_equal(tasks[1].organisation, row.home);
    fed_ok(store_incident_observables(at(PARTY)->db, row.number, at(PARTY)->arena, &seen, &count));
    assert_int_equal(count, 1);
    assert_true(slice_eq(seen[0].value, S("pay.evil.example")));
    fed_ok(store_impact_list(at(PARTY)->db, row.number, at(PARTY)->arena, &impacts, &count));
    assert_int_equal(count, 1);
    assert_int_equal(impacts[0].high, 7);
    static const char *const secrets[] = {"ours alone", "for the liaison", "RS Rahasia"};
    for (size_t i = 0; i < COUNT_OF(secrets); i++)
        assert_false(has_byte_of(at(PARTY), secrets[i]));
    struct incident_part part; /* what came goes to nobody else from there */
    fed_ok(store_part_get(
            at(PARTY)->db, fed_partner(at(PARTY), at(HOME)).source, home.identity, at(PARTY)->arena, &part));
    assert_int_equal(part.audience, AUDIENCE_OWN);
    assert_false(has_byte_of(at(OTHER), "incident"));
    assert_false(has_byte_of(at(OTHER), "note--"));
    assert_false(has_byte_of(at(OTHER), "evil.example"));
    fed_close();
}

static void a_cut_link_changes_nothing_in_the_end(void **state)
{
    (void)state;
    const struct incident home = begin();
    int64_t given = give_task(&home, partner_of(HOME, PARTY), "Look at the image");
    int64_t dropped = give_task(&home, partner_of(HOME, PARTY), "Look at the mail");
    write_entry(at(HOME), home.number, ENTRY_QUESTION, partner_of(HOME, PARTY), "is it the same family?");
    share(at(HOME), home.number);
    rounds();
    const struct incident row = theirs(PARTY, &home);
    share(at(PARTY), row.number);
    rounds();
    fed.links[HOME][PARTY].down = fed.links[PARTY][HOME].down = true;
    struct task task, other;
    fed_ok(store_task_get(at(HOME)->db, given, at(HOME)->arena, &task));
    fed_ok(store_task_get(at(HOME)->db, dropped, at(HOME)->arena, &other));
    struct doing verb = {.number = task_of(PARTY, task.identity).number, .state = TASK_DOING};
    as(at(PARTY), task_state_action, &verb);
    write_entry(at(HOME), home.number, ENTRY_NOTE, AUDIENCE_PARTIES, "the backup is good");
    write_entry(at(PARTY), row.number, ENTRY_NOTE, AUDIENCE_PARTIES, "we found the key");
    for (int hours = 0; hours < 3; hours++) { /* either goes on */
        clock_set(clock_now_us() + HOUR_US);
        rounds();
    }
    verb.state = TASK_DONE;
    verb.text = S("Two images.");
    as(at(PARTY), task_state_action, &verb);
    verb = (struct doing){.number = task_of(PARTY, other.identity).number, .state = TASK_DONE, .text = S("No mail.")};
    as(at(PARTY), task_state_action, &verb);
    verb = (struct doing){.number = dropped, .state = TASK_CANCELLED, .text = S("not needed")};
    as(at(HOME), task_state_action, &verb);
    const struct incident_entry *question = entry_of(PARTY, row.number, "is it the same family?");
    assert_int_equal(question->kind, ENTRY_QUESTION);
    const struct incident_entry answer = {.kind = ENTRY_ANSWER,
            .answers = question->number,
            .audience = AUDIENCE_PARTIES,
            .text = S("it is"),
            .source = S(""),
            .happened_us = TIME_NONE,
            .due_us = TIME_NONE};
    verb = (struct doing){.incident = row.number, .entry = &answer};
    as(at(PARTY), entry_action, &verb);
    rounds();
    assert_null(entry_of(HOME, home.number, "we found the key"));
    fed.links[HOME][PARTY].down = fed.links[PARTY][HOME].down = false;
    clock_set(clock_now_us() + HOUR_US);
    rounds();
    rounds();
    assert_non_null(entry_of(PARTY, row.number, "the backup is good"));
    assert_int_equal(entry_of(HOME, home.number, "we found the key")->home, partner_of(HOME, PARTY));
    assert_int_equal(entry_of(HOME, home.number, "it is")->answers,
            entry_of(HOME, home.number, "is it the same family?")->number);
    assert_int_equal(task_of(HOME, task.identity).state, TASK_DONE);
    assert_true(slice_eq(task_of(HOME, task.identity).result, S("Two images.")));
    assert_int_equal(task_of(HOME, other.identity).state, TASK_DONE); /* done is done, whoever was told first */
    assert_int_equal(task_of(PARTY, other.identity).state, TASK_DONE);
    struct incident_question *open, from = {.due_us = INT64_MIN};
    size_t count;
    fed_ok(store_question_open(at(HOME)->db, &from, 10, at(HOME)->arena, &open, &count));
    assert_int_equal(count, 0); /* it was answered */
    fed_close();
}

/* The one that is not ended of those that ask for figures. */
static struct task asked_of(size_t place, int64_t incident, size_t expected)
{
    struct task *rows, open = {.number = 0};
    size_t count, found = 0;
    fed_ok(store_task_list(at(place)->db, incident, at(place)->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        bool asks = slice_eq(rows[i].asks, S("clinical"));
        found += asks;
        if (asks && rows[i].state < TASK_ENDED)
            open = rows[i];
    }
    assert_int_equal(found, expected);
    assert_true(open.number > 0);
    return open;
}

static void a_partner_answers_for_clinical_figures_round_by_round(void **state)
{
    (void)state;
    const struct incident home = begin();
    case_round_open(4 * HOUR_US);
    share(at(HOME), home.number);
    struct doing verb = {.incident = home.number, .organisation = partner_of(HOME, PARTY)};
    as(at(HOME), impact_action, &verb);
    case_round_open(0);
    rounds();
    const struct incident row = theirs(PARTY, &home);
    share(at(PARTY), row.number);
    struct task task = asked_of(PARTY, row.number, 1);
    assert_true(task.organisation == at(PARTY)->local.organisation && task.every_us == 4 * HOUR_US);
    clock_set(task.due_us);
    verb = (struct doing){.number = task.number, .state = TASK_DONE, .text = S("patients-diverted many")};
    struct err err = store_work(at(PARTY)->db, &at(PARTY)->local, at(PARTY)->arena, task_state_action, &verb);
    assert_int_equal(err.kind, ERR_INPUT); /* who types it hears of it */
    verb.text = S("patients-diverted 20\nTwo wards are open again.");
    as(at(PARTY), task_state_action, &verb);
    rounds();
    struct impact *impacts;
    size_t count;
    fed_ok(store_impact_list(at(HOME)->db, home.number, at(HOME)->arena, &impacts, &count));
    assert_int_equal(count, 2);
    assert_true(impacts[1].low == 20 && impacts[1].organisation == partner_of(HOME, PARTY));
    struct task next = asked_of(HOME, home.number, 2);
    assert_true(next.due_us >= task.due_us + 4 * HOUR_US && next.every_us == 4 * HOUR_US);
    rounds();
    assert_true(slice_eq(asked_of(PARTY, row.number, 2).identity, next.identity));
    assert_int_equal(task_of(PARTY, task.identity).every_us, 0); /* there is one that comes next, and no more */
    fed_close();
}

static void what_did_not_change_is_not_sent_again(void **state)
{
    (void)state;
    const struct incident home = begin();
    share(at(HOME), home.number);
    rounds();
    struct object *rows;
    size_t before, count;
    struct object_filter filter = {.all_versions = true};
    fed_ok(store_object_list(at(PARTY)->db, &filter, 0, STORE_PAGE_MAX, at(PARTY)->arena, &rows, &before));
    write_entry(at(HOME), home.number, ENTRY_NOTE, AUDIENCE_PARTIES, "one more");
    rounds();
    fed_ok(store_object_list(at(PARTY)->db, &filter, 0, STORE_PAGE_MAX, at(PARTY)->arena, &rows, &count));
    assert_int_equal(count, before + 1);
    fed_close();
}

static void who_left_gets_nothing_more(void **state)
{
    (void)state;
    const struct incident home = begin();
    share(at(HOME), home.number);
    rounds();
    struct doing verb = {.incident = home.number, .organisation = partner_of(HOME, PARTY), .state = PARTY_SUPPORT};
    as(at(HOME), party_end_action, &verb);
    write_entry(at(HOME), home.number, ENTRY_NOTE, AUDIENCE_PARTIES, "after they left");
    rounds();
    assert_null(entry_of(PARTY, theirs(PARTY, &home).number, "after they left"));
    assert_false(has_byte_of(at(PARTY), "after they left"));
    fed_close();
}

/* As if it had come from the other's node, whatever that one says. */
static void comes_from(size_t place, const char *json)
{
    struct intel_report report;
    struct partner partner = fed_partner(at(HOME), at(place));
    struct source source;
    fed_ok(store_source_get(at(HOME)->db, partner.source, at(HOME)->arena, &source));
    const struct intel_ingest ingest = {
            .source = source.name, .kind = S("taxii"), .name = S("an inbox"), .form = "stix"};
    fed_ok(intel_ingest_text(at(HOME)->db, &at(HOME)->local, &ingest, slice_of(json), at(HOME)->arena, &report));
    assert_int_equal(report.fresh, report.objects);
    follow(at(HOME));
}

#define SAID                                                                                                           \
    "{\"type\":\"bundle\",\"id\":\"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d\",\"objects\":[{\"type\":\"%s\","      \
    "\"spec_version\":\"2.1\",\"id\":\"%s\",\"created_by_ref\":\"%s\",\"created\":\"2026-11-01T00:00:00.000Z\","       \
    "\"modified\":\"2026-11-02T00:00:00.000Z\",%s}]}"

#define DONE                                                                                                           \
    "\"outcome\":\"successful\",\"extensions\":{\"extension-definition--2074a052-8be4-4932-849e-f5e7798e0030\":{"      \
    "\"extension_type\":\"new-sdo\"}}"

static const char *said(const char *type, slice id, size_t by, const char *more)
{
    return arena_printf(at(HOME)->arena, SAID, type, arena_cstr(at(HOME)->arena, id),
            arena_cstr(at(HOME)->arena, at(by)->keys.node), more);
}

static void nobody_writes_what_is_not_theirs(void **state)
{
    (void)state;
    const struct incident home = begin();
    struct arena *arena = at(HOME)->arena;
    const char *refs =
            arena_printf(arena, "\"content\":\"hello\",\"object_refs\":[\"%s\"]", arena_cstr(arena, home.identity));
    size_t count;
    struct incident row;
    comes_from(PARTY, said("incident", home.identity, PARTY, "\"name\":\"not so bad\""));
    fed_ok(store_incident_get(at(HOME)->db, home.number, arena, &row));
    assert_true(slice_eq(row.title, home.title)); /* ours is ours */
    comes_from(OTHER, said("note", S("note--7d0092c5-5f74-4287-9642-33f4c354e56d"), OTHER, refs));
    entries(HOME, home.number, &count);
    assert_int_equal(count, 0); /* a liaison has no word in it */
    comes_from(PARTY, said("note", S("note--8d0092c5-5f74-4287-9642-33f4c354e56d"), OTHER, refs));
    entries(HOME, home.number, &count);
    assert_int_equal(count, 0); /* nor who speaks in another's name */
    comes_from(PARTY, said("note", S("note--9d0092c5-5f74-4287-9642-33f4c354e56d"), PARTY, refs));
    entries(HOME, home.number, &count);
    assert_int_equal(count, 1); /* a party has, and needs no extension for it */
    comes_from(PARTY, said("opinion", S("opinion--9d0092c5-5f74-4287-9642-33f4c354e56d"), PARTY,
                              arena_printf(arena, "\"opinion\":\"agree\",\"object_refs\":[\"%s\"]",
                                      arena_cstr(arena, home.identity))));
    entries(HOME, home.number, &count);
    assert_int_equal(count, 1); /* nobody agreed on opinions: it stays an object */
    int64_t given = give_task(&home, partner_of(HOME, PARTY), "Look at the image");
    struct task task;
    fed_ok(store_task_get(at(HOME)->db, given, arena, &task));
    comes_from(OTHER, said("task", task.identity, OTHER, DONE));
    assert_int_equal(task_of(HOME, task.identity).state, TASK_TO_DO);
    fed_close();
}

static void a_part_may_come_before_its_incident(void **state)
{
    (void)state;
    begin();
    struct incident row;
    struct arena *arena = at(HOME)->arena;
    comes_from(PARTY, said("note", S("note--9d0092c5-5f74-4287-9642-33f4c354e56d"), PARTY,
                              "\"content\":\"early\",\"object_refs\":"
                              "[\"incident--ad0092c5-5f74-4287-9642-33f4c354e56d\"]"));
    comes_from(PARTY, said("incident", S("incident--ad0092c5-5f74-4287-9642-33f4c354e56d"), PARTY,
                              "\"name\":\"Theirs \\u001b[2J\",\"x_kentongan_unknown\":{\"kept\":true}"));
    fed_ok(store_incident_of_identity(at(HOME)->db, S("incident--ad0092c5-5f74-4287-9642-33f4c354e56d"), arena, &row));
    assert_true(slice_starts(row.title, S("Theirs ")));
    assert_null(memchr(row.title.ptr, 0x1b, row.title.len));
    assert_non_null(entry_of(HOME, row.number, "early"));
    assert_true(has_byte_of(at(HOME), "x_kentongan_unknown")); /* what we do not know stays in the object */
    fed_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(each_party_sees_what_is_for_it),
            cmocka_unit_test(a_cut_link_changes_nothing_in_the_end),
            cmocka_unit_test(a_partner_answers_for_clinical_figures_round_by_round),
            cmocka_unit_test(what_did_not_change_is_not_sent_again),
            cmocka_unit_test(who_left_gets_nothing_more),
            cmocka_unit_test(nobody_writes_what_is_not_theirs),
            cmocka_unit_test(a_part_may_come_before_its_incident),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
