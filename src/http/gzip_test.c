/* SPDX-License-Identifier: Apache-2.0 */
#include "http/gzip.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"

#define TEXT_BYTES 300000

static char text[TEXT_BYTES];
static uint8_t packed[2 * TEXT_BYTES];
static size_t packed_len;
static struct http_gzip gzip;

static size_t pack(const char *from, size_t len, uint8_t *to, size_t room)
{
    struct isal_zstream stream;
    isal_deflate_stateless_init(&stream);
    stream.next_in = (uint8_t *)(uintptr_t)from;
    stream.avail_in = (uint32_t)len;
    stream.next_out = to;
    stream.avail_out = (uint32_t)room;
    stream.end_of_stream = 1;
    stream.gzip_flag = IGZIP_GZIP;
    assert_int_equal(isal_deflate_stateless(&stream), COMP_OK);
    return room - stream.avail_out;
}

static int setup(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEXT_BYTES; i++)
        text[i] = (char)('a' + (i * i / 7 + i) % 23);
    packed_len = pack(text, TEXT_BYTES, packed, sizeof packed);
    return 0;
}

static struct err take(void *context, slice unpacked)
{
    buf_put(context, unpacked);
    return OK;
}

/* All bytes, `step` at a time. */
static struct err unpack(slice bytes, size_t step, struct buf *to)
{
    http_gzip_begin(&gzip);
    while (bytes.len > 0) {
        size_t len = bytes.len < step ? bytes.len : step;
        TRY(http_gzip_put(&gzip, slice_part(bytes, 0, len), take, to));
        bytes = slice_from(bytes, len);
    }
    return OK;
}

static void any_pieces_give_the_same(void **state)
{
    (void)state;
    static const size_t steps[] = {1, 2, 7, 100, 4096, SIZE_MAX};
    for (size_t i = 0; i < COUNT_OF(steps); i++) {
        struct buf to = buf_make(2 * TEXT_BYTES);
        assert_int_equal(unpack((slice){(const char *)packed, packed_len}, steps[i], &to).kind, ERR_NONE);
        assert_true(http_gzip_is_whole(&gzip));
        assert_int_equal(to.len, TEXT_BYTES);
        assert_memory_equal(to.ptr, text, TEXT_BYTES);
        buf_free(&to);
    }
}

static void members_follow_each_other(void **state)
{
    (void)state;
    static uint8_t members[1000];
    size_t first = pack("drum ", 5, members, sizeof members);
    size_t second = pack("beaten", 6, members + first, sizeof members - first);
    for (size_t step = 1; step < first + second; step++) {
        struct buf to = buf_make(1000);
        assert_int_equal(unpack((slice){(const char *)members, first + second}, step, &to).kind, ERR_NONE);
        assert_true(http_gzip_is_whole(&gzip));
        assert_true(slice_eq(buf_slice(&to), S("drum beaten")));
        buf_free(&to);
    }
}

static void what_was_cut_off_is_not_whole(void **state)
{
    (void)state;
    static uint8_t small[1000];
    size_t len = pack(text, 500, small, sizeof small);
    for (size_t cut = 0; cut < len; cut++) {
        struct buf to = buf_make(1000);
        struct err err = unpack((slice){(const char *)small, cut}, SIZE_MAX, &to);
        assert_true(err.kind != ERR_NONE || !http_gzip_is_whole(&gzip));
        buf_free(&to);
    }
}

/* A changed byte is an error, is missed at the end, or lies where nothing hangs on it; the text is never another. */
static void a_changed_byte_gives_no_other_text(void **state)
{
    (void)state;
    static uint8_t small[1000];
    size_t len = pack(text, 500, small, sizeof small);
    for (size_t i = 0; i < 8 * len; i++) {
        struct buf to = buf_make(1u << 20);
        small[i / 8] ^= (uint8_t)(1 << i % 8);
        struct err err = unpack((slice){(const char *)small, len}, 13, &to);
        if (err.kind == ERR_NONE && http_gzip_is_whole(&gzip)) {
            assert_int_equal(to.len, 500);
            assert_memory_equal(to.ptr, text, 500);
        }
        small[i / 8] ^= (uint8_t)(1 << i % 8);
        buf_free(&to);
    }
}

static struct err refuse(void *context, slice unpacked)
{
    (void)context;
    (void)unpacked;
    return err_make(ERR_LIMIT, "enough");
}

static void the_error_of_the_reader_is_handed_on(void **state)
{
    (void)state;
    http_gzip_begin(&gzip);
    struct err err = http_gzip_put(&gzip, (slice){(const char *)packed, packed_len}, refuse, NULL);
    assert_int_equal(err.kind, ERR_LIMIT);
    assert_ptr_not_equal(err.why, http_gzip_damaged);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(any_pieces_give_the_same),
            cmocka_unit_test(members_follow_each_other),
            cmocka_unit_test(what_was_cut_off_is_not_whole),
            cmocka_unit_test(a_changed_byte_gives_no_other_text),
            cmocka_unit_test(the_error_of_the_reader_is_handed_on),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
