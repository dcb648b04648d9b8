/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ledgers: which logs there are, how far each is signed, who saw them, what is wrong and what to do; the entries of
 * one; and one entry with its proof. What entries say is for whom the log is about: of the private log and the node log
 * for auditors alone, of a partner's for who sees content. Everybody else sees sizes.
 */
#include "store/ledger.h"
#include "base/arena.h"
#include "base/clock.h"
#include "gate/gate.h"
#include "ledger/note.h"
#include "share/approve.h"
#include "share/book.h"
#include "share/prove.h"
#include "share/split.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"

#define LOGS 50
#define ENTRIES 25
#define FIELD_SHORT 90 /* bytes of a field in the list */
#define SPLITS 20
#define SCRATCH_BYTES ((size_t)128 << 20)

/* ---- Which logs ---- */

static const struct {
    const char *kind, *text, *name;
} kinds[] = {
        {"partner", W_C("of an agreement: what was given, received and recalled; both parties read it"),
                W_C("Log of an agreement")},
        {"private", W_C("private: decisions and acts; auditors alone read it"), W_C("Private log")},
        {"node", W_C("of the node: commits to all others at fixed times; partners witness it"), W_C("Node log")},
};

static void write_kind(struct ask *ask, slice kind)
{
    json_write_key_text(&ask->json, S("kind"), kind);
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (!slice_eq(kind, slice_of(kinds[i].kind)))
            continue;
        json_write_key_text(&ask->json, S("kind_name"), ask_text(ask, slice_of(kinds[i].name)));
        json_write_key_text(&ask->json, S("kind_text"), ask_text(ask, slice_of(kinds[i].text)));
    }
}

/* Whether who asks may see what its entries say. */
static bool may_open(const struct ask *ask, const struct ledger_log *log)
{
    return outside_may(ask, VERB_READ_LEDGER) ||
           (slice_eq(log->kind, S("partner")) && outside_may(ask, VERB_READ_OBJECTS));
}

/* With whom it is kept: a member "partner". */
static struct err write_partner(struct ask *ask, const struct ledger_log *log)
{
    struct agreement agreement = {.partner = 0};
    int64_t number = 0;
    if (slice_eq(log->kind, S("partner")))
        TRY(store_ledger_log_agreement(ask->db, log->number, &number));
    if (number != 0)
        TRY(store_agreement_get(ask->db, number, ask->arena, &agreement));
    return shared_partner_write(ask, S("partner"), agreement.partner);
}

/* Why it waits for its partner; null: it does not. */
static struct err write_wait(struct ask *ask, const struct ledger_log *log)
{
    struct outside outside = outside_begin(ask, OUTSIDE_LINE);
    slice why = S("");
    if (log->waits.len > 0)
        TRY(share_book_waits(ask->db, log, ask->arena, &why));
    outside_write(&outside, S("waits"), why, OUTSIDE_LINE);
    return OK;
}

static struct err write_log(struct ask *ask, const struct ledger_log *log)
{
    struct outside outside = outside_begin(ask, 4 * OUTSIDE_LINE);
    struct ledger_head head;
    TRY(store_ledger_head_get(ask->db, log->number, ask->arena, &head));
    json_write_key_u64(&ask->json, S("number"), (uint64_t)log->number);
    write_kind(ask, log->kind);
    TRY(write_partner(ask, log));
    outside_write(&outside, S("origin"), log->origin, OUTSIDE_LINE);
    json_write_key_text(&ask->json, S("name"), log->folder);
    page_flag(ask, S("open"), log->open);
    page_count(ask, S("size"), (uint64_t)log->size);
    page_count(ask, S("signed"), (uint64_t)head.size);
    page_moment(ask, S("signed_at"), head.size > 0 ? head.signed_us : TIME_NONE);
    json_write_key_hex(&ask->json, S("root"), head.size > 0 ? sha256_slice(&head.root) : S(""));
    outside_write(&outside, S("alarm"), log->alarm, OUTSIDE_LINE);
    TRY(write_wait(ask, log));
    outside_write(&outside, S("follows"), log->follows, OUTSIDE_LINE);
    return OK;
}

static struct err write_logs(struct ask *ask, int64_t after, bool *alarmed, bool *waiting)
{
    struct ledger_log *logs;
    size_t count;
    TRY(store_ledger_log_list(ask->db, after, LOGS, ask->arena, &logs, &count));
    json_write_key(&ask->json, S("logs"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        *alarmed |= logs[i].alarm.len > 0;
        *waiting |= logs[i].waits.len > 0;
        json_write_object(&ask->json);
        TRY(write_log(ask, &logs[i]));
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_more(ask, count == LOGS ? logs[count - 1].number : 0);
    return OK;
}

/* Who saw our node log, and how far. */
static struct err write_witnesses(struct ask *ask)
{
    struct witnessed *rows;
    struct ledger_log log;
    size_t count, seen = 0;
    struct err err = store_ledger_log_open(ask->db, "node", ask->arena, &log);
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    bool kept = err.kind == ERR_NONE;
    TRY(store_witnessed_list(ask->db, 0, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("witnesses"));
    json_write_array(&ask->json);
    for (size_t i = 0; kept && i < count; i++) {
        if (rows[i].seen_by == 0 || !slice_eq(rows[i].origin, log.origin))
            continue;
        seen++;
        json_write_object(&ask->json);
        TRY(shared_partner_write(ask, S("partner"), rows[i].seen_by));
        page_count(ask, S("size"), (uint64_t)rows[i].size);
        page_moment(ask, S("seen"), rows[i].seen_us);
        outside_ago(ask, S("ago"), rows[i].seen_us);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_witness"), seen > 0);
    return OK;
}

static struct err write_splits(struct ask *ask)
{
    struct outside outside = outside_begin(ask, SPLITS * OUTSIDE_LINE);
    struct split_view *rows;
    size_t count;
    TRY(store_split_list(ask->db, INT64_MAX, SPLITS, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("splits"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        json_write_object(&ask->json);
        json_write_key_u64(&ask->json, S("number"), (uint64_t)rows[i].number);
        TRY(shared_partner_write(ask, S("partner"), rows[i].partner));
        outside_write(&outside, S("origin"), rows[i].origin, OUTSIDE_LINE);
        page_moment(ask, S("found"), rows[i].found_us);
        page_moment(ask, S("cleared"), rows[i].cleared_us);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_split"), count > 0);
    return OK;
}

static struct err write_page(struct ask *ask, int64_t after)
{
    struct outside outside = outside_begin(ask, 2 * OUTSIDE_LINE);
    bool alarmed = false, waiting = false;
    slice clock;
    TRY(share_clock_alarm(ask->db, ask->arena, &clock));
    page_title(ask, ask_text(ask, W("Ledger")));
    outside_write(&outside, S("clock"), clock, OUTSIDE_LINE);
    TRY(write_logs(ask, after, &alarmed, &waiting));
    TRY(write_witnesses(ask));
    TRY(write_splits(ask));
    page_flag(ask, S("any_alarm"), alarmed || clock.len > 0);
    page_flag(ask, S("may_clear"), (alarmed || clock.len > 0) && ask_may(ask, VERB_MEND_LEDGER));
    page_flag(ask, S("may_renew"), waiting && ask_may(ask, VERB_MEND_LEDGER));
    return OK;
}

struct err web_ledger(struct ask *ask)
{
    uint64_t after;
    TRY(outside_need(ask, VERB_READ_SHARING));
    TRY(ask_number(ask, S("after"), INT64_MAX, 0, &after));
    return write_page(ask, (int64_t)after);
}

static struct err page_again_from_start(struct ask *ask)
{
    return write_page(ask, 0);
}

/* A log that waits for its partner waits no longer; any other goes on after its alarm. */
struct err web_ledger_clear(struct ask *ask)
{
    struct share_proposal proposal = {.done = true};
    struct ledger_log log = {.waits = S("")};
    slice reason, name = slice_trim(ask_form(ask, S("log")));
    struct err err = shared_reason(ask, &reason);
    if (err.kind == ERR_NONE && !slice_eq(name, S("clock")))
        err = store_ledger_log_find(ask->db, name, ask->arena, &log);
    slice subject = slice_of(arena_printf(ask->arena, "ledger/%.*s", (int)name.len, name.ptr));
    if (err.kind == ERR_NONE)
        err = share_propose(ask->db, &ask->who.actor, log.waits.len > 0 ? "ledger.renew" : "ledger.clear", subject,
                store_work_reason(ask->arena, reason), reason, ask->arena, &proposal);
    const struct shared_form form = {"/ledger", "saved", NULL, &proposal, page_again_from_start};
    return shared_end(ask, &form, err);
}

/* ---- One log ---- */

static struct err log_of(struct ask *ask, struct ledger_log *log)
{
    int64_t number;
    TRY(outside_need(ask, VERB_READ_SHARING));
    TRY(ask_part_number(ask, 0, &number));
    return store_ledger_log_get(ask->db, number, ask->arena, log);
}

static void write_field(struct outside *outside, const struct ledger_field *field, size_t most)
{
    struct ask *ask = outside->ask;
    json_write_object(&ask->json);
    json_write_key_text(&ask->json, S("name"), field->name);
    outside_write(outside, S("value"), field->value, most);
    json_write_end(&ask->json);
}

static void write_entry(struct ask *ask, const struct ledger_row *row, struct outside *outside, size_t most)
{
    json_write_key_u64(&ask->json, S("entry"), (uint64_t)row->seq);
    page_moment(ask, S("time"), row->time_us);
    json_write_key_text(&ask->json, S("what"), row->kind);
    json_write_key(&ask->json, S("fields"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < row->count; i++)
        if (!slice_eq(row->fields[i].name, S("kind")) && !slice_eq(row->fields[i].name, S("time")))
            write_field(outside, &row->fields[i], most);
    json_write_end(&ask->json);
}

/* A page of entries up to `until`, the newest last in the log and first here. */
static struct err write_entries(struct ask *ask, const struct ledger_log *log, int64_t until, struct arena *scratch)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct ledger_row *rows[ENTRIES];
    int64_t from = until > ENTRIES ? until - ENTRIES : 0;
    size_t got = 0, count = 1;
    for (int64_t at = from; at < until && count > 0; at = rows[got - 1]->seq + 1) {
        struct ledger_row *page;
        TRY(store_ledger_list(ask->db, log->number, at, (size_t)(until - at), scratch, &page, &count));
        for (size_t i = 0; i < count && got < ENTRIES; i++)
            rows[got++] = &page[i];
        if (got == 0)
            break;
    }
    for (size_t i = got; i > 0; i--) {
        json_write_object(&ask->json);
        write_entry(ask, rows[i - 1], &outside, FIELD_SHORT);
        json_write_end(&ask->json);
    }
    return OK;
}

struct err web_log(struct ask *ask)
{
    struct ledger_log log;
    uint64_t before;
    TRY(log_of(ask, &log));
    bool opens = may_open(ask, &log);
    TRY(ask_number(ask, S("before"), INT64_MAX, (uint64_t)log.size, &before));
    int64_t until = (int64_t)before < log.size ? (int64_t)before : log.size;
    page_title(ask, ask_text(ask, W("Entries of a log")));
    TRY(write_log(ask, &log));
    page_flag(ask, S("opens"), opens);
    json_write_key(&ask->json, S("entries"));
    json_write_array(&ask->json);
    struct arena *scratch = arena_open("entries of a log", ARENA_WORK, SCRATCH_BYTES);
    struct err err = opens ? write_entries(ask, &log, until, scratch) : OK;
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(ask->arena, slice_of(err.why));
    arena_close(scratch);
    TRY(err);
    json_write_end(&ask->json);
    page_flag(ask, S("empty"), until <= 0);
    page_more(ask, opens && until > ENTRIES ? until - ENTRIES : 0);
    return OK;
}

/* ---- One entry ---- */

/* ERR_DENIED to who may not see what it says: then not its proof, which opens it, either. */
static struct err entry_of(struct ask *ask, struct ledger_log *log, int64_t *seq)
{
    TRY(log_of(ask, log));
    TRY(ask_part_number(ask, 1, seq));
    return may_open(ask, log) ? OK : err_make(ERR_DENIED, W_C("what this log says is for others to read"));
}

static struct err write_keys(struct ask *ask, const struct ledger_log *log)
{
    struct ledger_verifier keys[SHARE_LOG_KEYS_MAX];
    size_t count;
    TRY(share_log_keys(ask->db, 0, log->origin, ask->arena, keys, &count));
    json_write_key(&ask->json, S("keys"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        struct buf key = buf_make(2 * OUTSIDE_LINE);
        ledger_note_key_write(&key, &keys[i]);
        json_write_text(&ask->json, buf_slice(&key));
        buf_free(&key);
    }
    json_write_end(&ask->json);
    return OK;
}

struct err web_log_entry(struct ask *ask)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE), opened = outside_begin(ask, OUTSIDE_PAGE);
    struct ledger_log log;
    struct ledger_row row;
    struct ledger_head head;
    int64_t seq;
    TRY(entry_of(ask, &log, &seq));
    TRY(store_ledger_get(ask->db, log.number, seq, ask->arena, &row));
    TRY(store_ledger_head_get(ask->db, log.number, ask->arena, &head));
    page_title(ask, slice_of(arena_printf(
                            ask->arena, "%s %lld", arena_cstr(ask->arena, ask_text(ask, W("Entry"))), (long long)seq)));
    json_write_key_u64(&ask->json, S("log"), (uint64_t)log.number);
    outside_write(&outside, S("origin"), log.origin, OUTSIDE_LINE);
    json_write_key_text(&ask->json, S("name"), log.folder);
    write_entry(ask, &row, &opened, OUTSIDE_TEXT);
    outside_write(&outside, S("line"), row.entry, OUTSIDE_TEXT);
    page_flag(ask, S("covered"), seq < head.size);
    page_count(ask, S("signed"), (uint64_t)head.size);
    page_moment(ask, S("signed_at"), head.size > 0 ? head.signed_us : TIME_NONE);
    return write_keys(ask, &log);
}

struct err web_log_proof(struct ask *ask)
{
    const char *folder = arena_printf(ask->arena, "%s/ledger", ask->gate->options.parts->folder);
    struct ledger_log log;
    int64_t seq;
    slice proof;
    TRY(entry_of(ask, &log, &seq));
    TRY(share_prove(ask->db, &log, seq, folder, ask->arena, &proof));
    return shared_download(ask, proof, S("text/plain; charset=utf-8"), outside_path(ask, "entry-", seq, ".tlog-proof"));
}

struct err web_split_proof(struct ask *ask)
{
    struct split_view *rows;
    int64_t number;
    size_t count;
    TRY(outside_need(ask, VERB_READ_SHARING));
    TRY(ask_part_number(ask, 0, &number));
    TRY(store_split_list(ask->db, number + 1, 1, ask->arena, &rows, &count));
    if (count == 0 || rows[0].number != number)
        return err_make(ERR_MISSING, W_C("there is no such proof"));
    return shared_download(
            ask, rows[0].proof, S("text/plain; charset=utf-8"), outside_path(ask, "two-faces-", number, ".txt"));
}
