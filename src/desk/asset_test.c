/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/asset.h"

#include "share/test_share.h"
#include "store/test_organisation.h"

static struct asset_put put_of(int64_t organisation)
{
    return (struct asset_put){organisation, ASSET_PREFIX, S("203.0.113.0/26"), ASSET_EVER, TIME_NONE, S("contract 12")};
}

static void who_may_not_changes_nothing(void **state)
{
    struct test_store *store = ready(state);
    struct actor analyst = test_person(store, "ayu", ROLE_ANALYST),
                 officer = test_person(store, "budi", ROLE_DUTY_OFFICER);
    struct actor theirs = test_person(store, "citra", ROLE_CONSTITUENT_ADMIN);
    int64_t melati = test_constituent(store, "RS Melati"), number = 0;
    const struct asset_put put = put_of(melati);
    theirs.organisation = melati;
    test_refused(desk_asset_add(store->db, &analyst, &put, store->arena, &number), ERR_DENIED, "ayu");
    test_refused(desk_asset_add(store->db, &theirs, &put, store->arena, &number), ERR_DENIED, "citra");
    assert_int_equal(test_acts(store, "asset.added"), 0);
    test_ok(desk_asset_add(store->db, &officer, &put, store->arena, &number));
    test_refused(desk_asset_end(store->db, &analyst, number, 5000, S("moved"), store->arena), ERR_DENIED, "ayu");
    test_refused(desk_asset_hand(store->db, &analyst, number, melati, 5000, S(""), store->arena, &number), ERR_DENIED,
            "ayu");
    assert_int_equal(test_acts(store, "asset.added"), 1);
}

static void each_change_is_told(void **state)
{
    struct test_store *store = ready(state);
    struct actor officer = test_person(store, "budi", ROLE_DUTY_OFFICER);
    int64_t melati = test_constituent(store, "RS Melati"), kenanga = test_constituent(store, "RS Kenanga");
    int64_t number, fresh;
    const struct asset_put put = put_of(melati);
    test_ok(desk_asset_add(store->db, &officer, &put, store->arena, &number));
    test_ok(desk_asset_hand(store->db, &officer, number, kenanga, 5000, S("letter 7"), store->arena, &fresh));
    test_ok(desk_asset_end(store->db, &officer, fresh, 9000, S("given back"), store->arena));
    assert_int_equal(test_acts(store, "asset.handed"), 1);
    assert_int_equal(test_acts(store, "asset.ended"), 2);
    struct journal_row *rows;
    size_t count;
    slice subject = slice_of(arena_printf(store->arena, "asset/%lld", (long long)fresh));
    test_ok(store_journal_about(store->db, subject, INT64_MAX, 10, store->arena, &rows, &count));
    assert_int_equal(count, 2);
    assert_true(slice_find_slice(rows[0].detail, S("\"given back\"")) < rows[0].detail.len);
    assert_true(slice_find_slice(rows[1].detail, S("\"203.0.113.0/26\"")) < rows[1].detail.len);
    /* What failed is not told. */
    assert_int_equal(desk_asset_end(store->db, &officer, fresh, 9500, S(""), store->arena).kind, ERR_CONFLICT);
    assert_int_equal(test_acts(store, "asset.ended"), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(who_may_not_changes_nothing, set_up, tear_down),
            TEST_ON_BOTH(each_change_is_told, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
