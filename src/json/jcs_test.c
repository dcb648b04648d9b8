/* SPDX-License-Identifier: Apache-2.0 */
#include "json/jcs.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/hash.h"
#include "json/check.h"
#include "json/read.h"

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

static void assert_canonical(slice json, slice wanted, struct arena *arena)
{
    struct buf buf = buf_make(1 << 20);
    struct err err = json_canonical(json, arena, &buf);
    if (err.kind != ERR_NONE || !slice_eq(buf_slice(&buf), wanted))
        fail_msg("%.*s\ngives %.*s\nnot   %.*s", (int)json.len, json.ptr, (int)buf.len, buf.len > 0 ? buf.ptr : "",
                (int)wanted.len, wanted.ptr);
    buf_free(&buf);
}

static void each_value_has_one_spelling(void **state)
{
    static const char *const rows[][2] = {
            {" null ", "null"},
            {"\ttrue", "true"},
            {"[ false , [ ] , { } ]", "[false,[],{}]"},
            {"{ \"b\" : 1 , \"a\" : [ { \"d\" : 1 , \"c\" : 2 } , 3 ] }", "{\"a\":[{\"c\":2,\"d\":1},3],\"b\":1}"},
            {"{\"a\":{\"b\":{},\"a\":{}},\"\":{}}", "{\"\":{},\"a\":{\"a\":{},\"b\":{}}}"},
            {"\"\"", "\"\""},
            {"\"\\/\\u002f\\u0041\\u007f\"", "\"//A\x7F\""},
            {"\"\\u0008\\u0009\\u000A\\u000c\\u000D\\u0022\\u005C\"", "\"\\b\\t\\n\\f\\r\\\"\\\\\""},
            {"\"\\u0000\\u000b\\u001F\"", "\"\\u0000\\u000b\\u001f\""},
            {"\"\\u00e9\\u20ac\\ud83e\\udd41\"", "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\xA5\x81\""},
            {"\"caf\xC3\xA9 \\\\ end\"", "\"caf\xC3\xA9 \\\\ end\""},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_canonical(slice_of(rows[i][0]), slice_of(rows[i][1]), *state);
}

static void keys_are_in_the_order_of_utf16(void **state)
{
    static const char *const rows[][2] = {
            {"{\"b\":0,\"a\":0}", "{\"a\":0,\"b\":0}"},
            {"{\"ab\":0,\"a\":0,\"\":0}", "{\"\":0,\"a\":0,\"ab\":0}"},
            {"{\"a\":0,\"B\":0,\"1\":0}", "{\"1\":0,\"B\":0,\"a\":0}"},
            /* U+1F941 is D83E DD41 and comes before U+FB03 and U+E000, behind U+D7FF */
            {"{\"\xEF\xAC\x83\":0,\"\xF0\x9F\xA5\x81\":0}", "{\"\xF0\x9F\xA5\x81\":0,\"\xEF\xAC\x83\":0}"},
            {"{\"\xEE\x80\x80\":0,\"\xF0\x9F\xA5\x81\":0}", "{\"\xF0\x9F\xA5\x81\":0,\"\xEE\x80\x80\":0}"},
            {"{\"\xF0\x9F\xA5\x81\":0,\"\xED\x9F\xBF\":0}", "{\"\xED\x9F\xBF\":0,\"\xF0\x9F\xA5\x81\":0}"},
            {"{\"\xEF\xAC\x83\":0,\"\xEE\x80\x80\":0}", "{\"\xEE\x80\x80\":0,\"\xEF\xAC\x83\":0}"},
            /* by their text, not their spelling */
            {"{\"b\":0,\"\\u0061\":0}", "{\"a\":0,\"b\":0}"},
            {"{\"\\ufb03\":0,\"\\ud83e\\udd41\":0}", "{\"\xF0\x9F\xA5\x81\":0,\"\xEF\xAC\x83\":0}"},
            {"{\"a\\nb\":0,\"a\\u0000\":0,\"a\":0}", "{\"a\":0,\"a\\u0000\":0,\"a\\nb\":0}"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_canonical(slice_of(rows[i][0]), slice_of(rows[i][1]), *state);
}

static void keys_that_a_check_let_pass_twice_stay_in_order(void **state)
{
    assert_canonical(S("{\"b\":1,\"a\":2,\"b\":3}"), S("{\"a\":2,\"b\":1,\"b\":3}"), *state);
}

static void numbers_are_written_as_ecmascript_does(void **state)
{
    static const char *const rows[][2] = {
            {"0", "0"},
            {"-0", "0"},
            {"-0.0", "0"},
            {"0e10", "0"},
            {"1.0", "1"},
            {"-1", "-1"},
            {"1.50", "1.5"},
            {"100", "100"},
            {"1e2", "100"},
            {"1E+2", "100"},
            {"12345e-2", "123.45"},
            {"0.1", "0.1"},
            {"0.000001", "0.000001"},
            {"0.0000012", "0.0000012"},
            {"0.0000001", "1e-7"},
            {"0.00000012", "1.2e-7"},
            {"-1e-7", "-1e-7"},
            {"1e20", "100000000000000000000"},
            {"123456789012345680000", "123456789012345680000"},
            {"1e21", "1e+21"},
            {"1.5e21", "1.5e+21"},
            {"9007199254740992", "9007199254740992"},
            {"9007199254740993", "9007199254740992"},
            {"-9007199254740993", "-9007199254740992"},
            {"9223372036854775807", "9223372036854776000"},
            {"18446744073709551616", "18446744073709552000"},
            {"333333333.33333329", "333333333.3333333"},
            {"1e-400", "0"},
            {"-1e-400", "0"},
            {"4.9e-324", "5e-324"},
            {"1e-323", "1e-323"},
            {"2.2250738585072014e-308", "2.2250738585072014e-308"},
            {"2.225073858507201e-308", "2.225073858507201e-308"},
            {"1.7976931348623157e308", "1.7976931348623157e+308"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_canonical(slice_of(rows[i][0]), slice_of(rows[i][1]), *state);
}

/* RFC 8785 appendix B, and powers of two, where the nearest 16 digits are another number and the next ones are not. */
static void the_bits_of_doubles_give_their_digits(void **state)
{
    static const struct {
        uint64_t bits;
        const char *text;
    } rows[] = {
            {0x0000000000000000, "0"},
            {0x8000000000000000, "0"},
            {0x0000000000000001, "5e-324"},
            {0x8000000000000001, "-5e-324"},
            {0x7fefffffffffffff, "1.7976931348623157e+308"},
            {0xffefffffffffffff, "-1.7976931348623157e+308"},
            {0x4340000000000000, "9007199254740992"},
            {0xc340000000000000, "-9007199254740992"},
            {0x4430000000000000, "295147905179352830000"},
            {0x44b52d02c7e14af5, "9.999999999999997e+22"},
            {0x44b52d02c7e14af6, "1e+23"},
            {0x44b52d02c7e14af7, "1.0000000000000001e+23"},
            {0x444b1ae4d6e2ef4e, "999999999999999700000"},
            {0x444b1ae4d6e2ef4f, "999999999999999900000"},
            {0x444b1ae4d6e2ef50, "1e+21"},
            {0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
            {0x3eb0c6f7a0b5ed8d, "0.000001"},
            {0x41b3de4355555553, "333333333.3333332"},
            {0x41b3de4355555554, "333333333.33333325"},
            {0x41b3de4355555555, "333333333.3333333"},
            {0x41b3de4355555556, "333333333.3333334"},
            {0x41b3de4355555557, "333333333.33333343"},
            {0xbecbf647612f3696, "-0.0000033333333333333333"},
            {0x43143ff3c1cb0959, "1424953923781206.2"},
            {0x3d30000000000000, "5.684341886080802e-14"},
            {0x39b0000000000000, "7.888609052210118e-31"},
            {0x0010000000000000, "2.2250738585072014e-308"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        double value;
        char json[40];
        memcpy(&value, &rows[i].bits, sizeof value);
        snprintf(json, sizeof json, "%.17e", value);
        assert_canonical(slice_of(json), slice_of(rows[i].text), *state);
    }
}

/* Doubles of all sizes. */
static void what_is_written_reads_as_the_same_double(void **state)
{
    for (uint64_t i = 0; i < 20000; i++) {
        uint64_t bits = hash_mix(i * 2 + 1, UINT64_C(0x9e3779b97f4a7c15)) ^ i << 52;
        double value, again;
        char json[40];
        memcpy(&value, &bits, sizeof value);
        if ((bits >> 52 & 0x7FF) == 0x7FF)
            continue; /* not a number of JSON */
        snprintf(json, sizeof json, "%.17e", value);
        struct buf buf = buf_make(100);
        assert_int_equal(json_canonical(slice_of(json), *state, &buf).kind, ERR_NONE);
        assert_true(json_double(buf_slice(&buf), &again));
        assert_memory_equal(&value, &again, sizeof value);
        buf_free(&buf);
    }
}

static void a_number_beyond_double_is_refused(void **state)
{
    struct buf buf = buf_make(100);
    struct err err = json_canonical(S("{\"a\":[1,1e309]}"), *state, &buf);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_non_null(strstr(err.why, "RFC 8785 section 3.2.2.3"));
    buf_free(&buf);
}

static void it_appends(void **state)
{
    struct buf buf = buf_make(100);
    buf_put(&buf, S("x="));
    assert_int_equal(json_canonical(S("[ 1 ]"), *state, &buf).kind, ERR_NONE);
    assert_true(slice_eq(buf_slice(&buf), S("x=[1]")));
    buf_free(&buf);
}

static void the_deepest_nesting_passes(void **state)
{
    char text[3 * JSON_DEPTH_MAX + 2], *at = text;
    for (unsigned i = 0; i < JSON_DEPTH_MAX; i++)
        at = stpcpy(at, "[");
    for (unsigned i = 0; i < JSON_DEPTH_MAX; i++)
        at = stpcpy(at, "]");
    assert_canonical(slice_of(text), slice_of(text), *state);
}

/* Keys from the last to the first, more than the first piece of working memory holds. */
static void many_keys_are_sorted(void **state)
{
    struct buf given = buf_make(1 << 16), wanted = buf_make(1 << 16);
    for (unsigned i = 0; i < 1000; i++) {
        buf_printf(&given, "%c\"%03u\":[]", i == 0 ? '{' : ',', 999 - i);
        buf_printf(&wanted, "%c\"%03u\":[]", i == 0 ? '{' : ',', i);
    }
    buf_byte(&given, '}');
    buf_byte(&wanted, '}');
    assert_canonical(buf_slice(&given), buf_slice(&wanted), *state);
    buf_free(&given);
    buf_free(&wanted);
}

static void ceilings_of_arena_and_buf_end_it(void **state)
{
    (void)state;
    struct buf given = buf_make(1 << 20), out = buf_make(1 << 20), small = buf_make(8);
    for (unsigned i = 0; i < 20000; i++)
        buf_printf(&given, "%c\"%05u\":0", i == 0 ? '{' : ',', i);
    buf_byte(&given, '}');
    struct arena *arena = arena_open("small", ARENA_WORK, 1 << 16);
    assert_int_equal(json_canonical(buf_slice(&given), arena, &out).kind, ERR_LIMIT);
    arena_reset(arena);
    assert_int_equal(json_canonical(S("[1,2,3,4,5,6]"), arena, &small).kind, ERR_LIMIT);
    arena_close(arena);
    buf_free(&given);
    buf_free(&out);
    buf_free(&small);
}

/*
 * A file of the conformance data, or nothing: then its test says so and ends well, since meson takes a test that skip()
 * ended for a failed one.
 */
static slice conformance_read(const char *folder, const char *name, char **text)
{
    const char *data = getenv("KENTONGAN_CONFORMANCE"), *root = getenv("KENTONGAN_ROOT");
    char path[4096];
    snprintf(path, sizeof path, "%s%s/json/jcs-rfc8785/%s/%s",
            data != NULL   ? data
            : root != NULL ? root
                           : ".",
            data != NULL ? "" : "/../shared/conformance", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        print_message("# skipped: no conformance data at %s\n", path);
        return (slice){0};
    }
    size_t len;
    FILE *out = open_memstream(text, &len);
    for (int c = getc(file); c != EOF; c = getc(file))
        putc(c, out);
    fclose(out);
    fclose(file);
    return (slice){*text, len};
}

static void the_data_of_the_rfc_agrees(void **state)
{
    static const char *const names[] = {
            "arrays.json", "french.json", "structures.json", "unicode.json", "values.json", "weird.json"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        char *input, *output;
        slice json = conformance_read("input", names[i], &input);
        if (json.len == 0)
            return;
        slice wanted = conformance_read("output", names[i], &output);
        assert_int_equal(json_check(json, &json_limits_default, NULL).kind, ERR_NONE);
        assert_canonical(json, wanted, *state);
        assert_canonical(wanted, wanted, *state);
        free(input);
        free(output);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(each_value_has_one_spelling, arena_up, arena_down),
            cmocka_unit_test_setup_teardown(keys_are_in_the_order_of_utf16, arena_up, arena_down),
            cmocka_unit_test_setup_teardown(keys_that_a_check_let_pass_twice_stay_in_order, arena_up, arena_down),
            cmocka_unit_test_setup_teardown(numbers_are_written_as_ecmascript_does, arena_up, arena_down),
            cmocka_unit_test_setup_teardown(the_bits_of_doubles_give_their_digits, arena_up, arena_down),
            cmocka_unit_test_setup_teardown(what_is_written_reads_as_the_same_double, arena_up, arena_down),
            cmocka_unit_test_setup_teardown(a_number_beyond_double_is_refused, arena_up, arena_down),
            cmocka_unit_test_setup_teardown(it_appends, arena_up, arena_down),
            cmocka_unit_test_setup_teardown(the_deepest_nesting_passes, arena_up, arena_down),
            cmocka_unit_test_setup_teardown(many_keys_are_sorted, arena_up, arena_down),
            cmocka_unit_test(ceilings_of_arena_and_buf_end_it),
            cmocka_unit_test_setup_teardown(the_data_of_the_rfc_agrees, arena_up, arena_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
