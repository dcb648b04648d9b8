/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/retain.h"

#include "base/arena.h"
#include "store/import.h"
#include "store/right.h"

#define STEP_ARENA_MAX (256u << 20)

struct retaining {
    const struct retain_limits *limits;
    struct retained step;
    uint64_t ended;
};

/* First what died is ended, so that its rest goes, too. */
static struct err recover(struct work *work, void *context)
{
    struct retaining *retaining = context;
    return store_import_recover(work, &retaining->ended);
}

static struct err retain_step(struct work *work, void *context)
{
    struct retaining *retaining = context;
    return store_retain(work, retaining->limits, &retaining->step);
}

static void add(struct retained *sum, const struct retained *step)
{
    sum->originals += step->originals;
    sum->refused += step->refused;
    sum->objects += step->objects;
    sum->details += step->details;
    sum->links += step->links;
    sum->sessions += step->sessions;
    sum->tokens += step->tokens;
    sum->notices += step->notices;
    sum->more = step->more;
}

static bool is_stopped(const struct intel_retain_watch *watch)
{
    return watch->stop != NULL && watch->stop(watch->context);
}

static struct err steps(struct db *db, const struct actor *actor, struct retaining *retaining,
        const struct intel_retain_watch *watch, struct arena *arena, struct retained *sum)
{
    TRY(store_work(db, actor, arena, recover, retaining));
    for (sum->more = true; sum->more && !is_stopped(watch);) {
        arena_reset(arena);
        TRY(store_work(db, actor, arena, retain_step, retaining));
        add(sum, &retaining->step);
        if (watch->progress != NULL)
            watch->progress(watch->context, sum);
    }
    return OK;
}

struct err intel_retain(struct db *db, const struct actor *actor, const struct retain_limits *limits,
        const struct intel_retain_watch *watch, struct arena *arena, struct retained *retained)
{
    struct retaining retaining = {.limits = limits};
    struct retained sum = {0};
    TRY(store_right_check(actor, VERB_RETAIN, actor->organisation, arena, NULL));
    struct arena *step = arena_open("removing what is past its time", ARENA_WORK, STEP_ARENA_MAX);
    struct err err = steps(db, actor, &retaining, watch, step, &sum);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    arena_close(step);
    *retained = sum;
    return err;
}
