/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * One line per outcome on standard error, written by verbs and edges only:
 *     time=2026-11-20T10:29:58.960622Z level=warn event=intel.refused file="a.json" line=3
 * The event name is stable and dotted. Text from outside is always quoted, control characters escaped. No secrets.
 */
#include "base/slice.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };

struct log_field {
    const char *name;
    slice text;     /* written quoted, if ptr is set */
    int64_t number; /* written otherwise */
};

/* Lines below this level are left out; LOG_INFO at start. */
void log_threshold(enum log_level level);
void log_line(enum log_level level, const char *event, const struct log_field *fields, size_t count);
