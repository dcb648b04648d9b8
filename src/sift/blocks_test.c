/* SPDX-License-Identifier: Apache-2.0 */
#include "sift/blocks.h"

#include "input/temp_test.h"

/* All blocks of a text as lines, put together again; checks what each block promises. */
static void expect_blocks(struct arena *arena, const char *format, slice content, slice expected, uint64_t too_long)
{
    struct temp temp = temp_make(content);
    struct input *input = NULL;
    struct blocks *blocks = NULL;
    struct event_reader reader;
    struct event_options options = {0};
    struct err err = input_open(temp.name, arena, &input);
    assert_int_equal(err.kind, ERR_NONE);
    err = blocks_open(input, arena, &blocks);
    assert_int_equal(err.kind, ERR_NONE);
    err = event_open(format, blocks_head(blocks), &options, arena, &reader);
    assert_int_equal(err.kind, ERR_NONE);
    blocks_begin(blocks, &reader, false);
    struct buf all = buf_make(64u << 20);
    struct block block = {0};
    uint64_t number = 0, line = reader.header.len > 0 ? 2 : 1;
    while (blocks_next(blocks, &block)) {
        assert_int_equal(block.number, number++);
        assert_int_equal(block.first_line, line);
        assert_true(block.text.len == 0 || block.text.ptr[block.text.len - 1] == '\n');
        too_long -= block.too_long;
        line += block.lines + block.too_long;
        buf_put(&all, block.text);
    }
    assert_int_equal(too_long, 0);
    assert_int_equal(blocks_error(blocks).kind, ERR_NONE);
    assert_true(slice_eq(buf_slice(&all), expected));
    buf_free(&all);
    block_free(&block);
    blocks_close(blocks);
    input_close(input);
    temp_drop(&temp);
}

static void records_stay_whole_and_in_order(void **state)
{
    struct buf text = buf_make(16u << 20);
    for (int i = 0; text.len < 1000000; i++)
        buf_printf(&text, "%d %0*d\n", i, 1 + i % 3000, 0);
    expect_blocks(*state, "lines", buf_slice(&text), buf_slice(&text), 0);
    buf_free(&text);
}

static void a_last_line_without_a_newline_gets_one(void **state)
{
    expect_blocks(*state, "lines", S("one\ntwo"), S("one\ntwo\n"), 0);
    expect_blocks(*state, "lines", S("one"), S("one\n"), 0);
    expect_blocks(*state, "lines", S(""), S(""), 0);
    expect_blocks(*state, "lines", S("\n"), S("\n"), 0);
}

static void a_byte_order_mark_is_passed_over(void **state)
{
    expect_blocks(*state, "lines", S("\xEF\xBB\xBFone\n"), S("one\n"), 0);
}

static void a_header_is_no_record(void **state)
{
    expect_blocks(*state, "csv", S("time,src_ip\n2026-11-20,192.0.2.1\n"), S("2026-11-20,192.0.2.1\n"), 0);
}

static void quoted_newlines_do_not_end_a_record(void **state)
{
    expect_blocks(*state, "csv", S("src_ip,text\n192.0.2.1,\"a\nb\"\n"), S("192.0.2.1,\"a\nb\"\n"), 0);
}

static void a_line_longer_than_a_block_is_whole(void **state)
{
    struct buf text = buf_make(16u << 20);
    buf_printf(&text, "short\n%0*d\nshort\n", 3 * (int)BLOCK_BYTES, 0);
    expect_blocks(*state, "lines", buf_slice(&text), buf_slice(&text), 0);
    buf_free(&text);
}

static void a_line_beyond_the_ceiling_is_left_out_and_counted(void **state)
{
    struct buf text = buf_make(128u << 20);
    buf_put(&text, S("before\n"));
    for (int i = 0; i < 3; i++)
        buf_printf(&text, "%0*d", (int)EVENT_RECORD_MAX / 2, 0);
    buf_put(&text, S("\nafter\n"));
    expect_blocks(*state, "lines", buf_slice(&text), S("before\nafter\n"), 1);
    buf_free(&text);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(records_stay_whole_and_in_order),
            cmocka_unit_test(a_last_line_without_a_newline_gets_one),
            cmocka_unit_test(a_byte_order_mark_is_passed_over),
            cmocka_unit_test(a_header_is_no_record),
            cmocka_unit_test(quoted_newlines_do_not_end_a_record),
            cmocka_unit_test(a_line_longer_than_a_block_is_whole),
            cmocka_unit_test(a_line_beyond_the_ceiling_is_left_out_and_counted),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
