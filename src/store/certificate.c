/* SPDX-License-Identifier: Apache-2.0 */
#include "store/certificate.h"

#include "base/arena.h"
#include "store/page.h"

#define COLUMNS "SELECT fingerprint, person, subject, added_us, expires_us FROM certificate "

static void certificate_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct certificate_row *certificate = row;
    slice fingerprint = db_slice(rows, 0);
    *certificate = (struct certificate_row){
            .person = db_number(rows, 1),
            .subject = arena_copy(arena, db_slice(rows, 2)),
            .added_us = db_number(rows, 3),
            .expires_us = db_number(rows, 4),
    };
    if (fingerprint.len == sizeof certificate->fingerprint)
        memcpy(&certificate->fingerprint, fingerprint.ptr, fingerprint.len);
}

struct err store_certificate_add(struct work *work, const struct certificate_row *put)
{
    static const char COUNT[] = "SELECT count(*) FROM certificate WHERE person = $1";
    static const char ADD[] = "INSERT INTO certificate (fingerprint, person, subject, added_us, expires_us) "
                              "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (fingerprint) DO NOTHING";
    int64_t count;
    uint64_t changed;
    TRY(db_one(work->db, COUNT, (struct db_value[]){db_i64(put->person)}, 1, 0, &count));
    if (count >= CERTIFICATES_MAX)
        return err_format(work->arena, ERR_LIMIT, "the user has %d certificates; remove one", CERTIFICATES_MAX);
    const struct db_value values[] = {db_bytes(sha256_slice(&put->fingerprint)), db_i64(put->person),
            db_text(store_text_keep(work->arena, put->subject, STORE_TEXT_MAX)), db_i64(work->now_us),
            db_i64(put->expires_us)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), &changed));
    return changed > 0 ? OK : err_make(ERR_CONFLICT, "the certificate is somebody's already");
}

struct err store_certificate_drop(struct work *work, int64_t person, const struct sha256 *fingerprint)
{
    static const char DROP[] = "DELETE FROM certificate WHERE person = $1 AND fingerprint = $2";
    const struct db_value values[] = {db_i64(person), db_bytes(sha256_slice(fingerprint))};
    uint64_t changed;
    TRY(db_run(work->db, DROP, values, COUNT_OF(values), &changed));
    return changed > 0 ? OK : err_make(ERR_MISSING, "the user has no such certificate");
}

struct err store_certificate_drop_all(struct work *work, int64_t person)
{
    static const char DROP[] = "DELETE FROM certificate WHERE person = $1";
    return db_run(work->db, DROP, (struct db_value[]){db_i64(person)}, 1, NULL);
}

struct err store_certificate_find(
        struct db *db, const struct sha256 *fingerprint, struct arena *arena, struct certificate_row *certificate)
{
    static const char FIND[] = COLUMNS "WHERE fingerprint = $1";
    struct page page = page_of(struct certificate_row, FIND, certificate_read, 1);
    const struct db_value values[] = {db_bytes(sha256_slice(fingerprint))};
    return page_get(db, &page, values, COUNT_OF(values), arena, certificate, "the certificate is nobody's");
}

struct err store_certificate_list(
        struct db *db, int64_t person, struct arena *arena, struct certificate_row **rows, size_t *row_count)
{
    static const char LIST[] = COLUMNS "WHERE person = $1 LIMIT $2";
    struct page page = page_of(struct certificate_row, LIST, certificate_read, CERTIFICATES_MAX);
    return page_read(db, &page, (struct db_value[]){db_i64(person)}, 1, arena, (void **)rows, row_count);
}
