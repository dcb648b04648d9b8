/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The story: what three organisations do with each other, one row a step. A step that needs what an earlier one made
 * fails by itself when that is not there, and the others go on.
 */
#include "app/demo.h"
#include "app/demo_acts.h"

const struct demo_step demo_steps[] = {
        {"three organisations, a node each", "3 of 3 nodes serve", demo_all_serve},
        {"they exchange introductions", "each holds the other two as candidates", demo_introduce},
        {"somebody who is not the partner reads words on the telephone", "refused", demo_wrong_words},
        {"the partners read theirs", "confirmed, then active on both sides", demo_confirm},
        {"two persons of each sign agreements", "in force on both sides", demo_agree},
        {"two persons of each say what may leave without a question", "a standing rule for each way", demo_rules},
        {"Albion publishes an indicator, TLP:AMBER", "with Melati, in about a second", demo_cross},
        {"a firewall of a hospital met it", "one hit, which names the partner's indicator", demo_match},
        {"Albion has another, TLP:RED", "it stays with Albion, by the rule tlp", demo_cut},
        {"Melati publishes one with a description for nobody else",
                "Nusa gets another object, without it, with an id of its own", demo_derive},
        {"Nusa would like what Albion gave to Melati", "it stays with Melati, by the rule originator", demo_onward},
        {"Melati's node asks Albion, where two persons consent", "then Nusa gets it", demo_consent},
        {"Albion revokes it", "revoked at Melati and at Nusa, and matched no more", demo_revoke},
        {"Melati recalls what Nusa has of it", "requested; Nusa answers that it stopped", demo_recall},
        {"each knows 200 more, and a day of a hospital's events meets what Albion knows",
                "as many hits at Melati as with Albion's own file", demo_day},
        {"a hospital telephones Melati: all its files are encrypted",
                "a report with a reference; a rule says ransomware", demo_told},
        {"it becomes an incident, known for seven hours", "clocks of law run", demo_opened},
        {"two persons of Melati share the case with Nusa", "it has the case, and of the notes what is for it",
                demo_worked},
        {"Nusa does what it was asked", "Melati has the result", demo_answered},
        {"Melati closes another case, malware on workstations", "its register has that risk", demo_risk},
        {"each verifies its ledger, and those of its partners", "whole, and every entry has a receipt", demo_ledger},
        {"Albion asks what Melati ever received", "every object proven by the ledger, the TLP:RED one not among them",
                demo_received},
        {"Albion suspends Melati, and publishes", "it stays with Albion at once, by the rule recipient", demo_suspend},
        {"Albion resumes Melati", "what waited crosses", demo_resume},
        {"the doctor looks at each node", "nothing wrong", demo_doctor},
};
const size_t demo_step_count = COUNT_OF(demo_steps);
