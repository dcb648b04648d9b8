/* SPDX-License-Identifier: Apache-2.0 */
#include "share/split.h"

#include "base/arena.h"
#include "base/clock.h"
#include "share/keys.h"
#include "json/write.h"

#define DETAIL_MAX 4096

struct err share_log_keys(struct db *db, int64_t partner, slice origin, struct arena *arena,
        struct ledger_verifier keys[SHARE_LOG_KEYS_MAX], size_t *count)
{
    struct node_key *rows;
    size_t row_count;
    *count = 0;
    TRY(store_node_key_list(db, partner, arena, &rows, &row_count));
    for (size_t i = 0; i < row_count && *count < SHARE_LOG_KEYS_MAX; i++) {
        struct key_pair *pair = arena_new(arena, struct key_pair, 1);
        const struct ledger_signer signer = {origin, LEDGER_KEY_ED25519, pair};
        pair->public = rows[i].key;
        if (slice_eq(rows[i].purpose, slice_of(share_purpose_name(SHARE_LOG))) &&
                share_key_good(&rows[i], clock_now_us(), arena).kind == ERR_NONE)
            keys[(*count)++] = ledger_note_key_of(&signer);
    }
    return OK;
}

struct err share_log_head(struct db *db, int64_t partner, slice origin, slice note, struct arena *arena,
        struct ledger_checkpoint *checkpoint)
{
    struct ledger_verifier keys[SHARE_LOG_KEYS_MAX];
    size_t count;
    TRY(share_log_keys(db, partner, origin, arena, keys, &count));
    TRY(ledger_checkpoint_open(note, keys, count, arena, checkpoint, NULL));
    return slice_eq(checkpoint->origin, origin)
                   ? OK
                   : err_make(ERR_DENIED, "it is signed as one of that log, and says that it is of another");
}

enum share_compared share_heads_compare(const struct ledger_checkpoint *one, const struct ledger_checkpoint *other)
{
    if (one->size != other->size)
        return SHARE_UNKNOWN;
    return ledger_hash_eq(&one->root, &other->root) ? SHARE_AGREES : SHARE_CONVICTS;
}

/* ---- Keeping ---- */

static struct err convicts(struct work *work, int64_t partner, slice origin, const struct ledger_split *split)
{
    struct ledger_verifier keys[SHARE_LOG_KEYS_MAX];
    size_t count;
    struct err err = err_make(ERR_DENIED, "the partner has no good key for logs");
    TRY(share_log_keys(work->db, partner, origin, work->arena, keys, &count));
    for (size_t i = 0; i < count; i++) {
        err = ledger_split_verify(split, &keys[i], work->arena);
        if (err.kind == ERR_NONE)
            return OK;
    }
    return err;
}

static struct err tell(struct work *work, int64_t partner, slice origin, int64_t number)
{
    struct buf text = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&text);
    json_write_object(&w);
    json_write_key_text(&w, S("origin"), origin);
    json_write_key_u64(&w, S("proof"), (uint64_t)number);
    json_write_end(&w);
    const char *subject = arena_printf(work->arena, "partner/%lld", (long long)partner);
    struct err err = store_work_news(work, "ledger.split", slice_of(subject), buf_slice(&text));
    buf_free(&text);
    return err;
}

struct err share_split_keep(struct work *work, int64_t partner, slice origin, const struct ledger_split *split)
{
    struct buf proof = buf_make(LEDGER_SPLIT_MAX);
    int64_t number = 0;
    bool fresh = false;
    TRY(convicts(work, partner, origin, split));
    ledger_split_write(&proof, split);
    struct err err = buf_check(&proof);
    if (err.kind == ERR_NONE)
        err = store_split_put(work, partner, origin, buf_slice(&proof), &number, &fresh);
    buf_free(&proof);
    if (err.kind != ERR_NONE || !fresh)
        return err;
    const char *why =
            arena_printf(work->arena, "its log %.*s has two faces: `kentongan ledger proof %lld` writes the proof",
                    (int)origin.len, origin.ptr, (long long)number);
    TRY(store_partner_pause(work, partner, slice_of(why)));
    return tell(work, partner, origin, number);
}

struct err share_split_clear(struct work *work, slice subject, slice detail)
{
    uint64_t partner;
    if (!slice_starts(subject, S("partner/")) || !slice_u64(slice_from(subject, 8), INT64_MAX, &partner))
        return err_make(ERR_INPUT, "what goes on is \"partner/NUMBER\"");
    TRY(store_split_clear(work, (int64_t)partner, work->actor->name));
    TRY(store_partner_pause(work, (int64_t)partner, S("")));
    return store_work_news(work, "ledger.forgiven", subject, detail);
}
