/* SPDX-License-Identifier: Apache-2.0 */
#include "store/part.h"

#include "base/arena.h"
#include "store/involved.h"
#include "store/organisation.h"
#include "store/page.h"
#include "store/right.h"

/* ---- Which are shared ---- */

struct err store_shared_put(struct work *work, int64_t incident, bool observables, slice why)
{
    static const char PUT[] =
            "INSERT INTO incident_shared (incident, since_us, observables, due, actor, why) VALUES ($1, $2, $3, 1, $4, "
            "$5) ON CONFLICT (incident) DO UPDATE SET since_us = CASE WHEN incident_shared.until_us IS NULL THEN "
            "incident_shared.since_us ELSE excluded.since_us END, until_us = NULL, observables = excluded.observables, "
            "due = incident_shared.due + 1, actor = excluded.actor, why = excluded.why";
    const struct db_value values[] = {
            db_i64(incident), db_i64(work->now_us), db_i64(observables), db_text(work->actor->name), db_text(why)};
    return db_run(work->db, PUT, values, COUNT_OF(values), NULL);
}

struct err store_shared_end(struct work *work, int64_t incident)
{
    static const char END[] =
            "UPDATE incident_shared SET until_us = $2, due = 0 WHERE incident = $1 AND until_us IS NULL";
    uint64_t changed;
    TRY(db_run(work->db, END, (struct db_value[]){db_i64(incident), db_i64(work->now_us)}, 2, &changed));
    return changed > 0 ? OK : err_make(ERR_MISSING, "this incident is not shared");
}

#define SHARED "SELECT incident, since_us, until_us, observables, due, actor, why FROM incident_shared WHERE "

static void shared_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct incident_shared *)row = (struct incident_shared){
            .incident = db_number(rows, 0),
            .since_us = db_number(rows, 1),
            .until_us = page_time(rows, 2),
            .observables = db_number(rows, 3) != 0,
            .due = db_number(rows, 4),
            .actor = arena_copy(arena, db_slice(rows, 5)),
            .why = arena_copy(arena, db_slice(rows, 6)),
    };
}

struct err store_shared_due(struct work *work, int64_t incident)
{
    static const char DUE[] = "UPDATE incident_shared SET due = due + 1 WHERE incident = $1 AND until_us IS NULL";
    return db_run(work->db, DUE, (struct db_value[]){db_i64(incident)}, 1, NULL);
}

struct err store_shared_done(struct work *work, int64_t incident, int64_t due, bool *done)
{
    static const char DONE[] = "UPDATE incident_shared SET due = 0 WHERE incident = $1 AND due = $2";
    uint64_t changed;
    TRY(db_run(work->db, DONE, (struct db_value[]){db_i64(incident), db_i64(due)}, 2, &changed));
    *done = changed > 0;
    return OK;
}

struct err store_shared_get(struct db *db, int64_t incident, struct arena *arena, struct incident_shared *row)
{
    static const char GET[] = SHARED "incident = $1 AND until_us IS NULL";
    struct page page = page_of(struct incident_shared, GET, shared_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(incident)}, 1, arena, row, "it is not shared");
}

struct err store_shared_next(struct db *db, struct arena *arena, struct incident_shared *row, bool *found)
{
    static const char NEXT[] = SHARED "due > 0 ORDER BY incident LIMIT $1";
    struct page page = page_of(struct incident_shared, NEXT, shared_read, 1);
    struct incident_shared *rows;
    size_t count;
    TRY(page_read(db, &page, NULL, 0, arena, (void **)&rows, &count));
    *found = count > 0;
    if (*found)
        *row = rows[0];
    return OK;
}

/* ---- Parts ---- */

struct err store_part_put(struct work *work, const struct incident_part *part)
{
    static const char PUT[] = "INSERT INTO incident_part (source, id, incident, audience) VALUES ($1, $2, $3, $4) "
                              "ON CONFLICT (source, id) DO UPDATE SET incident = excluded.incident, "
                              "audience = excluded.audience";
    const struct db_value values[] = {
            db_i64(part->source), db_text(part->id), db_text(part->incident), db_i64(part->audience)};
    return db_run(work->db, PUT, values, COUNT_OF(values), NULL);
}

static void part_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct incident_part *)row = (struct incident_part){
            .source = db_number(rows, 0),
            .id = arena_copy(arena, db_slice(rows, 1)),
            .incident = arena_copy(arena, db_slice(rows, 2)),
            .audience = db_number(rows, 3),
    };
}

struct err store_part_get(struct db *db, int64_t source, slice id, struct arena *arena, struct incident_part *part)
{
    static const char GET[] = "SELECT source, id, incident, audience FROM incident_part WHERE source = $1 AND id = $2";
    struct page page = page_of(struct incident_part, GET, part_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(source), db_text(id)}, 2, arena, part,
            "that is no part of an incident");
}

/* Of whose incident; one that is not known here (yet) is nobody's to restrict. */
struct whose {
    slice flags;
    int64_t holder;
};

static void whose_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct whose *)row = (struct whose){arena_copy(arena, db_slice(rows, 0)), db_number(rows, 1)};
}

struct err store_part_hidden(
        struct db *db, const struct actor *actor, int64_t source, slice id, struct arena *arena, bool *hidden)
{
    static const char WHOSE[] = "SELECT COALESCE(i.flags, ''), COALESCE(i.holder, 0) FROM incident_part p LEFT JOIN "
                                "incident i ON i.identity = p.incident WHERE p.source = $1 AND p.id = $2 LIMIT $3";
    struct page page = page_of(struct whose, WHOSE, whose_read, 1);
    bool reads = store_right_check(actor, VERB_READ_INCIDENTS, 0, arena, NULL).kind == ERR_NONE;
    struct whose *rows;
    size_t count;
    *hidden = false;
    if (reads && store_restricted_seen(actor, S("restricted"), 0)) /* sees them all: no need to look */
        return OK;
    TRY(page_read(db, &page, (struct db_value[]){db_i64(source), db_text(id)}, 2, arena, (void **)&rows, &count));
    *hidden = count > 0 && !(reads && store_restricted_seen(actor, rows[0].flags, rows[0].holder));
    return OK;
}

struct err store_part_list(struct db *db, slice incident, int64_t source, slice after, size_t count,
        struct arena *arena, struct incident_part **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT source, id, incident, audience FROM incident_part WHERE incident = $1 "
                               "AND (source, id) > ($2, $3) ORDER BY source, id LIMIT $4";
    struct page page = page_of(struct incident_part, LIST, part_read, count);
    const struct db_value values[] = {db_text(incident), db_i64(source), db_text(after)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_part_is_for(
        struct db *db, const struct incident_part *part, int64_t organisation, bool as_if_shared, bool *is_for)
{
    static const char SEEN[] = "SELECT count(*) FROM incident i WHERE i.identity = $1 AND ($3 = 1 OR EXISTS (SELECT 1 "
                               "FROM incident_shared s WHERE s.incident = i.number AND s.until_us IS NULL)) "
                               "AND (i.home = $2 OR EXISTS (SELECT 1 FROM incident_party p WHERE p.incident = i.number "
                               "AND p.organisation = $2 AND p.until_us IS NULL AND p.role <> 'liaison'))";
    const struct db_value values[] = {db_text(part->incident), db_i64(organisation), db_i64(as_if_shared)};
    int64_t count = 0;
    if (part->audience == AUDIENCE_PARTIES || (part->audience > 0 && part->audience == organisation))
        TRY(db_one(db, SEEN, values, COUNT_OF(values), 0, &count));
    *is_for = count > 0;
    return OK;
}

static void name_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(slice *)row = arena_copy(arena, db_slice(rows, 0));
}

struct err store_part_secrets(struct db *db, slice incident, struct arena *arena, slice **names, size_t *count)
{
    static const char NAMES[] =
            "SELECT DISTINCT n.name FROM organisation o JOIN organisation_name n ON n.organisation = o.number "
            "WHERE o.relation = 'constituent' AND NOT EXISTS (SELECT 1 FROM incident i JOIN incident_party p "
            "ON p.incident = i.number WHERE i.identity = $1 AND p.organisation = o.number AND p.until_us IS NULL "
            "AND p.role <> 'liaison') LIMIT $2";
    struct page page = page_of(slice, NAMES, name_read, ORGANISATION_NAMES_MAX);
    return page_read_whole(db, &page, (struct db_value[]){db_text(incident)}, 1, arena, (void **)names, count);
}
