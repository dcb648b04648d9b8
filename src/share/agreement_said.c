/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What partners say of agreements, and what time does to them. Each type of statement is a row: what its body may hold,
 * and what it does. Whatever does not fit what we know is refused with the reason, and changes nothing.
 */
#include "base/arena.h"
#include "share/agreement_hold.h"
#include "share/keys.h"
#include "share/post.h"
#include "json/read.h"

#define DUE_AT_ONCE 100

/* ---- Offers ---- */

struct offer {
    struct share_document document;
    slice previous; /* digest of the terms that it changes; empty: none */
};

static struct err offer_read(struct work *work, const struct share_letter *letter, struct offer *offer)
{
    TRY(share_document_read(json_get(letter->body, S("terms")), work->arena, &offer->document));
    offer->previous = json_text(json_get(letter->body, S("previous")), work->arena);
    if (offer->document.version != letter->agreement_version)
        return err_format(work->arena, ERR_INPUT, "the terms are version %lld, the statement is about version %lld",
                (long long)offer->document.version, (long long)letter->agreement_version);
    if (offer->document.terms.until_us <= work->now_us)
        return err_make(ERR_INPUT, "the terms have expired: \"until\" is past");
    return OK;
}

/* They are between the two of us, whoever of both stands first. */
static struct err parties_check(struct work *work, const struct share_document *document, slice their_node)
{
    slice own;
    TRY(share_own_node(work->db, work->arena, &own));
    const struct share_party *other = share_document_other(document, own);
    return other != NULL && slice_eq(other->node, their_node)
                   ? OK
                   : err_make(ERR_INPUT, "the parties of the terms are not their node and ours");
}

/* The agreement that the offer is about: the one of that id, or a new one where nothing waits. */
static struct err offered_for(
        struct work *work, int64_t partner, const struct share_letter *letter, struct agreement *row)
{
    int64_t number;
    struct err err = store_agreement_find(work->db, letter->agreement, work->arena, row);
    if (err.kind == ERR_NONE)
        return row->partner == partner ? store_agreement_hold(work, row->number, row)
                                       : err_make(ERR_DENIED, "there is no such agreement with this partner");
    if (err.kind != ERR_MISSING)
        return err;
    if (letter->agreement_version != 1)
        return err_make(ERR_DENIED, "there is no such agreement with this partner");
    const struct agreement put = {.id = letter->agreement, .partner = partner};
    TRY(store_agreement_add(work, &put, &number));
    return store_agreement_hold(work, number, row);
}

/*
 * Both may have offered the same version, or a first agreement, at once: then that of the node whose id is lower counts
 * and the other is replaced, which both find out by themselves.
 */
static struct err our_offer_yields(struct work *work, slice their_node, bool *yields)
{
    slice own;
    TRY(share_own_node(work->db, work->arena, &own));
    *yields = slice_order(their_node, own) < 0;
    return OK;
}

/* What of ours stands in the way of their first offer: a draft goes, an offer goes if theirs counts. */
static struct err make_way(struct work *work, const struct partner *partner, slice id)
{
    struct agreement ours;
    bool yields;
    struct err err = store_agreement_with(work->db, partner->number, work->arena, &ours);
    if (err.kind == ERR_MISSING || (err.kind == ERR_NONE && slice_eq(ours.id, id)))
        return OK;
    TRY(err);
    if (ours.state == AGREEMENT_ENDED)
        return OK;
    if (ours.version != 0)
        return err_make(ERR_CONFLICT, "there is an agreement between us already: it goes on by its next version");
    TRY(our_offer_yields(work, partner->node, &yields));
    if (ours.state == AGREEMENT_OFFERED && !yields)
        return err_make(ERR_CONFLICT, "we have offered an agreement ourselves, which counts: answer that");
    TRY(store_agreement_hold(work, ours.number, &ours));
    return agreement_end(work, &ours, work->now_us, S("the partner offered one"));
}

/* Whether it changes what holds here. */
static struct err base_check(struct work *work, const struct agreement *row, const struct offer *offer)
{
    slice previous = row->version == 0 ? S("") : agreement_digest(row->terms, work->arena);
    if (offer->document.version != row->version + 1)
        return err_format(work->arena, ERR_CONFLICT, "version %lld holds: the next one is %lld, not %lld",
                (long long)row->version, (long long)row->version + 1, (long long)offer->document.version);
    return slice_eq(offer->previous, previous)
                   ? OK
                   : err_make(ERR_CONFLICT, "the offer changes other terms than those that hold here");
}

/* Nothing of ours may wait there that counts: what narrows goes before what only waits. */
static struct err version_check(struct work *work, const struct agreement *row, const struct partner *partner,
        const struct offer *offer, bool narrow)
{
    struct agreement_version there;
    bool yields;
    struct err err = store_agreement_version_get(work->db, row->number, offer->document.version, work->arena, &there);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    TRY(our_offer_yields(work, partner->node, &yields));
    bool waits = there.stage == VERSION_SIGNED || (there.stage == VERSION_AGREED && there.theirs.len == 0);
    if (waits && !yields && !narrow)
        return err_make(ERR_CONFLICT, "we have offered that version ourselves, which counts: answer that");
    return there.stage == VERSION_AGREED && there.theirs.len > 0 && !narrow
                   ? err_make(ERR_CONFLICT, "we have accepted what you offered before")
                   : OK;
}

static struct err narrows(struct work *work, const struct agreement *row, const struct offer *offer, bool *narrow)
{
    struct share_document before;
    *narrow = false;
    if (row->version == 0)
        return OK;
    TRY(share_document_read(row->terms, work->arena, &before));
    *narrow = share_terms_narrow(&before, &offer->document);
    return OK;
}

/* What narrows holds at once, and only our signature under it is still to come. */
static struct err take_narrowing(struct work *work, struct agreement *row, struct agreement_version *version)
{
    slice digest = agreement_digest(version->terms, work->arena);
    const char *body = arena_printf(work->arena, "{\"terms\":\"%.*s\"}", (int)digest.len, digest.ptr);
    const struct letter letter = {.partner = row->partner,
            .type = S("agreement.accept"),
            .about = row->id,
            .version = version->version,
            .body = slice_of(body)};
    TRY(agreement_hold(work, row, version));
    return store_letter_add(work, &letter);
}

/* ---- Both narrow at once ---- */

/* Each holds its own version of that number: whether that is so, and theirs would have narrowed what held before. */
static struct err crosses(struct work *work, const struct agreement *row, const struct offer *offer, bool *crossed)
{
    struct agreement_version ours, before;
    struct share_document was;
    *crossed = false;
    if (row->version < 2 || offer->document.version != row->version)
        return OK;
    TRY(store_agreement_version_get(work->db, row->number, row->version, work->arena, &ours));
    TRY(store_agreement_version_get(work->db, row->number, row->version - 1, work->arena, &before));
    if (!ours.narrows || ours.ours.len == 0 || ours.theirs.len > 0 ||
            !slice_eq(offer->previous, agreement_digest(before.terms, work->arena)))
        return OK;
    TRY(share_document_read(before.terms, work->arena, &was));
    *crossed = share_terms_narrow(&was, &offer->document);
    return OK;
}

/*
 * One of both versions counts, as when offers cross. It may let out what ours no longer did, so nothing leaves from
 * here until two of our persons have looked at it.
 */
static struct err take_crossed(
        struct work *work, struct agreement *row, const struct partner *partner, struct agreement_version *version)
{
    slice why = S("both narrowed the terms at once, and theirs counts: offer the next version, then resume");
    const struct letter suspend = {.partner = row->partner,
            .type = S("agreement.suspend"),
            .about = row->id,
            .version = version->version,
            .body = S("{\"reason\":\"both narrowed the terms at once\"}")};
    bool yields;
    TRY(our_offer_yields(work, partner->node, &yields));
    if (!yields)
        return err_make(ERR_CONFLICT, "both narrowed the terms at once, and ours counts");
    TRY(take_narrowing(work, row, version));
    if ((row->suspended & AGREEMENT_US) != 0)
        return OK;
    TRY(agreement_suspend(work, row, AGREEMENT_US, why));
    return store_letter_add(work, &suspend);
}

static struct err take_offer(struct work *work, const struct partner *partner, const struct share_letter *letter)
{
    struct agreement row;
    struct offer offer;
    bool crossed;
    TRY(offer_read(work, letter, &offer));
    TRY(parties_check(work, &offer.document, partner->node));
    TRY(make_way(work, partner, letter->agreement));
    TRY(offered_for(work, partner->number, letter, &row));
    TRY(agreement_goes_on(work, &row));
    struct agreement_version put = {.agreement = row.number,
            .version = offer.document.version,
            .terms = offer.document.text,
            .stage = VERSION_RECEIVED,
            .theirs = letter->text,
            .narrows = true,
            .made_us = work->now_us,
            .held_us = TIME_NONE};
    TRY(crosses(work, &row, &offer, &crossed));
    if (crossed)
        return take_crossed(work, &row, partner, &put);
    TRY(base_check(work, &row, &offer));
    TRY(narrows(work, &row, &offer, &put.narrows));
    TRY(version_check(work, &row, partner, &offer, put.narrows));
    if (put.narrows)
        return take_narrowing(work, &row, &put);
    row.state = row.version == 0 ? AGREEMENT_OFFERED : row.state;
    TRY(store_agreement_version_put(work, &put));
    TRY(store_agreement_change(work, &row));
    return agreement_tell(work, "agreement.received", &row, S(""));
}

/* ---- Answers ---- */

/* The agreement of a statement, held. */
static struct err row_of(struct work *work, int64_t partner, const struct share_letter *letter, struct agreement *row)
{
    struct err err = store_agreement_find(work->db, letter->agreement, work->arena, row);
    if (err.kind == ERR_MISSING || (err.kind == ERR_NONE && row->partner != partner))
        return err_make(ERR_DENIED, "there is no such agreement with this partner");
    TRY(err);
    return store_agreement_hold(work, row->number, row);
}

static slice digest_in(const struct share_letter *letter, struct arena *arena)
{
    return json_text(json_get(letter->body, S("terms")), arena);
}

static slice reason_in(const struct share_letter *letter, struct arena *arena)
{
    return store_text_keep(arena, json_text(json_get(letter->body, S("reason")), arena), STORE_TEXT_MAX);
}

static struct err take_accept(struct work *work, const struct partner *partner, const struct share_letter *letter)
{
    struct agreement row;
    struct agreement_version version;
    slice digest = digest_in(letter, work->arena);
    TRY(row_of(work, partner->number, letter, &row));
    struct err err = agreement_version_at(work, &row, letter->agreement_version, VERSION_HELD, digest, &version);
    if (err.kind == ERR_NONE && version.narrows && version.theirs.len == 0) {
        version.theirs = letter->text; /* it held when we signed it: it only narrows */
        TRY(store_agreement_version_put(work, &version));
        return agreement_tell(work, "agreement.countersigned", &row, S(""));
    }
    TRY(agreement_version_at(work, &row, letter->agreement_version, VERSION_SIGNED, digest, &version));
    version.theirs = letter->text;
    return agreement_hold(work, &row, &version);
}

static struct err take_refuse(struct work *work, const struct partner *partner, const struct share_letter *letter)
{
    struct agreement row;
    struct agreement_version version;
    TRY(row_of(work, partner->number, letter, &row));
    TRY(agreement_version_at(
            work, &row, letter->agreement_version, VERSION_SIGNED, digest_in(letter, work->arena), &version));
    version.stage = VERSION_REFUSED;
    version.theirs = letter->text;
    version.why = reason_in(letter, work->arena);
    row.state = row.version == 0 ? AGREEMENT_DRAFT : row.state;
    TRY(store_agreement_version_put(work, &version));
    TRY(store_agreement_change(work, &row));
    return agreement_tell(work, "agreement.refused", &row, version.why);
}

/* ---- Suspension and end ---- */

static struct err take_suspend(struct work *work, const struct partner *partner, const struct share_letter *letter)
{
    struct agreement row;
    TRY(row_of(work, partner->number, letter, &row));
    return agreement_suspend(work, &row, AGREEMENT_THEM, reason_in(letter, work->arena));
}

static struct err take_resume(struct work *work, const struct partner *partner, const struct share_letter *letter)
{
    struct agreement row;
    TRY(row_of(work, partner->number, letter, &row));
    return agreement_resume(work, &row, AGREEMENT_THEM, reason_in(letter, work->arena));
}

static struct err take_end(struct work *work, const struct partner *partner, const struct share_letter *letter)
{
    struct agreement row;
    int64_t at_us;
    TRY(share_body_time(letter->body, "at", work->arena, &at_us));
    TRY(row_of(work, partner->number, letter, &row));
    return agreement_end(work, &row, at_us, reason_in(letter, work->arena));
}

/* ---- The table ---- */

static const struct kind {
    const char *type;
    const char *members; /* of the body */
    struct err (*take)(struct work *work, const struct partner *partner, const struct share_letter *letter);
} kinds[] = {
        {"agreement.offer", "previous terms", take_offer},
        {"agreement.accept", "terms", take_accept},
        {"agreement.refuse", "terms reason", take_refuse},
        {"agreement.suspend", "reason", take_suspend},
        {"agreement.resume", "reason", take_resume},
        {"agreement.end", "at reason", take_end},
};

struct err share_agreement_take(struct work *work, int64_t number, const struct share_letter *letter)
{
    struct partner partner;
    TRY(store_partner_get(work->db, number, work->now_us, work->arena, &partner));
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (!slice_eq(letter->type, slice_of(kinds[i].type)))
            continue;
        TRY(share_body_only(letter->body, kinds[i].members, work->arena));
        return kinds[i].take(work, &partner, letter);
    }
    return err_format(work->arena, ERR_INPUT, "nobody here understands statements of type %.*s", (int)letter->type.len,
            letter->type.ptr);
}

/* ---- Our signature ---- */

static struct err signed_offer(struct work *work, struct agreement *row, struct agreement_version *version)
{
    version->stage = VERSION_SIGNED;
    if (version->narrows)
        return agreement_hold(work, row, version);
    TRY(store_agreement_version_put(work, version));
    return agreement_tell(work, "agreement.signed", row, S(""));
}

/* What was replaced meanwhile leaves without effect: the other side finds out by itself that it does not count. */
struct err share_agreement_signed(struct work *work, const struct letter *letter, slice statement)
{
    struct agreement row;
    struct agreement_version version;
    bool offer = slice_eq(letter->type, S("agreement.offer")), accept = slice_eq(letter->type, S("agreement.accept"));
    if (!offer && !accept)
        return OK;
    TRY(store_agreement_find(work->db, letter->about, work->arena, &row));
    TRY(store_agreement_hold(work, row.number, &row));
    TRY(store_agreement_version_get(work->db, row.number, letter->version, work->arena, &version));
    version.ours = statement;
    if (version.stage == VERSION_HELD)
        return store_agreement_version_put(work, &version);
    if (version.stage != VERSION_AGREED)
        return OK;
    return offer ? signed_offer(work, &row, &version) : agreement_hold(work, &row, &version);
}

/* ---- Time ---- */

struct err share_agreement_partner_ends(struct work *work, int64_t partner, int64_t at_us, slice why)
{
    struct agreement row;
    struct err err = store_agreement_with(work->db, partner, work->arena, &row);
    if (err.kind == ERR_MISSING || (err.kind == ERR_NONE && row.state == AGREEMENT_ENDED))
        return OK;
    TRY(err);
    TRY(store_agreement_hold(work, row.number, &row));
    return agreement_end(work, &row, at_us, why);
}

static const int reminder_days[] = {90, 30, 7}; /* before the end */

/* The last moment until now at which somebody was to be reminded; TIME_NONE: there was none. */
static int64_t reminder_due(const struct agreement *row, int64_t now_us)
{
    int64_t due_us = TIME_NONE;
    for (size_t i = 0; i < COUNT_OF(reminder_days); i++)
        if (row->until_us - reminder_days[i] * DAY_US <= now_us)
            due_us = row->until_us - reminder_days[i] * DAY_US;
    return due_us;
}

static struct err due(struct work *work, struct agreement *row, size_t *count)
{
    int64_t due_us = reminder_due(row, work->now_us);
    if (row->until_us <= work->now_us) {
        (*count)++;
        return agreement_end(work, row, row->until_us, row->why);
    }
    if (due_us == TIME_NONE || (row->reminded_us != TIME_NONE && row->reminded_us >= due_us))
        return OK;
    row->reminded_us = due_us;
    (*count)++;
    TRY(store_agreement_change(work, row));
    return agreement_tell(work, "agreement.reminder", row,
            slice_of(arena_printf(work->arena, "it ends in %lld days",
                    (long long)((row->until_us - work->now_us + DAY_US - 1) / DAY_US))));
}

static struct err all_due(struct work *work, void *context)
{
    struct agreement *rows;
    size_t found, *count = context;
    *count = 0;
    TRY(store_agreement_ending(
            work->db, work->now_us + reminder_days[0] * DAY_US, DUE_AT_ONCE, work->arena, &rows, &found));
    for (size_t i = 0; i < found; i++) {
        struct agreement row;
        TRY(store_agreement_hold(work, rows[i].number, &row));
        TRY(due(work, &row, count));
    }
    return OK;
}

struct err share_agreements_due(struct db *db, const struct actor *actor, struct arena *arena, size_t *count)
{
    struct err err = store_work(db, actor, arena, all_due, count);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    return err;
}
