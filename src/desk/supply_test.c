/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/supply.h"

#include "share/test_share.h"
#include "store/test_organisation.h"

static void who_may_changes_it_and_it_is_told(void **state)
{
    struct test_store *store = ready(state);
    struct actor analyst = test_person(store, "ayu", ROLE_ANALYST),
                 officer = test_person(store, "budi", ROLE_DUTY_OFFICER);
    int64_t lab = test_constituent(store, "Lab Melati"), melati = test_constituent(store, "RS Melati");
    test_refused(desk_supply_put(store->db, &analyst, lab, melati, S(""), store->arena), ERR_DENIED, "ayu");
    test_refused(desk_supply_end(store->db, &analyst, lab, melati, store->arena), ERR_DENIED, "ayu");
    assert_int_equal(desk_supply_put(store->db, &officer, lab, lab, S(""), store->arena).kind, ERR_INPUT);
    assert_int_equal(desk_supply_end(store->db, &officer, lab, melati, store->arena).kind, ERR_MISSING);
    assert_int_equal(test_acts(store, "organisation.supplied"), 0);
    assert_int_equal(test_acts(store, "organisation.supply-ended"), 0);
    test_ok(desk_supply_put(store->db, &officer, lab, melati, S("blood tests"), store->arena));
    test_ok(desk_supply_end(store->db, &officer, lab, melati, store->arena));
    assert_int_equal(test_acts(store, "organisation.supplied"), 1);
    assert_int_equal(test_acts(store, "organisation.supply-ended"), 1);
    struct journal_row *rows;
    size_t count;
    slice subject = slice_of(arena_printf(store->arena, "organisation/%lld", (long long)melati));
    test_ok(store_journal_about(store->db, subject, INT64_MAX, 2, store->arena, &rows, &count));
    assert_int_equal(count, 2);
    assert_true(slice_find_slice(rows[1].detail, S("\"blood tests\"")) < rows[1].detail.len);
    assert_true(slice_find_slice(rows[0].detail, S("\"Lab Melati\"")) < rows[0].detail.len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST_ON_BOTH(who_may_changes_it_and_it_is_told, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
