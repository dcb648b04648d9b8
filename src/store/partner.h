/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Partners: organisations that we share with, the keys by which their nodes are known, and which of their statements
 * were taken. What a partner may is in share/partner.h; here are its rows.
 *
 * A partner whose end is set ends at that very moment, whatever its row says: reading says PARTNER_ENDED from then on.
 * Who serves asks in its own statement for PARTNER_IS_SERVED.
 */
#include "base/clock.h"
#include "base/key.h"
#include "store/work.h"

#define PARTNERS_MAX 100000       /* at all: more of them are an error of whoever asks for all */
#define PARTNER_KEYS_MAX 256      /* of one partner, good and bad ones, for ever */
#define STATEMENTS_SEEN_MAX 20000 /* of one partner that have not expired */

/* SQL: a row `p` of partner gets what was released to it at the moment that is parameter `now` ("$3"). */
#define PARTNER_IS_SERVED(now) "(p.state = 'active' AND p.paused = '' AND (p.ended_us IS NULL OR p.ended_us > " now "))"

enum partner_state {
    PARTNER_CANDIDATE, /* introduced: nobody compared the fingerprint yet */
    PARTNER_CONFIRMED, /* somebody did; its node has not said yet that it did the same */
    PARTNER_ACTIVE,
    PARTNER_SUSPENDED,
    PARTNER_ENDED,
    PARTNER_STATES,
};
enum partner_kind { PARTNER_NODE, PARTNER_TAXII };

struct partner {
    int64_t number, organisation;
    enum partner_kind kind;
    enum partner_state state;       /* at the moment of asking */
    slice name, country;            /* of its organisation, today */
    slice node;                     /* id of its identity; of PARTNER_TAXII one that we drew */
    struct key_public identity_key; /* zero: PARTNER_TAXII */
    slice url; /* of the node, with a "/" at the end, or of the TAXII collection; empty: it pulls */
    slice contact;
    int64_t account;
    slice account_name;
    int64_t source;
    slice outbox; /* UUID */
    int64_t inbox;
    slice inbox_id;                    /* UUID */
    slice remote_inbox, remote_outbox; /* URLs at its node; empty: it has not said yet */
    slice paused;
    int64_t introduced_us, confirmed_us, ended_us; /* or TIME_NONE */
    slice confirmed_by;
};

struct partner_put {
    int64_t organisation;
    enum partner_kind kind;
    enum partner_state state;
    slice node, url, contact;
    struct key_public identity_key;
    int64_t account, source;
    slice outbox;
    int64_t inbox;
};

/* ERR_CONFLICT if the node or the organisation is a partner already. */
MUST_USE struct err store_partner_add(struct work *work, const struct partner_put *put, int64_t *number);
/* One that ended, or is a candidate still, begins anew: other key, URL and contact, nothing confirmed, no addresses. */
MUST_USE struct err store_partner_again(struct work *work, int64_t number, const struct partner_put *put);
/* ERR_CONFLICT if it is not in the state `from`, or has ended. */
MUST_USE struct err store_partner_move(
        struct work *work, int64_t number, enum partner_state from, enum partner_state to);
/* Somebody compared its fingerprint: PARTNER_CANDIDATE becomes PARTNER_CONFIRMED. */
MUST_USE struct err store_partner_confirm(struct work *work, int64_t number, slice by);
/* It ends then; a moment that was set before moves only to an earlier one. ERR_CONFLICT if it ended already. */
MUST_USE struct err store_partner_end(struct work *work, int64_t number, int64_t at_us);
MUST_USE struct err store_partner_remote(struct work *work, int64_t number, slice inbox, slice outbox);
MUST_USE struct err store_partner_pause(struct work *work, int64_t number, slice why);

/* As they are at now_us. ERR_MISSING. */
MUST_USE struct err store_partner_get(
        struct db *db, int64_t number, int64_t now_us, struct arena *arena, struct partner *partner);
MUST_USE struct err store_partner_find_node(
        struct db *db, slice node, int64_t now_us, struct arena *arena, struct partner *partner);
/* By the name of its organisation, of today, or by the id of its node. */
MUST_USE struct err store_partner_find(
        struct db *db, slice name, int64_t now_us, struct arena *arena, struct partner *partner);
MUST_USE struct err store_partner_list(struct db *db, int64_t after, size_t count, int64_t now_us, struct arena *arena,
        struct partner **rows, size_t *row_count);
/* All of them. */
MUST_USE struct err store_partner_all(
        struct db *db, int64_t now_us, struct arena *arena, struct partner **rows, size_t *row_count);
/* Whether a sharing group of this UUID is known here, and whether both nodes are members of one. */
MUST_USE struct err store_partner_group_is_known(struct db *db, slice group, bool *known);
MUST_USE struct err store_partner_share_group(struct db *db, slice node, slice other, bool *share);

const char *store_partner_state_name(enum partner_state state); /* "candidate" */
const char *store_partner_kind_name(enum partner_kind kind);    /* "node" */

/* ---- Keys ---- */

struct node_key {
    int64_t partner; /* 0: ours */
    slice purpose;   /* "message" */
    struct key_public key;
    int64_t from_us, until_us;
    int64_t revoked_us; /* or TIME_NONE */
    slice statement;    /* the certification */
    int64_t added_us;
};

/* *fresh: it was not there; one that is there stays as it is, revoked or not. ERR_LIMIT beyond PARTNER_KEYS_MAX. */
MUST_USE struct err store_node_key_put(struct work *work, const struct node_key *key, bool *fresh);
/* ERR_MISSING. */
MUST_USE struct err store_node_key_get(struct db *db, int64_t partner, slice purpose, const struct key_public *key,
        struct arena *arena, struct node_key *row);
/* Whether anybody ever had this key, for anything. */
MUST_USE struct err store_node_key_is_known(struct db *db, const struct key_public *key, bool *known);
/* Those of a partner, the youngest of a purpose first. */
MUST_USE struct err store_node_key_list(
        struct db *db, int64_t partner, struct arena *arena, struct node_key **rows, size_t *row_count);
/* From then on nothing of it is taken; never later than it was revoked before. *changed: it moved. */
MUST_USE struct err store_node_key_revoke(
        struct work *work, int64_t partner, slice purpose, const struct key_public *key, int64_t at_us, bool *changed);
MUST_USE struct err store_node_key_revoke_all(struct work *work, int64_t partner, int64_t at_us);
/* It ends then, if it would not earlier. */
MUST_USE struct err store_node_key_shorten(
        struct work *work, int64_t partner, slice purpose, const struct key_public *key, int64_t until_us);
/* The same for all of a purpose. */
MUST_USE struct err store_node_key_shorten_all(struct work *work, int64_t partner, slice purpose, int64_t until_us);

/* ---- Statements that were taken ---- */

struct statement_seen {
    slice id;
    int64_t sequence, expires_us;
};

/* *fresh: it was not taken before. Some that expired go. ERR_LIMIT beyond STATEMENTS_SEEN_MAX. */
MUST_USE struct err store_statement_seen(
        struct work *work, int64_t partner, const struct statement_seen *seen, bool *fresh);
/* Nothing came of it: why. */
MUST_USE struct err store_statement_refused(struct work *work, int64_t partner, slice id, slice why);
/* What became of one: empty, or why nothing did. ERR_MISSING: it is new. */
MUST_USE struct err store_statement_answer(
        struct db *db, int64_t partner, slice id, struct arena *arena, slice *refused);
