/* SPDX-License-Identifier: Apache-2.0 */
#include "share/receipt.h"

#include "base/arena.h"
#include "share/post.h"
#include "store/ledger.h"
#include "store/partner_log.h"
#include "store/right.h"
#include "json/read.h"
#include "json/write.h"

#define BODY_MAX STATEMENT_BYTES_MAX
#define ORIGIN_MAX 255
#define CHECKPOINT_MAX (64u << 10)
#define SHOWN_MISSING 20 /* ids in the journal's row */

/* ---- It has grown ---- */

struct err share_grown_post(struct work *work, const struct share_keys *keys, const struct partner *partner,
        const struct delivery_head *head)
{
    struct buf body = buf_make(BODY_MAX);
    struct json_writer w = json_writer(&body);
    json_write_object(&w);
    json_write_key_text(&w, S("checkpoint"), head->checkpoint);
    json_write_key_text(&w, S("folder"), head->folder);
    json_write_key_text(&w, S("origin"), head->origin);
    json_write_end(&w);
    TRY(share_post_body(work, keys, partner->number, "log.grown", &body));
    return store_delivery_told(work, partner->number, head->size);
}

/* Parts of a path, which will stand in a URL: small letters, digits and hyphens, nothing that leads elsewhere. */
static bool is_folder(slice folder)
{
    bool begins = true;
    for (size_t i = 0; i < folder.len; i++) {
        char c = folder.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!plain && (begins || (c != '-' && c != '/')))
            return false;
        begins = c == '/';
    }
    return !begins;
}

struct err share_grown_take(struct work *work, int64_t partner, const struct share_letter *letter)
{
    slice origin, folder, checkpoint;
    struct partner_log *logs, known;
    size_t count;
    TRY(share_body_only(letter->body, "checkpoint folder origin", work->arena));
    TRY(share_body_text(letter->body, "checkpoint", CHECKPOINT_MAX, work->arena, &checkpoint));
    TRY(share_body_text(letter->body, "folder", SHARE_FOLDER_MAX, work->arena, &folder));
    TRY(share_body_text(letter->body, "origin", ORIGIN_MAX, work->arena, &origin));
    TRY(store_text_check(work->arena, "origin of the log", origin, ORIGIN_MAX));
    if (!is_folder(folder))
        return err_make(ERR_INPUT, "the body's folder has other characters than a-z, 0-9, hyphens and single slashes");
    TRY(store_delivery_look(work, partner, work->now_us));
    if (store_partner_log_get(work->db, partner, origin, work->arena, &known).kind == ERR_NONE)
        return OK;
    TRY(store_partner_log_list(work->db, partner, work->arena, &logs, &count));
    if (count >= SHARE_LOGS_MAX)
        return err_format(work->arena, ERR_LIMIT, "more than %d logs of one node", SHARE_LOGS_MAX);
    return store_partner_log_add(work, partner, origin, folder);
}

/* ---- I hold all of it ---- */

struct err share_receipt_post(struct work *work, const struct share_keys *keys, const struct partner *partner,
        const struct share_receipt *receipt)
{
    struct buf body = buf_make(BODY_MAX);
    struct json_writer w = json_writer(&body);
    size_t count = receipt->missing_count < SHARE_MISSING_MAX ? receipt->missing_count : SHARE_MISSING_MAX;
    json_write_object(&w);
    json_write_key(&w, S("missing"));
    json_write_array(&w);
    for (size_t i = 0; i < count; i++)
        json_write_text(&w, receipt->missing[i]);
    json_write_end(&w);
    json_write_key_text(&w, S("origin"), receipt->origin);
    json_write_key_text(&w, S("root"), arena_hex(work->arena, sha256_slice(&receipt->root)));
    json_write_key_u64(&w, S("size"), receipt->size);
    json_write_end(&w);
    return share_post_body(work, keys, partner->number, "receipt", &body);
}

struct said {
    slice origin, root, missing;
    int64_t size, count; /* of what is missing */
};

static struct err missing_check(slice missing, struct arena *arena, int64_t *count)
{
    struct json_elements ids = json_elements(missing);
    slice id;
    *count = 0;
    if (json_kind(missing) != JSON_ARRAY)
        return err_make(ERR_INPUT, "the body's missing is no list");
    for (; json_element_next(&ids, &id); ++*count)
        if (json_kind(id) != JSON_STRING || *count >= SHARE_MISSING_MAX)
            return err_format(arena, ERR_INPUT, "the body's missing is no list of at most %d ids", SHARE_MISSING_MAX);
    return OK;
}

static struct err said_read(const struct share_letter *letter, struct arena *arena, struct said *said)
{
    slice body = letter->body;
    TRY(share_body_only(body, "missing origin root size", arena));
    TRY(share_body_text(body, "origin", ORIGIN_MAX, arena, &said->origin));
    TRY(share_body_text(body, "root", 64, arena, &said->root));
    said->missing = json_get(body, S("missing"));
    TRY(missing_check(said->missing, arena, &said->count));
    if (!json_i64(json_get(body, S("size")), &said->size) || said->size < 0)
        return err_make(ERR_INPUT, "the body's size is no number of entries");
    return said->root.len == 64 ? OK : err_make(ERR_INPUT, "the body's root is not 64 hexadecimal digits");
}

/* Another root than the one that we signed for that size: one of the two books is not the one that was signed. */
static struct err root_check(struct work *work, int64_t log, const struct said *said)
{
    struct sha256 root = ledger_merkle_empty();
    struct err err = said->size == 0 ? OK : store_ledger_root_get(work->db, log, said->size, work->arena, &root);
    if (err.kind == ERR_MISSING)
        return err_format(work->arena, ERR_INPUT, "the receipt is for %lld entries: no head of that size was signed",
                (long long)said->size);
    TRY(err);
    return slice_eq(said->root, arena_hex(work->arena, sha256_slice(&root)))
                   ? OK
                   : err_format(work->arena, ERR_INPUT, "the receipt has another root than ours for %lld entries",
                             (long long)said->size);
}

static struct err tell_missing(struct work *work, int64_t partner, const struct said *said)
{
    struct buf detail = buf_make(BODY_MAX);
    struct json_writer w = json_writer(&detail);
    struct json_elements ids = json_elements(said->missing);
    slice id;
    json_write_object(&w);
    json_write_key_u64(&w, S("count"), (uint64_t)said->count);
    json_write_key(&w, S("missing"));
    json_write_array(&w);
    for (int i = 0; i < SHOWN_MISSING && json_element_next(&ids, &id); i++)
        json_write_text(&w, json_text(id, work->arena));
    json_write_end(&w);
    json_write_end(&w);
    const char *subject = arena_printf(work->arena, "partner/%lld", (long long)partner);
    struct err err = store_work_news(work, "delivery.missing", slice_of(subject), buf_slice(&detail));
    buf_free(&detail);
    return err;
}

/* The signed text is part of the entry: it is what the partner cannot deny. */
struct err share_receipt_take(struct work *work, int64_t partner, const struct share_letter *letter)
{
    struct said said;
    int64_t log, seq;
    TRY(said_read(letter, work->arena, &said));
    TRY(store_delivery_log(work->db, partner, said.origin, &log));
    TRY(root_check(work, log, &said));
    const struct ledger_field fields[] = {
            {.name = S("missing"), .value = said.missing},
            {.name = S("root"), .value = said.root},
            {.name = S("size"), .value = slice_of(arena_printf(work->arena, "%lld", (long long)said.size))},
            {.name = S("statement"), .value = letter->text},
    };
    TRY(store_ledger_append(work, log, "receipt", fields, COUNT_OF(fields), &seq));
    return said.count > 0 ? tell_missing(work, partner, &said) : OK;
}

/* ---- A person looked ---- */

struct rereading {
    int64_t partner;
    slice reason;
};

static struct err reread(struct work *work, void *context)
{
    const struct rereading *rereading = context;
    const char *subject = arena_printf(work->arena, "partner/%lld", (long long)rereading->partner);
    struct partner_log *logs;
    size_t count, wrong = 0;
    TRY(store_partner_log_list(work->db, rereading->partner, work->arena, &logs, &count));
    for (size_t i = 0; i < count; i++) {
        if (logs[i].wrong.len == 0)
            continue;
        TRY(store_partner_log_wrong(work, rereading->partner, logs[i].origin, S("")));
        wrong++;
    }
    if (wrong == 0)
        return err_make(ERR_CONFLICT, "nothing is wrong with its logs");
    TRY(store_delivery_look(work, rereading->partner, work->now_us));
    return store_work_news(work, "ledger.reread", slice_of(subject), store_work_reason(work->arena, rereading->reason));
}

struct err share_logs_reread(
        struct db *db, const struct actor *actor, int64_t partner, slice reason, struct arena *arena)
{
    struct rereading rereading = {partner, reason};
    TRY(store_right_check(actor, VERB_CHANGE_PARTNERS, actor->organisation, arena, NULL));
    TRY(store_text_check(arena, "reason", reason, STORE_TEXT_MAX));
    return store_work(db, actor, arena, reread, &rereading);
}
