/* SPDX-License-Identifier: Apache-2.0 */
#include "store/severity.h"

static const char *const names[SEVERITIES] = {
        [SEVERITY_INFO] = "info",
        [SEVERITY_LOW] = "low",
        [SEVERITY_MEDIUM] = "medium",
        [SEVERITY_HIGH] = "high",
        [SEVERITY_CRITICAL] = "critical",
};

const char *store_severity_name(enum severity severity)
{
    return names[severity];
}

bool store_severity_find(slice name, enum severity *severity)
{
    for (enum severity i = 0; i < SEVERITIES; i++)
        if (slice_eq(name, slice_of(names[i]))) {
            *severity = i;
            return true;
        }
    return false;
}
