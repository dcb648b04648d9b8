/* SPDX-License-Identifier: Apache-2.0 */
/* The client against a server with the faults of real ones: what lies there, and every page of it. */
#include "taxii/pages.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "taxii/site.h"
#include "taxii/test_server.h"
#include "json/read.h"

#define OBJECTS 2300

static struct arena *arena;

static int setup(void **state)
{
    arena = arena_open("pages test", ARENA_WORK, 256u << 20);
    return test_server_start(state);
}

static int teardown(void **state)
{
    arena_close(arena);
    return test_server_stop(state);
}

/* ---- What lies behind a URL ---- */

static struct err look(const char *faults, const char *path, struct taxii_site *site)
{
    struct taxii_client client = test_client(arena);
    struct err err = taxii_site_look(&client, test_server_url(arena, faults, path), arena, site);
    http_client_close(client.options.http);
    return err;
}

static void every_url_of_a_server_leads_to_its_collections(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        size_t collections;
    } rows[] = {{"taxii2/", 4}, {"taxii2", 4}, {"api/", 4}, {"api/collections/", 4}, {"api/collections/read/", 1},
            {"api/collections/read/objects/", 1}, {"api/collections/read/?limit=3", 1}};
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct taxii_site site;
        struct err err = look("plain", rows[i].path, &site);
        if (err.kind != ERR_NONE)
            fail_msg("%s: %s", rows[i].path, err.why);
        assert_int_equal(site.root_count, 1);
        assert_int_equal(site.roots[0].collection_count, rows[i].collections);
        assert_string_equal(site.roots[0].url, test_server_url(arena, "plain", "api/"));
        assert_int_equal(site.roots[0].content_max, 10000000);
    }
}

static void rights_are_told(void **state)
{
    (void)state;
    struct taxii_site site;
    assert_int_equal(look("plain", "taxii2/", &site).kind, ERR_NONE);
    const struct taxii_collection *rows = site.roots[0].collections;
    assert_true(rows[0].can_read && rows[0].can_write);
    assert_true(rows[1].can_read && !rows[1].can_write);
    assert_true(!rows[2].can_read && rows[2].can_write);
    assert_true(!rows[3].can_read && !rows[3].can_write);
}

static void what_servers_do_otherwise_is_lived_with(void **state)
{
    (void)state;
    static const char *const faults[] = {"relative", "slash", "notype", "busy"};
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        struct taxii_site site;
        struct err err = look(faults[i], "taxii2", &site);
        if (err.kind != ERR_NONE)
            fail_msg("%s: %s", faults[i], err.why);
        assert_int_equal(site.root_count, 1);
        assert_int_equal(site.roots[0].collection_count, 4);
    }
}

static void a_root_on_another_host_is_named_and_not_asked(void **state)
{
    (void)state;
    struct taxii_site site;
    assert_int_equal(look("foreign", "taxii2/", &site).kind, ERR_NONE);
    assert_int_equal(site.root_count, 2);
    assert_true(site.roots[1].elsewhere);
    assert_string_equal(site.roots[1].url, "https://stranger.example/api/");
    assert_int_equal(site.roots[1].collection_count, 0);
}

static void assert_no_site(const char *faults, const char *path, enum err_kind kind, const char *part)
{
    struct taxii_site site;
    struct err err = look(faults, path, &site);
    if (err.kind != kind || strstr(err.why, part) == NULL)
        fail_msg("%s %s: %s: %s", faults, path, err_name(err.kind), err.why == NULL ? "" : err.why);
}

static void what_is_no_server_is_told(void **state)
{
    (void)state;
    assert_no_site("plain", "elsewhere/", ERR_MISSING, "there is no such thing");
    assert_no_site("plain", "dump/open", ERR_REMOTE, "is no TAXII");
    assert_no_site("auth", "taxii2/", ERR_AUTH, "who is it?");
    assert_no_site("manyroots", "taxii2/", ERR_LIMIT, "more than 64 API roots");
    assert_no_site("later", "taxii2/", ERR_REMOTE, "was asked too often (status 429)");
}

/* ---- Pages ---- */

struct read {
    uint64_t given, pages;
    bool seen[OBJECTS];
    size_t different, strange;
    struct taxii_pages end;
};

/* Which of the invented indicators it is. */
static void note(struct read *read, slice object)
{
    slice id = json_text(json_get(object, S("id")), arena);
    uint64_t number;
    bool ours = id.len == 47 && slice_u64(slice_from(id, 35), OBJECTS - 1, &number);
    read->given++;
    read->strange += !ours;
    read->different += ours && !read->seen[number];
    if (ours)
        read->seen[number] = true;
}

static struct err read_from(struct read *read, const char *faults, const struct taxii_place *place, uint64_t pages_most)
{
    struct taxii_client client = test_client(arena);
    struct arena *work = arena_open("page", ARENA_WORK, 64u << 20);
    const char *url = test_server_url(arena, faults, "api/collections/read/");
    struct taxii_pages pages = taxii_pages_open(&client, url, place, arena);
    struct err err = OK;
    while (err.kind == ERR_NONE && !pages.end && read->pages < pages_most) {
        struct taxii_page page;
        arena_reset(work);
        err = taxii_pages_next(&pages, work, &page);
        struct json_elements elements = json_elements(err.kind == ERR_NONE ? page.objects : S(""));
        for (slice element; json_element_next(&elements, &element);)
            note(read, element);
        read->pages++;
    }
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    read->end = pages;
    arena_close(work);
    http_client_close(client.options.http);
    return err;
}

static struct read *all_of(const char *faults)
{
    static const struct taxii_place beginning;
    struct read *read = arena_new(arena, struct read, 1);
    test_server_say(arena, faults, arena_printf(arena, "fill/read/%d", OBJECTS), NULL);
    struct err err = read_from(read, faults, &beginning, UINT64_MAX);
    if (err.kind != ERR_NONE)
        fail_msg("%s: %s", faults, err.why);
    return read;
}

/* `given`: the most that it may cost, since some come twice where a server says little. */
static void every_object_comes_whatever_the_servers_idea_of_pages(void **state)
{
    (void)state;
    static const struct {
        const char *faults;
        uint64_t given;
    } rows[] = {
            {"plain", OBJECTS},
            {"numbers", OBJECTS},
            {"nonext", OBJECTS + 10},
            {"nonext+ms", OBJECTS + 10},
            {"nonext+second", 2 * OBJECTS},
            {"noheader", OBJECTS},
            {"noheader+nomanifest", OBJECTS},
            {"nonext+noheader", OBJECTS + 10},
            {"nonext+undefined", OBJECTS + 10},
            {"repeat", OBJECTS},
            {"nofilter", OBJECTS},
            {"forget", 2 * OBJECTS},
            {"forget+noheader+nomanifest", 3 * OBJECTS},
            {"nolimit", OBJECTS},
            {"cap", OBJECTS},
            {"cap+nonext", 2 * OBJECTS},
            {"same", OBJECTS},
            {"same+nonext", 2 * OBJECTS},
            {"busy", OBJECTS},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct read *read = all_of(rows[i].faults);
        if (read->different != OBJECTS || read->given > rows[i].given || read->strange > 0)
            fail_msg(
                    "%s: %zu different ones of %llu", rows[i].faults, read->different, (unsigned long long)read->given);
        assert_false(read->end.blurred);
    }
}

static void a_bad_object_comes_with_the_good_ones(void **state)
{
    (void)state;
    static const char *const faults[] = {"twice", "deep"};
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        const struct read *read = all_of(faults[i]);
        assert_int_equal(read->different, OBJECTS);
        assert_true(read->strange > 0);
    }
}

static void from_the_end_only_what_is_new_comes(void **state)
{
    (void)state;
    static const char *const faults[] = {"plain", "ms", "nonext", "repeat", "noheader"};
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        const char *name = arena_printf(arena, "%s+plain", faults[i]);
        const struct read *before = all_of(name);
        struct read *soon = arena_new(arena, struct read, 1), *again = arena_new(arena, struct read, 1);
        struct read *more = arena_new(arena, struct read, 1);
        assert_int_equal(read_from(soon, name, &before->end.place, UINT64_MAX).kind, ERR_NONE);
        assert_true(soon->given <= 3); /* as many as a cut date may hide */
        assert_int_equal(read_from(again, name, &soon->end.place, UINT64_MAX).kind, ERR_NONE);
        assert_int_equal(again->given, 0);
        test_server_say(arena, name, "put/read/x",
                "{\"type\":\"tool\",\"id\":\"indicator--6b616c61-0000-4000-8000-000000000007\"}");
        assert_int_equal(read_from(more, name, &again->end.place, UINT64_MAX).kind, ERR_NONE);
        assert_true(more->seen[7] && more->given <= 4);
    }
}

static void a_place_in_the_middle_is_gone_on_from(void **state)
{
    (void)state;
    static const char *const faults[] = {"plain", "nonext+ms", "forget", "cap"};
    for (size_t i = 0; i < COUNT_OF(faults); i++) {
        static const struct taxii_place beginning;
        const char *name = arena_printf(arena, "%s+relative", faults[i]);
        struct read *read = arena_new(arena, struct read, 1);
        test_server_say(arena, name, arena_printf(arena, "fill/read/%d", OBJECTS), NULL);
        struct taxii_place place = beginning;
        for (uint64_t pages = 1; pages == 1 || !read->end.end; pages++) {
            assert_int_equal(read_from(read, name, &place, pages).kind, ERR_NONE);
            place = read->end.place;
        }
        assert_int_equal(read->different, OBJECTS);
    }
}

static void promises_without_objects_end(void **state)
{
    (void)state;
    const struct read *read = all_of("void");
    assert_int_equal(read->given, 0);
    assert_true(read->pages <= TAXII_STILL_MAX + 1);
}

static void what_cannot_be_gone_on_with_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *faults;
        enum err_kind kind;
        const char *part;
    } rows[] = {
            {"nonext+noheader+nomanifest", ERR_REMOTE, "nothing says where"},
            {"html", ERR_REMOTE, "text/html"},
            {"cut", ERR_REMOTE, "is no TAXII"},
            {"broken", ERR_REMOTE, "out of order"},
            {"endless", ERR_LIMIT, "more than"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        static const struct taxii_place beginning;
        struct read *read = arena_new(arena, struct read, 1);
        test_server_say(arena, rows[i].faults, "fill/read/2000", NULL);
        struct err err = read_from(read, rows[i].faults, &beginning, UINT64_MAX);
        if (err.kind != rows[i].kind || strstr(err.why, rows[i].part) == NULL)
            fail_msg("%s: %s: %s", rows[i].faults, err_name(err.kind), err.why == NULL ? "" : err.why);
    }
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_url_of_a_server_leads_to_its_collections),
            cmocka_unit_test(rights_are_told),
            cmocka_unit_test(what_servers_do_otherwise_is_lived_with),
            cmocka_unit_test(a_root_on_another_host_is_named_and_not_asked),
            cmocka_unit_test(what_is_no_server_is_told),
            cmocka_unit_test(every_object_comes_whatever_the_servers_idea_of_pages),
            cmocka_unit_test(a_bad_object_comes_with_the_good_ones),
            cmocka_unit_test(from_the_end_only_what_is_new_comes),
            cmocka_unit_test(a_place_in_the_middle_is_gone_on_from),
            cmocka_unit_test(promises_without_objects_end),
            cmocka_unit_test(what_cannot_be_gone_on_with_is_told),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
