/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/recover.h"

#include "base/arena.h"
#include "ledger/entry.h"
#include "share/book_recover.h"
#include "taxii/opening.h"

#define ARENA_MAX ((size_t)1 << 30)

struct fetching {
    const struct taxii_recovering *of;
    struct arena *arena;
    slice origin;
    struct share_recovered *entries;
    int64_t from, bytes;
    size_t count, all;
};

/* ---- One entry ---- */

static struct err unreadable(const struct fetching *fetching, const char *why)
{
    return err_format(fetching->arena, ERR_DENIED, "entry %lld of what it kept: %s",
            (long long)fetching->from + (long long)fetching->count, why);
}

static slice type_of(slice id)
{
    return slice_part(id, 0, slice_find_slice(id, S("--")));
}

static void leaves_take(const struct taxii_opening *opening, struct arena *arena, struct share_recovered *entry)
{
    entry->leaves = arena_new(arena, struct released_put, opening->leaf_count + 1);
    entry->leaf_count = opening->leaf_count;
    for (size_t i = 0; i < opening->leaf_count; i++) {
        const struct taxii_leaf *leaf = &opening->leaves[i];
        entry->leaves[i] = (struct released_put){
                .id = leaf->id, .type = type_of(leaf->id), .version = leaf->version, .digest = leaf->digest};
    }
}

/* Of an entry that the partner did not open yet nothing but the commitment is left: that is not enough. */
static struct err entry_take(struct fetching *fetching, const struct taxii_kept *kept)
{
    struct arena *arena = fetching->arena;
    struct share_recovered *entry = &fetching->entries[fetching->count];
    struct taxii_opening opening;
    int64_t time_us;
    if (kept->seq != fetching->from + (int64_t)fetching->count)
        return unreadable(fetching, "it is another one");
    if (kept->opening.len == 0)
        return unreadable(fetching, "what it opens to was not kept");
    struct err err = taxii_opening_read(kept->opening, kept->entry, arena, &opening);
    if (err.kind != ERR_NONE)
        return unreadable(fetching, err.why);
    if (!time_parse_strict(taxii_opening_says(&opening, S("time")), &time_us))
        return unreadable(fetching, "it does not say when it was made");
    *entry = (struct share_recovered){.row = {.seq = kept->seq,
                                              .time_us = time_us,
                                              .kind = opening.kind,
                                              .entry = kept->entry,
                                              .fields = opening.fields,
                                              .count = opening.field_count}};
    leaves_take(&opening, arena, entry);
    fetching->count++;
    return arena_check(arena);
}

/* ---- Pages ---- */

static const char *page_url(const struct fetching *fetching)
{
    struct buf url = buf_make(8192);
    buf_put(&url, fetching->of->url);
    buf_put(&url, S("ledger/witness/kept?origin="));
    buf_uri(&url, fetching->origin, "");
    buf_put(&url, S("&from="));
    buf_i64(&url, fetching->from + (int64_t)fetching->count);
    const char *text = arena_cstr(fetching->arena, buf_slice(&url));
    buf_free(&url);
    return text;
}

static struct err page_take(struct fetching *fetching)
{
    struct taxii_client client = taxii_visit_client(fetching->of->http, fetching->of->visit);
    struct taxii_kept *rows;
    size_t count;
    slice json;
    TRY(taxii_client_raw(&client, page_url(fetching), TAXII_KEPT_BYTES_MAX, fetching->arena, &json));
    size_t most = fetching->all - fetching->count;
    TRY(taxii_kept_read(json, most < TAXII_KEPT_PAGE ? most : TAXII_KEPT_PAGE, fetching->arena, &rows, &count));
    fetching->bytes += (int64_t)json.len;
    if (fetching->bytes > TAXII_KEPT_ALL_MAX)
        return unreadable(fetching, "it is too much");
    for (size_t i = 0; i < count; i++)
        TRY(entry_take(fetching, &rows[i]));
    return count > 0 ? OK : unreadable(fetching, "it was not kept");
}

static struct err fetch(struct fetching *fetching, const struct ledger_checkpoint *head, slice note)
{
    fetching->entries = arena_new(fetching->arena, struct share_recovered, fetching->all);
    while (fetching->count < fetching->all && !taxii_visit_stopped(fetching->of->visit))
        TRY(page_take(fetching));
    if (fetching->count < fetching->all)
        return err_make(ERR_REMOTE, "nobody waits for the rest of it any more");
    const struct share_recovery recovery = {
            fetching->origin, head, note, fetching->of->by, fetching->from, fetching->entries, fetching->count};
    return share_book_recover(fetching->of->db, &recovery, fetching->arena);
}

struct err taxii_recover(const struct taxii_recovering *recovering, slice origin, const struct ledger_checkpoint *head,
        slice note, size_t *entries)
{
    struct arena *arena = arena_open("entries that come back", ARENA_WORK, ARENA_MAX);
    struct fetching fetching = {.of = recovering, .arena = arena, .origin = origin};
    int64_t lost;
    *entries = 0;
    struct err err = share_book_lost(recovering->db, origin, head, arena, &fetching.from, &lost);
    if (err.kind == ERR_NONE && lost > 0) {
        fetching.all = (size_t)lost;
        err = fetch(&fetching, head, note);
        *entries = err.kind == ERR_NONE ? fetching.all : 0;
    }
    if (err.kind != ERR_NONE)
        err = err_format(recovering->arena, err.kind, "%s", err.why);
    arena_close(arena);
    return err;
}
