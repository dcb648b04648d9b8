/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a partner was given and gave, by month and type of object, as the logs of both say: ours names the releases,
 * theirs is as far as we hold and checked it. The newest entries are counted, so that a page costs the same after
 * years.
 */
#include "store/partner.h"
#include "web/outside.h"

/* Members "tally": an array of {month, type, what, given, received}, the newest month first; "any_tally";
 * "tally_partial": there are older entries that were not counted. */
MUST_USE struct err tally_write(struct ask *ask, const struct partner *partner);
