/* SPDX-License-Identifier: Apache-2.0 */
#include "case/lesson.h"

#include "case/nameless.h"
#include "case/test_case.h"
#include "desk/contact.h"
#include "store/asset.h"
#include "store/object.h"
#include "store/report.h"

#define SAFE "Keep two copies of what you need, one of them where nobody reaches it by network."

static const struct share_act acts[] = {
        {.name = "lesson.share", .verb = VERB_LESSONS, .run = case_lesson_do_share},
};

static struct actor officer, coordinator, second;
static struct actor machine;

struct telling {
    int64_t incident, lesson, organisation;
    enum language language;
    struct lesson_said said;
    struct sha256 shown;
    slice type, value;
};

static struct err draft_action(struct work *work, void *context)
{
    struct telling *telling = context;
    return case_lesson_draft(work, telling->incident, &telling->lesson);
}

static struct err write_action(struct work *work, void *context)
{
    const struct telling *telling = context;
    return case_lesson_write(work, telling->lesson, telling->language, &telling->said);
}

static struct err read_action(struct work *work, void *context)
{
    const struct telling *telling = context;
    return case_lesson_read(work, telling->lesson, &telling->shown);
}

static struct err observable_action(struct work *work, void *context)
{
    const struct telling *telling = context;
    return case_observable_add(work, telling->incident, telling->type, telling->value);
}

static struct err asset_action(struct work *work, void *context)
{
    const struct telling *telling = context;
    const struct asset_put put = {.organisation = telling->organisation,
            .kind = ASSET_DOMAIN,
            .value = S("melati.example"),
            .until_us = TIME_NONE,
            .said_by = S("contract 12")};
    int64_t number;
    return store_asset_add(work, &put, &number);
}

static struct err task_action(struct work *work, void *context)
{
    const struct telling *telling = context;
    const struct case_task_put put = {
            .incident = telling->incident, .title = telling->value, .person = S(""), .due_us = TIME_NONE};
    int64_t number;
    TRY(case_task_add(work, &put, &number));
    return case_task_state(work, number, TASK_DONE, S("done"));
}

static struct err report_action(struct work *work, void *context)
{
    const struct telling *telling = context;
    const struct report put = {.channel = REPORT_BY_PHONE,
            .language = S("id"),
            .subject = S("Help"),
            .text = S("Help"),
            .class = S(""),
            .class_rule = S(""),
            .flags = S(""),
            .occurred_us = TIME_NONE,
            .receipt_us = TIME_NONE,
            .answered_us = TIME_NONE,
            .incident = telling->incident};
    const struct report_person person = {S("Pak Hendra"), S("hendra@mail.example"), S("0811 22 33 44")};
    int64_t number;
    return store_report_add(work, &put, &person, &number);
}

static void as(struct test_store *store, const struct actor *actor, work_action *action, struct telling *telling)
{
    test_ok(store_work(store->db, actor, store->arena, action, telling));
}

static struct lesson lesson_of(struct test_store *store, const struct telling *telling)
{
    struct lesson row;
    test_ok(store_lesson_get(store->db, telling->lesson, store->arena, &row));
    return row;
}

/* A closed incident of a hospital that has a contact and a domain, and a draft. */
static struct test_store *begin(void **state, struct telling *telling)
{
    struct test_store *store = ready(state);
    const struct contact_put contact = {.name = S("Bu Sari"),
            .rank = 1,
            .mail = S("sari@melati.example"),
            .phone = S("+62 812 3456 7890"),
            .webhook = S(""),
            .webhook_secret = S(""),
            .languages = S("id"),
            .hours = S("always"),
            .pgp_key = S("")};
    int64_t number;
    share_acts_set(acts, COUNT_OF(acts));
    clock_set(NOON);
    machine = store->actor;
    officer = test_person(store, "siti", ROLE_DUTY_OFFICER);
    coordinator = test_person(store, "wati", ROLE_COORDINATOR);
    second = test_person(store, "tono", ROLE_COORDINATOR);
    *telling = (struct telling){.incident = test_incident(store, &officer, "Ransomware di RS Melati"),
            .organisation = test_served(store, "RS Melati")};
    test_party(store, &officer, telling->incident, telling->organisation, PARTY_VICTIM);
    test_ok(desk_contact_add(store->db, &officer, telling->organisation, &contact, store->arena, &number));
    as(store, &officer, asset_action, telling);
    telling->type = S("domain");
    telling->value = S("pay.evil.example");
    as(store, &officer, observable_action, telling);
    telling->value = S("Isolate the laboratory");
    as(store, &officer, task_action, telling);
    telling->value = S("Call RS-Melati back");
    as(store, &officer, task_action, telling);
    as(store, &officer, report_action, telling);
    test_ok(test_turn(store, &officer, telling->incident, INCIDENT_OPEN));
    test_refused(store_work(store->db, &officer, store->arena, draft_action, telling), ERR_CONFLICT,
            "is open: a lesson is drawn from a closed one");
    clock_set(NOON + 3 * DAY_US);
    test_ok(test_turn(store, &officer, telling->incident, INCIDENT_CLOSED));
    as(store, &officer, draft_action, telling);
    return store;
}

static void write_both(struct test_store *store, struct telling *telling)
{
    for (telling->language = 0; telling->language < LANGUAGES; telling->language++) {
        telling->said = (struct lesson_said){S("Ransomware in a hospital"), S(SAFE "\n\nWhat was missing: a test.\n")};
        as(store, &officer, write_action, telling);
    }
}

static void read_it(struct test_store *store, struct telling *telling)
{
    struct lesson row = lesson_of(store, telling);
    telling->shown = case_lesson_digest(&row);
    as(store, &coordinator, read_action, telling);
}

static bool holds(slice text, const char *part)
{
    return slice_find_slice(text, slice_of(part)) < text.len;
}

static void a_draft_says_what_is_known_and_names_nobody(void **state)
{
    struct telling telling;
    struct test_store *store = begin(state, &telling);
    struct lesson row = lesson_of(store, &telling);
    assert_int_equal(row.state, LESSON_DRAFT);
    for (size_t i = 0; i < LESSON_LANGUAGES; i++) {
        assert_true(holds(row.said[i].text, TEST_CLASS) && holds(row.said[i].text, "- Isolate the laboratory\n"));
        assert_true(holds(row.said[i].text, CASE_LESSON_OPEN));
        assert_false(holds(row.said[i].text, "Melati") || holds(row.said[i].text, "evil"));
    }
    assert_true(holds(row.said[0].text, "From the report until it was closed: 3 days\n"));
    assert_true(
            holds(row.said[0].text, "Victims: one\n") && holds(row.said[0].text, "1 step more is not told here.\n"));
    assert_true(holds(row.said[1].text, "3 hari") && holds(row.said[1].title, "komputer"));
    test_refused(store_work(store->db, &officer, store->arena, draft_action, &telling), ERR_CONFLICT, "has lesson 1");
}

static void no_name_or_value_stays_in_it_however_it_is_spelt(void **state)
{
    static const struct {
        const char *text, *why;
    } cases[] = {
            {"It was RS Melati.", "the name of an organisation, \"RS Melati\""},
            {"It was rs-melati!", "the name of an organisation"},
            {"It was RSMelati.", "the name of an organisation"},
            {"\xef\xbc\xb2\xef\xbc\xb3 MELATI", "the name of an organisation"}, /* full-width letters */
            {"Ask Bu Sari.", "the name of a contact"},
            {"Call 62-8123-456-7890.", "the telephone of a contact"},
            {"It began at melati example", "what is somebody's"},
            {"They came from pay evil example", "what was seen in the incident"},
            {"As Pak Hendra said", "who reported it, \"Pak Hendra\""},
            {"Call (0811) 223344", "who reported it"},
            {"Ask siti.", "the name of a person"},
            {"See 203.0.113.9", "\"203.0.113.9\" is a value"},
            {"See hxxp://other[.]example and other.example", "is a value"},
            {"Write to (someone@other.example).", "is a value"},
            {"Its SHA-256 is 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "is a value"},
            {"bell\007", "control"},
            {"", "text in English is empty"},
    };
    struct telling telling;
    struct test_store *store = begin(state, &telling);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        telling.said = (struct lesson_said){S("A lesson"), slice_of(cases[i].text)};
        test_refused(store_work(store->db, &officer, store->arena, write_action, &telling), ERR_INPUT, cases[i].why);
    }
    telling.said = (struct lesson_said){S("What RS Melati taught us"), S(SAFE)};
    test_refused(store_work(store->db, &officer, store->arena, write_action, &telling), ERR_INPUT, "title in English");
    telling.said = (struct lesson_said){S("A lesson"), S("Melatih staff; CVE-2026-1234 was open. Tim Contoh helped.")};
    as(store, &officer, write_action, &telling);
}

static void another_person_reads_it_whole_and_as_it_is(void **state)
{
    struct telling telling;
    struct test_store *store = begin(state, &telling);
    struct lesson row = lesson_of(store, &telling);
    telling.shown = case_lesson_digest(&row);
    test_refused(store_work(store->db, &officer, store->arena, read_action, &telling), ERR_DENIED, "another person");
    test_refused(store_work(store->db, &coordinator, store->arena, read_action, &telling), ERR_INPUT, CASE_LESSON_OPEN);
    write_both(store, &telling);
    test_refused(
            store_work(store->db, &coordinator, store->arena, read_action, &telling), ERR_CONFLICT, "read it again");
    telling.language = LANGUAGE_INDONESIAN;
    as(store, &coordinator, write_action, &telling);
    row = lesson_of(store, &telling);
    telling.shown = case_lesson_digest(&row);
    for (const struct actor *writer = &officer; writer != NULL; writer = writer == &officer ? &coordinator : NULL)
        test_refused(store_work(store->db, writer, store->arena, read_action, &telling), ERR_DENIED, "another person");
    as(store, &officer, write_action, &telling); /* in Bahasa Indonesia, too: the other one may read it now */
    read_it(store, &telling);
    row = lesson_of(store, &telling);
    assert_true(
            row.state == LESSON_REVIEWED && slice_eq(row.reader, S("wati")) && slice_eq(row.said[1].writer, S("siti")));
    telling.language = LANGUAGE_ENGLISH;
    as(store, &officer, write_action, &telling);
    row = lesson_of(store, &telling);
    assert_true(row.state == LESSON_DRAFT && row.reader.len == 0); /* it has to be read again */
    struct actor sysadmin = test_person(store, "agus", ROLE_SYSADMIN);
    test_refused(store_work(store->db, &sysadmin, store->arena, write_action, &telling), ERR_DENIED, "may not");
    bool sees;
    test_ok(case_lesson_sees(store->db, &sysadmin, &row, store->arena, &sees));
    assert_false(sees);
}

/* What of one type the node has as its own. */
static slice object_of(struct test_store *store, const char *type, size_t *count)
{
    struct object *rows;
    const struct object_filter filter = {.type = slice_of(type)};
    test_ok(store_object_list(store->db, &filter, 0, 10, store->arena, &rows, count));
    return *count == 0 ? S("") : rows[0].bytes;
}

static void two_persons_share_it_and_it_becomes_objects_once(void **state)
{
    struct telling telling;
    struct test_store *store = begin(state, &telling);
    struct share_proposal proposal;
    size_t count;
    write_both(store, &telling);
    test_refused(case_lesson_share(
                         store->db, &coordinator, telling.lesson, S("TLP:RED"), S("useful"), store->arena, &proposal),
            ERR_INPUT, "TLP:CLEAR, TLP:GREEN or TLP:AMBER");
    read_it(store, &telling);
    test_ok(case_lesson_share(
            store->db, &coordinator, telling.lesson, S("TLP:GREEN"), S("useful"), store->arena, &proposal));
    assert_false(proposal.done);
    test_ok(case_lesson_publish(store->db, &machine, store->arena, &count));
    assert_int_equal(count, 0);
    test_ok(share_approve(store->db, &second, proposal.number, NULL, store->arena));
    test_refused(store_work(store->db, &officer, store->arena, write_action, &telling), ERR_CONFLICT, "is out");
    test_ok(case_lesson_publish(store->db, &machine, store->arena, &count));
    assert_int_equal(count, 1);
    test_ok(case_lesson_publish(store->db, &machine, store->arena, &count));
    assert_int_equal(count, 0);
    struct actor liaison = test_person(store, "agus", ROLE_LIAISON);
    struct lesson row = lesson_of(store, &telling);
    bool sees;
    test_ok(case_lesson_sees(store->db, &liaison, &row, store->arena, &sees));
    assert_true(row.state == LESSON_SHARED && sees);
    assert_int_equal(test_incident_get(store, telling.incident).state, INCIDENT_PUBLISHED);
    assert_int_equal(test_acts(store, "lesson.shared"), 1);
    slice report = object_of(store, "report", &count);
    assert_int_equal(count, 1);
    assert_true(holds(report, "\"description\":\"" SAFE "\"") && holds(report, "bab4a63c-aed9-4cf5-a766-dfca5abac2bb"));
    assert_true(holds(object_of(store, "note", &count), "What was missing") && count == 1);
    assert_true(holds(object_of(store, "language-content", &count), "\"contents\":{\"id\":") && count == 2);
}

static void what_became_known_meanwhile_keeps_it_in(void **state)
{
    struct telling telling;
    struct test_store *store = begin(state, &telling);
    struct share_proposal proposal;
    write_both(store, &telling);
    read_it(store, &telling);
    test_ok(case_lesson_share(
            store->db, &coordinator, telling.lesson, S("TLP:CLEAR"), S("useful"), store->arena, &proposal));
    test_served(store, "A Test"); /* "What was missing: a test." */
    test_refused(share_approve(store->db, &second, proposal.number, NULL, store->arena), ERR_INPUT, "\"A Test\"");
    assert_int_equal(lesson_of(store, &telling).state, LESSON_REVIEWED);
}

static void a_lesson_is_found_by_its_words_in_either_language(void **state)
{
    struct telling telling;
    struct test_store *store = begin(state, &telling);
    struct lesson *rows;
    size_t count;
    write_both(store, &telling);
    telling.language = LANGUAGE_INDONESIAN;
    telling.said = (struct lesson_said){S("Perangkat pemeras di rumah sakit"), S("Cadangan data diuji tiap bulan.")};
    as(store, &officer, write_action, &telling);
    static const struct {
        const char *text;
        enum lesson_state state;
        size_t count;
    } cases[] = {{"NETWORK copies", LESSON_STATES, 1}, {"cadangan", LESSON_DRAFT, 1}, {"cadangan", LESSON_SHARED, 0},
            {"cadangan unheard", LESSON_STATES, 0}, {"...", LESSON_STATES, 0}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        test_ok(store_lesson_search(
                store->db, slice_of(cases[i].text), cases[i].state, INT64_MAX, 10, store->arena, &rows, &count));
        assert_int_equal(count, cases[i].count);
    }
}

#define CASE_TEST(test) TEST_ON_BOTH(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
            CASE_TEST(a_draft_says_what_is_known_and_names_nobody),
            CASE_TEST(no_name_or_value_stays_in_it_however_it_is_spelt),
            CASE_TEST(another_person_reads_it_whole_and_as_it_is),
            CASE_TEST(two_persons_share_it_and_it_becomes_objects_once),
            CASE_TEST(what_became_known_meanwhile_keeps_it_in),
            CASE_TEST(a_lesson_is_found_by_its_words_in_either_language),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
