/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The book-keeper: from rows of the ledger to signed heads. What a verb entered is in the database with the verb. Then,
 * for each log with entries that no head covers,
 *
 *     1. tiles are written and synced           (ledger/folder.h)
 *     2. the head goes into the high-water file (share/high_water.h)
 *     3. the signed head goes into log_head     (from here on releases under it are served)
 *     4. the folder's checkpoint is replaced    (from here on others see it)
 *
 * A crash between two of them is mended by doing all of them again: the same rows give the same tiles, the same root,
 * the same signature. What was signed for a size stands in three places (2, 3, 4), and another root for it is never
 * signed, whatever the rows say: that log has an alarm, is signed no more and nothing under it is served, until a
 * person decides.
 *
 * Before it signs anything it compares (share_book_begin): rows with tiles, both with the high-water file and with the
 * heads that partners saw (share_book_heard). A partner log that others know longer than we do waits for its partner,
 * who kept the rest: what is entered meanwhile is not signed and nothing of it is served, while all other logs go on.
 * What the partner has not, and what nobody keeps (the private log, the node log), is told as a gap: the log goes on
 * under a new origin that cites both. A clock behind the last head stops all signing until it has caught up, or a
 * person says that the heads were the ones of the wrong time.
 *
 * One thread, with a db of its own. One process of a machine writes a folder; several machines beside one database have
 * one each, and write the same.
 */
#include "base/key.h"
#include "ledger/folder.h"
#include "store/ledger.h"

#define SHARE_CLOCK_US                                                                                                 \
    (INT64_C(5) * 1000000)        /* that a clock may be behind the last head: others' clocks, and leaps               \
                                   */
#define SHARE_CHECK_START 1000000 /* entries of all logs that are checked before anything is signed */

struct share_book_options {
    const char *folder;     /* the node's ledger/ */
    const char *high_water; /* a file outside of what is backed up */
    const struct key_pair *log_key;
};

struct share_book;

/* What somebody has as a signed head of a log of ours, whose signature verified. */
struct share_known {
    slice origin;
    int64_t size;
    struct sha256 root;
    slice by; /* "the high-water file", "partner 7" */
};
/* ---- Logs ---- */

/*
 * A log of the node: its origin is NODE/KIND or NODE/KIND/ABOUT (the UUID of an agreement), its folder has a name that
 * tells nothing. In the verb that wants it.
 */
MUST_USE struct err share_book_log(struct work *work, const char *kind, slice about, int64_t *number);
/* The private log and the node log, where they are not there yet: `init`, and the first start of an older node. */
MUST_USE struct err share_book_logs(struct work *work);
/* Closes a log that cannot go on and begins one that does, with an entry that cites what was signed and what others
 * know of it. Agreements move on to it by who owns them. `why`: for people. */
MUST_USE struct err share_book_renew(
        struct work *work, const struct ledger_log *log, const struct share_known *known, slice why, int64_t *number);

/* ---- Keeping it ---- */

MUST_USE struct err share_book_open(
        const struct share_book_options *options, struct arena *arena, struct share_book **book);
void share_book_close(struct share_book *book); /* NULL is allowed */

/* All comparisons; alarms and gaps are told in the journal. Before share_book_write. */
MUST_USE struct err share_book_begin(struct share_book *book, struct db *db, struct arena *arena);
/* Tiles and heads for what has gathered; *signed_count: heads. Logs with an alarm are passed over. */
MUST_USE struct err share_book_write(struct share_book *book, struct db *db, struct arena *arena, size_t *signed_count);
/* Holds the next `most` entries of all logs, round and round, against tiles, openings and the journal. */
MUST_USE struct err share_book_check(struct share_book *book, struct db *db, size_t most, struct arena *arena);

/*
 * Compares it with what we have: nothing to say, or we are behind (the log waits, or goes on under a new origin), or it
 * contradicts us (an alarm).
 * ERR_MISSING: no log of ours has that origin.
 */
MUST_USE struct err share_book_heard(
        struct share_book *book, struct db *db, const struct share_known *known, struct arena *arena);
/* All that partners were seen to have of our logs since that moment (store/witness.h). */
MUST_USE struct err share_book_seen(struct share_book *book, struct db *db, int64_t since_us, struct arena *arena);

/* ---- Waiting for who kept the rest ---- */

/* The partner has said all that it has of our logs, and what was lost came back as far as it could
 * (share/book_recover.h): of those that waited for it, each goes on, or goes on under a new origin. */
MUST_USE struct err share_book_answered(struct db *db, int64_t partner, struct arena *arena);
/* Why a log waits, as a sentence. */
MUST_USE struct err share_book_waits(struct db *db, const struct ledger_log *log, struct arena *arena, slice *why);
/* Two persons do not wait any longer (VERB_CHANGE_KEYS): the log goes on under a new origin; `detail` has a reason. */
MUST_USE struct err share_ledger_renew(struct work *work, slice subject, slice detail);

/* ---- Alarms ---- */

/* What is wrong with the node's clock; empty: nothing. */
MUST_USE struct err share_clock_alarm(struct db *db, struct arena *arena, slice *alarm);
/* What is wrong with the node's clock or a log, as a sentence; empty: nothing. For status, doctor and pages. */
MUST_USE struct err share_book_alarm(struct db *db, struct arena *arena, slice *alarm);
/*
 * What two persons decide (a row of approve.c, VERB_CHANGE_KEYS): a log goes on ("ledger/FOLDER"), and is checked whole
 * before it is signed again; or the clock was wrong before and is right now ("ledger/clock").
 */
MUST_USE struct err share_ledger_clear(struct work *work, slice subject, slice detail);
/* The same for a field of an entry ("ledger/FOLDER/7"); `detail` has members field and reason. */
MUST_USE struct err share_ledger_erase(struct work *work, slice subject, slice detail);
/* Writes the tiles of a log anew from its rows, in a folder that was moved away. ERR_CONFLICT if they give another root
 * than the one that was signed. */
MUST_USE struct err share_book_rebuild(struct share_book *book, struct db *db, int64_t log, struct arena *arena);
