/* SPDX-License-Identifier: Apache-2.0 */
#include "store/consent.h"

#include "base/arena.h"
#include "store/page.h"

static const char *const states[CONSENT_STATES] = {
        [CONSENT_TO_ASK] = "to-ask",
        [CONSENT_ASKED] = "asked",
        [CONSENT_GIVEN] = "given",
        [CONSENT_REFUSED] = "refused",
        [CONSENT_WITHDRAWN] = "withdrawn",
};

const char *store_consent_state_name(enum consent_state state)
{
    return states[state];
}

static struct db_value state_value(enum consent_state state)
{
    return db_text(slice_of(states[state]));
}

static enum consent_state state_find(slice text)
{
    enum consent_state state = 0;
    while (state < CONSENT_WITHDRAWN && !slice_eq(text, slice_of(states[state])))
        state++;
    return state;
}

/* ---- Of others ---- */

#define COLUMNS                                                                                                        \
    "SELECT number, originator, id, type, recipient, state, paper, giver, given_us, scan, asked_us, answered_us, "     \
    "until_us FROM consent "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct consent *)row = (struct consent){
            .number = db_number(rows, 0),
            .originator = db_number(rows, 1),
            .id = arena_copy(arena, db_slice(rows, 2)),
            .type = arena_copy(arena, db_slice(rows, 3)),
            .recipient = db_number(rows, 4),
            .state = state_find(db_slice(rows, 5)),
            .paper = arena_copy(arena, db_slice(rows, 6)),
            .giver = arena_copy(arena, db_slice(rows, 7)),
            .given_us = page_time(rows, 8),
            .scan = arena_copy(arena, db_slice(rows, 9)),
            .asked_us = db_number(rows, 10),
            .answered_us = page_time(rows, 11),
            .until_us = db_number(rows, 12),
    };
}

struct err store_consent_put(struct work *work, const struct consent *put, slice statement, int64_t *number)
{
    static const char PUT[] =
            "INSERT INTO consent (number, originator, id, type, recipient, state, paper, statement, asked_us, "
            "answered_us, until_us, giver, given_us, scan) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) "
            "ON CONFLICT (originator, id, type, recipient) DO UPDATE SET "
            "paper = CASE WHEN excluded.state = 'to-ask' THEN consent.paper ELSE excluded.paper END, "
            "giver = CASE WHEN excluded.state = 'to-ask' THEN consent.giver ELSE excluded.giver END, "
            "given_us = CASE WHEN excluded.state = 'to-ask' THEN consent.given_us ELSE excluded.given_us END, "
            "scan = CASE WHEN excluded.state = 'to-ask' THEN consent.scan ELSE excluded.scan END, "
            "answered_us = CASE WHEN excluded.state = 'to-ask' THEN consent.answered_us ELSE excluded.answered_us END, "
            "until_us = CASE WHEN excluded.state = 'to-ask' THEN consent.until_us ELSE excluded.until_us END, "
            "state = CASE WHEN excluded.state = 'to-ask' THEN consent.state ELSE excluded.state END "
            "RETURNING number";
    int64_t fresh;
    TRY(store_number(work->db, "consent", 1, &fresh));
    bool answered = put->state != CONSENT_TO_ASK && put->state != CONSENT_ASKED;
    const struct db_value values[] = {db_i64(fresh), db_i64(put->originator), db_text(put->id), db_text(put->type),
            db_i64(put->recipient), state_value(put->state), db_text(put->paper), db_bytes(statement),
            db_i64(work->now_us), page_time_value(answered ? work->now_us : TIME_NONE), db_i64(put->until_us),
            db_text(put->giver), page_time_value(put->giver.len > 0 ? put->given_us : TIME_NONE), db_text(put->scan)};
    return db_one(work->db, PUT, values, COUNT_OF(values), 0, number);
}

struct err store_consent_asked(struct work *work, const int64_t *numbers, size_t count)
{
    static const char ASKED[] =
            "UPDATE consent SET state = 'asked', asked_us = $2 WHERE number = $1 AND state = 'to-ask'";
    struct db_value *values = arena_new(work->arena, struct db_value, 2 * count + 1);
    for (size_t i = 0; i < count; i++) {
        values[2 * i] = db_i64(numbers[i]);
        values[2 * i + 1] = db_i64(work->now_us);
    }
    TRY(arena_check(work->arena));
    return db_run_many(work->db, ASKED, values, 2, count, NULL);
}

struct err store_consent_answer(struct work *work, int64_t originator, slice id, int64_t recipient,
        enum consent_state state, slice statement, int64_t until_us)
{
    static const char ANSWER[] = "UPDATE consent SET state = $4, statement = $5, until_us = $6, answered_us = $7 "
                                 "WHERE originator = $1 AND id = $2 AND recipient = $3 AND state <> 'to-ask'";
    const struct db_value values[] = {db_i64(originator), db_text(id), db_i64(recipient), state_value(state),
            db_bytes(statement), db_i64(until_us), db_i64(work->now_us)};
    uint64_t changed;
    TRY(db_run(work->db, ANSWER, values, COUNT_OF(values), &changed));
    return changed > 0 ? OK : err_make(ERR_MISSING, "we did not ask for this consent");
}

struct err store_consent_withdraw(struct work *work, int64_t number, struct consent *row)
{
    static const char GET[] = COLUMNS "WHERE number = $1";
    static const char WITHDRAW[] =
            "UPDATE consent SET state = 'withdrawn', answered_us = $2 WHERE number = $1 AND state = 'given'";
    struct page page = page_of(struct consent, GET, row_read, 1);
    uint64_t changed;
    TRY(page_get(
            work->db, &page, (struct db_value[]){db_i64(number)}, 1, work->arena, row, "there is no such consent"));
    TRY(db_run(work->db, WITHDRAW, (struct db_value[]){db_i64(number), db_i64(work->now_us)}, 2, &changed));
    return changed > 0 ? OK : err_make(ERR_CONFLICT, "that consent was not given, so it cannot be taken back");
}

struct err store_consent_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct consent **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE number > $1 ORDER BY number LIMIT $2";
    struct page page = page_of(struct consent, LIST, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(after)}, 1, arena, (void **)rows, row_count);
}

struct err store_consent_to_ask(
        struct db *db, size_t count, struct arena *arena, struct consent **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE state = 'to-ask' AND originator > 0 ORDER BY originator, number LIMIT $1";
    struct page page = page_of(struct consent, LIST, row_read, count);
    return page_read(db, &page, NULL, 0, arena, (void **)rows, row_count);
}

struct err store_consent_until(
        struct db *db, int64_t originator, slice id, slice type, int64_t recipient, int64_t now_us, int64_t *until_us)
{
    static const char OF_ID[] = "SELECT COALESCE(max(until_us), 0) FROM consent WHERE originator = $1 AND id = $2 "
                                "AND recipient IN (0, $3) AND state = 'given' AND until_us > $4";
    static const char OF_TYPE[] = "SELECT COALESCE(max(until_us), 0) FROM consent WHERE originator = $1 AND id = $5 "
                                  "AND type = $2 AND recipient IN (0, $3) AND state = 'given' AND until_us > $4";
    const struct db_value of_id[] = {db_i64(originator), db_text(id), db_i64(recipient), db_i64(now_us)};
    const struct db_value of_type[] = {
            db_i64(originator), db_text(type), db_i64(recipient), db_i64(now_us), db_text(S(""))};
    TRY(db_one(db, OF_ID, of_id, COUNT_OF(of_id), 0, until_us));
    return *until_us > 0 ? OK : db_one(db, OF_TYPE, of_type, COUNT_OF(of_type), 0, until_us);
}

/* ---- What partners ask us ---- */

#define REQUEST "SELECT number, partner, statement_id, ids, recipient, state, asked_us FROM consent_request "

static void request_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    slice state = db_slice(rows, 5);
    *(struct consent_request *)row = (struct consent_request){
            .number = db_number(rows, 0),
            .partner = db_number(rows, 1),
            .statement_id = arena_copy(arena, db_slice(rows, 2)),
            .ids = arena_copy(arena, db_slice(rows, 3)),
            .recipient = arena_copy(arena, db_slice(rows, 4)),
            .state = slice_eq(state, S("open")) ? CONSENT_ASKED : state_find(state),
            .asked_us = db_number(rows, 6),
    };
}

struct err store_consent_request_put(struct work *work, const struct consent_request *put)
{
    static const char OPEN[] = "SELECT count(*) FROM consent_request WHERE partner = $1 AND state = 'open'";
    static const char PUT[] =
            "INSERT INTO consent_request (number, partner, statement_id, ids, recipient, state, told, asked_us, "
            "answered_us) VALUES ($1, $2, $3, $4, $5, 'open', 0, $6, NULL) ON CONFLICT DO NOTHING";
    int64_t fresh, open;
    TRY(db_one(work->db, OPEN, (struct db_value[]){db_i64(put->partner)}, 1, 0, &open));
    if (open >= CONSENT_REQUESTS_MAX)
        return err_format(work->arena, ERR_LIMIT, "%d requests for consent of this partner wait for an answer already",
                CONSENT_REQUESTS_MAX);
    TRY(store_number(work->db, "consent_request", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_i64(put->partner), db_text(put->statement_id),
            db_text(put->ids), db_text(put->recipient), db_i64(work->now_us)};
    return db_run(work->db, PUT, values, COUNT_OF(values), NULL);
}

struct err store_consent_request_get(struct db *db, int64_t number, struct arena *arena, struct consent_request *row)
{
    static const char GET[] = REQUEST "WHERE number = $1";
    struct page page = page_of(struct consent_request, GET, request_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, row, "there is no such request");
}

struct err store_consent_request_list(struct db *db, bool untold, int64_t after, size_t count, struct arena *arena,
        struct consent_request **rows, size_t *row_count)
{
    static const char OPEN[] = REQUEST "WHERE state = 'open' AND number > $1 ORDER BY number LIMIT $2";
    static const char UNTOLD[] = REQUEST "WHERE state <> 'open' AND told = 0 AND number > $1 ORDER BY number LIMIT $2";
    struct page page = page_of(struct consent_request, untold ? UNTOLD : OPEN, request_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(after)}, 1, arena, (void **)rows, row_count);
}

struct err store_consent_request_answer(struct work *work, int64_t number, enum consent_state state)
{
    static const char ANSWER[] =
            "UPDATE consent_request SET state = $2, answered_us = $3 WHERE number = $1 AND state = 'open'";
    const struct db_value values[] = {db_i64(number), state_value(state), db_i64(work->now_us)};
    uint64_t changed;
    TRY(db_run(work->db, ANSWER, values, COUNT_OF(values), &changed));
    return changed > 0 ? OK : err_make(ERR_CONFLICT, "that request was answered before");
}

struct err store_consent_request_told(struct work *work, int64_t number)
{
    static const char TOLD[] = "UPDATE consent_request SET told = 1 WHERE number = $1";
    return db_run(work->db, TOLD, (struct db_value[]){db_i64(number)}, 1, NULL);
}
