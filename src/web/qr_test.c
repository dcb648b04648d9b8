/* SPDX-License-Identifier: Apache-2.0 */
#include "web/qr.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* ISO/IEC 18004:2015 annex I, the symbol of version 1-M. */
static void the_correction_is_that_of_the_standards_example(void **state)
{
    static const uint8_t data[] = {
            0x10, 0x20, 0x0c, 0x56, 0x61, 0x80, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11};
    static const uint8_t expected[] = {0xa5, 0x24, 0xd4, 0xc1, 0xed, 0x36, 0xc7, 0x87, 0x2c, 0x55};
    uint8_t correction[10];
    (void)state;
    qr_correct(data, sizeof data, sizeof correction, correction);
    assert_memory_equal(correction, expected, sizeof expected);
}

/* Annexes C and D. */
static void the_bits_of_mask_and_version_are_those_of_the_standard(void **state)
{
    (void)state;
    assert_int_equal(qr_format(2), 0x5e7c); /* 101111001111100, annex I */
    assert_int_equal(qr_format(5), 0x40ce); /* 100000011001110, annex C */
    assert_int_equal(qr_version_bits(7), 0x07c94);
}

/* What another program read back; each module counts. */
static void a_symbol_is_the_one_that_was_read_back(void **state)
{
    static const char expected[] = "#######..##...#######"
                                   "#.....#.#.#...#.....#"
                                   "#.###.#...#.#.#.###.#"
                                   "#.###.#..#.##.#.###.#"
                                   "#.###.#.#..##.#.###.#"
                                   "#.....#....#..#.....#"
                                   "#######.#.#.#.#######"
                                   "..........#.........."
                                   "#.#.#.#.....#...#..#."
                                   ".#..#..##..#.#.#.####"
                                   ".#.#######.#.###.####"
                                   ".....#.#######.###.#."
                                   "####..#.##.#.###..#.."
                                   "........###...#...##."
                                   "#######..#..#...#..##"
                                   "#.....#..##...#...###"
                                   "#.###.#.#.#.#.#.#.#.#"
                                   "#.###.#..###.#.#.#.#."
                                   "#.###.#.#.##.###.##.#"
                                   "#.....#..#####.###.#."
                                   "#######.#..#.###.####";
    struct qr qr;
    (void)state;
    assert_int_equal(qr_make(S("Hi"), &qr).kind, ERR_NONE);
    assert_int_equal(qr.size, 21);
    for (unsigned row = 0; row < qr.size; row++)
        for (unsigned column = 0; column < qr.size; column++)
            assert_int_equal(qr.dark[row][column], expected[row * 21 + column] == '#');
}

static void a_longer_text_takes_a_larger_symbol_up_to_a_limit(void **state)
{
    static const struct {
        size_t bytes;
        unsigned version;
    } rows[] = {{0, 1}, {14, 1}, {15, 2}, {106, 6}, {107, 7}, {180, 9}, {181, 10}, {QR_BYTES_MAX, QR_VERSION_MAX}};
    static const char text[QR_BYTES_MAX + 1];
    struct qr qr;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_int_equal(qr_make((slice){text, rows[i].bytes}, &qr).kind, ERR_NONE);
        assert_int_equal(qr.size, 17 + 4 * rows[i].version);
    }
    assert_int_equal(qr_make((slice){text, sizeof text}, &qr).kind, ERR_LIMIT);
}

/* Rectangles of a path drawn again are the modules. */
static void the_path_draws_each_dark_module(void **state)
{
    struct qr qr;
    struct buf path = buf_make(64u << 10);
    unsigned drawn = 0, dark = 0, column, row, width;
    (void)state;
    assert_int_equal(qr_make(S("otpauth://totp/example"), &qr).kind, ERR_NONE);
    qr_write_path(&qr, &path);
    buf_byte(&path, '\0');
    for (const char *at = path.ptr; sscanf(at, "M%u %uh%u", &column, &row, &width) == 3; at = strchr(at, 'z') + 1)
        for (unsigned i = 0; i < width; i++, drawn++)
            assert_true(qr.dark[row - QR_QUIET][column - QR_QUIET + i]);
    for (unsigned i = 0; i < qr.size * qr.size; i++)
        dark += qr.dark[i / qr.size][i % qr.size];
    assert_int_equal(drawn, dark);
    buf_free(&path);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_correction_is_that_of_the_standards_example),
            cmocka_unit_test(the_bits_of_mask_and_version_are_those_of_the_standard),
            cmocka_unit_test(a_symbol_is_the_one_that_was_read_back),
            cmocka_unit_test(a_longer_text_takes_a_larger_symbol_up_to_a_limit),
            cmocka_unit_test(the_path_draws_each_dark_module),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
