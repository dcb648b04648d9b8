/* SPDX-License-Identifier: Apache-2.0 */
#include "app/ledger_node.h"

#include <inttypes.h>

#include "app/local.h"
#include "base/clock.h"
#include "ledger/proof.h"
#include "share/approve.h"
#include "share/book.h"
#include "share/keys.h"
#include "share/node_log.h"
#include "share/prove.h"
#include "share/split.h"
#include "store/right.h"
#include "taxii/verify_log.h"
#include "taxii/visit.h"
#include "json/write.h"

#define OUT_MAX ((size_t)32 << 20)
#define ROWS_PAGE 500

/* ---- What was typed, and what is told ---- */

static struct err out_put(struct buf *out, struct arena *arena)
{
    struct err err = buf_check(out);
    if (err.kind == ERR_NONE && (fwrite(out->ptr, 1, out->len, stdout) != out->len || !command_written()))
        err = err_errno(arena, "standard output");
    buf_free(out);
    return err;
}

static struct err may_read(const struct command_line *line, struct local *local)
{
    return store_right_check(&local->actor, VERB_READ_LEDGER, 0, line->arena, NULL);
}

/* "node" and "private" are those of today. */
static struct err log_named(const struct command_line *line, struct local *local, struct ledger_log *log)
{
    const char *name = line->files[1];
    if (strcmp(name, "node") == 0 || strcmp(name, "private") == 0)
        return store_ledger_log_open(local->db, name, line->arena, log);
    return store_ledger_log_find(local->db, slice_of(name), line->arena, log);
}

static struct err number_typed(const struct command_line *line, size_t at, int64_t *number)
{
    uint64_t typed;
    if (!slice_u64(slice_of(line->files[at]), INT64_MAX, &typed))
        return err_format(line->arena, ERR_INPUT, "%s is no number of an entry", line->files[at]);
    *number = (int64_t)typed;
    return OK;
}

static struct err reason_typed(const struct command_line *line, slice *reason)
{
    const char *typed = command_text(line, "reason");
    if (typed == NULL)
        return err_make(ERR_INPUT, "why? --reason TEXT says it, to whoever reads the journal");
    *reason = slice_of(typed);
    return OK;
}

/* ---- Which logs there are ---- */

static void log_json(const struct ledger_log *log, const struct ledger_head *head, struct buf *out)
{
    struct json_writer w = json_writer(out);
    json_write_object(&w);
    json_write_key_text(&w, S("log"), log->folder);
    json_write_key_text(&w, S("kind"), log->kind);
    json_write_key_text(&w, S("origin"), log->origin);
    json_write_key(&w, S("open"));
    json_write_bool(&w, log->open);
    json_write_key_u64(&w, S("size"), (uint64_t)log->size);
    json_write_key_u64(&w, S("signed"), (uint64_t)head->size);
    json_write_key(&w, S("signed_at"));
    json_write_time(&w, head->size > 0 ? head->signed_us : TIME_NONE);
    json_write_key_text(&w, S("follows"), log->follows);
    json_write_key_text(&w, S("alarm"), log->alarm);
    json_write_key_text(&w, S("waits_for"), log->waits);
    json_write_end(&w);
}

static void log_line_put(const struct ledger_log *log, const struct ledger_head *head, struct buf *out)
{
    const char *state = !log->open ? "closed" : log->waits.len > 0 ? "waits" : "open";
    buf_printf(out, "%.*s\t%s\t%lld of %lld signed\t%.*s%s%.*s", (int)log->folder.len, log->folder.ptr, state,
            (long long)head->size, (long long)log->size, (int)log->origin.len, log->origin.ptr,
            log->alarm.len > 0 ? "\n\t" : "", (int)log->alarm.len, log->alarm.ptr);
}

static struct err wait_put(struct local *local, const struct ledger_log *log, struct arena *arena, struct buf *out)
{
    slice why;
    TRY(share_book_waits(local->db, log, arena, &why));
    buf_printf(out, "\n\t%.*s", (int)why.len, why.ptr);
    return OK;
}

static struct err logs_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct ledger_log *logs;
    TRY(store_ledger_log_list(local->db, *after, STORE_PAGE_MAX, arena, &logs, count));
    for (size_t i = 0; i < *count; i++) {
        struct ledger_head head;
        struct buf out = buf_make(OUT_MAX);
        TRY(store_ledger_head_get(local->db, logs[i].number, arena, &head));
        (command_flag(line, "json") ? log_json : log_line_put)(&logs[i], &head, &out);
        if (logs[i].waits.len > 0 && !command_flag(line, "json"))
            TRY(wait_put(local, &logs[i], arena, &out));
        buf_byte(&out, '\n');
        TRY(out_put(&out, arena));
        *after = logs[i].number;
    }
    return OK;
}

static struct err logs(const struct command_line *line, struct local *local)
{
    TRY(store_right_check(&local->actor, VERB_READ_SHARING, 0, line->arena, NULL));
    return local_pages(line, local, logs_page);
}

/* The keys that its heads are verified with, as signed notes have them. */
static struct err vkey(const struct command_line *line, struct local *local)
{
    struct ledger_log log;
    struct ledger_verifier keys[SHARE_LOG_KEYS_MAX];
    size_t count;
    struct buf out = buf_make(OUT_MAX);
    TRY(log_named(line, local, &log));
    TRY(share_log_keys(local->db, 0, log.origin, line->arena, keys, &count));
    for (size_t i = 0; i < count; i++) {
        ledger_note_key_write(&out, &keys[i]);
        buf_byte(&out, '\n');
    }
    return out_put(&out, line->arena);
}

/* ---- Entries ---- */

static void row_json(const struct ledger_row *row, struct buf *out)
{
    struct json_writer w = json_writer(out);
    json_write_object(&w);
    json_write_key_u64(&w, S("entry"), (uint64_t)row->seq);
    for (size_t i = 0; i < row->count; i++)
        json_write_key_text(&w, row->fields[i].name, row->fields[i].value);
    json_write_end(&w);
}

static struct err show_one(const struct command_line *line, struct local *local, const struct ledger_log *log)
{
    struct ledger_row row;
    int64_t seq = 0;
    struct buf out = buf_make(OUT_MAX);
    TRY(number_typed(line, 2, &seq));
    TRY(store_ledger_get(local->db, log->number, seq, line->arena, &row));
    row_json(&row, &out);
    buf_byte(&out, '\n');
    return out_put(&out, line->arena);
}

/* All of it, a line each. */
static struct err show(const struct command_line *line, struct local *local)
{
    struct ledger_log log;
    TRY(may_read(line, local));
    TRY(log_named(line, local, &log));
    if (line->file_count > 2)
        return show_one(line, local, &log);
    struct arena *page = arena_open("entries", ARENA_WORK, (size_t)256 << 20);
    struct err err = OK;
    for (int64_t from = 0; err.kind == ERR_NONE && from < log.size;) {
        struct ledger_row *rows;
        size_t count = 0;
        struct buf out = buf_make((size_t)128 << 20);
        arena_reset(page);
        err = store_ledger_list(local->db, log.number, from, ROWS_PAGE, page, &rows, &count);
        for (size_t i = 0; i < count; i++) {
            row_json(&rows[i], &out);
            buf_byte(&out, '\n');
        }
        from = count > 0 ? rows[count - 1].seq + 1 : log.size;
        struct err put = out_put(&out, line->arena);
        err = err.kind == ERR_NONE ? put : err;
    }
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(line->arena, slice_of(err.why));
    arena_close(page);
    return err;
}

static const char *folder_of(struct local *local, const struct ledger_log *log, struct arena *arena)
{
    return arena_printf(
            arena, "%s/%.*s", node_path(&local->node, "ledger", arena), (int)log->folder.len, log->folder.ptr);
}

static struct err prove(const struct command_line *line, struct local *local)
{
    struct ledger_log log;
    struct buf out = buf_make(LEDGER_PROOF_MAX);
    int64_t seq = 0;
    slice proof;
    TRY(may_read(line, local));
    TRY(log_named(line, local, &log));
    TRY(number_typed(line, 2, &seq));
    TRY(share_prove(local->db, &log, seq, node_path(&local->node, "ledger", line->arena), line->arena, &proof));
    buf_put(&out, proof);
    return out_put(&out, line->arena);
}

/* For who is to see that the log that we share is one of those that the node log commits to. */
static struct err anchor(const struct command_line *line, struct local *local)
{
    struct ledger_log log;
    struct buf out = buf_make(OUT_MAX);
    slice shown;
    TRY(store_right_check(&local->actor, VERB_READ_SHARING, 0, line->arena, NULL));
    TRY(log_named(line, local, &log));
    TRY(share_node_log_shown(local->db, log.number, line->arena, &shown));
    buf_put(&out, shown);
    buf_byte(&out, '\n');
    return out_put(&out, line->arena);
}

/* ---- Verifying ---- */

struct comparing {
    struct db *db;
    const struct ledger_log *log;
    struct arena *page;
    struct ledger_row *rows;
    size_t count, at;
    uint64_t end;    /* the first entry that the database need not have */
    uint64_t behind; /* entries from there on */
};

/* The entry of a tile beside its row. */
static struct err entry_compare(void *context, uint64_t index, slice entry, struct arena *arena)
{
    struct comparing *comparing = context;
    if (index >= comparing->end) {
        comparing->behind++;
        return OK;
    }
    if (comparing->at == comparing->count) {
        arena_reset(comparing->page);
        comparing->at = 0;
        TRY(store_ledger_bytes(comparing->db, comparing->log->number, (int64_t)index, ROWS_PAGE, comparing->page,
                &comparing->rows, &comparing->count));
    }
    if (comparing->at == comparing->count || comparing->rows[comparing->at].seq != (int64_t)index)
        return err_format(arena, ERR_DENIED, "entry %llu is gone from the database", (unsigned long long)index);
    return slice_eq(comparing->rows[comparing->at++].entry, entry)
                   ? OK
                   : err_format(arena, ERR_DENIED, "entry %llu is another one in the database than in its tile",
                             (unsigned long long)index);
}

/*
 * A database that was put back to before the last tiles has an end that they go beyond: the log was closed there, and
 * the one that goes on from it says so in its first entry (doc/why/ledger.md). *behind: entries of the tiles from there
 * on.
 */
static struct err folder_check(const struct command_line *line, struct local *local, const struct ledger_log *log,
        struct ledger_folder *folder, int64_t signed_size, uint64_t *behind)
{
    struct ledger_verifier keys[SHARE_LOG_KEYS_MAX];
    struct comparing comparing = {.db = local->db, .log = log, .end = log->open ? UINT64_MAX : (uint64_t)signed_size};
    struct ledger_folder_check check = {.known = keys, .each = entry_compare, .context = &comparing};
    TRY(share_log_keys(local->db, 0, log->origin, line->arena, keys, &check.known_count));
    comparing.page = arena_open("rows", ARENA_WORK, (size_t)128 << 20);
    struct err err = ledger_folder_verify(folder, &check, line->arena);
    arena_close(comparing.page);
    *behind = comparing.behind;
    return err;
}

static struct err log_verify(
        const struct command_line *line, struct local *local, const struct ledger_log *log, uint64_t *behind)
{
    struct ledger_head head;
    struct ledger_folder *folder;
    TRY(store_ledger_head_get(local->db, log->number, line->arena, &head));
    if (head.size == 0)
        return OK;
    TRY(ledger_folder_open(folder_of(local, log, line->arena), LEDGER_FOLDER_READ, line->arena, &folder));
    struct err err = folder_check(line, local, log, folder, head.size, behind);
    ledger_folder_close(folder);
    return err;
}

static struct err log_told(
        const struct command_line *line, struct local *local, const struct ledger_log *log, bool *whole)
{
    uint64_t behind = 0;
    struct err err = log_verify(line, local, log, &behind);
    bool is_answer = err.kind == ERR_DENIED || err.kind == ERR_INPUT || err.kind == ERR_MISSING;
    if (err.kind != ERR_NONE && !is_answer)
        return err;
    printf("%.*s\t%s", (int)log->folder.len, log->folder.ptr, err.kind == ERR_NONE ? "whole" : err.why);
    if (err.kind == ERR_NONE && behind > 0)
        printf("\tsince a restore the database lacks the last %" PRIu64 " entries", behind);
    printf("\n");
    *whole = *whole && err.kind == ERR_NONE;
    return OK;
}

/* ---- A partner's, as it shows it to us ---- */

/* The partner whose node the URL is on. */
static struct err partner_at(
        const struct command_line *line, struct local *local, const char *url, struct partner *partner)
{
    struct partner *rows;
    size_t count = 1;
    for (int64_t after = 0; count > 0;) {
        TRY(store_partner_list(local->db, after, STORE_PAGE_MAX, clock_now_us(), line->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            after = rows[i].number;
            if (rows[i].kind != PARTNER_NODE || rows[i].url.len == 0 || !slice_starts(slice_of(url), rows[i].url))
                continue;
            *partner = rows[i];
            return OK;
        }
    }
    return err_format(
            line->arena, ERR_MISSING, "%s is at no partner's node; `kentongan partner show` has their URLs", url);
}

/* Keys for logs that the partner has now, under the name that its checkpoint is signed with. */
static struct err remote_check(const struct command_line *line, struct local *local, const struct partner *partner,
        struct taxii_client *client, struct taxii_log_check *check)
{
    struct ledger_verifier keys[SHARE_LOG_KEYS_MAX];
    struct ledger_note note;
    struct ledger_checkpoint shown;
    slice bytes;
    TRY(taxii_client_raw(
            client, arena_printf(line->arena, "%s/checkpoint", check->url), LEDGER_NOTE_MAX, line->arena, &bytes));
    TRY(ledger_note_parse(bytes, line->arena, &note));
    TRY(ledger_checkpoint_parse(note.text, line->arena, &shown));
    TRY(share_log_keys(local->db, partner->number, shown.origin, line->arena, keys, &check->known_count));
    check->known = keys;
    TRY(taxii_log_verify(client, check, line->arena));
    printf("%.*s\twhole: %llu entries\n", (int)check->checkpoint.origin.len, check->checkpoint.origin.ptr,
            (unsigned long long)check->entries);
    return OK;
}

static struct err remote_verify(const struct command_line *line, struct local *local)
{
    struct share_keys keys;
    struct partner partner = {.number = 0};
    struct http_client *http;
    const struct intel_watch watch = {.context = NULL};
    struct taxii_log_check check = {.url = line->files[1]};
    TRY(may_read(line, local));
    TRY(partner_at(line, local, check.url, &partner));
    TRY(share_keys_open(local->db, node_path(&local->node, "keys", line->arena), clock_now_us(), line->arena, &keys));
    struct taxii_visit visit = {.keys = &keys, .node = partner.node, .watch = &watch};
    struct err err = share_tls_pins(local->db, partner.number, clock_now_us(), line->arena, &visit.pins);
    if (err.kind == ERR_NONE)
        err = http_client_open(&local->node.config.feeds, line->arena, &http);
    if (err.kind == ERR_NONE) {
        struct taxii_client client = taxii_visit_client(http, &visit);
        err = remote_check(line, local, &partner, &client, &check);
        http_client_close(http);
    }
    share_keys_forget(&keys);
    return err;
}

/* Every log, or one: tiles against their checkpoint, our keys, and the database. */
static struct err verify(const struct command_line *line, struct local *local)
{
    if (line->file_count > 1 &&
            (strncmp(line->files[1], "https://", 8) == 0 || strncmp(line->files[1], "http://", 7) == 0))
        return remote_verify(line, local);
    struct ledger_log *rows, log;
    size_t count = 1;
    bool whole = true;
    if (line->file_count > 1) {
        TRY(log_named(line, local, &log));
        TRY(log_told(line, local, &log, &whole));
    }
    for (int64_t after = 0; line->file_count == 1 && count > 0;) {
        TRY(store_ledger_log_list(local->db, after, STORE_PAGE_MAX, line->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            TRY(log_told(line, local, &rows[i], &whole));
            after = rows[i].number;
        }
    }
    return whole ? OK : err_make(ERR_DENIED, "not all of it is what was logged");
}

/* ---- What people decide ---- */

static struct err propose(const struct command_line *line, struct local *local, const char *act, const char *subject,
        slice detail, slice reason)
{
    struct share_proposal proposal;
    TRY(share_propose(local->db, &local->actor, act, slice_of(subject), detail, reason, line->arena, &proposal));
    if (proposal.done)
        printf("done\n");
    else
        printf("waits for a second person: `kentongan approval show %lld`\n", (long long)proposal.number);
    return OK;
}

static struct err clear(const struct command_line *line, struct local *local)
{
    slice reason;
    struct ledger_log log = {.folder = S("clock")};
    TRY(reason_typed(line, &reason));
    if (strcmp(line->files[1], "clock") != 0)
        TRY(log_named(line, local, &log));
    const char *subject = arena_printf(line->arena, "ledger/%.*s", (int)log.folder.len, log.folder.ptr);
    return propose(line, local, "ledger.clear", subject, store_work_reason(line->arena, reason), reason);
}

/* What a log waits for is not waited for any longer. */
static struct err renew(const struct command_line *line, struct local *local)
{
    slice reason;
    struct ledger_log log;
    TRY(reason_typed(line, &reason));
    TRY(log_named(line, local, &log));
    if (log.waits.len == 0)
        return err_make(ERR_CONFLICT, "that log waits for nobody");
    const char *subject = arena_printf(line->arena, "ledger/%.*s", (int)log.folder.len, log.folder.ptr);
    return propose(line, local, "ledger.renew", subject, store_work_reason(line->arena, reason), reason);
}

static struct err forgive(const struct command_line *line, struct local *local)
{
    slice reason;
    struct partner partner;
    TRY(reason_typed(line, &reason));
    TRY(store_partner_find(local->db, slice_of(line->files[1]), clock_now_us(), line->arena, &partner));
    const char *subject = arena_printf(line->arena, "partner/%lld", (long long)partner.number);
    return propose(line, local, "ledger.forgive", subject, store_work_reason(line->arena, reason), reason);
}

static struct err erase(const struct command_line *line, struct local *local)
{
    slice reason, field = slice_of(line->files[3]);
    struct ledger_log log;
    int64_t seq = 0;
    struct buf detail = buf_make(WORK_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    TRY(reason_typed(line, &reason));
    TRY(log_named(line, local, &log));
    TRY(number_typed(line, 2, &seq));
    json_write_object(&w);
    json_write_key_text(&w, S("field"), field);
    json_write_key_text(&w, S("reason"), reason);
    json_write_end(&w);
    slice text = arena_copy(line->arena, buf_slice(&detail));
    buf_free(&detail);
    const char *subject =
            arena_printf(line->arena, "ledger/%.*s/%lld", (int)log.folder.len, log.folder.ptr, (long long)seq);
    return propose(line, local, "ledger.erase", subject, text, reason);
}

static struct err rebuild_with(const struct command_line *line, struct local *local, const struct share_keys *keys)
{
    struct ledger_log log;
    struct share_book *book = NULL;
    const struct share_book_options options = {node_path(&local->node, "ledger", line->arena),
            node_high_water(&local->node.config, line->arena), &keys->log};
    TRY(log_named(line, local, &log));
    struct err err = share_book_open(&options, line->arena, &book);
    if (err.kind == ERR_NONE)
        err = share_book_rebuild(book, local->db, log.number, line->arena);
    share_book_close(book);
    if (err.kind == ERR_NONE)
        printf("%.*s\tits tiles are written anew; the old ones lie beside them\n", (int)log.folder.len, log.folder.ptr);
    return err;
}

/* Who serves has the folders. */
static struct err rebuild(const struct command_line *line, struct local *local)
{
    struct share_keys keys;
    TRY(store_right_check(&local->actor, VERB_DOCTOR, 0, line->arena, NULL));
    TRY(node_lock(&local->node, line->arena));
    TRY(share_keys_open(local->db, node_path(&local->node, "keys", line->arena), clock_now_us(), line->arena, &keys));
    struct err err = rebuild_with(line, local, &keys);
    share_keys_forget(&keys);
    return err;
}

/* ---- Proofs against others ---- */

static struct err splits(const struct command_line *line, struct local *local)
{
    struct split_view *rows;
    size_t count = 1;
    TRY(store_right_check(&local->actor, VERB_READ_SHARING, 0, line->arena, NULL));
    for (int64_t before = INT64_MAX; count > 0;) {
        TRY(store_split_list(local->db, before, STORE_PAGE_MAX, line->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            struct buf found = buf_make(64);
            time_write(&found, rows[i].found_us);
            printf("%lld\tpartner %lld\t%.*s\t%.*s\t%s\n", (long long)rows[i].number, (long long)rows[i].partner,
                    (int)rows[i].origin.len, rows[i].origin.ptr, (int)found.len, found.ptr,
                    rows[i].cleared_us == TIME_NONE ? "open" : "cleared");
            buf_free(&found);
            before = rows[i].number;
        }
    }
    return OK;
}

static struct err proof(const struct command_line *line, struct local *local)
{
    struct split_view *rows;
    size_t count;
    int64_t number = 0;
    struct buf out = buf_make(OUT_MAX);
    TRY(store_right_check(&local->actor, VERB_READ_SHARING, 0, line->arena, NULL));
    TRY(number_typed(line, 1, &number));
    TRY(store_split_list(local->db, number + 1, 1, line->arena, &rows, &count));
    if (count == 0 || rows[0].number != number)
        return err_make(ERR_MISSING, "there is no proof of that number; `kentongan ledger splits` lists them");
    buf_put(&out, rows[0].proof);
    return out_put(&out, line->arena);
}

int ledger_node(const struct command_line *line)
{
    static const struct local_verb verbs[] = {
            {"logs", 1, logs},
            {"show", 2, show},
            {"show", 3, show},
            {"prove", 3, prove},
            {"verify", 1, verify},
            {"verify", 2, verify},
            {"vkey", 2, vkey},
            {"anchor", 2, anchor},
            {"rebuild", 2, rebuild},
            {"clear", 2, clear},
            {"renew", 2, renew},
            {"erase", 4, erase},
            {"splits", 1, splits},
            {"proof", 2, proof},
            {"forgive", 2, forgive},
    };
    return local_run(line, verbs, COUNT_OF(verbs),
            "of a node: logs, show LOG [SEQ], prove LOG SEQ, verify [LOG|URL], vkey LOG, anchor LOG, rebuild LOG, "
            "clear LOG, erase "
            "LOG "
            "SEQ "
            "FIELD, splits, proof NUMBER, forgive PARTNER");
}
