/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What the organisation of who asks has to do. Private to this folder. */
#include "gate/ask.h"

/* How many warnings they were told of and have not settled. */
MUST_USE struct err today_count(struct ask *ask, size_t *count);
