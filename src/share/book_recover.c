/* SPDX-License-Identifier: Apache-2.0 */
#include "share/book_recover.h"

#include "base/arena.h"
#include "share/book_parts.h"
#include "store/agreement.h"
#include "store/due.h"
#include "store/recall.h"
#include "json/write.h"

#define PAGE 1000 /* entries at a time */
#define DETAIL_MAX 4096

struct err share_book_lost(struct db *db, slice origin, const struct ledger_checkpoint *head, struct arena *arena,
        int64_t *from, int64_t *lost)
{
    struct ledger_log log;
    *lost = 0;
    struct err err = store_ledger_log_find(db, origin, arena, &log);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    bool comes_back = slice_eq(log.kind, S("partner")) && log.open && log.alarm.len == 0;
    if (!comes_back || (int64_t)head->size <= log.size || (int64_t)head->size - log.size > SHARE_RECOVERED_MAX)
        return OK;
    *from = log.size;
    *lost = (int64_t)head->size - log.size;
    return OK;
}

/* ---- Do they lead to the head? ---- */

static struct err ours_add(
        struct work *work, const struct ledger_log *log, struct arena *pages, struct ledger_frontier *tree)
{
    while ((int64_t)tree->size < log->size) {
        struct ledger_row *rows;
        size_t count;
        arena_reset(pages);
        TRY(store_ledger_bytes(work->db, log->number, (int64_t)tree->size, PAGE, pages, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            struct sha256 leaf = ledger_merkle_leaf(rows[i].entry);
            if (rows[i].seq != (int64_t)tree->size)
                return err_make(ERR_CONFLICT, "entries of that log are gone from the database");
            ledger_merkle_add(tree, &leaf);
        }
        if (count == 0)
            return err_make(ERR_CONFLICT, "entries of that log are gone from the database");
    }
    return OK;
}

/* It is the entry of its place, it commits to what it is said to open to, and says its kind and time. */
static struct err entry_check(const struct ledger_row *row, slice origin, int64_t seq, struct arena *arena)
{
    struct ledger_entry entry;
    TRY(ledger_entry_parse(row->entry, arena, &entry));
    TRY(ledger_entry_belongs(&entry, origin, (uint64_t)seq, arena));
    for (size_t i = 0; i < row->count; i++)
        if (!ledger_entry_opens(&entry, &row->fields[i]))
            return err_format(arena, ERR_DENIED, "entry %lld does not commit to its %.*s", (long long)seq,
                    (int)row->fields[i].name.len, row->fields[i].name.ptr);
    return row->seq == seq && row->kind.len > 0
                   ? OK
                   : err_format(arena, ERR_DENIED, "entry %lld does not say of which kind it is", (long long)seq);
}

static struct err theirs_add(struct work *work, const struct share_recovery *recovery, struct ledger_frontier *tree)
{
    struct sha256 root;
    for (size_t i = 0; i < recovery->count; i++) {
        const struct ledger_row *row = &recovery->entries[i].row;
        struct sha256 leaf = ledger_merkle_leaf(row->entry);
        TRY(entry_check(row, recovery->origin, (int64_t)tree->size, work->arena));
        ledger_merkle_add(tree, &leaf);
    }
    root = ledger_merkle_root(tree);
    return tree->size == recovery->head->size && ledger_hash_eq(&root, &recovery->head->root)
                   ? OK
                   : err_make(ERR_DENIED,
                             "what the partner kept and what is here do not lead to the head that was signed");
}

static struct err prove(struct work *work, const struct ledger_log *log, const struct share_recovery *recovery)
{
    struct ledger_frontier tree = {0};
    struct arena *pages = arena_open("entries that are left", ARENA_WORK, (size_t)256 << 20);
    struct err err = ours_add(work, log, pages, &tree);
    arena_close(pages);
    return err.kind == ERR_NONE ? theirs_add(work, recovery, &tree) : err;
}

/* ---- What they were about ---- */

static slice said(const struct ledger_row *row, slice name)
{
    for (size_t i = 0; i < row->count; i++)
        if (slice_eq(row->fields[i].name, name))
            return row->fields[i].value;
    return S("");
}

static struct err released_back(struct work *work, int64_t agreement, const struct share_recovered *entry)
{
    struct released_batch batch = {.agreement = agreement, .rows = entry->leaves, .count = entry->leaf_count};
    for (size_t i = 0; i < entry->leaf_count; i++) {
        entry->leaves[i].from_us = entry->row.time_us;
        entry->leaves[i].until_us = entry->row.time_us;
        entry->leaves[i].spec_version = S("2.1"); /* the entry does not say; what it was made of is decided anew */
        entry->leaves[i].recall = slice_eq(entry->row.kind, S("recall"));
    }
    return store_released_restore(work, &batch, entry->row.seq, entry->row.time_us);
}

/* Partners are asked once more: what they answered is lost. */
static struct err recalled_back(struct work *work, int64_t agreement, const struct share_recovered *entry, slice cause)
{
    struct released *rows = arena_new(work->arena, struct released, entry->leaf_count + 1);
    struct agreement with;
    int64_t log;
    bool is_node;
    TRY(store_side_log(work->db, agreement, &log, &is_node));
    TRY(store_agreement_get(work->db, agreement, work->arena, &with));
    for (size_t i = 0; i < entry->leaf_count; i++)
        rows[i] = (struct released){.agreement = agreement,
                .partner = with.partner,
                .id = entry->leaves[i].id,
                .version = entry->leaves[i].version,
                .digest = entry->leaves[i].digest};
    return store_recall_add(work, rows, entry->leaf_count, cause, entry->row.seq, is_node);
}

/* A recall names a cause; the entry of what is served in its stead (share/recall.c) names the agreement, as releases
 * do. */
static struct err entry_back(struct work *work, int64_t agreement, const struct share_recovered *entry)
{
    slice cause = said(&entry->row, S("cause"));
    if (entry->leaf_count == 0)
        return OK;
    return cause.len > 0 ? recalled_back(work, agreement, entry, cause) : released_back(work, agreement, entry);
}

static struct err rows_back(struct work *work, const struct ledger_log *log, const struct share_recovery *recovery)
{
    struct ledger_row *rows = arena_new(work->arena, struct ledger_row, recovery->count);
    int64_t agreement;
    for (size_t i = 0; i < recovery->count; i++)
        rows[i] = recovery->entries[i].row;
    TRY(arena_check(work->arena));
    TRY(store_ledger_restore(work, log->number, log->size, rows, recovery->count));
    TRY(store_ledger_log_agreement(work->db, log->number, &agreement));
    for (size_t i = 0; i < recovery->count && agreement != 0; i++)
        TRY(entry_back(work, agreement, &recovery->entries[i]));
    return OK;
}

/* ---- Telling ---- */

static struct err tell(struct work *work, const struct ledger_log *log, const struct share_recovery *recovery)
{
    struct arena *arena = work->arena;
    int64_t seq;
    const struct ledger_field fields[] = {
            {S("first"), slice_of(arena_printf(arena, "%lld", (long long)log->size))},
            {S("last"), slice_of(arena_printf(arena, "%llu", (unsigned long long)recovery->head->size - 1))},
            {S("kept-by"), recovery->by},
    };
    struct buf text = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&text);
    json_write_object(&w);
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        json_write_key_text(&w, fields[i].name, fields[i].value);
    json_write_end(&w);
    slice subject = slice_of(arena_printf(arena, "ledger/%.*s", (int)log->folder.len, log->folder.ptr));
    struct err err = store_ledger_append(work, log->number, "recovered", fields, COUNT_OF(fields), &seq);
    if (err.kind == ERR_NONE)
        err = store_work_news(work, "ledger.recovered", subject, buf_slice(&text));
    buf_free(&text);
    return err;
}

/* The head once more, so that it is the one that others have of us; the next covers the entry that tells of it. */
static struct err recover(struct work *work, void *context)
{
    const struct share_recovery *recovery = context;
    struct ledger_log log;
    struct ledger_head head = {
            .size = (int64_t)recovery->head->size, .root = recovery->head->root, .checkpoint = recovery->note};
    TRY(store_ledger_log_find(work->db, recovery->origin, work->arena, &log));
    TRY(prove(work, &log, recovery));
    TRY(rows_back(work, &log, recovery));
    TRY(store_now_us(work->db, &head.signed_us));
    head.log = log.number;
    TRY(store_ledger_head_put(work, &head));
    return tell(work, &log, recovery);
}

struct err share_book_recover(struct db *db, const struct share_recovery *recovery, struct arena *arena)
{
    struct share_recovery mine = *recovery;
    return store_work(db, &share_ledger_actor, arena, recover, &mine);
}
