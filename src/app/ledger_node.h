/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The verbs of `kentongan ledger` that work on a node (-c CONF): its own logs, with what opens their entries, and what
 * people decide about them.
 */
#include "app/command.h"

/* The exit status. */
int ledger_node(const struct command_line *line);
