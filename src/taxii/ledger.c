/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /ledger/: the logs of this node for those they concern, as C2SP tlog-tiles has them, files as they are; and this node
 * as a witness of its partners' node logs (C2SP tlog-witness). Who may see what is one function; what one may not see
 * is not there.
 */
#include <errno.h>
#include <fcntl.h>

#include "gate/gate.h"
#include "ledger/folder.h"
#include "ledger/witness.h"
#include "share/keys.h"
#include "share/node_log.h"
#include "share/split.h"
#include "store/ledger.h"
#include "store/partner_log.h"
#include "store/recall.h"
#include "store/released.h"
#include "taxii/fetch_log.h"
#include "taxii/opening.h"
#include "taxii/refill.h"
#include "taxii/taxii.h"

#define OPENING_MAX (24u << 20) /* bytes of an answer */
#define HEADS_MAX (8u << 20)
#define KEPT_AT_ONCE 16 /* entries that are read together */

/* ---- Who may see a log ---- */

static struct err may_see(struct ask *ask, const struct ledger_log *log)
{
    const struct actor *actor = &ask->who.actor;
    int64_t now, partner;
    if (ask_may(ask, VERB_READ_LEDGER))
        return OK;
    TRY(store_now_us(ask->db, &now));
    if (slice_eq(log->kind, S("partner")))
        return store_ledger_log_partner(ask->db, log, actor->organisation, now, &partner);
    if (slice_eq(log->kind, S("node")))
        return store_ledger_partner_of(ask->db, actor->organisation, now, &partner);
    return err_make(ERR_MISSING, "there is no such log");
}

/* "node" is the node log of today, whatever its folder is called. */
static struct err log_find(struct ask *ask, struct ledger_log *log)
{
    slice name = ask->parts[0];
    struct err err = slice_eq(name, S("node")) ? store_ledger_log_open(ask->db, "node", ask->arena, log)
                                               : store_ledger_log_find(ask->db, name, ask->arena, log);
    if (err.kind == ERR_MISSING)
        return err_make(ERR_MISSING, "there is no such log");
    TRY(err);
    TRY(may_see(ask, log));
    return log->waits.len == 0 || ask_may(ask, VERB_READ_LEDGER)
                   ? OK
                   : err_make(ERR_REMOTE, "that log waits for what its partner kept of it; ask again later");
}

/* ---- Files ---- */

static struct err file_send(struct ask *ask, const struct ledger_log *log, slice name, const char *type, bool is_fixed)
{
    const char *path = arena_printf(ask->arena, "%s/ledger/%.*s/%.*s", ask->gate->options.parts->folder,
            (int)log->folder.len, log->folder.ptr, (int)name.len, name.ptr);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return errno == ENOENT ? err_make(ERR_MISSING, "that part of the log is not there (yet)")
                               : err_errno(ask->arena, "the ledger");
    ask->reply->file = fd;
    ask->reply->status = 200;
    ask->reply->type = slice_of(type);
    http_reply_header(
            ask->reply, S("Cache-Control"), is_fixed ? S("private, max-age=31536000, immutable") : S("no-store"));
    return OK;
}

struct err taxii_ledger_checkpoint(struct ask *ask)
{
    struct ledger_log log;
    TRY(log_find(ask, &log));
    return file_send(ask, &log, S("checkpoint"), "text/plain; charset=utf-8", false);
}

/* Of a full tile in the place of a partial one clients know (tlog-tiles, Partial Tiles). */
struct err taxii_ledger_tile(struct ask *ask)
{
    struct ledger_log log;
    struct ledger_tile tile;
    slice name = slice_of(arena_printf(ask->arena, "tile/%.*s", (int)ask->parts[1].len, ask->parts[1].ptr));
    TRY(log_find(ask, &log));
    if (!ledger_tile_parse(name, &tile))
        return err_make(ERR_MISSING, "there is no such tile [C2SP tlog-tiles, Merkle Tree]");
    return file_send(ask, &log, name, "application/octet-stream", tile.width == LEDGER_TILE_WIDTH);
}

/* ---- Openings ---- */

static void fields_write(struct json_writer *w, const struct ledger_row *row, struct arena *arena)
{
    json_write_key(w, S("fields"));
    json_write_array(w);
    for (size_t i = 0; i < row->count; i++) {
        const struct ledger_field *field = &row->fields[i];
        json_write_object(w);
        json_write_key_text(w, S("name"), field->name);
        json_write_key_text(w, S("salt"), arena_hex(arena, (slice){(const char *)field->salt, sizeof field->salt}));
        json_write_key_text(w, S("value"), field->value);
        json_write_end(w);
    }
    json_write_end(w);
}

/* What the root of a release is made of, or of a recall. */
static struct err leaves_write(struct ask *ask, struct json_writer *w, const struct ledger_log *log, int64_t seq)
{
    struct released *rows;
    struct recall *recalls;
    size_t count, recalled;
    int64_t agreement = 0;
    TRY(store_ledger_log_agreement(ask->db, log->number, &agreement));
    TRY(store_released_of_entry(ask->db, agreement, seq, ask->arena, &rows, &count));
    TRY(store_recall_of_entry(ask->db, agreement, seq, ask->arena, &recalls, &recalled));
    json_write_key(w, S("leaves"));
    json_write_array(w);
    for (size_t i = 0; i < count; i++)
        json_write_raw(w, store_released_leaf(rows[i].id, rows[i].version, &rows[i].digest, ask->arena));
    for (size_t i = 0; i < recalled; i++)
        json_write_raw(w, store_released_leaf(recalls[i].id, recalls[i].version, &recalls[i].digest, ask->arena));
    json_write_end(w);
    return OK;
}

static struct err opening_write(
        struct ask *ask, struct json_writer *w, const struct ledger_log *log, const struct ledger_row *row)
{
    json_write_object(w);
    fields_write(w, row, ask->arena);
    if (slice_eq(log->kind, S("partner")))
        TRY(leaves_write(ask, w, log, row->seq));
    json_write_end(w);
    return OK;
}

/* What the entries of our node log commit to tells of all logs: partners see that it was entered, and no more. */
static bool may_open(const struct ask *ask, const struct ledger_log *log)
{
    return slice_eq(log->kind, S("partner")) || ask_may(ask, VERB_READ_LEDGER);
}

struct err taxii_ledger_opening(struct ask *ask)
{
    struct ledger_log log;
    struct ledger_head head;
    struct ledger_row row;
    uint64_t seq;
    TRY(log_find(ask, &log));
    if (!may_open(ask, &log))
        return err_make(ERR_MISSING, "the log has no entry of that number");
    TRY(store_ledger_head_get(ask->db, log.number, ask->arena, &head));
    if (!slice_u64(ask->parts[1], INT64_MAX, &seq) || (int64_t)seq >= head.size)
        return err_make(ERR_MISSING, "the log has no entry of that number");
    TRY(store_ledger_get(ask->db, log.number, (int64_t)seq, ask->arena, &row));
    struct http_reply *reply = ask->reply;
    reply->body = buf_make(OPENING_MAX);
    struct json_writer w = json_writer(&reply->body);
    TRY(opening_write(ask, &w, &log, &row));
    reply->status = 200;
    reply->type = S("application/json");
    http_reply_header(reply, S("Cache-Control"), S("no-store"));
    return buf_check(&reply->body);
}

/* As the rows say today: who kept what they said before sees which was changed since (taxii/reread.h). */
static struct err entries_write(
        struct ask *ask, struct json_writer *w, const struct ledger_log *log, int64_t from, int64_t to)
{
    struct ledger_row *rows;
    size_t count = 1;
    for (to = to - from < TAXII_KEPT_PAGE ? to : from + TAXII_KEPT_PAGE;
            from < to && count > 0 && ask->reply->body.len < TAXII_KEPT_FULL;) {
        TRY(store_ledger_list(ask->db, log->number, from, to - from < KEPT_AT_ONCE ? (size_t)(to - from) : KEPT_AT_ONCE,
                ask->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            json_write_object(w);
            json_write_key_text(w, S("entry"), rows[i].entry);
            json_write_key(w, S("opening"));
            TRY(opening_write(ask, w, log, &rows[i]));
            json_write_key_u64(w, S("seq"), (uint64_t)rows[i].seq);
            json_write_end(w);
            from = rows[i].seq + 1;
        }
    }
    return OK;
}

struct err taxii_ledger_entries(struct ask *ask)
{
    struct ledger_log log;
    struct ledger_head head;
    uint64_t from;
    TRY(log_find(ask, &log));
    if (!may_open(ask, &log) || !slice_u64(ask->parts[1], INT64_MAX, &from))
        return err_make(ERR_MISSING, "the log has no entry of that number");
    TRY(store_ledger_head_get(ask->db, log.number, ask->arena, &head));
    ask->reply->body = buf_make(TAXII_KEPT_BYTES_MAX);
    struct json_writer w = json_writer(&ask->reply->body);
    json_write_object(&w);
    json_write_key(&w, S("entries"));
    json_write_array(&w);
    TRY(entries_write(ask, &w, &log, (int64_t)from, head.size));
    json_write_end(&w);
    json_write_end(&w);
    ask->reply->status = 200;
    ask->reply->type = S("application/json");
    http_reply_header(ask->reply, S("Cache-Control"), S("no-store"));
    return buf_check(&ask->reply->body);
}

/* That the node log, which all partners see, commits to this one. */
struct err taxii_ledger_anchor(struct ask *ask)
{
    struct ledger_log log;
    slice shown;
    TRY(log_find(ask, &log));
    TRY(share_node_log_shown(ask->db, log.number, ask->arena, &shown));
    ask->reply->body = buf_make(shown.len + 1);
    buf_put(&ask->reply->body, shown);
    ask->reply->status = 200;
    ask->reply->type = S("application/json");
    http_reply_header(ask->reply, S("Cache-Control"), S("no-store"));
    return buf_check(&ask->reply->body);
}

/* ---- Which logs there are ---- */

static void log_write(struct json_writer *w, const struct ledger_log *log)
{
    json_write_object(w);
    json_write_key_text(w, S("folder"), log->folder);
    json_write_key_text(w, S("kind"), log->kind);
    json_write_key_text(w, S("origin"), log->origin);
    json_write_key(w, S("open"));
    json_write_bool(w, log->open);
    json_write_end(w);
}

struct err taxii_ledger_logs(struct ask *ask)
{
    struct ledger_log *logs;
    size_t count = 1;
    struct http_reply *reply = ask->reply;
    reply->body = buf_make(HEADS_MAX);
    struct json_writer w = json_writer(&reply->body);
    json_write_object(&w);
    json_write_key(&w, S("logs"));
    json_write_array(&w);
    for (int64_t after = 0; count > 0; after = count > 0 ? logs[count - 1].number : 0) {
        TRY(store_ledger_log_list(ask->db, after, STORE_PAGE_MAX, ask->arena, &logs, &count));
        for (size_t i = 0; i < count; i++) {
            struct err err = may_see(ask, &logs[i]);
            if (err.kind == ERR_NONE)
                log_write(&w, &logs[i]);
            else if (err.kind != ERR_MISSING)
                return err;
        }
    }
    json_write_end(&w);
    json_write_end(&w);
    reply->status = 200;
    reply->type = S("application/json");
    return buf_check(&reply->body);
}

/* ---- As a witness ---- */

struct witnessing {
    struct ask *ask;
    const struct partner *partner;
    struct ledger_witness_request *request;
    const struct ledger_signer *signer;
    struct ledger_witness_answer *answer;
};

/* Of a partner, for its own logs alone. */
static struct err partner_of(struct ask *ask, struct partner *partner)
{
    int64_t now, number;
    TRY(store_now_us(ask->db, &now));
    TRY(store_ledger_partner_of(ask->db, ask->who.actor.organisation, now, &number));
    return store_partner_get(ask->db, number, now, ask->arena, partner);
}

/* "NODE/node", and what goes on from it. */
static bool is_node_log(slice origin, slice node)
{
    slice base = slice_part(origin, 0, origin.len < node.len ? origin.len : node.len);
    if (!slice_eq(base, node))
        return false;
    slice rest = slice_from(origin, node.len);
    return slice_eq(rest, S("/node")) || slice_starts(rest, S("/node/"));
}

/* Two roots of one size, both signed: the proof is at hand. */
static struct err contradiction_keep(struct witnessing *asked, struct work *work, const struct witnessed *before)
{
    struct ledger_checkpoint old;
    const struct ledger_checkpoint *fresh = &asked->request->checkpoint;
    if (before->size == 0 || before->size != (int64_t)fresh->size)
        return OK;
    TRY(share_log_head(work->db, asked->partner->number, before->origin, before->checkpoint, work->arena, &old));
    if (share_heads_compare(&old, fresh) != SHARE_CONVICTS)
        return OK;
    const struct ledger_split split = {.older = before->checkpoint, .newer = asked->request->bytes};
    struct err err = share_split_keep(work, asked->partner->number, before->origin, &split);
    return err.kind == ERR_DENIED ? OK : err; /* its signature is not good: nothing is proved */
}

static struct err witness_action(struct work *work, void *context)
{
    struct witnessing *asked = context;
    struct ledger_verifier keys[SHARE_LOG_KEYS_MAX];
    struct ledger_witness_log log = {.keys = keys, .root = ledger_merkle_empty()};
    struct witnessed before = {.size = 0};
    slice origin = asked->request->checkpoint.origin;
    TRY(share_log_keys(work->db, asked->partner->number, origin, work->arena, keys, &log.key_count));
    struct err err = store_witnessed_get(work->db, origin, 0, work->arena, &before);
    bool is_known = err.kind == ERR_NONE;
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    if (is_known) {
        log.size = (uint64_t)before.size;
        log.root = before.root;
    }
    bool is_its = is_node_log(origin, asked->partner->node);
    ledger_witness_decide(
            asked->request, is_its ? &log : NULL, asked->signer, 1, work->now_us, work->arena, asked->answer);
    if (is_its)
        TRY(contradiction_keep(asked, work, &before));
    if (!asked->answer->to_store)
        return OK;
    const struct witnessed now = {.origin = origin,
            .partner = asked->partner->number,
            .size = (int64_t)asked->request->checkpoint.size,
            .root = asked->request->checkpoint.root,
            .checkpoint = asked->request->bytes,
            .cosigned = true};
    return store_witnessed_put(work, &now, is_known ? before.size : -1);
}

static struct err witness(struct ask *ask, const struct share_keys *keys, struct ledger_witness_answer *answer)
{
    struct partner partner;
    struct ledger_witness_request *request = arena_new(ask->arena, struct ledger_witness_request, 1);
    const char *name = arena_printf(ask->arena, "%.*s/witness", (int)keys->node.len, keys->node.ptr);
    const struct ledger_signer signer = {slice_of(name), LEDGER_KEY_COSIGNATURE, &keys->witness};
    struct witnessing asked = {ask, &partner, request, &signer, answer};
    TRY(partner_of(ask, &partner));
    TRY(ledger_witness_parse(ask->request->body, ask->arena, request));
    struct err err = OK;
    for (int tries = 0; tries < 3; tries++) { /* another request for the same log may come between */
        err = store_work(ask->db, &ask->who.actor, ask->arena, witness_action, &asked);
        if (err.kind != ERR_CONFLICT)
            return err;
    }
    return err;
}

/* Answers as tlog-witness says them, which are no errors of ours. */
struct err taxii_ledger_witness(struct ask *ask)
{
    struct share_keys keys;
    struct ledger_witness_answer answer = {.status = 500};
    int64_t now;
    const char *folder = arena_printf(ask->arena, "%s/keys", ask->gate->options.parts->folder);
    TRY(store_now_us(ask->db, &now));
    TRY(share_keys_open(ask->db, folder, now, ask->arena, &keys));
    struct err err = witness(ask, &keys, &answer);
    share_keys_forget(&keys);
    TRY(err);
    ask->reply->body = buf_make(answer.body.len + 1);
    buf_put(&ask->reply->body, answer.body);
    ask->reply->status = (unsigned)answer.status;
    ask->reply->type = slice_of(answer.type == NULL ? "text/plain; charset=utf-8" : answer.type);
    return OK;
}

/* ---- What we saw ---- */

static void head_write(struct json_writer *w, slice origin, slice checkpoint)
{
    json_write_object(w);
    json_write_key_text(w, S("origin"), origin);
    json_write_key_text(w, S("checkpoint"), checkpoint);
    json_write_end(w);
}

/* Of its own logs all that we have; of another's the node log, which all of its partners see. */
static struct err heads_write(struct ask *ask, struct json_writer *w, const struct partner *of, bool is_own)
{
    struct witnessed *rows;
    struct partner_log *logs;
    size_t count, log_count;
    TRY(store_witnessed_list(ask->db, of->number, ask->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (rows[i].seen_by == 0 && is_node_log(rows[i].origin, of->node))
            head_write(w, rows[i].origin, rows[i].checkpoint);
    if (!is_own)
        return OK;
    TRY(store_partner_log_list(ask->db, of->number, ask->arena, &logs, &log_count));
    for (size_t i = 0; i < log_count; i++)
        if (logs[i].checkpoint.len > 0)
            head_write(w, logs[i].origin, logs[i].checkpoint);
    return OK;
}

struct err taxii_ledger_heads(struct ask *ask)
{
    struct partner asker, of;
    int64_t now;
    slice node = ask_query(ask, S("node"));
    TRY(store_now_us(ask->db, &now));
    TRY(partner_of(ask, &asker));
    of = asker;
    if (node.len > 0) {
        struct err err = store_partner_find_node(ask->db, node, now, ask->arena, &of);
        if (err.kind == ERR_MISSING)
            of = (struct partner){.number = -1, .node = node}; /* as one of which we saw nothing */
        else
            TRY(err);
    }
    ask->reply->body = buf_make(HEADS_MAX);
    struct json_writer w = json_writer(&ask->reply->body);
    json_write_object(&w);
    json_write_key(&w, S("heads"));
    json_write_array(&w);
    TRY(heads_write(ask, &w, &of, of.number == asker.number));
    json_write_end(&w);
    json_write_end(&w);
    ask->reply->status = 200;
    ask->reply->type = S("application/json");
    return buf_check(&ask->reply->body);
}

/* ---- What we kept, for who lost it ---- */

static void kept_write(struct json_writer *w, const struct partner_entry *entry)
{
    json_write_object(w);
    json_write_key_text(w, S("entry"), entry->entry);
    json_write_key(w, S("opening"));
    if (entry->opening.len > 0)
        json_write_raw(w, slice_trim(entry->opening));
    else
        json_write_null(w);
    json_write_key_u64(w, S("seq"), (uint64_t)entry->seq);
    json_write_end(w);
}

/* Whoever asks gets entries of its own log alone: the key is its number. */
static struct err kept_entries(struct ask *ask, struct json_writer *w, int64_t partner, slice origin, int64_t from)
{
    struct partner_entry *rows;
    size_t count;
    for (size_t all = 0; all < TAXII_KEPT_PAGE && ask->reply->body.len < TAXII_KEPT_FULL; all += count) {
        TRY(store_partner_entry_list(ask->db, partner, origin, from, KEPT_AT_ONCE, ask->arena, &rows, &count));
        for (size_t i = 0; i < count; i++)
            kept_write(w, &rows[i]);
        if (count == 0)
            return OK;
        from = rows[count - 1].seq + 1;
    }
    return OK;
}

struct err taxii_ledger_kept(struct ask *ask)
{
    struct partner asker;
    uint64_t from;
    TRY(partner_of(ask, &asker));
    if (!slice_u64(ask_query(ask, S("from")), INT64_MAX, &from))
        return err_make(ERR_INPUT, "from is the number of an entry");
    ask->reply->body = buf_make(TAXII_KEPT_BYTES_MAX);
    struct json_writer w = json_writer(&ask->reply->body);
    json_write_object(&w);
    json_write_key(&w, S("entries"));
    json_write_array(&w);
    TRY(kept_entries(ask, &w, asker.number, ask_query(ask, S("origin")), (int64_t)from));
    json_write_end(&w);
    json_write_end(&w);
    ask->reply->status = 200;
    ask->reply->type = S("application/json");
    return buf_check(&ask->reply->body);
}

/* ---- What we hold, for who released it to us and lost it ---- */

static struct err held_entry(struct ask *ask, const struct partner *asker, struct taxii_opening *opening)
{
    struct partner_entry *rows;
    size_t count;
    uint64_t seq;
    if (!slice_u64(ask_query(ask, S("seq")), INT64_MAX, &seq))
        return err_make(ERR_INPUT, "seq is the number of an entry");
    TRY(store_partner_entry_list(
            ask->db, asker->number, ask_query(ask, S("origin")), (int64_t)seq, 1, ask->arena, &rows, &count));
    if (count == 0 || rows[0].seq != (int64_t)seq || rows[0].opening.len == 0)
        return err_make(ERR_MISSING, "of such an entry nothing was kept here");
    return taxii_opening_read(rows[0].opening, rows[0].entry, ask->arena, opening);
}

/* From *leaf on, until the page is full; *leaf: where the next one begins. */
static struct err held_write(struct ask *ask, struct json_writer *w, const struct partner *asker,
        const struct taxii_opening *opening, size_t *leaf)
{
    for (; *leaf < opening->leaf_count && ask->reply->body.len < TAXII_HELD_FULL; ++*leaf) {
        const struct taxii_leaf *one = &opening->leaves[*leaf];
        slice bytes;
        struct err err = store_partner_held(ask->db, asker->source, one->id, &one->digest, ask->arena, &bytes);
        if (err.kind == ERR_MISSING)
            continue;
        TRY(err);
        json_write_object(w);
        json_write_key_u64(w, S("leaf"), *leaf);
        json_write_key(w, S("object"));
        json_write_raw(w, bytes);
        json_write_end(w);
    }
    return OK;
}

struct err taxii_ledger_held(struct ask *ask)
{
    struct partner asker;
    struct taxii_opening opening;
    uint64_t from;
    TRY(partner_of(ask, &asker));
    if (!slice_u64(ask_query(ask, S("leaf")), TAXII_LEAVES_MAX, &from))
        return err_make(ERR_INPUT, "leaf is the number of an object of the entry");
    TRY(held_entry(ask, &asker, &opening));
    size_t leaf = (size_t)from;
    ask->reply->body = buf_make(TAXII_HELD_BYTES_MAX);
    struct json_writer w = json_writer(&ask->reply->body);
    json_write_object(&w);
    json_write_key(&w, S("objects"));
    json_write_array(&w);
    TRY(held_write(ask, &w, &asker, &opening, &leaf));
    json_write_end(&w);
    json_write_key(&w, S("next"));
    if (leaf < opening.leaf_count)
        json_write_i64(&w, (int64_t)leaf);
    else
        json_write_null(&w);
    json_write_end(&w);
    ask->reply->status = 200;
    ask->reply->type = S("application/json");
    http_reply_header(ask->reply, S("Cache-Control"), S("no-store"));
    return buf_check(&ask->reply->body);
}
