/* SPDX-License-Identifier: Apache-2.0 */
#include "app/manager.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST 3

static int setup(void **state)
{
    static const char *const names[] = {
            "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"};
    (void)state;
    for (size_t i = 0; i < COUNT_OF(names); i++)
        unsetenv(names[i]);
    return 0;
}

static void set_number(const char *name, long long number)
{
    char text[32];
    snprintf(text, sizeof text, "%lld", number);
    setenv(name, text, 1);
}

/* ---- What it is told ---- */

static int listener(const struct sockaddr_un *at, size_t length)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)at, size), 0);
    return fd;
}

static void assert_heard(int fd, const char *expected)
{
    char text[64] = {0};
    assert_int_equal(recv(fd, text, sizeof text - 1, 0), strlen(expected));
    assert_string_equal(text, expected);
    assert_int_equal(recv(fd, text, sizeof text, 0), -1);
    close(fd);
}

static void it_is_told_at_a_path(void **state)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    (void)state;
    int length = snprintf(at.sun_path, sizeof at.sun_path, "/tmp/manager-test-%ld", (long)getpid());
    int fd = listener(&at, (size_t)length);
    setenv("NOTIFY_SOCKET", at.sun_path, 1);
    manager_tell("READY=1");
    unlink(at.sun_path);
    assert_heard(fd, "READY=1");
}

static void it_is_told_at_a_name_that_is_no_path(void **state)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    (void)state;
    int length = snprintf(at.sun_path, sizeof at.sun_path, "@manager-test-%ld", (long)getpid());
    setenv("NOTIFY_SOCKET", at.sun_path, 1);
    at.sun_path[0] = '\0';
    int fd = listener(&at, (size_t)length);
    manager_tell("STOPPING=1");
    assert_heard(fd, "STOPPING=1");
}

static void without_one_nothing_happens(void **state)
{
    char long_name[200];
    (void)state;
    memset(long_name, 'a', sizeof long_name - 1);
    long_name[0] = '/';
    long_name[sizeof long_name - 1] = '\0';
    const char *const names[] = {"", "@", "/", "relative", "/no/such/socket", long_name};
    manager_tell("READY=1");
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        setenv("NOTIFY_SOCKET", names[i], 1);
        manager_tell("READY=1");
    }
}

/* ---- The watchdog ---- */

static void the_watchdog_is_for_the_process_that_it_names(void **state)
{
    (void)state;
    assert_int_equal(manager_watchdog_us(), 0);
    setenv("WATCHDOG_USEC", "30000000", 1);
    assert_int_equal(manager_watchdog_us(), 30000000);
    set_number("WATCHDOG_PID", getpid());
    assert_int_equal(manager_watchdog_us(), 30000000);
    set_number("WATCHDOG_PID", getpid() + 1);
    assert_int_equal(manager_watchdog_us(), 0);
    unsetenv("WATCHDOG_PID");
    setenv("WATCHDOG_USEC", "soon", 1);
    assert_int_equal(manager_watchdog_us(), 0);
}

/* ---- The socket ---- */

/* Puts `fd` where a socket is handed over, for as long as `try` runs. */
static enum err_kind handed_over(int fd, int *listening)
{
    int before = fcntl(FIRST, F_DUPFD_CLOEXEC, FIRST + 1);
    assert_int_equal(dup2(fd, FIRST), FIRST);
    enum err_kind kind = manager_socket(listening).kind;
    if (before >= 0) {
        dup2(before, FIRST);
        close(before);
    } else {
        close(FIRST);
    }
    return kind;
}

static void a_socket_is_taken_if_it_is_one_for_us_and_listens(void **state)
{
    int listening = 7, pair[2], server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)state;
    assert_int_equal(listen(server, 1), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(handed_over(server, &listening), ERR_NONE);
    assert_int_equal(listening, -1); /* nobody said so */
    setenv("LISTEN_FDS", "1", 1);
    set_number("LISTEN_PID", getpid() + 1);
    assert_int_equal(handed_over(server, &listening), ERR_NONE);
    assert_int_equal(listening, -1); /* it was for another */
    set_number("LISTEN_PID", getpid());
    assert_int_equal(handed_over(pair[0], &listening), ERR_INPUT);
    assert_int_equal(handed_over(server, &listening), ERR_NONE);
    assert_int_equal(listening, FIRST);
    setenv("LISTEN_FDS", "2", 1);
    assert_int_equal(handed_over(server, &listening), ERR_INPUT);
    setenv("LISTEN_FDS", "0", 1);
    assert_int_equal(handed_over(server, &listening), ERR_NONE);
    assert_int_equal(listening, -1);
    close(server);
    close(pair[0]);
    close(pair[1]);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, setup)

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            TEST(it_is_told_at_a_path),
            TEST(it_is_told_at_a_name_that_is_no_path),
            TEST(without_one_nothing_happens),
            TEST(the_watchdog_is_for_the_process_that_it_names),
            TEST(a_socket_is_taken_if_it_is_one_for_us_and_listens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
