/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The words of MISP that both ways of reading it know. Private to this folder.
 */
#include "base/observable.h"

struct form_misp_type {
    const char *name;
    enum observable_type left, right;
    const char *other; /* the name in events of the part that is OBSERVABLE_OTHER */
};

/* NULL: no type that names a value to look for. */
const struct form_misp_type *form_misp_type_find(slice name);
/* MISP writes true, 1 and "1" for the same thing. */
bool form_misp_true(slice json);
