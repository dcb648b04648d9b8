/* SPDX-License-Identifier: Apache-2.0 */
/* kentongan stream: where events come in by themselves while a node is served. */
#include <inttypes.h>

#include "app/local.h"
#include "app/options.h"
#include "base/clock.h"
#include "detect/intake.h"
#include "store/organisation.h"
#include "store/right.h"
#include "json/write.h"

#define ROW_MAX (1u << 20)

/* ---- What is shown ---- */

static void put_json(struct buf *buf, const struct stream *stream, const struct inlet *inlets, size_t count)
{
    struct json_writer w = json_writer(buf);
    json_write_object(&w);
    json_write_key_text(&w, S("stream"), stream->name);
    json_write_key_u64(&w, S("organisation"), (uint64_t)stream->organisation);
    json_write_key_text(&w, S("format"), stream->format);
    json_write_key_u64(&w, S("events"), (uint64_t)stream->events);
    json_write_key_u64(&w, S("malformed"), (uint64_t)stream->malformed);
    json_write_key_u64(&w, S("shed"), (uint64_t)stream->shed);
    json_write_key(&w, S("last"));
    json_write_time(&w, stream->last_us);
    json_write_key(&w, S("inlets"));
    json_write_array(&w);
    for (size_t i = 0; i < count; i++) {
        if (inlets[i].stream != stream->number)
            continue;
        struct buf place = buf_make(ROW_MAX);
        buf_printf(&place, "%s:%.*s", store_inlet_kind_name(inlets[i].kind), (int)inlets[i].place.len,
                inlets[i].place.ptr);
        json_write_text(&w, buf_slice(&place));
        buf_free(&place);
    }
    json_write_end(&w);
    json_write_end(&w);
}

static void put_text(struct buf *buf, const struct stream *stream, const struct inlet *inlets, size_t count)
{
    buf_printf(buf, "%.*s\t%.*s\t%" PRId64 " events\t%" PRId64 " malformed\t%" PRId64 " shed\t", (int)stream->name.len,
            stream->name.ptr, (int)stream->format.len, stream->format.ptr, stream->events, stream->malformed,
            stream->shed);
    if (stream->last_us == TIME_NONE)
        buf_put(buf, S("never"));
    else
        time_write(buf, stream->last_us);
    for (size_t i = 0; i < count; i++)
        if (inlets[i].stream == stream->number)
            buf_printf(buf, "\t%s:%.*s", store_inlet_kind_name(inlets[i].kind), (int)inlets[i].place.len,
                    inlets[i].place.ptr);
}

static struct err list(const struct command_line *line, struct local *local)
{
    struct inlet *inlets;
    struct stream *rows;
    size_t inlet_count, count = 1;
    TRY(store_right_check(&local->actor, VERB_READ_EVENTS, 0, line->arena, NULL));
    TRY(store_inlet_list(local->db, line->arena, &inlets, &inlet_count));
    for (int64_t after = 0; count > 0; after = count > 0 ? rows[count - 1].number : after) {
        TRY(store_stream_list(local->db, after, STORE_PAGE_MAX, line->arena, &rows, &count));
        for (size_t i = 0; i < count; i++) {
            struct buf buf = buf_make(ROW_MAX);
            (command_flag(line, "json") ? put_json : put_text)(&buf, &rows[i], inlets, inlet_count);
            printf("%.*s\n", (int)buf.len, buf.ptr);
            buf_free(&buf);
        }
    }
    return OK;
}

/* ---- Verbs ---- */

static struct err add(const struct command_line *line, struct local *local)
{
    const char *org = command_text(line, "org"), *format = command_text(line, "format");
    struct inlet_put put = {
            .stream = slice_of(line->files[1]),
            .format = slice_of(format == NULL ? "" : format),
            .place = slice_of(line->files[2]),
    };
    if (org != NULL)
        TRY(store_organisation_find(local->db, slice_of(org), &put.organisation));
    return intake_inlet_add(local->db, &local->actor, &put, line->arena);
}

static struct err remove_inlet(const struct command_line *line, struct local *local)
{
    return intake_inlet_drop(local->db, &local->actor, slice_of(line->files[1]), slice_of(line->files[2]), line->arena);
}

/* ---- The command ---- */

static const struct local_verb verbs[] = {
        {"add", 3, add},
        {"remove", 3, remove_inlet},
        {"list", 1, list},
};

static int stream(struct command_line *line)
{
    return local_run(
            line, verbs, COUNT_OF(verbs), "what? `stream add NAME PLACE`, `stream remove NAME PLACE` or `stream list`");
}

static const struct option_row options[] = {
        OPTION_CONFIG,
        {0, "org", "NAME", "Whose sensor it is (default: nobody's; reports about many)"},
        OPTION_FORMAT,
        OPTION_JSON,
};

const struct command command_stream = {
        .name = "stream",
        .arguments = "add|remove NAME PLACE, list",
        .about = "Let events come in by themselves: sockets, files that grow, folders of reports",
        .options = options,
        .option_count = COUNT_OF(options),
        .run = stream,
};
