/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>

#include "stix/object.h"
#include "stix/table_test.h"
#include "json/read.h"

/*
 * Every row of the tables refuses something: the samples in tests/data/stix/invalid are checked object by object, and
 * who spoke is counted. A row that no sample makes speak is named.
 */

#define ROWS_MAX 2048

static struct arena *arena;
static struct stix_check check;
/* How often each row spoke: rules by their number, properties by theirs, kinds of values by theirs. */
static size_t rules[ROWS_MAX], missing[ROWS_MAX], words[ROWS_MAX], kinds[STIX_KINDS];

/* Counts the row that speaks. A rule counts by its own sentence only, and not by another of the same function. */
static void heard(void *context, enum stix_level level, size_t offset, const char *why)
{
    (void)context, (void)offset;
    assert_non_null(why);
    slice said = slice_of(why);
    if (check.rule != NULL) {
        bool own = check.rule->why == NULL || slice_find_slice(said, slice_of(check.rule->why)) < said.len;
        rules[check.rule - stix_rules] += own && level == check.rule->level;
    } else if (check.property != NULL) {
        size_t row = (size_t)(check.property - stix_properties);
        bool required = slice_find_slice(said, S(" is required [")) < said.len;
        assert_true(row < ROWS_MAX);
        missing[row] += required;
        words[row] += level == STIX_ERROR && slice_find_slice(said, S(" is not in ")) < said.len;
        kinds[check.property->kind] += !required;
    }
}

static bool heard_wanted(void *context, enum stix_level level)
{
    (void)context, (void)level;
    return true;
}

static void object_heard(slice json, enum stix_version version)
{
    struct json_tape tape = {0};
    if (!json_tape_read(&tape, json, JSON_TAPE_STRICT) && !json_tape_read(&tape, json, JSON_TAPE_CHECKED))
        fail_msg("no JSON: %.*s", (int)json.len, json.ptr);
    check = (struct stix_check){.tape = &tape, .version = version, .work = arena, .say = heard, .wants = heard_wanted};
    stix_object_check(&check, 0);
    json_tape_free(&tape);
}

/* An object alone, or each of a bundle, by the version that the bundle says. */
static void sample_heard(slice text)
{
    slice list = json_kind(text) == JSON_ARRAY ? text : json_get(text, S("objects")), object;
    slice type = json_get(text, S("type")), version = json_get(text, S("spec_version"));
    bool wrapped = list.len > 0 && !slice_eq(type, S("\"observed-data\""));
    if (!wrapped) {
        object_heard(text, STIX_21);
        return;
    }
    if (json_kind(list) != JSON_ARRAY)
        return; /* a wrapper that is refused itself */
    struct json_elements walk = json_elements(list);
    while (json_element_next(&walk, &object))
        if (json_kind(object) == JSON_OBJECT)
            object_heard(object, slice_eq(version, S("\"2.0\"")) ? STIX_20 : STIX_21);
}

static int hear_all(void **state)
{
    (void)state;
    arena = arena_open("rules test", ARENA_WORK, 256u << 20);
    const char *folder = arena_printf(arena, "%s/tests/data/stix/invalid", table_root());
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (slice_ends(slice_of(entry->d_name), S(".json")))
            sample_heard(slice_trim(table_text(arena_printf(arena, "%s/%s", folder, entry->d_name), arena)));
    closedir(dir);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    arena_close(arena);
    return 0;
}

static void every_rule_has_a_sample(void **state)
{
    (void)state;
    size_t silent = 0, row = 0;
    for (const struct stix_rule *rule = stix_rules; rule->type != NULL; rule++, row++)
        if (rules[row] == 0) {
            print_error("no sample for rule %zu: %s, section %s: %s\n", row + 1, rule->type, rule->section,
                    rule->why == NULL ? "" : rule->why);
            silent++;
        }
    print_message("# %zu rules\n", row);
    assert_int_equal(silent, 0);
    assert_true(row > 60);
}

static void every_required_property_is_missing_somewhere(void **state)
{
    (void)state;
    size_t silent = 0, count = 0;
    for (size_t row = 0; stix_properties[row].type != NULL; row++) {
        const struct stix_property *property = &stix_properties[row];
        if ((property->flags & (STIX_REQUIRED | STIX_REQUIRED_20)) == 0)
            continue;
        count++;
        /* What has no type is no object of it: that is said before its rows are asked. */
        bool told_before = strcmp(property->name, "type") == 0 && property->kind == STIX_TYPE_NAME;
        if (missing[row] == 0 && !told_before) {
            print_error("no sample lacks %s of %s\n", property->name, property->type);
            silent++;
        }
    }
    print_message("# %zu required properties\n", count);
    assert_int_equal(silent, 0);
    assert_true(count > 100);
}

static void every_enumeration_refuses_a_word(void **state)
{
    (void)state;
    size_t silent = 0, count = 0;
    for (size_t row = 0; stix_properties[row].type != NULL; row++) {
        const struct stix_property *property = &stix_properties[row];
        if (property->kind != STIX_WORD || !stix_vocabularies[stix_vocabulary_find(property->what)].closed)
            continue;
        count++;
        if (words[row] == 0) {
            print_error("no sample has a word that %s of %s refuses\n", property->name, property->type);
            silent++;
        }
    }
    print_message("# %zu properties with an enumeration\n", count);
    assert_int_equal(silent, 0);
    assert_true(count > 20);
}

static void every_kind_of_value_refuses_one(void **state)
{
    (void)state;
    size_t silent = 0;
    for (const struct stix_property *row = stix_properties; row->type != NULL; row++)
        if (row->kind != STIX_ANY && kinds[row->kind]++ == 0) {
            print_error("no sample has a value that the kind of %s of %s refuses\n", row->name, row->type);
            silent++;
        }
    assert_int_equal(silent, 0);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_rule_has_a_sample),
            cmocka_unit_test(every_required_property_is_missing_somewhere),
            cmocka_unit_test(every_enumeration_refuses_a_word),
            cmocka_unit_test(every_kind_of_value_refuses_one),
    };
    return cmocka_run_group_tests(tests, hear_all, close_all);
}
