/* SPDX-License-Identifier: Apache-2.0 */
#include "share/charter.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "base/arena.h"

#define NODE(n) "identity--6b616c61-0000-4000-8000-00000000000" n
#define MEMBER(n) "{\"name\":\"CERT " n "\",\"node\":\"" NODE(n) "\"}"
#define SIX MEMBER("1") "," MEMBER("2") "," MEMBER("3") "," MEMBER("4") "," MEMBER("5") "," MEMBER("6")
#define RULES "\"rules\":{\"days\":14,\"majority\":{\"of\":3,\"yes\":2},\"quorum\":4}"
#define CHARTER                                                                                                        \
    "{\"marking\":\"TLP:GREEN\",\"meetings\":[\"Every month\"],\"members\":[" SIX "],\"name\":\"Health\","             \
    "\"purpose\":\"Protecting hospitals\"," RULES ",\"version\":1}"

static struct arena *arena;

static int set_up(void **state)
{
    (void)state;
    arena = arena_open("test of charters", ARENA_WORK, 64u << 20);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

static struct share_charter read_text(const char *text)
{
    struct share_charter charter;
    struct err err = share_charter_read(slice_of(text), arena, &charter);
    if (err.kind != ERR_NONE)
        fail_msg("%s: %s", err.why, text);
    return charter;
}

static const char *changed(const char *what, const char *by)
{
    slice text = S(CHARTER);
    size_t at = slice_find_slice(text, slice_of(what));
    assert_true(at < text.len);
    return arena_printf(arena, "%.*s%s%s", (int)at, text.ptr, by, text.ptr + at + strlen(what));
}

static void what_is_not_understood_is_refused_with_its_place(void **state)
{
    static const struct {
        const char *what, *by, *why;
    } cases[] = {
            {"\"version\":1", "\"version\":1,\"host\":true", "host: no such key"},
            {"\"yes\":2", "\"yes\":1", "rules.majority: it has to be more than a half"},
            {"\"of\":3", "\"of\":4", "rules.majority: it has to be more than a half"},
            {"\"yes\":2", "\"yes\":4", "rules.majority: that is more than all"},
            {"\"quorum\":4", "\"quorum\":7", "rules.quorum: more votes than"},
            {"\"quorum\":4", "\"quorum\":0", "rules.quorum: a whole number"},
            {"\"days\":14", "\"days\":31", "rules.days: a whole number from 1 to 30"},
            {NODE("2"), NODE("1"), "members: a node stands there twice"},
            {"[" SIX "]", "[" MEMBER("1") "]", "members: a group has two"},
            {"\"quorum\":4", "\"quorum\":4,\"proposers\":[\"" NODE("7") "\"]", "rules.proposers: one of them"},
            {"\"quorum\":4", "\"quorum\":4,\"proposers\":[]", "rules.proposers: nobody could"},
            {"TLP:GREEN", "GREEN", "marking: it is one of"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct share_charter charter;
        struct err err = share_charter_read(slice_of(changed(cases[i].what, cases[i].by)), arena, &charter);
        if (err.kind != ERR_INPUT || strstr(err.why, cases[i].why) == NULL)
            fail_msg("%zu: %s: %s", i, err_name(err.kind), err.why == NULL ? "" : err.why);
    }
}

static void what_narrows_and_what_widens(void **state)
{
    static const struct {
        const char *what, *by;
        bool narrows;
    } cases[] = {
            {"\"version\":1", "\"version\":2", true},
            {"," MEMBER("6"), "", true},
            {MEMBER("6"), MEMBER("6") "," MEMBER("7"), false},
            {MEMBER("6"), MEMBER("7"), false},
            {"\"yes\":2", "\"yes\":3", true},
            {"\"of\":3,\"yes\":2", "\"of\":4,\"yes\":3", true},
            {"\"of\":3,\"yes\":2", "\"of\":5,\"yes\":3", false},
            {"\"quorum\":4", "\"quorum\":5", true},
            {"\"quorum\":4", "\"quorum\":3", false},
            {"\"quorum\":4", "\"quorum\":4,\"proposers\":[\"" NODE("1") "\"]", true},
            {"\"days\":14", "\"days\":7", false},
            {"TLP:GREEN", "TLP:AMBER", true},
            {"TLP:GREEN", "TLP:CLEAR", false},
            {"Every month", "Every week", true},
            {"Protecting hospitals", "Anything", false},
            {"\"version\":1", "\"version\":2,\"dissolved\":true", true},
    };
    struct share_charter before = read_text(CHARTER);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct share_charter now = read_text(changed(cases[i].what, cases[i].by));
        if (share_charter_narrow(&before, &now) != cases[i].narrows)
            fail_msg("%s", now.text.ptr);
    }
    struct share_charter few = read_text(changed("\"quorum\":4", "\"quorum\":4,\"proposers\":[\"" NODE("1") "\"]"));
    assert_false(share_charter_narrow(&few, &before));
}

static void the_electorate_does_not_depend_on_order(void **state)
{
    struct share_charter one = read_text(CHARTER);
    struct share_charter other = read_text(changed(MEMBER("1") "," MEMBER("2"), MEMBER("2") "," MEMBER("1")));
    struct share_charter fewer = read_text(changed("," MEMBER("6"), ""));
    struct sha256 a = share_charter_electorate(&one), b = share_charter_electorate(&other),
                  c = share_charter_electorate(&fewer);
    (void)state;
    assert_memory_equal(a.bytes, b.bytes, sizeof a.bytes);
    assert_memory_not_equal(a.bytes, c.bytes, sizeof a.bytes);
}

/* Votes of the first members: 'y', 'n', or '.' for none. */
static struct share_motion motion_of(const char *id, int64_t ends_us, const char *votes)
{
    struct share_motion motion = {
            .id = slice_of(id), .ends_us = ends_us, .to = read_text(changed("\"version\":1", "\"version\":2"))};
    struct share_vote *rows = arena_new(arena, struct share_vote, 8);
    for (size_t i = 0; votes[i] != '\0'; i++)
        if (votes[i] != '.')
            rows[motion.vote_count++] =
                    (struct share_vote){slice_of(arena_printf(arena, NODE("%zu"), i + 1)), votes[i] == 'y'};
    motion.votes = rows;
    return motion;
}

/* Six members, two thirds, four votes at least. */
static void the_written_rule_decides(void **state)
{
    static const struct {
        const char *votes;
        bool carried, founds;
    } cases[] = {
            {"yyy...", false, false},
            {"yyyn..", false, false},
            {"yyynnn", false, false},
            {"yyyy..", true, false},
            {"yyyynn", true, false},
            {"..yyyy", true, false},
            {"yyy...y", false, false}, /* the seventh is no member */
            {"yyyyy.", true, false},
            {"yyyyy.", false, true},
            {"yyyyyy", true, true},
            {"yyyyyn", false, true},
    };
    struct share_charter before = read_text(CHARTER);
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct share_motion motion = motion_of("a", 1, cases[i].votes);
        struct share_tally tally = share_motion_tally(&motion, cases[i].founds ? NULL : &before);
        if (tally.carried != cases[i].carried)
            fail_msg("%s", cases[i].votes);
        assert_int_equal(tally.electorate, 6);
    }
}

static void a_quorum_can_ask_for_more_than_the_majority(void **state)
{
    struct share_charter before = read_text(changed("\"quorum\":4", "\"quorum\":6"));
    struct share_motion few = motion_of("a", 1, "yyyy.."), all = motion_of("a", 1, "yyyynn");
    (void)state;
    assert_false(share_motion_tally(&few, &before).carried);
    assert_true(share_motion_tally(&all, &before).carried);
}

static void of_two_the_same_one_counts_everywhere(void **state)
{
    struct share_charter before = read_text(CHARTER);
    struct share_motion motions[] = {motion_of("c", 20, "yyyy.."), motion_of("b", 10, "..yyyy"),
            motion_of("a", 10, ".yyyy."), motion_of("0", 1, "yyy...")};
    (void)state;
    for (int turn = 0; turn < 24; turn++) {
        struct share_motion swapped = motions[turn % 4];
        motions[turn % 4] = motions[turn % 3];
        motions[turn % 3] = swapped;
        const struct share_motion *first = share_motion_first(motions, COUNT_OF(motions), &before);
        assert_true(slice_eq(first->id, S("a")));
    }
    assert_null(share_motion_first(motions, 0, &before));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_is_not_understood_is_refused_with_its_place),
            cmocka_unit_test(what_narrows_and_what_widens),
            cmocka_unit_test(the_electorate_does_not_depend_on_order),
            cmocka_unit_test(the_written_rule_decides),
            cmocka_unit_test(a_quorum_can_ask_for_more_than_the_majority),
            cmocka_unit_test(of_two_the_same_one_counts_everywhere),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
