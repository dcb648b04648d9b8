/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One incident on three nodes: its home, a partner that is a party, and one that is none. Each sees what is for it and
 * nothing else; while the link is cut both go on, and afterwards both have the same.
 */
#include "app/acts.h"
#include "app/test_federation.h"
#include "case/across_parts.h"
#include "case/opinion.h"
#include "case/round.h"
#include "intel/ingest.h"
#include "store/object.h"
#include "store/part.h"
#include "store/source.h"

#define TERMS_WITH(kind)                                                                                               \
    "{\"after_end\":\"keep\",\"affected\":true,\"from\":\"2026-11-01T00:00:00Z\",\"highest\":\"TLP:AMBER\","           \
    "\"jurisdiction\":[],\"kinds\":[\"domain-name\",\"event\",\"impact\",\"incident\",\"note\"," kind                  \
    "\"relationship\","                                                                                                \
    "\"report\",\"task\"],\"onward\":\"no\",\"purpose\":\"Protecting hospitals\","                                     \
    "\"residency\":[],\"sightings\":false,\"unmarked\":\"TLP:AMBER\",\"until\":\"2027-12-31T23:59:59Z\"}"
#define TERMS TERMS_WITH("")
#define OPINIONS TERMS_WITH("\"opinion\",")

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
    const struct case_opinion_put *opinion;
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

static struct err withdraw_action(struct work *work, void *context)
{
    const struct doing *verb = context;
    return case_entry_withdraw(work, verb->incident, verb->number, S(""));
}

static struct err opinion_action(struct work *work, void *context)
{
    struct doing *verb = context;
    return case_opinion(work, verb->incident, verb->opinion, &verb->number);
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

static struct incident begin_with(const char *terms)
{
    struct doing verb = {.text = S("RS Contoh")};
    acts_open();
    fed_open(NODES, 5);
    fed_peer(HOME, PARTY);
    fed_peer(HOME, OTHER);
    fed_round();
    fed_round();
    fed_agree(HOME, PARTY, terms);
    fed_agree(HOME, OTHER, terms);
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

static struct incident begin(void)
{
    return begin_with(TERMS);
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

/* ---- Opinions, and what is taken back ---- */

static int64_t hold(struct fed_node *node, int64_t incident, const char *opinion, const char *about, int64_t audience)
{
    const struct case_opinion_put put = {slice_of(opinion), S("as we see it"), slice_of(about), audience};
    struct doing verb = {.incident = incident, .opinion = &put};
    as(node, opinion_action, &verb);
    return verb.number;
}

static void withdraw(struct fed_node *node, int64_t incident, int64_t number)
{
    struct doing verb = {.incident = incident, .number = number};
    as(node, withdraw_action, &verb);
}

static const struct incident_entry *by_identity(size_t place, slice identity)
{
    struct incident_entry *row = arena_new(at(place)->arena, struct incident_entry, 1);
    int64_t incident;
    fed_ok(store_entry_of_identity(at(place)->db, identity, at(place)->arena, &incident, row));
    return row;
}

static slice identity_of(size_t place, int64_t incident, int64_t number)
{
    struct incident_entry row;
    fed_ok(store_entry_get(at(place)->db, incident, number, at(place)->arena, &row));
    return row.identity;
}

static struct case_about about_of(size_t place, const struct incident *incident, const struct incident_entry *entry)
{
    struct case_about found;
    struct case_abouts abouts = case_abouts(at(place)->db, incident, at(place)->arena);
    fed_ok(case_about_get(&abouts, entry->about, &found));
    return found;
}

static void an_opinion_arrives_as_one(void **state)
{
    (void)state;
    const struct incident home = begin_with(OPINIONS);
    struct doing verb = {.text = S("pay.evil.example"), .incident = home.number};
    as(at(HOME), observable_action, &verb);
    write_entry(at(HOME), home.number, ENTRY_NOTE, AUDIENCE_PARTIES, "it came by mail");
    hold(at(HOME), home.number, "disagree", "", AUDIENCE_OWN);
    share(at(HOME), home.number);
    rounds();
    const struct incident row = theirs(PARTY, &home);
    share(at(PARTY), row.number);
    char number[24];
    snprintf(number, sizeof number, "%lld", (long long)entry_of(PARTY, row.number, "it came by mail")->number);
    int64_t of_note = hold(at(PARTY), row.number, "strongly-agree", number, row.home);
    int64_t of_value = hold(at(PARTY), row.number, "disagree", "pay.evil.example", AUDIENCE_PARTIES);
    int64_t of_all = hold(at(PARTY), row.number, "neutral", "", row.home);
    rounds();
    rounds();
    const struct incident_entry *here = by_identity(HOME, identity_of(PARTY, row.number, of_note));
    assert_true(here->kind == ENTRY_OPINION && slice_eq(here->opinion, S("strongly-agree")));
    assert_true(slice_eq(here->text, S("as we see it")));
    assert_int_equal(here->home, partner_of(HOME, PARTY));
    assert_int_equal(about_of(HOME, &home, here).kind, CASE_ABOUT_ENTRY);
    here = by_identity(HOME, identity_of(PARTY, row.number, of_value));
    assert_true(slice_eq(about_of(HOME, &home, here).value, S("pay.evil.example")));
    here = by_identity(HOME, identity_of(PARTY, row.number, of_all));
    assert_int_equal(about_of(HOME, &home, here).kind, CASE_ABOUT_INCIDENT);
    size_t before, count;
    entries(HOME, home.number, &before);
    assert_int_equal(hold(at(PARTY), row.number, "strongly-disagree", number, row.home), of_note);
    rounds();
    here = by_identity(HOME, identity_of(PARTY, row.number, of_note));
    assert_true(slice_eq(here->opinion, S("strongly-disagree"))); /* the same one, changed */
    entries(HOME, home.number, &count);
    assert_int_equal(count, before);
    entries(PARTY, row.number, &count);
    assert_int_equal(count, 4); /* what the others' own people think stays with them */
    assert_false(has_byte_of(at(OTHER), "opinion--"));
    fed_close();
}

static void what_is_taken_back_is_withdrawn_everywhere(void **state)
{
    (void)state;
    const struct incident home = begin_with(OPINIONS);
    write_entry(at(HOME), home.number, ENTRY_NOTE, AUDIENCE_PARTIES, "never said");
    withdraw(at(HOME), home.number, 1);
    write_entry(at(HOME), home.number, ENTRY_NOTE, AUDIENCE_PARTIES, "it was Melati");
    write_entry(at(HOME), home.number, ENTRY_EVENT, AUDIENCE_PARTIES, "it fell");
    int64_t opinion = hold(at(HOME), home.number, "agree", "", AUDIENCE_PARTIES);
    share(at(HOME), home.number);
    rounds();
    const struct incident row = theirs(PARTY, &home);
    assert_int_equal(entry_of(PARTY, row.number, "it was Melati")->withdrawn_us, TIME_NONE);
    withdraw(at(HOME), home.number, 2);
    withdraw(at(HOME), home.number, 3);
    withdraw(at(HOME), home.number, opinion);
    struct doing verb = {.text = S("pay.evil.example"), .incident = home.number};
    as(at(HOME), observable_action, &verb);
    rounds();
    struct incident_observable *seen;
    size_t count;
    fed_ok(store_incident_observables(at(PARTY)->db, row.number, at(PARTY)->arena, &seen, &count));
    assert_int_equal(count, 1); /* what is made behind it goes */
    const struct incident_entry *rows = entries(PARTY, row.number, &count);
    assert_int_equal(count, 3); /* nothing is gone */
    for (size_t i = 0; i < count; i++)
        assert_int_not_equal(rows[i].withdrawn_us, TIME_NONE);
    assert_non_null(entry_of(PARTY, row.number, "it was Melati"));
    assert_false(has_byte_of(at(HOME), "never said")); /* no object was made of it */
    verb = (struct doing){.incident = home.number, .organisation = partner_of(HOME, OTHER), .state = PARTY_SUPPORT};
    as(at(HOME), party_action, &verb);
    rounds();
    entries(OTHER, theirs(OTHER, &home).number, &count);
    assert_int_equal(count, 0); /* who comes later learns nothing of it */
    assert_false(has_byte_of(at(OTHER), "it was Melati"));
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
    assert_int_equal(report.fresh + report.newer + report.older, report.objects);
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

/* ---- Any order ---- */

#define OURS(more) "\"" STIX_OUR_EXTENSION "\":{\"extension_type\":\"property-extension\",\"incident\":\"@0\"" more "}"
#define EXTENDED(more) ",\"extensions\":{" OURS(more) "}"
#define NEW(suite) ",\"extensions\":{\"" suite "\":{\"extension_type\":\"new-sdo\"}," OURS("") "}"
#define ABOUT(id) ",\"object_refs\":[\"" id "\"]"
#define REVOKED ",\"revoked\":true"

/* What a partner's node said in the course of a week. In a text, @1 is the id of the second thing. */
static const char *const things[] = {"incident", "note", "opinion", "note", "note", "event", "task", "opinion"};
static const struct {
    int thing;
    const char *text;
} history[] = {
        {0, "\"name\":\"Theirs\""},
        {0, "\"name\":\"Theirs, as it turned out\""},
        {1, "\"content\":\"one\"" ABOUT("@0")},
        {1, "\"content\":\"two\"" ABOUT("@0") EXTENDED(",\"source\":\"a call\"")},
        {1, "\"content\":\"two\"" ABOUT("@0") REVOKED},
        {2, "\"opinion\":\"agree\"" ABOUT("@1") EXTENDED("")},
        {2, "\"opinion\":\"disagree\",\"explanation\":\"it is not\"" ABOUT("@1") EXTENDED("")},
        {3, "\"content\":\"which?\"" ABOUT("@0") EXTENDED(",\"kind\":\"question\"")},
        {3, "\"content\":\"which ones?\"" ABOUT("@0")
                        EXTENDED(",\"kind\":\"question\",\"due\":\"2026-12-01T00:00:00.000Z\"")},
        {4, "\"content\":\"these\"" ABOUT("@0") EXTENDED(",\"kind\":\"answer\",\"answers\":\"@3\"")},
        {5, "\"description\":\"it fell\",\"status\":\"occurred\"" NEW(ACROSS_EVENT)},
        {5, "\"description\":\"it fell\",\"status\":\"occurred\"" REVOKED NEW(ACROSS_EVENT)},
        {6, "\"name\":\"Look\",\"outcome\":\"ongoing\"" NEW(ACROSS_TASK)},
        {6, "\"name\":\"Look again\",\"outcome\":\"ongoing\"" REVOKED NEW(ACROSS_TASK)},
        {7, "\"opinion\":\"neutral\"" ABOUT("@0")},
        {7, "\"opinion\":\"neutral\"" ABOUT("@0") REVOKED},
};

static const char *thing_id(unsigned trial, int thing)
{
    return arena_printf(at(HOME)->arena, "%s--%08x-0000-4000-8000-%012x", things[thing], trial + 1, (unsigned)thing);
}

static void object_expand(struct buf *out, unsigned trial, size_t row)
{
    int thing = history[row].thing;
    buf_printf(out,
            "{\"type\":\"%s\",\"spec_version\":\"2.1\",\"id\":\"%s\",\"created_by_ref\":\"%s\","
            "\"created\":\"2026-11-01T00:00:00.000Z\",\"modified\":\"2026-11-02T00:00:%02zu.000Z\",",
            things[thing], thing_id(trial, thing), arena_cstr(at(HOME)->arena, at(PARTY)->keys.node), row);
    for (const char *text = history[row].text; *text != '\0'; text++)
        if (*text == '@')
            buf_put(out, slice_of(thing_id(trial, *++text - '0')));
        else
            buf_byte(out, *text);
    buf_byte(out, '}');
}

static const char *last_of(slice id)
{
    return id.len < 12 ? "" : arena_cstr(at(HOME)->arena, slice_from(id, id.len - 12));
}

static void entry_tell(struct buf *out, int64_t incident, const struct incident_entry *row)
{
    struct arena *arena = at(HOME)->arena;
    slice answered = row->answers == 0 ? S("") : identity_of(HOME, incident, row->answers);
    buf_printf(out, "%s '%s' '%s' '%s' about %s answers %s %lld %lld %lld\n", store_entry_kind_name(row->kind),
            arena_cstr(arena, row->text), arena_cstr(arena, row->source), arena_cstr(arena, row->opinion),
            last_of(row->about), last_of(answered), (long long)row->happened_us, (long long)row->due_us,
            (long long)row->withdrawn_us);
}

/* The rows that came of it, but for what says when they came. */
static const char *rows_tell(unsigned trial)
{
    struct arena *arena = at(HOME)->arena;
    struct incident incident;
    struct buf out = buf_make(1u << 16);
    fed_ok(store_incident_of_identity(at(HOME)->db, slice_of(thing_id(trial, 0)), arena, &incident));
    buf_printf(&out, "%s\n", arena_cstr(arena, incident.title));
    for (int thing = 1; thing < (int)COUNT_OF(things); thing++) {
        slice identity = slice_of(thing_id(trial, thing));
        if (strcmp(things[thing], "task") != 0) {
            entry_tell(&out, incident.number, by_identity(HOME, identity));
            continue;
        }
        const struct task task = task_of(HOME, identity);
        buf_printf(&out, "%s %s %lld\n", arena_cstr(arena, task.title), store_task_state_name(task.state),
                (long long)task.withdrawn_us);
    }
    const char *told = arena_cstr(arena, buf_slice(&out));
    buf_free(&out);
    return told;
}

static size_t random_below(size_t below)
{
    static uint32_t seed = 2026;
    seed = seed * 1103515245u + 12345u;
    return (seed >> 8) % below;
}

/* In the order of `rows`, some at a time; at first one by one. */
static void history_comes(unsigned trial, const size_t *rows)
{
    struct buf bundle = buf_make(1u << 20);
    for (size_t i = 0; i < COUNT_OF(history);) {
        size_t begin = i, end = i + (trial == 0 ? 1 : 1 + random_below(4));
        buf_reset(&bundle);
        buf_put(&bundle,
                S("{\"type\":\"bundle\",\"id\":\"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d\",\"objects\":["));
        for (; i < end && i < COUNT_OF(history); i++) {
            buf_put(&bundle, i > begin ? S(",") : S(""));
            object_expand(&bundle, trial, rows[i]);
        }
        buf_put(&bundle, S("]}"));
        comes_from(PARTY, arena_cstr(at(HOME)->arena, buf_slice(&bundle)));
    }
    buf_free(&bundle);
}

/* Sites that were cut off get what they missed in whatever order, and have the same rows in the end. */
static void any_order_of_arrival_makes_the_same_rows(void **state)
{
    enum { TRIALS = 12 };
    size_t rows[COUNT_OF(history)];
    const char *first = NULL;
    (void)state;
    begin_with(OPINIONS);
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        rows[i] = i;
    for (unsigned trial = 0; trial < TRIALS; trial++) {
        for (size_t i = COUNT_OF(rows); trial > 0 && i > 1; i--) {
            size_t other = random_below(i), kept = rows[i - 1];
            rows[i - 1] = rows[other];
            rows[other] = kept;
        }
        history_comes(trial, rows);
        first = trial == 0 ? rows_tell(0) : first;
        assert_string_equal(rows_tell(trial), first);
    }
    assert_non_null(strstr(first, "opinion 'it is not' '' 'disagree'"));
    fed_close();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(each_party_sees_what_is_for_it),
            cmocka_unit_test(a_cut_link_changes_nothing_in_the_end),
            cmocka_unit_test(a_partner_answers_for_clinical_figures_round_by_round),
            cmocka_unit_test(what_did_not_change_is_not_sent_again),
            cmocka_unit_test(an_opinion_arrives_as_one),
            cmocka_unit_test(what_is_taken_back_is_withdrawn_everywhere),
            cmocka_unit_test(who_left_gets_nothing_more),
            cmocka_unit_test(nobody_writes_what_is_not_theirs),
            cmocka_unit_test(a_part_may_come_before_its_incident),
            cmocka_unit_test(any_order_of_arrival_makes_the_same_rows),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
