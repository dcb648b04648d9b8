/* SPDX-License-Identifier: Apache-2.0 */
#include "share/approve.h"

#include "base/arena.h"
#include "share/agreement.h"
#include "share/book.h"
#include "share/consent.h"
#include "share/group.h"
#include "share/keys_act.h"
#include "share/split.h"
#include "store/user.h"
#include "json/write.h"

#define EXPIRED_AT_ONCE 200

/* Of this folder. */
static const struct share_act acts[] = {
        {"key.make", VERB_CHANGE_KEYS, share_keys_do_make, NULL, share_keys_about, "Certify keys of the node",
                "They sign for the node from then on.", "node, the certifications that the identity key signed"},
        {"key.rotate", VERB_CHANGE_KEYS, share_keys_do_rotate, NULL, share_keys_about,
                "Put another key of the node in the place of one", "Partners are told, and take both for a week.",
                "node, the old key, what partners are told, the certification"},
        {"key.revoke", VERB_CHANGE_KEYS, share_keys_do_revoke, NULL, share_keys_about, "Revoke a key of the node",
                "Nothing that it signs is good any more; another takes its place.",
                "node, the old key, what partners are told, the certification"},
        {"key.identity", VERB_CHANGE_KEYS, share_keys_do_identity, NULL, share_keys_about,
                "Make all keys of the node anew", "No old key is good any more; partners compare fingerprints again.",
                "node, what partners are told, the certifications by the new identity key"},
        {"key.tls", VERB_CHANGE_KEYS, share_keys_do_tls, NULL, share_keys_about,
                "Certify the key of the server's certificate", "Partners take no other from this host.",
                "node, the certification"},
        {"ledger.clear", VERB_MEND_LEDGER, share_ledger_clear, NULL, NULL, "Let a log go on after an alarm",
                "It is checked whole, then signed again.", "log/ID or clock, why"},
        {"ledger.erase", VERB_MEND_LEDGER, share_ledger_erase, NULL, NULL, "Erase a field of the ledger",
                "It can never be read again; that it was erased can.", "the entry and the field"},
        {"ledger.renew", VERB_MEND_LEDGER, share_ledger_renew, NULL, NULL, "Let a log go on under a new origin",
                "It does not wait for its partner any longer; what was lost stays a gap.", "log/ID, why"},
        {"ledger.forgive", VERB_RELEASE, share_split_clear, NULL, NULL,
                "Let sharing go on with a partner whose log had two faces", "Releases to it go on; the proof stays.",
                "partner/N, why"},
        {"agreement.offer", VERB_AGREE, share_agreement_do_offer, NULL, NULL, "Offer terms to a partner",
                "The node signs them and sends them.", "agreement/N, the terms"},
        {"agreement.accept", VERB_AGREE, share_agreement_do_accept, NULL, NULL, "Accept terms that a partner offered",
                "The node signs them, and they hold.", "agreement/N, the terms"},
        {"agreement.refuse", VERB_STOP_SHARING, share_agreement_do_refuse, NULL, NULL, "Refuse terms",
                "They will not hold.", "agreement/N, why"},
        {"agreement.suspend", VERB_STOP_SHARING, share_agreement_do_suspend, NULL, NULL, "Suspend an agreement",
                "Nothing leaves under it.", "agreement/N, why"},
        {"agreement.resume", VERB_AGREE, share_agreement_do_resume, NULL, NULL, "Resume an agreement",
                "What it allows leaves again.", "agreement/N, why"},
        {"agreement.end", VERB_STOP_SHARING, share_agreement_do_end, NULL, NULL, "End an agreement",
                "Nothing leaves under it any more.", "agreement/N, why"},
        {"group.propose", VERB_AGREE, share_group_do_propose, NULL, NULL, "Propose terms to a sharing group",
                "The node signs the proposal, with our vote for it.", "the group, its terms"},
        {"group.vote", VERB_AGREE, share_group_do_vote, NULL, NULL, "Vote in a sharing group",
                "The node signs our vote.", "the proposal, our vote"},
        {"group.accept", VERB_AGREE, share_group_do_accept, NULL, NULL, "Accept what a sharing group decided",
                "Its new terms hold here.", "the group, its version"},
        {"group.leave", VERB_STOP_SHARING, share_group_do_leave, NULL, NULL, "Leave a sharing group",
                "Nothing leaves for its sake any more.", "the group, why"},
        {"release.answer", VERB_RELEASE, share_ask_run, NULL, NULL,
                "Let something leave that a question was asked about", "What it names leaves at once.",
                "the question, yes, the list of objects by count and digest"},
        {"release.rule", VERB_RELEASE, share_rule_run, NULL, NULL,
                "A standing rule: let things leave without a question", "What it names leaves until it ends.",
                "partner/N, what may leave"},
        {"release.consent", VERB_RELEASE, share_consent_run, NULL, NULL, "Note a consent, or ask for one",
                "A paper holds at once; a question by hand tells the originator that you have a hit.",
                "the object, the consent"},
        {"consent.answer", VERB_RELEASE, share_consent_reply_run, NULL, NULL, "Let a partner pass on an object of ours",
                "The partner is told yes.", "consent/N, our answer"},
};

static struct {
    const struct share_act *rows;
    size_t count;
    struct err (*reach)(struct db *db, const struct actor *actor, enum verb verb, slice subject, struct arena *arena);
    struct err (*emergency)(struct work *work, const struct approval *approval);
} above;

void share_acts_set(const struct share_act *others, size_t count)
{
    above.rows = others;
    above.count = count;
}

void share_reach_set(struct err (*reach)(
        struct db *db, const struct actor *actor, enum verb verb, slice subject, struct arena *arena))
{
    above.reach = reach;
}

void share_emergency_set(struct err (*tell)(struct work *work, const struct approval *approval))
{
    above.emergency = tell;
}

const struct share_act *share_act_at(size_t at)
{
    const size_t own = COUNT_OF(acts);
    if (at < own)
        return &acts[at];
    return at - own < above.count ? &above.rows[at - own] : NULL;
}

const struct share_act *share_act_find(slice name)
{
    const struct share_act *act;
    size_t at = 0;
    while ((act = share_act_at(at)) != NULL && !slice_eq(name, slice_of(act->name)))
        at++;
    return act;
}

static struct err act_get(slice name, struct arena *arena, const struct share_act **act)
{
    *act = share_act_find(name);
    return *act != NULL ? OK
                        : err_format(arena, ERR_MISSING, "this program knows no act \"%.*s\"", (int)name.len, name.ptr);
}

static struct err may(const struct share_act *act, struct db *db, const struct actor *actor, slice subject,
        slice detail, struct arena *arena, bool *second)
{
    return act->may != NULL ? act->may(db, actor, subject, detail, arena, second)
                            : store_right_check(actor, act->verb, 0, arena, second);
}

static struct err reach(struct db *db, const struct actor *actor, enum verb verb, slice subject, struct arena *arena)
{
    return above.reach != NULL ? above.reach(db, actor, verb, subject, arena) : OK;
}

/* The sentence of an error may belong to the connection. */
static struct err kept(struct err err, struct arena *arena)
{
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    return err;
}

/* ---- For whom it is there ---- */

static bool is_let_see(struct db *db, const struct actor *actor, const struct approval *row,
        const struct share_act *act, struct arena *arena)
{
    bool second;
    return store_right_check(actor, VERB_READ_SHARING, 0, arena, NULL).kind == ERR_NONE ||
           (act != NULL && may(act, db, actor, row->subject, row->detail, arena, &second).kind == ERR_NONE);
}

struct err share_approval_seen(
        struct db *db, const struct actor *actor, const struct approval *approval, struct arena *arena, bool *seen)
{
    const struct share_act *act = share_act_find(approval->act);
    *seen = false;
    if (!is_let_see(db, actor, approval, act, arena))
        return OK;
    struct err err = reach(db, actor, act != NULL ? act->verb : VERB_READ_INCIDENTS, approval->subject, arena);
    *seen = err.kind == ERR_NONE;
    return err.kind == ERR_MISSING ? OK : err;
}

struct err share_approval_get(
        struct db *db, const struct actor *actor, int64_t number, struct arena *arena, struct approval *approval)
{
    bool seen;
    TRY(store_approval_get(db, number, arena, approval));
    TRY(share_approval_seen(db, actor, approval, arena, &seen));
    return seen ? OK : err_make(ERR_MISSING, "there is no such approval");
}

struct err share_approvals_sift(
        struct db *db, const struct actor *actor, struct approval *rows, struct arena *arena, size_t *count)
{
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        bool seen;
        TRY(share_approval_seen(db, actor, &rows[i], arena, &seen));
        if (seen)
            rows[kept++] = rows[i];
    }
    *count = kept;
    return OK;
}

/* ---- The journal ---- */

static slice digest_text(const struct approval *approval, struct arena *arena)
{
    struct sha256 digest = share_approval_digest(approval);
    return arena_hex(arena, sha256_slice(&digest));
}

/* What is to be done is named by its digest; the row of the table has it in full. */
static struct err tell(struct work *work, const char *act, const struct approval *approval, slice why)
{
    struct buf detail = buf_make(WORK_DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_text(&w, S("act"), approval->act);
    json_write_key_text(&w, S("subject"), approval->subject);
    json_write_key_text(&w, S("digest"), digest_text(approval, work->arena));
    json_write_key_text(&w, S("proposed_by"), approval->proposed_by);
    json_write_key_text(&w, S("reason"), approval->reason);
    if (why.len > 0)
        json_write_key_text(&w, S("why"), why);
    json_write_end(&w);
    struct err err = buf_check(&detail);
    if (err.kind == ERR_NONE)
        err = store_work_news(work, act,
                slice_of(arena_printf(work->arena, "approval/%lld", (long long)approval->number)), buf_slice(&detail));
    buf_free(&detail);
    return err;
}

struct sha256 share_approval_digest(const struct approval *approval)
{
    struct buf text = buf_make(2u * APPROVAL_DETAIL_MAX + 16u * STORE_TEXT_MAX);
    struct json_writer w = json_writer(&text);
    struct sha256 detail = hash_sha256(approval->detail);
    json_write_array(&w);
    json_write_i64(&w, approval->number);
    json_write_text(&w, approval->act);
    json_write_text(&w, approval->subject);
    json_write_text(&w, approval->reason);
    json_write_i64(&w, approval->proposer);
    json_write_text(&w, approval->proposed_by);
    json_write_i64(&w, approval->proposed_us);
    json_write_i64(&w, approval->expires_us);
    json_write_end(&w);
    buf_put(&text, sha256_slice(&detail));
    struct sha256 digest = hash_sha256(buf_slice(&text));
    buf_free(&text);
    return digest;
}

/* ---- Proposing ---- */

struct proposing {
    const struct share_act *act;
    struct approval put;
    bool alone, emergency;
    int64_t number;
};

static struct err about(struct work *work, const struct share_act *act, slice subject, slice detail, slice *digest)
{
    slice state;
    *digest = S("");
    if (act->about == NULL)
        return OK;
    TRY(act->about(work, subject, detail, &state));
    struct sha256 hash = hash_sha256(state);
    *digest = arena_hex(work->arena, sha256_slice(&hash));
    return OK;
}

static struct err propose(struct work *work, void *context)
{
    struct proposing *proposing = context;
    struct approval row = proposing->put;
    if (proposing->alone && !proposing->emergency)
        return proposing->act->run(work, row.subject, row.detail);
    TRY(about(work, proposing->act, row.subject, row.detail, &row.about));
    row.state = proposing->emergency ? APPROVAL_EMERGENCY : APPROVAL_OPEN;
    row.proposer = work->actor->user;
    row.proposed_by = work->actor->name;
    row.proposed_us = work->now_us;
    row.expires_us = work->now_us + SHARE_APPROVAL_US;
    TRY(store_approval_add(work, &row, &row.number));
    proposing->number = row.number;
    if (!proposing->emergency)
        return tell(work, "approval.proposed", &row, S(""));
    TRY(proposing->act->run(work, row.subject, row.detail));
    TRY(tell(work, "approval.emergency", &row, S("")));
    return above.emergency != NULL ? above.emergency(work, &row) : OK;
}

/* An emergency is only what would have had to wait. */
static struct err may_at_once(
        struct db *db, const struct actor *actor, struct proposing *proposing, struct arena *arena)
{
    const struct approval *put = &proposing->put;
    struct actor calm = *actor;
    bool second, waits = false;
    TRY(may(proposing->act, db, actor, put->subject, put->detail, arena, &second));
    TRY(reach(db, actor, proposing->act->verb, put->subject, arena));
    calm.emergency = false;
    if (actor->emergency && !second)
        TRY(may(proposing->act, db, &calm, put->subject, put->detail, arena, &waits));
    proposing->alone = !second;
    proposing->emergency = waits;
    return OK;
}

struct err share_propose(struct db *db, const struct actor *actor, const char *act, slice subject, slice detail,
        slice reason, struct arena *arena, struct share_proposal *proposal)
{
    struct proposing proposing = {
            .put = {.act = slice_of(act), .subject = subject, .detail = detail, .reason = reason}};
    TRY(act_get(proposing.put.act, arena, &proposing.act));
    TRY(kept(may_at_once(db, actor, &proposing, arena), arena));
    TRY(kept(store_work(db, actor, arena, propose, &proposing), arena));
    *proposal = (struct share_proposal){.done = proposing.alone, .number = proposing.number};
    return OK;
}

struct err share_needs_second(struct db *db, const struct actor *actor, const char *act, slice subject, slice detail,
        struct arena *arena, bool *second)
{
    const struct share_act *row;
    TRY(act_get(slice_of(act), arena, &row));
    return kept(may(row, db, actor, subject, detail, arena, second), arena);
}

/* ---- The second person ---- */

struct deciding {
    int64_t number;
    const struct sha256 *shown;
    slice why;
    bool ran; /* it came to the act itself */
};

static bool is_proposer(const struct actor *actor, const struct approval *approval)
{
    return actor->user == approval->proposer;
}

static struct err open_check(struct work *work, const struct approval *approval)
{
    if (approval->state != APPROVAL_OPEN)
        return err_format(work->arena, ERR_CONFLICT, "approval %lld is %s", (long long)approval->number,
                store_approval_state_name(approval->state));
    return approval->expires_us > work->now_us
                   ? OK
                   : err_format(work->arena, ERR_CONFLICT, "approval %lld has expired", (long long)approval->number);
}

/* Who proposed it and has the right no longer, or is not let in any more, is no first person. Who does not see what it
 * is about any more was one all the same: what is restricted is handed to the second person so. */
static struct err proposer_check(struct work *work, const struct share_act *act, const struct approval *approval)
{
    struct user user;
    bool second;
    if (approval->proposer == 0)
        return OK;
    TRY(store_user_hold(work, approval->proposer, &user));
    if (user.state != USER_ACTIVE || user.suspended)
        return err_format(work->arena, ERR_DENIED, "%.*s, who proposed it, is not let in any more", (int)user.name.len,
                user.name.ptr);
    /* How sure we were who it is was asked for when it was proposed. */
    const struct actor proposer = {.organisation = user.organisation,
            .user = user.number,
            .name = user.name,
            .roles = user.roles,
            .how = ACTOR_CERTIFICATE};
    return may(act, work->db, &proposer, approval->subject, approval->detail, work->arena, &second);
}

static struct err shown_check(struct work *work, const struct approval *approval, const struct sha256 *shown)
{
    struct sha256 digest = share_approval_digest(approval);
    return shown == NULL || memcmp(shown->bytes, digest.bytes, sizeof digest.bytes) == 0
                   ? OK
                   : err_format(work->arena, ERR_CONFLICT,
                             "approval %lld is not what was shown: its digest is %s; look at it again",
                             (long long)approval->number, arena_cstr(work->arena, digest_text(approval, work->arena)));
}

static struct err about_check(struct work *work, const struct share_act *act, const struct approval *approval)
{
    slice now;
    TRY(about(work, act, approval->subject, approval->detail, &now));
    return slice_eq(now, approval->about)
                   ? OK
                   : err_format(work->arena, ERR_CONFLICT,
                             "%.*s was changed after this was proposed; look at it, and propose it anew",
                             (int)approval->subject.len, approval->subject.ptr);
}

/* Who administers a node may be the one who reads its keys: where somebody else could agree, the machine does not count
 * as another person than the one who proposed it. */
static struct err machine_check(struct work *work, const struct share_act *act, const struct approval *approval)
{
    struct actor machine = *work->actor;
    if (machine.how != ACTOR_MACHINE || approval->proposer == 0)
        return OK;
    TRY(store_user_sure(work->db, approval->proposer, &machine.others));
    return !store_right_waits(&machine, act->verb)
                   ? OK
                   : err_make(ERR_DENIED, "there is another person who could agree; the machine is the second one only "
                                          "while there is none");
}

/* The row is decided before the act runs: who comes at the same moment waits for it, and finds it decided. */
static struct err approve(struct work *work, void *context)
{
    struct deciding *deciding = context;
    struct approval approval;
    const struct share_act *act;
    bool second;
    deciding->ran = false;
    TRY(share_approval_get(work->db, work->actor, deciding->number, work->arena, &approval));
    TRY(act_get(approval.act, work->arena, &act));
    TRY(may(act, work->db, work->actor, approval.subject, approval.detail, work->arena, &second));
    TRY(open_check(work, &approval));
    TRY(shown_check(work, &approval, deciding->shown));
    if (is_proposer(work->actor, &approval))
        return err_make(ERR_DENIED, "who proposed it cannot be the second person, too");
    TRY(machine_check(work, act, &approval));
    TRY(proposer_check(work, act, &approval));
    TRY(store_approval_decide(work, approval.number, APPROVAL_DONE, S("")));
    deciding->ran = true;
    TRY(about_check(work, act, &approval));
    TRY(act->run(work, approval.subject, approval.detail));
    return tell(work, "approval.done", &approval, S(""));
}

static struct err fail(struct work *work, void *context)
{
    const struct deciding *deciding = context;
    struct approval approval;
    TRY(store_approval_get(work->db, deciding->number, work->arena, &approval));
    TRY(store_approval_decide(work, approval.number, APPROVAL_FAILED, deciding->why));
    return tell(work, "approval.failed", &approval, deciding->why);
}

/* What the machine or a link refused may go well another time; what is wrong with the act itself does not get better.
 */
static bool is_final(enum err_kind kind)
{
    return kind == ERR_INPUT || kind == ERR_MISSING || kind == ERR_CONFLICT || kind == ERR_DENIED;
}

struct err share_approve(
        struct db *db, const struct actor *actor, int64_t number, const struct sha256 *shown, struct arena *arena)
{
    struct deciding deciding = {.number = number, .shown = shown};
    struct err err = kept(store_work(db, actor, arena, approve, &deciding), arena);
    if (err.kind == ERR_NONE || !deciding.ran || !is_final(err.kind))
        return err;
    deciding.why = slice_of(err.why);
    TRY(kept(store_work(db, actor, arena, fail, &deciding), arena));
    return err;
}

static struct err see(struct work *work, void *context)
{
    const struct deciding *deciding = context;
    struct approval approval;
    const struct share_act *act;
    bool second;
    TRY(share_approval_get(work->db, work->actor, deciding->number, work->arena, &approval));
    TRY(act_get(approval.act, work->arena, &act));
    TRY(may(act, work->db, work->actor, approval.subject, approval.detail, work->arena, &second));
    TRY(shown_check(work, &approval, deciding->shown));
    if (is_proposer(work->actor, &approval))
        return err_make(ERR_DENIED, "who did it is not the one who has to see it: that is a person who signed in");
    TRY(store_approval_see(work, approval.number));
    return tell(work, "approval.seen", &approval, S(""));
}

struct err share_emergency_see(
        struct db *db, const struct actor *actor, int64_t number, const struct sha256 *shown, struct arena *arena)
{
    struct deciding deciding = {.number = number, .shown = shown};
    return kept(store_work(db, actor, arena, see, &deciding), arena);
}

static struct err refuse(struct work *work, void *context)
{
    const struct deciding *deciding = context;
    struct approval approval;
    const struct share_act *act;
    bool second;
    TRY(share_approval_get(work->db, work->actor, deciding->number, work->arena, &approval));
    TRY(act_get(approval.act, work->arena, &act));
    TRY(may(act, work->db, work->actor, approval.subject, approval.detail, work->arena, &second));
    TRY(open_check(work, &approval));
    TRY(store_approval_decide(work, approval.number, APPROVAL_REFUSED, deciding->why));
    return tell(work, "approval.refused", &approval, deciding->why);
}

struct err share_refuse(struct db *db, const struct actor *actor, int64_t number, slice why, struct arena *arena)
{
    struct deciding deciding = {.number = number, .why = why};
    TRY(store_text_check(arena, "reason", why, STORE_TEXT_MAX));
    return kept(store_work(db, actor, arena, refuse, &deciding), arena);
}

/* ---- Time ---- */

static struct err expire(struct work *work, void *context)
{
    struct approval *rows;
    size_t *count = context;
    TRY(store_approval_due(work->db, work->now_us, EXPIRED_AT_ONCE, work->arena, &rows, count));
    for (size_t i = 0; i < *count; i++) {
        TRY(store_approval_decide(work, rows[i].number, APPROVAL_EXPIRED, S("")));
        TRY(tell(work, "approval.expired", &rows[i], S("")));
    }
    return OK;
}

struct err share_approvals_expire(struct db *db, const struct actor *actor, struct arena *arena, size_t *count)
{
    return kept(store_work(db, actor, arena, expire, count), arena);
}
