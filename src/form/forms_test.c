/* SPDX-License-Identifier: Apache-2.0 */
#include "form/form.h"

#include "form/golden_test.h"

static void every_form_is_found_by_its_name(void **state)
{
    (void)state;
    for (size_t i = 0; forms[i] != NULL; i++)
        assert_ptr_equal(form_find(slice_of(forms[i]->name)), forms[i]);
    assert_null(form_find(S("pdf")));
    assert_null(form_find(S("")));
}

static void a_text_is_recognised_by_its_beginning(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const struct form *form;
    } rows[] = {
            {"{\"type\": \"bundle\"", &form_stix},
            {" [{\"type\":\"indicator\"", &form_stix},
            {"{\"more\":true,\"objects\":[", &form_stix},
            {"{}", &form_stix},
            {"{\"Event\" : {", &form_misp},
            {"{\"response\":[", &form_misp},
            {"{\"list\":[\"a\"],\"type\":\"cidr\"", &form_misp},
            {"type,value\nip,192.0.2.1\n", &form_csv},
            {"date;ip;country\n", &form_csv},
            {"\"Domain\"\nbad.example\n", &form_csv},
            {"domain\tbad.example\n", &form_list},
            {"md5\td41d8cd98f00b204e9800998ecf8427e\n", &form_list},
            {"# note\n\nbad[.]example\n", &form_list},
            {"0.0.0.0 bad.example\n", &form_list},
            {"anything else", &form_list},
            {"", NULL},
            {"\x89PNG", &form_list},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (form_recognise(slice_of(rows[i].text)) != rows[i].form)
            fail_msg("not recognised: %s", rows[i].text);
    assert_null(form_recognise((slice){"PK\0\1", 4}));
}

static void a_byte_order_mark_is_no_part_of_the_text(void **state)
{
    (void)state;
    static const struct {
        const char *text, *tells;
        const struct form *form;
    } rows[] = {
            {"{\"type\":\"bundle\",\"id\":\"b\",\"objects\":[{\"type\":\"note\",\"id\":\"n\"}]}", "", &form_stix},
            {"{\"type\":\"bundle\",}", "refused 1:18 ", &form_stix},
            {"[{\"type\":\"mutex\",\"category\":\"x\",\"to_ids\":true,\"value\":\"bad\"}]",
                    "1 other name='mutex' value='bad'\n", &form_misp},
            {"type,value\nip,192.0.2.1\n", "2 ipv4 value='192.0.2.1'\n", &form_csv},
            {"ipv4\t192.0.2.1\nipv4\tx\n", "1 ipv4 value='192.0.2.1'\nproblem 2:6 ", &form_list},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        char marked[256];
        snprintf(marked, sizeof(marked), "\xEF\xBB\xBF%s", rows[i].text);
        assert_ptr_equal(form_recognise(slice_of(marked)), rows[i].form);
        struct buf told = told_of(rows[i].form, slice_of(marked));
        if (!slice_starts(buf_slice(&told), slice_of(rows[i].tells)))
            fail_msg("%s tells:\n%s", rows[i].text, told.ptr);
        buf_free(&told);
    }
}

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_form_is_found_by_its_name),
            cmocka_unit_test(a_text_is_recognised_by_its_beginning),
            cmocka_unit_test(a_byte_order_mark_is_no_part_of_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
