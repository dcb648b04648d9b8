/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The verbs about contacts: rights, the change, and its row of the journal. Of itself a contact says little; who reads
 * it says so by a button (desk_contact_heard) or on the telephone, which a person notes with a reason.
 */
#include "base/hash.h"
#include "store/contact.h"

#define DESK_SECRET_BYTES 32 /* that key the signature of what is posted to a webhook */

/* As store_contact_add; ERR_DENIED by right. */
MUST_USE struct err desk_contact_add(struct db *db, const struct actor *actor, int64_t organisation,
        const struct contact_put *put, struct arena *arena, int64_t *number);
MUST_USE struct err desk_contact_change(
        struct db *db, const struct actor *actor, int64_t contact, const struct contact_put *put, struct arena *arena);
/* By hand: somebody was called. ERR_INPUT without a reason. */
MUST_USE struct err desk_contact_verify(
        struct db *db, const struct actor *actor, int64_t contact, slice reason, struct arena *arena);
MUST_USE struct err desk_contact_close(
        struct db *db, const struct actor *actor, int64_t contact, slice reason, struct arena *arena);

/* Asks by mail whether it is still read; *notice: its number. ERR_MISSING if it cannot be asked by mail. */
MUST_USE struct err desk_contact_ping(
        struct db *db, const struct actor *actor, int64_t contact, struct arena *arena, int64_t *notice);

/*
 * Inside the work of who was answered, who asked for no right: whoever holds the button is the one. `how`: "button".
 * `asked_us`: when the question was made that is answered; ERR_CONFLICT if the contact has been reached in another way
 * since: who reads the old address says nothing of the new one.
 */
MUST_USE struct err desk_contact_heard(struct work *work, int64_t contact, int64_t asked_us, slice how);
/* Inside the work that learns that what was sent there came back. */
MUST_USE struct err desk_contact_lost(struct work *work, int64_t contact, slice why);
/* Inside the work that makes the mail which asks. */
MUST_USE struct err desk_contact_asked(struct work *work, int64_t contact);
/* Marks those that have become stale, each with its row; for a job. *count: how many. */
MUST_USE struct err desk_contacts_rot(struct db *db, const struct actor *actor, struct arena *arena, size_t *count);

/* The key by which secrets of webhooks are sealed, of the node's own (base/seal.h; sealed for the URL). */
struct sha256 desk_webhook_key(slice node_secret);
