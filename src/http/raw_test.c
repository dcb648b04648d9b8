/* SPDX-License-Identifier: Apache-2.0 */
#include "http/raw.h"

#include <microhttpd.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static const struct {
    slice bytes;
    bool ended, odd;
    uint64_t head, after;
} rows[] = {
        {{"GET / HTTP/1.1\r\nA: b\r\n\r\n", 24}, true, false, 24, 0},
        {{"GET / HTTP/1.1\r\n\r\nbody", 22}, true, false, 18, 4},
        {{"GET / HTTP/1.1\r\n\r\n\n\0\r", 21}, true, false, 18, 3},
        {{"GET / HTTP/1.1\r\nA:\tb \r\n\r\n", 25}, true, false, 25, 0},
        {{"GET / HTTP/1.1\r\nA: b\r\n", 22}, false, false, 22, 0},
        {{"GET / HTTP/1.1\nA: b\r\n\r\n", 23}, true, true, 23, 0},
        {{"GET / HTTP/1.1\r\nA: b\n\r\n", 23}, true, true, 23, 0},
        {{"GET / HTTP/1.1\r\nA: b\r\n\n", 23}, false, true, 23, 0},
        {{"GET / HTTP/1.1\r\nA: b\0\n\r\n", 24}, true, true, 24, 0},
        {{"GET / HTTP/1.1\r\nA: b\0c\r\n\r\n", 26}, true, true, 26, 0},
        {{"GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", 26}, true, true, 26, 0},
        {{"GET / HTTP/1.1\r\nA: b\r\r\n\r\n", 25}, true, true, 25, 0},
        {{"GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", 28}, true, true, 28, 0},
        {{"GET / HTTP/1.1\r\nA: b\r\n\tc\r\n\r\n", 28}, true, true, 28, 0},
        {{"GET / HTTP/1.1\r\nA: \x7f\r\n\r\n", 24}, true, true, 24, 0},
        {{"\r\nGET / HTTP/1.1\r\n\r\n", 20}, true, true, 2, 18},
        {{" GET / HTTP/1.1\r\n\r\n", 19}, true, true, 19, 0},
};

static void assert_state(const struct http_raw *raw, size_t row, size_t pieces)
{
    if (raw->ended != rows[row].ended || raw->odd != rows[row].odd || raw->head != rows[row].head ||
            raw->after != rows[row].after)
        fail_msg("row %zu in pieces of %zu: ended %d odd %d head %llu after %llu", row, pieces, raw->ended, raw->odd,
                (unsigned long long)raw->head, (unsigned long long)raw->after);
}

static void a_head_is_judged_in_whatever_pieces_it_comes(void **state)
{
    (void)state;
    for (size_t row = 0; row < COUNT_OF(rows); row++)
        for (size_t size = 1; size <= rows[row].bytes.len; size++) {
            struct http_raw raw;
            http_raw_begin(&raw);
            for (size_t at = 0; at < rows[row].bytes.len; at += size) {
                size_t left = rows[row].bytes.len - at;
                http_raw_take(&raw, slice_part(rows[row].bytes, at, at + (left < size ? left : size)));
            }
            assert_state(&raw, row, size);
        }
}

static struct http_raw *the_one(void *context, int fd, void *session)
{
    (void)session;
    return fd >= 0 ? context : NULL;
}

static void what_is_received_is_seen_between_watch_and_unwatch(void **state)
{
    (void)state;
    struct http_raw raw;
    struct http_raw_watch watch = {&raw, the_one};
    int pair[2];
    char bytes[16];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    assert_int_equal(write(pair[0], "abcdef", 6), 6);
    http_raw_begin(&raw);
    assert_int_equal(recv(pair[1], bytes, 1, 0), 1);
    assert_int_equal(raw.head, 0);
    http_raw_watch(&watch);
    assert_int_equal(recv(pair[1], bytes, 5, MSG_PEEK), 5);
    assert_int_equal(recv(pair[1], bytes, 3, 0), 3);
    assert_memory_equal(bytes, "bcd", 3);
    assert_int_equal(recv(pair[1], bytes, sizeof bytes, MSG_DONTWAIT), 2);
    assert_int_equal(recv(pair[1], bytes, sizeof bytes, MSG_DONTWAIT), -1);
    http_raw_unwatch();
    assert_int_equal(raw.head, 5);
    close(pair[0]);
    assert_int_equal(recv(pair[1], bytes, sizeof bytes, 0), 0);
    close(pair[1]);
}

static void the_library_calls_ours(void **state)
{
    (void)state;
    assert_non_null(MHD_get_version());
    assert_true(http_raw_works());
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_head_is_judged_in_whatever_pieces_it_comes),
            cmocka_unit_test(what_is_received_is_seen_between_watch_and_unwatch),
            cmocka_unit_test(the_library_calls_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
