/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Identifiers of STIX 2.1 (section 2.9): type--uuid. An id is a slice of the text that it was parsed from.
 */
#include "base/err.h"

struct arena;
struct buf;

struct stix_id {
    slice type;
    slice uuid;       /* 36 characters, in the case they were written */
    unsigned version; /* of the UUID, 1 to 8 */
};

/* False unless it is a type name, two hyphens and a UUID of RFC 9562. */
bool stix_id_parse(slice text, struct stix_id *id);

/*
 * Appends the id that a cyber-observable object gets from its contributing properties (section 2.9, and `C` in
 * types.c): UUIDv5 over the canonical JSON (RFC 8785) of an object with just those; of hashes only one counts. A random
 * UUIDv4 where there are none. `object` is JSON that passed json_check(). ERR_INPUT if its type is none that we know.
 */
MUST_USE struct err stix_id_make(slice object, struct arena *arena, struct buf *out);
