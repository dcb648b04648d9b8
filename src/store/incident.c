/* SPDX-License-Identifier: Apache-2.0 */
#include "store/incident.h"

#include "base/arena.h"
#include "store/case_search.h"
#include "store/page.h"

static const char *const states[INCIDENT_STATES] = {
        [INCIDENT_NEW] = "new",
        [INCIDENT_TRIAGED] = "triaged",
        [INCIDENT_OPEN] = "open",
        [INCIDENT_CONTAINED] = "contained",
        [INCIDENT_RECOVERED] = "recovered",
        [INCIDENT_CLOSED] = "closed",
        [INCIDENT_PUBLISHED] = "published",
        [INCIDENT_NOT_ONE] = "not-an-incident",
        [INCIDENT_DUPLICATE] = "duplicate",
        [INCIDENT_TRANSFERRED] = "transferred",
};

static const char *const whens[INCIDENT_WHENS] = {
        [INCIDENT_OCCURRED_AT] = "occurred",
        [INCIDENT_DETECTED_AT] = "detected",
        [INCIDENT_KNOWN_AT] = "known",
        [INCIDENT_REPORTED_AT] = "reported",
        [INCIDENT_ACKNOWLEDGED_AT] = "acknowledged",
        [INCIDENT_CONTAINED_AT] = "contained",
        [INCIDENT_RECOVERED_AT] = "recovered",
        [INCIDENT_CLOSED_AT] = "closed",
};

const char *store_incident_state_name(enum incident_state state)
{
    return states[state];
}

bool store_incident_state_find(slice name, enum incident_state *state)
{
    for (enum incident_state i = 0; i < INCIDENT_STATES; i++)
        if (slice_eq(name, slice_of(states[i]))) {
            *state = i;
            return true;
        }
    return false;
}

const char *store_incident_when_name(enum incident_when when)
{
    return whens[when];
}

bool store_incident_when_find(slice name, enum incident_when *when)
{
    for (enum incident_when i = 0; i < INCIDENT_WHENS; i++)
        if (slice_eq(name, slice_of(whens[i]))) {
            *when = i;
            return true;
        }
    return false;
}

/* ---- Rows ---- */

#define COLUMNS                                                                                                        \
    "SELECT i.number, i.identity, i.home, i.title, i.state, i.class, i.local_class, i.severity, i.criticality, "       \
    "i.determination, i.marking, i.sector, i.vital, i.personal_data, i.flags, i.holder, i.same_as, i.occurred_us, "    \
    "i.detected_us, i.known_us, i.reported_us, i.acknowledged_us, i.contained_us, i.recovered_us, i.closed_us, "       \
    "i.opened_us, i.changed_us, i.assets FROM "
#define ROWS COLUMNS "incident i "
#define UNDER_WORK "state NOT IN ('closed', 'published', 'not-an-incident', 'duplicate', 'transferred') "
enum { AT = 17 }; /* column of the first of the times */

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct incident *incident = row;
    *incident = (struct incident){
            .number = db_number(rows, 0),
            .identity = arena_copy(arena, db_slice(rows, 1)),
            .home = db_number(rows, 2),
            .title = arena_copy(arena, db_slice(rows, 3)),
            .class = arena_copy(arena, db_slice(rows, 5)),
            .local_class = arena_copy(arena, db_slice(rows, 6)),
            .criticality = db_number(rows, 8),
            .determination = arena_copy(arena, db_slice(rows, 9)),
            .marking = arena_copy(arena, db_slice(rows, 10)),
            .sector = arena_copy(arena, db_slice(rows, 11)),
            .vital = db_number(rows, 12) != 0,
            .personal_data = db_number(rows, 13) != 0,
            .flags = arena_copy(arena, db_slice(rows, 14)),
            .holder = db_number(rows, 15),
            .same_as = db_number(rows, 16),
            .opened_us = db_number(rows, AT + INCIDENT_WHENS),
            .changed_us = db_number(rows, AT + INCIDENT_WHENS + 1),
            .assets = arena_copy(arena, db_slice(rows, AT + INCIDENT_WHENS + 2)),
    };
    (void)store_incident_state_find(db_slice(rows, 4), &incident->state);
    (void)store_severity_find(db_slice(rows, 7), &incident->severity);
    for (enum incident_when i = 0; i < INCIDENT_WHENS; i++)
        incident->at[i] = page_time(rows, AT + i);
}

static struct db_value number_or_null(int64_t number)
{
    return number == 0 ? db_null() : db_i64(number);
}

/* From title on, but class and local_class, in their order, to opened_us. */
#define CHANGED_VALUES(row)                                                                                            \
    db_text((row)->title), db_text(slice_of(states[(row)->state])),                                                    \
            db_text(slice_of(store_severity_name((row)->severity))), db_i64((row)->criticality),                       \
            db_text((row)->determination), db_text((row)->marking), db_text((row)->sector), db_i64((row)->vital),      \
            db_i64((row)->personal_data), db_text((row)->flags), number_or_null((row)->holder),                        \
            number_or_null((row)->same_as), page_time_value((row)->at[INCIDENT_OCCURRED_AT]),                          \
            page_time_value((row)->at[INCIDENT_DETECTED_AT]), page_time_value((row)->at[INCIDENT_KNOWN_AT]),           \
            page_time_value((row)->at[INCIDENT_REPORTED_AT]), page_time_value((row)->at[INCIDENT_ACKNOWLEDGED_AT]),    \
            page_time_value((row)->at[INCIDENT_CONTAINED_AT]), page_time_value((row)->at[INCIDENT_RECOVERED_AT]),      \
            page_time_value((row)->at[INCIDENT_CLOSED_AT])

struct err store_incident_class(struct work *work, int64_t incident, slice class, slice local_class, slice why)
{
    /* Two in one microsecond are one: the later holds. */
    static const char ADD[] =
            "INSERT INTO incident_class (incident, from_us, class, local_class, actor, why) VALUES ($1, $2, $3, $4, "
            "$5, $6) ON CONFLICT (incident, from_us) DO UPDATE SET class = excluded.class, "
            "local_class = excluded.local_class, actor = excluded.actor, why = excluded.why";
    static const char HOLD[] = "UPDATE incident SET class = $2, local_class = $3, changed_us = $4 WHERE number = $1";
    const struct db_value row[] = {db_i64(incident), db_i64(work->now_us), db_text(class), db_text(local_class),
            db_text(work->actor->name), db_text(why)};
    TRY(db_run(work->db, ADD, row, COUNT_OF(row), NULL));
    const struct db_value now[] = {db_i64(incident), db_text(class), db_text(local_class), db_i64(work->now_us)};
    TRY(store_case_words(work, CASE_WORDS_INCIDENT, incident));
    return db_run(work->db, HOLD, now, COUNT_OF(now), NULL);
}

struct err store_incident_assets(struct work *work, int64_t incident, slice assets)
{
    static const char SET[] = "UPDATE incident SET assets = $2, changed_us = $3 WHERE number = $1";
    const struct db_value values[] = {db_i64(incident), db_text(assets), db_i64(work->now_us)};
    return db_run(work->db, SET, values, COUNT_OF(values), NULL);
}

struct err store_incident_add(struct work *work, const struct incident *put, int64_t *number)
{
    static const char ADD[] =
            "INSERT INTO incident (number, identity, home, opened_us, changed_us, class, local_class, title, state, "
            "severity, criticality, determination, marking, sector, vital, personal_data, flags, holder, same_as, "
            "occurred_us, detected_us, known_us, reported_us, acknowledged_us, contained_us, recovered_us, closed_us) "
            "VALUES ($1, $2, $3, $4, $4, '', '', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, "
            "$20, $21, $22, $23, $24)";
    int64_t fresh;
    TRY(store_number(work->db, "incident", 1, &fresh));
    const struct db_value values[] = {
            db_i64(fresh), db_text(put->identity), db_i64(put->home), db_i64(work->now_us), CHANGED_VALUES(put)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    if (put->class.len > 0 || put->local_class.len > 0)
        TRY(store_incident_class(work, fresh, put->class, put->local_class, S("")));
    *number = fresh;
    return store_case_words(work, CASE_WORDS_INCIDENT, fresh);
}

struct err store_incident_keep(struct work *work, int64_t number, struct incident *row)
{
    /* Changes nothing, and makes who changes that row wait for us, and us for them. */
    static const char KEEP[] = "UPDATE incident SET state = state WHERE number = $1";
    TRY(db_run(work->db, KEEP, (struct db_value[]){db_i64(number)}, 1, NULL));
    return store_incident_get(work->db, number, work->arena, row);
}

struct err store_incident_change(struct work *work, const struct incident *row)
{
    static const char CHANGE[] =
            "UPDATE incident SET changed_us = $2, title = $3, state = $4, severity = $5, criticality = $6, "
            "determination = $7, marking = $8, sector = $9, vital = $10, personal_data = $11, flags = $12, "
            "holder = $13, same_as = $14, occurred_us = $15, detected_us = $16, known_us = $17, reported_us = $18, "
            "acknowledged_us = $19, contained_us = $20, recovered_us = $21, closed_us = $22 WHERE number = $1";
    const struct db_value values[] = {db_i64(row->number), db_i64(work->now_us), CHANGED_VALUES(row)};
    TRY(store_case_words(work, CASE_WORDS_INCIDENT, row->number));
    return db_run(work->db, CHANGE, values, COUNT_OF(values), NULL);
}

struct err store_incident_get(struct db *db, int64_t number, struct arena *arena, struct incident *row)
{
    static const char GET[] = ROWS "WHERE number = $1";
    struct page page = page_of(struct incident, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, row, "there is no such incident");
}

struct err store_incident_of_identity(struct db *db, slice identity, struct arena *arena, struct incident *row)
{
    static const char GET[] = ROWS "WHERE identity = $1";
    struct page page = page_of(struct incident, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_text(identity)}, 1, arena, row, "there is no such incident");
}

struct err store_incident_count(struct db *db, int64_t home, int64_t *count)
{
    static const char COUNT[] = "SELECT count(*) FROM incident WHERE home = $1";
    return db_one(db, COUNT, (struct db_value[]){db_i64(home)}, 1, 0, count);
}

/* ---- Lists ---- */

static struct err list(struct db *db, const char *sql, const struct db_value *values, size_t value_count, size_t count,
        struct arena *arena, struct incident **rows, size_t *row_count)
{
    struct page page = page_of(struct incident, sql, row_read, count);
    return page_read(db, &page, values, value_count, arena, (void **)rows, row_count);
}

struct err store_incident_latest(struct db *db, enum incident_which which, int64_t before, size_t count,
        struct arena *arena, struct incident **rows, size_t *row_count)
{
    static const char ALL[] = ROWS "WHERE number < $1 ORDER BY number DESC LIMIT $2";
    static const char OPEN[] = ROWS "WHERE number < $1 AND " UNDER_WORK "ORDER BY number DESC LIMIT $2";
    static const char *const texts[INCIDENT_WHICHES] = {[INCIDENT_ALL] = ALL, [INCIDENT_UNDER_WORK] = OPEN};
    return list(db, texts[which], (struct db_value[]){db_i64(before)}, 1, count, arena, rows, row_count);
}

struct err store_incident_of_state(struct db *db, enum incident_state state, int64_t before, size_t count,
        struct arena *arena, struct incident **rows, size_t *row_count)
{
    static const char LIST[] = ROWS "WHERE state = $1 AND number < $2 ORDER BY number DESC LIMIT $3";
    const struct db_value values[] = {db_text(slice_of(states[state])), db_i64(before)};
    return list(db, LIST, values, COUNT_OF(values), count, arena, rows, row_count);
}

struct err store_incident_of_holder(struct db *db, int64_t person, int64_t before, size_t count, struct arena *arena,
        struct incident **rows, size_t *row_count)
{
    static const char LIST[] = ROWS "WHERE holder = $1 AND number < $2 AND " UNDER_WORK "ORDER BY number DESC LIMIT $3";
    const struct db_value values[] = {db_i64(person), db_i64(before)};
    return list(db, LIST, values, COUNT_OF(values), count, arena, rows, row_count);
}

struct err store_incident_of_party(struct db *db, int64_t organisation, int64_t before, size_t count,
        struct arena *arena, struct incident **rows, size_t *row_count)
{
    /* Once, whatever roles it has. CROSS JOIN: in the order of the parties' index. */
    static const char LIST[] =
            COLUMNS "incident_party p CROSS JOIN incident i WHERE i.number = p.incident "
                    "AND p.organisation = $1 AND p.until_us IS NULL AND p.incident < $2 AND NOT EXISTS (SELECT 1 "
                    "FROM incident_party e WHERE e.organisation = p.organisation AND e.incident = p.incident "
                    "AND e.until_us IS NULL AND e.role < p.role) ORDER BY p.incident DESC LIMIT $3";
    const struct db_value values[] = {db_i64(organisation), db_i64(before)};
    return list(db, LIST, values, COUNT_OF(values), count, arena, rows, row_count);
}

/* ---- What it was before ---- */

static void class_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct incident_class *)row = (struct incident_class){
            .from_us = db_number(rows, 0),
            .class = arena_copy(arena, db_slice(rows, 1)),
            .local_class = arena_copy(arena, db_slice(rows, 2)),
            .actor = arena_copy(arena, db_slice(rows, 3)),
            .why = arena_copy(arena, db_slice(rows, 4)),
    };
}

struct err store_incident_classes(
        struct db *db, int64_t incident, struct arena *arena, struct incident_class **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT from_us, class, local_class, actor, why FROM incident_class WHERE incident = $1 "
                               "ORDER BY from_us LIMIT $2";
    struct page page = page_of(struct incident_class, LIST, class_read, INCIDENT_ROWS_MAX);
    return page_read_whole(db, &page, (struct db_value[]){db_i64(incident)}, 1, arena, (void **)rows, row_count);
}

struct err store_incident_time(struct work *work, int64_t incident, const struct incident_time *put)
{
    static const char ADD[] =
            "INSERT INTO incident_time (incident, changed_us, what, before_us, after_us, actor, proposer, why) VALUES "
            "($1, $2, $3, $4, $5, $6, $7, $8)";
    const struct db_value values[] = {db_i64(incident), db_i64(work->now_us), db_text(slice_of(whens[put->what])),
            page_time_value(put->before_us), page_time_value(put->after_us), db_text(work->actor->name),
            db_text(put->proposer), db_text(put->why)};
    return db_run(work->db, ADD, values, COUNT_OF(values), NULL);
}

static void time_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct incident_time *time = row;
    *time = (struct incident_time){
            .changed_us = db_number(rows, 0),
            .before_us = page_time(rows, 2),
            .after_us = page_time(rows, 3),
            .actor = arena_copy(arena, db_slice(rows, 4)),
            .proposer = arena_copy(arena, db_slice(rows, 5)),
            .why = arena_copy(arena, db_slice(rows, 6)),
    };
    (void)store_incident_when_find(db_slice(rows, 1), &time->what);
}

struct err store_incident_times(
        struct db *db, int64_t incident, struct arena *arena, struct incident_time **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT changed_us, what, before_us, after_us, actor, proposer, why FROM incident_time "
                               "WHERE incident = $1 ORDER BY changed_us, what LIMIT $2";
    struct page page = page_of(struct incident_time, LIST, time_read, INCIDENT_ROWS_MAX);
    return page_read_whole(db, &page, (struct db_value[]){db_i64(incident)}, 1, arena, (void **)rows, row_count);
}
