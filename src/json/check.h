/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The strict edge: is this text one JSON value as RFC 8259 has it? Everything behind it (read.h, pick.h, jcs.h) works
 * on text that passed here and need not look over its shoulder. UTF-8 is checked (no overlong forms, no surrogates in
 * UTF-8), duplicate keys are refused (compared after unescaping), `\u0000` is allowed, an unpaired `\uD800` escape is
 * refused because it names no character, a byte order mark is refused (section 8.1).
 */
#include "base/err.h"

#define JSON_DEPTH_MAX 64   /* arrays and objects inside each other */
#define JSON_KEYS_MAX 65536 /* keys of one object */

struct json_limits {
    size_t bytes_max;
    unsigned depth_max;      /* at most JSON_DEPTH_MAX */
    unsigned keys_max;       /* of one object */
    bool duplicates_allowed; /* for log lines, where only a doubled key that we read is an error */
};

/* 1 GiB, JSON_DEPTH_MAX, JSON_KEYS_MAX, no duplicates. */
extern const struct json_limits json_limits_default;

/* Blanks around the value are allowed. `offset` is where it went wrong, from 0; NULL if not wanted. `why` is a literal
 * naming the section of RFC 8259. */
MUST_USE struct err json_check(slice text, const struct json_limits *limits, size_t *offset);

/* Line and column (both from 1, in bytes) of an offset in a text. */
void json_place(slice text, size_t offset, size_t *line, size_t *column);
