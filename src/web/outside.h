/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Text from outside on a page. It is cut, by its own ceiling and by that of the page (struct outside), so that no
 * object can blow a page up; what cannot be seen (controls, marks of direction) is spelled out; addresses are defanged,
 * so that nobody follows one by accident. Escaping for HTML is the template's.
 *
 * The JSON face shows the same; all of an object, byte for byte, is behind /objects/NUMBER/download.
 */
#include "base/observable.h"
#include "gate/ask.h"

#define OUTSIDE_NAME 120         /* bytes of a name or value in a list */
#define OUTSIDE_LINE 300         /* bytes of a property */
#define OUTSIDE_TEXT 3000        /* bytes of a description or pattern */
#define OUTSIDE_PAGE (12u << 10) /* bytes of text from outside on a page, as HTML escapes it */

struct outside {
    struct ask *ask;
    size_t left; /* bytes that are left of the page */
};

struct outside outside_begin(struct ask *ask, size_t page);
/* The text as a member; if it was cut, "KEY_cut": true beside it. */
void outside_write(struct outside *outside, slice key, slice text, size_t most);
/* The same for a value or free text with values in it: defanged. */
void outside_write_value(struct outside *outside, slice key, slice text, size_t most);

/* What the ones above write. *cut is set, never cleared; NULL: not wanted. */
slice outside_text(struct outside *outside, slice text, size_t most, bool *cut);
/* Each value in a text, defanged (text/shown.h); what stands between quotes in a pattern, too. */
slice outside_defanged(slice text, struct arena *arena);
/* "Indicator", in the language of who asks; an unknown type as it is. */
slice outside_type(const struct ask *ask, slice type);
/* A member: "3 minutes ago". */
void outside_ago(struct ask *ask, slice key, int64_t us);
/* A number of a path: "/objects/7". */
const char *outside_path(struct ask *ask, const char *before, int64_t number, const char *behind);
/* A field of the query without blanks around it; empty if there is none. ERR_INPUT if it is too long or no text. */
MUST_USE struct err outside_asked(struct ask *ask, slice name, size_t most, slice *text);
/* Whether it can be the id of an object: what else stands where one should is not looked up. */
bool outside_is_id(slice text);
/* Appends name=value to a query, escaped (RFC 3986 section 2.1), unless the value is empty. */
void outside_query(struct buf *buf, slice name, slice value);
/* Whether who asks may do so alone: what a page offers. Verbs ask for themselves. */
bool outside_may(const struct ask *ask, enum verb verb);
/* The same as an error: what a page reads that belongs to nobody in particular. */
MUST_USE struct err outside_need(const struct ask *ask, enum verb verb);
