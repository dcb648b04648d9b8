/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Observed data of STIX 2.0 and 2.1 as observations (sections 4.14 and 9.5): a bundle, an envelope, an observed-data
 * object, or an array of these. Objects come from `object_refs` or from the older `objects`; only those that an
 * observation names can be met or followed (9.7.4). Everything lies in the arena or is a slice of the text, which has
 * to stay. Read-only once made.
 */
#include "stix/value.h"

#define STIX_OBSERVED_MAX (1u << 20)         /* observed-data objects in one text */
#define STIX_OBSERVED_OBJECTS_MAX (1u << 22) /* objects in one text, and that all observations together name */

struct stix_observed {
    const struct stix_observation *rows; /* in the order of the text */
    size_t count;
};

/* ERR_INPUT with where in the text, and the section in `why`; ERR_LIMIT above a ceiling. */
MUST_USE struct err stix_observed_read(slice text, struct arena *arena, struct stix_observed *observed, size_t *offset);
