/* SPDX-License-Identifier: Apache-2.0 */
#include "share/group.h"

#include "base/arena.h"
#include "base/clock.h"
#include "share/group_decide.h"
#include "share/keys.h"
#include "json/read.h"
#include "json/write.h"

#define DUE_AT_ONCE 100

/* The sentence of an error may belong to the connection. */
static struct err kept(struct err err, struct arena *arena)
{
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    return err;
}

static slice text_of(slice detail, const char *key, struct arena *arena)
{
    return json_text(json_get(detail, slice_of(key)), arena);
}

/* ---- Proposing: what is to be done, as a subject and a detail ---- */

struct proposing {
    const char *act, *answer; /* answer: of a vote, else NULL */
    slice group;              /* UUID */
    slice motion, terms, reason;
};

static slice detail_of(const struct proposing *proposing, struct arena *arena)
{
    struct buf detail = buf_make(2u * CHARTER_BYTES_MAX + 8u * STORE_TEXT_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    if (proposing->answer != NULL)
        json_write_key_text(&w, S("answer"), slice_of(proposing->answer));
    if (proposing->motion.len > 0)
        json_write_key_text(&w, S("proposal"), proposing->motion);
    if (proposing->terms.len > 0) {
        json_write_key(&w, S("terms"));
        json_write_raw(&w, proposing->terms);
    }
    json_write_key_text(&w, S("reason"), proposing->reason);
    json_write_end(&w);
    slice text = arena_copy(arena, buf_slice(&detail));
    buf_free(&detail);
    return text;
}

static struct err propose(struct db *db, const struct actor *actor, const struct proposing *proposing,
        struct arena *arena, struct share_proposal *proposal)
{
    const char *subject = arena_printf(arena, "group/%.*s", (int)proposing->group.len, proposing->group.ptr);
    TRY(store_text_check(arena, "reason", proposing->reason, STORE_TEXT_MAX));
    return share_propose(db, actor, proposing->act, slice_of(subject), detail_of(proposing, arena), proposing->reason,
            arena, proposal);
}

struct err share_group_propose(struct db *db, const struct actor *actor, slice group, slice from, slice reason,
        struct arena *arena, struct share_proposal *proposal)
{
    struct proposing proposing = {.act = "group.propose", .group = group, .reason = reason};
    struct group row = {.version = 0};
    if (group.len > 0)
        TRY(kept(store_group_find(db, group, arena, &row), arena));
    else
        proposing.group = share_uuid_new(arena);
    TRY(share_charter_draft(from, row.version + 1, arena, &proposing.terms));
    return propose(db, actor, &proposing, arena, proposal);
}

struct err share_group_vote(struct db *db, const struct actor *actor, slice motion, bool yes, slice reason,
        struct arena *arena, struct share_proposal *proposal)
{
    struct group_proposal there;
    struct group row;
    TRY(kept(store_proposal_get(db, motion, arena, &there), arena));
    TRY(kept(store_group_get(db, there.group, arena, &row), arena));
    const struct proposing proposing = {.act = "group.vote",
            .answer = yes ? "yes" : "no",
            .group = row.id,
            .motion = motion,
            .terms = there.terms,
            .reason = reason};
    return propose(db, actor, &proposing, arena, proposal);
}

struct err share_group_accept(struct db *db, const struct actor *actor, int64_t number, slice reason,
        struct arena *arena, struct share_proposal *proposal)
{
    struct group row;
    struct group_version version;
    TRY(kept(store_group_get(db, number, arena, &row), arena));
    if (row.accepted == row.version)
        return err_make(ERR_CONFLICT, "nothing that was decided in the group waits for our consent");
    TRY(kept(store_group_version_get(db, number, row.version, arena, &version), arena));
    const struct proposing proposing = {
            .act = "group.accept", .group = row.id, .terms = version.terms, .reason = reason};
    return propose(db, actor, &proposing, arena, proposal);
}

struct err share_group_leave(struct db *db, const struct actor *actor, int64_t number, slice reason,
        struct arena *arena, struct share_proposal *proposal)
{
    struct group row;
    TRY(kept(store_group_get(db, number, arena, &row), arena));
    return propose(
            db, actor, &(struct proposing){.act = "group.leave", .group = row.id, .reason = reason}, arena, proposal);
}

struct err share_group_tally(
        struct db *db, const struct group_proposal *proposal, struct arena *arena, struct share_tally *tally)
{
    struct share_charter before;
    struct share_motion motion;
    struct group row;
    bool there;
    TRY(store_group_get(db, proposal->group, arena, &row));
    TRY(group_charter(db, &row, proposal->base, arena, &before, &there));
    TRY(group_motion(db, proposal, arena, &motion));
    *tally = share_motion_tally(&motion, there ? &before : NULL);
    return OK;
}

/* ---- Doing it ---- */

static slice group_of(slice subject)
{
    slice word = S("group/");
    return slice_starts(subject, word) ? slice_from(subject, word.len) : S("");
}

static struct err row_of(struct work *work, slice subject, struct group *row)
{
    TRY(store_group_find(work->db, group_of(subject), work->arena, row));
    return store_group_hold(work, row->number, row);
}

/* The group that a proposal is for, made where it founds it. */
static struct err row_for(struct work *work, slice subject, const struct share_charter *to, struct group *row)
{
    int64_t number;
    struct err err = row_of(work, subject, row);
    if (err.kind != ERR_MISSING || to->version != 1)
        return err;
    TRY(store_group_add(work, &(struct group){.id = group_of(subject), .name = to->name}, &number));
    return store_group_hold(work, number, row);
}

/* What a proposal and a vote both say: which terms become which, and who votes. */
static void write_binding(struct json_writer *w, const struct share_charter *before, const struct share_charter *after,
        struct arena *arena)
{
    struct sha256 electorate = share_charter_electorate(before != NULL ? before : after);
    json_write_key_text(w, S("electorate"), arena_hex(arena, sha256_slice(&electorate)));
    json_write_key_text(w, S("previous"), before != NULL ? arena_hex(arena, sha256_slice(&before->digest)) : S(""));
}

static struct err letter_add(
        struct work *work, const struct group *row, const char *type, int64_t version, struct buf *body)
{
    const struct letter letter = {.type = slice_of(type),
            .about = row->id,
            .version = version,
            .body = arena_copy(work->arena, buf_slice(body))};
    struct err err = buf_check(body);
    buf_free(body);
    return err.kind == ERR_NONE ? store_letter_add(work, &letter) : err;
}

struct err share_group_do_propose(struct work *work, slice subject, slice detail)
{
    struct share_charter before, after;
    struct group row;
    bool there;
    slice own;
    TRY(share_own_node(work->db, work->arena, &own));
    TRY(share_charter_read(json_get(detail, S("terms")), work->arena, &after));
    TRY(row_for(work, subject, &after, &row));
    TRY(group_charter(work->db, &row, row.version, work->arena, &before, &there));
    if (after.version != row.version + 1)
        return err_format(
                work->arena, ERR_CONFLICT, "version %lld of the group was decided meanwhile", (long long)row.version);
    if (!share_charter_may_propose(there ? &before : &after, own))
        return err_make(ERR_CONFLICT, "by the rules of the group this node may propose nothing");
    struct buf body = buf_make(2u * CHARTER_BYTES_MAX);
    struct json_writer w = json_writer(&body);
    json_write_object(&w);
    write_binding(&w, there ? &before : NULL, &after, work->arena);
    json_write_key(&w, S("ends"));
    json_write_time(&w, work->now_us + (there ? before.days : after.days) * DAY_US);
    json_write_key(&w, S("terms"));
    json_write_raw(&w, after.text);
    json_write_end(&w);
    TRY(letter_add(work, &row, "group.propose", after.version, &body));
    return group_tell(work, "group.proposed", &row, text_of(detail, "reason", work->arena));
}

/* Who says yes to two that change the same version could have both carried. */
static struct err only_yes(struct work *work, const struct group_proposal *motion, slice own)
{
    struct group_proposal *rows;
    size_t count;
    TRY(store_proposal_list(work->db, motion->group, motion->base, work->arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        struct group_vote *votes;
        size_t vote_count;
        if (slice_eq(rows[i].id, motion->id) || rows[i].state == PROPOSAL_REJECTED)
            continue;
        TRY(store_vote_list(work->db, rows[i].id, work->arena, &votes, &vote_count));
        for (size_t j = 0; j < vote_count; j++)
            if (votes[j].yes && slice_eq(votes[j].node, own))
                return err_format(work->arena, ERR_CONFLICT,
                        "we said yes to proposal %.*s, which changes the same version and is %s", (int)rows[i].id.len,
                        rows[i].id.ptr, store_proposal_state_name(rows[i].state));
    }
    return OK;
}

static struct err vote_check(struct work *work, const struct group_proposal *motion, slice own, bool yes)
{
    struct group_vote *votes;
    size_t count;
    if (motion->ends_us <= work->now_us)
        return err_make(ERR_CONFLICT, "the vote is over");
    TRY(store_vote_list(work->db, motion->id, work->arena, &votes, &count));
    for (size_t i = 0; i < count; i++)
        if (slice_eq(votes[i].node, own))
            return err_make(ERR_CONFLICT, "we have voted already");
    return yes ? only_yes(work, motion, own) : OK;
}

static struct err vote_letter(struct work *work, const struct group *row, const struct group_proposal *motion, bool yes)
{
    struct share_charter before, after;
    bool there;
    TRY(group_charter(work->db, row, motion->base, work->arena, &before, &there));
    TRY(share_charter_read(motion->terms, work->arena, &after));
    struct buf body = buf_make(STORE_TEXT_MAX);
    struct json_writer w = json_writer(&body);
    json_write_object(&w);
    json_write_key_text(&w, S("answer"), yes ? S("yes") : S("no"));
    write_binding(&w, there ? &before : NULL, &after, work->arena);
    json_write_key_text(&w, S("proposal"), motion->id);
    json_write_key_text(&w, S("terms"), arena_hex(work->arena, sha256_slice(&after.digest)));
    json_write_end(&w);
    return letter_add(work, row, "group.vote", motion->base + 1, &body);
}

struct err share_group_do_vote(struct work *work, slice subject, slice detail)
{
    struct group row;
    struct group_proposal motion;
    slice own, answer = text_of(detail, "answer", work->arena);
    bool yes = slice_eq(answer, S("yes"));
    TRY(share_own_node(work->db, work->arena, &own));
    TRY(row_of(work, subject, &row));
    TRY(store_proposal_get(work->db, text_of(detail, "proposal", work->arena), work->arena, &motion));
    if (motion.group != row.number)
        return err_make(ERR_INPUT, "the proposal is about another group");
    TRY(vote_check(work, &motion, own, yes));
    TRY(vote_letter(work, &row, &motion, yes));
    return group_tell(work, "group.voted", &row, answer);
}

struct err share_group_do_accept(struct work *work, slice subject, slice detail)
{
    struct share_charter seen, latest;
    struct group row;
    bool there;
    TRY(row_of(work, subject, &row));
    TRY(share_charter_read(json_get(detail, S("terms")), work->arena, &seen));
    TRY(group_charter(work->db, &row, row.version, work->arena, &latest, &there));
    if (!there || row.state == GROUP_LEFT || !slice_eq(seen.text, latest.text))
        return err_make(ERR_CONFLICT, "these are not the terms that were decided last");
    TRY(group_accept(work, &row, &latest));
    return group_members(work, &row);
}

/* ---- Leaving ---- */

/* A letter to each member that reads letters. */
static struct err leave_letters(struct work *work, const struct group *row)
{
    slice *nodes;
    size_t count;
    TRY(store_group_members(work->db, row->number, work->arena, &nodes, &count));
    for (size_t i = 0; i < count; i++) {
        struct partner partner;
        struct err err = store_partner_find_node(work->db, nodes[i], work->now_us, work->arena, &partner);
        if (err.kind == ERR_MISSING || (err.kind == ERR_NONE && partner.kind != PARTNER_NODE))
            continue;
        TRY(err);
        const struct letter letter = {.partner = partner.number,
                .type = S("group.leave"),
                .about = row->id,
                .version = row->version,
                .body = S("{}")};
        TRY(store_letter_add(work, &letter));
    }
    return OK;
}

struct err share_group_do_leave(struct work *work, slice subject, slice detail)
{
    struct group row;
    slice own;
    bool fresh;
    TRY(share_own_node(work->db, work->arena, &own));
    TRY(row_of(work, subject, &row));
    if (row.state == GROUP_LEFT || row.state == GROUP_DISSOLVED)
        return err_format(work->arena, ERR_CONFLICT, "the group is %s", store_group_state_name(row.state));
    TRY(leave_letters(work, &row));
    TRY(store_group_left_put(work, row.number, own, S(""), &fresh));
    row.state = GROUP_LEFT;
    TRY(store_group_change(work, &row));
    TRY(group_members(work, &row));
    return group_tell(work, "group.left", &row, text_of(detail, "reason", work->arena));
}

/* ---- Our signature ---- */

static struct err proposed(struct work *work, struct group *row, const struct share_letter *letter)
{
    struct group_proposal put = {.id = letter->id,
            .group = row->number,
            .base = letter->agreement_version - 1,
            .terms = json_get(letter->body, S("terms")),
            .statement = letter->text,
            .proposer = letter->from};
    bool fresh;
    TRY(share_body_time(letter->body, "ends", work->arena, &put.ends_us));
    if (put.base != row->version)
        return err_format(
                work->arena, ERR_CONFLICT, "version %lld of the group was decided meanwhile", (long long)row->version);
    TRY(store_proposal_put(work, &put, &fresh));
    /* Who proposes says yes to it, unless it said yes to another one before. */
    struct err err = only_yes(work, &put, letter->from);
    if (err.kind == ERR_CONFLICT)
        return group_proof_spread(work, row, &put);
    TRY(err);
    return vote_letter(work, row, &put, true);
}

static struct err voted(struct work *work, struct group *row, const struct share_letter *letter)
{
    struct group_proposal motion;
    bool fresh;
    const struct group_vote put = {.proposal = text_of(letter->body, "proposal", work->arena),
            .node = letter->from,
            .yes = slice_eq(text_of(letter->body, "answer", work->arena), S("yes")),
            .statement = letter->text};
    TRY(store_proposal_get(work->db, put.proposal, work->arena, &motion));
    TRY(store_vote_put(work, &put, &fresh));
    int64_t version = row->version;
    TRY(group_decide(work, row, motion.base));
    return row->version != version ? OK : group_proof_spread(work, row, &motion); /* else it has been */
}

struct err share_group_signed(struct work *work, const struct letter *letter, slice statement)
{
    struct share_letter read;
    struct group row;
    if (letter->partner != 0)
        return OK;
    TRY(share_statement_read(statement, work->arena, &read));
    TRY(store_group_find(work->db, letter->about, work->arena, &row));
    TRY(store_group_hold(work, row.number, &row));
    return slice_eq(letter->type, S("group.propose")) ? proposed(work, &row, &read) : voted(work, &row, &read);
}

/* ---- Time ---- */

/* A group that nothing founds any more is not one. */
static struct err forget(struct work *work, const struct group *row)
{
    struct group_proposal *rows;
    size_t count;
    TRY(store_proposal_list(work->db, row->number, 0, work->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (rows[i].state == PROPOSAL_OPEN)
            return OK;
    return store_group_forget(work, row->number);
}

static struct err due(struct work *work, void *context)
{
    struct group_proposal *rows;
    size_t *count = context;
    TRY(store_proposal_due(work->db, work->now_us, DUE_AT_ONCE, work->arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        struct group row;
        struct err err = store_group_hold(work, rows[i].group, &row);
        if (err.kind == ERR_MISSING) /* forgotten with the one before */
            continue;
        TRY(err);
        TRY(store_proposal_state(work, rows[i].id, PROPOSAL_REJECTED));
        TRY(group_tell(work, "group.rejected", &row, rows[i].id));
        if (row.version == 0)
            TRY(forget(work, &row));
    }
    return OK;
}

struct err share_groups_due(struct db *db, const struct actor *actor, struct arena *arena, size_t *count)
{
    return kept(store_work(db, actor, arena, due, count), arena);
}
