/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Intelligence files into an index: any form, packed or not, and indexes compiled before. Of an object that comes in
 * several versions the newest counts, and if that one is revoked, none.
 */
#include "base/hash.h"
#include "match/build.h"

#define LOAD_TEXT_MAX ((size_t)64 << 30)         /* bytes of one file, unpacked */
#define LOAD_PATTERN_BYTES_MAX ((size_t)1 << 30) /* one pattern taken apart */

struct load_report {
    void *context;
    /* A row that could not be used; the first ten of a file, the rest is counted. */
    void (*problem)(void *context, const char *file, uint64_t line, uint64_t column, const char *why);
    /* Once a file. `skipped` names what was understood but cannot be indexed, `count` times each. */
    void (*file)(void *context, const char *file, const char *form, uint64_t indicators, uint64_t problems);
    /* Every now and then, while a long file is read. */
    void (*progress)(void *context, const char *file, uint64_t indicators);
    void (*skipped)(void *context, const char *file, const char *what, uint64_t count);
};

/*
 * Reads all files into a builder (load_build) or an index (load_open); a single compiled index is mapped as it is.
 * ERR_INPUT if a file is of no form we know, is broken as a whole, or has problems and not one good indicator.
 */
MUST_USE struct err load_build(const char *const *files, size_t count, const struct load_report *report,
        struct arena *arena, struct match_builder **builder);
MUST_USE struct err load_open(const char *const *files, size_t count, const struct load_report *report,
        struct arena *arena, struct match_index **index);
/*
 * A STIX pattern that no table can answer, with its hints (sift/watch.h); `scratch` is emptied and used. One that no
 * event could ever meet is left out. ERR_INPUT with a literal reason if it is none. `texts`: how many literals it adds
 * to those that are searched for (PREFILTER_LITERALS_MAX); NULL: not wanted.
 */
MUST_USE struct err load_pattern(
        struct match_builder *builder, struct arena *scratch, const struct indicator *pattern, size_t *texts);
