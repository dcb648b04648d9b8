/* SPDX-License-Identifier: Apache-2.0 */
#include "web/ingest.h"

#include <errno.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "base/token.h"
#include "detect/intake.h"
#include "gate/gate.h"
#include "store/batch.h"
#include "store/organisation.h"

#define STREAM_OTHERWISE "ingest"

/* ---- Which stream ---- */

struct making {
    struct stream_put put;
    int64_t number;
};

static struct err make(struct work *work, void *context)
{
    struct making *making = context;
    struct stream *rows;
    size_t count;
    TRY(store_stream_list_of(work->db, making->put.organisation, 0, INGEST_STREAMS_MAX, work->arena, &rows, &count));
    if (count >= INGEST_STREAMS_MAX)
        return err_format(work->arena, ERR_INPUT,
                "there are %d streams of this organisation already; send to one of them", INGEST_STREAMS_MAX);
    TRY(store_stream_add(work, &making->put, &making->number));
    return store_work_news(
            work, "stream.added", slice_of(arena_printf(work->arena, "stream/%" PRId64, making->number)), S(""));
}

/* Another may have made it meanwhile. */
static struct err stream_make(struct ask *ask, slice name, struct stream *stream)
{
    struct making making = {.put = {name, ask->who.actor.organisation, S("auto")}};
    struct err err = store_work(ask->db, &ask->who.actor, ask->arena, make, &making);
    if (err.kind != ERR_NONE && err.kind != ERR_CONFLICT)
        return err;
    return store_stream_find(ask->db, name, ask->arena, stream);
}

/* What is another's is not there, for who may send for the own organisation only. */
static struct err may_send(const struct ask *ask, const struct stream *stream)
{
    struct err err = store_right_check(&ask->who.actor, VERB_SEND_EVENTS, stream->organisation, ask->arena, NULL);
    return err.kind == ERR_DENIED ? err_make(ERR_DENIED, "this stream is not yours to send to") : err;
}

static struct err stream_of(struct ask *ask, struct stream *stream)
{
    struct organisation own;
    slice asked = ask_query(ask, S("stream"));
    if (asked.len > 0) {
        struct err err = store_stream_find(ask->db, asked, ask->arena, stream);
        if (err.kind == ERR_NONE && may_send(ask, stream).kind == ERR_NONE)
            return OK;
        if (err.kind != ERR_NONE && err.kind != ERR_MISSING)
            return err;
    }
    TRY(store_organisation_get(ask->db, ask->who.actor.organisation, ask->arena, &own));
    slice last = asked.len > 0 ? asked : S(STREAM_OTHERWISE);
    slice name =
            slice_of(arena_printf(ask->arena, "%.*s/%.*s", (int)own.name.len, own.name.ptr, (int)last.len, last.ptr));
    struct err err = store_stream_find(ask->db, name, ask->arena, stream);
    if (err.kind == ERR_MISSING)
        err = stream_make(ask, name, stream);
    TRY(err);
    return may_send(ask, stream);
}

/* ---- What was sent ---- */

static struct err id_of(const struct ask *ask, slice *id, bool *said)
{
    slice header = http_header(ask->request, S("ingest-id"), said);
    if (!*said) {
        struct token drawn = token_new();
        *id = slice_of(arena_printf(ask->arena, INLET_POST_UNNAMED "%s", drawn.text));
        return OK;
    }
    TRY(store_text_check(ask->arena, "Ingest-Id", header, STORE_NAME_MAX - 8));
    *id = slice_of(arena_printf(ask->arena, INLET_POST_NAMED "%.*s", (int)header.len, header.ptr));
    return OK;
}

/* A short body is in memory; it becomes a file of the same kind. */
static struct err body_file(const struct ask *ask, int *file)
{
    if (ask->request->file > 0) {
        *file = dup(ask->request->file);
        return *file < 0 ? err_errno(ask->arena, "the body") : OK;
    }
    int made = memfd_create("body", MFD_CLOEXEC);
    if (made < 0)
        return err_errno(ask->arena, "the body");
    struct err err = file_write(made, ask->request->body) ? OK : err_errno(ask->arena, "the body");
    if (err.kind == ERR_NONE)
        *file = made;
    else
        close(made);
    return err;
}

/* ---- The answer ---- */

static struct err put_lines(struct ask *ask, const struct stream *stream, int64_t batch)
{
    const struct quarantined behind = {.batch = batch + 1, .input = S("")};
    struct quarantined *rows;
    size_t count;
    TRY(store_quarantined_list(
            ask->db, stream->number, &behind, INT64_MAX, INGEST_LINES_TOLD_MAX, ask->arena, &rows, &count));
    json_write_key(&ask->json, S("lines"));
    json_write_array(&ask->json);
    for (size_t i = 0; i < count; i++) {
        json_write_object(&ask->json);
        json_write_key_u64(&ask->json, S("line"), (uint64_t)rows[i].place);
        json_write_key_text(&ask->json, S("why"), rows[i].why);
        json_write_end(&ask->json);
    }
    json_write_end(&ask->json);
    return OK;
}

static struct err put_answer(
        struct ask *ask, const struct stream *stream, int64_t batch, const struct ingest_totals *totals)
{
    json_write_key_text(&ask->json, S("stream"), stream->name);
    json_write_key(&ask->json, S("known"));
    json_write_bool(&ask->json, totals->known);
    json_write_key_u64(&ask->json, S("events"), totals->events);
    json_write_key_u64(&ask->json, S("hits"), totals->hits);
    json_write_key_u64(&ask->json, S("malformed"), totals->malformed);
    ask->status = 202;
    return totals->malformed == 0 ? OK : put_lines(ask, stream, batch);
}

static struct err take(struct ask *ask, const struct stream *stream, int file)
{
    slice format = ask_query(ask, S("format")), id;
    struct ingest_totals totals = {0};
    struct intake_post post = {.stream = stream, .name = "body"};
    int64_t batch;
    bool said;
    TRY(id_of(ask, &id, &said));
    TRY(store_number_last(ask->db, "batch", &batch));
    post.id = id;
    post.path = arena_printf(ask->arena, "/proc/self/fd/%d", file);
    post.format = format.len > 0 ? arena_cstr(ask->arena, format) : NULL;
    if (said)
        post.name = arena_cstr(ask->arena, slice_from(id, strlen(INLET_POST_NAMED)));
    struct err err = intake_post(ask->gate->options.parts->intake, &post, ask->arena, &totals);
    if (err.kind == ERR_LIMIT) {
        ask->status = STATUS_OFTEN;
        http_reply_header(ask->reply, S("Retry-After"), slice_of(arena_printf(ask->arena, "%d", INGEST_RETRY_S)));
    }
    TRY(err);
    return put_answer(ask, stream, batch, &totals);
}

struct err web_ingest(struct ask *ask)
{
    struct stream stream;
    slice format = ask_query(ask, S("format"));
    int file = -1;
    if (ask->gate->options.parts->intake == NULL)
        return err_make(ERR_MISSING, "nothing takes events in here");
    if (ask->request->body.len == 0)
        return err_make(ERR_INPUT, "there are no events in the body");
    if (format.len > 0 && !slice_eq(format, S("auto")) && event_format_find(format) == NULL)
        return err_format(ask->arena, ERR_INPUT, "there is no format \"%.*s\"", (int)format.len, format.ptr);
    TRY(stream_of(ask, &stream));
    TRY(body_file(ask, &file));
    struct err err = take(ask, &stream, file);
    close(file);
    return err;
}
