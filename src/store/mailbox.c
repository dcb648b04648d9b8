/* SPDX-License-Identifier: Apache-2.0 */
#include "store/mailbox.h"

#include "base/arena.h"
#include "store/page.h"

#define COLUMNS "SELECT name, validity, last, looked_us, taken, why FROM mailbox "

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct mailbox_state *)row = (struct mailbox_state){
            .name = arena_copy(arena, db_slice(rows, 0)),
            .validity = db_number(rows, 1),
            .last = db_number(rows, 2),
            .looked_us = db_number(rows, 3),
            .taken = db_number(rows, 4),
            .why = arena_copy(arena, db_slice(rows, 5)),
    };
}

struct err store_mailbox_get(struct db *db, slice name, struct arena *arena, struct mailbox_state *state)
{
    static const char GET[] = COLUMNS "WHERE name = $1";
    struct page page = page_of(struct mailbox_state, GET, row_read, 1);
    struct err err = page_get(db, &page, (struct db_value[]){db_text(name)}, 1, arena, state, "it was never looked at");
    if (err.kind == ERR_MISSING)
        *state = (struct mailbox_state){.name = name};
    return err.kind == ERR_MISSING ? OK : err;
}

struct err store_mailbox_put(struct work *work, const struct mailbox_state *state)
{
    static const char PUT[] =
            "INSERT INTO mailbox (name, validity, last, looked_us, taken, why) VALUES ($1, $2, $3, $4, $5, $6) "
            "ON CONFLICT (name) DO UPDATE SET validity = EXCLUDED.validity, last = EXCLUDED.last, "
            "looked_us = EXCLUDED.looked_us, taken = mailbox.taken + EXCLUDED.taken, why = EXCLUDED.why";
    const struct db_value values[] = {db_text(state->name), db_i64(state->validity), db_i64(state->last),
            db_i64(work->now_us), db_i64(state->taken),
            db_text(store_text_keep(work->arena, state->why, STORE_TEXT_MAX))};
    return db_run(work->db, PUT, values, COUNT_OF(values), NULL);
}

struct err store_mailbox_list(struct db *db, struct arena *arena, struct mailbox_state **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "ORDER BY name LIMIT $1";
    struct page page = page_of(struct mailbox_state, LIST, row_read, STORE_MAILBOXES_MAX);
    return page_read(db, &page, NULL, 0, arena, (void **)rows, row_count);
}

struct err store_mailbox_mail_add(struct work *work, const struct sha256 *digest, bool *fresh)
{
    static const char ADD[] =
            "INSERT INTO mailbox_mail (digest, taken_us) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING";
    const struct db_value values[] = {db_bytes(sha256_slice(digest)), db_i64(work->now_us)};
    uint64_t changed = 0;
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), &changed));
    *fresh = changed > 0;
    return OK;
}
