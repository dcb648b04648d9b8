/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a certificate (X.509) in a file says of itself: whose it is, until when, and its fingerprint, by which it is
 * known again. Whether to believe it is asked elsewhere. Any thread.
 */
#include "base/err.h"
#include "base/hash.h"

#define CERTIFICATE_BYTES_MAX (64u << 10) /* of the file */

struct certificate {
    struct sha256 fingerprint; /* of its DER */
    struct sha256 key;         /* of its SubjectPublicKeyInfo, as RFC 7469 section 2.4 pins it */
    slice subject;             /* RFC 4514 */
    int64_t begins_us, expires_us;
};

/* The first one in a PEM text. ERR_INPUT if there is none. */
MUST_USE struct err certificate_parse(slice pem, struct arena *arena, struct certificate *certificate);
/* The same of a file, named in the sentence. */
MUST_USE struct err certificate_read(const char *file, struct arena *arena, struct certificate *certificate);
