/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/listen.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "detect/lane.h"
#include "input/input.h"

#define WAIT_S 5

static struct arena *arena;
static struct listen *listen_of;
static struct lane *lane;
static char folder[64], spool[80], socket_path[80];
static sem_t came_once, told;
static const struct lane_limits roomy = {.queue_bytes = 1u << 20, .spool_bytes = 1u << 20, .patience_us = SECOND_US};

static void came(void *context)
{
    (void)context;
    sem_post(&came_once);
}

static bool may_send(void *context, const struct http_certificate *certificate, int64_t organisation)
{
    (void)context;
    (void)certificate;
    (void)organisation;
    return false;
}

static void trouble(void *context, slice inlet, const char *why)
{
    (void)context;
    (void)inlet;
    assert_non_null(why);
    sem_post(&told);
}

static void begin(unsigned connections_max, unsigned idle_ms)
{
    const struct listen_options options = {.connections_max = connections_max,
            .idle_ms = idle_ms,
            .came = came,
            .may_send = may_send,
            .trouble = trouble};
    assert_int_equal(listen_open(&options, arena, &listen_of).kind, ERR_NONE);
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_open("test of sockets", ARENA_WORK, 64u << 20);
    snprintf(folder, sizeof folder, "/tmp/kentongan-listen-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(spool, sizeof spool, "%s/spool", folder);
    snprintf(socket_path, sizeof socket_path, "%s/sensor.sock", folder);
    sem_init(&came_once, 0, 0);
    sem_init(&told, 0, 0);
    assert_int_equal(lane_open(spool, &roomy, arena, &lane).kind, ERR_NONE);
    begin(0, 0);
    return 0;
}

static void take_all(struct buf *all)
{
    struct spool_piece piece;
    struct input_text text;
    while (lane_first(lane, arena, &piece)) {
        assert_int_equal(input_text(piece.path, 64u << 20, arena, &text).kind, ERR_NONE);
        if (all != NULL)
            buf_put(all, text.text);
        input_text_free(&text);
        assert_int_equal(lane_drop(lane, piece.number, arena).kind, ERR_NONE);
    }
}

static int tear_down(void **state)
{
    (void)state;
    listen_close(listen_of);
    take_all(NULL);
    lane_close(lane);
    rmdir(spool);
    rmdir(folder);
    sem_destroy(&came_once);
    sem_destroy(&told);
    arena_close(arena);
    return 0;
}

static void wait_for(sem_t *semaphore)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_S;
    while (sem_timedwait(semaphore, &until) != 0)
        if (errno != EINTR)
            fail_msg("nothing came within %d s", WAIT_S);
}

static struct err add(int64_t number, enum inlet_kind kind, const char *place)
{
    const struct inlet inlet = {.number = number, .stream = 1, .kind = kind, .place = slice_of(place)};
    return listen_add(listen_of, &inlet, lane, arena);
}

static int dial_unix(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 ? fd : -1;
}

static int dial_tcp(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    return connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 ? fd : -1;
}

static uint16_t free_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static void say(int fd, slice text)
{
    assert_int_equal(write(fd, text.ptr, text.len), (ssize_t)text.len);
}

/* Until just that came. */
static void expect(slice expected)
{
    struct buf all = buf_make(1u << 20);
    while (all.len < expected.len) {
        wait_for(&came_once);
        take_all(&all);
    }
    assert_int_equal(all.len, expected.len);
    assert_memory_equal(all.ptr, expected.ptr, expected.len);
    buf_free(&all);
}

static void expect_closed(int fd)
{
    char byte;
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    assert_int_equal(poll(&wait, 1, WAIT_S * 1000), 1);
    assert_true(read(fd, &byte, 1) <= 0);
    close(fd);
}

static void lines_of_a_unix_socket_come_into_the_lane(void **state)
{
    (void)state;
    assert_int_equal(add(1, INLET_UNIX, socket_path).kind, ERR_NONE);
    int fd = dial_unix();
    say(fd, S("{\"a\":1}\n{\"b\""));
    expect(S("{\"a\":1}\n"));
    say(fd, S(":2}\n"));
    expect(S("{\"b\":2}\n"));
    say(fd, S("{\"c\":3}")); /* its end is the end of the connection */
    close(fd);
    expect(S("{\"c\":3}\n"));
}

static void syslog_comes_counted_and_by_lines(void **state)
{
    (void)state;
    uint16_t port = free_port();
    const char *place = arena_printf(arena, "127.0.0.1:%u", port);
    assert_int_equal(add(1, INLET_SYSLOG, place).kind, ERR_NONE);
    int fd = dial_tcp(port);
    say(fd, S("11 <13>1 - - -<13>two\n"));
    expect(S("<13>1 - - -\n<13>two\n"));
    close(fd);
    assert_int_equal(add(2, INLET_SYSLOG, place).kind, ERR_CONFLICT);
}

static void a_format_of_its_own_comes_inside_of_syslog(void **state)
{
    (void)state;
    uint16_t port = free_port();
    const struct inlet inlet = {.number = 1,
            .stream = 1,
            .kind = INLET_SYSLOG,
            .format = S("eve"),
            .place = slice_of(arena_printf(arena, "127.0.0.1:%u", port))};
    assert_int_equal(listen_add(listen_of, &inlet, lane, arena).kind, ERR_NONE);
    int fd = dial_tcp(port);
    say(fd, S("<13>Nov 20 12:00:01 ruang1 suricata[7]: {\"a\":1}\n<13>1 2026-11-20T12:00:01Z ruang1 suricata - - - "
              "{\"b\":\"<13>2\"}\n{\"c\":3}\n<13>Nov 20 12:00:01 ruang1 suricata[7]:\n"));
    expect(S("{\"a\":1}\n{\"b\":\"<13>2\"}\n{\"c\":3}\n"));
    close(fd);
}

static void what_is_dropped_is_not_listened_at_any_more(void **state)
{
    struct stat about;
    (void)state;
    assert_int_equal(add(1, INLET_UNIX, socket_path).kind, ERR_NONE);
    int fd = dial_unix();
    say(fd, S("one\n"));
    expect(S("one\n"));
    listen_drop(listen_of, 1);
    expect_closed(fd);
    assert_int_equal(add(1, INLET_UNIX, socket_path).kind, ERR_NONE);
    listen_drop(listen_of, 1);
    listen_close(listen_of);
    assert_int_equal(stat(socket_path, &about), -1); /* what we made is taken away */
    begin(0, 0);
}

static void a_socket_that_was_left_over_is_replaced_and_anything_else_is_not(void **state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)state;
    snprintf(address.sun_path, sizeof address.sun_path, "%s", socket_path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(add(1, INLET_UNIX, socket_path).kind, ERR_CONFLICT); /* somebody listens */
    close(fd);
    assert_int_equal(add(1, INLET_UNIX, socket_path).kind, ERR_NONE);
    listen_drop(listen_of, 1);
    const char *file = arena_printf(arena, "%s/file", folder);
    fclose(fopen(file, "w"));
    assert_int_equal(add(1, INLET_UNIX, file).kind, ERR_CONFLICT);
    assert_int_equal(unlink(file), 0);
}

static void beyond_the_ceiling_connections_are_refused(void **state)
{
    (void)state;
    listen_close(listen_of);
    begin(1, 0);
    assert_int_equal(add(1, INLET_UNIX, socket_path).kind, ERR_NONE);
    int first = dial_unix(), second = dial_unix();
    expect_closed(second);
    wait_for(&told);
    say(first, S("one\n"));
    expect(S("one\n"));
    assert_int_equal(listen_counts(listen_of).refused, 1);
    close(first);
}

static void who_says_nothing_is_closed(void **state)
{
    (void)state;
    listen_close(listen_of);
    begin(0, 10);
    assert_int_equal(add(1, INLET_UNIX, socket_path).kind, ERR_NONE);
    expect_closed(dial_unix());
}

/* A sender that goes on writes until the kernel's buffers are full, and no further. */
static void who_floods_is_held(void **state)
{
    static const struct lane_limits tight = {
            .queue_bytes = 1u << 16, .spool_bytes = 1u << 30, .patience_us = 1000 * SECOND_US};
    static char text[1u << 16];
    (void)state;
    take_all(NULL);
    lane_close(lane);
    assert_int_equal(lane_open(spool, &tight, arena, &lane).kind, ERR_NONE);
    assert_int_equal(add(1, INLET_UNIX, socket_path).kind, ERR_NONE);
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\n';
    int fd = dial_unix();
    struct timeval patience = {.tv_usec = 300000};
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    size_t sent = 0;
    ssize_t put;
    while (sent < 64u << 20 && (put = write(fd, text, sizeof text)) > 0)
        sent += (size_t)put;
    assert_true(sent < 8u << 20);
    assert_int_equal(lane_pressure(lane), LANE_HOLD);
    assert_true(lane_counts(lane).waiting_bytes < 1u << 20);
    close(fd);
    listen_drop(listen_of, 1);
}

static void places_say_what_is_wrong_with_them(void **state)
{
    static const struct {
        enum inlet_kind kind;
        const char *place;
        bool good;
    } rows[] = {
            {INLET_SYSLOG, "192.0.2.1:6514", true},
            {INLET_SYSLOG_TLS, "[2001:db8::1]:6514", true},
            {INLET_SYSLOG, "2001:db8::1:6514", false},
            {INLET_SYSLOG, "[192.0.2.1]:6514", false},
            {INLET_SYSLOG, "sensor.example:6514", false},
            {INLET_SYSLOG, "192.0.2.1:66000", false},
            {INLET_SYSLOG, "192.0.2.1", false},
            {INLET_UNIX, "/run/sensor.sock", true},
            {INLET_UNIX, "sensor.sock", false},
            {INLET_FOLDER, "", false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(listen_place_check(rows[i].kind, slice_of(rows[i].place), arena).kind,
                rows[i].good ? ERR_NONE : ERR_INPUT);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(lines_of_a_unix_socket_come_into_the_lane, set_up, tear_down),
            cmocka_unit_test_setup_teardown(syslog_comes_counted_and_by_lines, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_format_of_its_own_comes_inside_of_syslog, set_up, tear_down),
            cmocka_unit_test_setup_teardown(what_is_dropped_is_not_listened_at_any_more, set_up, tear_down),
            cmocka_unit_test_setup_teardown(
                    a_socket_that_was_left_over_is_replaced_and_anything_else_is_not, set_up, tear_down),
            cmocka_unit_test_setup_teardown(beyond_the_ceiling_connections_are_refused, set_up, tear_down),
            cmocka_unit_test_setup_teardown(who_says_nothing_is_closed, set_up, tear_down),
            cmocka_unit_test_setup_teardown(who_floods_is_held, set_up, tear_down),
            cmocka_unit_test_setup_teardown(places_say_what_is_wrong_with_them, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
