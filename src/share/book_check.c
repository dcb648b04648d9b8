/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comparing. What one could change is compared with what one could not change with it: rows with tiles (an edit in the
 * database), both with the high-water file (a database and its folder that were put back), and with what partners saw
 * (a machine that was put back). Values are held against the digests in their entry, and rows of the journal against
 * the entries of the private log.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "share/alias.h"
#include "share/book_parts.h"
#include "share/keys.h"
#include "store/journal.h"
#include "store/witness.h"

#define CHECK_PAGE 500 /* entries at a time */

/* ---- Heads that others have ---- */

static struct err contradicted(const struct ledger_log *log, const struct share_known *known, struct arena *arena)
{
    return err_format(arena, ERR_CONFLICT,
            "%.*s has a head of %lld entries of log %.*s that its entries do not lead to", (int)known->by.len,
            known->by.ptr, (long long)known->size, (int)log->folder.len, log->folder.ptr);
}

/* The root that our entries have at that size; tiles are written as far as that. */
static struct err root_at(struct share_book *book, struct db *db, const struct ledger_log *log,
        const struct ledger_head *head, int64_t size, struct arena *arena, struct sha256 *root)
{
    struct shelf *shelf;
    TRY(share_shelf_open(book, log, arena, &shelf));
    TRY(share_shelf_settle(book, db, log, head, shelf, arena));
    TRY(share_shelf_fill(book, db, log, shelf, head->size, size, arena));
    const struct ledger_hashes hashes = ledger_folder_hashes(shelf->folder);
    return ledger_merkle_root_at(&hashes, (uint64_t)size, root);
}

struct lagging {
    const struct ledger_log *log;
    const struct share_known *known;
};

static struct err renew_action(struct work *work, void *context)
{
    const struct lagging *lagging = context;
    int64_t number;
    return share_book_renew(work, lagging->log, lagging->known, S("this node knows less than it had signed"), &number);
}

static struct err wait_action(struct work *work, void *context)
{
    const struct lagging *lagging = context;
    return share_book_wait(work, lagging->log, lagging->known);
}

/* What a partner kept can come back, and is waited for; of what nobody kept a gap is told, and the log goes on. Tiles
 * that were written to compare are not those of the log. */
static struct err behind(struct share_book *book, struct db *db, const struct ledger_log *log,
        const struct share_known *known, struct arena *arena)
{
    struct lagging lagging = {log, known};
    int64_t keeper;
    TRY(store_ledger_keeper(db, log->number, &keeper));
    share_shelf_forget(book, log->number);
    return store_work(db, &share_ledger_actor, arena, keeper != 0 ? wait_action : renew_action, &lagging);
}

static struct err compare(struct share_book *book, struct db *db, const struct ledger_log *log,
        const struct share_known *known, struct arena *arena)
{
    struct ledger_head head;
    struct sha256 root;
    TRY(store_ledger_head_get(db, log->number, arena, &head));
    if (log->waits.len > 0 && known->size > head.size)
        return known->size > log->waits_size ? behind(book, db, log, known, arena) : OK;
    if (known->size > log->size)
        return behind(book, db, log, known, arena);
    struct err err = root_at(book, db, log, &head, known->size, arena, &root);
    bool same = err.kind == ERR_NONE && ledger_hash_eq(&root, &known->root);
    if (same || (err.kind != ERR_NONE && !share_is_finding(err)))
        return err;
    /* Signed, and this database does not know of it: it was put back, and went on from there. */
    if (known->size > head.size)
        return behind(book, db, log, known, arena);
    return err.kind == ERR_NONE ? contradicted(log, known, arena) : err;
}

struct err share_book_heard(
        struct share_book *book, struct db *db, const struct share_known *known, struct arena *arena)
{
    struct ledger_log log;
    TRY(store_ledger_log_find(db, known->origin, arena, &log));
    if (!log.open || log.alarm.len > 0)
        return OK;
    struct err err = compare(book, db, &log, known, arena);
    return share_is_finding(err) ? share_alarm_raise(db, &log, err.why, arena) : err;
}

static struct err seen_heard(struct share_book *book, struct db *db, const struct witnessed *seen, struct arena *arena)
{
    const char *by = arena_printf(arena, "partner %lld", (long long)seen->seen_by);
    const struct share_known known = {seen->origin, seen->size, seen->root, slice_of(by)};
    struct err err = share_book_heard(book, db, &known, arena);
    return err.kind == ERR_MISSING ? OK : err;
}

struct err share_book_seen(struct share_book *book, struct db *db, int64_t since_us, struct arena *arena)
{
    struct witnessed *rows = NULL;
    for (size_t count = 1; count > 0;) {
        TRY(store_witnessed_since(
                db, since_us, rows == NULL ? NULL : &rows[count - 1], STORE_PAGE_MAX, arena, &rows, &count));
        for (size_t i = 0; i < count; i++)
            TRY(seen_heard(book, db, &rows[i], arena));
    }
    return OK;
}

/* ---- Before anything is signed ---- */

/* A log that was begun after the backup that this database is: the one that it went on from is here. */
static struct err heard_of_later(struct db *db, const struct share_head *head, slice node, struct arena *arena)
{
    slice origin = head->origin;
    struct ledger_log log;
    if (!slice_starts(origin, node))
        return OK; /* another node's, that lived in this place before */
    while (origin.len > node.len && store_ledger_log_find(db, origin, arena, &log).kind == ERR_MISSING)
        do
            origin.len--;
        while (origin.len > node.len && origin.ptr[origin.len] != '/');
    if (origin.len <= node.len)
        return OK;
    const struct share_known known = {origin, head->size, head->root, S("the high-water file, under a later origin")};
    struct lagging lagging = {&log, &known};
    return log.open && head->size > 0 ? store_work(db, &share_ledger_actor, arena, renew_action, &lagging) : OK;
}

static struct err heard_of_marks(struct share_book *book, struct db *db, struct arena *arena)
{
    size_t count;
    slice node;
    const struct share_head *heads = share_high_water_list(book->high_water, &count);
    TRY(share_own_node(db, arena, &node));
    for (size_t i = 0; i < count; i++) {
        const struct share_known known = {heads[i].origin, heads[i].size, heads[i].root, S("the high-water file")};
        struct err err = share_book_heard(book, db, &known, arena);
        if (err.kind == ERR_MISSING)
            err = heard_of_later(db, &heads[i], node, arena);
        TRY(err);
    }
    return OK;
}

static struct err unchecked(struct work *work, void *context)
{
    return store_ledger_checked(work, *(const int64_t *)context, LEDGER_UNCHECKED);
}

/* A head whose key was rotated or revoked since is signed anew, by the key of today: the same size, the same root. */
static struct err key_heard(struct share_book *book, struct db *db, const struct ledger_log *log,
        const struct ledger_head *head, struct arena *arena)
{
    const struct ledger_signer signer = {log->origin, LEDGER_KEY_ED25519, book->options.log_key};
    const struct ledger_verifier known = ledger_note_key_of(&signer);
    struct ledger_checkpoint checkpoint;
    int64_t number = log->number;
    if (head->size == 0 ||
            ledger_checkpoint_open(head->checkpoint, &known, 1, arena, &checkpoint, NULL).kind == ERR_NONE)
        return OK;
    return store_work(db, &share_ledger_actor, arena, unchecked, &number);
}

/* What the folder of a log was published with, and all that a crash left undone. */
static struct err folder_heard(
        struct share_book *book, struct db *db, const struct ledger_log *log, struct arena *arena)
{
    struct ledger_checkpoint there;
    struct ledger_head head;
    struct shelf *shelf;
    TRY(share_shelf_open(book, log, arena, &shelf));
    TRY(share_shelf_head(shelf, arena, &there));
    TRY(store_ledger_head_get(db, log->number, arena, &head));
    TRY(key_heard(book, db, log, &head, arena));
    if ((int64_t)there.size <= head.size)
        return share_shelf_settle(book, db, log, &head, shelf, arena);
    const struct share_known known = {log->origin, (int64_t)there.size, there.root, S("the folder of its tiles")};
    return share_book_heard(book, db, &known, arena);
}

static struct err folders_heard(struct share_book *book, struct db *db, struct arena *arena)
{
    struct ledger_log *logs;
    size_t count;
    for (int64_t after = 0;; after = logs[count - 1].number) {
        TRY(store_ledger_log_list(db, after, STORE_PAGE_MAX, arena, &logs, &count));
        for (size_t i = 0; i < count; i++) {
            if (!logs[i].open || logs[i].alarm.len > 0)
                continue;
            struct err err = folder_heard(book, db, &logs[i], arena);
            if (share_is_finding(err))
                err = share_alarm_raise(db, &logs[i], err.why, arena);
            TRY(err);
        }
        if (count == 0)
            return OK;
    }
}

/* Whether the high-water file has seen this head, or a later one. */
static bool is_marked(const struct share_book *book, const struct ledger_log *log, int64_t size)
{
    size_t count;
    const struct share_head *heads = share_high_water_list(book->high_water, &count);
    for (size_t i = 0; i < count; i++)
        if (slice_eq(heads[i].origin, log->origin) && heads[i].size >= size)
            return true;
    return false;
}

/* On another machine than before, or with that file gone, nobody but the partner knows whether more was signed. */
static struct err unmarked_wait(
        struct share_book *book, struct db *db, const struct ledger_log *log, struct arena *arena)
{
    struct ledger_head head;
    int64_t keeper = 0;
    if (!log->open || log->alarm.len > 0 || log->waits.len > 0 || !slice_eq(log->kind, S("partner")))
        return OK;
    TRY(store_ledger_head_get(db, log->number, arena, &head));
    if (head.size > 0 && !is_marked(book, log, head.size))
        TRY(store_ledger_keeper(db, log->number, &keeper));
    const struct share_known known = {log->origin, head.size, head.root, S("no high-water file")};
    return keeper != 0 ? behind(book, db, log, &known, arena) : OK;
}

static struct err unmarked_all_wait(struct share_book *book, struct db *db, struct arena *arena)
{
    struct ledger_log *logs;
    size_t count = 1;
    for (int64_t after = 0; count > 0; after = count > 0 ? logs[count - 1].number : 0) {
        TRY(store_ledger_log_list(db, after, STORE_PAGE_MAX, arena, &logs, &count));
        for (size_t i = 0; i < count; i++)
            TRY(unmarked_wait(book, db, &logs[i], arena));
    }
    return OK;
}

static struct err logs_action(struct work *work, void *context)
{
    (void)context;
    TRY(share_alias_make(work));
    return share_book_logs(work);
}

struct err share_book_begin(struct share_book *book, struct db *db, struct arena *arena)
{
    bool fine;
    TRY(store_work(db, &share_ledger_actor, arena, logs_action, NULL));
    TRY(share_clock_check(db, arena, &fine));
    TRY(heard_of_marks(book, db, arena));
    TRY(folders_heard(book, db, arena));
    TRY(unmarked_all_wait(book, db, arena));
    return share_book_check(book, db, SHARE_CHECK_START, arena);
}

/* ---- Entry by entry ---- */

static struct err bad_entry(const struct ledger_log *log, int64_t seq, const char *what, struct arena *arena)
{
    return err_format(arena, ERR_CONFLICT, "entry %lld of log %.*s %s", (long long)seq, (int)log->folder.len,
            log->folder.ptr, what);
}

static const struct ledger_field *field_of(const struct ledger_row *row, slice name)
{
    for (size_t i = 0; i < row->count; i++)
        if (slice_eq(row->fields[i].name, name))
            return &row->fields[i];
    return NULL;
}

static bool says(const struct ledger_row *row, slice name, slice value)
{
    const struct ledger_field *field = field_of(row, name);
    return field == NULL || slice_eq(field->value, value); /* erased: nothing to compare */
}

static bool says_time(const struct ledger_row *row)
{
    char text[64];
    struct buf time = {.ptr = text, .cap = sizeof text, .max = sizeof text};
    time_write(&time, row->time_us);
    return says(row, S("time"), buf_slice(&time));
}

/* The row against its tile and its own commitments. */
static struct err row_check(
        const struct ledger_log *log, const struct ledger_row *row, struct shelf *shelf, struct arena *arena)
{
    struct ledger_entry entry;
    slice tile;
    TRY(ledger_folder_entry(shelf->folder, (uint64_t)row->seq, arena, &tile));
    if (!slice_eq(row->entry, tile))
        return bad_entry(log, row->seq, "is another one in the database than in its tile", arena);
    if (ledger_entry_parse(row->entry, arena, &entry).kind != ERR_NONE || entry.sequence != (uint64_t)row->seq ||
            !slice_eq(entry.origin, log->origin))
        return bad_entry(log, row->seq, "is none of this log", arena);
    for (size_t i = 0; i < row->count; i++)
        if (!ledger_entry_opens(&entry, &row->fields[i]))
            return bad_entry(log, row->seq, "does not commit to what its row says; the row was changed", arena);
    return says(row, S("kind"), row->kind) && says_time(row)
                   ? OK
                   : bad_entry(log, row->seq, "has another kind or time in its row than it commits to", arena);
}

/* A page of the private log against the rows of the journal. */
static struct err journal_check(
        struct db *db, const struct ledger_log *log, const struct ledger_row *rows, size_t count, struct arena *arena)
{
    struct journal_row *news;
    size_t news_count, at = 0;
    bool follows = log->follows.len > 0 && rows[0].seq == 0;
    TRY(store_journal_list(db, log->first + rows[0].seq + follows - 1, count - follows, arena, &news, &news_count));
    for (size_t i = follows; i < count; i++, at++) {
        if (at >= news_count || news[at].seq != log->first + rows[i].seq)
            return bad_entry(log, rows[i].seq, "is about a row of the journal that is gone", arena);
        bool same = slice_eq(rows[i].kind, news[at].act) && says(&rows[i], S("actor"), news[at].actor) &&
                    says(&rows[i], S("subject"), news[at].subject) &&
                    (news[at].detail.len == 0 || says(&rows[i], S("detail"), news[at].detail));
        if (!same)
            return bad_entry(log, rows[i].seq, "is about a row of the journal that was changed", arena);
    }
    return OK;
}

/* Up to `most` entries from *next on, as far as they are signed; *next moves. A reason may lie in the pages. */
static struct err page_check(struct share_book *book, struct db *db, const struct ledger_log *log, int64_t signed_size,
        size_t most, int64_t *next, struct arena *arena)
{
    struct shelf *shelf;
    struct ledger_row *rows;
    size_t count;
    int64_t left = signed_size - *next;
    TRY(share_shelf_open(book, log, arena, &shelf));
    arena_reset(book->pages);
    TRY(store_ledger_list(
            db, log->number, *next, left < (int64_t)most ? (size_t)left : most, book->pages, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        if (rows[i].seq != *next + (int64_t)i)
            return bad_entry(log, *next + (int64_t)i, "is gone from the database", arena);
        TRY(row_check(log, &rows[i], shelf, book->pages));
    }
    if (count == 0)
        return bad_entry(log, *next, "is gone from the database", arena);
    if (slice_eq(log->kind, S("private")))
        TRY(journal_check(db, log, rows, count, book->pages));
    *next += (int64_t)count;
    return arena_check(book->pages);
}

/* From *next on; *did: entries that were looked at; to the log's end, or until `most` were. */
static struct err log_check(struct share_book *book, struct db *db, const struct ledger_log *log, size_t most,
        int64_t *next, size_t *did, struct arena *arena)
{
    struct ledger_head head;
    TRY(store_ledger_head_get(db, log->number, arena, &head));
    while (*next < head.size && *did < most) {
        int64_t before = *next;
        size_t page = most - *did < CHECK_PAGE ? most - *did : CHECK_PAGE;
        TRY(page_check(book, db, log, head.size, page, next, arena));
        *did += (size_t)(*next - before);
    }
    return OK;
}

struct err share_log_check(struct share_book *book, struct db *db, const struct ledger_log *log, struct arena *arena)
{
    int64_t next = 0;
    size_t did = 0;
    return log_check(book, db, log, SIZE_MAX, &next, &did, arena);
}

struct err share_book_check(struct share_book *book, struct db *db, size_t most, struct arena *arena)
{
    size_t did = 0, count = 1, rounds = book->check_log == 0;
    while (did < most && rounds < 2) {
        struct ledger_log *logs;
        /* The log where it stopped, then those behind it, then from the first again, once around. */
        TRY(store_ledger_log_list(db, book->check_log - 1, 1, arena, &logs, &count));
        if (count == 0) {
            book->check_log = 0;
            book->check_next = 0;
            rounds++;
            continue;
        }
        if (logs[0].number != book->check_log)
            book->check_next = 0;
        book->check_log = logs[0].number;
        struct err err =
                logs[0].alarm.len > 0 ? OK : log_check(book, db, &logs[0], most, &book->check_next, &did, arena);
        if (share_is_finding(err))
            err = share_alarm_raise(db, &logs[0], err.why, arena);
        TRY(err);
        if (did < most) {
            book->check_log++;
            book->check_next = 0;
        }
    }
    return OK;
}
