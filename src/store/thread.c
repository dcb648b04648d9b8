/* SPDX-License-Identifier: Apache-2.0 */
#include "store/thread.h"

#include "base/arena.h"
#include "store/page.h"

#define ROWS                                                                                                           \
    "SELECT number, report, direction, message_id, sender, subject, text, actor, time_us, notice, signature, digest "  \
    "FROM letter "

static void digest_read(const struct db_rows *rows, size_t column, struct sha256 *digest)
{
    slice bytes = db_slice(rows, column);
    if (bytes.len == sizeof digest->bytes)
        memcpy(digest->bytes, bytes.ptr, bytes.len);
}

static void row_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct thread_message *message = row;
    *message = (struct thread_message){
            .number = db_number(rows, 0),
            .report = db_number(rows, 1),
            .out = slice_eq(db_slice(rows, 2), S("out")),
            .message_id = arena_copy(arena, db_slice(rows, 3)),
            .sender = arena_copy(arena, db_slice(rows, 4)),
            .subject = arena_copy(arena, db_slice(rows, 5)),
            .text = arena_copy(arena, db_slice(rows, 6)),
            .actor = arena_copy(arena, db_slice(rows, 7)),
            .time_us = db_number(rows, 8),
            .notice = db_number(rows, 9),
            .signature = arena_copy(arena, db_slice(rows, 10)),
    };
    digest_read(rows, 11, &message->digest);
}

struct err store_thread_add(struct work *work, const struct thread_message *put, slice packed, int64_t *number)
{
    static const char ADD[] =
            "INSERT INTO letter (number, report, direction, message_id, sender, subject, text, actor, time_us, notice, "
            "signature, digest, bytes) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    int64_t fresh;
    TRY(store_number(work->db, "letter", 1, &fresh));
    const struct db_value values[] = {db_i64(fresh), db_i64(put->report), db_text(put->out ? S("out") : S("in")),
            db_text(put->message_id), db_text(put->sender), db_text(put->subject), db_text(put->text),
            db_text(put->actor), db_i64(work->now_us), put->notice == 0 ? db_null() : db_i64(put->notice),
            db_text(put->signature), db_bytes(sha256_slice(&put->digest)), db_bytes(packed)};
    TRY(db_run(work->db, ADD, values, COUNT_OF(values), NULL));
    *number = fresh;
    return OK;
}

struct err store_thread_get(struct db *db, int64_t number, struct arena *arena, struct thread_message *row)
{
    static const char GET[] = ROWS "WHERE number = $1";
    struct page page = page_of(struct thread_message, GET, row_read, 1);
    return page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, row, "there is no such message");
}

struct err store_thread_list(
        struct db *db, int64_t report, struct arena *arena, struct thread_message **rows, size_t *row_count)
{
    static const char LIST[] = ROWS "WHERE report = $1 ORDER BY number LIMIT $2";
    struct page page = page_of(struct thread_message, LIST, row_read, THREAD_MESSAGES_MAX);
    return page_read(db, &page, (struct db_value[]){db_i64(report)}, 1, arena, (void **)rows, row_count);
}

struct err store_thread_count(struct db *db, int64_t report, int64_t *count)
{
    static const char COUNT[] = "SELECT count(*) FROM letter WHERE report = $1";
    return db_one(db, COUNT, (struct db_value[]){db_i64(report)}, 1, 0, count);
}

struct packed {
    slice bytes;
};

static void packed_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    ((struct packed *)row)->bytes = arena_copy(arena, db_slice(rows, 0));
}

struct err store_thread_packed(struct db *db, int64_t number, struct arena *arena, slice *packed)
{
    static const char GET[] = "SELECT bytes FROM letter WHERE number = $1";
    struct page page = page_of(struct packed, GET, packed_read, 1);
    struct packed row;
    TRY(page_get(db, &page, (struct db_value[]){db_i64(number)}, 1, arena, &row, "there is no such message"));
    *packed = row.bytes;
    return OK;
}

static void number_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    (void)arena;
    *(int64_t *)row = db_number(rows, 0);
}

struct err store_thread_find(struct db *db, slice message_id, struct arena *arena, int64_t *report)
{
    static const char FIND[] =
            "SELECT report FROM letter WHERE message_id = $1 AND message_id <> '' ORDER BY number DESC LIMIT 1";
    struct page page = page_of(int64_t, FIND, number_read, 1);
    return page_get(db, &page, (struct db_value[]){db_text(message_id)}, 1, arena, report, "no message has that id");
}

/* ---- What hung on it ---- */

struct err store_thread_file_add(struct work *work, const struct thread_file *put)
{
    static const char ADD[] =
            "INSERT INTO attachment (letter, part, name, type, bytes, digest) VALUES ($1, $2, $3, $4, $5, $6)";
    const struct db_value values[] = {db_i64(put->message), db_i64(put->part), db_text(put->name), db_text(put->type),
            db_i64(put->bytes), db_bytes(sha256_slice(&put->digest))};
    return db_run(work->db, ADD, values, COUNT_OF(values), NULL);
}

static void file_read(const struct db_rows *rows, struct arena *arena, void *row)
{
    struct thread_file *file = row;
    *file = (struct thread_file){
            .message = db_number(rows, 0),
            .part = db_number(rows, 1),
            .name = arena_copy(arena, db_slice(rows, 2)),
            .type = arena_copy(arena, db_slice(rows, 3)),
            .bytes = db_number(rows, 4),
    };
    digest_read(rows, 5, &file->digest);
}

struct err store_thread_files(
        struct db *db, int64_t report, struct arena *arena, struct thread_file **rows, size_t *row_count)
{
    static const char LIST[] = "SELECT a.letter, a.part, a.name, a.type, a.bytes, a.digest FROM letter l CROSS JOIN "
                               "attachment a WHERE l.report = $1 AND a.letter = l.number ORDER BY l.number, a.part "
                               "LIMIT $2";
    struct page page = page_of(struct thread_file, LIST, file_read, THREAD_FILES_MAX);
    return page_read(db, &page, (struct db_value[]){db_i64(report)}, 1, arena, (void **)rows, row_count);
}

/* ---- Forgetting ---- */

struct err store_thread_forget(struct work *work, const struct thread_message *row, slice subject, slice text)
{
    static const char EMPTY[] =
            "UPDATE letter SET bytes = $2, sender = '', message_id = CASE WHEN direction = 'in' THEN '' ELSE "
            "message_id END, subject = $3, text = $4 WHERE number = $1";
    const struct db_value values[] = {db_i64(row->number), db_bytes(S("")), db_text(subject), db_text(text)};
    return db_run(work->db, EMPTY, values, COUNT_OF(values), NULL);
}
