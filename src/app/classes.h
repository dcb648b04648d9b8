/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The rules by which a class is proposed for what is reported: those that come with the program, and before them those
 * of classes.conf in the node's folder.
 */
#include "app/node.h"

/* For the process, before the first report is taken. ERR_INPUT names the file, line and column of what is wrong. */
MUST_USE struct err classes_open(const struct config *config, struct arena *arena);
