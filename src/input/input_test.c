/* SPDX-License-Identifier: Apache-2.0 */
#include "input/input.h"

#include <isa-l/igzip_lib.h>
#include <zstd.h>

#include "input/temp_test.h"

/* A text of many lines that packs well, longer than any buffer on the way. */
static struct buf long_text(void)
{
    struct buf text = buf_make(16u << 20);
    for (int i = 0; i < 100000; i++)
        buf_printf(&text, "line %d: nothing happened at 192.0.2.%d\n", i, i % 250);
    return text;
}

static struct buf gzip(slice text)
{
    struct buf packed = buf_make(text.len + (1u << 20));
    assert_true(buf_reserve(&packed, text.len + 65536));
    struct isal_zstream stream;
    isal_deflate_init(&stream);
    stream.gzip_flag = IGZIP_GZIP;
    stream.end_of_stream = 1;
    stream.next_in = (uint8_t *)(uintptr_t)text.ptr;
    stream.avail_in = (uint32_t)text.len;
    stream.next_out = (uint8_t *)packed.ptr;
    stream.avail_out = (uint32_t)packed.cap;
    assert_int_equal(isal_deflate(&stream), COMP_OK);
    packed.len = stream.total_out;
    return packed;
}

static struct buf zstd(slice text)
{
    struct buf packed = buf_make(text.len + (1u << 20));
    assert_true(buf_reserve(&packed, ZSTD_compressBound(text.len)));
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1); /* as the zstd program does */
    packed.len = ZSTD_compress2(context, packed.ptr, packed.cap, text.ptr, text.len);
    ZSTD_freeCCtx(context);
    assert_false(ZSTD_isError(packed.len));
    return packed;
}

/* What comes out of a file, read in odd pieces. */
static struct err read_all(struct arena *arena, slice content, struct buf *got)
{
    struct temp temp = temp_make(content);
    struct input *input = NULL;
    struct err err = input_open(temp.name, arena, &input);
    size_t more = 1;
    while (err.kind == ERR_NONE && more > 0) {
        assert_true(buf_reserve(got, 7777));
        err = input_read(input, got->ptr + got->len, 7777, &more);
        got->len += err.kind == ERR_NONE ? more : 0;
    }
    input_close(input);
    temp_drop(&temp);
    return err;
}

static void expect_text(struct arena *arena, slice content, slice expected)
{
    struct buf got = buf_make(64u << 20);
    struct err err = read_all(arena, content, &got);
    assert_int_equal(err.kind, ERR_NONE);
    assert_true(slice_eq(buf_slice(&got), expected));
    buf_free(&got);
}

static void plain_files_come_as_they_are(void **state)
{
    struct buf text = long_text();
    expect_text(*state, buf_slice(&text), buf_slice(&text));
    expect_text(*state, S(""), S(""));
    expect_text(*state, S("\x1f"), S("\x1f"));
    buf_free(&text);
}

static void packed_files_are_unpacked(void **state)
{
    struct buf text = long_text();
    struct buf packed = gzip(buf_slice(&text));
    expect_text(*state, buf_slice(&packed), buf_slice(&text));
    buf_free(&packed);
    packed = zstd(buf_slice(&text));
    expect_text(*state, buf_slice(&packed), buf_slice(&text));
    buf_free(&packed);
    packed = gzip(S(""));
    expect_text(*state, buf_slice(&packed), S(""));
    buf_free(&packed);
    buf_free(&text);
}

static void several_members_in_one_file_follow_each_other(void **state)
{
    struct buf (*packers[])(slice) = {gzip, zstd};
    for (size_t i = 0; i < COUNT_OF(packers); i++) {
        struct buf both = packers[i](S("one\n")), second = packers[i](S("two\n"));
        buf_put(&both, buf_slice(&second));
        expect_text(*state, buf_slice(&both), S("one\ntwo\n"));
        buf_free(&both);
        buf_free(&second);
    }
}

static void damage_and_an_early_end_are_told(void **state)
{
    struct buf text = long_text();
    struct buf (*packers[])(slice) = {gzip, zstd};
    for (size_t i = 0; i < COUNT_OF(packers); i++) {
        struct buf packed = packers[i](buf_slice(&text)), got = buf_make(64u << 20);
        struct err err = read_all(*state, slice_part(buf_slice(&packed), 0, packed.len / 2), &got);
        assert_int_equal(err.kind, ERR_INPUT);
        assert_non_null(strstr(err.why, "ends early"));
        assert_true(got.len > 0); /* what came before the end is good */
        assert_memory_equal(got.ptr, text.ptr, got.len);
        buf_reset(&got);
        memset(packed.ptr + packed.len / 2, 0x55, 64);
        err = read_all(*state, buf_slice(&packed), &got);
        assert_int_equal(err.kind, ERR_INPUT);
        assert_non_null(strstr(err.why, "damaged"));
        buf_free(&packed);
        buf_free(&got);
    }
    buf_free(&text);
}

static void what_cannot_be_opened_is_named(void **state)
{
    struct input *input;
    struct err err = input_open("/nowhere/at/all", *state, &input);
    assert_int_equal(err.kind, ERR_MISSING);
    assert_non_null(strstr(err.why, "/nowhere/at/all"));
    err = input_open("/", *state, &input);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_non_null(strstr(err.why, "directory"));
}

static void a_whole_text_is_read_or_refused_by_its_length(void **state)
{
    struct buf text = long_text(), packed = gzip(buf_slice(&text));
    struct temp plain = temp_make(buf_slice(&text)), small = temp_make(buf_slice(&packed));
    struct temp *files[] = {&plain, &small};
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        struct input_text got;
        struct err err = input_text(files[i]->name, text.len, *state, &got);
        assert_int_equal(err.kind, ERR_NONE);
        assert_true(slice_eq(got.text, buf_slice(&text)));
        input_text_free(&got);
        err = input_text(files[i]->name, text.len - 1, *state, &got);
        assert_int_equal(err.kind, ERR_LIMIT);
    }
    temp_drop(&plain);
    temp_drop(&small);
    buf_free(&packed);
    buf_free(&text);
}

static void an_open_file_is_read_from_where_it_stands(void **state)
{
    struct arena *arena = *state;
    struct temp temp = temp_make(S("head and the rest"));
    struct input *input;
    char rest[32];
    size_t got = 0;
    int fd = open(temp.name, O_RDONLY | O_CLOEXEC);
    assert_int_equal(lseek(fd, 5, SEEK_SET), 5);
    assert_int_equal(input_open_fd(fd, "it", arena, &input).kind, ERR_NONE);
    assert_int_equal(input_read(input, rest, sizeof rest, &got).kind, ERR_NONE);
    assert_true(slice_eq((slice){rest, got}, S("and the rest")));
    assert_string_equal(input_name(input), "it");
    input_close(input);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    struct err err = input_open_fd(open("/tmp", O_RDONLY | O_CLOEXEC), "/tmp", arena, &input);
    assert_int_equal(err.kind, ERR_INPUT);
    temp_drop(&temp);
}

static void an_input_may_end_before_its_file_does(void **state)
{
    struct temp temp = temp_make(S("one\ntwo\nthr"));
    struct input *input;
    char bytes[64];
    size_t got, len = 0;
    int fd = open(temp.name, O_RDONLY);
    assert_int_equal(input_open_until(fd, temp.name, 8, *state, &input).kind, ERR_NONE);
    do {
        assert_int_equal(input_read(input, bytes + len, sizeof bytes - len, &got).kind, ERR_NONE);
        len += got;
    } while (got > 0);
    assert_int_equal(len, 8);
    assert_memory_equal(bytes, "one\ntwo\n", 8);
    input_close(input);
    temp_drop(&temp);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(plain_files_come_as_they_are),
            cmocka_unit_test(packed_files_are_unpacked),
            cmocka_unit_test_setup_teardown(an_input_may_end_before_its_file_does, arena_setup, arena_teardown),
            cmocka_unit_test(several_members_in_one_file_follow_each_other),
            cmocka_unit_test(damage_and_an_early_end_are_told),
            cmocka_unit_test(what_cannot_be_opened_is_named),
            cmocka_unit_test(a_whole_text_is_read_or_refused_by_its_length),
            cmocka_unit_test(an_open_file_is_read_from_where_it_stands),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
