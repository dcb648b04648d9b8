/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Agreements: the terms in plain words, what a version that waits would change, who signed which when, and what people
 * do about them. What binds this organisation waits for a second person; what only narrows is done at once.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "share/agreement.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"
#include "web/terms.h"
#include "json/read.h"

#define ROWS 25
#define VERSIONS_SHOWN 10
#define APPROVALS_READ 10

/* ---- The list ---- */

struct err web_agreements(struct ask *ask)
{
    struct agreement *rows;
    uint64_t after;
    size_t count;
    TRY(outside_need(ask, VERB_READ_SHARING));
    TRY(ask_number(ask, S("after"), INT64_MAX, 0, &after));
    TRY(store_agreement_list(ask->db, (int64_t)after, ROWS, ask->arena, &rows, &count));
    page_title(ask, ask_text(ask, W("Agreements")));
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        json_write_object(&ask->json);
        json_write_key_u64(&ask->json, S("number"), (uint64_t)rows[i].number);
        TRY(shared_partner_write(ask, S("partner"), rows[i].partner));
        shared_agreement_state(ask, &rows[i]);
        json_write_key_u64(&ask->json, S("version"), (uint64_t)rows[i].version);
        page_moment(ask, S("until"), rows[i].until_us == 0 ? TIME_NONE : rows[i].until_us);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, S("empty"), count == 0);
    page_more(ask, count == ROWS ? rows[count - 1].number : 0);
    return OK;
}

/* ---- One: how it is ---- */

static const char *const sides[] = {"", W_C("by us"), W_C("by them"), W_C("by both")};

/* How much of its time is over, in days, for a bar. */
static void write_validity(struct ask *ask, const struct agreement *row)
{
    int64_t now_us = clock_now_us(), all = (row->until_us - row->from_us) / DAY_US;
    int64_t gone = (now_us - row->from_us) / DAY_US;
    gone = gone < 0 ? 0 : gone > all ? all : gone;
    page_moment(ask, S("from"), row->version == 0 ? TIME_NONE : row->from_us);
    page_moment(ask, S("until"), row->version == 0 ? TIME_NONE : row->until_us);
    page_flag(ask, S("valid"), row->version > 0 && all > 0);
    page_count(ask, S("days"), row->version == 0 ? 0 : (uint64_t)all);
    page_count(ask, S("gone"), row->version == 0 ? 0 : (uint64_t)gone);
    page_count(ask, S("left"), row->version == 0 ? 0 : (uint64_t)(all - gone));
}

static void write_facts(struct ask *ask, const struct agreement *row, const struct partner *partner)
{
    struct outside outside = outside_begin(ask, 4 * OUTSIDE_LINE);
    slice name = outside_text(&outside, partner->name, OUTSIDE_NAME, NULL);
    page_title(ask, slice_of(arena_printf(ask->arena, "%s: %.*s", arena_cstr(ask->arena, ask_text(ask, W("Agreement"))),
                            (int)name.len, name.ptr)));
    json_write_key_u64(&ask->json, S("number"), (uint64_t)row->number);
    outside_write(&outside, S("id"), row->id, OUTSIDE_NAME);
    shared_agreement_state(ask, row);
    json_write_key_text(&ask->json, S("suspended_by"), ask_text(ask, slice_of(sides[row->suspended & 3])));
    outside_write(&outside, S("why"), row->why, OUTSIDE_LINE);
    json_write_key_u64(&ask->json, S("version"), (uint64_t)row->version);
    page_moment(ask, S("reminded"), row->reminded_us);
    page_moment(ask, S("ended"), row->ended_us);
    page_flag(ask, S("is_node"), partner->kind == PARTNER_NODE);
    write_validity(ask, row);
}

/* ---- Versions ---- */

static const struct {
    const char *text, *look;
} stages[] = {
        [VERSION_DRAFT] = {W_C("draft: nobody signed"), ""},
        [VERSION_RECEIVED] = {W_C("theirs: waits for two of us"), "warn"},
        [VERSION_AGREED] = {W_C("two of us agreed: it is signed next"), ""},
        [VERSION_SIGNED] = {W_C("we signed: waits for them"), "warn"},
        [VERSION_HELD] = {W_C("holds, or did"), "good"},
        [VERSION_REFUSED] = {W_C("refused"), "off"},
        [VERSION_REPLACED] = {W_C("replaced"), "off"},
};

static void write_stage(struct ask *ask, enum agreement_stage stage)
{
    json_write_key_text(&ask->json, S("stage"), slice_of(store_agreement_stage_name(stage)));
    json_write_key_text(&ask->json, S("stage_text"), ask_text(ask, slice_of(stages[stage].text)));
    json_write_key_text(&ask->json, S("look"), slice_of(stages[stage].look));
}

/* When a statement was signed, as it says itself; TIME_NONE if it is none: words of a partner without keys. */
static int64_t signed_us(struct ask *ask, slice statement)
{
    int64_t us = TIME_NONE;
    slice issued = json_kind(statement) == JSON_OBJECT ? json_get(json_get(statement, S("head")), S("issued")) : S("");
    if (json_kind(issued) == JSON_STRING && !time_parse_strict(json_text(issued, ask->arena), &us))
        us = TIME_NONE;
    return us;
}

static bool is_statement(slice text)
{
    return text.len > 0 && text.ptr[0] == '{';
}

/* The points of terms, and of those before; what changed by name. */
struct compared {
    struct terms_point points[TERMS_POINTS_MAX], before[TERMS_POINTS_MAX];
    size_t count, before_count;
};

static struct err compare(struct ask *ask, slice terms, slice before, struct compared *compared)
{
    compared->before_count = 0;
    TRY(terms_points(ask, terms, compared->points, &compared->count));
    return before.len == 0 ? OK : terms_points(ask, before, compared->before, &compared->before_count);
}

static void write_changes(struct ask *ask, const struct compared *compared)
{
    json_write_key(&ask->json, S("changes"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < compared->count && compared->before_count == compared->count; i++)
        if (!slice_eq(compared->points[i].value, compared->before[i].value))
            json_write_text(&ask->json, compared->points[i].name);
    json_write_end(&ask->json);
}

static struct err write_version(
        struct ask *ask, struct outside *outside, const struct agreement_version *row, slice before)
{
    struct compared *compared = arena_new(ask->arena, struct compared, 1);
    bool words = row->theirs.len > 0 && !is_statement(row->theirs);
    TRY(compare(ask, row->terms, before, compared));
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("version"), (uint64_t)row->version);
    write_stage(ask, row->stage);
    page_flag(ask, S("narrows"), row->narrows);
    page_flag(ask, S("ours"), row->ours.len > 0);
    page_moment(ask, S("ours_signed"), is_statement(row->ours) ? signed_us(ask, row->ours) : TIME_NONE);
    page_flag(ask, S("theirs"), row->theirs.len > 0);
    page_moment(ask, S("theirs_signed"), words ? TIME_NONE : signed_us(ask, row->theirs));
    outside_write(outside, S("words"), words ? row->theirs : S(""), OUTSIDE_LINE);
    page_moment(ask, S("made"), row->made_us);
    page_moment(ask, S("held"), row->held_us);
    write_changes(ask, compared);
    json_write_end(&ask->json);
    return OK;
}

/* The latest first. */
static struct err write_versions(struct ask *ask, const struct agreement *row)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE / 2);
    struct agreement_version *rows;
    size_t count;
    TRY(store_agreement_version_list(ask->db, row->number, 0, STORE_PAGE_MAX, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("versions"));
    json_write_array(&ask->json);
    for (size_t i = count; i > 0 && count - i < VERSIONS_SHOWN; i--)
        TRY(write_version(ask, &outside, &rows[i - 1], i > 1 ? rows[i - 2].terms : S("")));
    json_write_end(&ask->json);
    return OK;
}

/* ---- Terms ---- */

static struct err write_terms(struct ask *ask, const struct agreement *row, const struct agreement_version *waiting)
{
    struct compared *compared = arena_new(ask->arena, struct compared, 1);
    slice terms = waiting == NULL ? row->terms : waiting->terms;
    slice before = waiting == NULL ? S("") : row->terms;
    if (terms.len > 0)
        TRY(compare(ask, terms, before, compared));
    bool both = compared->before_count > 0 && compared->before_count == compared->count;
    terms_write(ask, S("terms"), compared->points, both ? compared->before : NULL, compared->count);
    page_flag(ask, S("any_term"), compared->count > 0);
    json_write_key(&ask->json, S("waiting"));
    if (waiting == NULL) {
        json_write_null(&ask->json);
        return OK;
    }
    json_write_object(&ask->json);
    json_write_key_u64(&ask->json, S("version"), (uint64_t)waiting->version);
    write_stage(ask, waiting->stage);
    page_flag(ask, S("narrows"), waiting->narrows);
    json_write_end(&ask->json);
    return OK;
}

static struct err write_approvals(struct ask *ask, const struct agreement *row)
{
    struct outside outside = outside_begin(ask, OUTSIDE_LINE * APPROVALS_READ);
    struct approval *rows;
    size_t count, open = 0;
    slice subject = slice_of(outside_path(ask, "agreement/", row->number, ""));
    TRY(store_approval_about(ask->db, subject, INT64_MAX, APPROVALS_READ, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("approvals"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].state != APPROVAL_OPEN)
            continue;
        open++;
        json_write_object(&ask->json);
        json_write_key_u64(&ask->json, S("number"), (uint64_t)rows[i].number);
        outside_write(&outside, S("proposed_by"), rows[i].proposed_by, OUTSIDE_NAME);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_approval"), open > 0);
    return OK;
}

static void write_may(struct ask *ask, const struct agreement *row, const struct partner *partner,
        const struct agreement_version *waiting)
{
    bool agree = ask_may(ask, VERB_AGREE), stop = ask_may(ask, VERB_STOP_SHARING), open = row->state != AGREEMENT_ENDED;
    bool draft = waiting != NULL && waiting->stage == VERSION_DRAFT;
    bool theirs = waiting != NULL && (waiting->stage == VERSION_RECEIVED ||
                                             (waiting->stage == VERSION_SIGNED && partner->kind == PARTNER_TAXII));
    bool holds = row->state == AGREEMENT_IN_FORCE || row->state == AGREEMENT_SUSPENDED;
    bool ours = (row->suspended & AGREEMENT_US) != 0;
    page_flag(ask, S("may_draft"), outside_may(ask, VERB_CHANGE_PARTNERS) && open && (waiting == NULL || draft));
    page_flag(ask, S("may_offer"), agree && draft);
    page_flag(ask, S("may_accept"), agree && theirs);
    page_flag(ask, S("may_refuse"), stop && (draft || theirs));
    page_flag(ask, S("may_suspend"), stop && holds && !ours);
    page_flag(ask, S("may_resume"), agree && holds && ours);
    page_flag(ask, S("may_end"), stop && holds);
    page_flag(ask, S("may_preview"), waiting != NULL && outside_may(ask, VERB_PREVIEW));
    page_flag(ask, S("may_act"), (agree || stop) && (draft || theirs || holds));
}

static struct err agreement_of(struct ask *ask, struct agreement *row)
{
    int64_t number;
    TRY(outside_need(ask, VERB_READ_SHARING));
    TRY(ask_part_number(ask, 0, &number));
    return store_agreement_get(ask->db, number, ask->arena, row);
}

struct err web_agreement(struct ask *ask)
{
    struct agreement row;
    struct agreement_version version, *waiting = &version;
    struct partner partner;
    TRY(agreement_of(ask, &row));
    TRY(shared_partner_get(ask, row.partner, &partner));
    struct err err = share_agreement_waiting(ask->db, &row, ask->arena, &version);
    if (err.kind == ERR_MISSING || row.state == AGREEMENT_ENDED)
        waiting = NULL;
    else
        TRY(err);
    write_facts(ask, &row, &partner);
    TRY(shared_partner_write(ask, S("partner"), row.partner));
    TRY(write_terms(ask, &row, waiting));
    TRY(write_versions(ask, &row));
    TRY(write_approvals(ask, &row));
    write_may(ask, &row, &partner, waiting);
    return OK;
}

/* ---- What people do ---- */

typedef struct err agreement_verb(struct db *db, const struct actor *actor, int64_t number, slice reason,
        struct arena *arena, struct share_proposal *proposal);

static struct err act_accept(struct db *db, const struct actor *actor, int64_t number, slice reason,
        struct arena *arena, struct share_proposal *proposal)
{
    return share_agreement_accept(db, actor, number, S(""), reason, arena, proposal);
}

static struct err act_end(struct db *db, const struct actor *actor, int64_t number, slice reason, struct arena *arena,
        struct share_proposal *proposal)
{
    return share_agreement_end(db, actor, number, TIME_NONE, reason, arena, proposal);
}

static const struct act {
    const char *name;
    agreement_verb *run;
    bool again; /* asked once more */
} acts[] = {
        {"offer", share_agreement_offer, false},
        {"accept", act_accept, false},
        {"refuse", share_agreement_refuse, false},
        {"suspend", share_agreement_suspend, false},
        {"resume", share_agreement_resume, false},
        {"end", act_end, true},
};

static const struct act *act_named(slice name)
{
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        if (slice_eq(name, slice_of(acts[i].name)))
            return &acts[i];
    return NULL;
}

static struct err confirm(struct ask *ask, slice reason)
{
    struct outside outside = outside_begin(ask, 4 * OUTSIDE_LINE);
    json_write_key(&ask->json, S("confirm"));
    json_write_object(&ask->json);
    outside_write(&outside, S("reason"), reason, SHARED_REASON_MAX);
    json_write_end(&ask->json);
    return web_agreement(ask);
}

/* Of a partner without keys what it said, in its own words, is kept in place of its signature. */
static struct err run(struct ask *ask, const struct act *act, int64_t number, slice reason, struct share_proposal *made)
{
    slice words = slice_trim(ask_form(ask, S("words")));
    if (act->run == act_accept && words.len > 0)
        return share_agreement_accept(ask->db, &ask->who.actor, number, words, reason, ask->arena, made);
    return act->run(ask->db, &ask->who.actor, number, reason, ask->arena, made);
}

struct err web_agreement_act(struct ask *ask)
{
    const struct act *act = act_named(ask_form(ask, S("act")));
    struct share_proposal proposal = {.done = true};
    struct agreement row;
    slice reason;
    TRY(agreement_of(ask, &row));
    if (act == NULL)
        return err_make(ERR_INPUT, "act: offer, accept, refuse, suspend, resume or end");
    struct err err = shared_reason(ask, &reason);
    if (err.kind == ERR_NONE && act->again && !slice_eq(ask_form(ask, S("confirm")), S("yes")))
        return confirm(ask, reason);
    if (err.kind == ERR_NONE)
        err = run(ask, act, row.number, reason, &proposal);
    const struct shared_form form = {
            outside_path(ask, "/agreements/", row.number, ""), "saved", "reason", &proposal, web_agreement};
    return shared_end(ask, &form, err);
}
