/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Opinions: how far somebody agrees with an incident, with an entry of its timeline, or with a value that was seen in
 * it, in one of the five words of STIX 2.1 (sections 4.13 and 10.18), and why. An opinion is an entry of the timeline;
 * each person has one of a thing, and who says another changes it. It goes to nobody who has not what it is about.
 */
#include "case/incident.h"

struct case_opinion_put {
    slice opinion;    /* "strongly-disagree" ... "strongly-agree" */
    slice why;        /* or empty */
    slice about;      /* number of an entry, a value that was seen, or id of an indicator; empty: the incident */
    int64_t audience; /* as of an entry */
};
/* ERR_MISSING for what is not there, or not for the eyes of who acts; ERR_CONFLICT for an audience that has it not. */
MUST_USE struct err case_opinion(
        struct work *work, int64_t incident, const struct case_opinion_put *put, int64_t *number);
/* A word by its place, from the least agreement to the most; NULL behind the last. */
const char *case_opinion_word(size_t at);
bool case_opinion_is(slice word);

/* ---- What it is about ---- */

enum case_about_kind { CASE_ABOUT_INCIDENT, CASE_ABOUT_ENTRY, CASE_ABOUT_SEEN, CASE_ABOUT_OTHER };
struct case_about {
    enum case_about_kind kind;
    int64_t entry; /* number, of an entry */
    slice value;   /* what was seen; of anything else the id */
};
/* For all opinions of one incident: the ids of its values are made once, when the first is asked after. */
struct case_abouts {
    struct db *db;
    const struct incident *incident;
    struct arena *arena;
    bool made;
    struct case_about_id {
        slice id, value;
    } * seen;
    size_t seen_count;
};
struct case_abouts case_abouts(struct db *db, const struct incident *incident, struct arena *arena);
MUST_USE struct err case_about_get(struct case_abouts *abouts, slice about, struct case_about *found);
