/* SPDX-License-Identifier: Apache-2.0 */
#include "form/form.h"

const struct form *const forms[] = {&form_stix, &form_misp, &form_csv, &form_list, &form_text, NULL};

const struct form *form_find(slice name)
{
    for (size_t i = 0; forms[i] != NULL; i++)
        if (slice_eq(name, slice_of(forms[i]->name)))
            return forms[i];
    return NULL;
}

const struct form *form_recognise(slice head)
{
    const struct form *surest = NULL;
    int sure = 0;
    for (size_t i = 0; forms[i] != NULL; i++) {
        int now = forms[i]->recognise(head);
        if (now > sure) {
            surest = forms[i];
            sure = now;
        }
    }
    return surest;
}
