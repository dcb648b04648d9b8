/* SPDX-License-Identifier: Apache-2.0 */
#include "store/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/arena.h"
#include "store/feed.h"
#include "store/follower.h"
#include "store/import.h"
#include "store/judgement.h"
#include "store/organisation.h"
#include "store/retain.h"
#include "store/right.h"
#include "store/search.h"
#include "store/source.h"
#include "store/tag.h"
#include "store/user.h"

static int set_up(void **state)
{
    *state = arena_open("test", ARENA_WORK, 16u << 20);
    return 0;
}

static int tear_down(void **state)
{
    arena_close(*state);
    return 0;
}

static void the_schema_can_be_made(void **state)
{
    struct db *db;
    struct err err = store_open(&(struct db_options){.where = ":memory:", .create = true}, *state, &db);
    assert_string_equal(err.kind == ERR_NONE ? "" : err.why, "");
    db_close(db);
}

static void text_for_people_is_text(void **state)
{
    assert_true(slice_eq(store_text_keep(*state,
                                 S("a\x01\xff"
                                   "b\xc3\xa9"),
                                 100),
            S("a\xef\xbf\xbd\xef\xbf\xbd"
              "b\xc3\xa9")));
    assert_true(slice_eq(store_text_keep(*state, S("ab\xc3\xa9"), 3), S("ab")));
    assert_int_equal(store_text_check(*state, "name", S("<b>'; DROP TABLE object; --"), 100).kind, ERR_NONE);
    assert_int_equal(store_text_check(*state, "name", S(""), 100).kind, ERR_INPUT);
    assert_int_equal(store_text_check(*state, "name", S("abc"), 2).kind, ERR_INPUT);
    assert_int_equal(store_text_check(*state, "name", S("a\0b"), 100).kind, ERR_INPUT);
    assert_int_equal(store_text_check(*state, "name", S("\xff"), 100).kind, ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(the_schema_can_be_made, set_up, tear_down),
            cmocka_unit_test_setup_teardown(text_for_people_is_text, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
