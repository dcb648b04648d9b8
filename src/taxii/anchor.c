/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/anchor.h"

#include "base/arena.h"
#include "ledger/entry.h"
#include "share/node_log.h"
#include "store/partner_log.h"
#include "taxii/remote.h"
#include "taxii/reread.h"
#include "json/check.h"
#include "json/read.h"

#define ANCHOR_BYTES_MAX (64u << 10)
#define LOG_ARENA_MAX (64u << 20)

struct taxii_anchor {
    struct partner_log log;
    slice shown; /* empty: its node log says nothing of this one */
};

/* One log, while it is looked at. */
struct looking {
    struct taxii_anchoring *of;
    const struct taxii_anchor *anchor;
    const struct ledger_checkpoint *node_log;
    struct arena *arena;
};

static struct taxii_remote remote_open(
        const struct taxii_anchoring *anchoring, slice folder, uint64_t size, struct arena *arena)
{
    return (struct taxii_remote){.http = anchoring->http,
            .visit = anchoring->visit,
            .url = anchoring->partner->url,
            .folder = arena_cstr(arena, folder),
            .size = size,
            .arena = arena};
}

/* ---- What it shows ---- */

static struct err anchor_get(const struct taxii_anchoring *anchoring, struct taxii_anchor *anchor, struct arena *arena)
{
    struct taxii_remote remote = remote_open(anchoring, anchor->log.folder, 0, arena);
    struct err err = taxii_remote_get(&remote, S("anchor"), ANCHOR_BYTES_MAX, &anchor->shown);
    if (err.kind != ERR_MISSING)
        return err;
    anchor->shown = S("");
    return OK;
}

/* Of a log in doubt nothing is read until a person looked. */
struct err taxii_anchors_get(struct taxii_anchoring *anchoring, struct arena *arena)
{
    struct partner_log *logs;
    size_t count;
    TRY(store_partner_log_list(anchoring->db, anchoring->partner->number, arena, &logs, &count));
    anchoring->anchors = arena_new(arena, struct taxii_anchor, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct taxii_anchor *anchor = &anchoring->anchors[anchoring->count];
        if (logs[i].wrong.len > 0 || logs[i].edge.size == 0)
            continue;
        anchor->log = logs[i];
        TRY(anchor_get(anchoring, anchor, arena));
        anchoring->count++;
    }
    return arena_check(arena);
}

/* ---- Whether it holds ---- */

static struct err wrong_keep(struct work *work, void *context)
{
    const struct looking *looking = context;
    return taxii_log_doubt(work, looking->of->partner, looking->anchor->log.origin,
            S("its node log commits to another root of it than was signed for us"));
}

static struct err wrong(struct looking *looking)
{
    return store_work(looking->of->db, looking->of->actor, looking->arena, wrong_keep, looking);
}

/* The entry that it is said to be in, under the head that was signed. */
static struct err entry_get(struct looking *looking, slice *bytes)
{
    const struct ledger_checkpoint *head = looking->node_log;
    struct taxii_remote remote = remote_open(looking->of, S("node"), head->size, looking->arena);
    const struct ledger_hashes hashes = taxii_remote_hashes(&remote);
    struct ledger_entry entry;
    struct ledger_path path;
    int64_t seq;
    if (json_check(looking->anchor->shown, &json_limits_default, NULL).kind != ERR_NONE)
        return err_make(ERR_REMOTE, "what it shows of its node log is no JSON");
    if (!json_i64(json_get(slice_trim(looking->anchor->shown), S("entry")), &seq) || seq < 0 ||
            (uint64_t)seq >= head->size)
        return err_make(ERR_DENIED, "what it shows of its node log names no entry of it");
    TRY(taxii_remote_entry(&remote, (uint64_t)seq, bytes));
    TRY(ledger_merkle_include(&hashes, (uint64_t)seq, head->size, &path));
    struct sha256 leaf = ledger_merkle_leaf(*bytes);
    if (!ledger_merkle_included(&leaf, (uint64_t)seq, head->size, &path, &head->root))
        return err_make(ERR_DENIED, "an entry of its node log does not lead to the head that was signed");
    TRY(ledger_entry_parse(*bytes, looking->arena, &entry));
    return ledger_entry_belongs(&entry, head->origin, (uint64_t)seq, looking->arena);
}

/* The root that the entries that we kept had at that size, by hashes that lead to the root that we know. */
static struct err root_at(struct looking *looking, uint64_t size, struct sha256 *root)
{
    const struct partner_log *log = &looking->anchor->log;
    struct taxii_remote remote = remote_open(looking->of, log->folder, 0, looking->arena);
    const struct ledger_hashes hashes = taxii_remote_hashes(&remote);
    struct ledger_note note;
    struct ledger_checkpoint shown;
    struct ledger_path path;
    struct sha256 whole;
    slice bytes;
    *root = log->root;
    if (size == log->edge.size)
        return OK;
    TRY(taxii_remote_get(&remote, S("checkpoint"), LEDGER_NOTE_MAX, &bytes));
    TRY(ledger_note_parse(bytes, looking->arena, &note));
    TRY(ledger_checkpoint_parse(note.text, looking->arena, &shown));
    remote.size = shown.size; /* says what its tiles are called, and proves nothing */
    if (shown.size < log->edge.size)
        return err_make(ERR_REMOTE, "it shows a smaller log than before");
    TRY(ledger_merkle_prefix(&hashes, size, log->edge.size, &path));
    bool leads = ledger_merkle_replay(size, log->edge.size, &path, root, &whole) && ledger_hash_eq(&whole, &log->root);
    return leads ? OK : err_make(ERR_REMOTE, "its tiles do not lead to the root that it had signed");
}

/* What it commits to; *size 0: nothing of this log. */
static struct err committed(struct looking *looking, uint64_t *size, struct sha256 *root)
{
    slice entry;
    *size = 0;
    if (looking->anchor->shown.len == 0)
        return OK;
    TRY(entry_get(looking, &entry));
    return share_node_log_verify(
            looking->anchor->shown, entry, looking->anchor->log.origin, looking->arena, size, root);
}

/* More than we have read is compared when we have come that far. */
static struct err look(struct looking *looking)
{
    const struct partner_log *log = &looking->anchor->log;
    uint64_t size = 0;
    struct sha256 root = ledger_merkle_empty(), ours;
    TRY(committed(looking, &size, &root));
    bool late = clock_now_us() - log->checked_us > looking->of->late_us;
    if (size < log->edge.size && late)
        return err_format(looking->arena, ERR_DENIED,
                "its node log commits to %llu entries of %.*s, of which it had signed %llu for us",
                (unsigned long long)size, (int)log->origin.len, log->origin.ptr, (unsigned long long)log->edge.size);
    if (size == 0 || size > log->edge.size)
        return OK;
    TRY(root_at(looking, size, &ours));
    return ledger_hash_eq(&root, &ours) ? OK : wrong(looking);
}

struct err taxii_anchors_verify(
        struct taxii_anchoring *anchoring, const struct ledger_checkpoint *node_log, struct arena *arena)
{
    struct err first = OK;
    for (size_t i = 0; i < anchoring->count; i++) {
        struct looking looking = {anchoring, &anchoring->anchors[i], node_log, NULL};
        looking.arena = arena_open("the anchor of a log", ARENA_WORK, LOG_ARENA_MAX);
        struct err err = look(&looking);
        if (err.kind != ERR_NONE && first.kind == ERR_NONE) /* one that cannot be seen stands in the way of no other */
            first = err_format(arena, err.kind, "%s", err.why);
        arena_close(looking.arena);
        if (err.kind == ERR_SYSTEM)
            break;
    }
    return first;
}
