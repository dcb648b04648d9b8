/* SPDX-License-Identifier: Apache-2.0 */
#include "share/node_log.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "ledger/tree.h"
#include "share/book_parts.h"
#include "json/check.h"
#include "json/read.h"
#include "json/write.h"

#define LEAVES_LEAST 64
#define LEAF_MAX 1024
#define SHOWN_MAX 16384
#define LOGS_TEXT_MAX (15u << 20)

/* ---- Heads of all logs, and those that an entry says ---- */

struct heads {
    struct ledger_headed *rows; /* in the order of logs */
    size_t count, room;
};

static struct ledger_headed *head_of(struct heads *heads, int64_t log)
{
    for (size_t i = 0; i < heads->count; i++)
        if (heads->rows[i].head.log == log)
            return &heads->rows[i];
    return NULL;
}

static void head_set(struct heads *heads, const struct ledger_headed *head, struct arena *arena)
{
    struct ledger_headed *known = head_of(heads, head->head.log);
    if (known == NULL && heads->count == heads->room) {
        size_t room = heads->room == 0 ? LEAVES_LEAST : 2 * heads->room;
        struct ledger_headed *rows = arena_new(arena, struct ledger_headed, room);
        if (heads->count > 0)
            memcpy(rows, heads->rows, heads->count * sizeof *rows);
        heads->rows = rows;
        heads->room = room;
    }
    if (known == NULL)
        known = &heads->rows[heads->count++];
    *known = *head;
}

static struct err heads_now(struct db *db, struct arena *arena, struct heads *heads)
{
    struct ledger_headed *rows;
    size_t count;
    for (int64_t after = 0;; after = rows[count - 1].head.log) {
        TRY(store_ledger_headed_list(db, after, STORE_PAGE_MAX, arena, &rows, &count));
        for (size_t i = 0; i < count; i++)
            head_set(heads, &rows[i], arena);
        if (count == 0)
            return OK;
    }
}

static bool is_same(const struct ledger_headed *a, const struct ledger_headed *b)
{
    return b != NULL && a->head.size == b->head.size && ledger_hash_eq(&a->head.root, &b->head.root);
}

/* "LOG SIZE ROOT ORIGIN", a line each, of those that the entry before did not say; `before` NULL: of all. */
static void heads_write(struct buf *out, const struct heads *heads, struct heads *before)
{
    buf_put(out, before == NULL ? S("all\n") : S("changed\n"));
    for (const struct ledger_headed *row = heads->rows; row < heads->rows + heads->count; row++) {
        if (before != NULL && is_same(row, head_of(before, row->head.log)))
            continue;
        buf_i64(out, row->head.log);
        buf_byte(out, ' ');
        buf_i64(out, row->head.size);
        buf_byte(out, ' ');
        buf_hex(out, sha256_slice(&row->head.root));
        buf_byte(out, ' ');
        buf_put(out, row->origin);
        buf_byte(out, '\n');
    }
}

static bool head_read(slice line, struct ledger_headed *head)
{
    slice log, size, root;
    uint64_t numbers[2];
    *head = (struct ledger_headed){.head.signed_us = TIME_NONE};
    if (!slice_next(&line, ' ', &log) || !slice_next(&line, ' ', &size) || !slice_next(&line, ' ', &root) ||
            !slice_u64(log, INT64_MAX, &numbers[0]) || !slice_u64(size, INT64_MAX, &numbers[1]))
        return false;
    head->head.log = (int64_t)numbers[0];
    head->head.size = (int64_t)numbers[1];
    head->origin = line;
    return slice_hex(root, head->head.root.bytes, sizeof head->head.root.bytes);
}

static slice value_of(const struct ledger_row *row, slice name)
{
    for (size_t i = 0; i < row->count; i++)
        if (slice_eq(row->fields[i].name, name))
            return row->fields[i].value;
    return S("");
}

/* What entries up to `seq` say together; *last: that entry, or the one before where it says no heads. */
static struct err heads_at(
        struct db *db, int64_t log, int64_t seq, struct arena *arena, struct heads *heads, struct ledger_row *last)
{
    struct ledger_row *rows;
    size_t count;
    int64_t from = seq / SHARE_LOGS_WHOLE * SHARE_LOGS_WHOLE;
    *last = (struct ledger_row){.seq = -1};
    TRY(store_ledger_list(db, log, from, (size_t)(seq - from + 1), arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        slice text = value_of(&rows[i], S("logs")), line;
        if (text.len == 0)
            continue;
        if (slice_starts(text, S("all\n")))
            heads->count = 0;
        *last = rows[i];
        (void)slice_next(&text, '\n', &line);
        struct ledger_headed head;
        while (slice_next(&text, '\n', &line) && line.len > 0 && head_read(line, &head))
            head_set(heads, &head, arena);
    }
    return OK;
}

/* ---- Leaves ---- */

struct leaf {
    struct sha256 hash;
    const struct ledger_headed *of; /* NULL: there is none */
    slice text;
};

static int by_hash(const void *a, const void *b)
{
    return memcmp(((const struct leaf *)a)->hash.bytes, ((const struct leaf *)b)->hash.bytes, sizeof(struct sha256));
}

static slice leaf_text(const struct ledger_headed *head, slice secret, struct arena *arena)
{
    struct sha256 salt = hash_hmac_sha256(secret, head->origin);
    struct buf out = buf_make(LEAF_MAX);
    struct json_writer w = json_writer(&out);
    json_write_object(&w);
    json_write_key_text(&w, S("origin"), head->origin);
    json_write_key_text(&w, S("root"), arena_hex(arena, sha256_slice(&head->head.root)));
    json_write_key_text(&w, S("salt"), arena_hex(arena, sha256_slice(&salt)));
    json_write_key_u64(&w, S("size"), (uint64_t)head->head.size);
    json_write_end(&w);
    slice text = arena_copy(arena, buf_slice(&out));
    buf_free(&out);
    return text;
}

/* In the order of their hashes, so that a place says nothing either. */
static struct leaf *leaves_make(const struct heads *heads, slice secret, struct arena *arena, size_t *count)
{
    size_t most = LEAVES_LEAST;
    while (most < heads->count)
        most *= 8;
    struct leaf *leaves = arena_new(arena, struct leaf, most);
    for (size_t i = 0; i < most; i++) {
        if (i < heads->count) {
            leaves[i].of = &heads->rows[i];
            leaves[i].text = leaf_text(&heads->rows[i], secret, arena);
            leaves[i].hash = ledger_merkle_leaf(leaves[i].text);
        } else {
            leaves[i].hash = hash_hmac_sha256(secret, slice_of(arena_printf(arena, "none %zu", i)));
        }
    }
    qsort(leaves, most, sizeof *leaves, by_hash);
    *count = most;
    return leaves;
}

static struct err tree_make(const struct leaf *leaves, size_t count, struct ledger_tree *tree)
{
    *tree = ledger_tree_open();
    for (size_t i = 0; i < count; i++)
        TRY(ledger_tree_add(tree, &leaves[i].hash));
    return OK;
}

static struct err root_of(const struct heads *heads, slice secret, struct arena *arena, struct sha256 *root)
{
    size_t count;
    struct ledger_tree tree;
    const struct leaf *leaves = leaves_make(heads, secret, arena, &count);
    struct err err = tree_make(leaves, count, &tree);
    if (err.kind == ERR_NONE)
        *root = ledger_tree_root(&tree);
    ledger_tree_close(&tree);
    return err;
}

/* ---- Entering ---- */

struct entering {
    int64_t interval_us;
    bool entered;
};

/* "17" or, where intervals were missed, "12-17". */
static slice interval_text(struct arena *arena, int64_t last, int64_t now)
{
    if (last < 0 || now == last + 1)
        return slice_of(arena_printf(arena, "%lld", (long long)now));
    last++;
    return slice_of(arena_printf(arena, "%lld-%lld", (long long)last, (long long)now));
}

static struct err heads_enter(struct work *work, const struct ledger_log *log, int64_t size, slice interval)
{
    struct arena *arena = work->arena;
    struct heads now = {0}, before = {0};
    struct ledger_row last = {.seq = -1};
    struct sha256 secret, root;
    int64_t seq;
    struct buf text = buf_make(LOGS_TEXT_MAX);
    hash_random(&secret, sizeof secret);
    slice secret_hex = arena_hex(arena, sha256_slice(&secret));
    TRY(heads_now(work->db, arena, &now));
    TRY(root_of(&now, secret_hex, arena, &root));
    if (size % SHARE_LOGS_WHOLE != 0)
        TRY(heads_at(work->db, log->number, size - 1, arena, &before, &last));
    heads_write(&text, &now, last.seq < 0 ? NULL : &before);
    const struct ledger_field fields[] = {{S("interval"), interval}, {S("secret"), secret_hex},
            {S("heads"), arena_hex(arena, sha256_slice(&root))}, {S("logs"), buf_slice(&text)}};
    struct err err = buf_check(&text);
    if (err.kind == ERR_NONE)
        err = store_ledger_append(work, log->number, "heads", fields, COUNT_OF(fields), &seq);
    buf_free(&text);
    return err;
}

static struct err enter(struct work *work, void *context)
{
    struct entering *entering = context;
    struct ledger_log log;
    struct ledger_row last;
    int64_t size, now, before = -1;
    entering->entered = false;
    TRY(store_ledger_log_open(work->db, "node", work->arena, &log));
    TRY(store_ledger_append_many(work, log.number, NULL, 0, &size)); /* whoever else would enter it waits */
    TRY(store_now_us(work->db, &now));
    now /= entering->interval_us;
    if (size > 0) {
        TRY(store_ledger_get(work->db, log.number, size - 1, work->arena, &last));
        before = last.time_us / entering->interval_us;
    }
    if (now <= before)
        return OK;
    entering->entered = true;
    return heads_enter(work, &log, size, interval_text(work->arena, before, now));
}

struct err share_node_log_enter(struct db *db, int64_t interval_us, struct arena *arena, bool *entered)
{
    struct entering entering = {.interval_us = interval_us};
    TRY(store_work(db, &share_ledger_actor, arena, enter, &entering));
    *entered = entering.entered;
    return OK;
}

/* ---- Showing one ---- */

static struct err anchor_make(const struct heads *heads, const struct ledger_row *row, int64_t log, struct arena *arena,
        struct share_anchor *anchor)
{
    size_t count, at = 0;
    struct ledger_tree tree;
    slice said = value_of(row, S("heads"));
    const struct leaf *leaves = leaves_make(heads, value_of(row, S("secret")), arena, &count);
    while (at < count && (leaves[at].of == NULL || leaves[at].of->head.log != log))
        at++;
    struct err err = tree_make(leaves, count, &tree);
    if (err.kind == ERR_NONE)
        anchor->heads = ledger_tree_root(&tree);
    if (err.kind == ERR_NONE && at < count)
        ledger_tree_include(&tree, at, &anchor->path);
    ledger_tree_close(&tree);
    TRY(err);
    if (at == count || !slice_eq(said, arena_hex(arena, sha256_slice(&anchor->heads))))
        return err_make(ERR_MISSING, "no entry of the node log says anything of that log");
    anchor->entry = row->seq;
    anchor->head = leaves[at].of->head;
    anchor->leaf = leaves[at].text;
    anchor->index = at;
    anchor->count = count;
    for (size_t i = 0; i < row->count; i++)
        if (slice_eq(row->fields[i].name, S("heads")))
            anchor->field = row->fields[i];
    return OK;
}

struct err share_node_log_anchor(struct db *db, int64_t log, struct arena *arena, struct share_anchor *anchor)
{
    struct ledger_log node;
    struct heads heads = {0};
    struct ledger_row row;
    struct ledger_head signed_head;
    TRY(store_ledger_log_open(db, "node", arena, &node));
    TRY(store_ledger_head_get(db, node.number, arena, &signed_head));
    if (signed_head.size == 0)
        return err_make(ERR_MISSING, "the node log was never signed");
    TRY(heads_at(db, node.number, signed_head.size - 1, arena, &heads, &row));
    if (row.seq < 0)
        return err_make(ERR_MISSING, "no entry of the node log says anything of that log");
    anchor->origin = node.origin;
    return anchor_make(&heads, &row, log, arena, anchor);
}

struct err share_node_log_shown(struct db *db, int64_t log, struct arena *arena, slice *json)
{
    struct share_anchor anchor = {.entry = -1};
    TRY(share_node_log_anchor(db, log, arena, &anchor));
    struct buf out = buf_make(SHOWN_MAX);
    struct json_writer w = json_writer(&out);
    json_write_object(&w);
    json_write_key_u64(&w, S("count"), anchor.count);
    json_write_key_u64(&w, S("entry"), (uint64_t)anchor.entry);
    json_write_key_text(&w, S("heads"), anchor.field.value);
    json_write_key_u64(&w, S("index"), anchor.index);
    json_write_key_text(&w, S("leaf"), anchor.leaf);
    json_write_key_text(&w, S("origin"), anchor.origin);
    json_write_key(&w, S("path"));
    json_write_array(&w);
    for (size_t i = 0; i < anchor.path.count; i++)
        json_write_text(&w, arena_hex(arena, sha256_slice(&anchor.path.hashes[i])));
    json_write_end(&w);
    json_write_key_text(&w, S("salt"), arena_hex(arena, (slice){(const char *)anchor.field.salt, LEDGER_SALT_BYTES}));
    json_write_end(&w);
    *json = arena_copy(arena, buf_slice(&out));
    struct err err = buf_check(&out);
    buf_free(&out);
    return err;
}

/* ---- Verifying what was shown ---- */

static bool path_read(slice list, struct arena *arena, struct ledger_path *path)
{
    struct json_elements elements = json_elements(list);
    slice one;
    for (path->count = 0; json_element_next(&elements, &one); path->count++)
        if (path->count == COUNT_OF(path->hashes) ||
                !slice_hex(json_text(one, arena), path->hashes[path->count].bytes, sizeof path->hashes[0].bytes))
            return false;
    return true;
}

/* The entry commits to the root over the leaves, and the path leads from the leaf to it. */
static bool leaf_is_in(slice json, slice entry, slice leaf, struct arena *arena)
{
    struct ledger_entry parsed;
    struct ledger_field field = {.name = S("heads"), .value = json_text(json_get(json, S("heads")), arena)};
    struct ledger_path path;
    struct sha256 heads, hash = ledger_merkle_leaf(leaf);
    int64_t seq, index, count;
    return ledger_entry_parse(entry, arena, &parsed).kind == ERR_NONE && json_i64(json_get(json, S("entry")), &seq) &&
           json_i64(json_get(json, S("index")), &index) && json_i64(json_get(json, S("count")), &count) &&
           parsed.sequence == (uint64_t)seq && index >= 0 && index < count &&
           path_read(json_get(json, S("path")), arena, &path) &&
           slice_hex(json_text(json_get(json, S("salt")), arena), field.salt, sizeof field.salt) &&
           slice_hex(field.value, heads.bytes, sizeof heads.bytes) && ledger_entry_opens(&parsed, &field) &&
           ledger_merkle_included(&hash, (uint64_t)index, (uint64_t)count, &path, &heads);
}

struct err share_node_log_verify(
        slice json, slice entry, slice of, struct arena *arena, uint64_t *size, struct sha256 *root)
{
    int64_t said;
    if (json_check(json, &json_limits_default, NULL).kind != ERR_NONE || json_kind(slice_trim(json)) != JSON_OBJECT)
        return err_make(ERR_DENIED, "what was shown is no JSON object");
    json = slice_trim(json);
    slice leaf = json_text(json_get(json, S("leaf")), arena);
    if (!leaf_is_in(json, entry, leaf, arena))
        return err_make(
                ERR_DENIED, "the leaf that was shown does not lead to what the entry of the node log commits to");
    if (json_check(leaf, &json_limits_default, NULL).kind != ERR_NONE ||
            !slice_eq(json_text(json_get(leaf, S("origin")), arena), of) ||
            !json_i64(json_get(leaf, S("size")), &said) || said < 0 ||
            !slice_hex(json_text(json_get(leaf, S("root")), arena), root->bytes, sizeof root->bytes))
        return err_make(ERR_DENIED, "the leaf that was shown is not that of the log");
    *size = (uint64_t)said;
    return OK;
}
