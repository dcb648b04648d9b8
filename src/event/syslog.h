/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * One syslog message taken apart, for the format itself and for those that come inside it (CEF). Private to this
 * folder.
 */
#include "base/err.h"
#include "base/slice.h"

struct arena;
struct json_writer;

struct syslog {
    unsigned priority; /* SYSLOG_NO_PRIORITY: not said, as in files */
    unsigned version;  /* 0: RFC 3164 */
    slice time;        /* for time_parse() */
    slice host, app, process, id;
    slice structured; /* all elements as they stand; empty: none */
    slice message;
};

#define SYSLOG_NO_PRIORITY 192

/*
 * Reads RFC 5424, or RFC 3164 as it is met (section 4.3: nearly anything may be missing). Slices point into the record
 * or the arena. ERR_INPUT says what is wrong, and *offset where.
 */
MUST_USE struct err syslog_parse(
        slice record, int64_t now_us, struct arena *arena, struct syslog *message, size_t *offset);

/* A parameter of structured data (RFC 5424 section 6.3), its value as it stands, escapes and all. */
struct syslog_parameter {
    slice element, name, value;
};

/* The next one of *rest; an element without any gives itself with an empty name. False at the end. */
bool syslog_parameter_next(slice *rest, slice *element, struct syslog_parameter *parameter);
/* Its value without the backslashes that escape. */
slice syslog_value(const struct syslog_parameter *parameter, struct arena *arena);

/* Writes what is neither time nor host, as members of an open object. */
void syslog_write(const struct syslog *message, struct arena *arena, struct json_writer *w);
