/* SPDX-License-Identifier: Apache-2.0 */
#include "share/preview.h"

#include "base/arena.h"
#include "share/agreement.h"
#include "store/right.h"

#define ARENA_BYTES ((size_t)1 << 30)

struct previewing {
    struct db *db;
    const struct share_preview_of *of;
    slice terms; /* that are supposed to hold; empty: those that do */
    const struct share_release_options *options;
    struct stix_definitions *definitions;
    share_preview_take *take;
    void *context;
};

static struct err row_show(struct previewing *previewing, const struct share_scene *scene,
        const struct share_side *side, const struct share_weighed *weighed, struct arena *arena)
{
    struct share_previewed row = {
            .object = weighed->object,
            .rule = share_release_rule(previewing->options->window_us, scene->now_us, weighed),
            .why = weighed->decision.why,
            .asks = weighed->decision.answer == SHARE_ASK || weighed->decision.asked != SHARE_ASK_NOBODY,
            .derived = weighed->decision.derived,
            .tlp = weighed->decision.tlp,
    };
    struct released_put put;
    if (row.rule == NULL) {
        TRY(share_release_put(previewing->db, scene, side, weighed, arena, &put));
        row.id = put.id;
        row.version = put.version;
        row.bytes = row.derived ? put.derived : weighed->decision.bytes;
    } else if (strcmp(row.rule, "window") == 0) {
        row.why = "sightings leave together when their window is over";
    }
    return previewing->take(previewing->context, &row);
}

/* `objects`, or NULL: those that are supposed. */
static struct err batch_show(
        struct previewing *previewing, const struct object *objects, size_t count, struct arena *arena)
{
    struct share_scene scene;
    struct share_batch *batch;
    struct share_weighed *weighed = arena_new(arena, struct share_weighed, count + 1);
    TRY(share_scene_read(previewing->db, previewing->definitions, previewing->options->encrypted, arena, &scene));
    if (previewing->terms.len > 0)
        TRY(share_scene_suppose(&scene, previewing->db, previewing->of->partner, previewing->terms, arena));
    const struct share_side *side = share_side_of(&scene, previewing->of->partner);
    if (side == NULL)
        return err_make(ERR_MISSING, "there is no agreement with that partner");
    TRY(objects != NULL ? share_batch_read(previewing->db, &scene, objects, count, arena, &batch)
                        : share_batch_suppose(previewing->db, &scene, previewing->of->supposed, count, arena, &batch));
    TRY(share_weigh(batch, side, weighed));
    for (size_t i = 0; i < count; i++)
        TRY(row_show(previewing, &scene, side, &weighed[i], arena));
    return OK;
}

static struct err page_show(struct previewing *previewing, struct object_place *place, struct arena *arena)
{
    struct object *rows;
    size_t count;
    TRY(store_object_page(previewing->db, &(struct object_filter){0}, place, WEIGH_OBJECTS_MAX, arena, &rows, &count));
    return batch_show(previewing, rows, count, arena);
}

static struct err all_show(struct previewing *previewing, struct arena *outer)
{
    struct object_place place = {0};
    struct err err = OK;
    while (!place.end && err.kind == ERR_NONE) {
        struct arena *arena = arena_open("preview", ARENA_WORK, ARENA_BYTES);
        err = page_show(previewing, &place, arena);
        if (err.kind != ERR_NONE)
            err.why = arena_cstr(outer, slice_of(err.why));
        arena_close(arena);
    }
    return err;
}

/* What counts of each source, of all ids together: they may refer to each other. */
static struct err ids_show(struct previewing *previewing, struct arena *arena)
{
    struct object *objects = arena_new(arena, struct object, WEIGH_OBJECTS_MAX);
    size_t kept = 0;
    const slice *ids = previewing->of->ids;
    for (size_t i = 0; i < previewing->of->count; i++) {
        struct object *rows;
        size_t count, before = kept;
        TRY(store_object_versions(previewing->db, ids[i], arena, &rows, &count));
        for (size_t j = 0; j < count; j++) {
            if (rows[j].newest && kept == WEIGH_OBJECTS_MAX)
                return err_format(arena, ERR_LIMIT, "at most %d objects at once", WEIGH_OBJECTS_MAX);
            if (rows[j].newest)
                objects[kept++] = rows[j];
        }
        if (kept == before)
            return err_format(arena, ERR_MISSING, "%.*s: nothing is here of that id",
                    (int)(ids[i].len < 300 ? ids[i].len : 300), ids[i].ptr);
    }
    return batch_show(previewing, objects, kept, arena);
}

static struct err terms_find(struct previewing *previewing, struct arena *arena)
{
    struct agreement row;
    struct agreement_version version;
    if (!previewing->of->waiting)
        return OK;
    TRY(store_agreement_with(previewing->db, previewing->of->partner, arena, &row));
    TRY(share_agreement_waiting(previewing->db, &row, arena, &version));
    previewing->terms = version.terms;
    return OK;
}

struct err share_preview(struct db *db, const struct actor *actor, const struct share_preview_of *of,
        const struct share_release_options *options, share_preview_take *take, void *context, struct arena *arena)
{
    struct previewing previewing = {
            .db = db, .of = of, .terms = S(""), .options = options, .take = take, .context = context};
    TRY(store_right_check(actor, VERB_PREVIEW, 0, arena, NULL));
    TRY(terms_find(&previewing, arena));
    previewing.definitions = stix_definitions_open();
    struct err err = share_definitions_read(db, previewing.definitions);
    if (err.kind == ERR_NONE && of->supposed_count > 0)
        err = batch_show(&previewing, NULL, of->supposed_count, arena);
    else if (err.kind == ERR_NONE)
        err = of->count > 0 ? ids_show(&previewing, arena) : all_show(&previewing, arena);
    stix_definitions_close(previewing.definitions);
    return err;
}
