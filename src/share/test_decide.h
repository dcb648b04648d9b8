/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* For tests of decisions: objects with markings, and the definitions that they are marked by. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/arena.h"
#include "share/rules.h"
#include "json/check.h"

#define MARKING(uuid) "marking-definition--" uuid
#define CLEAR MARKING("94868c89-83c2-464b-929b-a1a8aa3c8487")
#define GREEN MARKING("bab4a63c-aed9-4cf5-a766-dfca5abac2bb")
#define AMBER MARKING("55d920b0-5e8b-4f79-9ee9-91f868d9b421")
#define STRICT MARKING("939a9414-2ddd-4d32-a0cd-375ea402b003")
#define RED MARKING("e828b379-4e03-4974-9ac4-e53a884c97c1")
#define PAP_R MARKING("740d36e5-7714-4c30-961a-3ae632ceee0e")

/* Definitions of ours. */
#define OWN(n) MARKING("00000000-0000-4000-8000-00000000000" n)
#define FOR_GROUP OWN("1")
#define SILENT OWN("2")
#define ENDED OWN("3")
#define UNNAMED OWN("4")
#define ENCRYPTED OWN("5")
#define AT_HOME OWN("6")
#define EMBARGOED OWN("7")
#define EXERCISE OWN("8")
#define UNCLEAR OWN("9")
#define LATER OWN("a")
#define NAMED_SOURCE OWN("b")
#define NEVER_SEEN OWN("f")
#define DEFINITION(id, extension)                                                                                      \
    "{\"type\":\"marking-definition\",\"spec_version\":\"2.1\",\"id\":\"" id                                           \
    "\",\"created\":\"2026-01-01T00:00:00.000Z\",\"extensions\":{\"extension-definition--2b6f1f0e-8d5a-4a53-"          \
    "9c0b-6e1d7c3f9a44\":{\"extension_type\":\"property-extension\"," extension "}}}"
#define GROUP_ID "6f0d5c1e-2b3a-4c4d-8e5f-a0b1c2d3e4f5"

static const char *const test_definitions[] = {
        DEFINITION(FOR_GROUP, "\"x_kentongan_sharing_group\":\"" GROUP_ID "\""),
        DEFINITION(SILENT, "\"affected_party_notifications\":\"must-not\""),
        DEFINITION(ENDED, "\"end_date\":\"2026-11-20T00:00:00Z\""),
        DEFINITION(UNNAMED, "\"attribution\":\"must-not\""),
        DEFINITION(ENCRYPTED, "\"encrypt_in_transit\":\"must\""),
        DEFINITION(AT_HOME, "\"x_kentongan_residency\":\"ID\""),
        DEFINITION(EMBARGOED, "\"x_kentongan_embargo\":\"2026-12-01T00:00:00Z\""),
        DEFINITION(EXERCISE, "\"x_kentongan_exercise\":true"),
        DEFINITION(UNCLEAR, "\"caveat\":\"eyes only\""),
        DEFINITION(LATER, "\"start_date\":\"2026-12-01T00:00:00Z\""),
        DEFINITION(NAMED_SOURCE, "\"attribution\":\"must\""),
};

#define NOW_US (INT64_C(1795219200) * SECOND_US) /* 2026-11-21 */
#define OURS_ID "identity--10000000-0000-4000-8000-000000000001"
#define THEIRS_ID "identity--10000000-0000-4000-8000-00000000000b"
#define OF_OURS_ID "identity--10000000-0000-4000-8000-00000000000d" /* one whom we serve */

/* An object with what all have; `rest` begins with a comma. */
#define OBJECT_BY(type, creator, marks, rest)                                                                          \
    "{\"type\":\"" type "\",\"spec_version\":\"2.1\",\"id\":\"" type                                                   \
    "--20000000-0000-4000-8000-000000000001\",\"created_by_ref\":\"" creator                                           \
    "\",\"created\":\"2026-11-01T00:00:00.000Z\",\"modified\":\"2026-11-02T00:00:00.000Z\",\"object_marking_refs\":"   \
    "[" marks "]" rest "}"
#define OBJECT(type, marks, rest) OBJECT_BY(type, OURS_ID, marks, rest)
#define PATTERN                                                                                                        \
    ",\"pattern\":\"[ipv4-addr:value = '198.51.100.7']\",\"pattern_type\":\"stix\","                                   \
    "\"valid_from\":\"2026-11-01T00:00:00Z\""
#define INDICATOR(marks) OBJECT("indicator", marks, PATTERN)
#define Q(id) "\"" id "\""
#define INDICATOR_ID "indicator--20000000-0000-4000-8000-000000000001"
#define OTHER_ID "indicator--20000000-0000-4000-8000-000000000002"

struct test_marks {
    struct arena *arena;
    struct stix_definitions *definitions;
};

static inline struct test_marks test_marks_open(size_t arena_bytes)
{
    struct test_marks marks = {arena_open("test", ARENA_WORK, arena_bytes), stix_definitions_open()};
    for (size_t i = 0; i < COUNT_OF(test_definitions); i++) {
        slice definition = slice_of(test_definitions[i]);
        if (json_check(definition, &json_limits_default, NULL).kind != ERR_NONE ||
                stix_definitions_add(marks.definitions, definition, marks.arena).kind != ERR_NONE)
            fail_msg("%s", test_definitions[i]);
    }
    return marks;
}

static inline void test_marks_close(struct test_marks *marks)
{
    stix_definitions_close(marks->definitions);
    arena_close(marks->arena);
}
