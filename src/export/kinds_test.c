/* SPDX-License-Identifier: Apache-2.0 */
#include "export/kind_test.h"

static void every_kind_is_found_by_its_name(void **state)
{
    (void)state;
    for (size_t i = 0; export_kinds[i] != NULL; i++) {
        assert_ptr_equal(export_kind_find(slice_of(export_kinds[i]->name)), export_kinds[i]);
        assert_non_null(export_kinds[i]->about);
        assert_non_null(export_kinds[i]->extension);
    }
    assert_null(export_kind_find(S("snort")));
    assert_null(export_kind_find(S("")));
}

static void every_kind_writes_the_golden_cases(void **state)
{
    (void)state;
    for (size_t i = 0; export_kinds[i] != NULL; i++) {
        assert_expected("all", export_kinds[i]->name);
        assert_expected("none", export_kinds[i]->name);
    }
}

static bool conformance_load(const char *name, struct buf *content)
{
    char path[4096];
    const char *base = getenv("KENTONGAN_CONFORMANCE"), *root = getenv("KENTONGAN_ROOT");
    if (base != NULL)
        snprintf(path, sizeof(path), "%s/%s", base, name);
    else
        snprintf(path, sizeof(path), "%s/../shared/conformance/%s", root == NULL ? "." : root, name);
    return load_path(path, content);
}

/* As every kind; export_json holds the output against the shape of its kind. Values that went out. */
static uint64_t export_as_all(slice bundle)
{
    uint64_t values = 0;
    for (size_t i = 0; export_kinds[i] != NULL; i++) {
        struct export_options options = test_options();
        struct exported exported = export_json(export_kinds[i]->name, bundle, &options);
        values += exported.totals.values;
        exported_free(&exported);
    }
    return values;
}

/* A bundle or, of a list of pairs, a bundle behind "stix21" on each line. */
static void third_party_objects_keep_every_shape(void **state)
{
    (void)state;
    static const char *const names[] = {"stix/examples/threat-reports/apt1.json",
            "stix/examples/threat-reports/poisonivy.json", "stix/examples/infrastructure.json",
            "events/misp/misp-to-stix21-a.jsonl"};
    uint64_t values = 0;
    unsigned files = 0;
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        struct buf text = buf_make(EXPORTED_MAX);
        slice line;
        if (conformance_load(names[i], &text)) {
            slice rest = buf_slice(&text);
            bool lines = slice_ends(slice_of(names[i]), S(".jsonl"));
            files++;
            while (lines && slice_next(&rest, '\n', &line) && line.len > 0)
                values += export_as_all(json_get(line, S("stix21")));
            values += lines ? 0 : export_as_all(rest);
        }
        buf_free(&text);
    }
    print_message("# %u files, %llu values\n", files, (unsigned long long)values);
    if (files == 0)
        skip(); /* no third-party test data here */
    assert_true(values > 0);
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_kind_is_found_by_its_name),
            cmocka_unit_test(every_kind_writes_the_golden_cases),
            cmocka_unit_test(third_party_objects_keep_every_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
