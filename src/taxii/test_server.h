/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * For tests of this folder: tests/web/taxii.py, a TAXII server with the faults of real ones, started once for a
 * program.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "taxii/client.h"

static pid_t test_server = -1;
static int test_server_input = -1;
static unsigned test_server_port; /* 0: there is no python3 */

static inline void test_server_child(const int input[2], const int output[2])
{
    const char *root = getenv("KENTONGAN_ROOT");
    char script[4096];
    snprintf(script, sizeof script, "%s/tests/web/taxii.py", root == NULL ? "." : root);
    dup2(input[0], STDIN_FILENO);
    dup2(output[1], STDOUT_FILENO);
    close(input[1]);
    close(output[0]);
    execlp("python3", "python3", script, (char *)NULL);
    _exit(127);
}

static inline int test_server_start(void **state)
{
    int to[2], from[2];
    char line[64];
    (void)state;
    if (pipe(to) != 0 || pipe(from) != 0)
        return -1;
    test_server = fork();
    if (test_server == 0)
        test_server_child(to, from);
    close(to[0]);
    close(from[1]);
    test_server_input = to[1];
    FILE *said = fdopen(from[0], "r");
    while (fgets(line, sizeof line, said) != NULL && strcmp(line, "ready\n") != 0)
        sscanf(line, "port %u", &test_server_port);
    fclose(said);
    if (test_server_port == 0)
        printf("# skipped: python3 is needed for the server of this test\n");
    return 0;
}

static inline int test_server_stop(void **state)
{
    (void)state;
    close(test_server_input);
    waitpid(test_server, NULL, 0);
    return 0;
}

static inline struct http_client_options test_http_options(void)
{
    return (struct http_client_options){.plain_http = true,
            .connect_ms = 5000,
            .idle_ms = 5000,
            .total_ms = 30000,
            .bytes_max = 8u << 20,
            .redirects_max = 3};
}

/* A URL of the server with these faults. */
static inline const char *test_server_url(struct arena *arena, const char *faults, const char *path)
{
    if (test_server_port == 0)
        skip();
    return arena_printf(arena, "http://127.0.0.1:%u/%s/%s", test_server_port, faults, path);
}

static inline struct taxii_client test_client(struct arena *arena)
{
    struct http_client_options http = test_http_options();
    struct taxii_client_options options = {0};
    assert_int_equal(http_client_open(&http, arena, &options.http).kind, ERR_NONE);
    return taxii_client_open(&options);
}

struct test_said {
    struct buf text;
};

static inline struct err test_said_take(void *context, slice bytes)
{
    struct test_said *said = context;
    buf_put(&said->text, bytes);
    return OK;
}

/* Asks the server for something beside TAXII ("fill/read/100", "dump/open", "asked"), or puts a text there. */
static inline slice test_server_say(struct arena *arena, const char *faults, const char *path, const char *put)
{
    struct taxii_client client = test_client(arena);
    struct test_said said = {buf_make(64u << 20)};
    struct http_answer answer;
    const struct http_send send = {put == NULL ? S("") : slice_of(put), "application/json"};
    struct http_get get = {.url = test_server_url(arena, faults, path), .context = &said, .body = test_said_take};
    get.send = put == NULL ? NULL : &send;
    assert_int_equal(http_client_get(client.options.http, &get, arena, &answer).kind, ERR_NONE);
    http_client_close(client.options.http);
    slice text = arena_copy(arena, buf_slice(&said.text));
    buf_free(&said.text);
    return text;
}
