/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Evidence as rows: what was secured, each hand that it went through, and what was given out as one. Entries of custody
 * are only ever added. The bytes themselves lie in files (evidence/sealed.h).
 */
#include "base/clock.h"
#include "store/work.h"

#define EVIDENCE_PACKED_MAX 500 /* items of a package */

struct evidence {
    int64_t number, incident;
    slice name, what, place, person, tool, basis;
    int64_t acquired_us, clock_error_us; /* clock_error_us: TIME_NONE: not known */
    int64_t bytes;
    slice digest, digest_512;             /* SHA-256 and SHA-512 of the bytes */
    slice seal;                           /* empty: destroyed */
    slice mark;                           /* SHA-256 of the seal */
    int64_t hold_until_us, keep_until_us; /* TIME_NONE: none */
    int64_t added_us;
};
/* All but number and added_us. */
MUST_USE struct err store_evidence_add(struct work *work, const struct evidence *put, int64_t *number);
/* The row as it is and stays until the work ends. ERR_MISSING. */
MUST_USE struct err store_evidence_keep(struct work *work, int64_t number, struct evidence *row);
MUST_USE struct err store_evidence_hold(struct work *work, int64_t number, int64_t until_us);
/* Nobody opens its file any more. */
MUST_USE struct err store_evidence_destroy(struct work *work, int64_t number);
MUST_USE struct err store_evidence_get(struct db *db, int64_t number, struct arena *arena, struct evidence *row);
/* Behind `after`; incident 0: of all. */
MUST_USE struct err store_evidence_list(struct db *db, int64_t incident, int64_t after, size_t count,
        struct arena *arena, struct evidence **rows, size_t *row_count);

/* How much of it is past the time until which it is kept, and not held. */
MUST_USE struct err store_evidence_past(struct db *db, int64_t now_us, int64_t *count);

/* ---- In whose hands ---- */

struct custody {
    int64_t evidence, step, time_us;
    slice act, actor, to_whom, why;
    slice entry;  /* what was signed: one line of JSON with its end */
    slice before; /* SHA-256 of the entry before; empty: the first */
    slice signature, key;
    slice other_signature, other_key; /* of who took it; or empty */
};
/* As it is; ERR_CONFLICT if there is such a step. */
MUST_USE struct err store_custody_add(struct work *work, const struct custody *put);
MUST_USE struct err store_custody_countersign(
        struct work *work, int64_t evidence, int64_t step, slice signature, slice key);
/* In their order. */
MUST_USE struct err store_custody_list(
        struct db *db, int64_t evidence, struct arena *arena, struct custody **rows, size_t *row_count);
/* The last one; ERR_MISSING. */
MUST_USE struct err store_custody_last(struct db *db, int64_t evidence, struct arena *arena, struct custody *row);

/* ---- Packages ---- */

struct evidence_package {
    int64_t number, incident, organisation;
    int64_t made_us, taken_us; /* taken_us: TIME_NONE: not yet */
    slice actor, their_reference, taken_by;
};
MUST_USE struct err store_package_add(
        struct work *work, const struct evidence_package *put, const int64_t *items, size_t count, int64_t *number);
MUST_USE struct err store_package_take(struct work *work, int64_t number);
MUST_USE struct err store_package_get(struct db *db, int64_t number, struct arena *arena, struct evidence_package *row);
/* Behind `after`; organisation 0: to whomever. */
MUST_USE struct err store_package_list(struct db *db, int64_t organisation, int64_t after, size_t count,
        struct arena *arena, struct evidence_package **rows, size_t *row_count);
MUST_USE struct err store_package_items(
        struct db *db, int64_t number, struct arena *arena, struct evidence **rows, size_t *row_count);
