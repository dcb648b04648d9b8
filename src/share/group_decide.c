/* SPDX-License-Identifier: Apache-2.0 */
#include "share/group_decide.h"

#include "base/arena.h"
#include "share/agreement_hold.h"
#include "share/keys.h"
#include "json/write.h"

#define DETAIL_MAX 16384

struct err group_tell(struct work *work, const char *act, const struct group *row, slice why)
{
    struct buf detail = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_text(&w, S("group"), row->id);
    json_write_key_u64(&w, S("version"), (uint64_t)row->version);
    json_write_key_u64(&w, S("accepted"), (uint64_t)row->accepted);
    if (why.len > 0)
        json_write_key_text(&w, S("why"), store_text_keep(work->arena, why, STORE_TEXT_MAX));
    json_write_end(&w);
    const char *subject = arena_printf(work->arena, "group/%lld", (long long)row->number);
    struct err err = store_work_news(work, act, slice_of(subject), buf_slice(&detail));
    buf_free(&detail);
    return err;
}

/* ---- What is there ---- */

struct err group_charter(struct db *db, const struct group *row, int64_t version, struct arena *arena,
        struct share_charter *charter, bool *there)
{
    struct group_version found;
    *there = version != 0;
    if (version == 0)
        return OK;
    TRY(store_group_version_get(db, row->number, version, arena, &found));
    return share_charter_read(found.terms, arena, charter);
}

static struct err votes_of(
        struct db *db, const struct group_proposal *proposal, struct arena *arena, struct share_motion *motion)
{
    struct group_vote *rows;
    size_t count;
    TRY(store_vote_list(db, proposal->id, arena, &rows, &count));
    struct share_vote *votes = arena_new(arena, struct share_vote, count + 1);
    for (size_t i = 0; i < count; i++)
        votes[i] = (struct share_vote){rows[i].node, rows[i].yes};
    motion->votes = votes;
    motion->vote_count = count;
    return OK;
}

struct err group_motion(
        struct db *db, const struct group_proposal *proposal, struct arena *arena, struct share_motion *motion)
{
    struct share_motion made = {.id = proposal->id, .ends_us = proposal->ends_us};
    TRY(share_charter_read(proposal->terms, arena, &made.to));
    TRY(votes_of(db, proposal, arena, &made));
    *motion = made;
    return OK;
}

/* ---- Members, and what their going and coming changes ---- */

/* What was released because both were members is decided anew. */
static struct err regroup(struct work *work, slice node)
{
    struct partner partner;
    struct agreement row;
    struct err err = store_partner_find_node(work->db, node, work->now_us, work->arena, &partner);
    if (err.kind == ERR_NONE)
        err = store_agreement_with(work->db, partner.number, work->arena, &row);
    if (err.kind == ERR_MISSING || (err.kind == ERR_NONE && row.state != AGREEMENT_IN_FORCE))
        return OK;
    TRY(err);
    TRY(store_agreement_hold(work, row.number, &row));
    return agreement_regroup(work, &row);
}

static bool holds(const slice *rows, size_t count, slice row)
{
    for (size_t i = 0; i < count; i++)
        if (slice_eq(rows[i], row))
            return true;
    return false;
}

static struct err regroup_changed(
        struct work *work, const slice *before, size_t before_count, const slice *now, size_t now_count)
{
    for (size_t i = 0; i < before_count; i++)
        if (!holds(now, now_count, before[i]))
            TRY(regroup(work, before[i]));
    for (size_t i = 0; i < now_count; i++)
        if (!holds(before, before_count, now[i]))
            TRY(regroup(work, now[i]));
    return OK;
}

/* Who is a member both of what holds here and of what was decided last, and is there still; without us, nobody. */
static struct err members_now(struct work *work, const struct group *row, slice *nodes, size_t *count)
{
    struct share_charter accepted, latest;
    bool there, left;
    slice own;
    TRY(share_own_node(work->db, work->arena, &own));
    *count = 0;
    if (row->state != GROUP_ACTIVE || row->accepted == 0)
        return OK;
    TRY(share_charter_read(row->terms, work->arena, &accepted));
    TRY(group_charter(work->db, row, row->version, work->arena, &latest, &there));
    if (!share_charter_has(&accepted, own) || !share_charter_has(&latest, own))
        return OK;
    for (size_t i = 0; i < accepted.member_count; i++) {
        slice node = accepted.members[i].node;
        TRY(store_group_has_left(work->db, row->number, node, &left));
        if (!left && share_charter_has(&latest, node))
            nodes[(*count)++] = node;
    }
    return OK;
}

struct err group_members(struct work *work, struct group *row)
{
    slice *before, now[CHARTER_MEMBERS_MAX];
    size_t before_count, now_count;
    TRY(store_group_members(work->db, row->number, work->arena, &before, &before_count));
    TRY(members_now(work, row, now, &now_count));
    TRY(store_group_members_put(work, row->number, now, now_count));
    return regroup_changed(work, before, before_count, now, now_count);
}

/* ---- What holds here ---- */

struct err group_accept(struct work *work, struct group *row, const struct share_charter *charter)
{
    row->accepted = charter->version;
    row->terms = charter->text;
    row->name = charter->name;
    if (row->state != GROUP_LEFT)
        row->state = charter->dissolved ? GROUP_DISSOLVED : GROUP_ACTIVE;
    TRY(store_group_change(work, row));
    return group_tell(work, "group.accepted", row, S(""));
}

/* Two of our persons voted for it. */
static struct err we_said_yes(struct work *work, slice proposal, bool *yes)
{
    struct group_vote *votes;
    size_t count;
    slice own;
    TRY(share_own_node(work->db, work->arena, &own));
    TRY(store_vote_list(work->db, proposal, work->arena, &votes, &count));
    *yes = false;
    for (size_t i = 0; i < count; i++)
        *yes |= votes[i].yes && slice_eq(votes[i].node, own);
    return OK;
}

/* Who had left, and what brings it back was at that moment. */
static struct err back(struct work *work, struct group *row, slice node, int64_t at_us)
{
    slice own;
    bool dropped;
    TRY(share_own_node(work->db, work->arena, &own));
    TRY(store_group_left_drop(work, row->number, node, at_us, &dropped));
    if (dropped && slice_eq(node, own) && row->state == GROUP_LEFT)
        row->state = GROUP_ACTIVE;
    return OK;
}

/* Who had left is back when it votes for a version with it as a member. */
static struct err back_by_vote(struct work *work, struct group *row, const struct share_motion *motion)
{
    struct group_vote *votes;
    size_t count;
    TRY(store_vote_list(work->db, motion->id, work->arena, &votes, &count));
    for (size_t i = 0; i < count; i++)
        if (votes[i].yes && share_charter_has(&motion->to, votes[i].node))
            TRY(back(work, row, votes[i].node, votes[i].received_us));
    return store_group_change(work, row);
}

/* Or when a version takes it in anew. */
static struct err back_by_version(
        struct work *work, struct group *row, const struct share_charter *before, const struct share_motion *motion)
{
    for (size_t i = 0; i < motion->to.member_count; i++)
        if (!share_charter_has(before, motion->to.members[i].node))
            TRY(back(work, row, motion->to.members[i].node, work->now_us));
    return OK;
}

/* A version was decided: whether it holds at once. */
static struct err consent(struct work *work, struct group *row, const struct share_motion *motion)
{
    struct share_charter accepted;
    bool yes, narrow = false;
    TRY(we_said_yes(work, motion->id, &yes));
    if (row->accepted != 0) {
        TRY(share_charter_read(row->terms, work->arena, &accepted));
        narrow = share_charter_narrow(&accepted, &motion->to);
    }
    return yes || narrow ? group_accept(work, row, &motion->to) : OK;
}

/* ---- Counting ---- */

/* The proposal that counts of those that change this version; *motion == NULL: none. */
static struct err winner(struct work *work, const struct group *row, int64_t base, const struct share_motion **motion)
{
    struct share_charter before;
    struct group_proposal *rows;
    size_t count;
    bool there;
    *motion = NULL;
    TRY(group_charter(work->db, row, base, work->arena, &before, &there));
    TRY(store_proposal_list(work->db, row->number, base, work->arena, &rows, &count));
    struct share_motion *motions = arena_new(work->arena, struct share_motion, count + 1);
    for (size_t i = 0; i < count; i++)
        TRY(group_motion(work->db, &rows[i], work->arena, &motions[i]));
    *motion = share_motion_first(motions, count, there ? &before : NULL);
    return OK;
}

/* Others had been decided on the way to here; they said yes to two, and only one can count. */
static struct err turn_back(struct work *work, struct group *row, int64_t base)
{
    struct group_version before = {.terms = S("")};
    TRY(store_group_version_drop(work, row->number, base));
    row->version = base;
    if (row->accepted > base) {
        if (base > 0)
            TRY(store_group_version_get(work->db, row->number, base, work->arena, &before));
        row->accepted = base;
        row->terms = before.terms;
        row->state = base == 0 && row->state != GROUP_LEFT ? GROUP_PROPOSED : row->state;
    }
    TRY(store_group_change(work, row));
    return group_tell(
            work, "group.contradicted", row, S("members voted for two proposals that change the same version"));
}

/* Whoever sees that it is decided tells all the others: votes that crossed on the way may have left some of them short
 * of the last one. */
static struct err spread(struct work *work, const struct group *row, slice id)
{
    struct group_proposal proposal;
    TRY(store_proposal_get(work->db, id, work->arena, &proposal));
    return group_proof_spread(work, row, &proposal);
}

static struct err decided(struct work *work, struct group *row, int64_t base, const struct share_motion *motion)
{
    struct share_charter before;
    bool there;
    TRY(group_charter(work->db, row, base, work->arena, &before, &there));
    const struct group_version put = {.group = row->number,
            .version = base + 1,
            .terms = motion->to.text,
            .proposal = motion->id,
            .narrows = there && share_charter_narrow(&before, &motion->to),
            .decided_us = work->now_us};
    TRY(store_group_version_put(work, &put));
    TRY(store_proposal_state(work, motion->id, PROPOSAL_CARRIED));
    row->version = base + 1;
    if (there)
        TRY(back_by_version(work, row, &before, motion));
    TRY(back_by_vote(work, row, motion));
    TRY(group_tell(work, "group.decided", row, motion->id));
    TRY(spread(work, row, motion->id));
    return consent(work, row, motion);
}

struct err group_decide(struct work *work, struct group *row, int64_t base)
{
    for (;; base++) {
        const struct share_motion *motion;
        struct group_version there;
        TRY(winner(work, row, base, &motion));
        if (motion == NULL)
            break;
        struct err err = store_group_version_get(work->db, row->number, base + 1, work->arena, &there);
        if (err.kind == ERR_NONE && slice_eq(there.proposal, motion->id)) {
            TRY(back_by_vote(work, row, motion));
            continue;
        }
        if (err.kind == ERR_NONE)
            TRY(turn_back(work, row, base));
        else if (err.kind != ERR_MISSING)
            return err;
        TRY(decided(work, row, base, motion));
    }
    return group_members(work, row);
}

/* ---- Carrying ---- */

static struct err proof_body(struct work *work, const struct group_proposal *proposal, slice *body)
{
    struct buf buf = buf_make(STATEMENT_BYTES_MAX);
    struct json_writer w = json_writer(&buf);
    struct group_vote *votes;
    size_t count;
    TRY(store_vote_list(work->db, proposal->id, work->arena, &votes, &count));
    json_write_object(&w);
    json_write_key(&w, S("proposal"));
    json_write_raw(&w, proposal->statement);
    json_write_key(&w, S("votes"));
    json_write_array(&w);
    for (size_t i = 0; i < count; i++)
        json_write_raw(&w, votes[i].statement);
    json_write_end(&w);
    json_write_end(&w);
    struct err err = buf_check(&buf);
    *body = arena_copy(work->arena, buf_slice(&buf));
    buf_free(&buf);
    return err;
}

struct err group_proof_send(
        struct work *work, const struct group *row, const struct group_proposal *proposal, int64_t partner)
{
    slice body;
    TRY(proof_body(work, proposal, &body));
    const struct letter letter = {.partner = partner,
            .type = S("group.proof"),
            .about = row->id,
            .version = proposal->base + 1,
            .body = body};
    return store_letter_add(work, &letter);
}

static struct err send_to(struct work *work, const struct group *row, const struct group_proposal *proposal, slice node)
{
    struct partner partner;
    struct err err = store_partner_find_node(work->db, node, work->now_us, work->arena, &partner);
    if (err.kind == ERR_MISSING)
        return OK; /* ourselves, or one that others have to tell */
    TRY(err);
    bool reads = partner.kind == PARTNER_NODE && partner.state != PARTNER_CANDIDATE && partner.state != PARTNER_ENDED;
    return reads ? group_proof_send(work, row, proposal, partner.number) : OK;
}

struct err group_proof_spread(struct work *work, const struct group *row, const struct group_proposal *proposal)
{
    struct share_charter before = {.member_count = 0}, after;
    bool there;
    TRY(group_charter(work->db, row, proposal->base, work->arena, &before, &there));
    TRY(share_charter_read(proposal->terms, work->arena, &after));
    for (size_t i = 0; i < before.member_count; i++)
        TRY(send_to(work, row, proposal, before.members[i].node));
    for (size_t i = 0; i < after.member_count; i++)
        if (!share_charter_has(&before, after.members[i].node))
            TRY(send_to(work, row, proposal, after.members[i].node));
    return OK;
}
