/* SPDX-License-Identifier: Apache-2.0 */
#include "store/session.h"

#include "base/arena.h"
#include "store/page.h"

#define AGENT_BYTES_MAX 200

#define COLUMNS "SELECT number, person, how, half, origin, agent, made_us, seen_us, ends_us, ended FROM session "

static enum actor_how how_find(slice name)
{
    enum actor_how how = 0;
    while (how < ACTOR_HOWS && !slice_eq(name, slice_of(store_how_name(how))))
        how++;
    return how < ACTOR_HOWS ? how : ACTOR_NOBODY;
}

static void session_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct session *)row = (struct session){
            .number = db_number(rows, 0),
            .person = db_number(rows, 1),
            .how = how_find(db_slice(rows, 2)),
            .half = db_number(rows, 3) != 0,
            .from = arena_copy(arena, db_slice(rows, 4)),
            .agent = arena_copy(arena, db_slice(rows, 5)),
            .made_us = db_number(rows, 6),
            .seen_us = db_number(rows, 7),
            .ends_us = db_number(rows, 8),
            .ended = arena_copy(arena, db_slice(rows, 9)),
    };
}

/* ---- Changing ---- */

/* Room for one more: those that would end first go. */
static struct err make_room(struct work *work, int64_t person)
{
    static const char GOOD[] = "SELECT count(*) FROM session WHERE person = $1 AND ends_us > $2 AND ended = ''";
    static const char END[] =
            "UPDATE session SET ended = 'too many', ends_us = $2 WHERE number IN (SELECT number FROM session "
            "WHERE person = $1 AND ends_us > $2 AND ended = '' ORDER BY ends_us LIMIT $3)";
    int64_t good;
    TRY(db_one(work->db, GOOD, (struct db_value[]){db_i64(person), db_i64(work->now_us)}, 2, 0, &good));
    if (good < SESSIONS_MAX)
        return OK;
    const struct db_value values[] = {db_i64(person), db_i64(work->now_us), db_i64(good - SESSIONS_MAX + 1)};
    return db_run(work->db, END, values, COUNT_OF(values), NULL);
}

struct err store_session_add(struct work *work, const struct session_put *put, int64_t *number)
{
    static const char ADD[] =
            "INSERT INTO session (number, secret, person, how, half, origin, agent, made_us, seen_us, "
            "ends_us, ended) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $9, '')";
    int64_t fresh;
    TRY(make_room(work, put->person));
    TRY(store_number(work->db, "session", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_bytes(sha256_slice(put->secret)), db_i64(put->person),
            db_text(slice_of(store_how_name(put->how))), db_i64(put->half ? 1 : 0), db_text(put->from),
            db_text(store_text_keep(work->arena, put->agent, AGENT_BYTES_MAX)), db_i64(work->now_us),
            db_i64(put->ends_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    *number = fresh;
    return OK;
}

struct err store_session_end(struct work *work, int64_t number, slice why, bool *ended)
{
    static const char END[] =
            "UPDATE session SET ended = $3, ends_us = $2 WHERE number = $1 AND ends_us > $2 AND ended = ''";
    const struct db_value values[] = {db_i64(number), db_i64(work->now_us), db_text(why)};
    uint64_t changed;
    TRY(db_run(work->db, END, values, COUNT_OF(values), &changed));
    *ended = changed > 0;
    return OK;
}

struct err store_session_end_all(struct work *work, int64_t person, int64_t but, slice why, uint64_t *ended_count)
{
    static const char END[] = "UPDATE session SET ended = $3, ends_us = $2 "
                              "WHERE person = $1 AND ends_us > $2 AND ended = '' AND number <> $4";
    const struct db_value values[] = {db_i64(person), db_i64(work->now_us), db_text(why), db_i64(but)};
    return db_run(work->db, END, values, COUNT_OF(values), ended_count);
}

struct err store_session_seen(struct db *db, int64_t number, int64_t seen_us)
{
    static const char SEEN[] = "UPDATE session SET seen_us = $2 WHERE number = $1 AND seen_us < $2";
    return db_run(db, SEEN, (struct db_value[]){db_i64(number), db_i64(seen_us)}, 2, NULL);
}

/* ---- Reading ---- */

struct err store_session_find(struct db *db, const struct sha256 *secret, struct arena *arena, struct session *session)
{
    static const char FIND[] = COLUMNS "WHERE secret = $1";
    struct page page = page_of(struct session, FIND, session_read, 1);
    const struct db_value values[] = {db_bytes(sha256_slice(secret))};
    return page_get(db, &page, values, 1, arena, session, "there is no such session");
}

struct err store_session_get(struct db *db, int64_t number, struct arena *arena, struct session *session)
{
    static const char GET[] = COLUMNS "WHERE number = $1";
    struct page page = page_of(struct session, GET, session_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, session, "there is no such session");
}

struct err store_session_list(
        struct db *db, int64_t person, int64_t now_us, struct arena *arena, struct session **rows, size_t *row_count)
{
    static const char LIST[] =
            COLUMNS "WHERE person = $1 AND ends_us > $2 AND ended = '' ORDER BY ends_us DESC LIMIT $3";
    struct page page = page_of(struct session, LIST, session_read, SESSIONS_MAX);
    const struct db_value values[] = {db_i64(person), db_i64(now_us)};
    return page_read(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_session_before(struct db *db, int64_t person, int64_t but, int64_t *seen_us)
{
    static const char BEFORE[] = "SELECT MAX(seen_us) FROM session WHERE person = $1 AND number <> $2 AND half = 0";
    struct db_rows *rows;
    TRY(db_query(db, BEFORE, (struct db_value[]){db_i64(person), db_i64(but)}, 2, &rows));
    *seen_us = TIME_NONE;
    while (db_next(rows))
        *seen_us = page_time(rows, 0);
    return db_done(rows);
}
