/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * An object in a few words: what it is called, what it is about, how it is marked and whether it counts now. For lists,
 * the preview of an import, and the head of its own page. Slices live in the arena, or are parts of the object.
 */
#include "stix/marks.h"
#include "store/object.h"

#define SUMMARY_PATTERN_MAX (64u << 10) /* bytes of a pattern that is taken apart for its values */

/* Whether it is to be used now, and why not. */
enum standing {
    STANDING_VALID,
    STANDING_NOT_YET,
    STANDING_EXPIRED, /* by its source */
    STANDING_REVOKED, /* by its creator */
    STANDING_FALSE_POSITIVE,
    STANDING_JUDGED_EXPIRED,
    STANDING_WITHDRAWN,
    STANDING_WILL_EXPIRE, /* by our judgement, later */
    STANDINGS,
};

struct summary {
    slice name;      /* may be empty */
    slice value;     /* the first value of an indicator, or what the object itself is; may be empty */
    size_t more;     /* values besides it */
    bool is_pattern; /* the value is the pattern itself, since it is no plain list of values */
    struct stix_marks marks;
    int64_t from_us, until_us; /* validity; TIME_NONE: not said */
    unsigned standings;        /* bits 1 << enum standing; of what has no validity and no judgement: none */
};

/* Whoever makes summaries holds the marking definitions that it has met. */
struct summaries {
    struct db *db; /* NULL: definitions are not looked up */
    struct arena *arena;
    struct stix_definitions *definitions;
    int64_t now_us;
};

struct summaries summaries_open(struct db *db, struct arena *arena);
void summaries_close(struct summaries *summaries);
MUST_USE struct err summary_of(struct summaries *summaries, const struct object *object, struct summary *summary);
const char *summary_standing_name(enum standing standing); /* "false-positive" */
