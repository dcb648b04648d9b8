/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Who supplies an organisation and whom it supplies, on its page. */
#include "gate/ask.h"
#include "store/organisation.h"

/* Members "sees_supply"; for who reads all organisations "may_supply", and the lists "suppliers" and "customers"
 * {organisation, what, since}, each with "NAME_more": the path of the next piece, or null. */
MUST_USE struct err supply_write(struct ask *ask, const struct organisation *organisation);
