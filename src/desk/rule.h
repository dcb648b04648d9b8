/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Standing rules: which warnings go out by themselves. Two persons agree to each (VERB_WARNING_RULES, through
 * share/approve.h). One person ends at once what lets something out, since from then on more waits for an analyst; what
 * holds something back is ended by two.
 *
 * Of those that fit a warning the narrowest decides: a rule for one class before one for its taxonomy before one for
 * any; then one for a sector; then one for a kind of cause; then the one that asks for the higher severity; then the
 * one that lets less out. Without any a warning waits.
 */
#include "share/approve.h"
#include "store/warning_rule.h"

/* Whether it fits, and then how narrow it is: the larger, the narrower. 0: it does not fit. */
unsigned desk_rule_narrow(const struct warning_rule *rule, const struct warning *warning, slice sector);
/* The one that decides; NULL: none fits. */
const struct warning_rule *desk_rule_find(
        const struct warning_rule *rules, size_t count, const struct warning *warning, slice sector);

/* Of `put` all but number, approval and times but until_us. ERR_INPUT for a class that RSIT does not have. */
MUST_USE struct err desk_rule_propose(struct db *db, const struct actor *actor, const struct warning_rule *put,
        slice reason, struct arena *arena, struct share_proposal *proposal);
MUST_USE struct err desk_rule_end(struct db *db, const struct actor *actor, int64_t rule, slice reason,
        struct arena *arena, struct share_proposal *proposal);

/* Rows of the table of acts: "warning.rule", "warning.rule-end". */
MUST_USE struct err desk_rule_run(struct work *work, slice subject, slice detail);
MUST_USE struct err desk_rule_end_run(struct work *work, slice subject, slice detail);
