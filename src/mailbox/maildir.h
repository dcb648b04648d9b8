/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A maildir: a folder in which a mail server leaves each mail as a file of its own in `new`, whole from the beginning.
 * What was taken is moved to `cur` and marked as seen ("NAME:2,S"); what never can be is moved there and marked as
 * flagged ("NAME:2,F"), for a person to look at.
 */
#include "mailbox/source.h"

#define MAILBOX_MAILDIR_ROUND 1000 /* files of one call; the rest waits for the next */

/* All that is in `new`. An error of `take` that is for later ends it: what was taken until then is in *taken. */
MUST_USE struct err mailbox_maildir_take(
        const char *folder, const struct mailbox_taker *taker, struct arena *arena, struct mailbox_taken *taken);
