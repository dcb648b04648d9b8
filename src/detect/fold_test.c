/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/fold.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/arena.h"
#include "event/rsit.h"

#define DAY INT64_C(86400000000)

static struct err types_of(void *context, slice indicator, struct arena *arena, slice *types)
{
    (void)arena;
    assert_true(slice_eq(indicator, S("indicator--a")));
    *types = *(const slice *)context;
    return OK;
}

static struct fold_met met(enum fold_way way, const char *own, int64_t time_us)
{
    return (struct fold_met){.organisation = 7,
            .cause_kind = S(CAUSE_INDICATOR),
            .cause = S("indicator--a"),
            .way = way,
            .type = OBSERVABLE_IPV4,
            .time_us = time_us,
            .events = 1,
            .detail = {.own = slice_of(own), .peer = S("ipv4 203.0.113.77"), .extra = S("")}};
}

static struct fold_rows rows_of(struct fold *fold, slice types, struct arena *arena)
{
    struct fold_rows rows;
    assert_int_equal(fold_rows(fold, 3, types_of, &types, arena, &rows).kind, ERR_NONE);
    return rows;
}

static void the_classes_are_those_of_the_taxonomy(void **state)
{
    (void)state;
    size_t count = 0;
    assert_string_equal(fold_classes[0].name, "");
    for (; rsit_classes[count].type != NULL; count++) {
        char name[128];
        snprintf(name, sizeof name, "%s/%s", rsit_classes[count].taxonomy, rsit_classes[count].type);
        assert_string_equal(fold_classes[fold_class_find(slice_of(rsit_classes[count].type))].name, name);
    }
    assert_int_equal(count + 1, FOLD_CLASSES);
    assert_int_equal(fold_class_find(S("A Network Trojan was detected")), 0);
}

static void an_indicator_means_what_its_producer_says_and_who_spoke_to_whom(void **state)
{
    static const struct {
        const char *types;
        enum observable_type type;
        enum fold_way way;
        const char *class;
        enum severity severity;
    } cases[] = {
            {"[\"malicious-activity\"]", OBSERVABLE_IPV4, WAY_OUT, "malicious-code/infected-system", SEVERITY_HIGH},
            {"[\"malicious-activity\"]", OBSERVABLE_IPV4, WAY_IN, "intrusion-attempts/exploit", SEVERITY_MEDIUM},
            {"[\"malicious-activity\"]", OBSERVABLE_EMAIL, WAY_SEEN, "fraud/phishing", SEVERITY_HIGH},
            {"[\"malicious-activity\"]", OBSERVABLE_SHA256, WAY_SEEN, "malicious-code/malware-distribution",
                    SEVERITY_HIGH},
            {"[\"anonymization\",\"benign\"]", OBSERVABLE_IPV4, WAY_OUT, "other/other", SEVERITY_INFO},
            {"[\"something-else\"]", OBSERVABLE_IPV4, WAY_OUT, "malicious-code/infected-system", SEVERITY_MEDIUM},
            {"", OBSERVABLE_IPV4, WAY_IN, "intrusion-attempts/exploit", SEVERITY_LOW},
            {"", OBSERVABLE_URL, WAY_SEEN, "malicious-code/malware-distribution", SEVERITY_MEDIUM},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct fold_class *class = fold_indicator_class(slice_of(cases[i].types), cases[i].type, cases[i].way);
        assert_string_equal(class->name, cases[i].class);
        assert_int_equal(class->severity, cases[i].severity);
        unsigned known = fold_class_find(slice_from(slice_of(class->name), slice_find(slice_of(class->name), '/') + 1));
        assert_string_equal(fold_classes[known].name, class->name);
    }
}

static void counts_of_two_folds_are_one(void **state)
{
    struct fold *one = fold_open(), *other = fold_open();
    for (int64_t i = 0; i < 1000; i++) {
        fold_count(one, i % 50, i % 3, (unsigned)i % 7, 1, 0, 0);
        fold_count(other, i % 50, i % 3, (unsigned)i % 7, 0, 1, i % 2);
    }
    fold_merge(one, other);
    struct fold_rows rows = rows_of(one, S(""), *state);
    int64_t events = 0, hits = 0, doubles = 0;
    assert_int_equal(rows.count_count, 1000 > 50 * 3 * 7 ? 50 * 3 * 7 : 1000);
    for (size_t i = 0; i < rows.count_count; i++) {
        events += rows.counts[i].events;
        hits += rows.counts[i].hits;
        doubles += rows.counts[i].doubles;
        assert_int_equal(rows.counts[i].stream, 3);
    }
    assert_int_equal(events, 1000);
    assert_int_equal(hits, 1000);
    assert_int_equal(doubles, 500);
    fold_reset(one);
    assert_true(fold_empty(one));
    fold_close(one);
    fold_close(other);
}

static void equal_details_grow_and_days_are_apart(void **state)
{
    struct fold *fold = fold_open(), *block = fold_open();
    struct fold_met some[] = {met(WAY_OUT, "10.1.1.5", 5), met(WAY_OUT, "10.1.1.5", 3), met(WAY_OUT, "10.1.1.6", 9),
            met(WAY_OUT, "10.1.1.5", DAY + 1), met(WAY_OUT, "10.1.1.5", -1)};
    for (size_t i = 0; i < COUNT_OF(some); i++)
        fold_met(i % 2 == 0 ? fold : block, &some[i]);
    fold_merge(fold, block);
    struct fold_rows rows = rows_of(fold, S("[\"malicious-activity\"]"), *state);
    assert_int_equal(rows.met_count, 3);
    const struct met_put *today = &rows.mets[1]; /* in the order of windows */
    assert_int_equal(rows.mets[0].met.window_us, -DAY);
    assert_int_equal(today->met.window_us, 0);
    assert_int_equal(today->met.events, 3);
    assert_int_equal(today->met.first_us, 3);
    assert_int_equal(today->met.last_us, 9);
    assert_int_equal(today->detail_count, 2);
    assert_int_equal(today->details[0].events + today->details[1].events, 3);
    assert_int_equal(today->details[0].digest.len, 16);
    fold_close(fold);
    fold_close(block);
}

/* Out of a benign one and into it are the same class. */
static void ways_that_come_to_one_class_are_one_row(void **state)
{
    struct fold *fold = fold_open();
    struct fold_met some[] = {met(WAY_OUT, "10.1.1.5", 5), met(WAY_IN, "10.1.1.5", 7)};
    fold_met(fold, &some[0]);
    fold_met(fold, &some[1]);
    struct fold_rows rows = rows_of(fold, S("[\"benign\"]"), *state);
    assert_int_equal(rows.met_count, 1);
    assert_int_equal(rows.mets[0].met.events, 2);
    assert_int_equal(rows.mets[0].detail_count, 1);
    assert_int_equal(rows.mets[0].details[0].events, 2);
    assert_int_equal(rows_of(fold, S("[\"malicious-activity\"]"), *state).met_count, 2);
    fold_close(fold);
}

static void details_beyond_the_ceiling_are_counted(void **state)
{
    struct fold *fold = fold_open();
    for (int i = 0; i < 3 * MET_DETAILS_MAX; i++) {
        char own[32];
        snprintf(own, sizeof own, "10.1.%d.%d", i / 250, i % 250);
        struct fold_met one = met(WAY_OUT, own, i);
        fold_met(fold, &one);
    }
    struct fold_rows rows = rows_of(fold, S(""), *state);
    assert_int_equal(rows.mets[0].met.events, 3 * MET_DETAILS_MAX);
    assert_int_equal(rows.mets[0].detail_count, MET_DETAILS_MAX);
    fold_close(fold);
}

static int set_up(void **state)
{
    *state = arena_open("test", ARENA_WORK, 64u << 20);
    return 0;
}

static int tear_down(void **state)
{
    arena_close(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_classes_are_those_of_the_taxonomy),
            cmocka_unit_test(an_indicator_means_what_its_producer_says_and_who_spoke_to_whom),
            cmocka_unit_test_setup_teardown(counts_of_two_folds_are_one, set_up, tear_down),
            cmocka_unit_test_setup_teardown(equal_details_grow_and_days_are_apart, set_up, tear_down),
            cmocka_unit_test_setup_teardown(ways_that_come_to_one_class_are_one_row, set_up, tear_down),
            cmocka_unit_test_setup_teardown(details_beyond_the_ceiling_are_counted, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
