/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The verbs of take-downs. Each page that reports of an incident tell of is one take-down, however many tell of it and
 * however they spell it; whoever answers for its name or address gets a letter in their language, which a person
 * approves; then the page is looked at again and again until it was gone three times in a row, and for some time
 * beyond, since such pages come back. Rows of the journal have the subject "takedown/7", and the incident's number in
 * their detail.
 *
 * A page is looked at by one GET through the door by which feeds are fetched: never at an address of our own network,
 * never with anything that is run, and not at all where its PAP, or that of what we hold of its host, is amber or red:
 * what is told us of such a page comes from people.
 */
#include "case/incident.h"
#include "http/client.h"
#include "plan/takedown.h"
#include "store/follower.h"
#include "store/takedown.h"

#define CASE_TAKEDOWN_SUBJECT "takedown"
#define CASE_TAKEDOWN_TOLD_MAX 100000 /* values of URLs that the reports of one incident tell */
#define CASE_TAKEDOWN_QUEUE_MAX 20000 /* reports that wait, of one look */

/* ---- Which pages ---- */

struct case_takedown_put {
    int64_t incident;
    int64_t imitates; /* organisation; 0: nobody that is known here */
    slice pap;        /* empty: PAP:GREEN */
};
/*
 * A page, as somebody tells it: defanged or not. What stands in it for a person (user, address of mail) is left out.
 * ERR_INPUT for what is no URL of http or https, ERR_CONFLICT if the incident has it. VERB_WORK_INCIDENTS.
 */
MUST_USE struct err case_takedown_add(
        struct work *work, const struct case_takedown_put *put, slice url, int64_t *number);
/* Each page that reports and observables of the incident tell; those that are there already are counted anew. *fresh:
 * how many are new; *unfit: values that are no page. VERB_WORK_INCIDENTS. */
MUST_USE struct err case_takedown_gather(
        struct work *work, const struct case_takedown_put *put, size_t *fresh, size_t *unfit);
/* Reports that wait and tell of a page of the incident are linked to it, adverts apart; at most CASE_TAKEDOWN_QUEUE_MAX
 * that wait longest are looked at. *count: how many. VERB_WORK_INCIDENTS. */
MUST_USE struct err case_takedown_link(
        struct db *db, const struct actor *actor, int64_t incident, struct arena *arena, size_t *count);
/* The host of a target, a name or an address. */
slice case_takedown_host(slice target);

/* ---- Requests ---- */

#define CASE_TAKEDOWN_LANGUAGES 3
/* What is written down beforehand: the table of recipients, and letters in each language of plan_letter_language. */
struct case_takedown_rules {
    struct plan_takedowns table;
    struct plan_letter letters[PLAN_LETTER_TOS][CASE_TAKEDOWN_LANGUAGES];
};
struct case_takedown_to {
    enum takedown_recipient recipient;
    slice address;
    slice language; /* empty: that of whoever the table has for this page, else English */
};
/* Drafts a letter to each recipient of the table that answers for the page; `to`: to this one instead. Who has a draft
 * that waits gets no second one. *count: how many. VERB_WORK_INCIDENTS. */
MUST_USE struct err case_takedown_draft(struct work *work, const struct case_takedown_rules *rules, int64_t takedown,
        const struct case_takedown_to *to, size_t *count);
/* It leaves, as a letter by mail; a form is filled in by whoever approves. VERB_TAKEDOWN. */
MUST_USE struct err case_takedown_approve(struct work *work, int64_t takedown, int64_t request);
/* What became of a request, as a person knows it: sent (of a form), answered or refused, with what they said.
 * VERB_WORK_INCIDENTS. */
MUST_USE struct err case_takedown_answer(
        struct work *work, int64_t takedown, int64_t request, enum takedown_request_state state, slice text);
/* Tells each organisation that pages of the incident imitate, by a letter to its first contact: which pages, how many
 * reports, and nothing of who told. *count: how many; ERR_MISSING if one has nobody who can be told. VERB_TAKEDOWN. */
MUST_USE struct err case_takedown_warn(
        struct work *work, const struct case_takedown_rules *rules, int64_t incident, size_t *count);
/* Nobody asks and looks any more. VERB_TAKEDOWN. */
MUST_USE struct err case_takedown_give_up(struct work *work, int64_t takedown, slice why);
/* Follows what became of letters. */
struct follower case_takedown_follower(void);

/* ---- Looking ---- */

/* How pages are looked at, of how feeds are fetched. `everywhere`: in private networks, too (an exercise). */
struct http_client_options case_takedown_door(const struct http_client_options *feeds, bool everywhere);
/* Looks now. VERB_WORK_INCIDENTS; ERR_CONFLICT for one that was given up. */
MUST_USE struct err case_takedown_look(struct db *db, const struct actor *actor, struct http_client *door,
        int64_t takedown, struct arena *arena, enum takedown_outcome *outcome);
/* What a person saw, or was told: there, gone or other. VERB_WORK_INCIDENTS. */
MUST_USE struct err case_takedown_seen(
        struct work *work, int64_t takedown, enum takedown_outcome outcome, slice detail);
/* It is looked at as soon as somebody can. VERB_WORK_INCIDENTS. */
MUST_USE struct err case_takedown_hurry(struct work *work, int64_t takedown);
/* Looks at one that is due; *found: there was one. For the machine. */
MUST_USE struct err case_takedown_look_due(
        struct db *db, const struct actor *actor, struct http_client *door, struct arena *arena, bool *found);

/* ---- How long it took ---- */

struct case_takedown_times {
    size_t pages, requested, down, returned;
    /* Medians; TIME_NONE: of none. From when a page was first told to when its first request left, and to when it was
     * first seen gone of three times. */
    int64_t to_request_us, to_down_us;
};
MUST_USE struct err case_takedown_times(
        struct db *db, int64_t incident, struct arena *arena, struct case_takedown_times *times);

/* ---- For this folder ---- */

/* What somebody tells as a page: as it is looked at, and as it is compared. ERR_INPUT. */
MUST_USE struct err case_takedown_page(struct arena *arena, slice told, slice *url, slice *target);
/* What is the same for all pages that are added; *pap: as it is kept. */
MUST_USE struct err case_takedown_check(struct work *work, const struct case_takedown_put *put, slice *pap);
MUST_USE struct err case_takedown_begin(struct work *work, struct takedown *row, int64_t *number);
/* The row, kept, and its incident, if they are ours to change. */
MUST_USE struct err case_takedown_mine(struct work *work, int64_t takedown, struct takedown *row);
MUST_USE struct err case_takedown_tell(
        struct work *work, const char *act, const struct takedown *row, const char *name, slice text, slice more);
/* When a page of that state is looked at next; TIME_NONE: not any more. */
int64_t case_takedown_next(const struct takedown *row, int64_t now_us);
