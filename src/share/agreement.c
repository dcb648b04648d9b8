/* SPDX-License-Identifier: Apache-2.0 */
#include "share/agreement.h"

#include "base/arena.h"
#include "share/agreement_hold.h"
#include "share/keys.h"
#include "store/organisation.h"
#include "json/read.h"
#include "json/write.h"

/* The sentence of an error may belong to the connection. */
static struct err kept(struct err err, struct arena *arena)
{
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    return err;
}

/* ---- Drafting ---- */

struct drafting {
    int64_t partner;
    slice from;
    int64_t number;
};

static struct err own_party(struct work *work, struct share_party *party)
{
    struct organisation own;
    int64_t number;
    TRY(store_organisation_own(work->db, &number));
    TRY(store_organisation_get(work->db, number, work->arena, &own));
    *party = (struct share_party){.node = own.identity, .name = own.name, .country = own.country};
    return OK;
}

static struct err partner_party(struct work *work, int64_t number, struct share_party *party)
{
    struct partner partner;
    TRY(store_partner_get(work->db, number, work->now_us, work->arena, &partner));
    if (partner.state == PARTNER_CANDIDATE || partner.state == PARTNER_ENDED)
        return err_format(work->arena, ERR_CONFLICT, "the partner is %s: there is no agreement with it yet",
                store_partner_state_name(partner.state));
    *party = (struct share_party){.node = partner.node, .name = partner.name, .country = partner.country};
    return OK;
}

/* The agreement that goes on, or a new one. */
static struct err agreement_for(struct work *work, int64_t partner, struct agreement *row)
{
    struct err err = store_agreement_with(work->db, partner, work->arena, row);
    int64_t number = row->number;
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    if (err.kind == ERR_MISSING || row->state == AGREEMENT_ENDED) {
        const struct agreement put = {.id = share_uuid_new(work->arena), .partner = partner};
        TRY(store_agreement_add(work, &put, &number));
    }
    TRY(store_agreement_hold(work, number, row));
    return agreement_goes_on(work, row);
}

static bool is_replaceable(enum agreement_stage stage)
{
    return stage == VERSION_DRAFT || stage == VERSION_REFUSED || stage == VERSION_REPLACED;
}

static struct err version_free(struct work *work, const struct agreement *row, int64_t version)
{
    struct agreement_version there;
    struct err err = store_agreement_version_get(work->db, row->number, version, work->arena, &there);
    if (err.kind == ERR_MISSING || (err.kind == ERR_NONE && is_replaceable(there.stage)))
        return OK;
    TRY(err);
    return err_format(work->arena, ERR_CONFLICT, "version %lld is %s already: it has to be answered first",
            (long long)version, store_agreement_stage_name(there.stage));
}

static struct err narrows(struct work *work, const struct agreement *row, slice terms, bool *narrow)
{
    struct share_document before, now;
    *narrow = false;
    if (row->version == 0)
        return OK;
    TRY(share_document_read(row->terms, work->arena, &before));
    TRY(share_document_read(terms, work->arena, &now));
    *narrow = share_terms_narrow(&before, &now);
    return OK;
}

static struct err draft(struct work *work, void *context)
{
    struct drafting *drafting = context;
    struct share_party parties[2];
    struct agreement row = {.number = 0};
    TRY(store_right_check(work->actor, VERB_CHANGE_PARTNERS, 0, work->arena, NULL));
    TRY(own_party(work, &parties[0]));
    TRY(partner_party(work, drafting->partner, &parties[1]));
    TRY(agreement_for(work, drafting->partner, &row));
    struct agreement_version put = {.agreement = row.number,
            .version = row.version + 1,
            .stage = VERSION_DRAFT,
            .made_us = work->now_us,
            .held_us = TIME_NONE};
    TRY(version_free(work, &row, put.version));
    TRY(share_terms_draft(drafting->from, parties, put.version, work->arena, &put.terms));
    TRY(narrows(work, &row, put.terms, &put.narrows));
    TRY(store_agreement_version_put(work, &put));
    drafting->number = row.number;
    return agreement_tell(work, "agreement.drafted", &row, S(""));
}

struct err share_agreement_draft(
        struct db *db, const struct actor *actor, int64_t partner, slice from, struct arena *arena, int64_t *number)
{
    struct drafting drafting = {.partner = partner, .from = from};
    TRY(kept(store_work(db, actor, arena, draft, &drafting), arena));
    *number = drafting.number;
    return OK;
}

/* ---- Proposing: what is to be done, as a subject and a detail ---- */

static slice subject_of(int64_t number, struct arena *arena)
{
    return slice_of(arena_printf(arena, "agreement/%lld", (long long)number));
}

struct proposing {
    const struct agreement_version *version; /* or NULL */
    int64_t at_us;                           /* or TIME_NONE */
    slice words, reason;
};

static slice detail_of(const struct proposing *proposing, struct arena *arena)
{
    struct buf detail = buf_make(2u * TERMS_BYTES_MAX + 16u * STORE_TEXT_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    if (proposing->version != NULL) {
        json_write_key_u64(&w, S("version"), (uint64_t)proposing->version->version);
        json_write_key_text(&w, S("digest"), agreement_digest(proposing->version->terms, arena));
        json_write_key(&w, S("terms"));
        json_write_raw(&w, proposing->version->terms);
    }
    if (proposing->at_us != TIME_NONE) {
        json_write_key(&w, S("at"));
        json_write_time(&w, proposing->at_us);
    }
    if (proposing->words.len > 0)
        json_write_key_text(&w, S("words"), proposing->words);
    json_write_key_text(&w, S("reason"), proposing->reason);
    json_write_end(&w);
    slice text = arena_copy(arena, buf_slice(&detail));
    buf_free(&detail);
    return text;
}

static struct err propose(struct db *db, const struct actor *actor, const char *act, int64_t number,
        const struct proposing *proposing, struct arena *arena, struct share_proposal *proposal)
{
    TRY(store_text_check(arena, "reason", proposing->reason, STORE_TEXT_MAX));
    return share_propose(
            db, actor, act, subject_of(number, arena), detail_of(proposing, arena), proposing->reason, arena, proposal);
}

struct err share_agreement_waiting(
        struct db *db, const struct agreement *row, struct arena *arena, struct agreement_version *version)
{
    struct agreement_version found;
    TRY(store_agreement_version_get(db, row->number, row->version + 1, arena, &found));
    if (found.stage == VERSION_REFUSED || found.stage == VERSION_REPLACED)
        return err_make(ERR_MISSING, "no version of the agreement waits for anybody");
    *version = found;
    return OK;
}

/* The version that waits has to be at this stage. */
static struct err waiting_at(struct db *db, int64_t number, enum agreement_stage stage, struct arena *arena,
        struct agreement_version *version)
{
    struct agreement row;
    TRY(store_agreement_get(db, number, arena, &row));
    TRY(share_agreement_waiting(db, &row, arena, version));
    return version->stage == stage ? OK
                                   : err_format(arena, ERR_CONFLICT, "version %lld of the agreement is %s, not %s",
                                             (long long)version->version, store_agreement_stage_name(version->stage),
                                             store_agreement_stage_name(stage));
}

struct err share_agreement_offer(struct db *db, const struct actor *actor, int64_t number, slice reason,
        struct arena *arena, struct share_proposal *proposal)
{
    struct agreement_version version;
    TRY(kept(waiting_at(db, number, VERSION_DRAFT, arena, &version), arena));
    return propose(db, actor, "agreement.offer", number,
            &(struct proposing){.version = &version, .at_us = TIME_NONE, .reason = reason}, arena, proposal);
}

struct err share_agreement_accept(struct db *db, const struct actor *actor, int64_t number, slice words, slice reason,
        struct arena *arena, struct share_proposal *proposal)
{
    struct agreement_version version;
    enum agreement_stage stage = words.len > 0 ? VERSION_SIGNED : VERSION_RECEIVED;
    if (words.len > 0)
        TRY(store_text_check(arena, "words of the partner", words, AGREEMENT_WORDS_MAX));
    TRY(kept(waiting_at(db, number, stage, arena, &version), arena));
    return propose(db, actor, "agreement.accept", number,
            &(struct proposing){.version = &version, .at_us = TIME_NONE, .words = words, .reason = reason}, arena,
            proposal);
}

struct err share_agreement_refuse(struct db *db, const struct actor *actor, int64_t number, slice reason,
        struct arena *arena, struct share_proposal *proposal)
{
    struct agreement row;
    struct agreement_version version;
    TRY(kept(store_agreement_get(db, number, arena, &row), arena));
    TRY(kept(share_agreement_waiting(db, &row, arena, &version), arena));
    return propose(db, actor, "agreement.refuse", number,
            &(struct proposing){.version = &version, .at_us = TIME_NONE, .reason = reason}, arena, proposal);
}

struct err share_agreement_suspend(struct db *db, const struct actor *actor, int64_t number, slice reason,
        struct arena *arena, struct share_proposal *proposal)
{
    return propose(db, actor, "agreement.suspend", number, &(struct proposing){.at_us = TIME_NONE, .reason = reason},
            arena, proposal);
}

struct err share_agreement_resume(struct db *db, const struct actor *actor, int64_t number, slice reason,
        struct arena *arena, struct share_proposal *proposal)
{
    return propose(db, actor, "agreement.resume", number, &(struct proposing){.at_us = TIME_NONE, .reason = reason},
            arena, proposal);
}

struct err share_agreement_end(struct db *db, const struct actor *actor, int64_t number, int64_t at_us, slice reason,
        struct arena *arena, struct share_proposal *proposal)
{
    return propose(
            db, actor, "agreement.end", number, &(struct proposing){.at_us = at_us, .reason = reason}, arena, proposal);
}

/* ---- Doing it: what two persons agreed to, or one alone ---- */

/* The agreement of a subject, held; and its partner. */
static struct err row_of(struct work *work, slice subject, struct agreement *row, struct partner *partner)
{
    slice word = S("agreement/");
    uint64_t number;
    if (!slice_starts(subject, word) || !slice_u64(slice_from(subject, word.len), INT64_MAX, &number))
        return err_make(ERR_INPUT, "that is about no agreement");
    TRY(store_agreement_hold(work, (int64_t)number, row));
    return store_partner_get(work->db, row->partner, work->now_us, work->arena, partner);
}

static slice text_of(slice detail, const char *key, struct arena *arena)
{
    return json_text(json_get(detail, slice_of(key)), arena);
}

static int64_t version_of(slice detail)
{
    int64_t number = 0;
    return json_i64(json_get(detail, S("version")), &number) ? number : 0;
}

/* Lets a letter wait for the node's signature. A partner without keys reads none, but its offer is signed as well. */
static struct err letter_add(struct work *work, const struct agreement *row, const struct partner *partner,
        const char *type, int64_t version, slice body)
{
    if (partner->kind == PARTNER_TAXII && strcmp(type, "agreement.offer") != 0)
        return OK;
    const struct letter letter = {
            .partner = row->partner, .type = slice_of(type), .about = row->id, .version = version, .body = body};
    return store_letter_add(work, &letter);
}

/* {"terms": DIGEST, "reason": TEXT, "at": TIME}: those that are not empty. */
static slice body_of(slice digest, slice reason, int64_t at_us, struct arena *arena)
{
    struct buf body = buf_make(8u * STORE_TEXT_MAX);
    struct json_writer w = json_writer(&body);
    json_write_object(&w);
    if (digest.len > 0)
        json_write_key_text(&w, S("terms"), digest);
    if (reason.len > 0)
        json_write_key_text(&w, S("reason"), reason);
    if (at_us != TIME_NONE) {
        json_write_key(&w, S("at"));
        json_write_time(&w, at_us);
    }
    json_write_end(&w);
    slice text = arena_copy(arena, buf_slice(&body));
    buf_free(&body);
    return text;
}

/* {"terms": {...}, "previous": DIGEST of those that hold, or empty}. */
static slice offer_of(const struct agreement *row, slice terms, struct arena *arena)
{
    struct buf body = buf_make(2u * TERMS_BYTES_MAX);
    struct json_writer w = json_writer(&body);
    json_write_object(&w);
    json_write_key_text(&w, S("previous"), row->version == 0 ? S("") : agreement_digest(row->terms, arena));
    json_write_key(&w, S("terms"));
    json_write_raw(&w, terms);
    json_write_end(&w);
    slice text = arena_copy(arena, buf_slice(&body));
    buf_free(&body);
    return text;
}

struct err share_agreement_do_offer(struct work *work, slice subject, slice detail)
{
    struct agreement row;
    struct agreement_version version;
    struct partner partner;
    TRY(row_of(work, subject, &row, &partner));
    TRY(agreement_goes_on(work, &row));
    TRY(agreement_version_at(
            work, &row, version_of(detail), VERSION_DRAFT, text_of(detail, "digest", work->arena), &version));
    version.stage = VERSION_AGREED;
    row.state = row.version == 0 ? AGREEMENT_OFFERED : row.state;
    TRY(store_agreement_version_put(work, &version));
    TRY(store_agreement_change(work, &row));
    TRY(letter_add(
            work, &row, &partner, "agreement.offer", version.version, offer_of(&row, version.terms, work->arena)));
    return agreement_tell(work, "agreement.offered", &row, text_of(detail, "reason", work->arena));
}

/* In words, of a partner without keys: what we offered holds. */
static struct err accept_words(struct work *work, struct agreement *row, slice detail)
{
    struct agreement_version version;
    TRY(agreement_version_at(
            work, row, version_of(detail), VERSION_SIGNED, text_of(detail, "digest", work->arena), &version));
    version.theirs = text_of(detail, "words", work->arena);
    return agreement_hold(work, row, &version);
}

struct err share_agreement_do_accept(struct work *work, slice subject, slice detail)
{
    struct agreement row;
    struct agreement_version version;
    struct partner partner;
    slice digest = text_of(detail, "digest", work->arena), words = text_of(detail, "words", work->arena);
    TRY(row_of(work, subject, &row, &partner));
    TRY(agreement_goes_on(work, &row));
    if (words.len > 0 && partner.kind != PARTNER_TAXII)
        return err_make(ERR_CONFLICT, "the partner has keys: it signs for itself");
    if (words.len > 0)
        return accept_words(work, &row, detail);
    TRY(agreement_version_at(work, &row, version_of(detail), VERSION_RECEIVED, digest, &version));
    version.stage = VERSION_AGREED;
    TRY(store_agreement_version_put(work, &version));
    TRY(letter_add(
            work, &row, &partner, "agreement.accept", version.version, body_of(digest, S(""), TIME_NONE, work->arena)));
    return agreement_tell(work, "agreement.accepted", &row, text_of(detail, "reason", work->arena));
}

struct err share_agreement_do_refuse(struct work *work, slice subject, slice detail)
{
    struct agreement row;
    struct agreement_version version;
    struct partner partner;
    slice digest = text_of(detail, "digest", work->arena), reason = text_of(detail, "reason", work->arena);
    TRY(row_of(work, subject, &row, &partner));
    TRY(store_agreement_version_get(work->db, row.number, version_of(detail), work->arena, &version));
    bool theirs = version.stage == VERSION_RECEIVED;
    TRY(agreement_version_at(work, &row, version.version, theirs ? VERSION_RECEIVED : VERSION_DRAFT, digest, &version));
    version.stage = theirs ? VERSION_REFUSED : VERSION_REPLACED;
    version.why = reason;
    row.state = row.version == 0 ? AGREEMENT_DRAFT : row.state;
    TRY(store_agreement_version_put(work, &version));
    TRY(store_agreement_change(work, &row));
    if (theirs)
        TRY(letter_add(work, &row, &partner, "agreement.refuse", version.version,
                body_of(digest, reason, TIME_NONE, work->arena)));
    return agreement_tell(work, "agreement.refused", &row, reason);
}

struct err share_agreement_do_suspend(struct work *work, slice subject, slice detail)
{
    struct agreement row;
    struct partner partner;
    slice reason = text_of(detail, "reason", work->arena);
    TRY(row_of(work, subject, &row, &partner));
    TRY(agreement_suspend(work, &row, AGREEMENT_US, reason));
    return letter_add(
            work, &row, &partner, "agreement.suspend", row.version, body_of(S(""), reason, TIME_NONE, work->arena));
}

struct err share_agreement_do_resume(struct work *work, slice subject, slice detail)
{
    struct agreement row;
    struct partner partner;
    slice reason = text_of(detail, "reason", work->arena);
    TRY(row_of(work, subject, &row, &partner));
    TRY(agreement_resume(work, &row, AGREEMENT_US, reason));
    return letter_add(
            work, &row, &partner, "agreement.resume", row.version, body_of(S(""), reason, TIME_NONE, work->arena));
}

struct err share_agreement_do_end(struct work *work, slice subject, slice detail)
{
    struct agreement row;
    struct partner partner;
    slice reason = text_of(detail, "reason", work->arena), at = text_of(detail, "at", work->arena);
    int64_t at_us = work->now_us;
    if (at.len > 0 && !time_parse_strict(at, &at_us))
        return err_make(ERR_INPUT, "at: a time as RFC 3339 has it has to stand here");
    TRY(row_of(work, subject, &row, &partner));
    bool offered = row.state != AGREEMENT_DRAFT; /* of a draft they know nothing */
    TRY(agreement_end(work, &row, at_us, reason));
    return !offered ? OK
                    : letter_add(work, &row, &partner, "agreement.end", row.version,
                              body_of(S(""), reason, row.until_us, work->arena));
}
