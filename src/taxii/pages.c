/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How pages go on, in this order:
 *
 * - By `next`, if the server gives one (TAXII 2.1 section 3.4.1), with the other words of the query unchanged.
 *
 * - By `added_after`: what the server said of the last object (X-TAXII-Date-Added-Last), or its manifest says. Dates
 * are taken back by what they may have been cut off, so that objects that share a moment with the last one of a page
 * come again and are not missed.
 *
 * - By larger pages, if that brings the same page again: too many share one moment.
 *
 * A page that brings what the last one brought is none: some servers give their last page for ever.
 */
#include "taxii/pages.h"

#include "base/arena.h"

#define OVERLAP_US INT64_C(300000000) /* where only the server's clock is known */

struct taxii_pages taxii_pages_open(
        struct taxii_client *client, const char *collection, const struct taxii_place *place, struct arena *arena)
{
    return (struct taxii_pages){.client = client,
            .collection = collection,
            .arena = arena,
            .place = *place,
            .limit = TAXII_LIMIT,
            .began_us = TIME_NONE};
}

/* ---- Dates ---- */

/* How much of a date may have been cut off: "...:01Z" a second, "...:01.250Z" a millisecond. */
static int64_t cut_of(slice date, int64_t least)
{
    size_t dot = slice_find(date, '.'), digits = 0;
    while (dot + 1 + digits < date.len && byte_is_digit(date.ptr[dot + 1 + digits]))
        digits++;
    return dot == date.len ? 1000000 : digits <= 3 ? 1000 : least;
}

/* The date, taken back by what it may hide; `least`: if it hides nothing. */
static slice taken_back(const struct taxii_pages *pages, slice date, int64_t least)
{
    int64_t us, back = cut_of(date, least);
    if (!time_parse_strict(date, &us) || back == 0)
        return date;
    return time_text(us - back, pages->arena);
}

static void note_last(struct taxii_pages *pages, slice date)
{
    int64_t us, before;
    if (!time_parse_strict(date, &us))
        return;
    if (!time_parse_strict(pages->place.last, &before) || us > before)
        pages->place.last = arena_copy(pages->arena, date);
}

/* ---- How it goes on ---- */

/* The query of the page at hand, for the manifest. */
static struct taxii_ask ask_of(const struct taxii_pages *pages)
{
    return (struct taxii_ask){pages->collection, pages->place.added_after, pages->place.next, pages->limit};
}

static struct err go_by_date(struct taxii_pages *pages, const struct taxii_page *page, bool same)
{
    struct taxii_place *place = &pages->place;
    if (place->last.len == 0)
        return err_format(pages->arena, ERR_REMOTE,
                "%s: there is more, and nothing says where: neither \"next\" nor X-TAXII-Date-Added-Last nor a "
                "manifest",
                http_url_shown(pages->collection, pages->arena));
    slice date = taken_back(pages, place->last, 1);
    bool stuck = same || slice_eq(date, place->added_after);
    if (stuck && pages->limit < TAXII_LIMIT_MAX && page->count >= pages->limit) {
        pages->limit = TAXII_LIMIT_MAX; /* the same pages, larger ones */
        return OK;
    }
    pages->blurred |= stuck;
    place->added_after = stuck ? place->last : date;
    return OK;
}

static struct err go_on(struct taxii_pages *pages, const struct taxii_page *page, bool same)
{
    struct taxii_place *place = &pages->place;
    bool moved = page->next.len > 0 && !slice_eq(page->next, place->next);
    pages->still = page->count == 0 || same ? pages->still + 1 : 0;
    pages->end = pages->still > TAXII_STILL_MAX;
    if (pages->end)
        return OK;
    if (page->next.len > 0) {
        pages->end = same && !moved;
        place->next = arena_copy(pages->arena, page->next);
        return OK;
    }
    place->next = S("");
    return go_by_date(pages, page, same);
}

static bool is_first(const struct taxii_place *place)
{
    static const struct sha256 none;
    return memcmp(&place->digest, &none, sizeof none) == 0;
}

/* The end, for now: what is added from here on is asked for by the date of what was last. */
static void settle(struct taxii_pages *pages)
{
    struct taxii_place *place = &pages->place;
    place->next = S("");
    if (place->last.len > 0)
        place->added_after = taken_back(pages, place->last, 0);
    else if (pages->began_us != TIME_NONE && !is_first(place))
        place->added_after = time_text(pages->began_us - OVERLAP_US, pages->arena);
}

/* ---- One page ---- */

/* A server that forgot our place has what is behind the last date. */
static bool is_forgotten(const struct taxii_pages *pages)
{
    unsigned status = pages->client->status;
    return pages->place.next.len > 0 && !pages->began_again &&
           (status == 400 || status == 404 || status == 410 || status == 416 || status == 422);
}

static struct err fetch(struct taxii_pages *pages, struct arena *work, struct taxii_page *page)
{
    struct taxii_ask ask = ask_of(pages);
    struct err err = taxii_client_page(pages->client, &ask, work, page);
    while (err.kind == ERR_LIMIT && pages->limit > 1 && pages->client->status == 200) {
        ask.limit = pages->limit = pages->limit < 4 ? 1 : pages->limit / 4;
        err = taxii_client_page(pages->client, &ask, work, page);
    }
    if (err.kind == ERR_NONE || !is_forgotten(pages))
        return err;
    pages->began_again = true;
    pages->place.next = S("");
    if (pages->place.last.len > 0)
        pages->place.added_after = taken_back(pages, pages->place.last, 1);
    return fetch(pages, work, page);
}

static struct err note_page(struct taxii_pages *pages, struct arena *work, const struct taxii_page *page)
{
    slice last = page->last;
    if (pages->began_us == TIME_NONE)
        pages->began_us = page->now_us;
    if (last.len == 0 && page->count > 0) {
        struct taxii_ask ask = ask_of(pages);
        TRY(taxii_client_added_last(pages->client, &ask, page->count, work, &last));
    }
    if (page->count > 0)
        note_last(pages, last);
    return OK;
}

struct err taxii_pages_next(struct taxii_pages *pages, struct arena *work, struct taxii_page *page)
{
    if (++pages->count > TAXII_PAGES_MAX)
        return err_format(pages->arena, ERR_LIMIT, "%s: more than %d pages in one run",
                http_url_shown(pages->collection, pages->arena), TAXII_PAGES_MAX);
    TRY(fetch(pages, work, page));
    TRY(note_page(pages, work, page));
    struct sha256 digest = hash_sha256(page->objects);
    bool same = page->count > 0 && memcmp(&digest, &pages->place.digest, sizeof digest) == 0;
    if (page->count > 0)
        pages->place.digest = digest;
    pages->end = !page->more;
    if (page->more)
        TRY(go_on(pages, page, same));
    if (pages->end)
        settle(pages);
    if (same) {
        page->objects = S("");
        page->count = 0;
    }
    return OK;
}
