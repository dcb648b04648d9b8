/* SPDX-License-Identifier: Apache-2.0 */
#include "input/pack.h"

#include "input/temp_test.h"

static void what_was_packed_comes_back(void **state)
{
    (void)state;
    struct buf text = buf_make(8u << 20), packed = buf_make(8u << 20), back = buf_make(8u << 20);
    for (int i = 0; i < 50000; i++)
        buf_printf(&text, "192.0.2.%d,seen %d times\n", i % 250, i);
    assert_int_equal(input_pack(buf_slice(&text), &packed).kind, ERR_NONE);
    assert_true(packed.len < text.len / 4);
    assert_int_equal(input_unpack(buf_slice(&packed), &back).kind, ERR_NONE);
    assert_true(slice_eq(buf_slice(&back), buf_slice(&text)));
    buf_free(&text);
    buf_free(&packed);
    buf_free(&back);
}

static void frames_behind_one_another_are_one_text(void **state)
{
    (void)state;
    struct buf packed = buf_make(1u << 20), back = buf_make(1u << 20);
    assert_int_equal(input_pack(S("one "), &packed).kind, ERR_NONE);
    assert_int_equal(input_pack(S(""), &packed).kind, ERR_NONE);
    assert_int_equal(input_pack(S("two"), &packed).kind, ERR_NONE);
    assert_int_equal(input_unpack(buf_slice(&packed), &back).kind, ERR_NONE);
    assert_true(slice_eq(buf_slice(&back), S("one two")));
    buf_free(&packed);
    buf_free(&back);
}

static void damage_and_bombs_are_refused(void **state)
{
    (void)state;
    struct buf packed = buf_make(1u << 20), back = buf_make(1u << 20), zeros = buf_make(8u << 20);
    assert_true(buf_reserve(&zeros, 4u << 20));
    memset(zeros.ptr, 0, zeros.len = 4u << 20);
    assert_int_equal(input_pack(buf_slice(&zeros), &packed).kind, ERR_LIMIT);
    struct buf room = buf_make(8u << 20);
    assert_int_equal(input_pack(buf_slice(&zeros), &room).kind, ERR_NONE);
    assert_int_equal(input_unpack(buf_slice(&room), &back).kind, ERR_LIMIT);
    buf_reset(&zeros);
    assert_int_equal(input_unpack(buf_slice(&room), &zeros).kind, ERR_NONE); /* ends where a step of it does */
    assert_int_equal(zeros.len, 4u << 20);
    buf_reset(&back);
    assert_int_equal(input_unpack(slice_part(buf_slice(&room), 0, room.len - 1), &zeros).kind, ERR_INPUT);
    assert_int_equal(input_unpack(S("no zstd at all"), &back).kind, ERR_INPUT);
    buf_free(&packed);
    buf_free(&back);
    buf_free(&zeros);
    buf_free(&room);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_was_packed_comes_back),
            cmocka_unit_test(frames_behind_one_another_are_one_text),
            cmocka_unit_test(damage_and_bombs_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
