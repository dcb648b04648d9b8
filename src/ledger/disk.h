/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Files of a log's folder: read whole, and written so that they are there whole or not at all. New files are written
 * into .new and synced together, renamed into their places, and the folders synced together. One thread.
 */
#include "base/buf.h"

struct arena;

/* Appends the file's bytes. ERR_MISSING, ERR_SYSTEM, or ERR_LIMIT for more than the buf takes; each names the file. */
MUST_USE struct err ledger_disk_read(int folder, const char *path, struct arena *arena, struct buf *out);

struct ledger_disk {
    int folder;
    struct arena *arena; /* errors */
    struct buf names;    /* of the new files, each with its NUL; that of number n is in .new/n */
    size_t count;
};

/* Makes .new, and takes away what lies in it. */
MUST_USE struct err ledger_disk_begin(struct ledger_disk *disk, int folder, struct arena *arena);
/* The bytes of a file of this name, which is not there before ledger_disk_place. */
MUST_USE struct err ledger_disk_put(struct ledger_disk *disk, const char *name, slice bytes, mode_t mode);
/* All files are in their places and on disk. */
MUST_USE struct err ledger_disk_place(struct ledger_disk *disk);
void ledger_disk_end(struct ledger_disk *disk);

/* Removes a folder of files; what is not there is no error, and no promise: space is regained, no more. */
void ledger_disk_remove(int folder, const char *path);
