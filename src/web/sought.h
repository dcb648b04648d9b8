/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A list of incidents or reports by words: the field "q", and "place", where the list goes on as its own link says.
 */
#include "case/find.h"
#include "web/outside.h"

/* What is sought; *is: anything is. ERR_INPUT for a "place" that no list of ours has. */
MUST_USE struct err sought_read(struct ask *ask, size_t rows, struct case_find *find, bool *is);
/* Members "q", and `more`: where it goes on, below this path, or null. */
void sought_write(struct ask *ask, const char *path, slice more, const struct case_find *find);
/* A query that is none is told beside its field, and the page stays: then OK. */
MUST_USE struct err sought_end(struct ask *ask, struct err err);
