/* SPDX-License-Identifier: Apache-2.0 */
#include "intel/feed.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/uuid.h"
#include "http/client.h"
#include "intel/notes.h"
#include "intel/text.h"
#include "intel/vanish.h"
#include "store/right.h"
#include "store/source.h"
#include "json/check.h"
#include "json/read.h"
#include "json/write.h"

#define FEED_ARENA_MAX (256u << 20)
#define EVENT_ARENA_MAX (128u << 20)
#define SEEN_BYTES_MAX (8u << 20) /* what is remembered of a manifest */
#define SEEN_EVERY 50             /* events after which that is written down */
#define DETAIL_MAX 16384
#define LASTS_PAGE 20 /* imports looked at at once */
#define WHY_SHOWN_MAX 500

static const char MANIFEST[] = "manifest.json";

/* ---- What is known of a feed beside its row: whether entries expire, and which events were read ---- */

static slice fact_name(const struct feed *feed, const char *what, struct arena *arena)
{
    return slice_of(arena_printf(arena, "feed/%lld/%s", (long long)feed->number, what));
}

static struct err expires_get(struct db *db, const struct feed *feed, struct arena *arena, bool *expire)
{
    slice value;
    TRY(store_fact_get(db, fact_name(feed, "vanished", arena), arena, &value));
    *expire = slice_eq(value, S("expire"));
    return OK;
}

/* ---- Adding, removing ---- */

/* A work about one feed, and the row it leaves. */
struct feed_change {
    const struct feed_put *put;
    slice name;
    bool expire, paused;
    int64_t number;
};

static struct err tell(struct work *work, const char *act, slice name, slice location)
{
    struct buf detail = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_text(&w, S("feed"), name);
    if (location.len > 0)
        json_write_key_text(&w, S("location"), location);
    json_write_end(&w);
    slice subject = slice_of(arena_printf(work->arena, "feed/%.*s", (int)name.len, name.ptr));
    struct err err = store_work_news(work, act, subject, buf_slice(&detail));
    buf_free(&detail);
    return err;
}

static slice shown(slice location, struct arena *arena)
{
    return intel_text_is_url(location) ? slice_of(http_url_shown(arena_cstr(arena, location), arena)) : location;
}

static struct err add(struct work *work, void *context)
{
    struct feed_change *change = context;
    struct feed feed = {0};
    TRY(store_feed_add(work, change->put, &change->number));
    feed.number = change->number;
    TRY(store_fact_put(work->db, fact_name(&feed, "vanished", work->arena), change->expire ? S("expire") : S("stay")));
    return tell(work, "feed.added", change->put->name, shown(change->put->location, work->arena));
}

static bool is_folder(slice location, slice form, struct arena *arena)
{
    struct stat stat_of;
    bool named = slice_ends(location, S("/")) || slice_ends(location, S("/manifest.json"));
    if (form.len > 0 && !slice_eq(form, S("misp")))
        return false;
    return named || (!intel_text_is_url(location) && stat(arena_cstr(arena, location), &stat_of) == 0 &&
                            S_ISDIR(stat_of.st_mode));
}

/* A path is kept whole: who runs the feed later stands elsewhere. */
static struct err location_check(slice *location, struct arena *arena)
{
    char whole[PATH_MAX];
    if (intel_text_is_url(*location))
        return OK;
    if (slice_find_slice(*location, S("://")) < location->len)
        return err_make(ERR_INPUT, "a feed is a path, or a URL that begins with https:// or http://");
    const char *path = arena_cstr(arena, *location);
    if (realpath(path, whole) == NULL)
        return err_errno(arena, path);
    *location = arena_copy(arena, slice_of(whole));
    return OK;
}

static struct err form_check(slice form, struct arena *arena)
{
    return form.len == 0 || form_find(form) != NULL
                   ? OK
                   : err_format(arena, ERR_INPUT, "%.*s is no form of intelligence", (int)form.len, form.ptr);
}

static struct err change(
        struct db *db, const struct actor *actor, work_action *action, struct feed_change *changed, struct arena *arena)
{
    TRY(store_right_check(actor, VERB_CHANGE_FEEDS, actor->organisation, arena, NULL));
    struct err err = store_work(db, actor, arena, action, changed);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    return err;
}

struct err intel_feed_add(struct db *db, const struct actor *actor, const struct feed_put *put, bool expire,
        struct arena *arena, int64_t *number)
{
    struct feed_put whole = *put;
    TRY(form_check(put->form, arena));
    TRY(store_text_check(arena, "location of the feed", put->location, STORE_TEXT_MAX));
    TRY(location_check(&whole.location, arena));
    if (expire && is_folder(whole.location, whole.form, arena))
        return err_make(ERR_INPUT, "a MISP folder says itself what is no longer so: entries of lists can expire");
    struct feed_change changed = {.put = &whole, .expire = expire};
    TRY(change(db, actor, add, &changed, arena));
    *number = changed.number;
    return OK;
}

static struct err remove_feed(struct work *work, void *context)
{
    const struct feed_change *changed = context;
    struct feed feed;
    TRY(store_feed_get(work->db, changed->name, work->arena, &feed));
    TRY(store_fact_put(work->db, fact_name(&feed, "seen", work->arena), S("")));
    TRY(store_feed_drop(work, changed->name));
    return tell(work, "feed.removed", changed->name, S(""));
}

struct err intel_feed_remove(struct db *db, const struct actor *actor, slice name, struct arena *arena)
{
    struct feed_change changed = {.name = name};
    return change(db, actor, remove_feed, &changed, arena);
}

static struct err pause_feed(struct work *work, void *context)
{
    const struct feed_change *changed = context;
    TRY(store_feed_pause(work, changed->name, changed->paused));
    return tell(work, changed->paused ? "feed.paused" : "feed.resumed", changed->name, S(""));
}

struct err intel_feed_pause(struct db *db, const struct actor *actor, slice name, bool paused, struct arena *arena)
{
    struct feed_change changed = {.name = name, .paused = paused};
    return change(db, actor, pause_feed, &changed, arena);
}

static struct err hurry_feed(struct work *work, void *context)
{
    const struct feed_change *changed = context;
    TRY(store_feed_hurry(work, changed->name));
    return tell(work, "feed.hurried", changed->name, S(""));
}

struct err intel_feed_hurry(struct db *db, const struct actor *actor, slice name, struct arena *arena)
{
    struct feed_change changed = {.name = name};
    return change(db, actor, hurry_feed, &changed, arena);
}

struct err intel_feed_get(
        struct db *db, const struct actor *actor, slice name, struct arena *arena, struct feed *feed, bool *expire)
{
    TRY(store_right_check(actor, VERB_READ_FEEDS, actor->organisation, arena, NULL));
    TRY(store_feed_get(db, name, arena, feed));
    return expires_get(db, feed, arena, expire);
}

struct err intel_feed_list(struct db *db, const struct actor *actor, slice after, size_t count, struct arena *arena,
        struct feed **rows, size_t *row_count)
{
    TRY(store_right_check(actor, VERB_READ_FEEDS, actor->organisation, arena, NULL));
    return store_feed_list(db, after, count, arena, rows, row_count);
}

/* ---- Fetching ---- */

struct feeding {
    struct db *db;
    const struct actor *actor;
    const struct intel_fetch *fetch;
    struct feed feed;
    struct source source;
    struct arena *arena; /* as long as the fetch */
    struct intel_fed *fed;
    struct feed_result result;
};

static struct err input_stream_read(void *context, char *to, size_t room, size_t *got)
{
    return input_read(context, to, room, got);
}

static struct err take_in(struct feeding *feeding, const struct text *text, struct arena *arena)
{
    struct input *input;
    struct intel_report report;
    TRY(intel_text_input(text, arena, &input));
    const struct stix_stream stream = {input, input_stream_read};
    const struct intel_ingest ingest = {
            .source = feeding->source.name,
            .kind = S("feed"),
            .name = slice_of(text->name),
            .form = feeding->feed.form.len > 0 ? arena_cstr(arena, feeding->feed.form) : NULL,
            .objects_max = feeding->fetch->objects_max,
            .bytes_max = feeding->fetch->bytes_max,
            .watch = feeding->fetch->watch,
    };
    struct err err = intel_ingest(feeding->db, feeding->actor, &ingest, &stream, arena, &report);
    input_close(input);
    TRY(err);
    intel_report_add(&feeding->fed->sum, &report);
    feeding->fed->imports++;
    feeding->result.import = report.import;
    return OK;
}

/* The last import of the feed that was taken in, also if it was undone since, and the last one that still holds. */
struct lasts {
    struct import taken, done; /* number 0: none */
};

static void lasts_note(struct lasts *lasts, const struct import *row)
{
    bool taken = row->state == IMPORT_DONE || row->state == IMPORT_UNDONE;
    if (lasts->taken.number == 0 && taken)
        lasts->taken = *row;
    if (lasts->done.number == 0 && row->state == IMPORT_DONE)
        lasts->done = *row;
}

static struct err lasts_find(struct feeding *feeding, struct lasts *lasts)
{
    int64_t before = INT64_MAX;
    *lasts = (struct lasts){0};
    for (size_t count = 1; count > 0 && lasts->done.number == 0;) {
        struct import *rows;
        TRY(store_import_list(feeding->db, feeding->feed.source, before, LASTS_PAGE, feeding->arena, &rows, &count));
        for (size_t i = 0; i < count; i++)
            lasts_note(lasts, &rows[i]);
        before = count > 0 ? rows[count - 1].number : before;
    }
    return OK;
}

static const char *or_null(slice text, struct arena *arena)
{
    return text.len > 0 ? arena_cstr(arena, text) : NULL;
}

/* What the server called this text; what could not be used is to be had again. */
static void remember_tags(struct feeding *feeding, const struct text *text)
{
    bool same = text->unchanged && *text->etag == 0 && *text->modified == 0;
    feeding->result.etag = same ? feeding->feed.etag : slice_of(text->etag);
    feeding->result.last_modified = same ? feeding->feed.last_modified : slice_of(text->modified);
}

/* ---- A text ---- */

static struct err text_changed(struct feeding *feeding, const struct text *text)
{
    struct lasts lasts;
    struct sha256 digest;
    bool expire;
    TRY(lasts_find(feeding, &lasts));
    TRY(intel_text_digest(text, feeding->arena, &digest));
    /* What somebody undid does not come back by itself. */
    if (lasts.taken.number != 0 && memcmp(&lasts.taken.digest, &digest, sizeof digest) == 0) {
        feeding->fed->unchanged = true;
        return OK;
    }
    TRY(take_in(feeding, text, feeding->arena));
    TRY(expires_get(feeding->db, &feeding->feed, feeding->arena, &expire));
    if (!expire || lasts.done.number == 0)
        return OK;
    const struct vanish vanish = {lasts.done.number, feeding->result.import, clock_now_us(), feeding->source.name};
    return intel_vanish(
            feeding->db, feeding->actor, &vanish, feeding->arena, &feeding->fed->expired, &feeding->fed->back);
}

static struct err run_text(struct feeding *feeding)
{
    const struct feed *feed = &feeding->feed;
    struct text text;
    const struct text_want want = {
            .location = arena_cstr(feeding->arena, feed->location),
            .direct = feed->direct,
            .etag = or_null(feed->etag, feeding->arena),
            .modified = or_null(feed->last_modified, feeding->arena),
    };
    TRY(intel_text_open(feeding->fetch, &want, feeding->arena, &text));
    feeding->fed->unchanged = text.unchanged;
    struct err err = text.unchanged ? OK : text_changed(feeding, &text);
    if (err.kind == ERR_NONE)
        remember_tags(feeding, &text);
    intel_text_close(&text);
    return err;
}

/* ---- A folder of MISP events ---- */

struct folder {
    struct feeding *feeding;
    const char *base;  /* of all its files, with a slash */
    struct notes seen; /* UUID -> its timestamp when it was read, or found to be broken */
    struct buf lines;  /* the same as it is written down */
    size_t unwritten;
    bool again; /* something could not be fetched: look next time, whatever the manifest's tag says */
    struct arena *event;
};

/* What was read before: a line each, UUID and timestamp. */
static struct err seen_read(struct folder *folder)
{
    struct feeding *feeding = folder->feeding;
    slice text, line, uuid;
    TRY(store_fact_get(feeding->db, fact_name(&feeding->feed, "seen", feeding->arena), feeding->arena, &text));
    while (slice_next(&text, '\n', &line))
        if (slice_next(&line, ' ', &uuid) && uuid.len > 0)
            TRY(intel_note_put(&folder->seen, uuid, 1, line));
    return OK;
}

static struct err seen_put(struct work *work, void *context)
{
    struct folder *folder = context;
    return store_fact_put(work->db, fact_name(&folder->feeding->feed, "seen", work->arena), buf_slice(&folder->lines));
}

static struct err seen_write(struct folder *folder, slice manifest)
{
    struct json_members members = json_members(manifest);
    slice key, value;
    buf_reset(&folder->lines);
    while (json_member_next(&members, &key, &value)) {
        const struct noted *noted = intel_note_find(&folder->seen, key);
        if (noted == NULL || noted->number == 0)
            continue;
        buf_put(&folder->lines, key);
        buf_byte(&folder->lines, ' ');
        buf_put(&folder->lines, noted->version);
        buf_byte(&folder->lines, '\n');
    }
    folder->unwritten = 0;
    TRY(buf_check(&folder->lines));
    return store_work(folder->feeding->db, folder->feeding->actor, folder->event, seen_put, folder);
}

static void event_broken(struct folder *folder, const char *name, struct err err)
{
    struct intel_fed *fed = folder->feeding->fed;
    fed->broken++;
    if (fed->why == NULL)
        fed->why = arena_printf(folder->feeding->arena, "%s: %.*s", name, WHY_SHOWN_MAX, err.why);
}

static struct err event_take(struct folder *folder, const char *location)
{
    struct feeding *feeding = folder->feeding;
    struct text text;
    const struct text_want want = {.location = location, .direct = feeding->feed.direct};
    TRY(intel_text_open(feeding->fetch, &want, folder->event, &text));
    struct err err = take_in(feeding, &text, folder->event);
    intel_text_close(&text);
    return err;
}

static bool is_stopped(const struct feeding *feeding)
{
    const struct intel_watch *watch = &feeding->fetch->watch;
    return watch->stop != NULL && watch->stop(watch->context);
}

/*
 * One event of the manifest. An event whose text is wrong is not read again until its timestamp changes; one that could
 * not be fetched is, the next time.
 */
static struct err event_run(struct folder *folder, slice uuid, slice timestamp)
{
    const struct noted *noted = intel_note_find(&folder->seen, uuid);
    struct uuid parsed;
    if (noted != NULL && noted->number != 0 && slice_eq(noted->version, timestamp))
        return OK;
    arena_reset(folder->event);
    const char *name = arena_printf(folder->event, "%.*s.json", (int)(uuid.len < 60 ? uuid.len : 60), uuid.ptr);
    if (!uuid_parse(uuid, &parsed)) {
        event_broken(folder, "manifest.json", err_make(ERR_INPUT, "the name of an event is no UUID"));
        return OK;
    }
    struct err err = event_take(folder, arena_printf(folder->event, "%s%s", folder->base, name));
    if (is_stopped(folder->feeding) || err.kind == ERR_SYSTEM)
        return err;
    if (err.kind != ERR_NONE)
        event_broken(folder, name, err);
    bool settled = err.kind == ERR_NONE || err.kind == ERR_INPUT || err.kind == ERR_LIMIT;
    folder->again |= !settled;
    folder->unwritten++;
    return settled ? intel_note_put(&folder->seen, uuid, 1, timestamp) : OK;
}

static slice timestamp_of(slice event, struct arena *arena)
{
    slice value = json_get(event, S("timestamp"));
    return json_kind(value) == JSON_STRING ? json_text(value, arena) : value;
}

static struct err events_run(struct folder *folder, slice manifest)
{
    struct json_members members = json_members(manifest);
    slice key, value;
    while (json_member_next(&members, &key, &value)) {
        slice timestamp = timestamp_of(value, folder->feeding->arena);
        bool plain = slice_find(timestamp, '\n') == timestamp.len && timestamp.len < 40;
        TRY(event_run(folder, key, plain ? timestamp : S("?")));
        if (folder->unwritten >= SEEN_EVERY)
            TRY(seen_write(folder, manifest));
    }
    return folder->unwritten > 0 ? seen_write(folder, manifest) : OK;
}

static struct err manifest_read(const struct text *text, struct arena *arena, slice *manifest)
{
    size_t offset = 0, line, column;
    TRY(intel_text_all(text, INTEL_MANIFEST_BYTES, arena, manifest));
    struct err err = json_check(*manifest, &json_limits_default, &offset);
    if (err.kind != ERR_NONE) {
        json_place(*manifest, offset, &line, &column);
        return err_format(arena, ERR_INPUT, "%s:%zu:%zu: %s", MANIFEST, line, column, err.why);
    }
    return json_kind(*manifest) == JSON_OBJECT
                   ? OK
                   : err_make(ERR_INPUT, "manifest.json is no object of events by their UUIDs, as MISP writes it");
}

static struct err folder_changed(struct folder *folder, const struct text *text)
{
    slice manifest;
    TRY(manifest_read(text, folder->feeding->arena, &manifest));
    TRY(seen_read(folder));
    return events_run(folder, manifest);
}

static struct err folder_read(struct folder *folder)
{
    struct feeding *feeding = folder->feeding;
    const struct feed *feed = &feeding->feed;
    struct text text;
    const struct text_want want = {
            .location = arena_printf(feeding->arena, "%s%s", folder->base, MANIFEST),
            .direct = feed->direct,
            .etag = or_null(feed->etag, feeding->arena),
            .modified = or_null(feed->last_modified, feeding->arena),
            .bytes_max = INTEL_MANIFEST_BYTES,
    };
    TRY(intel_text_open(feeding->fetch, &want, feeding->arena, &text));
    struct err err = text.unchanged ? OK : folder_changed(folder, &text);
    if (err.kind == ERR_NONE && !folder->again)
        remember_tags(feeding, &text);
    intel_text_close(&text);
    feeding->fed->unchanged = err.kind == ERR_NONE && feeding->fed->imports + feeding->fed->broken == 0;
    return err;
}

static struct err run_folder(struct feeding *feeding)
{
    struct folder folder = {.feeding = feeding, .seen = intel_notes_open(), .lines = buf_make(SEEN_BYTES_MAX)};
    slice base = feeding->feed.location;
    if (slice_ends(base, slice_of(MANIFEST)))
        base.len -= strlen(MANIFEST);
    folder.base = arena_printf(feeding->arena, "%.*s%s", (int)base.len, base.ptr, slice_ends(base, S("/")) ? "" : "/");
    folder.event = arena_open("an event of a feed", ARENA_WORK, EVENT_ARENA_MAX);
    struct err err = folder_read(&folder);
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(feeding->arena, slice_of(err.why));
    intel_notes_close(&folder.seen);
    buf_free(&folder.lines);
    arena_close(folder.event);
    return err;
}

/* ---- What comes of it ---- */

int64_t intel_feed_pause_us(int64_t every_us, int64_t failures)
{
    int64_t pause = every_us, longest = pause > INTEL_FEED_LATEST_US ? pause : INTEL_FEED_LATEST_US;
    for (int64_t i = 0; i < failures && pause < longest; i++)
        pause *= 2;
    return pause < longest ? pause : longest;
}

static void fed_write(struct json_writer *w, const struct feeding *feeding)
{
    const struct intel_fed *fed = feeding->fed;
    json_write_object(w);
    json_write_key_text(w, S("feed"), feeding->feed.name);
    json_write_key_u64(w, S("import"), (uint64_t)feeding->result.import);
    json_write_key_u64(w, S("imports"), fed->imports);
    json_write_key_u64(w, S("broken"), fed->broken);
    json_write_key_u64(w, S("expired"), fed->expired);
    json_write_key_u64(w, S("back"), fed->back);
    json_write_key(w, S("unchanged"));
    json_write_bool(w, fed->unchanged);
    json_write_key_text(w, S("why"), feeding->result.why);
    json_write_end(w);
}

static struct err result_put(struct work *work, void *context)
{
    struct feeding *feeding = context;
    struct buf detail = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    TRY(store_feed_result(work, feeding->feed.number, &feeding->result));
    fed_write(&w, feeding);
    slice name = feeding->feed.name;
    slice subject = slice_of(arena_printf(work->arena, "feed/%.*s", (int)name.len, name.ptr));
    struct err err =
            store_work_news(work, feeding->fed->failed ? "feed.failed" : "feed.fetched", subject, buf_slice(&detail));
    buf_free(&detail);
    return err;
}

/* Errors become the result of the feed (rights were asked for before); a stop goes up, and what the database says. */
static struct err settle(struct feeding *feeding, struct err err)
{
    struct intel_fed *fed = feeding->fed;
    if (is_stopped(feeding))
        return err;
    fed->failed = err.kind != ERR_NONE;
    fed->why = fed->failed ? arena_cstr(feeding->arena, slice_of(err.why)) : fed->why;
    feeding->result.unchanged = fed->unchanged;
    feeding->result.why =
            fed->why == NULL ? S("") : store_text_keep(feeding->arena, slice_of(fed->why), STORE_TEXT_MAX / 2);
    fed->next_us = feeding->result.next_us =
            clock_now_us() + intel_feed_pause_us(feeding->feed.every_us, fed->failed ? feeding->feed.failures : 0);
    return store_work(feeding->db, feeding->actor, feeding->arena, result_put, feeding);
}

static struct err run(struct feeding *feeding)
{
    TRY(store_source_get(feeding->db, feeding->feed.source, feeding->arena, &feeding->source));
    bool folder = is_folder(feeding->feed.location, feeding->feed.form, feeding->arena);
    return settle(feeding, folder ? run_folder(feeding) : run_text(feeding));
}

/* What is told outlives the fetch. */
static struct err feed_run(struct feeding *feeding, struct arena *arena)
{
    struct err err = run(feeding);
    struct intel_fed *fed = feeding->fed;
    fed->name = arena_copy(arena, feeding->feed.name);
    fed->why = fed->why == NULL ? NULL : arena_cstr(arena, slice_of(fed->why));
    if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    return err;
}

static struct feeding feeding_open(
        struct db *db, const struct actor *actor, const struct intel_fetch *fetch, struct intel_fed *fed)
{
    *fed = (struct intel_fed){.next_us = TIME_NONE};
    return (struct feeding){.db = db,
            .actor = actor,
            .fetch = fetch,
            .fed = fed,
            .arena = arena_open("a feed", ARENA_WORK, FEED_ARENA_MAX)};
}

struct err intel_feed_run(struct db *db, const struct actor *actor, const struct intel_fetch *fetch, slice name,
        struct arena *arena, struct intel_fed *fed)
{
    TRY(store_right_check(actor, VERB_IMPORT, actor->organisation, arena, NULL));
    struct feeding feeding = feeding_open(db, actor, fetch, fed);
    struct err err = store_feed_get(db, name, feeding.arena, &feeding.feed);
    if (err.kind == ERR_MISSING)
        err = err_format(arena, ERR_MISSING, "there is no feed %.*s", (int)name.len, name.ptr);
    else if (err.kind == ERR_NONE)
        err = feed_run(&feeding, arena);
    arena_close(feeding.arena);
    return err;
}

struct claiming {
    struct feed feed;
    bool found;
};

static struct err claim(struct work *work, void *context)
{
    struct claiming *claiming = context;
    return store_feed_claim(work, work->now_us + INTEL_FEED_CLAIM_US, &claiming->feed, &claiming->found);
}

struct err intel_feed_run_due(struct db *db, const struct actor *actor, const struct intel_fetch *fetch,
        struct arena *arena, struct intel_fed *fed, bool *found)
{
    struct claiming claiming = {.found = false};
    TRY(store_right_check(actor, VERB_IMPORT, actor->organisation, arena, NULL));
    struct feeding feeding = feeding_open(db, actor, fetch, fed);
    struct err err = store_work(db, actor, feeding.arena, claim, &claiming);
    feeding.feed = claiming.feed;
    if (err.kind == ERR_NONE && claiming.found)
        err = feed_run(&feeding, arena);
    else if (err.kind != ERR_NONE)
        err.why = arena_cstr(arena, slice_of(err.why));
    arena_close(feeding.arena);
    *found = claiming.found;
    return err;
}
