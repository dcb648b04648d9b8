/* SPDX-License-Identifier: Apache-2.0 */
#include "share/statement.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/arena.h"

#define HERE "identity--11111111-1111-4111-8111-111111111111"
#define THERE "identity--22222222-2222-4222-8222-222222222222"

struct test {
    struct arena *arena;
    struct key_pair key;
    struct share_letter letter;
};

static int begin(void **state)
{
    struct test *test = test_calloc(1, sizeof *test);
    test->arena = arena_open("test", ARENA_WORK, 64u << 20);
    key_new(&test->key);
    test->letter = (struct share_letter){
            .type = S("agreement.offer"),
            .from = S(HERE),
            .to = S(THERE),
            .agreement = S("33333333-3333-4333-8333-333333333333"),
            .agreement_version = 2,
            .sequence = 7,
            .issued_us = INT64_C(1800000000000000),
            .expires_us = INT64_C(1800000600000000),
            .body = S("{\"b\": 1.0, \"a\": \"\\u00e9\"}"),
    };
    *state = test;
    return 0;
}

static int end(void **state)
{
    struct test *test = *state;
    arena_close(test->arena);
    test_free(test);
    return 0;
}

static slice written(struct test *test)
{
    slice text;
    struct err err = share_statement_write(&test->letter, &test->key, test->arena, &text);
    if (err.kind != ERR_NONE)
        fail_msg("%s", err.why);
    return text;
}

/* The text with its first `from` in the place of which is `to`. */
static slice with(struct test *test, slice text, const char *from, const char *to)
{
    size_t at = slice_find_slice(text, slice_of(from));
    assert_true(at < text.len);
    return slice_of(arena_printf(test->arena, "%.*s%s%.*s", (int)at, text.ptr, to, (int)(text.len - at - strlen(from)),
            text.ptr + at + strlen(from)));
}

static void refused(struct test *test, slice text, enum err_kind kind, const char *why)
{
    struct share_letter letter;
    struct err err = share_statement_read(text, test->arena, &letter);
    if (err.kind != kind)
        fail_msg("%s instead of %s: %s", err_name(err.kind), err_name(kind), err.why == NULL ? "" : err.why);
    if (strstr(err.why, why) == NULL)
        fail_msg("\"%s\" has no \"%s\"", err.why, why);
}

static void test_what_is_written_is_read(void **state)
{
    struct test *test = *state;
    struct share_letter letter;
    struct err err = share_statement_read(written(test), test->arena, &letter);
    assert_int_equal(err.kind, ERR_NONE);
    assert_true(share_statement_signed(&letter));
    assert_true(slice_eq(letter.type, S("agreement.offer")));
    assert_true(slice_eq(letter.from, S(HERE)));
    assert_true(slice_eq(letter.to, S(THERE)));
    assert_int_equal(letter.agreement_version, 2);
    assert_int_equal(letter.sequence, 7);
    assert_int_equal(letter.issued_us, test->letter.issued_us);
    assert_int_equal(letter.expires_us, test->letter.expires_us);
    assert_int_equal(letter.id.len, 36);
    assert_true(slice_eq(letter.body, S("{\"a\":\"\xc3\xa9\",\"b\":1}")));
}

static void test_blanks_and_order_do_no_harm(void **state)
{
    struct test *test = *state;
    struct share_letter letter;
    slice text = with(test, written(test), "{\"body\":", "\r\n { \"body\" :\n");
    assert_int_equal(share_statement_read(text, test->arena, &letter).kind, ERR_NONE);
    assert_true(share_statement_signed(&letter));
    assert_true(slice_starts(letter.text, S("{\"body\":{\"a\"")));
}

/* Each value of the head is bound by the signature, and the body by the head. */
static void test_altered(void **state)
{
    static const struct {
        const char *from, *to;
    } rows[] = {
            {"\"agreement_version\":2", "\"agreement_version\":3"},
            {"\"sequence\":7", "\"sequence\":8"},
            {"\"from\":\"" HERE, "\"from\":\"identity--11111111-1111-4111-8111-111111111112"},
            {"\"to\":\"" THERE, "\"to\":\"" HERE},
            {"agreement.offer", "agreement.accept"},
            {"33333333-3333", "33333333-3334"},
            {"2027-01-15T08:10:00.000000Z", "2027-01-16T08:10:00.000000Z"},
    };
    struct test *test = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct share_letter letter;
        slice text = with(test, written(test), rows[i].from, rows[i].to);
        assert_int_equal(share_statement_read(text, test->arena, &letter).kind, ERR_NONE);
        assert_false(share_statement_signed(&letter));
    }
    refused(test, with(test, written(test), "\"b\":1", "\"b\":2"), ERR_INPUT, "body was altered");
}

static void test_form(void **state)
{
    static const struct {
        const char *from, *to, *why;
    } rows[] = {
            {"\"sequence\":7", "\"sequence\":-7", "head.sequence has to be a whole number"},
            {"\"sequence\":7", "\"sequence\":9007199254740992", "head.sequence has to be a whole number"},
            {"\"sequence\":7", "\"sequence\":\"7\"", "head.sequence has to be a whole number"},
            {"\"sequence\":7,", "", "head.sequence is missing"},
            {"\"sequence\":7", "\"sequence\":7,\"extra\":1", "a member that is not known: extra"},
            {"\"sequence\":7", "\"sequence\":7,\"sequence\":8", "line 1, byte "},
            {"kentongan/1", "kentongan/2", "head.statement has to be \"kentongan/1\""},
            {"\"to\":\"" THERE, "\"to\":\"everybody", "head.to has to be"},
            {"\"from\":\"" HERE, "\"from\":\"indicator--11111111-1111-4111-8111-111111111111", "head.from has to be"},
            {"agreement.offer", "Agreement offer", "head.type has to be"},
            {"2027-01-15T08:10:00.000000Z", "2027-01-15 08:10", "head.expires has to be a time"},
            {"\"key\":\"", "\"key\":\"0", "no Ed25519 key"},
            {"\"signature\":\"", "\"signature\":\"AAAA", "not the base64 of 64 bytes"},
            {"\"signature\":\"", "\"signatur\":\"", "a member that is not known: signatur"},
            {"{\"body\":{", "{\"body\":{{", "line 1, byte "},
    };
    struct test *test = *state;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        refused(test, with(test, written(test), rows[i].from, rows[i].to), ERR_INPUT, rows[i].why);
    refused(test, S(""), ERR_INPUT, "line 1, byte 1");
    refused(test, S("[]"), ERR_INPUT, "an object with head body key signature is wanted");
}

static void test_ceilings(void **state)
{
    struct test *test = *state;
    char *large = arena_take(test->arena, STATEMENT_BYTES_MAX + 2);
    memset(large, ' ', STATEMENT_BYTES_MAX + 1);
    refused(test, (slice){large, STATEMENT_BYTES_MAX + 1}, ERR_LIMIT, "at most 262144 bytes");
    memset(large, '[', STATEMENT_BYTES_MAX);
    refused(test, (slice){large, STATEMENT_BYTES_MAX}, ERR_LIMIT, "line 1, byte");
    memset(large, '1', STATEMENT_BYTES_MAX);
    slice text;
    test->letter.body = slice_of(arena_printf(test->arena, "{\"a\":\"%.*s\"}", (int)STATEMENT_BYTES_MAX - 100, large));
    assert_int_equal(share_statement_write(&test->letter, &test->key, test->arena, &text).kind, ERR_LIMIT);
}

static void test_what_others_would_refuse_is_not_written(void **state)
{
    struct test *test = *state;
    slice text;
    test->letter.from = S("us");
    assert_int_equal(share_statement_write(&test->letter, &test->key, test->arena, &text).kind, ERR_INPUT);
    test->letter.from = S(HERE);
    test->letter.sequence = -1;
    assert_int_equal(share_statement_write(&test->letter, &test->key, test->arena, &text).kind, ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(test_what_is_written_is_read, begin, end),
            cmocka_unit_test_setup_teardown(test_blanks_and_order_do_no_harm, begin, end),
            cmocka_unit_test_setup_teardown(test_altered, begin, end),
            cmocka_unit_test_setup_teardown(test_form, begin, end),
            cmocka_unit_test_setup_teardown(test_ceilings, begin, end),
            cmocka_unit_test_setup_teardown(test_what_others_would_refuse_is_not_written, begin, end),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("share/statement", tests, NULL, NULL);
}
