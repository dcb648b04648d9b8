/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* Terms of an agreement, and of a sharing group, in plain words: what a document says, point by point. */
#include "gate/ask.h"

#define TERMS_POINTS_MAX 16

struct terms_point {
    const char *key;   /* as the document has it */
    slice name, value; /* in the language of who asks; text from outside, uncut */
};

/* Of an agreement; ERR_INPUT if these are no terms. */
MUST_USE struct err terms_points(
        struct ask *ask, slice terms, struct terms_point points[TERMS_POINTS_MAX], size_t *count);
/* What two persons let go: the detail of "release.rule" or "release.consent" (share/consent.h). */
MUST_USE struct err terms_release_points(
        struct ask *ask, slice detail, struct terms_point points[TERMS_POINTS_MAX], size_t *count);
/* The same for terms of reference. */
MUST_USE struct err terms_charter_points(
        struct ask *ask, slice terms, struct terms_point points[TERMS_POINTS_MAX], size_t *count);
/*
 * A member: the array of {key, name, value, changed, before}. `before`: the terms that they would replace, of as many
 * points; NULL: there are none, and nothing is marked as changed.
 */
void terms_write(
        struct ask *ask, slice key, const struct terms_point *points, const struct terms_point *before, size_t count);
