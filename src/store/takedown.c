/* SPDX-License-Identifier: Apache-2.0 */
#include "store/takedown.h"

#include "base/arena.h"
#include "store/page.h"

static const char *const states[TAKEDOWN_STATES] = {
        [TAKEDOWN_DRAFTED] = "drafted",
        [TAKEDOWN_REQUESTED] = "requested",
        [TAKEDOWN_GONE_ONCE] = "gone-once",
        [TAKEDOWN_GONE_TWICE] = "gone-twice",
        [TAKEDOWN_DOWN] = "down",
        [TAKEDOWN_GIVEN_UP] = "given-up",
};
static const char *const recipients[TAKEDOWN_RECIPIENTS] = {
        [TAKEDOWN_HOST] = "host",
        [TAKEDOWN_REGISTRAR] = "registrar",
        [TAKEDOWN_REGISTRY] = "registry",
        [TAKEDOWN_PLATFORM] = "platform",
};
static const char *const request_states[TAKEDOWN_REQUEST_STATES] = {
        [TAKEDOWN_REQUEST_DRAFTED] = "drafted",
        [TAKEDOWN_REQUEST_APPROVED] = "approved",
        [TAKEDOWN_REQUEST_SENT] = "sent",
        [TAKEDOWN_REQUEST_ANSWERED] = "answered",
        [TAKEDOWN_REQUEST_REFUSED] = "refused",
        [TAKEDOWN_REQUEST_UNDELIVERED] = "undelivered",
};
static const char *const outcomes[TAKEDOWN_OUTCOMES] = {
        [TAKEDOWN_THERE] = "there",
        [TAKEDOWN_GONE] = "gone",
        [TAKEDOWN_OTHER] = "other",
        [TAKEDOWN_UNREACHABLE] = "unreachable",
        [TAKEDOWN_NOT_ALLOWED] = "not-allowed",
};

/* The place of a word; `count` if it is none of them. */
static unsigned word_find(const char *const *words, unsigned count, slice name)
{
    unsigned i = 0;
    while (i < count && !slice_eq(name, slice_of(words[i])))
        i++;
    return i;
}

const char *store_takedown_state_name(enum takedown_state state)
{
    return states[state];
}

const char *store_takedown_recipient_name(enum takedown_recipient recipient)
{
    return recipients[recipient];
}

bool store_takedown_recipient_find(slice name, enum takedown_recipient *recipient)
{
    *recipient = word_find(recipients, TAKEDOWN_RECIPIENTS, name);
    return *recipient < TAKEDOWN_RECIPIENTS;
}

const char *store_takedown_request_state_name(enum takedown_request_state state)
{
    return request_states[state];
}

const char *store_takedown_outcome_name(enum takedown_outcome outcome)
{
    return outcomes[outcome];
}

bool store_takedown_outcome_find(slice name, enum takedown_outcome *outcome)
{
    *outcome = word_find(outcomes, TAKEDOWN_OUTCOMES, name);
    return *outcome < TAKEDOWN_OUTCOMES;
}

static struct db_value number_or_null(int64_t number)
{
    return number == 0 ? db_null() : db_i64(number);
}

static int64_t number_or_none(const struct db_rows *rows, size_t column)
{
    return db_is_null(rows, column) ? 0 : db_number(rows, column);
}

/* ---- Pages ---- */

#define COLUMNS                                                                                                        \
    "SELECT number, incident, url, target, imitates, pap, state, reports, reported_us, requested_us, down_us, "        \
    "returned, check_us, changed_us FROM takedown "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct takedown *)row = (struct takedown){
            .number = db_number(rows, 0),
            .incident = db_number(rows, 1),
            .url = arena_copy(arena, db_slice(rows, 2)),
            .target = arena_copy(arena, db_slice(rows, 3)),
            .imitates = number_or_none(rows, 4),
            .pap = arena_copy(arena, db_slice(rows, 5)),
            .state = word_find(states, TAKEDOWN_STATES, db_slice(rows, 6)),
            .reports = db_number(rows, 7),
            .reported_us = db_number(rows, 8),
            .requested_us = page_time(rows, 9),
            .down_us = page_time(rows, 10),
            .returned = db_number(rows, 11),
            .check_us = page_time(rows, 12),
            .changed_us = db_number(rows, 13),
    };
}

struct err store_takedown_add(struct work *work, const struct takedown *put, int64_t *number)
{
    static const char ADD[] =
            "INSERT INTO takedown (number, incident, url, target, imitates, pap, state, reports, reported_us, "
            "requested_us, down_us, returned, check_us, changed_us) VALUES ($1, $2, $3, $4, $5, $6, 'drafted', $7, "
            "$8, NULL, NULL, 0, $9, $10) ON CONFLICT (incident, target) DO NOTHING";
    int64_t fresh;
    uint64_t changed;
    TRY(store_number(work->db, "takedown", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_i64(put->incident), db_text(put->url), db_text(put->target),
            number_or_null(put->imitates), db_text(put->pap), db_i64(put->reports), db_i64(put->reported_us),
            page_time_value(put->check_us), db_i64(work->now_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), &changed));
    if (changed == 0)
        return err_make(ERR_CONFLICT, "the incident has a take-down of that page already");
    *number = fresh;
    return OK;
}

struct err store_takedown_keep(struct work *work, int64_t number, struct takedown *row)
{
    /* Changes nothing, and makes who changes that row wait for us, and us for them. */
    static const char KEEP[] = "UPDATE takedown SET state = state WHERE number = $1";
    TRY(db_run(work->db, KEEP, (struct db_value[]){db_i64(number)}, 1, NULL));
    return store_takedown_get(work->db, number, work->arena, row);
}

struct err store_takedown_change(struct work *work, const struct takedown *row)
{
    static const char CHANGE[] =
            "UPDATE takedown SET imitates = $2, pap = $3, state = $4, reports = $5, reported_us = $6, "
            "requested_us = $7, down_us = $8, returned = $9, check_us = $10, changed_us = $11 WHERE number = $1";
    const struct db_value values[] = {db_i64(row->number), number_or_null(row->imitates), db_text(row->pap),
            db_text(slice_of(states[row->state])), db_i64(row->reports), db_i64(row->reported_us),
            page_time_value(row->requested_us), page_time_value(row->down_us), db_i64(row->returned),
            page_time_value(row->check_us), db_i64(work->now_us)};
    return db_run(work->db, CHANGE, values, COUNT_OF(values), NULL);
}

static const char MISSING[] = "there is no such take-down";

struct err store_takedown_get(struct db *db, int64_t number, struct arena *arena, struct takedown *row)
{
    static const char GET[] = COLUMNS "WHERE number = $1";
    struct page page = page_of(struct takedown, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, row, MISSING);
}

struct err store_takedown_find(struct db *db, int64_t incident, slice target, struct arena *arena, struct takedown *row)
{
    static const char FIND[] = COLUMNS "WHERE incident = $1 AND target = $2";
    struct page page = page_of(struct takedown, FIND, row_read, 1);
    const struct db_value values[] = {db_i64(incident), db_text(target)};
    return page_get(db, &page, values, COUNT_OF(values), arena, row, MISSING);
}

struct err store_takedown_list(
        struct db *db, int64_t incident, struct arena *arena, struct takedown **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE incident = $1 ORDER BY number LIMIT $2";
    struct page page = page_of(struct takedown, LIST, row_read, TAKEDOWNS_MAX);
    return page_read_whole(db, &page, (struct db_value[]){db_i64(incident)}, 1, arena, (void **)rows, row_count);
}

struct err store_takedown_latest(
        struct db *db, int64_t before, size_t count, struct arena *arena, struct takedown **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE number < $1 ORDER BY number DESC LIMIT $2";
    struct page page = page_of(struct takedown, LIST, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(before)}, 1, arena, (void **)rows, row_count);
}

struct err store_takedown_due(
        struct db *db, int64_t now_us, size_t count, struct arena *arena, struct takedown **rows, size_t *row_count)
{
    static const char LIST[] =
            COLUMNS "WHERE check_us IS NOT NULL AND check_us <= $1 ORDER BY check_us, number LIMIT $2";
    struct page page = page_of(struct takedown, LIST, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(now_us)}, 1, arena, (void **)rows, row_count);
}

/* ---- What reports tell ---- */

static void told_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct takedown_told *)row = (struct takedown_told){
            .report = db_number(rows, 0),
            .received_us = db_number(rows, 1),
            .url = arena_copy(arena, db_slice(rows, 2)),
    };
}

struct err store_takedown_told(struct db *db, int64_t incident, int64_t report, slice url, size_t count,
        struct arena *arena, struct takedown_told **rows, size_t *row_count)
{
    static const char LIST[] =
            "SELECT r.number, r.received_us, o.value FROM report r JOIN report_observable o ON o.report = r.number "
            "WHERE r.incident = $1 AND r.number >= $2 AND o.type = 'url' AND (r.number > $2 OR o.value > $3) "
            "ORDER BY r.number, o.value LIMIT $4";
    struct page page = page_of(struct takedown_told, LIST, told_read, count);
    const struct db_value values[] = {db_i64(incident), db_i64(report), db_text(url)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

/* ---- Requests ---- */

#define REQUESTS                                                                                                       \
    "SELECT takedown, number, recipient, address, source, language, subject, text, state, notice, approved_by, "       \
    "answer, made_us, sent_us FROM takedown_request "

static void request_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct takedown_request *)row = (struct takedown_request){
            .takedown = db_number(rows, 0),
            .number = db_number(rows, 1),
            .recipient = word_find(recipients, TAKEDOWN_RECIPIENTS, db_slice(rows, 2)),
            .address = arena_copy(arena, db_slice(rows, 3)),
            .source = arena_copy(arena, db_slice(rows, 4)),
            .language = arena_copy(arena, db_slice(rows, 5)),
            .subject = arena_copy(arena, db_slice(rows, 6)),
            .text = arena_copy(arena, db_slice(rows, 7)),
            .state = word_find(request_states, TAKEDOWN_REQUEST_STATES, db_slice(rows, 8)),
            .notice = number_or_none(rows, 9),
            .approved_by = arena_copy(arena, db_slice(rows, 10)),
            .answer = arena_copy(arena, db_slice(rows, 11)),
            .made_us = db_number(rows, 12),
            .sent_us = page_time(rows, 13),
    };
}

struct err store_takedown_request_add(struct work *work, const struct takedown_request *put, int64_t *number)
{
    static const char LAST[] = "SELECT COALESCE(max(number), 0) FROM takedown_request WHERE takedown = $1";
    static const char ADD[] =
            "INSERT INTO takedown_request (takedown, number, recipient, address, source, language, subject, text, "
            "state, notice, approved_by, answer, made_us, sent_us) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'drafted', "
            "NULL, '', '', $9, NULL)";
    int64_t last;
    TRY(db_one(work->db, LAST, (struct db_value[]){db_i64(put->takedown)}, 1, 0, &last));
    if (last >= TAKEDOWN_REQUESTS_MAX)
        return err_format(work->arena, ERR_LIMIT, "a take-down has %d requests at the most", TAKEDOWN_REQUESTS_MAX);
    const struct db_value values[] = {db_i64(put->takedown), db_i64(last + 1),
            db_text(slice_of(recipients[put->recipient])), db_text(put->address), db_text(put->source),
            db_text(put->language), db_text(put->subject), db_text(put->text), db_i64(work->now_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    *number = last + 1;
    return OK;
}

struct err store_takedown_request_change(struct work *work, const struct takedown_request *row)
{
    static const char CHANGE[] = "UPDATE takedown_request SET state = $3, notice = $4, approved_by = $5, answer = $6, "
                                 "sent_us = $7 WHERE takedown = $1 AND number = $2";
    const struct db_value values[] = {db_i64(row->takedown), db_i64(row->number),
            db_text(slice_of(request_states[row->state])), number_or_null(row->notice), db_text(row->approved_by),
            db_text(row->answer), page_time_value(row->sent_us)};
    return db_run(work->db, CHANGE, values, COUNT_OF(values), NULL);
}

struct err store_takedown_request_get(
        struct db *db, int64_t takedown, int64_t number, struct arena *arena, struct takedown_request *row)
{
    static const char GET[] = REQUESTS "WHERE takedown = $1 AND number = $2";
    struct page page = page_of(struct takedown_request, GET, request_read, 1);
    const struct db_value values[] = {db_i64(takedown), db_i64(number)};
    return page_get(db, &page, values, COUNT_OF(values), arena, row, "there is no such request");
}

struct err store_takedown_request_of_notice(
        struct db *db, int64_t notice, struct arena *arena, struct takedown_request *row)
{
    static const char GET[] = REQUESTS "WHERE notice = $1";
    struct page page = page_of(struct takedown_request, GET, request_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(notice)}, 1, arena, row, "there is no such request");
}

struct err store_takedown_requests(
        struct db *db, int64_t takedown, struct arena *arena, struct takedown_request **rows, size_t *row_count)
{
    static const char LIST[] = REQUESTS "WHERE takedown = $1 ORDER BY number LIMIT $2";
    struct page page = page_of(struct takedown_request, LIST, request_read, TAKEDOWN_REQUESTS_MAX);
    return page_read_whole(db, &page, (struct db_value[]){db_i64(takedown)}, 1, arena, (void **)rows, row_count);
}

/* ---- Looks ---- */

static void look_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct takedown_look *)row = (struct takedown_look){
            .looked_us = db_number(rows, 0),
            .outcome = word_find(outcomes, TAKEDOWN_OUTCOMES, db_slice(rows, 1)),
            .detail = arena_copy(arena, db_slice(rows, 2)),
    };
}

struct err store_takedown_look_add(struct work *work, int64_t takedown, enum takedown_outcome outcome, slice detail)
{
    /* Two of one moment (a clock that stands still) are one behind the other. */
    static const char ADD[] =
            "INSERT INTO takedown_look (takedown, looked_us, outcome, detail) SELECT $1, CASE WHEN $2 > last THEN $2 "
            "ELSE last + 1 END, $3, $4 FROM (SELECT COALESCE(max(looked_us), 0) AS last FROM takedown_look "
            "WHERE takedown = $1) l";
    const struct db_value values[] = {
            db_i64(takedown), db_i64(work->now_us), db_text(slice_of(outcomes[outcome])), db_text(detail)};
    return db_run(work->db, ADD, values, COUNT_OF(values), NULL);
}

struct err store_takedown_looks(struct db *db, int64_t takedown, int64_t before_us, size_t count, struct arena *arena,
        struct takedown_look **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT looked_us, outcome, detail FROM takedown_look WHERE takedown = $1 "
                               "AND looked_us < $2 ORDER BY looked_us DESC LIMIT $3";
    struct page page = page_of(struct takedown_look, LIST, look_read, count);
    const struct db_value values[] = {db_i64(takedown), db_i64(before_us)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_takedown_silent(struct db *db, int64_t takedown, int64_t *since_us)
{
    static const char SINCE[] =
            "SELECT COALESCE(min(looked_us), $2) FROM takedown_look WHERE takedown = $1 AND looked_us > "
            "(SELECT COALESCE(max(looked_us), 0) FROM takedown_look WHERE takedown = $1 AND outcome <> 'unreachable')";
    const struct db_value values[] = {db_i64(takedown), db_i64(TIME_NONE)};
    return db_one(db, SINCE, values, COUNT_OF(values), 0, since_us);
}

static void detail_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(slice *)row = arena_copy(arena, db_slice(rows, 0));
}

struct err store_takedown_first(struct db *db, int64_t takedown, struct arena *arena, slice *detail)
{
    static const char FIRST[] = "SELECT detail FROM takedown_look WHERE takedown = $1 AND outcome = 'there' AND "
                                "detail LIKE '200%' ORDER BY looked_us LIMIT 1";
    struct page page = page_of(slice, FIRST, detail_read, 1);
    struct err err = page_get(db, &page, (struct db_value[]){db_i64(takedown)}, 1, arena, detail, "");
    if (err.kind == ERR_MISSING)
        *detail = S("");
    return err.kind == ERR_MISSING ? OK : err;
}
