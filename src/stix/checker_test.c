/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/checker.h"

#include "stix/table_test.h"

#define ID "00000000-0000-4000-8000-000000000001"
#define HEAD                                                                                                           \
    "{\"type\":\"identity\",\"spec_version\":\"2.1\",\"id\":\"identity--" ID                                           \
    "\",\"created\":\"2026-01-01T00:00:00.000Z\","

static void what_breaks_a_must_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *json, *wrong;
    } rows[] = {
            {HEAD "\"modified\":\"2026-01-01T00:00:00.000Z\",\"name\":\"CSIRT\"}", NULL},
            {"{\"type\":\"ipv4-addr\",\"id\":\"ipv4-addr--" ID "\",\"value\":\"192.0.2.1\"}", NULL},
            {HEAD "\"modified\":\"2026-01-01T00:00:00.000Z\"}", "name is required [STIX 2.1 section 4.5.1]"},
            {"{\"type\":\"ipv4-addr\",\"id\":\"ipv4-addr--" ID "\",\"value\":\"192.0.2\"}",
                    "value: must be an IPv4 address, or one with a prefix length, not 192.0.2 [STIX 2.1 section "
                    "6.8.1]"},
            {"[]", "must be an object [STIX 2.1 section 8]"},
            {"{", "the text ends inside an object [RFC 8259 section 4]"},
            {"", "the text ends where a value should stand [RFC 8259 section 2]"},
    };
    struct stix_checker *checker = stix_checker_open();
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *wrong = stix_checker_wrong(checker, slice_of(rows[i].json));
        if (rows[i].wrong == NULL ? wrong != NULL : wrong == NULL || strcmp(wrong, rows[i].wrong) != 0)
            fail_msg("%s: %s", rows[i].json, wrong == NULL ? "valid" : wrong);
    }
    stix_checker_close(checker);
    stix_checker_close(NULL);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_breaks_a_must_is_said)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
