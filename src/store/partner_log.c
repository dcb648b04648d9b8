/* SPDX-License-Identifier: Apache-2.0 */
#include "store/partner_log.h"

#include "base/arena.h"
#include "store/page.h"
#include "store/seen.h"

#define WHY_MAX 1000

/* ---- The edge of a tree as bytes: the hashes of the levels that are set, from below ---- */

static slice edge_write(const struct ledger_frontier *edge, struct arena *arena)
{
    struct sha256 *hashes = arena_new(arena, struct sha256, 64);
    size_t count = 0;
    for (unsigned level = 0; level < 64; level++)
        if ((edge->size >> level & 1) != 0)
            hashes[count++] = edge->nodes[level];
    return (slice){(const char *)hashes, count * sizeof *hashes};
}

static void edge_read(slice bytes, uint64_t size, struct ledger_frontier *edge)
{
    size_t at = 0;
    *edge = (struct ledger_frontier){.size = size};
    for (unsigned level = 0; level < 64; level++)
        if ((size >> level & 1) != 0 && (at + 1) * sizeof(struct sha256) <= bytes.len)
            memcpy(&edge->nodes[level], bytes.ptr + at++ * sizeof(struct sha256), sizeof(struct sha256));
}

/* ---- Logs ---- */

#define LOGS "SELECT partner, origin, folder, size, root, edge, checkpoint, checked_us, wrong, again FROM partner_log "

static void log_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct partner_log *log = row;
    *log = (struct partner_log){
            .partner = db_number(rows, 0),
            .origin = arena_copy(arena, db_slice(rows, 1)),
            .folder = arena_copy(arena, db_slice(rows, 2)),
            .checkpoint = arena_copy(arena, db_slice(rows, 6)),
            .checked_us = db_number(rows, 7),
            .wrong = arena_copy(arena, db_slice(rows, 8)),
            .again = db_number(rows, 9),
    };
    if (db_slice(rows, 4).len == sizeof log->root)
        memcpy(&log->root, db_slice(rows, 4).ptr, sizeof log->root);
    edge_read(db_slice(rows, 5), (uint64_t)db_number(rows, 3), &log->edge);
}

struct err store_partner_log_get(
        struct db *db, int64_t partner, slice origin, struct arena *arena, struct partner_log *log)
{
    static const char GET[] = LOGS "WHERE partner = $1 AND origin = $2";
    struct page page = page_of(struct partner_log, GET, log_read, 1);
    const struct db_value values[] = {db_i64(partner), db_text(origin)};
    return page_get(db, &page, values, COUNT_OF(values), arena, log, "no such log of this partner is known");
}

struct err store_partner_log_list(
        struct db *db, int64_t partner, struct arena *arena, struct partner_log **rows, size_t *row_count)
{
    static const char LIST[] = LOGS "WHERE partner = $1 ORDER BY origin LIMIT $2";
    struct page page = page_of(struct partner_log, LIST, log_read, STORE_PAGE_MAX);
    return page_read(db, &page, (struct db_value[]){db_i64(partner)}, 1, arena, (void **)rows, row_count);
}

struct err store_partner_log_add(struct work *work, int64_t partner, slice origin, slice folder)
{
    static const char ADD[] = "INSERT INTO partner_log (partner, origin, folder, size, root, edge, checkpoint, "
                              "checked_us, again, wrong) VALUES ($1, $2, $3, 0, $4, $5, $5, 0, 0, '') "
                              "ON CONFLICT (partner, origin) DO NOTHING";
    struct sha256 empty = ledger_merkle_empty();
    const struct db_value values[] = {
            db_i64(partner), db_text(origin), db_text(folder), db_bytes(sha256_slice(&empty)), db_bytes(S(""))};
    return db_run(work->db, ADD, values, COUNT_OF(values), NULL);
}

struct err store_partner_log_move(struct work *work, const struct partner_log *log, uint64_t before)
{
    static const char MOVE[] = "UPDATE partner_log SET size = $4, root = $5, edge = $6, checkpoint = $7, "
                               "checked_us = $8 WHERE partner = $1 AND origin = $2 AND size = $3";
    const struct db_value values[] = {db_i64(log->partner), db_text(log->origin), db_i64((int64_t)before),
            db_i64((int64_t)log->edge.size), db_bytes(sha256_slice(&log->root)),
            db_bytes(edge_write(&log->edge, work->arena)), db_bytes(log->checkpoint), db_i64(work->now_us)};
    uint64_t changed;
    TRY(db_run(work->db, MOVE, values, COUNT_OF(values), &changed));
    return changed > 0 ? OK : err_make(ERR_CONFLICT, "somebody else read the log of this partner meanwhile");
}

struct err store_partner_log_wrong(struct work *work, int64_t partner, slice origin, slice why)
{
    static const char WRONG[] = "UPDATE partner_log SET wrong = $3, checked_us = $4 WHERE partner = $1 AND origin = $2";
    const struct db_value values[] = {db_i64(partner), db_text(origin),
            db_text(store_text_keep(work->arena, why, WHY_MAX)), db_i64(work->now_us)};
    return db_run(work->db, WRONG, values, COUNT_OF(values), NULL);
}

struct err store_partner_log_again(struct work *work, int64_t partner, slice origin, int64_t again)
{
    static const char AGAIN[] = "UPDATE partner_log SET again = $3 WHERE partner = $1 AND origin = $2";
    const struct db_value values[] = {db_i64(partner), db_text(origin), db_i64(again)};
    return db_run(work->db, AGAIN, values, COUNT_OF(values), NULL);
}

/* ---- Entries ---- */

#define ENTRIES "SELECT seq, entry, opening, receipt_us FROM partner_entry "

static void entry_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct partner_entry *)row = (struct partner_entry){
            .seq = db_number(rows, 0),
            .entry = arena_copy(arena, db_slice(rows, 1)),
            .opening = arena_copy(arena, db_slice(rows, 2)),
            .receipt_us = page_time(rows, 3),
    };
}

struct err store_partner_entry_put(
        struct work *work, int64_t partner, slice origin, const struct partner_entry *rows, size_t count)
{
    static const char PUT[] = "INSERT INTO partner_entry (partner, origin, seq, entry, opening, receipt_us) "
                              "VALUES ($1, $2, $3, $4, $5, $6)";
    enum { WIDTH = 6 };
    struct db_value *values = arena_new(work->arena, struct db_value, count * WIDTH + 1), *value = values;
    TRY(arena_check(work->arena));
    for (size_t i = 0; i < count; i++) {
        *value++ = db_i64(partner);
        *value++ = db_text(origin);
        *value++ = db_i64(rows[i].seq);
        *value++ = db_bytes(rows[i].entry);
        *value++ = db_bytes(rows[i].opening);
        *value++ = page_time_value(rows[i].receipt_us);
    }
    return count == 0 ? OK : db_run_many(work->db, PUT, values, WIDTH, count, NULL);
}

static struct err entries(struct db *db, const char *sql, int64_t partner, slice origin, int64_t from, size_t count,
        struct arena *arena, struct partner_entry **rows, size_t *row_count)
{
    struct page page = page_of(struct partner_entry, sql, entry_read, count);
    const struct db_value values[] = {db_i64(partner), db_text(origin), db_i64(from)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_partner_entry_list(struct db *db, int64_t partner, slice origin, int64_t from, size_t count,
        struct arena *arena, struct partner_entry **rows, size_t *row_count)
{
    static const char LIST[] = ENTRIES "WHERE partner = $1 AND origin = $2 AND seq >= $3 ORDER BY seq LIMIT $4";
    return entries(db, LIST, partner, origin, from, count, arena, rows, row_count);
}

struct err store_partner_entry_missing(struct db *db, int64_t partner, slice origin, int64_t from, size_t count,
        struct arena *arena, struct partner_entry **rows, size_t *row_count)
{
    static const char LIST[] = ENTRIES "WHERE partner = $1 AND origin = $2 AND seq >= $3 AND receipt_us IS NULL "
                                       "ORDER BY seq LIMIT $4";
    return entries(db, LIST, partner, origin, from, count, arena, rows, row_count);
}

struct err store_partner_entry_opened(struct work *work, int64_t partner, slice origin, int64_t seq, slice opening)
{
    static const char OPENED[] =
            "UPDATE partner_entry SET opening = $4 WHERE partner = $1 AND origin = $2 AND seq = $3";
    const struct db_value values[] = {db_i64(partner), db_text(origin), db_i64(seq), db_bytes(opening)};
    return db_run(work->db, OPENED, values, COUNT_OF(values), NULL);
}

struct err store_partner_entry_receipt(struct work *work, int64_t partner, slice origin, int64_t seq)
{
    static const char RECEIPT[] = "UPDATE partner_entry SET receipt_us = $4 WHERE partner = $1 AND origin = $2 "
                                  "AND seq = $3 AND receipt_us IS NULL";
    const struct db_value values[] = {db_i64(partner), db_text(origin), db_i64(seq), db_i64(work->now_us)};
    return db_run(work->db, RECEIPT, values, COUNT_OF(values), NULL);
}

#define HELD "FROM object o WHERE o.source = $1 AND o.id = $2 AND o.meaning = $3 AND " SEEN("o") " LIMIT 1"

struct err store_partner_held(
        struct db *db, int64_t source, slice id, const struct sha256 *digest, struct arena *arena, slice *bytes)
{
    static const char GET[] = "SELECT o.bytes " HELD;
    const struct db_value values[] = {db_i64(source), db_text(id), db_bytes(sha256_slice(digest))};
    struct db_rows *rows;
    *bytes = S("");
    TRY(db_query(db, GET, values, COUNT_OF(values), &rows));
    if (db_next(rows))
        *bytes = arena_copy(arena, db_slice(rows, 0));
    TRY(db_done(rows));
    return bytes->len > 0 ? OK : err_make(ERR_MISSING, "it is not held");
}

/* The digest of an object as it came is its meaning (object.h). */
struct err store_partner_holds(struct db *db, int64_t source, slice id, const struct sha256 *digest, bool *holds)
{
    static const char HOLDS[] = "SELECT o.number " HELD;
    const struct db_value values[] = {db_i64(source), db_text(id), db_bytes(sha256_slice(digest))};
    int64_t number;
    TRY(db_one(db, HOLDS, values, COUNT_OF(values), 0, &number));
    *holds = number != 0;
    return OK;
}
