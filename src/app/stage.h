/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A folder beside the place where something is to appear whole: it is made there, and put in its place with one rename.
 * Nobody else looks into it (0700). What a program left behind that was killed is taken away by the next one.
 */
#include "base/err.h"

struct stage {
    const char *folder;  /* of the stage */
    const char *beside;  /* the folder that it lies in */
    struct arena *arena; /* all text */
    int lock;            /* that it is in use */
};

/* Beside `path`; `what` is part of its name: "backup" makes ".kentongan-backup-XXXXXX". */
MUST_USE struct err stage_make(const char *path, const char *what, struct arena *arena, struct stage *stage);
const char *stage_path(const struct stage *stage, const char *name);
/* Gives what is on the stage its name, synced. ERR_CONFLICT if there is such a file and it is not to be replaced. */
MUST_USE struct err stage_place(const struct stage *stage, const char *name, const char *path, bool replace);
/* With all that is still in it. */
void stage_drop(struct stage *stage);

/* That the entries of a folder are on disk. */
MUST_USE struct err stage_sync_folder(const char *path, struct arena *arena);
