/* SPDX-License-Identifier: Apache-2.0 */
/* What people think of an incident, and what they take back, on both databases. */
#include "case/opinion.h"
#include "case/test_case.h"
#include "store/journal.h"

static struct actor officer, other;
static int64_t number;

static int begin(void **state)
{
    int status = set_up(state);
    if (status != 0 || test_store.base->where == NULL)
        return status;
    clock_set(NOON);
    officer = test_person(&test_store, "wati", ROLE_COORDINATOR);
    other = test_person(&test_store, "eka", ROLE_ANALYST);
    number = test_incident(&test_store, &officer, "Ransomware at RS Melati");
    return 0;
}

struct saying {
    int64_t incident, number;
    const struct incident_entry *entry;
    struct case_opinion_put put;
};

static struct err entry_action(struct work *work, void *context)
{
    struct saying *saying = context;
    return case_entry_add(work, saying->incident, saying->entry, &saying->number);
}

static struct err opinion_action(struct work *work, void *context)
{
    struct saying *saying = context;
    return case_opinion(work, saying->incident, &saying->put, &saying->number);
}

static struct err withdraw_action(struct work *work, void *context)
{
    const struct saying *saying = context;
    return case_entry_withdraw(work, saying->incident, saying->number, S("it was of another machine"));
}

static struct err seen_action(struct work *work, void *context)
{
    const struct saying *saying = context;
    return case_observable_add(work, saying->incident, S("domain"), S("pay.evil.example"));
}

static int64_t entry(struct test_store *store, const struct actor *who, enum entry_kind kind, int64_t audience)
{
    const struct incident_entry put = {.kind = kind,
            .audience = audience,
            .text = S("a text"),
            .source = S(""),
            .happened_us = TIME_NONE,
            .due_us = TIME_NONE};
    struct saying saying = {.incident = number, .entry = &put};
    test_ok(store_work(store->db, who, store->arena, entry_action, &saying));
    return saying.number;
}

static struct err holds(struct test_store *store, const struct actor *who, const char *opinion, const char *about,
        int64_t audience, int64_t *made)
{
    struct saying saying = {.incident = number, .put = {slice_of(opinion), S(""), slice_of(about), audience}};
    struct err err = store_work(store->db, who, store->arena, opinion_action, &saying);
    *made = saying.number;
    return err;
}

static struct err withdraws(struct test_store *store, const struct actor *who, int64_t entry)
{
    struct saying saying = {.incident = number, .number = entry};
    return store_work(store->db, who, store->arena, withdraw_action, &saying);
}

static struct incident_entry got(struct test_store *store, int64_t entry)
{
    struct incident_entry row;
    test_ok(store_entry_get(store->db, number, entry, store->arena, &row));
    return row;
}

static struct case_about about(struct test_store *store, int64_t entry)
{
    const struct incident incident = test_incident_get(store, number);
    struct case_about found;
    struct case_abouts abouts = case_abouts(store->db, &incident, store->arena);
    test_ok(case_about_get(&abouts, got(store, entry).about, &found));
    return found;
}

static size_t told(struct test_store *store, const char *act)
{
    struct journal_row *rows;
    size_t count, met = 0;
    slice subject = slice_of(arena_printf(store->arena, CASE_SUBJECT "/%lld", (long long)number));
    test_ok(store_journal_about(store->db, subject, INT64_MAX, 100, store->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        met += slice_eq(rows[i].act, slice_of(act));
    return met;
}

static void everybody_has_one_of_a_thing_and_changes_it(void **state)
{
    struct test_store *store = ready(state);
    int64_t first, again, of_other;
    test_ok(holds(store, &officer, "agree", "", AUDIENCE_PARTIES, &first));
    test_ok(holds(store, &officer, "strongly-disagree", "", AUDIENCE_PARTIES, &again));
    test_ok(holds(store, &other, "neutral", "", AUDIENCE_OWN, &of_other));
    assert_int_equal(first, again);
    assert_int_not_equal(first, of_other);
    assert_true(slice_eq(got(store, first).opinion, S("strongly-disagree")));
    assert_int_equal(told(store, "incident.opinion"), 1); /* what it was before stands there */
    test_ok(holds(store, &officer, "strongly-disagree", "", AUDIENCE_PARTIES, &again));
    assert_int_equal(told(store, "incident.opinion"), 1); /* nothing changed */
    test_refused(holds(store, &officer, "agree", "", AUDIENCE_OWN, &again), ERR_CONFLICT, "withdraw it before");
    test_refused(holds(store, &officer, "perhaps", "", AUDIENCE_OWN, &again), ERR_INPUT, "section 10.18");
}

#define INDICATOR "indicator--9d0092c5-5f74-4287-9642-33f4c354e56d"

static void indicator_put(struct test_store *store)
{
    const struct object_put put = test_object(INDICATOR, "2026-11-01T00:00:00.000", "{\"type\":\"indicator\"}");
    struct test_import import = test_import_begin(store, "a feed");
    test_import_put(store, &import, &put, 1);
    test_import_finish(store, &import);
}

static void it_is_about_the_incident_an_entry_or_what_was_seen(void **state)
{
    struct test_store *store = ready(state);
    struct saying saying = {.incident = number};
    int64_t made, note = entry(store, &officer, ENTRY_NOTE, AUDIENCE_PARTIES);
    test_ok(store_work(store->db, &officer, store->arena, seen_action, &saying));
    test_ok(holds(store, &other, "agree", "", AUDIENCE_OWN, &made));
    assert_int_equal(about(store, made).kind, CASE_ABOUT_INCIDENT);
    test_ok(holds(store, &other, "agree", "1", AUDIENCE_PARTIES, &made));
    assert_int_equal(about(store, made).kind, CASE_ABOUT_ENTRY);
    assert_int_equal(about(store, made).entry, note);
    test_ok(holds(store, &other, "disagree", "PAY[.]evil.example", AUDIENCE_OWN, &made));
    assert_int_equal(about(store, made).kind, CASE_ABOUT_SEEN);
    assert_true(slice_eq(about(store, made).value, S("pay.evil.example")));
    test_refused(holds(store, &other, "agree", "nowhere.example", AUDIENCE_OWN, &made), ERR_MISSING, "none of these");
    test_refused(holds(store, &other, "agree", "99", AUDIENCE_OWN, &made), ERR_MISSING, "no such entry");
    test_refused(holds(store, &other, "agree", INDICATOR, AUDIENCE_OWN, &made), ERR_MISSING, "none of these");
    indicator_put(store);
    test_ok(holds(store, &other, "agree", INDICATOR, AUDIENCE_OWN, &made));
    assert_int_equal(about(store, made).kind, CASE_ABOUT_OTHER);
    assert_true(slice_eq(about(store, made).value, S(INDICATOR)));
}

/* An opinion names the entry by its id: who has not that learns that there is one. */
static void it_goes_to_nobody_who_has_not_the_entry(void **state)
{
    struct test_store *store = ready(state);
    int64_t made, melati = test_served(store, "RS Melati"), kenanga = test_served(store, "RS Kenanga");
    test_party(store, &officer, number, melati, PARTY_VICTIM);
    entry(store, &officer, ENTRY_NOTE, AUDIENCE_OWN);
    entry(store, &officer, ENTRY_NOTE, melati);
    test_refused(holds(store, &other, "agree", "1", AUDIENCE_PARTIES, &made), ERR_CONFLICT, "has not the entry");
    test_refused(holds(store, &other, "agree", "1", melati, &made), ERR_CONFLICT, "has not the entry");
    test_refused(holds(store, &other, "agree", "2", kenanga, &made), ERR_CONFLICT, "has not the entry");
    test_refused(holds(store, &other, "agree", "2", AUDIENCE_PARTIES, &made), ERR_CONFLICT, "has not the entry");
    test_ok(holds(store, &other, "agree", "1", AUDIENCE_OWN, &made));
    test_ok(holds(store, &other, "agree", "2", melati, &made));
}

static void a_party_says_it_to_us_and_of_what_it_sees(void **state)
{
    struct test_store *store = ready(state);
    int64_t made, melati = test_served(store, "RS Melati");
    struct actor admin = {.organisation = melati,
            .user = 900,
            .name = S("dewi"),
            .roles = 1u << ROLE_CONSTITUENT_ADMIN,
            .how = ACTOR_PASSWORD};
    struct saying saying = {.incident = number};
    test_refused(holds(store, &admin, "agree", "", AUDIENCE_OWN, &made), ERR_MISSING, "no such incident");
    test_party(store, &officer, number, melati, PARTY_VICTIM);
    entry(store, &officer, ENTRY_NOTE, AUDIENCE_OWN);
    test_ok(store_work(store->db, &officer, store->arena, seen_action, &saying));
    test_ok(holds(store, &admin, "disagree", "", AUDIENCE_PARTIES, &made));
    assert_true(got(store, made).home == melati && got(store, made).audience == melati);
    test_refused(holds(store, &admin, "agree", "1", AUDIENCE_OWN, &made), ERR_MISSING, "no such entry");
    test_refused(holds(store, &admin, "agree", "pay.evil.example", AUDIENCE_OWN, &made), ERR_MISSING, "none of these");
    test_refused(withdraws(store, &admin, 1), ERR_MISSING, "no such entry");
    test_refused(withdraws(store, &officer, 2), ERR_CONFLICT, "who wrote it");
    test_ok(withdraws(store, &admin, 2));
}

static void what_is_withdrawn_stays_and_is_asked_no_more(void **state)
{
    struct test_store *store = ready(state);
    const struct incident_question from = {.due_us = INT64_MIN};
    struct incident_question *open;
    size_t count;
    int64_t made, again, question = entry(store, &officer, ENTRY_QUESTION, AUDIENCE_PARTIES);
    const struct incident_entry put = {.kind = ENTRY_ANSWER,
            .answers = question,
            .text = S("it is"),
            .source = S(""),
            .happened_us = TIME_NONE,
            .due_us = TIME_NONE};
    struct saying answer = {.incident = number, .entry = &put};
    test_ok(store_work(store->db, &other, store->arena, entry_action, &answer));
    test_ok(store_question_open(store->db, &from, 10, store->arena, &open, &count));
    assert_int_equal(count, 0);
    test_ok(withdraws(store, &officer, answer.number)); /* ours: whoever of us wrote it */
    test_ok(store_question_open(store->db, &from, 10, store->arena, &open, &count));
    assert_int_equal(count, 1); /* what was taken back answers nothing */
    test_ok(withdraws(store, &officer, question));
    test_ok(store_question_open(store->db, &from, 10, store->arena, &open, &count));
    assert_int_equal(count, 0);
    assert_true(slice_eq(got(store, question).text, S("a text")));
    assert_int_equal(got(store, question).withdrawn_us, NOON);
    test_refused(withdraws(store, &officer, question), ERR_CONFLICT, "before");
    assert_int_equal(told(store, "incident.entry-withdrawn"), 2);
    test_ok(holds(store, &officer, "agree", "", AUDIENCE_OWN, &made));
    test_ok(withdraws(store, &officer, made));
    test_ok(holds(store, &officer, "agree", "", AUDIENCE_OWN, &again));
    assert_int_not_equal(made, again); /* said anew */
    test_refused(holds(store, &officer, "agree", "1", AUDIENCE_OWN, &made), ERR_CONFLICT, "was withdrawn");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(everybody_has_one_of_a_thing_and_changes_it, begin, tear_down),
            TEST_ON_BOTH(it_is_about_the_incident_an_entry_or_what_was_seen, begin, tear_down),
            TEST_ON_BOTH(it_goes_to_nobody_who_has_not_the_entry, begin, tear_down),
            TEST_ON_BOTH(a_party_says_it_to_us_and_of_what_it_sees, begin, tear_down),
            TEST_ON_BOTH(what_is_withdrawn_stays_and_is_asked_no_more, begin, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
