/* SPDX-License-Identifier: Apache-2.0 */
#include "store/ask.h"

#include "base/arena.h"
#include "store/page.h"

static const char *const states[ASK_STATES] = {
        [ASK_OPEN] = "open", [ASK_ALLOWED] = "allowed", [ASK_DENIED] = "denied", [ASK_EXPIRED] = "expired"};

const char *store_ask_state_name(enum ask_state state)
{
    return states[state];
}

static slice tlp_text(enum stix_tlp tlp)
{
    const char *name = stix_tlp_name(tlp);
    return slice_of(name == NULL ? "" : name);
}

static enum stix_tlp tlp_find(slice text)
{
    enum stix_tlp tlp = TLP_RED;
    while (tlp > TLP_NONE && !slice_eq(text, tlp_text(tlp)))
        tlp--;
    return tlp;
}

/* ---- Asks ---- */

#define COLUMNS                                                                                                        \
    "SELECT number, partner, originator, type, rule, highest, state, count, first_us, last_us, expires_us FROM ask "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct ask_row *ask = row;
    *ask = (struct ask_row){
            .number = db_number(rows, 0),
            .partner = db_number(rows, 1),
            .originator = db_number(rows, 2),
            .type = arena_copy(arena, db_slice(rows, 3)),
            .rule = arena_copy(arena, db_slice(rows, 4)),
            .highest = tlp_find(db_slice(rows, 5)),
            .count = db_number(rows, 7),
            .first_us = db_number(rows, 8),
            .last_us = db_number(rows, 9),
            .expires_us = db_number(rows, 10),
    };
    for (enum ask_state state = 0; state < ASK_STATES; state++)
        if (slice_eq(db_slice(rows, 6), slice_of(states[state])))
            ask->state = state;
}

/* The latest of the same question: open, or answered with no. *found: its number; 0: there is none. */
static struct err same_find(struct work *work, const struct ask_row *row, struct ask_row *same, bool *found)
{
    static const char SAME[] = COLUMNS "WHERE partner = $1 AND originator = $2 AND type = $3 AND rule = $4 "
                                       "AND state IN ('open', 'denied') ORDER BY number DESC LIMIT 1";
    const struct db_value values[] = {
            db_i64(row->partner), db_i64(row->originator), db_text(row->type), db_text(row->rule)};
    struct page page = page_of(struct ask_row, SAME, row_read, 1);
    struct err err = page_get(work->db, &page, values, COUNT_OF(values), work->arena, same, "it was never asked");
    *found = err.kind == ERR_NONE;
    return err.kind == ERR_MISSING ? OK : err;
}

static struct err ask_add(struct work *work, const struct ask_row *row, int64_t *number)
{
    static const char OPEN[] = "SELECT count(*) FROM ask WHERE partner = $1 AND state = 'open'";
    static const char ADD[] =
            "INSERT INTO ask (number, partner, originator, type, rule, highest, state, count, first_us, last_us, "
            "expires_us, approval) VALUES ($1, $2, $3, $4, $5, $6, 'open', 0, $7, $7, $8, 0)";
    int64_t open;
    *number = 0;
    TRY(db_one(work->db, OPEN, (struct db_value[]){db_i64(row->partner)}, 1, 0, &open));
    if (open >= ASKS_OPEN_MAX)
        return OK;
    TRY(store_number(work->db, "ask", 1, number));
    const struct db_value values[] = {db_i64(*number), db_i64(row->partner), db_i64(row->originator),
            db_text(row->type), db_text(row->rule), db_text(tlp_text(row->highest)), db_i64(work->now_us),
            db_i64(row->expires_us)};
    return db_run(work->db, ADD, values, COUNT_OF(values), NULL);
}

static struct err ask_count(struct work *work, const struct ask_row *row, int64_t number, int64_t object)
{
    static const char HAS[] = "SELECT count(*) FROM ask_object WHERE ask = $1 AND object = $2";
    static const char KEPT[] = "SELECT count FROM ask WHERE number = $1";
    static const char KEEP[] = "INSERT INTO ask_object (ask, object) VALUES ($1, $2)";
    static const char COUNT[] = "UPDATE ask SET count = count + 1, last_us = $2, highest = $3 WHERE number = $1";
    const struct db_value values[] = {db_i64(number), db_i64(object)};
    const struct db_value counted[] = {db_i64(number), db_i64(work->now_us), db_text(tlp_text(row->highest))};
    int64_t has, kept;
    TRY(db_one(work->db, HAS, values, 2, 0, &has));
    if (has > 0)
        return OK; /* decided anew: still one object */
    TRY(db_one(work->db, KEPT, values, 1, 0, &kept));
    if (kept < ASK_OBJECTS_MAX)
        TRY(db_run(work->db, KEEP, values, 2, NULL));
    return db_run(work->db, COUNT, counted, COUNT_OF(counted), NULL);
}

struct err store_ask_raise(struct work *work, const struct ask_row *row, int64_t object, bool *open)
{
    struct ask_row same = {0}, raised = *row;
    bool found;
    TRY(same_find(work, row, &same, &found));
    *open = !found || same.state == ASK_OPEN;
    if (!*open)
        return OK;
    if (!found)
        TRY(ask_add(work, row, &same.number));
    *open = same.number != 0;
    raised.highest = same.highest > row->highest ? same.highest : row->highest;
    return *open ? ask_count(work, &raised, same.number, object) : OK;
}

struct err store_ask_settle(struct work *work, int64_t number, enum ask_state state)
{
    static const char SETTLE[] = "UPDATE ask SET state = $2 WHERE number = $1 AND state <> 'allowed' AND state <> $2";
    uint64_t changed;
    const struct db_value values[] = {db_i64(number), db_text(slice_of(states[state]))};
    TRY(db_run(work->db, SETTLE, values, COUNT_OF(values), &changed));
    return changed > 0 ? OK : err_make(ERR_CONFLICT, "that was answered before, or is no question");
}

struct err store_ask_expire(struct work *work, uint64_t *expired)
{
    static const char EXPIRE[] = "UPDATE ask SET state = 'expired' WHERE state = 'open' AND expires_us <= $1";
    return db_run(work->db, EXPIRE, (struct db_value[]){db_i64(work->now_us)}, 1, expired);
}

struct err store_ask_get(struct db *db, int64_t number, struct arena *arena, struct ask_row *row)
{
    static const char GET[] = COLUMNS "WHERE number = $1";
    struct page page = page_of(struct ask_row, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, row, "there is no such question");
}

struct err store_ask_list(struct db *db, bool all, int64_t after, size_t count, struct arena *arena,
        struct ask_row **rows, size_t *row_count)
{
    static const char ALL[] = COLUMNS "WHERE number > $1 ORDER BY number LIMIT $2";
    static const char OPEN[] = COLUMNS "WHERE number > $1 AND state = 'open' ORDER BY number LIMIT $2";
    struct page page = page_of(struct ask_row, all ? ALL : OPEN, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(after)}, 1, arena, (void **)rows, row_count);
}

static void number_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    (void)arena;
    *(int64_t *)row = db_number(rows, 0);
}

struct err store_ask_objects(struct db *db, int64_t number, int64_t after, size_t count, struct arena *arena,
        int64_t **objects, size_t *object_count)
{
    static const char LIST[] = "SELECT object FROM ask_object WHERE ask = $1 AND object > $2 ORDER BY object LIMIT $3";
    struct page page = page_of(int64_t, LIST, number_read, count);
    const struct db_value values[] = {db_i64(number), db_i64(after)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)objects, object_count);
}

/* ---- Standing rules ---- */

#define RULE "SELECT number, partner, type, id, highest, approval, from_us, until_us, ended_us FROM standing_rule "

static void rule_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct rule_row *)row = (struct rule_row){
            .number = db_number(rows, 0),
            .partner = db_number(rows, 1),
            .type = arena_copy(arena, db_slice(rows, 2)),
            .id = arena_copy(arena, db_slice(rows, 3)),
            .highest = tlp_find(db_slice(rows, 4)),
            .approval = db_number(rows, 5),
            .from_us = db_number(rows, 6),
            .until_us = db_number(rows, 7),
            .ended_us = page_time(rows, 8),
    };
}

struct err store_rule_add(struct work *work, const struct rule_row *row, int64_t *number)
{
    static const char HAS[] = "SELECT count(*) FROM standing_rule WHERE partner = $1 AND id = ''";
    static const char ADD[] =
            "INSERT INTO standing_rule (number, partner, type, id, highest, approval, from_us, until_us, ended_us) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, NULL)";
    int64_t fresh, has;
    TRY(db_one(work->db, HAS, (struct db_value[]){db_i64(row->partner)}, 1, 0, &has));
    if (row->id.len == 0 && has >= RULES_MAX)
        return err_format(work->arena, ERR_LIMIT, "a partner has at most %d standing rules", RULES_MAX);
    TRY(store_number(work->db, "standing_rule", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_i64(row->partner), db_text(row->type), db_text(row->id),
            db_text(tlp_text(row->highest)), db_i64(row->approval), db_i64(row->from_us), db_i64(row->until_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    *number = fresh;
    return OK;
}

struct err store_rule_end(struct work *work, int64_t number)
{
    static const char END[] = "UPDATE standing_rule SET ended_us = $2 WHERE number = $1 AND ended_us IS NULL";
    uint64_t changed;
    TRY(db_run(work->db, END, (struct db_value[]){db_i64(number), db_i64(work->now_us)}, 2, &changed));
    return changed > 0 ? OK : err_make(ERR_CONFLICT, "there is no such rule, or it has ended");
}

struct err store_rule_list(struct db *db, int64_t partner, int64_t after, size_t count, struct arena *arena,
        struct rule_row **rows, size_t *row_count)
{
    static const char LIST[] =
            RULE "WHERE number > $2 AND ($1 = 0 OR partner = 0 OR partner = $1) ORDER BY number LIMIT $3";
    const struct db_value values[] = {db_i64(partner), db_i64(after)};
    struct page page = page_of(struct rule_row, LIST, rule_read, count);
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

#define HOLDS "AND from_us <= $3 AND until_us > $3 AND ended_us IS NULL "

struct err store_rule_holding(
        struct db *db, int64_t partner, int64_t now_us, struct arena *arena, struct rule_row **rows, size_t *row_count)
{
    static const char LIST[] = RULE "WHERE partner IN (0, $1) AND id = $2 " HOLDS "ORDER BY number LIMIT $4";
    const struct db_value values[] = {db_i64(partner), db_text(S("")), db_i64(now_us)};
    struct page page = page_of(struct rule_row, LIST, rule_read, 2 * RULES_MAX);
    return page_read_whole(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_rule_names(struct db *db, int64_t partner, slice id, int64_t now_us, enum stix_tlp *highest)
{
    static const char NAMES[] = "SELECT highest FROM standing_rule WHERE partner IN (0, $1) AND id = $2 " HOLDS;
    const struct db_value values[] = {db_i64(partner), db_text(id), db_i64(now_us)};
    enum stix_tlp found = TLP_NONE;
    struct db_rows *rows;
    TRY(db_query(db, NAMES, values, COUNT_OF(values), &rows));
    while (db_next(rows)) {
        enum stix_tlp tlp = tlp_find(db_slice(rows, 0));
        found = tlp > found ? tlp : found;
    }
    TRY(db_done(rows));
    *highest = found;
    return OK;
}

/* ---- What kinds a partner was ever given ---- */

struct err store_kind_given(struct db *db, int64_t partner, slice type, bool *given)
{
    static const char GIVEN[] = "SELECT count(*) FROM released_kind WHERE partner = $1 AND type = $2";
    int64_t count;
    TRY(db_one(db, GIVEN, (struct db_value[]){db_i64(partner), db_text(type)}, 2, 0, &count));
    *given = count > 0;
    return OK;
}

struct err store_kind_give(struct work *work, int64_t partner, slice type)
{
    static const char GIVE[] =
            "INSERT INTO released_kind (partner, type, first_us) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    return db_run(work->db, GIVE, (struct db_value[]){db_i64(partner), db_text(type), db_i64(work->now_us)}, 3, NULL);
}
