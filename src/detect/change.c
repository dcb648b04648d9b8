/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/change.h"

#include "base/arena.h"
#include "form/form.h"
#include "sift/load.h"

/* One object on its way. */
struct change {
    struct change_target *target;
    const struct object *object;
    bool unused;
};

/* No more than a live index takes (LIVE_TEXTS_MAX): the base has to open. */
static struct err pattern_build(struct change_target *target, const struct indicator *pattern)
{
    struct match_builder *probe = match_builder_open(hash_key_fixed(1));
    size_t texts = 0;
    struct err err = load_pattern(probe, target->scratch, pattern, &texts);
    match_builder_close(probe);
    TRY(err);
    if (target->texts + texts > LIVE_TEXTS_MAX)
        return err_make(ERR_INPUT, "the patterns of the node have more than 200000 texts to search for");
    target->texts += texts;
    return load_pattern(target->builder, target->scratch, pattern, NULL);
}

/* ERR_INPUT is told by the form as a problem of the object, and the rest of it is taken. */
static struct err take(struct change *change, const struct indicator *given, bool is_pattern)
{
    struct change_target *target = change->target;
    struct indicator indicator = *given;
    int64_t expiry_us = change->object->expiry_us;
    indicator.id = change->object->id;
    if ((change->object->judged & OBJECT_EXPIRED) != 0 &&
            (indicator.until_us == TIME_NONE || expiry_us < indicator.until_us))
        indicator.until_us = expiry_us;
    if (target->live != NULL)
        return (is_pattern ? live_add_pattern : live_add)(target->live, &indicator);
    if ((indicator.flags & INDICATOR_REVOKED) != 0)
        return OK;
    return is_pattern ? pattern_build(target, &indicator) : match_build_add(target->builder, &indicator);
}

static struct err take_indicator(void *context, const struct indicator *indicator)
{
    return take(context, indicator, false);
}

static struct err take_pattern(void *context, const struct indicator *pattern)
{
    return take(context, pattern, true);
}

static void take_problem(void *context, uint64_t line, uint64_t column, const char *why)
{
    (void)line, (void)column, (void)why;
    ((struct change *)context)->unused = true;
}

static void take_skipped(void *context, const char *what)
{
    (void)what;
    ((struct change *)context)->unused = true;
}

/* An index names a source by its number, which stays when its name does not. */
static struct err change_begin(struct change_target *target, int64_t source, slice id)
{
    char name[24];
    int len = snprintf(name, sizeof name, "%lld", (long long)source);
    slice source_name = {name, (size_t)len};
    return target->live != NULL ? live_begin(target->live, source_name, id)
                                : match_build_source(target->builder, source_name);
}

bool change_counts(const struct object *object)
{
    return !object->revoked && (object->judged & (OBJECT_FALSE_POSITIVE | OBJECT_WITHDRAWN)) == 0;
}

struct err change_put(struct change_target *target, const struct object *object)
{
    struct change change = {target, object, false};
    struct form_sink sink = {&change, take_indicator, take_problem, take_skipped, NULL, take_pattern};
    TRY(change_begin(target, object->source, object->id));
    if (!change_counts(object) || !audience_may(target->audience, object))
        return OK;
    struct arena *arena = arena_open("an object to look for", ARENA_WORK, 4 * (size_t)OBJECT_BYTES_MAX);
    struct err err = form_stix.read(object->bytes, arena, &sink);
    /* The store checked it when it came; what a later program cannot read any more is not looked for. */
    change.unused |= err.kind == ERR_INPUT;
    arena_close(arena);
    target->unused += change.unused;
    return err.kind == ERR_LIMIT || err.kind == ERR_SYSTEM ? err_make(err.kind, "no room for an indicator") : OK;
}

struct err change_drop(struct change_target *target, int64_t source, slice id)
{
    return target->live == NULL ? OK : change_begin(target, source, id);
}
