/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What was told of a warning, to whom, and what became of it. Private to this folder. */
#include "gate/ask.h"

/* A member "notices" with their attempts and messages, the first ones first; "any_notice", "more_notices". */
MUST_USE struct err notices_write(struct ask *ask, int64_t warning);
