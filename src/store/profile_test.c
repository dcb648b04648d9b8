/* SPDX-License-Identifier: Apache-2.0 */
#include "store/profile.h"

#include "store/test_store.h"

struct call {
    slice field, language, value;
    bool changed;
    struct profile_document document;
};

static struct err put(struct work *work, void *context)
{
    struct call *call = context;
    return store_profile_put(work, call->field, call->language, call->value, &call->changed);
}

static struct err document_put(struct work *work, void *context)
{
    struct call *call = context;
    call->document.made_us = work->now_us;
    return store_profile_document_put(work, &call->document);
}

static struct err document_drop(struct work *work, void *context)
{
    const struct call *call = context;
    return store_profile_document_drop(work, call->document.name);
}

static bool typed(struct test_store *store, const char *field, const char *language, const char *value)
{
    struct call call = {.field = slice_of(field), .language = slice_of(language), .value = slice_of(value)};
    test_ok(test_work(store, put, &call));
    return call.changed;
}

static void a_field_has_a_value_for_each_language(void **state)
{
    struct test_store *store = ready(state);
    struct profile_value *rows;
    size_t count;
    assert_true(typed(store, "mission", "en", "We warn."));
    assert_true(typed(store, "mission", "id", "Kami memperingatkan.\nSelalu."));
    assert_true(typed(store, "mail", "", "cert@melati.example"));
    assert_false(typed(store, "mail", "", "cert@melati.example"));
    assert_true(typed(store, "mission", "en", "We warn and help."));
    test_ok(store_profile_list(store->db, store->arena, &rows, &count));
    assert_int_equal(count, 3);
    assert_true(slice_eq(rows[0].field, S("mail")) && slice_eq(rows[1].language, S("en")));
    assert_true(slice_eq(rows[1].value, S("We warn and help.")) && slice_eq(rows[1].actor, S("local")));
    assert_true(typed(store, "mission", "en", ""));
    assert_false(typed(store, "mission", "en", ""));
    test_ok(store_profile_list(store->db, store->arena, &rows, &count));
    assert_int_equal(count, 2);
}

static void what_is_no_text_is_refused(void **state)
{
    struct test_store *store = ready(state);
    char long_text[PROFILE_VALUE_MAX + 1];
    memset(long_text, 'a', sizeof long_text);
    const slice values[] = {S("a\x01"), S("\xff"), {long_text, sizeof long_text}};
    for (size_t i = 0; i < COUNT_OF(values); i++) {
        struct call call = {.field = S("mission"), .language = S("en"), .value = values[i]};
        assert_int_equal(test_work(store, put, &call).kind, ERR_INPUT);
    }
}

static void a_document_is_kept_byte_for_byte(void **state)
{
    struct test_store *store = ready(state);
    struct profile_document read;
    struct call call = {.document = {.name = S("security.txt"),
                                .text = S("Contact: mailto:cert@melati.example\r\n"),
                                .source = hash_sha256(S("one")),
                                .fingerprint = S("")}};
    assert_int_equal(store_profile_document_get(store->db, S("security.txt"), store->arena, &read).kind, ERR_MISSING);
    test_ok(test_work(store, document_put, &call));
    call.document.fingerprint = S("ABCD");
    call.document.source = hash_sha256(S("two"));
    test_ok(test_work(store, document_put, &call));
    test_ok(store_profile_document_get(store->db, S("security.txt"), store->arena, &read));
    assert_true(slice_eq(read.text, call.document.text) && slice_eq(read.fingerprint, S("ABCD")));
    assert_memory_equal(&read.source, &call.document.source, sizeof read.source);
    assert_true(read.made_us == call.document.made_us);
    test_ok(test_work(store, document_drop, &call));
    assert_int_equal(store_profile_document_get(store->db, S("security.txt"), store->arena, &read).kind, ERR_MISSING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(a_field_has_a_value_for_each_language, set_up, tear_down),
            TEST_ON_BOTH(what_is_no_text_is_refused, set_up, tear_down),
            TEST_ON_BOTH(a_document_is_kept_byte_for_byte, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
