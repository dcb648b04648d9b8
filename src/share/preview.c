/* SPDX-License-Identifier: Apache-2.0 */
#include "share/preview.h"

#include "base/arena.h"
#include "store/right.h"

#define ARENA_BYTES ((size_t)1 << 30)

struct previewing {
    struct db *db;
    int64_t partner;
    const struct share_release_options *options;
    struct stix_definitions *definitions;
    share_preview_take *take;
    void *context;
    const slice *ids;
    size_t count;
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

static struct err batch_show(
        struct previewing *previewing, const struct object *objects, size_t count, struct arena *arena)
{
    struct share_scene scene;
    struct share_batch *batch;
    struct share_weighed *weighed = arena_new(arena, struct share_weighed, count + 1);
    TRY(share_scene_read(previewing->db, previewing->definitions, previewing->options->encrypted, arena, &scene));
    const struct share_side *side = share_side_of(&scene, previewing->partner);
    if (side == NULL)
        return err_make(ERR_MISSING, "there is no agreement with that partner");
    TRY(share_batch_read(previewing->db, &scene, objects, count, arena, &batch));
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
    for (size_t i = 0; i < previewing->count; i++) {
        struct object *rows;
        size_t count, before = kept;
        TRY(store_object_versions(previewing->db, previewing->ids[i], arena, &rows, &count));
        for (size_t j = 0; j < count; j++) {
            if (rows[j].newest && kept == WEIGH_OBJECTS_MAX)
                return err_format(arena, ERR_LIMIT, "at most %d objects at once", WEIGH_OBJECTS_MAX);
            if (rows[j].newest)
                objects[kept++] = rows[j];
        }
        if (kept == before)
            return err_format(arena, ERR_MISSING, "%.*s: nothing is here of that id",
                    (int)(previewing->ids[i].len < 300 ? previewing->ids[i].len : 300), previewing->ids[i].ptr);
    }
    return batch_show(previewing, objects, kept, arena);
}

struct err share_preview(struct db *db, const struct actor *actor, int64_t partner, const slice *ids, size_t count,
        const struct share_release_options *options, share_preview_take *take, void *context, struct arena *arena)
{
    struct previewing previewing = {.db = db,
            .partner = partner,
            .options = options,
            .take = take,
            .context = context,
            .ids = ids,
            .count = count};
    TRY(store_right_check(actor, VERB_PREVIEW, 0, arena, NULL));
    previewing.definitions = stix_definitions_open();
    struct err err = share_definitions_read(db, previewing.definitions);
    if (err.kind == ERR_NONE)
        err = count > 0 ? ids_show(&previewing, arena) : all_show(&previewing, arena);
    stix_definitions_close(previewing.definitions);
    return err;
}
