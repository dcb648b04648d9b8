/* SPDX-License-Identifier: Apache-2.0 */
#include "share/agreement_hold.h"

#include "base/arena.h"
#include "share/book.h"
#include "share/recall.h"
#include "store/due.h"
#include "store/ledger.h"
#include "json/write.h"

#define DETAIL_MAX 16384
#define RECALLS_FIRST 20 /* batches of what is recalled in the work that ends an agreement */

slice agreement_digest(slice terms, struct arena *arena)
{
    struct sha256 digest = hash_sha256(terms);
    return arena_hex(arena, sha256_slice(&digest));
}

/* ---- What is told ---- */

struct err agreement_tell(struct work *work, const char *act, const struct agreement *row, slice why)
{
    struct buf detail = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_text(&w, S("agreement"), row->id);
    json_write_key_u64(&w, S("partner"), (uint64_t)row->partner);
    json_write_key_u64(&w, S("version"), (uint64_t)row->version);
    json_write_key_u64(&w, S("generation"), (uint64_t)row->generation);
    if (row->until_us != 0) {
        json_write_key(&w, S("until"));
        json_write_time(&w, row->until_us);
    }
    if (why.len > 0)
        json_write_key_text(&w, S("why"), store_text_keep(work->arena, why, STORE_TEXT_MAX));
    json_write_end(&w);
    const char *subject = arena_printf(work->arena, "agreement/%lld", (long long)row->number);
    struct err err = store_work_news(work, act, slice_of(subject), buf_slice(&detail));
    buf_free(&detail);
    return err;
}

/* What both parties see of it, in the log of what passes between them. */
static struct err enter(struct work *work, const struct agreement *row, const char *event, slice why)
{
    struct buf until = buf_make(64);
    time_write(&until, row->until_us);
    const struct ledger_field fields[] = {
            {.name = S("agreement"), .value = row->id},
            {.name = S("event"), .value = slice_of(event)},
            {.name = S("version"), .value = slice_of(arena_printf(work->arena, "%lld", (long long)row->version))},
            {.name = S("generation"), .value = slice_of(arena_printf(work->arena, "%lld", (long long)row->generation))},
            {.name = S("terms"), .value = agreement_digest(row->terms, work->arena)},
            {.name = S("until"), .value = arena_copy(work->arena, buf_slice(&until))},
            {.name = S("why"), .value = why},
    };
    int64_t seq;
    buf_free(&until);
    return row->log == 0 ? OK : store_ledger_append(work, row->log, "agreement", fields, COUNT_OF(fields), &seq);
}

/* Stored, entered and told: the end of every change. */
static struct err keep(struct work *work, const struct agreement *row, const char *act, slice why)
{
    const char *event = strchr(act, '.') + 1;
    TRY(store_agreement_change(work, row));
    TRY(enter(work, row, event, why));
    return agreement_tell(work, act, row, why);
}

/* ---- Versions ---- */

struct err agreement_version_at(struct work *work, const struct agreement *row, int64_t number,
        enum agreement_stage stage, slice digest, struct agreement_version *version)
{
    struct err err = store_agreement_version_get(work->db, row->number, number, work->arena, version);
    if (err.kind == ERR_MISSING || (err.kind == ERR_NONE && version->stage != stage))
        return err_format(work->arena, ERR_CONFLICT, "version %lld of the agreement is %s, not %s", (long long)number,
                err.kind == ERR_MISSING ? "not there" : store_agreement_stage_name(version->stage),
                store_agreement_stage_name(stage));
    TRY(err);
    slice is = agreement_digest(version->terms, work->arena);
    return slice_eq(is, digest) ? OK
                                : err_format(work->arena, ERR_CONFLICT,
                                          "version %lld of the agreement has other terms: their digest is %.*s",
                                          (long long)number, (int)is.len, is.ptr);
}

struct err agreement_goes_on(struct work *work, const struct agreement *row)
{
    struct share_document document;
    if (row->state == AGREEMENT_ENDED)
        return err_make(ERR_CONFLICT, "the agreement has ended");
    if (row->version == 0)
        return OK;
    TRY(share_document_read(row->terms, work->arena, &document));
    if (row->until_us <= work->now_us)
        return err_make(ERR_CONFLICT, "the agreement has expired");
    return row->until_us == document.terms.until_us
                   ? OK
                   : err_make(ERR_CONFLICT, "the end of the agreement was announced: nothing in it changes any more");
}

/* Of the agreement that there was with this partner before, the first entry says how its log ended. */
static struct err log_cite(struct work *work, const struct agreement *row)
{
    struct ledger_log before;
    struct ledger_head head;
    int64_t log, seq;
    TRY(store_agreement_log_before(work->db, row->partner, row->number, &log));
    if (log == 0)
        return OK;
    TRY(store_ledger_log_get(work->db, log, work->arena, &before));
    TRY(store_ledger_head_get(work->db, log, work->arena, &head));
    if (head.size == 0)
        return OK;
    const struct ledger_field fields[] = {
            {.name = S("origin"), .value = before.origin},
            {.name = S("size"), .value = slice_of(arena_printf(work->arena, "%lld", (long long)head.size))},
            {.name = S("root"), .value = arena_hex(work->arena, sha256_slice(&head.root))},
    };
    return store_ledger_append(work, row->log, "follows", fields, COUNT_OF(fields), &seq);
}

static struct err log_begin(struct work *work, struct agreement *row)
{
    TRY(share_book_log(work, "partner", row->id, &row->log));
    return log_cite(work, row);
}

struct err agreement_hold(struct work *work, struct agreement *row, struct agreement_version *version)
{
    struct share_document document;
    TRY(agreement_goes_on(work, row));
    TRY(share_document_read(version->terms, work->arena, &document));
    if (document.terms.until_us <= work->now_us)
        return err_make(ERR_CONFLICT, "the terms have expired: \"until\" is past");
    row->version = version->version;
    row->terms = version->terms;
    row->from_us = document.terms.from_us;
    row->until_us = document.terms.until_us;
    row->reminded_us = TIME_NONE;
    row->generation++;
    row->state = row->suspended != 0 ? AGREEMENT_SUSPENDED : AGREEMENT_IN_FORCE;
    if (row->log == 0)
        TRY(log_begin(work, row));
    version->stage = VERSION_HELD;
    version->held_us = work->now_us;
    TRY(store_agreement_version_put(work, version));
    return keep(work, row, "agreement.held", S(""));
}

struct err agreement_regroup(struct work *work, struct agreement *row)
{
    row->generation++;
    return keep(work, row, "agreement.regrouped", S(""));
}

/* ---- Suspension and end ---- */

struct err agreement_suspend(struct work *work, struct agreement *row, enum agreement_side side, slice why)
{
    if (row->version == 0 || row->state == AGREEMENT_ENDED)
        return err_make(ERR_CONFLICT, "the agreement is not in force");
    if ((row->suspended & side) != 0)
        return err_make(ERR_CONFLICT, "the agreement is suspended already");
    row->suspended |= side;
    row->state = AGREEMENT_SUSPENDED;
    row->generation++;
    row->why = why;
    return keep(work, row, "agreement.suspended", why);
}

struct err agreement_resume(struct work *work, struct agreement *row, enum agreement_side side, slice why)
{
    if (row->state != AGREEMENT_SUSPENDED || (row->suspended & side) == 0)
        return err_make(ERR_CONFLICT, "who resumes an agreement has to be who suspended it");
    row->suspended &= ~(unsigned)side;
    row->state = row->suspended != 0 ? AGREEMENT_SUSPENDED : AGREEMENT_IN_FORCE;
    row->generation++;
    row->why = why;
    return keep(work, row, "agreement.resumed", why);
}

/*
 * The list of what is recalled is there before the cut: entered in front of the end, and on its way to the partner with
 * the same work. Of more than that the rest follows at once (share/release.c).
 */
static struct err recall_first(struct work *work, const struct agreement *row)
{
    int64_t last_us = INT64_MIN;
    for (int i = 0; i < RECALLS_FIRST && last_us != PROGRESS_ALL && row->log != 0; i++)
        TRY(share_recall_ended(work, row->number, last_us, &last_us));
    return OK;
}

struct err agreement_end(struct work *work, struct agreement *row, int64_t at_us, slice why)
{
    /* What never held has nothing to go on until then. */
    int64_t until_us = row->version == 0 ? work->now_us : row->until_us < at_us ? row->until_us : at_us;
    if (row->state == AGREEMENT_ENDED)
        return err_make(ERR_CONFLICT, "the agreement has ended");
    row->why = why;
    row->until_us = until_us > work->now_us ? until_us : work->now_us;
    if (row->until_us > work->now_us)
        return keep(work, row, "agreement.ending", why);
    TRY(recall_first(work, row));
    row->state = AGREEMENT_ENDED;
    row->ended_us = work->now_us;
    row->generation++;
    return keep(work, row, "agreement.ended", why);
}
