/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Client certificates by which people and their programs are known: the fingerprint is the certificate, its subject is
 * for people to read. Whether it is genuine and not revoked is asked where the connection begins (http/server.h).
 */
#include "base/hash.h"
#include "store/work.h"

#define CERTIFICATES_MAX 16 /* of a person */

struct certificate_row {
    struct sha256 fingerprint; /* of its DER */
    int64_t person;
    slice subject;
    int64_t added_us, expires_us;
};

/* The person and what the certificate says. ERR_CONFLICT if it is somebody's already; ERR_LIMIT beyond
 * CERTIFICATES_MAX. */
MUST_USE struct err store_certificate_add(struct work *work, const struct certificate_row *put);
/* ERR_MISSING if the person has no such one. */
MUST_USE struct err store_certificate_drop(struct work *work, int64_t person, const struct sha256 *fingerprint);
MUST_USE struct err store_certificate_drop_all(struct work *work, int64_t person);
/* ERR_MISSING. */
MUST_USE struct err store_certificate_find(
        struct db *db, const struct sha256 *fingerprint, struct arena *arena, struct certificate_row *certificate);
/* Those of a person, CERTIFICATES_MAX at most. */
MUST_USE struct err store_certificate_list(
        struct db *db, int64_t person, struct arena *arena, struct certificate_row **rows, size_t *row_count);
