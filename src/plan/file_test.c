/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

/* A kind with a field of each sort. */
struct drum {
    slice name;
    bool loud;
    uint64_t beats;
    slice *villages;
    size_t village_count;
};

static const char *loud_set(void *thing, slice value, struct arena *arena)
{
    (void)arena;
    return plan_truth(value, &((struct drum *)thing)->loud);
}

static const char *beats_set(void *thing, slice value, struct arena *arena)
{
    return plan_number(value, 1, 100, &((struct drum *)thing)->beats, arena);
}

static const char *villages_set(void *thing, slice value, struct arena *arena)
{
    struct drum *drum = thing;
    return plan_words(value, arena, &drum->villages, &drum->village_count);
}

static const char *end(void *thing, struct arena *arena)
{
    const struct drum *drum = thing;
    (void)arena;
    return drum->loud && drum->beats < 3 ? "a loud one has three beats at least" : NULL;
}

static const struct plan_field fields[] = {
        {"loud", false, loud_set}, {"beats", true, beats_set}, {"villages", false, villages_set}};
static const struct plan_kind kind = {"drum", sizeof(struct drum), fields, COUNT_OF(fields), end};

#define HEAD "[file]\nversion = 2026-11\nsource = made up\n"

static struct arena *arena;
static char said[8][256];
static size_t said_count;

static int set_up(void **state)
{
    (void)state;
    arena = arena_open("test", ARENA_WORK, 4u << 20);
    said_count = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

static void say(void *context, const char *name, size_t line, size_t column, const char *why)
{
    (void)context;
    if (said_count < COUNT_OF(said))
        snprintf(said[said_count++], sizeof said[0], "%s:%zu:%zu: %s", name, line, column, why);
}

static struct err read(const char *text, struct plan_file *file)
{
    return plan_read("drums.conf", slice_of(text), &kind, say, NULL, arena, file);
}

static void things_are_read_in_their_order(void **state)
{
    (void)state;
    struct plan_file file;
    struct err err =
            read(HEAD "[drum east]\nbeats = 7\nvillages = a b-c  d/e\n\n# quiet\n[drum west]\nloud = yes\nbeats = 3\n",
                    &file);
    assert_int_equal(err.kind, ERR_NONE);
    const struct drum *drums = file.things;
    assert_true(file.count == 2 && slice_eq(file.version, S("2026-11")) && slice_eq(file.source, S("made up")));
    assert_true(slice_eq(drums[0].name, S("east")) && drums[0].beats == 7 && !drums[0].loud);
    assert_true(drums[0].village_count == 3 && slice_eq(drums[0].villages[2], S("d/e")));
    assert_true(slice_eq(drums[1].name, S("west")) && drums[1].loud);
}

static void every_mistake_is_told_with_its_place(void **state)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
            {"", "drums.conf:1:1: the section [file] says version and source"},
            {"beats = 1\n" HEAD, "drums.conf:1:1: it stands before the first section"},
            {"[file]\ncolour = red\n", "drums.conf:2:1: [file] has version and source"},
            {"[file]\nversion = 1\nversion = 2\n", "drums.conf:3:1: it is said already"},
            {HEAD "[flute a]\n", "drums.conf:4:1: a section is [file] or [drum NAME]"},
            {HEAD "[drum]\n", "drums.conf:4:1: a section is [file] or [drum NAME]"},
            {HEAD "[drum A]\nbeats = 1\n", "drums.conf:4:1: a name is made of small letters, digits and hyphens"},
            {HEAD "[drum a]\nbeats = 1\n[drum a]\nbeats = 1\n", "drums.conf:6:1: another has this name already"},
            {HEAD "[drum a]\n", "drums.conf:4:1: this drum has no beats"},
            {HEAD "[drum a]\nbeats = 0\n", "drums.conf:5:9: beats: a whole number from 1 to 100"},
            {HEAD "[drum a]\nbeats = 1\nbeats = 2\n", "drums.conf:6:1: it is said already"},
            {HEAD "[drum a]\nbeats = 1\nloud = loud\n", "drums.conf:6:8: loud: yes or no"},
            {HEAD "[drum a]\nbeats = 1\ncolour = red\n", "drums.conf:6:1: a drum has no field \"colour\""},
            {HEAD "[drum a]\nbeats = 2\nloud = yes\n", "drums.conf:4:1: a loud one has three beats at least"},
            {HEAD "[drum a]\nbeats = 1\nvillages = A\n", "drums.conf:6:12: villages: words of small letters, digits, "
                                                         "hyphens and slashes, with blanks between"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct plan_file file;
        said_count = 0;
        struct err err = read(rows[i].text, &file);
        assert_int_equal(err.kind, ERR_INPUT);
        assert_string_equal(said[0], rows[i].why);
        assert_non_null(strstr(err.why, rows[i].why));
    }
}

static void all_mistakes_are_told_at_once(void **state)
{
    (void)state;
    struct plan_file file;
    struct err err = read(HEAD "[drum a]\nbeats = 0\nloud = x\n[drum b]\n", &file);
    assert_int_equal(said_count, 3);
    assert_non_null(strstr(err.why, "(and 2 mistakes more)"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(things_are_read_in_their_order, set_up, tear_down),
            cmocka_unit_test_setup_teardown(every_mistake_is_told_with_its_place, set_up, tear_down),
            cmocka_unit_test_setup_teardown(all_mistakes_are_told_at_once, set_up, tear_down),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
