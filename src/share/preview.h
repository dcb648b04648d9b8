/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * What would leave for a partner, byte for byte, and by which rule the rest stays: by the same functions as a release,
 * and without one. Nothing is written. A derived object that was never released shows the id that it will have.
 */
#include "share/release.h"

struct share_previewed {
    const struct object *object;
    const char *rule; /* by which it stays; NULL: it goes */
    const char *why;  /* a sentence for our own people */
    bool asks;        /* it would go if somebody agreed */
    bool derived;
    enum stix_tlp tlp; /* under which it would leave */
    slice id, version, bytes;
};
typedef struct err share_preview_take(void *context, const struct share_previewed *row);

struct share_preview_of {
    int64_t partner;
    const slice *ids; /* of these objects; count 0: of everything that counts */
    size_t count;
    bool waiting;                          /* as if the version of the agreement that waits for somebody held already */
    const struct share_supposed *supposed; /* of these instead, which are not in the store; at most WEIGH_OBJECTS_MAX */
    size_t supposed_count;
};

/*
 * For who may (VERB_PREVIEW). Each in turn; a row lives until the call returns. ERR_MISSING: there is no agreement with
 * that partner, none of its versions waits, or nothing is here of one of the ids.
 */
MUST_USE struct err share_preview(struct db *db, const struct actor *actor, const struct share_preview_of *of,
        const struct share_release_options *options, share_preview_take *take, void *context, struct arena *arena);
