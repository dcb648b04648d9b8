/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Warning lists of a node: values that are met everywhere and say nothing by themselves (resolvers, networks of
 * content, own ranges). One file or a folder of them (lists, CSV, MISP warning lists); what changes there is read anew,
 * and what cannot be read keeps what was read before, which is told. Any thread.
 */
#include "match/match.h"
#include "sift/load.h"

#define LISTS_FILES_MAX 1000 /* of a folder; hidden ones and folders in it are no lists */

struct lists;

/* What reading them tells; called by whichever thread found that they changed. */
struct lists_report {
    struct load_report load;
    void (*changed)(void *context, size_t files, uint64_t values); /* read anew; not the first time */
    void (*failed)(void *context, const char *why);
    void *context;
};

/* `path` NULL: there are none. ERR_INPUT, ERR_SYSTEM: what is wrong with a file. */
MUST_USE struct err lists_open(
        const char *path, const struct lists_report *report, struct arena *arena, struct lists **opened);
void lists_close(struct lists *lists); /* NULL is allowed */

/* As they are now, until they are left; NULL: there are none. Of NULL: NULL. */
const struct match_index *lists_take(struct lists *lists);
void lists_leave(struct lists *lists, const struct match_index *index);
/* Looks at the files at once, and not only when the next second has begun. */
void lists_look(struct lists *lists);

/* For who says whether all is well: which files there are, how many values, and when the newest was changed. */
struct lists_about {
    size_t files;
    uint64_t values;
    int64_t changed_us; /* TIME_NONE: there is no file */
};
void lists_tell(struct lists *lists, struct lists_about *about);
