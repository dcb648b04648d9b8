/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What the pages of playbooks have in common: one as a row, and what its reading tells. Private to this folder. */
#include "case/playbook.h"
#include "web/worked.h"

/* Who may read playbooks: whoever reads all incidents. */
MUST_USE struct err playbook_need(const struct ask *ask);

/* Members of an open object: number, path, name, version, types, class, class_text, state, state_text, look, signature,
 * signature_text, added, actor, is_text. */
void playbook_write(struct outside *outside, const struct playbook *row);

/*
 * Reads one, and writes the members "problems" {place, is_warning, why}, "any_problem" and "more_problems" (how many
 * are not shown): all that is to be told of it, "FILE:LINE:COLUMN" each. `name`: for people.
 */
MUST_USE struct err playbook_read(
        struct outside *outside, const char *name, slice text, struct plan_playbook *playbook);
