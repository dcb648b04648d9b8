/* SPDX-License-Identifier: Apache-2.0 */
#include "share/introduction.h"

#include "base/arena.h"
#include "share/test_partner.h"
#include "json/read.h"

#define NOON INT64_C(1800014400000000)

/* Reading asks no database: of the store there is the arena alone. */
static int begin(void **state)
{
    test_store = (struct test_store){.arena = arena_open("test", ARENA_WORK, 64u << 20)};
    clock_set(NOON);
    *state = &test_store;
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_close(test_store.arena);
    clock_set(TIME_NONE);
    return 0;
}

static void introduction_refused(struct test_store *store, slice text, enum err_kind kind, const char *why)
{
    struct share_introduction introduction;
    test_refused(share_introduction_read(text, NOON, store->arena, &introduction), kind, why);
}

static void test_an_introduction_is_read(void **state)
{
    struct test_store *store = *state;
    struct test_node node = test_node(store, "kenanga");
    struct share_introduction read;
    test_ok(share_introduction_read(test_introduction(store, &node), NOON, store->arena, &read));
    assert_true(slice_eq(read.node, node.node) && slice_eq(read.name, S("kenanga")));
    assert_true(slice_eq(read.url, S("https://kenanga.example/")) && slice_eq(read.country, S("ID")));
    assert_int_equal(read.key_count, 4);
}

static void test_altered_introductions_are_refused(void **state)
{
    struct test_store *store = *state;
    struct test_node node = test_node(store, "kenanga"), forger = test_node(store, "melati");
    struct share_letter letter = test_introduction_letter(store, &node);
    slice text = test_introduction(store, &node);
    introduction_refused(
            store, test_replaced(store, text, "kenanga.example", "melati.example"), ERR_INPUT, "was altered");
    introduction_refused(store,
            test_replaced(store, text, "\"to\":\"\",\"type\":\"introduction\"",
                    "\"to\":\"33333333-3333-4333-8333-333333333333\",\"type\":\"introduction\""),
            ERR_AUTH, "altered or forged");
    introduction_refused(store, test_sign(store, &letter, &forger.identity), ERR_AUTH, "another key than the identity");
    letter.from = forger.node;
    introduction_refused(store, test_sign(store, &letter, &node.identity), ERR_AUTH, "certified for another node");
    char *large = arena_take(store->arena, INTRODUCTION_BYTES_MAX + 1);
    memset(large, ' ', INTRODUCTION_BYTES_MAX + 1);
    introduction_refused(store, (slice){large, INTRODUCTION_BYTES_MAX + 1}, ERR_LIMIT, "at most 65536 bytes");
}

static void test_times_of_introductions(void **state)
{
    struct test_store *store = *state;
    struct test_node node = test_node(store, "kenanga");
    const struct {
        int64_t issued_us, expires_us;
        const char *why;
    } rows[] = {
            {NOON - DAY_US, NOON, "has expired"},
            {NOON + HOUR_US, NOON + DAY_US, "from the future"},
            {NOON, NOON + 15 * DAY_US, "at most 14 days"},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct share_letter letter = test_introduction_letter(store, &node);
        letter.issued_us = rows[i].issued_us;
        letter.expires_us = rows[i].expires_us;
        introduction_refused(store, test_sign(store, &letter, &node.identity), ERR_AUTH, rows[i].why);
    }
}

/* What its own identity key signed, and is not good all the same. */
static void test_bad_introductions(void **state)
{
    static const struct {
        const char *from, *to, *why;
    } rows[] = {
            {"https://kenanga.example/\"", "ftp://kenanga.example/\"", "neither https:// nor http://"},
            {"https://kenanga.example/\"", "https://x@kenanga.example/\"", "a user, a query"},
            {"https://kenanga.example/\"", "https://kenanga.example\"", "does not end with /"},
            {"\"taxii\":\"https://kenanga", "\"taxii\":\"https://melati", "not at its node"},
            {"\"country\":\"ID\"", "\"country\":\"IDN\"", "country is longer than 2 bytes"},
            {"\"name\":\"kenanga\"", "\"name\":\"\"", "name in the introduction"},
            {"\"name\":\"kenanga\"", "\"name\":\"kena\\u0007nga\"", "name in the introduction"},
            {"\"country\"", "\"region\"", "not known: region"},
            {"\"algorithm\":\"Ed25519\"", "\"algorithm\":\"ML-DSA-44\"", "was altered"},
            {"\"keys\":[", "\"keys\":[],\"contact2\":[", "not known: contact2"},
    };
    struct test_store *store = *state;
    struct test_node node = test_node(store, "kenanga");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct share_letter letter = test_introduction_letter(store, &node);
        letter.body = test_replaced(store, letter.body, rows[i].from, rows[i].to);
        slice text = test_sign(store, &letter, &node.identity);
        struct share_introduction read;
        struct err err = share_introduction_read(text, NOON, store->arena, &read);
        if (err.kind == ERR_NONE || strstr(err.why, rows[i].why) == NULL)
            fail_msg("%s: %s", rows[i].to, err.kind == ERR_NONE ? "taken" : err.why);
    }
}

static slice certified_oddly(struct test_store *store, const struct test_node *node, const char *from, const char *to)
{
    struct share_letter letter = test_read(store, test_certify(store, node, SHARE_MESSAGE, &node->message));
    letter.body = test_replaced(store, letter.body, from, to);
    return test_sign(store, &letter, &node->identity);
}

/* The certification of it, the last in the body of an introduction. */
static const char *message_key(struct test_store *store, slice body)
{
    struct json_elements elements = json_elements(json_get(body, S("keys")));
    slice key = S("");
    while (json_element_next(&elements, &key))
        continue;
    return arena_cstr(store->arena, key);
}

static void test_keys_that_are_not_taken(void **state)
{
    static const struct {
        const char *from, *to, *why;
    } rows[] = {
            {"Ed25519", "ML-DSA-44", "of a type that is not known here: only Ed25519 is"},
            {"\"message\"", "\"votes\"", "for a purpose that is not known"},
            {"\"message\"", "\"identity\"", "certifies itself as identity"},
            {"\"key\":\"", "\"key\":\"00", "key is longer than"},
            {"\"until\":\"2028", "\"until\":\"2098", "at most twenty years"},
    };
    struct test_store *store = *state;
    struct test_node node = test_node(store, "kenanga");
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct share_letter letter = test_introduction_letter(store, &node);
        slice odd = certified_oddly(store, &node, rows[i].from, rows[i].to);
        letter.body = test_replaced(store, letter.body, message_key(store, letter.body), arena_cstr(store->arena, odd));
        struct share_introduction read;
        struct err err = share_introduction_read(test_sign(store, &letter, &node.identity), NOON, store->arena, &read);
        if (err.kind == ERR_NONE || strstr(err.why, rows[i].why) == NULL)
            fail_msg("%s: %s", rows[i].to, err.kind == ERR_NONE ? "taken" : err.why);
    }
    struct share_letter letter = test_introduction_letter(store, &node);
    letter.body =
            test_replaced(store, letter.body, arena_printf(store->arena, ",%s", message_key(store, letter.body)), "");
    introduction_refused(store, test_sign(store, &letter, &node.identity), ERR_INPUT, "has no message key");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(test_an_introduction_is_read, begin, end),
            cmocka_unit_test_setup_teardown(test_altered_introductions_are_refused, begin, end),
            cmocka_unit_test_setup_teardown(test_times_of_introductions, begin, end),
            cmocka_unit_test_setup_teardown(test_bad_introductions, begin, end),
            cmocka_unit_test_setup_teardown(test_keys_that_are_not_taken, begin, end),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
