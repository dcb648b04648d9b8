/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What intelligence that waits would have met among those we serve, for its preview. */
#include "detect/preview.h"
#include "gate/ask.h"

/* A member "reach" of an open object; null where who asks may not look into the past, or nothing is remembered. */
MUST_USE struct err import_reach_write(struct ask *ask, struct previewer *previewer);
