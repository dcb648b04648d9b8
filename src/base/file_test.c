/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#define BYTES ((size_t)1 << 20) /* more than a pipe holds at once */

static void *read_all(void *context)
{
    static char got[BYTES + 1];
    const int *from = context;
    size_t len = 0;
    for (ssize_t n; (n = read(*from, got + len, sizeof got - len)) > 0;)
        len += (size_t)n;
    got[BYTES] = len == BYTES ? '\0' : '!';
    return got;
}

static void what_takes_several_calls_is_written_whole(void **state)
{
    (void)state;
    int ends[2];
    pthread_t reader;
    void *got;
    char *bytes = malloc(BYTES);
    assert_non_null(bytes);
    for (size_t i = 0; i < BYTES; i++)
        bytes[i] = (char)(i * 31 >> 3);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(pthread_create(&reader, NULL, read_all, &ends[0]), 0);
    assert_true(file_write(ends[1], (slice){bytes, BYTES}));
    close(ends[1]);
    assert_int_equal(pthread_join(reader, &got), 0);
    close(ends[0]);
    assert_int_equal(((char *)got)[BYTES], '\0');
    assert_memory_equal(got, bytes, BYTES);
    free(bytes);
}

static void what_cannot_be_written_leaves_its_reason(void **state)
{
    (void)state;
    int ends[2], full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(full >= 0);
    assert_false(file_write(full, S("one")));
    assert_int_equal(errno, ENOSPC);
    assert_true(file_write(full, S("")));
    close(full);
    signal(SIGPIPE, SIG_IGN);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    assert_false(file_write(ends[1], S("one")));
    assert_int_equal(errno, EPIPE);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_takes_several_calls_is_written_whole),
            cmocka_unit_test(what_cannot_be_written_leaves_its_reason),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
