/* SPDX-License-Identifier: Apache-2.0 */
#include "store/factor.h"

#include "base/arena.h"
#include "store/page.h"

static void factor_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct factor *)row = (struct factor){
            .sealed = arena_copy(arena, db_slice(rows, 0)),
            .made_us = db_number(rows, 1),
            .confirmed_us = page_time(rows, 2),
            .step = db_number(rows, 3),
    };
}

/* ---- Factors ---- */

struct err store_factor_put(struct work *work, int64_t person, slice sealed)
{
    static const char PUT[] =
            "INSERT INTO second_factor (person, sealed, made_us, confirmed_us, step) VALUES ($1, $2, $3, NULL, 0) "
            "ON CONFLICT (person) DO UPDATE SET sealed = excluded.sealed, made_us = excluded.made_us, step = 0 "
            "WHERE second_factor.confirmed_us IS NULL";
    const struct db_value values[] = {db_i64(person), db_bytes(sealed), db_i64(work->now_us)};
    uint64_t changed;
    TRY(db_run(work->db, PUT, values, COUNT_OF(values), &changed));
    return changed > 0 ? OK : err_make(ERR_CONFLICT, "there is a second factor already; take it off first");
}

struct err store_factor_confirm(struct work *work, int64_t person)
{
    static const char CONFIRM[] =
            "UPDATE second_factor SET confirmed_us = $2 WHERE person = $1 AND confirmed_us IS NULL";
    const struct db_value values[] = {db_i64(person), db_i64(work->now_us)};
    uint64_t changed;
    TRY(db_run(work->db, CONFIRM, values, COUNT_OF(values), &changed));
    return changed > 0 ? OK : err_make(ERR_CONFLICT, "there is no second factor that waits for its first code");
}

struct err store_factor_step(struct work *work, int64_t person, int64_t step, bool *taken)
{
    /* One statement decides, so that of two who come at once with one code one is late. */
    static const char STEP[] = "UPDATE second_factor SET step = $2 WHERE person = $1 AND step < $2";
    const struct db_value values[] = {db_i64(person), db_i64(step)};
    uint64_t changed;
    TRY(db_run(work->db, STEP, values, COUNT_OF(values), &changed));
    *taken = changed > 0;
    return OK;
}

struct err store_factor_drop(struct work *work, int64_t person, bool *dropped)
{
    static const char CODES[] = "DELETE FROM recovery_code WHERE person = $1";
    static const char WAITING[] = "DELETE FROM second_factor WHERE person = $1 AND confirmed_us IS NULL";
    static const char DROP[] = "DELETE FROM second_factor WHERE person = $1";
    const struct db_value values[] = {db_i64(person)};
    uint64_t changed;
    TRY(db_run(work->db, CODES, values, COUNT_OF(values), NULL));
    TRY(db_run(work->db, WAITING, values, COUNT_OF(values), NULL));
    TRY(db_run(work->db, DROP, values, COUNT_OF(values), &changed));
    *dropped = changed > 0;
    return OK;
}

struct err store_factor_get(struct db *db, int64_t person, struct arena *arena, struct factor *factor)
{
    static const char GET[] = "SELECT sealed, made_us, confirmed_us, step FROM second_factor WHERE person = $1";
    struct page page = page_of(struct factor, GET, factor_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(person)}, 1, arena, factor, "there is no second factor");
}

/* ---- Recovery codes ---- */

struct err store_recovery_put(struct work *work, int64_t person, const struct sha256 *codes, size_t count)
{
    static const char DROP[] = "DELETE FROM recovery_code WHERE person = $1";
    static const char ADD[] = "INSERT INTO recovery_code (person, code, used_us) VALUES ($1, $2, NULL)";
    TRY(db_run(work->db, DROP, (struct db_value[]){db_i64(person)}, 1, NULL));
    for (size_t i = 0; i < count; i++) {
        const struct db_value values[] = {db_i64(person), db_bytes(sha256_slice(&codes[i]))};
        TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    }
    return OK;
}

struct err store_recovery_use(struct work *work, int64_t person, const struct sha256 *code, bool *used)
{
    static const char USE[] =
            "UPDATE recovery_code SET used_us = $3 WHERE person = $1 AND code = $2 AND used_us IS NULL";
    const struct db_value values[] = {db_i64(person), db_bytes(sha256_slice(code)), db_i64(work->now_us)};
    uint64_t changed;
    TRY(db_run(work->db, USE, values, COUNT_OF(values), &changed));
    *used = changed > 0;
    return OK;
}

struct err store_recovery_left(struct db *db, int64_t person, int64_t *count)
{
    static const char LEFT[] = "SELECT count(*) FROM recovery_code WHERE person = $1 AND used_us IS NULL";
    return db_one(db, LEFT, (struct db_value[]){db_i64(person)}, 1, 0, count);
}
