/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/peer.h"

#include "base/arena.h"
#include "intel/feed.h"
#include "store/partner.h"
#include "store/right.h"
#include "store/source.h"
#include "taxii/pages.h"
#include "taxii/visit.h"
#include "json/check.h"
#include "json/read.h"
#include "json/write.h"

#define PEER_ARENA_MAX (256u << 20)
#define PAGE_ARENA_MAX (3u * TAXII_PAGE_BYTES_MAX)
#define DETAIL_MAX 16384

/* ---- Adding, removing ---- */

struct peer_change {
    const struct peer_put *put;
    const struct taxii_files *files;
    const char *keys;
    slice name;
    bool paused;
    int64_t number;
};

static struct err tell(struct work *work, const char *act, slice name, slice url)
{
    struct buf detail = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_text(&w, S("peer"), name);
    if (url.len > 0)
        json_write_key_text(&w, S("url"), slice_of(http_url_shown(arena_cstr(work->arena, url), work->arena)));
    json_write_end(&w);
    slice subject = slice_of(arena_printf(work->arena, "peer/%.*s", (int)name.len, name.ptr));
    struct err err = store_work_news(work, act, subject, buf_slice(&detail));
    buf_free(&detail);
    return err;
}

/* The files come before the row is kept: a row without them could not be let in, files without a row are nothing. */
static struct err add(struct work *work, void *context)
{
    struct peer_change *change = context;
    TRY(store_peer_add(work, change->put, &change->number));
    TRY(taxii_access_keep(change->files, change->keys, change->number, work->arena));
    return tell(work, "peer.added", change->put->name, change->put->url);
}

static struct err change(
        struct db *db, const struct actor *actor, work_action *action, struct peer_change *changed, struct arena *arena)
{
    TRY(store_right_check(actor, VERB_CHANGE_FEEDS, actor->organisation, arena, NULL));
    struct err err = store_work(db, actor, arena, action, changed);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    return err;
}

struct err taxii_peer_client(const struct taxii_fetch *fetch, const struct taxii_files *files, struct arena *arena,
        struct taxii_client *client)
{
    struct taxii_access access;
    TRY(taxii_access_read(files, arena, &access));
    struct http_client_options options = *fetch->http;
    options.ca_file = access.ca != NULL ? access.ca : options.ca_file;
    options.certificate = access.certificate;
    options.key = access.key;
    struct taxii_client_options asked = {
            .authorization = access.authorization, .context = fetch->watch.context, .stop = fetch->watch.stop};
    TRY(http_client_open(&options, arena, &asked.http));
    *client = taxii_client_open(&asked);
    return OK;
}

static bool is_readable(const struct taxii_site *site)
{
    for (size_t i = 0; i < site->root_count; i++)
        for (size_t j = 0; j < site->roots[i].collection_count; j++)
            if (site->roots[i].collections[j].can_read)
                return true;
    return false;
}

static struct err nothing_readable(const struct taxii_site *site, const char *url, struct arena *arena)
{
    const char *why = "";
    for (size_t i = 0; i < site->root_count; i++)
        if (site->roots[i].why != NULL)
            why = arena_printf(arena, "; %s: %s", http_url_shown(site->roots[i].url, arena), site->roots[i].why);
    return err_format(
            arena, ERR_DENIED, "%s: there is no collection that we may read%s", http_url_shown(url, arena), why);
}

static struct err try_out(
        const struct taxii_fetch *fetch, const struct taxii_files *files, const char *url, struct arena *arena)
{
    struct taxii_client client;
    struct taxii_site site;
    TRY(taxii_peer_client(fetch, files, arena, &client));
    struct err err = taxii_site_look(&client, url, arena, &site);
    if (err.kind == ERR_NONE && !is_readable(&site))
        err = nothing_readable(&site, url, arena);
    http_client_close(client.options.http);
    return err;
}

struct err taxii_peer_add(struct db *db, const struct actor *actor, const struct taxii_fetch *fetch,
        const struct peer_put *put, const struct taxii_files *files, struct arena *arena, int64_t *number)
{
    struct peer_change changed = {.put = put, .files = files, .keys = fetch->keys};
    TRY(store_right_check(actor, VERB_CHANGE_FEEDS, actor->organisation, arena, NULL));
    TRY(store_text_check(arena, "URL of the peer", put->url, STORE_TEXT_MAX));
    TRY(try_out(fetch, files, arena_cstr(arena, put->url), arena));
    struct err err = change(db, actor, add, &changed, arena);
    if (err.kind != ERR_NONE && changed.number != 0)
        taxii_access_drop(fetch->keys, changed.number, arena);
    *number = changed.number;
    return err;
}

static struct err remove_peer(struct work *work, void *context)
{
    struct peer_change *changed = context;
    struct peer peer;
    TRY(store_peer_get(work->db, changed->name, work->arena, &peer));
    TRY(store_peer_drop(work, changed->name));
    changed->number = peer.number;
    return tell(work, "peer.removed", changed->name, S(""));
}

struct err taxii_peer_remove(
        struct db *db, const struct actor *actor, const char *keys, slice name, struct arena *arena)
{
    struct peer_change changed = {.name = name};
    TRY(change(db, actor, remove_peer, &changed, arena));
    taxii_access_drop(keys, changed.number, arena);
    return OK;
}

static struct err pause_peer(struct work *work, void *context)
{
    const struct peer_change *changed = context;
    TRY(store_peer_pause(work, changed->name, changed->paused));
    return tell(work, changed->paused ? "peer.paused" : "peer.resumed", changed->name, S(""));
}

struct err taxii_peer_pause(struct db *db, const struct actor *actor, slice name, bool paused, struct arena *arena)
{
    struct peer_change changed = {.name = name, .paused = paused};
    return change(db, actor, pause_peer, &changed, arena);
}

struct err taxii_peer_get(struct db *db, const struct actor *actor, slice name, struct arena *arena, struct peer *peer)
{
    TRY(store_right_check(actor, VERB_READ_FEEDS, actor->organisation, arena, NULL));
    return store_peer_get(db, name, arena, peer);
}

struct err taxii_peer_list(struct db *db, const struct actor *actor, slice after, size_t count, struct arena *arena,
        struct peer **rows, size_t *row_count)
{
    TRY(store_right_check(actor, VERB_READ_FEEDS, actor->organisation, arena, NULL));
    return store_peer_list(db, after, count, arena, rows, row_count);
}

struct err taxii_peer_collections(struct db *db, const struct actor *actor, const struct peer *peer, int64_t after,
        struct arena *arena, struct remote **rows, size_t *row_count)
{
    TRY(store_right_check(actor, VERB_READ_FEEDS, actor->organisation, arena, NULL));
    return store_remote_list(db, peer->number, after, STORE_PAGE_MAX, arena, rows, row_count);
}

/* ---- A run ---- */

/* What a pull of a partner's outbox needs besides. */
struct visiting {
    int64_t partner; /* 0: it is no partner's */
    slice source;
    struct share_keys keys;
    struct taxii_visit visit;
};

struct pulling {
    struct db *db;
    const struct actor *actor;
    const struct taxii_fetch *fetch;
    struct taxii_client client;
    struct visiting visiting;
    struct peer peer;    /* number 0: by hand */
    struct arena *arena; /* as long as the run */
    struct arena *page;  /* of one page, or one import */
    struct remote remote;
    struct buf group; /* pages that wait to be taken in, as one envelope */
    uint64_t waiting; /* objects of them */
    uint64_t taken;   /* since the place was moved */
    uint64_t came;
    int64_t end_us; /* steady */
    struct taxii_pulled *pulled;
    struct peer_result result;
};

static bool is_stopped(const struct pulling *pulling)
{
    const struct intel_watch *watch = &pulling->fetch->watch;
    return watch->stop != NULL && watch->stop(watch->context);
}

/* What ends the run and is no news about the peer. */
static bool is_ours(const struct pulling *pulling, struct err err)
{
    return is_stopped(pulling) || err.kind == ERR_SYSTEM;
}

static struct err move(struct work *work, void *context)
{
    const struct pulling *pulling = context;
    return store_remote_move(work, &pulling->remote, pulling->taken);
}

static void group_begin(struct pulling *pulling)
{
    buf_reset(&pulling->group);
    buf_put(&pulling->group, S("{\"objects\":["));
    pulling->waiting = 0;
}

/*
 * An object that is no JSON to keep (a name in it stands twice) would end the reading of all that follow it. It goes in
 * as a text, which is refused as what it is and kept with the reason in it.
 */
static void object_put_broken(struct pulling *pulling, slice object, const char *why)
{
    struct json_writer w = json_writer(&pulling->group);
    const char *text = arena_printf(pulling->page, "%s: %.*s", why, (int)object.len, object.ptr);
    json_write_text(&w, slice_of(text));
}

/* Each object byte for byte. */
static struct err group_put(struct pulling *pulling, const struct taxii_page *page)
{
    struct json_elements elements = json_elements(page->objects);
    for (slice element; json_element_next(&elements, &element);) {
        if (pulling->waiting++ > 0)
            buf_byte(&pulling->group, ',');
        struct err err = json_check(element, &json_limits_default, NULL);
        if (err.kind != ERR_NONE)
            object_put_broken(pulling, element, err.why);
        else
            buf_put(&pulling->group, element);
    }
    return buf_check(&pulling->group);
}

/* A group of which nothing could be used is refused with its reasons, and does not stand in the way of what follows. */
static struct err group_take(struct pulling *pulling)
{
    struct taxii_pulled *pulled = pulling->pulled;
    struct intel_report report;
    const struct intel_ingest ingest = {
            .source = pulling->remote.source,
            .kind = S("taxii"),
            .name = slice_of(http_url_shown(arena_cstr(pulling->arena, pulling->remote.url), pulling->arena)),
            .form = "stix",
            .watch = pulling->fetch->watch,
    };
    buf_put(&pulling->group, S("]}"));
    TRY(buf_check(&pulling->group));
    struct err err = intel_ingest_text(
            pulling->db, pulling->actor, &ingest, buf_slice(&pulling->group), pulling->arena, &report);
    bool all_refused = err.kind == ERR_INPUT && report.objects == 0 && report.refused > 0 && !is_stopped(pulling);
    if (err.kind != ERR_NONE && !all_refused)
        return err;
    intel_report_add(&pulled->sum, &report);
    pulled->imports++;
    pulling->taken = pulling->waiting;
    pulling->result.objects += pulling->waiting;
    return OK;
}

static struct err place_keep(struct pulling *pulling, const struct taxii_place *place)
{
    pulling->remote.added_after = place->added_after;
    pulling->remote.next = place->next;
    pulling->remote.last = place->last;
    pulling->remote.digest = place->digest;
    return store_work(pulling->db, pulling->actor, pulling->arena, move, pulling);
}

/* What waits is taken in, and then our place is behind it. */
static struct err group_end(struct pulling *pulling, const struct taxii_place *place)
{
    pulling->taken = 0;
    if (pulling->waiting > 0)
        TRY(group_take(pulling));
    group_begin(pulling);
    return place_keep(pulling, place);
}

/* Whether a run has had enough; the place is kept, and the next goes on. */
static bool is_over(const struct pulling *pulling)
{
    uint64_t most = pulling->fetch->objects_max > 0 ? pulling->fetch->objects_max : INTEL_OBJECTS_MAX;
    return clock_steady_us() > pulling->end_us || pulling->result.objects >= most;
}

static void came(struct pulling *pulling, uint64_t objects)
{
    pulling->came += objects;
    if (pulling->fetch->came != NULL)
        pulling->fetch->came(pulling->fetch->watch.context, "objects", pulling->came);
}

static struct err pages_pull(struct pulling *pulling, struct taxii_pages *pages)
{
    while (!pages->end && !is_over(pulling)) {
        struct taxii_page page;
        struct taxii_place behind = pages->place;
        arena_reset(pulling->page);
        struct err err = taxii_pages_next(pages, pulling->page, &page);
        if (err.kind != ERR_NONE && !is_stopped(pulling) && pulling->waiting > 0)
            TRY(group_end(pulling, &behind)); /* what came before the failure is good */
        TRY(err);
        pulling->pulled->pages++;
        TRY(group_put(pulling, &page));
        came(pulling, page.count);
        if (pulling->waiting >= TAXII_GROUP_OBJECTS || pulling->group.len >= TAXII_GROUP_BYTES)
            TRY(group_end(pulling, &pages->place));
    }
    pulling->pulled->more |= !pages->end;
    pulling->pulled->blurred |= pages->blurred;
    return group_end(pulling, &pages->place);
}

static struct err remote_put(struct work *work, void *context)
{
    struct pulling *pulling = context;
    return store_remote_put(work, &pulling->remote);
}

static slice source_name(const struct pulling *pulling, const struct taxii_collection *collection)
{
    if (pulling->visiting.partner != 0)
        return pulling->visiting.source;
    size_t room = STORE_NAME_MAX - strlen("peer//") - collection->id.len;
    slice name = pulling->peer.name;
    if (name.len > room)
        name.len = room;
    return slice_of(arena_printf(
            pulling->arena, "peer/%.*s/%.*s", (int)name.len, name.ptr, (int)collection->id.len, collection->id.ptr));
}

static struct err collection_pull(struct pulling *pulling, const struct taxii_collection *collection)
{
    pulling->remote = (struct remote){.peer = pulling->peer.number,
            .url = slice_of(collection->url),
            .id = collection->id,
            .title = collection->title,
            .source = source_name(pulling, collection)};
    TRY(store_work(pulling->db, pulling->actor, pulling->arena, remote_put, pulling));
    const struct remote *remote = &pulling->remote;
    const struct taxii_place place = {remote->added_after, remote->next, remote->last, remote->digest};
    struct taxii_pages pages = taxii_pages_open(&pulling->client, collection->url, &place, pulling->arena);
    pulling->pulled->collections++;
    group_begin(pulling);
    return pages_pull(pulling, &pages);
}

/* The first reason is told; the others stay with their collections. */
static void note_broken(struct pulling *pulling, const char *why)
{
    struct taxii_pulled *pulled = pulling->pulled;
    pulled->broken++;
    if (pulled->why == NULL)
        pulled->why = arena_cstr(pulling->arena, slice_of(why));
}

static struct err root_pull(struct pulling *pulling, const struct taxii_root *root)
{
    if (root->why != NULL && !root->elsewhere) /* `taxii ls` names those */
        note_broken(
                pulling, arena_printf(pulling->arena, "%s: %s", http_url_shown(root->url, pulling->arena), root->why));
    for (size_t i = 0; i < root->collection_count; i++) {
        if (!root->collections[i].can_read)
            continue;
        struct err err = collection_pull(pulling, &root->collections[i]);
        if (is_ours(pulling, err))
            return err;
        if (err.kind != ERR_NONE)
            note_broken(pulling, err.why);
    }
    return OK;
}

static struct err site_pull(struct pulling *pulling, const char *url)
{
    struct taxii_site site;
    TRY(taxii_site_look(&pulling->client, url, pulling->arena, &site));
    if (!is_readable(&site))
        return nothing_readable(&site, url, pulling->arena);
    for (size_t i = 0; i < site.root_count; i++)
        TRY(root_pull(pulling, &site.roots[i]));
    return OK;
}

/* A partner is visited: our keys say who we are, and what comes is what it says. */
static struct err visit(struct pulling *pulling)
{
    struct visiting *visiting = &pulling->visiting;
    struct partner partner;
    struct source source;
    struct http_client *http;
    int64_t now_us = clock_now_us();
    TRY(store_partner_get(pulling->db, pulling->peer.partner, now_us, pulling->arena, &partner));
    TRY(store_source_get(pulling->db, partner.source, pulling->arena, &source));
    TRY(share_keys_open(pulling->db, pulling->fetch->keys, now_us, pulling->arena, &visiting->keys));
    TRY(http_client_open(pulling->fetch->http, pulling->arena, &http));
    visiting->visit = (struct taxii_visit){&visiting->keys, partner.node, &pulling->fetch->watch, NULL};
    TRY(share_tls_pins(pulling->db, partner.number, now_us, pulling->arena, &visiting->visit.pins));
    visiting->partner = partner.number;
    visiting->source = source.name;
    pulling->client = taxii_visit_client(http, &visiting->visit);
    return OK;
}

static struct err client_open(struct pulling *pulling, const struct taxii_files *files)
{
    if (pulling->peer.partner != 0)
        return visit(pulling);
    return taxii_peer_client(pulling->fetch, files, pulling->arena, &pulling->client);
}

static struct err client_run(struct pulling *pulling, const char *url)
{
    pulling->page = arena_open("a page of a peer", ARENA_WORK, PAGE_ARENA_MAX);
    pulling->group = buf_make(TAXII_GROUP_BYTES + TAXII_PAGE_BYTES_MAX + 64);
    struct err err = site_pull(pulling, url);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(pulling->arena, slice_of(err.why));
    buf_free(&pulling->group);
    arena_close(pulling->page);
    http_client_close(pulling->client.options.http);
    return err;
}

static struct err run(struct pulling *pulling, const struct taxii_files *files, const char *url)
{
    struct err err = client_open(pulling, files);
    if (err.kind == ERR_NONE)
        err = client_run(pulling, url);
    share_keys_forget(&pulling->visiting.keys);
    return err;
}

/* ---- What comes of it ---- */

/* That of a feed; a peer that says when to come again is believed, up to a day. */
static int64_t pause_of(const struct pulling *pulling, bool failed)
{
    const struct peer *peer = &pulling->peer;
    if (!failed)
        return pulling->pulled->more ? 0 : peer->every_us;
    int64_t pause = intel_feed_pause_us(peer->every_us, peer->failures);
    uint64_t most_s = DAY_US / SECOND_US, later_s = pulling->client.later_s < most_s ? pulling->client.later_s : most_s;
    return pause < (int64_t)later_s * SECOND_US ? (int64_t)later_s * SECOND_US : pause;
}

static void pulled_write(struct json_writer *w, const struct pulling *pulling)
{
    const struct taxii_pulled *pulled = pulling->pulled;
    const struct {
        slice key;
        uint64_t count;
    } counts[] = {{S("collections"), pulled->collections}, {S("broken"), pulled->broken}, {S("pages"), pulled->pages},
            {S("imports"), pulled->imports}, {S("import"), (uint64_t)pulled->sum.import},
            {S("objects"), pulled->sum.objects}, {S("new"), pulled->sum.fresh}, {S("newer"), pulled->sum.newer},
            {S("duplicates"), pulled->sum.duplicates}, {S("conflicts"), pulled->sum.conflicts},
            {S("refused"), pulled->sum.refused}};
    json_write_object(w);
    json_write_key_text(w, S("peer"), pulling->peer.name);
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        json_write_key_u64(w, counts[i].key, counts[i].count);
    json_write_key_text(w, S("why"), pulling->result.why);
    json_write_end(w);
}

static struct err result_put(struct work *work, void *context)
{
    struct pulling *pulling = context;
    struct buf detail = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    if (pulling->peer.number != 0)
        TRY(store_peer_result(work, pulling->peer.number, &pulling->result));
    pulled_write(&w, pulling);
    slice name = pulling->peer.name;
    slice subject = slice_of(arena_printf(work->arena, "peer/%.*s", (int)name.len, name.ptr));
    const char *act = pulling->result.why.len > 0 ? "peer.failed" : "peer.pulled";
    struct err err = store_work_news(work, act, subject, buf_slice(&detail));
    buf_free(&detail);
    return err;
}

/* Errors become the result of the peer (rights were asked for before); a stop goes up, and what the database says. */
static struct err settle(struct pulling *pulling, struct err err)
{
    struct taxii_pulled *pulled = pulling->pulled;
    if (err.kind != ERR_NONE && is_stopped(pulling))
        return err;
    pulled->failed = err.kind != ERR_NONE || pulled->broken > 0;
    if (err.kind != ERR_NONE)
        pulled->why = err.why;
    pulling->result.why =
            pulled->why == NULL ? S("") : store_text_keep(pulling->arena, slice_of(pulled->why), STORE_TEXT_MAX / 2);
    pulled->next_us = pulling->result.next_us = clock_now_us() + pause_of(pulling, pulled->failed);
    return store_work(pulling->db, pulling->actor, pulling->arena, result_put, pulling);
}

/* What is told outlives the run. */
static struct err run_to_end(
        struct pulling *pulling, const struct taxii_files *files, const char *url, struct arena *arena)
{
    struct taxii_pulled *pulled = pulling->pulled;
    struct err err = settle(pulling, run(pulling, files, url));
    pulled->name = arena_copy(arena, pulling->peer.name);
    pulled->why = pulled->why == NULL ? NULL : arena_cstr(arena, slice_of(pulled->why));
    if (pulled->sum.form != NULL)
        pulled->sum.form = "stix";
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    return err;
}

static struct err peer_run(struct pulling *pulling, struct arena *arena)
{
    const struct taxii_files files = taxii_access_of(pulling->fetch->keys, &pulling->peer, pulling->arena);
    return run_to_end(pulling, &files, arena_cstr(pulling->arena, pulling->peer.url), arena);
}

static struct pulling pulling_open(
        struct db *db, const struct actor *actor, const struct taxii_fetch *fetch, struct taxii_pulled *pulled)
{
    *pulled = (struct taxii_pulled){.next_us = TIME_NONE};
    return (struct pulling){.db = db,
            .actor = actor,
            .fetch = fetch,
            .pulled = pulled,
            .end_us = clock_steady_us() + TAXII_PEER_RUN_US,
            .arena = arena_open("a peer", ARENA_WORK, PEER_ARENA_MAX)};
}

struct err taxii_peer_run(struct db *db, const struct actor *actor, const struct taxii_fetch *fetch, slice name,
        struct arena *arena, struct taxii_pulled *pulled)
{
    TRY(store_right_check(actor, VERB_IMPORT, actor->organisation, arena, NULL));
    struct pulling pulling = pulling_open(db, actor, fetch, pulled);
    struct err err = store_peer_get(db, name, pulling.arena, &pulling.peer);
    if (err.kind == ERR_MISSING)
        err = err_format(arena, ERR_MISSING, "there is no peer %.*s", (int)name.len, name.ptr);
    else if (err.kind == ERR_NONE)
        err = peer_run(&pulling, arena);
    arena_close(pulling.arena);
    return err;
}

struct claiming {
    struct peer peer;
    bool found;
};

static struct err claim(struct work *work, void *context)
{
    struct claiming *claiming = context;
    return store_peer_claim(work, work->now_us + TAXII_PEER_CLAIM_US, &claiming->peer, &claiming->found);
}

struct err taxii_peer_run_due(struct db *db, const struct actor *actor, const struct taxii_fetch *fetch,
        struct arena *arena, struct taxii_pulled *pulled, bool *found)
{
    struct claiming claiming = {.found = false};
    TRY(store_right_check(actor, VERB_IMPORT, actor->organisation, arena, NULL));
    struct pulling pulling = pulling_open(db, actor, fetch, pulled);
    struct err err = store_work(db, actor, pulling.arena, claim, &claiming);
    pulling.peer = claiming.peer;
    if (err.kind == ERR_NONE && claiming.found)
        err = peer_run(&pulling, arena);
    else if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    arena_close(pulling.arena);
    *found = claiming.found;
    return err;
}

/* What it goes by where it has no name: the host. */
static slice host_of(const char *url)
{
    slice host = slice_from(slice_of(url), slice_find_slice(slice_of(url), S("://")) + 3);
    host = slice_part(host, 0, slice_find(host, '/'));
    size_t at = slice_find(host, '@');
    return at < host.len ? slice_from(host, at + 1) : host;
}

struct err taxii_peer_pull(struct db *db, const struct actor *actor, const struct taxii_fetch *fetch,
        const struct taxii_files *files, const char *url, struct arena *arena, struct taxii_pulled *pulled)
{
    const char *whole;
    TRY(store_right_check(actor, VERB_IMPORT, actor->organisation, arena, NULL));
    TRY(taxii_client_url(url, arena, &whole));
    struct pulling pulling = pulling_open(db, actor, fetch, pulled);
    pulling.peer = (struct peer){.name = host_of(whole), .every_us = PEER_EVERY_MIN_US};
    struct err err = run_to_end(&pulling, files, whole, arena);
    arena_close(pulling.arena);
    return err;
}
