/* SPDX-License-Identifier: Apache-2.0 */
#include "taxii/push.h"

#include "base/arena.h"
#include "store/object.h"
#include "store/right.h"
#include "store/source.h"
#include "taxii/sending.h"
#include "json/read.h"
#include "json/write.h"

#define PAGE_ARENA_MAX (512u << 20)
#define PAGE_OBJECTS 500
#define MARKINGS_MAX 1000 /* sent in one push that are remembered; further ones may go twice */
#define CHOICE_MAX 4096
#define DETAIL_MAX 16384

struct taxii_pushing {
    const struct taxii_fetch *fetch;
    const struct taxii_push *push;
    struct taxii_pushed *pushed;
    struct taxii_client client;
    struct taxii_collection collection;
    size_t bytes_max;    /* of an envelope */
    struct arena *arena; /* as long as the push */
    struct taxii_sending *sending;
    /* From a node. */
    struct db *db;
    const struct actor *actor;
    struct arena *page;
    int64_t source, echo; /* what comes from there is not sent back; 0: nothing does */
    bool several;
    struct outgoing place; /* number 0: none is kept */
    int64_t after;         /* the last object that was looked at */
    slice *markings;
    size_t marking_count;
};

/* ---- How far we are ---- */

struct moving {
    const struct taxii_pushing *pushing;
    size_t count, refused_count;
    const struct outgoing_refused *refused;
};

static struct err place_move(struct work *work, void *context)
{
    const struct moving *moving = context;
    const struct taxii_pushing *pushing = moving->pushing;
    return store_outgoing_move(
            work, pushing->place.number, pushing->after, moving->count, moving->refused, moving->refused_count);
}

static struct err settled(void *context, const struct taxii_item *items, size_t count,
        const struct outgoing_refused *refused, size_t refused_count, struct arena *arena)
{
    struct taxii_pushing *pushing = context;
    struct moving moving = {pushing, count, refused_count, refused};
    (void)items;
    if (pushing->place.number != 0)
        TRY(store_work(pushing->db, pushing->actor, arena, place_move, &moving));
    pushing->pushed->envelopes = taxii_sending_envelopes(pushing->sending);
    pushing->pushed->sent += count;
    if (pushing->fetch->came != NULL)
        pushing->fetch->came(pushing->fetch->watch.context, "objects", pushing->pushed->sent);
    return OK;
}

static void refused(void *context, slice id, slice why)
{
    struct taxii_pushing *pushing = context;
    pushing->pushed->refused++;
    if (pushing->push->refused != NULL)
        pushing->push->refused(pushing->fetch->watch.context, id, why);
}

/* ---- Where it goes ---- */

static struct err collection_find(struct taxii_pushing *pushing)
{
    struct taxii_site site;
    const char *shown = http_url_shown(pushing->push->url, pushing->arena);
    TRY(taxii_site_look(&pushing->client, pushing->push->url, pushing->arena, &site));
    if (site.root_count != 1 || site.roots[0].collection_count != 1)
        return err_format(pushing->arena, ERR_INPUT,
                "%s is not one collection; `kentongan taxii ls` lists them with their URLs", shown);
    pushing->collection = site.roots[0].collections[0];
    if (!pushing->collection.can_write)
        return err_format(pushing->arena, ERR_DENIED, "%s: we may not write to this collection", shown);
    uint64_t most = site.roots[0].content_max;
    pushing->bytes_max = most > 0 && most < TAXII_ENVELOPE_BYTES ? (size_t)most : TAXII_ENVELOPE_BYTES;
    pushing->pushed->title = pushing->collection.title;
    if (pushing->bytes_max < TAXII_ENVELOPE_LEAST)
        return err_format(pushing->arena, ERR_REMOTE, "%s takes no more than %zu bytes at once: no object is as small",
                shown, pushing->bytes_max);
    return OK;
}

struct err taxii_push_open(const struct taxii_fetch *fetch, const struct taxii_files *files,
        const struct taxii_push *push, struct taxii_pushed *pushed, struct taxii_pushing **pushing, struct arena *arena)
{
    struct taxii_client client;
    struct taxii_pushing *made = arena_new(arena, struct taxii_pushing, 1);
    *pushed = (struct taxii_pushed){.title = S("")};
    TRY(taxii_peer_client(fetch, files, arena, &client));
    *made = (struct taxii_pushing){.fetch = fetch, .push = push, .pushed = pushed, .client = client, .arena = arena};
    struct err err = collection_find(made);
    if (err.kind != ERR_NONE) {
        taxii_push_close(made);
        return err;
    }
    const struct taxii_sending_options options = {.collection = made->collection.url,
            .root = made->collection.root,
            .bytes_max = made->bytes_max,
            .context = made,
            .refused = refused,
            .settled = settled};
    taxii_sending_open(&made->client, &options, arena, &made->sending);
    *pushing = made;
    return OK;
}

void taxii_push_close(struct taxii_pushing *pushing)
{
    http_client_close(pushing->client.options.http);
    taxii_sending_close(pushing->sending);
}

struct err taxii_push_object(struct taxii_pushing *pushing, slice bytes, slice id, slice version)
{
    return taxii_sending_add(pushing->sending, &(struct taxii_item){bytes, id, version, 0, TAXII_ENTRY_NONE});
}

struct err taxii_push_end(struct taxii_pushing *pushing)
{
    return taxii_sending_end(pushing->sending, false);
}

/* ---- Which objects of a node ---- */

/* What we hold not to be true stays here, as in every export (intel/send.h). */
static bool is_held_back(const struct object *object, int64_t now_us)
{
    if ((object->judged & (OBJECT_FALSE_POSITIVE | OBJECT_WITHDRAWN)) != 0)
        return true;
    return (object->judged & OBJECT_EXPIRED) != 0 && object->expiry_us <= now_us;
}

/* Of an id that several sources have, the latest version goes; of equal ones the first that came. */
static struct err is_latest(struct taxii_pushing *pushing, const struct object *object, bool *latest)
{
    struct object *rows;
    size_t count;
    *latest = true;
    if (!pushing->several || pushing->push->all_versions)
        return OK;
    TRY(store_object_versions(pushing->db, object->id, pushing->page, &rows, &count));
    for (size_t i = 0; i < count && *latest; i++) {
        int order = slice_order(rows[i].version, object->version);
        bool before = order > 0 || (order == 0 && rows[i].number < object->number);
        *latest = !(rows[i].newest && before && rows[i].source != object->source &&
                    !is_held_back(&rows[i], clock_now_us()));
    }
    return OK;
}

static bool is_chosen(const struct taxii_pushing *pushing, const struct object *object)
{
    const struct taxii_push *push = pushing->push;
    return (push->since_us == TIME_NONE || object->added_us >= push->since_us) &&
           (pushing->echo == 0 || object->source != pushing->echo);
}

static bool marking_is_new(struct taxii_pushing *pushing, slice id)
{
    for (size_t i = 0; i < pushing->marking_count; i++)
        if (slice_eq(pushing->markings[i], id))
            return false;
    if (pushing->marking_count < MARKINGS_MAX)
        pushing->markings[pushing->marking_count++] = arena_copy(pushing->arena, id);
    return true;
}

static struct err object_add(struct taxii_pushing *pushing, const struct object *object)
{
    return taxii_sending_add(pushing->sending,
            &(struct taxii_item){object->bytes, object->id, object->version, object->number, TAXII_ENTRY_NONE});
}

/* Where only some objects go, what they are marked with goes before them. */
static struct err marking_add(struct taxii_pushing *pushing, const struct object *marked, slice id)
{
    struct object marking;
    if (!slice_starts(id, S("marking-definition--")) || !marking_is_new(pushing, id))
        return OK;
    struct err err = store_object_newest(pushing->db, marked->source, id, pushing->page, &marking);
    if (err.kind == ERR_MISSING)
        return OK;
    TRY(err);
    return object_add(pushing, &marking);
}

static struct err markings_add(struct taxii_pushing *pushing, const struct object *object)
{
    struct json_elements refs = json_elements(json_get(object->bytes, S("object_marking_refs")));
    struct json_elements granular = json_elements(json_get(object->bytes, S("granular_markings")));
    slice element;
    while (json_element_next(&refs, &element))
        TRY(marking_add(pushing, object, json_text(element, pushing->page)));
    while (json_element_next(&granular, &element))
        TRY(marking_add(pushing, object, json_text(json_get(element, S("marking_ref")), pushing->page)));
    return OK;
}

static struct err object_send(struct taxii_pushing *pushing, const struct object *object)
{
    const struct taxii_push *push = pushing->push;
    bool some = push->type.len > 0 || push->id_count > 0 || push->since_us != TIME_NONE, latest;
    if (!is_chosen(pushing, object))
        return OK;
    if (is_held_back(object, clock_now_us())) {
        pushing->pushed->left_out++;
        return OK;
    }
    TRY(is_latest(pushing, object, &latest));
    if (!latest)
        return OK;
    if (some)
        TRY(markings_add(pushing, object));
    return object_add(pushing, object);
}

static bool is_stopped(const struct taxii_pushing *pushing)
{
    const struct intel_watch *watch = &pushing->fetch->watch;
    return watch->stop != NULL && watch->stop(watch->context);
}

static struct err pages_send(struct taxii_pushing *pushing)
{
    const struct object_filter filter = {
            .type = pushing->push->type, .source = pushing->source, .all_versions = pushing->push->all_versions};
    struct object_place place = {.after = pushing->place.after};
    while (!place.end) {
        struct object *rows;
        size_t count;
        if (is_stopped(pushing))
            return err_make(ERR_CONFLICT, "stopped before its end; the next push goes on from there");
        arena_reset(pushing->page);
        TRY(store_object_page(pushing->db, &filter, &place, PAGE_OBJECTS, pushing->page, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            TRY(object_send(pushing, &rows[i]));
            pushing->after = rows[i].number;
        }
    }
    return taxii_sending_end(pushing->sending, true);
}

static struct err id_send(struct taxii_pushing *pushing, slice id)
{
    struct object *rows;
    size_t count, met = 0;
    arena_reset(pushing->page);
    TRY(store_object_versions(pushing->db, id, pushing->page, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        if ((!rows[i].newest && !pushing->push->all_versions) ||
                (pushing->source != 0 && rows[i].source != pushing->source))
            continue;
        met++;
        TRY(object_send(pushing, &rows[i]));
    }
    return met > 0 ? OK : err_format(pushing->arena, ERR_MISSING, "%.*s: there is no such object", (int)id.len, id.ptr);
}

static struct err ids_send(struct taxii_pushing *pushing)
{
    for (size_t i = 0; i < pushing->push->id_count; i++)
        TRY(id_send(pushing, pushing->push->ids[i]));
    return taxii_push_end(pushing);
}

/* ---- From a node ---- */

/* The choice in words, since each goes on by itself: "type=indicator since=...". */
static slice choice_text(const struct taxii_push *push, struct arena *arena)
{
    struct buf text = buf_make(CHOICE_MAX);
    if (push->type.len > 0)
        buf_printf(&text, " type=%.*s", (int)push->type.len, push->type.ptr);
    if (push->source.len > 0)
        buf_printf(&text, " source=%.*s", (int)push->source.len, push->source.ptr);
    if (push->since_us != TIME_NONE) {
        buf_put(&text, S(" since="));
        time_write(&text, push->since_us);
    }
    if (push->all_versions)
        buf_put(&text, S(" versions=all"));
    slice copy = arena_copy(arena, slice_trim(buf_slice(&text)));
    buf_free(&text);
    return copy;
}

static struct err place_put(struct work *work, void *context)
{
    struct taxii_pushing *pushing = context;
    return store_outgoing_put(
            work, slice_of(pushing->collection.url), choice_text(pushing->push, pushing->arena), &pushing->place);
}

/* What we read in that very collection is there. */
static struct err echo_find(struct taxii_pushing *pushing)
{
    struct remote remote;
    struct err err = store_remote_get(pushing->db, slice_of(pushing->collection.url), pushing->arena, &remote);
    if (err.kind == ERR_NONE)
        err = store_source_find(pushing->db, remote.source, &pushing->echo);
    return err.kind == ERR_MISSING ? OK : err;
}

static struct err node_prepare(struct taxii_pushing *pushing)
{
    struct source *sources;
    size_t count;
    if (pushing->push->source.len > 0)
        TRY(store_source_find(pushing->db, pushing->push->source, &pushing->source));
    TRY(store_source_list(pushing->db, 0, 2, pushing->arena, &sources, &count));
    pushing->several = pushing->source == 0 && count > 1;
    pushing->markings = arena_new(pushing->arena, slice, MARKINGS_MAX);
    TRY(echo_find(pushing));
    if (pushing->push->id_count > 0)
        return OK;
    TRY(store_work(pushing->db, pushing->actor, pushing->arena, place_put, pushing));
    pushing->after = pushing->place.after;
    return OK;
}

static struct err tell(struct work *work, void *context)
{
    const struct taxii_pushing *pushing = context;
    const struct taxii_pushed *pushed = pushing->pushed;
    struct buf detail = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_text(&w, S("url"), slice_of(http_url_shown(pushing->collection.url, work->arena)));
    json_write_key_text(&w, S("choice"), choice_text(pushing->push, work->arena));
    json_write_key_u64(&w, S("sent"), pushed->sent);
    json_write_key_u64(&w, S("refused"), pushed->refused);
    json_write_key_u64(&w, S("left_out"), pushed->left_out);
    json_write_end(&w);
    slice id = pushing->collection.id;
    slice subject = slice_of(arena_printf(work->arena, "collection/%.*s", (int)id.len, id.ptr));
    struct err err = store_work_news(work, "peer.pushed", subject, buf_slice(&detail));
    buf_free(&detail);
    return err;
}

/* What was sent is told, however it ended. */
static struct err node_send(struct taxii_pushing *pushing)
{
    TRY(node_prepare(pushing));
    struct err err = pushing->push->id_count > 0 ? ids_send(pushing) : pages_send(pushing);
    if (pushing->pushed->sent == 0)
        return err;
    struct err told = store_work(pushing->db, pushing->actor, pushing->arena, tell, pushing);
    return err.kind != ERR_NONE ? err : told;
}

static struct err push_node(struct db *db, const struct actor *actor, const struct taxii_fetch *fetch,
        const struct taxii_files *files, const struct taxii_push *push, struct arena *arena,
        struct taxii_pushed *pushed)
{
    struct taxii_pushing *pushing;
    TRY(taxii_push_open(fetch, files, push, pushed, &pushing, arena));
    pushing->db = db;
    pushing->actor = actor;
    pushing->page = arena_open("a page of a push", ARENA_WORK, PAGE_ARENA_MAX);
    struct err err = node_send(pushing);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    arena_close(pushing->page);
    taxii_push_close(pushing);
    return err;
}

struct err taxii_push_node(struct db *db, const struct actor *actor, const struct taxii_fetch *fetch,
        const struct taxii_files *files, const struct taxii_push *push, struct arena *arena,
        struct taxii_pushed *pushed)
{
    TRY(store_right_check(actor, VERB_EXPORT, actor->organisation, arena, NULL));
    return push_node(db, actor, fetch, files, push, arena, pushed);
}
