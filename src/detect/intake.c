/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/intake.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"
#include "detect/followed.h"
#include "store/journal.h"

#define WAIT_MS 200               /* how soon the keeper sees that it is to end */
#define FOLLOWED_TAIL_BYTES 65536 /* looked through at once for the end of a line */
#define ARENA_BYTES_MAX ((size_t)64 << 20)

/* An inlet as it stands. */
struct stand {
    struct stand *next;
    int64_t number;
    enum inlet_kind kind;
    struct track *track;
    bool open, told;
    int64_t again_us; /* when it is tried again, by the steady clock */
    bool listed;
};

/* Of one stream, what the keeper tells. */
struct telling {
    struct telling *next;
    struct track *track;
    uint64_t shed, kept; /* not kept yet; kept, and not told yet */
    int64_t kept_us, told_us;
};

struct intake {
    struct intake_options options;
    struct turns *turns;
    struct listen *listen;
    struct followed *followed;
    /* Of the keeper's thread, and of opening before it is there. */
    struct db *db;
    struct arena *arena, *life;
    struct actor actor;
    struct stand *stands;
    struct telling *tellings;
    pthread_t keeper;
    bool runs;
    atomic_bool stop;
    pthread_mutex_t lock; /* of `stands`, for who hands on files */
};

static void *own(size_t size)
{
    void *made = calloc(1, size);
    if (made == NULL)
        abort();
    return made;
}

static void log_trouble(const char *event, slice name, const char *why)
{
    const struct log_field fields[] = {{"inlet", name, 0}, {"why", slice_of(why), 0}};
    log_line(LOG_WARN, event, fields, COUNT_OF(fields));
}

/* ---- What comes in ---- */

static void on_came(void *context)
{
    turns_wake(((struct intake *)context)->turns);
}

static void on_trouble(void *context, slice inlet, const char *why)
{
    (void)context;
    log_trouble("inlet.trouble", inlet, why);
}

static bool on_certificate(void *context, const struct http_certificate *certificate, int64_t organisation)
{
    const struct intake_options *options = &((struct intake *)context)->options;
    return options->may_send(options->context, certificate, organisation);
}

static struct stand *stand_find(struct intake *intake, int64_t inlet)
{
    struct stand *stand = intake->stands;
    while (stand != NULL && stand->number != inlet)
        stand = stand->next;
    return stand;
}

static bool on_file(void *context, int64_t inlet, int fd, slice name, bool whole)
{
    struct intake *intake = context;
    pthread_mutex_lock(&intake->lock);
    const struct stand *stand = stand_find(intake, inlet);
    struct track *track = stand == NULL ? NULL : stand->track;
    pthread_mutex_unlock(&intake->lock);
    return track != NULL && turns_file(intake->turns, track, inlet, fd, name, whole);
}

/* ---- A turn ---- */

struct worker {
    struct intake *intake;
    struct db *db;
    struct actor actor;
    unsigned pieces; /* since positions were forgotten */
};

static struct err worker_open(void *context, unsigned number, struct arena *arena, void **worker)
{
    struct worker *opened = arena_new(arena, struct worker, 1);
    (void)number;
    opened->intake = context;
    opened->actor = opened->intake->actor;
    TRY(db_open(&opened->intake->options.db, arena, &opened->db));
    *worker = opened;
    return OK;
}

static void worker_close(void *worker)
{
    db_close(((struct worker *)worker)->db);
}

struct forgetting {
    int64_t stream;
    uint64_t piece;
};

static struct err forget(struct work *work, void *context)
{
    const struct forgetting *forgetting = context;
    return store_inlet_forget(work, forgetting->stream, forgetting->piece);
}

/* What was dropped is never asked for again. */
static struct err pieces_forget(struct worker *worker, const struct track *track, uint64_t piece, struct arena *arena)
{
    struct forgetting forgetting = {track_stream(track), piece};
    if (++worker->pieces < INTAKE_FORGET_PIECES)
        return OK;
    worker->pieces = 0;
    return store_work(worker->db, &worker->actor, arena, forget, &forgetting);
}

static void log_refused(const struct track *track, const char *name, const char *why)
{
    const struct log_field fields[] = {
            {"stream", slice_of(track_name(track)), 0}, {"input", slice_of(name), 0}, {"why", slice_of(why), 0}};
    log_line(LOG_ERROR, "intake.refused", fields, COUNT_OF(fields));
}

static struct err take_piece(struct worker *worker, const struct turn_task *task, struct arena *arena)
{
    const struct track *track = task->track;
    struct intake *intake = worker->intake;
    struct lane *lane = turns_lane(intake->turns, track);
    struct spool_piece piece;
    struct ingest_totals totals = {0};
    if (lane == NULL || !lane_first(lane, arena, &piece))
        return OK;
    const struct ingest_input input = {
            .stream = track_stream(track),
            .id = store_inlet_piece(arena, piece.number),
            .name = track_name(track),
            .format = track_format(track),
            .path = piece.path,
    };
    struct err err = detect_ingest(intake->options.ingest, &input, arena, &totals);
    if (err.kind == ERR_INPUT && task->failures + 1 >= INTAKE_TRIES) {
        log_refused(track, piece.path, err.why);
        return lane_set_aside(lane, piece.number, arena);
    }
    TRY(err);
    if (atomic_load(&intake->stop)) /* it may have been ended in the middle: it waits, and goes on from there */
        return OK;
    TRY(lane_drop(lane, piece.number, arena));
    return pieces_forget(worker, track, piece.number, arena);
}

/*
 * Up to where a file that is being written holds whole lines; 0: nowhere yet. Of one that is packed nothing is read
 * before it is whole, since nobody can tell how much of it is there.
 */
static uint64_t whole_lines(int fd)
{
    static const slice packed[] = {{"\x1f\x8b", 2}, {"\x28\xb5\x2f\xfd", 4}};
    static _Thread_local char tail[FOLLOWED_TAIL_BYTES];
    struct stat about;
    char head[4];
    ssize_t got = pread(fd, head, sizeof head, 0);
    for (size_t i = 0; i < COUNT_OF(packed); i++)
        if (got > 0 && slice_starts((slice){head, (size_t)got}, packed[i]))
            return 0;
    if (fstat(fd, &about) != 0)
        return 0;
    for (uint64_t end = (uint64_t)about.st_size; end > 0;) {
        size_t part = end < sizeof tail ? (size_t)end : sizeof tail;
        got = pread(fd, tail, part, (off_t)(end - part));
        for (size_t i = got > 0 ? (size_t)got : 0; i > 0; i--)
            if (tail[i - 1] == '\n')
                return end - part + i;
        end -= part;
    }
    return 0;
}

/* A file that cannot be read is told, and looked at again when it changes. */
static struct err take_file(
        struct worker *worker, const struct track *track, const struct turn_file *file, struct arena *arena)
{
    struct ingest_totals totals = {0};
    const struct ingest_input input = {
            .stream = track_stream(track),
            .name = file->name,
            .format = track_format(track),
            .path = arena_printf(arena, "/proc/self/fd/%d", file->fd),
            .until = file->whole ? 0 : whole_lines(file->fd),
    };
    if (!file->whole && input.until == 0)
        return OK;
    struct err err = detect_ingest(worker->intake->options.ingest, &input, arena, &totals);
    if (err.kind == ERR_INPUT)
        log_refused(track, file->name, err.why);
    return err;
}

static struct err take(void *context, void *worker, const struct turn_task *task, struct arena *arena)
{
    (void)context;
    return task->file == NULL ? take_piece(worker, task, arena) : take_file(worker, task->track, task->file, arena);
}

/* ---- Posts ---- */

struct err intake_post(
        struct intake *intake, const struct intake_post *post, struct arena *arena, struct ingest_totals *totals)
{
    struct track *track = turns_track(intake->turns, post->stream);
    struct lane *lane = turns_lane(intake->turns, track);
    if (lane != NULL && lane_pressure(lane) != LANE_FREE)
        return err_make(ERR_LIMIT, "more came of this stream than could be taken; try again later");
    TRY(turns_post_begin(intake->turns, track));
    const struct ingest_input input = {
            .stream = post->stream->number,
            .id = post->id,
            .name = post->name,
            .format = post->format,
            .path = post->path,
    };
    struct err err = detect_ingest(intake->options.ingest, &input, arena, totals);
    turns_post_end(intake->turns, track);
    return err;
}

/* ---- Inlets as they stand ---- */

static struct err track_of(struct intake *intake, int64_t number, struct track **track)
{
    struct stream stream;
    struct lane *lane;
    TRY(store_stream_get(intake->db, number, intake->arena, &stream));
    struct track *found = turns_track(intake->turns, &stream);
    if (turns_lane(intake->turns, found) == NULL) {
        const char *folder = arena_printf(intake->life, "%s/%" PRId64, intake->options.folder, number);
        TRY(lane_open(folder, &intake->options.limits, intake->life, &lane));
        turns_lane_put(intake->turns, found, lane);
        struct telling *telling = own(sizeof *telling);
        *telling = (struct telling){.next = intake->tellings, .track = found, .told_us = -INTAKE_TOLD_US};
        intake->tellings = telling;
    }
    *track = found;
    return OK;
}

static bool is_socket(enum inlet_kind kind)
{
    return kind != INLET_FILE && kind != INLET_FOLDER;
}

static struct err stand_open(struct intake *intake, struct stand *stand, const struct inlet *inlet)
{
    struct track *track;
    TRY(track_of(intake, inlet->stream, &track));
    pthread_mutex_lock(&intake->lock);
    stand->track = track;
    pthread_mutex_unlock(&intake->lock);
    if (is_socket(inlet->kind))
        return listen_add(intake->listen, inlet, turns_lane(intake->turns, track), intake->arena);
    return followed_add(intake->followed, inlet, intake->arena);
}

/* The machine may have what is missing later: an address, a folder that is mounted. */
static void stand_try(struct intake *intake, struct stand *stand, const struct inlet *inlet)
{
    int64_t now_us = clock_steady_us();
    if (stand->open || now_us < stand->again_us)
        return;
    struct err err = stand_open(intake, stand, inlet);
    stand->open = err.kind == ERR_NONE;
    stand->again_us = now_us + INTAKE_AGAIN_US;
    if (!stand->open && !stand->told)
        log_trouble("inlet.failed", inlet->place, err.why);
    stand->told = !stand->open;
}

static void stand_close(struct intake *intake, const struct stand *stand)
{
    if (!stand->open)
        return;
    if (is_socket(stand->kind))
        listen_drop(intake->listen, stand->number);
    else
        followed_drop(intake->followed, stand->number);
    turns_files_drop(intake->turns, stand->number);
}

static struct stand *stand_make(struct intake *intake, const struct inlet *inlet)
{
    struct stand *stand = own(sizeof *stand);
    *stand = (struct stand){.number = inlet->number, .kind = inlet->kind};
    pthread_mutex_lock(&intake->lock);
    stand->next = intake->stands;
    intake->stands = stand;
    pthread_mutex_unlock(&intake->lock);
    return stand;
}

/* Those that are no longer listed. Nobody looks for one while it is taken out, so closing it may wait. */
static void stands_sweep(struct intake *intake)
{
    for (struct stand **at = &intake->stands; *at != NULL;) {
        struct stand *stand = *at;
        if (stand->listed) {
            at = &stand->next;
            continue;
        }
        pthread_mutex_lock(&intake->lock);
        *at = stand->next;
        pthread_mutex_unlock(&intake->lock);
        stand_close(intake, stand);
        free(stand);
    }
}

static struct err stands_make(struct intake *intake)
{
    struct inlet *rows;
    size_t count;
    TRY(store_inlet_list(intake->db, intake->arena, &rows, &count));
    for (struct stand *stand = intake->stands; stand != NULL; stand = stand->next)
        stand->listed = false;
    for (size_t i = 0; i < count; i++) {
        struct stand *stand = stand_find(intake, rows[i].number);
        if (stand == NULL)
            stand = stand_make(intake, &rows[i]);
        stand->listed = true;
    }
    stands_sweep(intake); /* first, so that a place that moved to another stream is free */
    for (size_t i = 0; i < count; i++)
        stand_try(intake, stand_find(intake, rows[i].number), &rows[i]);
    return OK;
}

/* What waits of streams whose inlets are gone is taken all the same. */
static struct err left_over(struct intake *intake)
{
    struct track *track;
    uint64_t number;
    DIR *names = opendir(intake->options.folder);
    if (names == NULL)
        return err_errno(intake->arena, intake->options.folder);
    struct err err = OK;
    for (struct dirent *entry = readdir(names); entry != NULL && err.kind == ERR_NONE; entry = readdir(names))
        if (slice_u64(slice_of(entry->d_name), INT64_MAX, &number))
            err = track_of(intake, (int64_t)number, &track);
    closedir(names);
    return err;
}

/* ---- What was shed ---- */

struct shedding {
    int64_t stream;
    const char *name;
    uint64_t records;
    uint64_t told; /* to the journal; 0: not now */
};

static struct err shed(struct work *work, void *context)
{
    const struct shedding *shedding = context;
    if (shedding->records > 0)
        TRY(store_inlet_shed(work, shedding->stream, shedding->records));
    if (shedding->told == 0)
        return OK;
    const char *detail = arena_printf(work->arena, "{\"records\":%" PRIu64 "}", shedding->told);
    return store_work_news(work, "stream.shed",
            slice_of(arena_printf(work->arena, "stream/%" PRId64, shedding->stream)), slice_of(detail));
}

static struct err tell_shed(struct intake *intake, struct telling *telling, bool at_once)
{
    int64_t now_us = clock_steady_us();
    telling->shed += lane_shed_since(turns_lane(intake->turns, telling->track));
    bool tells = telling->shed + telling->kept > 0 && (at_once || now_us - telling->told_us >= INTAKE_TOLD_US);
    bool keeps = telling->shed > 0 && (at_once || now_us - telling->kept_us >= INTAKE_SHED_US);
    if (!tells && !keeps)
        return OK;
    struct shedding shedding = {track_stream(telling->track), track_name(telling->track), telling->shed,
            tells ? telling->shed + telling->kept : 0};
    TRY(store_work(intake->db, &intake->actor, intake->arena, shed, &shedding));
    telling->kept_us = now_us;
    telling->kept = tells ? 0 : telling->kept + telling->shed;
    telling->shed = 0;
    if (!tells)
        return OK;
    telling->told_us = now_us;
    const struct log_field fields[] = {
            {"stream", slice_of(shedding.name), 0}, {"records", {NULL, 0}, (int64_t)shedding.told}};
    log_line(LOG_WARN, "stream.shed", fields, COUNT_OF(fields));
    return OK;
}

static struct err tell_all(struct intake *intake, bool at_once)
{
    for (struct telling *telling = intake->tellings; telling != NULL; telling = telling->next)
        TRY(tell_shed(intake, telling, at_once));
    return OK;
}

/* ---- What waits ---- */

static struct err sync_all(const struct intake *intake)
{
    for (const struct telling *telling = intake->tellings; telling != NULL; telling = telling->next)
        TRY(lane_sync(turns_lane(intake->turns, telling->track), intake->arena));
    return OK;
}

/* ---- What was posted ---- */

static struct err forget_posts(struct work *work, void *context)
{
    (void)context;
    return store_inlet_forget_posts(work, work->now_us - INTAKE_NAMED_US, work->now_us - INTAKE_UNNAMED_US);
}

/* ---- The keeper ---- */

static void log_failed(struct err err)
{
    const struct log_field fields[] = {{"why", slice_of(err.why), 0}};
    log_line(LOG_ERROR, "intake.failed", fields, COUNT_OF(fields));
}

/* When something was last done. */
struct kept {
    int64_t looked_us, forgot_us;
};

static struct err keep_once(struct intake *intake, struct kept *kept)
{
    bool news;
    int64_t now_us;
    TRY(store_journal_wait(intake->db, WAIT_MS, &news));
    now_us = clock_steady_us();
    if (news || now_us - kept->looked_us >= INTAKE_AGAIN_US) {
        TRY(stands_make(intake));
        kept->looked_us = now_us;
    }
    if (now_us - kept->forgot_us >= INTAKE_UNNAMED_US) {
        TRY(store_work(intake->db, &intake->actor, intake->arena, forget_posts, NULL));
        kept->forgot_us = now_us;
    }
    TRY(tell_all(intake, false));
    return sync_all(intake);
}

static void *keep_on(void *context)
{
    struct intake *intake = context;
    struct kept kept = {clock_steady_us(), clock_steady_us()};
    while (!atomic_load(&intake->stop)) {
        struct err err = keep_once(intake, &kept);
        if (err.kind != ERR_NONE) {
            log_failed(err);
            usleep(WAIT_MS * 1000);
        }
        arena_reset(intake->arena);
    }
    struct err err = tell_all(intake, true);
    if (err.kind != ERR_NONE)
        log_failed(err);
    return NULL;
}

/* ---- Opening ---- */

static struct err open_parts(struct intake *intake, struct arena *arena)
{
    const struct intake_options *options = &intake->options;
    const struct turns_options turns = {.workers = options->workers,
            .posts_max = options->posts_max,
            .context = intake,
            .take = take,
            .worker_open = worker_open,
            .worker_close = worker_close};
    const struct listen_options listen = {.tls = options->tls,
            .connections_max = options->connections_max,
            .idle_ms = options->idle_ms,
            .context = intake,
            .came = on_came,
            .may_send = on_certificate,
            .trouble = on_trouble};
    const struct followed_options followed = {.context = intake, .take = on_file, .trouble = on_trouble};
    if (mkdir(options->folder, 0700) != 0 && errno != EEXIST)
        return err_errno(arena, options->folder);
    TRY(db_open(&options->db, intake->life, &intake->db));
    TRY(turns_open(&turns, arena, &intake->turns));
    TRY(listen_open(&listen, arena, &intake->listen));
    TRY(followed_open(&followed, arena, &intake->followed));
    TRY(left_over(intake));
    TRY(stands_make(intake));
    intake->runs = pthread_create(&intake->keeper, NULL, keep_on, intake) == 0;
    return intake->runs ? OK : err_make(ERR_SYSTEM, "no thread can be started that looks after inlets");
}

struct err intake_open(const struct intake_options *options, struct arena *arena, struct intake **intake)
{
    struct intake *made = own(sizeof *made);
    made->options = *options;
    made->actor = (struct actor){.organisation = options->organisation, .name = S("@intake"), .how = ACTOR_FOLLOWER};
    made->arena = arena_open("inlets", ARENA_WORK, ARENA_BYTES_MAX);
    made->life = arena_open("lanes", ARENA_WORK, ARENA_BYTES_MAX);
    pthread_mutex_init(&made->lock, NULL);
    struct err err = open_parts(made, arena);
    if (err.kind != ERR_NONE) {
        err.why = arena_cstr(arena, slice_of(err.why));
        intake_close(made);
        return err;
    }
    *intake = made;
    return OK;
}

void intake_stop(struct intake *intake)
{
    atomic_store(&intake->stop, true);
    ingest_stop(intake->options.ingest);
}

/* First those who bring, then those who take. */
void intake_close(struct intake *intake)
{
    if (intake == NULL)
        return;
    atomic_store(&intake->stop, true);
    listen_close(intake->listen);
    followed_close(intake->followed);
    if (intake->runs)
        pthread_join(intake->keeper, NULL);
    turns_close(intake->turns);
    while (intake->stands != NULL) {
        struct stand *stand = intake->stands;
        intake->stands = stand->next;
        free(stand);
    }
    while (intake->tellings != NULL) {
        struct telling *telling = intake->tellings;
        intake->tellings = telling->next;
        free(telling);
    }
    db_close(intake->db);
    pthread_mutex_destroy(&intake->lock);
    arena_close(intake->arena);
    arena_close(intake->life);
    free(intake);
}

struct err intake_reload(struct intake *intake, struct arena *arena)
{
    return listen_reload(intake->listen, arena);
}

void intake_list(struct intake *intake, struct arena *arena, struct turns_state **rows, size_t *row_count)
{
    turns_list(intake->turns, arena, rows, row_count);
}

struct listen_counts intake_sockets(struct intake *intake)
{
    return listen_counts(intake->listen);
}
