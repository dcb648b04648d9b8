/* SPDX-License-Identifier: Apache-2.0 */
/* Real sockets on this machine: the server runs in a thread, the test is the mail server that hands over. */
#include "mailbox/lmtp.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "mailbox/test_port.h"
#include "mailbox/test_taker.h"

static struct arena *arena, *of_thread;
static char folder[] = "/tmp/kentongan-lmtp.XXXXXX";
static struct test_taker taker;
static struct mailbox_lmtp *lmtp;
static pthread_t thread;
static unsigned port;

static int set_up(void **state)
{
    (void)state;
    arena = arena_open("test of LMTP", ARENA_WORK, 16u << 20);
    of_thread = arena_open("thread of LMTP", ARENA_WORK, 16u << 20);
    return mkdtemp(folder) == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    arena_close(arena);
    arena_close(of_thread);
    return rmdir(folder);
}

static void *run(void *unused)
{
    struct err err = mailbox_lmtp_run(lmtp, of_thread);
    return err.kind == ERR_NONE ? unused : "failed";
}

static void start(const char *place, unsigned idle_ms)
{
    taker = (struct test_taker){0};
    const struct mailbox_lmtp_options options = {place, "node.example", idle_ms, test_taker_of(&taker)};
    struct err err = mailbox_lmtp_open(&options, arena, &lmtp);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    assert_int_equal(pthread_create(&thread, NULL, run, NULL), 0);
}

static void start_port(unsigned idle_ms)
{
    port = test_port_free();
    start(arena_printf(arena, "127.0.0.1:%u", port), idle_ms);
}

static void stop(void)
{
    void *failed;
    atomic_store(&taker.stop, true);
    pthread_join(thread, &failed);
    assert_null(failed);
    mailbox_lmtp_close(lmtp);
    buf_free(&taker.came);
}

static int connect_port(void)
{
    const struct sockaddr_in address = {
            .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static int connect_path(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

/* Reads until what was said ends so. */
static void hear(int fd, const char *end)
{
    char said[4096];
    size_t len = 0;
    while (!slice_ends((slice){said, len}, slice_of(end))) {
        ssize_t count = read(fd, said + len, sizeof said - len);
        if (count <= 0)
            fail_msg("\"%.*s\" and no \"%s\"", (int)len, said, end);
        len += (size_t)count;
    }
}

static void say(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void hand_over(int fd, const char *text)
{
    say(fd, "LHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nRCPT TO:<e@d.example>\r\nDATA\r\n");
    hear(fd, "354 it ends with a line of one dot\r\n");
    say(fd, text);
    say(fd, "\r\n.\r\n");
    hear(fd, "250 2.6.0 kept\r\n250 2.6.0 kept\r\n");
}

static void mail_is_handed_over_at_a_port(void **state)
{
    (void)state;
    start_port(0);
    int one = connect_port(), other = connect_port();
    hand_over(other, "two");
    hand_over(one, "one");
    say(one, "QUIT\r\n");
    hear(one, "221 2.0.0 goodbye\r\n");
    char byte;
    assert_int_equal(read(one, &byte, 1), 0);
    close(one);
    close(other); /* without a word */
    one = connect_port();
    hand_over(one, "three");
    close(one);
    stop();
}

static void mail_is_handed_over_at_a_path(void **state)
{
    const char *path = arena_printf(arena, "%s/lmtp", folder);
    struct mailbox_lmtp *second;
    struct stat about;
    (void)state;
    start(path, 0);
    int fd = connect_path(path);
    hand_over(fd, "by a path");
    assert_true(stat(path, &about) == 0 && (about.st_mode & 0777) == 0660);
    const struct mailbox_lmtp_options options = {path, "x", 0, {0}};
    assert_int_equal(mailbox_lmtp_open(&options, arena, &second).kind, ERR_CONFLICT);
    close(fd);
    stop();
    assert_int_not_equal(access(path, F_OK), 0);
}

static void a_socket_that_nobody_listens_on_is_replaced_and_a_file_is_not(void **state)
{
    const char *path = arena_printf(arena, "%s/lmtp", folder);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct mailbox_lmtp *none;
    (void)state;
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    close(fd);
    start(path, 0);
    stop();
    fclose(fopen(path, "w"));
    const struct mailbox_lmtp_options options = {path, "x", 0, {0}};
    assert_int_equal(mailbox_lmtp_open(&options, arena, &none).kind, ERR_CONFLICT);
    assert_int_equal(unlink(path), 0);
}

static void who_says_nothing_is_let_go_for_who_waits(void **state)
{
    int silent[MAILBOX_LMTP_CONNECTIONS_MAX];
    (void)state;
    start_port(50);
    for (size_t i = 0; i < COUNT_OF(silent); i++) {
        silent[i] = connect_port();
        hear(silent[i], "220 node.example LMTP\r\n");
    }
    int waits = connect_port();
    hand_over(waits, "patient");
    for (size_t i = 0; i < COUNT_OF(silent); i++)
        close(silent[i]);
    close(waits);
    stop();
}

static void only_this_machine_is_listened_to(void **state)
{
    static const char *const places[] = {"0.0.0.0:2400", "192.0.2.1:24", "lmtp", "127.0.0.1:x", "[::]:24", ""};
    struct mailbox_lmtp *none;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        const struct mailbox_lmtp_options options = {places[i], "x", 0, {0}};
        assert_int_equal(mailbox_lmtp_open(&options, arena, &none).kind, ERR_INPUT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(mail_is_handed_over_at_a_port),
            cmocka_unit_test(mail_is_handed_over_at_a_path),
            cmocka_unit_test(a_socket_that_nobody_listens_on_is_replaced_and_a_file_is_not),
            cmocka_unit_test(who_says_nothing_is_let_go_for_who_waits),
            cmocka_unit_test(only_this_machine_is_listened_to),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
