/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What is said in notices, as texts that the catalogue translates (text/catalogue.h): what a class of trouble is
 * called, why it matters, and what to do now, for somebody who may have no IT staff. Static rows; any thread.
 */
#include "store/notice.h"
#include "store/severity.h"

#define DESK_STEPS 3

struct desk_class_words {
    const char *class;  /* taxonomy/type, taxonomy/ for all others of it; "": for whatever else */
    const char *called; /* "an infected system" */
    const char *why;
    const char *steps[DESK_STEPS];
};
/* The narrowest row that fits. */
const struct desk_class_words *desk_words_of_class(slice class);

struct desk_kind_words {
    const char *heading; /* "Warning" */
    const char *opening; /* a sentence or two */
    bool acts;           /* it tells what to do, and by when */
    bool answers;        /* whoever gets it may answer for the warnings: by a button, by a word */
};
const struct desk_kind_words *desk_words_of_kind(enum notice_kind kind);
const char *desk_words_of_severity(enum severity severity); /* "critical" */
