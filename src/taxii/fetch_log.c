/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/fetch_log.h"

#include "base/arena.h"
#include "ledger/checkpoint.h"
#include "ledger/entry.h"
#include "ledger/split.h"
#include "ledger/tile.h"
#include "ledger/tree.h"
#include "share/receipt.h"
#include "store/delivery.h"
#include "store/peer.h"
#include "store/released.h"
#include "taxii/opening.h"
#include "taxii/reread.h"

#define LOG_ARENA_MAX (512u << 20)
#define KEYS_MAX 16

struct looking {
    struct taxii_log_look *look;
    struct arena *arena; /* of this log */
    struct partner_log log;
    struct ledger_checkpoint head; /* that it shows now */
    slice note;
    struct ledger_frontier edge; /* with the new entries */
    struct partner_entry *fresh;
    size_t fresh_count;
    slice *missing; /* ids */
    size_t missing_count;
    size_t told;       /* entries that were not receipted before and are no receipts themselves */
    int64_t *complete; /* numbers of entries of which we hold all */
    size_t complete_count;
    bool more; /* openings that are for the next look */
};

/* ---- What is wrong ---- */

struct doubting {
    const struct looking *looking;
    const char *why;
};

static struct err doubt_keep(struct work *work, void *context)
{
    const struct doubting *doubting = context;
    const struct looking *looking = doubting->looking;
    return taxii_log_doubt(work, looking->look->partner, looking->log.origin, slice_of(doubting->why));
}

/* Told once: then the log is not read on. ERR_DENIED ends the look at this log, and no other. */
static struct err doubt(const struct looking *looking, const char *why)
{
    struct doubting doubting = {looking, why};
    TRY(store_work(looking->look->db, looking->look->actor, looking->arena, doubt_keep, &doubting));
    return err_make(ERR_DENIED, why);
}

/* ---- Its head ---- */

static const char *url_of(const struct looking *looking, const char *rest)
{
    const struct partner *partner = looking->look->partner;
    slice folder = looking->log.folder;
    return arena_printf(looking->arena, "%.*sledger/%.*s/%s", (int)partner->url.len, partner->url.ptr, (int)folder.len,
            folder.ptr, rest);
}

/* Each of its good keys for logs, under each name that somebody signed with. */
static struct err verifiers(
        const struct looking *looking, const struct ledger_note *note, struct ledger_verifier *known, size_t *count)
{
    struct node_key *keys;
    size_t key_count;
    const struct taxii_log_look *look = looking->look;
    *count = 0;
    TRY(store_node_key_list(look->db, look->partner->number, looking->arena, &keys, &key_count));
    for (size_t i = 0; i < key_count; i++) {
        bool good = slice_eq(keys[i].purpose, slice_of(share_purpose_name(SHARE_LOG))) &&
                    share_key_good(&keys[i], clock_now_us(), looking->arena).kind == ERR_NONE;
        struct key_pair pair = {.public = keys[i].key};
        for (size_t j = 0; good && j < note->count && *count < KEYS_MAX; j++) {
            const struct ledger_signer signer = {note->signatures[j].name, LEDGER_KEY_ED25519, &pair};
            known[(*count)++] = ledger_note_key_of(&signer);
        }
    }
    return OK;
}

/* What cannot be read proves nothing against anybody: an answer may have been cut off on its way. It is asked for
 * again. */
static struct err unreadable(const struct looking *looking, const char *what, const char *why)
{
    return err_format(looking->arena, ERR_REMOTE, "its %s cannot be read: %s", what, why);
}

static struct err head_get(struct looking *looking)
{
    struct ledger_note note;
    struct ledger_verifier known[KEYS_MAX];
    size_t count;
    struct arena *arena = looking->arena;
    TRY(taxii_client_raw(looking->look->client, url_of(looking, "checkpoint"), LEDGER_NOTE_MAX, arena, &looking->note));
    struct err err = ledger_note_parse(looking->note, arena, &note);
    if (err.kind != ERR_NONE)
        return unreadable(looking, "checkpoint", err.why);
    TRY(verifiers(looking, &note, known, &count));
    err = ledger_checkpoint_open(looking->note, known, count, arena, &looking->head, NULL);
    return err.kind == ERR_NONE ? OK : doubt(looking, arena_printf(arena, "its checkpoint: %s", err.why));
}

/* Against what it showed before. One of the same size and another root is a proof of two books. */
static struct err head_check(struct looking *looking)
{
    const struct partner_log *log = &looking->log;
    struct ledger_checkpoint *head = &looking->head;
    unsigned long long before = log->edge.size, now = head->size;
    if (!slice_eq(head->origin, log->origin))
        return doubt(looking, arena_printf(looking->arena, "its checkpoint is that of %.*s", (int)head->origin.len,
                                      head->origin.ptr));
    if (head->size < log->edge.size)
        return doubt(looking,
                arena_printf(looking->arena, "it shows %llu entries and has shown %llu before: entry %llu is gone", now,
                        before, now));
    if (head->size == log->edge.size && !ledger_hash_eq(&head->root, &log->root))
        return doubt(looking,
                arena_printf(looking->arena, "it shows another root for its %llu entries than before", before));
    if (head->size - log->edge.size > TAXII_LOG_ENTRIES_MAX)
        return doubt(looking,
                arena_printf(looking->arena, "it has %llu entries more at once, which are too many", now - before));
    return OK;
}

/* ---- Its entries ---- */

typedef struct err entry_take(struct looking *looking, uint64_t seq, slice entry);

static struct err tile_get(struct looking *looking, uint64_t index, unsigned width, slice *bundle)
{
    const struct ledger_tile tile = {.is_entries = true, .index = index, .width = width};
    struct buf path = buf_make(LEDGER_TILE_PATH_MAX);
    ledger_tile_write(&path, &tile);
    const char *url = url_of(looking, arena_cstr(looking->arena, buf_slice(&path)));
    buf_free(&path);
    return taxii_client_raw(looking->look->client, url, LEDGER_BUNDLE_MAX, looking->arena, bundle);
}

/* A partial tile may have become a full one since the head was signed (C2SP tlog-tiles, Partial Tiles). */
static struct err bundle_get(struct looking *looking, uint64_t index, slice *bundle)
{
    unsigned width = ledger_tile_width(looking->head.size, 0, index);
    struct err err = tile_get(looking, index, width, bundle);
    return err.kind == ERR_MISSING && width < LEDGER_TILE_WIDTH ? tile_get(looking, index, LEDGER_TILE_WIDTH, bundle)
                                                                : err;
}

/* Those from `from` on, up to the size of its head. */
static struct err entries_each(struct looking *looking, uint64_t from, entry_take *take)
{
    uint64_t seq = from / LEDGER_TILE_WIDTH * LEDGER_TILE_WIDTH;
    while (seq < looking->head.size) {
        slice bundle, entry;
        TRY(bundle_get(looking, seq / LEDGER_TILE_WIDTH, &bundle));
        uint64_t end = seq + ledger_tile_width(looking->head.size, 0, seq / LEDGER_TILE_WIDTH);
        for (; seq < end && ledger_tile_next_entry(&bundle, &entry); seq++)
            if (seq >= from)
                TRY(take(looking, seq, entry));
        if (seq < end)
            return unreadable(looking, "entries", "they end before their end");
    }
    return OK;
}

static struct err fresh_take(struct looking *looking, uint64_t seq, slice entry)
{
    struct ledger_entry parsed;
    struct sha256 leaf = ledger_merkle_leaf(entry);
    struct err err = ledger_entry_parse(entry, looking->arena, &parsed);
    if (err.kind != ERR_NONE)
        return doubt(looking, arena_printf(looking->arena, "entry %llu is none: %s", (unsigned long long)seq, err.why));
    if (parsed.sequence != seq || !slice_eq(parsed.origin, looking->log.origin))
        return doubt(looking,
                arena_printf(looking->arena, "entry %llu says that it is another one", (unsigned long long)seq));
    ledger_merkle_add(&looking->edge, &leaf);
    looking->fresh[looking->fresh_count++] =
            (struct partner_entry){.seq = (int64_t)seq, .entry = entry, .opening = S(""), .receipt_us = TIME_NONE};
    return OK;
}

/* The first that is not what it was: found only when the roots disagree. */
static struct err old_compare(struct looking *looking, uint64_t seq, slice entry)
{
    struct partner_entry *ours;
    size_t count;
    if (seq >= looking->log.edge.size)
        return OK;
    TRY(store_partner_entry_list(looking->look->db, looking->log.partner, looking->log.origin, (int64_t)seq, 1,
            looking->arena, &ours, &count));
    if (count == 1 && ours->seq == (int64_t)seq && slice_eq(ours->entry, entry))
        return OK;
    return doubt(looking,
            arena_printf(looking->arena, "entry %llu is not the one that it showed before", (unsigned long long)seq));
}

static struct err roots_disagree(struct looking *looking)
{
    TRY(entries_each(looking, 0, old_compare));
    return doubt(
            looking, arena_printf(looking->arena, "its entries from %llu on do not lead to the root that it signed",
                             (unsigned long long)looking->log.edge.size));
}

static struct err fresh_keep(struct work *work, void *context)
{
    struct looking *looking = context;
    struct partner_log *log = &looking->log;
    struct partner_log moved = *log;
    moved.edge = looking->edge;
    moved.root = looking->head.root;
    moved.checkpoint = looking->note;
    TRY(store_partner_log_move(work, &moved, log->edge.size));
    return store_partner_entry_put(work, log->partner, log->origin, looking->fresh, looking->fresh_count);
}

static struct err entries_get(struct looking *looking)
{
    uint64_t size = looking->log.edge.size;
    looking->edge = looking->log.edge;
    looking->fresh = arena_new(looking->arena, struct partner_entry, looking->head.size - size + 1);
    TRY(arena_check(looking->arena));
    TRY(entries_each(looking, size, fresh_take));
    struct sha256 root = ledger_merkle_root(&looking->edge);
    if (!ledger_hash_eq(&root, &looking->head.root))
        return roots_disagree(looking);
    TRY(store_work(looking->look->db, looking->look->actor, looking->arena, fresh_keep, looking));
    looking->log.edge = looking->edge;
    looking->log.root = root;
    return OK;
}

/* ---- What they open to, and whether we hold it ---- */

static struct err opening_get(struct looking *looking, struct partner_entry *entry)
{
    const char *url = url_of(looking, arena_printf(looking->arena, "opening/%lld", (long long)entry->seq));
    if (entry->opening.len > 0)
        return OK;
    return taxii_client_raw(looking->look->client, url, TAXII_OPENING_BYTES_MAX, looking->arena, &entry->opening);
}

static struct err leaf_look(struct looking *looking, const struct taxii_leaf *leaf, bool *all)
{
    bool holds;
    TRY(store_partner_holds(looking->look->db, looking->look->partner->source, leaf->id, &leaf->digest, &holds));
    if (holds)
        return OK;
    *all = false;
    if (looking->missing_count < SHARE_MISSING_MAX)
        looking->missing[looking->missing_count++] = leaf->id;
    return OK;
}

struct opened {
    const struct partner_log *log;
    int64_t seq;
    slice opening;
};

static struct err opening_keep(struct work *work, void *context)
{
    const struct opened *opened = context;
    return store_partner_entry_opened(work, opened->log->partner, opened->log->origin, opened->seq, opened->opening);
}

/* A partner may have erased what an entry says: then there is nothing that we could miss. */
static struct err entry_look(struct looking *looking, struct partner_entry *entry)
{
    struct taxii_opening opening;
    bool all = true;
    bool was_opened = entry->opening.len > 0;
    TRY(opening_get(looking, entry));
    struct err err = taxii_opening_read(entry->opening, entry->entry, looking->arena, &opening);
    if (err.kind == ERR_REMOTE)
        return unreadable(looking, "opening", err.why);
    if (err.kind != ERR_NONE)
        return doubt(
                looking, arena_printf(looking->arena, "entry %lld does not open: %s", (long long)entry->seq, err.why));
    struct opened opened = {&looking->log, entry->seq, entry->opening};
    if (!was_opened)
        TRY(store_work(looking->look->db, looking->look->actor, looking->arena, opening_keep, &opened));
    for (size_t i = 0; i < opening.leaf_count; i++)
        TRY(leaf_look(looking, &opening.leaves[i], &all));
    looking->told += !was_opened && !slice_eq(opening.kind, S("receipt"));
    if (all) {
        looking->told += was_opened;
        looking->complete[looking->complete_count++] = entry->seq;
    }
    return OK;
}

static struct err entries_look(struct looking *looking)
{
    struct partner_entry *entries;
    size_t count;
    TRY(store_partner_entry_missing(looking->look->db, looking->log.partner, looking->log.origin, 0,
            TAXII_LOG_OPENINGS_MAX, looking->arena, &entries, &count));
    looking->missing = arena_new(looking->arena, slice, SHARE_MISSING_MAX);
    looking->complete = arena_new(looking->arena, int64_t, count + 1);
    for (size_t i = 0; i < count; i++)
        TRY(entry_look(looking, &entries[i]));
    looking->more = count == TAXII_LOG_OPENINGS_MAX;
    return arena_check(looking->arena);
}

static struct err receipt_keep(struct work *work, void *context)
{
    const struct looking *looking = context;
    const struct partner_log *log = &looking->log;
    const struct share_receipt receipt = {.origin = log->origin,
            .size = log->edge.size,
            .root = log->root,
            .missing = looking->missing,
            .missing_count = looking->missing_count};
    for (size_t i = 0; i < looking->complete_count; i++)
        TRY(store_partner_entry_receipt(work, log->partner, log->origin, looking->complete[i]));
    if (looking->missing_count > 0)
        TRY(store_peer_hurry(work, log->partner));
    if (looking->told == 0 || looking->more)
        return OK;
    return share_receipt_post(work, looking->look->keys, looking->look->partner, &receipt);
}

/* ---- A look ---- */

static struct err log_look(struct looking *looking)
{
    TRY(head_get(looking));
    TRY(head_check(looking));
    if (looking->head.size > looking->log.edge.size)
        TRY(entries_get(looking));
    TRY(entries_look(looking));
    return store_work(looking->look->db, looking->look->actor, looking->arena, receipt_keep, looking);
}

struct ending {
    int64_t partner, next_us;
};

static struct err looked(struct work *work, void *context)
{
    const struct ending *ending = context;
    return store_delivery_looked(work, ending->partner, ending->next_us);
}

static struct err one_look(struct taxii_log_look *look, const struct partner_log *log, struct arena *arena, bool *soon)
{
    struct looking looking = {.look = look, .log = *log};
    looking.arena = arena_open("a log of a partner", ARENA_WORK, LOG_ARENA_MAX);
    struct err err = log_look(&looking);
    *soon |= looking.missing_count > 0 || looking.more;
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    arena_close(looking.arena);
    return err;
}

/* A log in doubt stands in the way of no other. */
struct err taxii_fetch_log(struct taxii_log_look *look, struct arena *arena)
{
    struct partner_log *logs;
    size_t count;
    bool soon = false;
    struct ending ending = {.partner = look->partner->number};
    TRY(store_partner_log_list(look->db, look->partner->number, arena, &logs, &count));
    for (size_t i = 0; i < count; i++) {
        struct err err = logs[i].wrong.len > 0 ? OK : one_look(look, &logs[i], arena, &soon);
        if (err.kind != ERR_NONE && err.kind != ERR_DENIED)
            return err;
    }
    ending.next_us = clock_now_us() + (soon ? TAXII_LOG_AGAIN_US : TAXII_LOG_EVERY_US);
    return store_work(look->db, look->actor, arena, looked, &ending);
}
