/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The parameters of a request (TAXII 2.1 section 3.4) as a query of rows, and places to read on from (`next`, section
 * 3.5): opaque to clients, bound to their collection, and valid whatever is added or deleted meanwhile, since a place
 * is a moment and not a row.
 */
#include "store/collected.h"

struct ask;

/* What an endpoint lets be asked for. */
enum taxii_field {
    FIELD_ADDED_AFTER = 1,
    FIELD_LIMIT = 2,
    FIELD_NEXT = 4,
    FIELD_ID = 8,
    FIELD_TYPE = 16,
    FIELD_VERSION = 32,
    FIELD_SPEC = 64,
    FIELDS_PAGE = 7,
    FIELDS_ALL = 127,
};

struct taxii_query {
    struct collected_query rows;
    bool placed; /* it reads on from somewhere: that nothing is found is no news */
};

/* `id`: of the collection. ERR_INPUT names what is wrong. */
MUST_USE struct err taxii_query_read(const struct ask *ask, unsigned fields, slice id, struct taxii_query *query);
/* The place behind that moment, in the arena of the ask. */
slice taxii_next(const struct ask *ask, slice id, int64_t added_us);

/* A version as section 3.4.1 has it, from the form in which it is kept: "2026-01-02T00:00:00.120Z". */
slice taxii_version(slice kept, struct arena *arena);
/* And back: store_version_kept (store/collected.h). */
