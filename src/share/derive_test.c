/* SPDX-License-Identifier: Apache-2.0 */
#include "share/test_decide.h"

#include <glob.h>

#include "stix/checker.h"
#include "json/read.h"

#define DERIVED_ID "indicator--30000000-0000-4000-8000-000000000001"
#define RELATION_ID "relationship--30000000-0000-4000-8000-000000000002"
#define ALIAS_ID "indicator--30000000-0000-4000-8000-000000000002"
#define UNKNOWN_ID(id, alias)                                                                                          \
    {                                                                                                                  \
        {id, sizeof(id) - 1},                                                                                          \
        {                                                                                                              \
            alias, sizeof(alias) - 1                                                                                   \
        }                                                                                                              \
    }

/* Ours for a partner with whom all is agreed; nothing is known of it but what the row says. */
struct row {
    const char *what, *object;
    struct share_facts facts;
    enum stix_tlp highest; /* none: AMBER+STRICT */
    const char *has[6], *lacks[6];
};

static const slice kinds[] = {{"indicator", 9}, {"sighting", 8}, {"report", 6}, {"note", 4}, {"email-message", 13},
        {"user-account", 12}, {"file", 4}, {"x-own", 5}, {"language-content", 16}, {"location", 8},
        {"relationship", 12}};

static void decide(const char *object, const struct share_facts *given, enum stix_tlp highest, struct test_marks *marks,
        struct share_decision *made)
{
    struct share_subject subject;
    struct share_facts facts = *given;
    const struct share_terms terms = {.agreement = 1,
            .kinds = kinds,
            .kind_count = COUNT_OF(kinds),
            .highest = highest == TLP_NONE ? TLP_AMBER_STRICT : highest,
            .sightings = true,
            .until_us = INT64_MAX};
    const struct share_recipient to = {.audience = SHARE_PARTNER, .number = 2, .active = true, .country = S("ID")};
    if (json_check(slice_of(object), &json_limits_default, NULL).kind != ERR_NONE)
        fail_msg("%s", object);
    assert_int_equal(share_subject_read(slice_of(object), marks->definitions, marks->arena, &subject).kind, ERR_NONE);
    subject.origin = SHARE_OURS;
    facts.now_us = NOW_US;
    facts.meant = facts.meant == 0 ? 9 : facts.meant;
    facts.producer = S(OURS_ID);
    assert_int_equal(share_decide(&subject, &to, &terms, &facts, marks->arena, made).kind, ERR_NONE);
}

static bool has(slice bytes, const char *text)
{
    return slice_find_slice(bytes, slice_of(text)) < bytes.len;
}

#define KNOWN_BY_ANOTHER .derived_id = {DERIVED_ID, sizeof(DERIVED_ID) - 1}, .derived_created_us = NOW_US - DAY_US
#define NAME(text)                                                                                                     \
    (const slice[])                                                                                                    \
    {                                                                                                                  \
        {                                                                                                              \
            text, sizeof(text) - 1                                                                                     \
        }                                                                                                              \
    }
#define VICTIM(text)                                                                                                   \
    .victims = &(const struct share_names)                                                                             \
    {                                                                                                                  \
        NAME(text), 1, NULL                                                                                            \
    } /* in small letters */
#define UNKNOWN(id, alias) .unknown = (const struct share_unknown[]){UNKNOWN_ID(id, alias)}, .unknown_count = 1
#define PART(marking, selector)                                                                                        \
    ",\"granular_markings\":[{\"marking_ref\":\"" marking "\",\"selectors\":[\"" selector "\"]}]"

static const struct row derived[] = {
        {"its head is ours", INDICATOR(Q(GREEN)), {KNOWN_BY_ANOTHER}, TLP_NONE,
                {"{\"type\":\"indicator\",\"spec_version\":\"2.1\",\"id\":\"" DERIVED_ID
                 "\",\"created_by_ref\":\"" OURS_ID
                 "\",\"created\":\"2026-11-20T00:00:00.000Z\",\"modified\":\"2026-11-21T00:00:00.000Z\",",
                        "\"object_marking_refs\":[\"" GREEN "\"]", "198.51.100.7"},
                {INDICATOR_ID, "2026-11-02"}},
        {"a part that is stricter stays",
                OBJECT("indicator", Q(GREEN),
                        PATTERN ",\"description\":\"more\",\"name\":\"n\"" PART(AMBER, "description")),
                {0}, TLP_GREEN, {"\"name\":\"n\"", GREEN}, {"description", "more", AMBER, "granular", INDICATOR_ID}},
        {"a list of which a part is stricter stays",
                OBJECT("indicator", Q(GREEN),
                        PATTERN ",\"indicator_types\":[\"benign\",\"unknown\"]" PART(RED, "indicator_types.[1]")),
                {0}, TLP_NONE, {GREEN}, {"benign", "unknown", RED}},
        {"a part that leaves lifts the whole",
                OBJECT("indicator", Q(GREEN), PATTERN ",\"description\":\"more\"" PART(AMBER, "description")),
                {KNOWN_BY_ANOTHER}, TLP_NONE, {"\"description\":\"more\"", Q(GREEN) "," Q(AMBER)}, {"granular"}},
        {"unmarked is marked", INDICATOR(""), {KNOWN_BY_ANOTHER}, TLP_NONE,
                {"\"object_marking_refs\":[\"" AMBER "\"]"}},
        {"TLP 1.0 stays TLP 1.0", INDICATOR(Q(MARKING("34098fce-860f-48ae-8e50-ebd3cc5e41da"))), {KNOWN_BY_ANOTHER},
                TLP_NONE, {"\"object_marking_refs\":[\"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da\"]"}},
        {"what is not of the standard stays",
                OBJECT("indicator", Q(GREEN),
                        PATTERN
                        ",\"x_case\":\"INC-7\",\"kill_chain_phases\":[{\"kill_chain_name\":\"k\",\"phase_name\":\"p\","
                        "\"x_case\":\"INC-7\"}],\"extensions\":{\"extension-definition--ef765651-680c-498d-9894-"
                        "99799f2fa126\":"
                        "{\"extension_type\":\"property-extension\",\"case\":\"INC-7\"}}"),
                {KNOWN_BY_ANOTHER}, TLP_NONE, {"{\"kill_chain_name\":\"k\",\"phase_name\":\"p\"}"},
                {"INC-7", "x_case", "extension"}},
        {"references outside stay but for catalogues",
                OBJECT("indicator", Q(GREEN),
                        PATTERN ",\"external_references\":[{\"source_name\":\"ticket\",\"external_id\":\"INC-7\"},"
                                "{\"source_name\":\"cve\",\"external_id\":\"CVE-2026-1234\",\"url\":\"https://"
                                "klinik.example/\"}]"),
                {KNOWN_BY_ANOTHER}, TLP_NONE, {"[{\"source_name\":\"cve\",\"external_id\":\"CVE-2026-1234\"}]"},
                {"INC-7", "klinik"}},
        {"a name stays in whatever spelling",
                OBJECT("indicator", Q(GREEN),
                        PATTERN ",\"name\":\"C2\",\"description\":\"met at RUMAH\\u0020sakit \\uff23ontoh\","
                                "\"labels\":[\"rumah sakit contoh\",\"c2\"]"),
                {VICTIM("rumah sakit contoh")}, TLP_NONE, {"\"name\":\"C2\"", "\"labels\":[\"c2\"]"},
                {"met at", "sakit"}},
        {"the source stays",
                OBJECT_BY("indicator", OF_OURS_ID, Q(GREEN) "," Q(UNNAMED),
                        PATTERN ",\"description\":\"from klinik contoh\",\"name\":\"by "
                                "IDENTITY--10000000-0000-4000-8000-00000000000D\""),
                {.sources = NAME("Klinik Contoh"), .source_count = 1}, TLP_NONE, {OURS_ID, UNNAMED},
                {OF_OURS_ID, "from klinik", "by IDENTITY", "linik"}},
        {"a source that is us is nobody", OBJECT("indicator", Q(GREEN) "," Q(UNNAMED), PATTERN), {0}, TLP_NONE,
                {"\"created\""}, {OURS_ID, "created_by_ref"}},
        {"a source that must be named", OBJECT_BY("indicator", OF_OURS_ID, Q(GREEN) "," Q(NAMED_SOURCE), PATTERN),
                {KNOWN_BY_ANOTHER}, TLP_NONE, {"\"created_by_ref\":\"" OF_OURS_ID "\""}, {OURS_ID}},
        {"what is not known stays, what is known by another id has that",
                OBJECT("report", Q(GREEN),
                        ",\"name\":\"r\",\"published\":\"2026-11-01T00:00:00Z\",\"description\":\"see "
                        "indicator--20000000-0000-4000-8000-000000000003\",\"object_refs\":[\"" OTHER_ID
                        "\",\"indicator--20000000-0000-4000-8000-000000000003\",\"" OURS_ID "\"]"),
                {.unknown = (const struct share_unknown[]){UNKNOWN_ID("indicator--20000000-0000-4000-8000-000000000003",
                                                                   ""),
                         UNKNOWN_ID(OTHER_ID, ALIAS_ID)},
                        .unknown_count = 2},
                TLP_NONE, {"\"object_refs\":[\"" ALIAS_ID "\",\"" OURS_ID "\"]"}, {OTHER_ID, "000000000003", "see"}},
        {"a sighting is coarse",
                OBJECT("sighting", Q(GREEN),
                        ",\"sighting_of_ref\":\"" OTHER_ID
                        "\",\"first_seen\":\"2026-11-19T13:14:15Z\",\"last_seen\":\"2026-11-20T23:59:59.9Z\",\"count\":"
                        "4711,\"description\":\"d\""),
                {0}, TLP_NONE,
                {"\"first_seen\":\"2026-11-19T00:00:00", "\"last_seen\":\"2026-11-20T00:00:00", "\"count\":1000",
                        "\"description\":\"d\"", OTHER_ID},
                {"13:14", "4711", "23:59"}},
        {"a sighting of a sector",
                OBJECT("sighting", Q(GREEN) "," Q(PAP_R),
                        ",\"sighting_of_ref\":\"" OTHER_ID
                        "\",\"first_seen\":\"2026-11-19T13:14:15Z\",\"count\":4711,\"description\":\"d\","
                        "\"confidence\":7,\"labels\":[\"PAP:RED\",\"ward 7\"]"),
                {.meant = 2, .sector = {"health", 6}}, TLP_NONE,
                {"\"labels\":[\"sector:health\",\"PAP:RED\"]", "\"first_seen\":\"2026-11-19T00:00:00", OTHER_ID, PAP_R},
                {"count", "description", "ward", "confidence", "13:14"}},
        {"a mail without whom it was for",
                "{\"type\":\"email-message\",\"spec_version\":\"2.1\",\"id\":\"email-message--20000000-0000-5000-8000-"
                "000000000009\",\"is_multipart\":false,\"subject\":\"invoice\","
                "\"body\":\"dear\",\"to_refs\":[\"email-addr--20000000-0000-5000-8000-000000000001\"]}",
                {0}, TLP_NONE, {"\"subject\":\"invoice\"", AMBER, "\"is_multipart\":false"},
                {"dear", "to_refs", "000000000001", "created", "20000000-0000-5000"}},
        {"an extension of the standard stays with its object",
                "{\"type\":\"file\",\"spec_version\":\"2.1\",\"id\":\"file--20000000-0000-5000-8000-000000000009\","
                "\"name\":\"a.jpg\",\"extensions\":{"
                "\"raster-image-ext\":{\"image_height\":7,\"exif_tags\":{\"Artist\":\"somebody\"}},\"x\":{\"y\":\"z\"}}"
                "}",
                {0}, TLP_NONE, {"\"extensions\":{\"raster-image-ext\":{\"image_height\":7}}", "a.jpg"},
                {"somebody", "\"x\""}},
        {"a definition under another id", DEFINITION(OWN("c"), "\"x_kentongan_residency\":\"ID\""),
                {.derived_id = {OWN("d"), sizeof(OWN("d")) - 1}, .derived_created_us = NOW_US - DAY_US}, TLP_NONE,
                {"\"x_kentongan_residency\":\"ID\"", "\"created\":\"2026-11-20T00:00:00.000Z\""},
                {OWN("c"), "modified"}},
        {"a pattern of STIX 2.0 says its kind",
                "{\"type\":\"indicator\",\"id\":\"" INDICATOR_ID
                "\",\"created\":\"2026-11-01T00:00:00.000Z\",\"modified\":\"2026-11-01T00:00:00.000Z\","
                "\"labels\":[\"malicious-activity\"],\"pattern\":\"[ipv4-addr:value = "
                "'198.51.100.7']\",\"valid_from\":\"2026-11-01T00:00:00Z\"}",
                {KNOWN_BY_ANOTHER}, TLP_NONE,
                {"\"pattern_type\":\"stix\"", "\"spec_version\":\"2.1\"", "malicious-activity"}, {INDICATOR_ID}},
        {"a place without its street",
                OBJECT("location", Q(GREEN),
                        ",\"country\":\"ID\",\"street_address\":\"Jalan Contoh 7\",\"latitude\":1.5,\"longitude\":2.5"),
                {0}, TLP_NONE, {"\"country\":\"ID\""}, {"Jalan", "1.5", "2.5"}},
};

static void what_is_left_is_another_object(void **state)
{
    (void)state;
    struct test_marks marks = test_marks_open(1u << 24);
    struct stix_checker *checker = stix_checker_open();
    for (size_t i = 0; i < COUNT_OF(derived); i++) {
        const struct row *row = &derived[i];
        struct share_decision made;
        decide(row->object, &row->facts, row->highest, &marks, &made);
        bool right = made.answer == SHARE_ALLOW && made.derived && stix_checker_wrong(checker, made.bytes) == NULL;
        for (size_t k = 0; k < COUNT_OF(row->has); k++)
            right &= row->has[k] == NULL || has(made.bytes, row->has[k]);
        for (size_t k = 0; k < COUNT_OF(row->lacks); k++)
            right &= row->lacks[k] == NULL || !has(made.bytes, row->lacks[k]);
        if (!right)
            fail_msg("%s: %s, %s\n%.*s", row->what, made.rule, made.why, (int)made.bytes.len, made.bytes.ptr);
    }
    stix_checker_close(checker);
    test_marks_close(&marks);
}

static const struct row meaningless[] = {
        {"an indicator without its pattern", OBJECT("indicator", Q(GREEN), PATTERN PART(RED, "pattern"))},
        {"a pattern with a name",
                OBJECT("indicator", Q(GREEN),
                        ",\"pattern\":\"[url:value = "
                        "'https://klinik.example/"
                        "']\",\"pattern_type\":\"stix\",\"valid_from\":\"2026-11-01T00:00:00Z\""),
                {VICTIM("klinik.example")}},
        {"one that would never end",
                OBJECT("indicator", Q(GREEN),
                        PATTERN ",\"valid_until\":\"2026-12-01T00:00:00Z\"" PART(RED, "valid_until"))},
        {"a mark that may not be told",
                OBJECT("indicator", Q(GREEN), PATTERN ",\"labels\":[\"PAP:AMBER\"]" PART(RED, "labels.[0]"))},
        {"a marking that may not be told", OBJECT("indicator", Q(GREEN), PATTERN PART(RED, "object_marking_refs.[0]"))},
        {"a definition of which a part may not be told",
                "{\"type\":\"marking-definition\",\"spec_version\":\"2.1\",\"id\":\"" OWN(
                        "c") "\",\"created\":\"2026-01-01T00:00:00.000Z\",\"definition_type\":\"statement\","
                             "\"definition\":"
                             "{\"statement\":\"for the case of Budi\"}" PART(RED, "definition.statement") "}"},
        {"a type that may not be told", OBJECT("indicator", Q(GREEN), PATTERN PART(RED, "type"))},
        {"a marking that is not known", INDICATOR(Q(GREEN) "," Q(AT_HOME)), {UNKNOWN(AT_HOME, "")}},
        {"a label that marks and names",
                OBJECT("indicator", Q(GREEN),
                        PATTERN ",\"labels\":[\"iep:name=\\\"Klinik\\\"\",\"iep:affected-party-notifications=\\\"MUST "
                                "NOT\\\"\"]"),
                {VICTIM("party")}},
        {"a note about nothing that is known",
                OBJECT("note", Q(GREEN), ",\"content\":\"c\",\"object_refs\":[\"" OTHER_ID "\"]"),
                {UNKNOWN(OTHER_ID, "")}},
        {"an account that is a person's", "{\"type\":\"user-account\",\"spec_version\":\"2.1\",\"id\":\"user-account--"
                                          "20000000-0000-5000-8000-000000000009\",\"account_login\":\"budi\"}"},
        {"a type that nobody knows",
                OBJECT("x-own", Q(GREEN),
                        ",\"extensions\":{\"extension-definition--20000000-0000-4000-8000-000000000007\":{\"extension_"
                        "type\":\"new-sdo\"}}"),
                {KNOWN_BY_ANOTHER}},
        {"translations of what stays",
                OBJECT("language-content", Q(GREEN),
                        ",\"object_ref\":\"" OTHER_ID "\",\"contents\":{\"id\":{\"name\":\"n\"}}"),
                {UNKNOWN(OTHER_ID, "")}},
        {"a source that must be named and is not known",
                OBJECT_BY("indicator", OF_OURS_ID, Q(GREEN) "," Q(NAMED_SOURCE), PATTERN), {UNKNOWN(OF_OURS_ID, "")}},
};

static void what_says_nothing_any_more_stays(void **state)
{
    (void)state;
    struct test_marks marks = test_marks_open(1u << 24);
    for (size_t i = 0; i < COUNT_OF(meaningless); i++) {
        struct share_decision made;
        decide(meaningless[i].object, &meaningless[i].facts, TLP_NONE, &marks, &made);
        if (made.answer != SHARE_DENY || strcmp(made.rule, "meaning") != 0 || made.bytes.len > 0 || made.derived)
            fail_msg("%s: %s, %s\n%.*s", meaningless[i].what, made.rule, made.why, (int)made.bytes.len, made.bytes.ptr);
    }
    test_marks_close(&marks);
}

static void each_derived_object_has_an_id_of_its_own(void **state)
{
    (void)state;
    struct test_marks marks = test_marks_open(1u << 24);
    struct share_decision once, again;
    const struct share_facts facts = {VICTIM("klinik")};
    const char *object = OBJECT("indicator", Q(GREEN), PATTERN ",\"name\":\"at klinik 7\"");
    decide(object, &facts, TLP_NONE, &marks, &once);
    decide(object, &facts, TLP_NONE, &marks, &again);
    assert_true(once.derived && again.derived && !slice_eq(once.id, again.id));
    assert_int_equal(once.bytes.len, again.bytes.len);
    slice id = json_text(json_get(once.bytes, S("id")), marks.arena);
    assert_true(slice_eq(id, once.id));
    assert_true(slice_eq(json_text(json_get(once.bytes, S("modified")), marks.arena), once.version));
    test_marks_close(&marks);
}

static void a_huge_object_is_not_derived(void **state)
{
    (void)state;
    struct test_marks marks = test_marks_open(1u << 26);
    struct buf json = buf_make(SHARE_DERIVED_MAX * 2);
    struct share_decision made;
    const struct share_facts facts = {KNOWN_BY_ANOTHER};
    buf_put(&json, S("{\"type\":\"indicator\",\"id\":\"" INDICATOR_ID "\",\"description\":\""));
    while (json.len < SHARE_DERIVED_MAX)
        buf_put(&json, S("----20000000-0000-4000-8000"));
    buf_put(&json, S("\"}"));
    buf_byte(&json, '\0');
    decide(json.ptr, &facts, TLP_NONE, &marks, &made);
    assert_int_equal(made.answer, SHARE_DENY);
    assert_string_equal(made.rule, "meaning");
    buf_free(&json);
    test_marks_close(&marks);
}

static void what_it_was_derived_from_is_a_relationship(void **state)
{
    (void)state;
    struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
    struct stix_checker *checker = stix_checker_open();
    slice bytes;
    assert_int_equal(share_derived_from(S(RELATION_ID), S(DERIVED_ID), S(INDICATOR_ID), S(OURS_ID), TLP_AMBER, NOW_US,
                             arena, &bytes)
                             .kind,
            ERR_NONE);
    assert_null(stix_checker_wrong(checker, bytes));
    assert_true(has(bytes, "derived-from") && has(bytes, AMBER) && has(bytes, INDICATOR_ID) && has(bytes, DERIVED_ID));
    stix_checker_close(checker);
    arena_close(arena);
}

/* A file of tests/data/stix/valid as ours for everybody, who must not learn whose it is. */
static bool is_derived(slice json, struct test_marks *marks, struct stix_checker *checker, const char *name)
{
    const struct share_recipient to = {.audience = SHARE_PUBLIC, .active = true};
    const struct share_facts facts = {.now_us = NOW_US, .meant = 9, .producer = S(OURS_ID)};
    struct share_subject subject;
    struct share_decision made;
    if (json_check(json, &json_limits_default, NULL).kind != ERR_NONE ||
            share_subject_read(json, marks->definitions, marks->arena, &subject).kind != ERR_NONE)
        return false;
    subject.origin = SHARE_OURS;
    subject.marks = (struct stix_marks){.tlp = TLP_CLEAR, .attribution = ATTRIBUTION_MUST_NOT};
    subject.revoked = false;
    assert_int_equal(share_decide(&subject, &to, NULL, &facts, marks->arena, &made).kind, ERR_NONE);
    if (made.answer == SHARE_DENY && strcmp(made.rule, "meaning") != 0)
        fail_msg("%s: %s", name, made.rule);
    if (made.answer == SHARE_DENY)
        print_message("# %s stays: %s\n", strrchr(name, '/') + 1, made.why);
    else if (stix_checker_wrong(checker, made.bytes) != NULL || !made.derived || has(made.bytes, "marking_ref\""))
        fail_msg("%s: %.*s", name, (int)made.bytes.len, made.bytes.ptr);
    return made.answer == SHARE_ALLOW;
}

/* Whatever the standard has: it leaves as valid STIX or not at all. */
static void every_type_is_derived_or_stays(void **state)
{
    (void)state;
    struct test_marks marks = test_marks_open(1u << 24);
    struct stix_checker *checker = stix_checker_open();
    char pattern[512];
    glob_t found;
    size_t left = 0;
    snprintf(pattern, sizeof(pattern), "%s/tests/data/stix/valid/*.json", getenv("KENTONGAN_ROOT"));
    assert_int_equal(glob(pattern, 0, NULL, &found), 0);
    for (size_t i = 0; i < found.gl_pathc; i++) {
        struct buf text = buf_make(1u << 20);
        FILE *file = fopen(found.gl_pathv[i], "r");
        assert_non_null(file);
        while (buf_reserve(&text, 4096) && !feof(file))
            text.len += fread(text.ptr + text.len, 1, 4096, file);
        fclose(file);
        left += is_derived(slice_trim(buf_slice(&text)), &marks, checker, found.gl_pathv[i]);
        buf_free(&text);
    }
    assert_in_range(left, 30, found.gl_pathc);
    globfree(&found);
    stix_checker_close(checker);
    test_marks_close(&marks);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_is_left_is_another_object),
            cmocka_unit_test(what_says_nothing_any_more_stays),
            cmocka_unit_test(each_derived_object_has_an_id_of_its_own),
            cmocka_unit_test(a_huge_object_is_not_derived),
            cmocka_unit_test(what_it_was_derived_from_is_a_relationship),
            cmocka_unit_test(every_type_is_derived_or_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
