/* SPDX-License-Identifier: Apache-2.0 */
#include "case/find.h"

#include <inttypes.h>

#include "case/test_case.h"
#include "desk/notice.h"

static struct actor officer, holder, auditor, melati;
static int64_t melati_number;

static struct test_store *begin(void **state)
{
    struct test_store *store = ready(state);
    clock_set(NOON);
    officer = test_person(store, "siti", ROLE_DUTY_OFFICER);
    holder = test_person(store, "wati", ROLE_ANALYST);
    auditor = test_person(store, "audi", ROLE_AUDITOR);
    melati = test_person(store, "rini", ROLE_CONSTITUENT_ADMIN);
    melati_number = melati.organisation = test_served(store, "RS Melati");
    return store;
}

/* What one finds, as numbers in the order found, by pages of two. */
static const char *found(struct test_store *store, const struct actor *actor, const char *query)
{
    struct case_find find = {.query = slice_of(query), .count = 2};
    struct incident *rows;
    enum case_sight *sights;
    const char *list = "";
    size_t count;
    while (!find.place.end) {
        test_ok(case_incident_find(store->db, actor, &find, store->arena, &rows, &sights, &count));
        for (size_t i = 0; i < count; i++)
            list = arena_printf(store->arena, "%s%s%" PRId64, list, list[0] == '\0' ? "" : " ", rows[i].number);
    }
    return list;
}

static void check(struct test_store *store, const struct actor *actor, const char *query, const char *numbers)
{
    const char *list = found(store, actor, query);
    if (strcmp(list, numbers) != 0)
        fail_msg("%.*s, %s: found \"%s\", not \"%s\"", (int)actor->name.len, actor->name.ptr, query, list, numbers);
}

static struct err entry_action(struct work *work, void *context)
{
    const struct test_verb *verb = context;
    int64_t number;
    return case_entry_add(work, verb->incident, verb->entry, &number);
}

static struct err observable_action(struct work *work, void *context)
{
    const struct test_verb *verb = context;
    return case_observable_add(work, verb->incident, verb->field, verb->value);
}

static void note(struct test_store *store, int64_t incident, const char *text, int64_t audience)
{
    const struct incident_entry entry = {.kind = ENTRY_NOTE,
            .text = slice_of(text),
            .source = S(""),
            .audience = audience,
            .happened_us = TIME_NONE,
            .due_us = TIME_NONE};
    struct test_verb verb = {.incident = incident, .entry = &entry};
    test_ok(test_as(store, &officer, entry_action, &verb));
}

static struct err task_action(struct work *work, void *context)
{
    struct test_verb *verb = context;
    return case_task_add(work, verb->task, &verb->number);
}

static void all_that_is_said_is_found_and_names_come_first(void **state)
{
    struct test_store *store = begin(state);
    int64_t one = test_incident(store, &officer, "Ransomware di klinik"), two = test_incident(store, &officer, "Aneh");
    struct test_verb seen = {.incident = two, .field = S("domain-name"), .value = S("www.evil[.]example")};
    const struct case_task_put task = {
            .incident = one, .title = S("Cabut kabel"), .organisation = melati_number, .due_us = TIME_NONE};
    struct test_verb doing = {.task = &task};
    test_ok(test_as(store, &officer, observable_action, &seen));
    test_ok(test_as(store, &officer, task_action, &doing));
    test_party(store, &officer, two, melati_number, PARTY_SUPPLIER);
    note(store, two, "Mirip ransomware tahun lalu: \"kunci pada 7 server\"", AUDIENCE_OWN);
    check(store, &officer, "ransomware", "1 2");
    check(store, &officer, "RANSOM*", "1 2");
    check(store, &officer, "\"kunci pada\"", "2");
    check(store, &officer, "\"pada kunci\"", "");
    check(store, &officer, "evil.example", "2");
    check(store, &officer, "evil[.]example", "2");
    check(store, &officer, "melati", "2");
    check(store, &officer, "kabel", "1");
    check(store, &officer, TEST_CLASS, "2 1");
    check(store, &officer, "ransomware melati", "2");
}

static void a_number_and_an_id_find_that_one_first(void **state)
{
    struct test_store *store = begin(state);
    int64_t one = test_incident(store, &officer, "Phishing"), two = test_incident(store, &officer, "1 kasus baru");
    assert_true(one == 1 && two == 2);
    check(store, &officer, "1", "1 2");
    check(store, &officer, " 2 ", "2");
    struct incident row = test_incident_get(store, one);
    check(store, &officer, arena_cstr(store->arena, row.identity), "1");
    check(store, &officer, "99", "");
}

static void what_changes_is_found_as_it_is_now(void **state)
{
    struct test_store *store = begin(state);
    int64_t number = test_incident(store, &officer, "Salah tulis");
    test_ok(test_set(store, &officer, number, "title", "Deface portal"));
    check(store, &officer, "salah", "");
    check(store, &officer, "deface", "1");
}

static void a_party_finds_its_own_by_names_only(void **state)
{
    struct test_store *store = begin(state);
    struct actor mawar = test_person(store, "dewi", ROLE_CONSTITUENT_ADMIN);
    mawar.organisation = test_served(store, "RS Mawar");
    int64_t own = test_incident(store, &officer, "Phishing pegawai");
    int64_t other = test_incident(store, &officer, "Phishing lain");
    test_party(store, &officer, own, melati_number, PARTY_VICTIM);
    test_party(store, &officer, other, melati_number, PARTY_LIAISON);
    note(store, own, "jangan bilang siapa-siapa", AUDIENCE_OWN);
    check(store, &officer, "phishing", "2 1");
    check(store, &melati, "phishing", "1");
    check(store, &melati, "1", "1");
    check(store, &melati, "2", "");
    check(store, &melati, "jangan", "");
    check(store, &mawar, "phishing", "");
    check(store, &mawar, "1", "");
}

static void of_a_restricted_one_only_who_has_it_and_auditors_find_anything(void **state)
{
    struct test_store *store = begin(state);
    struct case_incident_put put = test_put("Urusan dalam");
    struct test_verb verb = {.put = &put};
    put.flags = S("restricted");
    for (int i = 0; i < 5; i++)
        test_ok(test_as(store, &holder, test_open_action, &verb));
    test_party(store, &holder, 1, melati_number, PARTY_VICTIM);
    (void)test_incident(store, &officer, "Urusan luar");
    check(store, &holder, "urusan", "6 5 4 3 2 1");
    check(store, &auditor, "urusan", "6 5 4 3 2 1");
    check(store, &officer, "urusan", "6");
    check(store, &officer, "1", "");
    check(store, &melati, "urusan", "");
}

/* ---- Reports ---- */

static struct err take_action(struct work *work, void *context)
{
    struct test_verb *verb = context;
    struct case_report_taken taken;
    const struct case_report_put put = {.channel = REPORT_BY_PHONE,
            .language = S("id"),
            .organisation = verb->organisation,
            .person = {S("Budi Santoso"), S("budi@warga.example"), S("0812 3456 7890")},
            .subject = verb->field,
            .text = verb->value,
            .severity = SEVERITY_MEDIUM,
            .flags = verb->why,
            .occurred_us = TIME_NONE};
    TRY(case_report_take(work, &put, &taken));
    verb->number = taken.report;
    verb->value = taken.reference;
    return OK;
}

static slice told(struct test_store *store, const char *subject, const char *text, int64_t organisation)
{
    static const struct desk_notice_options notices = {
            .name = "CERT Contoh", .from = "lapor@cert.example", .phone = "+62 21 5550 100"};
    struct test_verb verb = {
            .field = slice_of(subject), .value = slice_of(text), .organisation = organisation, .why = S("")};
    desk_notice_open(&notices);
    test_ok(test_as(store, &officer, take_action, &verb));
    return verb.value;
}

static const char *reports_found(struct test_store *store, const struct actor *actor, const char *query)
{
    struct case_find find = {.query = slice_of(query), .count = 2};
    struct report *rows;
    enum case_sight *sights;
    const char *list = "";
    size_t count;
    while (!find.place.end) {
        test_ok(case_report_find(store->db, actor, &find, store->arena, &rows, &sights, &count));
        for (size_t i = 0; i < count; i++)
            list = arena_printf(store->arena, "%s%s%" PRId64, list, list[0] == '\0' ? "" : " ", rows[i].number);
    }
    return list;
}

static void reports_are_found_by_what_was_told_and_never_by_who_told_it(void **state)
{
    struct test_store *store = begin(state);
    slice one = told(store, "Situs palsu", "Saya Budi Santoso. Lihat http://toko-murah[.]example/masuk", 0);
    (void)told(store, "Surat aneh", "Ada yang palsu di sini", 0);
    assert_string_equal(reports_found(store, &officer, "palsu"), "1 2");
    assert_string_equal(reports_found(store, &officer, "toko-murah.example"), "1");
    assert_string_equal(reports_found(store, &officer, arena_cstr(store->arena, one)), "1");
    assert_string_equal(reports_found(store, &officer, "2"), "2");
    static const char *const person[] = {"budi", "santoso", "warga.example", "budi@warga.example", "0812"};
    for (size_t i = 0; i < COUNT_OF(person); i++)
        assert_string_equal(reports_found(store, &officer, person[i]), "");
}

static void who_told_it_finds_its_own_report_and_no_other(void **state)
{
    struct test_store *store = begin(state);
    slice own = told(store, "Situs palsu", "Lihat sendiri", melati_number);
    slice other = told(store, "Situs palsu lain", "Dari orang lain", 0);
    assert_string_equal(reports_found(store, &melati, "situs"), "1");
    assert_string_equal(reports_found(store, &melati, arena_cstr(store->arena, own)), "1");
    assert_string_equal(reports_found(store, &melati, arena_cstr(store->arena, other)), "");
    assert_string_equal(reports_found(store, &melati, "2"), "");
}

static void who_sees_no_incident_is_told_so(void **state)
{
    struct test_store *store = begin(state);
    struct actor liaison = test_person(store, "lia", ROLE_LIAISON);
    struct case_find find = {.query = S("urusan"), .count = 2};
    struct incident *rows;
    enum case_sight *sights;
    size_t count;
    test_refused(case_incident_find(store->db, &liaison, &find, store->arena, &rows, &sights, &count), ERR_DENIED,
            "read incidents");
    find.query = S("al*");
    test_refused(case_incident_find(store->db, &officer, &find, store->arena, &rows, &sights, &count), ERR_INPUT,
            "before the star");
    find = (struct case_find){.query = S("urusan"), .count = 2, .place = {.tier = 2}};
    test_refused(case_incident_find(store->db, &melati, &find, store->arena, &rows, &sights, &count), ERR_INPUT,
            "does not go on there");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(all_that_is_said_is_found_and_names_come_first, set_up, tear_down),
            TEST_ON_BOTH(a_number_and_an_id_find_that_one_first, set_up, tear_down),
            TEST_ON_BOTH(what_changes_is_found_as_it_is_now, set_up, tear_down),
            TEST_ON_BOTH(a_party_finds_its_own_by_names_only, set_up, tear_down),
            TEST_ON_BOTH(of_a_restricted_one_only_who_has_it_and_auditors_find_anything, set_up, tear_down),
            TEST_ON_BOTH(reports_are_found_by_what_was_told_and_never_by_who_told_it, set_up, tear_down),
            TEST_ON_BOTH(who_told_it_finds_its_own_report_and_no_other, set_up, tear_down),
            TEST_ON_BOTH(who_sees_no_incident_is_told_so, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
