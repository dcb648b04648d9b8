/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/judge.h"

#include "intel/test_intel.h"
#include "store/organisation.h"
#include "store/tag.h"
#include "json/check.h"
#include "json/read.h"

static const char FIRST[] = "2026-02-01T00:00:00.000Z", SECOND[] = "2026-03-01T00:00:00.000Z";
static const slice WHY = {"it is our own scanner", 21};

static struct object newest(struct test_store *store, const char *source, int id)
{
    struct object object = {0};
    int64_t number;
    test_ok(store_source_find(store->db, slice_of(source), &number));
    struct err err = store_object_newest(store->db, number, test_id(store->arena, id), store->arena, &object);
    if (err.kind != ERR_MISSING)
        test_ok(err);
    return object;
}

static void take(struct test_store *store, const char *source, int id, const char *modified)
{
    test_take(store, source, test_indicator(store->arena, id, modified, "evil.example"));
}

static struct intel_subject subject(struct test_store *store, const char *source, int id)
{
    return (struct intel_subject){slice_of(source), test_id(store->arena, id)};
}

/* ---- Judgements ---- */

static const struct {
    enum object_judged kind;
    int64_t at_us;
    const char *name;
} kinds[] = {
        {OBJECT_FALSE_POSITIVE, TIME_NONE, "false-positive"},
        {OBJECT_EXPIRED, INT64_C(1780000000000000), "expired"},
        {OBJECT_WITHDRAWN, TIME_NONE, "withdrawn"},
};

static void each_judgement_is_told_and_taken_back(void **state)
{
    struct test_store *store = ready(state);
    take(store, "peer", 1, FIRST);
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        struct intel_subject what = subject(store, "", 1);
        struct journal_row row;
        size_t count;
        test_ok(intel_judge(store->db, &store->actor, &what, kinds[i].kind, kinds[i].at_us, WHY, store->arena, &count));
        row = test_latest(store);
        assert_int_equal(count, 1);
        assert_int_equal(newest(store, "peer", 1).judged, kinds[i].kind);
        assert_int_equal(newest(store, "peer", 1).expiry_us, kinds[i].at_us);
        assert_true(slice_eq(row.act, S("intel.judged")) && slice_eq(row.subject, what.id));
        assert_int_equal(json_check(row.detail, &json_limits_default, NULL).kind, ERR_NONE);
        assert_true(slice_eq(json_text(json_get(row.detail, S("kind")), store->arena), slice_of(kinds[i].name)));
        assert_true(slice_eq(json_text(json_get(row.detail, S("id")), store->arena), what.id));
        assert_true(slice_eq(json_text(json_get(row.detail, S("reason")), store->arena), WHY));
        assert_true(json_get(row.detail, S("source")).len > 0);
        assert_int_equal(json_get(row.detail, S("at")).len > 0, kinds[i].at_us != TIME_NONE);
        struct err err =
                intel_judge(store->db, &store->actor, &what, kinds[i].kind, kinds[i].at_us, WHY, store->arena, &count);
        assert_int_equal(err.kind, ERR_CONFLICT);
        test_ok(intel_unjudge(store->db, &store->actor, &what, kinds[i].kind, WHY, store->arena, &count));
        assert_true(slice_eq(test_latest(store).act, S("intel.unjudged")));
        assert_int_equal(newest(store, "peer", 1).judged, 0);
        err = intel_unjudge(store->db, &store->actor, &what, kinds[i].kind, WHY, store->arena, &count);
        assert_int_equal(err.kind, ERR_CONFLICT);
    }
}

static void one_source_is_judged_or_all(void **state)
{
    struct test_store *store = ready(state);
    take(store, "peer", 1, FIRST);
    take(store, "feed", 1, FIRST);
    take(store, "feed", 2, FIRST);
    struct intel_subject one = subject(store, "peer", 1), all = subject(store, "", 1);
    size_t count;
    test_ok(intel_false_positive(store->db, &store->actor, &one, WHY, store->arena, &count));
    assert_int_equal(newest(store, "peer", 1).judged, OBJECT_FALSE_POSITIVE);
    assert_int_equal(newest(store, "feed", 1).judged, 0);
    test_ok(intel_false_positive(store->db, &store->actor, &all, WHY, store->arena, &count));
    assert_int_equal(count, 1); /* the other holds already */
    assert_int_equal(newest(store, "feed", 1).judged, OBJECT_FALSE_POSITIVE);
    assert_int_equal(newest(store, "feed", 2).judged, 0);
    struct intel_subject none = subject(store, "", 9), nobody = subject(store, "nobody", 1);
    assert_int_equal(
            intel_false_positive(store->db, &store->actor, &none, WHY, store->arena, &count).kind, ERR_MISSING);
    assert_int_equal(
            intel_false_positive(store->db, &store->actor, &nobody, WHY, store->arena, &count).kind, ERR_MISSING);
}

static void a_reason_is_asked_for(void **state)
{
    struct test_store *store = ready(state);
    take(store, "peer", 1, FIRST);
    struct intel_subject what = subject(store, "", 1);
    size_t count;
    struct err err = intel_false_positive(store->db, &store->actor, &what, S(""), store->arena, &count);
    assert_int_equal(err.kind, ERR_INPUT);
}

static void tags_are_put_and_dropped(void **state)
{
    struct test_store *store = ready(state);
    take(store, "peer", 1, FIRST);
    struct intel_subject what = subject(store, "peer", 1);
    struct tagged *tagged;
    size_t count;
    test_ok(intel_tag(store->db, &store->actor, &what, S("campaign-melati"), store->arena, &count));
    assert_int_equal(count, 1);
    assert_true(slice_eq(test_latest(store).act, S("intel.tagged")));
    test_ok(store_tagged_list(
            store->db, S("campaign-melati"), (struct tagged){.id = S("")}, 10, store->arena, &tagged, &count));
    assert_int_equal(count, 1);
    struct err err = intel_tag(store->db, &store->actor, &what, S("campaign-melati"), store->arena, &count);
    assert_int_equal(err.kind, ERR_CONFLICT);
    test_ok(intel_untag(store->db, &store->actor, &what, S("campaign-melati"), store->arena, &count));
    assert_true(slice_eq(test_latest(store).act, S("intel.untagged")));
    err = intel_untag(store->db, &store->actor, &what, S("campaign-melati"), store->arena, &count);
    assert_int_equal(err.kind, ERR_CONFLICT);
}

/* ---- Revoking ---- */

static struct err own_add(struct work *work, void *context)
{
    const struct organisation_put put = {
            .name = S("Melati CERT"), .kind = S("team"), .sector = S(""), .country = S(""), .relation = RELATION_OWN};
    return store_organisation_add(work, &put, context);
}

/* The same indicator, created by us. */
static const char *own_indicator(struct test_store *store, int id)
{
    struct organisation own;
    int64_t number;
    test_ok(store_work(store->db, &store->actor, store->arena, own_add, &number));
    test_ok(store_organisation_get(store->db, number, store->arena, &own));
    slice text = slice_of(test_indicator(store->arena, id, FIRST, "evil.example"));
    size_t at = slice_find_slice(text, S(TEST_CREATOR));
    return arena_printf(store->arena, "%.*s%.*s%s", (int)at, text.ptr, (int)own.identity.len, own.identity.ptr,
            text.ptr + at + strlen(TEST_CREATOR));
}

static void what_others_made_is_withdrawn_here(void **state)
{
    struct test_store *store = ready(state);
    take(store, "peer", 1, FIRST);
    struct intel_subject what = subject(store, "", 1);
    struct intel_revoked revoked;
    test_ok(intel_revoke(store->db, &store->actor, &what, WHY, store->arena, &revoked));
    assert_int_equal(revoked.withdrawn, 1);
    assert_int_equal(revoked.versions, 0);
    assert_int_equal(newest(store, "peer", 1).judged, OBJECT_WITHDRAWN);
    assert_false(newest(store, "peer", 1).revoked);
    test_ok(intel_unrevoke(store->db, &store->actor, &what, WHY, store->arena, &revoked));
    assert_int_equal(newest(store, "peer", 1).judged, 0);
    assert_int_equal(intel_unrevoke(store->db, &store->actor, &what, WHY, store->arena, &revoked).kind, ERR_CONFLICT);
}

static void what_we_made_is_revoked_by_a_new_version(void **state)
{
    struct test_store *store = ready(state);
    test_take(store, "desk", own_indicator(store, 1));
    struct intel_subject what = subject(store, "", 1);
    struct object before = newest(store, "desk", 1), after;
    struct intel_revoked revoked;
    test_ok(intel_revoke(store->db, &store->actor, &what, WHY, store->arena, &revoked));
    after = newest(store, "desk", 1);
    assert_int_equal(revoked.versions, 1);
    assert_int_equal(revoked.withdrawn, 0);
    assert_true(after.revoked && slice_order(after.version, before.version) > 0);
    assert_true(slice_eq(json_get(after.bytes, S("pattern")), json_get(before.bytes, S("pattern"))));
    assert_true(slice_eq(json_get(after.bytes, S("created")), json_get(before.bytes, S("created"))));
    assert_int_equal(intel_revoke(store->db, &store->actor, &what, WHY, store->arena, &revoked).kind, ERR_CONFLICT);
    test_ok(intel_unrevoke(store->db, &store->actor, &what, WHY, store->arena, &revoked));
    assert_int_equal(revoked.versions, 1);
    assert_false(newest(store, "desk", 1).revoked);
}

/* ---- Undoing ---- */

static void an_import_is_undone_and_earlier_versions_count_again(void **state)
{
    struct test_store *store = ready(state);
    take(store, "peer", 1, FIRST);
    struct intel_report report = test_take(store, "peer", test_indicator(store->arena, 1, SECOND, "evil.example"));
    assert_true(slice_eq(newest(store, "peer", 1).version, S("2026-03-01T00:00:00")));
    test_ok(intel_undo(store->db, &store->actor, report.import, WHY, store->arena));
    assert_true(slice_eq(newest(store, "peer", 1).version, S("2026-02-01T00:00:00")));
    assert_true(slice_eq(test_latest(store).act, S("import.undone")));
    assert_int_equal(intel_undo(store->db, &store->actor, report.import, WHY, store->arena).kind, ERR_CONFLICT);
    assert_int_equal(intel_undo(store->db, &store->actor, 4711, WHY, store->arena).kind, ERR_MISSING);
}

struct by_two {
    slice subject, detail;
};

static struct err do_undo(struct work *work, void *context)
{
    const struct by_two *by_two = context;
    return intel_do_undo(work, by_two->subject, by_two->detail);
}

static void an_analyst_undoes_an_import_with_a_second_person(void **state)
{
    struct test_store *store = ready(state);
    take(store, "peer", 1, FIRST);
    struct by_two first = {S("import/1"), S("{\"reason\":\"a mistake\"}")};
    struct actor analyst = store->actor;
    bool second = false;
    analyst.roles = 1u << ROLE_ANALYST;
    test_ok(intel_may_undo(store->db, &analyst, first.subject, first.detail, store->arena, &second));
    assert_true(second);
    test_ok(intel_may_undo(store->db, &store->actor, first.subject, first.detail, store->arena, &second));
    assert_false(second);
    assert_int_equal(
            intel_may_undo(store->db, &analyst, S("import/9"), first.detail, store->arena, &second).kind, ERR_MISSING);
    assert_int_equal(
            intel_may_undo(store->db, &analyst, S("user/1"), first.detail, store->arena, &second).kind, ERR_INPUT);
    assert_int_equal(
            intel_may_undo(store->db, &analyst, first.subject, S("{}"), store->arena, &second).kind, ERR_INPUT);
    test_ok(test_work(store, do_undo, &first));
    assert_true(slice_eq(test_latest(store).act, S("import.undone")));
}

/* ---- Rights ---- */

static void who_may_not_changes_nothing(void **state)
{
    struct test_store *store = ready(state);
    take(store, "peer", 1, FIRST);
    struct intel_subject what = subject(store, "", 1);
    struct intel_revoked revoked;
    struct actor auditor = store->actor;
    size_t count, before, after;
    auditor.roles = 1u << ROLE_AUDITOR;
    test_news(store, &before);
    const struct err answers[] = {
            intel_judge(store->db, &auditor, &what, OBJECT_FALSE_POSITIVE, TIME_NONE, WHY, store->arena, &count),
            intel_unjudge(store->db, &auditor, &what, OBJECT_FALSE_POSITIVE, WHY, store->arena, &count),
            intel_tag(store->db, &auditor, &what, S("tag"), store->arena, &count),
            intel_untag(store->db, &auditor, &what, S("tag"), store->arena, &count),
            intel_revoke(store->db, &auditor, &what, WHY, store->arena, &revoked),
            intel_unrevoke(store->db, &auditor, &what, WHY, store->arena, &revoked),
            intel_undo(store->db, &auditor, 1, WHY, store->arena),
    };
    test_news(store, &after);
    for (size_t i = 0; i < COUNT_OF(answers); i++)
        assert_int_equal(answers[i].kind, ERR_DENIED);
    assert_int_equal(before, after);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(each_judgement_is_told_and_taken_back, set_up, tear_down),
            TEST_ON_BOTH(one_source_is_judged_or_all, set_up, tear_down),
            TEST_ON_BOTH(a_reason_is_asked_for, set_up, tear_down),
            TEST_ON_BOTH(tags_are_put_and_dropped, set_up, tear_down),
            TEST_ON_BOTH(what_others_made_is_withdrawn_here, set_up, tear_down),
            TEST_ON_BOTH(what_we_made_is_revoked_by_a_new_version, set_up, tear_down),
            TEST_ON_BOTH(an_import_is_undone_and_earlier_versions_count_again, set_up, tear_down),
            TEST_ON_BOTH(an_analyst_undoes_an_import_with_a_second_person, set_up, tear_down),
            TEST_ON_BOTH(who_may_not_changes_nothing, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
