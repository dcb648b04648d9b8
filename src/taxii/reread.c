/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/reread.h"

#include "base/arena.h"
#include "taxii/opening.h"
#include "json/write.h"

#define LOG_ARENA_MAX (512u << 20)
#define DETAIL_MAX 8192

struct reading {
    const struct taxii_rereading *of;
    const struct partner_log *log;
    struct arena *arena; /* of this log */
    int64_t next;
    const char *wrong; /* NULL: nothing */
};

/* ---- Telling ---- */

struct err taxii_log_doubt(struct work *work, const struct partner *partner, slice origin, slice why)
{
    struct buf detail = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_text(&w, S("partner"), partner->name);
    json_write_key_text(&w, S("origin"), origin);
    json_write_key_text(&w, S("why"), store_text_keep(work->arena, why, STORE_TEXT_MAX));
    json_write_end(&w);
    const char *subject = arena_printf(work->arena, "partner/%lld", (long long)partner->number);
    struct err err = store_partner_log_wrong(work, partner->number, origin, why);
    if (err.kind == ERR_NONE)
        err = store_work_news(work, "ledger.doubt", slice_of(subject), buf_slice(&detail));
    buf_free(&detail);
    return err;
}

static struct err keep(struct work *work, void *context)
{
    const struct reading *reading = context;
    const struct partner_log *log = reading->log;
    if (reading->wrong != NULL)
        return taxii_log_doubt(work, reading->of->partner, log->origin, slice_of(reading->wrong));
    return store_partner_log_again(work, log->partner, log->origin, reading->next);
}

/* ---- Comparing ---- */

/* The entry that we kept at this place, and the one that its rows have now; NULL: they agree. */
static const char *compare(const struct partner_entry *ours, const struct taxii_kept *theirs, struct arena *arena)
{
    struct taxii_opening opening;
    long long seq = (long long)ours->seq;
    if (theirs == NULL || theirs->seq > ours->seq)
        return arena_printf(arena, "entry %lld is gone", seq);
    if (theirs->seq != ours->seq || !slice_eq(theirs->entry, ours->entry))
        return arena_printf(arena, "entry %lld is not the one that it showed before", seq);
    struct err err = taxii_opening_read(theirs->opening, ours->entry, arena, &opening);
    return err.kind == ERR_NONE ? NULL : arena_printf(arena, "entry %lld does not open any more: %s", seq, err.why);
}

static struct err page_compare(struct reading *reading, const struct taxii_kept *theirs, size_t count)
{
    const struct partner_log *log = reading->log;
    struct partner_entry *ours;
    size_t our_count, most = count == 0 ? 1 : count;
    TRY(store_partner_entry_list(
            reading->of->db, log->partner, log->origin, reading->next, most, reading->arena, &ours, &our_count));
    for (size_t i = 0; i < our_count && reading->wrong == NULL; i++) {
        reading->wrong = compare(&ours[i], i < count ? &theirs[i] : NULL, reading->arena);
        reading->next = ours[i].seq + 1;
    }
    if (our_count == 0 || (uint64_t)reading->next >= log->edge.size)
        reading->next = 0;
    return arena_check(reading->arena);
}

static struct err log_reread(struct reading *reading)
{
    const struct taxii_rereading *of = reading->of;
    struct taxii_client client = taxii_visit_client(of->http, of->visit);
    struct taxii_kept *rows;
    size_t count;
    slice json, url = of->partner->url, folder = reading->log->folder;
    reading->next = (uint64_t)reading->log->again < reading->log->edge.size ? reading->log->again : 0;
    const char *path = arena_printf(reading->arena, "%.*sledger/%.*s/entries/%lld", (int)url.len, url.ptr,
            (int)folder.len, folder.ptr, (long long)reading->next);
    TRY(taxii_client_raw(&client, path, TAXII_KEPT_BYTES_MAX, reading->arena, &json));
    TRY(taxii_kept_read(json, TAXII_KEPT_PAGE, reading->arena, &rows, &count));
    TRY(page_compare(reading, rows, count));
    return store_work(of->db, of->actor, reading->arena, keep, reading);
}

/* Of a log in doubt nothing is read until a person looked. */
struct err taxii_reread(const struct taxii_rereading *rereading, struct arena *arena)
{
    struct partner_log *logs;
    size_t count;
    struct err err = OK;
    TRY(store_partner_log_list(rereading->db, rereading->partner->number, arena, &logs, &count));
    for (size_t i = 0; i < count && err.kind == ERR_NONE; i++) {
        struct reading reading = {.of = rereading, .log = &logs[i]};
        if (logs[i].wrong.len > 0 || logs[i].edge.size == 0)
            continue;
        reading.arena = arena_open("a log of a partner, once more", ARENA_WORK, LOG_ARENA_MAX);
        err = log_reread(&reading);
        if (err.kind != ERR_NONE)
            err.why = arena_cstr(arena, slice_of(err.why));
        arena_close(reading.arena);
    }
    return err;
}
