/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/regex.h"

#include "stix/table_test.h"

static struct arena *arena;
static struct stix_regex_room *room;

static int open_all(void **state)
{
    (void)state;
    arena = arena_open("regex test", ARENA_WORK, 64u << 20);
    room = stix_regex_room_open();
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    stix_regex_room_close(room);
    arena_close(arena);
    return 0;
}

static bool search(slice expression, bool bytes, slice subject, struct stix_budget *budget)
{
    const struct stix_regex *regex;
    size_t offset;
    struct err err = stix_regex_compile(expression, bytes, arena, &regex, &offset);
    if (err.kind != ERR_NONE)
        fail_msg("%.*s: %s", (int)expression.len, expression.ptr, err.why);
    return stix_regex_search(regex, subject, room, budget);
}

static bool found(slice expression, bool bytes, slice subject)
{
    struct stix_budget budget = stix_budget_of(100000);
    bool answer = search(expression, bytes, subject, &budget);
    assert_false(budget.empty);
    return answer;
}

static void it_searches_with_dotall(void **state)
{
    (void)state;
    assert_true(found(S("b.d"), false, S("ab\ndc")));
    assert_false(found(S("^b.d"), false, S("ab\ndc")));
    assert_true(found(S(""), false, S("")));
}

static void text_goes_by_characters_and_bytes_by_bytes(void **state)
{
    (void)state;
    assert_true(found(S("^\\w$"), false, S("\xe6\x96\x87")));
    assert_false(found(S("^\\w$"), true, S("\xe6\x96\x87")));
    assert_true(found(S("^...$"), true, S("\xe6\x96\x87")));
    assert_true(found(S("\\xe6\\x96"), true, S("\xe6\x96\x87")));
    /* what is no UTF-8 is met by nothing, and hides nothing beside it */
    assert_true(found(S("ab"), false,
            S("\xff"
              "ab")));
    assert_false(found(S("^.+$"), false, S("\xff")));
}

static void what_is_no_expression_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t offset;
    } rows[] = {{"(a", 2}, {"a)", 1}, {"[z", 2}, {"a{2,1}", 5}, {"*", 0}, {"\\", 1}};
    const struct stix_regex *regex;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        size_t offset = SIZE_MAX;
        struct err err = stix_regex_compile(slice_of(rows[i].text), false, arena, &regex, &offset);
        assert_int_equal(err.kind, ERR_INPUT);
        if (offset != rows[i].offset)
            fail_msg("%s: at %zu: %s", rows[i].text, offset, err.why);
    }
}

static void bytes_cannot_be_turned_into_characters(void **state)
{
    (void)state;
    const struct stix_regex *regex;
    size_t offset;
    assert_int_equal(stix_regex_compile(S("(*UTF)a"), true, arena, &regex, &offset).kind, ERR_INPUT);
    assert_int_equal(stix_regex_compile(S("a\\Cb"), false, arena, &regex, &offset).kind, ERR_INPUT);
}

static void a_long_or_deep_expression_is_refused(void **state)
{
    (void)state;
    const struct stix_regex *regex;
    size_t offset;
    struct buf text = buf_make(1u << 20);
    for (size_t i = 0; i <= STIX_REGEX_BYTES_MAX; i++)
        buf_byte(&text, 'a');
    assert_int_equal(stix_regex_compile(buf_slice(&text), false, arena, &regex, &offset).kind, ERR_LIMIT);
    buf_reset(&text);
    for (size_t i = 0; i <= STIX_REGEX_PARENTHESES_MAX; i++)
        buf_byte(&text, '(');
    assert_int_equal(stix_regex_compile(buf_slice(&text), false, arena, &regex, &offset).kind, ERR_INPUT);
    buf_free(&text);
    assert_int_equal(stix_regex_compile(S("((a{1000}){1000}){1000}"), false, arena, &regex, &offset).kind, ERR_INPUT);
}

static void what_never_ends_empties_the_budget(void **state)
{
    (void)state;
    static const char *const rows[] = {"^(\\w+)+[!?]$", "^(a|aa)+[b-c]$", "(a*)*(a*)*(a*)*[!?]$"};
    struct stix_budget budget;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        budget = stix_budget_of(1000000);
        assert_false(search(slice_of(rows[i]), false, S("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), &budget));
        assert_true(budget.empty);
    }
    budget = stix_budget_of(0);
    assert_false(search(S("a"), false, S("a"), &budget));
    assert_true(budget.empty);
}

static void steps_follow_the_work(void **state)
{
    (void)state;
    struct stix_budget easy = stix_budget_of(1000000), hard = stix_budget_of(1000000);
    assert_true(search(S("melati"), false, S("http://melati.example"), &easy));
    search(S("^(\\w\\w?)+[!?]$"), false, S("aaaaaaaaaaaaaaaa"), &hard);
    assert_false(hard.empty);
    assert_true(easy.spent < 50 && hard.spent > 4 * easy.spent);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(it_searches_with_dotall),
            cmocka_unit_test(text_goes_by_characters_and_bytes_by_bytes),
            cmocka_unit_test(what_is_no_expression_is_refused_with_its_place),
            cmocka_unit_test(bytes_cannot_be_turned_into_characters),
            cmocka_unit_test(a_long_or_deep_expression_is_refused),
            cmocka_unit_test(what_never_ends_empties_the_budget),
            cmocka_unit_test(steps_follow_the_work),
    };
    return cmocka_run_group_tests(tests, open_all, close_all);
}
