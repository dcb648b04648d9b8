/* SPDX-License-Identifier: Apache-2.0 */
#include "store/claim.h"

#include "base/arena.h"
#include "store/page.h"

static const char *const kinds[] = {
        [CLAIM_OTHER_CREATOR] = "other-creator",
        [CLAIM_WIDER_MARKING] = "wider-marking",
        [CLAIM_OTHER_CONTENT] = "other-content",
        [CLAIM_CONFIGURATION] = "configuration",
};

const char *store_claim_kind_name(enum claim_kind kind)
{
    return kinds[kind];
}

struct err store_claim_add(struct work *work, const struct claim *claim, enum claim_kind kind, bool *fresh)
{
    static const char ADD[] = "INSERT INTO claim (number, partner, object, id, kind, found_us, settled_by) "
                              "VALUES ($1, $2, $3, $4, $5, $6, '') ON CONFLICT (object, kind) DO NOTHING";
    int64_t number;
    uint64_t changed;
    TRY(store_number(work->db, "claim", 1, &number));
    const struct db_value values[] = {db_i64(number), db_i64(claim->partner), db_i64(claim->object), db_text(claim->id),
            db_text(slice_of(kinds[kind])), db_i64(work->now_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), &changed));
    *fresh = changed > 0;
    return OK;
}

struct err store_claim_settle(struct work *work, int64_t number)
{
    static const char SETTLE[] =
            "UPDATE claim SET settled_us = $2, settled_by = $3 WHERE number = $1 AND settled_us IS NULL";
    const struct db_value values[] = {db_i64(number), db_i64(work->now_us), db_text(work->actor->name)};
    uint64_t changed;
    TRY(db_run(work->db, SETTLE, values, COUNT_OF(values), &changed));
    return changed > 0 ? OK : err_make(ERR_MISSING, "there is no such claim that is not settled");
}

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct claim *)row = (struct claim){
            .number = db_number(rows, 0),
            .partner = db_number(rows, 1),
            .object = db_number(rows, 2),
            .id = arena_copy(arena, db_slice(rows, 3)),
            .kind = arena_copy(arena, db_slice(rows, 4)),
            .found_us = db_number(rows, 5),
            .settled_us = page_time(rows, 6),
            .settled_by = arena_copy(arena, db_slice(rows, 7)),
    };
}

#define COLUMNS "SELECT number, partner, object, id, kind, found_us, settled_us, settled_by FROM claim "

struct err store_claim_list(struct db *db, int64_t partner, bool open_only, int64_t after, size_t count,
        struct arena *arena, struct claim **rows, size_t *row_count)
{
    /* One statement each, so that each has its index. */
    static const char *const lists[2][2] = {
            {COLUMNS "WHERE number > $2 AND $1 = 0 ORDER BY number LIMIT $3",
                    COLUMNS "WHERE number > $2 AND $1 = 0 AND settled_us IS NULL ORDER BY number LIMIT $3"},
            {COLUMNS "WHERE partner = $1 AND number > $2 ORDER BY number LIMIT $3",
                    COLUMNS "WHERE partner = $1 AND number > $2 AND settled_us IS NULL ORDER BY number LIMIT $3"},
    };
    struct page page = page_of(struct claim, lists[partner != 0][open_only], row_read, count);
    const struct db_value values[] = {db_i64(partner), db_i64(after)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

/* ---- Where to look ---- */

struct err store_claim_partner(struct db *db, int64_t import, int64_t *partner)
{
    static const char PARTNER[] = "SELECT p.number FROM import i JOIN partner p ON p.source = i.source "
                                  "WHERE i.number = $1 LIMIT 1";
    return db_one(db, PARTNER, (struct db_value[]){db_i64(import)}, 1, 0, partner);
}

static void number_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    (void)arena;
    *(int64_t *)row = db_number(rows, 0);
}

struct err store_claim_suspects(struct db *db, int64_t import, int64_t after, size_t count, struct arena *arena,
        int64_t **objects, size_t *object_count)
{
    static const char SUSPECTS[] =
            "SELECT o.number FROM object o JOIN import i ON i.number = $1 WHERE o.number > $2 AND o.number >= i.first "
            "AND o.number <= i.last AND o.import = $1 AND (EXISTS (SELECT 1 FROM object x WHERE x.id = o.id "
            "AND x.number <> o.number) OR o.type IN ('playbook', 'course-of-action', 'extension-definition') "
            "OR o.type LIKE 'x-%') ORDER BY o.number LIMIT $3";
    struct page page = page_of(int64_t, SUSPECTS, number_read, count);
    const struct db_value values[] = {db_i64(import), db_i64(after)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)objects, object_count);
}
