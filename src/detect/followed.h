/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Files that grow and folders in which reports are dropped: one thread sees that there is something new and hands the
 * file on. It keeps no place of its own that outlives it: how far a file was read is known where it is counted
 * (store/stream.h), so handing the same one on twice does no harm.
 *
 * A file that grows may be renamed and begun anew, or emptied and written again: the one that was open is handed on to
 * its end before the next one is looked at. In a folder a file counts when its writer closed it or moved it there, or
 * when it has not changed for FOLLOWED_CALM_US. Names that begin with a dot, or end in .part, .tmp or .filepart, are of
 * files that somebody is still writing.
 *
 * The kernel tells of changes at once (inotify); where it does not, as on a network share, they are seen within
 * FOLLOWED_LOOK_US.
 */
#include "store/inlet.h"

#define FOLLOWED_LOOK_US SECOND_US        /* how often a file is looked at anyway, */
#define FOLLOWED_SCAN_US (10 * SECOND_US) /* and a folder */
#define FOLLOWED_CALM_US (2 * SECOND_US)
#define FOLLOWED_FILES_MAX 100000 /* in one folder; further ones wait until some are taken away, and it is told */

struct followed;

struct followed_options {
    void *context;
    /*
     * Takes the file from here, with the descriptor, which reads from its beginning; `whole`: nobody writes it any
     * more. False: not now, and the descriptor stays ours.
     */
    bool (*take)(void *context, int64_t inlet, int fd, slice name, bool whole);
    void (*trouble)(void *context, slice inlet, const char *why);
};

MUST_USE struct err followed_open(
        const struct followed_options *options, struct arena *arena, struct followed **followed);
void followed_close(struct followed *followed); /* NULL is allowed */
/* ERR_INPUT for a folder that is none. A file need not be there yet. */
MUST_USE struct err followed_add(struct followed *followed, const struct inlet *inlet, struct arena *arena);
/* Nothing of it is handed on any more. */
void followed_drop(struct followed *followed, int64_t inlet);
