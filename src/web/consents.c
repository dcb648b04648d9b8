/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Consents: which originator let us pass on what, to whom, until when, and on which paper. A paper is noted by one
 * person and holds when another agrees; that one was taken back one person says alone, since then less leaves.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "share/consent.h"
#include "stix/id.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"

#define ROWS 15 /* with a form each: a page stays below 50 KB */

static const struct {
    const char *text, *look;
} states[CONSENT_STATES] = {
        [CONSENT_TO_ASK] = {W_C("is about to be asked"), ""},
        [CONSENT_ASKED] = {W_C("asked, no answer yet"), "warn"},
        [CONSENT_GIVEN] = {W_C("given"), "good"},
        [CONSENT_REFUSED] = {W_C("refused"), "bad"},
        [CONSENT_WITHDRAWN] = {W_C("taken back"), "off"},
};

/* ---- The list ---- */

static void write_paper(struct outside *outside, const struct consent *row)
{
    struct ask *ask = outside->ask;
    json_write_key(&ask->json, S("paper"));
    if (row->paper.len == 0) {
        json_write_null(&ask->json);
        return;
    }
    json_write_object(&ask->json);
    outside_write_value(outside, S("words"), row->paper, OUTSIDE_LINE);
    outside_write(outside, S("giver"), row->giver, OUTSIDE_NAME);
    page_moment(ask, S("given"), row->given_us);
    json_write_key_text(&ask->json, S("scan"), row->scan);
    json_write_end(&ask->json);
}

static struct err write_consent(struct outside *outside, const struct consent *row)
{
    struct ask *ask = outside->ask;
    bool over = row->until_us <= clock_now_us();
    bool affected = row->recipient == CONSENT_AFFECTED;
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)row->number);
    json_write_key_text(&ask->json, S("state"), slice_of(store_consent_state_name(row->state)));
    json_write_key_text(&ask->json, S("state_text"), ask_text(ask, slice_of(states[row->state].text)));
    json_write_key_text(&ask->json, S("look"), slice_of(states[row->state].look));
    TRY(shared_partner_write(ask, S("originator"), row->originator));
    TRY(shared_partner_write(ask, S("recipient"), affected ? 0 : row->recipient));
    page_flag(ask, S("affected"), affected);
    outside_write(outside, S("id"), row->id, OBJECT_ID_MAX);
    outside_write(outside, S("what"), row->id.len > 0 ? S("") : outside_type(ask, row->type), OUTSIDE_NAME);
    write_paper(outside, row);
    page_moment(ask, S("asked"), row->asked_us);
    page_moment(ask, S("answered"), row->answered_us);
    page_moment(ask, S("until"), row->until_us);
    page_flag(ask, S("over"), over);
    page_flag(ask, S("holds"), row->state == CONSENT_GIVEN && !over);
    json_write_end(&ask->json);
    return OK;
}

static struct err recipient_typed(struct ask *ask, int64_t *recipient)
{
    *recipient = CONSENT_AFFECTED;
    return slice_eq(ask_form(ask, S("recipient")), S("affected"))
                   ? OK
                   : shared_partner_typed(ask, S("recipient"), recipient);
}

/* What was chosen stays chosen: nobody should propose less or more than was meant, since a day was mistyped. */
static struct err write_choices(struct ask *ask)
{
    int64_t originator = 0, recipient = 0;
    bool again = ask_form(ask, S("paper")).len > 0;
    struct err err = shared_partner_typed(ask, S("originator"), &originator);
    if (err.kind == ERR_NONE)
        err = recipient_typed(ask, &recipient);
    page_flag(ask, S("to_every"), again && err.kind == ERR_NONE && recipient == 0);
    TRY(shared_partners_write(ask, S("originators"), originator));
    return shared_partners_write(ask, S("recipients"), recipient);
}

static struct err write_page(struct ask *ask, int64_t after)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct consent *rows;
    size_t count;
    TRY(store_consent_list(ask->db, after, ROWS, ask->arena, &rows, &count));
    page_title(ask, ask_text(ask, W("Consents")));
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++)
        TRY(write_consent(&outside, &rows[i]));
    json_write_end(&ask->json);
    page_flag(ask, S("empty"), count == 0);
    page_flag(ask, S("may_propose"), ask_may(ask, VERB_RELEASE));
    page_flag(ask, S("may_end"), ask_may(ask, VERB_STOP_SHARING));
    page_more(ask, count == ROWS ? rows[count - 1].number : 0);
    return write_choices(ask);
}

struct err web_consents(struct ask *ask)
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

/* ---- A paper is noted ---- */

/* The digest that was typed, or that of the file: the scan itself is not kept. Of both, they have to be the same. */
static struct err scan_typed(struct ask *ask, slice *scan)
{
    slice file = ask_form(ask, S("file")), typed = slice_trim(ask_form(ask, S("scan")));
    struct sha256 said, digest = hash_sha256(file);
    *scan = S("");
    if (typed.len > 0 && !slice_hex(typed, said.bytes, sizeof said.bytes))
        return err_make(ERR_INPUT, W_C("a scan is named by its SHA-256: 64 hexadecimal digits"));
    if (typed.len > 0 && file.len > 0 && memcmp(said.bytes, digest.bytes, sizeof said.bytes) != 0)
        return err_make(ERR_CONFLICT, W_C("this file is not the scan with that digest"));
    if (typed.len > 0 || file.len > 0)
        *scan = arena_hex(ask->arena, sha256_slice(file.len > 0 ? &digest : &said));
    return OK;
}

static struct err ids_typed(struct ask *ask, struct share_consent_put *put)
{
    slice *ids = arena_new(ask->arena, slice, CONSENT_IDS_MAX + 1);
    slice typed = ask_form(ask, S("ids")), id;
    struct stix_id parsed;
    while (put->id_count <= CONSENT_IDS_MAX && shared_word_next(&typed, &id)) {
        slice why = ask_text(ask, W("is not the id of an object: type--UUID (STIX 2.1 section 2.9)"));
        if (!stix_id_parse(id, &parsed))
            return err_format(ask->arena, ERR_INPUT, "%.*s %.*s", (int)(id.len < OUTSIDE_NAME ? id.len : OUTSIDE_NAME),
                    id.ptr, (int)why.len, why.ptr);
        ids[put->id_count++] = id;
    }
    put->ids = ids;
    return OK;
}

static struct err put_typed(struct ask *ask, struct share_consent_put *put)
{
    *put = (struct share_consent_put){.type = slice_trim(ask_form(ask, S("type"))),
            .paper = {.words = slice_trim(ask_form(ask, S("paper"))), .giver = slice_trim(ask_form(ask, S("giver")))}};
    if (put->paper.words.len == 0)
        return err_make(ERR_INPUT, W_C("what does the paper say, and where does it lie?"));
    TRY(shared_partner_typed(ask, S("originator"), &put->originator));
    TRY(recipient_typed(ask, &put->recipient));
    TRY(ids_typed(ask, put));
    TRY(shared_day(ask, S("given"), "00:00:00", &put->paper.given_us));
    TRY(shared_day(ask, S("until"), "23:59:59", &put->until_us));
    return scan_typed(ask, &put->paper.scan);
}

struct err web_consent_propose(struct ask *ask)
{
    struct share_proposal proposal = {.done = true};
    struct share_consent_put put;
    slice reason;
    const struct shared_form form = {"/consents", "saved", NULL, &proposal, page_again_from_start};
    struct err err = put_typed(ask, &put);
    if (err.kind == ERR_NONE)
        err = shared_reason(ask, &reason);
    if (err.kind == ERR_NONE)
        err = share_consent_propose(ask->db, &ask->who.actor, &put, reason, ask->arena, &proposal);
    return shared_end(ask, &form, err);
}

struct err web_consent_end(struct ask *ask)
{
    const struct shared_form form = {"/consents", "taken-back", NULL, NULL, page_again_from_start};
    int64_t number;
    slice reason;
    TRY(ask_part_number(ask, 0, &number));
    struct err err = shared_reason(ask, &reason);
    if (err.kind == ERR_NONE)
        err = share_consent_withdraw(ask->db, &ask->who.actor, number, reason, ask->arena);
    return shared_end(ask, &form, err);
}
