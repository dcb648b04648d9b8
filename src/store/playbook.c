/* SPDX-License-Identifier: Apache-2.0 */
#include "store/playbook.h"

#include "base/arena.h"
#include "store/page.h"

#define INCIDENT_RUNS_MAX STORE_PAGE_MAX /* a playbook is begun once in an incident */

static const char *const states[PLAYBOOK_STATES] = {
        [PLAYBOOK_DRAFT] = "draft",
        [PLAYBOOK_APPROVED] = "approved",
        [PLAYBOOK_RETIRED] = "retired",
};

const char *store_playbook_state_name(enum playbook_state state)
{
    return states[state];
}

bool store_playbook_state_find(slice name, enum playbook_state *state)
{
    for (enum playbook_state i = 0; i < PLAYBOOK_STATES; i++)
        if (slice_eq(name, slice_of(states[i]))) {
            *state = i;
            return true;
        }
    return false;
}

#define COLUMNS "SELECT number, identity, version, name, types, class, state, signature, added_us, actor"

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct playbook *playbook = row;
    *playbook = (struct playbook){
            .number = db_number(rows, 0),
            .identity = arena_copy(arena, db_slice(rows, 1)),
            .version = arena_copy(arena, db_slice(rows, 2)),
            .name = arena_copy(arena, db_slice(rows, 3)),
            .types = arena_copy(arena, db_slice(rows, 4)),
            .class = arena_copy(arena, db_slice(rows, 5)),
            .signature = arena_copy(arena, db_slice(rows, 7)),
            .added_us = db_number(rows, 8),
            .actor = arena_copy(arena, db_slice(rows, 9)),
    };
    (void)store_playbook_state_find(db_slice(rows, 6), &playbook->state);
}

static void whole_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    row_read(rows, arena, row);
    ((struct playbook *)row)->bytes = arena_copy(arena, db_slice(rows, 10));
}

struct err store_playbook_add(struct work *work, const struct playbook *put, int64_t *number)
{
    static const char IS[] = "SELECT count(*) FROM playbook WHERE identity = $1 AND version = $2";
    static const char ADD[] =
            "INSERT INTO playbook (number, identity, version, name, types, class, state, signature, added_us, actor, "
            "bytes) VALUES ($1, $2, $3, $4, $5, $6, 'draft', $7, $8, $9, $10)";
    int64_t fresh, count;
    TRY(store_number(work->db, "playbook", 1, &fresh));
    TRY(db_one(work->db, IS, (struct db_value[]){db_text(put->identity), db_text(put->version)}, 2, 0, &count));
    if (count > 0)
        return err_make(ERR_CONFLICT, "this version of the playbook is here already");
    const struct db_value values[] = {db_i64(fresh), db_text(put->identity), db_text(put->version), db_text(put->name),
            db_text(put->types), db_text(put->class), db_text(put->signature), db_i64(work->now_us),
            db_text(work->actor->name), db_bytes(put->bytes)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    *number = fresh;
    return OK;
}

struct err store_playbook_keep(struct work *work, int64_t number, struct playbook *row)
{
    /* Changes nothing, and makes who changes that row wait for us, and us for them. */
    static const char KEEP[] = "UPDATE playbook SET state = state WHERE number = $1";
    TRY(db_run(work->db, KEEP, (struct db_value[]){db_i64(number)}, 1, NULL));
    return store_playbook_get(work->db, number, work->arena, row);
}

struct err store_playbook_turn(struct work *work, int64_t number, enum playbook_state state)
{
    static const char TURN[] = "UPDATE playbook SET state = $2 WHERE number = $1";
    return db_run(work->db, TURN, (struct db_value[]){db_i64(number), db_text(slice_of(states[state]))}, 2, NULL);
}

struct err store_playbook_get(struct db *db, int64_t number, struct arena *arena, struct playbook *row)
{
    static const char GET[] = COLUMNS ", bytes FROM playbook WHERE number = $1";
    struct page page = page_of(struct playbook, GET, whole_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, row, "there is no such playbook");
}

struct err store_playbook_list(
        struct db *db, int64_t after, size_t count, struct arena *arena, struct playbook **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS " FROM playbook WHERE number > $1 ORDER BY number LIMIT $2";
    struct page page = page_of(struct playbook, LIST, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(after)}, 1, arena, (void **)rows, row_count);
}

struct err store_playbook_of_state(struct db *db, enum playbook_state state, int64_t after, size_t count,
        struct arena *arena, struct playbook **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS " FROM playbook WHERE state = $1 AND number > $2 ORDER BY number LIMIT $3";
    struct page page = page_of(struct playbook, LIST, row_read, count);
    const struct db_value values[] = {db_text(slice_of(states[state])), db_i64(after)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_playbook_run_add(struct work *work, int64_t playbook, int64_t incident, int64_t *number)
{
    static const char IS[] = "SELECT count(*) FROM playbook_run WHERE incident = $1 AND playbook = $2";
    static const char ADD[] = "INSERT INTO playbook_run (number, playbook, incident, begun_us, actor) "
                              "VALUES ($1, $2, $3, $4, $5)";
    int64_t fresh, count;
    TRY(db_one(work->db, IS, (struct db_value[]){db_i64(incident), db_i64(playbook)}, 2, 0, &count));
    if (count > 0)
        return err_make(ERR_CONFLICT, "this playbook was started in that incident before");
    TRY(store_number(work->db, "playbook_run", 1, &fresh));
    const struct db_value values[] = {
            db_i64(fresh), db_i64(playbook), db_i64(incident), db_i64(work->now_us), db_text(work->actor->name)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    *number = fresh;
    return OK;
}

static void run_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct playbook_run *)row = (struct playbook_run){
            .number = db_number(rows, 0),
            .playbook = db_number(rows, 1),
            .begun_us = db_number(rows, 2),
            .name = arena_copy(arena, db_slice(rows, 3)),
            .version = arena_copy(arena, db_slice(rows, 4)),
            .actor = arena_copy(arena, db_slice(rows, 5)),
    };
}

struct err store_playbook_runs(
        struct db *db, int64_t incident, struct arena *arena, struct playbook_run **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT r.number, r.playbook, r.begun_us, p.name, p.version, r.actor "
                               "FROM playbook_run r JOIN playbook p ON p.number = r.playbook WHERE r.incident = $1 "
                               "ORDER BY r.number LIMIT $2";
    struct page page = page_of(struct playbook_run, LIST, run_read, INCIDENT_RUNS_MAX);
    return page_read(db, &page, (struct db_value[]){db_i64(incident)}, 1, arena, (void **)rows, row_count);
}
