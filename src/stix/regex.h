/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Regular expressions of MATCHES (STIX 2.1 section 9.6.1): PCRE2, searched, with DOTALL; over text by characters, over
 * bytes without Unicode. A compiled one lies in the arena of its pattern, is never changed and may be used by many
 * threads, each with a regex_match of its own.
 */
#include "base/err.h"
#include "stix/budget.h"

#define STIX_REGEX_BYTES_MAX 8192       /* of one expression */
#define STIX_REGEX_STEPS_MAX 131072u    /* of backtracking in one value: more than any honest expression takes */
#define STIX_REGEX_DEPTH_MAX 16384u     /* nested backtracking points */
#define STIX_REGEX_HEAP_KIB_MAX 16384u  /* memory for them */
#define STIX_REGEX_PARENTHESES_MAX 100u /* groups inside each other */

struct arena;
struct stix_regex;
struct stix_regex_room; /* what a search needs besides: one for each thread */

/* `offset`: where in the expression, in bytes. ERR_INPUT if it is none, ERR_LIMIT if it is too large. */
MUST_USE struct err stix_regex_compile(
        slice expression, bool bytes, struct arena *arena, const struct stix_regex **regex, size_t *offset);

struct stix_regex_room *stix_regex_room_open(void);
void stix_regex_room_close(struct stix_regex_room *room);

/* Whether it is found in the subject. When it takes more than its share of steps, the budget is emptied. */
bool stix_regex_search(
        const struct stix_regex *regex, slice subject, struct stix_regex_room *room, struct stix_budget *budget);
