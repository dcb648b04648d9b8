/* SPDX-License-Identifier: Apache-2.0 */
#include "share/book_recover.h"

#include "base/arena.h"
#include "share/book_parts.h"
#include "share/recall.h"
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
    struct ledger_head ours;
    *lost = 0;
    struct err err = store_ledger_log_find(db, origin, arena, &log);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    TRY(store_ledger_head_get(db, log.number, arena, &ours));
    bool comes_back = slice_eq(log.kind, S("partner")) && log.open && log.alarm.len == 0;
    if (!comes_back || (int64_t)head->size <= ours.size || (int64_t)head->size - ours.size > SHARE_RECOVERED_MAX)
        return OK;
    *from = ours.size;
    *lost = (int64_t)head->size - ours.size;
    return OK;
}

/* ---- Do they lead to the head? ---- */

/* What was signed and is still here: entries before `size`. */
static struct err ours_add(struct work *work, const struct ledger_log *log, int64_t size, struct arena *pages,
        struct ledger_frontier *tree)
{
    while ((int64_t)tree->size < size) {
        struct ledger_row *rows;
        size_t count, most = size - (int64_t)tree->size < PAGE ? (size_t)(size - (int64_t)tree->size) : PAGE;
        arena_reset(pages);
        TRY(store_ledger_bytes(work->db, log->number, (int64_t)tree->size, most, pages, &rows, &count));
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

/* The head for whose sake the log waits is one that our own key signed, too. */
static bool leads_to_known(const struct ledger_log *log, const struct ledger_frontier *tree)
{
    struct sha256 root = ledger_merkle_root(tree);
    return log->waits.len == 0 || log->waits_size != (int64_t)tree->size || ledger_hash_eq(&root, &log->waits_root);
}

static struct err theirs_add(struct work *work, const struct ledger_log *log, const struct share_recovery *recovery,
        struct ledger_frontier *tree)
{
    struct sha256 root;
    for (size_t i = 0; i < recovery->count; i++) {
        const struct ledger_row *row = &recovery->entries[i].row;
        struct sha256 leaf = ledger_merkle_leaf(row->entry);
        TRY(entry_check(row, recovery->origin, (int64_t)tree->size, work->arena));
        ledger_merkle_add(tree, &leaf);
        if (!leads_to_known(log, tree))
            return err_format(work->arena, ERR_DENIED, "what the partner kept does not lead to what %.*s knows",
                    (int)log->waits.len, log->waits.ptr);
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
    struct err err = ours_add(work, log, recovery->from, pages, &tree);
    arena_close(pages);
    return err.kind == ERR_NONE ? theirs_add(work, log, recovery, &tree) : err;
}

/* ---- What was entered here meanwhile ---- */

/* Entries that no head covers: of before the backup they are what the partner kept, of later they are not. */
struct meanwhile {
    int64_t agreement, fork; /* the first that is not what the partner kept */
    struct ledger_row *rows; /* from there on */
    size_t count;
    struct recall **recalls; /* of each, if it is one */
    size_t *recall_counts;
};

static bool is_kept(const struct share_recovery *recovery, const struct ledger_row *row)
{
    size_t at = (size_t)(row->seq - recovery->from);
    return at >= recovery->count || slice_eq(recovery->entries[at].row.entry, row->entry);
}

static struct err meanwhile_read(struct work *work, const struct ledger_log *log, const struct share_recovery *recovery,
        struct meanwhile *meanwhile)
{
    struct ledger_row *rows;
    size_t count = 1, most = (size_t)(log->size - recovery->from);
    if (most > SHARE_RECOVERED_MAX)
        return err_make(ERR_CONFLICT, "too much was entered in that log meanwhile");
    meanwhile->fork = log->size;
    meanwhile->rows = arena_new(work->arena, struct ledger_row, most + 1);
    for (int64_t from = recovery->from; from < log->size; from += (int64_t)count) {
        TRY(store_ledger_list(work->db, log->number, from, PAGE, work->arena, &rows, &count));
        if (count == 0)
            return err_make(ERR_CONFLICT, "entries of that log are gone from the database");
        for (size_t i = 0; i < count; i++) {
            if (meanwhile->count > 0 || !is_kept(recovery, &rows[i]))
                meanwhile->rows[meanwhile->count++] = rows[i];
        }
    }
    meanwhile->fork -= (int64_t)meanwhile->count;
    return arena_check(work->arena);
}

/* They are gone from their places; nobody saw them. */
static struct err meanwhile_cut(struct work *work, const struct ledger_log *log, struct meanwhile *meanwhile)
{
    meanwhile->recalls = arena_new(work->arena, struct recall *, meanwhile->count + 1);
    meanwhile->recall_counts = arena_new(work->arena, size_t, meanwhile->count + 1);
    TRY(store_ledger_log_agreement(work->db, log->number, &meanwhile->agreement));
    if (meanwhile->count == 0)
        return OK;
    for (size_t i = 0; i < meanwhile->count; i++)
        TRY(store_recall_of_entry(work->db, meanwhile->agreement, meanwhile->rows[i].seq, work->arena,
                &meanwhile->recalls[i], &meanwhile->recall_counts[i]));
    TRY(store_recall_cut(work, meanwhile->agreement, meanwhile->fork));
    TRY(store_released_cut(work, meanwhile->agreement, meanwhile->fork));
    return store_ledger_cut(work, log->number, meanwhile->fork);
}

static struct err recall_anew(struct work *work, const struct recall *recalls, size_t count)
{
    struct released *rows = arena_new(work->arena, struct released, count + 1);
    for (size_t i = 0; i < count; i++)
        rows[i] = (struct released){.agreement = recalls[i].agreement,
                .partner = recalls[i].partner,
                .id = recalls[i].id,
                .version = recalls[i].version,
                .digest = recalls[i].digest};
    return count > 0 ? share_recall_note(work, rows, count, share_recall_cause_find(recalls->cause)) : OK;
}

/* Its kind and time it is given anew. */
static struct err entry_anew(struct work *work, int64_t log, const struct ledger_row *row)
{
    struct ledger_field *fields = arena_new(work->arena, struct ledger_field, row->count + 1);
    size_t count = 0;
    int64_t seq;
    for (size_t i = 0; i < row->count; i++)
        if (!slice_eq(row->fields[i].name, S("kind")) && !slice_eq(row->fields[i].name, S("time")))
            fields[count++] = row->fields[i];
    return store_ledger_append(work, log, arena_cstr(work->arena, row->kind), fields, count, &seq);
}

/* Behind what came back, in the same order; what was released is decided anew instead. */
static struct err meanwhile_enter(struct work *work, const struct ledger_log *log, const struct meanwhile *meanwhile)
{
    for (size_t i = 0; i < meanwhile->count; i++) {
        const struct ledger_row *row = &meanwhile->rows[i];
        if (slice_eq(row->kind, S("recall")))
            TRY(recall_anew(work, meanwhile->recalls[i], meanwhile->recall_counts[i]));
        else if (!slice_eq(row->kind, S("release")))
            TRY(entry_anew(work, log->number, row));
    }
    return OK;
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

/* From `fork` on; those before are here, and were only not signed. */
static struct err rows_back(
        struct work *work, const struct ledger_log *log, const struct share_recovery *recovery, int64_t fork)
{
    size_t first = (size_t)(fork - recovery->from);
    struct ledger_row *rows = arena_new(work->arena, struct ledger_row, recovery->count);
    int64_t agreement;
    for (size_t i = first; i < recovery->count; i++)
        rows[i - first] = recovery->entries[i].row;
    TRY(arena_check(work->arena));
    if (first >= recovery->count)
        return OK;
    TRY(store_ledger_restore(work, log->number, fork, rows, recovery->count - first));
    TRY(store_ledger_log_agreement(work->db, log->number, &agreement));
    for (size_t i = first; i < recovery->count && agreement != 0; i++)
        TRY(entry_back(work, agreement, &recovery->entries[i]));
    return OK;
}

/* ---- Telling ---- */

static struct err tell(struct work *work, const struct ledger_log *log, const struct share_recovery *recovery)
{
    struct arena *arena = work->arena;
    int64_t seq;
    const struct ledger_field fields[] = {
            {S("first"), slice_of(arena_printf(arena, "%lld", (long long)recovery->from))},
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

/* The head once more, so that it is the one that others have of us; the next covers the entry that tells of it. What
 * else the log waits for is seen when the partner has answered whole. */
static struct err recover(struct work *work, void *context)
{
    const struct share_recovery *recovery = context;
    struct meanwhile meanwhile = {0};
    struct ledger_log log;
    struct ledger_head head = {
            .size = (int64_t)recovery->head->size, .root = recovery->head->root, .checkpoint = recovery->note};
    TRY(store_ledger_log_find(work->db, recovery->origin, work->arena, &log));
    TRY(prove(work, &log, recovery));
    TRY(meanwhile_read(work, &log, recovery, &meanwhile));
    TRY(meanwhile_cut(work, &log, &meanwhile));
    TRY(rows_back(work, &log, recovery, meanwhile.fork));
    TRY(store_now_us(work->db, &head.signed_us));
    head.log = log.number;
    TRY(store_ledger_head_put(work, &head));
    if (log.waits_size <= head.size) /* nothing is shown before the tiles are (share_book_write) */
        TRY(store_ledger_wait(work, log.number, recovery->by, 0, &head.root));
    TRY(tell(work, &log, recovery));
    return meanwhile_enter(work, &log, &meanwhile);
}

struct err share_book_recover(struct db *db, const struct share_recovery *recovery, struct arena *arena)
{
    struct share_recovery mine = *recovery;
    return store_work(db, &share_ledger_actor, arena, recover, &mine);
}
