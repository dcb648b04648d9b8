/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one person proposed and waits for another: the list, and one of them with every word of what would be done. Who
 * agrees sends along the digest of what the page showed, so nobody agrees to anything else.
 */
#include "share/approve.h"

#include "base/arena.h"
#include "base/clock.h"
#include "web/page.h"
#include "web/pages.h"
#include "web/shared.h"
#include "web/terms.h"
#include "json/read.h"

#define ROWS 25
#define ROW_BYTES 700
#define DETAIL_SHOWN (14u << 10) /* what is longer cannot be agreed to here: nobody would have read all of it */

/* What would be done, and what follows from it; who may is the verb's to say (share/approve.c has the same names). */
static const struct {
    const char *act, *text, *then;
    enum verb verb;
} acts[] = {
        {"agreement.accept", W_C("Accept terms that a partner offered"), W_C("The node signs them, and they hold."),
                VERB_AGREE},
        {"agreement.offer", W_C("Offer terms to a partner"), W_C("The node signs them and sends them."), VERB_AGREE},
        {"agreement.resume", W_C("Resume an agreement"), W_C("What it allows leaves again."), VERB_AGREE},
        {"agreement.end", W_C("End an agreement"), W_C("Nothing leaves under it any more."), VERB_STOP_SHARING},
        {"agreement.refuse", W_C("Refuse terms"), W_C("They will not hold."), VERB_STOP_SHARING},
        {"agreement.suspend", W_C("Suspend an agreement"), W_C("Nothing leaves under it."), VERB_STOP_SHARING},
        {"consent.answer", W_C("Let a partner pass on an object of ours"), W_C("The partner is told yes."),
                VERB_RELEASE},
        {"group.accept", W_C("Accept what a sharing group decided"), W_C("Its new terms hold here."), VERB_AGREE},
        {"group.leave", W_C("Leave a sharing group"), W_C("Nothing leaves for its sake any more."), VERB_STOP_SHARING},
        {"group.propose", W_C("Propose terms to a sharing group"),
                W_C("The node signs the proposal, with our vote for it."), VERB_AGREE},
        {"group.vote", W_C("Vote in a sharing group"), W_C("The node signs our vote."), VERB_AGREE},
        {"ledger.clear", W_C("Let a log go on after an alarm"), W_C("It is checked whole, then signed again."),
                VERB_CHANGE_KEYS},
        {"ledger.erase", W_C("Erase a field of the ledger"), W_C("It can never be read again; that it was erased can."),
                VERB_CHANGE_KEYS},
        {"ledger.forgive", W_C("Let sharing go on with a partner whose log had two faces"),
                W_C("Releases to it go on; the proof stays."), VERB_RELEASE},
        {"ledger.renew", W_C("Let a log go on under a new origin"),
                W_C("It does not wait for its partner any longer; what was lost stays a gap."), VERB_CHANGE_KEYS},
        {"organisation.add", W_C("Add an organisation"), W_C("The node knows it from then on."),
                VERB_CHANGE_ORGANISATIONS},
        {"organisation.change", W_C("Change an organisation"), W_C("What is said of it holds at once."),
                VERB_CHANGE_ORGANISATIONS},
        {"organisation.rename", W_C("Give an organisation another name"), W_C("It is found by its old name, too."),
                VERB_CHANGE_ORGANISATIONS},
        {"organisation.state", W_C("Activate, suspend or close an organisation"),
                W_C("When it is closed, nothing is theirs any more, and nobody there is told anything."),
                VERB_CHANGE_ORGANISATIONS},
        {"release.answer", W_C("Let something leave that a question was asked about"),
                W_C("What it names leaves at once."), VERB_RELEASE},
        {"release.consent", W_C("Note a consent, or ask for one"),
                W_C("A paper holds at once; a question by hand tells the originator that you have a hit."),
                VERB_RELEASE},
        {"release.rule", W_C("A standing rule: let things leave without a question"),
                W_C("What it names leaves until it ends."), VERB_RELEASE},
        {"user.add", W_C("Add a user"), W_C("The link that was made for it works."), VERB_CHANGE_USERS},
        {"user.close", W_C("Close a user for good"), W_C("Nobody is let in as that user any more."), VERB_CHANGE_USERS},
        {"user.reset", W_C("A link for a new password"), W_C("The link that was made for it works."),
                VERB_CHANGE_USERS},
        {"user.roles", W_C("Change the roles of a user"), W_C("They hold at once."), VERB_CHANGE_USERS},
        {"user.unlock", W_C("Let a locked user in again"), W_C("The user may sign in."), VERB_CHANGE_USERS},
        {"warning.approve", W_C("Let a warning go out"), W_C("Whom it concerns is told at once."), VERB_WARN},
        {"warning.rule", W_C("A standing rule of warning"), W_C("What it covers goes out, or waits, as it says."),
                VERB_WARNING_RULES},
        {"warning.rule-end", W_C("End a standing rule of warning that holds back"),
                W_C("What it held back may go out by another rule."), VERB_WARNING_RULES},
        {"warning.sector", W_C("Name the team of a sector"),
                W_C("It hears of those in the sector who answer no warning, where the marking permits it."),
                VERB_WARNING_RULES},
        {"warning.withdraw", W_C("Withdraw a warning"), W_C("Whoever was told of it gets a correction."), VERB_WARN},
};

static size_t act_at(slice act)
{
    size_t at = 0;
    while (at < COUNT_OF(acts) && !slice_eq(act, slice_of(acts[at].act)))
        at++;
    return at;
}

/* For all, not for the own organisation only. */
static bool may_act(const struct ask *ask, enum verb verb)
{
    bool second;
    return !ask->who.half && store_right_check(&ask->who.actor, verb, 0, ask->arena, &second).kind == ERR_NONE;
}

/* Who sees all of sharing sees all that waits; anybody else, what he could agree to. */
static bool is_shown(const struct ask *ask, const struct approval *row)
{
    size_t at = act_at(row->act);
    return outside_may(ask, VERB_READ_SHARING) || (at < COUNT_OF(acts) && may_act(ask, acts[at].verb));
}

static bool sees_any(const struct ask *ask)
{
    bool any = outside_may(ask, VERB_READ_SHARING);
    for (size_t i = 0; i < COUNT_OF(acts) && !any; i++)
        any = may_act(ask, acts[i].verb);
    return any;
}

/* Whether who asks could be the second person. */
static bool may_decide(const struct ask *ask, const struct approval *row)
{
    size_t at = act_at(row->act);
    return row->state == APPROVAL_OPEN && row->proposer != ask->who.actor.user &&
           (at == COUNT_OF(acts) || may_act(ask, acts[at].verb));
}

/* Pages of what things are about. */
static const struct {
    const char *prefix, *path;
} subjects[] = {{"agreement/", "/agreements/"}, {"partner/", "/partners/"}, {"ask/", "/asks#ask-"},
        {"request/", "/asks#request-"}, {"organisation/", "/organisations/"}, {"warning/", "/warnings/"}};

static void write_path(struct ask *ask, slice subject)
{
    json_write_key(&ask->json, S("path"));
    for (size_t i = 0; i < COUNT_OF(subjects); i++) {
        uint64_t number;
        slice prefix = slice_of(subjects[i].prefix);
        if (slice_starts(subject, prefix) && slice_u64(slice_from(subject, prefix.len), INT64_MAX, &number) &&
                number > 0) {
            json_write_text(&ask->json, slice_of(outside_path(ask, subjects[i].path, (int64_t)number, "")));
            return;
        }
    }
    json_write_null(&ask->json);
}

static void write_facts(struct ask *ask, struct outside *outside, const struct approval *row)
{
    size_t at = act_at(row->act);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)row->number);
    json_write_key_text(&ask->json, S("act"), row->act);
    json_write_key_text(&ask->json, S("text"), at < COUNT_OF(acts) ? ask_text(ask, slice_of(acts[at].text)) : row->act);
    json_write_key_text(&ask->json, S("then"), at < COUNT_OF(acts) ? ask_text(ask, slice_of(acts[at].then)) : S(""));
    outside_write(outside, S("subject"), row->subject, OUTSIDE_NAME);
    write_path(ask, row->subject);
    shared_approval_state(ask, row->state);
    outside_write(outside, S("reason"), row->reason, SHARED_REASON_MAX);
    outside_write(outside, S("proposed_by"), row->proposed_by, OUTSIDE_NAME);
    page_moment(ask, S("proposed"), row->proposed_us);
    page_moment(ask, S("expires"), row->state == APPROVAL_OPEN ? row->expires_us : TIME_NONE);
    outside_write(outside, S("decided_by"), row->decided_by, OUTSIDE_NAME);
    page_moment(ask, S("decided"), row->decided_us);
    page_flag(ask, S("may_decide"), may_decide(ask, row));
    page_flag(ask, S("is_own"), row->state == APPROVAL_OPEN && row->proposer == ask->who.actor.user);
}

/* ---- The list ---- */

struct err web_approvals(struct ask *ask)
{
    struct approval *rows;
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    uint64_t after;
    size_t count;
    bool all = slice_eq(ask_query(ask, S("all")), S("yes"));
    if (!sees_any(ask))
        TRY(outside_need(ask, VERB_READ_SHARING));
    TRY(ask_number(ask, S("after"), INT64_MAX, 0, &after));
    TRY((all ? store_approval_list : store_approval_open)(ask->db, (int64_t)after, ROWS, ask->arena, &rows, &count));
    page_title(ask, ask_text(ask, W("Approvals")));
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    size_t shown = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_shown(ask, &rows[i]))
            continue;
        json_write_object(&ask->json);
        write_facts(ask, &outside, &rows[i]);
        json_write_end(&ask->json);
        shown++;
    }
    json_write_end(&ask->json);
    page_flag(ask, S("empty"), shown == 0);
    page_flag(ask, S("all"), all);
    page_more(ask, count == ROWS ? rows[count - 1].number : 0);
    return OK;
}

/* ---- One ---- */

/* Terms in words, where it is about any; their bytes stand below all the same. */
static void write_terms(struct ask *ask, const struct approval *row)
{
    struct terms_point points[TERMS_POINTS_MAX];
    size_t count = 0;
    slice terms = json_get(row->detail, S("terms"));
    bool agreement = slice_starts(row->act, S("agreement.")), group = slice_starts(row->act, S("group."));
    bool release = slice_eq(row->act, S("release.rule")) || slice_eq(row->act, S("release.consent"));
    struct err err = OK;
    if (release)
        err = terms_release_points(ask, row->detail, points, &count);
    else if (json_kind(terms) == JSON_OBJECT && (agreement || group))
        err = (agreement ? terms_points : terms_charter_points)(ask, terms, points, &count);
    count = err.kind == ERR_NONE ? count : 0; /* what cannot be read stands below in full */
    terms_write(ask, S("terms"), points, NULL, count);
    page_flag(ask, S("any_term"), count > 0);
}

static struct err write_page(struct ask *ask, const struct approval *row)
{
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE), detail = outside_begin(ask, 2 * DETAIL_SHOWN);
    const struct sha256 digest = share_approval_digest(row);
    size_t at = act_at(row->act);
    bool cut = row->detail.len > DETAIL_SHOWN;
    page_title(ask, at < COUNT_OF(acts) ? ask_text(ask, slice_of(acts[at].text)) : row->act);
    write_facts(ask, &outside, row);
    outside_write(&outside, S("why"), row->why, SHARED_REASON_MAX);
    json_write_key_hex(&ask->json, S("digest"), sha256_slice(&digest));
    write_terms(ask, row);
    json_write_key_text(&ask->json, S("detail"), outside_text(&detail, row->detail, DETAIL_SHOWN, &cut));
    page_flag(ask, S("cut"), cut);
    return OK;
}

static struct err approval_of(struct ask *ask, struct approval *row)
{
    int64_t number;
    if (!sees_any(ask))
        TRY(outside_need(ask, VERB_READ_SHARING));
    TRY(ask_part_number(ask, 0, &number));
    TRY(store_approval_get(ask->db, number, ask->arena, row));
    return is_shown(ask, row) ? OK : err_make(ERR_MISSING, "there is no such approval");
}

struct err web_approval(struct ask *ask)
{
    struct approval row;
    TRY(approval_of(ask, &row));
    return write_page(ask, &row);
}

/* Whether what was sent along is the digest of what is stored: then it is what the person saw. */
static bool was_shown(const struct ask *ask, const struct sha256 *digest)
{
    return slice_eq(ask_form(ask, S("digest")), arena_hex(ask->arena, sha256_slice(digest)));
}

struct err web_approval_decide(struct ask *ask)
{
    struct approval row;
    slice reason = S(""), answer = ask_form(ask, S("answer"));
    bool agrees = slice_eq(answer, S("agree"));
    TRY(approval_of(ask, &row));
    if (!agrees && !slice_eq(answer, S("refuse")))
        return err_make(ERR_INPUT, "answer: agree or refuse");
    const struct sha256 shown = share_approval_digest(&row);
    struct err err = agrees ? OK : shared_reason(ask, &reason);
    if (agrees && !was_shown(ask, &shown))
        err = err_make(ERR_CONFLICT, W_C("look at what is proposed, and agree from its page"));
    if (err.kind == ERR_NONE)
        err = agrees ? share_approve(ask->db, &ask->who.actor, row.number, &shown, ask->arena)
                     : share_refuse(ask->db, &ask->who.actor, row.number, reason, ask->arena);
    const struct shared_form form = {
            "/approvals", agrees ? "agreed" : "refused", agrees ? NULL : "reason", NULL, web_approval};
    return shared_end(ask, &form, err);
}
