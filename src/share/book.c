/* SPDX-License-Identifier: Apache-2.0 */
#include "share/book.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/clock.h"
#include "share/book_parts.h"

#define FOLDER_ARENA_MAX (16u << 20)
#define PAGES_BYTES_MAX ((size_t)256 << 20)
#define BATCH_BYTES (32u << 20) /* of entries that become tiles together */
#define BATCH_ENTRIES 16384
#define NOTE_MAX (64u << 10)

const struct actor share_ledger_actor = {.name = {"@ledger", 7}, .how = ACTOR_FOLLOWER};

/* ---- Folders that are open ---- */

void share_shelf_close(struct shelf *shelf)
{
    ledger_folder_close(shelf->folder);
    arena_close(shelf->arena);
    *shelf = (struct shelf){0};
}

void share_shelf_forget(struct share_book *book, int64_t log)
{
    for (struct shelf *shelf = book->shelves; shelf < book->shelves + BOOK_FOLDERS_MAX; shelf++)
        if (shelf->log == log)
            share_shelf_close(shelf);
}

/* The one of this log, or the one that was not used for the longest time. */
static struct shelf *shelf_choose(struct share_book *book, int64_t log)
{
    struct shelf *oldest = &book->shelves[0];
    for (struct shelf *shelf = book->shelves; shelf < book->shelves + BOOK_FOLDERS_MAX; shelf++) {
        if (shelf->log == log)
            return shelf;
        if (shelf->used < oldest->used)
            oldest = shelf;
    }
    return oldest;
}

struct err share_shelf_open(
        struct share_book *book, const struct ledger_log *log, struct arena *arena, struct shelf **shelf)
{
    struct shelf *chosen = shelf_choose(book, log->number);
    const char *path = arena_printf(arena, "%s/%.*s", book->options.folder, (int)log->folder.len, log->folder.ptr);
    *shelf = chosen;
    chosen->used = ++book->turn;
    if (chosen->log == log->number)
        return OK;
    share_shelf_close(chosen);
    chosen->used = book->turn;
    chosen->arena = arena_open("folder of a log", ARENA_WORK, FOLDER_ARENA_MAX);
    struct err err = ledger_folder_open(path, LEDGER_FOLDER_APPEND, chosen->arena, &chosen->folder);
    if (err.kind != ERR_NONE) {
        err = err_format(arena, err.kind == ERR_CONFLICT ? ERR_SYSTEM : err.kind, "%s", err.why);
        chosen->folder = NULL;
        share_shelf_close(chosen);
        return err;
    }
    chosen->log = log->number;
    return OK;
}

struct err share_shelf_head(const struct shelf *shelf, struct arena *arena, struct ledger_checkpoint *checkpoint)
{
    slice bytes = ledger_folder_note(shelf->folder);
    struct ledger_note note;
    *checkpoint = (struct ledger_checkpoint){.root = ledger_merkle_empty()};
    if (bytes.len == 0)
        return OK;
    TRY(ledger_note_parse(bytes, arena, &note));
    return ledger_checkpoint_parse(note.text, arena, checkpoint);
}

/* ---- Rows become tiles ---- */

static struct err gone(struct arena *arena, const struct ledger_log *log, int64_t seq)
{
    return err_format(arena, ERR_CONFLICT, "entry %lld of log %.*s is gone from the database", (long long)seq,
            (int)log->folder.len, log->folder.ptr);
}

/* Rows from the folder's end on, until `to` or a batch is full. */
static struct err batch_read(struct share_book *book, struct db *db, const struct ledger_log *log, int64_t from,
        int64_t to, slice *entries, size_t *count, struct arena *arena)
{
    size_t got = 0, bytes = 0;
    while (from + (int64_t)got < to && got < BATCH_ENTRIES && bytes < BATCH_BYTES) {
        struct ledger_row *rows;
        size_t row_count, most = BATCH_ENTRIES - got;
        int64_t left = to - from - (int64_t)got;
        most = left < (int64_t)most ? (size_t)left : most;
        TRY(store_ledger_bytes(db, log->number, from + (int64_t)got, most, book->pages, &rows, &row_count));
        for (size_t i = 0; i < row_count; i++) {
            if (rows[i].seq != from + (int64_t)got)
                return gone(arena, log, from + (int64_t)got);
            bytes += rows[i].entry.len;
            entries[got++] = rows[i].entry;
        }
        if (row_count == 0)
            return gone(arena, log, from + (int64_t)got);
    }
    *count = got;
    return OK;
}

struct err share_shelf_fill(struct share_book *book, struct db *db, const struct ledger_log *log, struct shelf *shelf,
        int64_t from, int64_t to, struct arena *arena)
{
    int64_t size = (int64_t)ledger_folder_size(shelf->folder);
    from = from < size ? from : size;
    while (from < to) {
        size_t count = 0;
        arena_reset(book->pages);
        slice *entries = arena_new(book->pages, slice, BATCH_ENTRIES);
        TRY(batch_read(book, db, log, from, to, entries, &count, arena));
        TRY(ledger_folder_append(shelf->folder, (uint64_t)from, entries, count, arena));
        from += (int64_t)count;
    }
    return OK;
}

struct err share_shelf_settle(struct share_book *book, struct db *db, const struct ledger_log *log,
        const struct ledger_head *head, struct shelf *shelf, struct arena *arena)
{
    if (head->size == 0)
        return OK;
    TRY(share_shelf_fill(book, db, log, shelf, head->size, head->size, arena));
    if ((int64_t)ledger_folder_size(shelf->folder) > head->size)
        return OK; /* ahead of the head, which is about to be signed; or of an older database, which book_check.c finds
                    */
    struct sha256 root = ledger_folder_root(shelf->folder);
    if (!ledger_hash_eq(&root, &head->root))
        return err_format(arena, ERR_CONFLICT,
                "the rows of log %.*s do not lead to the root that was signed for %lld entries", (int)log->folder.len,
                log->folder.ptr, (long long)head->size);
    if (slice_eq(ledger_folder_note(shelf->folder), head->checkpoint))
        return OK;
    return ledger_folder_publish(shelf->folder, head->checkpoint, arena);
}

/* ---- Heads ---- */

/* A head that is about to be signed. */
struct pending {
    struct ledger_log log;
    struct shelf *shelf;
    struct ledger_head head;
};

static slice note_make(struct share_book *book, const struct pending *pending, struct arena *arena)
{
    const struct ledger_checkpoint checkpoint = {
            .origin = pending->log.origin, .size = (uint64_t)pending->head.size, .root = pending->head.root};
    const struct ledger_signer signer = {pending->log.origin, LEDGER_KEY_ED25519, book->options.log_key};
    struct buf text = buf_make(NOTE_MAX);
    ledger_checkpoint_sign(&text, &checkpoint, &signer, 1, pending->head.signed_us);
    slice note = arena_copy(arena, buf_slice(&text));
    buf_free(&text);
    return note;
}

struct heads {
    struct pending *rows;
    size_t count;
};

static struct err heads_put(struct work *work, void *context)
{
    const struct heads *heads = context;
    for (size_t i = 0; i < heads->count; i++)
        TRY(store_ledger_head_put(work, &heads->rows[i].head));
    return OK;
}

/* In the order of the top of book.h; all heads in one wait for the disk. */
static struct err heads_sign(struct share_book *book, struct db *db, struct heads *heads, struct arena *arena)
{
    struct share_head *marks = arena_new(arena, struct share_head, heads->count);
    for (size_t i = 0; i < heads->count; i++) {
        struct pending *pending = &heads->rows[i];
        pending->head.checkpoint = note_make(book, pending, arena);
        marks[i] = (struct share_head){
                pending->log.origin, pending->head.size, pending->head.root, pending->head.signed_us};
    }
    TRY(share_high_water_put(book->high_water, marks, heads->count, arena));
    TRY(store_work(db, &share_ledger_actor, arena, heads_put, heads));
    for (size_t i = 0; i < heads->count; i++)
        TRY(ledger_folder_publish(heads->rows[i].shelf->folder, heads->rows[i].head.checkpoint, arena));
    return OK;
}

/* One that cannot be signed takes none of the others along. */
static struct err heads_sign_each(struct share_book *book, struct db *db, struct heads *heads, struct arena *arena)
{
    for (size_t i = 0; i < heads->count; i++) {
        struct heads one = {&heads->rows[i], 1};
        struct ledger_head there;
        struct err err = heads_sign(book, db, &one, arena);
        TRY(store_ledger_head_get(db, one.rows->log.number, arena, &there));
        if (err.kind == ERR_CONFLICT && there.size > one.rows->head.size)
            err = OK; /* another machine was quicker; what it signed is looked at when more is to be written */
        if (share_is_finding(err))
            err = share_alarm_raise(db, &heads->rows[i].log, err.why, arena);
        TRY(err);
    }
    return OK;
}

/* ---- Writing ---- */

static struct err checked_action(struct work *work, void *context)
{
    const struct ledger_log *log = context;
    return store_ledger_checked(work, log->number, 0);
}

/* A person cleared its alarm: what was wrong may be wrong still. */
static struct err check_anew(struct share_book *book, struct db *db, const struct ledger_log *log, struct arena *arena)
{
    struct ledger_log fine = *log;
    TRY(share_log_check(book, db, log, arena));
    return store_work(db, &share_ledger_actor, arena, checked_action, &fine);
}

static struct err log_fill(struct share_book *book, struct db *db, const struct ledger_log *log, struct arena *arena,
        struct pending *pending)
{
    struct ledger_head head;
    *pending = (struct pending){.log = *log};
    TRY(share_shelf_open(book, log, arena, &pending->shelf));
    TRY(store_ledger_head_get(db, log->number, arena, &head));
    TRY(share_shelf_settle(book, db, log, &head, pending->shelf, arena));
    if (log->checked == LEDGER_UNCHECKED)
        TRY(check_anew(book, db, log, arena));
    TRY(share_shelf_fill(book, db, log, pending->shelf, head.size, log->size, arena));
    pending->head.log = log->number;
    pending->head.size = (int64_t)ledger_folder_size(pending->shelf->folder);
    pending->head.root = ledger_folder_root(pending->shelf->folder);
    return store_now_us(db, &pending->head.signed_us);
}

static struct err page_write(
        struct share_book *book, struct db *db, const struct ledger_log *logs, size_t count, struct arena *arena)
{
    struct heads heads = {arena_new(arena, struct pending, count), 0};
    for (size_t i = 0; i < count; i++) {
        struct err err = log_fill(book, db, &logs[i], arena, &heads.rows[heads.count]);
        heads.count += err.kind == ERR_NONE;
        if (share_is_finding(err))
            err = share_alarm_raise(db, &logs[i], err.why, arena);
        TRY(err);
    }
    if (heads.count == 0)
        return OK;
    struct err err = heads_sign(book, db, &heads, arena);
    return share_is_finding(err) ? heads_sign_each(book, db, &heads, arena) : err;
}

static struct err wait_over(struct work *work, void *context)
{
    const struct ledger_log *log = context;
    return store_ledger_wait_end(work, log->number);
}

static struct err wait_end(struct share_book *book, struct db *db, struct ledger_log *log, struct arena *arena)
{
    struct ledger_head head;
    struct shelf *shelf;
    TRY(store_ledger_head_get(db, log->number, arena, &head));
    TRY(share_shelf_open(book, log, arena, &shelf));
    TRY(share_shelf_settle(book, db, log, &head, shelf, arena));
    return store_work(db, &share_ledger_actor, arena, wait_over, log);
}

/* Of logs that have all that their partner kept, the folder shows it first: or the partner would see an old head. */
static struct err waits_end(struct share_book *book, struct db *db, struct arena *arena)
{
    struct ledger_log *logs;
    size_t count;
    TRY(store_ledger_log_waiting(db, 0, arena, &logs, &count));
    for (size_t i = 0; i < count; i++) {
        struct err err = logs[i].waits_size == 0 && logs[i].alarm.len == 0 ? wait_end(book, db, &logs[i], arena) : OK;
        if (share_is_finding(err))
            err = share_alarm_raise(db, &logs[i], err.why, arena);
        TRY(err);
    }
    return OK;
}

/* Witnesses put their signatures to the head of the node log: the same head, another note. */
static struct err cosigned_publish(struct share_book *book, struct db *db, struct arena *arena)
{
    struct ledger_log log;
    struct ledger_head head;
    struct shelf *shelf;
    struct err err = store_ledger_log_open(db, "node", arena, &log);
    if (err.kind == ERR_MISSING || log.alarm.len > 0)
        return OK;
    TRY(err);
    TRY(store_ledger_head_get(db, log.number, arena, &head));
    if (head.size == 0)
        return OK;
    TRY(share_shelf_open(book, &log, arena, &shelf));
    err = share_shelf_settle(book, db, &log, &head, shelf, arena);
    return share_is_finding(err) ? share_alarm_raise(db, &log, err.why, arena) : err;
}

struct err share_book_write(struct share_book *book, struct db *db, struct arena *arena, size_t *signed_count)
{
    struct ledger_log *logs;
    size_t count;
    int64_t after = 0;
    bool fine;
    *signed_count = 0;
    TRY(share_clock_check(db, arena, &fine));
    if (fine)
        TRY(waits_end(book, db, arena));
    if (fine)
        TRY(cosigned_publish(book, db, arena));
    while (fine) {
        TRY(store_ledger_log_behind(db, after, BOOK_FOLDERS_MAX / 2, arena, &logs, &count));
        if (count == 0)
            break;
        TRY(page_write(book, db, logs, count, arena));
        after = logs[count - 1].number;
        *signed_count += count;
    }
    return OK;
}

/* ---- Opening ---- */

struct err share_book_open(const struct share_book_options *options, struct arena *arena, struct share_book **book)
{
    struct share_book *opened = arena_new(arena, struct share_book, 1);
    bool found;
    size_t count;
    opened->options = *options;
    if (mkdir(options->folder, 0700) != 0 && errno != EEXIST)
        return err_errno(arena, options->folder);
    TRY(share_high_water_open(options->high_water, arena, &opened->high_water, &found));
    const struct share_head *heads = share_high_water_list(opened->high_water, &count);
    for (size_t i = 0; i < count; i++)
        store_now_raise(heads[i].time_us);
    opened->pages = arena_open("pages of the ledger", ARENA_WORK, PAGES_BYTES_MAX);
    *book = opened;
    return OK;
}

void share_book_close(struct share_book *book)
{
    if (book == NULL)
        return;
    for (struct shelf *shelf = book->shelves; shelf < book->shelves + BOOK_FOLDERS_MAX; shelf++)
        share_shelf_close(shelf);
    share_high_water_close(book->high_water);
    arena_close(book->pages);
}
