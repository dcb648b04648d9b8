/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kentongan partner post, claims, settle, reread: how it goes with what is on its way to a partner, what of its log we
 * hold, and what it said against others.
 */
#include <stdio.h>

#include "app/partner.h"
#include "share/claims.h"
#include "share/receipt.h"
#include "store/delivery.h"
#include "store/partner_log.h"
#include "store/right.h"
#include "json/write.h"

#define ROW_MAX (1u << 20)

/* ---- On its way ---- */

static void put_time(struct json_writer *w, const char *name, int64_t us)
{
    json_write_key(w, slice_of(name));
    json_write_time(w, us == 0 ? TIME_NONE : us);
}

static void put_delivery(struct json_writer *w, const struct delivery *delivery)
{
    json_write_key_u64(w, S("sent"), (uint64_t)delivery->sent);
    json_write_key_u64(w, S("refused"), (uint64_t)delivery->refused);
    json_write_key_u64(w, S("failures"), (uint64_t)delivery->failures);
    json_write_key_text(w, S("why"), delivery->why);
    put_time(w, "tried", delivery->tried_us);
    put_time(w, "next", delivery->failures > 0 ? delivery->next_us : 0);
}

/* What waits, and what was refused; what was taken is no news. */
static struct err put_statements(struct json_writer *w, struct db *db, int64_t partner, struct arena *arena)
{
    struct outgoing_statement *rows;
    int64_t after = 0;
    size_t count = STORE_PAGE_MAX;
    json_write_key(w, S("statements"));
    json_write_array(w);
    while (count == STORE_PAGE_MAX) {
        TRY(store_statement_list(db, partner, after, STORE_PAGE_MAX, arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            after = rows[i].number;
            if (rows[i].sent_us != TIME_NONE)
                continue;
            json_write_object(w);
            json_write_key_text(w, S("type"), rows[i].type);
            put_time(w, "made", rows[i].made_us);
            json_write_key_text(w, S("refused"), rows[i].refused);
            json_write_end(w);
        }
    }
    json_write_end(w);
    return OK;
}

static struct err put_logs(struct json_writer *w, struct db *db, int64_t partner, struct arena *arena)
{
    struct partner_log *logs;
    struct partner_entry *missing;
    size_t count, missing_count;
    TRY(store_partner_log_list(db, partner, arena, &logs, &count));
    json_write_key(w, S("logs"));
    json_write_array(w);
    for (size_t i = 0; i < count; i++) {
        TRY(store_partner_entry_missing(
                db, partner, logs[i].origin, 0, STORE_PAGE_MAX, arena, &missing, &missing_count));
        json_write_object(w);
        json_write_key_text(w, S("origin"), logs[i].origin);
        json_write_key_u64(w, S("entries"), logs[i].edge.size);
        json_write_key_u64(w, S("without_receipt"), missing_count);
        put_time(w, "checked", logs[i].checked_us);
        json_write_key_text(w, S("wrong"), logs[i].wrong);
        json_write_end(w);
    }
    json_write_end(w);
    return OK;
}

static struct err put_post(struct json_writer *w, struct db *db, const struct partner *partner, struct arena *arena)
{
    struct delivery delivery = {.why = S("")};
    struct err err = store_delivery_get(db, partner->number, arena, &delivery);
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING) /* before its first turn there is nothing to tell */
        return err;
    json_write_object(w);
    json_write_key_text(w, S("partner"), partner->name);
    put_delivery(w, &delivery);
    TRY(put_statements(w, db, partner->number, arena));
    TRY(put_logs(w, db, partner->number, arena));
    json_write_end(w);
    return OK;
}

struct err partner_post(const struct command_line *line, struct local *local)
{
    struct partner row;
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    TRY(store_right_check(&local->actor, VERB_READ_SHARING, 0, line->arena, NULL));
    TRY(partner_named(line, local, line->files[1], &row));
    struct err err = put_post(&w, local->db, &row, line->arena);
    if (err.kind == ERR_NONE)
        printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
    return err;
}

/* ---- Against others ---- */

static void claim_show(const struct command_line *line, const struct claim *claim)
{
    struct buf buf = buf_make(ROW_MAX);
    struct json_writer w = json_writer(&buf);
    if (command_flag(line, "json")) {
        json_write_object(&w);
        json_write_key_u64(&w, S("number"), (uint64_t)claim->number);
        json_write_key_u64(&w, S("partner"), (uint64_t)claim->partner);
        json_write_key_text(&w, S("kind"), claim->kind);
        json_write_key_text(&w, S("id"), claim->id);
        json_write_key_u64(&w, S("object"), (uint64_t)claim->object);
        put_time(&w, "found", claim->found_us);
        json_write_end(&w);
    } else {
        buf_printf(&buf, "%lld\t%lld\t%.*s\t%.*s", (long long)claim->number, (long long)claim->partner,
                (int)claim->kind.len, claim->kind.ptr, (int)claim->id.len, claim->id.ptr);
    }
    printf("%.*s\n", (int)buf.len, buf.ptr);
    buf_free(&buf);
}

static struct err claims_page(
        const struct command_line *line, struct local *local, struct arena *arena, int64_t *after, size_t *count)
{
    struct claim *rows;
    struct partner row = {.number = 0};
    if (line->file_count > 1)
        TRY(partner_named(line, local, line->files[1], &row));
    TRY(store_claim_list(local->db, row.number, true, *after, STORE_PAGE_MAX, arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        claim_show(line, &rows[i]);
        *after = rows[i].number;
    }
    return OK;
}

struct err partner_claims(const struct command_line *line, struct local *local)
{
    TRY(store_right_check(&local->actor, VERB_READ_SHARING, 0, line->arena, NULL));
    return local_pages(line, local, claims_page);
}

struct err partner_settle(const struct command_line *line, struct local *local)
{
    uint64_t number;
    if (!slice_u64(slice_of(line->files[1]), INT64_MAX, &number))
        return err_make(ERR_INPUT, "which claim? its number, as `partner claims` shows it");
    return share_claim_settle(
            local->db, &local->actor, (int64_t)number, partner_reason(line, "looked at"), line->arena);
}

struct err partner_reread(const struct command_line *line, struct local *local)
{
    struct partner row;
    TRY(partner_named(line, local, line->files[1], &row));
    return share_logs_reread(local->db, &local->actor, row.number, partner_reason(line, "looked at"), line->arena);
}
