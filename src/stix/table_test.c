/* SPDX-License-Identifier: Apache-2.0 */
#include "stix/table.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct stix_ready *property(const char *type, const char *name)
{
    return stix_property_find(stix_type_find(slice_of(type)), slice_of(name));
}

static void every_row_of_a_property_names_what_there_is(void **state)
{
    (void)state;
    for (const struct stix_property *row = stix_properties; row->name != NULL; row++) {
        uint16_t type = stix_type_find(slice_of(row->type));
        if (type == STIX_NONE)
            fail_msg("%s.%s: no such type", row->type, row->name);
        if (stix_types[type].family != STIX_COMMON && property(row->type, row->name)->row != row)
            fail_msg("%s.%s: twice", row->type, row->name);
        bool wants = row->kind == STIX_REF || row->kind == STIX_WORD || row->kind == STIX_OBJECT;
        if (wants && row->what == NULL)
            fail_msg("%s.%s: what?", row->type, row->name);
        bool reference = slice_ends(slice_of(row->name), S("_ref")) || slice_ends(slice_of(row->name), S("_refs"));
        if (reference != (row->kind == STIX_REF))
            fail_msg("%s.%s: names of references, and only those, end so (section 3.1)", row->type, row->name);
        if (slice_ends(slice_of(row->name), S("_refs")) && (row->flags & STIX_LIST) == 0)
            fail_msg("%s.%s: is a list (section 3.1)", row->type, row->name);
    }
}

static void every_object_has_what_objects_have_in_common(void **state)
{
    (void)state;
    for (uint16_t t = 0; stix_types[t].name != NULL; t++) {
        const struct stix_type *type = &stix_types[t];
        assert_int_equal(stix_type_find(slice_of(type->name)), t);
        assert_int_equal(type->common != NULL, type->family <= STIX_META);
        if (type->common == NULL)
            continue;
        assert_non_null(property(type->name, "type"));
        assert_true((property(type->name, "id")->row->flags & STIX_REQUIRED) != 0);
        assert_true((stix_masks(t)->required >> property(type->name, "type")->bit & 1) != 0);
    }
}

static void every_list_of_targets_is_of_types(void **state)
{
    (void)state;
    for (const struct stix_relationship *row = stix_relations; row->source != NULL; row++) {
        slice rest = slice_of(row->targets), word;
        uint16_t source = stix_type_find(slice_of(row->source));
        assert_int_not_equal(source, STIX_NONE);
        while (slice_next(&rest, ' ', &word))
            if (stix_type_find(word) != STIX_NONE)
                assert_int_equal(
                        stix_relation_known(source, slice_of(row->name), stix_type_find(word)), STIX_RELATION_DEFINED);
            else
                assert_true(slice_eq(word, S("sco")));
    }
    uint16_t tool = stix_type_find(S("tool")), file = stix_type_find(S("file"));
    assert_int_equal(
            stix_relation_known(stix_type_find(S("infrastructure")), S("consists-of"), file), STIX_RELATION_DEFINED);
    assert_int_equal(stix_relation_known(tool, S("uses"), tool), STIX_RELATION_OTHER_TARGET);
    assert_int_equal(stix_relation_known(tool, S("drill"), tool), STIX_RELATION_UNKNOWN);
}

static void words_belong_to_their_vocabulary(void **state)
{
    (void)state;
    for (uint16_t v = 0; stix_vocabularies[v].name != NULL; v++) {
        slice rest = slice_of(stix_vocabularies[v].words), word;
        assert_int_equal(stix_vocabulary_find(stix_vocabularies[v].name), v);
        while (slice_next(&rest, '|', &word))
            assert_true(word.len > 0 && stix_word_known(v, word));
        assert_false(stix_word_known(v, S("drill")));
        assert_false(stix_word_known(v, S("")));
    }
}

static void targets_are_bits_of_types(void **state)
{
    (void)state;
    const struct stix_ready *refs = property("observed-data", "object_refs");
    const struct stix_ready *lang = property("language-content", "object_ref");
    assert_true(stix_targets_hold(refs, stix_type_find(S("file"))) &&
                stix_targets_hold(refs, stix_type_find(S("sighting"))));
    assert_false(stix_targets_hold(refs, stix_type_find(S("tool"))));
    assert_true(refs->others);
    assert_true(stix_targets_hold(lang, stix_type_find(S("marking-definition"))));
    assert_false(stix_targets_hold(lang, stix_type_find(S("language-content"))));
    assert_null(property("tool", "value"));
    assert_null(property("file", ""));
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_row_of_a_property_names_what_there_is),
            cmocka_unit_test(every_object_has_what_objects_have_in_common),
            cmocka_unit_test(every_list_of_targets_is_of_types),
            cmocka_unit_test(words_belong_to_their_vocabulary),
            cmocka_unit_test(targets_are_bits_of_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
