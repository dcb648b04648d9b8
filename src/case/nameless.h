/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a text that leaves an incident behind may not say: whose it was. Names of organisations, those that they had
 * before and those of everybody we serve; persons, and how they are reached; what is theirs, and what was seen. However
 * it is spelt: letters and digits are compared, whatever stands between them. Beyond what is known, no value at all may
 * stand there: an address, a name of the DNS, a hash; what was seen travels as indicators.
 *
 * The list belongs to its arena. One thread.
 */
#include "store/store.h"

#define CASE_NAMELESS_LEAST 3 /* letters: a shorter name is a word of everybody's */

struct case_unsaid {
    const char *what; /* "the name of an organisation" */
    slice text;       /* as it is known */
    slice plain;      /* as it is compared */
};
struct case_nameless {
    struct case_unsaid *rows;
    size_t count;
};

/* As it is known now. */
MUST_USE struct err case_nameless_of(
        struct db *db, int64_t incident, struct arena *arena, struct case_nameless *nameless);
/* ERR_INPUT names what stands there, and where: "text in English". */
MUST_USE struct err case_nameless_check(
        const struct case_nameless *nameless, const char *where, slice text, struct arena *arena);
