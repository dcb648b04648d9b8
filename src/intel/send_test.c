/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/send.h"

#include "intel/judge.h"
#include "intel/test_intel.h"
#include "json/read.h"

static const char FIRST[] = "2026-02-01T00:00:00.000Z", SECOND[] = "2026-03-01T00:00:00.000Z";
static const slice WHY = {"it is our own scanner", 21};

/* What went out, and what was named as left out. */
struct sent {
    struct buf text, left;
    struct intel_sent totals;
};

static struct err write_text(void *context, slice text)
{
    struct sent *sent = context;
    buf_put(&sent->text, text);
    return OK;
}

static void left_out(void *context, const char *what, uint64_t count)
{
    struct sent *sent = context;
    buf_printf(&sent->left, "%llu %s\n", (unsigned long long)count, what);
}

static struct intel_send asked(struct sent *sent, const char *kind)
{
    *sent = (struct sent){.text = buf_make(16u << 20), .left = buf_make(1u << 20)};
    return (struct intel_send){.kind = export_kind_find(slice_of(kind)),
            .options = {.now_us = INT64_C(1790000000000000)},
            .since_us = TIME_NONE,
            .context = sent,
            .write = write_text,
            .left_out = left_out};
}

static void send_as(struct test_store *store, struct intel_send *send)
{
    struct sent *sent = send->context;
    test_ok(intel_send(store->db, &store->actor, send, store->arena, &sent->totals));
}

static void sent_free(struct sent *sent)
{
    buf_free(&sent->text);
    buf_free(&sent->left);
}

static bool holds(const struct sent *sent, const char *part)
{
    return slice_find_slice(buf_slice(&sent->text), slice_of(part)) < sent->text.len;
}

static bool is_left(const struct sent *sent, const char *part)
{
    return slice_find_slice(buf_slice(&sent->left), slice_of(part)) < sent->left.len;
}

static void the_newest_goes_out_byte_for_byte(void **state)
{
    struct test_store *store = ready(state);
    const char *first = test_indicator(store->arena, 1, FIRST, "evil.example");
    const char *second = test_indicator(store->arena, 1, SECOND, "evil.example");
    struct sent sent;
    struct intel_send send = asked(&sent, "stix");
    test_take(store, "peer", second);
    test_take(store, "peer", first);
    send_as(store, &send);
    assert_true(holds(&sent, second) && !holds(&sent, first));
    assert_int_equal(sent.totals.objects, 1);
    sent_free(&sent);
    send = asked(&sent, "stix");
    send.all_versions = true;
    send_as(store, &send);
    assert_true(holds(&sent, second) && holds(&sent, first));
    sent_free(&sent);
    send = asked(&sent, "csv");
    send.all_versions = true;
    struct err err = intel_send(store->db, &store->actor, &send, store->arena, &sent.totals);
    assert_int_equal(err.kind, ERR_INPUT);
    sent_free(&sent);
}

static void of_several_sources_the_latest_version_goes_out_once(void **state)
{
    struct test_store *store = ready(state);
    const char *first = test_indicator(store->arena, 1, FIRST, "evil.example");
    const char *second = test_indicator(store->arena, 1, SECOND, "evil.example");
    struct sent sent;
    struct intel_send send = asked(&sent, "stix");
    test_take(store, "peer", second);
    test_take(store, "feed", first);
    test_take(store, "third", second);
    send_as(store, &send);
    assert_true(holds(&sent, second) && !holds(&sent, first));
    assert_int_equal(sent.totals.objects, 1);
    sent_free(&sent);
    send = asked(&sent, "stix");
    send.source = S("feed");
    send_as(store, &send);
    assert_true(holds(&sent, first) && !holds(&sent, second));
    sent_free(&sent);
    send = asked(&sent, "stix");
    send.all_versions = true;
    send_as(store, &send);
    assert_int_equal(sent.totals.objects, 2); /* each content once */
    sent_free(&sent);
}

static void what_we_judged_stays_here_and_is_named(void **state)
{
    struct test_store *store = ready(state);
    static const struct {
        enum object_judged kind;
        int64_t at_us;
        const char *what;
        bool stays;
    } rows[] = {
            {OBJECT_FALSE_POSITIVE, TIME_NONE, "1 false positive, as we hold", true},
            {OBJECT_WITHDRAWN, TIME_NONE, "1 withdrawn here", true},
            {OBJECT_EXPIRED, INT64_C(1780000000000000), "1 expired, as we hold", true},
            {OBJECT_EXPIRED, INT64_C(1799000000000000), "", false},
    };
    static const char *const as[] = {"stix", "csv", "rpz"};
    test_take(store, "peer", test_indicator(store->arena, 1, FIRST, "evil.example"));
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct intel_subject what = {S(""), test_id(store->arena, 1)};
        size_t count;
        test_ok(intel_judge(store->db, &store->actor, &what, rows[i].kind, rows[i].at_us, WHY, store->arena, &count));
        for (size_t k = 0; k < COUNT_OF(as); k++) {
            struct sent sent;
            struct intel_send send = asked(&sent, as[k]);
            send_as(store, &send);
            assert_int_equal(holds(&sent, "evil.example"), !rows[i].stays);
            assert_int_equal(sent.left.len > 0, rows[i].stays);
            assert_true(!rows[i].stays || is_left(&sent, rows[i].what));
            sent_free(&sent);
        }
        test_ok(intel_unjudge(store->db, &store->actor, &what, rows[i].kind, WHY, store->arena, &count));
    }
}

static void what_one_source_got_wrong_another_may_still_say(void **state)
{
    struct test_store *store = ready(state);
    struct intel_subject what = {S("peer"), test_id(store->arena, 1)};
    struct sent sent;
    struct intel_send send = asked(&sent, "stix");
    size_t count;
    test_take(store, "peer", test_indicator(store->arena, 1, SECOND, "evil.example"));
    test_take(store, "feed", test_indicator(store->arena, 1, FIRST, "evil.example"));
    test_ok(intel_false_positive(store->db, &store->actor, &what, WHY, store->arena, &count));
    send_as(store, &send);
    assert_true(holds(&sent, FIRST) && !holds(&sent, SECOND));
    sent_free(&sent);
}

static void markings_go_before_what_they_mark_and_no_others(void **state)
{
    struct test_store *store = ready(state);
    static const char MARKED[] =
            "{\"type\":\"bundle\",\"id\":\"bundle--6b616c61-0000-4000-8000-000000000000\",\"objects\":["
            "{\"type\":\"malware\",\"spec_version\":\"2.1\",\"id\":\"malware--6b616c61-0000-4000-8000-000000000001\","
            "\"created\":\"2026-01-01T00:00:00.000Z\",\"modified\":\"2026-01-01T00:00:00.000Z\",\"is_family\":false,"
            "\"name\":\"Melati\",\"object_marking_refs\":"
            "[\"marking-definition--6b616c61-0000-4000-8000-000000000003\"]},"
            "{\"type\":\"marking-definition\",\"spec_version\":\"2.1\","
            "\"id\":\"marking-definition--6b616c61-0000-4000-8000-000000000002\",\"created\":\"2026-01-01T00:00:00."
            "000Z\","
            "\"definition_type\":\"statement\",\"definition\":{\"statement\":\"nobody refers to it\"}},"
            "{\"type\":\"marking-definition\",\"spec_version\":\"2.1\","
            "\"id\":\"marking-definition--6b616c61-0000-4000-8000-000000000003\",\"created\":\"2026-01-01T00:00:00."
            "000Z\","
            "\"definition_type\":\"statement\",\"definition\":{\"statement\":\"ours\"}}]}";
    struct sent sent;
    struct intel_send send = asked(&sent, "stix");
    test_take(store, "peer", MARKED);
    send.type = S("malware");
    send_as(store, &send);
    assert_int_equal(sent.totals.objects, 2);
    assert_false(holds(&sent, "nobody refers"));
    slice text = buf_slice(&sent.text);
    assert_true(slice_find_slice(text, S("\"ours\"")) < slice_find_slice(text, S("Melati")));
    sent_free(&sent);
    send = asked(&sent, "stix");
    send_as(store, &send);
    assert_int_equal(sent.totals.objects, 3);
    sent_free(&sent);
    send = asked(&sent, "stix");
    send.all_versions = true;
    send_as(store, &send);
    assert_int_equal(sent.totals.objects, 3);
    sent_free(&sent);
}

static void a_choice_of_ids_and_times(void **state)
{
    struct test_store *store = ready(state);
    struct sent sent;
    clock_set(INT64_C(1780000000000000));
    test_take(store, "peer", test_indicator(store->arena, 1, FIRST, "evil.example"));
    clock_set(INT64_C(1780000001000000));
    test_take(store, "peer", test_indicator(store->arena, 2, FIRST, "worse.example"));
    struct intel_send send = asked(&sent, "csv");
    send.since_us = INT64_C(1780000001000000);
    send_as(store, &send);
    assert_true(holds(&sent, "worse.example") && !holds(&sent, "evil.example"));
    sent_free(&sent);
    slice id = test_id(store->arena, 1), none = test_id(store->arena, 9);
    send = asked(&sent, "csv");
    send.ids = &id;
    send.id_count = 1;
    send_as(store, &send);
    assert_true(holds(&sent, "evil.example") && !holds(&sent, "worse.example"));
    send.ids = &none;
    struct err err = intel_send(store->db, &store->actor, &send, store->arena, &sent.totals);
    assert_int_equal(err.kind, ERR_MISSING);
    sent_free(&sent);
}

static void who_may_not_export_gets_nothing(void **state)
{
    struct test_store *store = ready(state);
    struct sent sent;
    struct intel_send send = asked(&sent, "csv");
    struct actor sysadmin = store->actor;
    sysadmin.roles = 1u << ROLE_SYSADMIN;
    test_take(store, "peer", test_indicator(store->arena, 1, FIRST, "evil.example"));
    struct err err = intel_send(store->db, &sysadmin, &send, store->arena, &sent.totals);
    assert_int_equal(err.kind, ERR_DENIED);
    assert_int_equal(sent.text.len, 0);
    sent_free(&sent);
}

static void many_pages_are_one_export(void **state)
{
    struct test_store *store = ready(state);
    struct buf text = buf_make(8u << 20);
    struct sent sent;
    enum { COUNT = 2 * INTEL_SEND_PAGE + 7 };
    for (int i = 0; i < COUNT; i++)
        buf_printf(&text, "%s\n", test_indicator(store->arena, i, FIRST, "evil.example"));
    buf_byte(&text, '\0');
    test_take(store, "peer", text.ptr);
    test_take(store, "feed", test_indicator(store->arena, 1, FIRST, "evil.example"));
    struct intel_send send = asked(&sent, "stix");
    send_as(store, &send);
    assert_int_equal(sent.totals.objects, COUNT);
    sent_free(&sent);
    buf_free(&text);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(the_newest_goes_out_byte_for_byte, set_up, tear_down),
            TEST_ON_BOTH(of_several_sources_the_latest_version_goes_out_once, set_up, tear_down),
            TEST_ON_BOTH(what_we_judged_stays_here_and_is_named, set_up, tear_down),
            TEST_ON_BOTH(what_one_source_got_wrong_another_may_still_say, set_up, tear_down),
            TEST_ON_BOTH(markings_go_before_what_they_mark_and_no_others, set_up, tear_down),
            TEST_ON_BOTH(a_choice_of_ids_and_times, set_up, tear_down),
            TEST_ON_BOTH(who_may_not_export_gets_nothing, set_up, tear_down),
            TEST_ON_BOTH(many_pages_are_one_export, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
