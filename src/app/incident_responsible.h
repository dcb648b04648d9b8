/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Who is responsible for an incident by the table of the node: `incident open` says it, `incident responsible` takes
 * it. */
#include "app/local.h"
#include "plan/responsibility.h"

/* responsibility.conf of the node's folder; the one that comes with the program, if there is none. */
MUST_USE struct err responsible_table(const struct local *local, struct plan_responsibility *table);
/* Lines of part, as the table has it, organisation, and whether it is proposed or is so. */
MUST_USE struct err responsible_show(struct local *local, const struct plan_responsibility *table, int64_t incident);
MUST_USE struct err responsible_take(struct local *local, const struct plan_responsibility *table, int64_t incident);
