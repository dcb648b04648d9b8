/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The lines of a configuration: `[section]` or `[section name]`, `key = value`, blank lines, and comments, which begin
 * with # or ;. A value goes to the end of its line, without the blanks around it: it knows no quotes, no escapes and no
 * comment behind it.
 * What is wrong with a line is told with its place, and reading goes on, so that all mistakes are told at once.
 * Everything points into the text.
 */
#include "base/slice.h"

#define INI_LINE_MAX 4096       /* bytes */
#define INI_TEXT_MAX (1u << 20) /* bytes of one file; who reads it from disk asks for no more */

struct ini_entry {
    slice key, value;
    size_t line;
    size_t column, value_column; /* in bytes, from 1 */
};

struct ini_sink {
    void *context;
    void (*section)(void *context, slice name, size_t line, size_t column);
    void (*entry)(void *context, const struct ini_entry *entry);
    /* `why` is a literal. */
    void (*wrong)(void *context, size_t line, size_t column, const char *why);
};

/* Returns the number of lines. */
size_t ini_read(slice text, const struct ini_sink *sink);
