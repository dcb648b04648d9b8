/* SPDX-License-Identifier: Apache-2.0 */
#include "store/letter.h"

#include "base/arena.h"
#include "store/page.h"

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct letter *)row = (struct letter){
            .number = db_number(rows, 0),
            .partner = db_number(rows, 1),
            .type = arena_copy(arena, db_slice(rows, 2)),
            .about = arena_copy(arena, db_slice(rows, 3)),
            .version = db_number(rows, 4),
            .body = arena_copy(arena, db_slice(rows, 5)),
            .made_us = db_number(rows, 6),
    };
}

struct err store_letter_add(struct work *work, const struct letter *put)
{
    static const char ADD[] = "INSERT INTO letter_to_sign (number, partner, type, about, version, body, made_us) "
                              "VALUES ($1, $2, $3, $4, $5, $6, $7)";
    int64_t number;
    TRY(store_number(work->db, "letter", 1, &number));
    const struct db_value values[] = {db_i64(number), db_i64(put->partner), db_text(put->type), db_text(put->about),
            db_i64(put->version), db_bytes(put->body), db_i64(work->now_us)};
    return db_run(work->db, ADD, values, COUNT_OF(values), NULL);
}

struct err store_letter_next(struct db *db, struct arena *arena, struct letter *row, bool *found)
{
    static const char NEXT[] = "SELECT number, partner, type, about, version, body, made_us FROM letter_to_sign "
                               "WHERE number > 0 ORDER BY number LIMIT 1";
    struct page page = page_of(struct letter, NEXT, row_read, 1);
    struct err err = page_get(db, &page, NULL, 0, arena, row, "nothing waits to be signed");
    *found = err.kind == ERR_NONE;
    return err.kind == ERR_MISSING ? OK : err;
}

struct err store_letter_drop(struct work *work, int64_t number)
{
    static const char DROP[] = "DELETE FROM letter_to_sign WHERE number = $1";
    uint64_t changed;
    TRY(db_run(work->db, DROP, (struct db_value[]){db_i64(number)}, 1, &changed));
    return changed > 0 ? OK : err_make(ERR_CONFLICT, "the letter was signed already");
}
