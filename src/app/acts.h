/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What of the folders above src/share may need a second person: rows beside those of share/approve.c. Both together are
 * all that two persons do: each right that answers "with a second person" has a row, or stands among those that nobody
 * proposes, with the reason (acts_test.c).
 */
#include "store/right.h"

/* Once, before there are other threads. */
void acts_open(void);
/* Why nobody proposes what needs that right, though somebody has it with a second person only; NULL: it has acts. */
const char *acts_none(enum verb verb);
