/* SPDX-License-Identifier: Apache-2.0 */
#include "store/task.h"

#include "base/arena.h"
#include "store/case_search.h"
#include "store/page.h"

#define TASKS_MAX 10000 /* of one incident */

static const char *const states[TASK_STATES] = {
        [TASK_TO_DO] = "to-do",
        [TASK_DOING] = "doing",
        [TASK_WAITING] = "waiting",
        [TASK_DONE] = "done",
        [TASK_CANCELLED] = "cancelled",
};

const char *store_task_state_name(enum task_state state)
{
    return states[state];
}

bool store_task_state_find(slice name, enum task_state *state)
{
    for (enum task_state i = 0; i < TASK_STATES; i++)
        if (slice_eq(name, slice_of(states[i]))) {
            *state = i;
            return true;
        }
    return false;
}

/* ---- Rows ---- */

#define COLUMNS                                                                                                        \
    "SELECT number, identity, incident, home, title, text, organisation, person, state, due_us, result, agreed_by, "   \
    "agreed_us, playbook, step, made_us, done_us, changed_us, every_us, asks, told_us, withdrawn_us FROM task "
#define UNDER_WORK "state IN ('to-do', 'doing', 'waiting') "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct task *task = row;
    *task = (struct task){
            .number = db_number(rows, 0),
            .identity = arena_copy(arena, db_slice(rows, 1)),
            .incident = db_number(rows, 2),
            .home = db_number(rows, 3),
            .title = arena_copy(arena, db_slice(rows, 4)),
            .text = arena_copy(arena, db_slice(rows, 5)),
            .organisation = db_number(rows, 6),
            .person = db_number(rows, 7),
            .due_us = page_time(rows, 9),
            .result = arena_copy(arena, db_slice(rows, 10)),
            .agreed_by = arena_copy(arena, db_slice(rows, 11)),
            .agreed_us = page_time(rows, 12),
            .playbook = db_number(rows, 13),
            .step = arena_copy(arena, db_slice(rows, 14)),
            .made_us = db_number(rows, 15),
            .done_us = page_time(rows, 16),
            .changed_us = db_number(rows, 17),
            .every_us = db_number(rows, 18),
            .asks = arena_copy(arena, db_slice(rows, 19)),
            .told_us = page_time(rows, 20),
            .withdrawn_us = page_time(rows, 21),
    };
    (void)store_task_state_find(db_slice(rows, 8), &task->state);
}

static struct db_value number_or_null(int64_t number)
{
    return number == 0 ? db_null() : db_i64(number);
}

struct err store_task_add(struct work *work, const struct task *put, int64_t *number)
{
    static const char ADD[] =
            "INSERT INTO task (number, identity, incident, home, title, text, organisation, person, state, due_us, "
            "result, agreed_by, agreed_us, playbook, step, every_us, asks, made_us, changed_us) VALUES "
            "($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18)";
    int64_t fresh;
    TRY(store_number(work->db, "task", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_text(put->identity), db_i64(put->incident), db_i64(put->home),
            db_text(put->title), db_text(put->text), db_i64(put->organisation), number_or_null(put->person),
            db_text(slice_of(states[put->state])), page_time_value(put->due_us), db_text(put->result),
            db_text(put->agreed_by), page_time_value(put->agreed_us), number_or_null(put->playbook), db_text(put->step),
            number_or_null(put->every_us), db_text(put->asks), db_i64(work->now_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    *number = fresh;
    return store_case_words(work, CASE_WORDS_INCIDENT, put->incident);
}

struct err store_task_keep(struct work *work, int64_t number, struct task *row)
{
    /* Changes nothing, and makes who changes that row wait for us, and us for them. */
    static const char KEEP[] = "UPDATE task SET state = state WHERE number = $1";
    TRY(db_run(work->db, KEEP, (struct db_value[]){db_i64(number)}, 1, NULL));
    return store_task_get(work->db, number, work->arena, row);
}

struct err store_task_change(struct work *work, const struct task *row)
{
    static const char CHANGE[] =
            "UPDATE task SET title = $2, text = $3, organisation = $4, person = $5, state = $6, due_us = $7, "
            "result = $8, agreed_by = $9, agreed_us = $10, done_us = $11, every_us = $12, changed_us = $13, "
            "told_us = CASE WHEN due_us = $7 AND organisation = $4 "
            "AND COALESCE(person, 0) = COALESCE(CAST($5 AS BIGINT), 0) THEN told_us END WHERE number = $1";
    const struct db_value values[] = {db_i64(row->number), db_text(row->title), db_text(row->text),
            db_i64(row->organisation), number_or_null(row->person), db_text(slice_of(states[row->state])),
            page_time_value(row->due_us), db_text(row->result), db_text(row->agreed_by),
            page_time_value(row->agreed_us), page_time_value(row->done_us), number_or_null(row->every_us),
            db_i64(work->now_us)};
    TRY(store_case_words(work, CASE_WORDS_INCIDENT, row->incident));
    return db_run(work->db, CHANGE, values, COUNT_OF(values), NULL);
}

struct err store_task_withdraw(struct work *work, int64_t number, int64_t us)
{
    static const char WITHDRAW[] = "UPDATE task SET withdrawn_us = $2 WHERE number = $1";
    return db_run(work->db, WITHDRAW, (struct db_value[]){db_i64(number), page_time_value(us)}, 2, NULL);
}

struct err store_task_get(struct db *db, int64_t number, struct arena *arena, struct task *row)
{
    static const char GET[] = COLUMNS "WHERE number = $1";
    struct page page = page_of(struct task, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, row, "there is no such task");
}

struct err store_task_of_identity(struct db *db, slice identity, struct arena *arena, struct task *row)
{
    static const char GET[] = COLUMNS "WHERE identity = $1";
    struct page page = page_of(struct task, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_text(identity)}, 1, arena, row, "there is no such task");
}

struct err store_task_list(struct db *db, int64_t incident, struct arena *arena, struct task **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE incident = $1 ORDER BY number LIMIT $2";
    struct page page = page_of(struct task, LIST, row_read, TASKS_MAX);
    return page_read_whole(db, &page, (struct db_value[]){db_i64(incident)}, 1, arena, (void **)rows, row_count);
}

struct err store_task_of(struct db *db, int64_t organisation, int64_t due_us, int64_t after, size_t count,
        struct arena *arena, struct task **rows, size_t *row_count)
{
    /* Those without a time are as if it were the last of all. */
    static const char LIST[] = COLUMNS "WHERE organisation = $1 AND " UNDER_WORK
                                       "AND (COALESCE(due_us, 9223372036854775807), number) > ($2, $3) "
                                       "ORDER BY COALESCE(due_us, 9223372036854775807), number LIMIT $4";
    struct page page = page_of(struct task, LIST, row_read, count);
    const struct db_value values[] = {db_i64(organisation), db_i64(due_us), db_i64(after)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_task_to_tell(
        struct db *db, int64_t now_us, size_t count, struct arena *arena, struct task **rows, size_t *row_count)
{
    static const char LIST[] =
            COLUMNS "WHERE told_us IS NULL AND " UNDER_WORK "AND due_us <= $1 ORDER BY due_us, number LIMIT $2";
    struct page page = page_of(struct task, LIST, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(now_us)}, 1, arena, (void **)rows, row_count);
}

struct err store_task_told(struct work *work, int64_t number)
{
    static const char TOLD[] = "UPDATE task SET told_us = $2 WHERE number = $1";
    return db_run(work->db, TOLD, (struct db_value[]){db_i64(number), db_i64(work->now_us)}, 2, NULL);
}

static void load_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct task_load *)row = (struct task_load){
            .organisation = db_number(rows, 0),
            .name = arena_copy(arena, db_slice(rows, 1)),
            .open = db_number(rows, 2),
            .late = db_number(rows, 3),
            .day = db_number(rows, 4),
            .week = db_number(rows, 5),
            .later = db_number(rows, 6),
            .timeless = db_number(rows, 7),
            .first_us = db_number(rows, 8),
    };
}

struct err store_task_loads(struct db *db, const struct task_sight *sight, int64_t now_us, int64_t first_us,
        int64_t after, size_t count, struct arena *arena, struct task_load **rows, size_t *row_count)
{
    /* All that is not ended is read, from the index alone: as much as a team can have before it. */
    static const char LIST[] =
            "SELECT l.organisation, n.name, open, late, day, week, later, timeless, first FROM (SELECT t.organisation, "
            "COUNT(*) AS open, "
            "COUNT(CASE WHEN t.due_us < $1 THEN 1 END) AS late, "
            "COUNT(CASE WHEN t.due_us >= $1 AND t.due_us < $2 THEN 1 END) AS day, "
            "COUNT(CASE WHEN t.due_us >= $2 AND t.due_us < $3 THEN 1 END) AS week, "
            "COUNT(CASE WHEN t.due_us >= $3 THEN 1 END) AS later, "
            "COUNT(CASE WHEN t.due_us IS NULL THEN 1 END) AS timeless, "
            "MIN(COALESCE(t.due_us, 9223372036854775807)) AS first "
            "FROM task t WHERE t.state IN ('to-do', 'doing', 'waiting') "
            "AND ($5 = 1 OR t.person = $4 OR t.incident NOT IN (SELECT i.number FROM incident i "
            "WHERE i.flags <> '' AND i.flags LIKE '%restricted%' AND (i.holder IS NULL OR i.holder <> $4))) "
            "GROUP BY t.organisation) l JOIN organisation_name n ON n.organisation = l.organisation "
            "AND n.until_us IS NULL WHERE (first, l.organisation) > ($6, $7) "
            "ORDER BY first, l.organisation LIMIT $8";
    struct page page = page_of(struct task_load, LIST, load_read, count);
    const struct db_value values[] = {db_i64(now_us), db_i64(now_us + DAY_US), db_i64(now_us + 7 * DAY_US),
            db_i64(sight->person), db_i64(sight->restricted), db_i64(first_us), db_i64(after)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

/* ---- What has to be done before ---- */

struct err store_task_after(struct work *work, int64_t task, int64_t before)
{
    /* All that has to be done before `before`, near and far. */
    static const char RING[] =
            "WITH RECURSIVE far (number) AS (SELECT CAST($1 AS BIGINT) UNION SELECT a.before FROM task_after a "
            "JOIN far ON a.task = far.number) SELECT count(*) FROM far WHERE number = $2";
    static const char COUNT[] = "SELECT count(*) FROM task_after WHERE task = $1";
    static const char ADD[] =
            "INSERT INTO task_after (task, before) VALUES ($1, $2) ON CONFLICT (task, before) DO NOTHING";
    int64_t count;
    TRY(db_one(work->db, RING, (struct db_value[]){db_i64(before), db_i64(task)}, 2, 0, &count));
    if (count > 0)
        return err_make(ERR_CONFLICT, "each of these two tasks would have to be done before the other");
    TRY(db_one(work->db, COUNT, (struct db_value[]){db_i64(task)}, 1, 0, &count));
    if (count >= TASK_BEFORE_MAX)
        return err_format(work->arena, ERR_LIMIT, "a task waits for %d others at the most", TASK_BEFORE_MAX);
    return db_run(work->db, ADD, (struct db_value[]){db_i64(task), db_i64(before)}, 2, NULL);
}

static void before_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    (void)arena;
    *(int64_t *)row = db_number(rows, 0);
}

struct err store_task_befores(struct db *db, int64_t task, struct arena *arena, int64_t **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT before FROM task_after WHERE task = $1 ORDER BY before LIMIT $2";
    struct page page = page_of(int64_t, LIST, before_read, TASK_BEFORE_MAX);
    return page_read(db, &page, (struct db_value[]){db_i64(task)}, 1, arena, (void **)rows, row_count);
}

struct err store_task_waits(struct db *db, int64_t task, int64_t *count)
{
    static const char COUNT[] = "SELECT count(*) FROM task_after a JOIN task b ON b.number = a.before "
                                "WHERE a.task = $1 AND b.state IN ('to-do', 'doing', 'waiting')";
    return db_one(db, COUNT, (struct db_value[]){db_i64(task)}, 1, 0, count);
}
