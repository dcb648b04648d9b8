/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Agreements between two nodes. One drafts terms, two of its persons agree to offer them, the node signs; at the other
 * node two persons accept, it signs, and from then on the version holds on both sides:
 *
 *     draft -> agreed (two of ours) -> signed (offered) -> held (they signed, too)
 *     received (they offered) -> agreed (two of ours) -> held (we signed, too)
 *
 * A version that only narrows what share_decide lets out (terms.h) holds at once, here when it is signed and there when
 * it is received: nobody can be made to go on giving. One that widens holds when both have signed. Either side suspends
 * at once and ends at a second that it says. Each of this raises the agreement's generation, by which everything that
 * was released under the one before is gone at once, and is an entry of the log that both see.
 *
 * A partner without keys agrees in words, which are kept in place of its signature.
 */
#include "share/approve.h"
#include "share/statement.h"
#include "share/terms.h"
#include "store/agreement.h"
#include "store/letter.h"

#define AGREEMENT_WORDS_MAX STORE_TEXT_MAX

/* ---- What our own people do ---- */

/*
 * The next version of the terms with a partner, or the first: `from` is a document of all but parties and version
 * (share_terms_draft). Nothing holds by it yet; a draft that was there, or was refused, is replaced. ERR_CONFLICT if
 * theirs or ours waits for an answer, or the end was announced.
 */
MUST_USE struct err share_agreement_draft(
        struct db *db, const struct actor *actor, int64_t partner, slice from, struct arena *arena, int64_t *number);
/* Offers what was drafted: two persons. */
MUST_USE struct err share_agreement_offer(struct db *db, const struct actor *actor, int64_t number, slice reason,
        struct arena *arena, struct share_proposal *proposal);
/* Accepts what they offered: two persons. Of a partner without keys: what we offered, in its own words. */
MUST_USE struct err share_agreement_accept(struct db *db, const struct actor *actor, int64_t number, slice words,
        slice reason, struct arena *arena, struct share_proposal *proposal);
/* Refuses what they offered, or takes back what was drafted. */
MUST_USE struct err share_agreement_refuse(struct db *db, const struct actor *actor, int64_t number, slice reason,
        struct arena *arena, struct share_proposal *proposal);
/* At once; only who suspended it can resume it, which needs two persons. */
MUST_USE struct err share_agreement_suspend(struct db *db, const struct actor *actor, int64_t number, slice reason,
        struct arena *arena, struct share_proposal *proposal);
MUST_USE struct err share_agreement_resume(struct db *db, const struct actor *actor, int64_t number, slice reason,
        struct arena *arena, struct share_proposal *proposal);
/* At that moment (TIME_NONE: now), or earlier where it would have ended earlier. */
MUST_USE struct err share_agreement_end(struct db *db, const struct actor *actor, int64_t number, int64_t at_us,
        slice reason, struct arena *arena, struct share_proposal *proposal);

/* The version that waits for somebody; ERR_MISSING: none does. */
MUST_USE struct err share_agreement_waiting(
        struct db *db, const struct agreement *row, struct arena *arena, struct agreement_version *version);

/* ---- What comes from elsewhere ---- */

/* A statement "agreement.…" of that partner, for the table in post.c. */
MUST_USE struct err share_agreement_take(struct work *work, int64_t partner, const struct share_letter *letter);
/* A letter was signed, for sign.c. */
MUST_USE struct err share_agreement_signed(struct work *work, const struct letter *letter, slice statement);
/* The partner ends then, and with it the agreement: one that is a partner again begins with a new one. For who ends it,
 * in the same work. */
MUST_USE struct err share_agreement_partner_ends(struct work *work, int64_t partner, int64_t at_us, slice why);
/* Ends those whose time is over and reminds 90, 30 and 7 days before; for a job. *count: how many. */
MUST_USE struct err share_agreements_due(struct db *db, const struct actor *actor, struct arena *arena, size_t *count);

/* ---- Rows of the table in approve.c ---- */

struct err share_agreement_do_offer(struct work *work, slice subject, slice detail);
struct err share_agreement_do_accept(struct work *work, slice subject, slice detail);
struct err share_agreement_do_refuse(struct work *work, slice subject, slice detail);
struct err share_agreement_do_suspend(struct work *work, slice subject, slice detail);
struct err share_agreement_do_resume(struct work *work, slice subject, slice detail);
struct err share_agreement_do_end(struct work *work, slice subject, slice detail);
