/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What rows of the journal are called for people (the table is in journal.c). */
#include "gate/ask.h"

/* "A task was done" for task.done, in the language of who asks; empty for an act without a sentence. */
slice news_text(const struct ask *ask, slice act);
