/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Consent of originators. Where an agreement says "ask", it is asked for every object of theirs when it comes, whatever
 * we know of it: so a question tells nothing but that the object came. A question by hand is another thing, and needs
 * two persons: it tells them that we have a hit. Letters: consent.ask {ids, recipient}, consent.answer {ids, recipient,
 * answer, until}.
 *
 * Answers, standing rules and consents on paper are acts that two persons agree to (share/approve.h); their subjects
 * and details are made here, so that all who propose them say the same.
 */
#include "share/approve.h"
#include "share/keys.h"
#include "share/weigh.h"
#include "store/consent.h"

#define CONSENT_LIFE_US (365 * DAY_US) /* of one for which nobody said how long */

/* Its originator has to agree, and said in the agreement that it wants to be asked. */
MUST_USE struct err share_consent_want(struct work *work, const struct share_scene *scene,
        const struct share_side *side, const struct share_weighed *weighed);
/* Puts questions and answers on their way. */
MUST_USE struct err share_consent_post(struct work *work, const struct share_keys *keys);
/* Statements consent.*, which share_statement_take() took. */
MUST_USE struct err share_consent_take(struct work *work, int64_t partner, const struct share_letter *letter);

/* ---- What people decide: each is proposed by one and agreed to by another ---- */

/*
 * Of a question: yes for its kind up to the strictest that was asked, for just the objects that have asked until now,
 * or (at once) no. The second person agrees to that very list, by its count and digest: if more has asked meanwhile it
 * is ERR_CONFLICT, and proposed anew. ERR_LIMIT: more than ASK_OBJECTS_MAX have asked, of which there is no list.
 */
enum share_reply { SHARE_REPLY_KIND, SHARE_REPLY_THESE, SHARE_REPLY_NO };
MUST_USE struct err share_ask_answer(struct db *db, const struct actor *actor, int64_t ask, enum share_reply reply,
        int64_t until_us, slice reason, struct arena *arena, struct share_proposal *proposal);

/* A rule that lets things leave without a question. partner 0: to any; type or id empty: all. Of a rule that could
 * never let anything go (an object's id and another type, a time that is over) is said so. */
struct share_rule_put {
    int64_t partner;
    slice type, id;
    enum stix_tlp highest;
    int64_t until_us;
};
MUST_USE struct err share_rule_propose(struct db *db, const struct actor *actor, const struct share_rule_put *put,
        slice reason, struct arena *arena, struct share_proposal *proposal);
/* Ends one at once: VERB_STOP_SHARING. */
MUST_USE struct err share_rule_stop(
        struct db *db, const struct actor *actor, int64_t rule, slice reason, struct arena *arena);

#define CONSENT_IDS_MAX 100 /* of one paper, or one question by hand: a second person reads them all */

/* What stands on paper. The node keeps its words and the digest of its scan; the paper itself lies elsewhere. */
struct share_paper {
    slice words;      /* what it says, and where it lies; empty: nothing is on paper, the originator is asked */
    slice giver;      /* the person who gave it, and in which function */
    int64_t given_us; /* the day on it; not after today */
    slice scan;       /* SHA-256 of its scan, hexadecimal; empty: it was not scanned */
};
struct share_consent_put {
    int64_t originator, recipient; /* partners; 0: somebody outside, any; recipient: or CONSENT_AFFECTED */
    const slice *ids;              /* of these objects, */
    size_t id_count;
    slice type; /* or (no ids) of a type, where the originator is a partner */
    struct share_paper paper;
    int64_t until_us;
};
MUST_USE struct err share_consent_propose(struct db *db, const struct actor *actor, const struct share_consent_put *put,
        slice reason, struct arena *arena, struct share_proposal *proposal);
/* The originator took it back: nothing leaves by it any more. One person, VERB_STOP_SHARING. */
MUST_USE struct err share_consent_withdraw(
        struct db *db, const struct actor *actor, int64_t consent, slice reason, struct arena *arena);
/* Answers what a partner asked; no at once, yes with a second person. */
MUST_USE struct err share_consent_reply(struct db *db, const struct actor *actor, int64_t request, bool yes,
        slice reason, struct arena *arena, struct share_proposal *proposal);

/* Rows of the table of acts. */
MUST_USE struct err share_ask_run(struct work *work, slice subject, slice detail);
MUST_USE struct err share_rule_run(struct work *work, slice subject, slice detail);
MUST_USE struct err share_consent_run(struct work *work, slice subject, slice detail);
MUST_USE struct err share_consent_reply_run(struct work *work, slice subject, slice detail);
