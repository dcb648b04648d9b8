/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Everything that a node answers to: one row each, up to one without path (gate/route.h says what a row means). Who is
 * let in stands there, and a test holds it against the table of rights for every role and credential.
 */
#include "gate/route.h"

extern const struct route routes[];
