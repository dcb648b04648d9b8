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
#include "web/subject.h"
#include "web/terms.h"
#include "json/read.h"

#define ROWS 25
#define ROW_BYTES 700
#define DETAIL_SHOWN (14u << 10) /* what is longer cannot be agreed to here: nobody would have read all of it */

static bool sees_any(const struct ask *ask)
{
    const struct share_act *act;
    bool any = outside_may(ask, VERB_READ_SHARING);
    for (size_t at = 0; !any && (act = share_act_at(at)) != NULL; at++)
        any = shared_may_act(ask, act->verb);
    return any;
}

static void write_facts(struct ask *ask, struct outside *outside, const struct approval *row)
{
    const struct share_act *act = share_act_find(row->act);
    json_write_key_u64(&ask->json, S("number"), (uint64_t)row->number);
    json_write_key_text(&ask->json, S("act"), row->act);
    json_write_key_text(&ask->json, S("text"), act != NULL ? ask_text(ask, slice_of(act->text)) : row->act);
    json_write_key_text(&ask->json, S("then"), act != NULL ? ask_text(ask, slice_of(act->then)) : S(""));
    outside_write(outside, S("subject"), row->subject, OUTSIDE_NAME);
    subject_path(ask, row->subject);
    shared_approval_state(ask, row->state);
    outside_write(outside, S("reason"), row->reason, SHARED_REASON_MAX);
    outside_write(outside, S("proposed_by"), row->proposed_by, OUTSIDE_NAME);
    page_moment(ask, S("proposed"), row->proposed_us);
    page_moment(ask, S("expires"), row->state == APPROVAL_OPEN ? row->expires_us : TIME_NONE);
    outside_write(outside, S("decided_by"), row->decided_by, OUTSIDE_NAME);
    page_moment(ask, S("decided"), row->decided_us);
    page_flag(ask, S("may_decide"), row->state == APPROVAL_OPEN && shared_may_decide(ask, row));
    page_flag(ask, S("emergency"), row->state == APPROVAL_EMERGENCY);
    page_flag(ask, S("may_see"), row->state == APPROVAL_EMERGENCY && shared_may_decide(ask, row));
    page_flag(ask, S("is_own"), row->state == APPROVAL_OPEN && row->proposer == ask->who.actor.user);
}

/* ---- The list ---- */

static void write_rows(struct ask *ask, struct outside *outside, const struct approval *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_write_object(&ask->json);
        write_facts(ask, outside, &rows[i]);
        json_write_end(&ask->json);
    }
}

struct err web_approvals(struct ask *ask)
{
    struct approval *rows, *unseen = NULL;
    struct outside outside = outside_begin(ask, OUTSIDE_PAGE);
    uint64_t after;
    size_t count, unseen_count = 0;
    bool all = slice_eq(ask_query(ask, S("all")), S("yes"));
    if (!sees_any(ask))
        TRY(outside_need(ask, VERB_READ_SHARING));
    TRY(ask_number(ask, S("after"), INT64_MAX, 0, &after));
    TRY((all ? store_approval_list : store_approval_open)(ask->db, (int64_t)after, ROWS, ask->arena, &rows, &count));
    if (!all && after == 0)
        TRY(store_approval_unseen(ask->db, 0, ROWS, ask->arena, &unseen, &unseen_count));
    int64_t last = count == ROWS ? rows[count - 1].number : 0;
    TRY(share_approvals_sift(ask->db, &ask->who.actor, unseen, ask->arena, &unseen_count));
    TRY(share_approvals_sift(ask->db, &ask->who.actor, rows, ask->arena, &count));
    page_title(ask, ask_text(ask, W("Approvals")));
    json_write_key(&ask->json, S("rows"));
    json_write_array(&ask->json);
    write_rows(ask, &outside, unseen, unseen_count);
    write_rows(ask, &outside, rows, count);
    json_write_end(&ask->json);
    page_flag(ask, S("empty"), unseen_count + count == 0);
    page_flag(ask, S("all"), all);
    page_more(ask, last);
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
    const struct share_act *act = share_act_find(row->act);
    bool cut = row->detail.len > DETAIL_SHOWN;
    page_title(ask, act != NULL ? ask_text(ask, slice_of(act->text)) : row->act);
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
    return share_approval_get(ask->db, &ask->who.actor, number, ask->arena, row);
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

/* The answers of its form: each but a refusal goes with the digest of what the page showed. */
static const struct {
    const char *name, *done;
    bool reasoned;
    struct err (*verb)(
            struct db *db, const struct actor *actor, int64_t number, const struct sha256 *shown, struct arena *arena);
} answers[] = {
        {"agree", "agreed", false, share_approve},
        {"seen", "seen", false, share_emergency_see},
        {"refuse", "refused", true, NULL},
};

static struct err answer_is(const struct ask *ask, size_t *at)
{
    slice answer = ask_form(ask, S("answer"));
    for (*at = 0; *at < COUNT_OF(answers); ++*at)
        if (slice_eq(answer, slice_of(answers[*at].name)))
            return OK;
    return err_make(ERR_INPUT, "answer: agree, refuse or seen");
}

static struct err decide(struct ask *ask, const struct approval *row, size_t at)
{
    const struct sha256 shown = share_approval_digest(row);
    slice reason;
    if (answers[at].reasoned) {
        TRY(shared_reason(ask, &reason));
        return share_refuse(ask->db, &ask->who.actor, row->number, reason, ask->arena);
    }
    if (!was_shown(ask, &shown))
        return err_make(ERR_CONFLICT, W_C("look at what is proposed, and agree from its page"));
    return answers[at].verb(ask->db, &ask->who.actor, row->number, &shown, ask->arena);
}

struct err web_approval_decide(struct ask *ask)
{
    struct approval row;
    size_t at;
    TRY(approval_of(ask, &row));
    TRY(answer_is(ask, &at));
    const struct shared_form form = {
            "/approvals", answers[at].done, answers[at].reasoned ? "reason" : NULL, NULL, web_approval};
    return shared_end(ask, &form, decide(ask, &row, at));
}
