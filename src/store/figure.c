/* SPDX-License-Identifier: Apache-2.0 */
#include "store/figure.h"

#include <stdlib.h>

#include "base/arena.h"
#include "store/page.h"

#define NOW "9223372036854775807" /* FIGURE_NOW */

/* ---- What is common ---- */

/*
 * Of incidents from $1 up to $2, as of $3, of the organisation $4; from $5 on the acts by state. The sign before i.home
 * keeps SQLite from its index, by which nearly all incidents would be read: the span is what narrows.
 */

#define VALUES (4 + INCIDENT_STATES)

static void values_of(const struct figure_span *span, struct db_value *values)
{
    values[0] = db_i64(span->from_us);
    values[1] = db_i64(span->until_us);
    values[2] = db_i64(span->as_of_us);
    values[3] = db_i64(span->own);
    for (size_t i = 0; i < INCIDENT_STATES; i++)
        values[4 + i] = db_text(slice_of(span->acts[i]));
}

#define OURS                                                                                                           \
    "i.opened_us >= $1 AND i.opened_us < $2 AND i.opened_us <= $3 AND +i.home = $4 AND i.flags NOT LIKE '%exercise%' "

/* The class that held, and the last act that tells of a state; or the state itself. */
#define CLASS                                                                                                          \
    "CASE WHEN $3 = " NOW " THEN i.class ELSE COALESCE((SELECT c.class FROM incident_class c WHERE c.incident = "      \
    "i.number AND c.from_us <= $3 ORDER BY c.from_us DESC LIMIT 1), '') END "
#define STATE                                                                                                          \
    "CASE WHEN $3 = " NOW " THEN i.state ELSE COALESCE((SELECT j.act FROM journal j WHERE j.subject = 'incident/' "    \
    "|| i.number AND j.time_us <= $3 AND j.act IN ($5, $6, $7, $8, $9, $10, $11, $12, $13, $14) "                      \
    "ORDER BY j.seq DESC LIMIT 1), '') END "

static enum incident_state state_of(slice word, const struct figure_span *span)
{
    enum incident_state state = INCIDENT_NEW;
    if (store_incident_state_find(word, &state))
        return state;
    for (size_t i = 0; i < INCIDENT_STATES; i++)
        if (slice_eq(word, slice_of(span->acts[i])))
            return (enum incident_state)i;
    return INCIDENT_NEW;
}

/* ---- Incidents ---- */

/* The act or state as it was read, until its span is at hand. */
struct read_incident {
    struct figure_incident is;
    slice state;
};

static void incident_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct read_incident *read = row;
    read->is.number = db_number(rows, 0);
    read->is.class = arena_copy(arena, db_slice(rows, 1));
    read->state = arena_copy(arena, db_slice(rows, 2));
    (void)store_severity_find(db_slice(rows, 3), &read->is.severity);
    for (size_t i = 0; i < INCIDENT_WHENS; i++)
        read->is.at[i] = page_time(rows, 4 + i);
}

/* A time that was changed since. */
struct undo {
    int64_t incident, before_us;
    enum incident_when what;
    bool known;
};

static void undo_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct undo *undo = row;
    (void)arena;
    undo->incident = db_number(rows, 0);
    undo->known = store_incident_when_find(db_slice(rows, 1), &undo->what);
    undo->before_us = page_time(rows, 2);
}

static int by_number(const void *a, const void *b)
{
    const struct figure_incident *left = a, *right = b;
    return left->number < right->number ? -1 : left->number > right->number;
}

/* Times as they were told at the moment: changes since are taken back, the latest first. */
static struct err times_undo(struct db *db, const struct figure_span *span, struct arena *arena,
        struct figure_incident *rows, size_t row_count)
{
    static const char CHANGED[] =
            "SELECT t.incident, t.what, t.before_us FROM incident i JOIN incident_time t ON t.incident = i.number "
            "WHERE " OURS "AND t.changed_us > $3 ORDER BY t.changed_us DESC LIMIT $5";
    struct page page = page_of(struct undo, CHANGED, undo_read, FIGURE_ROWS_MAX);
    struct db_value values[VALUES];
    struct undo *undos;
    size_t count;
    values_of(span, values);
    TRY(page_read_whole(db, &page, values, 4, arena, (void **)&undos, &count));
    for (size_t i = 0; i < count; i++) {
        const struct figure_incident key = {.number = undos[i].incident};
        struct figure_incident *found = bsearch(&key, rows, row_count, sizeof *rows, by_number);
        if (found != NULL && undos[i].known)
            found->at[undos[i].what] = undos[i].before_us;
    }
    for (size_t i = 0; i < row_count; i++)
        for (size_t j = 0; j < INCIDENT_WHENS; j++)
            if (rows[i].at[j] > span->as_of_us)
                rows[i].at[j] = TIME_NONE;
    return OK;
}

struct err store_figure_incidents(struct db *db, const struct figure_span *span, struct arena *arena,
        struct figure_incident **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT i.number, " CLASS ", " STATE ", i.severity, i.occurred_us, i.detected_us, "
                               "i.known_us, i.reported_us, i.acknowledged_us, i.contained_us, i.recovered_us, "
                               "i.closed_us FROM incident i WHERE " OURS "ORDER BY i.number LIMIT $15";
    struct page page = page_of(struct read_incident, LIST, incident_read, FIGURE_ROWS_MAX);
    struct db_value values[VALUES];
    struct read_incident *read;
    size_t count;
    values_of(span, values);
    TRY(page_read_whole(db, &page, values, VALUES, arena, (void **)&read, &count));
    struct figure_incident *list = arena_new(arena, struct figure_incident, count + 1);
    for (size_t i = 0; i < count; i++) {
        list[i] = read[i].is;
        list[i].state = state_of(read[i].state, span);
    }
    if (span->as_of_us != FIGURE_NOW)
        TRY(times_undo(db, span, arena, list, count));
    *rows = list;
    *row_count = count;
    return OK;
}

struct read_class {
    struct figure_class is;
    slice state;
};

static void class_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct read_class *read = row;
    read->is.class = arena_copy(arena, db_slice(rows, 0));
    read->state = arena_copy(arena, db_slice(rows, 1));
    read->is.count = db_number(rows, 2);
}

struct err store_figure_classes(struct db *db, const struct figure_span *span, struct arena *arena,
        struct figure_class **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT class, state, COUNT(*) FROM (SELECT " CLASS "AS class, " STATE
                               "AS state FROM incident i WHERE " OURS ") counted GROUP BY class, state LIMIT $15";
    struct page page = page_of(struct read_class, LIST, class_read, FIGURE_ROWS_MAX);
    struct db_value values[VALUES];
    struct read_class *read;
    size_t count;
    values_of(span, values);
    TRY(page_read_whole(db, &page, values, VALUES, arena, (void **)&read, &count));
    struct figure_class *list = arena_new(arena, struct figure_class, count + 1);
    for (size_t i = 0; i < count; i++) {
        list[i] = read[i].is;
        list[i].state = state_of(read[i].state, span);
    }
    *rows = list;
    *row_count = count;
    return OK;
}

/* ---- What they cost ---- */

static void loss_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct figure_loss *)row = (struct figure_loss){
            .incident = db_number(rows, 0),
            .organisation = db_number(rows, 1),
            .low = db_is_null(rows, 2) ? IMPACT_UNKNOWN : db_number(rows, 2),
            .high = db_is_null(rows, 3) ? IMPACT_UNKNOWN : db_number(rows, 3),
            .unit = arena_copy(arena, db_slice(rows, 4)),
    };
}

struct err store_figure_losses(struct db *db, const struct figure_span *span, struct arena *arena,
        struct figure_loss **rows, size_t *row_count)
{
    static const char LIST[] =
            "SELECT m.incident, COALESCE(m.organisation, 0), m.low, m.high, m.unit FROM incident i "
            "JOIN incident_impact m ON m.incident = i.number WHERE " OURS "AND m.kind = 'loss' AND m.at_us <= $3 "
            "ORDER BY m.incident, COALESCE(m.organisation, 0), m.number LIMIT $5";
    struct page page = page_of(struct figure_loss, LIST, loss_read, FIGURE_ROWS_MAX);
    struct db_value values[VALUES];
    values_of(span, values);
    return page_read_whole(db, &page, values, 4, arena, (void **)rows, row_count);
}

/* ---- Reports ---- */

static void report_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct figure_report *)row = (struct figure_report){
            .class = arena_copy(arena, db_slice(rows, 0)),
            .channel = arena_copy(arena, db_slice(rows, 1)),
            .sector = arena_copy(arena, db_slice(rows, 2)),
            .count = db_number(rows, 3),
            .merged = db_number(rows, 4),
    };
}

struct err store_figure_reports(struct db *db, const struct figure_span *span, struct arena *arena,
        struct figure_report **rows, size_t *row_count)
{
    static const char LIST[] =
            "SELECT r.class, r.channel, COALESCE(o.sector, ''), COUNT(*), COUNT(r.same_as) FROM report r "
            "LEFT JOIN organisation o ON o.number = r.organisation WHERE r.received_us >= $1 AND r.received_us < $2 "
            "AND r.received_us <= $3 AND r.flags NOT LIKE '%exercise%' AND r.class NOT LIKE 'test/%' "
            "GROUP BY r.class, r.channel, COALESCE(o.sector, '') LIMIT $4";
    struct page page = page_of(struct figure_report, LIST, report_read, FIGURE_ROWS_MAX);
    struct db_value values[VALUES];
    values_of(span, values);
    return page_read_whole(db, &page, values, 3, arena, (void **)rows, row_count);
}

/* ---- Duties and take-downs ---- */

#define PLAIN "+i.home = $4 AND i.flags NOT LIKE '%exercise%' "

static void duty_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct figure_duty *)row = (struct figure_duty){
            .rule = arena_copy(arena, db_slice(rows, 0)),
            .waived = slice_eq(db_slice(rows, 1), S("waived")),
            .due_us = db_number(rows, 2),
            .filed_us = page_time(rows, 3),
    };
}

struct err store_figure_duties(struct db *db, const struct figure_span *span, struct arena *arena,
        struct figure_duty **rows, size_t *row_count)
{
    static const char LIST[] =
            "SELECT d.rule, d.state, d.due_us, CASE WHEN d.filed_us <= $3 THEN d.filed_us END FROM duty d "
            "JOIN incident i ON i.number = d.incident WHERE d.due_us >= $1 AND d.due_us < $2 AND d.starts_us <= $3 "
            "AND d.state <> 'replaced' AND " PLAIN "LIMIT $5";
    struct page page = page_of(struct figure_duty, LIST, duty_read, FIGURE_ROWS_MAX);
    struct db_value values[VALUES];
    values_of(span, values);
    return page_read_whole(db, &page, values, 4, arena, (void **)rows, row_count);
}

static void takedown_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    (void)arena;
    *(struct figure_takedown *)row = (struct figure_takedown){
            .reported_us = db_number(rows, 0),
            .requested_us = page_time(rows, 1),
            .down_us = page_time(rows, 2),
            .returned = db_number(rows, 3) > 0,
    };
}

struct err store_figure_takedowns(struct db *db, const struct figure_span *span, struct arena *arena,
        struct figure_takedown **rows, size_t *row_count)
{
    static const char LIST[] =
            "SELECT t.reported_us, CASE WHEN t.requested_us <= $3 THEN t.requested_us END, "
            "CASE WHEN t.down_us <= $3 THEN t.down_us END, t.returned FROM takedown t "
            "JOIN incident i ON i.number = t.incident WHERE t.reported_us >= $1 AND t.reported_us < $2 "
            "AND t.reported_us <= $3 AND " PLAIN "LIMIT $5";
    struct page page = page_of(struct figure_takedown, LIST, takedown_read, FIGURE_ROWS_MAX);
    struct db_value values[VALUES];
    values_of(span, values);
    return page_read_whole(db, &page, values, 4, arena, (void **)rows, row_count);
}

/* ---- Risks ---- */

static void risk_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct figure_risk *)row =
            (struct figure_risk){arena_copy(arena, db_slice(rows, 0)), db_number(rows, 1), db_number(rows, 2)};
}

struct err store_figure_risks(struct db *db, const struct figure_span *span, struct arena *arena,
        struct figure_risk **rows, size_t *row_count)
{
    /* As each stood last before that moment; one that was not there yet has no such row. */
    static const char LIST[] =
            "SELECT h.level, count(*), count(CASE WHEN h.state = 'identified' THEN 1 END) FROM risk r "
            "JOIN risk_history h ON h.risk = r.number AND h.number = (SELECT max(b.number) FROM risk_history b "
            "WHERE b.risk = r.number AND b.at_us < $1 AND b.at_us <= $2) WHERE h.state <> 'closed' GROUP BY h.level "
            "LIMIT $3";
    struct page page = page_of(struct figure_risk, LIST, risk_read, FIGURE_ROWS_MAX);
    const struct db_value values[] = {db_i64(span->until_us), db_i64(span->as_of_us)};
    return page_read_whole(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}
