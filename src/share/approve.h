/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Two persons. What a right answers "with a second person" for goes through here: one proposes, another who holds the
 * same right agrees to just what was proposed, and then it is done in one transaction. Who may do it alone has it done
 * at once, by the same call. `local`, whoever reads the node's keys on its machine, is one person however many accounts
 * of the machine it has.
 *
 * What can be proposed are the rows of one table: those of this folder stand in approve.c, those of folders above come
 * from where they are wired up (share_acts_set). Rights are asked for here, of both; what a row does asks no more. Who
 * may propose and agree is what store/right.c answers for the row's verb.
 */
#include "base/hash.h"
#include "store/approval.h"
#include "store/right.h"

#define SHARE_APPROVAL_US (INT64_C(7) * 86400 * 1000000) /* a proposal waits so long */

struct share_act {
    const char *name; /* "agreement.offer", also in the journal of approvals */
    enum verb verb;
    /* Does it, with the journal's rows about it; runs as whoever decided. May run more than once (db_work). */
    struct err (*run)(struct work *work, slice subject, slice detail);
    /* Where the right depends on what is proposed: as store_right_check. NULL: the verb alone. */
    struct err (*may)(
            struct db *db, const struct actor *actor, slice subject, slice detail, struct arena *arena, bool *second);
    /* What it is about, as it stands, held until the work ends: if that is not the same when the second person agrees,
     * nothing is done. NULL: the act itself sees whether it fits still. */
    struct err (*about)(struct work *work, slice subject, slice detail, slice *state);
    const char *text;   /* "Offer terms to a partner" */
    const char *then;   /* what follows: "The node signs them and sends them." */
    const char *stored; /* of the proposal: "agreement/N, the terms" */
};

struct share_proposal {
    bool done;      /* at once */
    int64_t number; /* of the approval that waits, or of the emergency that is to be seen; 0: neither */
};

/* Acts of the folders above; they are not copied. Once, before there are other threads. */
void share_acts_set(const struct share_act *others, size_t count);
/* Who may know what an act is about, of what the folders above hold: ERR_MISSING for who may not, in the words for what
 * is not there. `verb`: of the act. */
void share_reach_set(struct err (*reach)(
        struct db *db, const struct actor *actor, enum verb verb, slice subject, struct arena *arena));
/* Who else is told of what was done in an emergency, in the same work; NULL: nobody beside the journal and the console.
 */
void share_emergency_set(struct err (*tell)(struct work *work, const struct approval *approval));
/* All there are, one after the other; NULL behind the last. */
const struct share_act *share_act_at(size_t at);
/* NULL: this program knows no such act. */
const struct share_act *share_act_find(slice name);

/*
 * Does it if the actor may alone, else has it wait for another person. Where the machine says that it is an emergency
 * and would have to wait, it is done at once; the journal says so, and it stands as an approval that another has to
 * see. `subject`: "agreement/3"; `detail`: JSON, of which each byte is shown to the second person. ERR_AUTH,
 * ERR_DENIED; ERR_MISSING for a subject that the actor may not know; ERR_CONFLICT if just this is proposed already;
 * whatever the act answers when it is done at once.
 */
MUST_USE struct err share_propose(struct db *db, const struct actor *actor, const char *act, slice subject,
        slice detail, slice reason, struct arena *arena, struct share_proposal *proposal);

/* Whether that would wait for another person, or be done at once; ERR_AUTH, ERR_DENIED as it. */
MUST_USE struct err share_needs_second(struct db *db, const struct actor *actor, const char *act, slice subject,
        slice detail, struct arena *arena, bool *second);

/*
 * Whether a proposal is there for the actor: for who sees all of sharing, and who could agree to it, if they see what
 * it is about. To anybody else it is as if it were not there, here and in the three verbs below.
 */
MUST_USE struct err share_approval_seen(
        struct db *db, const struct actor *actor, const struct approval *approval, struct arena *arena, bool *seen);
/* One that is there for the actor; ERR_MISSING. */
MUST_USE struct err share_approval_get(
        struct db *db, const struct actor *actor, int64_t number, struct arena *arena, struct approval *approval);
/* Keeps of a list those that are there for the actor. */
MUST_USE struct err share_approvals_sift(
        struct db *db, const struct actor *actor, struct approval *rows, struct arena *arena, size_t *count);

/* What is agreed to: hash of the number, the act, its subject and detail, the reason, and who proposed it. */
struct sha256 share_approval_digest(const struct approval *approval);

/*
 * The second person agrees, and it is done. `shown`: the digest of what that person saw; ERR_CONFLICT if it is not what
 * is stored (any more). NULL: whatever is stored, for who has just read it in the same breath. ERR_DENIED for the
 * proposer, and for who has not the right; also if the proposer has it no longer. If it cannot be done, that is the
 * error, nothing of it stays, and the approval has failed for good.
 */
MUST_USE struct err share_approve(
        struct db *db, const struct actor *actor, int64_t number, const struct sha256 *shown, struct arena *arena);
/* Another person has looked at what was done in an emergency: somebody with the right to it, and not the machine. */
MUST_USE struct err share_emergency_see(
        struct db *db, const struct actor *actor, int64_t number, const struct sha256 *shown, struct arena *arena);
/* Nobody will do it. The proposer may, too: it takes the proposal back. */
MUST_USE struct err share_refuse(
        struct db *db, const struct actor *actor, int64_t number, slice why, struct arena *arena);
/* Ends those whose time is over: for a job. *count: how many. */
MUST_USE struct err share_approvals_expire(
        struct db *db, const struct actor *actor, struct arena *arena, size_t *count);
