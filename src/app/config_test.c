/* SPDX-License-Identifier: Apache-2.0 */
#include "app/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"

static struct arena *arena;
static struct config_mistakes mistakes;
static struct config config;

static int setup(void **state)
{
    (void)state;
    arena = arena_open("config test", ARENA_WORK, 64u << 20);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

static void read_text(const char *text)
{
    config_read(slice_of(text), "/srv/node/node.conf", arena, &mistakes, &config);
}

static void assert_fine(const char *text)
{
    read_text(text);
    if (mistakes.count > 0)
        fail_msg("%zu: %s", mistakes.rows[0].line, mistakes.rows[0].why);
}

/* Behind a name, so that nothing else is missing: one mistake, at this place, with this in its sentence. */
static void assert_mistake(const char *text, size_t line, size_t column, const char *part)
{
    read_text(arena_printf(arena, "[node]\nname = Melati\n%s", text));
    assert_int_equal(mistakes.count, 1);
    if (strstr(mistakes.rows[0].why, part) == NULL)
        fail_msg("\"%s\" is not in: %s", part, mistakes.rows[0].why);
    assert_int_equal(mistakes.rows[0].line, line);
    assert_int_equal(mistakes.rows[0].column, column);
}

static void every_row_takes_its_own_default_and_shows_it(void **state)
{
    (void)state;
    assert_fine("[node]\nname = Melati\n");
    for (size_t i = 0; i < config_row_count; i++) {
        const struct config_row *row = &config_rows[i];
        const char *shown = config_shown(&config, row, arena);
        if (row->otherwise == NULL)
            assert_string_equal(shown, "Melati");
        else if (row->type == CONFIG_DATABASE)
            assert_string_equal(shown, arena_printf(arena, "/srv/node/%s", row->otherwise));
        else
            assert_string_equal(shown, row->otherwise);
        if (row->otherwise != NULL && *row->otherwise != 0)
            assert_fine(arena_printf(arena, "[node]\nname = Melati\n%s%s%s%s = %s\n",
                    strcmp(row->section, "node") == 0 ? "" : "[", strcmp(row->section, "node") == 0 ? "" : row->section,
                    strcmp(row->section, "node") == 0 ? "" : "]\n", row->key, row->otherwise));
    }
}

static void no_two_rows_share_a_name_or_a_target(void **state)
{
    (void)state;
    for (size_t i = 0; i < config_row_count; i++)
        for (size_t k = 0; k < i; k++) {
            assert_true(strcmp(config_rows[i].section, config_rows[k].section) != 0 ||
                        strcmp(config_rows[i].key, config_rows[k].key) != 0);
            assert_int_not_equal(config_rows[i].target, config_rows[k].target);
        }
}

static void what_is_said_is_what_holds(void **state)
{
    (void)state;
    assert_fine("[node]\nname = Melati CERT\nlisten = [2001:db8::1]:443\ndatabase = data/melati.db\n"
                "[retention]\noriginals = 400 d\n[import]\nbytes = 2 gib\nobjects = 7\n"
                "[feeds]\nproxy = socks5h://192.0.2.1:1080\nca = ../ca.pem\nplain-http = No\nidle-timeout = 1500ms\n");
    assert_string_equal(config.name, "Melati CERT");
    assert_int_equal(config.listen.ip.family, 6);
    assert_int_equal(config.listen.port, 443);
    assert_string_equal(config.database, "/srv/node/data/melati.db");
    assert_true(config.retention.originals_ms == UINT64_C(400) * 86400 * 1000);
    assert_true(config.import.bytes_max == UINT64_C(2) << 30);
    assert_int_equal(config.import.objects_max, 7);
    assert_string_equal(config.feeds.proxy, "socks5h://192.0.2.1:1080");
    assert_string_equal(config.feeds.ca_file, "/srv/node/../ca.pem");
    assert_false(config.feeds.plain_http);
    assert_int_equal(config.feeds.idle_ms, 1500);
    assert_int_equal(config.feeds.connect_ms, 10000);
    assert_string_equal(config.folder, "/srv/node");
}

static void an_absolute_path_and_a_postgresql_stay_as_they_are(void **state)
{
    (void)state;
    assert_fine("[node]\nname = M\ndatabase = /var/lib/melati.db\n");
    assert_string_equal(config.database, "/var/lib/melati.db");
    assert_fine("[node]\nname = M\ndatabase = postgresql://drum:secret@192.0.2.1/node\n");
    assert_string_equal(config.database, "postgresql://drum:secret@192.0.2.1/node");
}

static void passwords_are_not_shown(void **state)
{
    (void)state;
    assert_fine("[node]\nname = M\ndatabase = postgresql://drum:melati@192.0.2.1/node?password=melati\n"
                "[feeds]\nproxy = http://drum:melati@192.0.2.1:3128\n");
    for (size_t i = 0; i < config_row_count; i++)
        assert_null(strstr(config_shown(&config, &config_rows[i], arena), "melati"));
    assert_string_equal(config.feeds.proxy, "http://drum:melati@192.0.2.1:3128");
}

static void each_type_refuses_what_it_does_not_take(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t line, column;
        const char *part;
    } rows[] = {
            {"listen = 127.0.0.1\n", 3, 10, "127.0.0.1:8443 or [::1]:8443"},
            {"listen = 127.0.0.1:65536\n", 3, 10, "listen wants"},
            {"listen = ::1:8443\n", 3, 10, "listen wants"},
            {"listen = [127.0.0.1]:8443\n", 3, 10, "listen wants"},
            {"listen = localhost:8443\n", 3, 10, "listen wants"},
            {"listen = :8443\n", 3, 10, "listen wants"},
            {"[http]\nurl = cert.example\n", 4, 7, "url wants https://HOST/"},
            {"[http]\nurl = https://cert.example/console\n", 4, 7, "and no path"},
            {"[http]\nurl = https://ayu@cert.example/\n", 4, 7, "url wants"},
            {"[http]\nurl = https://\n", 4, 7, "url wants"},
            {"[http]\nbehind-proxy = 1\n", 4, 16, "behind-proxy wants yes or no"},
            {"[http]\nworkers = 0\n", 4, 11, "workers goes from 1 to 256"},
            {"database = mysql://192.0.2.1/node\n", 3, 12, "begins with postgresql://"},
            {"[import]\nobjects = 0\n", 4, 11, "objects goes from 1 to 1000000000"},
            {"[import]\nobjects = 1000000001\n", 4, 11, "objects goes from 1 to 1000000000"},
            {"[import]\nobjects = -1\n", 4, 11, "objects wants a whole number"},
            {"[import]\nobjects = 5 KiB\n", 4, 11, "objects wants a whole number"},
            {"[import]\nbytes = 1023\n", 4, 9, "bytes goes from 1KiB to 16TiB"},
            {"[import]\nbytes = 16777216TiB\n", 4, 9, "bytes wants a size"}, /* 2^64 bytes */
            {"[import]\nbytes = 99999999999999999999\n", 4, 9, "bytes wants a size"},
            {"[import]\nbytes = 5MB\n", 4, 9, "bytes wants a size in bytes, KiB, MiB, GiB or TiB"},
            {"[feeds]\ntimeout = 5\n", 4, 11, "timeout wants a time in ms, s, min, h or d"},
            {"[feeds]\ntimeout = 25h\n", 4, 11, "timeout goes from 1s to 1d"},
            {"[feeds]\nplain-http = true\n", 4, 14, "plain-http wants yes or no"},
            {"[feeds]\nproxy = 192.0.2.1:3128\n", 4, 9, "proxy wants http://HOST:PORT"},
            {"[feeds]\nproxy = http://\n", 4, 9, "proxy wants http://HOST:PORT"},
            {"[feeds]\nproxy =\n", 4, 8, "leave the line out for the default"},
            {"[feeds]\nredirects =\n", 4, 12, "leave the line out for the default, 5"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_mistake(rows[i].text, rows[i].line, rows[i].column, rows[i].part);
    char longest[300];
    memset(longest, 'd', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    read_text(arena_printf(arena, "[node]\nname = %s\n", longest));
    assert_int_equal(mistakes.count, 1);
    assert_string_equal(mistakes.rows[0].why, "name is longer than 200 bytes");
}

static void what_is_mistyped_is_guessed(void **state)
{
    (void)state;
    assert_mistake("lisen = 127.0.0.1:1\n", 3, 1, "[node] has no key lisen; did you mean listen?");
    assert_mistake("Listen = 127.0.0.1:1\n", 3, 1, "did you mean listen?");
    assert_mistake("proxy = http://192.0.2.1\n", 3, 1, "[node] has no key proxy; it belongs into [feeds]");
    assert_mistake("[feed]\nproxy = x\n", 3, 1, "there is no section [feed]; did you mean [feeds]?");
    assert_mistake("[weather]\nrain = x\n", 3, 1, "there is no section [weather]");
    assert_null(strstr(mistakes.rows[0].why, "did you mean"));
    assert_mistake("rain = x\n", 3, 1, "[node] has no key rain");
    char longest[2000];
    memset(longest, 'd', sizeof longest - 1);
    longest[sizeof longest - 1] = 0;
    assert_mistake(arena_printf(arena, "%s = x\n", longest), 3, 1, "[node] has no key ddd");
}

static void what_is_doubled_or_missing_is_told(void **state)
{
    (void)state;
    assert_mistake("name = Kenanga\n", 3, 1, "name stands in line 2 already");
    assert_mistake("[feeds]\n[node]\n", 4, 1, "the section [node] began in line 1 already");
    read_text("");
    assert_int_equal(mistakes.count, 1);
    assert_non_null(strstr(mistakes.rows[0].why, "there is no section [node] with name"));
    assert_int_equal(mistakes.rows[0].line, 1);
    read_text("[node]\nlisten = 127.0.0.1:1\n\n");
    assert_int_equal(mistakes.count, 1);
    assert_non_null(strstr(mistakes.rows[0].why, "[node] does not say name"));
    assert_int_equal(mistakes.rows[0].line, 3);
    read_text("name = Melati\n");
    assert_int_equal(mistakes.count, 2);
    assert_non_null(strstr(mistakes.rows[0].why, "begin with one, as [node]"));
}

static void all_mistakes_are_told_in_order_and_the_rest_counted(void **state)
{
    (void)state;
    struct buf text = buf_make(1 << 20);
    buf_put(&text, S("[node]\nname = Melati\n"));
    for (size_t i = 0; i < 3 * CONFIG_MISTAKES_MAX; i++)
        buf_put(&text, S("wrong\n"));
    buf_byte(&text, '\0');
    read_text(text.ptr);
    assert_int_equal(mistakes.count, 3 * CONFIG_MISTAKES_MAX);
    for (size_t i = 0; i < CONFIG_MISTAKES_MAX; i++)
        assert_int_equal(mistakes.rows[i].line, i + 3);
    buf_free(&text);
}

static void what_is_written_is_read_again(void **state)
{
    (void)state;
    const struct config_said said[] = {{"node", "name", "Melati"}, {"feeds", "redirects", "3"}};
    struct buf text = buf_make(1 << 20);
    config_write(&text, said, COUNT_OF(said), arena);
    buf_byte(&text, '\0');
    assert_fine(text.ptr);
    assert_string_equal(config.name, "Melati");
    assert_int_equal(config.feeds.redirects_max, 3);
    for (size_t i = 0; i < config_row_count; i++)
        assert_non_null(strstr(text.ptr, config_rows[i].about));
    buf_free(&text);
}

static void a_file_with_mistakes_is_not_loaded(void **state)
{
    (void)state;
    char file[] = "/tmp/config_test.XXXXXX";
    FILE *out = fdopen(mkstemp(file), "w");
    fputs("[node]\nnome = Melati\nlisten = here\n", out);
    fclose(out);
    struct err err = config_load(file, arena, &config);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_string_equal(err.why,
            arena_printf(arena,
                    "%s has 3 mistakes\n%s:2: [node] has no key nome; did you mean name?\n"
                    "%s:3: listen wants an address and a port up to 65535, as 127.0.0.1:8443 or [::1]:8443\n"
                    "%s:3: [node] does not say name: The organisation that runs this node, as its partners know it",
                    file, file, file, file));
    remove(file);
    assert_int_equal(config_load(file, arena, &config).kind, ERR_MISSING);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_row_takes_its_own_default_and_shows_it),
            cmocka_unit_test(no_two_rows_share_a_name_or_a_target),
            cmocka_unit_test(what_is_said_is_what_holds),
            cmocka_unit_test(an_absolute_path_and_a_postgresql_stay_as_they_are),
            cmocka_unit_test(passwords_are_not_shown),
            cmocka_unit_test(each_type_refuses_what_it_does_not_take),
            cmocka_unit_test(what_is_mistyped_is_guessed),
            cmocka_unit_test(what_is_doubled_or_missing_is_told),
            cmocka_unit_test(all_mistakes_are_told_in_order_and_the_rest_counted),
            cmocka_unit_test(what_is_written_is_read_again),
            cmocka_unit_test(a_file_with_mistakes_is_not_loaded),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
