/* SPDX-License-Identifier: Apache-2.0 */
#include "app/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct option_row options[] = {
        {'i', "intel", "FILE", "May be repeated"},
        {'j', "threads", "N", "A number"},
        {0, "format", "NAME", "No short form"},
        {'q', "quiet", NULL, "A flag"},
        {'v', "verbose", NULL, "Another flag"},
};

static const struct command drum = {
        .name = "drum",
        .arguments = "[EVENTS...]",
        .about = "Only parsed, never run",
        .options = options,
        .option_count = COUNT_OF(options),
};

static int arena_setup(void **state)
{
    *state = arena_open("commands test", ARENA_PROCESS, 1 << 20);
    return 0;
}

static int arena_teardown(void **state)
{
    arena_close(*state);
    return 0;
}

/* The words behind the command's name, up to a NULL. getopt may reorder them, so they are copied. */
static struct err parse(void **state, const char *const *words, struct command_line *line)
{
    static char name[] = "drum";
    size_t count = 0;
    while (words[count] != NULL)
        count++;
    char **argv = arena_new(*state, char *, count + 2);
    argv[0] = name;
    for (size_t i = 0; i < count; i++) {
        argv[i + 1] = arena_take(*state, strlen(words[i]) + 1);
        memcpy(argv[i + 1], words[i], strlen(words[i]));
    }
    *line = (struct command_line){.arena = *state};
    return command_parse(&drum, (int)count + 1, argv, line);
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static struct command_line parsed(void **state, const char *const *words)
{
    struct command_line line;
    struct err err = parse(state, words, &line);
    assert_int_equal(err.kind, ERR_NONE);
    assert_ptr_equal(line.command, &drum);
    return line;
}

static void assert_refused(void **state, const char *const *words, const char *why)
{
    struct command_line line;
    struct err err = parse(state, words, &line);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_string_equal(err.why, why);
}

/* --- What was given ---------------------------------------------------------------------------------------------- */

static void all_spellings_of_an_option_mean_the_same(void **state)
{
    const char *const *const spellings[] = {
            WORDS("-i", "list.txt"), WORDS("-ilist.txt"), WORDS("--intel", "list.txt"), WORDS("--intel=list.txt")};
    for (size_t i = 0; i < COUNT_OF(spellings); i++) {
        struct command_line line = parsed(state, spellings[i]);
        assert_string_equal(command_text(&line, "intel"), "list.txt");
        assert_int_equal(line.given_count, 1);
        assert_int_equal(line.file_count, 0);
    }
}

static void what_was_not_given_is_absent(void **state)
{
    struct command_line line = parsed(state, WORDS("eve.json"));
    size_t at = 0;
    assert_null(command_text(&line, "intel"));
    assert_null(command_each(&line, "intel", &at));
    assert_false(command_flag(&line, "quiet"));
}

static void an_option_without_a_short_form_has_its_long_one(void **state)
{
    struct command_line line = parsed(state, WORDS("--format", "csv"));
    assert_string_equal(command_text(&line, "format"), "csv");
}

static void of_a_repeated_option_the_last_counts_or_each_in_order(void **state)
{
    struct command_line line = parsed(state, WORDS("-i", "one", "-j", "2", "--intel=two", "-ithree"));
    static const char *const expected[] = {"one", "two", "three"};
    size_t at = 0;
    for (size_t i = 0; i < COUNT_OF(expected); i++)
        assert_string_equal(command_each(&line, "intel", &at), expected[i]);
    assert_null(command_each(&line, "intel", &at));
    assert_null(command_each(&line, "intel", &at));
    assert_string_equal(command_text(&line, "intel"), "three");
}

static void flags_are_given_or_not(void **state)
{
    struct command_line line = parsed(state, WORDS("--quiet"));
    assert_true(command_flag(&line, "quiet"));
    assert_false(command_flag(&line, "verbose"));
    assert_null(command_text(&line, "quiet"));
}

static void short_flags_may_be_joined_however_many(void **state)
{
    struct command_line line = parsed(state, WORDS("-qvqvqvqvqvqvqvqv", "-vj4"));
    assert_int_equal(line.given_count, 18);
    assert_true(command_flag(&line, "quiet") && command_flag(&line, "verbose"));
    assert_string_equal(command_text(&line, "threads"), "4");
}

static void a_value_may_look_like_an_option_or_be_empty(void **state)
{
    struct command_line line = parsed(state, WORDS("--intel", "--quiet", "--format=", "-j", ""));
    assert_string_equal(command_text(&line, "intel"), "--quiet");
    assert_string_equal(command_text(&line, "format"), "");
    assert_string_equal(command_text(&line, "threads"), "");
    assert_false(command_flag(&line, "quiet"));
}

/* --- Files ------------------------------------------------------------------------------------------------------- */

static void files_may_stand_between_options(void **state)
{
    struct command_line line = parsed(state, WORDS("one.json", "-i", "list.txt", "-", "-q", "two.json"));
    assert_int_equal(line.file_count, 3);
    assert_string_equal(line.files[0], "one.json");
    assert_string_equal(line.files[1], "-");
    assert_string_equal(line.files[2], "two.json");
    assert_int_equal(line.given_count, 2);
}

static void two_dashes_end_the_options(void **state)
{
    struct command_line line = parsed(state, WORDS("-q", "--", "-v", "--intel", "--"));
    assert_int_equal(line.given_count, 1);
    assert_false(command_flag(&line, "verbose"));
    assert_int_equal(line.file_count, 3);
    assert_string_equal(line.files[0], "-v");
    assert_string_equal(line.files[1], "--intel");
    assert_string_equal(line.files[2], "--");
}

static void nothing_at_all_is_no_options_and_no_files(void **state)
{
    struct command_line line = parsed(state, (const char *const[]){NULL});
    assert_int_equal(line.given_count, 0);
    assert_int_equal(line.file_count, 0);
}

static void one_parse_leaves_nothing_to_the_next(void **state)
{
    struct command_line line;
    assert_int_equal(parse(state, WORDS("-q", "-xvv", "--threads"), &line).kind, ERR_INPUT);
    line = parsed(state, WORDS("-v", "eve.json"));
    assert_true(command_flag(&line, "verbose"));
    assert_false(command_flag(&line, "quiet"));
    assert_string_equal(line.files[0], "eve.json");
}

/* --- What was typed wrong ---------------------------------------------------------------------------------------- */

static void a_missing_value_names_the_option(void **state)
{
    assert_refused(state, WORDS("-i"), "-i wants a value; see `kentongan help drum`");
    assert_refused(state, WORDS("-q", "--intel"), "--intel wants a value; see `kentongan help drum`");
    assert_refused(state, WORDS("-qvi"), "-i wants a value; see `kentongan help drum`");
}

static void an_unknown_option_is_named(void **state)
{
    assert_refused(state, WORDS("--intell", "x"), "--intell is no option; see `kentongan help drum`");
    assert_refused(state, WORDS("-q", "-x"), "-x is no option; see `kentongan help drum`");
    assert_refused(state, WORDS("one.json", "-qxv"), "-x is no option; see `kentongan help drum`");
}

static void a_flag_with_a_value_is_refused(void **state)
{
    assert_refused(state, WORDS("--quiet=yes"), "--quiet takes no value; see `kentongan help drum`");
}

/* --- Before the command ------------------------------------------------------------------------------------------ */

static const struct option_row node_options[] = {{'c', "config", "CONF", "A node"}, {'q', "quiet", NULL, "A flag"}};

static const struct command village = {
        .name = "village",
        .arguments = "",
        .about = "A command that takes a node",
        .options = node_options,
        .option_count = COUNT_OF(node_options),
};

/* The words of a whole command line, `kentongan` included; the command is `command`. */
static struct err parse_whole(
        void **state, const struct command *command, const char *const *words, struct command_line *line)
{
    int count = 0, at = 0;
    while (words[count] != NULL)
        count++;
    char **argv = arena_new(*state, char *, (size_t)count + 1);
    for (int i = 0; i < count; i++) {
        argv[i] = arena_take(*state, strlen(words[i]) + 1);
        memcpy(argv[i], words[i], strlen(words[i]));
    }
    *line = (struct command_line){.arena = *state};
    TRY(command_parse_before(count, argv, line, &at));
    assert_true(at < count);
    assert_string_equal(argv[at], command->name);
    return command_parse(command, count - at, argv + at, line);
}

static void a_node_may_be_named_before_or_behind_the_command(void **state)
{
    const struct {
        const char *const *words;
        const char *conf;
    } rows[] = {
            {WORDS("kentongan", "-c", "a", "village", "-q"), "a"},
            {WORDS("kentongan", "--config=a", "village", "-q"), "a"},
            {WORDS("kentongan", "village", "-qca"), "a"},
            {WORDS("kentongan", "-c", "a", "village", "-c", "b", "-q"), "b"},
            {WORDS("kentongan", "village", "-q"), NULL},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct command_line line;
        assert_int_equal(parse_whole(state, &village, rows[i].words, &line).kind, ERR_NONE);
        const char *conf = command_text(&line, "config");
        assert_true(rows[i].conf == NULL ? conf == NULL : conf != NULL && strcmp(conf, rows[i].conf) == 0);
        assert_true(command_flag(&line, "quiet"));
        assert_int_equal(line.file_count, 0);
    }
}

static void a_command_without_a_node_refuses_one(void **state)
{
    struct command_line line;
    struct err err = parse_whole(state, &drum, WORDS("kentongan", "-c", "a", "drum"), &line);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_string_equal(err.why, "it needs no node: leave --config out");
}

/* --- Numbers ----------------------------------------------------------------------------------------------------- */

static void numbers_are_read_up_to_both_ends(void **state)
{
    struct command_line line = parsed(state, WORDS("-j", "1"));
    uint64_t value = 0;
    assert_int_equal(command_number(&line, "threads", 1, 256, 7, &value).kind, ERR_NONE);
    assert_int_equal(value, 1);
    line = parsed(state, WORDS("-j", "256"));
    assert_int_equal(command_number(&line, "threads", 1, 256, 7, &value).kind, ERR_NONE);
    assert_int_equal(value, 256);
    line = parsed(state, WORDS("-j", "18446744073709551615"));
    assert_int_equal(command_number(&line, "threads", 0, UINT64_MAX, 7, &value).kind, ERR_NONE);
    assert_true(value == UINT64_MAX);
}

static void a_number_not_given_is_the_default(void **state)
{
    struct command_line line = parsed(state, WORDS("eve.json"));
    uint64_t value = 0;
    assert_int_equal(command_number(&line, "threads", 1, 256, 7, &value).kind, ERR_NONE);
    assert_int_equal(value, 7);
}

static void what_is_no_number_in_range_is_refused_and_changes_nothing(void **state)
{
    static const char *const wrong[] = {
            "0", "257", "-1", "+1", " 1", "1 ", "1.5", "0x10", "four", "", "18446744073709551616", "1e2"};
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        struct command_line line = parsed(state, WORDS("-j", wrong[i]));
        uint64_t value = 99;
        struct err err = command_number(&line, "threads", 1, 256, 7, &value);
        assert_int_equal(err.kind, ERR_INPUT);
        assert_non_null(strstr(err.why, "--threads takes a whole number from 1 to 256"));
        assert_int_equal(value, 99);
    }
}

/* --- The table --------------------------------------------------------------------------------------------------- */

static void each_command_is_found_by_its_own_name_only(void **state)
{
    (void)state;
    for (size_t i = 0; commands[i] != NULL; i++)
        assert_ptr_equal(command_find(commands[i]->name), commands[i]);
    assert_null(command_find("macth"));
    assert_null(command_find("mat"));
    assert_null(command_find(""));
}

/* What help, completion and parsing rely on. */
static void each_row_can_be_shown_and_parsed(void **state)
{
    (void)state;
    for (size_t i = 0; commands[i] != NULL; i++) {
        const struct command *command = commands[i];
        assert_non_null(command->run);
        assert_true(command->about[0] != '\0' && command->arguments != NULL);
        for (size_t k = 0; k < command->option_count; k++)
            for (size_t before = 0; before < k; before++) {
                assert_string_not_equal(command->options[k].name, command->options[before].name);
                char letter = command->options[k].letter;
                assert_true(letter == 0 || letter != command->options[before].letter);
            }
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(all_spellings_of_an_option_mean_the_same),
            cmocka_unit_test(what_was_not_given_is_absent),
            cmocka_unit_test(an_option_without_a_short_form_has_its_long_one),
            cmocka_unit_test(of_a_repeated_option_the_last_counts_or_each_in_order),
            cmocka_unit_test(flags_are_given_or_not),
            cmocka_unit_test(short_flags_may_be_joined_however_many),
            cmocka_unit_test(a_value_may_look_like_an_option_or_be_empty),
            cmocka_unit_test(files_may_stand_between_options),
            cmocka_unit_test(two_dashes_end_the_options),
            cmocka_unit_test(nothing_at_all_is_no_options_and_no_files),
            cmocka_unit_test(one_parse_leaves_nothing_to_the_next),
            cmocka_unit_test(a_missing_value_names_the_option),
            cmocka_unit_test(an_unknown_option_is_named),
            cmocka_unit_test(a_flag_with_a_value_is_refused),
            cmocka_unit_test(a_node_may_be_named_before_or_behind_the_command),
            cmocka_unit_test(a_command_without_a_node_refuses_one),
            cmocka_unit_test(numbers_are_read_up_to_both_ends),
            cmocka_unit_test(a_number_not_given_is_the_default),
            cmocka_unit_test(what_is_no_number_in_range_is_refused_and_changes_nothing),
            cmocka_unit_test(each_command_is_found_by_its_own_name_only),
            cmocka_unit_test(each_row_can_be_shown_and_parsed),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
