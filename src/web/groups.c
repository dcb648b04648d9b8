/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sharing groups: who is in, under which terms, what is proposed and how the vote stands. There is no host: a change
 * needs the votes of members, and what gives more needs two of our own people as well.
 */
#include "base/arena.h"
#include "base/clock.h"
#include "share/group.h"
#include "share/keys.h"
#include "web/charter.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"
#include "web/terms.h"

#define ROWS 25
#define MOTIONS 6 /* with all their terms: a page stays below 50 KB */
#define DECIDED 3

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
    if (ask_may(ask, VERB_AGREE))
        TRY(charter_form_write(ask, NULL));
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
    page_flag(ask, S("any_member"), count > 0);
    return OK;
}

struct motion {
    const struct group *group;
    const struct group_proposal *row;
    slice own;
    struct share_charter before, after; /* before: where `changes` */
    bool changes;                       /* else it founds the group */
    struct share_tally tally;
    struct group_vote *votes;
    size_t vote_count;
};

static void write_votes(struct ask *ask, struct outside *outside, const struct motion *motion)
{
    json_write_key(&ask->json, S("votes"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < motion->vote_count; i++) {
        json_write_object(&ask->json);
        outside_write(outside, S("name"), member_name(ask, motion->votes[i].node, motion->own), OUTSIDE_NAME);
        page_flag(ask, S("yes"), motion->votes[i].yes);
        page_moment(ask, S("received"), motion->votes[i].received_us);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
}

static bool has_voted(const struct motion *motion, slice node)
{
    for (size_t i = 0; i < motion->vote_count; i++)
        if (slice_eq(motion->votes[i].node, node))
            return true;
    return false;
}

/* Of those who vote, who has not. */
static void write_missing(struct ask *ask, struct outside *outside, const struct motion *motion)
{
    const struct share_charter *voters = motion->changes ? &motion->before : &motion->after;
    json_write_key(&ask->json, S("missing"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < voters->member_count; i++) {
        if (has_voted(motion, voters->members[i].node))
            continue;
        json_write_object(&ask->json);
        outside_write(outside, S("name"), member_name(ask, voters->members[i].node, motion->own), OUTSIDE_NAME);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    bool ours = share_charter_has(voters, motion->own) && !has_voted(motion, motion->own);
    page_flag(ask, S("we_may_vote"), ours && motion->row->state == PROPOSAL_OPEN);
}

/* What still has to come before it is carried. */
static void write_next(struct ask *ask, const struct motion *motion)
{
    const struct share_tally *tally = &motion->tally;
    size_t quorum = motion->changes ? (size_t)motion->before.quorum : tally->electorate;
    page_count(ask, S("quorum"), quorum);
    page_count(ask, S("votes_short"), quorum > tally->cast ? quorum - tally->cast : 0);
    page_count(ask, S("yes_short"), tally->needed > tally->yes ? tally->needed - tally->yes : 0);
    page_flag(ask, S("any_votes_short"), quorum > tally->cast);
    page_flag(ask, S("any_yes_short"), tally->needed > tally->yes);
    page_flag(ask, S("founds"), !motion->changes);
    page_flag(ask, S("dissolves"), motion->after.dissolved);
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

static struct err motion_read(struct ask *ask, struct motion *motion)
{
    struct group_version before;
    const struct group_proposal *row = motion->row;
    TRY(share_charter_read(row->terms, ask->arena, &motion->after));
    motion->changes = row->base > 0;
    if (motion->changes) {
        TRY(store_group_version_get(ask->db, row->group, row->base, ask->arena, &before));
        TRY(share_charter_read(before.terms, ask->arena, &motion->before));
    }
    TRY(share_group_tally(ask->db, row, ask->arena, &motion->tally));
    return store_vote_list(ask->db, row->id, ask->arena, &motion->votes, &motion->vote_count);
}

static struct err write_motion(struct ask *ask, struct motion *motion)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE / 4);
    const struct group_proposal *row = motion->row;
    TRY(motion_read(ask, motion));
    json_write_object(&ask->json);
    outside_write(&outside, S("id"), row->id, OUTSIDE_NAME);
    outside_write(&outside, S("proposer"), member_name(ask, row->proposer, motion->own), OUTSIDE_NAME);
    page_moment(ask, S("made"), row->made_us);
    page_moment(ask, S("ends"), row->ends_us);
    page_count(ask, S("electorate"), motion->tally.electorate);
    page_count(ask, S("cast"), motion->tally.cast);
    page_count(ask, S("yes"), motion->tally.yes);
    page_count(ask, S("needed"), motion->tally.needed);
    write_votes(ask, &outside, motion);
    write_missing(ask, &outside, motion);
    write_next(ask, motion);
    page_flag(ask, S("carried"), row->state == PROPOSAL_CARRIED);
    TRY(write_changes(ask, motion->group, row));
    json_write_end(&ask->json);
    return OK;
}

/* Those that change a version: the open ones, or those that were decided. */
static struct err write_motions(
        struct ask *ask, const struct group *group, int64_t base, bool open, size_t most, size_t *written)
{
    struct group_proposal *rows;
    size_t count;
    slice own;
    if (base < 0)
        return OK;
    TRY(share_own_node(ask->db, ask->arena, &own));
    TRY(store_proposal_list(ask->db, group->number, base, ask->arena, &rows, &count));
    for (size_t i = 0; i < count && *written < most; i++) {
        if ((rows[i].state == PROPOSAL_OPEN) != open)
            continue;
        ++*written;
        TRY(write_motion(ask, &(struct motion){.group = group, .row = &rows[i], .own = own}));
    }
    return OK;
}

/* What is open, of the version of today; and how the last votes ended. */
static struct err write_all_motions(struct ask *ask, const struct group *row)
{
    size_t open = 0, decided = 0;
    json_write_key(&ask->json, S("motions"));
    json_write_array(&ask->json);
    TRY(write_motions(ask, row, row->version, true, MOTIONS, &open));
    json_write_end(&ask->json);
    page_flag(ask, S("any_motion"), open > 0);
    json_write_key(&ask->json, S("decided"));
    json_write_array(&ask->json);
    TRY(write_motions(ask, row, row->version, false, DECIDED, &decided));
    TRY(write_motions(ask, row, row->version - 1, false, DECIDED, &decided));
    json_write_end(&ask->json);
    page_flag(ask, S("any_decided"), decided > 0);
    return OK;
}

static struct err group_of(struct ask *ask, struct group *row)
{
    int64_t number;
    TRY(outside_need(ask, VERB_READ_SHARING));
    TRY(ask_part_number(ask, 0, &number));
    return store_group_get(ask->db, number, ask->arena, row);
}

/* By which members say on the telephone that they have the same terms. */
static slice digest_of(struct ask *ask, slice terms)
{
    struct sha256 digest = hash_sha256(terms);
    return terms.len > 0 ? arena_hex(ask->arena, sha256_slice(&digest)) : S("");
}

/* What a proposal would change: the version that was decided last, whether it holds here or not; NULL: none was. */
static struct err latest_read(
        struct ask *ask, const struct group *row, struct share_charter *now, const struct share_charter **latest)
{
    struct group_version version;
    *latest = NULL;
    if (row->version == 0)
        return OK;
    TRY(store_group_version_get(ask->db, row->number, row->version, ask->arena, &version));
    TRY(share_charter_read(version.terms, ask->arena, now));
    *latest = now;
    return OK;
}

static struct err write_form(struct ask *ask, const struct group *row)
{
    const struct share_charter *latest;
    struct share_charter now;
    TRY(latest_read(ask, row, &now, &latest));
    return charter_form_write(ask, latest);
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
    json_write_key_text(&ask->json, S("digest"), digest_of(ask, row.terms));
    TRY(write_all_motions(ask, &row));
    page_flag(ask, S("may_agree"), ask_may(ask, VERB_AGREE) && row.state != GROUP_LEFT && row.state != GROUP_DISSOLVED);
    bool change = ask_may(ask, VERB_AGREE) && row.version > 0 && row.state == GROUP_ACTIVE;
    page_flag(ask, S("may_change"), change);
    if (change)
        TRY(write_form(ask, &row));
    page_flag(ask, S("may_leave"), ask_may(ask, VERB_STOP_SHARING) && row.state == GROUP_ACTIVE);
    return OK;
}

/* ---- The document ---- */

/* The terms that hold here, byte for byte as members signed them. */
struct err web_group_terms(struct ask *ask)
{
    struct group row;
    TRY(group_of(ask, &row));
    if (row.accepted == 0)
        return err_make(ERR_MISSING, W_C("no terms hold here yet"));
    return shared_download(ask, row.terms, S("application/json"), "terms-of-reference.json");
}

/* ---- Forms ---- */

static struct err page_again_from_start(struct ask *ask)
{
    return write_page(ask, 0);
}

struct err web_group_propose(struct ask *ask)
{
    struct share_proposal proposal = {.done = true};
    slice reason, terms;
    struct err err = charter_form_read(ask, NULL, &terms);
    if (err.kind == ERR_NONE)
        err = shared_reason(ask, &reason);
    if (err.kind == ERR_NONE)
        err = share_group_propose(ask->db, &ask->who.actor, S(""), terms, reason, ask->arena, &proposal);
    const struct shared_form form = {"/groups", "saved", NULL, &proposal, page_again_from_start};
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
    const struct share_charter *latest;
    struct share_charter now;
    slice terms;
    TRY(latest_read(ask, acting->group, &now, &latest));
    TRY(charter_form_read(ask, latest, &terms));
    return share_group_propose(
            ask->db, &ask->who.actor, acting->group->id, terms, acting->reason, ask->arena, &acting->proposal);
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
