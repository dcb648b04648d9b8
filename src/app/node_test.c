/* SPDX-License-Identifier: Apache-2.0 */
#include "app/node.h"

#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"

static struct arena *arena;
static char place[] = "/tmp/node_test.XXXXXX";

static int setup(void **state)
{
    (void)state;
    arena = arena_open("node test", ARENA_WORK, 64u << 20);
    return mkdtemp(place) == NULL;
}

static int teardown(void **state)
{
    (void)state;
    int removed = system(arena_printf(arena, "rm -r %s", place)); /* our own folder, made by mkdtemp */
    arena_close(arena);
    return removed;
}

static const char *in_place(const char *name)
{
    return arena_printf(arena, "%s/%s", place, name);
}

/* How many names are in a folder; -1: there is no such folder. */
static int names_in(const char *folder)
{
    DIR *open_folder = opendir(folder);
    int count = -2;
    if (open_folder == NULL)
        return -1;
    while (readdir(open_folder) != NULL)
        count++;
    closedir(open_folder);
    return count;
}

static struct node made(const char *name)
{
    struct node node;
    const struct node_plan plan = {in_place(name), "Melati", NULL, NULL};
    struct err err = node_make(&plan, NULL, NULL, arena, &node);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    return node;
}

static void assert_mode(const char *path, mode_t mode)
{
    struct stat stat_of;
    assert_int_equal(stat(path, &stat_of), 0);
    assert_int_equal(stat_of.st_mode & 0777, mode);
}

static void a_new_node_is_private_and_can_be_opened_by_file_or_folder(void **state)
{
    (void)state;
    umask(0); /* modes are ours, not the umask's */
    struct node node = made("new");
    struct key_pair pair;
    assert_mode(node.folder, 0700);
    assert_mode(node.conf, 0600);
    for (const char *const *name = node_folders; *name != NULL; name++)
        assert_mode(node_path(&node, *name, arena), 0700);
    assert_mode(node_path(&node, "keys/node.key", arena), 0600);
    const char *const named[] = {in_place("new"), in_place("new/node.conf"), in_place("new/")};
    for (size_t i = 0; i < COUNT_OF(named); i++) {
        struct node opened;
        assert_int_equal(node_open(named[i], arena, &opened).kind, ERR_NONE);
        assert_string_equal(opened.config.name, "Melati");
        assert_int_equal(node_key(&opened, arena, &pair).kind, ERR_NONE);
        node_close(&opened);
    }
    umask(022);
}

static void an_empty_folder_is_taken_and_a_full_one_is_left_alone(void **state)
{
    (void)state;
    struct node node;
    struct node_plan plan = {in_place("empty"), "Melati", "[::1]:9", NULL};
    assert_int_equal(mkdir(plan.folder, 0755), 0);
    assert_int_equal(node_make(&plan, NULL, NULL, arena, &node).kind, ERR_NONE);
    assert_mode(plan.folder, 0700);
    assert_int_equal(node.config.listen.port, 9);
    int before = names_in(plan.folder);
    struct err err = node_make(&plan, NULL, NULL, arena, &node);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_non_null(strstr(err.why, "is a node already"));
    assert_int_equal(names_in(plan.folder), before);
    assert_int_equal(node_open(plan.folder, arena, &node).kind, ERR_NONE);
}

static struct err make_a_mess(void *context, const struct node *node)
{
    (void)context;
    FILE *file = fopen(node_path(node, "node.db", arena), "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(access(node->conf, F_OK), -1); /* it comes last */
    return err_make(ERR_SYSTEM, "the disk is full");
}

static void a_failure_leaves_nothing_behind(void **state)
{
    (void)state;
    struct node node;
    struct node_plan plan = {in_place("failed"), "Melati", NULL, NULL};
    assert_string_equal(node_make(&plan, make_a_mess, NULL, arena, &node).why, "the disk is full");
    assert_int_equal(names_in(plan.folder), -1);
    assert_int_equal(mkdir(plan.folder, 0700), 0);
    assert_string_equal(node_make(&plan, make_a_mess, NULL, arena, &node).why, "the disk is full");
    assert_int_equal(names_in(plan.folder), 0); /* it was there before */
}

static void a_plan_that_does_not_hold_makes_nothing(void **state)
{
    (void)state;
    static const struct {
        const char *name, *listen, *database, *part;
    } rows[] = {
            {"Melati", "nowhere", NULL, "listen wants an address"},
            {"", NULL, NULL, "name has no value"},
            {"  ", NULL, NULL, "name has no value"},
            {"Melati\n[feeds]\nproxy = http://192.0.2.1:1", NULL, NULL, "one line of text"},
            {"Melati", "127.0.0.1:1\r\nname = b", NULL, "one line of text"},
            {"Melati", NULL, "node.db\n[feeds]", "one line of text"},
            {"Melati", NULL, "mysql://192.0.2.1/node", "database wants a path, or"},
            {"caf\xe9", NULL, NULL, "not UTF-8"},
            {"\x1b[31m", NULL, NULL, "control character"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct node node;
        const struct node_plan plan = {in_place("never"), rows[i].name, rows[i].listen, rows[i].database};
        struct err err = node_make(&plan, NULL, NULL, arena, &node);
        assert_int_equal(err.kind, ERR_INPUT);
        assert_non_null(strstr(err.why, rows[i].part));
        assert_int_equal(names_in(plan.folder), -1);
    }
    struct node node;
    const struct node_plan nowhere = {in_place("no/such/place"), "Melati", NULL, NULL};
    assert_int_equal(node_make(&nowhere, NULL, NULL, arena, &node).kind, ERR_MISSING);
}

static void one_server_at_a_time_and_commands_beside_it(void **state)
{
    (void)state;
    struct node first = made("served"), second, third;
    assert_int_equal(node_lock(&first, arena).kind, ERR_NONE);
    assert_int_equal(node_open(first.folder, arena, &second).kind, ERR_NONE);
    struct err err = node_lock(&second, arena);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_non_null(strstr(err.why, arena_printf(arena, "a server (process %ld) is at work", (long)getpid())));
    node_close(&first);
    assert_int_equal(node_lock(&second, arena).kind, ERR_NONE);
    assert_mode(node_path(&second, "lock", arena), 0600);
    node_close(&second);
    /* a server that was killed holds nothing */
    pid_t child = fork();
    if (child == 0)
        _exit(node_open(first.folder, arena, &third).kind != ERR_NONE || node_lock(&third, arena).kind != ERR_NONE);
    int status = -1;
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
    assert_int_equal(node_lock(&second, arena).kind, ERR_NONE);
    node_close(&second);
}

static void a_folder_that_others_write_into_is_refused(void **state)
{
    (void)state;
    struct node node = made("open"), opened;
    assert_int_equal(chmod(node.folder, 0770), 0);
    struct err err = node_open(node.folder, arena, &opened);
    assert_int_equal(err.kind, ERR_DENIED);
    assert_non_null(strstr(err.why, "chmod 700"));
    assert_int_equal(chmod(node.folder, 0755), 0);
    assert_int_equal(node_open(node.folder, arena, &opened).kind, ERR_NONE);
}

static void keys_that_others_read_or_that_do_not_belong_together_are_refused(void **state)
{
    (void)state;
    struct node node = made("keys"), other = made("other");
    struct key_pair pair;
    const char *secret_file = node_path(&node, "keys/node.key", arena);
    assert_int_equal(chmod(secret_file, 0644), 0);
    assert_int_equal(node_key(&node, arena, &pair).kind, ERR_DENIED);
    assert_int_equal(chmod(secret_file, 0600), 0);
    assert_int_equal(rename(node_path(&other, "keys/node.key", arena), secret_file), 0);
    struct err err = node_key(&node, arena, &pair);
    assert_int_equal(err.kind, ERR_CONFLICT);
    assert_non_null(strstr(err.why, "does not belong to node.key beside it"));
}

static void a_node_is_reached_where_it_listens_or_by_its_machine(void **state)
{
    (void)state;
    static const struct {
        const char *listen, *url; /* NULL: of this machine */
        const char *more;
    } rows[] = {
            {"192.0.2.10:8443", "https://192.0.2.10:8443/", ""},
            {"[2001:db8::10]:443", "https://[2001:db8::10]:443/", ""},
            {"0.0.0.0:8443", NULL, ""},
            {"[::]:8443", NULL, ""},
            {"127.0.0.1:8443", "http://127.0.0.1:8443/", ""},
            {"[::1]:8443", "http://[::1]:8443/", ""},
            {"127.0.0.1:8443", "https://127.0.0.1:8443/", "[tls]\ncertificate = node.pem\n"},
            {"127.0.0.1:8443", "https://cert.example/", "[http]\nurl = https://cert.example\n"},
            {"0.0.0.0:8443", "https://cert.example:444/", "[http]\nurl = https://cert.example:444/\n"},
    };
    char host[257] = {0};
    assert_int_equal(gethostname(host, 256), 0);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct config_mistakes *mistakes = arena_new(arena, struct config_mistakes, 1);
        struct config config;
        const char *text = arena_printf(arena, "[node]\nname = Melati\nlisten = %s\n%s", rows[i].listen, rows[i].more);
        config_read(slice_of(text), "node.conf", arena, mistakes, &config);
        assert_int_equal(mistakes->count, 0);
        const char *expected = rows[i].url != NULL ? rows[i].url : arena_printf(arena, "https://%s:8443/", host);
        assert_string_equal(node_url(&config, arena), expected);
    }
}

static void a_node_has_to_be_named_and_there(void **state)
{
    (void)state;
    struct node node;
    assert_int_equal(node_open(NULL, arena, &node).kind, ERR_INPUT);
    assert_int_equal(node_open("", arena, &node).kind, ERR_INPUT);
    assert_int_equal(node_open(in_place("none"), arena, &node).kind, ERR_MISSING);
    assert_int_equal(node_open(place, arena, &node).kind, ERR_MISSING);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_new_node_is_private_and_can_be_opened_by_file_or_folder),
            cmocka_unit_test(an_empty_folder_is_taken_and_a_full_one_is_left_alone),
            cmocka_unit_test(a_failure_leaves_nothing_behind),
            cmocka_unit_test(a_plan_that_does_not_hold_makes_nothing),
            cmocka_unit_test(one_server_at_a_time_and_commands_beside_it),
            cmocka_unit_test(a_folder_that_others_write_into_is_refused),
            cmocka_unit_test(keys_that_others_read_or_that_do_not_belong_together_are_refused),
            cmocka_unit_test(a_node_is_reached_where_it_listens_or_by_its_machine),
            cmocka_unit_test(a_node_has_to_be_named_and_there),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
