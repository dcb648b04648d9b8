/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Logs as rows: what a node has entered, what opens it, and how far each log was signed. An entry is written in the
 * work of the verb that it is about; tiles, checkpoints and their order are the affair of share/book.h.
 *
 * Who appends holds the row of its log until its work ends, so numbers are dense and in the order of commits. Who
 * appends to several logs does so in the order of their numbers. The private log is written by work.c alone, an entry
 * for each row of the journal, behind everything else.
 */
#include "ledger/entry.h"
#include "store/work.h"

#define LEDGER_VALUE_MAX (16u << 20) /* bytes of what an entry opens to */

struct ledger_log {
    int64_t number;
    slice kind, origin, folder; /* "partner", "private", "node" */
    bool open;
    slice alarm;   /* why it is not signed; empty: nothing is wrong */
    slice follows; /* the heads that it goes on from; empty: it began by itself */
    int64_t size, first, checked, added_us;
    slice waits; /* who knows more of it than this node; empty: it waits for nobody */
    int64_t waits_size;
    struct sha256 waits_root;
};

/* ERR_CONFLICT if the origin or folder is taken, or there is a private log or node log already. */
MUST_USE struct err store_ledger_log_new(
        struct work *work, const char *kind, slice origin, slice folder, int64_t *number);
/*
 * Closes a log and makes one that goes on from it, whose entry 0 ("follows") has these fields; `heads` says the same
 * for people. What was entered in the old one and not signed is entered anew where it is the private log; agreements
 * move on to the new one with a new generation, so that what leaves under them is decided and entered anew.
 */
MUST_USE struct err store_ledger_log_follow(struct work *work, const struct ledger_log *old, slice origin, slice folder,
        slice heads, const struct ledger_field *fields, size_t count, int64_t *number);
/* Empty: it may be signed again. */
MUST_USE struct err store_ledger_alarm_set(struct work *work, int64_t log, slice alarm);
/*
 * The log waits for the partner that kept the rest of it: `by` knows a head of that size and root; size 0: all is here,
 * and only its tiles are not. What is entered from now on stays unsigned, and nothing of the log is served, until
 * store_ledger_wait_end.
 */
MUST_USE struct err store_ledger_wait(
        struct work *work, int64_t log, slice by, int64_t size, const struct sha256 *root);
/* What is under the log's agreement is decided anew. */
MUST_USE struct err store_ledger_wait_end(struct work *work, int64_t log);
/* The partner with a node of its own that can be asked for what it kept of a partner log; 0: there is none. */
MUST_USE struct err store_ledger_keeper(struct db *db, int64_t log, int64_t *partner);
/* Logs that wait, for this partner; 0: for any, and closed ones whose tiles are still to be written. */
MUST_USE struct err store_ledger_log_waiting(
        struct db *db, int64_t partner, struct arena *arena, struct ledger_log **rows, size_t *row_count);
MUST_USE struct err store_ledger_log_get(struct db *db, int64_t number, struct arena *arena, struct ledger_log *log);
/* By folder or origin; ERR_MISSING. */
MUST_USE struct err store_ledger_log_find(struct db *db, slice name, struct arena *arena, struct ledger_log *log);
/* The open one of that kind; ERR_MISSING. For "private" and "node". */
MUST_USE struct err store_ledger_log_open(struct db *db, const char *kind, struct arena *arena, struct ledger_log *log);
/* The partner that it is kept with, if members of this organisation may read it now; ERR_MISSING. Its `about` in the
 * origin is the UUID of an agreement (share/book.h). */
MUST_USE struct err store_ledger_log_partner(
        struct db *db, const struct ledger_log *log, int64_t organisation, int64_t now_us, int64_t *partner);
/* The active partner node of this organisation, which may read the node log; ERR_MISSING. */
MUST_USE struct err store_ledger_partner_of(struct db *db, int64_t organisation, int64_t now_us, int64_t *partner);
/* The agreement whose log it is now; 0: none. */
MUST_USE struct err store_ledger_log_agreement(struct db *db, int64_t log, int64_t *agreement);
/* In the order of their numbers, closed ones too. */
MUST_USE struct err store_ledger_log_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct ledger_log **rows, size_t *row_count);
/* Open ones with entries that are to be signed, or to be checked first; none with an alarm. */
MUST_USE struct err store_ledger_log_behind(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct ledger_log **rows, size_t *row_count);

/* ---- Entries ---- */

struct ledger_item {
    const char *kind; /* "release": becomes the first field */
    const struct ledger_field *fields;
    size_t count;
};

/*
 * One entry: the fields "kind" and "time" (RFC 3339, from store_now_us) come first, then these; salts are drawn here.
 * Values are text; roots and digests are written in hex. Visible to others when the log was signed beyond it.
 * ERR_INPUT: no such field can be; ERR_CONFLICT: the log is closed; ERR_MISSING: there is none.
 */
MUST_USE struct err store_ledger_append(struct work *work, int64_t log, const char *kind,
        const struct ledger_field *fields, size_t count, int64_t *seq);
/* Many in a row: the first has the number *first. None at all only holds the log: *first is its size. */
MUST_USE struct err store_ledger_append_many(
        struct work *work, int64_t log, const struct ledger_item *items, size_t count, int64_t *first);

struct ledger_row {
    int64_t seq, time_us;
    slice kind, entry;
    struct ledger_field *fields; /* those that were not erased */
    size_t count;
};

/* Takes away the entries from `from` on, under no head yet: whoever calls enters them anew. */
MUST_USE struct err store_ledger_cut(struct work *work, int64_t log, int64_t from);
/*
 * Entries that this database had lost and somebody else kept, as they are: they follow the last one that is there, and
 * who calls has seen that they lead to a head of ours. ERR_CONFLICT if the log has another size than `size`.
 */
MUST_USE struct err store_ledger_restore(
        struct work *work, int64_t log, int64_t size, const struct ledger_row *rows, size_t count);

/* From that number on; ends earlier where a page would be too large, never before one row. */
MUST_USE struct err store_ledger_list(struct db *db, int64_t log, int64_t from, size_t count, struct arena *arena,
        struct ledger_row **rows, size_t *row_count);
/* The entries' bytes alone, as tiles want them; with their numbers, so that a row that is gone is seen. */
MUST_USE struct err store_ledger_bytes(struct db *db, int64_t log, int64_t from, size_t count, struct arena *arena,
        struct ledger_row **rows, size_t *row_count);
/* ERR_MISSING. */
MUST_USE struct err store_ledger_get(
        struct db *db, int64_t log, int64_t seq, struct arena *arena, struct ledger_row *row);
/* LEDGER_UNCHECKED: after an alarm, it is to be checked whole before it is signed again; else 0. */
#define LEDGER_UNCHECKED (-1)
MUST_USE struct err store_ledger_checked(struct work *work, int64_t log, int64_t checked);

/*
 * Destroys the salt and the value of a field, which is itself entered and told in the journal; the entry verifies as
 * before. ERR_MISSING if there is no such field, or not any more.
 */
MUST_USE struct err store_ledger_erase(struct work *work, int64_t log, int64_t seq, slice field, slice reason);
/* For retain.c: of the entries of these rows of the journal the detail, where there is one. Told by who calls it. */
MUST_USE struct err store_ledger_details_erase(struct work *work, int64_t after, int64_t to);
/* For work.c: the rows of the journal become entries of the private log, if there is one. */
struct journal_row;
MUST_USE struct err store_ledger_journal(struct work *work, const struct journal_row *rows, size_t count);

/* ---- Heads ---- */

struct ledger_head {
    int64_t log, size; /* size 0: nothing was signed yet */
    struct sha256 root;
    slice checkpoint;
    int64_t signed_us;
};

MUST_USE struct err store_ledger_head_get(struct db *db, int64_t log, struct arena *arena, struct ledger_head *head);
/* Of all logs but the node log, closed ones too, in the order of their numbers behind `after`; without checkpoints. */
struct ledger_headed {
    struct ledger_head head;
    slice origin;
};
MUST_USE struct err store_ledger_headed_list(struct db *db, int64_t after, size_t count, struct arena *arena,
        struct ledger_headed **rows, size_t *row_count);
/* ERR_CONFLICT if a larger one was signed, or another root for this size. Wakes who waits for the journal. */
MUST_USE struct err store_ledger_head_put(struct work *work, const struct ledger_head *head);
/* The root that was signed for an earlier size of a partner log; ERR_MISSING: none was. */
MUST_USE struct err store_ledger_root_get(
        struct db *db, int64_t log, int64_t size, struct arena *arena, struct sha256 *root);

/*
 * The time of the node, which never goes back: not before any head was signed, in this database or, as store_now_raise
 * was told, beside it. By it releases are valid or not.
 */
MUST_USE struct err store_now_us(struct db *db, int64_t *us);
void store_now_raise(int64_t us);
