/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of inlets: adding and dropping them. Who may is who may configure the node, since they open ports and files
 * of its machine. */
#include <inttypes.h>

#include "base/arena.h"
#include "detect/intake.h"
#include "event/event.h"
#include "store/right.h"
#include "json/write.h"

#define DETAIL_MAX (16u << 10)

struct change {
    const struct inlet_put *put;
    slice stream, place;
    enum inlet_kind kind;
};

static struct err may(const struct actor *actor, struct arena *arena)
{
    return store_right_check(actor, VERB_CONFIGURE, 0, arena, NULL);
}

/* "syslog:192.0.2.1:514": what stands before the first colon is the kind. */
static struct err place_read(slice text, struct arena *arena, struct change *change)
{
    size_t colon = slice_find(text, ':');
    change->kind = store_inlet_kind_find(slice_part(text, 0, colon));
    if (colon == text.len || change->kind == INLET_KINDS)
        return err_format(arena, ERR_INPUT,
                "%.*s is no place: write unix:PATH, syslog:ADDRESS:PORT, syslog+tls:ADDRESS:PORT, file:PATH or "
                "folder:PATH",
                (int)text.len, text.ptr);
    change->place = slice_from(text, colon + 1);
    return listen_place_check(change->kind, change->place, arena);
}

static struct err tell(struct work *work, const char *act, int64_t stream, const struct change *change)
{
    struct buf detail = buf_make(DETAIL_MAX);
    struct json_writer w = json_writer(&detail);
    json_write_object(&w);
    json_write_key_text(&w, S("stream"), change->stream);
    json_write_key_text(&w, S("kind"), slice_of(store_inlet_kind_name(change->kind)));
    json_write_key_text(&w, S("place"), change->place);
    json_write_end(&w);
    slice copy = arena_copy(work->arena, buf_slice(&detail));
    buf_free(&detail);
    return store_work_news(work, act, slice_of(arena_printf(work->arena, "stream/%" PRId64, stream)), copy);
}

static struct err stream_make(struct work *work, const struct change *change, int64_t *number)
{
    const struct inlet_put *put = change->put;
    struct stream stream;
    struct err err = store_stream_find(work->db, change->stream, work->arena, &stream);
    const struct stream_put fresh = {change->stream, put->organisation, put->format.len > 0 ? put->format : S("auto")};
    if (err.kind == ERR_MISSING)
        return store_stream_add(work, &fresh, number);
    TRY(err);
    if (stream.organisation != put->organisation)
        return err_format(work->arena, ERR_CONFLICT, "the stream \"%.*s\" is of another organisation",
                (int)change->stream.len, change->stream.ptr);
    if (put->format.len > 0 && !slice_eq(stream.format, put->format))
        return err_format(work->arena, ERR_CONFLICT, "the stream \"%.*s\" is of the format %.*s",
                (int)change->stream.len, change->stream.ptr, (int)stream.format.len, stream.format.ptr);
    *number = stream.number;
    return OK;
}

static struct err add(struct work *work, void *context)
{
    const struct change *change = context;
    int64_t stream, inlet;
    TRY(stream_make(work, change, &stream));
    TRY(store_inlet_add(work, stream, change->kind, change->place, &inlet));
    return tell(work, "inlet.added", stream, change);
}

struct err intake_inlet_add(struct db *db, const struct actor *actor, const struct inlet_put *put, struct arena *arena)
{
    struct change change = {.put = put, .stream = put->stream};
    TRY(may(actor, arena));
    TRY(store_text_check(arena, "name of the stream", put->stream, STORE_NAME_MAX));
    TRY(place_read(put->place, arena, &change));
    if (put->format.len > 0 && !slice_eq(put->format, S("auto")) && event_format_find(put->format) == NULL)
        return err_format(arena, ERR_INPUT, "there is no format \"%.*s\"", (int)put->format.len, put->format.ptr);
    return store_work(db, actor, arena, add, &change);
}

static struct err drop(struct work *work, void *context)
{
    const struct change *change = context;
    struct stream stream;
    TRY(store_stream_find(work->db, change->stream, work->arena, &stream));
    TRY(store_inlet_drop(work, stream.number, change->kind, change->place));
    return tell(work, "inlet.dropped", stream.number, change);
}

struct err intake_inlet_drop(struct db *db, const struct actor *actor, slice stream, slice place, struct arena *arena)
{
    struct change change = {.stream = stream};
    TRY(may(actor, arena));
    TRY(place_read(place, arena, &change));
    return store_work(db, actor, arena, drop, &change);
}
