/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/news.h"

#include "base/arena.h"
#include "store/import.h"

#define NEWS_MARKING "marking-definition"

struct err news_objects(struct db *db, const struct object_filter *filter, void *context, news_take *take)
{
    struct object_place place = {0};
    while (!place.end) {
        struct arena *arena = arena_open("objects", ARENA_WORK, NEWS_PAGE_BYTES_MAX);
        struct object *rows = NULL;
        size_t count = 0;
        struct err err = store_object_page(db, filter, &place, NEWS_PAGE_ROWS, arena, &rows, &count);
        for (size_t i = 0; i < count && err.kind == ERR_NONE; i++)
            err = take(context, &rows[i], arena);
        arena_close(arena);
        TRY(err);
    }
    return OK;
}

static struct err object_changed(void *context, const struct object *object, struct arena *arena)
{
    struct news *news = context;
    return slice_eq(object->type, S(NEWS_TYPE)) ? news->changed(news->context, object, arena) : OK;
}

/* What counts of its source and id now; earlier versions count again when later ones are hidden. */
static struct err object_hidden(void *context, const struct object *hidden, struct arena *arena)
{
    struct news *news = context;
    struct object object;
    news->listed++;
    if (!slice_eq(hidden->type, S(NEWS_TYPE)))
        return OK;
    struct err err = store_object_newest(news->db, hidden->source, hidden->id, arena, &object);
    if (err.kind == ERR_NONE)
        return news->changed(news->context, &object, arena);
    return err.kind == ERR_MISSING ? news->over(news->context, hidden->source, hidden->id) : err;
}

static struct err import_number(slice subject, int64_t *number)
{
    uint64_t read;
    slice prefix = S("import/");
    if (!slice_starts(subject, prefix) || !slice_u64(slice_from(subject, prefix.len), INT64_MAX, &read))
        return err_make(ERR_INPUT, "a row of the journal about an import does not name it");
    *number = (int64_t)read;
    return OK;
}

/* Definitions first: the indicators that came with them may be marked by them. */
static struct err import_done(struct news *news, slice subject)
{
    struct object_filter filter = {.type = S(NEWS_MARKING)};
    TRY(import_number(subject, &filter.import));
    if (news->marking != NULL)
        TRY(news_objects(news->db, &filter, news->context, news->marking));
    filter.type = S(NEWS_TYPE);
    return news_objects(news->db, &filter, news, object_changed);
}

/*
 * Retention removes what an import brought that was undone long ago, a step at a time. With fewer objects than it
 * brought nobody can say what is over.
 */
static struct err import_undone(struct news *news, slice subject)
{
    struct object_filter filter = {.all_versions = true, .unseen = true};
    struct import import = {0};
    TRY(import_number(subject, &filter.import));
    struct err err = store_import_get(news->db, filter.import, news->arena, &import);
    if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
        return err;
    news->listed = 0;
    TRY(news_objects(news->db, &filter, news, object_hidden));
    news->lost |= err.kind == ERR_MISSING || news->listed < import.added;
    return OK;
}

/* Of whichever source: the row may have lost its detail. */
static struct err object_judged(struct news *news, slice subject)
{
    struct object *rows;
    size_t count;
    TRY(store_object_versions(news->db, subject, news->arena, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (rows[i].newest)
            TRY(object_changed(news, &rows[i], news->arena));
    return OK;
}

/* The acts that change what is looked for. */
static const struct {
    const char *act;
    struct err (*change)(struct news *news, slice subject);
} acts[] = {
        {"import.done", import_done},
        {"import.undone", import_undone},
        {"intel.judged", object_judged},
        {"intel.unjudged", object_judged},
};

/* The acts after which somebody may less. */
static const char *const narrowed[] = {"certificate.removed", "organisation.closed", "organisation.imported",
        "organisation.moved", "token.revoked", "user.closed", "user.locked", "user.roles"};

struct err news_row(struct news *news, const struct journal_row *row)
{
    for (size_t i = 0; i < COUNT_OF(narrowed); i++)
        news->access |= slice_eq(row->act, slice_of(narrowed[i]));
    for (size_t i = 0; i < COUNT_OF(acts); i++)
        if (slice_eq(row->act, slice_of(acts[i].act)))
            return acts[i].change(news, row->subject);
    return OK;
}

struct err news_read(struct news *news, size_t *rows)
{
    struct journal_row *page;
    size_t count;
    arena_reset(news->arena);
    news->access = false;
    TRY(store_journal_list(news->db, news->position, NEWS_PAGE_ROWS, news->arena, &page, &count));
    for (size_t i = 0; i < count; i++)
        TRY(news_row(news, &page[i]));
    if (count > 0)
        news->position = page[count - 1].seq;
    *rows = count;
    return OK;
}
