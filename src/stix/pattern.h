/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * STIX 2.1 patterns (part 9 of the standard): the whole grammar is checked, and those patterns that a table can answer
 * come apart into atoms, any one of which is enough: [a:b = 'x' OR c:d IN ('y', 'z')] OR [e:f = 'w'].
 * Everything lives in the caller's arena or is a slice of the text.
 */
#include "base/err.h"

#define STIX_PATTERN_BYTES_MAX (16u << 20)
#define STIX_PATTERN_ATOMS_MAX (1u << 20) /* comparisons, and values of an IN */

enum stix_pattern_relation {
    STIX_PATTERN_EQUALS, /* an IN is one of these for each of its values */
    STIX_PATTERN_ISSUBSET,
    STIX_PATTERN_LIKE,
};

struct stix_pattern_atom {
    slice object; /* "file" */
    slice path;   /* "hashes.SHA-256": quotes are kept only around a step that holds other than letters, digits, _, - */
    slice value;  /* a string without quotes and escapes; any other literal as written */
    enum stix_pattern_relation relation;
    bool is_text; /* the value is a string literal */
    const struct stix_pattern_atom *next;
};

struct stix_pattern {
    const struct stix_pattern_atom *atoms;
    size_t count;
    const char *beyond; /* what was met first that needs more than a table: "AND", "FOLLOWEDBY", "!="; NULL: simple */
};

/*
 * OK for every pattern of the grammar; then the atoms say all of it only if nothing is beyond. ERR_INPUT if it is not a
 * pattern (`column`, from 1, in bytes, says where), ERR_LIMIT above a ceiling; `why` is a literal.
 */
MUST_USE struct err stix_pattern_parse(slice text, struct arena *arena, struct stix_pattern *pattern, size_t *column);
