/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base32.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

/* RFC 4648 section 10. */
static const struct {
    const char *plain, *text;
} vectors[] = {
        {"", ""},
        {"f", "MY======"},
        {"fo", "MZXQ===="},
        {"foo", "MZXW6==="},
        {"foob", "MZXW6YQ="},
        {"fooba", "MZXW6YTB"},
        {"foobar", "MZXW6YTBOI======"},
};

static slice without_padding(const char *text)
{
    slice s = slice_of(text);
    return slice_part(s, 0, slice_find(s, '='));
}

static void it_is_written_as_the_standard_shows_without_padding(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct buf buf = buf_make(100);
        base32_write(&buf, slice_of(vectors[i].plain));
        assert_true(slice_eq(buf_slice(&buf), without_padding(vectors[i].text)));
        buf_free(&buf);
    }
}

static void it_is_read_with_and_without_padding(void **state)
{
    uint8_t bytes[16];
    size_t len;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        slice plain = slice_of(vectors[i].plain);
        assert_true(base32_read(slice_of(vectors[i].text), bytes, sizeof bytes, &len));
        assert_true(slice_eq((slice){(const char *)bytes, len}, plain));
        assert_true(base32_read(without_padding(vectors[i].text), bytes, sizeof bytes, &len));
        assert_true(slice_eq((slice){(const char *)bytes, len}, plain));
    }
}

static void people_may_write_it_in_groups_and_small(void **state)
{
    uint8_t bytes[16];
    size_t len;
    (void)state;
    assert_true(base32_read(S("mzxw-6ytb oi"), bytes, sizeof bytes, &len));
    assert_true(slice_eq((slice){(const char *)bytes, len}, S("foobar")));
}

static void what_is_none_is_refused(void **state)
{
    static const char *const bad[] = {"M", "MZX", "MZXW6Y", "MZ", "MZXW1===", "MZXW0", "MZXW8", "MZ=XW6", "M\xc3\x9f"};
    uint8_t bytes[16];
    size_t len;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(bad); i++)
        if (base32_read(slice_of(bad[i]), bytes, sizeof bytes, &len))
            fail_msg("%s was read", bad[i]);
    assert_false(base32_read(S("MZXW6YTBOI"), bytes, 5, &len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(it_is_written_as_the_standard_shows_without_padding),
            cmocka_unit_test(it_is_read_with_and_without_padding),
            cmocka_unit_test(people_may_write_it_in_groups_and_small),
            cmocka_unit_test(what_is_none_is_refused),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
