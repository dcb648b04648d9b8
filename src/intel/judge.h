/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What we hold of intelligence ourselves: withdrawn, expired, a false positive, tagged; and the undoing of each, and of
 * a whole import. A judgement is ours alone: the object that its source gave us stays as it is. Only an object of our
 * own is revoked by a new version that says so.
 *
 * Each verb checks the right of who acts, changes all that the subject names or nothing, and leaves one row in the
 * journal for each source and id, whose detail is a JSON object:
 *
 *     intel.judged, intel.unjudged   {"source","id","kind","at","reason","judgement"}; at: microseconds, of "expired"
 *     intel.tagged, intel.untagged   {"source","id","tag"}
 */
#include "store/judgement.h"

#define INTEL_SOURCES_MAX 1000 /* sources of a node that one verb can touch at once */

struct actor;

/* What a verb is about: what one source, or (empty) every source that has it, says of an id. */
struct intel_subject {
    slice source; /* name */
    slice id;
};

/*
 * Judges. *count: how many sources it was done for; those for which it holds already are left as they are. `at_us` is
 * asked for OBJECT_EXPIRED only. ERR_MISSING if nobody says anything of the id; ERR_CONFLICT if it holds for all;
 * ERR_INPUT without a reason.
 */
MUST_USE struct err intel_judge(struct db *db, const struct actor *actor, const struct intel_subject *subject,
        enum object_judged kind, int64_t at_us, slice reason, struct arena *arena, size_t *count);
/* Takes a judgement back; ERR_MISSING if none of that kind holds. */
MUST_USE struct err intel_unjudge(struct db *db, const struct actor *actor, const struct intel_subject *subject,
        enum object_judged kind, slice reason, struct arena *arena, size_t *count);

/* Not to be matched and not to be handed on: the value is harmless. */
static inline struct err intel_false_positive(struct db *db, const struct actor *actor,
        const struct intel_subject *subject, slice reason, struct arena *arena, size_t *count)
{
    return intel_judge(db, actor, subject, OBJECT_FALSE_POSITIVE, TIME_NONE, reason, arena, count);
}

/* From a moment on it is no longer to be looked for. */
static inline struct err intel_expire(struct db *db, const struct actor *actor, const struct intel_subject *subject,
        int64_t at_us, slice reason, struct arena *arena, size_t *count)
{
    return intel_judge(db, actor, subject, OBJECT_EXPIRED, at_us, reason, arena, count);
}

/*
 * Revokes: what our own organisation created gets a new version that says so (STIX 2.1 section 3.2, "revoked"), what
 * others did is withdrawn here only. *versions: how many of the former; each is an import of its own, undone like any.
 */
struct intel_revoked {
    size_t withdrawn, versions;
};
MUST_USE struct err intel_revoke(struct db *db, const struct actor *actor, const struct intel_subject *subject,
        slice reason, struct arena *arena, struct intel_revoked *revoked);
/* Takes either back. */
MUST_USE struct err intel_unrevoke(struct db *db, const struct actor *actor, const struct intel_subject *subject,
        slice reason, struct arena *arena, struct intel_revoked *revoked);

/* *count: how many sources' word on it got the tag, or lost it. */
MUST_USE struct err intel_tag(struct db *db, const struct actor *actor, const struct intel_subject *subject, slice tag,
        struct arena *arena, size_t *count);
MUST_USE struct err intel_untag(struct db *db, const struct actor *actor, const struct intel_subject *subject,
        slice tag, struct arena *arena, size_t *count);

/*
 * For verbs that judge many in one work: the same for one object, without asking for the right. *done: false if it held
 * already, or did not.
 */
MUST_USE struct err intel_judge_object(struct work *work, const struct object *object, enum object_judged kind,
        int64_t at_us, slice reason, bool *done);
/* `only`: takes back what was judged for this reason and no other; empty: whatever holds. */
MUST_USE struct err intel_unjudge_object(
        struct work *work, const struct object *object, enum object_judged kind, slice only, slice reason, bool *done);

/* Hides what only that import brought; earlier versions count again. ERR_CONFLICT if it is not done. */
MUST_USE struct err intel_undo(
        struct db *db, const struct actor *actor, int64_t import, slice reason, struct arena *arena);
/* The same when two persons have to agree, for their table (share/approve.h): subject "import/7", detail
 * {"reason": TEXT}. */
MUST_USE struct err intel_may_undo(
        struct db *db, const struct actor *actor, slice subject, slice detail, struct arena *arena, bool *second);
MUST_USE struct err intel_do_undo(struct work *work, slice subject, slice detail);
