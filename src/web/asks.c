/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Questions before something leaves: one for a partner, an originator, a type and a rule, however many objects raise
 * it, with some of them as examples. And what partners ask us: may an object of ours go on?
 */
#include "base/arena.h"
#include "base/clock.h"
#include "share/consent.h"
#include "store/ask.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/row.h"
#include "web/shared.h"

#define ROWS 8 /* with a form each: a page stays below 50 KB */
#define EXAMPLES 3
#define REQUESTS 15
#define IDS_SHOWN 600 /* bytes of the ids that a partner asks about */
#define SCRATCH_BYTES ((size_t)256 << 20)

/* ---- Our questions ---- */

static struct err write_example(struct ask *ask, struct outside *outside, struct summaries *summaries, int64_t number)
{
    struct object object;
    struct summary summary;
    struct err err = row_get(ask, number, summaries->arena, &object);
    if (err.kind == ERR_MISSING) /* gone since, or of an incident that is not for these eyes */
        return OK;
    TRY(err);
    TRY(summary_of(summaries, &object, &summary));
    json_write_object(&ask->json);
    row_write(outside, &object, &summary);
    json_write_end(&ask->json);
    return OK;
}

/* Who sees no content is not shown what asks. */
static struct err write_examples(struct ask *ask, struct outside *outside, const struct ask_row *row)
{
    struct arena *scratch = arena_open("examples", ARENA_WORK, SCRATCH_BYTES);
    struct summaries summaries = summaries_open(ask->db, scratch);
    int64_t *objects;
    size_t count = 0;
    json_write_key(&ask->json, S("examples"));
    json_write_array(&ask->json);
    struct err err = outside_may(ask, VERB_READ_OBJECTS)
                             ? store_ask_objects(ask->db, row->number, 0, EXAMPLES, ask->arena, &objects, &count)
                             : OK;
    for (size_t i = 0; i < count && err.kind == ERR_NONE; i++)
        err = write_example(ask, outside, &summaries, objects[i]);
    json_write_end(&ask->json);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(ask->arena, slice_of(err.why));
    summaries_close(&summaries);
    arena_close(scratch);
    return err;
}

static struct err write_ask(struct ask *ask, struct outside *outside, const struct ask_row *row)
{
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)row->number);
    TRY(shared_partner_write(ask, S("partner"), row->partner));
    TRY(shared_partner_write(ask, S("originator"), row->originator));
    outside_write(outside, S("type"), row->type, OUTSIDE_NAME);
    outside_write(outside, S("what"), outside_type(ask, row->type), OUTSIDE_NAME);
    json_write_key_text(&ask->json, S("rule"), row->rule);
    json_write_key_text(&ask->json, S("rule_text"), shared_rule_text(ask, row->rule));
    row_write_tlp(ask, row->highest);
    json_write_key_text(&ask->json, S("asked_state"), slice_of(store_ask_state_name(row->state)));
    page_flag(ask, S("open"), row->state == ASK_OPEN);
    page_count(ask, S("count"), (uint64_t)row->count);
    page_moment(ask, S("first"), row->first_us);
    page_moment(ask, S("last"), row->last_us);
    page_moment(ask, S("expires"), row->expires_us);
    TRY(write_examples(ask, outside, row));
    json_write_end(&ask->json);
    return OK;
}

/* ---- What partners ask ---- */

static struct err write_request(struct ask *ask, struct outside *outside, const struct consent_request *row)
{
    struct partner recipient;
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)row->number);
    TRY(shared_partner_write(ask, S("partner"), row->partner));
    bool known =
            store_partner_find_node(ask->db, row->recipient, clock_now_us(), ask->arena, &recipient).kind == ERR_NONE;
    outside_write(outside, S("recipient"), known ? recipient.name : row->recipient, OUTSIDE_NAME);
    page_moment(ask, S("asked"), row->asked_us);
    outside_write(outside, S("ids"), row->ids, IDS_SHOWN);
    json_write_end(&ask->json);
    return OK;
}

static struct err write_requests(struct ask *ask)
{
    struct consent_request *rows;
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    size_t count;
    TRY(store_consent_request_list(ask->db, false, 0, REQUESTS, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("requests"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++)
        TRY(write_request(ask, &outside, &rows[i]));
    json_write_end(&ask->json);
    page_flag(ask, S("any_request"), count > 0);
    return OK;
}

/* ---- The page ---- */

static struct err write_page(struct ask *ask, bool all, int64_t after)
{
    struct ask_row *rows;
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    size_t count;
    TRY(store_ask_list(ask->db, all, after, ROWS, ask->arena, &rows, &count));
    page_title(ask, ask_text(ask, W("Questions before something leaves")));
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++)
        TRY(write_ask(ask, &outside, &rows[i]));
    json_write_end(&ask->json);
    page_flag(ask, S("empty"), count == 0);
    page_flag(ask, S("all"), all);
    page_flag(ask, S("may_answer"), ask_may(ask, VERB_RELEASE));
    page_flag(ask, S("may_read"), outside_may(ask, VERB_READ_OBJECTS));
    page_more(ask, count == ROWS ? rows[count - 1].number : 0);
    return write_requests(ask);
}

struct err web_asks(struct ask *ask)
{
    uint64_t after;
    TRY(outside_need(ask, VERB_READ_SHARING));
    TRY(ask_number(ask, S("after"), INT64_MAX, 0, &after));
    return write_page(ask, slice_eq(ask_query(ask, S("all")), S("yes")), (int64_t)after);
}

/* ---- Answers ---- */

static struct err page_again_from_start(struct ask *ask)
{
    return write_page(ask, false, 0);
}

static const char *const replies[] = {
        [SHARE_REPLY_KIND] = "kind", [SHARE_REPLY_THESE] = "these", [SHARE_REPLY_NO] = "none"};

struct err web_ask_answer(struct ask *ask)
{
    struct share_proposal proposal = {.done = true};
    size_t reply = 0;
    int64_t number, until_us = 0;
    slice reason;
    TRY(ask_part_number(ask, 0, &number));
    while (reply < COUNT_OF(replies) && !slice_eq(ask_form(ask, S("answer")), slice_of(replies[reply])))
        reply++;
    struct err err = reply < COUNT_OF(replies) ? OK : err_make(ERR_INPUT, W_C("choose an answer"));
    if (err.kind == ERR_NONE)
        err = shared_reason(ask, &reason);
    if (err.kind == ERR_NONE)
        err = shared_until(ask, CONSENT_LIFE_US, &until_us);
    if (err.kind == ERR_NONE)
        err = share_ask_answer(
                ask->db, &ask->who.actor, number, (enum share_reply)reply, until_us, reason, ask->arena, &proposal);
    const struct shared_form form = {"/asks", "answered", NULL, &proposal, page_again_from_start};
    return shared_end(ask, &form, err);
}

struct err web_ask_reply(struct ask *ask)
{
    struct share_proposal proposal = {.done = true};
    slice answer = ask_form(ask, S("answer")), reason;
    bool yes = slice_eq(answer, S("yes"));
    int64_t number;
    TRY(ask_part_number(ask, 0, &number));
    struct err err = yes || slice_eq(answer, S("no")) ? OK : err_make(ERR_INPUT, W_C("choose an answer"));
    if (err.kind == ERR_NONE)
        err = shared_reason(ask, &reason);
    if (err.kind == ERR_NONE)
        err = share_consent_reply(ask->db, &ask->who.actor, number, yes, reason, ask->arena, &proposal);
    const struct shared_form form = {"/asks", "answered", NULL, &proposal, page_again_from_start};
    return shared_end(ask, &form, err);
}
