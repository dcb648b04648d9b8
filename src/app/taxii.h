/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The families of verbs of `kentongan taxii`, one file each. The first file that was named is the family, the second
 * the verb.
 */
#include "app/local.h"

struct err taxii_collection(const struct command_line *line, struct local *local);
