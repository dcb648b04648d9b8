/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Buttons in mails: a link with 128 random bits, of which only the SHA-256 is kept. Looking at what lies behind it
 * changes nothing; pressing it is kept with what was pressed. Who has the link may press it: it was sent to one
 * contact, and it does nothing but answer.
 */
#include "base/clock.h"
#include "store/work.h"

#define BUTTON_DAYS 90 /* that one can be pressed */

enum button_purpose { BUTTON_CONTACT, BUTTON_WARNING, BUTTON_PURPOSES };

struct button {
    enum button_purpose purpose;
    int64_t subject; /* number of the contact, or of the notice */
    int64_t made_us, expires_us;
    int64_t pressed_us; /* the first time; TIME_NONE: not yet */
    slice answer;       /* what was pressed last; empty: nothing yet */
};

/* A secret for a link, in the arena: lower case letters and digits. */
slice store_button_secret(struct arena *arena);
MUST_USE struct err store_button_add(
        struct work *work, slice secret, enum button_purpose purpose, int64_t subject, int64_t expires_us);
/* ERR_MISSING: there is none such, or it has expired. */
MUST_USE struct err store_button_get(
        struct db *db, slice secret, int64_t now_us, struct arena *arena, struct button *button);
/* The same answer again changes nothing. */
MUST_USE struct err store_button_press(struct work *work, slice secret, slice answer);
/* Removes what has expired, a few; *count of them. */
MUST_USE struct err store_button_sweep(struct work *work, size_t most, uint64_t *count);
