/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * How bad something is that somebody whom we serve met: five words, in rising order, as the reports that are sent to
 * national teams use them. Not the scale of incidents, which is another one.
 */
#include "base/slice.h"

enum severity {
    SEVERITY_INFO,
    SEVERITY_LOW,
    SEVERITY_MEDIUM,
    SEVERITY_HIGH,
    SEVERITY_CRITICAL,
    SEVERITIES,
};

const char *store_severity_name(enum severity severity); /* "critical" */
/* False if it is none. */
bool store_severity_find(slice name, enum severity *severity);
