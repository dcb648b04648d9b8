/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/tell.h"

#include "base/arena.h"
#include "base/clock.h"
#include "sift/load.h"
#include "json/check.h"
#include "json/read.h"
#include "json/write.h"

/* ---- Who tells ---- */

/* A line break in JSON stands between values only, where a blank does as well; in an event it would end the line. */
static void put_one_line(struct buf *buf, slice json)
{
    size_t from = buf->len;
    buf_put(buf, json);
    for (size_t i = from; i < buf->len; i++)
        if (buf->ptr[i] == '\n' || buf->ptr[i] == '\r')
            buf->ptr[i] = ' ';
}

static struct err change_tell(struct tell *tell, int64_t source, slice id, const struct object *object)
{
    struct buf *events = &tell->events;
    char name[24];
    int len = snprintf(name, sizeof name, "%lld", (long long)source);
    buf_put(events, S("event: change\ndata: "));
    struct json_writer w = json_writer(events);
    json_write_object(&w);
    json_write_key_text(&w, S("source"), (slice){name, (size_t)len});
    json_write_key_text(&w, S("id"), id);
    if (object != NULL && (object->judged & OBJECT_EXPIRED) != 0) {
        json_write_key(&w, S("expires"));
        json_write_time(&w, object->expiry_us);
    }
    json_write_end(&w);
    if (object != NULL) {
        buf_put(events, S("\ndata: "));
        put_one_line(events, object->bytes);
    }
    buf_put(events, S("\n\n"));
    return buf_check(events);
}

static struct err tell_changed(void *context, const struct object *object, struct arena *arena)
{
    struct tell *tell = context;
    bool seen = change_counts(object) && audience_may(tell->audience, object);
    (void)arena;
    return change_tell(tell, object->source, object->id, seen ? object : NULL);
}

static struct err tell_over(void *context, int64_t source, slice id)
{
    return change_tell(context, source, id, NULL);
}

static struct err tell_marking(void *context, const struct object *object, struct arena *arena)
{
    (void)arena;
    return audience_learn(((struct tell *)context)->audience, object);
}

struct err tell_open(struct tell *tell, struct db *db, enum audience_kind kind, int64_t position)
{
    *tell = (struct tell){
            .news = {.db = db,
                    .position = position,
                    .changed = tell_changed,
                    .over = tell_over,
                    .marking = tell_marking},
            .audience = audience_open(kind),
            .events = buf_make(TELL_PAGES_BYTES_MAX),
    };
    tell->news.arena = arena_open("news", ARENA_WORK, NEWS_PAGE_BYTES_MAX);
    struct err err = audience_read(tell->audience, db);
    if (err.kind != ERR_NONE)
        tell_close(tell);
    return err;
}

void tell_close(struct tell *tell)
{
    audience_close(tell->audience);
    arena_close(tell->news.arena);
    buf_free(&tell->events);
}

/* It was read to its end or not: whoever is told this takes the index, which knows it all. */
static struct err too_much(struct tell *tell, size_t before)
{
    tell->events.len = before;
    tell->events.full = false;
    tell->news.lost = false;
    return err_make(ERR_LIMIT, "more changed than 8 MiB: take the whole index");
}

struct err tell_page(struct tell *tell, size_t *rows)
{
    size_t before = tell->events.len;
    tell->news.context = tell;
    struct err err = news_read(&tell->news, rows);
    if (tell->events.full || tell->news.lost)
        return too_much(tell, before);
    if (err.kind != ERR_NONE) {
        tell->events.len = before;
        return err;
    }
    if (*rows > 0)
        buf_printf(&tell->events, "event: here\nid: %lld\ndata: {}\n\n", (long long)tell->news.position);
    return buf_check(&tell->events);
}

/* ---- Who is told ---- */

void told_open(struct told *told, struct live *live)
{
    *told = (struct told){
            .target = {.live = live, .scratch = arena_open("pattern", ARENA_WORK, LOAD_PATTERN_BYTES_MAX)},
            .line = buf_make(TELL_LINE_BYTES_MAX),
            .data = buf_make(TELL_LINE_BYTES_MAX),
    };
}

void told_close(struct told *told)
{
    if (told->target.scratch != NULL)
        arena_close(told->target.scratch);
    buf_free(&told->line);
    buf_free(&told->data);
}

void told_reset(struct told *told)
{
    buf_reset(&told->line);
    buf_reset(&told->data);
    told->id = 0;
    told->is_change = false;
}

static struct err not_ours(const char *why)
{
    return err_make(ERR_REMOTE, why);
}

/* The object as the store of the other node has it, as far as it matters to who looks for it. */
static struct err change_take(struct told *told, struct arena *arena)
{
    slice data = buf_slice(&told->data), head = slice_part(data, 0, slice_find(data, '\n'));
    slice object = slice_from(data, head.len < data.len ? head.len + 1 : head.len);
    uint64_t source;
    int64_t expires_us = TIME_NONE;
    if (json_check(head, &json_limits_default, NULL).kind != ERR_NONE ||
            (object.len > 0 && json_check(object, &json_limits_default, NULL).kind != ERR_NONE))
        return not_ours("an event of the stream is not JSON");
    slice expires = json_get(head, S("expires"));
    slice id = json_text(json_get(head, S("id")), arena), name = json_text(json_get(head, S("source")), arena);
    if (id.len == 0 || id.len > OBJECT_ID_MAX || !slice_u64(name, INT64_MAX, &source))
        return not_ours("a change of the stream names no object of a source");
    if (expires.len > 0 && !time_parse_strict(json_text(expires, arena), &expires_us))
        return not_ours("a change of the stream expires at a moment that is none");
    if (object.len == 0)
        return change_drop(&told->target, (int64_t)source, id);
    const struct object change = {
            .source = (int64_t)source,
            .id = id,
            .bytes = object,
            .judged = expires.len > 0 ? OBJECT_EXPIRED : 0,
            .expiry_us = expires_us,
    };
    return change_put(&told->target, &change);
}

static struct err event_end(struct told *told, struct arena *arena)
{
    struct err err = OK;
    if (told->is_change)
        err = change_take(told, arena);
    else if (told->id > 0) {
        told->position = told->id;
        told->any = true;
        err = live_publish(told->target.live, (uint64_t)told->position);
    }
    buf_reset(&told->data);
    told->is_change = false;
    told->id = 0;
    return err;
}

static struct err line_take(struct told *told, slice line, struct arena *arena)
{
    uint64_t id;
    if (line.len == 0)
        return event_end(told, arena);
    if (slice_starts(line, S("data: "))) {
        if (told->data.len > 0)
            buf_byte(&told->data, '\n');
        buf_put(&told->data, slice_from(line, 6));
    } else if (slice_starts(line, S("event: ")))
        told->is_change = slice_eq(slice_from(line, 7), S("change"));
    else if (slice_starts(line, S("id: ")) && slice_u64(slice_from(line, 4), INT64_MAX, &id))
        told->id = (int64_t)id;
    return buf_check(&told->data).kind == ERR_NONE ? OK : not_ours("an event of the stream is longer than an object");
}

struct err told_bytes(struct told *told, slice bytes, struct arena *arena)
{
    while (bytes.len > 0) {
        size_t end = slice_find(bytes, '\n');
        buf_put(&told->line, slice_part(bytes, 0, end));
        if (told->line.full)
            return not_ours("a line of the stream is longer than an object");
        if (end == bytes.len)
            return OK;
        struct err err = line_take(told, buf_slice(&told->line), arena);
        buf_reset(&told->line);
        TRY(err);
        bytes = slice_from(bytes, end + 1);
    }
    return OK;
}
