/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What is done in the steps of the demo, in their order; demo_story.c says what each is expected to show. */
#include "app/demo.h"

/* demo_peers.c */
demo_act demo_all_serve, demo_introduce, demo_wrong_words, demo_confirm, demo_agree, demo_rules;
/* demo_sharing.c */
demo_act demo_cross, demo_match, demo_cut, demo_derive, demo_onward, demo_consent, demo_revoke, demo_recall, demo_day,
        demo_ledger, demo_received, demo_suspend, demo_resume, demo_doctor;
/* demo_case.c */
demo_act demo_told, demo_opened, demo_worked, demo_answered, demo_risk;
