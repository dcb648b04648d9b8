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

/* The text of one that is there. */
static inline slice plan_shipped_text(slice name)
{
    size_t at = 0;
    while (!slice_eq(slice_of(plan_shipped[at].name), name))
        at++;
    return slice_of(plan_shipped[at].text);
}
