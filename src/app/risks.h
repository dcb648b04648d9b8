/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The rule by which incidents become risks: that of risks.conf in the node's folder, else the one that comes with the
 * program.
 */
#include "app/node.h"

/* For the process, before an incident is worked on. ERR_INPUT names the file, line and column of what is wrong. */
MUST_USE struct err risks_open(const struct config *config, struct arena *arena);
