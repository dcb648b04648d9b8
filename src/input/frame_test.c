/* SPDX-License-Identifier: Apache-2.0 */
#include "input/frame.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* All of a text, in pieces of so many bytes. */
static void expect(enum frame_kind kind, slice text, size_t piece, slice expected)
{
    struct framing framing = framing_make(kind);
    struct buf records = buf_make(8u << 20);
    for (size_t at = 0; at < text.len; at += piece)
        framing_take(&framing, slice_part(text, at, at + piece < text.len ? at + piece : text.len), &records);
    framing_end(&framing, &records);
    assert_int_equal(records.len, expected.len);
    assert_memory_equal(records.ptr, expected.ptr, expected.len);
    buf_free(&records);
    framing_free(&framing);
}

static void expect_however_it_comes(enum frame_kind kind, slice text, slice expected)
{
    for (size_t piece = 1; piece <= text.len; piece++)
        expect(kind, text, piece, expected);
}

static void lines_are_records_and_empty_ones_are_none(void **state)
{
    (void)state;
    expect_however_it_comes(
            FRAME_LINES, S("{\"a\":1}\n\r\n\n{\"b\":2}\r\n12 x\nlast"), S("{\"a\":1}\n{\"b\":2}\n12 x\nlast\n"));
}

static void frames_are_counted_by_their_octets(void **state)
{
    (void)state;
    expect_however_it_comes(FRAME_SYSLOG, S("11 <13>1 - - -12 <13>two\nline"), S("<13>1 - - -\n<13>two line\n"));
}

static void both_framings_follow_one_another(void **state)
{
    (void)state;
    expect_however_it_comes(FRAME_SYSLOG, S("<13>one\n7 <13>two<13>three\r\n2026-11-21 four\n9 <13>five\n<13>six"),
            S("<13>one\n<13>two\n<13>three\n2026-11-21 four\n<13>five\n<13>six\n"));
}

static void what_is_no_count_is_a_line(void **state)
{
    (void)state;
    expect_however_it_comes(
            FRAME_SYSLOG, S("0 zero\n12345678901 long\n12\n7x y\n"), S("0 zero\n12345678901 long\n12\n7x y\n"));
}

static void a_frame_that_never_ends_is_given_as_far_as_it_came(void **state)
{
    (void)state;
    expect_however_it_comes(FRAME_SYSLOG, S("999 <13>cut off"), S("<13>cut off\n"));
}

static void trailing_nuls_are_no_part_of_a_record(void **state)
{
    (void)state;
    expect_however_it_comes(FRAME_SYSLOG, S("9 <13>one\0\n<13>two\0\n"), S("<13>one\n<13>two\n"));
}

static void a_record_over_the_ceiling_is_cut_and_counted(void **state)
{
    (void)state;
    static char long_line[FRAME_BYTES_MAX + 1000];
    struct framing framing = framing_make(FRAME_SYSLOG);
    struct buf records = buf_make(8u << 20);
    memset(long_line, 'x', sizeof long_line);
    framing_take(&framing, (slice){long_line, sizeof long_line}, &records);
    framing_take(&framing, S("\n<13>next\n1049576 "), &records);
    framing_take(&framing, (slice){long_line, 1049576}, &records);
    framing_take(&framing, S("<13>last\n"), &records);
    assert_int_equal(framing.records, 4);
    assert_int_equal(framing.cuts, 2);
    assert_int_equal(records.len, 2 * (FRAME_BYTES_MAX + 1) + 9 + 9);
    assert_memory_equal(records.ptr + FRAME_BYTES_MAX, "\n<13>next\nx", 11);
    buf_free(&records);
    framing_free(&framing);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(lines_are_records_and_empty_ones_are_none),
            cmocka_unit_test(frames_are_counted_by_their_octets),
            cmocka_unit_test(both_framings_follow_one_another),
            cmocka_unit_test(what_is_no_count_is_a_line),
            cmocka_unit_test(a_frame_that_never_ends_is_given_as_far_as_it_came),
            cmocka_unit_test(trailing_nuls_are_no_part_of_a_record),
            cmocka_unit_test(a_record_over_the_ceiling_is_cut_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
