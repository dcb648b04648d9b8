/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What the machine did in an emergency, without a second person, is told to our own people by mail: to every contact of
 * our own organisation, and to whoever is on call. Other users have no address here, so who is to hear of it is a
 * contact of the team (share/approve.h calls it, in the work of the act).
 */
#include "store/approval.h"

/* OK as well where nobody can be told by mail: the console tells all the same. */
MUST_USE struct err desk_emergency_tell(struct work *work, const struct approval *approval);
