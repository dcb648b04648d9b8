/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/marks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "json/check.h"
#include "json/read.h"

static struct stix_marks marks_with(const char *definition, const char *object)
{
    struct arena *work = arena_open("test", ARENA_WORK, 1u << 20);
    struct stix_definitions *definitions = stix_definitions_open();
    assert_int_equal(json_check(slice_of(object), &json_limits_default, NULL).kind, ERR_NONE);
    if (definition != NULL) {
        assert_int_equal(json_check(slice_of(definition), &json_limits_default, NULL).kind, ERR_NONE);
        assert_int_equal(stix_definitions_add(definitions, slice_of(definition), work).kind, ERR_NONE);
    }
    const struct stix_marked marked = {json_get(slice_of(object), S("labels")),
            json_get(slice_of(object), S("object_marking_refs")), json_get(slice_of(object), S("granular_markings"))};
    struct stix_marks marks = stix_marks_of(definitions, &marked, work);
    stix_definitions_close(definitions);
    arena_close(work);
    return marks;
}

#define ID "marking-definition--00000000-0000-4000-8000-000000000001"
#define REFERS "{\"object_marking_refs\":[\"" ID "\"]}"

static void definitions_are_read_in_every_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *rest;
        enum stix_tlp tlp;
        enum stix_pap pap;
    } rows[] = {
            {"\"definition_type\":\"statement\",\"definition\":{\"statement\":\"PAP:AMBER\"}", TLP_NONE, PAP_AMBER},
            {"\"definition_type\":\"statement\",\"definition\":{\"statement\":\" pap: red \"}", TLP_NONE, PAP_RED},
            {"\"definition_type\":\"statement\",\"definition\":{\"statement\":\"Copyright 2026\"}", TLP_NONE, PAP_NONE},
            {"\"definition_type\":\"tlp\",\"definition\":{\"tlp\":\"white\"}", TLP_CLEAR, PAP_NONE},
            {"\"definition_type\":\"pap\",\"definition\":{\"pap\":\"green\"}", TLP_NONE, PAP_GREEN},
            {"\"name\":\"PAP:RED\"", TLP_NONE, PAP_RED},
            {"\"name\":\"TLP:AMBER+STRICT\"", TLP_AMBER_STRICT, PAP_NONE},
            {"\"extensions\":{\"extension-definition--f8d78575-edfd-406e-8e84-6162a8450f5b\":"
             "{\"extension_type\":\"property-extension\",\"pap\":\"amber\"}}",
                    TLP_NONE, PAP_AMBER},
            {"\"extensions\":{\"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d\":"
             "{\"extension_type\":\"property-extension\",\"tlp_2_0\":\"amber+strict\"}}",
                    TLP_AMBER_STRICT, PAP_NONE},
            {"\"name\":\"PAP:GREEN\",\"definition\":{\"pap\":\"red\"}", TLP_NONE, PAP_RED}, /* the strictest */
            {"\"definition\":{\"pap\":\"purple\"}", TLP_NONE, PAP_RED},                     /* on doubt the strictest */
            {"\"definition\":{\"pap\":7}", TLP_NONE, PAP_RED},
            {"\"definition\":{\"pap\":\"amber+strict\"}", TLP_NONE, PAP_RED},
            {"\"definition\":{\"tlp\":\"none\"}", TLP_RED, PAP_NONE},
            {"\"extensions\":{\"extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a\":"
             "{\"tlp\":\"green\",\"permitted_actions\":\"internally-visible-actions\"}}",
                    TLP_GREEN, PAP_AMBER},
            {"\"extensions\":{\"x\":{\"permitted_actions\":\"none\"}}", TLP_NONE, PAP_RED},
            {"\"extensions\":{\"x\":{\"permitted_actions\":\"externally-visible-direct-actions\"}}", TLP_NONE,
                    PAP_GREEN},
            {"\"definition\":[]", TLP_NONE, PAP_NONE},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char definition[1024];
        snprintf(
                definition, sizeof(definition), "{\"type\":\"marking-definition\",\"id\":\"" ID "\",%s}", rows[i].rest);
        struct stix_marks marks = marks_with(definition, REFERS);
        if (marks.tlp != rows[i].tlp || marks.pap != rows[i].pap || marks.unknown)
            fail_msg("%s is read as %d, %d, %d", definition, marks.tlp, marks.pap, marks.unknown);
    }
}

static void labels_are_read_as_misp_writes_its_tags(void **state)
{
    (void)state;
    static const struct {
        const char *labels;
        enum stix_tlp tlp;
        enum stix_pap pap;
    } rows[] = {
            {"\"PAP:RED\"", TLP_NONE, PAP_RED},
            {"\"pap:white\"", TLP_NONE, PAP_CLEAR},
            {"\"tlp:amber+strict\",\"tlp:green\"", TLP_AMBER_STRICT, PAP_NONE},
            {"\"PAP:GREEN\",\"PAP:AMBER\"", TLP_NONE, PAP_AMBER},
            {"\"PAP:\"", TLP_NONE, PAP_RED},
            {"\"tlp:ex:chr\"", TLP_RED, PAP_NONE},
            {"\"iep:traffic-light-protocol=\\\"AMBER\\\"\",\"iep2-policy:permitted_actions=none\"", TLP_AMBER, PAP_RED},
            {"\"iep:permitted-actions=\\\"EXTERNALLY VISIBLE DIRECT ACTIONS\\\"\"", TLP_NONE, PAP_GREEN},
            {"\"malicious-activity\",\"pap\",\"xpap:red\",7,null,{}", TLP_NONE, PAP_NONE},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char object[512];
        snprintf(object, sizeof(object), "{\"labels\":[%s]}", rows[i].labels);
        struct stix_marks marks = marks_with(NULL, object);
        if (marks.tlp != rows[i].tlp || marks.pap != rows[i].pap || marks.unknown)
            fail_msg("%s is read as %d, %d", object, marks.tlp, marks.pap);
    }
}

static void machine_tags_say_conditions(void **state)
{
    (void)state;
    assert_true(marks_with(NULL, "{\"labels\":[\"iep:affected-party-notifications=\\\"MUST NOT\\\"\"]}").silent);
    assert_true(marks_with(NULL, "{\"labels\":[\"iep2-reference:url=\\\"https://example.com/\\\"\"]}").unclear);
    assert_true(marks_with(NULL, "{\"labels\":[\"iep:obfuscate-affected-parties=MUST\"]}").unclear);
    assert_true(marks_with(NULL, "{\"labels\":[\"iep:\"]}").unclear);
    assert_true(marks_with(NULL, "{\"labels\":[\"iep:statement=TLP:RED\"]}").unclear); /* a tag holds no other */
    assert_string_equal(marks_with(NULL, "{\"labels\":[\"kentongan:residency=ID\"]}").residency, "ID");
    assert_false(marks_with(NULL, "{\"labels\":[\"misp-galaxy:tool=\\\"x\\\"\"]}").unclear);
}

static void published_ids_need_no_definition_and_heed_none(void **state)
{
    (void)state;
    static const struct {
        const char *uuid;
        enum stix_tlp tlp;
        enum stix_pap pap;
    } rows[] = {
            {"94868c89-83c2-464b-929b-a1a8aa3c8487", TLP_CLEAR, PAP_NONE},
            {"E828B379-4E03-4974-9AC4-E53A884C97C1", TLP_RED, PAP_NONE},
            {"5e57c739-391a-4eb3-b6be-7d15ca92d5ed", TLP_RED, PAP_NONE},
            {"740d36e5-7714-4c30-961a-3ae632ceee0e", TLP_NONE, PAP_RED},
            {"60f8932b-e51e-4458-b265-a2e8be9a80ab", TLP_NONE, PAP_AMBER},
            {"ad15a0cd-55b6-4588-a14c-a66105329b92", TLP_NONE, PAP_CLEAR},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char object[256], lie[256];
        snprintf(object, sizeof(object), "{\"object_marking_refs\":[\"marking-definition--%s\"]}", rows[i].uuid);
        snprintf(lie, sizeof(lie), "{\"id\":\"marking-definition--%s\",\"name\":\"PAP:CLEAR\"}", rows[i].uuid);
        struct stix_marks marks = marks_with(lie, object);
        assert_int_equal(marks.tlp, rows[i].tlp);
        assert_int_equal(marks.pap, rows[i].pap);
        assert_false(marks.unknown);
    }
}

#define IEP(rest)                                                                                                      \
    "{\"type\":\"marking-definition\",\"id\":\"" ID                                                                    \
    "\",\"extensions\":{\"extension-definition--762e2e97-ee51-43e5-a9ea-165fbb862c4a\":{"                              \
    "\"extension_type\":\"property-extension\",\"iep_id\":\"p\",\"name\":\"p\",\"iep_version\":2.0" rest "}}}"
#define OURS(rest)                                                                                                     \
    "{\"type\":\"marking-definition\",\"id\":\"" ID                                                                    \
    "\",\"extensions\":{\"extension-definition--2b6f1f0e-8d5a-4a53-9c0b-6e1d7c3f9a44\":{"                              \
    "\"extension_type\":\"property-extension\"" rest "}}}"
#define AT(day) (INT64_C(1795132800) * SECOND_US + (day)*DAY_US) /* 2026-11-20 */
#define GROUP_A "6f0d5c1e-2b3a-4c4d-8e5f-a0b1c2d3e4f5"
#define GROUP_B "7a1e6d2f-3c4b-4d5e-9f60-b1c2d3e4f506"

static bool marks_are(const struct stix_marks *a, const struct stix_marks *b)
{
    bool same = a->tlp == b->tlp && a->pap == b->pap && a->unclear == b->unclear && a->silent == b->silent &&
                a->encrypted == b->encrypted && a->exercise == b->exercise && a->attribution == b->attribution;
    return same && a->from_us == b->from_us && a->until_us == b->until_us && a->embargo_us == b->embargo_us &&
           strcmp(a->residency, b->residency) == 0 && a->group_count == b->group_count;
}

static void conditions_are_read_in_every_spelling(void **state)
{
    (void)state;
    static const struct {
        const char *definition;
        struct stix_marks marks;
    } rows[] = {
            {IEP(""), {0}},
            {IEP(",\"start_date\":\"2026-11-20T00:00:00Z\",\"end_date\":\"2026-11-21T00:00:00Z\""),
                    {.from_us = AT(0), .until_us = AT(1)}},
            {IEP(",\"end_date\":null,\"external_references\":[]"), {0}},
            {IEP(",\"end_date\":\"1969-01-01T00:00:00Z\""), {.until_us = 1}},
            {IEP(",\"end_date\":\"soon\""), {.unclear = true}},
            {IEP(",\"end_date\":7.5e300"), {.unclear = true}},
            {IEP(",\"tlp\":\"green\",\"affected_party_notifications\":\"must-not\""),
                    {.tlp = TLP_GREEN, .silent = true}},
            {IEP(",\"attribution\":\"must-not\""), {.attribution = ATTRIBUTION_MUST_NOT}},
            {IEP(",\"provider_attribution\":\"must\""), {.attribution = ATTRIBUTION_MUST}},
            {IEP(",\"attribution\":\"must\",\"provider_attribution\":\"must-not\""),
                    {.attribution = ATTRIBUTION_MUST_NOT, .unclear = true}},
            {IEP(",\"attribution\":\"perhaps\""), {.attribution = ATTRIBUTION_MUST_NOT}},
            {IEP(",\"encrypt_in_transit\":\"must\",\"unmodified_resale\":\"must-not\""), {.encrypted = true}},
            {IEP(",\"encrypt_in_transit\":false"), {.encrypted = true}},
            {IEP(",\"permitted_actions\":\"none\""), {.pap = PAP_RED}},
            {IEP(",\"id_ref\":\"0224bfdf-ea3a-49c3-96f6-66d908bb1845\""), {.unclear = true}}, /* by reference */
            {IEP(",\"url\":\"https://example.com/policy\""), {.unclear = true}},
            {IEP(",\"external_reference\":\"https://example.com/terms\""), {.unclear = true}},
            {IEP(",\"tlp\":null"), {.tlp = TLP_RED}},
            {IEP(",\"tlp\":[]"), {.tlp = TLP_RED}},
            {IEP(",\"another\":\"condition\""), {.unclear = true}},
            {OURS(",\"x_kentongan_residency\":\"id\""), {.residency = "ID"}},
            {OURS(",\"x_kentongan_residency\":[\"ID\",\"MY\"]"), {.residency = "MY", .unclear = true}},
            {OURS(",\"x_kentongan_residency\":\"Java\""), {.unclear = true}},
            {OURS(",\"x_kentongan_residency\":\"1D\""), {.unclear = true}},
            {OURS(",\"x_kentongan_embargo\":\"2026-11-21T00:00:00Z\""), {.embargo_us = AT(1)}},
            {OURS(",\"x_kentongan_embargo\":\"\""), {.unclear = true}},
            {OURS(",\"x_kentongan_sharing_group\":\"" GROUP_A "\""), {.group_count = 1}},
            {OURS(",\"x_kentongan_sharing_group\":[\"" GROUP_A "\",\"" GROUP_B "\",\"" GROUP_A "\"]"),
                    {.group_count = 2}},
            {OURS(",\"x_kentongan_sharing_group\":\"all\""), {.unclear = true}},
            {OURS(",\"x_kentongan_exercise\":true"), {.exercise = true}},
            {OURS(",\"x_kentongan_exercise\":false"), {0}},
            {OURS(",\"x_kentongan_exercise\":\"a drill\""), {.exercise = true}},
            {"{\"id\":\"" ID "\",\"definition\":{\"statement\":\"Copyright 2026\"}}", {0}},
            {"{\"id\":\"" ID "\",\"definition\":{\"statement\":\"iep2-policy:attribution=\\\"must-not\\\"\"}}",
                    {.attribution = ATTRIBUTION_MUST_NOT}},
            {"{\"id\":\"" ID "\",\"definition\":{\"caveat\":\"eyes only\"}}", {.unclear = true}},
            {"{\"id\":\"" ID "\",\"name\":\"Ours\"}", {.unclear = true}}, /* it says nothing */
            {"{\"id\":\"" ID "\",\"name\":\"TLP:GREEN\",\"caveat\":\"eyes only\"}",
                    {.tlp = TLP_GREEN, .unclear = true}},
            {"{\"id\":\"" ID "\",\"name\":\"TLP:GREEN\",\"extensions\":{\"x\":[]}}",
                    {.tlp = TLP_GREEN, .unclear = true}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct stix_marks marks = marks_with(rows[i].definition, REFERS);
        if (!marks_are(&marks, &rows[i].marks) || marks.unknown)
            fail_msg("%s is read as %d %d, unclear %d, %s", rows[i].definition, marks.tlp, marks.pap, marks.unclear,
                    marks.residency);
    }
}

static void more_groups_than_fit_are_unclear(void **state)
{
    (void)state;
    static const char labels[] = "{\"labels\":[\"kentongan:sharing-group=10000000-0000-4000-8000-000000000001\","
                                 "\"kentongan:sharing-group=10000000-0000-4000-8000-000000000002\","
                                 "\"kentongan:sharing-group=10000000-0000-4000-8000-000000000003\","
                                 "\"kentongan:sharing-group=10000000-0000-4000-8000-000000000004\"%s]}";
    char object[512];
    snprintf(object, sizeof(object), labels, "");
    struct stix_marks marks = marks_with(NULL, object);
    assert_int_equal(marks.group_count, STIX_MARKS_GROUPS_MAX);
    assert_false(marks.unclear);
    snprintf(object, sizeof(object), labels, ",\"kentongan:sharing-group=10000000-0000-4000-8000-000000000005\"");
    assert_true(marks_with(NULL, object).unclear);
}

static void a_part_that_is_marked_marks_the_whole(void **state)
{
    (void)state;
    struct stix_marks marks = marks_with("{\"id\":\"" ID "\",\"name\":\"PAP:RED\"}",
            "{\"granular_markings\":[{\"lang\":\"id\",\"selectors\":[\"name\"]},"
            "{\"marking_ref\":\"" ID "\",\"selectors\":[\"pattern\"]}]}");
    assert_int_equal(marks.pap, PAP_RED);
    assert_false(marks.unknown);
}

static void parts_are_told_apart_from_the_whole(void **state)
{
    (void)state;
    struct arena *work = arena_open("test", ARENA_WORK, 1u << 20);
    struct stix_definitions *definitions = stix_definitions_open();
    slice object = S("{\"object_marking_refs\":[\"marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb\"],"
                     "\"granular_markings\":[{\"lang\":\"id\",\"selectors\":[\"name\"]},{\"marking_ref\":"
                     "\"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1\",\"selectors\":[\"description\"]}]}");
    const struct stix_marked marked = stix_marked_of(object);
    struct json_elements walk = json_elements(marked.granular);
    struct stix_part part;
    assert_int_equal(stix_marks_whole(definitions, &marked, work).tlp, TLP_GREEN);
    assert_true(stix_part_next(definitions, &walk, work, &part));
    assert_int_equal(part.marks.tlp, TLP_RED);
    assert_true(slice_eq(part.selectors, S("[\"description\"]")));
    assert_false(stix_part_next(definitions, &walk, work, &part));
    assert_int_equal(stix_marks_of(definitions, &marked, work).tlp, TLP_RED);
    stix_definitions_close(definitions);
    arena_close(work);
}

static void tlp_is_found_by_its_name(void **state)
{
    (void)state;
    enum stix_tlp tlp = TLP_NONE;
    for (int level = TLP_CLEAR; level <= TLP_RED; level++)
        assert_true(stix_tlp_find(slice_of(stix_tlp_name((enum stix_tlp)level)), &tlp) && (int)tlp == level);
    assert_true(stix_tlp_find(S("white"), &tlp) && tlp == TLP_CLEAR);
    assert_false(stix_tlp_find(S("TLP:"), &tlp) || stix_tlp_find(S("purple"), &tlp) || stix_tlp_find(S(""), &tlp));
    assert_true(stix_marking_published(S("marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487")));
    assert_false(stix_marking_published(S("94868c89-83c2-464b-929b-a1a8aa3c8487")) || stix_marking_published(S("" ID)));
}

/* A file of the material of others, where it is; else the test is skipped. */
static struct buf given_read(const char *name)
{
    struct buf text = buf_make(1u << 20);
    char path[512];
    const char *root = getenv("KENTONGAN_ROOT");
    snprintf(path, sizeof(path), "%s/../shared/conformance/%s", root == NULL ? "." : root, name);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        print_message("# SKIP no %s\n", name);
        skip();
    }
    while (buf_reserve(&text, 4096) && !feof(file))
        text.len += fread(text.ptr + text.len, 1, 4096, file);
    fclose(file);
    return text;
}

/* The published examples, where they are: ../shared/conformance/stix. */
static void published_definitions_are_read(void **state)
{
    (void)state;
    static const struct {
        const char *file;
        enum stix_tlp first, last;
        struct stix_marks marks; /* beside TLP */
    } rows[] = {
            {"tlp-1.0-markings.json", TLP_CLEAR, TLP_RED, {0}},
            {"tlp-2.0-markings.json", TLP_CLEAR, TLP_RED, {0}},
            {"iep-marking-example.json", TLP_AMBER, TLP_AMBER,
                    {.pap = PAP_GREEN,
                            .attribution = ATTRIBUTION_MUST_NOT,
                            .from_us = INT64_C(1664582400) * SECOND_US}},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char name[128];
        snprintf(name, sizeof(name), "stix/%s", rows[i].file);
        struct arena *work = arena_open("test", ARENA_WORK, 1u << 20);
        struct buf text = given_read(name);
        struct json_elements walk = json_elements(buf_slice(&text));
        slice one = buf_slice(&text), object;
        enum stix_tlp tlp = TLP_NONE;
        for (bool any = json_element_next(&walk, &object); any || tlp == TLP_NONE;
                any = json_element_next(&walk, &object)) {
            struct stix_definitions *definitions = stix_definitions_open();
            object = any ? object : slice_trim(one);
            assert_int_equal(stix_definitions_add(definitions, object, work).kind, ERR_NONE);
            const char *refs =
                    arena_printf(work, "[%.*s]", (int)json_get(object, S("id")).len, json_get(object, S("id")).ptr);
            const struct stix_marked marked = {.refs = slice_of(refs)};
            struct stix_marks marks = stix_marks_whole(definitions, &marked, work), beside = marks;
            assert_false(marks.unknown);
            assert_true(marks.tlp > tlp);
            assert_int_equal(tlp == TLP_NONE ? rows[i].first : marks.tlp, marks.tlp);
            tlp = marks.tlp;
            beside.tlp = TLP_NONE;
            assert_true(marks_are(&beside, &rows[i].marks));
            stix_definitions_close(definitions);
        }
        assert_int_equal(tlp, rows[i].last);
        buf_free(&text);
        arena_close(work);
    }
}

static struct stix_marks tag_marks(const char *namespace, slice predicate, slice value)
{
    char object[1024];
    if (value.len == 0)
        snprintf(object, sizeof(object), "{\"labels\":[\"%s:%.*s\"]}", namespace, (int)predicate.len, predicate.ptr);
    else
        snprintf(object, sizeof(object), "{\"labels\":[\"%s:%.*s=\\\"%.*s\\\"\"]}", namespace, (int)predicate.len,
                predicate.ptr, (int)value.len, value.ptr);
    return marks_with(NULL, object);
}

/* Every level that MISP's taxonomies have is one of ours; a tag of a joke is RED, as any other doubt. */
static void levels_of_misp_are_ours(void **state)
{
    (void)state;
    static const char *const taxonomies[] = {"tlp", "PAP"};
    for (size_t i = 0; i < COUNT_OF(taxonomies); i++) {
        char name[128];
        snprintf(name, sizeof(name), "taxonomies/misp/%s/machinetag.json", taxonomies[i]);
        struct arena *work = arena_open("test", ARENA_WORK, 1u << 20);
        struct buf text = given_read(name);
        struct json_elements walk = json_elements(json_get(buf_slice(&text), S("predicates")));
        for (slice predicate; json_element_next(&walk, &predicate);) {
            slice level = json_text(json_get(predicate, S("value")), work);
            struct stix_marks marks = tag_marks(taxonomies[i], level, S(""));
            enum stix_tlp tlp = TLP_RED;
            bool named = stix_tlp_find(level, &tlp);
            assert_int_equal(i == 0 ? marks.tlp : TLP_NONE, i == 0 ? tlp : TLP_NONE);
            assert_true(i == 0 || (named && marks.pap != PAP_NONE && (marks.pap == PAP_RED) == (tlp == TLP_RED)));
        }
        buf_free(&text);
        arena_close(work);
    }
}

/* Every value that its taxonomies of IEP list is understood, but for promises that we cannot keep. */
static void policies_of_misp_are_understood(void **state)
{
    (void)state;
    static const char *const taxonomies[] = {"iep", "iep2-policy"};
    size_t understood = 0;
    for (size_t i = 0; i < COUNT_OF(taxonomies); i++) {
        char name[128];
        snprintf(name, sizeof(name), "taxonomies/misp/%s/machinetag.json", taxonomies[i]);
        struct arena *work = arena_open("test", ARENA_WORK, 1u << 20);
        struct buf text = given_read(name);
        struct json_elements walk = json_elements(json_get(buf_slice(&text), S("values")));
        for (slice values; json_element_next(&walk, &values);) {
            slice predicate = json_text(json_get(values, S("predicate")), work), entry;
            struct json_elements entries = json_elements(json_get(values, S("entry")));
            while (json_element_next(&entries, &entry)) {
                slice value = json_text(json_get(entry, S("value")), work);
                bool promise = slice_eq(predicate, S("encrypt-at-rest")) ||
                               slice_eq(predicate, S("obfuscate-affected-parties"));
                if (slice_eq(value, S("$text")))
                    continue;
                if (tag_marks(taxonomies[i], predicate, value).unclear != (promise && !slice_eq(value, S("MAY"))))
                    fail_msg("%s:%.*s=%.*s", taxonomies[i], (int)predicate.len, predicate.ptr, (int)value.len,
                            value.ptr);
                understood++;
            }
        }
        buf_free(&text);
        arena_close(work);
    }
    assert_true(understood > 30);
}

static void a_definition_that_never_came_is_unknown(void **state)
{
    (void)state;
    assert_true(marks_with(NULL, REFERS).unknown);
    assert_true(marks_with(NULL, "{\"object_marking_refs\":[7]}").unknown);
    assert_true(marks_with(NULL, "{\"granular_markings\":[{\"marking_ref\":\"" ID "\"}]}").unknown);
    assert_false(marks_with(NULL, "{\"object_marking_refs\":[]}").unknown);
    assert_false(marks_with(NULL, "{\"object_marking_refs\":\"x\"}").unknown); /* no list; the keeper refused it */
}

static void definitions_have_a_ceiling(void **state)
{
    (void)state;
    struct arena *work = arena_open("test", ARENA_WORK, 1u << 20);
    struct stix_definitions *definitions = stix_definitions_open();
    struct err err = OK;
    for (unsigned i = 0; i <= STIX_DEFINITIONS_MAX; i++) {
        char json[128];
        snprintf(json, sizeof(json), "{\"id\":\"d%u\",\"name\":\"PAP:RED\"}", i);
        assert_int_equal(err.kind, ERR_NONE);
        arena_reset(work);
        err = stix_definitions_add(definitions, slice_of(json), work);
    }
    assert_int_equal(err.kind, ERR_LIMIT);
    const struct stix_marked marked = {.refs = S("[\"d65535\"]")};
    struct stix_marks marks = stix_marks_of(definitions, &marked, work);
    assert_int_equal(marks.pap, PAP_RED);
    stix_definitions_close(definitions);
    arena_close(work);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(definitions_are_read_in_every_spelling),
            cmocka_unit_test(labels_are_read_as_misp_writes_its_tags),
            cmocka_unit_test(machine_tags_say_conditions),
            cmocka_unit_test(published_ids_need_no_definition_and_heed_none),
            cmocka_unit_test(conditions_are_read_in_every_spelling),
            cmocka_unit_test(more_groups_than_fit_are_unclear),
            cmocka_unit_test(parts_are_told_apart_from_the_whole),
            cmocka_unit_test(tlp_is_found_by_its_name),
            cmocka_unit_test(published_definitions_are_read),
            cmocka_unit_test(levels_of_misp_are_ours),
            cmocka_unit_test(policies_of_misp_are_understood),
            cmocka_unit_test(a_part_that_is_marked_marks_the_whole),
            cmocka_unit_test(a_definition_that_never_came_is_unknown),
            cmocka_unit_test(definitions_have_a_ceiling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
