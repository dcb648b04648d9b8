/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/notes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"

static void names_are_found_however_many_there_are(void **state)
{
    enum { MANY = 20000 }; /* more than the table begins with, several times over */
    struct arena *arena = arena_open("test", ARENA_WORK, 64u << 20);
    struct notes notes = intel_notes_open();
    (void)state;
    assert_null(intel_note_find(&notes, S("anything")));
    for (int64_t i = 1; i <= MANY; i++)
        assert_int_equal(
                intel_note_put(&notes, slice_of(arena_printf(arena, "id-%lld", (long long)i)), i, S("v")).kind, 0);
    for (int64_t i = 1; i <= MANY; i++) {
        const struct noted *noted = intel_note_find(&notes, slice_of(arena_printf(arena, "id-%lld", (long long)i)));
        assert_int_equal(noted->number, i);
    }
    assert_int_equal(notes.count, MANY);
    assert_int_equal(intel_note_find(&notes, S("id-0"))->number, 0);
    intel_notes_close(&notes);
    arena_close(arena);
}

static void a_later_note_takes_the_place_of_the_first(void **state)
{
    struct notes notes = intel_notes_open();
    bool fresh;
    (void)state;
    assert_int_equal(intel_note_put(&notes, S("id"), 1, S("2026-01-01")).kind, 0);
    assert_int_equal(intel_note_put(&notes, S("id"), 2, S("2026-02-01")).kind, 0);
    assert_int_equal(notes.count, 1);
    assert_int_equal(intel_note_find(&notes, S("id"))->number, 2);
    assert_true(slice_eq(intel_note_find(&notes, S("id"))->version, S("2026-02-01")));
    assert_int_equal(intel_note_once(&notes, S("id"), 3, &fresh).kind, 0);
    assert_false(fresh);
    assert_int_equal(intel_note_find(&notes, S("id"))->number, 2);
    assert_int_equal(intel_note_once(&notes, S(""), 3, &fresh).kind, 0);
    assert_true(fresh);
    intel_notes_close(&notes);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(names_are_found_however_many_there_are),
            cmocka_unit_test(a_later_note_takes_the_place_of_the_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
