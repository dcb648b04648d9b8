/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Finding incidents and reports by words: who sees all of the node's finds by all that is said in them; a party of an
 * incident, or who told a report, finds its own by number, reference, title and subject alone, since what else is said
 * may not be for its eyes. What somebody does not see is not there: it takes no place on a page and is not counted.
 * Rows live in the caller's arena.
 */
#include "case/report.h"
#include "store/search.h"

/* What a page of found things begins with; where it ended, and whether there is more. */
struct case_find {
    slice query; /* as store/search.h says */
    struct search_place place;
    size_t count; /* rows wanted */
};
/* ERR_DENIED for who sees none at all; sights[i] is what the actor sees of rows[i]. */
MUST_USE struct err case_incident_find(struct db *db, const struct actor *actor, struct case_find *find,
        struct arena *arena, struct incident **rows, enum case_sight **sights, size_t *row_count);
MUST_USE struct err case_report_find(struct db *db, const struct actor *actor, struct case_find *find,
        struct arena *arena, struct report **rows, enum case_sight **sights, size_t *row_count);
