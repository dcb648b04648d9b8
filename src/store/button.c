/* SPDX-License-Identifier: Apache-2.0 */
#include "store/button.h"

#include "base/arena.h"
#include "base/base32.h"
#include "base/buf.h"
#include "base/hash.h"
#include "store/page.h"

static const char *const purposes[] = {[BUTTON_CONTACT] = "contact", [BUTTON_WARNING] = "warning"};

/* 128 random bits cannot be guessed, so that a plain hash keeps them secret. */
static struct db_value kept(slice secret, struct sha256 *hash)
{
    *hash = hash_sha256(secret);
    return db_bytes(sha256_slice(hash));
}

slice store_button_secret(struct arena *arena)
{
    uint8_t bits[16];
    struct buf text = buf_make(64);
    hash_random(bits, sizeof bits);
    base32_write(&text, (slice){(const char *)bits, sizeof bits});
    for (size_t i = 0; i < text.len; i++)
        text.ptr[i] = byte_lower(text.ptr[i]);
    slice secret = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return secret;
}

struct err store_button_add(
        struct work *work, slice secret, enum button_purpose purpose, int64_t subject, int64_t expires_us)
{
    static const char ADD[] = "INSERT INTO button (secret, purpose, subject, made_us, expires_us, answer) "
                              "VALUES ($1, $2, $3, $4, $5, '')";
    struct sha256 hash;
    const struct db_value values[] = {kept(secret, &hash), db_text(slice_of(purposes[purpose])), db_i64(subject),
            db_i64(work->now_us), db_i64(expires_us)};
    return db_run(work->db, ADD, values, COUNT_OF(values), NULL);
}

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    bool contact = slice_eq(db_slice(rows, 0), slice_of(purposes[BUTTON_CONTACT]));
    *(struct button *)row = (struct button){
            .purpose = contact ? BUTTON_CONTACT : BUTTON_WARNING,
            .subject = db_number(rows, 1),
            .made_us = db_number(rows, 2),
            .expires_us = db_number(rows, 3),
            .pressed_us = page_time(rows, 4),
            .answer = arena_copy(arena, db_slice(rows, 5)),
    };
}

struct err store_button_get(struct db *db, slice secret, int64_t now_us, struct arena *arena, struct button *button)
{
    static const char GET[] = "SELECT purpose, subject, made_us, expires_us, pressed_us, answer FROM button "
                              "WHERE secret = $1 AND expires_us > $2";
    struct page page = page_of(struct button, GET, row_read, 1);
    struct sha256 hash;
    const struct db_value values[] = {kept(secret, &hash), db_i64(now_us)};
    return page_get(db, &page, values, COUNT_OF(values), arena, button, "this link does not work, or not any more");
}

struct err store_button_press(struct work *work, slice secret, slice answer)
{
    static const char PRESS[] = "UPDATE button SET pressed_us = COALESCE(pressed_us, $2), answer = $3 "
                                "WHERE secret = $1 AND expires_us > $2";
    struct sha256 hash;
    const struct db_value values[] = {kept(secret, &hash), db_i64(work->now_us), db_text(answer)};
    uint64_t changed;
    TRY(db_run(work->db, PRESS, values, COUNT_OF(values), &changed));
    return changed > 0 ? OK : err_make(ERR_MISSING, "this link does not work, or not any more");
}

struct err store_button_sweep(struct work *work, size_t most, uint64_t *count)
{
    static const char SWEEP[] = "DELETE FROM button WHERE secret IN (SELECT secret FROM button WHERE expires_us <= $1 "
                                "ORDER BY expires_us LIMIT $2)";
    const struct db_value values[] = {db_i64(work->now_us), db_i64((int64_t)most)};
    return db_run(work->db, SWEEP, values, COUNT_OF(values), count);
}
