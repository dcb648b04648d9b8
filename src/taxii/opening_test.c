/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/opening.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "ledger/entry.h"
#include "ledger/tree.h"
#include "store/released.h"
#include "json/write.h"

#define ARENA_MAX (16u << 20)

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_open("test of openings", ARENA_WORK, ARENA_MAX);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

static slice hex(slice bytes)
{
    struct buf text = buf_make(200);
    buf_hex(&text, bytes);
    slice copy = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return copy;
}

/* A release of these objects: its entry, and the opening as a node answers it. */
struct release {
    const char *const *ids;
    size_t count;
    struct ledger_field fields[3];
    slice entry, opening;
};

static struct sha256 digest_of(const char *id)
{
    return hash_sha256(slice_of(id));
}

static slice root_of(const struct release *release)
{
    struct ledger_tree tree = ledger_tree_open();
    for (size_t i = 0; i < release->count; i++) {
        struct sha256 digest = digest_of(release->ids[i]);
        struct sha256 leaf = ledger_merkle_leaf(store_released_leaf(slice_of(release->ids[i]), S("1"), &digest, arena));
        assert_int_equal(ledger_tree_add(&tree, &leaf).kind, ERR_NONE);
    }
    struct sha256 root = ledger_tree_root(&tree);
    ledger_tree_close(&tree);
    return hex(sha256_slice(&root));
}

static void leaves_write(struct json_writer *w, const struct release *release)
{
    json_write_key(w, S("leaves"));
    json_write_array(w);
    for (size_t i = 0; i < release->count; i++) {
        struct sha256 digest = digest_of(release->ids[i]);
        json_write_object(w);
        json_write_key_text(w, S("digest"), hex(sha256_slice(&digest)));
        json_write_key_text(w, S("id"), slice_of(release->ids[i]));
        json_write_key_text(w, S("version"), S("1"));
        json_write_end(w);
    }
    json_write_end(w);
}

static slice opening_of(const struct release *release, size_t fields)
{
    struct buf text = buf_make(1u << 20);
    struct json_writer w = json_writer(&text);
    json_write_object(&w);
    json_write_key(&w, S("fields"));
    json_write_array(&w);
    for (size_t i = 0; i < fields; i++) {
        const struct ledger_field *field = &release->fields[i];
        json_write_object(&w);
        json_write_key_text(&w, S("name"), field->name);
        json_write_key_text(&w, S("salt"), hex((slice){(const char *)field->salt, sizeof field->salt}));
        json_write_key_text(&w, S("value"), field->value);
        json_write_end(&w);
    }
    json_write_end(&w);
    leaves_write(&w, release);
    json_write_end(&w);
    slice copy = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return copy;
}

static struct release release_of(const char *kind, const char *const *ids, size_t count)
{
    struct release release = {.ids = ids, .count = count};
    struct buf entry = buf_make(1u << 16);
    release.fields[0] = (struct ledger_field){.name = S("kind"), .value = slice_of(kind)};
    release.fields[1] = (struct ledger_field){.name = S("root"), .value = root_of(&release)};
    release.fields[2] = (struct ledger_field){.name = S("time"), .value = S("2026-11-21T00:00:00Z")};
    assert_int_equal(ledger_entry_make(S("log"), 3, release.fields, 3, arena, &entry).kind, ERR_NONE);
    release.entry = arena_copy(arena, buf_slice(&entry));
    buf_free(&entry);
    release.opening = opening_of(&release, 3);
    return release;
}

static const char *const two[] = {"indicator--1", "malware--2"};

static void a_release_names_what_its_root_commits_to(void **state)
{
    struct taxii_opening opening;
    struct release release = release_of("release", two, 2);
    (void)state;
    struct err err = taxii_opening_read(release.opening, release.entry, arena, &opening);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(opening.leaf_count, 2);
    assert_true(slice_eq(opening.kind, S("release")) && slice_eq(opening.leaves[1].id, S("malware--2")));
}

/* The opening with a part replaced. */
static slice changed(slice text, const char *from, const char *to)
{
    size_t at = slice_find_slice(text, slice_of(from));
    assert_true(at < text.len);
    slice rest = slice_from(text, at + strlen(from));
    return slice_of(arena_printf(arena, "%.*s%s%.*s", (int)at, text.ptr, to, (int)rest.len, rest.ptr));
}

static void nothing_of_it_is_believed(void **state)
{
    struct release release = release_of("release", two, 2);
    const struct {
        const char *from, *to, *why;
    } cases[] = {
            {"malware--2", "malware--3", "do not lead to its root"},
            {"\"version\":\"1\"", "\"version\":\"2\"", "do not lead to its root"},
            {"2026-11-21", "2026-11-22", "its time is not what was entered"},
            {"\"name\":\"kind\"", "\"name\":\"king\"", "its king is not what was entered"},
            {"\"salt\":\"", "\"salt\":\"0", "a salt is not"},
            {"\"digest\":\"", "\"digest\":\"zz", "the digest of an object"}, {"{\"fields\"", "[\"fields\"", "no JSON"},
            {"\"leaves\"", "\"leaf\"", "do not lead to its root"}, /* naming nothing is no way out */
    };
    struct taxii_opening opening;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        slice text = changed(release.opening, cases[i].from, cases[i].to);
        struct err err = taxii_opening_read(text, release.entry, arena, &opening);
        enum err_kind kind = strstr(cases[i].why, "no JSON") != NULL ? ERR_REMOTE : ERR_INPUT;
        if (err.kind != kind || strstr(err.why, cases[i].why) == NULL)
            fail_msg("case %zu: %s: %s", i, err_name(err.kind), err.why == NULL ? "" : err.why);
    }
}

static void what_was_erased_says_nothing_and_is_no_fault(void **state)
{
    struct taxii_opening opening;
    struct release release = release_of("release", two, 2);
    (void)state;
    assert_int_equal(taxii_opening_read(opening_of(&release, 1), release.entry, arena, &opening).kind, ERR_NONE);
    assert_int_equal(opening.leaf_count, 0); /* without the root nobody can say what was in it */
    assert_int_equal(taxii_opening_read(S("{\"fields\":[]}"), release.entry, arena, &opening).kind, ERR_NONE);
    assert_true(opening.kind.len == 0 && opening.leaf_count == 0);
}

static void only_releases_name_objects(void **state)
{
    struct taxii_opening opening;
    struct release release = release_of("agreement", two, 2);
    (void)state;
    assert_int_equal(taxii_opening_read(release.opening, release.entry, arena, &opening).kind, ERR_INPUT);
}

/* What is no page says nothing; of a long one no more is taken than was asked for. */
static void a_page_is_read_as_far_as_it_was_asked_for(void **state)
{
    static const char *const none[] = {"", "[]", "{", "null", "{\"entries\":[{\"entry\":\"x\",\"opening\":{}}]}",
            "{\"entries\":[{\"entry\":\"x\",\"opening\":{},\"seq\":\"7\"}]}", "{\"entries\":[7]}"};
    struct taxii_kept *rows;
    size_t count;
    (void)state;
    for (size_t i = 0; i < COUNT_OF(none); i++)
        assert_int_equal(taxii_kept_read(slice_of(none[i]), 9, arena, &rows, &count).kind, ERR_REMOTE);
    slice page = S(" {\"entries\":[{\"entry\":\"a\\n\",\"opening\":{\"fields\":[]},\"seq\":7},"
                   "{\"entry\":\"b\",\"opening\":null,\"seq\":8},{\"seq\":9}]}\n");
    assert_int_equal(taxii_kept_read(page, 2, arena, &rows, &count).kind, ERR_NONE);
    assert_int_equal(count, 2);
    assert_true(
            rows[0].seq == 7 && slice_eq(rows[0].entry, S("a\n")) && slice_eq(rows[0].opening, S("{\"fields\":[]}")));
    assert_true(rows[1].seq == 8 && rows[1].opening.len == 0);
    assert_int_equal(taxii_kept_read(S("{}"), 2, arena, &rows, &count).kind, ERR_NONE);
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(a_release_names_what_its_root_commits_to, set_up, tear_down),
            cmocka_unit_test_setup_teardown(nothing_of_it_is_believed, set_up, tear_down),
            cmocka_unit_test_setup_teardown(what_was_erased_says_nothing_and_is_no_fault, set_up, tear_down),
            cmocka_unit_test_setup_teardown(only_releases_name_objects, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_page_is_read_as_far_as_it_was_asked_for, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
