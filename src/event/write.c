/* SPDX-License-Identifier: Apache-2.0 */
#include "event/event.h"

#include "base/arena.h"
#include "json/write.h"

#define URL_TEXT_MAX (64u << 10)

static void write_text(struct json_writer *w, slice key, slice text)
{
    if (text.len > 0)
        json_write_key_text(w, key, text);
}

static void write_end(struct json_writer *w, slice key, const struct event_end *end)
{
    if (end->address.len == 0 && end->port == 0)
        return;
    json_write_key(w, key);
    json_write_object(w);
    write_text(w, S("address"), end->address);
    if (end->port != 0)
        json_write_key_u64(w, S("port"), end->port);
    json_write_end(w);
}

static void write_class(struct json_writer *w, const struct event_class *class)
{
    if (class->type.len == 0 && class->identifier.len == 0)
        return;
    json_write_key(w, S("class"));
    json_write_object(w);
    write_text(w, S("taxonomy"), class->taxonomy);
    write_text(w, S("type"), class->type);
    write_text(w, S("identifier"), class->identifier);
    json_write_end(w);
}

void event_url_write(const struct observable *url, struct buf *out)
{
    if (url->path.ptr == NULL) {
        buf_put(out, url->value);
        return;
    }
    bool bare_ipv6 = slice_find(url->value, ':') < url->value.len;
    buf_put(out, S("http://"));
    if (bare_ipv6)
        buf_byte(out, '[');
    buf_put(out, url->value);
    if (bare_ipv6)
        buf_byte(out, ']');
    if (url->port != 0 && url->port != 80) {
        buf_byte(out, ':');
        buf_u64(out, url->port);
    }
    buf_put(out, url->path);
}

static void write_observable(struct json_writer *w, const struct observable *observable, struct buf *url)
{
    slice value = observable->value;
    if (observable->path.ptr != NULL) {
        buf_reset(url);
        event_url_write(observable, url);
        value = buf_slice(url);
    }
    bool other = observable->type == OBSERVABLE_OTHER;
    json_write_object(w);
    json_write_key_text(w, S("type"), other ? observable->name : slice_of(observable_type_name(observable->type)));
    json_write_key_text(w, S("value"), value);
    json_write_key_text(w, S("field"), observable->field);
    json_write_end(w);
}

static void write_observables(struct json_writer *w, const struct event *event)
{
    if (event->observable_count == 0)
        return;
    struct buf url = buf_make(URL_TEXT_MAX);
    json_write_key(w, S("observables"));
    json_write_array(w);
    for (size_t i = 0; i < event->observable_count; i++)
        write_observable(w, &event->observables[i], &url);
    json_write_end(w);
    buf_free(&url);
}

/* Written first and taken back if nothing was in it: only the decoder knows. */
static void write_extra(struct json_writer *w, const struct event_reader *reader, slice record, struct arena *arena)
{
    struct json_writer before = *w;
    size_t start = w->buf->len;
    json_write_key(w, S("extra"));
    json_write_object(w);
    size_t open = w->buf->len;
    reader->format->extra(reader, record, arena, w);
    if (w->buf->len == open) {
        *w = before;
        w->buf->len = start;
        return;
    }
    json_write_end(w);
}

void event_write(const struct event_reader *reader, const struct event *event, slice record, uint64_t line,
        struct arena *arena, struct buf *out)
{
    struct json_writer w = json_writer(out);
    json_write_object(&w);
    json_write_key_u64(&w, S("line"), line);
    json_write_key_text(&w, S("format"), slice_of(reader->format->name));
    if (event->time_us != TIME_NONE) {
        json_write_key(&w, S("time"));
        json_write_time(&w, event->time_us);
    }
    write_end(&w, S("source"), &event->source);
    write_end(&w, S("destination"), &event->destination);
    write_class(&w, &event->class);
    write_text(&w, S("sensor"), event->sensor);
    write_observables(&w, event);
    write_extra(&w, reader, record, arena);
    json_write_end(&w);
    buf_byte(out, '\n');
}
