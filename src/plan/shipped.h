/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The rule files that come with the program (etc/), as tools/embed-plan writes them at build. What an organisation has
 * in its node's folder comes before them.
 */
#include "base/slice.h"

struct plan_shipped {
    const char *name; /* below etc/: "duties/id.conf" */
    const char *text;
};

extern const struct plan_shipped plan_shipped[];
extern const size_t plan_shipped_count;
