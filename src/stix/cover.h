/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What tells cheaply that an event can matter to a pattern: a set of hints such that every observation that meets any
 * [ ] of the pattern meets at least one of them. Where an AND leaves the choice, the rarest side is taken. A simple
 * pattern needs no cover: its atoms (stix/pattern.h) are all of it.
 */
#include "stix/pattern.h"

enum stix_hint_kind {
    STIX_HINT_EQUALS,   /* the value at the path is the constant */
    STIX_HINT_ISSUBSET, /* it is in the prefix */
    STIX_HINT_HOLDS,    /* it holds this literal */
    STIX_HINT_TYPE,     /* there is an object of this type; no more can be said */
};

struct stix_hint {
    enum stix_hint_kind kind;
    slice object;                         /* the type */
    const struct stix_path *path;         /* not of TYPE */
    const struct stix_constant *constant; /* EQUALS, ISSUBSET */
    slice literal;                        /* HOLDS: ASCII, the case counts */
    const struct stix_hint *next;
};

struct stix_cover {
    const struct stix_hint *hints;
    size_t count;
    /* The weakest of the hints: EQUALS and ISSUBSET only can go to tables, HOLDS to a prefilter; with TYPE among them,
     * every event with such an object is a candidate. */
    enum stix_hint_kind weakest;
};

/* Literals shorter than this say too little. */
#define STIX_COVER_LITERAL_LEAST 3

struct stix_cover stix_cover(const struct stix_pattern *pattern, struct arena *arena);
