/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Fields of an incident in forms. Private to this folder. */
#include "web/worked.h"

/* As it stands, in the words in which it is set; empty for a time. */
MUST_USE struct err incident_field_value(struct ask *ask, const struct incident *row, slice name, slice *value);
