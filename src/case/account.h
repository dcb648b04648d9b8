/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The account of an incident: all that is known of it, as one document that leaves the console. A table of sections
 * says what is in it (account.c); each is read once and written as a page for print, which stands by itself and carries
 * its TLP label at the head and foot of every sheet, or as JSON. As CSV it is the timeline alone: what people wrote and
 * what the journal tells, in the order in which it happened.
 *
 * For who sees all of the incident. Text from outside is made visible, what could be clicked is defanged; JSON has it
 * as it is.
 */
#include "case/incident.h"
#include "plan/rates.h"
#include "text/catalogue.h"

#define CASE_ACCOUNT_MAX (64u << 20)   /* bytes */
#define CASE_ACCOUNT_NEWS_MAX 20000    /* rows of the journal of one incident */
#define CASE_ACCOUNT_ENTRIES_MAX 20000 /* and what people wrote */

enum case_account_form { CASE_ACCOUNT_HTML, CASE_ACCOUNT_CSV, CASE_ACCOUNT_JSON, CASE_ACCOUNT_FORMS };

struct case_account_asked {
    int64_t incident;
    enum case_account_form form;
    enum language language;         /* of headings and moments of the page */
    const struct plan_rates *rates; /* by which losses are told in one currency */
};
/* ERR_MISSING for who does not see all of it. */
MUST_USE struct err case_account_write(struct db *db, const struct actor *actor, const struct case_account_asked *asked,
        struct arena *arena, struct buf *out);

/* By "html", "csv", "json"; false: none. */
bool case_account_form_find(slice name, enum case_account_form *form);
const char *case_account_type(enum case_account_form form); /* "text/html; charset=utf-8" */
