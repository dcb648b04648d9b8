/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sharing groups: who is in, under which terms, what is proposed and how the vote stands. There is no host: a change
 * needs the votes of members, and what gives more needs two of our own people as well.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "share/group.h"
#include "share/keys.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"
#include "web/terms.h"

#define ROWS 25

static const struct {
    const char *text, *look;
} states[] = {
        [GROUP_PROPOSED] = {W_C("proposed"), ""},
        [GROUP_ACTIVE] = {W_C("active"), "good"},
        [GROUP_LEFT] = {W_C("we left"), "off"},
        [GROUP_DISSOLVED] = {W_C("dissolved"), "off"},
};

static void write_group(struct ask *ask, const struct group *row)
{
    struct outside outside = outside_begin(ask, 2 * OUTSIDE_LINE);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)row->number);
    outside_write(&outside, S("name"), row->name, OUTSIDE_NAME);
    outside_write(&outside, S("id"), row->id, OUTSIDE_NAME);
    json_write_key_text(&ask->json, S("state"), slice_of(store_group_state_name(row->state)));
    json_write_key_text(&ask->json, S("state_text"), ask_text(ask, slice_of(states[row->state].text)));
    json_write_key_text(&ask->json, S("look"), slice_of(states[row->state].look));
    json_write_key_u64(&ask->json, S("version"), (uint64_t)row->version);
    json_write_key_u64(&ask->json, S("accepted"), (uint64_t)row->accepted);
    page_flag(ask, S("behind"), row->accepted < row->version && row->state == GROUP_ACTIVE);
}

static struct err write_page(struct ask *ask, int64_t after)
{
    struct group *rows;
    size_t count;
    TRY(store_group_list(ask->db, after, ROWS, ask->arena, &rows, &count));
    page_title(ask, ask_text(ask, W("Sharing groups")));
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        json_write_object(&ask->json);
        write_group(ask, &rows[i]);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    page_flag(ask, S("empty"), count == 0);
    page_flag(ask, S("may_propose"), ask_may(ask, VERB_AGREE));
    page_more(ask, count == ROWS ? rows[count - 1].number : 0);
    return OK;
}

struct err web_groups(struct ask *ask)
{
    uint64_t after;
    TRY(outside_need(ask, VERB_READ_SHARING));
    TRY(ask_number(ask, S("after"), INT64_MAX, 0, &after));
    return write_page(ask, (int64_t)after);
}

/* ---- One ---- */

/* How a member is called here; its id if it is no partner. */
static slice member_name(struct ask *ask, slice node, slice own)
{
    struct partner partner;
    if (slice_eq(node, own))
        return ask_text(ask, W("us"));
    bool known = store_partner_find_node(ask->db, node, clock_now_us(), ask->arena, &partner).kind == ERR_NONE;
    return known ? partner.name : node;
}

static struct err write_members(struct ask *ask, const struct group *row, slice own)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE / 2);
    slice *nodes;
    size_t count;
    TRY(store_group_members(ask->db, row->number, ask->arena, &nodes, &count));
    json_write_key(&ask->json, S("members"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        json_write_object(&ask->json);
        outside_write(&outside, S("name"), member_name(ask, nodes[i], own), OUTSIDE_NAME);
        outside_write(&outside, S("node"), nodes[i], OUTSIDE_NAME);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    return OK;
}

static struct err write_votes(struct ask *ask, struct outside *outside, const struct group_proposal *motion, slice own)
{
    struct group_vote *votes;
    size_t count;
    TRY(store_vote_list(ask->db, motion->id, ask->arena, &votes, &count));
    json_write_key(&ask->json, S("votes"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        json_write_object(&ask->json);
        outside_write(outside, S("name"), member_name(ask, votes[i].node, own), OUTSIDE_NAME);
        page_flag(ask, S("yes"), votes[i].yes);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    return OK;
}

static struct err write_changes(struct ask *ask, const struct group *row, const struct group_proposal *motion)
{
    struct terms_point points[TERMS_POINTS_MAX], before[TERMS_POINTS_MAX];
    size_t count = 0, before_count = 0;
    TRY(terms_charter_points(ask, motion->terms, points, &count));
    if (row->terms.len > 0)
        TRY(terms_charter_points(ask, row->terms, before, &before_count));
    terms_write(ask, S("terms"), points, before_count == count ? before : NULL, count);
    return OK;
}

static struct err write_motion(struct ask *ask, const struct group *row, const struct group_proposal *motion, slice own)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE / 4);
    struct share_tally tally;
    TRY(share_group_tally(ask->db, motion, ask->arena, &tally));
    json_write_object(&ask->json);
    outside_write(&outside, S("id"), motion->id, OUTSIDE_NAME);
    outside_write(&outside, S("proposer"), member_name(ask, motion->proposer, own), OUTSIDE_NAME);
    page_moment(ask, S("made"), motion->made_us);
    page_moment(ask, S("ends"), motion->ends_us);
    page_count(ask, S("electorate"), tally.electorate);
    page_count(ask, S("cast"), tally.cast);
    page_count(ask, S("yes"), tally.yes);
    page_count(ask, S("needed"), tally.needed);
    TRY(write_votes(ask, &outside, motion, own));
    TRY(write_changes(ask, row, motion));
    json_write_end(&ask->json);
    return OK;
}

/* Those that are open and change the version of today. */
static struct err write_motions(struct ask *ask, const struct group *row, slice own)
{
    struct group_proposal *rows;
    size_t count, open = 0;
    TRY(store_proposal_list(ask->db, row->number, row->version, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("motions"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].state != PROPOSAL_OPEN)
            continue;
        open++;
        TRY(write_motion(ask, row, &rows[i], own));
    }
    json_write_end(&ask->json);
    page_flag(ask, S("any_motion"), open > 0);
    return OK;
}

static struct err group_of(struct ask *ask, struct group *row)
{
    int64_t number;
    TRY(outside_need(ask, VERB_READ_SHARING));
    TRY(ask_part_number(ask, 0, &number));
    return store_group_get(ask->db, number, ask->arena, row);
}

struct err web_group(struct ask *ask)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE / 2);
    struct terms_point points[TERMS_POINTS_MAX];
    size_t count = 0;
    struct group row;
    slice own;
    TRY(group_of(ask, &row));
    TRY(share_own_node(ask->db, ask->arena, &own));
    page_title(ask, outside_text(&outside, row.name, OUTSIDE_NAME, NULL));
    write_group(ask, &row);
    TRY(write_members(ask, &row, own));
    if (row.terms.len > 0)
        TRY(terms_charter_points(ask, row.terms, points, &count));
    terms_write(ask, S("terms"), points, NULL, count);
    page_flag(ask, S("any_term"), count > 0);
    outside_write(&outside, S("document"), row.terms, OUTSIDE_TEXT);
    TRY(write_motions(ask, &row, own));
    page_flag(ask, S("may_agree"), ask_may(ask, VERB_AGREE) && row.state != GROUP_LEFT && row.state != GROUP_DISSOLVED);
    page_flag(ask, S("may_leave"), ask_may(ask, VERB_STOP_SHARING) && row.state == GROUP_ACTIVE);
    return OK;
}

/* ---- Forms ---- */

static struct err page_again_from_start(struct ask *ask)
{
    return write_page(ask, 0);
}

struct err web_group_propose(struct ask *ask)
{
    struct share_proposal proposal = {.done = true};
    slice reason, terms = slice_trim(ask_form(ask, S("terms")));
    struct err err = shared_reason(ask, &reason);
    if (err.kind == ERR_NONE)
        err = share_group_propose(ask->db, &ask->who.actor, S(""), terms, reason, ask->arena, &proposal);
    const struct shared_form form = {"/groups", "saved", "terms", &proposal, page_again_from_start};
    return shared_end(ask, &form, err);
}

struct acting {
    struct ask *ask;
    const struct group *group;
    slice reason;
    struct share_proposal proposal;
};

static struct err act_propose(struct acting *acting)
{
    struct ask *ask = acting->ask;
    return share_group_propose(ask->db, &ask->who.actor, acting->group->id, slice_trim(ask_form(ask, S("terms"))),
            acting->reason, ask->arena, &acting->proposal);
}

static struct err vote(struct acting *acting, bool yes)
{
    struct ask *ask = acting->ask;
    return share_group_vote(ask->db, &ask->who.actor, slice_trim(ask_form(ask, S("motion"))), yes, acting->reason,
            ask->arena, &acting->proposal);
}

static struct err act_yes(struct acting *acting)
{
    return vote(acting, true);
}

static struct err act_no(struct acting *acting)
{
    return vote(acting, false);
}

static struct err act_accept(struct acting *acting)
{
    struct ask *ask = acting->ask;
    return share_group_accept(
            ask->db, &ask->who.actor, acting->group->number, acting->reason, ask->arena, &acting->proposal);
}

static struct err act_leave(struct acting *acting)
{
    struct ask *ask = acting->ask;
    if (!slice_eq(ask_form(ask, S("sure")), S("yes")))
        return err_make(ERR_INPUT, W_C("to leave a group, tick that you are sure"));
    return share_group_leave(
            ask->db, &ask->who.actor, acting->group->number, acting->reason, ask->arena, &acting->proposal);
}

static const struct {
    const char *name;
    struct err (*run)(struct acting *acting);
} acts[] = {{"propose", act_propose}, {"yes", act_yes}, {"no", act_no}, {"accept", act_accept}, {"leave", act_leave}};

struct err web_group_act(struct ask *ask)
{
    struct group row;
    struct acting acting = {.ask = ask, .group = &row, .proposal = {.done = true}};
    size_t at = 0;
    TRY(group_of(ask, &row));
    while (at < COUNT_OF(acts) && !slice_eq(ask_form(ask, S("act")), slice_of(acts[at].name)))
        at++;
    if (at == COUNT_OF(acts))
        return err_make(ERR_INPUT, "act: propose, yes, no, accept or leave");
    struct err err = shared_reason(ask, &acting.reason);
    if (err.kind == ERR_NONE)
        err = acts[at].run(&acting);
    const struct shared_form form = {
            outside_path(ask, "/groups/", row.number, ""), "saved", NULL, &acting.proposal, web_group};
    return shared_end(ask, &form, err);
}
