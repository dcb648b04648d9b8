/* SPDX-License-Identifier: Apache-2.0 */
#include "store/warning.h"

#include "base/arena.h"
#include "store/page.h"

static const char *const states[WARNING_STATES] = {
        [WARNING_DRAFTED] = "drafted",
        [WARNING_APPROVED] = "approved",
        [WARNING_SENT] = "sent",
        [WARNING_DELIVERED] = "delivered",
        [WARNING_ACKNOWLEDGED] = "acknowledged",
        [WARNING_NOT_MINE] = "not-mine",
        [WARNING_DONE] = "done",
        [WARNING_WITHDRAWN] = "withdrawn",
};

static const char *const ways[WARNING_DOES] = {
        [WARNING_SEND] = "send", [WARNING_DIGEST] = "digest", [WARNING_HOLD] = "hold"};

static bool word_find(const char *const *words, size_t count, slice name, size_t *found)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(name, slice_of(words[i]))) {
            *found = i;
            return true;
        }
    return false;
}

const char *store_warning_state_name(enum warning_state state)
{
    return states[state];
}

bool store_warning_state_find(slice name, enum warning_state *state)
{
    size_t found;
    if (!word_find(states, WARNING_STATES, name, &found))
        return false;
    *state = (enum warning_state)found;
    return true;
}

const char *store_warning_does_name(enum warning_does does)
{
    return ways[does];
}

bool store_warning_does_find(slice name, enum warning_does *does)
{
    size_t found;
    if (!word_find(ways, WARNING_DOES, name, &found))
        return false;
    *does = (enum warning_does)found;
    return true;
}

/* ---- Rows ---- */

#define COLUMNS                                                                                                        \
    "SELECT number, organisation, cause_kind, cause, class, severity, state, held, marking, does, first_us, last_us, " \
    "events, drafted_us, due_us, told_us, told, chased, chase_us, changed_us, consent, sector_us, "                    \
    "sector_why FROM warning "
#define OPEN "state NOT IN ('not-mine', 'done', 'withdrawn') "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct warning *warning = row;
    *warning = (struct warning){
            .number = db_number(rows, 0),
            .organisation = db_number(rows, 1),
            .cause_kind = arena_copy(arena, db_slice(rows, 2)),
            .cause = arena_copy(arena, db_slice(rows, 3)),
            .class = arena_copy(arena, db_slice(rows, 4)),
            .held = arena_copy(arena, db_slice(rows, 7)),
            .marking = arena_copy(arena, db_slice(rows, 8)),
            .first_us = db_number(rows, 10),
            .last_us = db_number(rows, 11),
            .events = db_number(rows, 12),
            .drafted_us = db_number(rows, 13),
            .due_us = page_time(rows, 14),
            .told_us = page_time(rows, 15),
            .chased = db_number(rows, 17),
            .chase_us = page_time(rows, 18),
            .changed_us = db_number(rows, 19),
            .consent = db_number(rows, 20) != 0,
            .sector_us = page_time(rows, 21),
            .sector_why = arena_copy(arena, db_slice(rows, 22)),
    };
    (void)store_severity_find(db_slice(rows, 5), &warning->severity);
    (void)store_warning_state_find(db_slice(rows, 6), &warning->state);
    (void)store_warning_does_find(db_slice(rows, 9), &warning->does);
    (void)store_severity_find(db_slice(rows, 16), &warning->told);
}

static struct db_value severity_value(enum severity severity)
{
    return db_text(slice_of(store_severity_name(severity)));
}

static struct db_value told_value(const struct warning *row)
{
    return row->told_us == TIME_NONE ? db_text(S("")) : severity_value(row->told);
}

struct err store_warning_add(struct work *work, const struct warning *put, int64_t *number)
{
    static const char ADD[] = "INSERT INTO warning (number, organisation, cause_kind, cause, class, severity, state, "
                              "held, marking, does, "
                              "first_us, last_us, events, drafted_us, due_us, told_us, told, chased, chase_us, "
                              "changed_us, consent) VALUES ($1, $2, "
                              "$3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $14, $20)";
    int64_t fresh;
    TRY(store_number(work->db, "warning", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_i64(put->organisation), db_text(put->cause_kind),
            db_text(put->cause), db_text(put->class), severity_value(put->severity),
            db_text(slice_of(states[put->state])), db_text(put->held), db_text(put->marking),
            db_text(slice_of(ways[put->does])), db_i64(put->first_us), db_i64(put->last_us), db_i64(put->events),
            db_i64(work->now_us), page_time_value(put->due_us), page_time_value(put->told_us), told_value(put),
            db_i64(put->chased), page_time_value(put->chase_us), db_i64(put->consent)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    *number = fresh;
    return OK;
}

struct err store_warning_keep(struct work *work, int64_t number, struct warning *row)
{
    /* Changes nothing, and makes who changes that row wait for us, and us for them. */
    static const char KEEP[] = "UPDATE warning SET state = state WHERE number = $1";
    TRY(db_run(work->db, KEEP, (struct db_value[]){db_i64(number)}, 1, NULL));
    return store_warning_get(work->db, number, work->arena, row);
}

struct err store_warning_change(struct work *work, const struct warning *row)
{
    static const char CHANGE[] =
            "UPDATE warning SET severity = $2, state = $3, held = $4, marking = $5, does = $6, first_us = $7, "
            "last_us = $8, events = $9, due_us = $10, told_us = $11, told = $12, chased = $13, chase_us = $14, "
            "changed_us = $15, consent = $16, sector_us = $17, sector_why = $18 WHERE number = $1";
    const struct db_value values[] = {db_i64(row->number), severity_value(row->severity),
            db_text(slice_of(states[row->state])), db_text(row->held), db_text(row->marking),
            db_text(slice_of(ways[row->does])), db_i64(row->first_us), db_i64(row->last_us), db_i64(row->events),
            page_time_value(row->due_us), page_time_value(row->told_us), told_value(row), db_i64(row->chased),
            page_time_value(row->chase_us), db_i64(work->now_us), db_i64(row->consent), page_time_value(row->sector_us),
            db_text(row->sector_why)};
    return db_run(work->db, CHANGE, values, COUNT_OF(values), NULL);
}

struct err store_warning_step(struct work *work, int64_t warning, enum warning_state state, slice why)
{
    static const char STEP[] =
            "INSERT INTO warning_step (warning, step, time_us, actor, state, why) VALUES ($1, "
            "(SELECT COALESCE(max(step), 0) + 1 FROM warning_step WHERE warning = $1), $2, $3, $4, $5)";
    const struct db_value values[] = {db_i64(warning), db_i64(work->now_us), db_text(work->actor->name),
            db_text(slice_of(states[state])), db_text(why)};
    return db_run(work->db, STEP, values, COUNT_OF(values), NULL);
}

struct err store_warning_get(struct db *db, int64_t number, struct arena *arena, struct warning *row)
{
    static const char GET[] = COLUMNS "WHERE number = $1";
    struct page page = page_of(struct warning, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, row, "there is no such warning");
}

struct err store_warning_same_values(
        struct db *db, int64_t organisation, slice class, int64_t met, struct arena *arena, struct warning *row)
{
    static const char SAME[] = COLUMNS
            "WHERE organisation = $1 AND class = $2 AND " OPEN "AND told_us IS NOT NULL AND cause_kind = 'indicator' "
            "AND EXISTS (SELECT 1 FROM met_detail new WHERE new.met = $3) "
            "AND NOT EXISTS (SELECT 1 FROM met_detail new WHERE new.met = $3 AND NOT EXISTS "
            "(SELECT 1 FROM met m JOIN met_detail told ON told.met = m.number "
            "WHERE m.warning = warning.number AND told.peer = new.peer)) ORDER BY number LIMIT 1";
    const struct db_value values[] = {db_i64(organisation), db_text(class), db_i64(met)};
    struct page page = page_of(struct warning, SAME, row_read, 1);
    return page_get(db, &page, values, COUNT_OF(values), arena, row, "they were told of something else");
}

struct err store_warning_last(struct db *db, int64_t organisation, slice cause_kind, slice cause, slice class,
        struct arena *arena, struct warning *row)
{
    static const char LAST[] = COLUMNS "WHERE organisation = $1 AND cause_kind = $2 AND cause = $3 AND class = $4 "
                                       "ORDER BY number DESC LIMIT 1";
    const struct db_value values[] = {db_i64(organisation), db_text(cause_kind), db_text(cause), db_text(class)};
    struct page page = page_of(struct warning, LAST, row_read, 1);
    return page_get(db, &page, values, COUNT_OF(values), arena, row, "there never was a warning of that");
}

static void step_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct warning_step *step = row;
    *step = (struct warning_step){
            .step = db_number(rows, 0),
            .time_us = db_number(rows, 1),
            .actor = arena_copy(arena, db_slice(rows, 2)),
            .why = arena_copy(arena, db_slice(rows, 4)),
    };
    (void)store_warning_state_find(db_slice(rows, 3), &step->state);
}

struct err store_warning_steps(
        struct db *db, int64_t warning, struct arena *arena, struct warning_step **rows, size_t *row_count)
{
    static const char LIST[] =
            "SELECT step, time_us, actor, state, why FROM warning_step WHERE warning = $1 ORDER BY step LIMIT $2";
    struct page page = page_of(struct warning_step, LIST, step_read, STORE_PAGE_MAX);
    return page_read(db, &page, (struct db_value[]){db_i64(warning)}, 1, arena, (void **)rows, row_count);
}

/* ---- Lists ---- */

#define UNANSWERED "chased > 0 AND chase_us IS NULL AND state IN ('approved', 'sent', 'delivered') "
#define BEFORE(which) COLUMNS "WHERE number < $1 AND " which "ORDER BY number DESC LIMIT $2"
#define BEFORE_OF(which) COLUMNS "WHERE organisation = $1 AND number < $2 AND " which "ORDER BY number DESC LIMIT $3"

struct err store_warning_latest(struct db *db, enum warning_which which, int64_t organisation, int64_t before,
        size_t count, struct arena *arena, struct warning **rows, size_t *row_count)
{
    static const char ALL[] = BEFORE("1 = 1 "), OPENED[] = BEFORE(OPEN), HELD[] = BEFORE("held <> '' ");
    static const char UNANSWERED_[] = BEFORE(UNANSWERED);
    static const char ALL_OF[] = BEFORE_OF("1 = 1 "), OPENED_OF[] = BEFORE_OF(OPEN);
    static const char HELD_OF[] = BEFORE_OF("held <> '' "), UNANSWERED_OF[] = BEFORE_OF(UNANSWERED);
    static const char *const lists[WARNING_WHICHES][2] = {
            [WARNING_ALL] = {ALL, ALL_OF},
            [WARNING_OPEN] = {OPENED, OPENED_OF},
            [WARNING_HELD] = {HELD, HELD_OF},
            [WARNING_UNANSWERED] = {UNANSWERED_, UNANSWERED_OF},
    };
    const struct db_value values[] = {db_i64(organisation), db_i64(before)};
    size_t all = organisation == 0; /* then the first value is not asked for */
    struct page page = page_of(struct warning, lists[which][!all], row_read, count);
    return page_read(db, &page, values + all, COUNT_OF(values) - all, arena, (void **)rows, row_count);
}

struct err store_warning_of_cause(struct db *db, slice cause_kind, slice cause, int64_t after, size_t count,
        struct arena *arena, struct warning **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE cause_kind = $1 AND cause = $2 AND number > $3 ORDER BY number LIMIT $4";
    const struct db_value values[] = {db_text(cause_kind), db_text(cause), db_i64(after)};
    struct page page = page_of(struct warning, LIST, row_read, count);
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_warning_to_chase(
        struct db *db, int64_t now_us, size_t count, struct arena *arena, struct warning **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE chase_us IS NOT NULL AND chase_us <= $1 ORDER BY chase_us LIMIT $2";
    struct page page = page_of(struct warning, LIST, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(now_us)}, 1, arena, (void **)rows, row_count);
}

struct err store_warning_to_digest(struct db *db, int64_t organisation, slice class, int64_t after, size_t count,
        struct arena *arena, struct warning **rows, size_t *row_count)
{
    static const char LIST[] =
            COLUMNS "WHERE state = 'approved' AND does = 'digest' AND told_us IS NULL AND "
                    "(organisation, class, number) > ($1, $2, $3) ORDER BY organisation, class, number LIMIT $4";
    const struct db_value values[] = {db_i64(organisation), db_text(class), db_i64(after)};
    struct page page = page_of(struct warning, LIST, row_read, count);
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_warning_told_since(struct db *db, int64_t organisation, slice class, int64_t since_us, int64_t *count)
{
    static const char TOLD[] = "SELECT count(*) FROM warning WHERE organisation = $1 AND class = $2 AND told_us >= $3";
    const struct db_value values[] = {db_i64(organisation), db_text(class), db_i64(since_us)};
    return db_one(db, TOLD, values, COUNT_OF(values), 0, count);
}

struct err store_warning_reach(struct db *db, slice cause_kind, slice cause, int64_t most, int64_t *reach)
{
    static const char REACH[] = "SELECT DISTINCT organisation FROM met WHERE cause_kind = $1 AND cause = $2 "
                                "AND organisation > 0 ORDER BY organisation LIMIT $3";
    const struct db_value values[] = {db_text(cause_kind), db_text(cause), db_i64(most)};
    struct db_rows *rows;
    int64_t found = 0;
    TRY(db_query(db, REACH, values, COUNT_OF(values), &rows));
    while (db_next(rows))
        found++;
    TRY(db_done(rows));
    *reach = found;
    return OK;
}

/* ---- What is to be looked at again ---- */

static const char *const noted[WARNING_NOTEDS] = {[WARNING_OF_IMPORT] = "import",
        [WARNING_OF_CAUSE] = "cause",
        [WARNING_OF_CONSENT] = "consent",
        [WARNING_UNTOLD] = "untold"};

struct err store_warning_note(struct work *work, enum warning_noted what, slice subject)
{
    static const char ADD[] =
            "INSERT INTO warning_note (number, what, subject, cause, warning) VALUES ($1, $2, $3, '', 0)";
    int64_t fresh;
    TRY(store_number(work->db, "warning_note", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_text(slice_of(noted[what])), db_text(subject)};
    return db_run(work->db, ADD, values, COUNT_OF(values), NULL);
}

static void note_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct warning_note *note = row;
    size_t what = WARNING_OF_CAUSE;
    (void)word_find(noted, WARNING_NOTEDS, db_slice(rows, 1), &what);
    *note = (struct warning_note){
            .number = db_number(rows, 0),
            .what = (enum warning_noted)what,
            .subject = arena_copy(arena, db_slice(rows, 2)),
            .cause = arena_copy(arena, db_slice(rows, 3)),
            .warning = db_number(rows, 4),
    };
}

struct err store_warning_note_next(struct db *db, struct arena *arena, struct warning_note *note)
{
    static const char NEXT[] =
            "SELECT number, what, subject, cause, warning FROM warning_note WHERE number > 0 ORDER BY number LIMIT 1";
    struct page page = page_of(struct warning_note, NEXT, note_read, 1);
    return page_get(db, &page, NULL, 0, arena, note, "nothing is to be looked at again");
}

#define LASTING "cause_kind = 'indicator' AND state <> 'withdrawn' "
#define BEHIND "(cause, number) > ($1, $2) ORDER BY cause, number LIMIT $4"

/* From the warnings, of which there are few, to the import, which may be large. */
struct err store_warning_noted(struct db *db, const struct warning_note *note, size_t count, struct arena *arena,
        struct warning **rows, size_t *row_count)
{
    static const char OF_IMPORT[] = COLUMNS "WHERE " LASTING "AND EXISTS (SELECT 1 FROM object o WHERE "
                                            "o.id = warning.cause AND o.import = $3) AND " BEHIND;
    static const char OF_CAUSE[] =
            COLUMNS "WHERE " LASTING "AND cause = $3 AND number > $2 AND cause >= $1 ORDER BY number LIMIT $4";
    static const char OF_CONSENT[] = COLUMNS "WHERE " LASTING "AND consent = $3 AND " BEHIND;
    static const char UNTOLD[] = COLUMNS "WHERE " LASTING "AND state = $3 AND told_us IS NULL AND " BEHIND;
    static const char *const lists[WARNING_NOTEDS] = {[WARNING_OF_IMPORT] = OF_IMPORT,
            [WARNING_OF_CAUSE] = OF_CAUSE,
            [WARNING_OF_CONSENT] = OF_CONSENT,
            [WARNING_UNTOLD] = UNTOLD};
    struct page page = page_of(struct warning, lists[note->what], row_read, count);
    struct db_value values[] = {db_text(note->cause), db_i64(note->warning), db_text(note->subject)};
    uint64_t import = 0;
    if (note->what == WARNING_OF_IMPORT) {
        (void)slice_u64(note->subject, INT64_MAX, &import);
        values[2] = db_i64((int64_t)import);
    }
    if (note->what == WARNING_OF_CONSENT)
        values[2] = db_i64(1);
    if (note->what == WARNING_UNTOLD)
        values[2] = db_text(slice_of(store_warning_state_name(WARNING_APPROVED)));
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_warning_note_move(struct work *work, const struct warning_note *note)
{
    static const char MOVE[] = "UPDATE warning_note SET cause = $2, warning = $3 WHERE number = $1";
    const struct db_value values[] = {db_i64(note->number), db_text(note->cause), db_i64(note->warning)};
    return db_run(work->db, MOVE, values, COUNT_OF(values), NULL);
}

struct err store_warning_note_done(struct work *work, int64_t number)
{
    static const char DONE[] = "DELETE FROM warning_note WHERE number = $1";
    return db_run(work->db, DONE, (struct db_value[]){db_i64(number)}, 1, NULL);
}

/* ---- Figures ---- */

/* The first step that is an answer; the first one that is a notice on its way. */
#define FIRST(which, states)                                                                                           \
    "(SELECT min(time_us) FROM warning_step s WHERE s.warning = w.number AND s.state IN (" states ")) AS " which

static void figure_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct warning_figure *figure = row;
    (void)arena;
    *figure = (struct warning_figure){
            .drafted = db_number(rows, 1),
            .sent = db_number(rows, 2),
            .answered = db_number(rows, 3),
            .done = db_number(rows, 4),
            .not_mine = db_number(rows, 5),
            .withdrawn = db_number(rows, 6),
            .held = db_number(rows, 7),
            .answer_us = db_number(rows, 8),
    };
    (void)store_severity_find(db_slice(rows, 0), &figure->severity);
}

struct err store_warning_figures(struct db *db, int64_t from_us, int64_t until_us, struct arena *arena,
        struct warning_figure **rows, size_t *row_count)
{
    static const char FIGURES[] =
            "SELECT severity, count(*), count(told_us), count(answered_us), "
            "count(CASE WHEN state = 'done' THEN 1 END), count(CASE WHEN state = 'not-mine' THEN 1 END), "
            "count(CASE WHEN state = 'withdrawn' THEN 1 END), count(CASE WHEN held <> '' THEN 1 END), "
            "CAST(COALESCE(avg(answered_us - sent_us), 0) AS BIGINT) FROM (SELECT w.severity, w.told_us, w.state, "
            "w.held, " FIRST("sent_us", "'sent'") ", " FIRST("answered_us",
                    "'acknowledged', 'not-mine', 'done'") " FROM warning w WHERE w.drafted_us >= $1 AND w.drafted_us < "
                                                          "$2) f GROUP BY severity ORDER BY severity LIMIT $3";
    struct page page = page_of(struct warning_figure, FIGURES, figure_read, SEVERITIES);
    return page_read(
            db, &page, (struct db_value[]){db_i64(from_us), db_i64(until_us)}, 2, arena, (void **)rows, row_count);
}
