/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What a security.txt has to be (RFC 9116), as a list of faults: ours is never served with one. It looks at the form of
 * a signature, and not at who signed. Any thread.
 */
#include "base/err.h"

#define SECURITY_TEXT_MAX                                                                                              \
    (32u << 10)                /* bytes; the RFC has no ceiling, and 32 KiB are what its section 5.6 speaks of         \
                                */
#define SECURITY_FAULTS_MAX 32 /* that are told */

struct security_fault {
    size_t line;         /* from 1; 0: of the whole */
    const char *section; /* of RFC 9116, unless it names another */
    const char *why;
};

/* `url`: from where it was fetched; empty: nobody knows. Faults in the order of lines, none: *count is 0. */
MUST_USE struct err desk_security_check(
        slice text, slice url, int64_t now_us, struct arena *arena, struct security_fault **faults, size_t *count);
