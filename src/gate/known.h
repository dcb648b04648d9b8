/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a request carries to say who asks. Private to this folder.
 */
#include "gate/ask.h"

/* Fills ask->who. ERR_AUTH; ERR_LIMIT: there were too many failures, and *wait_s says for how long. */
MUST_USE struct err known_find(struct ask *ask, unsigned *wait_s);
/* Whether anything is shown at all, right or wrong: no database is asked. */
bool known_shows(const struct ask *ask);
/* Where it comes from: the peer, or whom the proxy names. */
struct ip known_from(const struct ask *ask);
