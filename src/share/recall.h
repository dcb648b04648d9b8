/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Recalls. What was released cannot be taken back: who has it is asked to stop using it, to delete it, and to say to
 * whom it went on. Each is an entry of the partner log and a statement, recall.ask, to a partner that has a node; of
 * one that has none the page says that it cannot acknowledge. What it says is kept, what it does not say is listed as
 * missing.
 *
 * A recall by a partner touches only what that partner itself sent us: that is judged withdrawn, nothing is deleted,
 * and what others say of the same stays. One of very many objects waits for a person.
 */
#include "share/keys.h"
#include "store/recall.h"

enum share_recall_cause { SHARE_RECALL_REVOKED, SHARE_RECALL_WITHDRAWN, SHARE_RECALL_ENDED, SHARE_RECALL_BY_HAND };

/* By the name that the ledger has for it; by hand, where it has another one. */
enum share_recall_cause share_recall_cause_find(slice name);
/* Asks for what these rows gave; they are of one agreement. What was asked for before is left out. */
MUST_USE struct err share_recall_note(
        struct work *work, struct released *rows, size_t count, enum share_recall_cause cause);
/* Everything that anybody has of an object, or that was made from it; it is not served any more. */
MUST_USE struct err share_recall_object(struct work *work, int64_t object, enum share_recall_cause cause);
/* What an agreement that has ended gave, behind that moment, a batch; *last_us: PROGRESS_ALL at the end. */
MUST_USE struct err share_recall_ended(struct work *work, int64_t agreement, int64_t after_us, int64_t *last_us);

/* Puts what is to be said on its way: recalls, and answers to those of partners. */
MUST_USE struct err share_recall_post(struct work *work, const struct share_keys *keys);
/* Statements recall.ask and recall.answer, which share_statement_take() took. */
MUST_USE struct err share_recall_take(struct work *work, int64_t partner, const struct share_letter *letter);
/* So many objects at once may a partner recall without a person of ours; once, before there are other threads. */
void share_recall_most(uint64_t objects);
/* Does what a partner asked, and answers so. For who may judge. */
MUST_USE struct err share_recall_agree(struct db *db, const struct actor *actor, int64_t heard, struct arena *arena);
/* By hand: VERB_STOP_SHARING. Of an id from a partner (0: from all who have it). *count: how many rows that was. */
MUST_USE struct err share_recall(struct db *db, const struct actor *actor, int64_t partner, slice id, slice reason,
        struct arena *arena, size_t *count);
