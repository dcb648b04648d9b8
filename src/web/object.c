/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An object for people: what it says, what each source says of it, what it is related to, what we hold of it. And the
 * same raw, as it came.
 */
#include "web/object.h"

#include "base/arena.h"
#include "store/browse.h"
#include "text/shown.h"
#include "web/acts.h"
#include "web/page.h"
#include "web/pages.h"

#define RAW_SHOWN (24u << 10) /* bytes of it on the raw page, as HTML */
#define NAMED_BYTES 200
#define OTHER_NAME_BYTES_MAX 4096 /* of a name in its other spelling, defanged */

/* ---- By its id ---- */

#define VERSIONS_LOOKED 100

/* Some newest version that who asks may see, whoever says it; ERR_MISSING. */
static struct err any_get(struct ask *ask, slice id, struct arena *arena, struct object *object)
{
    struct object *rows;
    size_t count;
    bool hidden;
    TRY(store_browse_any(ask->db, id, arena, object));
    TRY(row_hidden(ask, object, &hidden));
    if (!hidden)
        return OK;
    TRY(store_browse_versions(ask->db, id, VERSIONS_LOOKED, arena, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(row_hidden(ask, &rows[i], &hidden));
        if (rows[i].newest && !hidden)
            return store_object_get(ask->db, rows[i].number, arena, object);
    }
    return err_make(ERR_MISSING, "there is no object of that id");
}

/* ---- Names of other objects ---- */

struct named {
    int64_t number; /* 0: nobody gave it to us */
    slice type, name;
};

/* Of what may be large only the name is kept. */
static struct err named_get(struct viewing *viewing, slice id, struct named *named)
{
    struct object object;
    struct summary summary;
    struct arena *arena = viewing->ask->arena;
    *named = (struct named){0, slice_part(id, 0, slice_find_slice(id, S("--"))), S("")};
    if (!outside_is_id(id))
        return OK;
    arena_reset(viewing->scratch);
    struct err err = any_get(viewing->ask, id, viewing->scratch, &object);
    if (err.kind == ERR_MISSING || err.kind == ERR_LIMIT)
        return OK;
    TRY(err);
    struct summaries summaries = viewing->summaries;
    summaries.arena = viewing->scratch;
    TRY(summary_of(&summaries, &object, &summary));
    slice name = summary.name.len > 0 ? summary.name : summary.value;
    *named = (struct named){object.number, arena_copy(arena, object.type),
            arena_copy(arena, (slice){name.ptr, name.len < 2 * OUTSIDE_NAME ? name.len : 2 * OUTSIDE_NAME})};
    return OK;
}

struct err object_write_named(struct viewing *viewing, slice key, slice id)
{
    struct ask *ask = viewing->ask;
    struct json_writer *json = &ask->json;
    struct named named;
    TRY(named_get(viewing, id, &named));
    if (key.len > 0)
        json_write_key(json, key);
    json_write_object(json);
    outside_write(&viewing->shown, S("id"), id, OUTSIDE_NAME);
    outside_write(&viewing->shown, S("what"), outside_type(ask, named.type), OUTSIDE_NAME / 2);
    outside_write_value(&viewing->shown, S("name"), named.name, OUTSIDE_NAME);
    page_flag(ask, S("named"), named.name.len > 0);
    json_write_key(json, S("path"));
    if (named.number != 0)
        json_write_text(json, slice_of(outside_path(ask, "/objects/", named.number, "")));
    else
        json_write_null(json);
    json_write_end(json);
    return OK;
}

/* ---- Names that are not what they seem ---- */

/* The name in a value: of a domain, a URL (RFC 3986 section 3.2.2) or an address of mail. */
static slice host_of(slice value)
{
    slice rest = value;
    size_t scheme = slice_find_slice(value, S("://"));
    if (scheme < value.len)
        rest = slice_from(value, scheme + 3);
    for (size_t i = 0; i < rest.len; i++)
        if (slice_find(S("/?#"), rest.ptr[i]) < 3)
            rest.len = i;
    size_t at = slice_find(rest, '@');
    if (at < rest.len)
        rest = slice_from(rest, at + 1);
    return slice_part(rest, 0, slice_find(rest, ':'));
}

/* How else it is written, and whether it may have been made to look like another. */
static void write_other_name(struct viewing *viewing)
{
    const struct summary *summary = &viewing->summary;
    slice value = summary->is_pattern ? S("") : summary->value;
    slice host = host_of((slice){value.ptr, value.len < OUTSIDE_LINE ? value.len : OUTSIDE_LINE});
    struct buf other = buf_make(OTHER_NAME_BYTES_MAX);
    if (shown_other_name_write(&other, host))
        outside_write(&viewing->shown, S("other_name"), buf_slice(&other), OUTSIDE_LINE);
    page_flag(viewing->ask, S("is_mixed"), shown_name_is_mixed(host));
    buf_free(&other);
}

/* ---- The page ---- */

static void write_head(struct viewing *viewing)
{
    struct ask *ask = viewing->ask;
    const struct object *object = &viewing->object;
    struct outside title = outside_begin(ask, OUTSIDE_LINE);
    slice name = viewing->summary.name.len > 0 ? viewing->summary.name : viewing->summary.value;
    slice near = {name.ptr, name.len < OUTSIDE_NAME ? name.len : OUTSIDE_NAME};
    slice defanged = outside_defanged(near, ask->arena);
    page_title(
            ask, name.len > 0 ? outside_text(&title, defanged, defanged.len, NULL) : outside_type(ask, object->type));
    row_write(&viewing->shown, object, &viewing->summary);
    write_other_name(viewing);
    json_write_key_text(&ask->json, S("here"), slice_of(outside_path(ask, "/objects/", object->number, "")));
    page_flag(ask, S("is_newest"), object->newest);
    page_flag(ask, S("made"), object->made);
    page_moment(ask, S("arrived"), object->added_us);
    page_moment(ask, S("modified"), object->modified_us);
}

static void write_forms(struct ask *ask)
{
    acts_write(ask);
    page_flag(ask, S("may_act"), outside_may(ask, VERB_TAG) || outside_may(ask, VERB_JUDGE));
    page_flag(ask, S("may_export"), outside_may(ask, VERB_EXPORT));
}

static struct err write_all(struct viewing *viewing)
{
    struct ask *ask = viewing->ask;
    TRY(summary_of(&viewing->summaries, &viewing->object, &viewing->summary));
    write_head(viewing);
    TRY(row_write_source(ask, &viewing->sources, viewing->object.source));
    TRY(object_write_read(viewing));
    TRY(object_write_related(viewing));
    TRY(object_write_said(viewing));
    TRY(object_write_shared(viewing));
    TRY(object_write_met(viewing));
    write_forms(ask);
    return OK;
}

/* The object itself may be as large as objects go: it has an arena of its own. */
static struct err with_object(struct ask *ask, struct err (*write)(struct viewing *viewing))
{
    struct viewing *viewing = arena_new(ask->arena, struct viewing, 1);
    struct arena *own = arena_open("an object to show", ARENA_WORK, VIEW_SCRATCH_MAX);
    int64_t number = 0;
    viewing->ask = ask;
    viewing->shown = outside_begin(ask, OUTSIDE_PAGE);
    viewing->scratch = arena_open("what is beside an object", ARENA_WORK, VIEW_SCRATCH_MAX);
    viewing->summaries = summaries_open(ask->db, own);
    struct err err = ask_part_number(ask, 0, &number);
    if (err.kind == ERR_NONE)
        err = row_get(ask, number, own, &viewing->object);
    if (err.kind == ERR_NONE)
        err = write(viewing);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(ask->arena, slice_of(err.why));
    summaries_close(&viewing->summaries);
    arena_close(viewing->scratch);
    arena_close(own);
    return err;
}

struct err web_object(struct ask *ask)
{
    TRY(outside_need(ask, VERB_READ_OBJECTS));
    return with_object(ask, write_all);
}

struct err web_object_find(struct ask *ask)
{
    struct object object;
    slice id;
    TRY(outside_need(ask, VERB_READ_OBJECTS));
    TRY(outside_asked(ask, S("id"), OBJECT_ID_MAX, &id));
    struct arena *scratch = arena_open("an object to find", ARENA_WORK, VIEW_SCRATCH_MAX);
    struct err err = any_get(ask, id, scratch, &object);
    if (err.kind == ERR_NONE)
        ask_see(ask, outside_path(ask, "/objects/", object.number, ""));
    else
        err.why = arena_cstr(ask->arena, slice_of(err.why));
    arena_close(scratch);
    return err;
}

/* ---- Raw ---- */

static struct err write_raw(struct viewing *viewing)
{
    struct ask *ask = viewing->ask;
    const struct object *object = &viewing->object;
    struct outside raw = outside_begin(ask, RAW_SHOWN);
    page_title(ask, ask_text(ask, W("As it came")));
    json_write_key_u64(&ask->json, S("number"), (uint64_t)object->number);
    outside_write(&viewing->shown, S("id"), object->id, OUTSIDE_NAME);
    page_count(ask, S("bytes"), object->bytes.len);
    page_flag(ask, S("made"), object->made);
    outside_write(&raw, S("text"), object->bytes, RAW_SHOWN);
    json_write_key_text(&ask->json, S("path"), slice_of(outside_path(ask, "/objects/", object->number, "")));
    json_write_key_text(
            &ask->json, S("download"), slice_of(outside_path(ask, "/objects/", object->number, "/download")));
    return OK;
}

struct err web_object_raw(struct ask *ask)
{
    TRY(outside_need(ask, VERB_READ_OBJECTS));
    return with_object(ask, write_raw);
}

/* Byte for byte. Never shown by a browser in our name: it is saved. */
static struct err download(struct viewing *viewing)
{
    struct ask *ask = viewing->ask;
    const struct object *object = &viewing->object;
    ask->reply->status = 200;
    ask->reply->type = S("application/json");
    ask->reply->body = buf_make(object->bytes.len);
    buf_put(&ask->reply->body, object->bytes);
    http_reply_header(ask->reply, S("Content-Disposition"),
            slice_of(outside_path(ask, "attachment; filename=\"object-", object->number, ".json\"")));
    http_reply_header(ask->reply, S("X-Content-Type-Options"), S("nosniff"));
    http_reply_header(ask->reply, S("Cache-Control"), S("no-store"));
    return buf_check(&ask->reply->body);
}

struct err web_object_download(struct ask *ask)
{
    TRY(outside_need(ask, VERB_READ_OBJECTS));
    return with_object(ask, download);
}
