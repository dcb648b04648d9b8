/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The memory of a node: the runs that its tables name (store/memory.h), in the node's folder memory/ (memory/folder.h).
 * Written by who takes events in, merged and forgotten by the job "memory" of the server, asked by detect/hunt.h.
 *
 * Nothing is remembered longer than was agreed: of a day before today only for service.memory_days, today counted; what
 * comes from days before that, or after tomorrow, is not written at all. Forgetting writes each run anew without those
 * whose time is over, in one work with a row of the journal for each, "memory.forgotten", which says of how many
 * entries and by which digests; remember_prove reads all files and says whether anything is left.
 *
 * A remember is opened once per process and used by any number of threads, each with a db of its own.
 */
#include "db/db.h"
#include "memory/run.h"
#include "store/work.h"

struct remember;

#define REMEMBER_LATE_DAYS 1 /* clocks of others run ahead: days after today that are taken */

MUST_USE struct err remember_open(const char *folder, struct arena *arena, struct remember **remember);
void remember_close(struct remember *remember); /* NULL is allowed */
/* For memory_keyer_open: one for each thread that notes. */
struct hash_key remember_key(const struct remember *remember);

/* ---- Writing ---- */

/* Runs on disk that no row names yet. */
struct remembered {
    struct memory_file *files;
    size_t count;
    uint64_t left; /* notes that nobody agreed to keep */
    int hold;
};

/*
 * Writes what was gathered. In the work that counts the same events, remember_add gives the runs their rows; then, kept
 * or not, remember_end. Runs of a work that failed are left over, and removed later: a database that was lost on the
 * way may have kept it even so. After an error of remember_write nothing is left to end.
 *
 *     TRY(remember_write(remember, db, gathers, count, arena, &remembered));
 *     err = store_work(db, ..., calls remember_add(work, &remembered), ...);
 *     remember_end(&remembered);
 */
MUST_USE struct err remember_write(struct remember *remember, struct db *db, struct memory_gather *const *gathers,
        size_t count, struct arena *arena, struct remembered *remembered);
MUST_USE struct err remember_add(struct work *work, const struct remembered *remembered);
void remember_end(struct remembered *remembered);

/* ---- Reading ---- */

/* The runs of one moment, by day. */
struct remember_view {
    struct remember_run **runs;
    size_t count;
    uint64_t entries;
    size_t broken;   /* runs that cannot be read, and are not among these */
    const char *why; /* of the first */
};

MUST_USE struct err remember_take(
        struct remember *remember, struct db *db, struct arena *arena, struct remember_view *view);
void remember_leave(struct remember *remember, struct remember_view *view);
const struct memory_run *remember_run(const struct remember_view *view, size_t at);

/* ---- What is to be done now and then: the job of the server, and who took very much in ---- */

struct remember_done {
    uint64_t merges, merged;       /* runs that were made, of how many */
    uint64_t forgotten, rewritten; /* entries; runs */
    uint64_t removed;              /* files that no row named */
};

/* Merges what is due. Counts are added to; stops early when *stop is true (NULL: never). */
MUST_USE struct err remember_merge(struct remember *remember, struct db *db, const struct actor *actor,
        bool (*stop)(void *context), void *context, struct arena *arena, struct remember_done *done);
/* Forgets what nobody agreed to keep any longer. */
MUST_USE struct err remember_forget(struct remember *remember, struct db *db, const struct actor *actor,
        bool (*stop)(void *context), void *context, struct arena *arena, struct remember_done *done);
/* Removes files that no row names, unless somebody is writing just now. */
MUST_USE struct err remember_clear(
        struct remember *remember, struct db *db, struct arena *arena, struct remember_done *done);

/* ---- Proof ---- */

/* What reading every byte of every run says of one organisation. */
struct remember_proof {
    uint64_t runs, entries;  /* that were read, of everybody */
    uint64_t kept;           /* of the organisation, and agreed */
    uint64_t overdue;        /* of the organisation, and nobody agreed any more */
    uint64_t left_over;      /* files that no row names and that may hold anything */
    int64_t days;            /* how many are agreed now */
    int64_t oldest_day;      /* of its entries; 0: it has none */
    const char *oldest_file; /* the run it is in */
};
MUST_USE struct err remember_prove(struct remember *remember, struct db *db, int64_t organisation, struct arena *arena,
        struct remember_proof *proof);
