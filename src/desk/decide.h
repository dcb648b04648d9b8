/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Whether a constituent may be warned of something, and whether at once: what an indicator is marked with is asked of
 * share_decide (audience: one whom we serve and whom it concerns), whether a standing rule covers it of desk/rule.h,
 * whether it is likely to be noise of the warning lists and of how many others it would reach. What none of these lets
 * out waits for a person, with the reason; no reason that a marking gives can be overruled by one.
 */
#include "detect/hunt.h"
#include "store/organisation.h"
#include "store/warning.h"

struct stix_definitions;

enum desk_verdict {
    DESK_NOTHING, /* it is no cause (any more): revoked, judged, gone, of an exercise */
    DESK_WAITS,   /* for a person, who may let it out */
    DESK_STAYS,   /* what it is marked with forbids it; somebody may have to be asked */
    DESK_GOES,
};

struct desk_decision {
    enum desk_verdict verdict;
    enum warning_does does; /* send or digest */
    slice why;              /* "word: sentence": what held it or, if it goes, which rule lets it go */
    slice marking;          /* "TLP:AMBER" */
    bool consent;           /* consent of whoever said it would change the answer */
};

/* What is read once for a number of decisions in one work. What is noise (NULL: nothing) waits for a person. */
struct desk_deciding;
MUST_USE struct err desk_deciding_open(
        struct db *db, const struct hunt_noise *noise, struct arena *arena, struct desk_deciding **deciding);
void desk_deciding_close(struct desk_deciding *deciding); /* NULL is allowed */

/*
 * `row` as it would be, which is in the store or (number 0) not yet; `last`: the one before it about the same, NULL if
 * there is none. `person`: somebody who may has looked at it, so only what nobody may overrule counts.
 */
MUST_USE struct err desk_decide(struct desk_deciding *deciding, const struct warning *row, int64_t met,
        const struct warning *last, bool person, struct desk_decision *decision);
/*
 * Whether the team of their sector may be told that they do not answer: DESK_GOES, or DESK_STAYS and why. What the team
 * is told says who is concerned, so the marks are asked for it as they were for them.
 */
MUST_USE struct err desk_decide_sector(struct desk_deciding *deciding, const struct warning *row,
        const struct organisation *team, struct desk_decision *decision);
/* The organisation that is warned. */
MUST_USE struct err desk_deciding_organisation(
        struct desk_deciding *deciding, int64_t number, const struct organisation **organisation);
