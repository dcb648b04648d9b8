/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What book.c (writing and signing), book_check.c (comparing) and book_log.c (alarms, new origins) share. Nobody else
 * includes this.
 */
#include "share/book.h"
#include "share/high_water.h"

#define BOOK_FOLDERS_MAX 64 /* that are open at once */

/* A log whose folder is open. */
struct shelf {
    int64_t log; /* 0: free */
    uint64_t used;
    struct arena *arena;
    struct ledger_folder *folder;
};

struct share_book {
    struct share_book_options options;
    struct share_high_water *high_water;
    struct shelf shelves[BOOK_FOLDERS_MAX];
    uint64_t turn;
    struct arena *pages;           /* of rows on their way */
    int64_t check_log, check_next; /* where the slow check goes on */
};

/* ERR_SYSTEM if another process has it; ERR_INPUT names the first bad tile. */
MUST_USE struct err share_shelf_open(
        struct share_book *book, const struct ledger_log *log, struct arena *arena, struct shelf **shelf);
void share_shelf_close(struct shelf *shelf);
void share_shelf_forget(struct share_book *book, int64_t log); /* closes it, if it is open */
/* Tiles up to `to` from rows; those from `from` on that are there already are held against theirs. ERR_CONFLICT names
 * the first entry that is gone or other than in its tile. */
MUST_USE struct err share_shelf_fill(struct share_book *book, struct db *db, const struct ledger_log *log,
        struct shelf *shelf, int64_t from, int64_t to, struct arena *arena);
/* Tiles as far as the head that was signed, and its checkpoint. ERR_CONFLICT if they lead elsewhere. */
MUST_USE struct err share_shelf_settle(struct share_book *book, struct db *db, const struct ledger_log *log,
        const struct ledger_head *head, struct shelf *shelf, struct arena *arena);
/* Size and root of the checkpoint in the folder; size 0: none. */
MUST_USE struct err share_shelf_head(
        const struct shelf *shelf, struct arena *arena, struct ledger_checkpoint *checkpoint);

/* Not signed or served until its partner has answered (share_book_answered), or two persons decide. */
MUST_USE struct err share_book_wait(struct work *work, const struct ledger_log *log, const struct share_known *known);
/* All signed entries of one log. */
MUST_USE struct err share_log_check(
        struct share_book *book, struct db *db, const struct ledger_log *log, struct arena *arena);

/* Whether what went wrong says that the log is (an alarm), and not that the machine is. */
bool share_is_finding(struct err err);
/* The log is not signed from here on; told once. */
MUST_USE struct err share_alarm_raise(
        struct db *db, const struct ledger_log *log, const char *why, struct arena *arena);
/* *fine: the clock is not behind the last head; else that is told, once. */
MUST_USE struct err share_clock_check(struct db *db, struct arena *arena, bool *fine);
/* For what the node does by itself. */
extern const struct actor share_ledger_actor;
