/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * An object as a row of a list, and as the head of its own page: the same members in both.
 *
 *     number, path, id, type, what      `what`: the type in words
 *     name, value, more, is_pattern     defanged; `more`: values besides the one shown
 *     tlp, pap                          {"label","look"}, or null; "unknown_marking": marked by what nobody gave us
 *     states                            {"name","text","look"}: whether it counts, in words and a shape
 *     valid_from, valid_until           moments, or null
 */
#include "web/outside.h"
#include "web/summary.h"

/*
 * What is part of an incident that who asks does not see (store/part.h) is in no list and on no page: `sift` keeps the
 * others, `get` answers ERR_MISSING as for what is not there.
 */
MUST_USE struct err row_hidden(struct ask *ask, const struct object *object, bool *hidden);
MUST_USE struct err row_sift(struct ask *ask, struct object *rows, size_t *count);
MUST_USE struct err row_get(struct ask *ask, int64_t number, struct arena *arena, struct object *object);

void row_write(struct outside *shown, const struct object *object, const struct summary *summary);
/* A member {"label","look"}, or null. */
void row_write_tlp(struct ask *ask, enum stix_tlp tlp);
void row_write_pap(struct ask *ask, enum stix_pap pap);
/* The name of a source by its number: a member "source" {number, name}. Remembers those it met. */
struct row_sources {
    int64_t number[16];
    slice name[16];
    size_t next;
};
MUST_USE struct err row_write_source(struct ask *ask, struct row_sources *sources, int64_t number);
/* Our tags on what a source says of an id: a member "tags". */
MUST_USE struct err row_write_tags(struct outside *shown, int64_t source, slice id);
