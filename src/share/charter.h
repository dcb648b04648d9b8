/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The terms of reference of a sharing group: who its members are, what it is for, and by which rule they change it. A
 * JSON document in versions, read as strictly as terms of agreements (terms.h).
 *
 * What follows from a set of votes is decided here as well, and by nothing else: the same statements give the same
 * versions at every node, in whatever order they came. Pure; any thread; what was read lies in the arena.
 */
#include "base/hash.h"
#include "share/decide.h"

#define CHARTER_BYTES_MAX (64u << 10)
#define CHARTER_MEMBERS_MAX 64
#define CHARTER_MEETINGS_MAX 50
#define CHARTER_DAYS_MAX 30 /* that a vote lasts: statements are good for 31 */

struct share_member {
    slice node, name;
};

struct share_charter {
    slice text; /* canonical */
    struct sha256 digest;
    int64_t version; /* from 1 */
    slice name, purpose;
    const struct share_member *members;
    size_t member_count;
    int64_t quorum;         /* so many votes have to be cast */
    int64_t yes, of;        /* yes-votes of at least yes/of of all members; more than a half */
    int64_t days;           /* that a vote lasts */
    const slice *proposers; /* nodes that may propose; none: every member */
    size_t proposer_count;
    enum stix_tlp marking; /* of what is shared in it and not marked */
    const slice *meetings; /* notes for people */
    size_t meeting_count;
    bool dissolved;
};

/* ERR_INPUT or ERR_LIMIT with the place in the document. */
MUST_USE struct err share_charter_read(slice json, struct arena *arena, struct share_charter *charter);
/* `from` with this version in place of its own; *text: canonical. */
MUST_USE struct err share_charter_draft(slice from, int64_t version, struct arena *arena, slice *text);
bool share_charter_has(const struct share_charter *charter, slice node);
bool share_charter_may_propose(const struct share_charter *charter, slice node);
/* Whether `now` has no member and no right that `before` had not: then it needs no consent here. */
bool share_charter_narrow(const struct share_charter *before, const struct share_charter *now);
/* Digest of its members: who votes on the version after it. */
struct sha256 share_charter_electorate(const struct share_charter *charter);

/* ---- Votes ---- */

struct share_vote {
    slice node;
    bool yes;
};

struct share_motion {
    slice id; /* UUID of the proposing statement */
    int64_t ends_us;
    struct share_charter to;        /* what it would make */
    const struct share_vote *votes; /* one a node */
    size_t vote_count;
};

struct share_tally {
    size_t electorate, cast, yes;
    size_t needed; /* yes-votes */
    bool carried;
};

/* `before`: what it changes; NULL: it founds the group, for which all that are to be members have to say yes. */
struct share_tally share_motion_tally(const struct share_motion *motion, const struct share_charter *before);
/* Of those that change the same version the one that counts; NULL: none is carried. Where members said yes to two, so
 * that both are, it is the one whose vote ended first, then the one of the lower id. */
const struct share_motion *share_motion_first(
        const struct share_motion *motions, size_t count, const struct share_charter *before);
