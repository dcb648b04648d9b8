/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A live index: what events are matched against while intelligence changes under them. It is a base (an index in a
 * file, which knows its position in the journal), and beside it an overlay of what changed since: new objects, and for
 * replaced and revoked ones the word that what the base says of them is over. Publishing is one exchange of a number;
 * workers take the newest generation with each block and never wait. A thread of its own merges the overlay into a new
 * base when it has grown or is old.
 *
 *     live_begin live_add … live_begin … → live_publish → generation → live_take, a block, live_leave
 *
 * One thread changes and publishes; any thread takes, leaves and asks for counts. Whoever opened it closes it, when no
 * generation is held any more.
 */
#include "match/match.h"

struct generation;
struct live;

#define LIVE_SHARE_PERCENT 5   /* of the base: an overlay of more indicators is merged, */
#define LIVE_SHARE_LEAST 4096  /* but not a smaller one for that, */
#define LIVE_FOLD_OBJECTS 4096 /* that changed, or */
#define LIVE_FOLD_PATTERNS 128 /* among them: then what changes next is kept apart, so that it is published quickly */
#define LIVE_MERGE_US (INT64_C(60) * 1000000)    /* and any that is this old */
#define LIVE_RETRY_US (INT64_C(10) * 1000000)    /* after a merge that failed */
#define LIVE_TEXTS_MAX 200000                    /* that patterns have searched for, of all parts together */
#define LIVE_OVERLAY_BYTES_MAX ((size_t)8 << 30) /* of what changed between two merges */
#define LIVE_GENERATIONS_MAX 1024                /* held at once; each worker holds one at most */

struct live_options {
    const char *path; /* the file of the base; NULL: in memory only. It has to live as long as the live index */
    bool anew;        /* nothing is read: an empty base at position 0, and the first merge replaces the file */
    bool by_hand;     /* no thread: live_merge is called for it */
    int64_t merge_us; /* 0: LIVE_MERGE_US */
    unsigned percent; /* 0: LIVE_SHARE_PERCENT */
};

/*
 * ERR_MISSING if there is no file, ERR_INPUT if it is damaged or of another version: then all of it has to come again,
 * into one opened anew. ERR_CONFLICT if something else than a file is in its place.
 */
MUST_USE struct err live_open(const struct live_options *options, struct arena *arena, struct live **live);
/* What was not merged is lost here, and comes again from the journal. NULL is allowed. */
void live_close(struct live *live);

/*
 * An object changed: what was known of this id from this source is over, and what is added until the next begins is all
 * there is to know. Nothing added: revoked or deleted. Nobody sees any of it before it is published. ERR_INPUT without
 * an id, ERR_LIMIT if more changed than LIVE_OVERLAY_BYTES_MAX.
 */
MUST_USE struct err live_begin(struct live *live, slice source, slice id);
/*
 * An indicator of the object that was begun, or a pattern (form_sink in form/form.h says how each looks); its id is the
 * object's. A revoked one adds nothing. ERR_INPUT with a literal reason if it cannot be, or is a pattern beyond
 * LIVE_TEXTS_MAX: then nothing is added.
 */
MUST_USE struct err live_add(struct live *live, const struct indicator *indicator);
MUST_USE struct err live_add_pattern(struct live *live, const struct indicator *pattern);
/*
 * From here on blocks are matched against all that was begun, which is where the journal is at `position`. On an error
 * they still are against what was before, and the next call tries again. ERR_LIMIT if the patterns are too much, or too
 * many generations are held.
 */
MUST_USE struct err live_publish(struct live *live, uint64_t position);

/*
 * All that is known comes from this file from now on, at the position that it was made for; what changed since it was
 * published, and what was not published, is over. The file is read, never written: for who gets the base from elsewhere
 * and has no path of its own. On an error all stays as it is: ERR_MISSING, or ERR_INPUT if it is damaged.
 */
MUST_USE struct err live_adopt(struct live *live, const char *path, struct arena *arena);

/*
 * Merges what is published into a new base now and waits for it; for `by_hand` and for an end in order. The file is on
 * disk when this returns OK. It does nothing if nothing changed. On an error all stays as it is, and the reason until
 * the next merge.
 */
MUST_USE struct err live_merge(struct live *live);

/* The same for what the thread does in between, which is within the overlay: it writes no file. */
MUST_USE struct err live_fold(struct live *live);

/* The newest generation; it stays until it is left. Any thread, without waiting. */
const struct generation *live_take(struct live *live);
void live_leave(struct live *live, const struct generation *generation);

struct live_counts {
    uint64_t position;      /* of the journal, published */
    uint64_t base_position; /* in the file: what the journal has to keep */
    uint64_t generations;   /* published until now */
    uint64_t base, overlay; /* indicators */
    uint64_t replaced;      /* objects that the overlay speaks of */
    uint64_t folds, merges, merges_failed;
    char why[256]; /* the last failed for; empty: none did since the last that did not */
};
struct live_counts live_counts(struct live *live);
