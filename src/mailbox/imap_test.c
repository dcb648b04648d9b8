/* SPDX-License-Identifier: Apache-2.0 */
/* Against a real server on loopback: tests/mail/imap.sh starts Debian's dovecot-imapd. */
#include "mailbox/imap.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "mailbox/test_port.h"
#include "mailbox/test_taker.h"

/* One server, with the maildir that it serves. */
struct server {
    char folder[40];
    unsigned port;
    pid_t pid;
    int input; /* it ends when this is closed */
    bool up;
};

static struct arena *arena;
static struct server plain, starttls;

static void server_child(const struct server *server, int input, int output)
{
    const char *root = getenv("KENTONGAN_ROOT");
    const char *script = arena_printf(arena, "%s/tests/mail/imap.sh", root == NULL ? "." : root);
    const char *port = arena_printf(arena, "%u", server->port);
    dup2(input, STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    execl(script, script, server->folder, port, (char *)NULL);
    _exit(127);
}

static void server_start(struct server *server)
{
    int to[2], from[2];
    char said[3] = "";
    server->port = test_port_free();
    if (pipe2(to, O_CLOEXEC) != 0 || pipe2(from, O_CLOEXEC) != 0)
        return;
    server->pid = fork();
    if (server->pid == 0)
        server_child(server, to[0], from[1]);
    close(to[0]);
    close(from[1]);
    server->input = to[1];
    server->up = read(from[0], said, 2) == 2 && strcmp(said, "up") == 0;
    close(from[0]);
    if (!server->up)
        printf("# skipped: Debian's dovecot-imapd is needed for the IMAP server of this test\n");
}

/* Its input was closed. */
static void server_end(const struct server *server)
{
    if (server->pid > 0)
        waitpid(server->pid, NULL, 0);
    if (system(arena_printf(arena, "rm -r %s", server->folder)) != 0) /* our own folder, made by mkdtemp */
        printf("# %s stays\n", server->folder);
}

static bool certificate_make(const char *folder)
{
    return system(arena_printf(arena,
                   "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=imap "
                   "-addext subjectAltName=IP:127.0.0.1 -keyout %s/key.pem -out %s/cert.pem >/dev/null 2>&1",
                   folder, folder)) == 0; /* names that we made */
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_open("test of IMAP", ARENA_WORK, 64u << 20);
    memcpy(plain.folder, "/tmp/kentongan-imap.XXXXXX", 27);
    memcpy(starttls.folder, "/tmp/kentongan-imap.XXXXXX", 27);
    if (mkdtemp(plain.folder) == NULL || mkdtemp(starttls.folder) == NULL)
        return 1;
    server_start(&plain);
    if (plain.up && certificate_make(starttls.folder))
        server_start(&starttls);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    close(plain.input);
    if (starttls.pid > 0)
        close(starttls.input);
    server_end(&plain);
    server_end(&starttls);
    arena_close(arena);
    return 0;
}

static void put(const struct server *server, const char *name, const char *text)
{
    FILE *file = fopen(arena_printf(arena, "%s/mail/new/%s", server->folder, name), "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static struct mailbox_imap_options options_of(const struct server *server)
{
    if (!server->up)
        skip();
    return (struct mailbox_imap_options){.server = arena_printf(arena, "imap://127.0.0.1:%u", server->port),
            .folder = "INBOX",
            .user = "kentongan",
            .password = "rahasia",
            .connect_ms = 5000,
            .total_ms = 10000};
}

static struct mailbox_taken take(const struct mailbox_imap_options *options, struct test_taker *taker,
        struct mailbox_imap_place *place, enum err_kind wanted)
{
    const struct mailbox_taker how = test_taker_of(taker);
    struct mailbox_taken taken = {0};
    buf_reset(&taker->came);
    struct err err = mailbox_imap_take(options, &how, place, arena, &taken);
    if (err.kind != wanted)
        fail_msg("%s: %s", err_name(err.kind), err.why);
    return taken;
}

static void mails_are_taken_once_and_in_order(void **state)
{
    const struct mailbox_imap_options options = options_of(&plain);
    struct test_taker taker = {0};
    struct mailbox_imap_place place = {0};
    (void)state;
    assert_int_equal(take(&options, &taker, &place, ERR_NONE).taken, 0);
    put(&plain, "1.a", "Subject: one\n\n)\n* 9 FETCH\n");
    put(&plain, "2.a", "Subject: two\n\nx\n");
    assert_int_equal(take(&options, &taker, &place, ERR_NONE).taken, 2);
    assert_true(
            slice_eq(buf_slice(&taker.came), S("Subject: one\r\n\r\n)\r\n* 9 FETCH\r\n|Subject: two\r\n\r\nx\r\n|")));
    assert_true(place.validity > 0 && place.last == 2);
    put(&plain, "3.a", "Subject: three\n\n");
    assert_int_equal(take(&options, &taker, &place, ERR_NONE).taken, 1);
    assert_int_equal(place.last, 3);
    place.validity++; /* as if the server counted anew */
    assert_int_equal(take(&options, &taker, &place, ERR_NONE).taken, 3);
    buf_free(&taker.came);
}

static void what_is_not_durable_is_asked_for_again(void **state)
{
    const struct mailbox_imap_options options = options_of(&plain);
    struct test_taker taker = {.err = {ERR_SYSTEM, "the disk is full"}};
    struct mailbox_imap_place place = {0};
    (void)state;
    put(&plain, "4.a", "Subject: trouble\n\n");
    put(&plain, "5.a", "Subject: five\n\n");
    assert_int_equal(take(&options, &taker, &place, ERR_SYSTEM).taken, 3);
    assert_int_equal(place.last, 3);
    taker.err = err_make(ERR_INPUT, "no mail");
    struct mailbox_taken taken = take(&options, &taker, &place, ERR_NONE);
    assert_int_equal(taken.taken, 1);
    assert_int_equal(taken.left, 1);
    assert_non_null(strstr(taken.why, "UID 4: no mail"));
    assert_int_equal(place.last, 5);
    taker.most = taker.calls; /* it is to stop */
    place.last = 0;
    (void)take(&options, &taker, &place, ERR_REMOTE);
    assert_int_equal(place.last, 0);
    buf_free(&taker.came);
}

static void what_is_too_large_is_left_there(void **state)
{
    const struct mailbox_imap_options options = options_of(&plain);
    struct test_taker taker = {0};
    struct mailbox_imap_place place = {0};
    (void)state;
    (void)take(&options, &taker, &place, ERR_NONE);
    put(&plain, "6.a", "Subject: large\n\n");
    assert_int_equal(
            truncate(arena_printf(arena, "%s/mail/new/6.a", plain.folder), (off_t)MAILBOX_BYTES_MAX + 4096), 0);
    put(&plain, "7.a", "Subject: seven\n\n");
    struct mailbox_taken taken = take(&options, &taker, &place, ERR_NONE);
    assert_int_equal(taken.taken, 1);
    assert_int_equal(taken.left, 1);
    assert_non_null(strstr(taken.why, "the mail is larger than 64 MiB"));
    assert_true(slice_eq(buf_slice(&taker.came), S("Subject: seven\r\n\r\n|")));
    buf_free(&taker.came);
}

static void a_server_that_cannot_be_read_says_why(void **state)
{
    struct mailbox_imap_options options = options_of(&plain);
    struct test_taker taker = {0};
    struct mailbox_imap_place place = {.validity = 7, .last = 9};
    (void)state;
    options.password = "salah";
    (void)take(&options, &taker, &place, ERR_REMOTE);
    options = options_of(&plain);
    options.folder = "Tidak Ada/Di Sini";
    (void)take(&options, &taker, &place, ERR_REMOTE);
    options = options_of(&plain);
    options.server = "imap://127.0.0.1:1";
    (void)take(&options, &taker, &place, ERR_REMOTE);
    static const char *const servers[] = {
            "http://mail.example", "imap://", "imap://mail.example/INBOX", "imap://user@mail.example", "imap", ""};
    for (size_t i = 0; i < COUNT_OF(servers); i++) {
        options.server = servers[i];
        (void)take(&options, &taker, &place, ERR_INPUT);
    }
    assert_true(place.validity == 7 && place.last == 9);
    buf_free(&taker.came);
}

static void the_connection_is_encrypted_and_the_server_known(void **state)
{
    struct mailbox_imap_options options = options_of(&starttls);
    struct test_taker taker = {0};
    struct mailbox_imap_place place = {0};
    (void)state;
    put(&starttls, "1.a", "Subject: one\n\n");
    options.ca_file = "/etc/ssl/certs/ca-certificates.crt";
    (void)take(&options, &taker, &place, ERR_REMOTE);
    options.ca_file = arena_printf(arena, "%s/cert.pem", starttls.folder);
    assert_int_equal(take(&options, &taker, &place, ERR_NONE).taken, 1);
    /* Who asks for it is not content without. */
    struct mailbox_imap_options clear = options_of(&plain);
    clear.ca_file = options.ca_file;
    (void)take(&clear, &taker, &place, ERR_REMOTE);
    buf_free(&taker.came);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(mails_are_taken_once_and_in_order),
            cmocka_unit_test(what_is_not_durable_is_asked_for_again),
            cmocka_unit_test(what_is_too_large_is_left_there),
            cmocka_unit_test(a_server_that_cannot_be_read_says_why),
            cmocka_unit_test(the_connection_is_encrypted_and_the_server_known),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
