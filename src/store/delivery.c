/* SPDX-License-Identifier: Apache-2.0 */
#include "store/delivery.h"

#include "base/arena.h"
#include "store/page.h"
#include "store/partner.h"

#define WHY_MAX 1000

#define COLUMNS "partner, agreement, sent_us, told, log_us, next_us, tried_us, failures, why, sent, refused"

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct delivery *)row = (struct delivery){
            .partner = db_number(rows, 0),
            .agreement = db_number(rows, 1),
            .sent_us = db_number(rows, 2),
            .told = db_number(rows, 3),
            .log_us = db_number(rows, 4),
            .next_us = db_number(rows, 5),
            .tried_us = db_number(rows, 6),
            .failures = db_number(rows, 7),
            .why = arena_copy(arena, db_slice(rows, 8)),
            .sent = db_number(rows, 9),
            .refused = db_number(rows, 10),
    };
}

/* ---- Turns ---- */

/* Rows for partners that have none yet. */
static struct err rows_make(struct work *work)
{
    static const char MAKE[] =
            "INSERT INTO delivery (partner, agreement, sent_us, told, log_us, next_us, busy_us, tried_us, failures, "
            "why, sent, "
            "refused) SELECT p.number, 0, 0, 0, 0, 0, 0, 0, 0, '', 0, 0 FROM partner p WHERE NOT EXISTS "
            "(SELECT 1 FROM delivery d WHERE d.partner = p.number) ON CONFLICT (partner) DO NOTHING";
    return db_run(work->db, MAKE, NULL, 0, NULL);
}

struct err store_delivery_free(struct work *work)
{
    static const char FREE[] = "UPDATE delivery SET busy_us = 0 WHERE busy_us > 0";
    return db_run(work->db, FREE, NULL, 0, NULL);
}

/*
 * What may be done with whom: statements go to everybody who was confirmed, and to whom it ended with only those that
 * say so; all else only while nothing stands against it.
 */
#define HAS_ENDED "(p.state = 'ended' OR (p.ended_us IS NOT NULL AND p.ended_us <= $1))"
#define STATEMENT_MAY "(NOT " HAS_ENDED " OR o.type LIKE 'recall%' OR o.type LIKE '%.end' OR o.type = 'key.revoke')"
#define STATEMENT_GOES                                                                                                 \
    "EXISTS (SELECT 1 FROM outgoing_statement o WHERE o.partner = d.partner AND o.sent_us IS NULL "                    \
    "AND o.refused = '' AND " STATEMENT_MAY ") "
#define LOG_IS_DUE "(p.kind = 'node' AND d.log_us <= $1) "
/* The latest agreement, whose log goes on for a while when it has ended. */
#define AGREEMENT                                                                                                      \
    "a.number = (SELECT max(latest.number) FROM agreement latest WHERE latest.partner = d.partner AND latest.log > 0)"
/* A release row behind the place, valid and under a signed head. Whether all holds is asked again when it is read. */
#define RELEASE_GOES                                                                                                   \
    "((p.remote_inbox <> '' OR (p.kind = 'taxii' AND p.url <> '')) AND EXISTS (SELECT 1 FROM agreement a "             \
    "JOIN log_head h ON h.log = a.log JOIN released r ON r.agreement = a.number WHERE " AGREEMENT " AND r.added_us > " \
    "CASE WHEN d.agreement = a.number THEN d.sent_us ELSE 0 END AND r.entry < h.size AND r.from_us <= $1 "             \
    "AND r.until_us > $1 AND (r.recall = 1 OR (r.generation = a.generation AND a.state = 'in-force')))) "
#define LOG_HAS_GROWN                                                                                                  \
    "(p.kind = 'node' AND EXISTS (SELECT 1 FROM agreement a JOIN log_head h ON h.log = a.log WHERE " AGREEMENT         \
    " AND h.size > CASE WHEN d.agreement = a.number THEN d.told ELSE 0 END)) "
#define DUE                                                                                                            \
    "d.busy_us <= $1 AND d.next_us <= $1 AND p.state <> 'candidate' AND (" STATEMENT_GOES                              \
    "OR (" PARTNER_IS_SERVED("$1") " AND (" LOG_IS_DUE "OR " RELEASE_GOES "OR " LOG_HAS_GROWN ")))"

struct err store_delivery_due(struct db *db, int64_t now_us, bool *due)
{
    static const char IS_DUE[] =
            "SELECT CASE WHEN EXISTS (SELECT 1 FROM partner p WHERE NOT EXISTS "
            "(SELECT 1 FROM delivery d WHERE d.partner = p.number)) OR EXISTS "
            "(SELECT 1 FROM delivery d JOIN partner p ON p.number = d.partner WHERE " DUE ") THEN 1 ELSE 0 END";
    int64_t is;
    TRY(db_one(db, IS_DUE, (struct db_value[]){db_i64(now_us)}, 1, 0, &is));
    *due = is != 0;
    return OK;
}

/* The condition stands outside, too: of two who chose the same one, the later finds it taken. */
struct err store_delivery_claim(struct work *work, int64_t until_us, struct delivery *delivery, bool *found)
{
    static const char CLAIM[] = "UPDATE delivery SET busy_us = $2, tried_us = $1 WHERE busy_us <= $1 AND partner = "
                                "(SELECT d.partner FROM delivery d JOIN partner p ON p.number = d.partner WHERE " DUE
                                " ORDER BY d.tried_us LIMIT 1) RETURNING " COLUMNS;
    struct page page = page_of(struct delivery, CLAIM, row_read, 1);
    const struct db_value values[] = {db_i64(work->now_us), db_i64(until_us)};
    TRY(rows_make(work));
    struct err err = page_get(work->db, &page, values, COUNT_OF(values), work->arena, delivery, "nobody is due");
    *found = err.kind == ERR_NONE;
    return err.kind == ERR_MISSING ? OK : err;
}

struct err store_delivery_end(struct work *work, int64_t partner, slice why, int64_t next_us)
{
    static const char WELL[] =
            "UPDATE delivery SET busy_us = 0, next_us = $2, failures = 0, why = '' WHERE partner = $1";
    static const char BADLY[] = "UPDATE delivery SET busy_us = 0, next_us = $2, failures = failures + 1, why = $3 "
                                "WHERE partner = $1";
    bool well = why.len == 0;
    const struct db_value values[] = {
            db_i64(partner), db_i64(next_us), db_text(store_text_keep(work->arena, why, WHY_MAX))};
    return db_run(work->db, well ? WELL : BADLY, values, COUNT_OF(values) - well, NULL);
}

struct err store_delivery_get(struct db *db, int64_t partner, struct arena *arena, struct delivery *delivery)
{
    static const char GET[] = "SELECT " COLUMNS " FROM delivery WHERE partner = $1";
    struct page page = page_of(struct delivery, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(partner)}, 1, arena, delivery, "nothing was sent to it yet");
}

struct err store_delivery_begin(struct work *work, int64_t partner, int64_t agreement)
{
    static const char BEGIN[] =
            "UPDATE delivery SET agreement = $2, sent_us = 0, told = 0 WHERE partner = $1 AND agreement <> $2";
    return db_run(work->db, BEGIN, (struct db_value[]){db_i64(partner), db_i64(agreement)}, 2, NULL);
}

struct err store_delivery_sent(struct work *work, int64_t partner, int64_t sent_us, uint64_t sent, uint64_t refused)
{
    static const char SENT[] = "UPDATE delivery SET sent_us = $2, sent = sent + $3, refused = refused + $4 "
                               "WHERE partner = $1 AND sent_us < $2";
    const struct db_value values[] = {
            db_i64(partner), db_i64(sent_us), db_i64((int64_t)sent), db_i64((int64_t)refused)};
    return db_run(work->db, SENT, values, COUNT_OF(values), NULL);
}

struct err store_delivery_told(struct work *work, int64_t partner, int64_t size)
{
    static const char TOLD[] = "UPDATE delivery SET told = $2 WHERE partner = $1 AND told < $2";
    return db_run(work->db, TOLD, (struct db_value[]){db_i64(partner), db_i64(size)}, 2, NULL);
}

struct err store_delivery_look(struct work *work, int64_t partner, int64_t at_us)
{
    static const char LOOK[] = "UPDATE delivery SET log_us = $2 WHERE partner = $1 AND log_us > $2";
    TRY(rows_make(work));
    return db_run(work->db, LOOK, (struct db_value[]){db_i64(partner), db_i64(at_us)}, 2, NULL);
}

struct err store_delivery_inbox(struct db *db, int64_t collection, int64_t *partner)
{
    static const char INBOX[] = "SELECT number FROM partner WHERE inbox = $1";
    return db_one(db, INBOX, (struct db_value[]){db_i64(collection)}, 1, 0, partner);
}

struct err store_delivery_looked(struct work *work, int64_t partner, int64_t next_us)
{
    static const char LOOKED[] = "UPDATE delivery SET log_us = $2 WHERE partner = $1";
    return db_run(work->db, LOOKED, (struct db_value[]){db_i64(partner), db_i64(next_us)}, 2, NULL);
}

struct err store_delivery_hurry(struct work *work, int64_t partner)
{
    static const char HURRY[] = "UPDATE delivery SET next_us = 0 WHERE partner = $1 AND next_us > $2";
    return db_run(work->db, HURRY, (struct db_value[]){db_i64(partner), db_i64(work->now_us)}, 2, NULL);
}

static void head_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct delivery_head *)row = (struct delivery_head){
            .origin = arena_copy(arena, db_slice(rows, 0)),
            .folder = arena_copy(arena, db_slice(rows, 1)),
            .checkpoint = arena_copy(arena, db_slice(rows, 2)),
            .log = db_number(rows, 3),
            .size = db_number(rows, 4),
            .agreement = db_number(rows, 5),
            .told_from = db_number(rows, 6),
    };
}

struct err store_delivery_head(struct db *db, int64_t partner, struct arena *arena, struct delivery_head *head)
{
    static const char HEAD[] =
            "SELECT l.origin, l.folder, h.checkpoint, l.number, h.size, a.number, COALESCE((SELECT max(e.seq) + 1 "
            "FROM log_entry e WHERE e.log = l.number AND e.seq < h.size AND e.kind <> 'receipt' AND e.seq >= "
            "CASE WHEN d.agreement = a.number THEN d.told ELSE 0 END), 0) FROM delivery d JOIN agreement a "
            "ON " AGREEMENT " JOIN log l ON l.number = a.log JOIN log_head h ON h.log = l.number WHERE d.partner = $1";
    struct page page = page_of(struct delivery_head, HEAD, head_read, 1);
    return page_get(
            db, &page, (struct db_value[]){db_i64(partner)}, 1, arena, head, "no head of a log with it is signed yet");
}

struct err store_delivery_log(struct db *db, int64_t partner, slice origin, int64_t *log)
{
    static const char LOG[] = "SELECT l.number FROM agreement a JOIN log l ON l.number = a.log "
                              "WHERE a.partner = $1 AND l.origin = $2 LIMIT 1";
    const struct db_value values[] = {db_i64(partner), db_text(origin)};
    TRY(db_one(db, LOG, values, COUNT_OF(values), 0, log));
    return *log != 0 ? OK
                     : err_make(ERR_MISSING, "there is no log of that origin about an agreement with this partner");
}

/* ---- Statements ---- */

#define STATEMENTS "SELECT o.number, o.partner, o.type, o.statement, o.made_us, o.sent_us, o.refused "

static void statement_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct outgoing_statement *)row = (struct outgoing_statement){
            .number = db_number(rows, 0),
            .partner = db_number(rows, 1),
            .type = arena_copy(arena, db_slice(rows, 2)),
            .statement = arena_copy(arena, db_slice(rows, 3)),
            .made_us = db_number(rows, 4),
            .sent_us = page_time(rows, 5),
            .refused = arena_copy(arena, db_slice(rows, 6)),
    };
}

struct err store_statement_put(struct work *work, int64_t partner, slice type, slice statement, int64_t *number)
{
    static const char PUT[] = "INSERT INTO outgoing_statement (number, partner, type, statement, made_us, refused) "
                              "VALUES ($1, $2, $3, $4, $5, '')";
    int64_t fresh;
    TRY(store_text_check(work->arena, "type of a statement", type, STORE_NAME_MAX));
    TRY(store_number(work->db, "outgoing_statement", 1, &fresh));
    const struct db_value values[] = {
            db_i64(fresh), db_i64(partner), db_text(type), db_bytes(statement), db_i64(work->now_us)};
    TRY(db_run(work->db, PUT, values, COUNT_OF(values), NULL));
    *number = fresh;
    return OK;
}

struct err store_statement_next(
        struct db *db, int64_t partner, struct arena *arena, struct outgoing_statement *statement)
{
    static const char NEXT[] = STATEMENTS "FROM outgoing_statement o JOIN partner p ON p.number = o.partner WHERE "
                                          "o.partner = $2 AND o.sent_us IS NULL "
                                          "AND o.refused = '' AND " STATEMENT_MAY " ORDER BY o.number LIMIT 1";
    struct page page = page_of(struct outgoing_statement, NEXT, statement_read, 1);
    const struct db_value values[] = {db_i64(clock_now_us()), db_i64(partner)};
    return page_get(db, &page, values, COUNT_OF(values), arena, statement, "no statement waits for it");
}

struct err store_statement_done(struct work *work, int64_t number, slice refused)
{
    static const char SENT[] = "UPDATE outgoing_statement SET sent_us = $2 WHERE number = $1";
    static const char REFUSED[] = "UPDATE outgoing_statement SET refused = $2 WHERE number = $1";
    const struct db_value why = db_text(store_text_keep(work->arena, refused, WHY_MAX));
    const struct db_value values[] = {db_i64(number), refused.len == 0 ? db_i64(work->now_us) : why};
    return db_run(work->db, refused.len == 0 ? SENT : REFUSED, values, COUNT_OF(values), NULL);
}

struct err store_statement_list(struct db *db, int64_t partner, int64_t after, size_t count, struct arena *arena,
        struct outgoing_statement **rows, size_t *row_count)
{
    static const char LIST[] = STATEMENTS "FROM outgoing_statement o WHERE o.partner = $1 AND o.number > $2 "
                                          "ORDER BY o.number LIMIT $3";
    struct page page = page_of(struct outgoing_statement, LIST, statement_read, count);
    return page_read(
            db, &page, (struct db_value[]){db_i64(partner), db_i64(after)}, 2, arena, (void **)rows, row_count);
}
