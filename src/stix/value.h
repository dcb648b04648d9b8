/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What is observed, as patterns see it: an observation is a list of cyber-observable objects, each with a type, and a
 * way to the values at an object path. Where it comes from is behind a source: JSON (stix/observed.h) or a plain list
 * of rows (stix/view.h). A value and its text live until the next walk.
 */
#include "stix/pattern.h"

struct stix_scratch;

enum stix_value_kind {
    STIX_VALUE_TEXT,
    STIX_VALUE_NUMBER,
    STIX_VALUE_BOOLEAN,
    STIX_VALUE_OTHER, /* an object, a list, null: there, and equal to no constant */
};

struct stix_value {
    enum stix_value_kind kind;
    bool boolean;
    bool is_integer;
    int64_t integer; /* if is_integer */
    double number;   /* otherwise */
    slice text;
};

struct stix_observation;

/* Called with each value; true: enough. */
typedef bool stix_visit(void *context, const struct stix_value *value);

struct stix_source {
    slice (*type)(const struct stix_observation *observation, size_t object);
    /* Every value that the path reaches from this object; true if a visit said so. */
    bool (*walk)(const struct stix_observation *observation, size_t object, const struct stix_path *path,
            struct stix_scratch *scratch, stix_visit *visit, void *context);
};

/* Belongs to who made it. `number` of the same were seen between first and last; they count as different. */
struct stix_observation {
    const struct stix_source *source;
    const void *data;
    size_t object_count;
    int64_t first_us, last_us;
    uint64_t number;
    slice id; /* for people; may be empty */
};
