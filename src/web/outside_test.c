/* SPDX-License-Identifier: Apache-2.0 */
#include "web/outside.h"

#include "web/test_page.h"

struct fixture {
    struct arena *arena;
    struct test_page *page;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture.arena = arena_open("test of text from outside", ARENA_WORK, 64u << 20);
    fixture.page = test_page(fixture.arena, HTTP_GET, "/");
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    arena_close(((struct fixture *)*state)->arena);
    return 0;
}

static const char *shown(struct fixture *fixture, size_t page, slice text, size_t most, bool *cut)
{
    struct outside outside = outside_begin(&fixture->page->ask, page);
    *cut = false;
    return arena_cstr(fixture->arena, outside_text(&outside, text, most, cut));
}

static void text_is_cut_at_a_character_and_says_so(void **state)
{
    struct fixture *fixture = *state;
    bool cut;
    assert_string_equal(shown(fixture, 100, S("owl"), 3, &cut), "owl");
    assert_false(cut);
    assert_string_equal(shown(fixture, 100, S("owls"), 3, &cut), "owl…");
    assert_true(cut);
    assert_string_equal(shown(fixture, 100, S("dé"), 2, &cut), "d…"); /* not half of it */
    assert_true(cut);
    assert_string_equal(shown(fixture, 100, S(""), 2, &cut), "");
    assert_false(cut);
}

static void a_page_has_room_for_so_much_as_html_makes_of_it(void **state)
{
    struct fixture *fixture = *state;
    bool cut;
    assert_string_equal(shown(fixture, 12, S("\"\"\""), 100, &cut), "\"\"…"); /* six bytes each */
    assert_true(cut);
    assert_string_equal(shown(fixture, 3, S("owl"), 100, &cut), "owl");
    assert_false(cut);
    struct outside outside = outside_begin(&fixture->page->ask, 4);
    assert_true(slice_eq(outside_text(&outside, S("owl"), 100, NULL), S("owl")));
    assert_true(slice_eq(outside_text(&outside, S("owl"), 100, NULL), S("o…")));
    assert_true(slice_eq(outside_text(&outside, S("owl"), 100, NULL), S("…")));
}

static void what_is_unseen_is_seen(void **state)
{
    struct fixture *fixture = *state;
    bool cut;
    assert_string_equal(shown(fixture, 100,
                                S("a\xe2\x80\xae"
                                  "b"),
                                100, &cut),
            "a[U+202E]b");
    assert_string_equal(shown(fixture, 100,
                                S("a\xff"
                                  "b"),
                                100, &cut),
            "a\xef\xbf\xbd"
            "b");
    assert_string_equal(shown(fixture, 100, S("a\nb"), 100, &cut), "a\nb");
}

static void values_in_a_text_are_defanged(void **state)
{
    struct fixture *fixture = *state;
    static const char *const texts[][2] = {
            {"evil.example", "evil[.]example"},
            {"talks to https://evil.example/x, then 198.51.100.7",
                    "talks to hxxps://evil[.]example/x, then 198[.]51[.]100[.]7"},
            {"[domain-name:value = 'evil.example']", "[domain-name:value = 'evil[.]example']"},
            {"user@evil.example", "user[@]evil[.]example"},
            {"no value at all", "no value at all"},
            {"", ""},
    };
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_string_equal(
                arena_cstr(fixture->arena, outside_defanged(slice_of(texts[i][0]), fixture->arena)), texts[i][1]);
}

static void queries_are_escaped(void **state)
{
    struct buf buf = buf_make(200);
    (void)state;
    buf_put(&buf, S("/intelligence"));
    outside_query(&buf, S("q"), S("a&b=c d%/é"));
    outside_query(&buf, S("type"), S(""));
    outside_query(&buf, S("tag"), S("x"));
    assert_true(slice_eq(buf_slice(&buf), S("/intelligence?q=a%26b%3Dc%20d%25%2F%C3%A9&tag=x")));
    buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(text_is_cut_at_a_character_and_says_so, set_up, tear_down),
            cmocka_unit_test_setup_teardown(a_page_has_room_for_so_much_as_html_makes_of_it, set_up, tear_down),
            cmocka_unit_test_setup_teardown(what_is_unseen_is_seen, set_up, tear_down),
            cmocka_unit_test_setup_teardown(values_in_a_text_are_defanged, set_up, tear_down),
            cmocka_unit_test(queries_are_escaped),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
