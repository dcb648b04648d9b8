/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What pages are written with. The names of a document are the same for scripts and templates:
 *
 *     "title"                       of the page, in the language of who asks
 *     "error": {kind, why, fields}  a form was not done; fields: the sentence by the name of the field it is about
 *     "typed": {...}                what had been typed into it, but for secrets
 *     a moment                      {"utc": RFC 3339, "text": in the zone and language of who asks}
 *     a number of things            {"value": 1234, "text": "1,234"}
 *
 * A POST that was done goes on with page_done (303); one that was not calls page_again and then writes the page as GET
 * does, so that nothing typed is lost.
 */
#include "gate/ask.h"
#include "text/moment.h"

/* `title` is in the language of who asks already (ask_text). */
void page_title(struct ask *ask, slice title);
/* A member that is a moment; null for TIME_NONE. */
void page_moment(struct ask *ask, slice key, int64_t us);
/* A member that is a number of things. */
void page_count(struct ask *ask, slice key, uint64_t count);
void page_flag(struct ask *ask, slice key, bool value);
/* The member "more": behind which number the list goes on; null for 0, its end. */
void page_more(struct ask *ask, int64_t after);
/* The member "why_not": what keeps who asks from what one of their roles would let them do; null: nothing, or no role
 * would. */
void page_why_not(struct ask *ask, enum verb verb, int64_t organisation);
/* The zone in which who asks reads moments: their own, or that of the language. */
enum zone page_zone(const struct ask *ask);

/* Sends to `path`, and from there on to `next`, if that is not empty: "/sign-in?next=/users". */
void page_go(struct ask *ask, const char *path, slice next);
/* Sends to `path` (a path of ours), where a line says what was done: the name of a row of the table in frame.c. */
void page_done(struct ask *ask, const char *path, const char *done);
/* A form was not done, for `err`: writes "error" and "typed", and chooses the status. `field`: what it is about; NULL:
 * the whole form. Passes on what the person cannot put right there (ERR_AUTH, ERR_SYSTEM, ERR_REMOTE). */
MUST_USE struct err page_again(struct ask *ask, const char *field, struct err err);
/* Whether the fields "password" and "again" of a form are the same. */
MUST_USE struct err page_password_again(const struct ask *ask);
