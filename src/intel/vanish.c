/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/vanish.h"

#include "base/arena.h"
#include "intel/judge.h"
#include "intel/notes.h"

#define PAGE 500 /* objects of one transaction; each may leave a row in the journal */
#define PAGE_ARENA_MAX (512u << 20)

struct vanishing {
    struct db *db;
    const struct actor *actor;
    const struct vanish *vanish;
    slice reason;
    struct arena *page;
    struct notes listed; /* ids of the later list */
    const struct object *rows;
    size_t count;
    uint64_t changed; /* by the page at hand */
};

/* ---- A page of either list ---- */

static struct err page_list(struct vanishing *all, int64_t import, struct object_place *place)
{
    const struct object_filter filter = {.import = import};
    struct object *rows;
    arena_reset(all->page);
    TRY(store_object_page(all->db, &filter, place, PAGE, all->page, &rows, &all->count));
    all->rows = rows;
    return OK;
}

static struct err expire_page(struct work *work, void *context)
{
    struct vanishing *all = context;
    all->changed = 0;
    for (size_t i = 0; i < all->count; i++) {
        const struct noted *noted = intel_note_find(&all->listed, all->rows[i].id);
        bool done = false;
        if (noted == NULL || noted->number == 0)
            TRY(intel_judge_object(work, &all->rows[i], OBJECT_EXPIRED, all->vanish->at_us, all->reason, &done));
        all->changed += done;
    }
    return OK;
}

static struct err back_page(struct work *work, void *context)
{
    struct vanishing *all = context;
    all->changed = 0;
    for (size_t i = 0; i < all->count; i++) {
        bool done;
        TRY(intel_unjudge_object(work, &all->rows[i], OBJECT_EXPIRED, all->reason, S("it is listed again"), &done));
        all->changed += done;
    }
    return OK;
}

static bool is_any_expired(const struct vanishing *all)
{
    for (size_t i = 0; i < all->count; i++)
        if ((all->rows[i].judged & OBJECT_EXPIRED) != 0)
            return true;
    return false;
}

/* ---- The two lists ---- */

static struct err now_pages(struct vanishing *all, uint64_t *back)
{
    struct object_place place = {0};
    while (!place.end) {
        TRY(page_list(all, all->vanish->now, &place));
        for (size_t i = 0; i < all->count; i++)
            TRY(intel_note_put(&all->listed, all->rows[i].id, all->rows[i].number, S("")));
        if (!is_any_expired(all))
            continue;
        TRY(store_work(all->db, all->actor, all->page, back_page, all));
        *back += all->changed;
    }
    return OK;
}

static struct err before_pages(struct vanishing *all, uint64_t *expired)
{
    struct object_place place = {0};
    while (!place.end) {
        TRY(page_list(all, all->vanish->before, &place));
        if (all->count == 0)
            break;
        TRY(store_work(all->db, all->actor, all->page, expire_page, all));
        *expired += all->changed;
    }
    return OK;
}

struct err intel_vanish(struct db *db, const struct actor *actor, const struct vanish *vanish, struct arena *arena,
        uint64_t *expired, uint64_t *back)
{
    struct vanishing all = {.db = db, .actor = actor, .vanish = vanish};
    uint64_t gone = 0, again = 0;
    all.reason = slice_of(arena_printf(arena, "no longer listed by %.*s", (int)vanish->source.len, vanish->source.ptr));
    all.page = arena_open("a page of a list", ARENA_WORK, PAGE_ARENA_MAX);
    all.listed = intel_notes_open();
    struct err err = now_pages(&all, &again);
    if (err.kind == ERR_NONE)
        err = before_pages(&all, &gone);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    intel_notes_close(&all.listed);
    arena_close(all.page);
    *expired = gone;
    *back = again;
    return err;
}
