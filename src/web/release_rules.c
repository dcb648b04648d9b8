/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Standing rules of release: what leaves for partners without a question, since two persons agreed to it beforehand.
 * One person proposes, another agrees, under Approvals; ending one makes less leave, so one person does.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "share/consent.h"
#include "store/ask.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/row.h"
#include "web/shared.h"

#define ROWS 20

static struct err write_rule(struct outside *outside, const struct rule_row *row)
{
    struct ask *ask = outside->ask;
    bool ended = row->ended_us != TIME_NONE, over = ended || row->until_us <= clock_now_us();
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)row->number);
    TRY(shared_partner_write(ask, S("partner"), row->partner));
    outside_write(outside, S("id"), row->id, OBJECT_ID_MAX);
    outside_write(outside, S("type"), row->type, OUTSIDE_NAME);
    outside_write(outside, S("what"), row->type.len > 0 ? outside_type(ask, row->type) : S(""), OUTSIDE_NAME);
    row_write_tlp(ask, row->highest);
    page_moment(ask, S("from"), row->from_us);
    page_moment(ask, S("until"), ended ? row->ended_us : row->until_us);
    page_flag(ask, S("over"), over);
    json_write_key(&ask->json, S("approval"));
    if (row->approval == 0)
        json_write_null(&ask->json);
    else
        json_write_i64(&ask->json, row->approval);
    json_write_end(&ask->json);
    return OK;
}

/* TLP:RED is for persons by name, so it is not to be chosen here. */
static const enum stix_tlp markings[] = {TLP_CLEAR, TLP_GREEN, TLP_AMBER, TLP_AMBER_STRICT};

/* What was chosen stays chosen when something else was wrong. */
static struct err write_choices(struct ask *ask)
{
    slice typed = ask_form(ask, S("highest"));
    int64_t partner = 0;
    bool fine = shared_partner_typed(ask, S("partner"), &partner).kind == ERR_NONE;
    page_flag(ask, S("to_every"), typed.len > 0 && fine && partner == 0);
    json_write_key(&ask->json, S("markings"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < COUNT_OF(markings); i++) {
        slice name = slice_of(stix_tlp_name(markings[i]));
        json_write_object(&ask->json);
        json_write_key_text(&ask->json, S("name"), name);
        page_flag(ask, S("chosen"), slice_eq(name, typed.len > 0 ? typed : S("TLP:GREEN")));
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    return shared_partners_write(ask, S("partners"), partner);
}

static struct err write_page(struct ask *ask, int64_t after)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    struct rule_row *rows;
    size_t count;
    TRY(store_rule_list(ask->db, 0, after, ROWS, ask->arena, &rows, &count));
    page_title(ask, ask_text(ask, W("Standing rules of release")));
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++)
        TRY(write_rule(&outside, &rows[i]));
    json_write_end(&ask->json);
    page_flag(ask, S("empty"), count == 0);
    page_flag(ask, S("may_propose"), ask_may(ask, VERB_RELEASE));
    page_flag(ask, S("may_end"), ask_may(ask, VERB_STOP_SHARING));
    page_more(ask, count == ROWS ? rows[count - 1].number : 0);
    return write_choices(ask);
}

struct err web_release_rules(struct ask *ask)
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

/* ---- Proposing, and ending ---- */

static struct err highest_typed(const struct ask *ask, enum stix_tlp *highest)
{
    slice typed = ask_form(ask, S("highest"));
    for (size_t i = 0; i < COUNT_OF(markings); i++) {
        *highest = markings[i];
        if (slice_eq(typed, slice_of(stix_tlp_name(markings[i]))))
            return OK;
    }
    return err_make(ERR_INPUT, W_C("up to which marking: TLP:CLEAR, TLP:GREEN, TLP:AMBER or TLP:AMBER+STRICT"));
}

static struct err put_typed(struct ask *ask, struct share_rule_put *put)
{
    *put = (struct share_rule_put){
            .type = slice_trim(ask_form(ask, S("type"))), .id = slice_trim(ask_form(ask, S("id")))};
    TRY(shared_partner_typed(ask, S("partner"), &put->partner));
    TRY(highest_typed(ask, &put->highest));
    return shared_until(ask, CONSENT_LIFE_US, &put->until_us);
}

struct err web_release_rule_propose(struct ask *ask)
{
    struct share_proposal proposal = {.done = true};
    struct share_rule_put put;
    slice reason;
    const struct shared_form form = {"/release-rules", "saved", NULL, &proposal, page_again_from_start};
    struct err err = put_typed(ask, &put);
    if (err.kind == ERR_NONE)
        err = shared_reason(ask, &reason);
    if (err.kind == ERR_NONE)
        err = share_rule_propose(ask->db, &ask->who.actor, &put, reason, ask->arena, &proposal);
    return shared_end(ask, &form, err);
}

struct err web_release_rule_end(struct ask *ask)
{
    const struct shared_form form = {"/release-rules", "saved", NULL, NULL, page_again_from_start};
    int64_t number;
    slice reason;
    TRY(ask_part_number(ask, 0, &number));
    struct err err = shared_reason(ask, &reason);
    if (err.kind == ERR_NONE)
        err = share_rule_stop(ask->db, &ask->who.actor, number, reason, ask->arena);
    return shared_end(ask, &form, err);
}
