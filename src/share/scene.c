/* SPDX-License-Identifier: Apache-2.0 */
#include "share/scene.h"

#include "base/arena.h"
#include "base/uuid.h"
#include "share/alias.h"
#include "share/keys.h"
#include "store/ledger.h"
#include "store/object.h"
#include "store/organisation.h"
#include "store/partner.h"
#include "store/released.h"

/* ---- Who could get it ---- */

static bool is_line(slice *rest, slice *line)
{
    size_t end = slice_find(*rest, '\n');
    *line = slice_part(*rest, 0, end);
    *rest = slice_from(*rest, end < rest->len ? end + 1 : end);
    return line->len > 0;
}

static void groups_read(struct share_side *side, struct arena *arena)
{
    slice rest = side->row.groups, line;
    struct uuid *groups = arena_new(arena, struct uuid, side->row.groups.len / 36 + 1);
    size_t count = 0;
    while (is_line(&rest, &line))
        count += uuid_parse(line, &groups[count]);
    side->recipient.groups = groups;
    side->recipient.group_count = count;
}

/* Terms that cannot be read let nothing out. */
static struct err side_read(const struct share_scene *scene, const struct side *row, struct db *db, struct arena *arena,
        struct share_side *side)
{
    struct share_document document = {0};
    *side = (struct share_side){.row = *row};
    struct err err = share_document_read(row->terms, arena, &document);
    if (err.kind == ERR_LIMIT || err.kind == ERR_SYSTEM)
        return err;
    side->wrong = err.kind == ERR_NONE ? NULL : err.why;
    side->terms = document.terms;
    side->terms.agreement = side->wrong == NULL ? row->agreement : 0;
    side->terms.generation = row->generation;
    side->terms.suspended = !slice_eq(row->state, S("in-force"));
    side->terms.from_us = row->from_us;
    side->terms.until_us = row->until_us;
    side->recipient = (struct share_recipient){
            .audience = SHARE_PARTNER, .number = row->partner, .node = row->node, .active = row->active};
    for (size_t i = 0; i < COUNT_OF(document.parties) && side->wrong == NULL; i++)
        if (!slice_eq(document.parties[i].node, scene->own)) {
            side->recipient.country = document.parties[i].country;
            side->recipient.discloses = document.parties[i].discloses;
        }
    groups_read(side, arena);
    return store_rule_holding(db, row->partner, scene->now_us, arena, &side->rules, &side->rule_count);
}

static bool is_same_kinds(const struct share_terms *one, const struct share_terms *other)
{
    if (one->kind_count != other->kind_count)
        return false;
    for (size_t i = 0; i < one->kind_count; i++)
        if (!slice_eq(one->kinds[i], other->kinds[i]))
            return false;
    return true;
}

static bool is_same_groups(const struct share_recipient *one, const struct share_recipient *other)
{
    return one->group_count == other->group_count &&
           (one->group_count == 0 || memcmp(one->groups, other->groups, one->group_count * sizeof *one->groups) == 0);
}

/* All that share_decide looks at of terms and recipient, but for who it is. */
static bool is_same_class(const struct share_side *one, const struct share_side *other)
{
    const struct share_terms *a = &one->terms, *b = &other->terms;
    return (a->agreement == 0) == (b->agreement == 0) && is_same_kinds(a, b) && a->highest == b->highest &&
           a->unmarked == b->unmarked && a->sightings == b->sightings && a->affected == b->affected &&
           a->onward == b->onward && a->meant_least == b->meant_least && a->from_us == b->from_us &&
           a->until_us == b->until_us && a->suspended == b->suspended &&
           one->recipient.active == other->recipient.active && one->recipient.discloses == other->recipient.discloses &&
           slice_eq(one->recipient.country, other->recipient.country) &&
           is_same_groups(&one->recipient, &other->recipient);
}

static void class_find(struct share_scene *scene, size_t at)
{
    scene->sides[at].class = at;
    for (size_t i = 0; i < at; i++)
        if (scene->sides[i].class == i && is_same_class(&scene->sides[i], &scene->sides[at])) {
            scene->sides[at].class = i;
            return;
        }
}

static struct err sides_read(struct db *db, struct arena *arena, struct share_scene *scene)
{
    struct side *rows;
    size_t count;
    TRY(store_side_list(db, scene->own, arena, &rows, &count));
    scene->sides = arena_new(arena, struct share_side, count + 1);
    scene->side_count = count;
    for (size_t i = 0; i < count; i++) {
        TRY(side_read(scene, &rows[i], db, arena, &scene->sides[i]));
        TRY(store_derived_any(db, rows[i].partner, &scene->sides[i].derived));
        TRY(store_released_lost_any(db, rows[i].agreement, &scene->sides[i].recovered));
        class_find(scene, i);
    }
    return arena_check(arena);
}

/* The one of that partner; made where nothing holds with it yet. */
static struct err supposed_side(
        struct share_scene *scene, struct db *db, int64_t partner, struct arena *arena, struct side *row, size_t *at)
{
    struct partner of;
    for (*at = 0; *at < scene->side_count && scene->sides[*at].row.partner != partner;)
        ++*at;
    if (*at < scene->side_count) {
        *row = scene->sides[*at].row;
        return OK;
    }
    TRY(store_partner_get(db, partner, scene->now_us, arena, &of));
    *row = (struct side){.partner = partner,
            .organisation = of.organisation,
            .source = of.source,
            .node = of.node,
            .name = of.name,
            .is_node = of.kind == PARTNER_NODE,
            .active = of.state == PARTNER_ACTIVE && of.paused.len == 0,
            .agreement = INT64_MAX};
    scene->side_count++; /* sides_read left room for one more */
    return OK;
}

struct err share_scene_suppose(
        struct share_scene *scene, struct db *db, int64_t partner, slice terms, struct arena *arena)
{
    struct share_document document;
    struct side row;
    size_t at;
    TRY(share_document_read(terms, arena, &document));
    TRY(supposed_side(scene, db, partner, arena, &row, &at));
    row.terms = terms;
    row.state = S("in-force");
    row.from_us = document.terms.from_us < scene->now_us ? document.terms.from_us : scene->now_us;
    row.until_us = document.terms.until_us;
    TRY(side_read(scene, &row, db, arena, &scene->sides[at]));
    TRY(store_derived_any(db, partner, &scene->sides[at].derived));
    TRY(store_released_lost_any(db, row.agreement, &scene->sides[at].recovered));
    class_find(scene, at);
    return arena_check(arena);
}

const struct share_side *share_side_of(const struct share_scene *scene, int64_t partner)
{
    for (size_t i = 0; i < scene->side_count; i++)
        if (scene->sides[i].row.partner == partner)
            return &scene->sides[i];
    return NULL;
}

static struct err origins_read(struct db *db, struct arena *arena, struct share_scene *scene)
{
    struct partner *rows;
    size_t count;
    TRY(store_partner_all(db, scene->now_us, arena, &rows, &count));
    struct share_origin_row *origins = arena_new(arena, struct share_origin_row, count + 1);
    for (size_t i = 0; i < count; i++)
        origins[i] = (struct share_origin_row){
                rows[i].number, rows[i].source, rows[i].node, rows[i].name, share_side_of(scene, rows[i].number)};
    scene->origins = origins;
    scene->origin_count = count;
    return arena_check(arena);
}

/* No derived object may name one of them. */
static struct err victims_read(struct db *db, struct arena *arena, struct share_scene *scene)
{
    slice *names;
    size_t count;
    TRY(store_organisation_served_names(db, arena, &names, &count));
    scene->victims = share_names_make(names, count, arena);
    return arena_check(arena);
}

struct err share_scene_read(struct db *db, const struct stix_definitions *definitions, bool encrypted,
        struct arena *arena, struct share_scene *scene)
{
    *scene = (struct share_scene){.encrypted = encrypted, .definitions = definitions};
    TRY(share_own_node(db, arena, &scene->own));
    TRY(store_now_us(db, &scene->now_us));
    TRY(share_alias_secret(db, arena, &scene->alias_secret));
    TRY(sides_read(db, arena, scene));
    TRY(origins_read(db, arena, scene));
    return victims_read(db, arena, scene);
}

struct err share_definitions_read(struct db *db, struct stix_definitions *definitions)
{
    const struct object_filter filter = {.type = S("marking-definition")};
    struct object_place place = {0};
    struct err err = OK;
    while (!place.end && err.kind == ERR_NONE) {
        struct arena *arena = arena_open("marking definitions", ARENA_WORK, 256u << 20);
        struct object *rows;
        size_t count = 0;
        err = store_object_page(db, &filter, &place, STORE_PAGE_MAX, arena, &rows, &count);
        for (size_t i = 0; i < count && err.kind == ERR_NONE; i++)
            err = stix_definitions_add(definitions, rows[i].bytes, arena);
        arena_close(arena);
    }
    return err;
}
