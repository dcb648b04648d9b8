/* SPDX-License-Identifier: Apache-2.0 */
/* The server on loopback, spoken to byte by byte. What clients of all kinds do to it is in tests/web/hostile.py. */
#include "http/server.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/clock.h"
#include "http/stream.h"

#define LATER_US (30 * 1000) /* that /later waits */

static struct arena *arena;
static struct http_server *server;
static struct http_stream *published;
static atomic_uint answered, opened, closed;
static atomic_bool held; /* /slow waits as long as this is so */

/* ---- Who answers ---- */

static bool head(void *context, const struct http_request *request, uint64_t *body_max, struct http_reply *refusal)
{
    (void)context;
    *body_max = slice_eq(request->path, S("/large")) ? 4u << 20 : 1000;
    if (!slice_eq(request->path, S("/secret")))
        return true;
    refusal->status = 401;
    refusal->type = S("text/plain");
    refusal->fixed = S("who are you?\n");
    http_reply_header(refusal, S("WWW-Authenticate"), S("Bearer"));
    return false;
}

static struct err worker_open(void *context, struct arena *own, void **worker)
{
    (void)context;
    *worker = arena_new(own, unsigned, 1);
    atomic_fetch_add(&opened, 1);
    return OK;
}

static void worker_close(void *worker)
{
    (void)worker;
    atomic_fetch_add(&closed, 1);
}

/* What came, one thing a line. */
static void say_all(const struct http_request *request, struct buf *out)
{
    slice method = http_method_name(request->method);
    buf_printf(out, "%.*s %.*s ? %.*s\n", (int)method.len, method.ptr, (int)request->path.len, request->path.ptr,
            (int)request->query.len, request->query.ptr);
    for (size_t i = 0; i < request->header_count; i++)
        buf_printf(out, "%.*s=%.*s\n", (int)request->headers[i].name.len, request->headers[i].name.ptr,
                (int)request->headers[i].value.len, request->headers[i].value.ptr);
    if (request->file > 0)
        buf_printf(out, "in a file of %lld\n", (long long)lseek(request->file, 0, SEEK_END));
    buf_printf(out, "body %zu\n", request->body.len);
    buf_put(out, request->body);
}

static void answer_file(struct http_reply *reply)
{
    char path[] = "/tmp/server_test.XXXXXX";
    reply->file = mkstemp(path);
    unlink(path);
    if (write(reply->file, "a file, sent as it is\n", 22) != 22)
        abort();
}

static void answer(void *worker, const struct http_request *request, struct http_reply *reply)
{
    assert_non_null(worker);
    atomic_fetch_add(&answered, 1);
    reply->status = 200;
    reply->type = S("text/plain; charset=utf-8");
    http_reply_header(reply, S("X-Test"), arena_copy(request->arena, S("of the arena")));
    while (slice_eq(request->path, S("/slow")) && atomic_load(&held))
        usleep(1000);
    if (slice_eq(request->path, S("/fixed"))) {
        reply->fixed = S("fixed\n");
    } else if (slice_eq(request->path, S("/file"))) {
        answer_file(reply);
    } else if (slice_eq(request->path, S("/nothing"))) {
        reply->status = 204;
        reply->type = (slice){0};
    } else if (slice_eq(request->path, S("/later"))) {
        reply->fixed = S("later\n");
        reply->not_before_us = clock_steady_us() + LATER_US;
    } else if (slice_eq(request->path, S("/hungry"))) {
        arena_take(request->arena, 3u << 19);
    } else if (slice_eq(request->path, S("/stream"))) {
        reply->type = S("text/event-stream");
        published = http_stream_new(1000);
        reply->stream = published;
        http_stream_put(published, S("data: first\n\n"));
    } else {
        reply->body = buf_make(8u << 20);
        say_all(request, &reply->body);
    }
}

/* ---- The server ---- */

static const struct http_server_options usual = {
        .ip = {.bytes = {127, 0, 0, 1}, .family = 4},
        .workers = 2,
        .arena_bytes = 1u << 20,
        .head = head,
        .worker_open = worker_open,
        .worker_close = worker_close,
        .answer = answer,
};

static void begin(const struct http_server_options *options)
{
    struct err err = http_server_open(options, arena, &server);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    assert_int_not_equal(http_server_port(server), 0);
}

static int setup(void **state)
{
    (void)state;
    arena = arena_open("server test", ARENA_WORK, 64u << 20);
    published = NULL;
    atomic_store(&held, false);
    atomic_store(&answered, 0);
    begin(&usual);
    return 0;
}

static void end(unsigned wait_ms)
{
    http_server_close(server, wait_ms);
    server = NULL;
}

static int teardown(void **state)
{
    (void)state;
    if (published != NULL)
        http_stream_close(published);
    end(1000);
    arena_close(arena);
    return 0;
}

/* ---- A client ---- */

static int dial(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(http_server_port(server))};
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void say(int fd, slice text)
{
    while (text.len > 0) {
        ssize_t sent = send(fd, text.ptr, text.len, MSG_NOSIGNAL);
        if (sent <= 0)
            return; /* refused before its end: the answer tells */
        text = slice_from(text, (size_t)sent);
    }
}

/* More of the answer; 0 at its end, -1 if nothing comes. */
static ssize_t hear_more(int fd, struct buf *heard, int wait_ms)
{
    struct pollfd wait = {fd, POLLIN, 0};
    if (poll(&wait, 1, wait_ms) != 1)
        return -1;
    buf_reserve(heard, 65536);
    ssize_t len = recv(fd, heard->ptr + heard->len, 65536, 0);
    if (len > 0)
        heard->len += (size_t)len;
    return len < 0 ? 0 : len;
}

/* All that comes until the other side closes, or nothing more does for a while. */
static slice hear_until(int fd, const char *part, int wait_ms, bool *ended)
{
    struct buf heard = buf_make(64u << 20);
    ssize_t more = 1;
    while (more > 0 && (part == NULL || slice_find_slice(buf_slice(&heard), slice_of(part)) == heard.len))
        more = hear_more(fd, &heard, wait_ms);
    *ended = more == 0;
    slice all = arena_copy(arena, buf_slice(&heard));
    buf_free(&heard);
    return all;
}

static const char *hear_all(int fd)
{
    bool ended;
    slice all = hear_until(fd, NULL, 5000, &ended);
    if (!ended)
        fail_msg("the connection stays open after: %.*s", (int)all.len, all.ptr);
    close(fd);
    return arena_cstr(arena, all);
}

static const char *hear(int fd, const char *part)
{
    bool ended;
    slice all = hear_until(fd, part, 5000, &ended);
    const char *text = arena_cstr(arena, all);
    if (strstr(text, part) == NULL)
        fail_msg("no %s in: %s", part, text);
    return text;
}

static const char *ask(const char *request)
{
    int fd = dial();
    say(fd, slice_of(request));
    return hear_all(fd);
}

static void assert_has(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("no %s in: %s", part, text);
}

static void assert_lacks(const char *text, const char *part)
{
    if (strstr(text, part) != NULL)
        fail_msg("%s in: %s", part, text);
}

/* ---- Requests and answers ---- */

static void a_request_is_answered(void **state)
{
    (void)state;
    const char *text =
            ask("GET /a%20b?c=d+e HTTP/1.1\r\nHost: a.example\r\nX-Header:  value \r\nConnection: close\r\n\r\n");
    assert_has(text, "HTTP/1.1 200 OK\r\n");
    assert_has(text, "GET /a b ? c=d+e\n");
    assert_has(text, "X-Header=value\n");
    assert_has(text, "Content-Type: text/plain; charset=utf-8\r\n");
    assert_has(text, "X-Test: of the arena\r\n");
    assert_has(text, "\r\nDate: ");
    assert_lacks(text, "Server:");
}

static void a_connection_is_used_again(void **state)
{
    (void)state;
    int fd = dial();
    for (int i = 0; i < 5; i++) {
        say(fd, S("POST /b HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\n\r\nhello"));
        assert_lacks(hear(fd, "body 5\nhello"), "Connection: close");
    }
    close(fd);
    assert_int_equal(atomic_load(&answered), 5);
    assert_int_equal(http_server_counts(server).requests, 5);
    assert_int_equal(http_server_counts(server).bytes_in, 25);
}

static void a_request_may_come_in_any_pieces(void **state)
{
    (void)state;
    static const char request[] = "POST /b HTTP/1.1\r\nHost: a.example\r\nContent-Length: 5\r\n\r\nhello";
    int fd = dial();
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < sizeof request - 1; i++) {
            say(fd, (slice){request + i, 1});
            usleep(200);
        }
        hear(fd, "body 5\nhello");
    }
    close(fd);
}

static void a_body_may_come_in_chunks(void **state)
{
    (void)state;
    const char *text = ask("POST /b HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n"
                           "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n");
    assert_has(text, "body 5\nabcde");
    assert_has(text, "Connection: close");
}

static void all_kinds_of_answers_arrive(void **state)
{
    (void)state;
    assert_has(ask("GET /fixed HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), "\r\n\r\nfixed\n");
    assert_has(ask("GET /file HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), "\r\n\r\na file, sent as it is\n");
    assert_has(ask("GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), "HTTP/1.1 204 No Content\r\n");
    const char *text = ask("HEAD /fixed HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert_has(text, "Content-Length: 6\r\n");
    assert_lacks(text, "fixed");
}

static const char *send_large(void)
{
    size_t len = 3u << 20;
    char *body = arena_take(arena, len);
    for (size_t i = 0; i < len; i++)
        body[i] = (char)('a' + i % 23);
    int fd = dial();
    const char *request = arena_printf(
            arena, "POST /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n", len);
    say(fd, slice_of(request));
    say(fd, (slice){body, len});
    const char *text = hear_all(fd);
    assert_has(text, "body 3145728\n");
    assert_memory_equal(text + strlen(text) - len, body, len);
    return text;
}

static void a_large_body_goes_both_ways(void **state)
{
    (void)state;
    assert_lacks(send_large(), "in a file");
}

static void a_large_body_lies_in_a_file_where_there_is_a_folder(void **state)
{
    struct http_server_options options = usual;
    (void)state;
    end(0);
    options.folder = "/tmp";
    begin(&options);
    assert_has(send_large(), "in a file of 3145728\n");
    assert_lacks(
            ask("POST /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"), "in a file");
}

static void a_large_body_that_finds_no_room_is_refused(void **state)
{
    struct http_server_options options = usual;
    (void)state;
    end(0);
    options.folder = "/tmp/there-is-no-such-folder";
    begin(&options);
    size_t len = 3u << 19;
    int fd = dial();
    say(fd, slice_of(arena_printf(arena,
                    "POST /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n", len)));
    say(fd, (slice){arena_take(arena, len), len});
    assert_has(hear_all(fd), "HTTP/1.1 503 ");
}

static void a_request_is_refused_by_its_head(void **state)
{
    (void)state;
    int fd = dial();
    say(fd, S("GET /secret HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_has(hear(fd, "who are you?\n"), "HTTP/1.1 401 Unauthorized\r\n");
    say(fd, S("GET /fixed HTTP/1.1\r\nHost: a\r\n\r\n"));
    hear(fd, "fixed\n");
    close(fd);
    const char *text = ask("POST /secret HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
    assert_has(text, "HTTP/1.1 401 Unauthorized\r\n");
    assert_int_equal(atomic_load(&answered), 1);
}

static void a_client_may_wait_to_be_told_to_go_on(void **state)
{
    (void)state;
    int fd = dial();
    say(fd, S("POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"));
    hear(fd, "HTTP/1.1 100 Continue\r\n\r\n");
    say(fd, S("hello"));
    hear(fd, "body 5\nhello");
    close(fd);
    const char *text = ask("POST /secret HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    assert_has(text, "HTTP/1.1 401 ");
    assert_lacks(text, "100 Continue");
    assert_has(ask("POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: tea\r\n\r\nhello"), "HTTP/1.1 417 ");
}

static void a_worker_that_takes_long_keeps_nobody(void **state)
{
    (void)state;
    atomic_store(&held, true);
    int slow = dial();
    say(slow, S("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"));
    for (int i = 0; i < 20; i++)
        assert_has(ask("GET /fixed HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), "fixed\n");
    atomic_store(&held, false);
    hear(slow, "GET /slow");
    close(slow);
}

static void an_answer_waits_until_its_time_and_no_worker_with_it(void **state)
{
    (void)state;
    int64_t began_us = clock_steady_us();
    int waiting[3]; /* more than there are workers */
    for (size_t i = 0; i < COUNT_OF(waiting); i++) {
        waiting[i] = dial();
        say(waiting[i], S("GET /later HTTP/1.1\r\nHost: a\r\n\r\n"));
    }
    assert_has(ask("GET /fixed HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), "fixed\n");
    for (size_t i = 0; i < COUNT_OF(waiting); i++)
        hear(waiting[i], "later\n"), close(waiting[i]);
    assert_true(clock_steady_us() - began_us >= LATER_US);
}

static void a_client_that_goes_while_it_is_answered_harms_nobody(void **state)
{
    (void)state;
    atomic_store(&held, true);
    for (int i = 0; i < 2; i++) {
        int fd = dial();
        say(fd, S("POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"));
        usleep(20000);
        close(fd);
    }
    atomic_store(&held, false);
    assert_has(ask("GET /fixed HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), "fixed\n");
    for (int i = 0; i < 500 && http_server_counts(server).connections > 0; i++)
        usleep(10000);
    assert_int_equal(http_server_counts(server).connections, 0);
}

static void an_answer_that_takes_too_much_memory_is_none(void **state)
{
    (void)state;
    const char *text = ask("GET /hungry HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert_has(text, "HTTP/1.1 413 ");
    assert_lacks(text, "hungry");
}

static void a_stream_brings_what_is_put_into_it(void **state)
{
    (void)state;
    int fd = dial();
    say(fd, S("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n"));
    hear(fd, "data: first\n\n");
    assert_true(http_stream_put(published, S("data: second\n\n")));
    assert_true(http_stream_put(published, S("data: third\n\n")));
    hear(fd, "data: third\n\n");
    assert_int_equal(http_server_counts(server).streams, 1);
    http_stream_close(published);
    published = NULL;
    hear(fd, "0\r\n\r\n");
    say(fd, S("GET /fixed HTTP/1.1\r\nHost: a\r\n\r\n"));
    hear(fd, "fixed\n");
    close(fd);
}

static void a_stream_that_nobody_attached_to_ends(void **state)
{
    (void)state;
    struct http_stream *stream = http_stream_new(10);
    assert_true(http_stream_put(stream, S("0123456789")));
    assert_false(http_stream_put(stream, S("a")));
    assert_false(http_stream_put(stream, S("")));
    http_stream_detach(stream);
    http_stream_close(stream);
    assert_has(ask("HEAD /stream HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), "text/event-stream");
    assert_false(http_stream_put(published, S("a")));
}

static void each_worker_is_opened_and_closed(void **state)
{
    (void)state;
    end(1000);
    atomic_store(&opened, 0);
    atomic_store(&closed, 0);
    struct http_server_options options = usual;
    options.workers = 3;
    options.threads = 2;
    begin(&options);
    assert_int_equal(atomic_load(&opened), 3);
    end(1000);
    assert_int_equal(atomic_load(&closed), 3);
    begin(&usual);
}

static struct err second_fails(void *context, struct arena *own, void **worker)
{
    (void)context;
    (void)worker;
    if (atomic_fetch_add(&opened, 1) == 1)
        return err_format(own, ERR_SYSTEM, "no %s", "more");
    return OK;
}

static void what_does_not_start_is_an_error_and_leaves_nothing(void **state)
{
    (void)state;
    struct http_server *none = NULL;
    struct http_server_options options = usual;
    options.port = http_server_port(server);
    struct err err = http_server_open(&options, arena, &none);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_has(err.why, arena_printf(arena, "127.0.0.1:%u: ", options.port));
    options.port = 0;
    options.worker_open = second_fails;
    atomic_store(&opened, 0);
    atomic_store(&closed, 0);
    err = http_server_open(&options, arena, &none);
    assert_int_equal(err.kind, ERR_SYSTEM);
    assert_string_equal(err.why, "no more");
    assert_int_equal(atomic_load(&closed), 1);
    options.worker_open = worker_open;
    options.ip.bytes[0] = 198; /* 198.0.0.1 is nobody's here */
    assert_int_equal(http_server_open(&options, arena, &none).kind, ERR_SYSTEM);
    assert_null(none);
}

static void a_socket_that_listens_already_is_taken(void **state)
{
    (void)state;
    struct sockaddr_in address = {.sin_family = AF_INET};
    end(1000);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct http_server_options options = usual;
    options.listening = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(options.listening, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(options.listening, 10), 0);
    begin(&options);
    assert_has(ask("GET /fixed HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), "fixed\n");
    end(1000);
    assert_int_equal(fcntl(options.listening, F_GETFD), -1);
    begin(&usual);
}

static void IPv6_and_IPv4_come_to_the_same_door(void **state)
{
    (void)state;
    struct http_server_options options = usual;
    end(1000);
    options.ip = (struct ip){.family = 6};
    struct err err = http_server_open(&options, arena, &server);
    if (err.kind != ERR_NONE) {
        begin(&usual);
        skip(); /* a machine without IPv6 */
    }
    assert_has(ask("GET /fixed HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"), "fixed\n");
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(a_request_is_answered, setup, teardown),
            cmocka_unit_test_setup_teardown(a_connection_is_used_again, setup, teardown),
            cmocka_unit_test_setup_teardown(a_request_may_come_in_any_pieces, setup, teardown),
            cmocka_unit_test_setup_teardown(a_body_may_come_in_chunks, setup, teardown),
            cmocka_unit_test_setup_teardown(all_kinds_of_answers_arrive, setup, teardown),
            cmocka_unit_test_setup_teardown(a_large_body_goes_both_ways, setup, teardown),
            cmocka_unit_test_setup_teardown(a_large_body_lies_in_a_file_where_there_is_a_folder, setup, teardown),
            cmocka_unit_test_setup_teardown(a_large_body_that_finds_no_room_is_refused, setup, teardown),
            cmocka_unit_test_setup_teardown(a_request_is_refused_by_its_head, setup, teardown),
            cmocka_unit_test_setup_teardown(a_client_may_wait_to_be_told_to_go_on, setup, teardown),
            cmocka_unit_test_setup_teardown(a_worker_that_takes_long_keeps_nobody, setup, teardown),
            cmocka_unit_test_setup_teardown(an_answer_waits_until_its_time_and_no_worker_with_it, setup, teardown),
            cmocka_unit_test_setup_teardown(a_client_that_goes_while_it_is_answered_harms_nobody, setup, teardown),
            cmocka_unit_test_setup_teardown(an_answer_that_takes_too_much_memory_is_none, setup, teardown),
            cmocka_unit_test_setup_teardown(a_stream_brings_what_is_put_into_it, setup, teardown),
            cmocka_unit_test_setup_teardown(a_stream_that_nobody_attached_to_ends, setup, teardown),
            cmocka_unit_test_setup_teardown(each_worker_is_opened_and_closed, setup, teardown),
            cmocka_unit_test_setup_teardown(what_does_not_start_is_an_error_and_leaves_nothing, setup, teardown),
            cmocka_unit_test_setup_teardown(a_socket_that_listens_already_is_taken, setup, teardown),
            cmocka_unit_test_setup_teardown(IPv6_and_IPv4_come_to_the_same_door, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
