/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A session that a verb of people began, as the browser gets it. Private to this folder.
 */
#include "gate/ask.h"
#include "people/factor.h"

struct people_place session_place(const struct ask *ask);
/* Sets its cookie, if there is one (signed_in->session), and from now on it is who asks: a page that is shown at once
 * has forms with its key. */
MUST_USE struct err session_begin(struct ask *ask, const struct signed_in *signed_in);
