/* SPDX-License-Identifier: Apache-2.0 */
#include "store/profile.h"

#include "base/arena.h"
#include "store/page.h"

/* ---- Fields ---- */

static void value_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    *(struct profile_value *)row = (struct profile_value){
            .field = arena_copy(arena, db_slice(rows, 0)),
            .language = arena_copy(arena, db_slice(rows, 1)),
            .value = arena_copy(arena, db_slice(rows, 2)),
            .changed_us = db_number(rows, 3),
            .actor = arena_copy(arena, db_slice(rows, 4)),
    };
}

struct err store_profile_put(struct work *work, slice field, slice language, slice value, bool *changed)
{
    static const char DROP[] = "DELETE FROM profile WHERE field = $1 AND language = $2";
    static const char PUT[] = "INSERT INTO profile (field, language, value, changed_us, actor) "
                              "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (field, language) DO UPDATE SET value = $3, "
                              "changed_us = $4, actor = $5 WHERE profile.value <> $3";
    const struct db_value values[] = {
            db_text(field), db_text(language), db_text(value), db_i64(work->now_us), db_text(work->actor->name)};
    uint64_t touched;
    if (value.len > 0)
        TRY(store_prose_check(work->arena, "a field of the profile", value, PROFILE_VALUE_MAX));
    TRY(value.len == 0 ? db_run(work->db, DROP, values, 2, &touched)
                       : db_run(work->db, PUT, values, COUNT_OF(values), &touched));
    *changed = touched > 0;
    return OK;
}

struct err store_profile_list(struct db *db, struct arena *arena, struct profile_value **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT field, language, value, changed_us, actor FROM profile WHERE field > $1 "
                               "ORDER BY field, language LIMIT $2";
    struct page page = page_of(struct profile_value, LIST, value_read, PROFILE_ROWS_MAX);
    const struct db_value values[] = {db_text(S(""))};
    return page_read_whole(db, &page, values, COUNT_OF(values), arena, (void **)rows, row_count);
}

/* ---- Documents ---- */

static void document_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct profile_document *document = row;
    slice source = db_slice(rows, 2);
    *document = (struct profile_document){
            .name = arena_copy(arena, db_slice(rows, 0)),
            .text = arena_copy(arena, db_slice(rows, 1)),
            .fingerprint = arena_copy(arena, db_slice(rows, 3)),
            .made_us = db_number(rows, 4),
    };
    if (source.len == sizeof document->source)
        memcpy(&document->source, source.ptr, source.len);
}

struct err store_profile_document_put(struct work *work, const struct profile_document *document)
{
    static const char PUT[] = "INSERT INTO profile_document (name, text, source, fingerprint, made_us) "
                              "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (name) DO UPDATE SET text = $2, source = $3, "
                              "fingerprint = $4, made_us = $5";
    const struct db_value values[] = {db_text(document->name), db_bytes(document->text),
            db_bytes(sha256_slice(&document->source)), db_text(document->fingerprint), db_i64(document->made_us)};
    if (document->text.len > PROFILE_DOCUMENT_MAX)
        return err_make(ERR_LIMIT, "a document of the profile has 512 KiB at most");
    return db_run(work->db, PUT, values, COUNT_OF(values), NULL);
}

struct err store_profile_document_drop(struct work *work, slice name)
{
    static const char DROP[] = "DELETE FROM profile_document WHERE name = $1";
    return db_run(work->db, DROP, (struct db_value[]){db_text(name)}, 1, NULL);
}

struct err store_profile_document_get(struct db *db, slice name, struct arena *arena, struct profile_document *document)
{
    static const char GET[] = "SELECT name, text, source, fingerprint, made_us FROM profile_document WHERE name = $1";
    struct page page = page_of(struct profile_document, GET, document_read, 1);
    return page_get(db, &page, (struct db_value[]){db_text(name)}, 1, arena, document, "there is no such document");
}
