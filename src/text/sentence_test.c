/* SPDX-License-Identifier: Apache-2.0 */
#include "text/sentence.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/arena.h"

static void assert_said(const char *english, const char *indonesian)
{
    struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
    slice said = sentence_text(catalogue_of(LANGUAGE_INDONESIAN), slice_of(english), arena);
    if (!slice_eq(said, slice_of(indonesian)))
        fail_msg("%s: %.*s", english, (int)said.len, said.ptr);
    assert_true(slice_eq(sentence_text(NULL, slice_of(english), arena), slice_of(english)));
    arena_close(arena);
}

static void a_sentence_without_parts_is_a_text_like_any_other(void **state)
{
    (void)state;
    assert_said("nobody is signed in", "tidak ada yang sedang masuk");
    assert_said("nobody is signed in?", "nobody is signed in?");
    assert_said("", "");
}

static void a_printed_sentence_keeps_what_was_printed_into_it(void **state)
{
    (void)state;
    assert_said("too many attempts failed; come again in 30 seconds",
            "terlalu banyak percobaan gagal; coba lagi dalam 30 detik");
    assert_said("there is a user \"dewi % \" already\" already", "sudah ada pengguna \"dewi % \" already\"");
    assert_said("the name is longer than 64 bytes: \"aaaa...\"", "name lebih panjang dari 64 bita: \"aaaa...\"");
    assert_said("too many attempts failed; come again in", "too many attempts failed; come again in");
}

static void a_part_may_be_a_text_itself(void **state)
{
    (void)state;
    assert_said("dewi may not judge objects; who may: analyst, admin",
            "dewi tidak boleh menilai objek; yang boleh: analyst, admin");
    assert_said("dewi may not judge objects alone; who may: analyst (with a second person), local",
            "dewi tidak boleh menilai objek sendirian; yang boleh: analyst (dengan orang kedua), local");
    assert_said("dewi may not prejudge objects; who may: analyst",
            "dewi tidak boleh prejudge objects; yang boleh: analyst");
}

static void hostile_parts_do_no_harm(void **state)
{
    (void)state;
    struct arena *arena = arena_open("test", ARENA_WORK, 1u << 20);
    const struct catalogue *catalogue = catalogue_of(LANGUAGE_INDONESIAN);
    static const char *const texts[] = {"%", "%s", "%d%d%d%d%d%d%d%d%d%d", "there is a user \"", "\xFF may not ",
            " may not ; who may: ", "%s may not %s%s; who may: %s"};
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        slice said = sentence_text(catalogue, slice_of(texts[i]), arena);
        assert_true(said.len < 256);
    }
    static char big[16384];
    memset(big, '"', sizeof big);
    slice whole = {big, sizeof big};
    assert_ptr_equal(sentence_text(catalogue, whole, arena).ptr, big);
    arena_close(arena);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_sentence_without_parts_is_a_text_like_any_other),
            cmocka_unit_test(a_printed_sentence_keeps_what_was_printed_into_it),
            cmocka_unit_test(a_part_may_be_a_text_itself),
            cmocka_unit_test(hostile_parts_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
