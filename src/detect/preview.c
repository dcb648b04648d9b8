/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/preview.h"

#include <stdlib.h>

#include "base/arena.h"
#include "form/form.h"

#define ARENA_MAX ((size_t)512 << 20)
#define OBJECT_ARENA_MAX ((size_t)256 << 20)

struct previewer {
    struct indicator *values;
    size_t count, room, left, bytes;
    struct arena *arena, *text; /* of the values; of one object */
};

struct err previewer_open(struct previewer **previewer)
{
    struct previewer *made = calloc(1, sizeof *made);
    if (made == NULL)
        return err_make(ERR_SYSTEM, "no memory for a preview");
    made->arena = arena_open("values of a preview", ARENA_WORK, ARENA_MAX);
    made->text = arena_open("an object of a preview", ARENA_WORK, OBJECT_ARENA_MAX);
    *previewer = made;
    return OK;
}

void previewer_close(struct previewer *previewer)
{
    if (previewer == NULL)
        return;
    arena_close(previewer->arena);
    arena_close(previewer->text);
    free(previewer);
}

/* ---- Values ---- */

static struct err take(void *context, const struct indicator *value)
{
    struct previewer *previewer = context;
    if ((value->flags & INDICATOR_REVOKED) != 0 || observable_wrong(value->type, value->value) != NULL)
        return OK;
    size_t bytes = value->value.len + value->name.len;
    if (previewer->count == PREVIEW_VALUES_MAX || previewer->bytes + bytes > PREVIEW_BYTES_MAX) {
        previewer->left++;
        return OK;
    }
    previewer->bytes += bytes;
    if (previewer->count == previewer->room) {
        size_t room = 2 * previewer->room + 64;
        struct indicator *more = arena_new(previewer->arena, struct indicator, room);
        if (previewer->count > 0)
            memcpy(more, previewer->values, previewer->count * sizeof *more);
        previewer->values = more;
        previewer->room = room;
    }
    struct indicator *kept = &previewer->values[previewer->count++];
    *kept = *value;
    kept->value = arena_copy(previewer->arena, value->value);
    kept->name = arena_copy(previewer->arena, value->name);
    kept->id = kept->label = S("");
    return OK;
}

static void problem(void *context, uint64_t line, uint64_t column, const char *why)
{
    (void)context, (void)line, (void)column, (void)why;
}

static void skipped(void *context, const char *what)
{
    (void)context, (void)what;
}

static struct err pattern(void *context, const struct indicator *value)
{
    (void)context, (void)value;
    return OK;
}

void previewer_add(struct previewer *previewer, slice object)
{
    const struct form_sink sink = {previewer, take, problem, skipped, NULL, pattern};
    arena_reset(previewer->text);
    /* What cannot be read has no values; whoever takes it in says why. */
    (void)form_stix.read(object, previewer->text, &sink).kind;
}

static int value_order(const void *a, const void *b)
{
    const struct indicator *one = a, *other = b;
    if (one->type != other->type)
        return one->type < other->type ? -1 : 1;
    int order = slice_order(one->name, other->name);
    return order != 0 ? order : slice_order(one->value, other->value);
}

/* Each value once. */
static void values_fold(struct previewer *previewer)
{
    size_t kept = 0;
    if (previewer->count > 1)
        qsort(previewer->values, previewer->count, sizeof *previewer->values, value_order);
    for (size_t i = 0; i < previewer->count; i++)
        if (kept == 0 || value_order(&previewer->values[kept - 1], &previewer->values[i]) != 0)
            previewer->values[kept++] = previewer->values[i];
    previewer->count = kept;
}

/* ---- What they would meet ---- */

static bool says_more(const struct preview_row *one, const struct preview_row *other)
{
    if (one->reach.noise != other->reach.noise)
        return one->reach.noise;
    return one->reach.organisations > other->reach.organisations;
}

static void row_put(struct preview *preview, const struct preview_row *row)
{
    size_t at = preview->row_count;
    while (at > 0 && says_more(row, &preview->rows[at - 1]))
        at--;
    if (at == PREVIEW_ROWS)
        return;
    preview->row_count += preview->row_count < PREVIEW_ROWS;
    memmove(&preview->rows[at + 1], &preview->rows[at], (preview->row_count - at - 1) * sizeof *preview->rows);
    preview->rows[at] = *row;
}

struct err preview_ask(struct previewer *previewer, const struct hunt_noise *noise, struct remember *remember,
        struct db *db, const struct actor *actor, struct arena *arena, struct preview *preview)
{
    values_fold(previewer);
    const struct hunt_job job = {.remember = remember,
            .db = db,
            .values = previewer->values,
            .count = previewer->count,
            .since_us = TIME_NONE,
            .until_us = TIME_NONE,
            .noise = *noise};
    struct hunt_reach *reach = arena_new(arena, struct hunt_reach, previewer->count + 1);
    *preview = (struct preview){.values = previewer->count, .left = previewer->left};
    TRY(arena_check(previewer->arena));
    TRY(detect_reach(&job, actor, arena, reach));
    for (size_t i = 0; i < previewer->count; i++) {
        preview->met += reach[i].organisations > 0;
        preview->noise += reach[i].noise;
        preview->listed += reach[i].listed;
        if (reach[i].organisations > 0 || reach[i].listed)
            row_put(preview, &(struct preview_row){&previewer->values[i], reach[i]});
    }
    return arena_check(arena);
}
