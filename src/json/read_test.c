/* SPDX-License-Identifier: Apache-2.0 */
#include "json/read.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/arena.h"
#include "json/check.h"

#define assert_slice(s, text) assert_slice_at((s), slice_of(text), __FILE__, __LINE__)

static void assert_slice_at(slice s, slice wanted, const char *file, int line)
{
    if (slice_eq(s, wanted))
        return;
    print_error("\"%.*s\" is not \"%.*s\"\n", (int)s.len, s.len > 0 ? s.ptr : "", (int)wanted.len, wanted.ptr);
    _fail(file, line);
}

static int arena_up(void **state)
{
    *state = arena_open("test", ARENA_WORK, 1 << 20);
    return 0;
}

static int arena_down(void **state)
{
    arena_close(*state);
    return 0;
}

static void the_kind_shows_in_the_first_byte(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum json_kind kind;
    } rows[] = {
            {"{}", JSON_OBJECT},
            {"[]", JSON_ARRAY},
            {"\"\"", JSON_STRING},
            {"0", JSON_NUMBER},
            {"9", JSON_NUMBER},
            {"-1", JSON_NUMBER},
            {"true", JSON_TRUE},
            {"false", JSON_FALSE},
            {"null", JSON_NULL},
            {" \t\r\n[]", JSON_ARRAY},
            {"", JSON_NONE},
            {"  ", JSON_NONE},
            {"x", JSON_NONE},
            {"\xC3", JSON_NONE},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(json_kind(slice_of(rows[i].text)), rows[i].kind);
    assert_int_equal(json_kind((slice){0}), JSON_NONE);
}

static void members_come_in_order_as_their_source_bytes(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
            {"a", "1"},
            {"b\\n", "\"two, \\\"}\\\\\""},
            {"", "[ 1, {\"x\": \"]\"} ]"},
            {"d", "{\"y\":[[\"}{\"],{}], \"z\" : \"\\\\\"}"},
            {"e", "null"},
            {"f", "-1.5e3"},
    };
    struct json_members members =
            json_members(S(" { \"a\" : 1 ,\"b\\n\":\"two, \\\"}\\\\\",\n\t\"\": [ 1, {\"x\": \"]\"} ]"
                           ",\"d\":{\"y\":[[\"}{\"],{}], \"z\" : \"\\\\\"},\"e\":null"
                           ",\"f\":-1.5e3\n} "));
    slice key, value;
    for (size_t i = 0; i < COUNT_OF(pairs); i++) {
        assert_true(json_member_next(&members, &key, &value));
        assert_slice(key, pairs[i][0]);
        assert_slice(value, pairs[i][1]);
    }
    assert_false(json_member_next(&members, &key, &value));
    assert_false(json_member_next(&members, &key, &value));
}

static void elements_come_in_order_as_their_source_bytes(void **state)
{
    (void)state;
    static const char *const values[] = {"1", "\"],\"", "[[],[\"[\"]]", "{\"a\":[1,2]}", "true", "0.5"};
    struct json_elements elements = json_elements(S("\n[1,\"],\" , [[],[\"[\"]],{\"a\":[1,2]} ,true, 0.5 ]\n"));
    slice value;
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        assert_true(json_element_next(&elements, &value));
        assert_slice(value, values[i]);
    }
    assert_false(json_element_next(&elements, &value));
    assert_false(json_element_next(&elements, &value));
}

static void what_is_empty_or_of_another_kind_has_nothing_in_it(void **state)
{
    (void)state;
    static const char *const texts[] = {"{}", "[]", "{ }", "[\n]", "\"{[\"", "1", "null", "", " "};
    slice key, value;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct json_members members = json_members(slice_of(texts[i]));
        struct json_elements elements = json_elements(slice_of(texts[i]));
        assert_false(json_member_next(&members, &key, &value));
        assert_false(json_element_next(&elements, &value));
    }
    struct json_members members = json_members(S("[{\"a\":1}]"));
    assert_false(json_member_next(&members, &key, &value));
    struct json_elements elements = json_elements(S("{\"a\":[1]}"));
    assert_false(json_element_next(&elements, &value));
}

/* Strings of every length, so that their ends fall on every place of a word. */
static void a_string_ends_at_its_quote_wherever_it_lies(void **state)
{
    (void)state;
    for (int len = 0; len < 40; len++) {
        char text[256];
        int bytes = snprintf(
                text, sizeof text, "[\"%0*d\\\"\",[\"%0*d]\"],\"\xC3\xA2\xA2%0*d\\\\\"]", len, 0, len, 0, len, 0);
        struct json_elements elements = json_elements((slice){text, (size_t)bytes});
        slice value;
        size_t digits = len == 0 ? 1 : (size_t)len;
        assert_true(json_element_next(&elements, &value));
        assert_int_equal(value.len, digits + 4);
        assert_true(json_element_next(&elements, &value));
        assert_int_equal(value.len, digits + 5);
        assert_true(json_element_next(&elements, &value));
        assert_int_equal(value.len, digits + 7);
        assert_false(json_element_next(&elements, &value));
    }
}

/* Some array of arrays, objects and strings that hold brackets, by the bits of a number. */
static size_t thicket(char *text, uint64_t bits)
{
    static const char *const leaves[] = {
            "[]", "{}", "\"]\"", "\"{\\\"[\"", "7", "[{}]", "\"\xDB\x9B\xC3\xBB\"", "{\"a\":[]}"};
    char closing[32];
    size_t depth = 0;
    char *at = text;
    for (unsigned i = 0; i < 16; i++, bits >>= 4) {
        bool object = (bits & 9) == 8;
        closing[depth++] = object ? '}' : ']';
        at = stpcpy(at, object ? "{\"k\":" : "[");
        if ((bits & 8) == 0)
            at = stpcpy(stpcpy(at, leaves[bits & 7]), ",");
    }
    *at++ = '0';
    while (depth > 0)
        *at++ = closing[--depth];
    return (size_t)(at - text);
}

static void a_nested_value_ends_at_its_own_bracket(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 20000; i++) {
        char text[512] = "[";
        size_t len = thicket(text + 1, (i + 1) * UINT64_C(0x9e3779b97f4a7c15));
        memcpy(text + 1 + len, ",[1]]", 5);
        struct json_elements elements = json_elements((slice){text, len + 6});
        slice value;
        assert_int_equal(json_check((slice){text, len + 6}, &json_limits_default, NULL).kind, ERR_NONE);
        assert_true(json_element_next(&elements, &value));
        assert_int_equal(value.len, len);
        assert_true(json_element_next(&elements, &value));
        assert_slice(value, "[1]");
        assert_false(json_element_next(&elements, &value));
    }
}

static void a_key_is_compared_by_its_text(void **state)
{
    (void)state;
    assert_true(json_key_is(S("type"), S("type")));
    assert_true(json_key_is(S(""), S("")));
    assert_true(json_key_is(S("\\u0074ype"), S("type")));
    assert_true(json_key_is(S("a\\/b"), S("a/b")));
    assert_true(json_key_is(S("\\\\"), S("\\")));
    assert_true(json_key_is(S("\\ud83e\\udd41"), S("\xF0\x9F\xA5\x81")));
    assert_true(json_key_is(S("a\\u0000"), S("a\0")));
    assert_false(json_key_is(S("type"), S("typ")));
    assert_false(json_key_is(S("type"), S("types")));
    assert_false(json_key_is(S("type"), S("Type")));
    assert_false(json_key_is(S("\\\\"), S("\\\\")));
    assert_false(json_key_is(S("\\u0074ype"), S("typ")));
    assert_false(json_key_is(S("\\u0074ype"), S("typex")));
    assert_false(json_key_is(S(""), S("a")));
}

static void get_gives_the_value_of_one_key(void **state)
{
    (void)state;
    slice object = S("{\"objects\":[{\"id\":\"inner\"}],\"\\u0069d\":\"outer\",\"n\":null}");
    assert_slice(json_get(object, S("id")), "\"outer\"");
    assert_slice(json_get(object, S("n")), "null");
    assert_int_equal(json_get(object, S("type")).len, 0);
    assert_int_equal(json_get(S("[1]"), S("id")).len, 0);
}

static void text_without_escapes_is_the_source_itself(void **state)
{
    slice string = S("\"caf\xC3\xA9\"");
    slice text = json_text(string, *state);
    assert_ptr_equal(text.ptr, string.ptr + 1);
    assert_int_equal(text.len, 5);
    assert_int_equal(arena_used(*state), 0);
    assert_slice(json_text(S(" \"a\"\n"), *state), "a");
}

static void escapes_are_resolved(void **state)
{
    static const char *const rows[][2] = {
            {"\"\"", ""},
            {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"},
            {"\"http:\\/\\/example.test\\/a\"", "http://example.test/a"},
            {"\"\\u0041\\u00e9\\u20AC\"", "A\xC3\xA9\xE2\x82\xAC"},
            {"\"x\\ud83e\\udd41y\"", "x\xF0\x9F\xA5\x81y"},
            {"\"\\udbff\\udfff\\uffff\"", "\xF4\x8F\xBF\xBF\xEF\xBF\xBF"},
            {"\"\\\\u0041\"", "\\u0041"},
            {"\"\\\\\\\\\"", "\\\\"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_slice(json_text(slice_of(rows[i][0]), *state), rows[i][1]);
    slice nul = json_text(S("\"a\\u0000b\""), *state);
    assert_int_equal(nul.len, 3);
    assert_memory_equal(nul.ptr, "a\0b", 3);
    assert_slice(json_unescape(S("a\\tb"), *state), "a\tb");
}

static void what_is_no_string_has_no_text(void **state)
{
    static const char *const texts[] = {"1", "null", "[\"a\"]", "{\"a\":\"b\"}", ""};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_int_equal(json_text(slice_of(texts[i]), *state).len, 0);
}

static void whole_numbers_read_to_their_ends(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t value;
    } rows[] = {
            {"0", 0},
            {"-0", 0},
            {"17", 17},
            {"-17", -17},
            {"9223372036854775807", INT64_MAX},
            {"-9223372036854775808", INT64_MIN},
            {" 5 ", 5},
    };
    static const char *const wrong[] = {"9223372036854775808", "-9223372036854775809", "1.0", "1e2", "1E2", "-", "",
            "\"1\"", "null", "[1]", "99999999999999999999999"};
    int64_t value;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_true(json_i64(slice_of(rows[i].text), &value));
        assert_true(value == rows[i].value);
    }
    value = 42;
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_false(json_i64(slice_of(wrong[i]), &value));
    assert_true(value == 42);
}

static void doubles_read_as_the_nearest(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double value;
    } rows[] = {
            {"0", 0.0},
            {"1", 1.0},
            {"-2.5", -2.5},
            {"1e3", 1000.0},
            {"1.7976931348623157E+308", 0x1.fffffffffffffp1023},
            {"5e-324", 0x1p-1074},
            {"1e-400", 0.0},
            {"9007199254740993", 9007199254740992.0},
            {"0.1", 0.1},
            {" 7 ", 7.0},
    };
    static const char *const wrong[] = {"1e309", "-1e309", "1e999999999999999999999", "\"1\"", "true", "", "[]"};
    double value;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        assert_true(json_double(slice_of(rows[i].text), &value));
        assert_true(value == rows[i].value);
    }
    value = 42;
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_false(json_double(slice_of(wrong[i]), &value));
    assert_true(value == 42);
}

/* before + count times a digit + behind */
static double long_double_of(const char *before, char digit, size_t count, const char *behind)
{
    slice head = slice_of(before), tail = slice_of(behind);
    char *text = malloc(head.len + count + tail.len);
    memcpy(text, head.ptr, head.len);
    memset(text + head.len, digit, count);
    memcpy(text + head.len + count, tail.ptr, tail.len);
    double value = -1;
    if (!json_double((slice){text, head.len + count + tail.len}, &value))
        value = -2;
    free(text);
    return value;
}

static void the_length_of_a_number_does_not_matter(void **state)
{
    (void)state;
    assert_true(long_double_of("1", '0', 5000, "e-5000") == 1.0);
    assert_true(long_double_of("-1", '0', 5000, ".5e-5000") == -1.0);
    assert_true(long_double_of("0.", '0', 5000, "1e+5001") == 1.0);
    assert_true(long_double_of("0.", '0', 5000, "") == 0.0);
    assert_true(long_double_of("0.", '3', 5000, "") == 1.0 / 3);
    assert_true(long_double_of("0.", '9', 5000, "") == 1.0);
    assert_true(long_double_of("1", '0', 5000, "") == -2);
    assert_true(long_double_of("1e", '9', 5000, "") == -2);
    assert_true(long_double_of("1e-", '9', 5000, "") == 0.0);
    assert_true(long_double_of("0e", '9', 5000, "") == 0.0);
    /* half way between two doubles goes to the even one, the smallest thing more to the odd one */
    assert_true(long_double_of("9007199254740993.", '0', 5000, "") == 9007199254740992.0);
    assert_true(long_double_of("9007199254740993.", '0', 5000, "1") == 9007199254740994.0);
}

static void walk(slice value, unsigned depth, struct arena *arena)
{
    struct json_members members = json_members(value);
    struct json_elements elements = json_elements(value);
    slice key, part;
    double number;
    json_text(value, arena);
    json_double(value, &number);
    if (depth == 0)
        return;
    while (json_member_next(&members, &key, &part)) {
        json_key_is(key, S("description"));
        walk(part, depth - 1, arena);
    }
    while (json_element_next(&elements, &part))
        walk(part, depth - 1, arena);
}

/* Nobody promises an answer for text that was not checked, but nothing behind the slice is read for it. */
static void text_that_breaks_off_is_not_read_beyond(void **state)
{
    slice whole = S("{\"a\" : [ 1.5 , \"\\ud83e\\udd41 \\u00\" , { \"\\\\\":\"x\\\"\" , \"b\" : { } } ] , \"long "
                    "enough\":tru}]");
    for (size_t from = 0; from < whole.len; from++)
        for (size_t to = from; to <= whole.len; to++) {
            char *copy = malloc(to - from + (to == from));
            memcpy(copy, whole.ptr + from, to - from);
            walk((slice){copy, to - from}, 6, *state);
            free(copy);
            arena_reset(*state);
        }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_kind_shows_in_the_first_byte),
            cmocka_unit_test(members_come_in_order_as_their_source_bytes),
            cmocka_unit_test(elements_come_in_order_as_their_source_bytes),
            cmocka_unit_test(what_is_empty_or_of_another_kind_has_nothing_in_it),
            cmocka_unit_test(a_string_ends_at_its_quote_wherever_it_lies),
            cmocka_unit_test(a_nested_value_ends_at_its_own_bracket),
            cmocka_unit_test(a_key_is_compared_by_its_text),
            cmocka_unit_test(get_gives_the_value_of_one_key),
            cmocka_unit_test_setup_teardown(text_without_escapes_is_the_source_itself, arena_up, arena_down),
            cmocka_unit_test_setup_teardown(escapes_are_resolved, arena_up, arena_down),
            cmocka_unit_test_setup_teardown(what_is_no_string_has_no_text, arena_up, arena_down),
            cmocka_unit_test(whole_numbers_read_to_their_ends),
            cmocka_unit_test(doubles_read_as_the_nearest),
            cmocka_unit_test(the_length_of_a_number_does_not_matter),
            cmocka_unit_test_setup_teardown(text_that_breaks_off_is_not_read_beyond, arena_up, arena_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
