/* SPDX-License-Identifier: Apache-2.0 */
#include "json/tape.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>
#include <dirent.h>

#include "base/buf.h"
#include "json/check.h"

/* A text read as its users read it: by the tape, and by the check where the tape says no. */
static bool taken(struct json_tape *tape, slice text)
{
    if (json_tape_read(tape, text, JSON_TAPE_STRICT))
        return true;
    return json_check(text, &json_limits_default, NULL).kind == ERR_NONE &&
           json_tape_read(tape, text, JSON_TAPE_CHECKED);
}

/* The tape takes nothing that the check refuses; `text` is without blanks at its end. */
static void assert_agrees(slice text)
{
    struct json_tape tape = {0};
    char *copy = malloc(text.len + 1); /* of exactly this size, so that a sanitizer sees a read behind it */
    memcpy(copy, text.ptr, text.len);
    slice exact = {copy, text.len};
    if (json_tape_read(&tape, exact, JSON_TAPE_STRICT)) {
        slice value = slice_part(exact, 0, tape.end);
        if (json_check(value, &json_limits_default, NULL).kind != ERR_NONE)
            fail_msg("the tape takes what the check refuses: %.*s", (int)text.len, text.ptr);
    }
    copy = realloc(copy, text.len + 1);
    copy[text.len] = ' ';
    exact = (slice){copy, text.len + 1};
    if (json_check(exact, &json_limits_default, NULL).kind == ERR_NONE && !taken(&tape, exact))
        fail_msg("the check takes what the tape refuses: %.*s", (int)text.len, text.ptr);
    json_tape_free(&tape);
    free(copy);
}

static void a_value_is_laid_down_in_the_order_of_the_text(void **state)
{
    (void)state;
    static const struct json_token wanted[] = {
            {.at = 1, .len = 40, .next = 10, .kind = JSON_OBJECT, .count = 2},
            {.at = 3, .len = 1, .kind = JSON_STRING, .flags = JSON_TOKEN_KEY},
            {.at = 6, .len = 26, .next = 8, .kind = JSON_ARRAY, .count = 5},
            {.at = 7, .len = 2, .next = 4, .kind = JSON_NUMBER, .flags = JSON_TOKEN_WHOLE},
            {.at = 10, .len = 4, .next = 5, .kind = JSON_TRUE},
            {.at = 15, .len = 4, .next = 6, .kind = JSON_NULL},
            {.at = 20, .len = 5, .next = 7, .kind = JSON_NUMBER},
            {.at = 27, .len = 3, .next = 8, .kind = JSON_STRING, .flags = JSON_TOKEN_ESCAPES},
            {.at = 34, .len = 2, .kind = JSON_STRING, .flags = JSON_TOKEN_KEY},
            {.at = 38, .len = 2, .next = 10, .kind = JSON_OBJECT},
    };
    slice text = S(" {\"a\":[-7,true,null,1.5e3,\"x\\n\"],\"bc\":{ }} , rest");
    struct json_tape tape = {0};
    assert_true(json_tape_read(&tape, text, JSON_TAPE_STRICT));
    assert_int_equal(tape.count, COUNT_OF(wanted));
    assert_int_equal(tape.end, tape.tokens[0].at + tape.tokens[0].len);
    for (size_t i = 0; i < COUNT_OF(wanted); i++) {
        const struct json_token *token = &tape.tokens[i];
        bool key = (token->flags & JSON_TOKEN_KEY) != 0;
        assert_int_equal(token->kind, wanted[i].kind);
        assert_int_equal(token->flags, wanted[i].flags);
        assert_int_equal(token->count, wanted[i].count);
        if (i > 0 && i < 9)
            assert_int_equal(token->len, wanted[i].len);
        assert_int_equal(key ? json_tape_hash(json_tape_slice(&tape, token)) : wanted[i].next, token->next);
    }
    json_tape_free(&tape);
}

static void the_tape_takes_what_the_check_takes(void **state)
{
    (void)state;
    static const char *const texts[] = {"", " ", "{", "}", "[", "[]", "{}", "[1", "[1,", "[1,]", "[,1]", "[1 2]",
            "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{\"a\":1 \"b\":2}", "{\"a\":1,\"a\":2}",
            "{\"a\":1,\"\\u0061\":2}", "{\"a\":1,\"b\":2,\"c\":{\"a\":1}}", "01", "-", "-0", "1.", "1.5", "1e", "1e+",
            "1E-9", ".5", "+1", "tru", "true", "nul", "null", "false", "fals", "NaN", "\"", "\"a", "\"\\\"", "\"\\x\"",
            "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\ud83e\\udd41\"", "\"\\ud83e\\u0041\"", "\"\x01\"",
            "\"\x7f\"", "\"\xc3\xa9\"", "\"\xc3\"", "\"\xc0\xaf\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"",
            "\xef\xbb\xbf{}", "[\"a\",]", "[[[[1]]]]", "[1]]", "{\"a\":[}", "[{]}", "'a'", "//", "{\"\":0}",
            "{\"\":0,\"\":0}", "\"\\/\\b\\f\\n\\r\\t\""};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        assert_agrees(slice_of(texts[i]));
}

static void a_doubled_key_is_seen_among_few_and_left_to_the_check_among_many(void **state)
{
    (void)state;
    for (size_t keys = 1; keys < 200; keys += 7) {
        struct buf text = buf_make(1 << 16);
        for (size_t i = 0; i < keys; i++)
            buf_printf(&text, "%c\"key%zu\":[{\"key%zu\":0}]", i == 0 ? '{' : ',', i, i);
        buf_put(&text, S("}"));
        assert_agrees(buf_slice(&text));
        struct json_tape tape = {0};
        assert_true(taken(&tape, buf_slice(&text)));
        assert_int_equal(tape.tokens[0].count, keys);
        text.len--;
        buf_put(&text, S(",\"key0\":1}"));
        assert_false(taken(&tape, buf_slice(&text)));
        json_tape_free(&tape);
        buf_free(&text);
    }
}

static void depth_has_the_ceiling_of_the_check(void **state)
{
    (void)state;
    char text[2 * (JSON_DEPTH_MAX + 1)];
    struct json_tape tape = {0};
    for (size_t depth = JSON_DEPTH_MAX - 1; depth <= JSON_DEPTH_MAX + 1; depth++) {
        memset(text, '[', depth);
        memset(text + depth, ']', depth);
        assert_int_equal(json_tape_read(&tape, (slice){text, 2 * depth}, JSON_TAPE_STRICT), depth <= JSON_DEPTH_MAX);
    }
    json_tape_free(&tape);
}

static void more_parts_than_the_ceiling_fill_the_tape(void **state)
{
    (void)state;
    size_t count = JSON_TAPE_TOKENS_MAX + 1;
    char *text = malloc(2 * count + 1);
    for (size_t i = 0; i < count; i++) {
        text[2 * i] = i == 0 ? '[' : ',';
        text[2 * i + 1] = '1';
    }
    text[2 * count] = ']';
    struct json_tape tape = {0};
    assert_false(json_tape_read(&tape, (slice){text, 2 * count + 1}, JSON_TAPE_STRICT));
    assert_true(tape.full);
    json_tape_free(&tape);
    free(text);
}

static void writing_keeps_every_spelling(void **state)
{
    (void)state;
    slice text = S("{ \"a\\u0062\" : [ 1.50 , -0.0e+01 , { } , [ ] , \"\\u00e9\\/\" ] ,\n\"z\" : { \"y\" : null } }");
    struct json_tape tape = {0};
    struct buf out = buf_make(1 << 10);
    assert_true(taken(&tape, text));
    json_tape_write(&tape, 0, &out);
    assert_true(slice_eq(buf_slice(&out), S("{\"a\\u0062\":[1.50,-0.0e+01,{},[],\"\\u00e9\\/\"],\"z\":{\"y\":null}}")));
    buf_free(&out);
    json_tape_free(&tape);
}

static void every_beginning_and_every_wrong_byte_is_judged_alike(void **state)
{
    (void)state;
    char text[] = "{\"id\":\"a\\u00e9\xC3\xA9\",\"n\":[0,-1.5e+3,true,false,null,{}],\"o\":{\"id\":\"\\ud83e\\udd41\"},"
                  "\"k\":[]}";
    for (size_t len = 0; len < sizeof text - 1; len++) {
        assert_agrees((slice){text, len});
        char was = text[len];
        for (size_t i = 0; i < 12; i++) {
            text[len] = "\"\\{}[],:0 \x80\n"[i];
            assert_agrees((slice){text, sizeof text - 1});
        }
        text[len] = was;
    }
}

/* Third-party files, where there are any. */
static void the_files_of_a_test_suite_are_judged_alike(void **state)
{
    (void)state;
    const char *base = getenv("KENTONGAN_CONFORMANCE"), *root = getenv("KENTONGAN_ROOT");
    char path[4096], name[8192];
    snprintf(path, sizeof path, "%s%s/json/JSONTestSuite",
            base != NULL   ? base
            : root != NULL ? root
                           : ".",
            base != NULL ? "" : "/../shared/conformance");
    DIR *folder = opendir(path);
    if (folder == NULL) {
        print_message("# skipped: no third-party test data %s\n", path);
        return;
    }
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL; count++) {
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        FILE *file = entry->d_name[0] == '.' ? NULL : fopen(name, "rb");
        if (file == NULL)
            continue;
        static char text[1 << 20];
        size_t len = fread(text, 1, sizeof text - 1, file);
        fclose(file);
        assert_agrees(slice_trim((slice){text, len}));
    }
    closedir(folder);
    assert_true(count > 0);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_value_is_laid_down_in_the_order_of_the_text),
            cmocka_unit_test(the_tape_takes_what_the_check_takes),
            cmocka_unit_test(a_doubled_key_is_seen_among_few_and_left_to_the_check_among_many),
            cmocka_unit_test(depth_has_the_ceiling_of_the_check),
            cmocka_unit_test(more_parts_than_the_ceiling_fill_the_tape),
            cmocka_unit_test(writing_keeps_every_spelling),
            cmocka_unit_test(every_beginning_and_every_wrong_byte_is_judged_alike),
            cmocka_unit_test(the_files_of_a_test_suite_are_judged_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
