/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What matching does, shown to somebody who has neither logs nor intelligence at hand: a day of three invented
 * hospitals is written to a temporary folder, matched as `match` would, and drawn.
 */
#include "app/command.h"

/* With --seed and --events of the command. The exit status. */
int day_show(struct command_line *line);
