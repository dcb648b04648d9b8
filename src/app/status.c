/* SPDX-License-Identifier: Apache-2.0 */
#include "app/status.h"

#include <inttypes.h>
#include <sys/statvfs.h>

#include "base/clock.h"
#include "detect/follow.h"
#include "detect/intake.h"
#include "gate/gate.h"
#include "share/book.h"
#include "store/follower.h"
#include "store/journal.h"

#define DISK_BYTES_LEAST (UINT64_C(64) << 20)
#define METRICS_BYTES_MAX (8u << 20)
#define US_PER_SECOND 1e6

/* ---- Health ---- */

static bool has_room(const char *folder)
{
    struct statvfs disk;
    return statvfs(folder, &disk) == 0 && (uint64_t)disk.f_bavail * disk.f_frsize >= DISK_BYTES_LEAST;
}

/* One word: a stranger is told no more than what somebody has to be woken for. */
struct err status_health(struct ask *ask)
{
    int64_t last;
    slice word = S("ok\n");
    if (store_journal_last(ask->db, &last).kind != ERR_NONE)
        word = S("database\n");
    else if (!has_room(ask->gate->options.parts->folder))
        word = S("disk\n");
    ask->reply->status = slice_eq(word, S("ok\n")) ? 200 : 503;
    ask->reply->type = S("text/plain; charset=utf-8");
    ask->reply->fixed = word;
    return OK;
}

/* ---- Metrics: the text format 0.0.4 of Prometheus ---- */

static void head(struct buf *buf, const char *name, const char *type, const char *about)
{
    buf_printf(buf, "# HELP kentongan_%s %s\n# TYPE kentongan_%s %s\n", name, about, name, type);
}

static void one(struct buf *buf, const char *name, const char *type, const char *about, uint64_t value)
{
    head(buf, name, type, about);
    buf_printf(buf, "kentongan_%s %" PRIu64 "\n", name, value);
}

static const char *route_name(const struct gate *gate, size_t row)
{
    return row == gate->route_count ? "none" : gate->options.routes[row].name;
}

static const char *route_method(const struct gate *gate, size_t row, struct arena *arena)
{
    return row == gate->route_count ? "" : arena_cstr(arena, http_method_name(gate->options.routes[row].method));
}

/* Routes that nobody asked for are left out. */
static void put_answers(struct buf *buf, const struct gate *gate, struct arena *arena)
{
    head(buf, "requests_total", "counter", "Requests answered, by route and class of status.");
    for (size_t row = 0; row <= gate->route_count; row++)
        for (size_t class = 0; class < GATE_CLASSES; class ++) {
            uint64_t count = atomic_load_explicit(&gate->counts[row].answers[class], memory_order_relaxed);
            if (count > 0)
                buf_printf(buf, "kentongan_requests_total{route=\"%s\",method=\"%s\",status=\"%zuxx\"} %" PRIu64 "\n",
                        route_name(gate, row), route_method(gate, row, arena), class + 1, count);
        }
    head(buf, "request_seconds_total", "counter", "Time that answering took, by route.");
    for (size_t row = 0; row <= gate->route_count; row++) {
        uint64_t us = atomic_load_explicit(&gate->counts[row].us, memory_order_relaxed);
        if (us > 0)
            buf_printf(buf, "kentongan_request_seconds_total{route=\"%s\",method=\"%s\"} %.6f\n", route_name(gate, row),
                    route_method(gate, row, arena), (double)us / US_PER_SECOND);
    }
}

static void put_refused(struct buf *buf, const struct http_server_counts *counts)
{
    const struct {
        const char *reason;
        uint64_t count;
    } rows[] = {
            {"ambiguous", counts->ambiguous},
            {"slow", counts->slow},
            {"too_large", counts->too_large},
            {"too_many", counts->too_many},
            {"certificate", counts->certificates},
    };
    head(buf, "refused_total", "counter", "Requests and connections refused below the routes, by reason.");
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        buf_printf(buf, "kentongan_refused_total{reason=\"%s\"} %" PRIu64 "\n", rows[i].reason, rows[i].count);
}

static void put_server(struct buf *buf, const struct http_server *server)
{
    const struct http_server_counts counts = http_server_counts(server);
    one(buf, "connections", "gauge", "Connections that are open.", counts.connections);
    one(buf, "streams", "gauge", "Answers without an end that are open.", counts.streams);
    one(buf, "requests_waiting", "gauge", "Requests that wait for a worker.", counts.waiting);
    one(buf, "body_bytes_in_total", "counter", "Bytes of bodies received.", counts.bytes_in);
    one(buf, "body_bytes_out_total", "counter", "Bytes of bodies sent.", counts.bytes_out);
    put_refused(buf, &counts);
}

/* What is behind is told in rows of the journal. */
static void put_index(struct buf *buf, struct follow *follow, uint64_t last)
{
    const struct live_counts live = live_counts(follow_live(follow));
    const struct follow_counts counts = follow_counts(follow);
    one(buf, "index_indicators", "gauge", "Indicators that events are matched against, before what was replaced.",
            live.base + live.overlay);
    one(buf, "index_overlay_indicators", "gauge", "Of these, not in the file yet.", live.overlay);
    one(buf, "index_position", "gauge", "Row of the journal that the index is at.", live.position);
    one(buf, "index_behind", "gauge", "Rows of the journal that the index is not past.",
            last > live.position ? last - live.position : 0);
    one(buf, "index_merges_total", "counter", "Times the file of the index was written.", live.merges);
    one(buf, "index_failures_total", "counter", "Failures to follow the journal or to write the file.",
            counts.failures + live.merges_failed);
}

/* Names of followers are our own words. */
static struct err put_followers(struct buf *buf, struct ask *ask)
{
    struct follower_state *rows;
    size_t count;
    TRY(store_follower_list(ask->db, ask->arena, &rows, &count));
    head(buf, "follower_behind", "gauge", "Rows of the journal that a follower is not past.");
    for (size_t i = 0; i < count; i++)
        buf_printf(buf, "kentongan_follower_behind{follower=\"%.*s\"} %" PRId64 "\n", (int)rows[i].name.len,
                rows[i].name.ptr, rows[i].behind);
    head(buf, "follower_parked", "gauge", "Rows of the journal that a follower could not do.");
    for (size_t i = 0; i < count; i++)
        buf_printf(buf, "kentongan_follower_parked{follower=\"%.*s\"} %" PRId64 "\n", (int)rows[i].name.len,
                rows[i].name.ptr, rows[i].parked);
    return OK;
}

/* ---- Streams of events ---- */

/* Names are people's: what would end the label is escaped. */
static void put_stream(struct buf *buf, const char *metric, slice name, double value)
{
    buf_printf(buf, "kentongan_%s{stream=\"", metric);
    for (size_t i = 0; i < name.len; i++)
        if (name.ptr[i] == '\n')
            buf_put(buf, S("\\n"));
        else
            buf_printf(buf, name.ptr[i] == '"' || name.ptr[i] == '\\' ? "\\%c" : "%c", name.ptr[i]);
    buf_printf(buf, "\"} %.6g\n", value);
}

static double stream_events(const struct stream *stream)
{
    return (double)stream->events;
}

static double stream_malformed(const struct stream *stream)
{
    return (double)stream->malformed;
}

static double stream_shed(const struct stream *stream)
{
    return (double)stream->shed;
}

static double stream_last(const struct stream *stream)
{
    return stream->last_us == TIME_NONE ? 0 : (double)stream->last_us / US_PER_SECOND;
}

/* What is kept of all streams; the first STORE_PAGE_MAX of them one by one. */
static struct err put_streams(struct buf *buf, struct ask *ask)
{
    static const struct {
        const char *name, *type, *about;
        double (*value)(const struct stream *stream);
    } metrics[] = {
            {"stream_events_total", "counter", "Events of a stream that were counted.", stream_events},
            {"stream_malformed_total", "counter", "Records of a stream that were no event.", stream_malformed},
            {"stream_shed_total", "counter", "Records of a stream that were let go, too many to be taken.",
                    stream_shed},
            {"stream_last_seconds", "gauge", "When something was last taken in of a stream.", stream_last},
    };
    struct stream *rows;
    size_t count;
    int64_t last;
    TRY(store_stream_list(ask->db, 0, STORE_PAGE_MAX, ask->arena, &rows, &count));
    TRY(store_number_last(ask->db, "stream", &last));
    one(buf, "streams_known", "gauge", "Streams of events.", (uint64_t)last);
    for (size_t i = 0; i < COUNT_OF(metrics); i++) {
        head(buf, metrics[i].name, metrics[i].type, metrics[i].about);
        for (size_t k = 0; k < count; k++)
            put_stream(buf, metrics[i].name, rows[k].name, metrics[i].value(&rows[k]));
    }
    return OK;
}

static double waiting_bytes(const struct turns_state *state)
{
    return (double)state->lane.waiting_bytes;
}

static double waiting_seconds(const struct turns_state *state)
{
    return (double)state->lane.lag_us / US_PER_SECOND;
}

static double waiting_files(const struct turns_state *state)
{
    return (double)state->files;
}

static double pressure(const struct turns_state *state)
{
    return (double)state->lane.pressure;
}

static double failures(const struct turns_state *state)
{
    return (double)state->failures;
}

/* What waits now, of those that come in by themselves. */
static void put_intake(struct buf *buf, struct intake *intake, struct arena *arena)
{
    static const struct {
        const char *name, *about;
        double (*value)(const struct turns_state *state);
    } metrics[] = {
            {"stream_waiting_bytes", "Bytes of a stream that wait on disk.", waiting_bytes},
            {"stream_waiting_seconds", "How long the oldest of these waits.", waiting_seconds},
            {"stream_waiting_files", "Files of a stream that wait.", waiting_files},
            {"stream_pressure", "0: taken as it comes, 1: senders are held, 2: it waits on disk, 3: it is let go.",
                    pressure},
            {"stream_failures", "Times in a row that a stream could not be taken.", failures},
    };
    struct turns_state *rows;
    size_t count;
    intake_list(intake, arena, &rows, &count);
    for (size_t i = 0; i < COUNT_OF(metrics); i++) {
        head(buf, metrics[i].name, "gauge", metrics[i].about);
        for (size_t k = 0; k < count; k++)
            put_stream(buf, metrics[i].name, rows[k].name, metrics[i].value(&rows[k]));
    }
    const struct listen_counts sockets = intake_sockets(intake);
    one(buf, "sensor_connections", "gauge", "Connections of sensors that are open.", sockets.connections);
    one(buf, "sensor_refused_total", "counter", "Connections of sensors that were refused.", sockets.refused);
    one(buf, "sensor_cut_total", "counter", "Records of sensors that were longer than is taken.", sockets.cut);
}

static struct err put_ledger(struct buf *buf, struct ask *ask)
{
    struct ledger_log *logs;
    size_t waiting;
    slice alarm;
    TRY(share_book_alarm(ask->db, ask->arena, &alarm));
    one(buf, "ledger_alarm", "gauge", "Whether a log or the clock has an alarm: nothing under it is signed.",
            alarm.len > 0);
    TRY(store_ledger_log_waiting(ask->db, 0, ask->arena, &logs, &waiting));
    one(buf, "ledger_waiting", "gauge", "Logs that wait for a partner that kept what is lost here.", waiting);
    return OK;
}

static struct err put_metrics(struct buf *buf, struct ask *ask)
{
    const struct gate *gate = ask->gate;
    const struct node_parts *parts = gate->options.parts;
    int64_t last, objects;
    TRY(store_journal_last(ask->db, &last));
    TRY(store_number_last(ask->db, "object", &objects));
    head(buf, "build_info", "gauge", "Always 1.");
    buf_put(buf, S("kentongan_build_info{version=\"" KENTONGAN_VERSION "\"} 1\n"));
    if (gate->counts != NULL)
        put_answers(buf, gate, ask->arena);
    if (parts->server != NULL && *parts->server != NULL)
        put_server(buf, *parts->server);
    one(buf, "journal_rows", "gauge", "Rows of the journal.", (uint64_t)last);
    one(buf, "objects_total", "counter", "Versions of objects that were ever taken in.", (uint64_t)objects);
    if (parts->follow != NULL)
        put_index(buf, parts->follow, (uint64_t)last);
    TRY(put_streams(buf, ask));
    if (parts->intake != NULL)
        put_intake(buf, parts->intake, ask->arena);
    TRY(put_ledger(buf, ask));
    return put_followers(buf, ask);
}

struct err status_metrics(struct ask *ask)
{
    struct buf *body = &ask->reply->body;
    *body = buf_make(METRICS_BYTES_MAX);
    TRY(put_metrics(body, ask));
    TRY(buf_check(body));
    ask->reply->status = 200;
    ask->reply->type = S("text/plain; version=0.0.4; charset=utf-8");
    return OK;
}
