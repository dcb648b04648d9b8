/* SPDX-License-Identifier: Apache-2.0 */
#include "store/duty.h"

#include "base/arena.h"
#include "store/page.h"

static const char *const states[DUTY_STATES] = {
        [DUTY_RUNNING] = "running",
        [DUTY_MET] = "met",
        [DUTY_LATE] = "late",
        [DUTY_WAIVED] = "waived",
        [DUTY_REPLACED] = "replaced",
};

const char *store_duty_state_name(enum duty_state state)
{
    return states[state];
}

/* ---- Rows ---- */

#define COLUMNS                                                                                                        \
    "SELECT number, incident, rule, version, text, organisation, recipient, starts_us, due_us, state, reminded, "      \
    "remind_us, filed_us, filed_by, reference, why FROM duty "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct duty *duty = row;
    *duty = (struct duty){
            .number = db_number(rows, 0),
            .incident = db_number(rows, 1),
            .rule = arena_copy(arena, db_slice(rows, 2)),
            .version = arena_copy(arena, db_slice(rows, 3)),
            .text = arena_copy(arena, db_slice(rows, 4)),
            .organisation = db_number(rows, 5),
            .recipient = arena_copy(arena, db_slice(rows, 6)),
            .starts_us = db_number(rows, 7),
            .due_us = page_time(rows, 8),
            .reminded = db_number(rows, 10),
            .remind_us = page_time(rows, 11),
            .filed_us = page_time(rows, 12),
            .filed_by = arena_copy(arena, db_slice(rows, 13)),
            .reference = arena_copy(arena, db_slice(rows, 14)),
            .why = arena_copy(arena, db_slice(rows, 15)),
    };
    for (enum duty_state i = 0; i < DUTY_STATES; i++)
        if (slice_eq(db_slice(rows, 9), slice_of(states[i])))
            duty->state = i;
}

struct err store_duty_add(struct work *work, const struct duty *put, int64_t *number)
{
    static const char ADD[] =
            "INSERT INTO duty (number, incident, rule, version, text, organisation, recipient, starts_us, due_us, "
            "state, reminded, remind_us, filed_us, filed_by, reference, why, form) VALUES ($1, $2, $3, $4, $5, $6, "
            "$7, $8, $9, 'running', 0, $10, NULL, '', '', '', $11)";
    int64_t fresh;
    TRY(store_number(work->db, "duty", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_i64(put->incident), db_text(put->rule), db_text(put->version),
            db_text(put->text), db_i64(put->organisation), db_text(put->recipient), db_i64(put->starts_us),
            page_time_value(put->due_us), page_time_value(put->remind_us), db_bytes(S(""))};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    *number = fresh;
    return OK;
}

struct err store_duty_reminded(struct work *work, int64_t number, int64_t per_cent, int64_t remind_us)
{
    static const char REMINDED[] =
            "UPDATE duty SET reminded = $2, remind_us = $3 WHERE number = $1 AND state = 'running'";
    const struct db_value values[] = {db_i64(number), db_i64(per_cent), page_time_value(remind_us)};
    return db_run(work->db, REMINDED, values, COUNT_OF(values), NULL);
}

struct err store_duty_end(struct work *work, int64_t number, const struct duty_end *end)
{
    static const char END[] = "UPDATE duty SET state = $2, filed_us = $3, filed_by = $4, reference = $5, why = $6, "
                              "form = $7, remind_us = NULL WHERE number = $1 AND state = 'running'";
    const struct db_value values[] = {db_i64(number), db_text(slice_of(states[end->state])),
            page_time_value(end->filed_us), db_text(end->filed_by), db_text(end->reference), db_text(end->why),
            db_bytes(end->form)};
    uint64_t changed;
    TRY(db_run(work->db, END, values, COUNT_OF(values), &changed));
    return changed == 1 ? OK : err_make(ERR_CONFLICT, "this duty has ended already: it stays as it is");
}

struct err store_duty_get(struct db *db, int64_t number, struct arena *arena, struct duty *row)
{
    static const char GET[] = COLUMNS "WHERE number = $1";
    struct page page = page_of(struct duty, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, row, "there is no such duty");
}

static void form_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(slice *)row = arena_copy(arena, db_slice(rows, 0));
}

struct err store_duty_form(struct db *db, int64_t number, struct arena *arena, slice *form)
{
    static const char GET[] = "SELECT form FROM duty WHERE number = $1";
    struct page page = page_of(slice, GET, form_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, form, "there is no such duty");
}

/* ---- Lists ---- */

struct err store_duty_list(struct db *db, int64_t incident, struct arena *arena, struct duty **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE incident = $1 ORDER BY number LIMIT $2";
    struct page page = page_of(struct duty, LIST, row_read, DUTIES_MAX);
    return page_read_whole(db, &page, (struct db_value[]){db_i64(incident)}, 1, arena, (void **)rows, row_count);
}

struct err store_duty_running(struct db *db, int64_t due_us, int64_t after, size_t count, struct arena *arena,
        struct duty **rows, size_t *row_count)
{
    /* Those without an end are as if it were the last moment of all. */
    static const char LIST[] = COLUMNS "WHERE state = 'running' AND "
                                       "(COALESCE(due_us, 9223372036854775807), number) > ($1, $2) "
                                       "ORDER BY COALESCE(due_us, 9223372036854775807), number LIMIT $3";
    struct page page = page_of(struct duty, LIST, row_read, count);
    const struct db_value values[] = {db_i64(due_us), db_i64(after)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_duty_ended(struct db *db, enum duty_state state, int64_t before, size_t count, struct arena *arena,
        struct duty **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE state = $1 AND number < $2 ORDER BY number DESC LIMIT $3";
    struct page page = page_of(struct duty, LIST, row_read, count);
    const struct db_value values[] = {db_text(slice_of(states[state])), db_i64(before)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_duty_to_remind(
        struct db *db, int64_t now_us, size_t count, struct arena *arena, struct duty **rows, size_t *row_count)
{
    static const char LIST[] =
            COLUMNS "WHERE remind_us IS NOT NULL AND remind_us <= $1 ORDER BY remind_us, number LIMIT $2";
    struct page page = page_of(struct duty, LIST, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(now_us)}, 1, arena, (void **)rows, row_count);
}
