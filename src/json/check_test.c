/* SPDX-License-Identifier: Apache-2.0 */
#include "json/check.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>

#include <cmocka.h>

#define KEYS_MANY 5000

struct row {
    const char *text;
    const char *wrong; /* part of the reason; NULL: it is JSON */
    size_t offset;
};

static const struct row rows[] = {
        /* values */
        {"null", NULL, 0},
        {"true", NULL, 0},
        {"false", NULL, 0},
        {"0", NULL, 0},
        {"\"\"", NULL, 0},
        {"[]", NULL, 0},
        {"{}", NULL, 0},
        {"", "section 2", 0},
        {"   ", "section 2", 3},
        {"nul", "section 3", 0},
        {"True", "lower case", 0},
        {"tru e", "section 3", 0},
        {"truely", "follows", 4},
        {"nullnull", "follows", 4},
        {"undefined", "section 3", 0},
        {"a", "section 3", 0},
        {"*", "section 3", 0},
        {"\x01", "section 3", 0},
        {"\xC3\xA9", "section 3", 0},
        /* blanks around and between */
        {" 1 ", NULL, 0},
        {"\t\r\n 1 \t\r\n", NULL, 0},
        {"[ 1 , 2 ]", NULL, 0},
        {" { \"a\" : 1 , \"b\" : [ ] } ", NULL, 0},
        {"{\n            \"deep\": [\n                1\n            ]\n}\n", NULL, 0},
        {"\f1", "section 3", 0},
        {"1\f", "follows", 1},
        {"[1\v]", "comma is missing", 2},
        {"\xC2\xA0", "section 3", 0},
        {"\xE2\x80\xA8"
         "1",
                "section 3", 0},
        {"\xEF\xBB\xBF{}", "byte order mark", 0},
        {"[\xEF\xBB\xBF]", "byte order mark", 1},
        /* one value only */
        {"1 2", "follows", 2},
        {"{} {}", "follows", 3},
        {"[]]", "follows", 2},
        {"1,", "follows", 1},
        {"\"a\"\"b\"", "follows", 3},
        {"// no\n1", "comments", 0},
        {"[1 /* no */]", "comma is missing", 3},
        /* numbers */
        {"-0", NULL, 0},
        {"10", NULL, 0},
        {"-120", NULL, 0},
        {"0.0", NULL, 0},
        {"0.10", NULL, 0},
        {"-1.5e10", NULL, 0},
        {"1e5", NULL, 0},
        {"1E5", NULL, 0},
        {"1e+5", NULL, 0},
        {"1e-05", NULL, 0},
        {"0e0", NULL, 0},
        {"0E+0", NULL, 0},
        {"1e999", NULL, 0},
        {"123456789012345678901234567890", NULL, 0},
        {"0.000000000000000000000000000000000000000000001", NULL, 0},
        {"-", "minus sign", 1},
        {"--1", "minus sign", 1},
        {"-a", "minus sign", 1},
        {"+1", "plus sign", 0},
        {".5", "begin with a point", 0},
        {"-.5", "minus sign", 1},
        {"1.", "behind the point", 2},
        {"[1.]", "behind the point", 3},
        {"1.e5", "behind the point", 2},
        {"1e", "exponent", 2},
        {"1e+", "exponent", 3},
        {"1e-a", "exponent", 3},
        {"1ee5", "exponent", 2},
        {"1.5.5", "follows", 3},
        {"1e5.5", "follows", 3},
        {"01", "leading zero", 0},
        {"-01", "leading zero", 1},
        {"[00]", "leading zero", 1},
        {"0x10", "follows", 1},
        {"1_000", "follows", 1},
        {"1a", "follows", 1},
        {"NaN", "NaN", 0},
        {"Infinity", "Infinity", 0},
        {"-Infinity", "minus sign", 1},
        {"\xEF\xBC\x91", "section 3", 0},
        /* strings */
        {"\"a\"", NULL, 0},
        {"\"a longer run of plain characters\"", NULL, 0},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", NULL, 0},
        {"\"\\u0000\"", NULL, 0},
        {"\"\\u00e9\\u00E9\\uFFFF\\ufffe\"", NULL, 0},
        {"\"\\ud83e\\udd41\"", NULL, 0},
        {"\"\\uDBFF\\uDFFF\"", NULL, 0},
        {"\"\x7F\"", NULL, 0},
        {"\"/\"", NULL, 0},
        {"\"[{}]:,\"", NULL, 0},
        {"'a'", "double quotes", 0},
        {"\"", "ends inside a string", 1},
        {"\"abc", "ends inside a string", 4},
        {"\"abcdefghijk", "ends inside a string", 12},
        {"\"a\\", "ends inside a string", 3},
        {"\"a\\\"", "ends inside a string", 4},
        {"\"\\a\"", "no such escape", 1},
        {"\"\\x41\"", "no such escape", 1},
        {"\"\\'\"", "no such escape", 1},
        {"\"\\U0041\"", "no such escape", 1},
        {"\"\\\xC3\xA9\"", "no such escape", 1},
        {"\"\\u\"", "hexadecimal", 1},
        {"\"\\u004\"", "hexadecimal", 1},
        {"\"\\u00g0\"", "hexadecimal", 1},
        {"\"\\u+041\"", "hexadecimal", 1},
        {"\"\\u004", "hexadecimal", 1},
        {"\"\\ud83e\"", "high surrogate", 1},
        {"\"\\ud83e\\u0041\"", "high surrogate", 1},
        {"\"\\ud83e\\ud83e\"", "high surrogate", 1},
        {"\"\\ud83e\\n\"", "high surrogate", 1},
        {"\"\\ud83e\\udd4\"", "high surrogate", 1},
        {"\"ab\\udd41\"", "low surrogate", 3},
        {"\"a\tb\"", "control character", 2},
        {"\"a\nb\"", "control character", 2},
        {"\"12345678\x1F\"", "control character", 9},
        /* UTF-8 */
        {"\"\xC2\x80\xDF\xBF\"", NULL, 0},
        {"\"\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF\"", NULL, 0},
        {"\"\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\"", NULL, 0},
        {"\"Makassar \xE1\xA8\x86\xE1\xA8\x80\xE1\xA8\x94\xE1\xA8\x94\xE1\xA8\x91\"", NULL, 0},
        {"\"\xEF\xBB\xBF\"", NULL, 0},
        {"\"\x80\"", "UTF-8", 1},
        {"\"\xBF\"", "UTF-8", 1},
        {"\"\xC0\x80\"", "UTF-8", 1},
        {"\"\xC1\xBF\"", "UTF-8", 1},
        {"\"\xC3\"", "UTF-8", 1},
        {"\"\xC3", "UTF-8", 1},
        {"\"\xC3\xC3\xA9\"", "UTF-8", 1},
        {"\"\xE0\x9F\xBF\"", "UTF-8", 1},
        {"\"\xE1\xA8\"", "UTF-8", 1},
        {"\"\xED\xA0\x80\"", "UTF-8", 1},
        {"\"\xED\xBF\xBF\"", "UTF-8", 1},
        {"\"\xF0\x8F\xBF\xBF\"", "UTF-8", 1},
        {"\"\xF0\x90\x80\"", "UTF-8", 1},
        {"\"\xF4\x90\x80\x80\"", "UTF-8", 1},
        {"\"\xF5\x80\x80\x80\"", "UTF-8", 1},
        {"\"\xF8\x88\x80\x80\x80\"", "UTF-8", 1},
        {"\"\xFE\"", "UTF-8", 1},
        {"\"\xFF\"", "UTF-8", 1},
        {"\"caf\xE9\"", "UTF-8", 4},
        {"\"\xC3\xA9\xC3\xA9\xC3\"", "UTF-8", 5},
        /* arrays */
        {"[1]", NULL, 0},
        {"[1,\"a\",null,true,false,{},[]]", NULL, 0},
        {"[[[[]]],[]]", NULL, 0},
        {"[", "ends where a value", 1},
        {"[1", "ends inside an array", 2},
        {"[1,", "ends where a value", 3},
        {"[[]", "ends inside an array", 3},
        {"[,]", "before the comma", 1},
        {"[,1]", "before the comma", 1},
        {"[1,]", "before the bracket", 3},
        {"[1,,2]", "before the comma", 3},
        {"[1 2]", "comma is missing between elements", 3},
        {"[\"a\" \"b\"]", "comma is missing between elements", 5},
        {"[1;2]", "comma is missing between elements", 2},
        {"[1}", "does not end with a brace", 2},
        {"[}", "before the brace", 1},
        {"[\"a\":1]", "comma is missing between elements", 4},
        {"]", "before the bracket", 0},
        {"[:]", "colon stands", 1},
        /* objects */
        {"{\"a\":1}", NULL, 0},
        {"{\"\":0}", NULL, 0},
        {"{\"a\":{\"a\":{\"a\":[{\"a\":1}]}}}", NULL, 0},
        {"[{\"a\":1},{\"a\":2}]", NULL, 0},
        {"{", "ends inside an object", 1},
        {"{\"a\"", "colon is missing", 4},
        {"{\"a\":", "ends where a value", 5},
        {"{\"a\":1", "ends inside an object", 6},
        {"{\"a\":1,", "ends inside an object", 7},
        {"{\"a\":1,}", "key must stand", 7},
        {"{,\"a\":1}", "key must stand", 1},
        {"{a:1}", "key must stand", 1},
        {"{'a':1}", "key must stand", 1},
        {"{1:1}", "key must stand", 1},
        {"{null:1}", "key must stand", 1},
        {"{\"a\" 1}", "colon is missing", 5},
        {"{\"a\",1}", "colon is missing", 4},
        {"{\"a\"}", "colon is missing", 4},
        {"{\"a\"::1}", "colon stands", 5},
        {"{\"a\":}", "before the brace", 5},
        {"{\"a\":,}", "before the comma", 5},
        {"{\"a\":1 \"b\":2}", "comma is missing between members", 7},
        {"{\"a\":1]", "does not end with a bracket", 6},
        {"{]", "key must stand", 1},
        {"}", "before the brace", 0},
        {"{\"a\\q\":1}", "no such escape", 3},
        {"{\"\xFF\":1}", "UTF-8", 2},
        /* keys twice */
        {"{\"a\":1,\"A\":2}", NULL, 0},
        {"{\"a\":1,\"ab\":2,\"abc\":3}", NULL, 0},
        {"{\"a\\u0000\":1,\"a\":2}", NULL, 0},
        {"{\"a\":1,\"b\":{\"a\":1},\"c\":[{\"a\":1}]}", NULL, 0},
        {"{\"a\":1,\"a\":1}", "key twice", 7},
        {"{\"\":1, \"\":1}", "key twice", 7},
        {"{\"a\":1,\"b\":{\"c\":{}},\"a\":1}", "key twice", 20},
        {"{\"b\":{\"a\":1,\"a\":2}}", "key twice", 12},
        {"{\"a\":1,\"\\u0061\":2}", "key twice", 7},
        {"{\"\\/\":1,\"/\":2}", "key twice", 8},
        {"{\"\\ud83e\\udd41\":1,\"\xF0\x9F\xA5\x81\":2}", "key twice", 18},
        {"{\"\\u00e9\":1,\"\xC3\xA9\":2}", "key twice", 12},
};

/* A copy that ends where its memory ends, so that the sanitizer sees a read behind it. */
static struct err check_exactly(slice text, const struct json_limits *limits, size_t *offset)
{
    char *copy = malloc(text.len + (text.len == 0));
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    struct err err = json_check((slice){copy, text.len}, limits, offset);
    free(copy);
    return err;
}

static struct err check(slice text)
{
    return check_exactly(text, &json_limits_default, NULL);
}

static struct err check_doubled(slice text)
{
    struct json_limits limits = json_limits_default;
    limits.duplicates_allowed = true;
    return check_exactly(text, &limits, NULL);
}

static void each_text_is_accepted_or_refused_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct row *row = &rows[i];
        size_t offset = 12345;
        struct err err = check_exactly(slice_of(row->text), &json_limits_default, &offset);
        bool as_said = row->wrong == NULL ? err.kind == ERR_NONE
                                          : err.kind == ERR_INPUT && strstr(err.why, row->wrong) != NULL;
        if (!as_said || offset != (row->wrong == NULL ? 12345 : row->offset))
            fail_msg("%s: %s at %zu", row->text, err.why == NULL ? "accepted" : err.why, offset);
    }
}

static void every_reason_names_its_section(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct err err = check(slice_of(rows[i].text));
        if (err.kind != ERR_NONE)
            assert_non_null(strstr(err.why, " [RFC 8259 section "));
    }
}

static void a_nul_byte_is_no_end_of_text(void **state)
{
    (void)state;
    assert_int_equal(check(S("1\0")).kind, ERR_INPUT);
    assert_int_equal(check(S("\0")).kind, ERR_INPUT);
    assert_int_equal(check(S("\"a\0b\"")).kind, ERR_INPUT);
    assert_int_equal(check(S("[1]\0")).kind, ERR_INPUT);
}

static void an_empty_slice_without_memory_is_refused(void **state)
{
    (void)state;
    size_t offset = 9;
    assert_int_equal(json_check((slice){NULL, 0}, &json_limits_default, &offset).kind, ERR_INPUT);
    assert_int_equal(offset, 0);
}

static void no_prefix_of_a_document_passes(void **state)
{
    (void)state;
    slice text = S("{\"type\":\"bundle\",\"n\":[-1.50e+3,true,false,null,{}],\"s\":\"caf\xC3\xA9 \\ud83e\\udd41\\n\"}");
    assert_int_equal(check(text).kind, ERR_NONE);
    for (size_t len = 0; len < text.len; len++)
        assert_int_equal(check(slice_part(text, 0, len)).kind, ERR_INPUT);
}

static void only_an_error_sets_the_offset(void **state)
{
    (void)state;
    size_t offset = 77;
    assert_int_equal(json_check(S("[1]"), &json_limits_default, &offset).kind, ERR_NONE);
    assert_int_equal(offset, 77);
    assert_int_equal(json_check(S("[1"), &json_limits_default, NULL).kind, ERR_INPUT);
}

static void too_long_a_text_is_refused_unread(void **state)
{
    (void)state;
    struct json_limits limits = json_limits_default;
    limits.bytes_max = 4;
    size_t offset;
    assert_int_equal(json_check(S("true"), &limits, &offset).kind, ERR_NONE);
    assert_int_equal(json_check(S("false"), &limits, &offset).kind, ERR_LIMIT);
    assert_int_equal(offset, 4);
}

/* So many arrays and objects in turn inside each other. */
static slice nested(char *text, unsigned depth)
{
    char *at = text;
    for (unsigned i = 0; i < depth; i++)
        at = stpcpy(at, i % 2 == 0 ? "[" : "{\"a\":");
    at = stpcpy(at, "0");
    for (unsigned i = depth; i-- > 0;)
        at = stpcpy(at, i % 2 == 0 ? "]" : "}");
    return (slice){text, (size_t)(at - text)};
}

static void depth_ends_at_its_limit(void **state)
{
    (void)state;
    char text[8 * JSON_DEPTH_MAX];
    struct json_limits limits = json_limits_default;
    size_t offset;
    assert_int_equal(check(nested(text, JSON_DEPTH_MAX)).kind, ERR_NONE);
    assert_int_equal(check(nested(text, JSON_DEPTH_MAX + 1)).kind, ERR_LIMIT);
    limits.depth_max = 2;
    assert_int_equal(json_check(S("[{}]"), &limits, NULL).kind, ERR_NONE);
    assert_int_equal(json_check(S("[{\"a\":[]}]"), &limits, &offset).kind, ERR_LIMIT);
    assert_int_equal(offset, 6);
    limits.depth_max = 0;
    assert_int_equal(json_check(S("1"), &limits, NULL).kind, ERR_NONE);
    assert_int_equal(json_check(S("[]"), &limits, &offset).kind, ERR_LIMIT);
}

static void a_bracket_must_match_on_every_level(void **state)
{
    (void)state;
    char text[8 * JSON_DEPTH_MAX];
    slice whole = nested(text, JSON_DEPTH_MAX);
    for (size_t i = whole.len - JSON_DEPTH_MAX; i < whole.len; i++) {
        text[i] ^= ']' ^ '}';
        assert_int_equal(check(whole).kind, ERR_INPUT);
        text[i] ^= ']' ^ '}';
    }
    assert_int_equal(check(whole).kind, ERR_NONE);
}

/* An object of `count` keys, the last one written as `last`. */
static slice object_of(char **text, unsigned count, const char *last)
{
    size_t len;
    FILE *out = open_memstream(text, &len);
    fputc('{', out);
    for (unsigned i = 0; i + 1 < count; i++)
        fprintf(out, "\"key-%u\":{\"key-0\":%u},", i, i);
    fprintf(out, "\"%s\":1}", last);
    fclose(out);
    return (slice){*text, len};
}

static void assert_last_key(unsigned count, const char *last, enum err_kind strict)
{
    char *text;
    slice object = object_of(&text, count, last);
    assert_int_equal(check(object).kind, strict);
    assert_int_equal(check_doubled(object).kind, ERR_NONE);
    free(text);
}

static void a_doubled_key_is_found_among_few_and_many(void **state)
{
    (void)state;
    static const unsigned counts[] = {2, 15, 16, 17, 18, 32, 33, 34, 63, 64, 65, 129, 1000, KEYS_MANY};
    for (size_t i = 0; i < COUNT_OF(counts); i++) {
        char last[32];
        snprintf(last, sizeof last, "key-%u", counts[i] - 2);
        assert_last_key(counts[i], last, ERR_INPUT);
        assert_last_key(counts[i], "key-0", ERR_INPUT);
        assert_last_key(counts[i], "\\u006bey\\u002d0", ERR_INPUT);
        snprintf(last, sizeof last, "key-%u", counts[i]);
        assert_last_key(counts[i], last, ERR_NONE);
    }
}

static void many_keys_on_two_levels_do_not_mix(void **state)
{
    (void)state;
    char *inner, *outer = NULL;
    size_t len;
    object_of(&inner, 100, "key-99");
    FILE *out = open_memstream(&outer, &len);
    fputc('{', out);
    for (unsigned i = 0; i < 100; i++)
        fprintf(out, "\"key-%u\":%s,", i, inner);
    fprintf(out, "\"key-42\":0}");
    fclose(out);
    size_t offset;
    assert_int_equal(json_check((slice){outer, len}, &json_limits_default, &offset).kind, ERR_INPUT);
    assert_int_equal(offset, len - strlen("\"key-42\":0}"));
    memcpy(outer + offset, "\"key-xx\"", 8);
    assert_int_equal(check((slice){outer, len}).kind, ERR_NONE);
    free(inner);
    free(outer);
}

static void long_keys_compare_to_their_end(void **state)
{
    (void)state;
    for (int len = 60; len < 200; len++) {
        char text[1024];
        int bytes = snprintf(text, sizeof text, "{\"%0*d\":1,\"\\u0030%0*d\":2}", len, 7, len - 1, 7);
        assert_int_equal(check((slice){text, (size_t)bytes}).kind, ERR_INPUT);
        bytes = snprintf(text, sizeof text, "{\"%0*d\":1,\"\\u0030%0*d\":2}", len, 7, len - 1, 8);
        assert_int_equal(check((slice){text, (size_t)bytes}).kind, ERR_NONE);
        bytes = snprintf(text, sizeof text, "{\"%0*d\":1,\"%0*d\":2}", len, 7, len, 7);
        assert_int_equal(check((slice){text, (size_t)bytes}).kind, ERR_INPUT);
    }
}

static void keys_of_one_object_end_at_their_limit(void **state)
{
    (void)state;
    struct json_limits limits = json_limits_default;
    limits.keys_max = 2;
    size_t offset;
    assert_int_equal(json_check(S("[{\"a\":1,\"b\":2},{\"c\":1,\"d\":2}]"), &limits, NULL).kind, ERR_NONE);
    assert_int_equal(json_check(S("{\"a\":1,\"b\":2,\"c\":3}"), &limits, &offset).kind, ERR_LIMIT);
    assert_int_equal(offset, 13);
    limits.duplicates_allowed = true;
    assert_int_equal(json_check(S("{\"a\":1,\"a\":2,\"a\":3}"), &limits, &offset).kind, ERR_LIMIT);
    char *text;
    slice most = object_of(&text, JSON_KEYS_MAX, "last");
    assert_int_equal(check(most).kind, ERR_NONE);
    free(text);
    slice more = object_of(&text, JSON_KEYS_MAX + 1, "last");
    assert_int_equal(check(more).kind, ERR_LIMIT);
    free(text);
}

/* By the book: decodes one sequence and looks whether it is the shortest of a character. */
static bool utf8_by_the_book(const uint8_t *bytes, size_t count)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t point = bytes[0] & (0xFFu >> (count + 1));
    bool lead = (bytes[0] & (0xFF00u >> (count + 1)) & 0xFF) == (0xFF00u >> count & 0xFF);
    for (size_t i = 1; i < count; i++) {
        lead = lead && (bytes[i] & 0xC0) == 0x80;
        point = point << 6 | (bytes[i] & 0x3F);
    }
    return lead && point >= least[count] && point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
}

static void utf8_is_what_the_book_says(void **state)
{
    (void)state;
    static const uint8_t trails[] = {0x20, 0x7F, 0x80, 0x8F, 0x90, 0xBF, 0xC0, 0xFF};
    for (unsigned lead = 0xC0; lead < 0x100; lead++)
        for (unsigned second = 0x80; second < 0x100; second++)
            for (size_t i = 0; i < COUNT_OF(trails) * COUNT_OF(trails); i++) {
                size_t count = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
                uint8_t text[6] = {'"', (uint8_t)lead, (uint8_t)second, trails[i % 8], trails[i / 8]};
                text[1 + count] = '"';
                bool right = utf8_by_the_book(text + 1, count);
                struct err err = json_check((slice){(const char *)text, count + 2}, &json_limits_default, NULL);
                if ((err.kind == ERR_NONE) != right)
                    fail_msg("%02x %02x %02x %02x", text[1], text[2], text[3], text[4]);
            }
}

static void a_place_is_a_line_and_a_column(void **state)
{
    (void)state;
    static const struct {
        size_t offset, line, column;
    } places[] = {{0, 1, 1}, {1, 1, 2}, {2, 1, 3}, {3, 2, 1}, {4, 3, 1}, {5, 3, 2}, {6, 3, 3}, {99, 3, 3}};
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        size_t line, column;
        json_place(S("ab\n\ncd"), places[i].offset, &line, &column);
        assert_int_equal(line, places[i].line);
        assert_int_equal(column, places[i].column);
    }
}

/*
 * A file of the conformance data, or nothing: then its test says so and ends well, since meson takes a test that skip()
 * ended for a failed one.
 */
static FILE *conformance_open(const char *folder, const char *name)
{
    const char *data = getenv("KENTONGAN_CONFORMANCE"), *root = getenv("KENTONGAN_ROOT");
    char path[4096];
    snprintf(path, sizeof path, "%s%s/json/%s/%s",
            data != NULL   ? data
            : root != NULL ? root
                           : ".",
            data != NULL ? "" : "/../shared/conformance", folder, name);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        print_message("# skipped: no conformance data at %s\n", path);
    return file;
}

static slice file_read(FILE *file, char **text)
{
    size_t len;
    FILE *out = open_memstream(text, &len);
    for (int c = getc(file); c != EOF; c = getc(file))
        putc(c, out);
    fclose(out);
    fclose(file);
    return (slice){*text, len};
}

/* y_object_duplicated_key.json and y_object_duplicated_key_and_value.json hold a key twice: JSON, but not for us. */
static struct err check_suite_file(const char *name, slice text)
{
    if (strncmp(name, "y_object_duplicated_key", strlen("y_object_duplicated_key")) != 0)
        return check(text);
    assert_int_equal(check(text).kind, ERR_INPUT);
    return check_doubled(text);
}

static void the_json_test_suite_agrees(void **state)
{
    (void)state;
    FILE *folder = conformance_open("JSONTestSuite", ".");
    if (folder == NULL)
        return;
    DIR *dir = fdopendir(dup(fileno(folder)));
    unsigned count = 0;
    for (struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        const char *name = entry->d_name;
        if (name[0] == '.' || name[1] != '_')
            continue;
        FILE *file = conformance_open("JSONTestSuite", name);
        assert_non_null(file);
        char *text;
        slice whole = file_read(file, &text);
        struct err err = check_suite_file(name, whole);
        if ((name[0] == 'y' && err.kind != ERR_NONE) || (name[0] == 'n' && err.kind == ERR_NONE))
            fail_msg("%s: %s", name, err.kind == ERR_NONE ? "accepted" : err.why);
        free(text);
        count++;
    }
    closedir(dir);
    fclose(folder);
    assert_true(count > 100);
}

/*
 * The bytes written in hexadecimal, as a JSON string. An x stands for what is ASCII but never bare in a string: it
 * makes no difference to UTF-8.
 */
static slice string_of_hex(slice hex, char *text)
{
    size_t len = 0;
    text[len++] = '"';
    while (hex.len >= 2) {
        hex = slice_trim(hex);
        slice pair = slice_part(hex, 0, 2);
        hex = slice_from(hex, 2);
        uint8_t byte = (uint8_t)(byte_hex(pair.ptr[0]) << 4 | byte_hex(pair.ptr[1]));
        text[len++] = byte < 0x20 || byte == '"' || byte == '\\' ? 'x' : (char)byte;
    }
    text[len++] = '"';
    return (slice){text, len};
}

static void the_utf8_tests_agree(void **state)
{
    (void)state;
    FILE *file = conformance_open(".", "utf8tests.txt");
    if (file == NULL)
        return;
    char *text, string[1024];
    slice rest = file_read(file, &text), line;
    unsigned count = 0;
    while (slice_next(&rest, '\n', &line)) {
        slice number, kind, hex;
        if (slice_starts(line, S("#")) || !slice_next(&line, ':', &number) || !slice_next(&line, ':', &kind))
            continue;
        if (!slice_ends(kind, S(" hex")) || !slice_next(&line, ':', &hex))
            continue;
        slice json = string_of_hex(slice_trim(hex), string);
        if ((check(json).kind == ERR_NONE) != slice_eq(slice_trim(kind), S("valid hex")))
            fail_msg("%.*s", (int)number.len, number.ptr);
        count++;
    }
    free(text);
    assert_true(count > 100);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
            cmocka_unit_test(each_text_is_accepted_or_refused_with_its_place),
            cmocka_unit_test(every_reason_names_its_section),
            cmocka_unit_test(a_nul_byte_is_no_end_of_text),
            cmocka_unit_test(an_empty_slice_without_memory_is_refused),
            cmocka_unit_test(no_prefix_of_a_document_passes),
            cmocka_unit_test(only_an_error_sets_the_offset),
            cmocka_unit_test(too_long_a_text_is_refused_unread),
            cmocka_unit_test(depth_ends_at_its_limit),
            cmocka_unit_test(a_bracket_must_match_on_every_level),
            cmocka_unit_test(a_doubled_key_is_found_among_few_and_many),
            cmocka_unit_test(many_keys_on_two_levels_do_not_mix),
            cmocka_unit_test(long_keys_compare_to_their_end),
            cmocka_unit_test(keys_of_one_object_end_at_their_limit),
            cmocka_unit_test(utf8_is_what_the_book_says),
            cmocka_unit_test(a_place_is_a_line_and_a_column),
            cmocka_unit_test(the_json_test_suite_agrees),
            cmocka_unit_test(the_utf8_tests_agree),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
