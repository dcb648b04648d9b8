/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What members bring of groups: proofs (a proposal with votes on it, each signed by its node), questions for what one
 * has missed, and that somebody leaves. Who brings a proof answers for nothing in it: each statement in it is checked
 * by the key of who said it.
 */
#include "base/arena.h"
#include "share/group_decide.h"
#include "share/keys.h"
#include "json/read.h"

#define CATCH_UP_MAX 16 /* versions that are sent for one question */

/* One proof being taken. */
struct proof {
    struct group row;
    struct share_letter proposal;
    struct share_charter before, after;
    bool founds; /* there is nothing before */
    int64_t base, ends_us;
    slice votes;        /* JSON array */
    bool fresh;         /* something in it was not known here */
    size_t known_votes; /* of those in it */
};

/* ---- Signatures ---- */

/* A key that was revoked signs nothing, not even what it says to be of before: nobody can tell. */
static struct err key_check(struct work *work, const struct share_letter *letter)
{
    struct partner partner = {.number = 0};
    struct node_key key;
    slice own;
    TRY(share_own_node(work->db, work->arena, &own));
    if (!slice_eq(letter->from, own)) {
        struct err err = store_partner_find_node(work->db, letter->from, work->now_us, work->arena, &partner);
        if (err.kind == ERR_MISSING || (err.kind == ERR_NONE && partner.state == PARTNER_CANDIDATE))
            return err_make(ERR_MISSING, "it is signed by a member whom we do not know as a partner");
        TRY(err);
    }
    struct err err = store_node_key_get(work->db, partner.number, S("message"), &letter->key, work->arena, &key);
    if (err.kind == ERR_MISSING)
        return err_make(ERR_INPUT, "it is signed by a key that its node has not certified");
    TRY(err);
    bool good = key.from_us <= letter->issued_us && letter->issued_us < key.until_us && key.revoked_us == TIME_NONE;
    return good ? OK : err_make(ERR_INPUT, "it is signed by a key that was not good then, or is revoked");
}

/* A statement to the group, of that type, by a member's good key. */
static struct err inner_read(struct work *work, slice json, const char *type, slice group, struct share_letter *letter)
{
    if (json_kind(json) != JSON_OBJECT)
        return err_format(work->arena, ERR_INPUT, "%s: a statement has to stand here", type);
    TRY(share_statement_read(json, work->arena, letter));
    if (!slice_eq(letter->type, slice_of(type)))
        return err_format(work->arena, ERR_INPUT, "a statement of type %s has to stand there", type);
    if (!slice_eq(letter->to, group) || !slice_eq(letter->agreement, group))
        return err_format(work->arena, ERR_INPUT, "%s: it is not to this group", type);
    if (letter->issued_us > work->now_us + STATEMENT_AHEAD_US)
        return err_format(work->arena, ERR_INPUT, "%s: it was issued in our future", type);
    TRY(key_check(work, letter));
    return share_statement_signed(letter)
                   ? OK
                   : err_format(work->arena, ERR_INPUT, "%s: its signature is not by the key that it names", type);
}

/* ---- What a statement has to bind ---- */

static slice text_in(const struct share_letter *letter, const char *name, struct arena *arena)
{
    return json_text(json_get(letter->body, slice_of(name)), arena);
}

static struct err binding_check(struct work *work, const struct proof *proof, const struct share_letter *letter)
{
    struct sha256 electorate = share_charter_electorate(proof->founds ? &proof->after : &proof->before);
    slice previous = proof->founds ? S("") : arena_hex(work->arena, sha256_slice(&proof->before.digest));
    if (!slice_eq(text_in(letter, "previous", work->arena), previous))
        return err_format(work->arena, ERR_CONFLICT, "%.*s: it changes other terms than version %lld has here",
                (int)letter->type.len, letter->type.ptr, (long long)proof->base);
    if (!slice_eq(text_in(letter, "electorate", work->arena), arena_hex(work->arena, sha256_slice(&electorate))))
        return err_format(
                work->arena, ERR_CONFLICT, "%.*s: those who vote are others", (int)letter->type.len, letter->type.ptr);
    return OK;
}

static bool is_voter(const struct proof *proof, slice node)
{
    return share_charter_has(proof->founds ? &proof->after : &proof->before, node);
}

/* ---- The proposal ---- */

static struct err proposal_times(struct work *work, struct proof *proof)
{
    int64_t days = proof->founds ? proof->after.days : proof->before.days;
    TRY(share_body_time(proof->proposal.body, "ends", work->arena, &proof->ends_us));
    return proof->ends_us > proof->proposal.issued_us &&
                           proof->ends_us <= proof->proposal.issued_us + days * DAY_US + STATEMENT_AHEAD_US
                   ? OK
                   : err_make(ERR_INPUT, "group.propose: the vote would last longer than the rules of the group say");
}

static struct err proposal_check(struct work *work, struct proof *proof)
{
    const struct share_charter *rules = proof->founds ? &proof->after : &proof->before;
    TRY(share_body_only(proof->proposal.body, "electorate ends previous terms", work->arena));
    TRY(binding_check(work, proof, &proof->proposal));
    TRY(proposal_times(work, proof));
    if (!share_charter_may_propose(rules, proof->proposal.from))
        return err_make(ERR_DENIED, "group.propose: by the rules of the group this node may propose nothing");
    return OK;
}

static struct err proposal_put(struct work *work, struct proof *proof)
{
    const struct group_proposal put = {.id = proof->proposal.id,
            .group = proof->row.number,
            .base = proof->base,
            .terms = proof->after.text,
            .statement = proof->proposal.text,
            .proposer = proof->proposal.from,
            .ends_us = proof->ends_us};
    struct group_proposal there;
    TRY(store_proposal_put(work, &put, &proof->fresh));
    TRY(store_proposal_get(work->db, put.id, work->arena, &there));
    if (!slice_eq(there.statement, put.statement))
        return err_make(ERR_CONFLICT, "group.propose: another proposal of that id is here");
    return proof->fresh ? group_tell(work, "group.motion", &proof->row, put.id) : OK;
}

/* ---- The votes ---- */

static struct err vote_check(struct work *work, const struct proof *proof, const struct share_letter *vote)
{
    slice answer = text_in(vote, "answer", work->arena);
    TRY(share_body_only(vote->body, "answer electorate previous proposal terms", work->arena));
    TRY(binding_check(work, proof, vote));
    if (!slice_eq(text_in(vote, "proposal", work->arena), proof->proposal.id) ||
            !slice_eq(text_in(vote, "terms", work->arena), arena_hex(work->arena, sha256_slice(&proof->after.digest))))
        return err_make(ERR_INPUT, "group.vote: it is about another proposal");
    if (!is_voter(proof, vote->from))
        return err_make(ERR_DENIED, "group.vote: it is by a node that has no vote");
    if (vote->issued_us > proof->ends_us)
        return err_make(ERR_CONFLICT, "group.vote: it was given when the vote was over");
    return slice_eq(answer, S("yes")) || slice_eq(answer, S("no"))
                   ? OK
                   : err_make(ERR_INPUT, "group.vote: the answer is yes or no");
}

/* One of a member whom we do not know is not counted here; whoever knows it counts it. */
static struct err vote_take(struct work *work, struct proof *proof, slice json)
{
    struct share_letter vote = {.agreement_version = 0};
    bool fresh;
    struct err err = inner_read(work, json, "group.vote", proof->row.id, &vote);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    TRY(vote_check(work, proof, &vote));
    const struct group_vote put = {.proposal = proof->proposal.id,
            .node = vote.from,
            .yes = slice_eq(text_in(&vote, "answer", work->arena), S("yes")),
            .statement = vote.text};
    TRY(store_vote_put(work, &put, &fresh));
    proof->fresh |= fresh;
    proof->known_votes++;
    return OK;
}

static struct err votes_take(struct work *work, struct proof *proof)
{
    struct json_elements elements = json_elements(proof->votes);
    slice json;
    size_t count = 0;
    while (json_element_next(&elements, &json)) {
        if (++count > CHARTER_MEMBERS_MAX)
            return err_format(work->arena, ERR_LIMIT, "a proof has at most %d votes", CHARTER_MEMBERS_MAX);
        TRY(vote_take(work, proof, json));
    }
    return OK;
}

/* ---- The proof ---- */

/* The group that it is about; made where it founds one in which we are to be a member. */
static struct err row_for(struct work *work, struct proof *proof, slice group)
{
    int64_t number;
    slice own;
    struct err err = store_group_find(work->db, group, work->arena, &proof->row);
    TRY(share_own_node(work->db, work->arena, &own));
    if (err.kind == ERR_MISSING && !share_charter_has(&proof->after, own))
        return err_make(ERR_DENIED, "the group is not known here, and we are no member of it");
    if (err.kind == ERR_MISSING) {
        TRY(store_group_add(work, &(struct group){.id = group, .name = proof->after.name}, &number));
        return store_group_hold(work, number, &proof->row);
    }
    TRY(err);
    return store_group_hold(work, proof->row.number, &proof->row);
}

static struct err letter_to(struct work *work, const struct group *row, int64_t partner, const char *type)
{
    const struct letter letter = {
            .partner = partner, .type = slice_of(type), .about = row->id, .version = row->version, .body = S("{}")};
    return store_letter_add(work, &letter);
}

/* Who brings less than we have gets the rest; that ends when both have the same. */
static struct err give_back(struct work *work, const struct proof *proof, int64_t partner)
{
    struct group_proposal there;
    struct group_vote *votes;
    size_t count;
    TRY(store_vote_list(work->db, proof->proposal.id, work->arena, &votes, &count));
    if (count <= proof->known_votes)
        return OK;
    TRY(store_proposal_get(work->db, proof->proposal.id, work->arena, &there));
    return group_proof_send(work, &proof->row, &there, partner);
}

/* Voting is over by our own clock, whatever the statements say of theirs, or another proposal was carried: only what
 * decides is still taken. */
static struct err in_time(struct work *work, const struct proof *proof)
{
    struct group_proposal there;
    bool decided = proof->base < proof->row.version;
    if (!proof->fresh || (proof->ends_us > work->now_us && !decided))
        return OK;
    TRY(store_proposal_get(work->db, proof->proposal.id, work->arena, &there));
    if (there.state == PROPOSAL_CARRIED)
        return OK;
    return decided ? err_format(work->arena, ERR_CONFLICT, "version %lld was decided by another proposal",
                             (long long)proof->base + 1)
                   : err_make(ERR_CONFLICT, "the vote is over, and was not carried by what came in time");
}

static struct err take_proof(struct work *work, const struct partner *partner, const struct share_letter *letter)
{
    struct proof proof = {.votes = json_get(letter->body, S("votes"))};
    TRY(inner_read(work, json_get(letter->body, S("proposal")), "group.propose", letter->agreement, &proof.proposal));
    TRY(share_charter_read(json_get(proof.proposal.body, S("terms")), work->arena, &proof.after));
    proof.base = proof.after.version - 1;
    proof.founds = proof.base == 0;
    if (proof.after.version != proof.proposal.agreement_version)
        return err_make(ERR_INPUT, "group.propose: the terms have another version than the statement");
    TRY(row_for(work, &proof, letter->agreement));
    if (proof.base > proof.row.version)
        return letter_to(work, &proof.row, partner->number, "group.ask");
    bool there;
    TRY(group_charter(work->db, &proof.row, proof.base, work->arena, &proof.before, &there));
    TRY(proposal_check(work, &proof));
    TRY(proposal_put(work, &proof));
    TRY(votes_take(work, &proof));
    if (proof.fresh)
        TRY(group_decide(work, &proof.row, proof.base));
    TRY(in_time(work, &proof));
    return give_back(work, &proof, partner->number);
}

/* ---- Questions, and leaving ---- */

static struct err take_ask(struct work *work, const struct partner *partner, const struct share_letter *letter)
{
    struct group row;
    struct group_version *versions;
    struct group_proposal proposal;
    size_t count;
    TRY(store_group_find(work->db, letter->agreement, work->arena, &row));
    TRY(store_group_version_list(
            work->db, row.number, letter->agreement_version, CATCH_UP_MAX, work->arena, &versions, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(store_proposal_get(work->db, versions[i].proposal, work->arena, &proposal));
        TRY(group_proof_send(work, &row, &proposal, partner->number));
    }
    struct group_proposal *open;
    TRY(store_proposal_list(work->db, row.number, row.version, work->arena, &open, &count));
    for (size_t i = 0; i < count; i++)
        TRY(group_proof_send(work, &row, &open[i], partner->number));
    return OK;
}

static struct err take_leave(struct work *work, const struct partner *partner, const struct share_letter *letter)
{
    struct group row;
    bool fresh;
    TRY(store_group_find(work->db, letter->agreement, work->arena, &row));
    TRY(store_group_hold(work, row.number, &row));
    TRY(store_group_left_put(work, row.number, partner->node, letter->text, &fresh));
    if (!fresh)
        return OK;
    TRY(group_members(work, &row));
    return group_tell(work, "group.left", &row, partner->node);
}

/* ---- The table ---- */

static const struct kind {
    const char *type;
    const char *members; /* of the body */
    struct err (*take)(struct work *work, const struct partner *partner, const struct share_letter *letter);
} kinds[] = {
        {"group.proof", "proposal votes", take_proof},
        {"group.ask", "", take_ask},
        {"group.leave", "", take_leave},
};

/* Who asks or leaves has to be, or have been, of the group; whoever brings a proof proves it by what is in it. */
static struct err member_check(struct work *work, const struct partner *partner, const struct share_letter *letter)
{
    struct group row;
    struct share_charter latest;
    bool there;
    struct err err = store_group_find(work->db, letter->agreement, work->arena, &row);
    if (err.kind == ERR_NONE)
        err = group_charter(work->db, &row, row.version, work->arena, &latest, &there);
    if (err.kind == ERR_MISSING || (err.kind == ERR_NONE && (!there || !share_charter_has(&latest, partner->node))))
        return err_make(ERR_DENIED, "there is no such group with this partner");
    return err;
}

struct err share_group_take(struct work *work, int64_t number, const struct share_letter *letter)
{
    struct partner partner;
    TRY(store_partner_get(work->db, number, work->now_us, work->arena, &partner));
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (!slice_eq(letter->type, slice_of(kinds[i].type)))
            continue;
        TRY(share_body_only(letter->body, kinds[i].members, work->arena));
        if (kinds[i].take != take_proof)
            TRY(member_check(work, &partner, letter));
        return kinds[i].take(work, &partner, letter);
    }
    return err_format(work->arena, ERR_INPUT, "nobody here understands statements of type %.*s", (int)letter->type.len,
            letter->type.ptr);
}
