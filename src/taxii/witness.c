/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/witness.h"

#include "base/arena.h"
#include "ledger/folder.h"
#include "ledger/witness.h"
#include "share/split.h"
#include "store/ledger.h"
#include "taxii/anchor.h"
#include "taxii/client.h"
#include "taxii/recover.h"
#include "taxii/refill.h"
#include "taxii/remote.h"
#include "taxii/reread.h"
#include "taxii/visit.h"
#include "json/read.h"
#include "json/write.h"

#define CALL_ARENA_MAX (64u << 20)
#define HEADS_BYTES_MAX (8u << 20)
#define HEADS_MAX 1000 /* of one answer */
#define ANSWER_MAX (64u << 10)
#define DETAIL_MAX 8192
#define REST_US (2 * SECOND_US) /* that a log may rest besides: rounds of two nodes do not begin together */

/* One partner, while it is visited. */
struct call {
    struct taxii_witnessing *of;
    const struct partner *partner;
    struct http_client *http;
    struct taxii_visit visit;
    struct taxii_client client;
    struct arena *arena; /* of this partner */
};

/* ---- Visiting ---- */

static struct call call_open(
        struct taxii_witnessing *of, const struct partner *partner, struct http_client *http, struct arena *arena)
{
    return (struct call){.of = of,
            .partner = partner,
            .http = http,
            .arena = arena,
            .visit = {.keys = of->keys, .node = partner->node, .watch = of->watch}};
}

static struct err get(struct call *call, const char *path, size_t bytes_max, slice *bytes)
{
    const char *url =
            arena_printf(call->arena, "%.*sledger/%s", (int)call->partner->url.len, call->partner->url.ptr, path);
    call->client = taxii_visit_client(call->http, &call->visit);
    return taxii_client_raw(&call->client, url, bytes_max, call->arena, bytes);
}

struct posted {
    unsigned status;
    slice body;
};

static struct err body_take(void *context, slice bytes)
{
    struct buf *body = context;
    buf_put(body, bytes);
    return buf_check(body);
}

/* The answer, whatever its status; an error only where there is none. */
static struct err post(struct call *call, const char *path, slice body, struct posted *posted)
{
    struct buf got = buf_make(ANSWER_MAX);
    struct http_answer answer = {.status = 0};
    call->client = taxii_visit_client(call->http, &call->visit);
    const struct http_send send = {body, "text/plain; charset=utf-8"};
    const struct http_get get = {.url = arena_printf(call->arena, "%.*sledger/%s", (int)call->partner->url.len,
                                         call->partner->url.ptr, path),
            .send = &send,
            .pins = call->visit.pins,
            .authorization = call->client.options.authorize(call->client.options.context, call->arena),
            .context = &got,
            .body = body_take};
    struct err err = http_client_get(call->http, &get, call->arena, &answer);
    posted->status = answer.status;
    posted->body = err.kind == ERR_NONE ? arena_copy(call->arena, buf_slice(&got)) : answer.page;
    buf_free(&got);
    return answer.status == 0 ? err : OK;
}

/* ---- What a partner saw ---- */

typedef struct err head_take(void *context, slice origin, slice note);

static struct err heads_each(struct call *call, slice node, head_take *take, void *context)
{
    slice json, one;
    struct buf path = buf_make(1024);
    buf_put(&path, S("witness/heads"));
    if (node.len > 0) {
        buf_put(&path, S("?node="));
        buf_uri(&path, node, "");
    }
    struct err err = get(call, arena_cstr(call->arena, buf_slice(&path)), HEADS_BYTES_MAX, &json);
    buf_free(&path);
    TRY(err);
    struct json_elements elements = json_elements(json_get(json, S("heads")));
    for (size_t i = 0; i < HEADS_MAX && json_element_next(&elements, &one); i++)
        TRY(take(context, json_text(json_get(one, S("origin")), call->arena),
                json_text(json_get(one, S("checkpoint")), call->arena)));
    return OK;
}

/* ---- Of ours ---- */

struct seeing {
    struct witnessed seen;
    int64_t before;
};

static struct err seen_put(struct work *work, void *context)
{
    const struct seeing *seeing = context;
    return store_witnessed_put(work, &seeing->seen, seeing->before);
}

/* What a partner has of a log of ours, for people and for the next proof that is sent to it. */
static struct err seen_keep(struct call *call, slice origin, const struct ledger_checkpoint *head, slice note)
{
    struct witnessed before = {.size = -1};
    struct seeing seeing = {.seen = {.origin = origin,
                                    .seen_by = call->partner->number,
                                    .size = (int64_t)head->size,
                                    .root = head->root,
                                    .checkpoint = note}};
    struct err err = store_witnessed_get(call->of->db, origin, call->partner->number, call->arena, &before);
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    seeing.before = before.size;
    err = store_work(call->of->db, call->of->actor, call->arena, seen_put, &seeing);
    return err.kind == ERR_CONFLICT ? OK : err;
}

/* What the partner kept of what we lost. That it never comes back is no failure: the log goes on under a new origin. */
static struct err recover(struct call *call, slice origin, const struct ledger_checkpoint *head, slice note)
{
    const struct taxii_recovering recovering = {.db = call->of->db,
            .http = call->http,
            .visit = &call->visit,
            .url = call->partner->url,
            .by = slice_of(
                    arena_printf(call->arena, "partner %.*s", (int)call->partner->name.len, call->partner->name.ptr)),
            .arena = call->arena};
    size_t entries;
    struct err err = taxii_recover(&recovering, origin, head, note, &entries);
    bool never = err.kind == ERR_DENIED || err.kind == ERR_INPUT || err.kind == ERR_CONFLICT || err.kind == ERR_MISSING;
    return never ? OK : err;
}

/* One that our key did not sign says nothing of us. */
static struct err own_head(void *context, slice origin, slice note)
{
    struct call *call = context;
    struct ledger_checkpoint head;
    struct err err = share_log_head(call->of->db, 0, origin, note, call->arena, &head);
    if (err.kind == ERR_INPUT || err.kind == ERR_DENIED || err.kind == ERR_LIMIT)
        return OK;
    TRY(err);
    TRY(seen_keep(call, origin, &head, note));
    return recover(call, origin, &head, note);
}

/* All that it has of our logs; of those that waited for it, none waits any longer. */
static struct err own_ask(struct call *call)
{
    TRY(heads_each(call, S(""), own_head, call));
    return share_book_answered(call->of->db, call->partner->number, call->arena);
}

static struct err refill(struct call *call)
{
    const struct taxii_refilling refilling = {call->of->db, call->of->actor, call->partner, call->http, &call->visit};
    struct err err = taxii_refill(&refilling, call->arena);
    return err.kind == ERR_MISSING ? OK : err; /* it reads the entry when our log goes on */
}

/* ---- All partners ---- */

static struct err http_open(const struct taxii_witnessing *of, struct arena *arena, struct http_client **http)
{
    struct http_client_options options = *of->client;
    if (options.connect_ms > TAXII_WITNESS_CONNECT_MS)
        options.connect_ms = TAXII_WITNESS_CONNECT_MS;
    if (options.idle_ms > TAXII_WITNESS_CONNECT_MS)
        options.idle_ms = TAXII_WITNESS_CONNECT_MS;
    if (options.total_ms > TAXII_WITNESS_TOTAL_MS)
        options.total_ms = TAXII_WITNESS_TOTAL_MS;
    return http_client_open(&options, arena, http);
}

typedef struct err partner_visit(struct call *call, void *context);

static bool is_visited(const struct partner *partner)
{
    return partner->kind == PARTNER_NODE && partner->state == PARTNER_ACTIVE && partner->url.len > 0;
}

/* A node is who has the key that is certified for it, whatever its certificate's authority says. */
static struct err visit_one(struct taxii_witnessing *of, const struct partner *partner, struct http_client *http,
        struct arena *each, partner_visit *visit, void *context)
{
    struct call call = call_open(of, partner, http, each);
    if (!is_visited(partner) || taxii_visit_stopped(&call.visit))
        return OK;
    TRY(share_tls_pins(of->db, partner->number, clock_now_us(), each, &call.visit.pins));
    return visit(&call, context);
}

/* Paused ones too: what they show is still evidence. A failure of ours ends it, of theirs does not. */
static struct err partners_each(struct taxii_witnessing *of, struct arena *arena, partner_visit *visit, void *context)
{
    struct partner *partners;
    struct http_client *http;
    size_t count;
    TRY(store_partner_all(of->db, clock_now_us(), arena, &partners, &count));
    TRY(http_open(of, arena, &http));
    struct arena *each = arena_open("a partner as witness", ARENA_WORK, CALL_ARENA_MAX);
    struct err err = OK;
    for (size_t i = 0; i < count && err.kind == ERR_NONE; i++) {
        arena_reset(each);
        err = visit_one(of, &partners[i], http, each, visit, context);
    }
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    arena_close(each);
    http_client_close(http);
    return err;
}

struct asking {
    int64_t until_us; /* of the steady clock */
    size_t asked, answered;
};

static struct err own_visit(struct call *call, void *context)
{
    struct asking *asking = context;
    asking->asked++;
    if (clock_steady_us() > asking->until_us)
        return OK;
    struct err err = own_ask(call);
    asking->answered += err.kind == ERR_NONE;
    return err.kind == ERR_SYSTEM ? err : OK;
}

struct err taxii_witness_own(struct taxii_witnessing *witnessing, struct arena *arena, size_t *asked, size_t *answered)
{
    struct asking asking = {.until_us = clock_steady_us() + TAXII_WITNESS_OWN_US};
    struct err err = partners_each(witnessing, arena, own_visit, &asking);
    *asked = asking.asked;
    *answered = asking.answered;
    return err;
}

/* ---- Our head, to be cosigned ---- */

struct merging {
    int64_t log;
    const struct ledger_checkpoint *head;
    slice lines;
};

/* To the note of the same head; if there is another one meanwhile, its own cosignature will come. */
static struct err merge(struct work *work, void *context)
{
    const struct merging *merging = context;
    struct ledger_head head;
    struct buf note = buf_make(LEDGER_NOTE_MAX);
    TRY(store_ledger_head_get(work->db, merging->log, work->arena, &head));
    if (head.size != (int64_t)merging->head->size ||
            slice_find_slice(head.checkpoint, merging->lines) < head.checkpoint.len)
        return OK;
    buf_put(&note, head.checkpoint);
    buf_put(&note, merging->lines);
    head.checkpoint = arena_copy(work->arena, buf_slice(&note));
    struct err err = buf_check(&note);
    buf_free(&note);
    return err.kind == ERR_NONE ? store_ledger_head_put(work, &head) : err;
}

/* The lines of an answer are signatures of this text by the partner's key for that, and nothing else. */
static struct err lines_check(struct call *call, slice text, slice lines)
{
    struct ledger_note note;
    struct ledger_verifier known;
    struct key_pair pair = {.secret = {0}};
    const char *name = arena_printf(call->arena, "%.*s/witness", (int)call->partner->node.len, call->partner->node.ptr);
    const struct ledger_signer signer = {slice_of(name), LEDGER_KEY_COSIGNATURE, &pair};
    struct buf whole = buf_make(LEDGER_NOTE_MAX);
    TRY(share_key_find(call->of->db, call->partner->number, SHARE_WITNESS, clock_now_us(), call->arena, &pair.public));
    known = ledger_note_key_of(&signer);
    ledger_note_begin(&whole, text);
    buf_put(&whole, lines);
    struct err err = ledger_note_parse(arena_copy(call->arena, buf_slice(&whole)), call->arena, &note);
    buf_free(&whole);
    if (err.kind == ERR_NONE)
        err = ledger_note_verify(&note, &known, 1, call->arena);
    return err;
}

static struct err request_write(struct call *call, const struct ledger_log *log, uint64_t old,
        const struct ledger_checkpoint *head, slice note, struct buf *out)
{
    struct ledger_folder *folder;
    struct ledger_path path = {.count = 0};
    const char *name = arena_printf(call->arena, "%s/%.*s", call->of->folder, (int)log->folder.len, log->folder.ptr);
    if (old > head->size)
        return err_format(call->arena, ERR_CONFLICT, "%.*s has cosigned %llu entries of our node log, which has %llu",
                (int)call->partner->name.len, call->partner->name.ptr, (unsigned long long)old,
                (unsigned long long)head->size);
    TRY(ledger_folder_open(name, LEDGER_FOLDER_READ, call->arena, &folder));
    const struct ledger_hashes hashes = ledger_folder_hashes(folder);
    struct err err = old > 0 && old < head->size ? ledger_merkle_extend(&hashes, old, head->size, &path) : OK;
    ledger_folder_close(folder);
    ledger_witness_write(out, old, &path, note);
    return err;
}

/* What the partner has cosigned of ours; 0: nothing yet. */
static struct err cosigned_size(struct call *call, slice origin, uint64_t *size)
{
    struct witnessed seen;
    struct err err = store_witnessed_get(call->of->db, origin, call->partner->number, call->arena, &seen);
    *size = err.kind == ERR_NONE ? (uint64_t)seen.size : 0;
    return err.kind == ERR_MISSING ? OK : err;
}

static struct err add_checkpoint(struct call *call, const struct ledger_log *log, const struct ledger_checkpoint *head,
        slice note, uint64_t old, struct posted *posted)
{
    struct buf body = buf_make(LEDGER_NOTE_MAX + LEDGER_PATH_MAX * 64 + 64);
    struct err err = request_write(call, log, old, head, note, &body);
    if (err.kind == ERR_NONE)
        err = buf_check(&body);
    if (err.kind == ERR_NONE)
        err = post(call, "witness/add-checkpoint", buf_slice(&body), posted);
    buf_free(&body);
    return err;
}

static struct err cosigned(struct call *call, const struct ledger_log *log, const struct ledger_checkpoint *head,
        slice note, slice text, slice lines)
{
    struct merging merging = {log->number, head, lines};
    TRY(lines_check(call, text, lines));
    TRY(seen_keep(call, log->origin, head, note));
    return store_work(call->of->db, call->of->actor, call->arena, merge, &merging);
}

static struct err own_send(struct call *call, bool *was_cosigned)
{
    struct ledger_log log;
    struct ledger_head head;
    struct ledger_note note;
    struct ledger_checkpoint checkpoint;
    struct posted posted;
    uint64_t old, theirs;
    *was_cosigned = false;
    TRY(store_ledger_log_open(call->of->db, "node", call->arena, &log));
    TRY(store_ledger_head_get(call->of->db, log.number, call->arena, &head));
    if (head.size == 0 || log.alarm.len > 0)
        return OK;
    TRY(ledger_note_parse(head.checkpoint, call->arena, &note));
    TRY(ledger_checkpoint_parse(note.text, call->arena, &checkpoint));
    TRY(cosigned_size(call, log.origin, &old));
    TRY(add_checkpoint(call, &log, &checkpoint, head.checkpoint, old, &posted));
    if (posted.status == 409 && slice_u64(slice_trim(posted.body), INT64_MAX, &theirs))
        TRY(add_checkpoint(call, &log, &checkpoint, head.checkpoint, theirs, &posted));
    if (posted.status != 200)
        return err_format(call->arena, ERR_REMOTE, "%.*s does not cosign our node log: it answers %u, %.*s",
                (int)call->partner->name.len, call->partner->name.ptr, posted.status,
                (int)(posted.body.len < 200 ? posted.body.len : 200), posted.body.ptr);
    *was_cosigned = true;
    return cosigned(call, &log, &checkpoint, head.checkpoint, note.text, posted.body);
}

/* ---- Theirs, as they show it ---- */

/* Its node log as it shows it now; who asks for few of its tiles may. */
static struct taxii_remote remote_of(struct call *call, uint64_t size)
{
    return (struct taxii_remote){.http = call->http,
            .visit = &call->visit,
            .url = call->partner->url,
            .folder = "node",
            .size = size,
            .arena = call->arena};
}

struct splitting {
    int64_t partner;
    slice origin;
    struct ledger_split split;
};

static struct err split_put(struct work *work, void *context)
{
    const struct splitting *splitting = context;
    return share_split_keep(work, splitting->partner, splitting->origin, &splitting->split);
}

struct doubting {
    const struct partner *partner;
    slice origin;
    const char *why;
};

/* The same again is nothing new. */
static struct err doubt_tell(struct work *work, void *context)
{
    const struct doubting *doubting = context;
    slice name = slice_of(arena_printf(work->arena, "doubt/%lld", (long long)doubting->partner->number)), told;
    TRY(store_fact_get(work->db, name, work->arena, &told));
    if (slice_eq(told, slice_of(doubting->why)))
        return OK;
    TRY(store_fact_put(work->db, name, slice_of(doubting->why)));
    struct buf detail = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_text(&w, S("partner"), doubting->partner->name);
    json_write_key_text(&w, S("origin"), doubting->origin);
    json_write_key_text(&w, S("why"), slice_of(doubting->why));
    json_write_end(&w);
    const char *subject = arena_printf(work->arena, "partner/%lld", (long long)doubting->partner->number);
    struct err err = store_work_news(work, "ledger.doubt", slice_of(subject), buf_slice(&detail));
    buf_free(&detail);
    return err;
}

/* Two signed heads of the partner's node log, the smaller one first; hashes lead to the larger one. */
static struct err heads_hold(struct call *shown_by, const struct partner *of, slice origin, slice older_note,
        const struct ledger_checkpoint *older, slice newer_note, const struct ledger_checkpoint *newer)
{
    struct taxii_remote remote = remote_of(shown_by, newer->size);
    const struct ledger_hashes hashes = taxii_remote_hashes(&remote);
    struct sha256 old_root = older->root, root = newer->root;
    struct splitting splitting = {of->number, origin, {.older = older_note, .newer = newer_note}};
    if (older->size > 0 && older->size < newer->size) {
        TRY(ledger_merkle_prefix(&hashes, older->size, newer->size, &splitting.split.path));
        if (!ledger_merkle_replay(older->size, newer->size, &splitting.split.path, &old_root, &root) ||
                !ledger_hash_eq(&root, &newer->root))
            return err_make(ERR_REMOTE, "the tiles of its node log do not lead to the head that it shows");
    }
    bool holds = ledger_hash_eq(&old_root, &older->root) && ledger_hash_eq(&root, &newer->root);
    if (older->size == newer->size)
        holds = ledger_hash_eq(&older->root, &newer->root);
    return holds ? OK : store_work(shown_by->of->db, shown_by->of->actor, shown_by->arena, split_put, &splitting);
}

static struct err theirs_keep(struct call *call, slice origin, const struct ledger_checkpoint *head, slice note,
        const struct witnessed *before, bool is_known)
{
    struct seeing seeing = {.seen = {.origin = origin,
                                    .partner = call->partner->number,
                                    .size = (int64_t)head->size,
                                    .root = head->root,
                                    .checkpoint = note,
                                    .cosigned = is_known && before->cosigned && before->size == (int64_t)head->size},
            .before = is_known ? before->size : -1};
    if (is_known && before->size >= (int64_t)head->size)
        return OK;
    struct err err = store_work(call->of->db, call->of->actor, call->arena, seen_put, &seeing);
    return err.kind == ERR_CONFLICT ? OK : err;
}

static struct err doubt(struct call *call, slice origin, const char *why)
{
    struct doubting doubting = {call->partner, origin, why};
    return store_work(call->of->db, call->of->actor, call->arena, doubt_tell, &doubting);
}

/* Against what we saw of it before; *seen: the head, which it signed. A head that is gone is told, and is a proof only
 * together with a signed one. */
static struct err theirs_look(struct call *call, struct ledger_checkpoint *seen)
{
    slice bytes;
    struct ledger_note note;
    struct ledger_checkpoint head, old;
    struct witnessed before;
    TRY(get(call, "node/checkpoint", LEDGER_NOTE_MAX, &bytes));
    TRY(ledger_note_parse(bytes, call->arena, &note));
    TRY(ledger_checkpoint_parse(note.text, call->arena, &head));
    slice node = call->partner->node, base = S("/node");
    if (!slice_starts(head.origin, node) || !slice_starts(slice_from(head.origin, node.len), base))
        return err_make(ERR_REMOTE, "what it shows as its node log is another log");
    TRY(share_log_head(call->of->db, call->partner->number, head.origin, bytes, call->arena, &head));
    *seen = head;
    struct err err = store_witnessed_get(call->of->db, head.origin, 0, call->arena, &before);
    if (err.kind == ERR_MISSING)
        return theirs_keep(call, head.origin, &head, bytes, &before, false);
    TRY(err);
    TRY(share_log_head(call->of->db, call->partner->number, head.origin, before.checkpoint, call->arena, &old));
    if (head.size < old.size)
        return doubt(call, head.origin,
                arena_printf(call->arena, "its node log shows %llu entries and has shown %llu: entry %llu is gone",
                        (unsigned long long)head.size, (unsigned long long)old.size, (unsigned long long)head.size));
    TRY(heads_hold(call, call->partner, head.origin, before.checkpoint, &old, bytes, &head));
    if (head.size == old.size && clock_now_us() - before.seen_us > 2 * call->of->interval_us + REST_US)
        return doubt(call, head.origin,
                arena_printf(call->arena, "its node log rests at %llu entries: it does not sign, or its clock stands",
                        (unsigned long long)head.size));
    return theirs_keep(call, head.origin, &head, bytes, &before, true);
}

/* ---- Theirs, as others saw it ---- */

struct comparing {
    struct call *told_by; /* the node that saw it */
    const struct partner *of;
};

/* A head that was larger than the one that we had seen waits for us to come that far. */
static struct err waiting_keep(const struct comparing *comparing, const struct ledger_checkpoint *head, slice note)
{
    const struct call *told_by = comparing->told_by;
    struct witnessed before = {.size = -1};
    struct seeing seeing = {.seen = {.origin = head->origin,
                                    .seen_by = told_by->partner->number,
                                    .partner = comparing->of->number,
                                    .size = (int64_t)head->size,
                                    .root = head->root,
                                    .checkpoint = note}};
    struct err err =
            store_witnessed_get(told_by->of->db, head->origin, told_by->partner->number, told_by->arena, &before);
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    seeing.before = before.size;
    err = store_work(told_by->of->db, told_by->of->actor, told_by->arena, seen_put, &seeing);
    return err.kind == ERR_CONFLICT ? OK : err;
}

/* The one that waits since an earlier round, if ours has come that far. */
static struct err waiting_compare(
        struct call *shown_by, const struct comparing *comparing, const struct ledger_checkpoint *ours, slice our_note)
{
    const struct call *told_by = comparing->told_by;
    struct witnessed waits;
    struct ledger_checkpoint head;
    struct err err =
            store_witnessed_get(told_by->of->db, ours->origin, told_by->partner->number, told_by->arena, &waits);
    if (err.kind == ERR_MISSING || (err.kind == ERR_NONE && waits.size > (int64_t)ours->size))
        return OK;
    TRY(err);
    err = share_log_head(told_by->of->db, comparing->of->number, ours->origin, waits.checkpoint, told_by->arena, &head);
    if (err.kind != ERR_NONE) /* its key is not good any more */
        return err.kind == ERR_SYSTEM ? err : OK;
    return heads_hold(shown_by, comparing->of, ours->origin, waits.checkpoint, &head, our_note, ours);
}

/* Path and hashes come from the node itself: what leads to the head that we saw convicts it, or the other head is fine.
 */
static struct err other_head(void *context, slice origin, slice note)
{
    struct comparing *comparing = context;
    struct call *told_by = comparing->told_by;
    struct taxii_witnessing *of = told_by->of;
    struct ledger_checkpoint theirs, ours;
    struct witnessed seen;
    struct err err = share_log_head(of->db, comparing->of->number, origin, note, told_by->arena, &theirs);
    if (err.kind == ERR_INPUT || err.kind == ERR_DENIED || err.kind == ERR_LIMIT)
        return OK; /* anybody can write a head; signed it is not */
    TRY(err);
    err = store_witnessed_get(of->db, origin, 0, told_by->arena, &seen);
    if (err.kind != ERR_NONE)
        return err.kind == ERR_MISSING ? OK : err;
    TRY(share_log_head(of->db, comparing->of->number, origin, seen.checkpoint, told_by->arena, &ours));
    struct call shown_by = call_open(of, comparing->of, told_by->http, told_by->arena);
    TRY(share_tls_pins(of->db, comparing->of->number, clock_now_us(), told_by->arena, &shown_by.visit.pins));
    TRY(waiting_compare(&shown_by, comparing, &ours, seen.checkpoint));
    if (theirs.size > ours.size)
        return waiting_keep(comparing, &theirs, note); /* ours comes that far in the next round, by its own tiles */
    return heads_hold(&shown_by, comparing->of, origin, note, &theirs, seen.checkpoint, &ours);
}

static struct err others_compare(struct call *call)
{
    struct partner *partners;
    size_t count;
    int64_t now;
    TRY(store_now_us(call->of->db, &now));
    TRY(store_partner_all(call->of->db, now, call->arena, &partners, &count));
    for (size_t i = 0; i < count; i++) {
        struct comparing comparing = {call, &partners[i]};
        if (partners[i].number != call->partner->number && is_visited(&partners[i]))
            TRY(heads_each(call, partners[i].node, other_head, &comparing));
    }
    return OK;
}

/* ---- A round ---- */

static struct err counted(struct taxii_witness_round *round, struct arena *arena, struct err err)
{
    if (err.kind == ERR_NONE)
        return OK;
    round->failed++;
    round->why = arena_cstr(arena, slice_of(err.why));
    return err.kind == ERR_SYSTEM ? err : OK;
}

static struct err reread(struct call *call)
{
    const struct taxii_rereading rereading = {call->of->db, call->of->actor, call->partner, call->http, &call->visit};
    return taxii_reread(&rereading, call->arena);
}

/* Its node log, and that it commits to the logs that we share. */
static struct err theirs_see(struct call *call)
{
    struct taxii_anchoring anchoring = {.db = call->of->db,
            .actor = call->of->actor,
            .partner = call->partner,
            .http = call->http,
            .visit = &call->visit,
            .late_us = 2 * call->of->interval_us + REST_US};
    struct ledger_checkpoint head = {.size = 0};
    struct err err = taxii_anchors_get(&anchoring, call->arena);
    TRY(theirs_look(call, &head));
    if (err.kind == ERR_NONE)
        err = taxii_anchors_verify(&anchoring, &head, call->arena);
    bool told = err.kind == ERR_DENIED || err.kind == ERR_INPUT;
    return told ? doubt(call, head.origin, err.why) : err;
}

struct rounding {
    struct taxii_witness_round *round;
    struct arena *arena; /* that outlives a partner's */
};

static struct err round_visit(struct call *call, void *context)
{
    struct rounding *rounding = context;
    struct taxii_witness_round *round = rounding->round;
    bool was_cosigned = false;
    round->partners++;
    struct err err = theirs_see(call);
    round->looked += err.kind == ERR_NONE;
    TRY(counted(round, rounding->arena, err));
    TRY(counted(round, rounding->arena, own_send(call, &was_cosigned)));
    round->cosigned += was_cosigned;
    TRY(counted(round, rounding->arena, own_ask(call)));
    TRY(counted(round, rounding->arena, refill(call)));
    TRY(counted(round, rounding->arena, reread(call)));
    return counted(round, rounding->arena, others_compare(call));
}

struct err taxii_witness_round(
        struct taxii_witnessing *witnessing, struct arena *arena, struct taxii_witness_round *round)
{
    *round = (struct taxii_witness_round){.partners = 0};
    struct rounding rounding = {round, arena};
    return partners_each(witnessing, arena, round_visit, &rounding);
}
