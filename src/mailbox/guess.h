/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the text of a mail lets guess: its language, and whose mail was copied into it. Any thread.
 */
#include "mailbox/mail.h"

/* "id", "en", "zh", or "": by the words that each of the two has most often and the other never, and by Han characters.
 */
const char *mailbox_language_guess(slice text);

/*
 * The headers that programs write above a mail that they hand on within the text, in the three languages: lines that
 * follow one another, quoted or not, of which one says from whom, and another of which mail. At most `room`; the
 * number.
 */
size_t mailbox_originals_find(slice text, struct mailbox_original *rows, size_t room);
