/* SPDX-License-Identifier: Apache-2.0 */
#include "base/uuid.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>

static struct uuid parse(const char *text)
{
    struct uuid uuid;
    assert_true(uuid_parse(slice_of(text), &uuid));
    return uuid;
}

static void expect_text(struct uuid uuid, const char *text)
{
    struct buf buf = buf_make(36);
    uuid_write(&buf, &uuid);
    assert_true(slice_eq(buf_slice(&buf), slice_of(text)));
    buf_free(&buf);
}

static void either_case_is_read_and_lower_case_written(void **state)
{
    (void)state;
    expect_text(parse("F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6"), "f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
    expect_text(parse("ffffffff-ffff-ffff-ffff-ffffffffffff"), "ffffffff-ffff-ffff-ffff-ffffffffffff");
}

static void nothing_but_the_36_characters_is_read(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "f81d4fae7dec11d0a76500a0c91e6bf6",
            "{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}", "f81d4fae-7dec-11d0-a765-00a0c91e6bf",
            "f81d4fae-7dec-11d0-a765-00a0c91e6bf6 ", "f81d4fae-7dec-11d0-a765-00a0c91e6bfg",
            "f81d4fae-7dec-11d0-a765000a0c91e6bf6", "f81d4fa-e7dec-11d0-a765-00a0c91e6bf6",
            "f81d4fae+7dec-11d0-a765-00a0c91e6bf6"};
    struct uuid uuid = {{7}};
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_false(uuid_parse(slice_of(wrong[i]), &uuid));
    assert_int_equal(uuid.bytes[0], 7);
}

static void random_ones_are_version_4_and_differ(void **state)
{
    (void)state;
    struct uuid a = uuid_v4(), b = uuid_v4();
    assert_int_equal(a.bytes[6] >> 4, 4);
    assert_int_equal(a.bytes[8] >> 6, 2);
    assert_memory_not_equal(a.bytes, b.bytes, 16);
}

/* RFC 9562 appendix A.4. */
static void a_name_gives_the_version_5_of_the_rfc(void **state)
{
    (void)state;
    struct uuid dns = parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
    expect_text(uuid_v5(&dns, S("www.example.com")), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(either_case_is_read_and_lower_case_written),
            cmocka_unit_test(nothing_but_the_36_characters_is_read),
            cmocka_unit_test(random_ones_are_version_4_and_differ),
            cmocka_unit_test(a_name_gives_the_version_5_of_the_rfc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
