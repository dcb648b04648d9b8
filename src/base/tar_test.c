/* SPDX-License-Identifier: Apache-2.0 */
#include "base/tar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"

static int set_up(void **state)
{
    *state = arena_open("test", ARENA_WORK, 1u << 20);
    return 0;
}

static int tear_down(void **state)
{
    arena_close(*state);
    return 0;
}

static slice block_at(const struct buf *out, size_t at)
{
    return slice_part(buf_slice(out), at, at + TAR_BLOCK);
}

static void what_is_written_is_read_again(void **state)
{
    static const uint64_t sizes[] = {
            0, 1, TAR_SIZE_PLAIN, TAR_SIZE_PLAIN + 1, UINT64_C(99999999999), UINT64_C(1) << 62};
    const slice name = S("evidence/"
                         "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567/"
                         "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567");
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        struct buf out = buf_make(1 << 16);
        struct tar_file file = {0}, more = {0};
        enum tar_kind kind;
        tar_put_header(&out, &(struct tar_file){name, sizes[i], 0600, INT64_C(1795000000000000)});
        assert_int_equal(out.len % TAR_BLOCK, 0);
        if (sizes[i] > TAR_SIZE_PLAIN) {
            assert_int_equal(tar_header_read(block_at(&out, 0), *state, &kind, &more).kind, ERR_NONE);
            assert_int_equal(kind, TAR_MORE);
            slice text = slice_part(buf_slice(&out), TAR_BLOCK, TAR_BLOCK + more.size);
            assert_int_equal(tar_more_read(text, &more.size).kind, ERR_NONE);
            assert_int_equal(more.size, sizes[i]);
        }
        assert_int_equal(tar_header_read(block_at(&out, out.len - TAR_BLOCK), *state, &kind, &file).kind, ERR_NONE);
        assert_int_equal(kind, TAR_FILE);
        assert_int_equal(file.size, sizes[i] > TAR_SIZE_PLAIN ? 0 : sizes[i]);
        assert_true(slice_eq(file.name, name));
        assert_int_equal(file.mode, 0600);
        assert_int_equal(file.time_us, INT64_C(1795000000000000));
        buf_free(&out);
    }
}

static void a_name_fits_or_is_told_not_to(void **state)
{
    (void)state;
    char text[300];
    memset(text, 'a', sizeof text);
    assert_false(tar_name_fits((slice){text, 0}));
    assert_true(tar_name_fits((slice){text, 100}));
    assert_false(tar_name_fits((slice){text, 101}));
    text[155] = '/';
    assert_true(tar_name_fits((slice){text, 256}));
    assert_false(tar_name_fits((slice){text, 257}));
    text[155] = 'a';
    text[156] = '/';
    assert_false(tar_name_fits((slice){text, 250}));
}

static void a_header_that_is_another_is_refused(void **state)
{
    static const struct {
        size_t at;
        const char *bytes;
        bool mended; /* its checksum is made right again */
        const char *why;
    } rows[] = {
            {0, "B", false, "checksum"},
            {156, "2", true, "a symbolic link"},
            {156, "1", true, "a hard link"},
            {156, "3", true, "a character device"},
            {156, "5", true, "a folder"},
            {156, "L", true, "a long name of GNU tar"},
            {156, "?", true, "of no kind"},
            {257, "ustar  ", true, "no header of a tar archive"},
            {124, "9", true, "no number"},
            {124, "-0000000001", true, "no number"},
            {100, "0x00600", true, "no number"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct buf out = buf_make(1 << 16);
        struct tar_file file;
        enum tar_kind kind;
        tar_put_header(&out, &(struct tar_file){S("node.conf"), 7, 0600, 0});
        memcpy(out.ptr + rows[i].at, rows[i].bytes, strlen(rows[i].bytes));
        if (rows[i].mended) {
            unsigned sum = 0;
            char digits[16];
            memset(out.ptr + 148, ' ', 8);
            for (size_t at = 0; at < TAR_BLOCK; at++)
                sum += (unsigned char)out.ptr[at];
            snprintf(digits, sizeof digits, "%06o", sum);
            memcpy(out.ptr + 148, digits, 7);
        }
        struct err err = tar_header_read(block_at(&out, 0), *state, &kind, &file);
        assert_int_equal(err.kind, ERR_INPUT);
        if (strstr(err.why, rows[i].why) == NULL)
            fail_msg("row %zu: %s", i, err.why);
        buf_free(&out);
    }
}

static void an_extension_says_a_size_and_nothing_else(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "19 size=8589934592", "19 path=8589934592\n", "18 size=8589934592\n",
            "size=1\n", "11 size=-1\n", "31 size=18446744073709551616999\n", "19 size=8589934592\n12 size=1\n"};
    uint64_t size = 0;
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_int_equal(tar_more_read(slice_of(wrong[i]), &size).kind, ERR_INPUT);
    assert_int_equal(tar_more_read(S("19 size=8589934592\n"), &size).kind, ERR_NONE);
    assert_true(size == UINT64_C(8589934592));
}

static void tar_lists_what_is_longer_than_eight_gibibytes(void **state)
{
    (void)state;
    char name[] = "/tmp/kentongan-test-XXXXXX", command[128];
    struct buf out = buf_make(1 << 16);
    int fd = mkstemp(name);
    tar_put_header(&out, &(struct tar_file){S("database"), UINT64_C(10) << 30, 0600, 0});
    assert_int_equal(write(fd, out.ptr, out.len), (ssize_t)out.len);
    assert_int_equal(ftruncate(fd, (off_t)out.len + (INT64_C(10) << 30) + TAR_END), 0); /* a hole of zeros */
    close(fd);
    snprintf(command, sizeof command, "tar -tvf %s | grep -q ' 10737418240 .* database$'", name);
    int status = system(command); /* our own file */
    unlink(name);
    buf_free(&out);
    assert_int_equal(status, 0);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_is_written_is_read_again),
            cmocka_unit_test(a_name_fits_or_is_told_not_to),
            cmocka_unit_test(a_header_that_is_another_is_refused),
            cmocka_unit_test(an_extension_says_a_size_and_nothing_else),
            cmocka_unit_test(tar_lists_what_is_longer_than_eight_gibibytes),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
