/* SPDX-License-Identifier: Apache-2.0 */
/* Against a real server on loopback, with TLS by an authority made for the run: tests/web/server.py. */
#include "http/client.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/certificate.h"
#include "base/clock.h"

#define SERVERS_MAX 12

static struct arena *arena;
static char folder[] = "/tmp/client_test.XXXXXX";
static struct {
    char name[16];
    unsigned port;
} servers[SERVERS_MAX];
static size_t server_count;
static pid_t server = -1;
static int server_input = -1;
static const char *absent; /* why there is no server; NULL: there is one */

/* ---- The server ---- */

static void child(int input, int output)
{
    const char *root = getenv("KENTONGAN_ROOT");
    char script[4096];
    snprintf(script, sizeof script, "%s/tests/web/server.py", root == NULL ? "." : root);
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    execlp("python3", "python3", script, folder, (char *)NULL);
    _exit(127);
}

static void read_ports(FILE *said)
{
    char line[64];
    absent = "python3 and openssl are needed for the server of this test";
    while (fgets(line, sizeof line, said) != NULL && server_count < SERVERS_MAX) {
        if (strcmp(line, "ready\n") == 0)
            absent = NULL;
        else if (sscanf(line, "%15s %u", servers[server_count].name, &servers[server_count].port) == 2)
            server_count++;
        if (absent == NULL)
            return;
    }
    printf("# skipped: %s\n", absent);
}

static int setup(void **state)
{
    (void)state;
    int to[2], from[2];
    arena = arena_open("client test", ARENA_WORK, 64u << 20);
    if (mkdtemp(folder) == NULL || pipe(to) != 0 || pipe(from) != 0)
        return -1;
    server = fork();
    if (server == 0) {
        close(to[1]);
        close(from[0]);
        child(to[0], from[1]);
    }
    close(to[0]);
    close(from[1]);
    server_input = to[1];
    FILE *said = fdopen(from[0], "r");
    read_ports(said);
    fclose(said);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    close(server_input);
    waitpid(server, NULL, 0);
    int removed = system(arena_printf(arena, "rm -r %s", folder)); /* our own folder, made by mkdtemp */
    arena_close(arena);
    return removed;
}

static const char *url_of(const char *name, const char *scheme, const char *host, const char *path)
{
    if (absent != NULL)
        skip();
    for (size_t i = 0; i < server_count; i++)
        if (strcmp(servers[i].name, name) == 0)
            return arena_printf(arena, "%s://%s:%u/%s", scheme, host, servers[i].port, path);
    fail_msg("no server %s", name);
    return "";
}

static const char *http_url(const char *path)
{
    return url_of("http", "http", "127.0.0.1", path);
}

static const char *https_url(const char *path)
{
    return url_of("https", "https", "127.0.0.1", path);
}

/* ---- A get ---- */

struct got {
    struct buf text;
    struct http_answer answer;
    uint64_t calls, progress_calls, done;
    uint64_t refuse_after; /* bytes; 0: nothing is refused */
};

static struct err take(void *context, slice bytes)
{
    struct got *got = context;
    got->calls++;
    buf_put(&got->text, bytes);
    if (got->refuse_after != 0 && got->text.len > got->refuse_after)
        return err_make(ERR_CONFLICT, "the reader has had enough");
    return OK;
}

static void tell(void *context, uint64_t done, uint64_t total)
{
    struct got *got = context;
    (void)total;
    got->progress_calls++;
    got->done = done;
}

static struct http_client_options options_usual(void)
{
    return (struct http_client_options){
            .ca_file = arena_printf(arena, "%s/ca.pem", folder),
            .plain_http = true,
            .connect_ms = 5000,
            .idle_ms = 5000,
            .total_ms = 20000,
            .bytes_max = 16u << 20,
            .redirects_max = 3,
    };
}

static struct err fetch(const struct http_client_options *options, struct http_get get, struct got *got)
{
    struct http_client *client;
    if (absent != NULL)
        skip();
    *got = (struct got){.text = buf_make(64u << 20), .refuse_after = got->refuse_after};
    get.context = got;
    get.body = take;
    get.progress = tell;
    assert_int_equal(http_client_open(options, arena, &client).kind, ERR_NONE);
    struct err err = http_client_get(client, &get, arena, &got->answer);
    http_client_close(client);
    return err;
}

/* With the usual options, expecting this text. */
static void assert_text(struct http_get get, const char *text)
{
    struct http_client_options options = options_usual();
    struct got got = {0};
    struct err err = fetch(&options, get, &got);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    assert_int_equal(got.text.len, strlen(text));
    assert_memory_equal(got.text.ptr, text, got.text.len);
    assert_int_equal(got.answer.bytes, got.text.len);
    buf_free(&got.text);
}

/* With these options (NULL: the usual), expecting an error with this in its sentence. */
static void assert_error(
        const struct http_client_options *options, const char *url, enum err_kind kind, const char *part)
{
    struct http_client_options usual = options_usual();
    struct got got = {0};
    struct err err = fetch(options == NULL ? &usual : options, (struct http_get){.url = url}, &got);
    buf_free(&got.text);
    if (err.kind != kind || err.why == NULL || strstr(err.why, part) == NULL)
        fail_msg("%s: %s, not %s: %s", url, err_name(err.kind), part, err.why == NULL ? "" : err.why);
}

/* The headers that the server got, as text in the arena. */
static const char *echoed(const struct http_client_options *options, struct http_get get)
{
    struct got got = {0};
    struct err err = fetch(options, get, &got);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    const char *text = arena_cstr(arena, buf_slice(&got.text));
    buf_free(&got.text);
    return text;
}

/* ---- What is fetched ---- */

static void http_and_https_are_fetched(void **state)
{
    (void)state;
    assert_text((struct http_get){.url = http_url("ok")}, "the drum was beaten\n");
    assert_text((struct http_get){.url = https_url("ok")}, "the drum was beaten\n");
}

static void an_answer_tells_its_tags_and_progress(void **state)
{
    (void)state;
    struct http_client_options options = options_usual();
    struct got got = {0};
    assert_int_equal(fetch(&options, (struct http_get){.url = https_url("ok")}, &got).kind, ERR_NONE);
    assert_string_equal(got.answer.etag, "\"v1\"");
    assert_string_equal(got.answer.modified, "Wed, 01 Jan 2025 10:00:00 GMT");
    assert_string_equal(got.answer.type, "text/plain");
    assert_false(got.answer.unchanged);
    assert_true(got.progress_calls > 0 && got.done == got.text.len);
    buf_free(&got.text);
}

static void what_is_here_already_is_not_fetched_again(void **state)
{
    (void)state;
    struct http_client_options options = options_usual();
    const struct http_get here[] = {
            {.url = https_url("ok"), .etag = "\"v1\""},
            {.url = https_url("ok"), .modified = "Wed, 01 Jan 2025 10:00:00 GMT"},
    };
    for (size_t i = 0; i < COUNT_OF(here); i++) {
        struct got got = {0};
        assert_int_equal(fetch(&options, here[i], &got).kind, ERR_NONE);
        assert_true(got.answer.unchanged);
        assert_int_equal(got.calls, 0);
        buf_free(&got.text);
    }
    assert_text((struct http_get){.url = https_url("ok"), .etag = "\"v0\""}, "the drum was beaten\n");
}

static void gzip_is_unpacked(void **state)
{
    (void)state;
    struct buf text = buf_make(10000);
    for (size_t i = 0; i < 1000; i++)
        buf_put(&text, S("drum "));
    assert_text((struct http_get){.url = https_url("gzip")}, arena_cstr(arena, buf_slice(&text)));
    assert_text((struct http_get){.url = https_url("gzips")}, arena_cstr(arena, buf_slice(&text)));
    buf_free(&text);
}

static void a_large_answer_comes_in_pieces(void **state)
{
    (void)state;
    struct http_client_options options = options_usual();
    struct got got = {0};
    assert_int_equal(fetch(&options, (struct http_get){.url = http_url("large/5000000")}, &got).kind, ERR_NONE);
    assert_int_equal(got.text.len, 5000000);
    assert_true(got.calls > 10);
    buf_free(&got.text);
}

static void an_error_of_the_reader_ends_the_get(void **state)
{
    (void)state;
    struct http_client_options options = options_usual();
    struct got got = {.refuse_after = 100000};
    struct err err = fetch(&options, (struct http_get){.url = http_url("endless")}, &got);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_string_equal(err.why, "the reader has had enough");
    buf_free(&got.text);
}

static void a_client_fetches_more_than_once(void **state)
{
    (void)state;
    if (absent != NULL)
        skip();
    struct http_client_options options = options_usual();
    struct http_client *client;
    struct http_answer answer;
    struct got got = {.text = buf_make(1 << 20)};
    assert_int_equal(http_client_open(&options, arena, &client).kind, ERR_NONE);
    struct http_get get = {.url = https_url("ok"), .etag = "\"v1\"", .context = &got, .body = take};
    assert_int_equal(http_client_get(client, &get, arena, &answer).kind, ERR_NONE);
    get.etag = NULL; /* nothing of the first get stays */
    assert_int_equal(http_client_get(client, &get, arena, &answer).kind, ERR_NONE);
    assert_false(answer.unchanged);
    get.url = https_url("status/500");
    assert_int_equal(http_client_get(client, &get, arena, &answer).kind, ERR_REMOTE);
    get.url = http_url("ok");
    assert_int_equal(http_client_get(client, &get, arena, &answer).kind, ERR_NONE);
    assert_int_equal(answer.bytes, 20);
    http_client_close(client);
    buf_free(&got.text);
}

/* ---- What is no URL for us ---- */

static void only_http_and_https_are_urls(void **state)
{
    (void)state;
    static const struct {
        const char *url, *why;
    } rows[] = {
            {"file:///etc/passwd", "only http and https are fetched, not file"},
            {"ftp://drum.example/list", "only http and https"},
            {"gopher://drum.example/", "only http and https"},
            {"/var/lib/list.txt", "a file is named by its path"},
            {"", "is no URL"},
            {"http://", "is no URL"},
            {"http://drum .example/", "is no URL"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_error(NULL, rows[i].url, ERR_INPUT, rows[i].why);
    char *longest = arena_take(arena, 9001);
    memset(longest, 'd', 9000);
    memcpy(longest, "http://drum.example/", 20);
    assert_error(NULL, longest, ERR_LIMIT, "longer than 8192 bytes");
}

static void plain_http_can_be_forbidden(void **state)
{
    (void)state;
    struct http_client_options options = options_usual();
    options.plain_http = false;
    assert_error(&options, http_url("ok"), ERR_DENIED, "by https only");
    assert_string_not_equal(echoed(&options, (struct http_get){.url = https_url("echo")}), "");
}

static void a_shown_url_has_no_credentials(void **state)
{
    (void)state;
    static const struct {
        const char *url, *shown;
    } rows[] = {
            {"https://drum.example/list", "https://drum.example/list"},
            {"https://user:secret@drum.example/list", "https://drum.example/list"},
            {"https://user:sec@ret@drum.example:8443/a@b", "https://drum.example:8443/a@b"},
            {"https://drum.example/list?key=secret", "https://drum.example/list?..."},
            {"https://drum.example?key=secret", "https://drum.example?..."},
            {"https://drum.example/list#part", "https://drum.example/list"},
            {"postgresql://kentongan:secret@192.0.2.1/node?password=secret", "postgresql://192.0.2.1/node?..."},
            {"user:secret@drum.example", "drum.example"},
            {"https://drum.example/\x1b[31m", "https://drum.example/?[31m"},
            {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_string_equal(http_url_shown(rows[i].url, arena), rows[i].shown);
}

/* ---- Redirects ---- */

static void redirects_are_followed_up_to_the_limit(void **state)
{
    (void)state;
    assert_text((struct http_get){.url = https_url("hop/3")}, "the drum was beaten\n");
    assert_error(NULL, https_url("hop/4"), ERR_REMOTE, "more than 3 redirects");
    assert_error(NULL, http_url("loop"), ERR_REMOTE, "/loop; if it is not a circle");
    struct http_client_options options = options_usual();
    options.redirects_max = 0;
    assert_error(&options, https_url("hop/1"), ERR_REMOTE, "more than 0 redirects");
}

/* Whoever is asked by introduction answers itself, or sends us to another place of the same host. */
static void who_stays_is_led_nowhere_else(void **state)
{
    (void)state;
    struct got got = {.refuse_after = 0};
    if (absent != NULL)
        skip();
    assert_text((struct http_get){.url = https_url("hop/3"), .stay = true}, "the drum was beaten\n");
    struct http_get get = {.url = http_url(arena_printf(arena, "to?%s", https_url("ok"))), .stay = true};
    struct http_client_options options = options_usual();
    struct err err = fetch(&options, get, &got);
    assert_int_equal(err.kind, ERR_REMOTE);
    assert_non_null(strstr(err.why, "only who was introduced"));
    assert_int_equal(got.text.len, 0);
    buf_free(&got.text);
}

static void no_redirect_leads_away_from_tls_or_to_a_file(void **state)
{
    (void)state;
    if (absent != NULL)
        skip();
    assert_error(NULL, https_url(arena_printf(arena, "to?%s", http_url("ok"))), ERR_REMOTE,
            "without TLS; we do not go there");
    assert_error(NULL, http_url("to?file:///etc/passwd"), ERR_INPUT, "only http and https are fetched, not file");
    assert_error(NULL, https_url("to?file:///etc/passwd"), ERR_REMOTE, "without TLS");
    assert_text(
            (struct http_get){.url = http_url(arena_printf(arena, "to?%s", https_url("ok")))}, "the drum was beaten\n");
}

/* By name, by address, and by a redirect. */
static void nobody_is_led_to_an_address_of_our_own(void **state)
{
    (void)state;
    if (absent != NULL)
        skip();
    struct http_client_options options = options_usual();
    options.public_only = true;
    const char *const urls[] = {http_url("ok"), https_url("ok"), "http://[::1]/", "http://2130706433/",
            "http://0x7f.1/", "http://localhost/"};
    for (size_t i = 0; i < COUNT_OF(urls); i++) {
        struct got got = {.refuse_after = 0};
        struct err err = fetch(&options, (struct http_get){.url = urls[i]}, &got);
        assert_int_equal(err.kind, ERR_DENIED);
        assert_non_null(strstr(err.why, "nobody's on the Internet"));
        assert_int_equal(got.answer.reach, HTTP_PRIVATE);
        buf_free(&got.text);
    }
}

static void credentials_stay_with_their_host(void **state)
{
    (void)state;
    if (absent != NULL)
        skip();
    struct http_client_options options = options_usual();
    struct http_get get = {.url = https_url("echo"), .authorization = "Bearer melati"};
    assert_non_null(strstr(echoed(&options, get), "Authorization: Bearer melati"));
    get.url = https_url("to?/echo");
    assert_non_null(strstr(echoed(&options, get), "Authorization: Bearer melati"));
    get.url = http_url(arena_printf(arena, "to?%s", https_url("echo")));
    assert_null(strstr(echoed(&options, get), "melati"));
    /* what stands in the URL goes no further either */
    const char *with = url_of("http", "http", "drum:melati@127.0.0.1", arena_printf(arena, "to?%s", https_url("echo")));
    assert_null(strstr(echoed(&options, (struct http_get){.url = with}), "Authorization"));
    with = url_of("http", "http", "drum:melati@127.0.0.1", "echo");
    assert_non_null(strstr(echoed(&options, (struct http_get){.url = with}), "Authorization: Basic"));
}

static void no_error_tells_credentials(void **state)
{
    (void)state;
    if (absent != NULL)
        skip();
    static const char *const paths[] = {"status/500?key=melati", "short?melati", "nothing?melati", "loop?melati"};
    struct http_client_options options = options_usual();
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        struct got got = {0};
        const char *url = url_of("http", "http", "drum:melati@127.0.0.1", paths[i]);
        struct err err = fetch(&options, (struct http_get){.url = url}, &got);
        assert_int_equal(err.kind, ERR_REMOTE);
        assert_null(strstr(err.why, "melati"));
        buf_free(&got.text);
    }
}

/* A header cannot be smuggled in by what a server said the last time, or by who gave the credentials. */
static void a_line_end_in_a_header_is_refused(void **state)
{
    (void)state;
    struct http_client_options options = options_usual();
    const struct http_get wrong[] = {
            {.url = https_url("echo"), .etag = "\"a\"\r\nX-Drum: melati"},
            {.url = https_url("echo"), .modified = "\n"},
            {.url = https_url("echo"), .authorization = "Bearer a\nX-Drum: melati"},
    };
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct got got = {0};
        struct err err = fetch(&options, wrong[i], &got);
        assert_int_equal(err.kind, ERR_INPUT);
        assert_null(strstr(err.why, "melati"));
        buf_free(&got.text);
    }
}

/* ---- Certificates ---- */

static void only_certificates_of_trust_for_this_name_and_time_are_taken(void **state)
{
    (void)state;
    if (absent != NULL)
        skip();
    struct http_client_options options = options_usual();
    assert_error(NULL, url_of("expired", "https", "127.0.0.1", "ok"), ERR_REMOTE, "certificate");
    assert_error(NULL, url_of("stranger", "https", "127.0.0.1", "ok"), ERR_REMOTE, "certificate");
    options.ca_file = NULL; /* those of the system do not know our authority */
    assert_error(&options, https_url("ok"), ERR_REMOTE, "name that with [feeds] ca");
    assert_error(NULL, url_of("http", "https", "127.0.0.1", "ok"), ERR_REMOTE, "no TLS came about");
}

static void a_ca_file_that_is_none_is_told(void **state)
{
    (void)state;
    struct http_client_options options = options_usual();
    struct http_client *client;
    options.ca_file = "/tmp/there/is/no/such.pem";
    struct err err = http_client_open(&options, arena, &client);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_non_null(strstr(err.why, "/tmp/there/is/no/such.pem"));
    assert_non_null(strstr(err.why, "[feeds] ca"));
    if (absent != NULL)
        skip();
    options.ca_file = arena_printf(arena, "%s/ca.conf", folder);
    err = http_client_open(&options, arena, &client);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_non_null(strstr(err.why, "there is no certificate in PEM in"));
}

/* ---- The proxy ---- */

static void everything_goes_through_the_proxy(void **state)
{
    (void)state;
    struct http_client_options options = options_usual();
    if (absent != NULL)
        skip();
    options.proxy = url_of("proxy", "http", "127.0.0.1", "");
    const char *text = echoed(&options, (struct http_get){.url = "http://names.test/list"});
    assert_true(slice_starts(slice_of(text), S("by the proxy\n")));
    text = echoed(&options, (struct http_get){.url = url_of("https", "https", "drum.test", "echo")});
    assert_non_null(strstr(text, "Host: drum.test"));
    assert_error(&options, "http://127.0.0.1:1/", ERR_DENIED, "is not for us");
    assert_error(&options, "https://melati.test/", ERR_REMOTE, "the proxy answers with status 403");
}

static void a_proxy_may_want_a_password(void **state)
{
    (void)state;
    struct http_client_options options = options_usual();
    if (absent != NULL)
        skip();
    options.proxy = url_of("guarded", "http", "127.0.0.1", "");
    assert_error(&options, "http://names.test/", ERR_REMOTE, "write USER:PASSWORD@ into [feeds] proxy");
    assert_error(
            &options, url_of("https", "https", "drum.test", "ok"), ERR_REMOTE, "the proxy answers with status 407");
    options.proxy = url_of("guarded", "http", "drum:melati%20secret@127.0.0.1", "");
    const char *text = echoed(&options, (struct http_get){.url = url_of("https", "https", "drum.test", "echo")});
    assert_non_null(strstr(text, "Host: drum.test"));
    assert_null(strstr(text, "Proxy-Authorization")); /* that was for the proxy */
}

static void a_proxy_that_is_not_there_is_told(void **state)
{
    (void)state;
    struct http_client_options options = options_usual();
    options.proxy = "http://127.0.0.1:1";
    assert_error(&options, "http://names.test/", ERR_REMOTE, "nobody answers there");
}

static void the_environment_names_no_proxy(void **state)
{
    (void)state;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("https_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    assert_text((struct http_get){.url = http_url("ok")}, "the drum was beaten\n");
    assert_text((struct http_get){.url = https_url("ok")}, "the drum was beaten\n");
    unsetenv("http_proxy");
    unsetenv("https_proxy");
    unsetenv("ALL_PROXY");
}

/* ---- Slow, endless, broken ---- */

static void nothing_takes_longer_than_it_may(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        uint64_t idle_ms, total_ms;
    } rows[] = {
            {"hang", 1000, 20000},
            {"silent", 1000, 20000},
            {"hang", 20000, 1000},
            {"dribble", 20000, 1000},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct http_client_options options = options_usual();
        options.idle_ms = rows[i].idle_ms;
        options.total_ms = rows[i].total_ms;
        int64_t start_us = clock_steady_us();
        assert_error(&options, http_url(rows[i].path), ERR_REMOTE, "it takes too long");
        assert_true(clock_steady_us() - start_us < 15000000); /* long before the server gives up */
    }
}

static void the_time_is_for_all_redirects_together(void **state)
{
    (void)state;
    struct http_client_options options = options_usual();
    options.total_ms = 1000;
    assert_error(&options, http_url("to?/hang"), ERR_REMOTE, "it takes too long");
}

static void nothing_is_larger_than_it_may(void **state)
{
    (void)state;
    static const char *const paths[] = {"endless", "bomb", "large/1000001"};
    struct http_client_options options = options_usual();
    options.bytes_max = 1000000;
    for (size_t i = 0; i < COUNT_OF(paths); i++) {
        struct got got = {0};
        struct err err = fetch(&options, (struct http_get){.url = http_url(paths[i])}, &got);
        assert_int_equal(err.kind, ERR_LIMIT);
        assert_non_null(strstr(err.why, "more than 1000000 bytes"));
        assert_true(got.text.len <= 1000000);
        buf_free(&got.text);
    }
    struct got got = {0};
    assert_int_equal(fetch(&options, (struct http_get){.url = http_url("large/1000000")}, &got).kind, ERR_NONE);
    buf_free(&got.text);
    assert_error(&options, http_url("headers"), ERR_LIMIT, "more than 256 KiB of headers");
    assert_error(&options, http_url("page/500"), ERR_LIMIT, "status 500 and more than 1 MiB about it");
    assert_error(&options, http_url("page/302"), ERR_LIMIT, "status 302 and more than 1 MiB about it");
}

static void what_breaks_off_or_is_damaged_is_an_error(void **state)
{
    (void)state;
    assert_error(NULL, http_url("short"), ERR_REMOTE, "it ends before its end");
    assert_error(NULL, http_url("nothing"), ERR_REMOTE, "hung up without a word");
    assert_error(NULL, http_url("badgzip"), ERR_REMOTE, "the gzip data is damaged");
    assert_error(NULL, http_url("emptygzip"), ERR_REMOTE, "the gzip data is damaged");
    assert_error(NULL, http_url("sumgzip"), ERR_REMOTE, "the gzip data is damaged");
    assert_error(NULL, http_url("brotli"), ERR_REMOTE, "packed as br, which we did not ask for");
    assert_error(NULL, http_url("cutgzip"), ERR_REMOTE, "the gzip data ends before its end");
    assert_error(NULL, url_of("noise", "http", "127.0.0.1", "ok"), ERR_REMOTE, "what answers there is no HTTP");
    assert_error(NULL, "http://127.0.0.1:1/", ERR_REMOTE, "nobody answers there");
    assert_error(NULL, "http://melati.invalid/", ERR_REMOTE, "the name of its host is not known");
}

static void a_status_says_what_to_do(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum err_kind kind;
        const char *part;
    } rows[] = {
            {"status/401", ERR_AUTH, "give the feed its credentials"},
            {"status/403", ERR_DENIED, "not for us"},
            {"status/404", ERR_MISSING, "look at the path (status 404)"},
            {"status/410", ERR_MISSING, "gone for good"},
            {"status/429", ERR_REMOTE, "asked for too often"},
            {"status/500", ERR_REMOTE, "try later"},
            {"status/201", ERR_REMOTE, "look at the URL"},
            {"status/418", ERR_REMOTE, "status 418"},
            {"status/300", ERR_REMOTE, "status 300"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_error(NULL, http_url(rows[i].path), rows[i].kind, rows[i].part);
}

/* ---- What is sent, and what is shown ---- */

static const struct http_send drum = {{"{\"beat\":1}", 10}, "application/json"};

static void a_text_is_sent_with_its_type(void **state)
{
    (void)state;
    struct http_client_options options = options_usual();
    struct got got = {0};
    const struct http_get post = {.url = https_url("echo"), .send = &drum, .accept = "application/json;q=1"};
    assert_int_equal(fetch(&options, post, &got).kind, ERR_NONE);
    const char *text = arena_cstr(arena, buf_slice(&got.text));
    assert_non_null(strstr(text, "Content-Type: application/json\n"));
    assert_non_null(strstr(text, "Accept: application/json;q=1\n"));
    assert_null(strstr(text, "Expect:"));
    assert_non_null(strstr(text, "\n{\"beat\":1}"));
    assert_int_equal(got.answer.status, 202);
    assert_string_equal(got.answer.added_last, "2026-01-01T00:00:00Z");
    assert_string_equal(got.answer.added_first, "");
    buf_free(&got.text);
}

static void after_a_post_comes_a_plain_get(void **state)
{
    (void)state;
    struct http_client_options options = options_usual();
    struct http_client *client;
    struct http_answer answer;
    if (absent != NULL)
        skip();
    assert_int_equal(http_client_open(&options, arena, &client).kind, ERR_NONE);
    for (int i = 0; i < 2; i++) {
        struct got posted = {.text = buf_make(1 << 20)}, got = {.text = buf_make(1 << 20)};
        struct http_get post = {.url = http_url("echo"), .send = &drum, .context = &posted, .body = take};
        struct http_get get = {.url = http_url("ok"), .context = &got, .body = take};
        assert_int_equal(http_client_get(client, &post, arena, &answer).kind, ERR_NONE);
        assert_int_equal(http_client_get(client, &get, arena, &answer).kind, ERR_NONE);
        assert_int_equal(got.text.len, 20);
        buf_free(&posted.text);
        buf_free(&got.text);
    }
    http_client_close(client);
}

static void what_is_sent_stays_with_its_host(void **state)
{
    (void)state;
    struct http_client_options options = options_usual();
    const char *other = arena_printf(arena, "to?%s", url_of("https", "https", "localhost", "echo"));
    const struct {
        const char *path;
        enum err_kind kind;
    } rows[] = {{"to?/echo", ERR_NONE}, {other, ERR_REMOTE}, {"see", ERR_REMOTE}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct got got = {0};
        struct err err = fetch(&options, (struct http_get){.url = https_url(rows[i].path), .send = &drum}, &got);
        assert_int_equal(err.kind, rows[i].kind);
        if (err.kind == ERR_NONE)
            assert_true(slice_ends(buf_slice(&got.text), drum.body));
        else
            assert_non_null(strstr(err.why, "is not sent to another"));
        buf_free(&got.text);
    }
}

static void an_error_says_what_it_said(void **state)
{
    (void)state;
    struct http_client_options options = options_usual();
    struct got got = {0};
    assert_int_equal(fetch(&options, (struct http_get){.url = http_url("later/77")}, &got).kind, ERR_REMOTE);
    assert_int_equal(got.answer.status, 503);
    assert_int_equal(got.answer.retry_after_s, 77);
    assert_true(slice_eq(got.answer.page, S("{\"title\":\"not now\"}")));
    assert_int_equal(got.text.len, 0);
    buf_free(&got.text);
}

static void a_certificate_is_shown_to_its_host_alone(void **state)
{
    (void)state;
    struct http_client_options options = options_usual();
    const char *who = url_of("mutual", "https", "127.0.0.1", "who");
    assert_string_equal(echoed(&options, (struct http_get){.url = who}), "nobody");
    options.certificate = arena_printf(arena, "%s/client.pem", folder);
    options.key = arena_printf(arena, "%s/client.key", folder);
    assert_non_null(strstr(echoed(&options, (struct http_get){.url = who}), "'client'"));
    const char *elsewhere = https_url(arena_printf(arena, "to?%s", who));
    assert_string_equal(echoed(&options, (struct http_get){.url = elsewhere}), "nobody");
    options.key = arena_printf(arena, "%s/ca.key", folder);
    struct http_client *client;
    struct err err = http_client_open(&options, arena, &client);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_non_null(strstr(err.why, "they belong together"));
}

/* Of a server whose certificate in the folder has this name. */
static const char *pin_of(const char *name)
{
    struct certificate certificate;
    assert_int_equal(
            certificate_read(arena_printf(arena, "%s/%s.pem", folder, name), arena, &certificate).kind, ERR_NONE);
    slice key = sha256_slice(&certificate.key);
    char text[64];
    sodium_bin2base64(text, sizeof text, (const unsigned char *)key.ptr, key.len, sodium_base64_VARIANT_ORIGINAL);
    return arena_printf(arena, "sha256//%s", text);
}

/* A good certificate is not enough where a key is expected; elsewhere, after a redirect, none is. */
static void a_key_that_is_pinned_is_the_only_one(void **state)
{
    (void)state;
    if (absent != NULL)
        skip();
    struct http_client_options options = options_usual();
    struct got got = {0};
    const char *right = pin_of("good"), *wrong = pin_of("ca");
    assert_text((struct http_get){.url = https_url("ok"), .pins = right}, "the drum was beaten\n");
    const char *both = arena_printf(arena, "%s;%s", wrong, right);
    assert_text((struct http_get){.url = https_url("ok"), .pins = both}, "the drum was beaten\n");
    struct err err = fetch(&options, (struct http_get){.url = https_url("ok"), .pins = wrong}, &got);
    assert_int_equal(err.kind, ERR_REMOTE);
    assert_non_null(strstr(err.why, "its key is none that this partner certified"));
    assert_int_equal(got.text.len, 0);
    buf_free(&got.text);
}

/* One client for all: a connection that was opened without pins is not used for who has them. */
static void a_connection_is_not_shared_past_a_pin(void **state)
{
    (void)state;
    struct http_client_options options = options_usual();
    struct http_client *client;
    struct http_answer answer;
    struct got got = {.text = buf_make(1u << 20)};
    if (absent != NULL)
        skip();
    assert_int_equal(http_client_open(&options, arena, &client).kind, ERR_NONE);
    struct http_get get = {.url = https_url("ok"), .context = &got, .body = take};
    assert_int_equal(http_client_get(client, &get, arena, &answer).kind, ERR_NONE);
    get.pins = pin_of("ca");
    assert_int_equal(http_client_get(client, &get, arena, &answer).kind, ERR_REMOTE);
    get.pins = pin_of("good");
    assert_int_equal(http_client_get(client, &get, arena, &answer).kind, ERR_NONE);
    http_client_close(client);
    buf_free(&got.text);
}

static void references_are_followed_from_where_they_stand(void **state)
{
    (void)state;
    static const struct {
        const char *reference, *leads;
    } rows[] = {{"/api/", "https://taxii.example/api/"}, {"api/", "https://taxii.example/taxii2/api/"},
            {"../api/", "https://taxii.example/api/"}, {"//other.example/a/", "https://other.example/a/"},
            {"https://other.example:9/a/", "https://other.example:9/a/"}, {"", "https://taxii.example/taxii2/"}};
    struct http_client_options options = options_usual();
    struct http_client *client;
    if (absent != NULL)
        skip();
    assert_int_equal(http_client_open(&options, arena, &client).kind, ERR_NONE);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *leads = http_url_join(client, "https://taxii.example/taxii2/", rows[i].reference, arena);
        assert_string_equal(leads == NULL ? "nowhere" : leads, rows[i].leads);
    }
    assert_true(http_url_same_origin(client, "https://a.example/x", "https://A.example:443/y", arena));
    assert_false(http_url_same_origin(client, "https://a.example/", "http://a.example/", arena));
    assert_false(http_url_same_origin(client, "https://a.example/", "https://a.example:444/", arena));
    assert_false(http_url_same_origin(client, "nothing", "nothing", arena));
    http_client_close(client);
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(http_and_https_are_fetched),
            cmocka_unit_test(an_answer_tells_its_tags_and_progress),
            cmocka_unit_test(what_is_here_already_is_not_fetched_again),
            cmocka_unit_test(gzip_is_unpacked),
            cmocka_unit_test(a_large_answer_comes_in_pieces),
            cmocka_unit_test(an_error_of_the_reader_ends_the_get),
            cmocka_unit_test(a_client_fetches_more_than_once),
            cmocka_unit_test(only_http_and_https_are_urls),
            cmocka_unit_test(plain_http_can_be_forbidden),
            cmocka_unit_test(a_shown_url_has_no_credentials),
            cmocka_unit_test(redirects_are_followed_up_to_the_limit),
            cmocka_unit_test(who_stays_is_led_nowhere_else),
            cmocka_unit_test(no_redirect_leads_away_from_tls_or_to_a_file),
            cmocka_unit_test(nobody_is_led_to_an_address_of_our_own),
            cmocka_unit_test(credentials_stay_with_their_host),
            cmocka_unit_test(no_error_tells_credentials),
            cmocka_unit_test(a_line_end_in_a_header_is_refused),
            cmocka_unit_test(only_certificates_of_trust_for_this_name_and_time_are_taken),
            cmocka_unit_test(a_ca_file_that_is_none_is_told),
            cmocka_unit_test(everything_goes_through_the_proxy),
            cmocka_unit_test(a_proxy_may_want_a_password),
            cmocka_unit_test(a_proxy_that_is_not_there_is_told),
            cmocka_unit_test(the_environment_names_no_proxy),
            cmocka_unit_test(nothing_takes_longer_than_it_may),
            cmocka_unit_test(the_time_is_for_all_redirects_together),
            cmocka_unit_test(nothing_is_larger_than_it_may),
            cmocka_unit_test(what_breaks_off_or_is_damaged_is_an_error),
            cmocka_unit_test(a_status_says_what_to_do),
            cmocka_unit_test(a_text_is_sent_with_its_type),
            cmocka_unit_test(after_a_post_comes_a_plain_get),
            cmocka_unit_test(what_is_sent_stays_with_its_host),
            cmocka_unit_test(an_error_says_what_it_said),
            cmocka_unit_test(a_certificate_is_shown_to_its_host_alone),
            cmocka_unit_test(a_key_that_is_pinned_is_the_only_one),
            cmocka_unit_test(a_connection_is_not_shared_past_a_pin),
            cmocka_unit_test(references_are_followed_from_where_they_stand),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
