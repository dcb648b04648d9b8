/* SPDX-License-Identifier: Apache-2.0 */
#include "sift/load.h"

#include "input/temp_test.h"

#define ID "\"id\":\"indicator--00000000-0000-4000-8000-00000000000"
#define INDICATOR(n, modified, value, more)                                                                            \
    "{\"type\":\"indicator\",\"spec_version\":\"2.1\"," ID n                                                           \
    "\",\"created\":\"2026-01-01T00:00:00Z\",\"modified\":\"" modified "\",\"pattern\":\"[domain-name:value = '" value \
    "']\",\"pattern_type\":\"stix\",\"valid_from\":\"2026-01-01T00:00:00Z\"" more "}"
#define BUNDLE(objects)                                                                                                \
    "{\"type\":\"bundle\",\"id\":\"bundle--00000000-0000-4000-8000-000000000001\",\"objects\":[" objects "]}"

/* What loading told. */
struct told {
    uint64_t problems, problem_line, indicators, skipped, files;
};

static void tell_problem(void *context, const char *file, uint64_t line, uint64_t column, const char *why)
{
    struct told *told = context;
    assert_non_null(file);
    assert_non_null(why);
    (void)column;
    told->problems++;
    told->problem_line = line;
}

static void tell_file(void *context, const char *file, const char *form, uint64_t indicators, uint64_t problems)
{
    struct told *told = context;
    assert_non_null(file);
    assert_non_null(form);
    (void)problems;
    told->files++;
    told->indicators += indicators;
}

static void tell_progress(void *context, const char *file, uint64_t indicators)
{
    (void)context;
    (void)file;
    (void)indicators;
}

static void tell_skipped(void *context, const char *file, const char *what, uint64_t count)
{
    (void)file;
    (void)what;
    ((struct told *)context)->skipped += count;
}

static struct load_report report_to(struct told *told)
{
    return (struct load_report){told, tell_problem, tell_file, tell_progress, tell_skipped};
}

static void count_found(void *context, uint32_t tag, uint32_t number)
{
    (void)tag;
    (void)number;
    ++*(unsigned *)context;
}

static unsigned names_met(const struct match_index *index, const char *name)
{
    unsigned met = 0;
    struct observable observable = {.type = OBSERVABLE_HOST, .value = slice_of(name), .field = S("f")};
    match_find(index, &observable, 0, count_found, &met);
    return met;
}

static struct err load(
        struct arena *arena, const char *const *texts, size_t count, struct told *told, struct match_index **index)
{
    struct temp temps[4];
    const char *names[4] = {NULL};
    for (size_t i = 0; i < count; i++) {
        temps[i] = temp_make(slice_of(texts[i]));
        names[i] = arena_printf(arena, "%s", temps[i].name);
    }
    struct load_report report = report_to(told);
    struct err err = load_open(names, count, &report, arena, index);
    for (size_t i = 0; i < count; i++)
        temp_drop(&temps[i]);
    return err;
}

static void files_of_several_forms_make_one_index(void **state)
{
    static const char *const texts[] = {
            "domain\tlist.example\n",
            "type,value\ndomain,csv.example\n",
            BUNDLE(INDICATOR("1", "2026-01-01T00:00:00Z", "stix.example", "")),
    };
    struct told told = {0};
    struct match_index *index = NULL;
    struct err err = load(*state, texts, COUNT_OF(texts), &told, &index);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(match_count(index), 3);
    assert_int_equal(told.files, 3);
    assert_int_equal(told.indicators, 3);
    assert_int_equal(names_met(index, "www.list.example"), 1);
    assert_int_equal(names_met(index, "csv.example"), 1);
    assert_int_equal(names_met(index, "stix.example"), 1);
    assert_int_equal(names_met(index, "www.stix.example"), 0); /* exact, as the standard says */
    match_close(index);
}

static void of_several_versions_the_newest_counts(void **state)
{
    static const char *const texts[] = {
            BUNDLE(INDICATOR("1", "2026-03-01T00:00:00Z", "new.example", "") "," INDICATOR(
                    "1", "2026-01-01T00:00:00Z", "old.example", "")),
            BUNDLE(INDICATOR("1", "2026-02-01T00:00:00Z", "middle.example", "")),
    };
    struct told told = {0};
    struct match_index *index = NULL;
    struct err err = load(*state, texts, COUNT_OF(texts), &told, &index);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(match_count(index), 1);
    assert_int_equal(names_met(index, "new.example"), 1);
    assert_int_equal(names_met(index, "old.example") + names_met(index, "middle.example"), 0);
    match_close(index);
}

static void a_revoked_newest_version_leaves_none(void **state)
{
    static const char *const texts[] = {
            BUNDLE(INDICATOR("1", "2026-01-01T00:00:00Z", "gone.example", "") "," INDICATOR("1", "2026-02-01T00:00:00Z",
                    "gone.example",
                    ",\"revoked\":true") "," INDICATOR("2", "2026-01-01T00:00:00Z", "here.example", "")),
    };
    struct told told = {0};
    struct match_index *index = NULL;
    struct err err = load(*state, texts, COUNT_OF(texts), &told, &index);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(names_met(index, "gone.example"), 0);
    assert_int_equal(names_met(index, "here.example"), 1);
    match_close(index);
}

static void all_values_of_one_object_stay(void **state)
{
    static const char *const texts[] = {
            BUNDLE(INDICATOR("1", "2026-01-01T00:00:00Z", "a.example' OR domain-name:value = 'b.example", "")),
    };
    struct told told = {0};
    struct match_index *index = NULL;
    struct err err = load(*state, texts, COUNT_OF(texts), &told, &index);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(names_met(index, "a.example"), 1);
    assert_int_equal(names_met(index, "b.example"), 1);
    match_close(index);
}

static void bad_rows_are_told_and_the_rest_is_used(void **state)
{
    static const char *const texts[] = {"domain\tgood.example\nipv4\t192.0.2.999\n"};
    struct told told = {0};
    struct match_index *index = NULL;
    struct err err = load(*state, texts, 1, &told, &index);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(told.problems, 1);
    assert_int_equal(told.problem_line, 2);
    assert_int_equal(names_met(index, "good.example"), 1);
    match_close(index);
}

static void a_file_without_one_good_row_is_refused(void **state)
{
    static const char *const texts[] = {"ipv4\t192.0.2.999\nipv4\tnot an address\n"};
    struct told told = {0};
    struct match_index *index = NULL;
    struct err err = load(*state, texts, 1, &told, &index);
    assert_int_equal(err.kind, ERR_INPUT);
    assert_int_equal(told.problems, 2);
    assert_null(index);
}

static void broken_json_is_refused_as_a_whole(void **state)
{
    static const char *const texts[] = {"{\"type\":\"bundle\",\"objects\":[{\"type\":\"indicator\",}]}"};
    struct told told = {0};
    struct match_index *index = NULL;
    assert_int_equal(load(*state, texts, 1, &told, &index).kind, ERR_INPUT);
    assert_null(index);
}

/* Makes `image` the index of the one file `list`. */
static void compile(struct arena *arena, const struct temp *list, const struct temp *image)
{
    struct told told = {0};
    struct load_report report = report_to(&told);
    const char *names[] = {list->name};
    struct match_builder *builder = NULL;
    struct err err = load_build(names, 1, &report, arena, &builder);
    assert_int_equal(err.kind, ERR_NONE);
    err = match_build_write(builder, image->name, arena);
    assert_int_equal(err.kind, ERR_NONE);
    match_builder_close(builder);
}

static void a_compiled_index_can_be_merged_with_a_list(void **state)
{
    static const char *const texts[] = {"domain\tone.example\tfirst-id\n"};
    struct told told = {0};
    struct match_index *index = NULL;
    struct temp list = temp_make(slice_of(texts[0])), image = temp_make(S("")),
                more = temp_make(S("host\ttwo.example\n"));
    struct load_report report = report_to(&told);
    compile(*state, &list, &image);
    const char *both[] = {image.name, more.name};
    struct err err = load_open(both, 2, &report, *state, &index);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(match_count(index), 2);
    assert_int_equal(names_met(index, "www.one.example"), 1);
    assert_int_equal(names_met(index, "two.example"), 1);
    match_close(index);
    temp_drop(&list);
    temp_drop(&image);
    temp_drop(&more);
}

static void a_newer_revocation_takes_an_indicator_out_of_a_compiled_index(void **state)
{
    struct told told = {0};
    struct match_index *index = NULL;
    struct temp old = temp_make(S(BUNDLE(INDICATOR("1", "2026-01-01T00:00:00Z", "gone.example", ""))));
    struct temp new = temp_make(S(BUNDLE(INDICATOR("1", "2026-02-01T00:00:00Z", "gone.example", ",\"revoked\":true"))));
    struct temp image = temp_make(S(""));
    struct load_report report = report_to(&told);
    compile(*state, &old, &image);
    const char *both[] = {image.name, new.name};
    struct err err = load_open(both, 2, &report, *state, &index);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(names_met(index, "gone.example"), 0);
    match_close(index);
    temp_drop(&old);
    temp_drop(&new);
    temp_drop(&image);
}

#define PATTERN(n, modified, pattern, more)                                                                            \
    "{\"type\":\"indicator\",\"spec_version\":\"2.1\"," ID n                                                           \
    "\",\"created\":\"2026-01-01T00:00:00Z\",\"modified\":\"" modified "\",\"pattern\":\"" pattern                     \
    "\",\"pattern_type\":\"stix\",\"valid_from\":\"2026-01-01T00:00:00Z\"" more "}"
#define BOTH "[domain-name:value = 'one.example'] AND [domain-name:value = 'two.example']"

static void a_pattern_is_kept_with_a_hint_for_each_side(void **state)
{
    static const char *const texts[] = {BUNDLE(PATTERN("1", "2026-01-01T00:00:00Z", BOTH, ""))};
    struct told told = {0};
    struct match_index *index = NULL;
    struct err err = load(*state, texts, 1, &told, &index);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(match_count(index), 1);
    assert_int_equal(match_patterns(index), 1);
    assert_int_equal(match_records(index), 2);
    assert_int_equal(names_met(index, "one.example"), 1);
    struct match_entry entry;
    match_pattern(index, 0, &entry);
    assert_true(slice_eq(entry.value, S(BOTH)));
    match_close(index);
}

static void the_newest_version_of_a_pattern_counts(void **state)
{
    static const char *const texts[] = {
            BUNDLE(PATTERN("1", "2026-01-01T00:00:00Z", BOTH, "") "," INDICATOR(
                    "2", "2026-02-01T00:00:00Z", "new.example", "")),
            BUNDLE(PATTERN("1", "2026-02-01T00:00:00Z", BOTH, ",\"revoked\":true") "," PATTERN("2",
                    "2026-01-01T00:00:00Z", BOTH,
                    "") "," PATTERN("3", "2026-01-01T00:00:00Z", BOTH, ",\"revoked\":true")),
    };
    struct told told = {0};
    struct match_index *index = NULL;
    struct err err = load(*state, texts, COUNT_OF(texts), &told, &index);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(match_patterns(index), 0);
    assert_int_equal(names_met(index, "new.example"), 1);
    assert_int_equal(names_met(index, "one.example"), 0);
    match_close(index);
}

static void what_no_event_has_is_told_and_left_out(void **state)
{
    static const char *const texts[] = {BUNDLE(
            PATTERN("3", "2026-01-01T00:00:00Z", "[ipv4-addr:value = '192.0.2.0/24'] AND [ipv4-addr:value = 'x']",
                    "") "," PATTERN("1", "2026-01-01T00:00:00Z", "[file:size = 7 OR process:pid = 7]",
                    "") "," PATTERN("2", "2026-01-01T00:00:00Z", "[file:size > 7 AND file:name LIKE 'kembang%']", ""))};
    struct told told = {0};
    struct match_index *index = NULL;
    struct err err = load(*state, texts, 1, &told, &index);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(told.skipped, 4);
    assert_int_equal(match_patterns(index), 1);
    match_close(index);
}

static void a_compiled_pattern_is_merged_and_its_hints_are_made_anew(void **state)
{
    struct told told = {0};
    struct match_index *index = NULL;
    struct temp old = temp_make(S(BUNDLE(PATTERN("1", "2026-01-01T00:00:00Z", BOTH, "")))), image = temp_make(S(""));
    struct temp new = temp_make(S("host\tthree.example\n"));
    struct load_report report = report_to(&told);
    compile(*state, &old, &image);
    const char *both[] = {new.name, image.name};
    struct err err = load_open(both, 2, &report, *state, &index);
    assert_int_equal(err.kind, ERR_NONE);
    assert_int_equal(match_count(index), 2);
    assert_int_equal(match_records(index), 3);
    assert_int_equal(names_met(index, "two.example"), 1);
    struct match_entry entry;
    match_pattern(index, 0, &entry);
    assert_true(slice_eq(entry.value, S(BOTH)));
    match_close(index);
    temp_drop(&old);
    temp_drop(&new);
    temp_drop(&image);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(files_of_several_forms_make_one_index),
            cmocka_unit_test(of_several_versions_the_newest_counts),
            cmocka_unit_test(a_revoked_newest_version_leaves_none),
            cmocka_unit_test(all_values_of_one_object_stay),
            cmocka_unit_test(bad_rows_are_told_and_the_rest_is_used),
            cmocka_unit_test(a_file_without_one_good_row_is_refused),
            cmocka_unit_test(broken_json_is_refused_as_a_whole),
            cmocka_unit_test(a_compiled_index_can_be_merged_with_a_list),
            cmocka_unit_test(a_newer_revocation_takes_an_indicator_out_of_a_compiled_index),
            cmocka_unit_test(a_pattern_is_kept_with_a_hint_for_each_side),
            cmocka_unit_test(the_newest_version_of_a_pattern_counts),
            cmocka_unit_test(what_no_event_has_is_told_and_left_out),
            cmocka_unit_test(a_compiled_pattern_is_merged_and_its_hints_are_made_anew),
    };
    return cmocka_run_group_tests(tests, arena_setup, arena_teardown);
}
