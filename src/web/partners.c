/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The partners: how each does, until when an agreement holds, how much each log says was given and received, and what
 * is wrong. Taking one in by its introduction, and writing ours.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "gate/gate.h"
#include "share/partner.h"
#include "store/partner_log.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/partner.h"

#define ROWS 25
#define ROW_BYTES 700

static struct err write_agreement(struct ask *ask, const struct partner *partner)
{
    struct agreement agreement;
    struct ledger_log log = {.size = 0};
    struct err err = store_agreement_with(ask->db, partner->number, ask->arena, &agreement);
    bool there = err.kind == ERR_NONE;
    if (!there && err.kind != ERR_MISSING)
        return err;
    if (there && agreement.log != 0)
        TRY(store_ledger_log_get(ask->db, agreement.log, ask->arena, &log));
    json_write_key(&ask->json, S("agreement"));
    if (there) {
        json_write_object(&ask->json);
        json_write_key_u64(&ask->json, S("number"), (uint64_t)agreement.number);
        shared_agreement_state(ask, &agreement);
        page_moment(ask, S("until"), agreement.until_us == 0 ? TIME_NONE : agreement.until_us);
        json_write_end(&ask->json);
    } else {
        json_write_null(&ask->json);
    }
    page_count(ask, S("given"), (uint64_t)log.size);
    return OK;
}

static struct err write_received(struct ask *ask, const struct partner *partner)
{
    struct partner_log *logs;
    size_t count;
    uint64_t entries = 0;
    TRY(store_partner_log_list(ask->db, partner->number, ask->arena, &logs, &count));
    for (size_t i = 0; i < count; i++)
        entries += logs[i].edge.size;
    page_count(ask, S("received"), entries);
    return OK;
}

static struct err write_row(struct ask *ask, const struct partner *partner)
{
    struct outside outside = outside_begin(ask, ROW_BYTES);
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)partner->number);
    outside_write(&outside, S("name"), partner->name, OUTSIDE_NAME);
    json_write_key_text(&ask->json, S("country"), partner->country);
    json_write_key_text(&ask->json, S("kind"), slice_of(store_partner_kind_name(partner->kind)));
    json_write_key_text(&ask->json, S("kind_text"), partner_kind_text(ask, partner->kind));
    shared_partner_state(ask, partner);
    TRY(write_agreement(ask, partner));
    TRY(write_received(ask, partner));
    TRY(partner_contact(ask, &outside, partner));
    json_write_end(&ask->json);
    return OK;
}

static struct err write_page(struct ask *ask, int64_t after)
{
    struct partner *rows;
    size_t count;
    TRY(store_partner_list(ask->db, after, ROWS, clock_now_us(), ask->arena, &rows, &count));
    page_title(ask, ask_text(ask, W("Partners")));
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++)
        TRY(write_row(ask, &rows[i]));
    json_write_end(&ask->json);
    page_flag(ask, S("empty"), count == 0 && after == 0);
    page_flag(ask, S("may_change"), outside_may(ask, VERB_CHANGE_PARTNERS));
    page_why_not(ask, VERB_CHANGE_PARTNERS, 0);
    partner_limits(ask, S("limits"), PARTNER_TAXII);
    page_more(ask, count == ROWS ? rows[count - 1].number : 0);
    return OK;
}

struct err web_partners(struct ask *ask)
{
    uint64_t after;
    TRY(outside_need(ask, VERB_READ_SHARING));
    TRY(ask_number(ask, S("after"), INT64_MAX, 0, &after));
    return write_page(ask, (int64_t)after);
}

/* ---- Introductions ---- */

static struct err page_again_from_start(struct ask *ask)
{
    return write_page(ask, 0);
}

/* A file, if one was chosen; else what was pasted. */
static slice introduction_of(const struct ask *ask)
{
    for (size_t i = 0; i < ask->form_count; i++)
        if (slice_eq(ask->form[i].name, S("file")) && ask->form[i].value.len > 0)
            return ask->form[i].value;
    return slice_trim(ask_form(ask, S("text")));
}

static struct err add(struct ask *ask, int64_t *number)
{
    struct share_introduction introduction;
    slice text = introduction_of(ask);
    if (text.len == 0)
        return err_make(ERR_INPUT, W_C("choose the file of the introduction, or paste its text"));
    TRY(share_introduction_read(text, clock_now_us(), ask->arena, &introduction));
    return share_partner_add(
            ask->db, &ask->who.actor, &introduction, slice_trim(ask_form(ask, S("name"))), ask->arena, number);
}

struct err web_partner_add(struct ask *ask)
{
    int64_t number = 0;
    struct err err = add(ask, &number);
    const struct shared_form form = {
            outside_path(ask, "/partners/", number, ""), "introduced", "file", NULL, page_again_from_start};
    return shared_end(ask, &form, err);
}

/* Which of the forms with a name it was that was not done. */
static struct err page_again_taxii(struct ask *ask)
{
    page_flag(ask, S("typed_taxii"), true);
    return write_page(ask, 0);
}

struct err web_partner_add_taxii(struct ask *ask)
{
    const struct share_partner_taxii taxii = {.name = slice_trim(ask_form(ask, S("name"))),
            .country = slice_trim(ask_form(ask, S("country"))),
            .url = slice_trim(ask_form(ask, S("url"))),
            .contact = slice_trim(ask_form(ask, S("contact")))};
    int64_t number = 0;
    struct err err = taxii.name.len > 0 ? OK : err_make(ERR_INPUT, W_C("how do we call it? A name is needed"));
    if (err.kind == ERR_NONE)
        err = share_partner_add_taxii(ask->db, &ask->who.actor, &taxii, ask->arena, &number);
    const struct shared_form form = {
            outside_path(ask, "/partners/", number, ""), "partner-added", NULL, NULL, page_again_taxii};
    return shared_end(ask, &form, err);
}

struct err web_partner_introduce(struct ask *ask)
{
    const struct node_parts *parts = ask->gate->options.parts;
    const struct share_introducing introducing = {
            .folder = arena_printf(ask->arena, "%s/keys", parts->folder),
            .url = slice_of(parts->url),
            .contact = slice_trim(ask_form(ask, S("contact"))),
    };
    slice text;
    struct err err = share_introduce(ask->db, &ask->who.actor, &introducing, ask->arena, &text);
    if (err.kind == ERR_NONE)
        return shared_download(ask, text, S("application/json"), "introduction.json");
    const struct shared_form form = {"/partners", "", "contact", NULL, page_again_from_start};
    return shared_end(ask, &form, err);
}
