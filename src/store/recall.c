/* SPDX-License-Identifier: Apache-2.0 */
#include "store/recall.h"

#include "base/arena.h"
#include "store/page.h"

enum { RECALL_WIDTH = 10 };

struct err store_recall_is_new(struct db *db, const struct released *row, slice cause, bool *is_new)
{
    static const char HAS[] =
            "SELECT count(*) FROM recall WHERE partner = $1 AND id = $2 AND version = $3 AND cause = $4";
    const struct db_value values[] = {db_i64(row->partner), db_text(row->id), db_text(row->version), db_text(cause)};
    int64_t count;
    TRY(db_one(db, HAS, values, COUNT_OF(values), 0, &count));
    *is_new = count == 0;
    return OK;
}

struct err store_recall_add(
        struct work *work, const struct released *rows, size_t count, slice cause, int64_t entry, bool is_node)
{
    static const char ADD[] =
            "INSERT INTO recall (number, partner, agreement, id, version, cause, digest, entry, told, asked_us, "
            "answer, passed_on, answered_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '', '', NULL) "
            "ON CONFLICT DO NOTHING";
    struct db_value *values = arena_new(work->arena, struct db_value, count * RECALL_WIDTH + 1), *value = values;
    int64_t first;
    TRY(store_number(work->db, "recall", count, &first));
    for (size_t i = 0; i < count; i++) {
        *value++ = db_i64(first + (int64_t)i);
        *value++ = db_i64(rows[i].partner);
        *value++ = db_i64(rows[i].agreement);
        *value++ = db_text(rows[i].id);
        *value++ = db_text(rows[i].version);
        *value++ = db_text(cause);
        *value++ = db_bytes(sha256_slice(&rows[i].digest));
        *value++ = db_i64(entry);
        *value++ = db_i64(is_node ? RECALL_UNTOLD : RECALL_CANNOT);
        *value++ = db_i64(work->now_us);
    }
    TRY(arena_check(work->arena));
    return db_run_many(work->db, ADD, values, RECALL_WIDTH, count, NULL);
}

#define COLUMNS                                                                                                        \
    "SELECT number, partner, agreement, id, version, cause, entry, told, asked_us, answer, passed_on, answered_us, "   \
    "digest FROM recall "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct recall *recall = row;
    slice digest = db_slice(rows, 12);
    *recall = (struct recall){
            .number = db_number(rows, 0),
            .partner = db_number(rows, 1),
            .agreement = db_number(rows, 2),
            .id = arena_copy(arena, db_slice(rows, 3)),
            .version = arena_copy(arena, db_slice(rows, 4)),
            .cause = arena_copy(arena, db_slice(rows, 5)),
            .entry = db_number(rows, 6),
            .told = (enum recall_told)db_number(rows, 7),
            .asked_us = db_number(rows, 8),
            .answer = arena_copy(arena, db_slice(rows, 9)),
            .passed_on = arena_copy(arena, db_slice(rows, 10)),
            .answered_us = page_time(rows, 11),
    };
    if (digest.len == sizeof recall->digest.bytes)
        memcpy(recall->digest.bytes, digest.ptr, digest.len);
}

struct err store_recall_list(struct db *db, int64_t partner, bool missing, int64_t after, size_t count,
        struct arena *arena, struct recall **rows, size_t *row_count)
{
    static const char ALL[] = COLUMNS "WHERE ($1 = 0 OR partner = $1) AND number > $2 ORDER BY number LIMIT $3";
    static const char MISSING[] = COLUMNS "WHERE ($1 = 0 OR partner = $1) AND number > $2 AND answered_us IS NULL "
                                          "ORDER BY number LIMIT $3";
    const struct db_value values[] = {db_i64(partner), db_i64(after)};
    struct page page = page_of(struct recall, missing ? MISSING : ALL, row_read, count);
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_recall_of_entry(
        struct db *db, int64_t agreement, int64_t entry, struct arena *arena, struct recall **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE agreement = $1 AND entry = $2 ORDER BY number LIMIT $3";
    const struct db_value values[] = {db_i64(agreement), db_i64(entry)};
    struct page page = page_of(struct recall, LIST, row_read, RELEASED_BATCH_MAX + 1);
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_recall_cut(struct work *work, int64_t agreement, int64_t from)
{
    static const char CUT[] = "DELETE FROM recall WHERE agreement = $1 AND entry >= $2";
    return db_run(work->db, CUT, (struct db_value[]){db_i64(agreement), db_i64(from)}, 2, NULL);
}

struct err store_recall_untold(
        struct db *db, size_t count, struct arena *arena, struct recall **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE told = 0 AND partner > 0 ORDER BY partner, number LIMIT $1";
    struct page page = page_of(struct recall, LIST, row_read, count);
    return page_read(db, &page, NULL, 0, arena, (void **)rows, row_count);
}

struct err store_recall_tell(struct work *work, const struct recall *rows, size_t count)
{
    static const char TOLD[] = "UPDATE recall SET told = 1 WHERE number = $1";
    struct db_value *values = arena_new(work->arena, struct db_value, count + 1);
    for (size_t i = 0; i < count; i++)
        values[i] = db_i64(rows[i].number);
    TRY(arena_check(work->arena));
    return db_run_many(work->db, TOLD, values, 1, count, NULL);
}

struct err store_recall_answer(
        struct work *work, int64_t partner, slice id, slice answer, slice passed_on, bool *changed)
{
    static const char ANSWER[] = "UPDATE recall SET answer = $3, passed_on = $4, answered_us = $5 "
                                 "WHERE partner = $1 AND id = $2 AND told = 1";
    const struct db_value values[] = {
            db_i64(partner), db_text(id), db_text(answer), db_text(passed_on), db_i64(work->now_us)};
    uint64_t count;
    TRY(db_run(work->db, ANSWER, values, COUNT_OF(values), &count));
    *changed = count > 0;
    return OK;
}

/* ---- What partners ask of us ---- */

#define HEARD "SELECT number, partner, statement_id, ids, cause, state, answer, heard_us FROM recall_heard "

static void heard_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct recall_heard *)row = (struct recall_heard){
            .number = db_number(rows, 0),
            .partner = db_number(rows, 1),
            .statement_id = arena_copy(arena, db_slice(rows, 2)),
            .ids = arena_copy(arena, db_slice(rows, 3)),
            .cause = arena_copy(arena, db_slice(rows, 4)),
            .state = arena_copy(arena, db_slice(rows, 5)),
            .answer = arena_copy(arena, db_slice(rows, 6)),
            .heard_us = db_number(rows, 7),
    };
}

struct err store_recall_heard_since(struct db *db, int64_t partner, int64_t since_us, int64_t *objects)
{
    static const char SINCE[] = "SELECT COALESCE(sum(length(ids) - length(replace(ids, $3, '')) + 1), 0) "
                                "FROM recall_heard WHERE partner = $1 AND heard_us > $2 AND state = 'done'";
    const struct db_value values[] = {db_i64(partner), db_i64(since_us), db_text(S("\n"))};
    return db_one(db, SINCE, values, COUNT_OF(values), 0, objects);
}

struct err store_recall_hear(struct work *work, const struct recall_heard *put, int64_t *number)
{
    static const char WAITING[] = "SELECT count(*) FROM recall_heard WHERE partner = $1 AND state = 'waits'";
    static const char ADD[] =
            "INSERT INTO recall_heard (number, partner, statement_id, ids, cause, state, answer, told, heard_us) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)";
    int64_t waiting;
    TRY(db_one(work->db, WAITING, (struct db_value[]){db_i64(put->partner)}, 1, 0, &waiting));
    if (waiting >= RECALLS_HEARD_MAX)
        return err_format(
                work->arena, ERR_LIMIT, "%d recalls of this partner wait for a person already", RECALLS_HEARD_MAX);
    TRY(store_number(work->db, "recall_heard", 1, number));
    const struct db_value values[] = {db_i64(*number), db_i64(put->partner), db_text(put->statement_id),
            db_text(put->ids), db_text(put->cause), db_text(put->state), db_text(put->answer), db_i64(work->now_us)};
    return db_run(work->db, ADD, values, COUNT_OF(values), NULL);
}

struct err store_recall_heard_get(struct db *db, int64_t number, struct arena *arena, struct recall_heard *row)
{
    static const char GET[] = HEARD "WHERE number = $1";
    struct page page = page_of(struct recall_heard, GET, heard_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, row, "nobody asked us that");
}

struct err store_recall_heard_list(struct db *db, bool untold, int64_t after, size_t count, struct arena *arena,
        struct recall_heard **rows, size_t *row_count)
{
    static const char WAITING[] = HEARD "WHERE state = 'waits' AND number > $1 ORDER BY number LIMIT $2";
    static const char UNTOLD[] = HEARD "WHERE told = 0 AND state <> 'waits' AND number > $1 ORDER BY number LIMIT $2";
    struct page page = page_of(struct recall_heard, untold ? UNTOLD : WAITING, heard_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(after)}, 1, arena, (void **)rows, row_count);
}

struct err store_recall_heard_settle(struct work *work, int64_t number, slice state, slice answer)
{
    static const char SETTLE[] =
            "UPDATE recall_heard SET state = $2, answer = $3 WHERE number = $1 AND state = 'waits'";
    const struct db_value values[] = {db_i64(number), db_text(state), db_text(answer)};
    uint64_t changed;
    TRY(db_run(work->db, SETTLE, values, COUNT_OF(values), &changed));
    return changed > 0 ? OK : err_make(ERR_CONFLICT, "that recall was answered before");
}

struct err store_recall_heard_told(struct work *work, int64_t number)
{
    static const char TOLD[] = "UPDATE recall_heard SET told = 1 WHERE number = $1";
    return db_run(work->db, TOLD, (struct db_value[]){db_i64(number)}, 1, NULL);
}

struct err store_letters_wait(struct db *db, bool *waiting)
{
    static const char WAIT[] =
            "SELECT CASE WHEN EXISTS (SELECT 1 FROM recall WHERE told = 0) "
            "OR EXISTS (SELECT 1 FROM recall_heard WHERE told = 0 AND state <> 'waits') "
            "OR EXISTS (SELECT 1 FROM consent WHERE state = 'to-ask') "
            "OR EXISTS (SELECT 1 FROM consent_request WHERE state <> 'open' AND told = 0) THEN 1 ELSE 0 END";
    int64_t found;
    TRY(db_one(db, WAIT, NULL, 0, 0, &found));
    *waiting = found != 0;
    return OK;
}
