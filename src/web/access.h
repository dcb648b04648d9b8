/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * By what people are let in, as lists on their own page and on that of a user: sessions and tokens. Private to this
 * folder.
 */
#include "gate/ask.h"

/* Two members, "sessions" and "any_session". The verb asks whether who asks may see them. */
MUST_USE struct err access_sessions(struct ask *ask, int64_t user);
/* The same with "tokens" and "any_token". */
MUST_USE struct err access_tokens(struct ask *ask, int64_t user);
