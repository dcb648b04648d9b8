/* SPDX-License-Identifier: Apache-2.0 */
#include "store/roster.h"

#include "base/arena.h"
#include "store/page.h"
#include "store/user.h"

static const char *const ranks[SHIFT_RANKS] = {[SHIFT_FIRST] = "first", [SHIFT_SECOND] = "second"};

const char *store_shift_rank_name(enum shift_rank rank)
{
    return ranks[rank];
}

bool store_shift_rank_find(slice name, enum shift_rank *rank)
{
    for (enum shift_rank i = 0; i < SHIFT_RANKS; i++)
        if (slice_eq(name, slice_of(ranks[i]))) {
            *rank = i;
            return true;
        }
    return false;
}

/* ---- Reading ---- */

#define COLUMNS                                                                                                        \
    "SELECT s.number, s.person, s.rank, s.from_us, s.until_us, p.name, p.state, c.mail, c.phone FROM shift s "         \
    "JOIN person p ON p.number = s.person LEFT JOIN shift_person c ON c.person = s.person "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct shift *shift = row;
    slice state = db_slice(rows, 6);
    *shift = (struct shift){
            .number = db_number(rows, 0),
            .is = {.person = db_number(rows, 1), .from_us = db_number(rows, 3), .until_us = db_number(rows, 4)},
            .name = arena_copy(arena, db_slice(rows, 5)),
            .mail = arena_copy(arena, db_slice(rows, 7)),
            .phone = arena_copy(arena, db_slice(rows, 8)),
            .away = slice_eq(state, slice_of(store_user_state_name(USER_LOCKED))) ||
                    slice_eq(state, slice_of(store_user_state_name(USER_CLOSED))),
    };
    store_shift_rank_find(db_slice(rows, 2), &shift->is.rank);
}

struct err store_shift_get(struct db *db, int64_t number, struct arena *arena, struct shift *shift)
{
    static const char GET[] = COLUMNS "WHERE s.number = $1";
    struct page page = page_of(struct shift, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, shift, "there is no such shift");
}

struct err store_shift_list(
        struct db *db, int64_t from_us, int64_t until_us, struct arena *arena, struct shift **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE s.from_us > $1 AND s.from_us < $2 AND s.until_us > $3 "
                                       "ORDER BY s.from_us, s.number LIMIT $4";
    struct page page = page_of(struct shift, LIST, row_read, SHIFT_ROWS_MAX);
    const struct db_value values[] = {db_i64(from_us - SHIFT_US_MAX - 1), db_i64(until_us), db_i64(from_us)};
    return page_read_whole(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

struct err store_shift_next(
        struct db *db, int64_t at_us, size_t count, struct arena *arena, struct shift **rows, size_t *row_count)
{
    static const char NEXT[] = COLUMNS "WHERE s.from_us > $1 ORDER BY s.from_us, s.number LIMIT $2";
    struct page page = page_of(struct shift, NEXT, row_read, count);
    return page_read(db, &page, (struct db_value[]){db_i64(at_us)}, 1, arena, (void **)rows, row_count);
}

struct err store_shift_any(struct db *db, bool *any)
{
    static const char ANY[] = "SELECT number FROM shift WHERE from_us > $1 ORDER BY from_us LIMIT 1";
    int64_t number;
    TRY(db_one(db, ANY, (struct db_value[]){db_i64(0)}, 1, 0, &number));
    *any = number != 0;
    return OK;
}

static void reached_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    slice *both = row;
    both[0] = arena_copy(arena, db_slice(rows, 0));
    both[1] = arena_copy(arena, db_slice(rows, 1));
}

struct err store_shift_person_get(struct db *db, int64_t person, struct arena *arena, slice *mail, slice *phone)
{
    static const char GET[] = "SELECT mail, phone FROM shift_person WHERE person = $1";
    slice both[2] = {{0}};
    struct page page = {GET, sizeof both, reached_read, 1};
    struct err err = page_get(db, &page, (struct db_value[]){db_i64(person)}, 1, arena, both, "nobody said how");
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    *mail = both[0];
    *phone = both[1];
    return OK;
}

/* ---- Changing ---- */

struct err store_shift_put(struct work *work, const struct shift_put *put, int64_t *number)
{
    static const char PUT[] = "INSERT INTO shift (number, person, rank, from_us, until_us) VALUES ($1, $2, $3, $4, $5) "
                              "ON CONFLICT (person, rank, from_us) DO UPDATE SET until_us = $5";
    static const char WHICH[] = "SELECT number FROM shift WHERE person = $1 AND rank = $2 AND from_us = $3";
    const slice rank = slice_of(ranks[put->rank]);
    struct user user;
    int64_t fresh;
    if (put->from_us <= 0 || put->until_us <= put->from_us)
        return err_make(ERR_INPUT, "a shift ends after it begins");
    if (put->until_us - put->from_us > SHIFT_US_MAX)
        return err_make(ERR_INPUT, "a shift lasts 31 days at most");
    TRY(store_user_get(work->db, put->person, work->arena, &user));
    TRY(store_number(work->db, "shift", 1, &fresh));
    const struct db_value values[] = {
            db_i64(fresh), db_i64(put->person), db_text(rank), db_i64(put->from_us), db_i64(put->until_us)};
    TRY(db_run(work->db, PUT, values, COUNT_OF(values), NULL));
    return db_one(work->db, WHICH, values + 1, 3, 0, number);
}

static struct err one_changed(struct err err, uint64_t changed)
{
    TRY(err);
    return changed > 0 ? OK : err_make(ERR_MISSING, "there is no such shift");
}

struct err store_shift_give(struct work *work, int64_t number, int64_t person)
{
    static const char GIVE[] = "UPDATE shift SET person = $2 WHERE number = $1";
    struct user user;
    uint64_t changed = 0;
    TRY(store_user_get(work->db, person, work->arena, &user));
    struct err err = db_run(work->db, GIVE, (struct db_value[]){db_i64(number), db_i64(person)}, 2, &changed);
    if (err.kind == ERR_CONFLICT)
        return err_format(work->arena, ERR_CONFLICT, "%.*s has a shift already that begins then", (int)user.name.len,
                user.name.ptr);
    return one_changed(err, changed);
}

struct err store_shift_drop(struct work *work, int64_t number)
{
    static const char DROP[] = "DELETE FROM shift WHERE number = $1";
    uint64_t changed = 0;
    struct err err = db_run(work->db, DROP, (struct db_value[]){db_i64(number)}, 1, &changed);
    return one_changed(err, changed);
}

struct err store_shift_person(struct work *work, int64_t person, slice mail, slice phone)
{
    static const char PUT[] = "INSERT INTO shift_person (person, mail, phone) VALUES ($1, $2, $3) "
                              "ON CONFLICT (person) DO UPDATE SET mail = $2, phone = $3";
    struct user user;
    if (mail.len > 0)
        TRY(store_text_check(work->arena, "address of mail", mail, SHIFT_MAIL_MAX));
    if (phone.len > 0)
        TRY(store_text_check(work->arena, "telephone number", phone, SHIFT_PHONE_MAX));
    TRY(store_user_get(work->db, person, work->arena, &user));
    const struct db_value values[] = {db_i64(person), db_text(mail), db_text(phone)};
    return db_run(work->db, PUT, values, COUNT_OF(values), NULL);
}
