/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The verbs of partners: candidate -> confirmed -> active <-> suspended -> ended. Introduced means known by name; it is
 * a partner when somebody here compared its fingerprint by another way than the file came, and its node said that
 * somebody there did the same. What comes with a partner (its organisation, the account in whose name it acts, the
 * source of what it says, the collection that it may write to) is made in one work with it.
 *
 * Each verb asks its right and leaves its row in the journal, with subject "partner/NUMBER".
 */
#include "share/fingerprint.h"
#include "share/introduction.h"

#define SHARE_ALARM_US MINUTE_US                     /* alarms of one partner are told once in this time */
#define SHARE_COLLECTIONS "taxii2/main/collections/" /* below the URL of a node */

/* As whom we speak to partners; NULL where nothing is to be said to them. */
struct share_speaker {
    const struct share_keys *keys; /* NULL: what is said waits for who has them (share/sign.h) */
    slice url;                     /* of our node, with a "/" at the end */
};

/*
 * Takes in a node that introduced itself; `name`: what we call it, empty: as it calls itself. One that is a candidate
 * still, or ended, begins anew, the latter with keys that nobody ever had. ERR_CONFLICT otherwise, and for our own.
 */
MUST_USE struct err share_partner_add(struct db *db, const struct actor *actor,
        const struct share_introduction *introduction, slice name, struct arena *arena, int64_t *number);

struct share_partner_taxii {
    slice name, country;
    slice url; /* of the collection that we write to; empty: it pulls */
    slice contact;
};

/* Any other server or client; it has no keys to compare, so it is active at once. */
MUST_USE struct err share_partner_add_taxii(struct db *db, const struct actor *actor,
        const struct share_partner_taxii *taxii, struct arena *arena, int64_t *number);

/* What people compare: theirs, ours, and one for both. */
struct share_comparison {
    struct share_fingerprint theirs, ours, common;
};
MUST_USE struct err share_partner_comparison(
        struct db *db, const struct partner *partner, struct arena *arena, struct share_comparison *comparison);
/*
 * `typed`: what was heard from the other side, their fingerprint or the common one. ERR_DENIED if it is neither, which
 * the journal keeps. Says hello to the other node; once more, where it was confirmed before: our own keys may be new.
 */
MUST_USE struct err share_partner_confirm(struct db *db, const struct actor *actor, const struct share_speaker *speaker,
        int64_t number, slice typed, struct arena *arena);

MUST_USE struct err share_partner_suspend(
        struct db *db, const struct actor *actor, int64_t number, slice reason, struct arena *arena);
MUST_USE struct err share_partner_resume(
        struct db *db, const struct actor *actor, int64_t number, slice reason, struct arena *arena);
struct share_partner_ending {
    int64_t at_us; /* not before now: now */
    slice reason;
    bool stolen; /* its key was: revoked now, and told to who shares a group with it */
    struct key_public key;
};
/* At that very moment nothing is taken from it or served to it any more, and nobody of it is let in. */
MUST_USE struct err share_partner_end(struct db *db, const struct actor *actor, const struct share_speaker *speaker,
        int64_t number, const struct share_partner_ending *ending, struct arena *arena);
/* A revocation that its identity key signed, as a file that somebody brought. */
MUST_USE struct err share_partner_revocation(
        struct db *db, const struct actor *actor, slice statement, struct arena *arena, int64_t *number);

/* Statements of type partner.*, which share_statement_take() took: hello, with the URLs of our inbox and outbox there.
 */
MUST_USE struct err share_partner_take(struct work *work, int64_t partner, const struct share_letter *letter);
/*
 * For who was refused a statement: if it is signed by a key that was revoked, or by a partner that ended, somebody uses
 * what he should not have, and that is an alarm. Once per SHARE_ALARM_US and partner. ERR_NONE also if it is nothing.
 */
MUST_USE struct err share_partner_alarm(struct db *db, const struct actor *actor, const struct share_letter *letter,
        const char *why, struct arena *arena);

/* URL of a collection of ours, for the partner. */
slice share_collection_url(slice url, slice id, struct arena *arena);
/* What a partner of that kind cannot prove or acknowledge: sentences (marked for translation), up to a NULL. */
const char *const *share_partner_limits(enum partner_kind kind);
