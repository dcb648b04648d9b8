/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/marks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/arena.h"
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

static void a_part_that_is_marked_marks_the_whole(void **state)
{
    (void)state;
    struct stix_marks marks = marks_with("{\"id\":\"" ID "\",\"name\":\"PAP:RED\"}",
            "{\"granular_markings\":[{\"lang\":\"id\",\"selectors\":[\"name\"]},"
            "{\"marking_ref\":\"" ID "\",\"selectors\":[\"pattern\"]}]}");
    assert_int_equal(marks.pap, PAP_RED);
    assert_false(marks.unknown);
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
            cmocka_unit_test(published_ids_need_no_definition_and_heed_none),
            cmocka_unit_test(a_part_that_is_marked_marks_the_whole),
            cmocka_unit_test(a_definition_that_never_came_is_unknown),
            cmocka_unit_test(definitions_have_a_ceiling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
