/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/hash.h"
#include "json/check.h"
#include "json/scan.h"

enum { ROOM = 4096 };

/* Lines with room before and behind, as a block has. */
static char block[JSON_SCAN_PAD + ROOM + JSON_SCAN_PAD], thin[JSON_SCAN_PAD + ROOM + JSON_SCAN_PAD];

static slice compact(slice lines)
{
    static struct json_scan *scan;
    if (scan == NULL)
        scan = json_scan_open(ROOM);
    assert_true(lines.len <= ROOM);
    memset(block, '\n', JSON_SCAN_PAD);
    memcpy(block + JSON_SCAN_PAD, lines.ptr, lines.len);
    json_scan_block(scan, (slice){block + JSON_SCAN_PAD, lines.len});
    slice made = json_scan_compact(scan, thin + JSON_SCAN_PAD);
    return made;
}

static void expect(const char *lines, const char *wanted)
{
    slice made = compact(slice_of(lines));
    assert_int_equal(made.len, strlen(wanted));
    assert_memory_equal(made.ptr, wanted, made.len);
}

static void blanks_go_where_they_mean_nothing(void **state)
{
    (void)state;
    expect("{\"a\": 1, \"b\": [1, 2,  {\t\"c\": null}]}\n", "{\"a\":1,\"b\":[1,2,{\"c\":null}]}\n");
    expect("{\"a\":1}\n\n{ \"a\":2}\n", "{\"a\":1}\n\n{\"a\":2}\n");
    expect("\n", "\n");
}

static void blanks_stay_where_they_mean_something(void **state)
{
    (void)state;
    expect("{\"a: b, c\": \"d, { [ e\"}\n", "{\"a: b, c\":\"d, { [ e\"}\n");
    expect("{\"a\\\": b\": \"\\\\\", \"c\": \", \\\" :  \"}\n", "{\"a\\\": b\":\"\\\\\",\"c\":\", \\\" :  \"}\n");
    expect("{\"a\": 1 2}\n", "{\"a\":1 2}\n");
    expect(" {\"a\": 1 }\r\n", " {\"a\":1 }\r\n");
    expect("{\"a\": \"b, \nc, \"d\": , \"\n{\"e\": 1}\n", "{\"a\":\"b, \nc,\"d\":,\"\n{\"e\":1}\n");
}

static const char *const lines[] = {
        "{\"time.source\": \"2026-06-01T12:00:00Z\", \"a\": {\"b\": [1, -2.5e3, true, {\"c\": [ ]}]}, \"d\": "
        "\"\\u0041, : \"}",
        "{\"a\":\"\\\\\",\"b\": \"\\\"\", \"c\" : [{\"d\": {}}, [], null ] }",
        "{\"one\": 1, \"two\": \"a b  c: d, e\", \"three\": [\"f, g\", \"h: i\"]}",
};

/* Whatever a line is, it is JSON in one of the two if it is so in the other. */
static void what_is_json_stays_so_and_nothing_becomes_it(void **state)
{
    (void)state;
    static const char spoils[] = "\"\\{}[]:, \t1a";
    struct hash_key chance = hash_key_random();
    unsigned good = 0, bad = 0;
    for (uint64_t i = 0; i < 6000; i++) {
        char line[ROOM];
        uint64_t drawn = hash_mix(chance.a + i, chance.b);
        const char *from = lines[drawn % COUNT_OF(lines)];
        size_t len = strlen(from);
        memcpy(line, from, len + 1);
        for (uint64_t spoil = 0; spoil < drawn / 8 % 3; spoil++)
            line[(drawn >> (8 + 8 * spoil)) % len] = spoils[(drawn >> (32 + 8 * spoil)) % (sizeof spoils - 1)];
        line[len] = '\n';
        slice made = compact((slice){line, len + 1});
        bool was = json_check((slice){line, len}, &json_limits_default, NULL).kind == ERR_NONE;
        bool is = json_check(slice_part(made, 0, made.len - 1), &json_limits_default, NULL).kind == ERR_NONE;
        if (was != is)
            fail_msg("%.*s became %.*s", (int)len, line, (int)made.len - 1, made.ptr);
        *(was ? &good : &bad) += 1;
    }
    assert_true(good > 300 && bad > 300);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(blanks_go_where_they_mean_nothing),
            cmocka_unit_test(blanks_stay_where_they_mean_something),
            cmocka_unit_test(what_is_json_stays_so_and_nothing_becomes_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
