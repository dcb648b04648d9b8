/* SPDX-License-Identifier: Apache-2.0 */
#include "share/received.h"

#include "base/arena.h"
#include "share/weigh.h"
#include "store/ledger.h"
#include "store/right.h"

#define AGREEMENTS_MAX 1000 /* with one partner, one after the other */
#define ARENA_BYTES ((size_t)1 << 30)

/* Hashes of all complete subtrees of a batch, level by level. */
struct levels {
    struct sha256 *of[16];
    size_t counts[16];
};
_Static_assert(RELEASED_BATCH_MAX < 1 << 15, "the levels of a batch fit");

static struct err level_get(void *context, unsigned level, uint64_t index, struct sha256 *hash)
{
    const struct levels *levels = context;
    if (level >= COUNT_OF(levels->of) || index >= levels->counts[level])
        return err_make(ERR_SYSTEM, "a batch has no such hash");
    *hash = levels->of[level][index];
    return OK;
}

static struct levels levels_make(const struct released *rows, size_t count, struct arena *arena)
{
    struct levels levels = {.counts = {count}};
    levels.of[0] = arena_new(arena, struct sha256, count + 1);
    for (size_t i = 0; i < count; i++)
        levels.of[0][i] = ledger_merkle_leaf(store_released_leaf(rows[i].id, rows[i].version, &rows[i].digest, arena));
    for (size_t level = 1; level < COUNT_OF(levels.of); level++) {
        levels.counts[level] = levels.counts[level - 1] / 2;
        levels.of[level] = arena_new(arena, struct sha256, levels.counts[level] + 1);
        for (size_t i = 0; i < levels.counts[level]; i++)
            levels.of[level][i] = ledger_merkle_node(&levels.of[level - 1][2 * i], &levels.of[level - 1][2 * i + 1]);
    }
    return levels;
}

struct receiving {
    struct db *db;
    struct stix_definitions *definitions;
    share_received_take *take;
    void *context;
    struct ledger_log log;
    int64_t head; /* entries that are signed */
};

static enum stix_tlp tlp_of(const struct receiving *receiving, slice bytes, struct arena *arena)
{
    if (bytes.len == 0)
        return TLP_NONE;
    struct stix_marked marked = stix_marked_of(bytes);
    return stix_marks_of(receiving->definitions, &marked, arena).tlp;
}

/* The rows of one entry, each with its path. */
static struct err entry_give(struct receiving *receiving, int64_t agreement, int64_t entry, struct arena *arena)
{
    struct released *rows;
    size_t count;
    bool holds;
    TRY(store_released_of_entry(receiving->db, agreement, entry, arena, &rows, &count));
    TRY(store_released_proven(receiving->db, agreement, entry, arena, &holds));
    struct levels levels = levels_make(rows, count, arena);
    const struct ledger_hashes hashes = {&levels, level_get};
    struct share_received received = {.count = count, .log = receiving->log.origin};
    TRY(ledger_merkle_root_at(&hashes, count, &received.root));
    for (size_t i = 0; i < count; i++) {
        struct ledger_path path = {.count = 0};
        TRY(ledger_merkle_include(&hashes, i, count, &path));
        struct err err = store_released_bytes(receiving->db, agreement, rows[i].added_us, arena, &received.bytes);
        if (err.kind == ERR_MISSING)
            received.bytes = S("");
        else
            TRY(err);
        received.row = &rows[i];
        received.path = &path;
        received.leaf = store_released_leaf(rows[i].id, rows[i].version, &rows[i].digest, arena);
        received.proven = holds && entry < receiving->head;
        received.tlp = tlp_of(receiving, received.bytes, arena);
        TRY(receiving->take(receiving->context, &received));
    }
    return OK;
}

static struct err agreement_give(struct receiving *receiving, int64_t agreement, struct arena *arena)
{
    struct ledger_head head;
    int64_t log, entry = -1;
    bool is_node;
    TRY(store_side_log(receiving->db, agreement, &log, &is_node));
    TRY(store_ledger_log_get(receiving->db, log, arena, &receiving->log));
    TRY(store_ledger_head_get(receiving->db, log, arena, &head));
    receiving->head = head.size;
    for (;;) {
        struct arena *work = arena_open("what was received", ARENA_WORK, ARENA_BYTES);
        struct err err = store_released_entry_after(receiving->db, agreement, entry, &entry);
        if (err.kind == ERR_NONE && entry >= 0)
            err = entry_give(receiving, agreement, entry, work);
        if (err.kind != ERR_NONE)
            err.why = arena_cstr(arena, slice_of(err.why));
        arena_close(work);
        TRY(err);
        if (entry < 0)
            return OK;
    }
}

static struct err all_give(struct receiving *receiving, int64_t partner, struct arena *arena)
{
    int64_t *agreements;
    size_t count;
    TRY(store_side_agreements(receiving->db, partner, AGREEMENTS_MAX, arena, &agreements, &count));
    TRY(share_definitions_read(receiving->db, receiving->definitions));
    for (size_t i = 0; i < count; i++)
        TRY(agreement_give(receiving, agreements[i], arena));
    return OK;
}

struct err share_received_by(struct db *db, const struct actor *actor, int64_t partner, share_received_take *take,
        void *context, struct arena *arena)
{
    struct receiving receiving = {.db = db, .take = take, .context = context};
    TRY(store_right_check(actor, VERB_READ_SHARING, 0, arena, NULL));
    receiving.definitions = stix_definitions_open();
    struct err err = all_give(&receiving, partner, arena);
    stix_definitions_close(receiving.definitions);
    return err;
}
