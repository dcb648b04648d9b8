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

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_form_is_found_by_its_name),
            cmocka_unit_test(a_text_is_recognised_by_its_beginning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
