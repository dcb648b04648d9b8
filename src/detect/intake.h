/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * Events that come in by themselves: through the inlets of all streams (store/inlet.h), and posted to /ingest.
 *
 *     listen.h    sockets        -> the lane of the stream, on disk -> turns.h -> detect_ingest
 *     followed.h  files, folders -> the descriptor of a file        -> turns.h -> detect_ingest
 *     POST        a body in a file -> until nobody else takes of the stream    -> detect_ingest
 *
 * Each stream is taken by one at a time, and streams take turns, a piece each: however much one has waiting, the next
 * one waits for one piece of it. A piece is dropped from its lane when detect_ingest has kept it together with its
 * position; whatever dies in between, it is taken again from there. What of a file was kept is known by its position,
 * too, so that a file counts once however often it is handed on.
 *
 * What changes in the table of inlets is seen by the journal.
 */
#include "detect/ingest.h"
#include "detect/listen.h"
#include "detect/turns.h"

#define INTAKE_TRIES 3                   /* of a piece that cannot be read; then it is set aside */
#define INTAKE_FORGET_PIECES 64          /* after so many, positions of those before are forgotten */
#define INTAKE_SHED_US SECOND_US         /* how often what was shed is counted where it is kept, */
#define INTAKE_TOLD_US MINUTE_US         /* and the journal tells of it */
#define INTAKE_NAMED_US (30 * DAY_US)    /* so long a repeat of what was posted with an id is known */
#define INTAKE_UNNAMED_US HOUR_US        /* without one nobody can repeat it */
#define INTAKE_AGAIN_US (30 * SECOND_US) /* an inlet that could not be opened is tried again */

struct intake;

struct intake_options {
    struct db_options db;
    struct ingest *ingest;
    const char *folder; /* of the lanes; made if it is not there */
    struct lane_limits limits;
    unsigned workers, posts_max;
    const struct http_tls *tls;
    unsigned connections_max, idle_ms; /* 0: as listen.h */
    int64_t organisation;              /* the own one, for the journal */
    void *context;
    bool (*may_send)(void *context, const struct http_certificate *certificate, int64_t organisation);
};

/* The strings live as long as the intake. An inlet that cannot be opened is logged, and tried again. */
MUST_USE struct err intake_open(const struct intake_options *options, struct arena *arena, struct intake **intake);
/* Nothing more is begun, and what is being taken ends where it is (ingest_stop). */
void intake_stop(struct intake *intake);
/* What waits stays in its lanes. NULL is allowed. */
void intake_close(struct intake *intake);
/* Certificates anew. */
MUST_USE struct err intake_reload(struct intake *intake, struct arena *arena);

struct intake_post {
    const struct stream *stream;
    slice id; /* by which the same is known when it comes again */
    const char *name, *format;
    const char *path;
};
/* Takes it, and returns when it is kept. ERR_LIMIT: not now. */
MUST_USE struct err intake_post(
        struct intake *intake, const struct intake_post *post, struct arena *arena, struct ingest_totals *totals);

/* All streams that something came of since the start, or waits of. */
void intake_list(struct intake *intake, struct arena *arena, struct turns_state **rows, size_t *row_count);
struct listen_counts intake_sockets(struct intake *intake);

/* ---- The verbs of inlets ---- */

struct inlet_put {
    slice stream;         /* its name; made if there is none, */
    int64_t organisation; /* of this organisation */
    slice format;         /* and with this; empty: auto */
    slice place;          /* "unix:/run/sensor.sock", "syslog:192.0.2.1:514", "file:/var/log/eve.json" */
};
/* Leaves "inlet.added". ERR_CONFLICT if there is a stream of that name of somebody else, or it has this inlet. */
MUST_USE struct err intake_inlet_add(
        struct db *db, const struct actor *actor, const struct inlet_put *put, struct arena *arena);
/* Leaves "inlet.dropped". The stream stays, with what was counted. */
MUST_USE struct err intake_inlet_drop(
        struct db *db, const struct actor *actor, slice stream, slice place, struct arena *arena);
