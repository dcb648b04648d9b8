/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The Reference Security Incident Taxonomy, version 1003 (machinev1): the classes that teams agreed to name incidents
 * by. Static rows, in the order of the taxonomy. A type belongs to one taxonomy, so the type alone finds its row.
 */
#include "base/slice.h"

struct rsit_class {
    const char *taxonomy; /* the predicate: malicious-code */
    const char *type;     /* the entry: c2-server */
};

#define RSIT_VERSION 1003

/* Ends with a row of NULLs. */
extern const struct rsit_class rsit_classes[];

/* What a format's own word certainly means: one row of a map, which ends with a row of NULLs. */
struct rsit_word {
    const char *word; /* as the format writes it; upper and lower case count as one */
    const char *type; /* of version 1003 */
};

/* The class of that type, in lower case as the taxonomy writes it; NULL if version 1003 has none. */
const struct rsit_class *rsit_find(slice type);
/* The same of "malicious-code/c2-server". */
const struct rsit_class *rsit_class_find(slice class);
/* The class of a word; NULL if the map does not hold it. */
const struct rsit_class *rsit_map(const struct rsit_word *map, slice word);
