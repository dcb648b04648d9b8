/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The page /api: what of the table of routes who asks may use, with the fields of its forms and the scope that a token
 * takes. Written from the rows that the gate goes by, so that it cannot say anything else.
 */
#include "gate/ask.h"

struct err gate_api(struct ask *ask);
