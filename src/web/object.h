/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The parts of the page of an object. Each writes its members, and no more than its ceiling of rows; what there is
 * beyond is said. Private to the files object*.c.
 */
#include "web/row.h"

#define VIEW_VERSIONS 12   /* in the table of versions */
#define VIEW_RELATIONS 20  /* in that of relationships */
#define VIEW_OTHERS 20     /* things it refers to, or that refer to it */
#define VIEW_PROPERTIES 40 /* properties that have no place of their own */
#define VIEW_LIST 16       /* entries of a list inside: references, phases, parts of the pattern */
#define VIEW_ROWS 12       /* judgements, rows of the journal, fields of a difference */
#define VIEW_SCRATCH_MAX ((size_t)256 << 20)

struct viewing {
    struct ask *ask;
    struct object object;
    struct summary summary;
    struct summaries summaries;
    struct outside shown;
    struct row_sources sources;
    struct arena *scratch; /* of what is looked up beside it, one at a time */
    bool more_refs;        /* more refers to it than is shown */
    bool any_other;        /* it refers to something, or something but a relationship or sighting refers to it */
};

/* object_read.c: what it says. */
MUST_USE struct err object_write_read(struct viewing *viewing);
/* object_said.c: what each source says, its versions, what changed, what we hold of it, the journal. */
MUST_USE struct err object_write_said(struct viewing *viewing);
/* object_related.c: relationships, what else refers to it, sightings, the picture of it. */
MUST_USE struct err object_write_related(struct viewing *viewing);

/* object_shared.c: which partners have it, and why others do not. */
MUST_USE struct err object_write_shared(struct viewing *viewing);
/* object_met.c: who would have met it before it came, and who was warned because of it. */
MUST_USE struct err object_write_met(struct viewing *viewing);

/* What goes by an id: a member KEY {"id","what","name","path"}; path null where nobody gave it to us. */
MUST_USE struct err object_write_named(struct viewing *viewing, slice key, slice id);
