/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * The follower @release: as objects and agreements change it decides what goes to whom, and puts that into the
 * partners' collections, each batch with its entry of the partner log, in one work.
 *
 *     notes     rows of the journal (an import, a judgement, ...) become notes of what is to be decided (store/due.h)
 *     batches   a note, or an agreement of a new generation, is decided a batch at a time; notes and agreements take
 *               turns, so that none delays another for longer than a batch
 *     letters   what partners have to be told (recalls, requests for consent) is signed and put on its way
 *
 * What was released under an earlier generation is invisible at once; then rows are decided anew in the order of their
 * moments, and served up to where that came to, so that nobody reads past a row that comes back. After that come the
 * objects that were not released.
 */
#include <stdatomic.h>

#include "share/keys.h"
#include "share/weigh.h"
#include "store/released.h"

/* Section [sharing] of the configuration. */
struct share_release_options {
    int64_t window_us;   /* sightings of ours leave at the end of such a window */
    int64_t ask_us;      /* a question waits so long for an answer; then it is a no */
    uint64_t recall_max; /* objects that a partner recalls within a day without a person of ours */
    bool encrypted;      /* what leaves goes by TLS */
};
extern const struct share_release_options share_release_usual;

struct share_releaser;
/* `keys`: to sign what partners are told; NULL: letters wait for who has them. `db` and keys belong to the caller. */
struct share_releaser *share_releaser_open(
        struct db *db, const struct share_release_options *options, const struct share_keys *keys);
void share_releaser_close(struct share_releaser *releaser); /* NULL is allowed */

/* Does what there is, at most that many steps; *did: how many it took. 0: nothing is left to do. */
MUST_USE struct err share_release_some(struct share_releaser *releaser, size_t most, size_t *did);
/* Until *stop; woken by the journal. `failed` is told of what went wrong; it tries again after a moment. */
void share_release_run(struct share_releaser *releaser, const atomic_bool *stop,
        void (*failed)(void *context, struct err err), void *context);

/* ---- The same for who only looks ---- */

/* The rule by which it stays; NULL: it goes. */
const char *share_release_rule(int64_t window_us, int64_t now_us, const struct share_weighed *weighed);
/* The row that would be put into the collection, with the bytes that the partner gets: those that it has, where nothing
 * but the time of making them would differ. */
MUST_USE struct err share_release_put(struct db *db, const struct share_scene *scene, const struct share_side *side,
        const struct share_weighed *weighed, struct arena *arena, struct released_put *put);
