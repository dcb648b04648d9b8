/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * A piece of work: one transaction around a verb, and the news of it. What a verb changes and the journal's rows about
 * it commit together or not at all; the rows get their place in the journal at the very end, under the lock of one
 * counter row, so that their order is the order of commits and nobody who reads behind a place misses one.
 *
 *     static struct err tag(struct work *work, void *context) { TRY(store_tag_put(work, ...)); return OK; }
 *     TRY(store_work(db, actor, arena, tag, &tagging));
 *
 * The action may run more than once (db_work). The work lives as long as the action runs; what it leaves for later
 * belongs to the arena. One thread.
 */
#include "store/actor.h"
#include "store/store.h"

#define WORK_NEWS_MAX 1000          /* rows of one work */
#define WORK_DETAIL_MAX (64u << 10) /* bytes of a row's detail */

struct work {
    struct db *db;
    const struct actor *actor;
    struct arena *arena; /* the caller's; grows again when the action runs again */
    int64_t now_us;      /* one moment for all that the work does */
    struct work_news *news, **news_end;
    size_t news_count;
    struct work_put_off *put_off; /* the latest first */
    size_t put_off_count;
};

typedef struct err work_action(struct work *work, void *context);

MUST_USE struct err store_work(
        struct db *db, const struct actor *actor, struct arena *arena, work_action *action, void *context);

/*
 * Remembers a row of the journal. `act` is a literal, "import.done"; `subject` what it is about ("import/7", an id);
 * `detail` a JSON object or empty. ERR_LIMIT beyond WORK_NEWS_MAX and WORK_DETAIL_MAX.
 */
MUST_USE struct err store_work_news(struct work *work, const char *act, slice subject, slice detail);
/* What the work has to do at its end, once for each number, however often it was asked for: what is made of rows that a
 * verb changes one by one. ERR_LIMIT beyond WORK_NEWS_MAX of them. */
typedef struct err work_later(struct work *work, int64_t number);
MUST_USE struct err store_work_later(struct work *work, work_later *later, int64_t number);
/* The detail {"reason": TEXT}. */
slice store_work_reason(struct arena *arena, slice reason);
