/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What was released to whom. A partner's collection is these rows and nothing else: one for each version of each
 * object, put there in the work that enters it into the partner log, and served only while everything holds in the very
 * statement that reads it: the entry stands under a signed head, the agreement is in force in the row's generation, the
 * row is valid now (by a clock that never goes back), the partner is active and nothing pauses it. Before a row leaves,
 * its entry's root is computed from its rows again and the bytes are held against the digest: what somebody put into
 * the table by hand does not leave, and alarms (journal release.alarm).
 *
 * A partner may have had an agreement before: rows belong to the agreement, whose log explains them.
 */
#include "store/collected.h"

#define RELEASED_BATCH_MAX 1000 /* rows of one entry */
#define RELEASED_ALARMS_MAX 16  /* that one reading tells */

struct released_put {
    int64_t object; /* that leaves, or was made from */
    slice id, type, version, spec_version;
    int64_t from_us, until_us;
    struct sha256 digest; /* of the bytes that leave */
    slice derived;        /* those bytes; empty: the object's */
    bool recall;          /* it only takes something back */
};

enum released_outcome {
    RELEASED_NEW,
    RELEASED_KEPT,        /* this version is there with these bytes: valid (again) under the generation */
    RELEASED_CONTRADICTS, /* it is there with other bytes: left as it is */
};

/*
 * Releases under the agreement and its generation. What is new becomes one entry of `kind` ("release") for each
 * RELEASED_BATCH_MAX rows: fields agreement, count, root. *entries: how many; their numbers end before *next.
 * ERR_MISSING: there is no such agreement.
 */
struct released_batch {
    const char *kind;
    int64_t agreement, generation;
    const struct released_put *rows;
    size_t count;
    enum released_outcome *outcomes;
    int64_t last_entry; /* of those that were made; -1: nothing was new */
};
MUST_USE struct err store_released_add(struct work *work, struct released_batch *batch);

/*
 * Rows that this database had lost, of an entry that a partner kept (store_ledger_restore): from and until when they
 * were valid is not known, so they are over, and what of it may be served is decided anew; their object is 0 until
 * then.
 */
MUST_USE struct err store_released_restore(
        struct work *work, struct released_batch *batch, int64_t entry, int64_t time_us);

/* Rows of entries from `from` on, under no head yet, whose log was cut there (store_ledger_cut): nobody saw them, and
 * what may leave is decided anew. */
MUST_USE struct err store_released_cut(struct work *work, int64_t agreement, int64_t from);

/*
 * What a restore lost of rows that came back: object 0, until their bytes are here. They come from the partner, which
 * says of some that it has not kept them (object -1). Whatever is decided anew and is the same takes its row over.
 */
struct released_lost {
    int64_t agreement, entry;
    slice origin; /* of the log */
};
/* The first entry with rows whose bytes are asked for; ERR_MISSING: there is none. */
MUST_USE struct err store_released_lost(
        struct db *db, int64_t partner, struct arena *arena, struct released_lost *lost);
MUST_USE struct err store_released_lost_any(struct db *db, int64_t agreement, bool *any);
/* *fits: they are the bytes that this row's digest is of, and are kept. */
MUST_USE struct err store_released_refill(
        struct work *work, const struct released_lost *lost, int64_t leaf, slice bytes, bool *fits);
/* Nobody has the others of that entry; *count: how many. */
MUST_USE struct err store_released_gone(struct work *work, const struct released_lost *lost, uint64_t *count);

/* The agreement's log goes on under another origin (store_ledger_log_follow): what the old one's entries commit to is
 * entered anew in the one that it has now. Rows that no entry commits to stay under none, and are not served. */
MUST_USE struct err store_released_move(struct work *work, int64_t agreement, int64_t old_log);

/* A row as it lies there, valid or not. */
struct released {
    int64_t agreement, partner, added_us, object;
    slice id, type, version, spec_version;
    int64_t generation, from_us, until_us, entry, leaf;
    struct sha256 digest;
    bool derived, recall;
};
/* Ends the validity of rows now: they are not served any more. */
MUST_USE struct err store_released_close(struct work *work, const struct released *rows, size_t count);
/* Rows behind `after_us` up to `to_us` hold under this generation, too. */
MUST_USE struct err store_released_keep(
        struct work *work, int64_t agreement, int64_t generation, int64_t after_us, int64_t to_us);

/* Behind that moment, in order; all that there are, for people and for who decides anew. */
MUST_USE struct err store_released_list(struct db *db, int64_t agreement, int64_t after_us, size_t count,
        struct arena *arena, struct released **rows, size_t *row_count);
/* Every row of that object, or of that id as partners see it (partner 0: of any). */
MUST_USE struct err store_released_of_object(
        struct db *db, int64_t object, struct arena *arena, struct released **rows, size_t *row_count);
MUST_USE struct err store_released_of_id(
        struct db *db, int64_t partner, slice id, struct arena *arena, struct released **rows, size_t *row_count);
/* Rows that are valid now, of an object or (`versions`) of all versions that its source has of it. */
MUST_USE struct err store_released_valid(struct db *db, int64_t agreement, int64_t object, bool versions,
        struct arena *arena, struct released **rows, size_t *row_count);
/* Whether an object, or what was made of it, is there and valid under this generation. */
MUST_USE struct err store_released_holds(
        struct db *db, int64_t agreement, int64_t generation, int64_t object, bool *holds);
/* Ids of the nodes that have an object which this partner sent us, or what was made from it; between blanks. */
MUST_USE struct err store_released_holders(
        struct db *db, int64_t from_partner, slice id, struct arena *arena, slice *nodes);
/* What an entry of an agreement's log commits to, in the order of leaves. */
MUST_USE struct err store_released_of_entry(struct db *db, int64_t agreement, int64_t entry, struct arena *arena,
        struct released **rows, size_t *row_count);
/* Whether these are the rows that the entry commits to. */
MUST_USE struct err store_released_proven(
        struct db *db, int64_t agreement, int64_t entry, struct arena *arena, bool *proven);
/* The next entry that has rows; -1: none. */
MUST_USE struct err store_released_entry_after(struct db *db, int64_t agreement, int64_t entry, int64_t *next);
/* The leaf: canonical JSON of digest, id and version. */
slice store_released_leaf(slice id, slice version, const struct sha256 *digest, struct arena *arena);
/* The bytes that left; ERR_MISSING if there is no such row or its object is gone. */
MUST_USE struct err store_released_bytes(
        struct db *db, int64_t agreement, int64_t added_us, struct arena *arena, slice *bytes);
/* Whether the partner was sent this id, ever, or has sent it. */
MUST_USE struct err store_released_knows(struct db *db, int64_t partner, slice id, bool *knows);

/* ---- For the partner ---- */

struct released_shelf {
    int64_t agreement; /* whose rows it reads; 0: there was none yet */
    int64_t partner;
    slice outbox, name; /* name of the organisation */
};
/* The collection that people and nodes of this organisation see under that id, or (empty) at all; ERR_MISSING. */
MUST_USE struct err store_released_find(
        struct db *db, int64_t organisation, slice outbox, struct arena *arena, struct released_shelf *shelf);
/* As store_collected_read; `agreement` of the shelf. collected.entry: of the partner log. */
MUST_USE struct err store_released_read(struct db *db, int64_t agreement, const struct collected_query *query,
        bool bytes, struct arena *arena, collected_take *take, void *context, struct collected_end *end);

/* ---- Random ids of derived objects ---- */

/* The id under which a partner has an object of this id, and since when; empty: none. `made_us` may be NULL. */
MUST_USE struct err store_derived_get(
        struct db *db, int64_t partner, slice id, struct arena *arena, slice *derived, int64_t *made_us);
MUST_USE struct err store_derived_put(struct work *work, int64_t partner, slice id, slice derived, int64_t made_us);
/* Whether it has any. */
MUST_USE struct err store_derived_any(struct db *db, int64_t partner, bool *any);
/* What we made a derived object from, whoever has it; empty: it is none of ours. */
MUST_USE struct err store_derived_from(struct db *db, slice derived, struct arena *arena, slice *id);
