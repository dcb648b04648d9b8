/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * UUIDs of RFC 9562: version 4 (random), 5 (a name in a namespace, SHA-1), 7 (ordered by time).
 */
#include "base/buf.h"

struct uuid {
    uint8_t bytes[16];
};

/* The 36-character form in either case, nothing else (section 4). */
bool uuid_parse(slice text, struct uuid *uuid);
/* Lower case, 36 characters. */
void uuid_write(struct buf *buf, const struct uuid *uuid);
struct uuid uuid_v4(void);                                     /* section 5.4 */
struct uuid uuid_v4_of(const uint8_t *bytes);                  /* the same of 16 bytes that nobody can guess */
struct uuid uuid_v5(const struct uuid *namespace, slice name); /* section 5.5 */
