/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Backup and restore of a whole node: verbs, which ask for the right and write the journal. What belongs to a node, and
 * in which order it is read, is told in doc/why/backup.md. Text is in the arena of the node or of who asked.
 */
#include "app/archive.h"
#include "app/local.h"

/* What is being done ("copying the database"), how far it is, and of how much (0: nobody knows). */
typedef void backup_progress(void *context, const char *what, uint64_t done, uint64_t total);

struct backup_told {
    backup_progress *progress;      /* or NULL */
    bool (*stopped)(void *context); /* asked now and then; once it is true, all is taken back; or NULL */
    void *context;
};

/* OK, or ERR_SYSTEM if it is to stop. */
MUST_USE struct err backup_stopped(const struct backup_told *told);

struct backup_plan {
    const char *file; /* packed with zstd if it ends in .zst */
    bool keys;        /* put them in */
    bool force;       /* replace a file of that name */
    struct backup_told told;
};

struct backup_done {
    struct archive archive;
    struct sha256 digest;   /* of the file */
    struct sha256 manifest; /* of its MANIFEST: the same backup, however it is packed */
    uint64_t bytes;         /* of the file */
};

/* The file is there, whole and on disk, or nothing is. */
MUST_USE struct err backup_make(struct local *local, const struct backup_plan *plan, struct backup_done *done);

struct restore_plan {
    const char *file;     /* as input_open has it */
    const char *folder;   /* empty, or not there */
    const char *database; /* an empty PostgreSQL, for a backup of one; otherwise NULL */
    struct backup_told told;
};

#define RESTORE_NOTES_MAX 8

struct restore_done {
    struct archive archive;
    const char *conf;
    const char *listen;
    uint64_t ended;                       /* imports that the backup caught in the middle: none of it is seen */
    const char *notes[RESTORE_NOTES_MAX]; /* what is left to do, a sentence each */
    size_t note_count;
};

/* The node is there, whole, or nothing is; a database of PostgreSQL may be filled even so, which the error says. */
MUST_USE struct err restore_make(
        const struct actor *actor, const struct restore_plan *plan, struct arena *arena, struct restore_done *done);
/* Which backup: the digest of the manifest. */
struct sha256 backup_manifest_digest(const struct archive *archive, struct err *err);
