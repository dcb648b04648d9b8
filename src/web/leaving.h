/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/* What would leave for a partner, object by object: goes with its bytes, or stays and by which rule. */
#include "share/preview.h"
#include "web/outside.h"

struct leaving {
    struct outside outside, bytes; /* of names; of what would leave */
    size_t bytes_most;             /* of one object */
    size_t shown_most, shown;      /* rows; those beyond are only counted */
    uint64_t goes, stays;
};

/*
 * Members of the open object: "preview" {path, object, what, goes, tlp, derived, id, bytes; rule, rule_text, asks},
 * "goes", "stays", "any_preview", "more_preview", and "preview_why": what keeps it from being made; there may be no
 * agreement yet, or no such object. `of` NULL: nothing is asked for.
 */
MUST_USE struct err leaving_write(struct leaving *leaving, const struct share_preview_of *of);
