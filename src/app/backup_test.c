/* SPDX-License-Identifier: Apache-2.0 */
#include "app/backup.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "store/journal.h"

static struct arena *arena;
static char place[] = "/tmp/kentongan-test-XXXXXX";
static struct local local;

static const char *in_place(const char *name)
{
    return arena_printf(arena, "%s/%s", place, name);
}

static void ok(struct err err)
{
    if (err.kind != ERR_NONE)
        fail_msg("%s: %s", err_name(err.kind), err.why);
}

static struct err make_database(void *context, const struct node *node)
{
    struct db *db;
    (void)context;
    TRY(local_database(&node->config, true, arena, &db));
    db_close(db);
    return OK;
}

/* A node at work: the folder "node", open. */
static int set_up(void **state)
{
    (void)state;
    arena = arena_open("test", ARENA_WORK, 256u << 20);
    memcpy(place + sizeof place - 7, "XXXXXX", 6);
    if (mkdtemp(place) == NULL)
        return -1;
    const struct node_plan plan = {.folder = in_place("node"), .name = "Melati CERT"};
    local = (struct local){.arena = arena, .actor = local_actor(0, arena)};
    ok(node_make(&plan, make_database, NULL, arena, &local.node));
    ok(local_database(&local.node.config, false, arena, &local.db));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    const char *rm = arena_printf(arena, "rm -r %s", place);
    db_close(local.db);
    node_close(&local.node);
    int status = system(rm); /* our own folder, made by mkdtemp */
    arena_close(arena);
    return status;
}

/* How many names are in the place but the node. */
static int others(void)
{
    DIR *folder = opendir(place);
    int count = 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
                 strcmp(entry->d_name, "node") != 0;
    closedir(folder);
    return count;
}

static struct backup_done back_up(const char *name)
{
    const struct backup_plan plan = {.file = in_place(name), .keys = true};
    struct backup_done done;
    ok(backup_make(&local, &plan, &done));
    return done;
}

static struct err bring_back(const char *name, const char *folder, struct restore_done *done)
{
    const struct restore_plan plan = {.file = in_place(name), .folder = in_place(folder)};
    return restore_make(&local.actor, &plan, arena, done);
}

static slice text_of(const char *path)
{
    char *room = arena_take(arena, 1u << 16);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t got = fread(room, 1, 1u << 16, file);
    fclose(file);
    return (slice){room, got};
}

static void put_text(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* The newest row of the journal. */
static struct journal_row newest(struct db *db)
{
    struct journal_row *rows;
    size_t count;
    ok(store_journal_latest(db, INT64_MAX, 1, arena, &rows, &count));
    assert_int_equal(count, 1);
    return rows[0];
}

static const char *hex_of(const struct sha256 *digest)
{
    struct buf hex = buf_make(2 * sizeof *digest);
    buf_hex(&hex, (slice){(const char *)digest->bytes, sizeof digest->bytes});
    const char *text = arena_cstr(arena, buf_slice(&hex));
    buf_free(&hex);
    return text;
}

static bool holds(slice text, const char *part)
{
    return slice_find_slice(text, slice_of(part)) < text.len;
}

static void who_may_not_gets_nothing(void **state)
{
    (void)state;
    static const enum role roles[] = {ROLE_ANALYST, ROLE_AUDITOR, ROLE_SYSADMIN, ROLE_CONSTITUENT_ADMIN};
    const struct backup_plan plan = {.file = in_place("a.tar"), .keys = true};
    struct backup_done done;
    struct restore_done restored;
    back_up("good.tar");
    const struct restore_plan again = {.file = in_place("good.tar"), .folder = in_place("again")};
    for (size_t i = 0; i < COUNT_OF(roles); i++) {
        struct actor actor = {.organisation = 1, .name = S("melur"), .how = ACTOR_SECOND_FACTOR};
        actor.roles = 1u << roles[i];
        struct local other = local;
        other.actor = actor;
        assert_int_equal(backup_make(&other, &plan, &done).kind, ERR_DENIED);
        assert_int_equal(restore_make(&actor, &again, arena, &restored).kind, ERR_DENIED);
    }
    assert_int_equal(others(), 1);
}

static void both_journals_know_which_backup_it_was(void **state)
{
    (void)state;
    struct restore_done restored;
    struct backup_done done = back_up("a.tar");
    struct journal_row row = newest(local.db);
    assert_true(slice_eq(row.act, S("node.backup")) && slice_eq(row.subject, S("node")));
    assert_true(holds(row.detail, hex_of(&done.digest)) && holds(row.detail, hex_of(&done.manifest)));
    assert_true(holds(row.detail, "\"keys\":true"));
    ok(bring_back("a.tar", "again", &restored));
    struct config config;
    struct db *db;
    ok(config_load(restored.conf, arena, &config));
    ok(local_database(&config, false, arena, &db));
    row = newest(db);
    assert_true(slice_eq(row.act, S("node.restore")) && holds(row.detail, hex_of(&done.manifest)));
    db_close(db);
}

/* Its database is in its folder afterwards, whatever was said; nothing else of the text is another. */
static void the_configuration_says_where_the_database_is_now(void **state)
{
    (void)state;
    static const struct {
        const char *before, *after;
    } rows[] = {
            {"[node]\nname = Melati\n", "[node]\nname = Melati\n"},
            {"[node]\nname = Melati", "[node]\nname = Melati"},
            {"[node]\nname = Melati\ndatabase = node.db\n", "[node]\nname = Melati\ndatabase = node.db\n"},
            {"[node]\n  database=../other.db  \nname = Melati", "[node]\ndatabase = node.db\nname = Melati\n"},
            {"# database = x\n[feeds]\nbytes = 1MiB\n[node]\nname = Melati\ndatabase = /var/x.db\n",
                    "# database = x\n[feeds]\nbytes = 1MiB\n[node]\nname = Melati\ndatabase = node.db\n"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *name = arena_printf(arena, "%zu.tar", i), *folder = arena_printf(arena, "again%zu", i);
        struct restore_done restored;
        put_text(local.node.conf, rows[i].before);
        back_up(name);
        ok(bring_back(name, folder, &restored));
        slice after = text_of(restored.conf);
        if (!slice_eq(after, slice_of(rows[i].after)))
            fail_msg("%zu: %.*s", i, (int)after.len, after.ptr);
    }
}

static void a_configuration_with_mistakes_is_not_restored(void **state)
{
    (void)state;
    struct restore_done restored;
    put_text(local.node.conf, "[node]\nname = Melati\nlisten = nowhere\n");
    back_up("a.tar");
    struct err err = bring_back("a.tar", "again", &restored);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_non_null(strstr(err.why, "is not one for this kentongan"));
    assert_int_equal(others(), 1);
}

static bool at_once(void *context)
{
    int *left = context;
    return (*left)-- <= 0;
}

static void who_stops_leaves_nothing_wherever(void **state)
{
    (void)state;
    back_up("good.tar");
    for (int after = 0; after < 8; after++) {
        int left = after;
        struct backup_done done;
        struct backup_plan plan = {.file = in_place("a.tar"), .keys = true, .told = {NULL, at_once, &left}};
        struct err err = backup_make(&local, &plan, &done);
        assert_int_equal(err.kind, ERR_SYSTEM);
        assert_non_null(strstr(err.why, "stopped"));
        assert_int_equal(others(), 1);
    }
    for (int after = 0; after < 5; after++) {
        int left = after;
        struct restore_done done;
        struct restore_plan plan = {
                .file = in_place("good.tar"), .folder = in_place("again"), .told = {NULL, at_once, &left}};
        struct err err = restore_make(&local.actor, &plan, arena, &done);
        assert_int_equal(err.kind, ERR_SYSTEM);
        assert_non_null(strstr(err.why, "stopped"));
        assert_int_equal(others(), 1);
    }
}

static void a_configuration_that_is_a_link_is_kept_as_a_file(void **state)
{
    (void)state;
    struct restore_done restored;
    assert_int_equal(rename(local.node.conf, in_place("kept.conf")), 0);
    assert_int_equal(symlink("../kept.conf", local.node.conf), 0);
    back_up("a.tar");
    ok(bring_back("a.tar", "again", &restored));
    assert_true(slice_eq(text_of(restored.conf), text_of(in_place("kept.conf"))));
    assert_int_equal(unlink(in_place("node/keys/node.pub")), 0);
    assert_int_equal(symlink("node.key", in_place("node/keys/node.pub")), 0);
    const struct backup_plan plan = {.file = in_place("b.tar"), .keys = true};
    struct backup_done done;
    struct err err = backup_make(&local, &plan, &done);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_non_null(strstr(err.why, "is neither a file nor a folder"));
}

/* A checkpoint that another hand writes again and again: whoever reads has one or the other. */
static bool rewrite(void *context)
{
    int *calls = context;
    if ((*calls)++ < 6)
        put_text(in_place("node/ledger/checkpoint"), *calls % 2 == 0 ? "checkpoint 2\n" : "checkpoint 1\n");
    return false;
}

static void a_file_that_changes_meanwhile_is_read_again(void **state)
{
    (void)state;
    int calls = 0;
    struct backup_done done;
    struct restore_done restored;
    struct backup_plan plan = {.file = in_place("a.tar"), .keys = true, .told = {NULL, rewrite, &calls}};
    put_text(in_place("node/ledger/checkpoint"), "checkpoint 0\n");
    ok(backup_make(&local, &plan, &done));
    assert_true(calls > 6);
    ok(bring_back("a.tar", "again", &restored));
    assert_true(holds(text_of(in_place("again/ledger/checkpoint")), "checkpoint "));
}

static void what_a_killed_one_left_is_taken_away_and_nothing_else(void **state)
{
    (void)state;
    static const char *const kept[] = {".kentongan-restore-abcdef", ".kentongan-other", ".kentongan-backup-young1"};
    const char *stale = in_place(".kentongan-backup-abcdef");
    assert_int_equal(mkdir(stale, 0700), 0);
    put_text(arena_printf(arena, "%s/database", stale), "half");
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        assert_int_equal(mkdir(in_place(kept[i]), 0700), 0);
    const char *touch = arena_printf(arena, "touch -d '5 minutes ago' %s %s", stale, in_place(kept[0]));
    assert_int_equal(system(touch), 0); /* our own folders */
    back_up("a.tar");
    assert_int_equal(access(stale, F_OK), -1);
    for (size_t i = 0; i < COUNT_OF(kept); i++)
        assert_int_equal(access(in_place(kept[i]), F_OK), 0);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(who_may_not_gets_nothing, set_up, tear_down),
            cmocka_unit_test_setup_teardown(both_journals_know_which_backup_it_was, set_up, tear_down),
            cmocka_unit_test_setup_teardown(the_configuration_says_where_the_database_is_now, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_configuration_with_mistakes_is_not_restored, set_up, tear_down),
            cmocka_unit_test_setup_teardown(who_stops_leaves_nothing_wherever, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_configuration_that_is_a_link_is_kept_as_a_file, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_file_that_changes_meanwhile_is_read_again, set_up, tear_down),
            cmocka_unit_test_setup_teardown(what_a_killed_one_left_is_taken_away_and_nothing_else, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
