/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/refill.h"

#include "base/arena.h"
#include "store/released.h"
#include "json/check.h"
#include "json/read.h"
#include "json/write.h"

#define ENTRIES_MAX 100 /* of one visit */
#define PAGE_ARENA_MAX ((size_t)600 << 20)
#define DETAIL_MAX 4096

/* An entry, and a page of what it released. */
struct filling {
    const struct taxii_refilling *of;
    struct released_lost lost;
    struct arena *arena; /* of the page */
    slice page;
    int64_t leaf, next; /* -1: it is the last */
    uint64_t filled, gone;
};

/* ---- Pages ---- */

static const char *page_url(const struct filling *filling)
{
    struct buf url = buf_make(8192);
    buf_put(&url, filling->of->partner->url);
    buf_put(&url, S("ledger/witness/held?origin="));
    buf_uri(&url, filling->lost.origin, "");
    buf_put(&url, S("&seq="));
    buf_i64(&url, filling->lost.entry);
    buf_put(&url, S("&leaf="));
    buf_i64(&url, filling->leaf);
    const char *text = arena_cstr(filling->arena, buf_slice(&url));
    buf_free(&url);
    return text;
}

static struct err page_get(struct filling *filling)
{
    struct taxii_client client = taxii_visit_client(filling->of->http, filling->of->visit);
    TRY(taxii_client_raw(&client, page_url(filling), TAXII_HELD_BYTES_MAX, filling->arena, &filling->page));
    filling->page = slice_trim(filling->page);
    if (json_check(filling->page, &json_limits_default, NULL).kind != ERR_NONE ||
            json_kind(filling->page) != JSON_OBJECT)
        return err_make(ERR_REMOTE, "what it holds of ours is no JSON object");
    if (!json_i64(json_get(filling->page, S("next")), &filling->next))
        filling->next = -1;
    return filling->next == -1 || filling->next > filling->leaf
                   ? OK
                   : err_make(ERR_REMOTE, "what it holds of ours comes to no end");
}

/* Others than were released are none of ours. */
static struct err page_keep(struct work *work, void *context)
{
    struct filling *filling = context;
    struct json_elements objects = json_elements(json_get(filling->page, S("objects")));
    slice one;
    for (size_t i = 0; i < RELEASED_BATCH_MAX && json_element_next(&objects, &one); i++) {
        slice bytes = json_get(one, S("object"));
        int64_t leaf;
        bool fits = false;
        if (json_i64(json_get(one, S("leaf")), &leaf) && bytes.len > 0)
            TRY(store_released_refill(work, &filling->lost, leaf, bytes, &fits));
        filling->filled += fits;
    }
    return OK;
}

static struct err page_fill(struct filling *filling)
{
    filling->arena = arena_open("what a partner holds of ours", ARENA_WORK, PAGE_ARENA_MAX);
    struct err err = page_get(filling);
    if (err.kind == ERR_NONE)
        err = store_work(filling->of->db, filling->of->actor, filling->arena, page_keep, filling);
    if (err.kind != ERR_NONE)
        err = err_make(err.kind, err.kind == ERR_MISSING ? "the partner has not read that entry itself"
                                                         : "what it holds of ours could not be had");
    arena_close(filling->arena);
    return err;
}

/* ---- An entry ---- */

static struct err entry_end(struct work *work, void *context)
{
    struct filling *filling = context;
    struct buf detail = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    TRY(store_released_gone(work, &filling->lost, &filling->gone));
    json_write_object(&w);
    json_write_key_text(&w, S("partner"), filling->of->partner->name);
    json_write_key_u64(&w, S("entry"), (uint64_t)filling->lost.entry);
    json_write_key_u64(&w, S("objects"), filling->filled);
    json_write_key_u64(&w, S("lost"), filling->gone);
    json_write_end(&w);
    const char *subject = arena_printf(work->arena, "agreement/%lld", (long long)filling->lost.agreement);
    struct err err = store_work_news(work, "release.refilled", slice_of(subject), buf_slice(&detail));
    buf_free(&detail);
    return err;
}

/* Each page is kept as it comes; what nobody has is known when all of them came. */
static struct err entry_fill(struct filling *filling, struct arena *arena)
{
    for (filling->leaf = 0; filling->leaf >= 0; filling->leaf = filling->next)
        TRY(page_fill(filling));
    return store_work(filling->of->db, filling->of->actor, arena, entry_end, filling);
}

struct err taxii_refill(const struct taxii_refilling *refilling, struct arena *arena)
{
    for (int i = 0; i < ENTRIES_MAX && !taxii_visit_stopped(refilling->visit); i++) {
        struct filling filling = {.of = refilling};
        struct err err = store_released_lost(refilling->db, refilling->partner->number, arena, &filling.lost);
        if (err.kind == ERR_MISSING)
            return OK;
        TRY(err);
        TRY(entry_fill(&filling, arena));
    }
    return OK;
}
