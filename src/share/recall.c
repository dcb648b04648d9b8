/* SPDX-License-Identifier: Apache-2.0 */
#include "share/recall.h"

#include <inttypes.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "ledger/merkle.h"
#include "share/post.h"
#include "share/terms.h"
#include "store/agreement.h"
#include "store/due.h"
#include "store/journal.h"
#include "store/judgement.h"
#include "store/ledger.h"
#include "store/right.h"
#include "json/read.h"
#include "json/write.h"

#define LETTER_IDS_MAX 1000 /* objects that one letter asks for */
#define PASSED_ON_MAX 4000  /* bytes of what a partner says of whom it gave it to */
#define BODY_MAX (STATEMENT_BYTES_MAX - 8192)
#define LETTER_FULL (BODY_MAX / 2) /* bytes after which the next object goes into another letter */

static const char *const causes[] = {
        [SHARE_RECALL_REVOKED] = "revoked",
        [SHARE_RECALL_WITHDRAWN] = "withdrawn",
        [SHARE_RECALL_ENDED] = "agreement-ended",
        [SHARE_RECALL_BY_HAND] = "by-hand",
};
static _Atomic uint64_t most = 100;

enum share_recall_cause share_recall_cause_find(slice name)
{
    for (size_t i = 0; i < COUNT_OF(causes); i++)
        if (slice_eq(name, slice_of(causes[i])))
            return (enum share_recall_cause)i;
    return SHARE_RECALL_BY_HAND;
}

void share_recall_most(uint64_t objects)
{
    atomic_store(&most, objects);
}

/* ---- Ours ---- */

static struct err root_write(const struct released *rows, size_t count, struct arena *arena, slice *hex)
{
    struct ledger_frontier tree = {0};
    for (size_t i = 0; i < count; i++) {
        struct sha256 leaf =
                ledger_merkle_leaf(store_released_leaf(rows[i].id, rows[i].version, &rows[i].digest, arena));
        ledger_merkle_add(&tree, &leaf);
    }
    struct sha256 root = ledger_merkle_root(&tree);
    *hex = arena_hex(arena, sha256_slice(&root));
    return arena_check(arena);
}

static struct err tell(struct work *work, const struct released *rows, size_t count, const char *cause)
{
    struct buf detail = buf_make(WORK_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_u64(&w, S("partner"), (uint64_t)rows[0].partner);
    json_write_key_text(&w, S("cause"), slice_of(cause));
    json_write_key_u64(&w, S("objects"), count);
    json_write_end(&w);
    slice subject = slice_of(arena_printf(work->arena, "agreement/%" PRId64, rows[0].agreement));
    struct err err = store_work_news(work, "recall.asked", subject, buf_slice(&detail));
    buf_free(&detail);
    return err;
}

/* ---- Who has no node reads it in the object ---- */

/*
 * The object once more, revoked, as a new version: so that who only reads our collection stops using it. Of ours alone,
 * since nobody else may change an object (STIX 2.1 section 3.6); empty: it is not ours, or of a kind without versions.
 */
static slice stub_write(slice bytes, slice own, int64_t now_us, struct arena *arena)
{
    struct json_members members = json_members(bytes);
    bool ours = slice_eq(json_text(json_get(bytes, S("created_by_ref")), arena), own), versions = false;
    struct buf stub = buf_make(OBJECT_BYTES_MAX);
    struct json_writer w = json_writer(&stub);
    json_write_object(&w);
    for (slice key, value; ours && json_member_next(&members, &key, &value);) {
        bool modified = slice_eq(key, S("modified"));
        versions |= modified;
        if (slice_eq(key, S("revoked")))
            continue;
        json_write_key(&w, json_text((slice){key.ptr - 1, key.len + 2}, arena));
        if (modified)
            json_write_time(&w, now_us / 1000 * 1000);
        else
            json_write_raw(&w, value);
    }
    json_write_key(&w, S("revoked"));
    json_write_bool(&w, true);
    json_write_end(&w);
    slice made = versions && buf_check(&stub).kind == ERR_NONE ? arena_copy(arena, buf_slice(&stub)) : S("");
    buf_free(&stub);
    return made;
}

static struct err stub_put(struct work *work, const struct released *row, slice own, struct released_put *put)
{
    slice bytes;
    struct err err = store_released_bytes(work->db, row->agreement, row->added_us, work->arena, &bytes);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    slice stub = stub_write(bytes, own, work->now_us, work->arena);
    if (stub.len == 0)
        return OK;
    *put = (struct released_put){.object = row->object,
            .id = row->id,
            .type = row->type,
            .version = store_version_kept(json_text(json_get(stub, S("modified")), work->arena)),
            .spec_version = row->spec_version,
            .from_us = INT64_MIN,
            .until_us = INT64_MAX,
            .digest = hash_sha256(stub),
            .derived = stub,
            .recall = true};
    return OK;
}

/* These stay when the agreement has ended: they are the list of what is recalled. */
static struct err stubs_put(struct work *work, const struct released *rows, size_t count)
{
    struct released_batch batch = {.kind = "recall", .agreement = rows[0].agreement};
    struct released_put *puts = arena_new(work->arena, struct released_put, count + 1);
    slice own;
    TRY(share_own_node(work->db, work->arena, &own));
    for (size_t i = 0; i < count; i++) {
        TRY(stub_put(work, &rows[i], own, &puts[batch.count]));
        batch.count += puts[batch.count].id.len > 0;
    }
    batch.rows = puts;
    batch.outcomes = arena_new(work->arena, enum released_outcome, count + 1);
    return store_released_add(work, &batch);
}

struct err share_recall_note(struct work *work, struct released *rows, size_t count, enum share_recall_cause cause)
{
    slice root, name = slice_of(causes[cause]);
    size_t kept = 0;
    int64_t entry, log;
    bool is_node;
    for (size_t i = 0; i < count; i++) {
        bool is_new;
        TRY(store_recall_is_new(work->db, &rows[i], name, &is_new));
        if (is_new && !rows[i].recall)
            rows[kept++] = rows[i];
    }
    if (kept == 0)
        return OK;
    TRY(root_write(rows, kept, work->arena, &root));
    TRY(store_side_log(work->db, rows[0].agreement, &log, &is_node));
    const struct ledger_field fields[] = {
            {.name = S("cause"), .value = name},
            {.name = S("count"), .value = slice_of(arena_printf(work->arena, "%zu", kept))},
            {.name = S("root"), .value = root},
    };
    TRY(store_ledger_append(work, log, "recall", fields, COUNT_OF(fields), &entry));
    TRY(store_recall_add(work, rows, kept, name, entry, is_node));
    if (!is_node && cause != SHARE_RECALL_REVOKED)
        TRY(stubs_put(work, rows, kept));
    return tell(work, rows, kept, causes[cause]);
}

/* Rows come in the order of agreements; each agreement has a log of its own. */
static struct err all_note(struct work *work, struct released *rows, size_t count, enum share_recall_cause cause)
{
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && rows[to].agreement == rows[from].agreement;)
            to++;
        struct released *some = arena_new(work->arena, struct released, to - from);
        memcpy(some, rows + from, (to - from) * sizeof *some);
        TRY(share_recall_note(work, some, to - from, cause));
    }
    return OK;
}

struct err share_recall_object(struct work *work, int64_t object, enum share_recall_cause cause)
{
    struct released *rows;
    size_t count;
    TRY(store_released_of_object(work->db, object, work->arena, &rows, &count));
    TRY(all_note(work, rows, count, cause));
    return store_released_close(work, rows, count);
}

struct err share_recall_ended(struct work *work, int64_t agreement, int64_t after_us, int64_t *last_us)
{
    struct released *rows;
    size_t count;
    TRY(store_released_list(work->db, agreement, after_us, LETTER_IDS_MAX, work->arena, &rows, &count));
    *last_us = count < LETTER_IDS_MAX ? PROGRESS_ALL : rows[count - 1].added_us;
    TRY(store_released_close(work, rows, count));
    return share_recall_note(work, rows, count, SHARE_RECALL_ENDED);
}

/* ---- By hand ---- */

struct by_hand {
    int64_t partner;
    slice id, reason;
    size_t count;
};

static int agreement_order(const void *a, const void *b)
{
    const struct released *one = a, *other = b;
    int order = (one->agreement > other->agreement) - (one->agreement < other->agreement);
    return order != 0 ? order : (one->added_us > other->added_us) - (one->added_us < other->added_us);
}

struct gathered {
    struct released *rows;
    size_t count;
};

/* Those of the partner that is meant. */
static void gather(
        struct gathered *all, const struct released *rows, size_t count, int64_t partner, struct arena *arena)
{
    struct released *more = arena_new(arena, struct released, all->count + count + 1);
    if (all->count > 0)
        memcpy(more, all->rows, all->count * sizeof *more);
    for (size_t i = 0; i < count; i++)
        if (partner == 0 || rows[i].partner == partner)
            more[all->count++] = rows[i];
    all->rows = more;
}

/* The id as partners see it, and whatever was released of our object of that id, under whichever id. */
static struct err holders_find(struct work *work, const struct by_hand *call, struct gathered *all)
{
    struct released *rows;
    struct object *objects;
    size_t count, object_count, kept = 0;
    TRY(store_released_of_id(work->db, call->partner, call->id, work->arena, &rows, &count));
    gather(all, rows, count, call->partner, work->arena);
    TRY(store_object_versions(work->db, call->id, work->arena, &objects, &object_count));
    for (size_t i = 0; i < object_count; i++) {
        TRY(store_released_of_object(work->db, objects[i].number, work->arena, &rows, &count));
        gather(all, rows, count, call->partner, work->arena);
    }
    if (all->count > 0)
        qsort(all->rows, all->count, sizeof *all->rows, agreement_order);
    for (size_t i = 0; i < all->count; i++)
        if (kept == 0 || agreement_order(&all->rows[kept - 1], &all->rows[i]) != 0)
            all->rows[kept++] = all->rows[i];
    all->count = kept;
    return arena_check(work->arena);
}

static struct err by_hand_do(struct work *work, void *context)
{
    struct by_hand *call = context;
    struct gathered all = {0};
    TRY(holders_find(work, call, &all));
    call->count = all.count;
    if (all.count == 0)
        return err_make(ERR_MISSING, "nobody was given that");
    TRY(store_work_news(work, "recall.decided", call->id, store_work_reason(work->arena, call->reason)));
    TRY(all_note(work, all.rows, all.count, SHARE_RECALL_BY_HAND));
    return store_released_close(work, all.rows, all.count);
}

struct err share_recall(struct db *db, const struct actor *actor, int64_t partner, slice id, slice reason,
        struct arena *arena, size_t *count)
{
    struct by_hand call = {.partner = partner, .id = id, .reason = reason};
    TRY(store_text_check(arena, "reason", reason, STORE_TEXT_MAX));
    TRY(store_right_check(actor, VERB_STOP_SHARING, 0, arena, NULL));
    TRY(store_work(db, actor, arena, by_hand_do, &call));
    *count = call.count;
    return OK;
}

/* ---- Letters ---- */

/* What both agreed on for the time after the end. */
static struct err clause_write(struct work *work, const struct recall *recall, struct json_writer *w)
{
    struct agreement agreement;
    struct share_document document;
    if (!slice_eq(recall->cause, slice_of(causes[SHARE_RECALL_ENDED])))
        return OK;
    TRY(store_agreement_get(work->db, recall->agreement, work->arena, &agreement));
    TRY(share_document_read(agreement.terms, work->arena, &document));
    json_write_key_text(w, S("clause"), slice_of(share_after_end_name(document.after_end)));
    return OK;
}

/* One letter for recalls of one partner and cause; *took: as many as are in it. */
static struct err ask_post(
        struct work *work, const struct share_keys *keys, const struct recall *rows, size_t count, size_t *took)
{
    struct buf body = buf_make(BODY_MAX);
    struct json_writer w = json_writer(&body);
    json_write_object(&w);
    json_write_key_text(&w, S("cause"), rows[0].cause);
    TRY(clause_write(work, &rows[0], &w));
    json_write_key(&w, S("objects"));
    json_write_array(&w);
    for (*took = 0; *took < count && body.len < LETTER_FULL; ++*took) {
        json_write_object(&w);
        json_write_key_text(&w, S("id"), rows[*took].id);
        json_write_key_text(&w, S("version"), rows[*took].version);
        json_write_end(&w);
    }
    json_write_end(&w);
    json_write_end(&w);
    TRY(share_post_body(work, keys, rows[0].partner, "recall.ask", &body));
    return store_recall_tell(work, rows, *took);
}

static bool is_one_letter(const struct recall *one, const struct recall *other)
{
    return one->partner == other->partner && slice_eq(one->cause, other->cause);
}

/* Of as many as go into one letter; *more: `id` is the next. */
static struct err answer_some(struct work *work, const struct share_keys *keys, const struct recall_heard *heard,
        slice *rest, slice *id, bool *more)
{
    struct buf body = buf_make(BODY_MAX);
    struct json_writer w = json_writer(&body);
    json_write_object(&w);
    json_write_key_text(&w, S("answer"), heard->answer);
    json_write_key(&w, S("objects"));
    json_write_array(&w);
    for (; *more && body.len < LETTER_FULL; *more = slice_next(rest, '\n', id)) {
        slice passed_on = S("");
        TRY(store_released_holders(work->db, heard->partner, *id, work->arena, &passed_on));
        json_write_object(&w);
        json_write_key_text(&w, S("id"), *id);
        json_write_key_text(&w, S("passed_on"), store_text_keep(work->arena, passed_on, PASSED_ON_MAX));
        json_write_end(&w);
    }
    json_write_end(&w);
    json_write_end(&w);
    return share_post_body(work, keys, heard->partner, "recall.answer", &body);
}

static struct err answer_post(struct work *work, const struct share_keys *keys, const struct recall_heard *heard)
{
    slice rest = heard->ids, id;
    bool more = slice_next(&rest, '\n', &id);
    while (more)
        TRY(answer_some(work, keys, heard, &rest, &id, &more));
    return store_recall_heard_told(work, heard->number);
}

struct err share_recall_post(struct work *work, const struct share_keys *keys)
{
    struct recall *rows;
    struct recall_heard *heard;
    size_t count;
    TRY(store_recall_untold(work->db, LETTER_IDS_MAX, work->arena, &rows, &count));
    for (size_t from = 0, took; from < count; from += took) {
        size_t to = from + 1;
        while (to < count && is_one_letter(&rows[from], &rows[to]))
            to++;
        TRY(ask_post(work, keys, rows + from, to - from, &took));
    }
    TRY(store_recall_heard_list(work->db, true, 0, 100, work->arena, &heard, &count));
    for (size_t i = 0; i < count; i++)
        TRY(answer_post(work, keys, &heard[i]));
    return OK;
}

/* ---- Theirs ---- */

/* As intel/judge.h tells it, so that whatever follows judgements follows this one. */
static struct err judged_tell(struct work *work, int64_t source, slice id, slice reason, int64_t judgement)
{
    struct buf detail = buf_make(WORK_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_u64(&w, S("source"), (uint64_t)source);
    json_write_key_text(&w, S("id"), id);
    json_write_key_text(&w, S("kind"), slice_of(store_judgement_name(OBJECT_WITHDRAWN)));
    json_write_key_u64(&w, S("judgement"), (uint64_t)judgement);
    json_write_key_text(&w, S("reason"), reason);
    json_write_end(&w);
    struct err err = store_work_news(work, "intel.judged", id, buf_slice(&detail));
    buf_free(&detail);
    return err;
}

/* What this partner said of these is withdrawn; what others say of them stays, and nothing is deleted. */
static struct err withdraw(struct work *work, const struct partner *partner, slice ids)
{
    slice reason = slice_of(arena_printf(work->arena, "recalled by %.*s", (int)partner->name.len, partner->name.ptr));
    for (slice id; slice_next(&ids, '\n', &id);) {
        struct object object;
        int64_t number;
        struct err err = store_object_newest(work->db, partner->source, id, work->arena, &object);
        if (err.kind == ERR_MISSING)
            continue; /* it never sent that, or took it back */
        TRY(err);
        if ((object.judged & OBJECT_WITHDRAWN) != 0)
            continue;
        TRY(store_judgement_add(work, partner->source, id, OBJECT_WITHDRAWN, TIME_NONE, reason, &number));
        TRY(judged_tell(work, partner->source, id, reason, number));
    }
    return OK;
}

static struct err is_withdrawn(struct work *work, const struct partner *partner, slice id, bool *withdrawn)
{
    struct object object;
    struct err err = store_object_newest(work->db, partner->source, id, work->arena, &object);
    *withdrawn = err.kind == ERR_NONE && (object.judged & OBJECT_WITHDRAWN) != 0;
    return err.kind == ERR_MISSING ? OK : err;
}

/* A partner that lost our answer asks once more: what is withdrawn already needs no person. */
static struct err fresh_count(struct work *work, const struct partner *partner, slice ids, uint64_t *count)
{
    *count = 0;
    for (slice id; slice_next(&ids, '\n', &id);) {
        bool withdrawn;
        TRY(is_withdrawn(work, partner, id, &withdrawn));
        *count += !withdrawn;
    }
    return OK;
}

static struct err ids_read(const struct share_letter *letter, struct arena *arena, slice *ids, uint64_t *count)
{
    struct json_elements objects = json_elements(json_get(letter->body, S("objects")));
    struct buf lines = buf_make(STATEMENT_BYTES_MAX);
    *count = 0;
    for (slice object; json_element_next(&objects, &object);) {
        slice id = json_text(json_get(object, S("id")), arena);
        if (id.len == 0 || id.len > OBJECT_ID_MAX || slice_find(id, '\n') < id.len) {
            buf_free(&lines);
            return err_make(ERR_INPUT, "objects: each has an id (STIX 2.1 section 2.9)");
        }
        if ((*count)++ > 0)
            buf_byte(&lines, '\n');
        buf_put(&lines, id);
    }
    *ids = arena_copy(arena, buf_slice(&lines));
    struct err err = buf_check(&lines);
    buf_free(&lines);
    return err;
}

static struct err heard_tell(struct work *work, int64_t number, const struct recall_heard *heard, uint64_t objects)
{
    struct buf detail = buf_make(WORK_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_u64(&w, S("partner"), (uint64_t)heard->partner);
    json_write_key_u64(&w, S("objects"), objects);
    json_write_key_text(&w, S("cause"), heard->cause);
    json_write_key_text(&w, S("state"), heard->state);
    json_write_end(&w);
    slice subject = slice_of(arena_printf(work->arena, "recall/%" PRId64, number));
    struct err err = store_work_news(work, "recall.heard", subject, buf_slice(&detail));
    buf_free(&detail);
    return err;
}

/* "agreement-ended: delete"; nodes of before do not say it. */
static struct err clause_read(slice body, struct arena *arena, slice *cause)
{
    slice clause;
    if (json_get(body, S("clause")).len == 0)
        return OK;
    TRY(share_body_text(body, "clause", STORE_NAME_MAX, arena, &clause));
    *cause = store_text_keep(arena,
            slice_of(arena_printf(arena, "%.*s: %.*s", (int)cause->len, cause->ptr, (int)clause.len, clause.ptr)),
            STORE_NAME_MAX);
    return OK;
}

static struct err ask_take(struct work *work, const struct partner *partner, const struct share_letter *letter)
{
    struct recall_heard heard = {.partner = partner->number, .statement_id = letter->id};
    uint64_t objects, fresh;
    int64_t number, before;
    TRY(share_body_only(letter->body, "cause clause objects", work->arena));
    TRY(share_body_text(letter->body, "cause", STORE_NAME_MAX, work->arena, &heard.cause));
    TRY(clause_read(letter->body, work->arena, &heard.cause));
    TRY(ids_read(letter, work->arena, &heard.ids, &objects));
    TRY(fresh_count(work, partner, heard.ids, &fresh));
    TRY(store_recall_heard_since(work->db, partner->number, work->now_us - DAY_US, &before));
    bool waits = fresh > 0 && fresh + (uint64_t)before > atomic_load(&most); /* many small letters are a large one */
    heard.state = waits ? S("waits") : S("done");
    heard.answer = waits ? S("") : S("stopped");
    TRY(store_recall_hear(work, &heard, &number));
    TRY(heard_tell(work, number, &heard, objects));
    return waits ? OK : withdraw(work, partner, heard.ids);
}

static bool is_answer(slice answer)
{
    return slice_eq(answer, S("stopped")) || slice_eq(answer, S("deleted")) || slice_eq(answer, S("passed-on")) ||
           slice_eq(answer, S("refused"));
}

static struct err answer_take(struct work *work, const struct partner *partner, const struct share_letter *letter)
{
    struct json_elements objects = json_elements(json_get(letter->body, S("objects")));
    slice answer;
    TRY(share_body_only(letter->body, "answer objects", work->arena));
    TRY(share_body_text(letter->body, "answer", STORE_NAME_MAX, work->arena, &answer));
    if (!is_answer(answer))
        return err_make(ERR_INPUT, "answer: one of stopped, deleted, passed-on, refused");
    for (slice object; json_element_next(&objects, &object);) {
        bool changed;
        slice id = json_text(json_get(object, S("id")), work->arena);
        slice passed_on = json_text(json_get(object, S("passed_on")), work->arena);
        TRY(store_recall_answer(
                work, partner->number, id, answer, store_text_keep(work->arena, passed_on, PASSED_ON_MAX), &changed));
    }
    slice subject = slice_of(arena_printf(work->arena, "partner/%" PRId64, partner->number));
    return store_work_news(work, "recall.answered", subject, S(""));
}

struct err share_recall_take(struct work *work, int64_t partner, const struct share_letter *letter)
{
    struct partner row;
    TRY(store_partner_get(work->db, partner, work->now_us, work->arena, &row));
    if (slice_eq(letter->type, S("recall.ask")))
        return ask_take(work, &row, letter);
    if (slice_eq(letter->type, S("recall.answer")))
        return answer_take(work, &row, letter);
    return err_make(ERR_INPUT, "nobody here understands that kind of recall");
}

/* ---- A person agrees ---- */

struct agreeing {
    int64_t number;
    struct arena *arena;
};

static struct err agree_do(struct work *work, void *context)
{
    const struct agreeing *agreeing = context;
    struct recall_heard heard;
    struct partner partner;
    TRY(store_recall_heard_get(work->db, agreeing->number, work->arena, &heard));
    TRY(store_recall_heard_settle(work, agreeing->number, S("done"), S("stopped")));
    TRY(store_partner_get(work->db, heard.partner, work->now_us, work->arena, &partner));
    TRY(store_work_news(
            work, "recall.agreed", slice_of(arena_printf(work->arena, "recall/%" PRId64, agreeing->number)), S("")));
    return withdraw(work, &partner, heard.ids);
}

struct err share_recall_agree(struct db *db, const struct actor *actor, int64_t heard, struct arena *arena)
{
    struct agreeing agreeing = {heard, arena};
    TRY(store_right_check(actor, VERB_JUDGE, 0, arena, NULL));
    return store_work(db, actor, arena, agree_do, &agreeing);
}
