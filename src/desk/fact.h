/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What verbs tell the journal of one thing: a subject with a number ("asset/7"), and whose it is. For the folders of
 * verbs, this one and src/case.
 */
#include "store/work.h"

/* A row {"organisation": NUMBER, NAME: TEXT, ...}; pairs whose text is empty are left out. */
struct desk_fact {
    const char *name;
    slice text;
};
MUST_USE struct err desk_fact_tell(struct work *work, const char *act, const char *subject, int64_t number,
        int64_t organisation, const struct desk_fact *facts, size_t count);
/* The number behind a word and a slash; ERR_INPUT. */
MUST_USE struct err desk_fact_subject(struct arena *arena, const char *word, slice subject, int64_t *number);

/* The sentence of an error may belong to the connection. */
struct err desk_fact_kept(struct err err, struct arena *arena);
