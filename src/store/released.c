/* SPDX-License-Identifier: Apache-2.0 */
#include "store/released.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "ledger/merkle.h"
#include "store/journal.h"
#include "store/ledger.h"
#include "store/page.h"
#include "store/seen.h"
#include "store/shelf.h"
#include "json/write.h"

#define ROWS_MAX 1000000 /* of one object, id or entry: COLLECTED_VERSIONS_MAX, for some hundred partners */
enum { ROW_WIDTH = 17, REOPEN_WIDTH = 7 };

/*
 * From the agreement, which is one row, and what must hold for all of it, to the rows behind a moment or of an id: what
 * is not released is not met at all. SQLite takes CROSS JOIN for the order of its loops.
 */
#define GUARD(now)                                                                                                     \
    " FROM agreement a CROSS JOIN partner p CROSS JOIN log l CROSS JOIN log_head h CROSS JOIN release_progress g "     \
    "CROSS JOIN released c WHERE a.number = $1 AND p.number = a.partner AND p.state = 'active' AND p.paused = '' "     \
    "AND (p.ended_us IS NULL OR p.ended_us > " now ") AND l.number = a.log AND l.alarm = '' AND l.waits = '' "         \
    "AND h.log = a.log "                                                                                               \
    "AND g.agreement = a.number AND c.agreement = a.number AND c.entry < h.size "                                      \
    "AND c.from_us <= " now " AND c.until_us > " now " AND (c.recall = 1 OR (a.state = 'in-force' "                    \
    "AND a.from_us <= " now " AND a.until_us > " now " AND c.generation = a.generation "                               \
    "AND g.generation = a.generation AND c.added_us <= g.decided_us)) "
#define NARROW(now) SHELF_COLUMNS("''", "c.entry", "c.digest") GUARD(now)
#define RANGE "AND c.added_us > $2 "
#define ORDER "ORDER BY c.added_us LIMIT $3"

static const struct shelf shelf = {
        .count = "SELECT count(*) FROM released WHERE agreement = $1 AND id = $2",
        .list = "SELECT added_us, version, spec_version, standing FROM released "
                "WHERE agreement = $1 AND id = $2 ORDER BY spec_version, version",
        .stand = "UPDATE released SET standing = $3, shown = $4 WHERE agreement = $1 AND added_us = $2",
        .several = "SELECT n.id, n.added_us FROM released n WHERE n.agreement = $1 AND n.added_us > $2 "
                   "AND EXISTS (SELECT 1 FROM released o WHERE o.agreement = $1 AND o.id = n.id "
                   "AND o.added_us <> n.added_us) ORDER BY n.added_us LIMIT $3",
        .ways = {[SHELF_SHOWN] = {NARROW("$4") RANGE "AND c.shown = 1 " ORDER},
                [SHELF_TYPE] = {NARROW("$5") RANGE "AND c.shown = 1 AND c.type = $4 " ORDER},
                [SHELF_ALL] = {NARROW("$4") RANGE ORDER}},
        .of_id = NARROW("$5") "AND c.id = $2 AND c.added_us > $3 LIMIT $4",
        .bytes = "SELECT CASE WHEN length(c.derived) > 0 THEN c.derived ELSE o.bytes END FROM released c "
                 "LEFT JOIN object o ON o.number = c.object WHERE c.agreement = $1 AND c.added_us = $2",
        .guarded = true,
};

/* ---- Rows ---- */

#define COLUMNS                                                                                                        \
    "SELECT c.agreement, a.partner, c.added_us, c.object, c.id, c.type, c.version, c.spec_version, c.generation, "     \
    "c.from_us, c.until_us, c.entry, c.leaf, c.digest, CASE WHEN length(c.derived) > 0 THEN 1 ELSE 0 END, c.recall "   \
    "FROM released c JOIN agreement a ON a.number = c.agreement "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct released *released = row;
    *released = (struct released){
            .agreement = db_number(rows, 0),
            .partner = db_number(rows, 1),
            .added_us = db_number(rows, 2),
            .object = db_number(rows, 3),
            .id = arena_copy(arena, db_slice(rows, 4)),
            .type = arena_copy(arena, db_slice(rows, 5)),
            .version = arena_copy(arena, db_slice(rows, 6)),
            .spec_version = arena_copy(arena, db_slice(rows, 7)),
            .generation = db_number(rows, 8),
            .from_us = db_number(rows, 9),
            .until_us = db_number(rows, 10),
            .entry = db_number(rows, 11),
            .leaf = db_number(rows, 12),
            .derived = db_number(rows, 14) != 0,
            .recall = db_number(rows, 15) != 0,
    };
    slice digest = db_slice(rows, 13);
    if (digest.len == sizeof released->digest.bytes)
        memcpy(released->digest.bytes, digest.ptr, digest.len);
}

struct err store_released_list(struct db *db, int64_t agreement, int64_t after_us, size_t count, struct arena *arena,
        struct released **rows, size_t *row_count)
{
    static const char LIST[] =
            COLUMNS "WHERE c.agreement = $1 AND c.added_us > $2 ORDER BY c.agreement, c.added_us LIMIT $3";
    const struct db_value values[] = {db_i64(agreement), db_i64(after_us)};
    struct page page = page_of(struct released, LIST, row_read, count);
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_released_of_object(
        struct db *db, int64_t object, struct arena *arena, struct released **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE c.object = $1 ORDER BY c.agreement LIMIT $2";
    struct page page = page_of(struct released, LIST, row_read, ROWS_MAX);
    return page_read_whole(db, &page, (struct db_value[]){db_i64(object)}, 1, arena, (void **)rows, row_count);
}

struct err store_released_of_id(
        struct db *db, int64_t partner, slice id, struct arena *arena, struct released **rows, size_t *row_count)
{
    static const char OF_PARTNER[] =
            COLUMNS "WHERE c.agreement IN (SELECT number FROM agreement WHERE partner = $1) AND c.id = $2 LIMIT $3";
    static const char OF_ANY[] = COLUMNS "WHERE c.agreement IN (SELECT number FROM agreement) AND c.id = $1 LIMIT $2";
    const struct db_value values[] = {db_i64(partner), db_text(id)};
    struct page page = page_of(struct released, partner == 0 ? OF_ANY : OF_PARTNER, row_read, ROWS_MAX);
    return partner == 0 ? page_read_whole(db, &page, values + 1, 1, arena, (void **)rows, row_count)
                        : page_read_whole(db, &page, values, 2, arena, (void **)rows, row_count);
}

struct err store_released_valid(struct db *db, int64_t agreement, int64_t object, bool versions, struct arena *arena,
        struct released **rows, size_t *row_count)
{
    static const char ONE[] = COLUMNS "WHERE c.object = $2 AND c.agreement = $1 AND c.until_us > $3 LIMIT $4";
    static const char ALL[] = COLUMNS "WHERE c.object IN (SELECT v.number FROM object o JOIN object v ON v.id = o.id "
                                      "AND v.source = o.source WHERE o.number = $2) AND c.agreement = $1 "
                                      "AND c.until_us > $3 LIMIT $4";
    struct page page = page_of(struct released, versions ? ALL : ONE, row_read, ROWS_MAX);
    int64_t now_us;
    TRY(store_now_us(db, &now_us));
    const struct db_value values[] = {db_i64(agreement), db_i64(object), db_i64(now_us)};
    return page_read_whole(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_released_holds(struct db *db, int64_t agreement, int64_t generation, int64_t object, bool *holds)
{
    static const char HOLDS[] = "SELECT count(*) FROM released WHERE object = $3 AND agreement = $1 "
                                "AND generation = $2 AND until_us > $4";
    int64_t now_us, count;
    TRY(store_now_us(db, &now_us));
    const struct db_value values[] = {db_i64(agreement), db_i64(generation), db_i64(object), db_i64(now_us)};
    TRY(db_one(db, HOLDS, values, COUNT_OF(values), 0, &count));
    *holds = count > 0;
    return OK;
}

struct err store_released_holders(struct db *db, int64_t from_partner, slice id, struct arena *arena, slice *nodes)
{
    static const char LIST[] =
            "SELECT DISTINCT h.node FROM partner f JOIN object o ON o.source = f.source AND o.id = $2 "
            "JOIN released r ON r.object = o.number JOIN agreement a ON a.number = r.agreement "
            "JOIN partner h ON h.number = a.partner WHERE f.number = $1 ORDER BY h.node";
    const char *text = "";
    struct db_rows *rows;
    TRY(db_query(db, LIST, (struct db_value[]){db_i64(from_partner), db_text(id)}, 2, &rows));
    while (db_next(rows)) {
        slice node = db_slice(rows, 0);
        text = arena_printf(arena, "%s%s%.*s", text, *text == '\0' ? "" : " ", (int)node.len, node.ptr);
    }
    TRY(db_done(rows));
    *nodes = slice_of(text);
    return OK;
}

struct err store_released_of_entry(
        struct db *db, int64_t agreement, int64_t entry, struct arena *arena, struct released **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE c.agreement = $1 AND c.entry = $2 ORDER BY c.leaf LIMIT $3";
    const struct db_value values[] = {db_i64(agreement), db_i64(entry)};
    struct page page = page_of(struct released, LIST, row_read, ROWS_MAX); /* those that somebody added, too */
    return page_read_whole(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_released_entry_after(struct db *db, int64_t agreement, int64_t entry, int64_t *next)
{
    static const char NEXT[] = "SELECT COALESCE(min(entry), -1) FROM released WHERE agreement = $1 AND entry > $2";
    return db_one(db, NEXT, (struct db_value[]){db_i64(agreement), db_i64(entry)}, 2, -1, next);
}

struct err store_released_bytes(struct db *db, int64_t agreement, int64_t added_us, struct arena *arena, slice *bytes)
{
    const struct db_value values[] = {db_i64(agreement), db_i64(added_us)};
    struct db_rows *rows;
    slice found = {0};
    TRY(db_query(db, shelf.bytes, values, COUNT_OF(values), &rows));
    if (db_next(rows))
        found = arena_copy(arena, db_slice(rows, 0));
    TRY(db_done(rows));
    *bytes = found;
    return found.len > 0 ? OK : err_make(ERR_MISSING, "what was released is not there any more");
}

struct err store_released_knows(struct db *db, int64_t partner, slice id, bool *knows)
{
    static const char KNOWS[] =
            "SELECT CASE WHEN EXISTS (SELECT 1 FROM agreement a JOIN released r ON r.agreement = a.number AND r.id = "
            "$2 "
            "WHERE a.partner = $1) OR EXISTS (SELECT 1 FROM partner p JOIN object o ON o.source = p.source "
            "AND o.id = $2 WHERE p.number = $1 AND " SEEN("o") ") THEN 1 ELSE 0 END";
    const struct db_value values[] = {db_i64(partner), db_text(id)};
    int64_t found;
    TRY(db_one(db, KNOWS, values, COUNT_OF(values), 0, &found));
    *knows = found != 0;
    return OK;
}

/* ---- Leaves ---- */

slice store_released_leaf(slice id, slice version, const struct sha256 *digest, struct arena *arena)
{
    struct buf text = buf_make(OBJECT_ID_MAX * 2 + 1024);
    struct json_writer w = json_writer(&text);
    json_write_object(&w); /* keys in the order of RFC 8785 */
    json_write_key_hex(&w, S("digest"), sha256_slice(digest));
    json_write_key_text(&w, S("id"), id);
    json_write_key_text(&w, S("version"), version);
    json_write_end(&w);
    slice leaf = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return leaf;
}

static void leaf_add(
        struct ledger_frontier *tree, slice id, slice version, const struct sha256 *digest, struct arena *arena)
{
    struct sha256 leaf = ledger_merkle_leaf(store_released_leaf(id, version, digest, arena));
    ledger_merkle_add(tree, &leaf);
}

/* ---- In ---- */

struct adding {
    struct work *work;
    struct released_batch *batch;
    slice agreement; /* its UUID */
    int64_t log, now_us, last_us, first_us;
    size_t *at; /* of rows that are new */
    size_t count;
};

static void agreement_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct adding *adding = row;
    adding->log = db_number(rows, 0);
    adding->agreement = arena_copy(arena, db_slice(rows, 1));
}

/* The partner's row is held until the commit, so that moments grow in the order of commits. */
static struct err hold(struct adding *adding)
{
    static const char LOCK[] = "UPDATE partner SET node = node "
                               "WHERE number = (SELECT partner FROM agreement WHERE number = $1) RETURNING number";
    static const char LAST[] = "SELECT COALESCE(max((SELECT max(r.added_us) FROM released r "
                               "WHERE r.agreement = a.number)), 0) FROM agreement a WHERE a.partner = $1";
    static const char GET[] = "SELECT log, id FROM agreement WHERE number = $1";
    struct work *work = adding->work;
    const struct db_value number = db_i64(adding->batch->agreement);
    struct page page = {GET, sizeof *adding, agreement_read, 1};
    int64_t partner;
    TRY(db_one(work->db, LOCK, &number, 1, 0, &partner));
    if (partner == 0)
        return err_make(ERR_MISSING, "there is no such agreement");
    TRY(page_get(work->db, &page, &number, 1, work->arena, adding, "there is no such agreement"));
    TRY(store_now_us(work->db, &adding->now_us));
    return db_one(work->db, LAST, (struct db_value[]){db_i64(partner)}, 1, 0, &adding->last_us);
}

struct there {
    int64_t added_us, until_us, generation;
    slice digest;
};

static void there_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct there *)row = (struct there){
            db_number(rows, 0), db_number(rows, 1), db_number(rows, 2), arena_copy(arena, db_slice(rows, 3))};
}

/* Valid again: who has read past its moment meets it at a new one. */
static struct err reopen(struct adding *adding, const struct there *there, const struct released_put *row)
{
    /* One that came back from a partner's copy gets its object, which it was without. */
    static const char REOPEN[] = "UPDATE released SET added_us = $3, generation = $4, until_us = $5, "
                                 "derived = CASE WHEN object <= 0 THEN $7 ELSE derived END, "
                                 "object = CASE WHEN object <= 0 THEN $6 ELSE object END "
                                 "WHERE agreement = $1 AND added_us = $2";
    bool was_valid = there->until_us > adding->now_us;
    if (was_valid && there->until_us == row->until_us && there->generation == adding->batch->generation)
        return OK; /* as store_released_keep left it, mostly */
    int64_t moment = was_valid ? there->added_us : shelf_moment(adding->last_us, adding->now_us);
    const struct db_value values[REOPEN_WIDTH] = {db_i64(adding->batch->agreement), db_i64(there->added_us),
            db_i64(moment), db_i64(adding->batch->generation), db_i64(row->until_us), db_i64(row->object),
            db_bytes(row->derived)};
    adding->last_us = moment > adding->last_us ? moment : adding->last_us;
    return db_run(adding->work->db, REOPEN, values, COUNT_OF(values), NULL);
}

static struct err settle(struct adding *adding, size_t i)
{
    static const char THERE[] = "SELECT added_us, until_us, generation, digest FROM released "
                                "WHERE agreement = $1 AND id = $2 AND spec_version = $3 AND version = $4";
    const struct released_put *row = &adding->batch->rows[i];
    const struct db_value values[] = {
            db_i64(adding->batch->agreement), db_text(row->id), db_text(row->spec_version), db_text(row->version)};
    struct page page = page_of(struct there, THERE, there_read, 1);
    struct there there;
    struct err err =
            page_get(adding->work->db, &page, values, COUNT_OF(values), adding->work->arena, &there, "it is new");
    if (err.kind == ERR_MISSING) {
        adding->batch->outcomes[i] = RELEASED_NEW;
        adding->at[adding->count++] = i;
        return OK;
    }
    TRY(err);
    bool same = slice_eq(there.digest, sha256_slice(&row->digest));
    adding->batch->outcomes[i] = same ? RELEASED_KEPT : RELEASED_CONTRADICTS;
    return same ? reopen(adding, &there, row) : OK;
}

/* One entry for rows from at[from]; *seq its number. */
static struct err enter(struct adding *adding, size_t from, size_t count, int64_t *seq)
{
    struct arena *arena = adding->work->arena;
    struct ledger_frontier tree = {0};
    for (size_t i = from; i < from + count; i++) {
        const struct released_put *row = &adding->batch->rows[adding->at[i]];
        leaf_add(&tree, row->id, row->version, &row->digest, arena);
    }
    struct sha256 root = ledger_merkle_root(&tree);
    const struct ledger_field fields[] = {
            {.name = S("agreement"), .value = adding->agreement},
            {.name = S("count"), .value = slice_of(arena_printf(arena, "%zu", count))},
            {.name = S("root"), .value = arena_hex(arena, sha256_slice(&root))},
    };
    return store_ledger_append(adding->work, adding->log, adding->batch->kind, fields, COUNT_OF(fields), seq);
}

static struct err insert(struct adding *adding, size_t from, size_t count, int64_t seq)
{
    static const char ADD[] =
            "INSERT INTO released (agreement, added_us, object, id, type, version, spec_version, standing, shown, "
            "generation, from_us, until_us, entry, leaf, digest, derived, recall) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
    struct db_value *values = arena_new(adding->work->arena, struct db_value, count * ROW_WIDTH), *value = values;
    for (size_t i = 0; i < count; i++) {
        const struct released_put *row = &adding->batch->rows[adding->at[from + i]];
        adding->last_us = shelf_moment(adding->last_us, adding->now_us);
        if (adding->first_us == 0)
            adding->first_us = adding->last_us;
        const struct db_value made[ROW_WIDTH] = {db_i64(adding->batch->agreement), db_i64(adding->last_us),
                db_i64(row->object), db_text(row->id), db_text(row->type), db_text(row->version),
                db_text(row->spec_version), db_i64(STANDING_ALL), db_i64(1), db_i64(adding->batch->generation),
                db_i64(row->from_us), db_i64(row->until_us), db_i64(seq), db_i64((int64_t)i),
                db_bytes(sha256_slice(&row->digest)), db_bytes(row->derived), db_i64(row->recall)};
        memcpy(value, made, sizeof made);
        value += ROW_WIDTH;
    }
    TRY(arena_check(adding->work->arena));
    return db_run_many(adding->work->db, ADD, values, ROW_WIDTH, count, NULL);
}

struct keyed {
    const struct released_put *row;
    size_t at;
};

static int keyed_order(const void *a, const void *b)
{
    const struct keyed *one = a, *other = b;
    int order = slice_order(one->row->id, other->row->id);
    order = order != 0 ? order : slice_order(one->row->spec_version, other->row->spec_version);
    order = order != 0 ? order : slice_order(one->row->version, other->row->version);
    return order != 0 ? order : (one->at > other->at) - (one->at < other->at);
}

static bool is_same_place(const struct keyed *one, const struct keyed *other)
{
    return slice_eq(one->row->id, other->row->id) && slice_eq(one->row->version, other->row->version) &&
           slice_eq(one->row->spec_version, other->row->spec_version);
}

/* Which rows the same call puts twice: two sources may say the same of one id. Those follow the first. */
static bool *twice_find(const struct released_batch *batch, struct arena *arena)
{
    struct keyed *keyed = arena_new(arena, struct keyed, batch->count + 1);
    bool *twice = arena_new(arena, bool, batch->count + 1);
    for (size_t i = 0; i < batch->count; i++)
        keyed[i] = (struct keyed){&batch->rows[i], i};
    qsort(keyed, batch->count, sizeof *keyed, keyed_order);
    for (size_t i = 1, first = 0; i < batch->count; i++) {
        if (!is_same_place(&keyed[i], &keyed[first])) {
            first = i;
            continue;
        }
        bool same = memcmp(&keyed[i].row->digest, &keyed[first].row->digest, sizeof(struct sha256)) == 0;
        twice[keyed[i].at] = true;
        batch->outcomes[keyed[i].at] = same ? RELEASED_KEPT : RELEASED_CONTRADICTS;
    }
    return twice;
}

/* So many versions of one id were released to nobody else: the caller has no more than the store lets in. */
static struct err crowded(void *context, slice id)
{
    struct adding *adding = context;
    return err_format(adding->work->arena, ERR_LIMIT, "%.*s: a partner gets at most %d versions of an object",
            (int)(id.len < 200 ? id.len : 200), id.ptr, COLLECTED_VERSIONS_MAX);
}

struct err store_released_add(struct work *work, struct released_batch *batch)
{
    struct adding adding = {.work = work, .batch = batch};
    batch->last_entry = -1;
    if (batch->count == 0)
        return OK;
    adding.at = arena_new(work->arena, size_t, batch->count);
    TRY(hold(&adding));
    const bool *twice = twice_find(batch, work->arena);
    for (size_t i = 0; i < batch->count; i++)
        if (!twice[i])
            TRY(settle(&adding, i));
    for (size_t from = 0; from < adding.count; from += RELEASED_BATCH_MAX) {
        size_t count = adding.count - from < RELEASED_BATCH_MAX ? adding.count - from : RELEASED_BATCH_MAX;
        TRY(enter(&adding, from, count, &batch->last_entry));
        TRY(insert(&adding, from, count, batch->last_entry));
    }
    return adding.count == 0 ? OK
                             : shelf_stand_since(work, &shelf, batch->agreement, adding.first_us, crowded, &adding);
}

struct err store_released_restore(struct work *work, struct released_batch *batch, int64_t entry, int64_t time_us)
{
    struct adding adding = {.work = work, .batch = batch};
    if (batch->count == 0)
        return OK;
    if (batch->count > RELEASED_BATCH_MAX)
        return err_format(work->arena, ERR_LIMIT, "an entry has at most %d objects", RELEASED_BATCH_MAX);
    adding.at = arena_new(work->arena, size_t, batch->count);
    for (size_t i = 0; i < batch->count; i++)
        adding.at[i] = i;
    TRY(hold(&adding));
    adding.now_us = time_us;
    TRY(insert(&adding, 0, batch->count, entry));
    return shelf_stand_since(work, &shelf, batch->agreement, adding.first_us, crowded, &adding);
}

/* Neither their object nor their bytes are known. */
#define LOST "r.object = 0 AND length(r.derived) = 0 AND r.entry >= 0"

static void lost_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct released_lost *)row =
            (struct released_lost){db_number(rows, 0), db_number(rows, 1), arena_copy(arena, db_slice(rows, 2))};
}

struct err store_released_lost(struct db *db, int64_t partner, struct arena *arena, struct released_lost *lost)
{
    static const char FIRST[] = "SELECT r.agreement, r.entry, l.origin FROM agreement a "
                                "JOIN released r ON r.agreement = a.number JOIN log l ON l.number = a.log "
                                "WHERE a.partner = $1 AND " LOST " ORDER BY r.agreement, r.entry LIMIT 1";
    struct page page = {FIRST, sizeof *lost, lost_read, 1};
    return page_get(db, &page, (struct db_value[]){db_i64(partner)}, 1, arena, lost, "nothing is lost");
}

struct err store_released_lost_any(struct db *db, int64_t agreement, bool *any)
{
    static const char ANY[] = "SELECT CASE WHEN EXISTS (SELECT 1 FROM released WHERE object <= 0 AND agreement = $1) "
                              "THEN 1 ELSE 0 END";
    int64_t found;
    TRY(db_one(db, ANY, (struct db_value[]){db_i64(agreement)}, 1, 0, &found));
    *any = found != 0;
    return OK;
}

struct err store_released_refill(
        struct work *work, const struct released_lost *lost, int64_t leaf, slice bytes, bool *fits)
{
    static const char FILL[] = "UPDATE released SET derived = $5 WHERE agreement = $1 AND entry = $2 AND leaf = $3 "
                               "AND digest = $4 AND object = 0";
    struct sha256 digest = hash_sha256(bytes);
    uint64_t changed;
    const struct db_value values[] = {db_i64(lost->agreement), db_i64(lost->entry), db_i64(leaf),
            db_bytes(sha256_slice(&digest)), db_bytes(bytes)};
    TRY(db_run(work->db, FILL, values, COUNT_OF(values), &changed));
    *fits = changed > 0;
    return OK;
}

struct err store_released_gone(struct work *work, const struct released_lost *lost, uint64_t *count)
{
    static const char GONE[] = "UPDATE released SET object = -1 WHERE agreement = $1 AND entry = $2 AND object = 0 "
                               "AND length(derived) = 0";
    const struct db_value values[] = {db_i64(lost->agreement), db_i64(lost->entry)};
    return db_run(work->db, GONE, values, COUNT_OF(values), count);
}

struct err store_released_cut(struct work *work, int64_t agreement, int64_t from)
{
    static const char CUT[] = "DELETE FROM released WHERE agreement = $1 AND entry >= $2";
    return db_run(work->db, CUT, (struct db_value[]){db_i64(agreement), db_i64(from)}, 2, NULL);
}

/* What takes back stays. */
struct err store_released_close(struct work *work, const struct released *rows, size_t count)
{
    static const char CLOSE[] =
            "UPDATE released SET until_us = $3 WHERE agreement = $1 AND added_us = $2 AND until_us > $3 AND recall = 0";
    struct db_value *values = arena_new(work->arena, struct db_value, 3 * count + 1);
    int64_t now_us;
    TRY(store_now_us(work->db, &now_us));
    for (size_t i = 0; i < count; i++) {
        values[3 * i] = db_i64(rows[i].agreement);
        values[3 * i + 1] = db_i64(rows[i].added_us);
        values[3 * i + 2] = db_i64(now_us);
    }
    TRY(arena_check(work->arena));
    return db_run_many(work->db, CLOSE, values, 3, count, NULL);
}

struct err store_released_keep(
        struct work *work, int64_t agreement, int64_t generation, int64_t after_us, int64_t to_us)
{
    static const char KEEP[] =
            "UPDATE released SET generation = $2 WHERE agreement = $1 AND added_us > $3 AND added_us <= $4";
    const struct db_value values[] = {db_i64(agreement), db_i64(generation), db_i64(after_us), db_i64(to_us)};
    return db_run(work->db, KEEP, values, COUNT_OF(values), NULL);
}

/* ---- For the partner ---- */

static void shelf_row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct released_shelf *)row = (struct released_shelf){db_number(rows, 0), db_number(rows, 1),
            arena_copy(arena, db_slice(rows, 2)), arena_copy(arena, db_slice(rows, 3))};
}

/* The agreement that is not over counts before those that are, of those the latest. */
#define SHELVES                                                                                                        \
    "SELECT COALESCE((SELECT a.number FROM agreement a WHERE a.partner = p.number AND a.state <> 'ended'), "           \
    "(SELECT max(a.number) FROM agreement a WHERE a.partner = p.number), 0), p.number, p.outbox, "                     \
    "COALESCE((SELECT n.name FROM organisation_name n WHERE n.organisation = p.organisation "                          \
    "AND n.until_us IS NULL), '') FROM partner p "

struct err store_released_find(
        struct db *db, int64_t organisation, slice outbox, struct arena *arena, struct released_shelf *found)
{
    /* `||` keeps databases from going by the index over ids: they go by the organisation, whatever id is asked for. */
    static const char FIND[] = SHELVES "WHERE p.organisation = $1 AND p.state = 'active' "
                                       "AND ($2 = '' OR p.outbox || '' = $2)";
    const struct db_value values[] = {db_i64(organisation), db_text(outbox)};
    struct page page = page_of(struct released_shelf, FIND, shelf_row_read, 1);
    return page_get(db, &page, values, COUNT_OF(values), arena, found, "there is no such collection");
}

/* ---- What is there by hand does not leave ---- */

struct guard {
    struct db *db;
    struct arena *arena;
    int64_t agreement;
    struct wrong {
        int64_t entry;
        slice id;
        const char *why;
    } wrong[RELEASED_ALARMS_MAX];
    size_t wrong_count;
};

static void note(struct guard *guard, int64_t entry, slice id, const char *why)
{
    if (guard->wrong_count < RELEASED_ALARMS_MAX)
        guard->wrong[guard->wrong_count++] = (struct wrong){entry, arena_copy(guard->arena, id), why};
}

/* The entry says this root and count, of an agreement's release; false: it does not open, or says something else. */
static bool entry_says(const struct ledger_row *row, slice root, slice count, struct arena *arena)
{
    struct ledger_entry entry;
    size_t said = 0;
    if (ledger_entry_parse(row->entry, arena, &entry).kind != ERR_NONE || entry.sequence != (uint64_t)row->seq)
        return false;
    for (size_t i = 0; i < row->count; i++) {
        const struct ledger_field *field = &row->fields[i];
        bool is_root = slice_eq(field->name, S("root")), is_count = slice_eq(field->name, S("count"));
        if ((is_root || is_count) && slice_eq(field->value, is_root ? root : count))
            said += ledger_entry_opens(&entry, field);
    }
    return said == 2;
}

/* Whether the rows of an entry are those that it commits to. */
static struct err entry_holds(struct guard *guard, int64_t seq, bool *holds)
{
    static const char LOG[] = "SELECT log FROM agreement WHERE number = $1";
    struct arena *arena = guard->arena;
    struct ledger_frontier tree = {0};
    struct ledger_row row;
    struct released *rows;
    size_t count;
    int64_t log;
    bool dense = true;
    *holds = false;
    TRY(db_one(guard->db, LOG, (struct db_value[]){db_i64(guard->agreement)}, 1, 0, &log));
    TRY(store_released_of_entry(guard->db, guard->agreement, seq, arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        dense &= rows[i].leaf == (int64_t)i;
        leaf_add(&tree, rows[i].id, rows[i].version, &rows[i].digest, arena);
    }
    struct sha256 root = ledger_merkle_root(&tree);
    struct err err = store_ledger_get(guard->db, log, seq, arena, &row);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    *holds = dense && entry_says(&row, arena_hex(arena, sha256_slice(&root)),
                              slice_of(arena_printf(arena, "%zu", count)), arena);
    return OK;
}

/* ---- Into a log that goes on from another ---- */

/* The rows of an entry of the old log, which still commits to them, become those of one of the new log. */
static struct err entry_move(
        struct work *work, int64_t agreement, int64_t old_log, slice uuid, int64_t log, int64_t parked)
{
    static const char MOVE[] = "UPDATE released SET entry = $3 WHERE agreement = $1 AND entry = $2";
    struct arena *arena = work->arena;
    struct ledger_frontier tree = {0};
    struct ledger_row row;
    struct released *rows;
    size_t count;
    int64_t seq;
    TRY(store_released_of_entry(work->db, agreement, parked, arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        leaf_add(&tree, rows[i].id, rows[i].version, &rows[i].digest, arena);
    struct sha256 root = ledger_merkle_root(&tree);
    const struct ledger_field fields[] = {
            {.name = S("agreement"), .value = uuid},
            {.name = S("count"), .value = slice_of(arena_printf(arena, "%zu", count))},
            {.name = S("root"), .value = arena_hex(arena, sha256_slice(&root))},
    };
    struct err err = store_ledger_get(work->db, old_log, -1 - parked, arena, &row);
    if (err.kind == ERR_MISSING || (err.kind == ERR_NONE && !entry_says(&row, fields[2].value, fields[1].value, arena)))
        return OK; /* they stand under no entry, are not served, and alarm */
    TRY(err);
    TRY(store_ledger_append(work, log, arena_cstr(arena, row.kind), fields, COUNT_OF(fields), &seq));
    const struct db_value values[] = {db_i64(agreement), db_i64(parked), db_i64(seq)};
    return db_run(work->db, MOVE, values, COUNT_OF(values), NULL);
}

struct err store_released_move(struct work *work, int64_t agreement, int64_t old_log)
{
    static const char PARK[] = "UPDATE released SET entry = -1 - entry WHERE agreement = $1 AND entry >= 0";
    static const char RECALLS[] = "UPDATE recall SET entry = -1 - entry WHERE agreement = $1 AND entry >= 0";
    static const char NEXT[] = "SELECT COALESCE(max(entry), 0) FROM released WHERE agreement = $1 AND entry < $2";
    static const char GET[] = "SELECT log, id FROM agreement WHERE number = $1";
    struct adding adding = {.work = work};
    struct page page = {GET, sizeof adding, agreement_read, 1};
    const struct db_value number = db_i64(agreement);
    TRY(page_get(work->db, &page, &number, 1, work->arena, &adding, "there is no such agreement"));
    TRY(db_run(work->db, PARK, &number, 1, NULL));
    TRY(db_run(work->db, RECALLS, &number, 1, NULL)); /* what was recalled stays an entry of the old log alone */
    for (int64_t parked = 0;;) {
        TRY(db_one(work->db, NEXT, (struct db_value[]){number, db_i64(parked)}, 2, 0, &parked));
        if (parked == 0)
            return OK;
        TRY(entry_move(work, agreement, old_log, adding.agreement, adding.log, parked));
    }
}

/* Rows come in the order of moments, so those of an entry mostly stand together. */
static struct err vouch(void *context, struct collected *rows, size_t *count)
{
    struct guard *guard = context;
    int64_t entry = -1;
    bool holds = false;
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        if (rows[i].entry != entry) {
            entry = rows[i].entry;
            TRY(entry_holds(guard, entry, &holds));
            if (!holds)
                note(guard, entry, rows[i].id, "the rows of this entry are not those that it commits to");
        }
        if (holds)
            rows[kept++] = rows[i];
    }
    *count = kept;
    return OK;
}

struct err store_released_proven(struct db *db, int64_t agreement, int64_t entry, struct arena *arena, bool *proven)
{
    struct guard guard = {.db = db, .arena = arena, .agreement = agreement};
    return entry_holds(&guard, entry, proven);
}

static bool genuine(void *context, const struct collected *row)
{
    struct guard *guard = context;
    struct sha256 digest = hash_sha256(row->bytes);
    if (slice_eq(row->digest, sha256_slice(&digest)))
        return true;
    note(guard, row->entry, row->id, "its bytes are not those that were released");
    return false;
}

/* Once for each entry: it is told until somebody has seen to it, but not with every request. */
static struct err alarm_tell(struct work *work, void *context)
{
    const struct guard *guard = context;
    for (size_t i = 0; i < guard->wrong_count; i++) {
        const struct wrong *wrong = &guard->wrong[i];
        slice subject = slice_of(
                arena_printf(work->arena, "agreement/%" PRId64 "/entry/%" PRId64, guard->agreement, wrong->entry));
        struct journal_row *rows;
        size_t told;
        TRY(store_journal_about(work->db, subject, INT64_MAX, 1, work->arena, &rows, &told));
        if (told > 0)
            continue;
        struct buf detail = buf_make(WORK_DETAIL_MAX);
        struct json_writer w = json_writer(&detail);
        json_write_object(&w);
        json_write_key_text(&w, S("id"), wrong->id);
        json_write_key_text(&w, S("why"), slice_of(wrong->why));
        json_write_end(&w);
        struct err err = store_work_news(work, "release.alarm", subject, buf_slice(&detail));
        buf_free(&detail);
        TRY(err);
    }
    return OK;
}

static struct err alarm_raise(struct guard *guard)
{
    const struct actor actor = {.name = S("@release"), .how = ACTOR_FOLLOWER};
    return guard->wrong_count == 0 ? OK : store_work(guard->db, &actor, guard->arena, alarm_tell, guard);
}

struct err store_released_read(struct db *db, int64_t agreement, const struct collected_query *query, bool bytes,
        struct arena *arena, collected_take *take, void *context, struct collected_end *end)
{
    struct guard guard = {.db = db, .arena = arena, .agreement = agreement};
    struct shelf_reading reading = {.db = db,
            .shelf = &shelf,
            .number = agreement,
            .query = query,
            .bytes = bytes,
            .arena = arena,
            .take = take,
            .context = context,
            .vouch = vouch,
            .genuine = genuine,
            .guard = &guard};
    TRY(store_now_us(db, &reading.now_us));
    TRY(shelf_read(&reading));
    *end = reading.end;
    return alarm_raise(&guard);
}

/* ---- Random ids of derived objects ---- */

struct made {
    slice text;
    int64_t made_us;
};

static void made_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct made *)row = (struct made){arena_copy(arena, db_slice(rows, 0)), db_number(rows, 1)};
}

/* Empty where there is none. */
static struct err made_get(struct db *db, const char *sql, const struct db_value *values, size_t count,
        struct arena *arena, struct made *made)
{
    struct page page = page_of(struct made, sql, made_read, 1);
    *made = (struct made){0};
    struct err err = page_get(db, &page, values, count, arena, made, "there is none");
    return err.kind == ERR_MISSING ? OK : err;
}

struct err store_derived_get(
        struct db *db, int64_t partner, slice id, struct arena *arena, slice *derived, int64_t *made_us)
{
    static const char GET[] = "SELECT derived, made_us FROM derived_id WHERE partner = $1 AND id = $2 "
                              "ORDER BY made_us DESC LIMIT 1";
    struct made made;
    TRY(made_get(db, GET, (struct db_value[]){db_i64(partner), db_text(id)}, 2, arena, &made));
    *derived = made.text;
    if (made_us != NULL)
        *made_us = made.made_us;
    return OK;
}

struct err store_derived_put(struct work *work, int64_t partner, slice id, slice derived, int64_t made_us)
{
    static const char PUT[] = "INSERT INTO derived_id (derived, partner, id, made_us) VALUES ($1, $2, $3, $4) "
                              "ON CONFLICT DO NOTHING";
    const struct db_value values[] = {db_text(derived), db_i64(partner), db_text(id), db_i64(made_us)};
    return db_run(work->db, PUT, values, COUNT_OF(values), NULL);
}

struct err store_derived_any(struct db *db, int64_t partner, bool *any)
{
    static const char ANY[] = "SELECT CASE WHEN EXISTS (SELECT 1 FROM derived_id WHERE partner = $1) THEN 1 ELSE 0 END";
    int64_t found;
    TRY(db_one(db, ANY, (struct db_value[]){db_i64(partner)}, 1, 0, &found));
    *any = found != 0;
    return OK;
}

struct err store_derived_from(struct db *db, slice derived, struct arena *arena, slice *id)
{
    static const char FROM[] = "SELECT id, made_us FROM derived_id WHERE derived = $1";
    struct made made;
    TRY(made_get(db, FROM, (struct db_value[]){db_text(derived)}, 1, arena, &made));
    *id = made.text;
    return OK;
}
