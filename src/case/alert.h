/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * An alert: a letter to all whom we serve in a sector, about what an incident taught so far, which names nobody. Two
 * persons agree to its very words, and share/decide.h says whether these may go to all whom we serve: a marking above
 * GREEN may not, nor a text in which one of them is named.
 */
#include "case/incident.h"

#define CASE_ALERT_TEXT_MAX (64u << 10)
#define CASE_ALERT_MAX 900 /* whom one alert is written to; a larger sector is told by its parts */

struct case_alert_put {
    int64_t incident;
    slice sector;
    slice subject, text;
    slice marking; /* empty: TLP:GREEN */
    slice why;
};
/* VERB_SHARE_INCIDENTS. ERR_DENIED with the rule that keeps it. */
MUST_USE struct err case_alert_send(struct db *db, const struct actor *actor, const struct case_alert_put *put,
        struct arena *arena, struct share_proposal *proposal);
/* The row "incident.alert" of the table of acts. */
MUST_USE struct err case_alert_do(struct work *work, slice subject, slice detail);
