/* SPDX-License-Identifier: Apache-2.0 */
#include "store/approval.h"

#include "base/arena.h"
#include "store/page.h"

static const char *const states[] = {
        [APPROVAL_OPEN] = "open",
        [APPROVAL_DONE] = "done",
        [APPROVAL_REFUSED] = "refused",
        [APPROVAL_EXPIRED] = "expired",
        [APPROVAL_FAILED] = "failed",
        [APPROVAL_EMERGENCY] = "emergency",
        [APPROVAL_SEEN] = "seen",
};

#define COLUMNS                                                                                                        \
    "SELECT number, act, subject, detail, reason, state, proposer, proposed_by, proposed_us, expires_us, decider, "    \
    "decided_by, decided_us, why, about FROM approval "

const char *store_approval_state_name(enum approval_state state)
{
    return states[state];
}

static enum approval_state state_find(slice name)
{
    size_t at = 0;
    while (at < APPROVAL_SEEN && !slice_eq(name, slice_of(states[at])))
        at++;
    return (enum approval_state)at;
}

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct approval *)row = (struct approval){
            .number = db_number(rows, 0),
            .act = arena_copy(arena, db_slice(rows, 1)),
            .subject = arena_copy(arena, db_slice(rows, 2)),
            .detail = arena_copy(arena, db_slice(rows, 3)),
            .reason = arena_copy(arena, db_slice(rows, 4)),
            .state = state_find(db_slice(rows, 5)),
            .proposer = db_number(rows, 6),
            .proposed_by = arena_copy(arena, db_slice(rows, 7)),
            .proposed_us = db_number(rows, 8),
            .expires_us = db_number(rows, 9),
            .decider = db_number(rows, 10),
            .decided_by = arena_copy(arena, db_slice(rows, 11)),
            .decided_us = page_time(rows, 12),
            .why = arena_copy(arena, db_slice(rows, 13)),
            .about = arena_copy(arena, db_slice(rows, 14)),
    };
}

/* ---- Proposing ---- */

static struct err put_check(struct arena *arena, const struct approval *put)
{
    TRY(store_text_check(arena, "act", put->act, STORE_NAME_MAX));
    TRY(store_text_check(arena, "subject", put->subject, STORE_NAME_MAX));
    TRY(store_text_check(arena, "reason", put->reason, STORE_TEXT_MAX));
    if (put->detail.len > APPROVAL_DETAIL_MAX)
        return err_format(
                arena, ERR_LIMIT, "what is proposed takes %zu bytes; at most %u", put->detail.len, APPROVAL_DETAIL_MAX);
    return OK;
}

static struct err room_check(struct work *work, const struct approval *put)
{
    static const char COUNT[] = "SELECT count(*) FROM approval WHERE state = 'open'";
    static const char SAME[] = "SELECT number FROM approval WHERE subject = $2 AND act = $1 AND detail = $3 AND "
                               "state = 'open' AND expires_us > $4 ORDER BY number LIMIT 1";
    const struct db_value values[] = {
            db_text(put->act), db_text(put->subject), db_bytes(put->detail), db_i64(work->now_us)};
    int64_t found;
    TRY(db_one(work->db, SAME, values, COUNT_OF(values), 0, &found));
    if (found != 0)
        return err_format(work->arena, ERR_CONFLICT, "just this is proposed already: approval %lld", (long long)found);
    TRY(db_one(work->db, COUNT, NULL, 0, 0, &found));
    return found < APPROVALS_OPEN_MAX
                   ? OK
                   : err_format(work->arena, ERR_LIMIT,
                             "%d proposals wait for a second person; answer some of them first", APPROVALS_OPEN_MAX);
}

struct err store_approval_add(struct work *work, const struct approval *put, int64_t *number)
{
    static const char ADD[] =
            "INSERT INTO approval (number, act, subject, detail, reason, state, proposer, proposed_by, proposed_us, "
            "expires_us, decider, decided_by, decided_us, why, about) "
            "VALUES ($1, $2, $3, $4, $5, $10, $6, $7, $8, $9, NULL, '', NULL, '', $11)";
    int64_t fresh;
    TRY(put_check(work->arena, put));
    if (put->state == APPROVAL_OPEN) /* an emergency is what was proposed and could not wait, perhaps */
        TRY(room_check(work, put));
    TRY(store_number(work->db, "approval", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_text(put->act), db_text(put->subject), db_bytes(put->detail),
            db_text(put->reason), db_i64(work->actor->user), db_text(work->actor->name), db_i64(work->now_us),
            db_i64(put->expires_us), db_text(slice_of(states[put->state])), db_text(put->about)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    *number = fresh;
    return OK;
}

/* ---- Deciding ---- */

struct err store_approval_decide(struct work *work, int64_t number, enum approval_state state, slice why)
{
    /* One statement decides, so that of two who come at once one is late. */
    static const char DECIDE[] = "UPDATE approval SET state = $2, decider = $3, decided_by = $4, decided_us = $5, "
                                 "why = $6 WHERE number = $1 AND state = 'open'";
    uint64_t changed;
    const struct db_value values[] = {db_i64(number), db_text(slice_of(states[state])), db_i64(work->actor->user),
            db_text(work->actor->name), db_i64(work->now_us),
            db_text(store_text_keep(work->arena, why, STORE_TEXT_MAX))};
    TRY(db_run(work->db, DECIDE, values, COUNT_OF(values), &changed));
    return changed > 0 ? OK
                       : err_format(work->arena, ERR_CONFLICT, "approval %lld is not open any more", (long long)number);
}

struct err store_approval_see(struct work *work, int64_t number)
{
    static const char SEE[] = "UPDATE approval SET state = 'seen', decider = $2, decided_by = $3, decided_us = $4 "
                              "WHERE number = $1 AND state = 'emergency'";
    uint64_t changed;
    const struct db_value values[] = {
            db_i64(number), db_i64(work->actor->user), db_text(work->actor->name), db_i64(work->now_us)};
    TRY(db_run(work->db, SEE, values, COUNT_OF(values), &changed));
    return changed > 0 ? OK
                       : err_format(work->arena, ERR_CONFLICT, "approval %lld is no emergency that nobody has seen",
                                 (long long)number);
}

/* ---- Reading ---- */

struct err store_approval_get(struct db *db, int64_t number, struct arena *arena, struct approval *row)
{
    static const char GET[] = COLUMNS "WHERE number = $1";
    struct page page = page_of(struct approval, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, row, "there is no such approval");
}

struct err store_approval_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct approval **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE number > $1 ORDER BY number LIMIT $2";
    struct page page = page_of(struct approval, LIST, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(after)}, 1, arena, (void **)rows, row_count);
}

struct err store_approval_open(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct approval **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE state = 'open' AND number > $1 ORDER BY number LIMIT $2";
    struct page page = page_of(struct approval, LIST, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(after)}, 1, arena, (void **)rows, row_count);
}

struct err store_approval_unseen(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct approval **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE state = 'emergency' AND number > $1 ORDER BY number LIMIT $2";
    struct page page = page_of(struct approval, LIST, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(after)}, 1, arena, (void **)rows, row_count);
}

struct err store_approval_about(struct db *db, slice subject, int64_t before, size_t count, struct arena *arena,
        struct approval **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE subject = $1 AND number < $2 ORDER BY number DESC LIMIT $3";
    struct page page = page_of(struct approval, LIST, row_read, count);
    const struct db_value values[] = {db_text(subject), db_i64(before)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_approval_due(
        struct db *db, int64_t now_us, size_t count, struct arena *arena, struct approval **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE state = 'open' AND expires_us <= $1 ORDER BY number LIMIT $2";
    struct page page = page_of(struct approval, LIST, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(now_us)}, 1, arena, (void **)rows, row_count);
}
